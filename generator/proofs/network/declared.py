"""What the spec declares: whom each agent may reach, who may reach it, and on which ports.

Restated here and not shared with the builders, so that a fault in theirs is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from generator.model import (
    Agent,
    Destination,
    Environment,
    FromAgent,
    Platform,
    Pods,
    Routing,
    ToAgent,
    ToHost,
    ToInternet,
    ToKubernetesApi,
    ToNetwork,
    ToPods,
)
from generator.proofs.network import intervals
from generator.proofs.network.intervals import Intervals
from generator.proofs.network.policies import KUBERNETES_API
from generator.proofs.network.report import Endpoint, Kind
from generator.proofs.places import Path

SERVICE = "service"  # the run that is no job

# RFC 1918, 6598, 1122, 3927 (cloud metadata, too), 4291, 6052 (by which an IPv6 address means any IPv4 one), 4193.
_PRIVATE = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("::1/128", "fe80::/10", "64:ff9b::/96", "fc00::/7"),
)
PUBLIC = intervals.difference(intervals.ALL_ADDRESSES, intervals.union(map(intervals.addresses, _PRIVATE)))

DNS = Pods(namespace="kube-system", labels={"k8s-app": "kube-dns"})
# As Cilium has it run: pods like any other, to which it redirects what is meant for kube-dns.
# Source: https://docs.cilium.io/en/stable/network/kubernetes/local-redirect-policy/#node-local-dns-cache
DNS_CACHE = Pods(namespace="kube-system", labels={"k8s-app": "node-local-dns"})
DNS_PORTS = intervals.union([intervals.ports("UDP", 53), intervals.ports("TCP", 53)])

# Source: https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
_GKE_METADATA = (("169.254.169.254/32", 80), ("169.254.169.252/32", 988))


@dataclass(frozen=True)
class Sibling:
    """An agent of the same environment: its service."""

    agent: str


@dataclass(frozen=True)
class Addresses:
    """A set of addresses, and what it stands for."""

    addresses: Intervals
    endpoint: Endpoint


@dataclass(frozen=True)
class Named:
    """What policies know by a name."""

    name: str
    endpoint: Endpoint


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """An agent reaches, or is reached by, the other. `path` leads from the agent to where the spec says so.

    Where only one of the agent's runs needs it, it is `run`; that the others have it too breaks nothing, since a policy
    is about all of an agent's pods.
    """

    path: Path
    ports: Intervals
    other: Sibling | Pods | Addresses | Named
    inward: bool = False
    run: str | None = None


def declarations(agent: Agent, environment: Environment) -> Iterator[Declaration]:
    """All that the spec declares of an agent in an environment."""
    yield Declaration(path=(), ports=DNS_PORTS, other=DNS)
    cache = environment.namespace.node_local_dns
    if agent.kubernetes.cilium and (cache or any(isinstance(to, ToHost) for to in agent.talks_to)):
        # Names are read off the answers of whoever gives them; nobody can know here which of the two that is.
        yield Declaration(path=(), ports=DNS_PORTS, other=DNS_CACHE)
    if cache:
        yield Declaration(path=(), ports=DNS_PORTS, other=_addresses(cache, "NodeLocal DNSCache"))
    if agent.identity and agent.kubernetes.platform is Platform.GKE:
        for cidr, port in _GKE_METADATA:
            other = _addresses(cidr, "GKE metadata server")
            yield Declaration(path=("identity",), ports=_tcp(port), other=other)
    for index, destination in enumerate(agent.talks_to):
        yield from _destination(agent, destination, ("talksTo", index))
    yield from _callers(agent)


def hosts(agent: Agent) -> dict[int, tuple[str, ...]]:
    """The hosts that the agent's policies cannot name, by port, where not every public address is declared anyway."""
    if agent.kubernetes.cilium:
        return {}
    internet = {destination.port for destination in agent.talks_to if isinstance(destination, ToInternet)}
    found: dict[int, dict[str, None]] = {}
    for destination in agent.talks_to:
        if isinstance(destination, ToHost) and destination.port not in internet:
            found.setdefault(destination.port, {})[destination.host] = None
    return {port: tuple(names) for port, names in found.items()}


