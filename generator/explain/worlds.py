"""A spec as it compiles, and what would become of its files if it were another. Never reads or writes a file.

A world may be smaller than the fleet: whatever is to be known of one agent's files can be seen among the few agents
that it shares anything with. Parts whose model is the same are not compiled again.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property, partial
from typing import Any

from generator import names, tree
from generator.explain.lines import GeneratedFile, Move
from generator.model import Environment, Fleet, FromAgent, ToAgent
from generator.spec import build
from generator.spec.variants import Variant

Values = dict[str, Any]
Moves = dict[str, dict[int, Move]]  # by file, then line

SHARED = names.NAMESPACE_FOLDER  # no agent may be called so
TWO = 2  # agents of one kind: what each of them asks for does not go with one of them


class World:
    """What a spec's values compile to: the files of these owners, or of all, and those that list agents.

    Raises whatever the model raises where the values make none.
    """

    def __init__(self, values: Values, owners: Collection[str] | None = None) -> None:
        self.values, self.fleet = values, build.fleet(values)
        parts = _parts(self.fleet)
        self._parts = {owner: part for owner, part in parts.items() if owners is None or owner in owners}
        self._files = {owner: _read(_compile(self.fleet, owner, part)) for owner, part in self._parts.items()}
        self._lists = _read(tree.of_fleet(self.fleet))

    @cached_property
    def files(self) -> Mapping[str, GeneratedFile]:
        """Every file by its path."""
        files = dict(self._lists)
        for part in self._files.values():
            files |= part
        return files

    def moves(self, variant: Variant) -> Moves:
        """The lines that would not be there, or not so, if this were the spec; none where nothing can be made of it."""
        now = _Names(variant.renamed)
        moves: Moves = {}
        with suppress(*_NOT_SOUND):
            fleet = build.fleet(variant.values)
            parts = _parts(fleet)
            for owner, part in self._parts.items():
                other = parts.get(now.new(owner))
                if other != part:
                    compiled = partial(_compile, fleet, now.new(owner), other) if other else tuple
                    moves |= _moved(self._files[owner], compiled, now)
            moves |= _moved(self._lists, partial(tree.of_fleet, fleet), now)
        return moves


# What the builders raise on a spec that the rules keep out, and no rule was asked.
_NOT_SOUND = (KeyError, ValueError, TypeError, AttributeError)


class _Names:
    """A name that was changed, in paths. The new one is like nothing else, so that it can be found."""

    def __init__(self, renamed: tuple[str, str] | None) -> None:
        self._pair = renamed

    def old(self, path: str) -> str:
        return path.replace(self._pair[1], self._pair[0]) if self._pair else path

    def new(self, owner: str) -> str:
        return self._pair[1] if self._pair and owner == self._pair[0] else owner


_Part = tuple[Any, ...]


def _parts(fleet: Fleet) -> dict[str, _Part]:
    """What the files of each owner are made of."""
    parts: dict[str, _Part] = {SHARED: (fleet.base_namespace, tuple((e.name, e.namespace) for e in fleet.environments))}
    agents = [(e, {agent.name: agent for agent in e.agents}) for e in fleet.environments]
    for base in fleet.base_agents:
        runs_in = [(e, there[base.name]) for e, there in agents if base.name in there]
        parts[base.name] = (base, tuple((e.name, e.namespace.name, agent) for e, agent in runs_in))
    return parts


def _compile(fleet: Fleet, owner: str, part: _Part) -> Iterator[tree.File]:
    if owner == SHARED:
        return tree.of_namespaces(fleet)
    environments = {environment.name: environment for environment in fleet.environments}
    base, runs_in = part
    return tree.of_agent(base, [(environments[name], agent) for name, _, agent in runs_in])


def _read(files: Iterator[tree.File]) -> dict[str, GeneratedFile]:
    return {path: GeneratedFile(documents) for path, documents in files}


def _moved(files: Mapping[str, GeneratedFile], compiled: Callable[[], Iterable[tree.File]], now: _Names) -> Moves:
    """How these files differ from others; not at all where there are none to be had."""
    with suppress(*_NOT_SOUND):
        others = {now.old(path): documents for path, documents in compiled()}
        changed = {path: file for path, file in files.items() if others.get(path) != file.documents}
        return {path: file.moved(others.get(path)) for path, file in changed.items()}
    return {}


# ---------------------------------------------------------------------------- small worlds


def neighbours(fleet: Fleet, name: str) -> set[str]:
    """The agents that share a connection with an agent, in any environment or in the base."""
    everywhere = [*fleet.base_agents, *(agent for environment in fleet.environments for agent in environment.agents)]
    named: set[str] = set()
    for agent in everywhere:
        called = {to.agent for to in agent.talks_to if isinstance(to, ToAgent)}
        callers = {by.agent for by in (agent.service.called_by if agent.service else ()) if isinstance(by, FromAgent)}
        if agent.name == name:
            named |= called | callers
        elif name in called:
            named.add(agent.name)
    return named


def around(values: Values, fleet: Fleet, owner: str, environment: str | None) -> Values:
    """A spec with no more than an owner's files are made of: its neighbours, and one environment if given."""
    kept = _representatives(fleet) if owner == SHARED else {owner, *neighbours(fleet, owner)}
    agents = {name: agent for name, agent in values["agents"].items() if name in kept}
    if environment:
        agents = {name: _only_in(agent, environment) for name, agent in agents.items()}
        values = {**values, "environments": {environment: values["environments"][environment]}}
    return {**values, "agents": agents}


def _only_in(agent: Values, environment: str) -> Values:
    if "environments" not in agent:
        return agent
    return {**agent, "environments": {env: own for env, own in agent["environments"].items() if env == environment}}


def _representatives(fleet: Fleet) -> set[str]:
    """What a namespace takes from its agents is their teams. Two of a kind are kept: then, as in the whole fleet, what
    they share does not go with either. (A made-up store also holds the keys of each; its file is then another one.)
    """
    runs_in = _environments_of_each(fleet.environments)
    count: Counter[tuple[str, frozenset[str]]] = Counter()
    kept = set()
    for agent in fleet.base_agents:
        kind = (agent.team, frozenset(runs_in.get(agent.name, ())))
        count[kind] += 1
        if count[kind] <= TWO:
            kept.add(agent.name)
    return kept


def _environments_of_each(environments: Collection[Environment]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for environment in environments:
        for agent in environment.agents:
            found.setdefault(agent.name, set()).add(environment.name)
    return found
