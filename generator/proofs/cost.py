"""Cost: what each agent, tier, team and cost centre may come to in a month, and whether that is within its budget.

Infrastructure is priced by what the compiled objects request. What model providers charge cannot be read off them: an
agent's AI budget counts in full. Over budget is a finding, unless a waiver says otherwise until a day that has not
passed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from generator.compiled import Compiled
from generator.model import Agent, Environment, Fleet, Pricing, Waiver
from generator.names import cron_job
from generator.proofs import pods, prices, schedules
from generator.proofs.evidence import Evidence, Manifest
from generator.proofs.finding import Finding, of_agent
from generator.proofs.prices import Cost, cents, total, usd
from generator.proofs.schedules import HOURS_A_MONTH

HINT = "make it smaller, raise the budget, or add a waiver with a reason, an owner and an end"


@dataclass(frozen=True, kw_only=True)
class OwnerCost:
    """What one agent comes to, or what the agents of a namespace share. The budget is for infrastructure."""

    name: str
    tier: str
    team: str
    cost_center: str
    parts: tuple[tuple[str, Cost], ...]  # one for each object, by its name
    cost: Cost
    budget: int | None


@dataclass(frozen=True, kw_only=True)
class GroupCost:
    """What a tier, a team or a cost centre comes to. The budget is for infrastructure and AI together."""

    name: str
    agents: tuple[OwnerCost, ...]
    cost: Cost
    budget: int | None


@dataclass(frozen=True, kw_only=True)
class EnvironmentCost:
    """What one environment comes to, and who in it."""

    name: str
    agents: tuple[OwnerCost, ...]
    tiers: tuple[GroupCost, ...]
    teams: tuple[GroupCost, ...]
    cost_centers: tuple[GroupCost, ...]
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class CostReport:
    """What every environment comes to, in the order of the spec; what is over budget, and what of that is waived."""

    pricing: Pricing
    environments: tuple[EnvironmentCost, ...]
    cost: Cost
    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `cost.schema.json` describes it."""
        pricing = self.pricing
        return {
            "currency": "USD",
            "hoursAMonth": HOURS_A_MONTH,
            "prices": {
                "cpu": float(pricing.cpu),
                "memoryGi": float(pricing.memory_gi),
                "gpu": float(pricing.gpu),
                "storageGi": float(pricing.storage_gi),
                "sharedStorageGi": float(pricing.shared_storage_gi),
                "loadBalancer": float(pricing.load_balancer),
            },
            "environments": [_environment_json(environment) for environment in self.environments],
            "cost": _cost_json(self.cost),
            "findings": [_finding_json(finding) for finding in self.findings],
            "waived": [
                _finding_json(finding) | {"reason": waiver.reason, "owner": waiver.owner, "until": waiver.until}
                for finding, waiver in self.waived
            ],
        }


