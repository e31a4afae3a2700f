"""What the cost proof has worked out: amounts in USD a month, findings, and what of those is waived."""

from dataclasses import dataclass
from typing import Any

from generator.model import Pricing
from generator.proofs.cost.prices import Cost, cents
from generator.proofs.cost.schedules import HOURS_A_MONTH
from generator.proofs.findings import Finding
from generator.proofs.waivers import Waived


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
    waived: tuple[Waived, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `report.schema.json` describes it, but for the findings."""
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
            "waived": [waived.as_json() for waived in self.waived],
        }


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
