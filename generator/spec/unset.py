"""Which fields the spec leaves to a built-in default, and where to set each for all. Changes nothing."""

from collections.abc import Iterator
from typing import Any

from generator.spec import shape
from generator.spec.fields import Path, Schema, resolved
from generator.spec.layers import LAYERED, Values
from generator.spec.reader import scalar
from generator.spec.reference import default_of

# What an agent takes from the layers below it; a built-in default is tried in the lowest, `defaults`.
_FROM_DEFAULTS = {*LAYERED, "service", "job", "containerLimits"}


def unset(values: Values) -> Iterator[tuple[Path, Any]]:
    """Fields that the spec leaves to a built-in default: where to set them for all, and the default."""
    yield from _unset(shape.schema(), values, ())


def _unset(schema: Schema, here: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    schema = resolved(schema)
    if isinstance(here, list):
        for index, item in enumerate(here):
            yield from _unset(schema.get("items", {}), item, (*path, index))
    if not isinstance(here, dict):
        return
    for option in schema.get("anyOf", ()):
        yield from _unset(option, here, path)
    for name, field in schema.get("properties", {}).items():
        yield from _unset_field(field, here, (*path, name))
    entry = schema.get("additionalProperties")
    if isinstance(entry, dict):
        for name, item in here.items():
            yield from _unset(entry, item, (*path, name))


def _unset_field(field: Schema, block: Values, path: Path) -> Iterator[tuple[Path, Any]]:
    default = default_of(field)
    if _is_of_layer_above(path):
        return
    if path[-1] in block:
        yield from _unset(field, block[str(path[-1])], path)
    elif default:
        yield from _split(path, default)
    elif resolved(field).get("type") == "object" and path[0] != "agents":  # a block of an agent's is there or is not
        yield from _unset(field, {}, path)


def _split(path: Path, default: str) -> Iterator[tuple[Path, Any]]:
    """The default of a block, `100m and 256Mi`, is that of its fields."""
    cpu, both, memory = default.partition(" and ")
    if both and path[-1] in ("requests", "limits", "default", "defaultRequest"):
        yield (*path, "cpu"), cpu
        yield (*path, "memory"), memory
    else:
        yield path, scalar(default)


def _is_of_layer_above(path: Path) -> bool:
    """Whether `defaults` could set the same."""
    match path:
        case ("agents", _, "environments", *_):
            return True
        case ("environments", _, "secretStore"):
            return True
        case ("tiers" | "environments", _, block):
            return block in _FROM_DEFAULTS
        case ("agents", _, "service", field):
            return field in _fields("serviceDefaults")
        case ("agents", _, "jobs", _, field):
            return field in _fields("jobDefaults")
        case ("agents", _, block):
            return block in LAYERED
    return False


def _fields(definition: str) -> Schema:
    fields: Schema = shape.schema()["$defs"][definition]["properties"]
    return fields
