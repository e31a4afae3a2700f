"""Reads network policies: whom each selects, and what it opens to them. It judges nothing.

Of a CiliumNetworkPolicy it reads the fields that the builder writes, and names every other one as unread.

Sources: kubernetes/api/networking/v1/types.go (what is absent, what is empty), kubernetes/pkg/apis/networking/v1/
defaults.go (policyTypes, protocol), https://docs.cilium.io/en/stable/security/policy/language/
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.proofs.evidence import Manifest
from generator.proofs.network import intervals
from generator.proofs.network.intervals import Intervals
from generator.proofs.network.selectors import Selector, selector
from generator.proofs.network.unread import unread

NAME_LABEL = "kubernetes.io/metadata.name"  # every namespace has it
KINDS = ("NetworkPolicy", "CiliumNetworkPolicy")
DIRECTIONS = ("Ingress", "Egress")


@dataclass(frozen=True)
class PodPeer:
    """Pods: of one namespace by its name, or of every namespace whose labels are selected."""

    namespaces: str | Selector
    pods: Selector


@dataclass(frozen=True)
class AddressPeer:
    """Addresses outside the cluster; those of pods are not known before they run."""

    addresses: Intervals


@dataclass(frozen=True)
class NamePeer:
    """What Cilium knows by name: a host, or the Kubernetes API."""

    name: str


@dataclass(frozen=True)
class Everyone:
    """Every pod and every address."""


EVERYONE = Everyone()
KUBERNETES_API = NamePeer("kubernetes-api")

Peer = PodPeer | AddressPeer | NamePeer | Everyone


@dataclass(frozen=True)
class Ports:
    """Ports by number, and by the name that a container of the destination gives them."""

    numbers: Intervals
    named: tuple[tuple[str, str], ...] = ()  # protocol, name


EVERY_PORT = Ports(intervals.ALL_PORTS)


@dataclass(frozen=True)
class Grant:
    """One rule: it opens these ports between the selected pods and any of these peers."""

    peers: tuple[Peer, ...]
    ports: Ports
    reads_answers: bool = False  # Cilium takes the addresses of names from the DNS answers that pass here


ALL = Grant((EVERYONE,), EVERY_PORT)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy: in each of its directions, the selected pods are closed but for its grants."""

    kind: str
    name: str
    namespace: str
    pods: Selector
    grants: Mapping[str, tuple[Grant, ...]]  # by direction
    unread: tuple[str, ...] = ()  # what it says beside, by its path


def read(manifest: Manifest) -> Policy:
    """A NetworkPolicy or a CiliumNetworkPolicy as it stands in its namespace."""
    return _kubernetes(manifest) if manifest["kind"] == "NetworkPolicy" else _cilium(manifest)


def _kubernetes(manifest: Manifest) -> Policy:
    spec, namespace = manifest["spec"], manifest["metadata"]["namespace"]
    types = spec.get("policyTypes") or (DIRECTIONS if spec.get("egress") else DIRECTIONS[:1])
    rules = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}
    return Policy(
        kind=manifest["kind"],
        name=manifest["metadata"]["name"],
        namespace=namespace,
        pods=selector(spec.get("podSelector")),
        grants={
            direction: tuple(_grant(rule, side, namespace) for rule in spec.get(key) or ())
            for direction, (key, side) in rules.items()
            if direction in types
        },
    )


def _grant(rule: Manifest, side: str, namespace: str) -> Grant:
    peers = tuple(_peer(peer, namespace) for peer in rule.get(side) or ())
    ports = rule.get("ports") or ()
    return Grant(peers or (EVERYONE,), _ports(ports) if ports else EVERY_PORT)


def _peer(peer: Manifest, namespace: str) -> Peer:
    block = peer.get("ipBlock")
    if block:
        return AddressPeer(intervals.addresses(block["cidr"], tuple(block.get("except") or ())))
    spaces = peer.get("namespaceSelector")
    return PodPeer(namespace if spaces is None else selector(spaces), selector(peer.get("podSelector")))


def _ports(ports: Iterable[Manifest]) -> Ports:
    numbers, named = [], []
    for port in ports:
        protocol, number = port.get("protocol", "TCP"), port.get("port")
        if number is None:
            numbers.append(intervals.every_port(protocol))
        elif isinstance(number, int):
            numbers.append(intervals.ports(protocol, number, port.get("endPort")))
        else:
            named.append((protocol, number))
    return Ports(intervals.union(numbers), tuple(named))


