"""The smallest patch between two manifests, exact in the real Kustomize (5.8.1).

Given the objects of an agent without an environment (the base) and with one (what is wanted), says which objects an
overlay adds and how it patches the others, so that a build of base and overlay equals what is wanted. Plain data in,
plain data out: never reads or writes a file, changes nothing it was given and shares nothing it returns.

Kinds for which Kustomize knows merge keys get a strategic merge patch, all others JSON 6902 operations. A difference
that a strategic merge would not hit exactly (list elements that come, go or move; nulls; a change of type; what looks
like a directive) falls back to JSON 6902 for the whole object. What no patch can express, and so must not be wanted:

- empty `metadata.annotations`: Kustomize drops them, patch or no patch;
- whole numbers beyond 2**53 in an object patched by JSON 6902: Kustomize reads them as floats on the way;
- a field that is `True` on one side and `1` on the other: Python calls them equal. A field keeps its type.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from generator import mergekeys
from generator.mergekeys import MergeKeys, Path

Manifest = dict[str, Any]
Operation = dict[str, Any]  # of JSON 6902: {op, path, value}

# The kinds merged strategically. The keys are those of the OpenAPI schema that Kustomize embeds (Kubernetes 1.21.2):
# it merges a list that is named here by its keys, and replaces any other as a whole, newer ones of Kubernetes included.
_STRATEGIC: Mapping[tuple[str, str], MergeKeys] = {
    ("apps/v1", "Deployment"): mergekeys.of_pods("apps", "Deployment"),
    ("batch/v1", "CronJob"): mergekeys.of_pods("batch", "CronJob"),
    ("v1", "Service"): mergekeys.SERVICE,
    ("v1", "ServiceAccount"): mergekeys.SERVICE_ACCOUNT,
    ("v1", "ConfigMap"): {},
    ("v1", "LimitRange"): {},
    ("v1", "Namespace"): {},
    ("v1", "PersistentVolumeClaim"): {},
    ("v1", "ResourceQuota"): {},
    ("v1", "Secret"): {},
    ("autoscaling/v2", "HorizontalPodAutoscaler"): {},
    ("networking.k8s.io/v1", "Ingress"): {},
    ("networking.k8s.io/v1", "NetworkPolicy"): {},
    ("policy/v1", "PodDisruptionBudget"): {},
    ("rbac.authorization.k8s.io/v1", "Role"): {},
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): {},
}


@dataclass(frozen=True, kw_only=True)
class Patch:
    """One patch file: a strategic merge names its object in its body (no target), JSON 6902 needs a target."""

    name: str
    target: dict[str, str] | None
    body: Manifest | list[Operation]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What an overlay holds: objects that the base lacks, and patches in the base's order."""

    added: list[Manifest]
    patches: list[Patch]


def difference(base: Sequence[Manifest], wanted: Sequence[Manifest]) -> Difference:
    """What turns `base` into `wanted`; objects are the same by (apiVersion, kind, metadata.name).

    Raises ValueError where one side has an object twice, or the base one kind and name in two API groups: a patch
    could not tell them apart.
    """
    before, after = _index(base), _index(wanted)
    kinds = Counter(manifest["kind"] for manifest in base)
    if len({identity[1:] for identity in before}) != len(before):
        raise ValueError("the base has one kind and name in two API groups or versions")
    patches = []
    for identity, manifest in before.items():
        body = _body(manifest, after.get(identity))
        if body:
            stem = f"patch-{manifest['kind'].lower()}"
            name = f"{stem}.yaml" if kinds[manifest["kind"]] == 1 else f"{stem}-{manifest['metadata']['name']}.yaml"
            patches.append(Patch(name=name, target=_target(manifest) if isinstance(body, list) else None, body=body))
    added = [_copy(manifest) for identity, manifest in after.items() if identity not in before]
    return Difference(added=added, patches=patches)


def _index(manifests: Sequence[Manifest]) -> dict[tuple[str, str, str], Manifest]:
    index = {(each["apiVersion"], each["kind"], each["metadata"]["name"]): each for each in manifests}
    if len(index) != len(manifests):
        raise ValueError("two objects share apiVersion, kind and name")
    return index


def _body(base: Manifest, wanted: Manifest | None) -> Manifest | list[Operation]:
    """The patch of one object; empty where there is nothing to change."""
    if wanted is None:
        return {**_header(base), "$patch": "delete"}
    if base == wanted:
        return []
    try:
        return _strategic_merge(base, wanted)
    except _Inexact:
        return list(_operations(base, wanted, ""))


def _header(manifest: Manifest) -> Manifest:
    """What names an object to Kustomize, which tells a namespaced one from its namesake without."""
    metadata = {key: manifest["metadata"][key] for key in ("name", "namespace") if key in manifest["metadata"]}
    return {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": metadata}


def _target(manifest: Manifest) -> dict[str, str]:
    group, _, version = manifest["apiVersion"].rpartition("/")
    name = re.sub(r"[^\w:-]", r"\\\g<0>", manifest["metadata"]["name"])  # Kustomize takes it as a regular expression
    return {**({"group": group} if group else {}), "version": version, "kind": manifest["kind"], "name": name}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copy(each) for each in value]
    return value


