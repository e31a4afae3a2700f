"""What the network proof has worked out: open edges between endpoints, notes and findings."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from generator.proofs.findings import Finding, joined
from generator.proofs.network import intervals
from generator.proofs.network.intervals import Intervals


class Kind(StrEnum):
    """What an endpoint is."""

    AGENT = "agent"
    PODS = "pods"
    HOST = "host"
    INTERNET = "internet"
    KUBERNETES_API = "kubernetes-api"
    ADDRESSES = "addresses"


@dataclass(frozen=True, kw_only=True, order=True)
class Endpoint:
    """Who sends or receives. `runs` are those of an agent's workloads that are meant; none: all of them."""

    kind: Kind
    name: str
    runs: tuple[str, ...] = ()
    enforced: bool = True  # False for a host that its policies do not tell apart from any other public address
    addresses: Intervals = field(default=(), compare=False)
    namespace: str = field(default="", compare=False)
    labels: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.name}/{'+'.join(self.runs)}" if self.runs else self.name

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "name": self.name,
            "runs": list(self.runs),
            "namespace": self.namespace or None,
            "labels": dict(self.labels),
            "cidrs": intervals.cidrs(self.addresses),
            "enforced": self.enforced,
        }


@dataclass(frozen=True, kw_only=True, order=True)
class Edge:
    """The one end reaches the other on these ports, in these environments."""

    source: Endpoint
    target: Endpoint
    ports: Intervals
    declared: bool = True
    environments: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.source.as_json(),
            "to": self.target.as_json(),
            "ports": _ports_json(self.ports),
            "declared": self.declared,
            "environments": list(self.environments),
        }


@dataclass(frozen=True, kw_only=True, order=True)
class Note:
    """Something beside what an agent declares: every public address, since its policies do not tell hosts apart; or
    the Kubernetes API, since it is in a range of addresses.
    """

    agent: str
    port: int
    hosts: tuple[str, ...] = ()
    cidr: str = ""  # which holds the Kubernetes API
    environments: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.cidr:
            return f"{self.agent} may reach kubernetes-api on TCP {self.port}, since {self.cidr} holds its addresses"
        hosts = joined(self.hosts)
        return f"{self.agent} may open TCP {self.port} to every public address, not only to {hosts}"

    def as_json(self) -> dict[str, Any]:
        return {
            "agent": self.agent,
            "port": self.port,
            "hosts": list(self.hosts),
            "cidr": self.cidr or None,
            "message": str(self),
            "environments": list(self.environments),
        }


@dataclass(frozen=True, kw_only=True)
class NetworkReport:
    """Every open edge, said once for all environments that have it, in the order of the spec."""

    environments: tuple[tuple[str, tuple[str, ...]], ...]  # and their agents
    edges: tuple[Edge, ...]
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `report.schema.json` describes it, but for the findings."""
        return {
            "environments": [{"name": name, "agents": list(agents)} for name, agents in self.environments],
            "edges": [edge.as_json() for edge in self.edges],
            "notes": [note.as_json() for note in self.notes],
        }


def _ports_json(of: Intervals) -> list[dict[str, Any]]:
    return [{"protocol": protocol, "first": first, "last": last} for protocol, first, last in intervals.port_ranges(of)]
