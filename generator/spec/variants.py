"""What else could stand in the spec: its values with one of them altered, renamed, taken out, or written where only a
built-in default holds. Whoever compiles a variant sees what that one value does.

A variant is one that the schema accepts; whether the rules would is not asked. Changes nothing that it is given.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from generator.spec import shape
from generator.spec.fields import Path, Schema, schemas_at
from generator.spec.layers import Values
from generator.spec.reader import Key

MOST = 3  # alternatives to one value: an image has a registry, a tag and a digest


class Change(StrEnum):
    """What was done to the one value."""

    ALTERED = "altered"
    RENAMED = "renamed"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """All values of the spec, one of them changed; of a name that was changed everywhere, the old and the new one."""

    values: Values
    change: Change
    renamed: tuple[str, str] | None = None


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where the spec says something, from the outside in."""
    for key, item in _items(value):
        yield (*path, key)
        yield from paths(item, (*path, key))


def variants(values: Values, path: Path, default: Any = None) -> Iterator[Variant]:
    """The spec with another value at `path`. Where it says nothing there, `default` is what holds."""
    found = _at(values, path, default)
    others = list(_alternatives(values, path, found))
    if default is not None:
        others = others or list(_sound(values, path, _SAMPLES))[:1]  # the default is told in words
    for value in others:
        yield Variant(values=_put(values, path, value), change=Change.ALTERED)
    if default is not None:
        return
    if path[-2:] == ("secretStore", "provider"):
        yield from _other_store(values, path, found)
    if path[:1] == ("agents",) and path[2:] in (("tier",), ("team",)):
        yield from _namesake(values, path, f"{path[2]}s", found)
    if _is_name(values, path):
        yield from _renamed(values, path)
    if _is_needed(values, path):
        return
    gone = _put(values, path, {} if path == ("agents",) else _GONE)
    if _may_be_the_last(path) or shape.is_sound(gone):
        yield Variant(values=gone, change=Change.GONE)


def _is_needed(values: Values, path: Path) -> bool:
    """Whether a job or a volume would be nothing without this; the schema leaves to the layers who gives it."""
    match path:
        case ("agents", _, "jobs" | "volumes", _, field):
            return field in ("schedule", "size", "path")
        case ("agents", agent, "environments", _, "jobs" | "volumes" as block, name, field):
            given = values["agents"][agent].get(block, {}).get(name, {})
            return field in ("schedule", "size", "path") and field not in given
    return False


def _may_be_the_last(path: Path) -> bool:
    """Whether it may go though the schema wants one: it is asked what it brings, not what a fleet needs."""
    return path == ("agents",) or (len(path) == 2 and path[0] in ("agents", "environments"))


# ---------------------------------------------------------------------------- other values


# For a field of any form, one of these will do.
_SAMPLES = ("x", "https://example.com", "example.com", "/x", "10.0.0.0/8", "1h", "1Gi", 2)


def _alternatives(values: Values, path: Path, found: Any) -> Iterator[Any]:
    if isinstance(found, dict | list) or found is None:
        return
    if path[:1] == ("agents",) and path[2:] == ("tier",):
        candidates = dict.fromkeys(name for name in values["tiers"] if name != str(found))
    else:
        candidates = dict.fromkeys(_candidates(found, [each for each in schemas_at(path) if "enum" in each]))
    yield from islice(_sound(values, path, [each for each in candidates if each != found]), MOST)


def _sound(values: Values, path: Path, candidates: Iterable[Any]) -> Iterator[Any]:
    return (each for each in candidates if shape.is_sound(_put(values, path, each)))


def _candidates(found: Any, closed: list[Schema]) -> Iterator[Any]:
    """Values that may do in the place of another, likely ones first."""
    for schema in closed:
        members = schema["enum"]
        if found in members:
            position = members.index(found)
            yield from (members[(position + 1) % len(members)], members[position - 1], members[0], members[-1])
    match found:
        case bool():
            yield not found
        case int():
            yield from (found + 1, found - 1, found + 2)
        case float():
            yield from (found * 2, found / 2)
        case _:
            text = str(found)
            yield from (f"{text}x", f"x{text}")  # a tag and a registry; a word
            for number in reversed([*re.finditer("[0-9]+", text)]):  # of an image, the digest's
                more = str(int(number[0]) + 1).zfill(len(number[0]))
                yield text[: number.start()] + more + text[number.end() :]


