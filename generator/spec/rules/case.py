"""What a rule about an agent judges: the agent as resolved for an environment, and the spec to point at."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.model import Agent, Environment, Fleet
from generator.problems import Problem
from generator.spec.reader import Document, Key


@dataclass(frozen=True)
class Case:
    """One agent in one environment; in none where it is the base."""

    document: Document
    fleet: Fleet
    agent: Agent
    environment: Environment | None

    @property
    def within(self) -> str:
        """` in dev`, for a message; empty for the base."""
        return f" in {self.environment.name}" if self.environment else ""

    def problem(self, rule: str, *path: Key, message: str, hint: str, of_key: bool = False) -> Problem:
        """A problem with the agent's value at `path`, where the uppermost layer that has it, or most of it, sets it."""
        found = self._found(path)
        place = self.document.key_place(*found) if of_key or len(found) == 2 else self.document.place(*found)
        return Problem(place, rule, f"{'.'.join(map(str, found))}: {message}", hint)

    def _found(self, path: tuple[Key, ...]) -> tuple[Key, ...]:
        own = ("agents", self.agent.name)
        layers: list[tuple[Key, ...]] = [own, ("tiers", self.agent.tier), ("defaults",)]
        if self.environment:
            name = self.environment.name
            layers = [(*own, "environments", name), own, ("environments", name), *layers[1:]]
        for depth in range(len(path), 0, -1):
            for layer in layers:
                if self.document.has(*layer, *path[:depth]):
                    return (*layer, *path[:depth])
        return own


def cases(fleet: Fleet, document: Document) -> Iterator[Case]:
    """Every agent, first as the base and then in each environment."""
    yield from (Case(document, fleet, agent, None) for agent in fleet.base_agents)
    for environment in fleet.environments:
        yield from (Case(document, fleet, agent, environment) for agent in environment.agents)
