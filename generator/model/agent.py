"""One agent: what it runs, what it may do and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from generator.model.kubernetes import Kubernetes
from generator.model.network import Destination, FromAgent, Pods
from generator.model.secrets import SecretKeys
from generator.model.workload import Image, Resources, Rollout, Scheduling, Security, Volume


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """How many pods serve: fixed where both are equal, scaled in between otherwise."""

    min: int = 1
    max: int = 1


@dataclass(frozen=True, kw_only=True)
class Autoscaling:
    """When the HorizontalPodAutoscaler acts: average use in percent of the request."""

    cpu: int = 70
    memory: int | None = None
    tolerance: str | None = None  # Kubernetes 1.35
    scale_down_window: int = 300  # seconds


@dataclass(frozen=True, kw_only=True)
class Health:
    """The path that probes ask, and how long a start may take, in seconds."""

    path: str = "/health"
    startup: int = 300


class Routing(StrEnum):
    """How an exposed service is reached from outside: Gateway API (the default) or the older Ingress."""

    GATEWAY = "gateway"
    INGRESS = "ingress"


@dataclass(frozen=True, kw_only=True)
class Route:
    """How an exposed service is reached from outside."""

    routing: Routing
    host: str | None  # None in the base
    path: str = "/"
    timeout: int = 300  # seconds; a model takes its time
    class_name: str | None  # of the Ingress
    certificate_issuer: str | None = None  # cert-manager's ClusterIssuer, for the Ingress
    gateway: str  # of the HTTPRoute
    gateway_namespace: str
    proxies: Pods | None  # where the traffic comes from


@dataclass(frozen=True, kw_only=True)
class Service:
    """A long-running API."""

    port: int = 8080
    replicas: Replicas = Replicas()
    autoscaling: Autoscaling = Autoscaling()
    health: Health = Health()
    metrics_path: str = "/metrics"
    grace_period: int = 30  # seconds
    route: Route | None = None
    called_by: tuple[FromAgent | Pods, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Job:
    """A scheduled task. Never two at once; times in seconds."""

    name: str
    schedule: str
    time_zone: str = "Etc/UTC"
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    resources: Resources = Resources()
    duration: int = 3600  # what a run is expected to take; cost is charged by it
    deadline: int = 14400
    starting_deadline: int = 300
    retries: int = 1
    keep_finished: int = 86400
    suspend: bool = False
    metrics_port: int | None = None


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One rule of the agent's Role: what it may do with the Kubernetes API, in its own namespace."""

    api_groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    resource_names: tuple[str, ...] = ()


# Set by the pod itself, beside settings and secrets; `generator.resources.pods` writes them.
OWN_VARIABLES = ("AGENT_ENVIRONMENT", "POD_NAME", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What the agent may cost, in USD a month. Infrastructure without a budget is never over it."""

    infra: int | None = None
    ai: int = 0


@dataclass(frozen=True, kw_only=True)
class Agent:
    """One agent with every layer folded in, for one environment or for none."""

    name: str
    description: str
    tier: str
    team: str
    cost_center: str
    fleet: str
    framework_version: str
    kubernetes: Kubernetes
    image: Image
    resources: Resources = Resources()
    service: Service | None = None
    jobs: tuple[Job, ...] = ()
    volumes: tuple[Volume, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict)
    secrets: SecretKeys
    shared_secrets: tuple[str, ...] = ()  # the platform's secrets that its destinations take
    talks_to: tuple[Destination, ...] = ()
    sends_telemetry: bool = False
    permissions: tuple[Permission, ...] = ()
    identity: str | None = None  # cloud identity of its ServiceAccount
    budget: Budget
    rollout: Rollout = Rollout()
    scheduling: Scheduling = Scheduling()
    security: Security = Security()
    labels: Mapping[str, str] = field(default_factory=dict)
    image_pull_secret: str | None = None
    monitoring_namespace: str
