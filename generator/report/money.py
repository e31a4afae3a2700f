"""Money: what each environment comes to, the last one's budgets, and tiers, teams and cost centres against theirs."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.report.words import Bar, Data, money_bar, usd

_KINDS = (("Tiers", "tiers"), ("Teams", "teams"), ("Cost centres", "costCenters"))


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What an agent may cost in the last environment. Without a budget, what it may come to counts."""

    name: str
    tier: str
    infra: Bar
    planned: str
    ai: str
    total: str
    share: float  # of the whole, in percent


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """The last environment's budgets, added up."""

    environment: str
    agents: tuple[Planned, ...]
    whole: bool  # every agent has one
    infra: str
    ai: str
    total: str
    computed: str
    infra_share: float  # of the total, in percent


@dataclass(frozen=True, kw_only=True)
class Group:
    """A tier, a team or a cost centre, with AI, in each environment; None where it has no agent."""

    name: str
    bars: tuple[Bar | None, ...]


@dataclass(frozen=True, kw_only=True)
class Total:
    """What one environment comes to in a month."""

    environment: str
    reserved: str
    expected: str
    ceiling: str
    ai: str
    total: str


@dataclass(frozen=True, kw_only=True)
class Money:
    """Everything about cost."""

    budgets: Budgets
    kinds: tuple[tuple[str, tuple[Group, ...]], ...]
    totals: tuple[Total, ...]


def money(cost: Data) -> Money:
    """From the JSON of the cost proof."""
    environments = cost["environments"]
    return Money(
        budgets=_budgets(environments[-1]),
        kinds=tuple((title, tuple(_groups(environments, kind))) for title, kind in _KINDS),
        totals=tuple(_total(environment) for environment in environments),
    )


def _total(environment: Data) -> Total:
    cost = environment["cost"]
    figures = {name: usd(cost[name]) for name in ("reserved", "expected", "ceiling", "ai", "total")}
    return Total(environment=environment["name"], **figures)


def _budgets(environment: Data) -> Budgets:
    agents = environment["agents"]
    infra = sum(map(_planned, agents))
    ai = environment["cost"]["ai"]
    whole = infra + ai
    return Budgets(
        environment=environment["name"],
        agents=tuple(
            Planned(
                name=agent["name"],
                tier=agent["tier"],
                infra=money_bar(agent["cost"]["ceiling"], agent["infraBudget"]),
                planned=usd(_planned(agent)),
                ai=usd(agent["cost"]["ai"]),
                total=usd(_planned(agent) + agent["cost"]["ai"]),
                share=round((_planned(agent) + agent["cost"]["ai"]) / whole * 100, 1) if whole else 0.0,
            )
            for agent in agents
        ),
        whole=all(agent["infraBudget"] is not None for agent in agents),
        infra=usd(infra),
        ai=usd(ai),
        total=usd(whole),
        computed=usd(environment["cost"]["ceiling"]),
        infra_share=round(infra / whole * 100, 1) if whole else 0.0,
    )


def _planned(agent: Data) -> float:
    planned: float = agent["cost"]["ceiling"] if agent["infraBudget"] is None else agent["infraBudget"]
    return planned


def _groups(environments: list[Data], kind: str) -> Iterator[Group]:
    names = dict.fromkeys(group["name"] for environment in environments for group in environment[kind])
    for name in names:
        found = (next((one for one in environment[kind] if one["name"] == name), None) for environment in environments)
        bars = tuple(one and money_bar(one["cost"]["total"], one["budget"]) for one in found)
        yield Group(name=name, bars=bars)
