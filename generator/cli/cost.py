"""`kustodian cost`: what the fleet may come to in a month, and whether that is within its budgets."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.cli.proving import proof_command
from generator.cli.tables import Row, aligned, markdown

if TYPE_CHECKING:
    from generator.proofs.cost.report import CostReport, EnvironmentCost, OwnerCost
    from generator.proofs.evidence import Proof


def _proof() -> "Proof":
    from generator.proofs import cost

    return cost


def _text(report: "CostReport") -> Iterator[str]:
    for title, rows in _tables(report):
        yield title
        yield from (f"  {line}" for line in aligned(rows))
        yield ""
    yield from _notes(report)


def _markdown(report: "CostReport") -> Iterator[str]:
    for title, rows in _tables(report):
        yield from (f"### {title}", "", *markdown(rows), "")
    yield from _notes(report)


def _tables(report: "CostReport") -> Iterator[tuple[str, list[Row]]]:
    """Every table by its title; the first row is the head."""
    for environment in report.environments:
        yield f"{environment.name}: infrastructure", list(_infrastructure(environment))
        yield f"{environment.name}: with AI", list(_groups(environment))
    if report.environments:
        yield f"{report.environments[-1].name}: budgets", list(_budgets(report.environments[-1]))


def _infrastructure(environment: "EnvironmentCost") -> Iterator[Row]:
    yield "Agent", "Reserved", "Expected", "Ceiling", "Budget", "Volumes", "GPUs"
    owners = [(agent.name, agent.cost, agent.budget) for agent in environment.agents]
    for name, cost, budget in (*owners, ("Total", environment.cost, None)):
        amounts = (cost.reserved, cost.expected, cost.ceiling, budget, cost.volumes, cost.gpus)
        yield name, *map(_usd, amounts)


def _groups(environment: "EnvironmentCost") -> Iterator[Row]:
    yield "Tier, team, cost centre", "Ceiling", "AI", "Total", "Budget"
    for kind, groups in (
        ("tier", environment.tiers),
        ("team", environment.teams),
        ("cost centre", environment.cost_centers),
    ):
        for group in groups:
            amounts = (group.cost.ceiling, group.cost.ai, group.cost.total, group.budget)
            yield f"{kind} {group.name}", *map(_usd, amounts)


def _budgets(environment: "EnvironmentCost") -> Iterator[Row]:
    """The deployment guide's table, of the environment that is promoted to last."""
    from generator.proofs.cost.prices import usd

    yield "Agent", "Tier", f"Monthly K8s cost ({environment.name})", "Monthly AI cost", "Total"
    infra = sum((_planned(agent) for agent in environment.agents), Fraction())
    for agent in environment.agents:
        computed = f"computed {_usd(agent.cost.ceiling)}" if agent.budget is not None else "no budget"
        planned, ai = _planned(agent), agent.cost.ai
        yield agent.name, agent.tier, f"{usd(planned)} ({computed})", usd(ai), usd(planned + ai)
    cost = environment.cost
    yield "Total", "", f"{usd(infra)} (computed {_usd(cost.ceiling)})", usd(cost.ai), usd(infra + cost.ai)


def _planned(agent: "OwnerCost") -> Fraction:
    """The budget of an agent's infrastructure, or what it may come to if it has none."""
    return agent.cost.ceiling if agent.budget is None else Fraction(agent.budget)


def _notes(report: "CostReport") -> Iterator[str]:
    yield "USD a month, up to the next cent. Reserved: the fewest replicas. Expected: jobs, too, while they run."
    yield "Ceiling: the most replicas, and every job at once. All three include the volumes."
    yield from map(str, report.waived)


def _usd(cost: Fraction | int | None) -> str:
    """What was computed, with its cents; a budget as it is written."""
    from generator.proofs.cost.prices import cents, usd

    if cost is None:
        return "-"
    return usd(cost) + (".00" if isinstance(cost, Fraction) and cents(cost) % 100 == 0 else "")


@proof_command("cost", _proof, _text, markdown=_markdown)
def command() -> None:
    """Work out what the fleet may cost, and fail if that is over a budget.

    Prices are those of the spec; what is counted is what the compiled objects request. The last table is that of the
    last environment.

    \b
    Examples:
      kustodian cost
      kustodian cost --format markdown
    """
