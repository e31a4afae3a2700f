"""What the agents of a namespace share."""

from dataclasses import dataclass

from generator.model.kubernetes import Kubernetes
from generator.model.secrets import SecretKeys, SecretStore
from generator.model.workload import Compute


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The ResourceQuota of a namespace."""

    requests: Compute
    limits: Compute
    volumes: int
    load_balancers: int = 0
    gpu: int = 0


@dataclass(frozen=True, kw_only=True)
class ContainerLimits:
    """The LimitRange of a namespace: what a container gets that asks for nothing, and what it may ask for."""

    default: Compute = Compute(cpu="500m", memory="512Mi")
    default_request: Compute = Compute(cpu="100m", memory="128Mi")
    max_cpu: str | None = None
    max_memory: str | None = None
    max_volume: str | None = None


@dataclass(frozen=True, kw_only=True)
class Team:
    """People who own agents: the group that the identity provider names, and a budget in USD a month."""

    name: str
    group: str
    monthly_budget: int | None = None


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """What every agent namespace has, for one environment or for none."""

    name: str
    fleet: str
    team: str
    cost_center: str
    framework_version: str
    kubernetes: Kubernetes
    node_local_dns: str | None = None
    quota: Quota | None = None
    container_limits: ContainerLimits = ContainerLimits()
    teams: tuple[Team, ...] = ()
    teams_operate: bool = False
    store: SecretStore
    store_identity: str | None = None
    shared_secrets: SecretKeys
