"""What `explain` has to say, as plain values: of a generated line, of a line of the spec, of a resolved agent.

`explanation.schema.json` describes the JSON. Compiles by way of `causes`; never prints, never reads or writes a file.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from generator.explain.builders import Builder, builder_of
from generator.explain.causes import Cause, How, causes_of, effects_of, layer_of, paths_at
from generator.explain.worlds import World
from generator.model import Agent, Compute, Fleet
from generator.problems import Place
from generator.spec import origins
from generator.spec.fields import Path
from generator.spec.reader import Document

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A value in the spec, or a built-in default, which stands nowhere. A block that is no single value has None."""

    path: Path
    layer: str
    value: Any
    place: Place | None

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))

    def as_json(self) -> Json:
        place = {"file": self.place.file, "line": self.place.line, "column": self.place.column} if self.place else None
        return {"path": self.name, "layer": self.layer, "value": self.value, "place": place}


# ---------------------------------------------------------------------------- a generated line


@dataclass(frozen=True, kw_only=True)
class LineCause:
    source: Source
    how: How
    spread: int


@dataclass(frozen=True, kw_only=True)
class LineExplanation:
    """Where a generated line comes from, the best answer first; none if the builder writes it for every fleet."""

    file: str
    line: int
    text: str
    builder: Builder
    causes: tuple[LineCause, ...]

    def as_json(self) -> Json:
        causes = [{**each.source.as_json(), "how": each.how.value, "spread": each.spread} for each in self.causes]
        where = {"file": self.file, "line": self.line, "text": self.text}
        return {"explains": "line", **where, "builder": asdict(self.builder), "causes": causes}


def of_line(document: Document, fleet: Fleet, file: str, text: str, line: int) -> LineExplanation:
    """Explain a line of a generated file that holds this text. Raises `causes.Stale`."""
    return LineExplanation(
        file=file,
        line=line,
        text=text.split("\n")[line - 1],
        builder=builder_of(file),
        causes=of_causes(document, causes_of(document, fleet, file, text, line)),
    )


def of_causes(document: Document, causes: Iterable[Cause]) -> tuple[LineCause, ...]:
    """Each cause with what the spec says there, and where."""
    return tuple(LineCause(source=_source_of(document, cause), how=cause.how, spread=cause.spread) for cause in causes)


def _source_of(document: Document, cause: Cause) -> Source:
    """What a cause says, and where."""
    if cause.how is How.DEFAULT:
        return Source(path=cause.path, layer=origins.BUILT_IN, value=cause.default, place=None)
    is_value = cause.how is How.VALUE
    place = document.place(*cause.path) if is_value else document.key_place(*cause.path)
    return Source(path=cause.path, layer=layer_of(cause.path), value=_single(document, cause.path), place=place)


def _single(document: Document, path: Path) -> Any:
    value = document.value(*path)
    return None if isinstance(value, dict | list) else value


# ---------------------------------------------------------------------------- a line of the spec


@dataclass(frozen=True, kw_only=True)
class GeneratedLine:
    file: str
    line: int
    text: str
    how: How


@dataclass(frozen=True, kw_only=True)
class ValueExplanation:
    """A value on a line of the spec, with every generated line that it ends up in."""

    source: Source
    lines: tuple[GeneratedLine, ...]


@dataclass(frozen=True, kw_only=True)
class SpecExplanation:
    """What a line of the spec ends up in, value by value, from the outside in."""

    file: str
    line: int
    values: tuple[ValueExplanation, ...]
    lengths: Mapping[str, int]  # how many lines each file has

    def as_json(self) -> Json:
        values = [{**each.source.as_json(), "lines": [asdict(line) for line in each.lines]} for each in self.values]
        return {"explains": "spec", "file": self.file, "line": self.line, "values": values}


def of_spec(document: Document, line: int) -> SpecExplanation:
    """Explain a line of the spec."""
    world = World(document.values)
    found = {effect.path: effect for effect in effects_of(world, document, line)}
    values = []
    for path in paths_at(document, line):
        effect = found.get(path)
        place = document.key_place(*path)
        source = Source(path=path, layer=layer_of(path), value=_single(document, path), place=place)
        lines = tuple(
            GeneratedLine(file=file, line=number, text=world.files[file].lines[number - 1], how=how)
            for file, lines in sorted((effect.lines if effect else {}).items())
            for number, how in sorted(lines.items())
        )
        values.append(ValueExplanation(source=source, lines=lines))
    lengths = {each.file: len(world.files[each.file].lines) for value in values for each in value.lines}
    return SpecExplanation(file=document.file, line=line, values=tuple(values), lengths=lengths)


# ---------------------------------------------------------------------------- an agent


@dataclass(frozen=True, kw_only=True)
class ResolvedValue:
    """One value of an agent in an environment: the layers that say it, and the bound that changed it, if one did."""

    path: Path
    value: Any
    sources: tuple[Source, ...]  # the one that holds first, then what it overrode
    bound: Source | None

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))


@dataclass(frozen=True, kw_only=True)
class AgentExplanation:
    """An agent as it is in an environment."""

    agent: str
    environment: str
    values: tuple[ResolvedValue, ...]

    def as_json(self) -> Json:
        values = [
            {
                "name": each.name,
                "value": each.value,
                "from": each.sources[0].as_json(),
                "overrides": [source.as_json() for source in each.sources[1:]],
                "bound": each.bound.as_json() if each.bound else None,
            }
            for each in self.values
        ]
        return {"explains": "agent", "agent": self.agent, "environment": self.environment, "values": values}


def of_agent(document: Document, fleet: Fleet, agent: str, environment: str) -> AgentExplanation:
    """Explain an agent that runs in an environment. Raises StopIteration where it does not."""
    there = next(each for each in fleet.environments if each.name == environment).agents
    resolved = next(each for each in there if each.name == agent)
    bounds = dict(_bounded(resolved))
    values = []
    for each in origins.resolve(document, agent, environment):
        wins = each.origins[0]
        value = bounds.get(each.path, wins.value)
        bound = None
        if str(value) != str(wins.value):
            key = "maxReplicas" if each.path[0] == "service" else "scale"
            bound = _written(document, ("environments", environment, key))
        else:
            value = wins.value
        sources = tuple(_source(document, agent, each.path, origin) for origin in each.origins)
        values.append(ResolvedValue(path=each.path, value=value, sources=sources, bound=bound))
    return AgentExplanation(agent=agent, environment=environment, values=tuple(values))


def _bounded(agent: Agent) -> Iterator[tuple[Path, Any]]:
    """The values that the bounds of an environment apply to, as they are in the end."""
    for path, resources in (((), agent.resources), *((("jobs", job.name), job.resources) for job in agent.jobs)):
        computes: dict[str, Compute] = {"requests": resources.requests, "limits": resources.limits}
        for kind, compute in computes.items():
            yield (*path, "resources", kind, "cpu"), compute.cpu
            yield (*path, "resources", kind, "memory"), compute.memory
    if agent.service:
        yield ("service", "replicas", "min"), agent.service.replicas.min
        yield ("service", "replicas", "max"), agent.service.replicas.max


def _source(document: Document, agent: str, path: Path, origin: origins.Origin) -> Source:
    if origin.path is None:
        return Source(path=("agents", agent, *path), layer=origin.layer, value=origin.value, place=None)
    place = document.place(*origin.path)
    return Source(path=origin.path, layer=origin.layer, value=origin.value, place=place)


def _written(document: Document, path: Path) -> Source:
    return Source(path=path, layer=layer_of(path), value=document.value(*path), place=document.place(*path))
