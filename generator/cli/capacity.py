"""`kustodian capacity`: what the fleet may run at once, against its quotas and clusters."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.capacity.report import CapacityReport, EnvironmentCapacity
    from generator.proofs.evidence import Proof


def _proof() -> "Proof":
    from generator.proofs import capacity

    return capacity


def _text(report: "CapacityReport") -> Iterator[str]:
    for environment in report.environments:
        yield f"{environment.name} ({environment.namespace})"
        yield from (f"  {line}" for line in tables.aligned(list(_rows(environment))))
        yield ""
    yield from _notes()


def _markdown(report: "CapacityReport") -> Iterator[str]:
    for environment in report.environments:
        yield f"### {environment.name} (`{environment.namespace}`)"
        yield ""
        yield from tables.markdown(list(_rows(environment)))
        yield ""
    yield from _notes()


def _rows(environment: "EnvironmentCapacity") -> Iterator[tables.Row]:
    from generator.proofs.edits import shown

    yield "Key", "Steady", "Rollouts", "Jobs", "Hooks", "Worst", "Hard", "Headroom"
    for row in environment.rows:
        key, usage = row.bound.key, row.usage
        amounts = (usage.steady, usage.rollouts, usage.jobs, usage.hooks, usage.worst, row.bound.hard, row.headroom)
        name = key if row.bound.quota else f"cluster {key}"
        yield name, *(shown(key, amount) for amount in amounts)


def _notes() -> Iterator[str]:
    yield "Steady: every service at its most replicas. Worst: every rollout, job and hook on top of it, at once."


@proof_command("capacity", _proof, _text, markdown=_markdown)
def command() -> None:
    """Add up what may run at once, and fail where it does not fit.

    Held against the ResourceQuota, the LimitRange and the cluster of each environment. What does not fit is told with
    the smallest edits of the spec that would make it fit.

    \b
    Examples:
      kustodian capacity
      kustodian capacity --format markdown
    """
