"""Network: who may reach whom, and on which port, from the compiled policies of all namespaces; and is it declared?

What is open must be what the spec declares, no more and no less. What cannot be seen from here: policies that others
bring into the cluster, addresses of pods (an address range is one outside the cluster), traffic of a pod with itself or
with its own node, which no policy closes, and whether anything listens.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from generator.names import NAMESPACE_FOLDER
from generator.proofs.breaches import Breach, Breaches, joined
from generator.proofs.evidence import Evidence
from generator.proofs.finding import Path
from generator.proofs.reachability import facts, intervals
from generator.proofs.reachability.declared import hosts
from generator.proofs.reachability.facts import Blocked, Fact, first
from generator.proofs.reachability.reach import EGRESS, INGRESS
from generator.proofs.reachability.report import Edge, Endpoint, Kind, NetworkReport, Note
from generator.proofs.reachability.scene import Scene, scenes

Said = TypeVar("Said", Edge, Note)


def prove(evidence: Evidence) -> NetworkReport:
    """Everything that is open, and every difference from what the spec declares."""
    breaches = Breaches()
    edges: list[Edge] = []
    notes: list[Note] = []
    for scene in scenes(evidence):
        found = [*facts.between_pods(scene), *facts.beyond_cluster(scene)]
        edges += map(_edge, facts.by_agent(scene, found))
        notes += _notes(scene)
        untold = [fact for fact in found if not fact.declared and not fact.implied]
        for environment, breach in (
            *_unsound(scene),
            *_undeclared(scene, facts.by_agent(scene, untold)),
            *_blocked(scene, facts.by_agent(scene, facts.blocked(scene))),
        ):
            breaches.add(environment, breach)
    order = [compiled.environment for compiled in evidence.environments]
    return NetworkReport(
        environments=tuple(
            (environment.name, tuple(agent.name for agent in environment.agents))
            for environment in evidence.fleet.environments
        ),
        edges=_merged(edges, order),
        notes=_merged(notes, order),
        findings=breaches.findings(),
    )


def _edge(fact: Fact) -> Edge:
    assert isinstance(fact.source, Endpoint)
    assert isinstance(fact.target, Endpoint)
    return Edge(
        source=fact.source,
        target=fact.target,
        ports=fact.ports,
        declared=fact.declared,
        environments=(fact.environment,),
    )


def _notes(scene: Scene) -> Iterator[Note]:
    for (environment, name), agent in scene.agents.items():
        for port, unnamed in hosts(agent).items():
            yield Note(agent=name, port=port, hosts=unnamed, environments=(environment,))


def _merged(said: Iterable[Said], order: Sequence[str]) -> tuple[Said, ...]:
    """Each once, with all its environments; first what is the same in most."""
    found: dict[Said, dict[str, None]] = {}
    for one in said:
        found.setdefault(replace(one, environments=()), {}).update(dict.fromkeys(one.environments))
    places = {environment: place for place, environment in enumerate(order)}
    merged = (
        replace(one, environments=tuple(sorted(environments, key=places.__getitem__)))
        for one, environments in found.items()
    )
    return tuple(
        sorted(merged, key=lambda one: (-len(one.environments), [places[name] for name in one.environments], one))
    )


# -------------------------------------------------------------------------------------------------------- what is wrong

Found = tuple[str, Breach]  # and its environment


def _unsound(scene: Scene) -> Iterator[Found]:
    """Policies that leave pods open, or that cannot be judged."""
    for name, environment in scene.environments.items():
        policies = [(owner, policy) for of, owner, policy in scene.policies if of == name]
        at: Path = ("environments", name)
        for direction in (INGRESS, EGRESS):
            if not any(direction in policy.grants and policy.pods.is_empty for _, policy in policies):
                breach = Breach(
                    rule="namespace-open",
                    paths=(at,),
                    message=f"no policy closes the {direction.lower()} of every pod of {environment.namespace.name}",
                    hint=f"let a NetworkPolicy with an empty podSelector have {direction} among its policyTypes",
                )
                yield name, breach
        for owner, policy in policies:
            if policy.unread:
                breach = Breach(
                    rule="unread-policy",
                    paths=(at,) if owner == NAMESPACE_FOLDER else _places(scene, name, owner),
                    message=f"{policy.kind} {policy.name} has {joined(policy.unread)}, which this proof cannot judge",
                    hint="say it in a NetworkPolicy",
                )
                yield name, breach


def _undeclared(scene: Scene, found: Iterable[Fact]) -> Iterator[Found]:
    """One breach for all that an agent may reach on the same ports, and for all by which it may be reached."""
    same: dict[tuple[str, str, bool, str, str], dict[str, None]] = {}
    for fact in found:
        outward = isinstance(fact.source, Endpoint) and fact.source.kind is Kind.AGENT
        near, far = (fact.source, fact.target) if outward else (fact.target, fact.source)
        key = (fact.environment, fact.agent, outward, str(near), intervals.ports_text(fact.ports))
        same.setdefault(key, {})[str(far)] = None
    for (environment, agent, outward, whose, ports), others in same.items():
        named = first(list(others))
        one, other = (whose, named) if outward else (named, whose)
        path: Path = ("talksTo",) if outward else ("service", "calledBy")
        breach = Breach(
            rule="undeclared-edge",
            paths=_places(scene, environment, agent, *path),
            message=f"nothing declares that {one} may reach {other} on {ports}, but it can",
            hint=f"declare it under {'.'.join(map(str, path))}, or mend the policy that opens it",
        )
        yield environment, breach


def _blocked(scene: Scene, found: Iterable[Blocked]) -> Iterator[Found]:
    for fact in found:
        sides = [f"the {side} of {fact.source if side == 'egress' else fact.target}" for side in fact.closed]
        closed = f"{joined(sides)} {'is' if len(sides) == 1 else 'are'} closed"
        ports = intervals.ports_text(fact.ports)
        breach = Breach(
            rule="blocked-edge",
            paths=_places(scene, fact.environment, fact.agent, *fact.path),
            message=f"{fact.source} is declared to reach {fact.target} on {ports}, but {closed}",
            hint=fact.advice,
        )
        yield fact.environment, breach


def _places(scene: Scene, environment: str, agent: str, *path: str | int) -> tuple[Path, ...]:
    """Where the agent's value may be set, or the nearest one around it; the uppermost layer comes first."""
    own: Path = ("agents", agent)
    layers: list[Path] = [(*own, "environments", environment), own, ("environments", environment)]
    if (environment, agent) in scene.agents:
        layers.append(("tiers", scene.agents[environment, agent].tier))
    layers.append(("defaults",))
    return (*((*layer, *path[:depth]) for depth in range(len(path), 0, -1) for layer in layers), own)
