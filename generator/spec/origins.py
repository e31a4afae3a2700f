"""Where each value of an agent comes from: the layer that wins, and what it overrode. Builds no model.

The folding itself is in `layers`; this keeps what that throws away, and a test holds the two together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.spec import platform, shape
from generator.spec.fields import Path, resolved
from generator.spec.layers import LAYERED, Values
from generator.spec.reader import Document, scalar
from generator.spec.reference import default_of

BUILT_IN = "built-in defaults"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What one layer says of a value, and where: its path in the spec, or None for a built-in default."""

    layer: str
    value: Any
    path: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One value of an agent; its origins from the one that wins down to what that overrode, and so on."""

    path: Path  # below the agent
    origins: tuple[Origin, ...]


def resolve(document: Document, agent: str, environment: str) -> list[Resolved]:
    """Every value that an agent has in an environment, before the environment's bounds are applied."""
    own = document.values["agents"][agent]
    in_environment = own.get("environments", {}).get(environment, {})
    has_service = "service" in own or "service" in in_environment
    jobs = list(dict.fromkeys([*own.get("jobs", {}), *in_environment.get("jobs", {})]))
    found: dict[Path, list[Origin]] = {}
    for path, value in _built_in(agent, own, in_environment, has_service):
        found[path] = [Origin(layer=BUILT_IN, value=value)]
    for origin, path in _of_services(document, own["tier"], agent, environment):
        _lay(found, path, origin)
    of_jobs: list[tuple[Path, Origin]] = []
    shared: list[Path] = [("defaults",), ("tiers", str(own["tier"])), ("environments", environment)]
    for layer in shared:
        for path, origin in _of_shared(document, layer, has_service, jobs):
            (of_jobs.append((path, origin)) if path[0] == "jobs" else _lay(found, path, origin))
    agents: list[Path] = [("agents", agent), ("agents", agent, "environments", environment)]
    for layer in agents:
        for path, origin in _leaves(document, layer, ()):
            (of_jobs.append((path, origin)) if path[0] == "jobs" else _lay(found, path, origin))
    # A job's resources are the agent's where no layer says anything of the job's own.
    for path in [path for path in found if path[0] == "resources"]:
        for job in jobs:
            found["jobs", job, *path] = list(found[path])
    for path, origin in of_jobs:
        _lay(found, path, origin)
    return [Resolved(path=path, origins=tuple(reversed(found[path]))) for path in _in_order(found)]


def _in_order(found: Mapping[Path, Any]) -> list[Path]:
    """In the order of the schema, so that each field has its place."""
    fields = [*shape.schema()["properties"]["agents"]["additionalProperties"]["properties"]]
    return sorted(found, key=lambda path: fields.index(path[0]) if path[0] in fields else len(fields))


def _lay(found: dict[Path, list[Origin]], path: Path, origin: Origin) -> None:
    """Put what a layer says on top. A block and a single value in its place override one another."""
    for other in list(found):
        if other != path and (other[: len(path)] == path or path[: len(other)] == other):
            found.setdefault(path, []).extend(found.pop(other))
    found.setdefault(path, []).append(origin)


def _of_shared(document: Document, layer: Path, has_service: bool, jobs: list[str]) -> Iterator[tuple[Path, Origin]]:
    """What a layer that several agents share says of this one."""
    for path, origin in _leaves(document, layer, ()):
        block, *below = path
        if block in LAYERED or (block == "service" and has_service):
            yield path, origin
        elif block == "job":
            yield from ((("jobs", job, *below), origin) for job in jobs)


def _leaves(document: Document, layer: Path, path: Path) -> Iterator[tuple[Path, Origin]]:
    """Every value of a layer; mappings are combined, so that their fields count one by one."""
    if not document.has(*layer, *path):
        return
    value = document.value(*layer, *path)
    if isinstance(value, dict):
        for key in value:
            if (*path, key) != ("environments",):
                yield from _leaves(document, layer, (*path, key))
    else:
        yield path, Origin(layer=".".join(map(str, layer)), value=value, path=(*layer, *path))


# ---------------------------------------------------------------------------- what nobody wrote


def _built_in(name: str, own: Values, above: Values, has_service: bool) -> Iterator[tuple[Path, Any]]:
    fields = shape.schema()["properties"]["agents"]["additionalProperties"]["properties"]
    for field, schema in fields.items():
        if field in ("jobs", "volumes"):
            entry = schema["additionalProperties"]
            for each in dict.fromkeys([*own.get(field, {}), *above.get(field, {})]):
                yield from _defaults(entry, (field, each))
        elif field != "environments" and (field != "service" or has_service):
            yield from _defaults(schema, (field,))
    yield ("config", "AGENT_NAME"), name
    yield ("config", "AGENT_TIER"), str(own["tier"])


def _defaults(schema: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """What holds in a block where nobody says anything, from the schema's own words."""
    block = resolved(schema)
    default = default_of(schema) or default_of(block)
    if path[-1] in ("requests", "limits"):
        cpu, _, memory = default.partition(" and ")
        yield from (((*path, "cpu"), scalar(cpu)), ((*path, "memory"), scalar(memory)))
    elif default and block.get("type") != "object":
        yield path, scalar(default)
    elif not default:  # the default of a job's `resources` is the agent's
        for name, field in block.get("properties", {}).items():
            yield from _defaults(field, (*path, name))


def _of_services(document: Document, tier: object, agent: str, environment: str) -> Iterator[tuple[Origin, Path]]:
    """The settings that come with what the agent talks to."""
    layers: list[Path] = [("agents", agent, "environments", environment), ("agents", agent)]
    layers += [("environments", environment), ("tiers", str(tier)), ("defaults",)]
    talks_to = next((layer for layer in layers if document.has(*layer, "talksTo")), None)
    if talks_to is None:
        return
    fleet = document.values["metadata"]["name"]
    services = platform.services(document.values.get("platform", {}), f"{fleet}-system", f"{fleet}-monitoring")
    for index, target in enumerate(document.value(*talks_to, "talksTo")):
        service = services.get(target) if isinstance(target, str) else None
        for key, value in (service.config if service else {}).items():
            written: Path = ("platform", "services", target, "config", key)
            path = written if document.has(*written) else (*talks_to, "talksTo", index)
            yield Origin(layer=f"with {target}", value=value, path=path), ("config", key)
