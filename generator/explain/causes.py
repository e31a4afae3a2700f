"""Which lines of the spec a generated line comes from, and which generated lines a line of the spec ends up in.

Nothing is annotated and no builder is asked: one value of the spec is changed in memory, the fleet is compiled again,
and the lines that move are those that the value has to do with. So the answer is true for values computed from several,
too, and both directions are one relation, read from either side. Never reads or writes a file.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from generator.explain.lines import Move
from generator.explain.worlds import SHARED, World, around
from generator.model import Fleet
from generator.spec.fields import Path
from generator.spec.reader import Document
from generator.spec.unset import unset
from generator.spec.variants import Change, variants
from generator.spec.variants import paths as all_paths
from generator.tree import KUSTOMIZATION


class How(StrEnum):
    """What a value of the spec has to do with a line."""

    VALUE = "value"  # another value would write another line
    NAME = "name"  # so would another name, everywhere it is spoken of
    PRESENCE = "presence"  # without it, or with another value, the line would not be there, or as a lower layer has it
    DEFAULT = "default"  # a built-in default, which the spec leaves as it is


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One value that a generated line comes from."""

    path: Path  # in the spec; of a built-in default, where it would be set for all
    how: How
    default: Any = None  # what holds where the spec says nothing
    spread: int  # how many lines it moves, of the files that have the line's owner


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one value has to do with every line, by file."""

    path: Path
    default: Any
    lines: dict[str, dict[int, How]]

    def cause(self, how: How) -> Cause:
        return Cause(path=self.path, how=how, default=self.default, spread=self._spreads[how])

    @cached_property
    def _spreads(self) -> dict[How, int]:
        """How many lines it has to do with in each way; in the presence of some, all have a part."""
        counts = Counter(how for lines in self.lines.values() for how in lines.values())
        says = counts[How.VALUE] + counts[How.NAME]
        everything = counts.total()
        return {How.VALUE: says, How.NAME: says, How.PRESENCE: everything, How.DEFAULT: everything}


class Stale(Exception):
    """A file is not what the spec compiles to."""


# ---------------------------------------------------------------------------- from the output


def causes_of(document: Document, fleet: Fleet, file: str, text: str, line: int) -> tuple[Cause, ...]:
    """What a line of a generated file comes from, the best answer first. `text` is what the file holds.

    `document` is a sound spec and `fleet` what it describes. Raises Stale where the spec compiles to something else.
    """
    said = text.split("\n")[line - 1]
    world, there = smallest(document, fleet, file, text, line)
    found = [
        effect.cause(effect.lines[file][there])
        for effect in effects(world, that_matter(world, owner_of(fleet, file)[0]))
        if there in effect.lines.get(file, ())
    ]
    return tuple(ranked(document, said, found))


def owner_of(fleet: Fleet, file: str) -> tuple[str, str | None]:
    """Whose file it is, an agent's or what all share; and one environment that is enough to tell, if one is."""
    environments = [environment.name for environment in fleet.environments]
    match file.removesuffix(".yaml").split("/"):
        case ["base", owner, _]:
            return owner, next(iter(environments), None)
        case ["overlays", environment, owner, _] | ["argocd", "applications", environment, owner] if (
            environment in environments
        ):
            return owner, environment
        case ["overlays", environment, _] | ["argocd", "projects", environment] if environment in environments:
            return SHARED, environment
    return SHARED, None


def smallest(document: Document, fleet: Fleet, file: str, text: str, line: int) -> tuple[World, int]:
    """The smallest world that is known to have the line, and the line's number in it."""
    owner, environment = owner_of(fleet, file)
    values, owners = document.values, _owners(owner, file)
    small = World(around(values, fleet, owner, environment), owners)
    if file in small.files and small.files[file].text == text:
        return small, line
    whole = World(values, owners)
    if file not in whole.files or whole.files[file].text != text:
        raise Stale(file)
    said = whole.files[file].lines[line - 1]
    named = said.removeprefix("- ")
    if file == f"overlays/{environment}/{KUSTOMIZATION}" and named in values["agents"]:
        # It lists every agent; with one of them the others' lines are gone, and no line of it is there twice.
        small = World(around(values, fleet, named, environment), {named})
        return small, small.files[file].lines.index(said) + 1
    return whole, line


def _owners(owner: str, file: str) -> set[str]:
    """Whose files to compile beside those that list agents and environments."""
    is_list = owner == SHARED and SHARED not in file.split("/")
    return set() if is_list else {owner}


