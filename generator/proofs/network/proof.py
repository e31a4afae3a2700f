"""Holds what the policies open against what the spec declares, and words every difference."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from generator.model import ToHost
from generator.names import NAMESPACE_FOLDER
from generator.proofs.evidence import Evidence
from generator.proofs.findings import Breach, Breaches, joined
from generator.proofs.network import containment, facts, intervals, routes, services
from generator.proofs.network.declared import DNS_PORTS, api_ranges, hosts
from generator.proofs.network.facts import Blocked, Fact, first
from generator.proofs.network.reach import EGRESS, INGRESS
from generator.proofs.network.report import Edge, Endpoint, Kind, NetworkReport, Note
from generator.proofs.network.scene import Scene, scenes
from generator.proofs.places import Path, of_agent, of_environment

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
            *_undeclared(facts.by_agent(scene, untold)),
            *_blocked(facts.by_agent(scene, facts.blocked(scene))),
            *_unknown_names(scene),
        ):
            breaches.add(environment, breach)
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    for compiled in evidence.environments:
        for look in (services.breaches, routes.breaches, containment.breaches):
            for breach in look(compiled, declared[compiled.environment]):
                breaches.add(compiled.environment, breach)
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
        for port, cidr in api_ranges(agent):
            yield Note(agent=name, port=port, cidr=cidr, environments=(environment,))


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
        at = of_environment(name)
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
                    paths=(at if owner == NAMESPACE_FOLDER else of_agent(owner, name),),
                    message=f"{policy.kind} {policy.name} has {joined(policy.unread)}, which this proof cannot judge",
                    hint="say it in a NetworkPolicy",
                )
                yield name, breach


def _undeclared(found: Iterable[Fact]) -> Iterator[Found]:
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
            paths=(of_agent(agent, environment, *path),),
            message=f"nothing declares that {one} may reach {other} on {ports}, but it can",
            hint=f"declare it under {'.'.join(map(str, path))}, or mend the policy that opens it",
        )
        yield environment, breach


def _blocked(found: Iterable[Blocked]) -> Iterator[Found]:
    for fact in found:
        sides = [f"the {side} of {fact.source if side == 'egress' else fact.target}" for side in fact.closed]
        closed = f"{joined(sides)} {'is' if len(sides) == 1 else 'are'} closed"
        ports = intervals.ports_text(fact.ports)
        breach = Breach(
            rule="blocked-edge",
            paths=(of_agent(fact.agent, fact.environment, *fact.path),),
            message=f"{fact.source} is declared to reach {fact.target} on {ports}, but {closed}",
            hint=fact.advice,
        )
        yield fact.environment, breach


def _unknown_names(scene: Scene) -> Iterator[Found]:
    """Hosts that Cilium opens by a name whose addresses it would never learn."""
    found: dict[tuple[str, str, str, str], None] = {}
    for (environment, name), pods in scene.by_agent.items():
        agent = scene.agents.get((environment, name))
        if agent and agent.kubernetes.cilium:
            names = [to.host for to in agent.talks_to if isinstance(to, ToHost)]
            for pod in pods if names else ():
                for server in scene.dns_servers():
                    if intervals.difference(DNS_PORTS, scene.reach.read_answers(pod, server)):
                        found[environment, name, names[0], str(scene.end(server))] = None
    for environment, name, host, whose in found:
        breach = Breach(
            rule="answers-unread",
            paths=(of_agent(name, environment, "talksTo"),),
            message=f"{name} is declared to reach {host}, but Cilium does not read what {whose} answers it, so that "
            "the name would mean no address",
            hint="let a CiliumNetworkPolicy have rules for DNS there",
        )
        yield environment, breach
