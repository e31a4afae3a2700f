"""NetworkPolicy: opens what the agent declares; the namespace closes the rest and opens DNS.

A plain policy knows addresses, not host names: a declared host opens its port to every public address. Where Cilium
enforces policies, `ciliumnetworkpolicy` names the hosts instead. The internet is a matter of addresses there too, since
Cilium's own `world` holds private ones.
"""

from collections.abc import Iterable
from typing import assert_never

from generator import names
from generator.model import (
    Agent,
    Destination,
    FromAgent,
    Platform,
    Pods,
    Service,
    ToAgent,
    ToHost,
    ToInternet,
    ToKubernetesApi,
    ToNetwork,
    ToPods,
)
from generator.resources import Manifest

# What "the internet" is not: private, shared, link-local (cloud metadata!) and loopback ranges (RFC 6890), and NAT64
# (RFC 6052), by which an IPv6 address can stand for any IPv4 one.
NOT_PUBLIC = ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
NOT_PUBLIC_V6 = ("::1/128", "64:ff9b::/96", "fc00::/7", "fe80::/10")

# Where a pod with a cloud identity gets its tokens; the second address is that of clusters without Dataplane V2.
# Source: https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
GKE_METADATA_SERVER = (
    {"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}], "ports": [{"protocol": "TCP", "port": 80}]},
    {"to": [{"ipBlock": {"cidr": "169.254.169.252/32"}}], "ports": [{"protocol": "TCP", "port": 988}]},
)


def build(agent: Agent) -> list[Manifest]:
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": agent.name},
            "spec": {
                "podSelector": {"matchLabels": names.selector(agent.name)},
                "policyTypes": ["Ingress", "Egress"],
                "ingress": list(_ingress(agent)),
                "egress": _egress(agent),
            },
        }
    ]


def _ingress(agent: Agent) -> Iterable[Manifest]:
    prometheus = Pods(namespace=agent.monitoring_namespace, labels={"app.kubernetes.io/name": "prometheus"})
    if agent.service:
        yield {
            "from": [_peer(pods) for pods in (*_callers(agent.service), prometheus)],
            "ports": _ports(agent.service.port),
        }
    metrics = sorted({job.metrics_port for job in agent.jobs if job.metrics_port})
    if metrics:
        yield {"from": [_peer(prometheus)], "ports": _ports(*metrics)}


def _callers(service: Service) -> Iterable[Pods]:
    for caller in service.called_by:
        yield Pods(namespace=None, labels=names.selector(caller.agent)) if isinstance(caller, FromAgent) else caller
    if service.route and service.route.proxies:
        yield service.route.proxies


def _egress(agent: Agent) -> list[Manifest]:
    """One rule for each destination; hosts that a plain policy cannot tell apart are one rule for each port."""
    rules: list[Manifest] = []
    if agent.identity and agent.kubernetes.platform is Platform.GKE:
        rules += GKE_METADATA_SERVER
    for destination in agent.talks_to:
        rule = _rule(agent, destination)
        if rule and rule not in rules:
            rules.append(rule)
    return rules


def _rule(agent: Agent, destination: Destination) -> Manifest | None:
    match destination:
        case ToAgent(agent=name, port=port):
            return {"to": [_peer(Pods(namespace=None, labels=names.selector(name)))], "ports": _ports(port)}
        case ToPods(pods=pods, ports=ports):
            return {"to": [_peer(pods)], "ports": _ports(*ports)}
        case ToHost(port=port):
            return None if agent.kubernetes.cilium else {"to": _public(), "ports": _ports(port)}
        case ToInternet(port=port):
            return {"to": _public(), "ports": _ports(port)}
        case ToNetwork(cidr=cidr, port=port):
            return {"to": [{"ipBlock": {"cidr": cidr}}], "ports": _ports(port)}
        case ToKubernetesApi():
            # Cilium knows the API server by what it is; an address range does not match it there.
            if agent.kubernetes.cilium:
                return None
            api = agent.kubernetes
            return {
                "to": [{"ipBlock": {"cidr": cidr}} for cidr in api.api_server],
                "ports": _ports(*api.api_server_ports),
            }
    assert_never(destination)


def _public() -> list[Manifest]:
    return [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(NOT_PUBLIC)}},
        {"ipBlock": {"cidr": "::/0", "except": list(NOT_PUBLIC_V6)}},
    ]


def _peer(pods: Pods) -> Manifest:
    peer: Manifest = {"podSelector": {"matchLabels": dict(pods.labels)}}
    if pods.namespace:
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": pods.namespace}}} | peer
    return peer


def _ports(*ports: int) -> list[Manifest]:
    return [{"protocol": "TCP", "port": port} for port in ports]