# --- strategic merge ---


class _Inexact(Exception):
    """A strategic merge patch would not give exactly what is wanted."""


def _strategic_merge(base: Manifest, wanted: Manifest) -> Manifest:
    merge_keys = _STRATEGIC.get((base["apiVersion"], base["kind"]))
    if merge_keys is None or base["metadata"].get("namespace") != wanted["metadata"].get("namespace"):
        raise _Inexact
    # A merge also walks what the patch does not mention, and there too joins elements that share a key.
    _check(base, (), merge_keys)
    _check(wanted, (), merge_keys)
    header, body = _header(base), _merge_map(base, wanted, (), merge_keys)
    return {**header, **body, "metadata": header["metadata"] | body.get("metadata", {})}


def _check(value: Any, path: Path, merge_keys: MergeKeys) -> None:
    """Raises _Inexact where a merge could not leave a map or a list as it is."""
    if isinstance(value, dict):
        for key, each in value.items():
            # No key at all breaks the merge, "$..." is a directive to it, and the other two are lists that it merges in
            # the metadata of every kind, though no builder of ours sets them. In a patch, null means removal.
            if not key or key[0] == "$" or key in ("finalizers", "ownerReferences") or each is None:
                raise _Inexact
            if isinstance(each, dict | list):
                _check(each, (*path, key), merge_keys)
    elif path in merge_keys:
        first_key = merge_keys[path][0]
        names = {str(each.get(first_key, "")) for each in value if isinstance(each, dict)} - {""}
        if len(names) != len(value):
            raise _Inexact
        for each in value:
            _check(each, path, merge_keys)


def _merge_map(base: Manifest, wanted: Manifest, path: Path, merge_keys: MergeKeys) -> Manifest:
    patch: Manifest = {key: None for key in base if key not in wanted}
    for key, value in wanted.items():
        if key not in base:
            patch[key] = _copy(value)
        elif base[key] != value:
            patch[key] = _merge_value(base[key], value, (*path, key), merge_keys)
    return patch


def _merge_value(base: Any, wanted: Any, path: Path, merge_keys: MergeKeys) -> Any:
    if type(base) is not type(wanted):
        raise _Inexact  # Kustomize keeps the quotes of the old value, so that "80%" to 1 would give "1"
    if isinstance(base, dict):
        return _merge_map(base, wanted, path, merge_keys)
    if isinstance(base, list) and path in merge_keys:
        return _merge_list(base, wanted, path, merge_keys)
    return _copy(wanted)


def _merge_list(base: list[Any], wanted: list[Any], path: Path, merge_keys: MergeKeys) -> list[Any]:
    keys = merge_keys[path]
    names = [_pick(each, keys) for each in wanted]
    if names != [_pick(each, keys) for each in base]:
        raise _Inexact
    patch = [name | _merge_map(old, new, path, merge_keys) for name, old, new in zip(names, base, wanted, strict=True)]
    # Kustomize puts what a patch names before the rest, so the elements up to the last changed one are named as well.
    while patch[-1] == names[len(patch) - 1]:
        patch.pop()
    return patch


def _pick(element: Manifest, keys: Collection[str]) -> Manifest:
    return {key: element[key] for key in keys if key in element}


# --- JSON 6902 ---


def _operations(base: Any, wanted: Any, path: str) -> Iterator[Operation]:
    """The operations, to apply in this order, that turn the value at a path into the one wanted."""
    if base == wanted:
        return
    match base, wanted:
        case dict(), dict():
            operations = list(_map_operations(base, wanted, path))
        case list(), list():
            operations = list(_list_operations(base, wanted, path))
        case _:
            operations = []
    # Where little stays, one value to read beats many operations; but the object itself keeps its identity.
    if not operations or (path and 1 < len(operations) >= _leaves(wanted)):
        operations = [{"op": "replace", "path": path, "value": _copy(wanted)}]
    yield from operations


def _leaves(value: Any) -> int:
    if isinstance(value, dict | list) and value:
        return sum(map(_leaves, value.values() if isinstance(value, dict) else value))
    return 1


def _map_operations(base: Manifest, wanted: Manifest, path: str) -> Iterator[Operation]:
    for key in base | wanted:
        pointer = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in wanted:
            yield {"op": "remove", "path": pointer}
        elif key not in base:
            yield {"op": "add", "path": pointer, "value": _copy(wanted[key])}
        else:
            yield from _operations(base[key], wanted[key], pointer)


def _list_operations(base: list[Any], wanted: list[Any], path: str) -> Iterator[Operation]:
    """From left to right, so that an index in what is wanted is the index at the time of application."""
    matcher = SequenceMatcher(None, list(map(repr, base)), list(map(repr, wanted)), autojunk=False)
    for _, old, old_end, new, new_end in matcher.get_opcodes():
        while old < old_end and new < new_end:
            yield from _operations(base[old], wanted[new], f"{path}/{new}")
            old, new = old + 1, new + 1
        for _ in range(old, old_end):
            yield {"op": "remove", "path": f"{path}/{new}"}
        for index in range(new, new_end):
            yield {"op": "add", "path": f"{path}/{index}", "value": _copy(wanted[index])}