def _other_store(values: Values, path: Path, provider: str) -> Iterator[Variant]:
    """Another provider needs other settings beside it."""
    for settings in ({"provider": "fake"}, {"provider": "vault", "server": "https://example.com", "role": "x"}):
        if settings["provider"] != provider:
            store = {**_at(values, path[:-1], None), **settings}
            yield Variant(values=_put(values, path[:-1], store), change=Change.ALTERED)


def _namesake(values: Values, path: Path, block: str, found: Any) -> Iterator[Variant]:
    """A tier or a team of another name that is the same in all else: what the name itself does."""
    name = _fresh(values, str(found))
    entries = values.get(block, {})
    if str(found) in entries:
        values = _put(values, (block, name), entries[str(found)])
    values = _put(values, path, name)
    if shape.is_sound(values):
        yield Variant(values=values, change=Change.ALTERED)


# ---------------------------------------------------------------------------- names


def _is_name(values: Values, path: Path) -> bool:
    """Whether the key is one that a person chose here."""
    match path:
        case ("agents", _, "environments", _):
            return False
        case ("agents", agent, "environments", _, "jobs" | "volumes" as block, name):
            return name not in values["agents"][agent].get(block, ())
    return isinstance(path[-1], str) and any("propertyNames" in schema for schema in schemas_at(path[:-1]))


def _renamed(values: Values, path: Path) -> Iterator[Variant]:
    """The spec with another name, also wherever it is spoken of."""
    old = str(path[-1])
    for new in (_fresh(values, old), _fresh(values, old).upper()):
        renamed = _mentioning(_rekey(values, path, new), path, new)
        if shape.is_sound(renamed):
            yield Variant(values=renamed, change=Change.RENAMED, renamed=(old, new))
            return


def _fresh(values: Values, name: str) -> str:
    """A name like another, so that it is sorted like it, which nothing has."""
    text = repr(values)
    while name in text:
        name += "x"
    return name


def _mentioning(values: Values, path: Path, new: str) -> Values:
    match path:
        case ("agents", old) | ("platform", "services", old):
            return _everywhere(values, "talksTo", str(old), new)
        case ("platform", "callers", old):
            return _everywhere(values, "calledBy", str(old), new)
        case ("environments", old):
            return _in_agents(values, lambda agent: _rekey(agent, ("environments", old), new))
        case ("tiers" | "teams" as block, old):
            key = str(block)[:-1]
            return _in_agents(values, lambda agent: {**agent, key: new} if str(agent.get(key)) == old else agent)
        case ("agents", name, "jobs" | "volumes" as block, old):
            own = values["agents"][name].get("environments", {})
            for environment in own:
                values = _rekey(values, ("agents", name, "environments", environment, block, old), new)
    return values


def _in_agents(values: Values, change: Callable[[Values], Values]) -> Values:
    return {**values, "agents": {name: change(agent) for name, agent in values["agents"].items()}}


def _everywhere(values: Values, key: str, old: str, new: str) -> Values:
    """With a name replaced in the lists under a key, wherever these are."""

    def replaced(value: Any) -> Any:
        if isinstance(value, list):
            return [replaced(item) for item in value]
        return each(value) if isinstance(value, dict) else value

    def each(value: Values) -> Values:
        return {
            name: [new if one == old else one for one in item] if name == key else replaced(item)
            for name, item in value.items()
        }

    return each(values)


# ---------------------------------------------------------------------------- paths

_GONE = object()


def _items(value: Any) -> Iterator[tuple[Key, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _at(value: Any, path: Path, default: Any) -> Any:
    for key in path:
        if default is not None and key not in value:
            return default
        value = value[key]
    return value


def _put(value: Any, path: Path, new: Any) -> Any:
    """A copy in which `new` stands at `path`; what is not on the way there is shared."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        assert isinstance(key, int)
        return [*value[:key], *([] if not rest and new is _GONE else [_put(value[key], rest, new)]), *value[key + 1 :]]
    if not rest and new is _GONE:
        return {name: item for name, item in value.items() if name != key}
    return {**value, key: _put(value.get(key, {}), rest, new)}


def _rekey(value: Values, path: Path, new: str) -> Values:
    """A copy in which the key at the end of `path`, if there, is `new`, in the same place."""
    key, rest = path[0], path[1:]
    if key not in value:
        return value
    if not rest:
        return {new if name == key else name: item for name, item in value.items()}
    return {**value, str(key): _rekey(value[str(key)], rest, new)}
