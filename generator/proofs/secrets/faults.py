"""What is wrong with an environment's secrets: missing, unread, stale, misplaced, or there with their values."""

from collections.abc import Iterator, Mapping

from generator import names
from generator.proofs.findings import Breach
from generator.proofs.places import Path, of_agent, of_environment
from generator.proofs.secrets.fetched import RELOAD, Case, store_of, target_of


def breaches(case: Case, roots: Mapping[str, str]) -> Iterator[Breach]:
    yield from _missing(case)
    yield from _unused(case)
    yield from _stale(case)
    yield from _stores(case)
    yield from _misplaced(case, roots)
    yield from _owned_twice(case)
    for owner, manifest in case.in_repository:
        if manifest.get("data") or manifest.get("stringData"):
            message = f"Secret {manifest['metadata']['name']} stands in the repository with its values"
            yield Breach(
                rule="secret-in-repository",
                paths=_paths(case, owner),
                message=message,
                hint="let an ExternalSecret fetch it",
            )


def _missing(case: Case) -> Iterator[Breach]:
    made: dict[str, set[str]] = {}
    for fetch in case.fetches:
        made.setdefault(fetch.secret, set()).add(fetch.secret_key)
    for _, manifest in case.in_repository:
        keys = {*manifest.get("data", ()), *manifest.get("stringData", ())}
        made.setdefault(manifest["metadata"]["name"], set()).update(keys)
    by_people = {agent.image_pull_secret for agent in case.environment.agents}
    for reader in case.readers:
        for use in reader.uses:
            if use.optional or (use.form == "image" and use.secret in by_people):
                continue
            if use.secret not in made:
                message = f"{reader.what} reads the Secret {use.secret} ({use.form} {use.name}), which nothing makes"
            elif use.key and use.key not in made[use.secret]:
                message = (
                    f"{reader.what} reads {use.key} of the Secret {use.secret} ({use.form} {use.name}), "
                    "and nothing puts that there"
                )
            else:
                continue
            yield Breach(
                rule="secret-missing",
                paths=_paths(case, reader.owner),
                message=message,
                hint="fetch it by an ExternalSecret",
            )


def _unused(case: Case) -> Iterator[Breach]:
    """What the namespace shares is there for whoever comes, so nobody need read it."""
    for fetch in case.fetches:
        if fetch.owner != names.NAMESPACE_FOLDER and not case.readers_of(fetch):
            message = f"{fetch.made_by} fetches {fetch.key}, and no pod reads it"
            yield Breach(
                rule="secret-unused",
                paths=_paths(case, fetch.owner),
                message=message,
                hint="take it out of `secrets`",
            )


def _stale(case: Case) -> Iterator[Breach]:
    for reader in case.readers:
        paths = _paths(case, reader.owner)
        stale = dict.fromkeys(use.secret for use in reader.uses if reader.on_rotation(use) == "nothing")
        for secret in stale:
            message = f"{reader.what} does not see a new value of the Secret {secret}: nothing restarts it"
            yield Breach(
                rule="rotation-ignored",
                paths=paths,
                message=message,
                hint=f"name the Secret in its annotation {RELOAD}",
            )
        for secret in dict.fromkeys(reader.reloads):
            if secret not in {use.secret for use in reader.uses}:
                message = f"{reader.what} is restarted for the Secret {secret}, which it does not read"
                yield Breach(
                    rule="needless-restart",
                    paths=paths,
                    message=message,
                    hint=f"take it out of its annotation {RELOAD}",
                )


def _stores(case: Case) -> Iterator[Breach]:
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
        yield Breach(
            rule="store-missing", paths=_store_paths(case), message=message, hint="name the namespace's own store"
        )


def _misplaced(case: Case, roots: Mapping[str, str]) -> Iterator[Breach]:
    prefixes = {agent.name: agent.secrets.prefix for agent in case.environment.agents}
    prefixes[names.NAMESPACE_FOLDER] = case.environment.namespace.shared_secrets.prefix
    for fetch in case.fetches:
        others = [name for name, root in roots.items() if name != case.name and fetch.key.startswith(root)]
        paths, what = _paths(case, fetch.owner), f"{fetch.made_by} fetches {fetch.key}"
        if others:
            message = f"{what}, a secret of {others[0]}"
            yield Breach(
                rule="secret-of-another-environment",
                paths=paths,
                message=message,
                hint="give each environment values of its own",
            )
        elif fetch.owner in prefixes and not fetch.key.startswith(prefixes[fetch.owner]):
            message = f"{what}, which is not below {prefixes[fetch.owner]}"
            yield Breach(
                rule="secret-of-another-agent",
                paths=paths,
                message=message,
                hint="give each agent values of its own",
            )


def _owned_twice(case: Case) -> Iterator[Breach]:
    owners: dict[str, str] = {}
    for owner, manifest in case.externals:
        target, name = target_of(manifest), manifest["metadata"]["name"]
        first = owners.setdefault(target, name)
        if first != name and manifest["spec"].get("target", {}).get("creationPolicy", "Owner") == "Owner":
            message = f"ExternalSecret {name} owns the Secret {target}, as does ExternalSecret {first}"
            yield Breach(
                rule="secret-owned-twice",
                paths=_paths(case, owner),
                message=message,
                hint="give each a Secret of its own",
            )


def _paths(case: Case, owner: str) -> tuple[Path, ...]:
    if owner == names.NAMESPACE_FOLDER:
        return ("secretStore", "shared"), *_store_paths(case)
    return (of_agent(owner, case.name, "secrets"),)


def _store_paths(case: Case) -> tuple[Path, ...]:
    return of_environment(case.name, "secretStore"), ("secretStore",)
