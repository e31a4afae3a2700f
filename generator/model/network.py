"""Who talks to whom."""

from collections.abc import Mapping
from dataclasses import dataclass


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


Destination = ToAgent | ToPods | ToHost | ToNetwork | ToInternet | ToKubernetesApi


@dataclass(frozen=True, kw_only=True)
class FromAgent:
    """Another agent of the same environment that calls this one."""

    agent: str
