"""Agents by environments: what each runs, who syncs it, and what it may cost there."""

from dataclasses import dataclass

from generator.model import Agent, Fleet
from generator.report.words import Bar, Data, money_bar, usd


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """A scheduled task of an agent."""

    name: str
    schedule: str
    time_zone: str
    suspended: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An agent in one environment. An image or jobs that are None are said once, in the row."""

    replicas: str | None  # None: it serves nothing
    image: str | None
    jobs: tuple[JobLine, ...] | None
    by_hand: bool
    infra: Bar
    ai: str


@dataclass(frozen=True, kw_only=True)
class AgentRow:
    """An agent, and what is the same of it everywhere; where it is not deployed, its cell is None."""

    name: str
    description: str
    tier: str
    team: str
    cost_center: str
    approval: bool
    image: str | None
    jobs: tuple[JobLine, ...] | None
    cells: tuple[tuple[str, Cell | None], ...]  # by environment


def rows(fleet: Fleet, cost: Data, order: Data) -> tuple[AgentRow, ...]:
    """Every agent, in the order of the spec."""
    costs = {
        (environment["name"], agent["name"]): agent
        for environment in cost["environments"]
        for agent in environment["agents"]
    }
    by_hand = {(one["environment"], one["owner"]) for one in order["applications"] if not one["automatic"]}
    bases = {agent.name: agent for agent in fleet.base_agents}
    deployed: dict[str, dict[str, Agent]] = {name: {} for name in bases}
    for environment in fleet.environments:
        for agent in environment.agents:
            deployed.setdefault(agent.name, {})[environment.name] = agent

    def row(name: str, agents: dict[str, Agent]) -> AgentRow:
        shown = list(agents.values()) or [bases[name]]
        last = shown[-1]
        image = str(last.image) if len({agent.image for agent in shown}) == 1 else None
        jobs = _jobs(last) if len({_jobs(agent) for agent in shown}) == 1 else None
        tier = fleet.tiers.get(last.tier)
        cells = (
            _cell(
                agents[environment.name],
                costs[environment.name, name],
                image,
                jobs,
                (environment.name, name) in by_hand,
            )
            if environment.name in agents
            else None
            for environment in fleet.environments
        )
        return AgentRow(
            name=name,
            description=last.description,
            tier=last.tier,
            team=last.team,
            cost_center=last.cost_center,
            approval=bool(tier and tier.approval),
            image=image,
            jobs=jobs,
            cells=tuple(zip((environment.name for environment in fleet.environments), cells, strict=True)),
        )

    return tuple(row(name, agents) for name, agents in deployed.items())


def _cell(agent: Agent, cost: Data, image: str | None, jobs: tuple[JobLine, ...] | None, by_hand: bool) -> Cell:
    return Cell(
        replicas=_replicas(agent),
        image=None if image else str(agent.image),
        jobs=None if jobs is not None else _jobs(agent),
        by_hand=by_hand,
        infra=money_bar(cost["cost"]["ceiling"], cost["infraBudget"]),
        ai=usd(cost["cost"]["ai"]),
    )


def _replicas(agent: Agent) -> str | None:
    if not agent.service:
        return None
    replicas = agent.service.replicas
    return str(replicas.min) if replicas.min == replicas.max else f"{replicas.min}\u2013{replicas.max}"


def _jobs(agent: Agent) -> tuple[JobLine, ...]:
    return tuple(
        JobLine(name=job.name, schedule=job.schedule, time_zone=job.time_zone, suspended=job.suspend)
        for job in agent.jobs
    )
