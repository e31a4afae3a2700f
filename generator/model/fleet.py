"""The fleet: its environments, tiers and repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from generator.model.acknowledgement import Acknowledgement
from generator.model.agent import Agent
from generator.model.cost import Pricing, Waiver
from generator.model.kubernetes import Kubernetes
from generator.model.namespace import Namespace, Team


class Sync(StrEnum):
    """Who syncs an environment: Argo CD, a person, or a person where the agent's tier says `approval: required`."""

    AUTO = "auto"
    BY_TIER = "byTier"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A governance tier: its budget in USD a month, and whether a person must sync it."""

    monthly_budget: int | None = None
    approval: bool = False


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A time in which Argo CD does not sync by itself; a person still may."""

    schedule: str
    duration: str
    time_zone: str = "Etc/UTC"
    reason: str


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The nodes of an environment, added up: cores and bytes."""

    nodes: int
    cpu: str
    memory: str
    storage: str


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment: its namespace, its agents, and how it is synced."""

    name: str
    server: str = "https://kubernetes.default.svc"
    sync: Sync = Sync.AUTO
    freezes: tuple[Freeze, ...] = ()
    cluster: Cluster | None = None
    namespace: Namespace
    agents: tuple[Agent, ...]


@dataclass(frozen=True, kw_only=True)
class GitOps:
    """The repository that Argo CD reads."""

    repo_url: str
    target_revision: str = "main"
    argocd_namespace: str = "argocd"
    path: str = ""  # where in the repository the generated folders are; "" is its root


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """Everything the spec says. `base_namespace` and `base_agents` are resolved for no environment."""

    name: str
    framework_version: str
    team: str
    cost_center: str
    gitops: GitOps
    kubernetes: Kubernetes
    registry: str | None = None
    pricing: Pricing
    waivers: tuple[Waiver, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)  # those of `teams`, with agents or without
    base_namespace: Namespace
    base_agents: tuple[Agent, ...]
    environments: tuple[Environment, ...]