# --------------------------------------------------------------------------------------------------------------- Cilium

_POD_NAMESPACE = "io.kubernetes.pod.namespace"
_ENTITIES: Mapping[str, Peer] = {
    "world": AddressPeer(intervals.ALL_ADDRESSES),  # every address outside the cluster, private ones too
    "kube-apiserver": KUBERNETES_API,
}
# `ANY` is SCTP too where Cilium is told to support it, which it is not by default.
_PROTOCOLS = {"ANY": ("TCP", "UDP"), "TCP": ("TCP",), "UDP": ("UDP",), "SCTP": ("SCTP",)}
# What a policy may say and be read in full.
_READ: Manifest = {
    "endpointSelector": True,
    "egress": {
        "toFQDNs": {"matchName": True},
        "toEntities": True,
        "toEndpoints": {"matchLabels": True, "matchExpressions": True},
        "toPorts": {
            "ports": {"port": True, "endPort": True, "protocol": True},
            "rules": {"dns": {"matchPattern": True}},
        },
    },
}


def _cilium(manifest: Manifest) -> Policy:
    spec, namespace = manifest["spec"], manifest["metadata"]["namespace"]
    egress = tuple(_cilium_grant(rule, namespace) for rule in spec.get("egress", ()))
    return Policy(
        kind=manifest["kind"],
        name=manifest["metadata"]["name"],
        namespace=namespace,
        pods=selector(spec.get("endpointSelector"), "k8s:"),
        grants={"Egress": egress} if "egress" in spec else {},
        unread=tuple(dict.fromkeys((*unread(spec, _READ, "spec"), *_unread_values(spec)))),
    )


def _cilium_grant(rule: Manifest, namespace: str) -> Grant:
    peers: list[Peer] = [NamePeer(host["matchName"]) for host in rule.get("toFQDNs", ()) if "matchName" in host]
    peers += [_ENTITIES[entity] for entity in rule.get("toEntities", ()) if entity in _ENTITIES]
    peers += [_endpoint(labels, namespace) for labels in rule.get("toEndpoints", ())]
    ports = [port for item in rule.get("toPorts", ()) for port in item.get("ports", ())]
    if not any(key.startswith("to") and key != "toPorts" for key in rule):
        peers.append(EVERYONE)
    reads_answers = any("dns" in item.get("rules", {}) for item in rule.get("toPorts", ()))
    return Grant(tuple(peers), _cilium_ports(ports) if ports else EVERY_PORT, reads_answers)


def _endpoint(labels: Manifest, namespace: str) -> Peer:
    read = selector(labels, "k8s:")
    pods = Selector(tuple(pair for pair in read.equal if pair[0] != _POD_NAMESPACE), read.others)
    named = dict(read.equal).get(_POD_NAMESPACE)
    return PodPeer(Selector(((NAME_LABEL, named),)) if named else namespace, pods)


def _cilium_ports(ports: Iterable[Manifest]) -> Ports:
    numbers, named = [], []
    for port in ports:
        for protocol in _PROTOCOLS.get(port.get("protocol", "ANY"), ()):
            if not port["port"].isdigit():
                named.append((protocol, port["port"]))
            elif port["port"] == "0":
                numbers.append(intervals.every_port(protocol))
            else:
                numbers.append(intervals.ports(protocol, int(port["port"]), port.get("endPort")))
    return Ports(intervals.union(numbers), tuple(named))


def _unread_values(spec: Manifest) -> Iterator[str]:
    for rule in spec.get("egress", ()):
        asked = (dns for item in rule.get("toPorts", ()) for dns in item.get("rules", {}).get("dns", ()))
        if any(dns.get("matchPattern", "*") != "*" for dns in asked):
            yield "spec.egress.toPorts.rules.dns with some names only"
        yield from (f"spec.egress.toEntities {one}" for one in rule.get("toEntities", ()) if one not in _ENTITIES)
        destinations = [key for key in rule if key.startswith("to") and key != "toPorts"]
        if len(destinations) > 1:
            yield f"spec.egress with {' and '.join(destinations)}"
