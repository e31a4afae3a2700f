"""Holds what a namespace asks for against its quota, its LimitRange and its cluster, and suggests what would fit."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from generator.model import Cluster
from generator.proofs import edits
from generator.proofs.capacity import limitrange, restated
from generator.proofs.capacity.demand import Bound, Demand, Usage, bounds, demand, is_counted, of_cluster
from generator.proofs.capacity.fitting import ways_out
from generator.proofs.capacity.report import CapacityReport, EnvironmentCapacity, Row
from generator.proofs.edits import Edit, at_least, at_most, shown, unit
from generator.proofs.evidence import Evidence
from generator.proofs.findings import Breach, Breaches
from generator.proofs.places import of_agent, of_environment
from generator.proofs.pods import Workload


def prove(evidence: Evidence) -> CapacityReport:
    """What every namespace asks for, and all of it that is too much."""
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    environments: list[EnvironmentCapacity] = []
    breaches = Breaches()
    for compiled in evidence.environments:
        environment, asked = declared.get(compiled.environment), demand(compiled)
        cluster = environment.cluster if environment else None
        every = list(bounds(compiled, cluster))
        rows = tuple(Row(bound, asked.usage(bound.counted)) for bound in every if is_counted(bound))
        environments.append(
            EnvironmentCapacity(
                name=compiled.environment, namespace=compiled.namespace, rows=rows, workloads=asked.workloads
            )
        )
        found = [
            *_too_much(rows, asked, compiled.environment),
            *_unproved(every, asked, compiled.environment),
            *_without_limits(every, asked, compiled.environment),
            *(restated.breaches(compiled, environment) if environment else ()),
            *limitrange.breaches(compiled, asked.workloads),
            *(_too_large(cluster, asked, compiled.environment) if cluster else ()),
        ]
        for breach in found:
            breaches.add(compiled.environment, breach)
    return CapacityReport(environments=tuple(environments), findings=tuple(sorted(breaches.findings())))


# ---------------------------------------------------------------------------------------------------- quota and cluster


def _too_much(rows: tuple[Row, ...], asked: Demand, environment: str) -> Iterator[Breach]:
    for row in rows:
        if row.headroom >= 0:
            continue
        choices = ways_out(row.bound, asked, environment)
        key, hard, hint = row.bound.key, shown(row.bound.key, row.bound.hard), edits.hint(choices, "ask for less of it")
        paths = (row.bound.path or of_environment(environment, "quota"),)
        if row.bound.quota:
            rule, whose = "quota-exceeded", f"ResourceQuota {row.bound.quota}"
        else:
            rule, whose = "cluster-full", "the cluster"
        message = f"{whose} has {hard} of {key}, but {_asked(key, row.usage)}"
        yield Breach(rule=rule, paths=paths, message=message, hint=hint, edits=choices)


def _asked(key: str, usage: Usage) -> str:
    """What needs it, so that a person sees where to save."""
    parts = (
        (usage.steady, "at full scale-out" if usage.steady != usage.worst or unit(key) != "count" else ""),
        (usage.rollouts, "while all roll out"),
        (usage.jobs, "for jobs"),
        (usage.hooks, "for hooks"),
    )
    told = [f"{shown(key, amount)} {why}" for amount, why in parts if amount and why]
    return f"up to {shown(key, usage.worst)} may be asked for" + (f": {', '.join(told)}" if told else "")


def _unproved(every: list[Bound], asked: Demand, environment: str) -> Iterator[Breach]:
    """What the sums would be silent about."""
    for bound in every:
        if not is_counted(bound):
            message = f"ResourceQuota {bound.quota} limits {bound.key} in a way that is not counted here"
            paths = (of_environment(environment, "quota"),)
            hint = "take it out, or count it by hand"
            yield Breach(rule="quota-not-counted", paths=paths, message=message, hint=hint)
    for workload in asked.workloads:
        if workload.unbounded:
            message = f"any number of runs of {workload.name} may go on at once, which no quota can hold"
            paths = (of_agent(workload.owner, environment, "jobs", workload.part),)
            hint = "its concurrencyPolicy must be Forbid or Replace"
            yield Breach(rule="runs-unbounded", paths=paths, message=message, hint=hint)


def _without_limits(every: list[Bound], asked: Demand, environment: str) -> Iterator[Breach]:
    """A quota on requests or limits refuses every pod with a container that does not set them."""
    for bound in every:
        side, _, resource = bound.counted.partition(".")
        if not bound.quota or side not in ("requests", "limits") or resource not in ("cpu", "memory"):
            continue
        for workload in asked.workloads:
            for container in workload.containers:
                if resource not in getattr(container, side):
                    message = (
                        f"the container {container.name} of {workload.name} sets no {bound.counted}, "
                        f"which ResourceQuota {bound.quota} demands"
                    )
                    paths = limitrange.resource_paths([workload], environment, side, resource)
                    hint = f"set {'.'.join(map(str, limitrange.own_path(workload, environment, side, resource)))}"
                    yield Breach(rule="quota-needs-limits", paths=paths, message=message, hint=hint)


# ---------------------------------------------------------------------------------------------------------------- nodes


def _too_large(cluster: Cluster, asked: Demand, environment: str) -> Iterator[Breach]:
    """Pods that no node could hold, were it empty; an agent's pods that are alike are told as one."""
    for bound in _of_a_node(cluster, environment):
        found: dict[tuple[str, Fraction], list[Workload]] = {}
        for workload in asked.workloads:
            takes = workload.takes.get(f"requests.{bound.key}", Fraction(0))
            if takes > bound.hard and workload.at_once:
                found.setdefault((workload.owner, takes), []).append(workload)
        for (owner, takes), alike in found.items():
            choices = _larger_or_smaller(bound, takes, alike, cluster.nodes, environment)
            message = (
                f"a pod of {owner} requests {shown(bound.key, takes)} of {bound.key}, but one of the "
                f"cluster's {cluster.nodes} nodes has {shown(bound.key, bound.hard)}"
            )
            paths = limitrange.resource_paths(alike, environment, "requests", bound.key)
            hint = edits.hint(choices, "")
            yield Breach(rule="node-too-small", paths=paths, message=message, hint=hint, edits=choices)


def _larger_or_smaller(
    bound: Bound, takes: Fraction, alike: list[Workload], nodes: int, environment: str
) -> tuple[Edit, ...]:
    smaller = None
    value, amount = at_most(bound.key, bound.hard)
    if amount and all(len(each.containers) == 1 and each.containers[0].requests[bound.key] == takes for each in alike):
        settings = tuple((limitrange.own_path(each, environment, "requests", bound.key), value) for each in alike)
        smaller = Edit(settings=settings, moves=takes - amount)
    whole = bound.hard * nodes
    raised, more = at_least(bound.key, takes * nodes, whole)
    return edits.smallest_first((smaller, edits.one(bound.path, raised, more - whole)))


def _of_a_node(cluster: Cluster, environment: str) -> Iterator[Bound]:
    for bound in of_cluster(cluster, environment):
        if bound.key != "storage":
            yield replace(bound, hard=bound.hard / cluster.nodes)
