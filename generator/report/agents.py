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

    return tuple(
        _row(
            list(agents.values()) or [bases[name]],
            {
                environment: _Here(agent=agent, cost=costs[environment, name], by_hand=(environment, name) in by_hand)
                for environment, agent in agents.items()
            },
            fleet,
        )
        for name, agents in deployed.items()
    )


@dataclass(frozen=True, kw_only=True)
class _Here:
    """An agent in an environment, with what the proofs say of it there."""

    agent: Agent
    cost: Data
    by_hand: bool


def _row(shown: list[Agent], deployed: dict[str, _Here], fleet: Fleet) -> AgentRow:
    last = shown[-1]
    image = str(last.image) if len({agent.image for agent in shown}) == 1 else None
    jobs = _jobs(last) if len({_jobs(agent) for agent in shown}) == 1 else None
    environments = [environment.name for environment in fleet.environments]
    return AgentRow(
        name=last.name,
        description=last.description,
        tier=last.tier,
        team=last.team,
        cost_center=last.cost_center,
        approval=last.tier in fleet.tiers and fleet.tiers[last.tier].approval,
        image=image,
        jobs=jobs,
        cells=tuple((name, _cell(deployed[name], image, jobs) if name in deployed else None) for name in environments),
    )


def _cell(here: _Here, image: str | None, jobs: tuple[JobLine, ...] | None) -> Cell:
    """`image` and `jobs` are what the row says already."""
    return Cell(
        replicas=_replicas(here.agent),
        image=None if image else str(here.agent.image),
        jobs=None if jobs is not None else _jobs(here.agent),
        by_hand=here.by_hand,
        infra=money_bar(here.cost["cost"]["ceiling"], here.cost["infraBudget"]),
        ai=usd(here.cost["cost"]["ai"]),
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
