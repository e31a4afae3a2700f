"""What is open, whether it is declared, and what is declared and not open: pod by pod, then agent by agent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from generator.proofs.network import intervals
from generator.proofs.network.declared import PUBLIC, Addresses, Declaration, Named
from generator.proofs.network.intervals import ALL_ADDRESSES, Intervals
from generator.proofs.network.reach import EGRESS, INGRESS
from generator.proofs.network.regions import Regions, beyond
from generator.proofs.network.report import Endpoint, Kind
from generator.proofs.network.scene import Scene, Subject
from generator.proofs.places import Path

End = Subject | Endpoint


@dataclass(frozen=True, kw_only=True)
class Fact:
    """The one end reaches the other; an end of the fleet's is one workload of an agent, or all that are meant."""

    environment: str
    agent: str  # who declares it, or has to
    source: End
    target: End
    ports: Intervals
    declared: bool = True
    implied: bool = False  # by a wider fact of the same pods, so that it need not be told


@dataclass(frozen=True, kw_only=True)
class Blocked(Fact):
    """The one end must reach the other, as the spec says at `path` below the agent, and does not."""

    path: Path
    closed: tuple[str, ...]  # on which sides
    advice: str = "mend the policy that should open it"


Told = TypeVar("Told", Fact, Blocked)


def between_pods(scene: Scene) -> Iterator[Fact]:
    """All that is open within the cluster, to or from the fleet's pods."""
    subjects = range(len(scene.subjects))
    undeclared: list[tuple[int, int, Intervals]] = []
    wide: dict[tuple[int, str], list[tuple[int, Intervals]]] = {}
    for source, target in scene.reach.edges(subjects, among_wide=False):
        if scene.is_absent(source) or scene.is_absent(target):
            continue
        ports, allowed = scene.reach.open(source, target), scene.allowed(source, target)
        both, rest = intervals.intersection(ports, allowed), intervals.difference(ports, allowed)
        if both:
            yield _between(scene, source, target, both)
        if rest:
            undeclared.append((source, target, rest))
            if target not in subjects:
                wide.setdefault((source, EGRESS), []).append((target, rest))
            elif source not in subjects:
                wide.setdefault((target, INGRESS), []).append((source, rest))
    for source, target, rest in undeclared:
        implied = any(
            other != far and scene.covers(other, far) and not intervals.difference(rest, ports)
            for near, far, direction in ((source, target, EGRESS), (target, source, INGRESS))
            for other, ports in wide.get((near, direction), ())
        )
        yield replace(_between(scene, source, target, rest), declared=False, implied=implied)


def _between(scene: Scene, source: int, target: int, ports: Intervals) -> Fact:
    near = scene.end(source if source < len(scene.subjects) else target)
    assert isinstance(near, Subject)
    return Fact(
        environment=near.environment,
        agent=near.agent,
        source=scene.end(source),
        target=scene.end(target),
        ports=ports,
    )


def beyond_cluster(scene: Scene) -> Iterator[Fact]:
    """All addresses and names that are open to or from the fleet's pods."""
    for pod, subject in enumerate(scene.subjects):
        addresses: list[tuple[Intervals, Intervals]] = []
        names: dict[str, Intervals] = {}
        for declaration in scene.declarations[subject.environment, subject.agent]:
            other, ports = declaration.other, declaration.ports
            if not isinstance(other, Addresses | Named):
                continue
            if isinstance(other, Addresses):
                addresses.append((ports, other.addresses))
            else:
                names[other.name] = intervals.union([ports, names.get(other.name, intervals.NONE)])
            opened = intervals.difference(ports, _missing(scene, pod, declaration))
            if opened:
                yield _beyond(subject, other.endpoint, opened)
        yield from _undeclared_beyond(scene, pod, tuple(sorted(addresses)), names)


def _undeclared_beyond(scene: Scene, pod: int, addresses: Regions, names: dict[str, Intervals]) -> Iterator[Fact]:
    subject = scene.subjects[pod]
    for name, ports in scene.reach.names(pod).items():
        rest = intervals.difference(ports, names.get(name, intervals.NONE))
        if rest:
            yield replace(_beyond(subject, Endpoint(kind=Kind.HOST, name=name), rest), declared=False)
    for direction, regions in ((EGRESS, addresses), (INGRESS, ())):
        for open_ports, found in beyond(scene.reach.addresses(pod, direction), regions):
            fact = _beyond(subject, _range(found), open_ports)
            if direction == INGRESS:
                fact = replace(fact, source=fact.target, target=subject)
            yield replace(fact, declared=False)