def prove(evidence: Evidence) -> CostReport:
    """What the compiled objects cost, and every budget that they exceed."""
    fleet = evidence.fleet
    declared = {environment.name: environment for environment in fleet.environments}
    environments = tuple(
        _environment(compiled, declared[compiled.environment], fleet) for compiled in evidence.environments
    )
    breaches = [breach for environment in environments for breach in _breaches(environment)]
    judged = list(_judged(breaches, fleet.waivers, evidence.today))
    return CostReport(
        pricing=fleet.pricing,
        environments=environments,
        cost=total(environment.cost for environment in environments),
        findings=tuple(finding for finding, waiver in judged if not waiver),
        waived=tuple((finding, waiver) for finding, waiver in judged if waiver),
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


@dataclass(frozen=True, kw_only=True)
class _Breach:
    """A budget that is exceeded, and whose it is."""

    finding: Finding
    subject: str
    environment: str


def _breaches(environment: EnvironmentCost) -> Iterator[_Breach]:
    for agent in environment.agents:
        if agent.budget is not None and agent.cost.ceiling > agent.budget:
            parts = _largest((name, cost.ceiling) for name, cost in agent.parts)
            message = _over(agent.name, environment.name, agent.cost.ceiling, parts, agent.budget)
            paths = of_agent(agent.name, environment.name, "budget", "infra")
            finding = Finding("over-agent-budget", paths, message, HINT)
            yield _Breach(finding=finding, subject=agent.name, environment=environment.name)
    yield from _over_groups("over-tier-budget", "tier", environment.tiers, environment.name)
    yield from _over_groups("over-team-budget", "team", environment.teams, environment.name)


def _over_groups(rule: str, kind: str, groups: Iterable[GroupCost], environment: str) -> Iterator[_Breach]:
    for group in groups:
        if group.budget is not None and group.cost.total > group.budget:
            parts = _largest((agent.name, agent.cost.total) for agent in group.agents)
            message = _over(f"{kind} {group.name}", environment, group.cost.total, f"with AI: {parts}", group.budget)
            finding = Finding(rule, ((f"{kind}s", group.name, "monthlyBudget"),), message, HINT)
            yield _Breach(finding=finding, subject=group.name, environment=environment)


def _judged(
    breaches: Iterable[_Breach], waivers: Iterable[Waiver], today: date
) -> Iterator[tuple[Finding, Waiver | None]]:
    """Each breach with the waiver that holds for it, if one does."""
    known: dict[tuple[str, str | None], list[Waiver]] = {}
    for waiver in waivers:
        known.setdefault((waiver.rule, waiver.subject), []).append(waiver)
    for breach in breaches:
        finding = breach.finding
        of_it = known.get((finding.rule, breach.subject), ())
        fitting = [waiver for waiver in of_it if waiver.environment in (None, breach.environment)]
        last = max(fitting, key=lambda waiver: waiver.until, default=None)
        if last and last.until < today.isoformat():
            yield replace(finding, message=f"{finding.message}; its waiver ended on {last.until}"), None
        else:
            yield finding, last


def _over(name: str, environment: str, cost: Fraction, parts: str, budget: int) -> str:
    return (
        f"{name} may cost {usd(cost)} a month in {environment} ({parts}), "
        f"{usd(cost - budget)} more than its budget of {usd(budget)}"
    )


def _largest(parts: Iterable[tuple[str, Fraction]]) -> str:
    """The three that cost most, and how many more there are."""
    ranked = sorted(parts, key=lambda part: (-part[1], part[0]))
    shown = [f"{name} {usd(cost)}" for name, cost in ranked[:3]]
    return ", ".join([*shown, *([f"{len(ranked) - 3} more"] if len(ranked) > 3 else [])])


# ----------------------------------------------------------------------------------------------------------------- JSON


def _environment_json(environment: EnvironmentCost) -> dict[str, Any]:
    return {
        "name": environment.name,
        "agents": [
            {
                "name": agent.name,
                "tier": agent.tier,
                "team": agent.team,
                "costCenter": agent.cost_center,
                "cost": _cost_json(agent.cost),
                "infraBudget": agent.budget,
                "objects": [{"name": name, "cost": _cost_json(cost)} for name, cost in agent.parts],
            }
            for agent in environment.agents
        ],
        "tiers": [_group_json(group) for group in environment.tiers],
        "teams": [_group_json(group) for group in environment.teams],
        "costCenters": [_group_json(group) for group in environment.cost_centers],
        "cost": _cost_json(environment.cost),
    }


def _group_json(group: GroupCost) -> dict[str, Any]:
    agents = [agent.name for agent in group.agents]
    return {"name": group.name, "agents": agents, "cost": _cost_json(group.cost), "budget": group.budget}


def _cost_json(cost: Cost) -> dict[str, float]:
    amounts = {
        "reserved": cost.reserved,
        "expected": cost.expected,
        "ceiling": cost.ceiling,
        "volumes": cost.volumes,
        "loadBalancers": cost.load_balancers,
        "gpus": cost.gpus,
        "ai": cost.ai,
        "total": cost.total,
    }
    return {name: cents(amount) / 100 for name, amount in amounts.items()}


def _finding_json(finding: Finding) -> dict[str, str]:
    return {"rule": finding.rule, "message": finding.message, "hint": finding.hint}
