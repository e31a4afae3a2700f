"""Adds up what each agent, tier, team and cost centre comes to, and holds it against the budgets."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from generator.compiled import Compiled
from generator.model import Agent, Environment, Fleet, Pricing
from generator.names import cron_job
from generator.proofs import pods
from generator.proofs.cost import prices, schedules
from generator.proofs.cost.prices import Cost, total, usd
from generator.proofs.cost.report import CostReport, EnvironmentCost, GroupCost, OwnerCost
from generator.proofs.evidence import Evidence, Manifest
from generator.proofs.findings import Breach
from generator.proofs.places import of_agent
from generator.proofs.waivers import judged

HINT = "make it smaller, raise the budget, or add a waiver with a reason, an owner and an end"


def prove(evidence: Evidence) -> CostReport:
    """What the compiled objects cost, and every budget that they exceed."""
    fleet = evidence.fleet
    declared = {environment.name: environment for environment in fleet.environments}
    environments = tuple(
        _environment(compiled, declared[compiled.environment], fleet) for compiled in evidence.environments
    )
    breaches = ((environment.name, breach) for environment in environments for breach in _breaches(environment))
    findings, waived = judged(breaches, evidence)
    return CostReport(
        pricing=fleet.pricing,
        environments=environments,
        cost=total(environment.cost for environment in environments),
        findings=findings,
        waived=waived,
    )


# ------------------------------------------------------------------------------------------------------------ adding up


def _environment(compiled: Compiled, declared: Environment, fleet: Fleet) -> EnvironmentCost:
    agents = {agent.name: agent for agent in declared.agents}
    parts: dict[str, list[tuple[str, Cost]]] = {}
    for owner, name, cost in _parts(compiled, declared, fleet.pricing):
        if cost.ceiling:
            parts.setdefault(owner, []).append((name, cost))
    # What a namespace's agents share usually costs nothing by itself.
    owners = tuple(
        _owner(owner, objects[0], parts.get(owner, []), agents.get(owner))
        for owner, objects in compiled.objects.items()
        if owner in agents or owner in parts
    )
    tiers = {name: tier.monthly_budget for name, tier in fleet.tiers.items()}
    teams = {name: team.monthly_budget for name, team in fleet.teams.items()}
    return EnvironmentCost(
        name=compiled.environment,
        agents=owners,
        tiers=_grouped(owners, lambda owner: owner.tier, tiers),
        teams=_grouped(owners, lambda owner: owner.team, teams),
        cost_centers=_grouped(owners, lambda owner: owner.cost_center, {}),
        cost=total(owner.cost for owner in owners),
    )


def _parts(compiled: Compiled, declared: Environment, pricing: Pricing) -> Iterator[tuple[str, str, Cost]]:
    """What each object costs, with its owner, kind and name."""
    durations = {cron_job(agent.name, job.name): job.duration for agent in declared.agents for job in agent.jobs}
    scheduled = {manifest["metadata"]["name"]: manifest["spec"] for _, manifest in compiled.of_kind("CronJob")}
    for workload in pods.workloads(compiled):
        name, busy = workload.name, Fraction()
        if workload.kind == "CronJob":
            busy = schedules.busy(scheduled[name]["schedule"], durations[name])
        yield workload.owner, f"{workload.kind} {name}", prices.of_workload(workload, pricing, busy)
    for kind, of in (("PersistentVolumeClaim", prices.of_volume), ("Service", prices.of_service)):
        for owner, manifest in compiled.of_kind(kind):
            yield owner, f"{kind} {manifest['metadata']['name']}", of(manifest, pricing)


def _owner(name: str, labelled: Manifest, parts: list[tuple[str, Cost]], agent: Agent | None) -> OwnerCost:
    labels = labelled["metadata"]["labels"]
    infrastructure = total(cost for _, cost in parts)
    return OwnerCost(
        name=name,
        tier=labels["tier"],
        team=labels["team"],
        cost_center=labels["cost-center"],
        parts=tuple(parts),
        cost=replace(infrastructure, ai=Fraction(agent.budget.ai if agent else 0)),
        budget=agent.budget.infra if agent else None,
    )


def _grouped(
    owners: Iterable[OwnerCost], of: Callable[[OwnerCost], str], budgets: dict[str, int | None]
) -> tuple[GroupCost, ...]:
    groups: dict[str, list[OwnerCost]] = {}
    for owner in owners:
        groups.setdefault(of(owner), []).append(owner)
    return tuple(
        GroupCost(
            name=name, agents=tuple(members), cost=total(member.cost for member in members), budget=budgets.get(name)
        )
        for name, members in sorted(groups.items())
    )


# -------------------------------------------------------------------------------------------------------------- budgets


def _breaches(environment: EnvironmentCost) -> Iterator[Breach]:
    for agent in environment.agents:
        if agent.budget is not None and agent.cost.ceiling > agent.budget:
            parts = _largest((name, cost.ceiling) for name, cost in agent.parts)
            yield Breach(
                rule="over-agent-budget",
                paths=(of_agent(agent.name, environment.name, "budget", "infra"),),
                message=_over(agent.name, agent.cost.ceiling, parts, agent.budget),
                hint=HINT,
                whose={"agent": agent.name},
            )
    yield from _over_groups("over-tier-budget", "tier", environment.tiers)
    yield from _over_groups("over-team-budget", "team", environment.teams)


def _over_groups(rule: str, kind: str, groups: Iterable[GroupCost]) -> Iterator[Breach]:
    for group in groups:
        if group.budget is not None and group.cost.total > group.budget:
            parts = _largest((agent.name, agent.cost.total) for agent in group.agents)
            yield Breach(
                rule=rule,
                paths=((f"{kind}s", group.name, "monthlyBudget"),),
                message=_over(f"{kind} {group.name}", group.cost.total, f"with AI: {parts}", group.budget),
                hint=HINT,
                whose={kind: group.name},
            )


def _over(name: str, cost: Fraction, parts: str, budget: int) -> str:
    return f"{name} may cost {usd(cost)} a month ({parts}), {usd(cost - budget)} more than its budget of {usd(budget)}"


def _largest(parts: Iterable[tuple[str, Fraction]]) -> str:
    """The three that cost most, and how many more there are."""
    ranked = sorted(parts, key=lambda part: (-part[1], part[0]))
    shown = [f"{name} {usd(cost)}" for name, cost in ranked[:3]]
    return ", ".join([*shown, *([f"{len(ranked) - 3} more"] if len(ranked) > 3 else [])])