def _beyond(subject: Subject, target: Endpoint, ports: Intervals) -> Fact:
    return Fact(environment=subject.environment, agent=subject.agent, source=subject, target=target, ports=ports)


def _range(found: Intervals) -> Endpoint:
    everything = {ALL_ADDRESSES: "every address", PUBLIC: "every public address"}
    name = everything.get(found) or first(intervals.cidrs(found))
    return Endpoint(kind=Kind.ADDRESSES, name=name, addresses=found)


def first(names: list[str], count: int = 3) -> str:
    """The first few, and how many more there are."""
    return ", ".join(names[:count]) + (f" and {len(names) - count} more" if len(names) > count else "")


# -------------------------------------------------------------------------------------------------- declared, not open


def blocked(scene: Scene) -> Iterator[Blocked]:
    """Every declaration that is not open as far as it goes."""
    for pod, subject in enumerate(scene.subjects):
        for declaration in scene.declarations[subject.environment, subject.agent]:
            if declaration.run not in (None, subject.run):
                continue
            if not isinstance(declaration.other, Addresses | Named):
                yield from _blocked_pods(scene, pod, declaration)
                continue
            missing = _missing(scene, pod, declaration)
            if missing:
                yield Blocked(
                    **vars(_beyond(subject, declaration.other.endpoint, missing)),
                    path=declaration.path,
                    closed=("egress",),
                )


def _missing(scene: Scene, pod: int, declaration: Declaration) -> Intervals:
    """The ports on which what is declared beyond the cluster is not open, or not all of it."""
    if isinstance(declaration.other, Named):
        return intervals.difference(declaration.ports, scene.reach.to_name(pod, declaration.other.name))
    assert isinstance(declaration.other, Addresses)
    open_ = scene.reach.to_addresses(pod).open_to_all(declaration.ports, declaration.other.addresses)
    return intervals.difference(declaration.ports, open_)


def _blocked_pods(scene: Scene, pod: int, declaration: Declaration) -> Iterator[Blocked]:
    subject = scene.subjects[pod]
    for other in scene.others(declaration, subject.environment):
        source, target = (other, pod) if declaration.inward else (pod, other)
        missing = intervals.difference(declaration.ports, scene.reach.open(source, target))
        if missing:
            sides = (("egress", source, target, EGRESS), ("ingress", target, source, INGRESS))
            closed = tuple(
                side
                for side, near, far, direction in sides
                if intervals.difference(missing, scene.reach.one_side(near, far, direction))
            )
            fact = replace(_between(scene, source, target, missing), environment=subject.environment)
            advice = scene.advice(declaration, subject, other)
            told = Blocked(**vars(fact) | {"agent": subject.agent}, path=declaration.path, closed=closed)
            yield replace(told, advice=advice) if advice else told


# ------------------------------------------------------------------------------------------------------- agent by agent


def by_agent(scene: Scene, facts: Iterable[Told]) -> Iterator[Told]:
    """The same, with the workloads of an agent together that it is true of alike."""
    found: dict[Told, dict[str, dict[str, None]]] = {}
    for fact in facts:
        key = replace(fact, source=_whole(fact.source), target=_whole(fact.target))
        found.setdefault(key, {}).setdefault(_run(fact.source), {})[_run(fact.target)] = None
    for key, targets in found.items():
        sources: dict[tuple[str, ...], list[str]] = {}
        for run, reached in targets.items():
            sources.setdefault(tuple(reached), []).append(run)
        for receivers, senders in sources.items():
            yield replace(
                key,
                source=_endpoint(scene, key.environment, key.source, tuple(senders)),
                target=_endpoint(scene, key.environment, key.target, receivers),
            )


def _whole(end: End) -> End:
    return replace(end, run="") if isinstance(end, Subject) else end


def _run(end: End) -> str:
    return end.run if isinstance(end, Subject) else ""


def _endpoint(scene: Scene, environment: str, end: End, runs: tuple[str, ...]) -> Endpoint:
    if isinstance(end, Endpoint):
        return end
    name = end.agent if end.environment == environment else f"{end.agent} of {end.environment}"
    every = {scene.subjects[pod].run for pod in scene.by_agent[end.environment, end.agent]}
    return Endpoint(kind=Kind.AGENT, name=name, runs=() if every == set(runs) else runs)
