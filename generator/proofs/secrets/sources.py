"""What ExternalSecrets fetch: the keys that the spec means, again and again, and nothing beside."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator import names
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.places import Path, of_agent
from generator.proofs.secrets import stores
from generator.proofs.secrets.fetched import Case, Fetch, target_of
from generator.proofs.secrets.restated import Remote, Scope

# What an ExternalSecret may say and be judged in full: `True` is any value, beside the one that is written.
_READ: Manifest = {
    "refreshInterval": True,
    "refreshPolicy": True,
    "secretStoreRef": {"kind": True, "name": True},
    "target": {"name": True, "creationPolicy": True, "deletionPolicy": "Retain"},
    "data": {
        "secretKey": True,
        "remoteRef": {
            "key": True,
            "property": True,
            "conversionStrategy": "Default",
            "decodingStrategy": "None",
            "metadataPolicy": "None",
        },
    },
}
_GROUP = "external-secrets.io/"
_JUDGED = ("ExternalSecret", "SecretStore", "ClusterSecretStore")


def breaches(case: Case, roots: Mapping[str, str], scopes: Mapping[str, Scope]) -> Iterator[Breach]:
    for fetch in case.fetches:
        yield from _misplaced(case, fetch, roots)
        yield from _unmeant(case, fetch, scopes)
    yield from _owned_twice(case)
    for owner, manifest in case.externals:
        if owner in scopes:
            yield from _once(case, owner, manifest, scopes[owner].refresh_interval)
    yield from _unread(case)


def paths(case: Case, owner: str) -> tuple[Path, ...]:
    if owner == names.NAMESPACE_FOLDER:
        return ("secretStore", "shared"), *stores.paths(case)
    return (of_agent(owner, case.name, "secrets"),)


def _misplaced(case: Case, fetch: Fetch, roots: Mapping[str, str]) -> Iterator[Breach]:
    others = [name for name, root in roots.items() if name != case.name and fetch.key.startswith(root)]
    prefix, what = case.prefixes.get(fetch.owner, ""), f"{fetch.made_by} fetches {fetch.key}"
    if others:
        yield Breach(
            rule="secret-of-another-environment",
            paths=paths(case, fetch.owner),
            message=f"{what}, a secret of {others[0]}",
            hint="give each environment values of its own",
        )
    elif not fetch.key.startswith(prefix):
        yield Breach(
            rule="secret-of-another-agent",
            paths=paths(case, fetch.owner),
            message=f"{what}, which is not below {prefix}",
            hint="give each agent values of its own",
        )


def _unmeant(case: Case, fetch: Fetch, scopes: Mapping[str, Scope]) -> Iterator[Breach]:
    """What is fetched under a name of the spec must be what the spec means; under another, nobody may want it."""
    scope = scopes.get(fetch.owner)
    meant = scope.keys.get(fetch.secret_key) if scope and scope.secret == fetch.secret else None
    got = Remote(key=fetch.key, property=fetch.property)
    if meant and meant != got and fetch.key.startswith(case.prefixes[fetch.owner]):
        yield Breach(
            rule="wrong-secret",
            paths=paths(case, fetch.owner),
            message=f"{fetch.made_by} fetches {got} as {fetch.secret_key}, and the spec means {meant}",
            hint="fetch each secret by its own name",
        )
    elif not meant and not case.readers_of(fetch):
        yield Breach(
            rule="secret-unused",
            paths=paths(case, fetch.owner),
            message=f"{fetch.made_by} fetches {got} as {fetch.secret_key}, which no spec lists and no pod reads",
            hint="fetch what the spec lists, and nothing else",
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
                paths=paths(case, owner),
                message=message,
                hint="give each a Secret of its own",
            )


def _once(case: Case, owner: str, manifest: Manifest, meant: str) -> Iterator[Breach]:
    """Source: https://external-secrets.io/latest/api/externalsecret/#update-behavior-with-3-different-refresh-policies"""
    spec, what = manifest["spec"], f"ExternalSecret {manifest['metadata']['name']}"
    policy, interval = spec.get("refreshPolicy", "Periodic"), str(spec.get("refreshInterval", "1h0m0s"))
    if policy != "Periodic":
        message = f"{what} has the refreshPolicy {policy}, and so fetches no new value"
    elif not re.search("[1-9]", interval):
        message = f"{what} has the refreshInterval {interval}, and so fetches no new value"
    elif interval != meant:
        message = f"{what} fetches new values every {interval}, and the spec says {meant}"
    else:
        return
    yield Breach(
        rule="rotation-ignored",
        paths=stores.paths(case) if owner == names.NAMESPACE_FOLDER else paths(case, owner),
        message=message,
        hint="fetch them as often as secretStore.refreshInterval says",
    )


def _unread(case: Case) -> Iterator[Breach]:
    said = [
        (owner, f"ExternalSecret {manifest['metadata']['name']} has {joined(fields)}")
        for owner, manifest in case.externals
        if (fields := list(dict.fromkeys(_fields(manifest["spec"], _READ, "spec"))))
    ]
    said += [
        (owner, f"{one['kind']} {one['metadata']['name']} is of a kind")
        for owner, one in case.objects
        if _GROUP in one["apiVersion"] and one["kind"] not in _JUDGED
    ]
    for reader in case.readers:
        said += [
            (reader.owner, f"{reader.what} has the volume {volume['name']}")
            for volume in reader.pod.get("volumes", ())
            if any("ecret" in key for kind in volume.values() if isinstance(kind, dict) for key in kind)
            and "secret" not in volume
        ]
    for owner, message in said:
        yield Breach(
            rule="unread-secret",
            paths=paths(case, owner),
            message=f"{message}, which this proof cannot judge",
            hint="list each secret by its name under `secrets`",
        )


def _fields(written: Any, known: Any, path: str) -> Iterator[str]:
    """The paths of what is neither known nor the one value that is."""
    if isinstance(known, dict):
        for item in written if isinstance(written, list) else [written]:
            for key, value in item.items():
                yield from _fields(value, known.get(key), f"{path}.{key}")
    elif known is None:
        yield path
    elif known is not True and written != known:
        yield f"{path} {written}"
