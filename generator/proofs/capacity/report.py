"""What the capacity proof has worked out: what is asked for and what there is, key by key, and findings."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator.proofs.capacity.demand import Bound, Usage
from generator.proofs.edits import number, unit
from generator.proofs.findings import Finding
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
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `report.schema.json` describes it, but for the findings."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
        }


# ----------------------------------------------------------------------------------------------------------------- JSON


def _environment_json(environment: EnvironmentCapacity) -> dict[str, Any]:
    return {
        "name": environment.name,
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
