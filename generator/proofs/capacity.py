"""Capacity: whether everything that a namespace may run at once fits its ResourceQuota, its LimitRange and its cluster.

What counts as the worst is said in `demand`, what a pod takes in `pods`. The cluster is held against the worst as well:
the pod of a rollout that no node has room for waits as long as one that a quota refuses. It is not seen what else runs
on the cluster, what its nodes keep for themselves, or how pods of several sizes fill them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from generator.model import Cluster
from generator.proofs import edits, limitrange
from generator.proofs.demand import Bound, Demand, Usage, bounds, demand, is_counted, of_cluster
from generator.proofs.edits import Edit, Misfit, at_least, at_most, number, shown, unit
from generator.proofs.evidence import Evidence
from generator.proofs.finding import Finding, Path, of_agent
from generator.proofs.fitting import ways_out
from generator.proofs.pods import Workload


@dataclass(frozen=True)
class Row:
    """One key: what is asked for, and what there may be."""

    bound: Bound
    usage: Usage

    @property
    def headroom(self) -> Fraction:
        return self.bound.hard - self.usage.worst


@dataclass(frozen=True, kw_only=True)
class EnvironmentCapacity:
    """What one environment's namespace asks for."""

    name: str
    namespace: str
    rows: tuple[Row, ...]
    workloads: tuple[Workload, ...]


