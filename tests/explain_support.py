"""The whole relation between a spec and what it compiles to, worked out once for each spec that a test asks for."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.explain.causes import Cause, Effect, How, effects, ranked
from generator.explain.worlds import World
from generator.model import Fleet
from generator.spec import fields
from generator.spec.load import load_with_places
from generator.spec.reader import Document
from generator.spec.unset import unset
from generator.spec.variants import paths

Line = tuple[str, int]


@dataclass(frozen=True)
class Relation:
    """Every line of a fleet with everything it comes from."""

    document: Document
    fleet: Fleet
    world: World
    effects: dict[fields.Path, Effect]

    @property
    def lines(self) -> list[Line]:
        return [(path, number) for path, file in self.world.files.items() for number in range(1, len(file.lines) + 1)]

    def said(self, line: Line) -> str:
        file, number = line
        return self.world.files[file].lines[number - 1]

    def causes(self, line: Line) -> list[Cause]:
        """As `causes_of`, but seen in the whole fleet."""
        file, number = line
        found = [
            effect.cause(effect.lines[file][number])
            for effect in self.effects.values()
            if number in effect.lines.get(file, ())
        ]
        return ranked(self.document, self.said(line), found)


@cache
def relation(spec: Path) -> Relation:
    fleet, document = load_with_places(spec, "spec/agents.yaml")
    world = World(document.values)
    nodes = [*((path, None) for path in paths(document.values)), *unset(document.values)]
    return Relation(document, fleet, world, {effect.path: effect for effect in effects(world, nodes)})


def is_specific(cause: Cause) -> bool:
    """Whether the cause is a value, or what holds one agent or environment in part; not a name or a whole block of the
    top level, of an agent or of an environment.
    """
    if cause.how is How.DEFAULT:
        return False
    return cause.how is How.VALUE or len(cause.path) > 2 or cause.path[0] not in ("agents", "environments", "tiers")


def shares(found: Relation) -> Counter[str]:
    """How many lines resolve to something specific, to a name of a whole block, to such a block, or to no value."""
    count: Counter[str] = Counter()
    for line in found.lines:
        causes = [cause for cause in found.causes(line) if cause.how is not How.DEFAULT]
        if any(map(is_specific, causes)):
            count["specific"] += 1
        elif any(cause.how is How.NAME for cause in causes):
            count["named"] += 1
        else:
            count["block" if causes else "builder"] += 1
    return count
