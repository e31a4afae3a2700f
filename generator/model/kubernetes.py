"""The clusters: their version, platform and storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


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


# ReadWriteMany classes as each platform's own driver documents them. None for GKE, whose own classes make no share
# below 100Gi: a fleet there names one of its own.
SHARED_STORAGE_CLASSES: Mapping[Platform, str] = MappingProxyType(
    {
        Platform.EKS: "efs-sc",
        Platform.AKS: "azurefile-csi",
        Platform.ONPREM: "nfs-client",
    }
)


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
