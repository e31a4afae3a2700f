"""Holds the spec against its JSON Schema.

jsonschema-rs says in microseconds whether all is well; jsonschema, slower, finds the faults where it is not. What is
faulty is then cut out, so that one run also reports what is wrong with the meaning of the rest.
"""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generator.problems import Problem
from generator.spec.reader import Document, Key
from generator.spec.wording import is_of_name, word

SCHEMA_FILE = Path(__file__).with_name("agents.schema.json")


@dataclass(frozen=True)
class Shape:
    """What the schema says of a document: its faults, the document without what is faulty, and where the faults are."""

    problems: list[Problem]
    sound: Document
    faults: list[tuple[Key, ...]]


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the spec."""
    loaded: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


def check(document: Document) -> Shape:
    """Hold the document against the schema."""
    if is_sound(document.values):
        return Shape([], document, [])
    errors = list(_validator().iter_errors(document.values))
    problems = {problem for error in errors for problem in word(error, document, schema()["$defs"])}
    return Shape(sorted(problems), _sound(document), [path for error in errors for path in _faulty(error)])


def is_sound(values: Any) -> bool:
    """Whether the schema has nothing to say against a spec's values."""
    valid: bool = _quick_validator().is_valid(values)
    return valid


@cache
def _quick_validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(schema())


def _faulty(error: Any) -> list[tuple[Key, ...]]:
    """Where the fault is; of a whole block that is missing, where the block would be."""
    path = tuple(error.absolute_path)
    if error.validator == "required" and not path:
        return [(key,) for key in error.validator_value if key not in error.instance]
    return [(*path, error.instance) if is_of_name(error) else path]


@cache
def _validator() -> Any:
    import jsonschema

    def pattern(_: Any, expression: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        # Python's `$` also matches before a last line break; the schema's dialect has no such exception.
        if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", expression), instance):
            yield jsonschema.ValidationError(f"does not match {expression}")

    base = jsonschema.Draft202012Validator
    return jsonschema.validators.extend(base, {"pattern": pattern})(schema())  # type: ignore[no-untyped-call]  # as it comes


# What stands in for faulty values that no fleet can be built without; no rule asks about any of it.
_STAND_IN: dict[str, Any] = {
    "metadata": {"name": "fleet", "frameworkVersion": "0"},
    "gitops": {"repoURL": "https://example.com/fleet.git"},
    "kubernetes": {"version": "1.37", "platform": "eks"},
    "secretStore": {"provider": "aws", "region": "us-east-1"},
    "tiers": {},
    "environments": {},
    "agents": {},
}
_GONE = object()
_CAREFUL_ROUNDS = 10  # more than the spec is deep


def _sound(document: Document) -> Document:
    """The document without what the schema refuses. What lacks a required key goes as a whole, or gets a stand-in."""
    values = copy.deepcopy(document.values) if isinstance(document.values, dict) else {}
    rounds = 0
    while errors := [error for error in _validator().iter_errors(values) if error.absolute_path]:
        # Cutting a value out may leave its parent short of a required key, so this takes a few rounds. Should cutting
        # with care ever not be enough, what is left goes by whole blocks, so that this ends.
        rounds += 1
        for error in errors:
            if rounds <= _CAREFUL_ROUNDS:
                _cut(values, list(error.absolute_path), error)
            else:
                values[error.absolute_path[0]] = _GONE
        items = list(_gone_items(values, ()))
        values = _without_gone(values)
        document = document.without(values, items)
    kept = {key: value for key, value in values.items() if key in schema()["properties"]}
    filled = {key: _fill(kept.get(key), stand_in) for key, stand_in in _STAND_IN.items()}
    return document.without(filled | {key: value for key, value in kept.items() if key not in _STAND_IN}, [])


def _fill(value: Any, stand_in: Any) -> Any:
    return stand_in | value if isinstance(value, dict) else stand_in


def _gone_items(value: Any, path: tuple[Key, ...]) -> Iterator[tuple[Key, ...]]:
    """Where in lists something was cut out; where a mapping lost a value, no index moves."""
    if value is _GONE and isinstance(path[-1], int):
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _gone_items(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _gone_items(item, (*path, index))


def _cut(values: Any, path: list[Key], error: Any) -> None:
    """Cut out what `error` is about. A required block's own missing key is left to its stand-in."""
    parent = values
    for key in path[:-1]:
        parent = parent[key] if not (parent is _GONE or parent[key] is _GONE) else _GONE
        if parent is _GONE:
            return
    value = parent[path[-1]]
    if value is _GONE:
        return
    match error.validator:
        case _ if is_of_name(error):
            value[error.instance] = _GONE
        case "additionalProperties":
            for key in [key for key in value if key not in error.schema["properties"]]:
                value[key] = _GONE
        case "required" if len(path) == 1 and path[0] in _STAND_IN and path[0] != "secretStore":
            # What a store needs depends on its kind, so that another goes with nothing of it.
            parent[path[0]] = _fill(value, _STAND_IN[str(path[0])])
        case _:
            parent[path[-1]] = _GONE


def _without_gone(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_gone(item) for key, item in value.items() if item is not _GONE}
    if isinstance(value, list):
        return [_without_gone(item) for item in value if item is not _GONE]
    return value
