"""The lists that we know, held against the schemas of Kubernetes, which say of each what tells its elements apart."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from generator import mergekeys
from generator.review import lists
from generator.review.lists import BAG, Keyed, meaning

_PACKAGE = find_spec("kubernetes_validate")
assert _PACKAGE
SCHEMAS = Path(str(_PACKAGE.origin)).parent / "kubernetes-json-schema"
NEWEST = max(SCHEMAS.glob("v*-local"), key=lambda folder: [int(part) for part in folder.name[1:-6].split(".")])
KINDS = sorted({*lists._KINDS, *mergekeys.POD_TEMPLATES})

# What no manifest holds, what is for debugging only, and the schemas within a CRD, which have no end.
LEFT_ASIDE = {"ephemeralContainers", "managedFields", "openAPIV3Schema", "status"}

Schema = dict[str, Any]


@cache
def _definitions() -> dict[str, Schema]:
    found: dict[str, Schema] = json.loads((NEWEST / "_definitions.json").read_text())["$defs"]
    return found


def _schema(group: str, kind: str) -> Schema | None:
    """The newest stable version of a kind."""
    found = {
        known["version"]: definition
        for definition in _definitions().values()
        for known in definition.get("x-kubernetes-group-version-kind", ())
        if (known["group"], known["kind"]) == (group, kind)
    }
    return found.get("v2") or found.get("v1")


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**_definitions()[schema["$ref"].rpartition("/")[2]], **rest}
    for part in schema.get("allOf", ()):
        schema = {**_resolved(part), **{key: value for key, value in schema.items() if key != "allOf"}}
    return schema


def _lists(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Schema]]:
    schema = _resolved(schema)
    if "items" in schema:
        yield path, schema
        yield from _lists(schema["items"], path)
    for key, value in schema.get("properties", {}).items():
        if key not in LEFT_ASIDE:
            yield from _lists(value, (*path, key))


CORE = [kind for kind in KINDS if _schema(*kind)]


def test_only_custom_resources_have_no_schema() -> None:
    groups = {group for group, _ in set(KINDS) - set(CORE)}
    assert {group for group in groups if group.endswith(".k8s.io")} == {"gateway.networking.k8s.io"}
    assert groups <= {
        "argoproj.io",
        "cilium.io",
        "external-secrets.io",
        "gateway.networking.k8s.io",
        "monitoring.coreos.com",
    }


@pytest.mark.parametrize(("group", "kind"), CORE)
def test_what_tells_elements_apart_is_what_kubernetes_says(group: str, kind: str) -> None:
    schema = _schema(group, kind)
    assert schema
    for path, found in _lists(schema):
        known = meaning(group, kind, path)
        merge_key = found.get("x-kubernetes-patch-merge-key")
        keys = found.get("x-kubernetes-list-map-keys") or ([merge_key] if merge_key else [])
        if keys:
            assert isinstance(known, Keyed), path
            assert known.fields[0] == keys[0], path
            assert set(keys) <= {*known.fields}, path
        elif found.get("x-kubernetes-list-type") == "set":
            assert known == BAG, path


@pytest.mark.parametrize(("group", "kind"), CORE)
def test_no_list_is_known_that_there_is_not(group: str, kind: str) -> None:
    schema = _schema(group, kind)
    assert schema
    there = {path for path, _ in _lists(schema)}
    assert {*lists._kind(group, kind)[0]} - there <= _of_shared_tables(kind)


def _of_shared_tables(kind: str) -> set[tuple[str, ...]]:
    """Admission's kinds share a table, and only one kind of `apps` has claims of its own."""
    admission = set(lists._ADMISSION) if "Admission" in kind or "Webhook" in kind else set()
    claims = {("spec", "volumeClaimTemplates")} if kind != "StatefulSet" else set()
    return admission | claims
