"""What network policies allow, one question at a time, straight from the definition of the Kubernetes API.

Shares nothing with `generator.proofs`: no index, no sets of ports, no selector that it reads beforehand.

Source: the comments of kubernetes/api/networking/v1/types.go and apimachinery/pkg/apis/meta/v1/types.go.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Manifest = dict[str, Any]


@dataclass
class SomePod:
    """A pod of a namespace, with its labels and its containers' ports."""

    namespace: str
    labels: dict[str, str] = field(default_factory=dict)
    ports: list[Manifest] = field(default_factory=list)


@dataclass
class Reference:
    """A cluster: the labels of its namespaces, and its NetworkPolicies."""

    namespaces: dict[str, dict[str, str]]
    policies: list[Manifest]

    def between(self, source: SomePod, target: SomePod, protocol: str, port: int) -> bool:
        """Whether one pod may open a connection to the other."""
        return self.egress(source, target, protocol, port) and self.ingress(target, source, protocol, port)

    def egress(self, source: SomePod, target: SomePod | str, protocol: str, port: int) -> bool:
        """Whether the source's side allows it; the target is a pod or an address."""
        return self._allows(source, target, target, "Egress", "egress", "to", protocol, port)

    def ingress(self, target: SomePod, source: SomePod | str, protocol: str, port: int) -> bool:
        """Whether the target's side allows it; the source is a pod or an address."""
        return self._allows(target, source, target, "Ingress", "ingress", "from", protocol, port)

    def _allows(
        self,
        pod: SomePod,
        peer: SomePod | str,
        receiver: SomePod | str,
        direction: str,
        section: str,
        side: str,
        protocol: str,
        port: int,
    ) -> bool:
        isolated = False
        for policy in self.policies:
            spec = policy["spec"]
            if policy["metadata"]["namespace"] != pod.namespace:
                continue
            if not selects(spec.get("podSelector", {}), pod.labels):
                continue
            types = spec.get("policyTypes") or []
            if not types:
                types = ["Ingress"]
                if len(spec.get("egress") or []) > 0:
                    types = ["Ingress", "Egress"]
            if direction not in types:
                continue
            isolated = True
            for rule in spec.get(section) or []:
                peers, ports = rule.get(side) or [], rule.get("ports") or []
                at_peer = len(peers) == 0 or any(
                    self._is_peer(one, peer, policy["metadata"]["namespace"]) for one in peers
                )
                on_port = len(ports) == 0 or any(is_port(one, receiver, protocol, port) for one in ports)
                if at_peer and on_port:
                    return True
        return not isolated

    def _is_peer(self, peer: Manifest, other: SomePod | str, namespace: str) -> bool:
        if isinstance(other, str):
            return "ipBlock" in peer and in_block(peer["ipBlock"], other)
        if "ipBlock" in peer:
            return False
        if "namespaceSelector" in peer and "podSelector" in peer:
            return selects(peer["namespaceSelector"], self.namespaces[other.namespace]) and selects(
                peer["podSelector"], other.labels
            )
        if "namespaceSelector" in peer:
            return selects(peer["namespaceSelector"], self.namespaces[other.namespace])
        return other.namespace == namespace and selects(peer["podSelector"], other.labels)


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """All of matchLabels and of matchExpressions must hold; an empty selector selects everything."""
    for key, value in selector.get("matchLabels", {}).items():
        if key not in labels or labels[key] != value:
            return False
    for expression in selector.get("matchExpressions", []):
        key, operator = expression["key"], expression["operator"]
        if operator == "In" and not (key in labels and labels[key] in expression["values"]):
            return False
        if operator == "NotIn" and key in labels and labels[key] in expression["values"]:
            return False
        if operator == "Exists" and key not in labels:
            return False
        if operator == "DoesNotExist" and key in labels:
            return False
    return True


def in_block(block: Manifest, address: str) -> bool:
    def inside(cidr: str) -> bool:
        network, one = ip_network(cidr), ip_address(address)
        return network.version == one.version and one in network

    return inside(block["cidr"]) and not any(inside(cidr) for cidr in block.get("except", []))


def is_port(written: Manifest, receiver: SomePod | str, protocol: str, port: int) -> bool:
    """Whether a rule's port means this one; a name is that of a port of the receiving pod's containers."""
    if written.get("protocol", "TCP") != protocol:
        return False
    if "port" not in written:
        return True
    if isinstance(written["port"], str):
        return isinstance(receiver, SomePod) and any(
            (one["name"], one.get("protocol", "TCP"), one["containerPort"]) == (written["port"], protocol, port)
            for one in receiver.ports
        )
    if "endPort" in written:
        return bool(written["port"] <= port <= written["endPort"])
    return bool(written["port"] == port)


def any_port(reference: Reference, source: SomePod, target: SomePod, ports: Iterable[tuple[str, int]]) -> bool:
    return any(reference.between(source, target, protocol, port) for protocol, port in ports)