def api_ranges(agent: Agent) -> Iterator[tuple[int, str]]:
    """The address ranges that hold the Kubernetes API and open a port of it, where the agent does not declare it."""
    if any(isinstance(destination, ToKubernetesApi) for destination in agent.talks_to):
        return
    api = intervals.union(map(intervals.addresses, agent.kubernetes.api_server))
    for destination in agent.talks_to:
        if not isinstance(destination, ToNetwork) or destination.port not in agent.kubernetes.api_server_ports:
            continue
        if intervals.intersection(intervals.addresses(destination.cidr), api):
            yield destination.port, destination.cidr


def _destination(agent: Agent, destination: Destination, path: Path) -> Iterator[Declaration]:
    kubernetes = agent.kubernetes
    match destination:
        case ToAgent(agent=name, port=port):
            yield Declaration(path=path, ports=_tcp(port), other=Sibling(name))
        case ToPods(pods=pods, ports=ports):
            yield Declaration(path=path, ports=_tcp(*ports), other=pods)
        case ToHost(host=host, port=port):
            endpoint = Endpoint(kind=Kind.HOST, name=host, enforced=kubernetes.cilium)
            other = Named(host, endpoint) if kubernetes.cilium else Addresses(PUBLIC, endpoint)
            yield Declaration(path=path, ports=_tcp(port), other=other)
        case ToInternet(port=port):
            internet = Endpoint(kind=Kind.INTERNET, name="internet")
            yield Declaration(path=path, ports=_tcp(port), other=Addresses(PUBLIC, internet))
        case ToNetwork(cidr=cidr, port=port):
            yield Declaration(path=path, ports=_tcp(port), other=_addresses(cidr, cidr))
        case ToKubernetesApi():
            ranges = intervals.union(map(intervals.addresses, kubernetes.api_server))
            known = intervals.NONE if kubernetes.cilium else ranges
            endpoint = Endpoint(kind=Kind.KUBERNETES_API, name="kubernetes-api", addresses=known)
            api = Named(KUBERNETES_API.name, endpoint) if kubernetes.cilium else Addresses(ranges, endpoint)
            yield Declaration(path=path, ports=_tcp(*kubernetes.api_server_ports), other=api)
        case _:
            assert_never(destination)


def _callers(agent: Agent) -> Iterator[Declaration]:
    prometheus = Pods(namespace=agent.monitoring_namespace, labels={"app.kubernetes.io/name": "prometheus"})
    for job in agent.jobs:
        if job.metrics_port:
            path = ("jobs", job.name, "metricsPort")
            ports = _tcp(job.metrics_port)
            yield Declaration(path=path, ports=ports, other=prometheus, inward=True, run=job.name)
    service = agent.service
    if not service:
        return
    # The spec lists those that are no agents; agents are callers where they say so themselves.
    listed = [caller for caller in service.called_by if not isinstance(caller, FromAgent)]
    callers: list[tuple[Path, Pods]] = [(("service", "calledBy", number), pods) for number, pods in enumerate(listed)]
    callers.append((("service",), prometheus))
    through = proxies(agent)
    if through:
        callers.append((("service", "expose"), through[0]))
    for way, pods in callers:
        yield Declaration(path=way, ports=_tcp(service.port), other=pods, inward=True, run=SERVICE)


def proxies(agent: Agent) -> tuple[Pods, str] | None:
    """The pods through which the agent is reached from outside, and what they are."""
    route = agent.service.route if agent.service else None
    if not route or not route.proxies:
        return None
    return route.proxies, "ingress" if route.routing is Routing.INGRESS else "gateway"


def _tcp(*ports: int) -> Intervals:
    return intervals.union(intervals.ports("TCP", port) for port in ports)


def _addresses(cidr: str, name: str) -> Addresses:
    found = intervals.addresses(cidr)
    return Addresses(found, Endpoint(kind=Kind.ADDRESSES, name=name, addresses=found))
