"""What a rule about an agent judges: the agent as resolved for an environment, and the spec to point at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.model import Agent, Environment, Fleet, ToKubernetesApi
from generator.problems import Problem
from generator.spec.places import Path, layers
from generator.spec.reader import Document, Key


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

    @property
    def talks_to_api(self) -> bool:
        return any(isinstance(destination, ToKubernetesApi) for destination in self.agent.talks_to)

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
        environment = self.environment.name if self.environment else None
        every = [list(layers(self.document, self.agent.name, environment, each)) for each in (path, *or_at)]
        for of_one_layer in zip(*every, strict=True):
            for layer, rest in of_one_layer:
                if rest and self.document.has(*layer, *rest):
                    return (*layer, *rest)
        for depth in range(len(path), 0, -1):
            for layer, rest in every[0]:
                if self.document.has(*layer, *rest[:depth]):
                    return (*layer, *rest[:depth])
        return ("agents", self.agent.name)

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
