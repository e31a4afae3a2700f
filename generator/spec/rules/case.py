"""What a rule about an agent judges: the agent as resolved for an environment, and the spec to point at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.model import Agent, Environment, Fleet
from generator.problems import Problem
from generator.spec.reader import Document, Key

Path = tuple[Key, ...]


@dataclass(frozen=True)
class Case:
    """One agent in one environment; in none where it is the base."""

    document: Document
    fleet: Fleet
    agent: Agent
    environment: Environment | None
    serving: frozenset[str]  # the agents that run a service in this environment

    @property
    def within(self) -> str:
        """` in dev`, for a message; empty for the base."""
        return f" in {self.environment.name}" if self.environment else ""

    def problem(
        self, rule: str, *path: Key, message: str, hint: str, of_key: bool = False, or_at: tuple[Path, ...] = ()
    ) -> Problem:
        """A problem with the agent's value at `path`, where the uppermost layer that has it, or most of it, sets it.

        Where values at several places bring a problem about together, `or_at` names the others: the uppermost counts.
        """
        found = self._found(path, or_at)
        place = self.document.key_place(*found) if of_key or len(found) == 2 else self.document.place(*found)
        return Problem(place, rule, f"{self.document.name(*found)}: {message}", hint)

    def _found(self, path: Path, or_at: tuple[Path, ...]) -> Path:
        own = ("agents", self.agent.name)
        layers: list[Path] = [own, ("tiers", self.agent.tier), ("defaults",)]
        if self.environment:
            name = self.environment.name
            layers = [(*own, "environments", name), own, ("environments", name), *layers[1:]]
        # What layers beside an agent's own say of jobs, they say of all.
        paths = [
            same
            for path in (path, *or_at)
            for same in (path, ("job", *path[2:]))
            if path[:1] == ("jobs",) or same == path
        ]
        for layer in layers:
            for whole in paths:
                if whole and self.document.has(*layer, *whole):
                    return (*layer, *whole)
        for depth in range(len(path), 0, -1):
            for layer in layers:
                if self.document.has(*layer, *path[:depth]):
                    return (*layer, *path[:depth])
        return own

    def written(self, key: str) -> Any:
        """What the uppermost layer that has this key says; None if none does."""
        found = self._found((key,), ())
        value: Any = self.document.values
        for part in found:
            value = value.get(part, {})
        return value if found[-1] == key else None


def cases(fleet: Fleet, document: Document) -> Iterator[Case]:
    """Every agent, first as the base and then in each environment."""
    for environment in (None, *fleet.environments):
        agents = environment.agents if environment else fleet.base_agents
        serving = frozenset(agent.name for agent in agents if agent.service)
        yield from (Case(document, fleet, agent, environment, serving) for agent in agents)