@dataclass(frozen=True, kw_only=True)
class CapacityReport:
    """Every environment in the order of the spec, and what does not fit."""

    environments: tuple[EnvironmentCapacity, ...]
    misfits: tuple[Misfit, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(misfit.finding for misfit in self.misfits)

    def as_json(self) -> dict[str, Any]:
        """The report as `capacity.schema.json` describes it."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
            "findings": [_misfit_json(misfit) for misfit in self.misfits],
        }


def prove(evidence: Evidence) -> CapacityReport:
    """What every namespace asks for, and all of it that is too much."""
    clusters = {environment.name: environment.cluster for environment in evidence.fleet.environments}
    environments: list[EnvironmentCapacity] = []
    misfits: list[Misfit] = []
    for compiled in evidence.environments:
        cluster, asked = clusters.get(compiled.environment), demand(compiled)
        every = list(bounds(compiled, cluster))
        rows = tuple(Row(bound, asked.usage(bound.counted)) for bound in every if is_counted(bound))
        environments.append(
            EnvironmentCapacity(
                name=compiled.environment, namespace=compiled.namespace, rows=rows, workloads=asked.workloads
            )
        )
        misfits += _too_much(rows, asked, compiled.environment)
        misfits += _unproved(every, asked, compiled.environment)
        misfits += _without_limits(every, asked, compiled.environment)
        misfits += limitrange.misfits(compiled, asked.workloads)
        misfits += limitrange.broken_ranges(compiled)
        if cluster:
            misfits += _too_large(cluster, asked, compiled.environment)
    return CapacityReport(
        environments=tuple(environments), misfits=tuple(sorted(misfits, key=lambda misfit: misfit.finding))
    )


# ---------------------------------------------------------------------------------------------------- quota and cluster


def _too_much(rows: tuple[Row, ...], asked: Demand, environment: str) -> Iterator[Misfit]:
    for row in rows:
        if row.headroom >= 0:
            continue
        choices = ways_out(row.bound, asked, environment)
        key, hard, hint = row.bound.key, shown(row.bound.key, row.bound.hard), edits.hint(choices, "ask for less of it")
        paths = _outward(row.bound.path or ("environments", environment, "quota"))
        if row.bound.quota:
            message = (
                f"{environment}: ResourceQuota {row.bound.quota} has {hard} of {key}, but {_asked(key, row.usage)}"
            )
            yield Misfit(Finding("quota-exceeded", paths, message, hint), choices)
        else:
            message = f"{environment}: the cluster has {hard} of {key}, but {_asked(key, row.usage)}"
            yield Misfit(Finding("cluster-full", paths, message, hint), choices)


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


def _unproved(every: list[Bound], asked: Demand, environment: str) -> Iterator[Misfit]:
    """What the sums would be silent about."""
    for bound in every:
        if not is_counted(bound):
            message = f"{environment}: ResourceQuota {bound.quota} limits {bound.key} in a way that is not counted here"
            paths = _outward(("environments", environment, "quota"))
            yield Misfit(Finding("quota-not-counted", paths, message, "take it out, or count it by hand"))
    for workload in asked.workloads:
        if workload.unbounded:
            message = f"{environment}: any number of runs of {workload.name} may go on at once, which no quota can hold"
            paths = of_agent(workload.owner, environment, "jobs", workload.part)
            yield Misfit(Finding("runs-unbounded", paths, message, "its concurrencyPolicy must be Forbid or Replace"))


def _without_limits(every: list[Bound], asked: Demand, environment: str) -> Iterator[Misfit]:
    """A quota on requests or limits refuses every pod with a container that does not set them."""
    for bound in every:
        side, _, resource = bound.counted.partition(".")
        if not bound.quota or side not in ("requests", "limits") or resource not in ("cpu", "memory"):
            continue
        for workload in asked.workloads:
            for container in workload.containers:
                if resource not in getattr(container, side):
                    message = (
                        f"{environment}: the container {container.name} of {workload.name} sets no {bound.counted}, "
                        f"which ResourceQuota {bound.quota} demands"
                    )
                    paths = limitrange.resource_paths([workload], environment, side, resource)
                    hint = f"set {'.'.join(map(str, limitrange.own_path(workload, environment, side, resource)))}"
                    yield Misfit(Finding("quota-needs-limits", paths, message, hint))


# ---------------------------------------------------------------------------------------------------------------- nodes


def _too_large(cluster: Cluster, asked: Demand, environment: str) -> Iterator[Misfit]:
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
                f"{environment}: a pod of {owner} requests {shown(bound.key, takes)} of {bound.key}, but one of the "
                f"cluster's {cluster.nodes} nodes has {shown(bound.key, bound.hard)}"
            )
            paths = limitrange.resource_paths(alike, environment, "requests", bound.key)
            yield Misfit(Finding("node-too-small", paths, message, edits.hint(choices, "")), choices)


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


def _outward(path: Path) -> tuple[Path, ...]:
    """The path, and those around it down to the environment's own."""
    return tuple(path[:length] for length in range(len(path), 1, -1))


# ----------------------------------------------------------------------------------------------------------------- JSON


def _environment_json(environment: EnvironmentCapacity) -> dict[str, Any]:
    return {
        "environment": environment.name,
        "namespace": environment.namespace,
        "keys": [_row_json(row) for row in environment.rows],
        "workloads": [_workload_json(workload) for workload in environment.workloads],
    }


def _row_json(row: Row) -> dict[str, Any]:
    key, usage = row.bound.key, row.usage
    figures = {
        "steady": usage.steady,
        "rollouts": usage.rollouts,
        "jobs": usage.jobs,
        "hooks": usage.hooks,
        "worst": usage.worst,
        "hard": row.bound.hard,
        "headroom": row.headroom,
    }
    return {
        "key": key,
        "boundBy": f"ResourceQuota/{row.bound.quota}" if row.bound.quota else "cluster",
        "unit": unit(key),
        **{name: number(key, amount) for name, amount in figures.items()},
    }


def _workload_json(workload: Workload) -> dict[str, Any]:
    return {
        "agent": workload.owner,
        "kind": workload.kind,
        "name": workload.name,
        "replicas": workload.replicas,
        "surge": workload.surge,
        "runs": workload.runs,
        "pod": {key: number(key, amount) for key, amount in workload.takes.items() if key != "pods"},
    }


def _misfit_json(misfit: Misfit) -> dict[str, Any]:
    finding = misfit.finding
    return {
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
        "edits": [edit.as_json() for edit in misfit.edits],
    }
