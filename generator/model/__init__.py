"""The fleet as frozen values; every built-in default stands here, once. Never reads, never writes, holds no raw dict.

An `Agent` or `Namespace` is *resolved*: all layers of the spec are folded in, for one environment or, as the base, for
none. What differs by environment is a value here (a prefix, a host name), so no builder needs an environment's name.
Quantities (`500m`, `4Gi`) stay the text that a person wrote; `generator.quantities` does the arithmetic.
"""

from generator.model.acknowledgement import Acknowledgement, is_change
from generator.model.agent import (
    OWN_VARIABLES,
    Agent,
    Autoscaling,
    Budget,
    Health,
    Job,
    Permission,
    Replicas,
    Route,
    Routing,
    Service,
)
from generator.model.cost import Pricing, Waiver
from generator.model.fleet import Cluster, Environment, Fleet, Freeze, GitOps, Sync, Tier
from generator.model.kubernetes import SHARED_STORAGE_CLASSES, Kubernetes, KubernetesVersion, Platform
from generator.model.namespace import ContainerLimits, Namespace, Quota, Team
from generator.model.network import (
    Destination,
    FromAgent,
    Pods,
    ToAgent,
    ToHost,
    ToInternet,
    ToKubernetesApi,
    ToNetwork,
    ToPods,
)
from generator.model.secrets import AwsStore, AzureStore, FakeStore, GcpStore, SecretKeys, SecretStore, VaultStore
from generator.model.workload import Compute, Image, Resources, Rollout, Scheduling, Security, Volume

__all__ = [
    "OWN_VARIABLES",
    "SHARED_STORAGE_CLASSES",
    "Acknowledgement",
    "Agent",
    "Autoscaling",
    "AwsStore",
    "AzureStore",
    "Budget",
    "Cluster",
    "Compute",
    "ContainerLimits",
    "Destination",
    "Environment",
    "FakeStore",
    "Fleet",
    "Freeze",
    "FromAgent",
    "GcpStore",
    "GitOps",
    "Health",
    "Image",
    "Job",
    "Kubernetes",
    "KubernetesVersion",
    "Namespace",
    "Permission",
    "Platform",
    "Pods",
    "Pricing",
    "Quota",
    "Replicas",
    "Resources",
    "Rollout",
    "Route",
    "Routing",
    "Scheduling",
    "SecretKeys",
    "SecretStore",
    "Security",
    "Service",
    "Sync",
    "Team",
    "Tier",
    "ToAgent",
    "ToHost",
    "ToInternet",
    "ToKubernetesApi",
    "ToNetwork",
    "ToPods",
    "VaultStore",
    "Volume",
    "Waiver",
    "is_change",
]
