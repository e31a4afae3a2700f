"""The fleet as frozen values; every built-in default stands here, once. Never reads, never writes, holds no raw dict.

An `Agent` or `Namespace` is *resolved*: all layers of the spec are folded in, for one environment or, as the base, for
none. What differs by environment is a value here (a prefix, a host name), so no builder needs an environment's name.
Quantities (`500m`, `4Gi`) stay the text that a person wrote; `generator.quantities` does the arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple


class KubernetesVersion(NamedTuple):
    """A Kubernetes minor, comparable: `KubernetesVersion(1, 33) >= (1, 29)`."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> "KubernetesVersion":
        major, minor = text.split(".")
        return cls(int(major), int(minor))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Platform(StrEnum):
    """Where the cluster runs; decides storage classes, GPU scheduling and workload identity."""

    EKS = "eks"
    GKE = "gke"
    AKS = "aks"
    ONPREM = "onprem"


class Routing(StrEnum):
    """How an exposed service is reached from outside: Gateway API (the default) or the older Ingress."""

    GATEWAY = "gateway"
    INGRESS = "ingress"


class Sync(StrEnum):
    """Who syncs an environment: Argo CD, a person, or a person where the agent's tier says `approval: required`."""

    AUTO = "auto"
    BY_TIER = "byTier"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True)
class Kubernetes:
    """The cluster that manifests are compiled for."""

    version: KubernetesVersion
    platform: Platform
    api_server: tuple[str, ...] = ()  # CIDRs: its Service and its endpoints, since policies may apply after DNAT
    api_server_ports: tuple[int, ...] = (443, 6443)
    cilium: bool = False  # enforce host names by CiliumNetworkPolicy
    shared_storage_class: str | None
    single_storage_class: str | None = None  # None: the cluster's default class
    gpu_node_selector: Mapping[str, str] = field(default_factory=dict)


# ReadWriteMany classes as each platform's own driver documents them. None for GKE, whose own classes make no share
# below 100Gi: a fleet there names one of its own.
SHARED_STORAGE_CLASSES: Mapping[Platform, str] = MappingProxyType(
    {
        Platform.EKS: "efs-sc",
        Platform.AKS: "azurefile-csi",
        Platform.ONPREM: "nfs-client",
    }
)


# ------------------------------------------------------------------------------------------------------ what a pod gets


@dataclass(frozen=True, kw_only=True)
class Compute:
    """CPU in cores and memory in bytes, as Kubernetes quantities."""

    cpu: str
    memory: str


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What the scheduler reserves for one pod, and what it may use at most."""

    requests: Compute = Compute(cpu="100m", memory="256Mi")
    limits: Compute = Compute(cpu="1", memory="1Gi")
    gpu: int = 0  # whole NVIDIA GPUs; requests equal limits


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A PersistentVolumeClaim. Not shared: ReadWriteOnce, so one pod at a time may use it."""

    name: str
    size: str
    path: str
    shared: bool = False
    storage_class: str | None = None  # None: the platform's class for shared or single volumes


@dataclass(frozen=True, kw_only=True)
class Scheduling:
    """Where pods may run, beyond what GPUs ask for."""

    node_selector: Mapping[str, str] = field(default_factory=dict)
    priority_class: str | None = None


@dataclass(frozen=True, kw_only=True)
class Security:
    """The identity of the pods' processes. Everything else of Pod Security `restricted` is not up for choice."""

    run_as_user: int = 10001
    run_as_group: int = 10001
    user_namespaces: bool = False  # hostUsers: false


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a Deployment replaces its pods: counts of pods."""

    max_surge: int = 1
    max_unavailable: int = 0


# ---------------------------------------------------------------------------------------------------- who talks to whom


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Pods of a namespace, by label; None: the agent's own namespace."""

    namespace: str | None
    labels: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ToAgent:
    """Another agent's service, in the same environment."""

    agent: str
    port: int


@dataclass(frozen=True, kw_only=True)
class ToPods:
    """A shared service of the platform, such as telemetry, audit-db or cache."""

    pods: Pods
    ports: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ToHost:
    """A host on the internet, by name."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class ToNetwork:
    """An address range."""

    cidr: str
    port: int


@dataclass(frozen=True, kw_only=True)
class ToInternet:
    """Any public address."""

    port: int


@dataclass(frozen=True, kw_only=True)
class ToKubernetesApi:
    """The API server, at the addresses of `Kubernetes.api_server`."""


@dataclass(frozen=True, kw_only=True)
class FromAgent:
    """Another agent of the same environment that calls this one."""

    agent: str


Destination = ToAgent | ToPods | ToHost | ToNetwork | ToInternet | ToKubernetesApi


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One rule of the agent's Role: what it may do with the Kubernetes API, in its own namespace."""

    api_groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    resource_names: tuple[str, ...] = ()


# --------------------------------------------------------------------------------------------------- what an agent runs


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
    proxies: Pods  # where the traffic comes from


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
class SecretKeys:
    """Where a scope's secrets are kept: each at `prefix + name`, as one property of it where the store has those."""

    prefix: str
    property: str | None
    refresh_interval: str
    names: tuple[str, ...]

    def remote_key(self, name: str) -> str:
        return self.prefix + name


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What the agent may cost, in USD a month."""

    infra: int
    ai: int


@dataclass(frozen=True, kw_only=True)
class Image:
    """A container image, taken apart."""

    name: str
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, reference: str) -> "Image":
        """
        >>> Image.parse("localhost:5000/x:1.0@sha256:ab")
        Image(name='localhost:5000/x', tag='1.0', digest='sha256:ab')
        """
        rest, _, digest = reference.partition("@")
        head, slash, last = rest.rpartition("/")
        name, _, tag = last.partition(":")
        return cls(name=head + slash + name, tag=tag or None, digest=digest or None)

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


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


# ------------------------------------------------------------------------------------------------ what a namespace gets


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
class AwsStore:
    provider: Literal["aws"] = "aws"
    region: str
    service: str = "SecretsManager"


@dataclass(frozen=True, kw_only=True)
class AzureStore:
    provider: Literal["azure"] = "azure"
    vault_url: str
    tenant_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GcpStore:
    provider: Literal["gcp"] = "gcp"
    project_id: str


@dataclass(frozen=True, kw_only=True)
class VaultStore:
    provider: Literal["vault"] = "vault"
    server: str
    path: str = "secret"
    role: str
    mount_path: str = "kubernetes"


@dataclass(frozen=True, kw_only=True)
class FakeStore:
    """For local work: the store itself holds a made-up value for each key."""

    provider: Literal["fake"] = "fake"
    keys: tuple[str, ...]


SecretStore = AwsStore | AzureStore | GcpStore | VaultStore | FakeStore


@dataclass(frozen=True, kw_only=True)
class Team:
    """People who own agents: the group that the identity provider names."""

    name: str
    group: str


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


# ------------------------------------------------------------------------------------------------------------ the fleet


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
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    base_namespace: Namespace
    base_agents: tuple[Agent, ...]
    environments: tuple[Environment, ...]
