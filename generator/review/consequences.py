"""What a change means to people, environment by environment: the proofs of both sides, held against each other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator.proofs.access import rbac
from generator.proofs.access.rbac import Role, Subject
from generator.proofs.evidence import Evidence, Report
from generator.proofs.network import intervals
from generator.proofs.network.report import Edge, Endpoint, Kind
from generator.proofs.registry import PROOFS

Reports = Mapping[str, Report]


@dataclass(frozen=True, kw_only=True, order=True)
class Way:
    """Somebody may reach somebody else on these ports. `agents` are those of both ends.

    `by_address`: policies that know no names let, or still let, everybody public through on these ports, so that none
    is opened or closed.
    """

    source: str
    target: str
    ports: str
    agents: tuple[str, ...]
    by_address: bool = False


@dataclass(frozen=True, kw_only=True, order=True)
class Right:
    """Somebody may do something: `get and list pods`. `agent` is the agent whose account it is."""

    who: str  # ServiceAccount/ai-agents-prod/it-ops-agent
    may: str
    agent: str


@dataclass(frozen=True, kw_only=True, order=True)
class Key:
    """A remote key that has to exist, and whose Secret it goes into."""

    key: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class CostChange:
    """USD a month at the ceiling; None where there was, or will be, nothing. The budgets are for infrastructure."""

    before: Fraction | None
    after: Fraction | None
    budget_before: int | None
    budget: int | None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """The worst that may be asked for of one key, and the most there may be; None where it was, or is, not bounded."""

    key: str
    bound_by: str  # ResourceQuota/<name>, or cluster
    worst_before: Fraction | None
    worst: Fraction | None
    hard_before: Fraction | None
    hard: Fraction | None


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """What one environment gains and loses."""

    cost: CostChange
    agents: tuple[tuple[str, CostChange], ...]  # those whose cost or budget changes
    figures: tuple[Figure, ...]  # those that change
    ways_gained: tuple[Way, ...]
    ways_lost: tuple[Way, ...]
    rights_gained: tuple[Right, ...]
    rights_lost: tuple[Right, ...]
    keys_gained: tuple[Key, ...]
    keys_lost: tuple[Key, ...]


@dataclass(frozen=True, kw_only=True, order=True)
class Found:
    """What a proof finds on one side only."""

    rule: str
    message: str


def reports(evidence: Evidence) -> Reports:
    """What every proof says."""
    return {name: proof.prove(evidence) for name, proof in PROOFS.items()}


def of_environment(name: str, before: Reports, after: Reports) -> Consequences:
    """What changes in one environment, which either side may lack."""
    old_cost, new_cost = _cost(before, name), _cost(after, name)
    old_ways, new_ways = _edges(before, name), _edges(after, name)
    old_rights, new_rights = _subjects(before, name), _subjects(after, name)
    old_keys, new_keys = _keys(before, name), _keys(after, name)
    return Consequences(
        cost=_cost_change(old_cost, new_cost),
        agents=tuple(_agents(old_cost, new_cost)),
        figures=tuple(_figures(before, after, name)),
        ways_gained=_beyond(new_ways, old_ways),
        ways_lost=_beyond(old_ways, new_ways),
        rights_gained=tuple(_rights(new_rights, old_rights)),
        rights_lost=tuple(_rights(old_rights, new_rights)),
        keys_gained=tuple(sorted(new_keys - old_keys)),
        keys_lost=tuple(sorted(old_keys - new_keys)),
    )


def findings(before: Reports, after: Reports) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """What the proofs find that they did not, and what they find no longer."""
    old, new = (
        {Found(rule=one.rule, message=one.message) for report in side.values() for one in report.findings}
        for side in (before, after)
    )
    return tuple(sorted(new - old)), tuple(sorted(old - new))


# ----------------------------------------------------------------------------------------------------- cost and quota


def _cost(side: Reports, name: str) -> Any:
    report: Any = side["cost"]
    return next((environment for environment in report.environments if environment.name == name), None)


def _cost_change(before: Any, after: Any) -> CostChange:
    budgets = [
        sum((agent.budget or 0 for agent in side.agents), 0) or None if side else None for side in (before, after)
    ]
    return CostChange(
        before=before.cost.ceiling if before else None,
        after=after.cost.ceiling if after else None,
        budget_before=budgets[0],
        budget=budgets[1],
    )


def _agents(before: Any, after: Any) -> Iterator[tuple[str, CostChange]]:
    old, new = ({agent.name: agent for agent in side.agents} if side else {} for side in (before, after))
    for name in dict.fromkeys((*new, *old)):
        one, other = old.get(name), new.get(name)
        change = CostChange(
            before=one.cost.ceiling if one else None,
            after=other.cost.ceiling if other else None,
            budget_before=one.budget if one else None,
            budget=other.budget if other else None,
        )
        if change.before != change.after or change.budget_before != change.budget:
            yield name, change


def _figures(before: Reports, after: Reports, name: str) -> Iterator[Figure]:
    old, new = _rows(before, name), _rows(after, name)
    for key in dict.fromkeys((*new, *old)):
        (worst_before, hard_before), (worst, hard) = old.get(key, (None, None)), new.get(key, (None, None))
        if (worst_before, hard_before) != (worst, hard):
            yield Figure(
                key=key[1],
                bound_by=f"ResourceQuota/{key[0]}" if key[0] else "cluster",
                worst_before=worst_before,
                worst=worst,
                hard_before=hard_before,
                hard=hard,
            )


def _rows(side: Reports, name: str) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    report: Any = side["capacity"]
    return {
        (row.bound.quota, row.bound.key): (row.usage.worst, row.bound.hard)
        for environment in report.environments
        if environment.name == name
        for row in environment.rows
    }


# ------------------------------------------------------------------------------------------------------------- network


def _edges(side: Reports, name: str) -> list[Edge]:
    report: Any = side["network"]
    return [edge for edge in report.edges if name in edge.environments]


def _beyond(edges: Iterable[Edge], others: Iterable[Edge]) -> tuple[Way, ...]:
    """What `edges` open that `others` do not."""
    known: dict[tuple[Any, ...], list[Edge]] = {}
    public: dict[tuple[Any, ...], list[Edge]] = {}
    for other in others:
        known.setdefault((_who(other.source), _who(other.target)), []).append(other)
        if _is_public(other.target):
            public.setdefault(_who(other.source), []).append(other)
    found: dict[Way, None] = {}
    for edge in edges:
        ports = edge.ports
        for other in known.get((_who(edge.source), _who(edge.target)), ()):
            if _covers(other.source, edge.source) and _covers(other.target, edge.target):
                ports = intervals.difference(ports, other.ports)
        if ports:
            agents = tuple(end.name for end in (edge.source, edge.target) if end.kind is Kind.AGENT)
            rest = ports
            for other in public.get(_who(edge.source), ()) if _is_public(edge.target) else ():
                if _covers(other.source, edge.source):
                    rest = intervals.difference(rest, other.ports)
            way = Way(
                source=_end(edge.source),
                target=_end(edge.target),
                ports=intervals.ports_text(ports),
                agents=agents,
                by_address=not rest,
            )
            found[way] = None
    return tuple(sorted(found))


def _who(end: Endpoint) -> tuple[Any, ...]:
    # An agent's labels tell its version and team too; its pods are those of its name.
    return (end.kind, end.name, end.namespace, () if end.kind is Kind.AGENT else end.labels)


def _covers(one: Endpoint, other: Endpoint) -> bool:
    """Whether what one may reach, or be reached by, holds the other: all runs of an agent hold each of them."""
    runs = not one.runs or (bool(other.runs) and set(other.runs) <= set(one.runs))
    return (
        runs
        and (one.enforced == other.enforced or not one.enforced)
        and not intervals.difference(other.addresses, one.addresses)
    )


def _is_public(end: Endpoint) -> bool:
    """Whether its policies let every public address through, whatever the name."""
    return end.kind is Kind.INTERNET or (end.kind is Kind.HOST and not end.enforced)


def _end(end: Endpoint) -> str:
    return str(end) + ("" if end.enforced else " (by address)")


# --------------------------------------------------------------------------------------------- permissions and secrets


def _subjects(side: Reports, name: str) -> dict[Subject, Any]:
    report: Any = side["access"]
    return {
        access.subject: access
        for environment in report.environments
        if environment.name == name
        for access in environment.subjects
    }


def _rights(given: Mapping[Subject, Any], others: Mapping[Subject, Any]) -> Iterator[Right]:
    """What `given` lets anybody do that `others` do not."""
    for subject, access in sorted(given.items()):
        now, then = _by_namespace(access), _by_namespace(others.get(subject))
        who = "/".join(filter(None, (subject.kind, subject.namespace, subject.name)))
        for namespace, roles in now.items():
            others_roles = [*then.get(None, ()), *then.get(namespace, ())]
            known = [rule for role in others_roles for rule in role.rules]
            where = "" if namespace else " in every namespace"
            for role in roles:
                if role.built_in and role not in others_roles:  # its rules fill a page, and every cluster has it
                    may = f"do all that Kubernetes' own {role.kind} {role.name} allows{where}"
                    yield Right(who=who, may=may, agent=access.agent or "")
            urls = {rule.urls for rule in known}
            own = (rule for role in roles if not role.built_in for rule in role.rules)
            fresh = [rule for rule in own if not (rule.urls and rule.urls in urls)]
            for may in rbac.beyond(fresh, known):
                yield Right(who=who, may=may + where, agent=access.agent or "")


def _by_namespace(access: Any) -> dict[str | None, list[Role]]:
    found: dict[str | None, list[Role]] = {}
    for binding in access.bindings if access else ():
        if binding.role:
            found.setdefault(binding.namespace, []).append(binding.role)
    return found


def _keys(side: Reports, name: str) -> set[Key]:
    report: Any = side["secrets"]
    return {
        Key(key=f"{key.key}#{key.property}" if key.property else key.key, owner=key.owner)
        for environment in report.environments
        if environment.name == name
        for key in environment.keys
    }
