"""Where values come from: the store that an ExternalSecret names is there, and is the one that the spec declares."""

from collections.abc import Iterator
from typing import Any

from generator.proofs.findings import Breach, joined
from generator.proofs.places import Path, of_environment
from generator.proofs.secrets import restated
from generator.proofs.secrets.fetched import Case, store_of


def breaches(case: Case) -> Iterator[Breach]:
    yield from _missing(case)
    yield from _other(case)


def paths(case: Case) -> tuple[Path, ...]:
    return of_environment(case.name, "secretStore"), ("secretStore",)


def _missing(case: Case) -> Iterator[Breach]:
    for _, manifest in case.externals:
        kind, name = store_of(manifest)
        store = case.stores.get((kind, name))
        what = f"ExternalSecret {manifest['metadata']['name']}"
        if not store:
            message = f"{what} takes its values from the {kind} {name}, which nothing makes"
        elif store.namespace and store.namespace != manifest["metadata"]["namespace"]:
            message = f"{what} takes its values from the {kind} {name}, which is in {store.namespace}"
        else:
            continue
        yield Breach(rule="store-missing", paths=paths(case), message=message, hint="name the namespace's own store")


def _other(case: Case) -> Iterator[Breach]:
    """Only what differs is named: in a store there may be a value."""
    meant = restated.store(case.environment.namespace.store)
    for (kind, name), spec in case.store_specs.items():
        if (kind, name) == restated.STORE:
            different = joined(list(dict.fromkeys(_differences(spec, meant, "spec"))))
            message = f"{kind} {name} is not as the spec says in {different}" if different else ""
        else:
            message = f"{kind} {name} is no store of the spec"
        if message:
            yield Breach(rule="wrong-store", paths=paths(case), message=message, hint="build what the spec says")


def _differences(written: Any, meant: Any, path: str) -> Iterator[str]:
    if isinstance(written, dict) and isinstance(meant, dict):
        for key in meant | written:
            if key in written and key in meant:
                yield from _differences(written[key], meant[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif written != meant:
        yield path
