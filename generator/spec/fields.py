"""Looks fields up in the spec's schema: what it says of the value at a path. Knows no document."""

from collections.abc import Iterator
from typing import Any

from generator.spec import shape
from generator.spec.reader import Key

Path = tuple[Key, ...]
Schema = dict[str, Any]


def schemas_at(path: Path) -> list[Schema]:
    """What the schema says of the value at `path`: one part, or one for each alternative."""
    found = [shape.schema()]
    for key in path:
        found = [below for schema in found for below in _below(schema, key)]
    return [each for schema in found for each in _options(schema)]


def _below(schema: Schema, key: Key) -> Iterator[Schema]:
    for option in _options(schema):
        if isinstance(key, int):
            part = option.get("items")
        else:
            part = option.get("properties", {}).get(key) or option.get("additionalProperties")
        if isinstance(part, dict):
            yield part


def _options(schema: Schema) -> Iterator[Schema]:
    schema = resolved(schema)
    yield schema
    for option in schema.get("anyOf", ()):
        yield from _options(option)


def resolved(schema: Schema) -> Schema:
    """What a schema refers to, or the schema itself."""
    if "$ref" not in schema:
        return schema
    found: Schema = shape.schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    return found