def that_matter(world: World, owner: str) -> Iterator[tuple[Path, Any]]:
    """The values that can have to do with an owner's files, and the built-in defaults."""
    for path in all_paths(world.values):
        match path:
            case ("agents", name, *below) if below and name != owner:
                fields = {*below} if below[0] == "environments" else {below[0]}
                if fields & (_OF_ALL if owner == SHARED else _OF_NEIGHBOURS):
                    yield path, None
            case ("pricing" | "waivers", *_):
                pass
            case _:
                yield path, None
    yield from unset(world.values)


# What an agent's files take from the agents that it is connected with, and what a namespace's take from its agents.
_OF_NEIGHBOURS = {"talksTo", "service", "enabled"}
_OF_ALL = {"team", "secrets", "enabled"}


# What a line says counts for more than why it is there at all: a cause of the second kind must be so many times as
# narrow to come first. So `scale` explains a halved request, rather than `service`, without which there were none; but
# `talksTo` explains the address of a database, rather than the fleet's name in it. What the spec leaves counts least.
_NARROWER = {How.VALUE: 1, How.NAME: 1, How.PRESENCE: 3, How.DEFAULT: 4}


def ranked(document: Document, said: str, causes: Iterable[Cause]) -> list[Cause]:
    """The causes of a line that says this, the best answer first: what it copies, then the narrowest."""
    causes = list(causes)
    is_said = any(cause.how in (How.VALUE, How.NAME) for cause in causes)

    def rank(cause: Cause) -> tuple[Any, ...]:
        copied = cause.how in (How.VALUE, How.NAME) and _said(document, cause) == _value_of(said)
        copies = list(How).index(cause.how) if copied else len(How)
        in_words = is_said and cause.how is How.DEFAULT and " " in str(cause.default)  # such as `the fleet's`
        return copies, in_words, cause.spread * _NARROWER[cause.how], -len(cause.path), list(map(str, cause.path))

    return sorted(causes, key=rank)


def _said(document: Document, cause: Cause) -> str:
    return str(cause.path[-1]) if cause.how is How.NAME else str(document.value(*cause.path))


def _value_of(line: str) -> str:
    """What stands behind the key, the dash or the setting's name."""
    return re.split(r": |- |(?<=[A-Z])=", line)[-1].strip().strip('"')


# ---------------------------------------------------------------------------- the relation


def effects(world: World, nodes: Iterable[tuple[Path, Any]]) -> Iterator[Effect]:
    """What each of these values, or built-in defaults, has to do with the files of a world."""
    for path, default in nodes:
        lines: dict[str, dict[int, How]] = {}
        for variant in variants(world.values, path, default):
            for file, moves in world.moves(variant).items():
                for line, move in moves.items():
                    how = _how(variant.change, move, default is not None)
                    if how:
                        _note(lines.setdefault(file, {}), line, how)
        if lines:
            yield Effect(path=path, default=default, lines=lines)


def _how(change: Change, move: Move, is_default: bool) -> How | None:
    if is_default:  # that something else would be there, if this were set, explains no line
        return How.DEFAULT if move is Move.CHANGED else None
    if move is Move.CHANGED and change is not Change.GONE:
        return How.VALUE if change is Change.ALTERED else How.NAME
    return How.PRESENCE


_ORDER = list(How)


def _note(lines: dict[int, How], line: int, how: How) -> None:
    known = lines.get(line)
    if known is None or _ORDER.index(how) < _ORDER.index(known):
        lines[line] = how


# ---------------------------------------------------------------------------- from the spec


def paths_at(document: Document, line: int) -> list[Path]:
    """Everything that the spec says on one of its lines: keys and values that begin there, and text that goes on."""
    return [path for path in all_paths(document.values) if line in lines_of(document, path)]


def lines_of(document: Document, path: Path) -> set[int]:
    """The lines of the spec that a value stands on: its key's, and of a text all that it goes on over."""
    lines = {document.key_place(*path).line}
    if not isinstance(document.value(*path), dict | list):
        start, end = document.place(*path), document.span(*path)[1]
        lines.update(range(start.line, end.line + (end.column > 1)), [start.line])
    return lines


def effects_of(world: World, document: Document, line: int) -> Iterator[Effect]:
    """What each value on a line of the spec has to do with the files of a world that is the whole document."""
    return effects(world, ((path, None) for path in paths_at(document, line)))


# ---------------------------------------------------------------------------- layers


def layer_of(path: Path) -> str:
    """The layer of the spec that a value is in."""
    match path:
        case ("agents", agent, "environments", environment, *_):
            return f"agents.{agent}.environments.{environment}"
        case ("agents" | "tiers" | "environments" as block, name, *_):
            return f"{block}.{name}"
        case ("defaults", *_):
            return "defaults"
    return "fleet-wide"
