"""Who may reach whom: what is declared must be able to work."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from generator.model import Fleet
from generator.problems import Problem
from generator.spec.reader import Document, Key
from generator.spec.rules.case import Case

# A node's own: loopback, and link-local, where clouds put the service that gives out a node's credentials.
_OF_NODES = tuple(map(ip_network, ("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10", "fd00:ec2::254/128")))


# No network is wider: 10.0.0.0/8 and fc00::/7 are the widest that anyone may have for himself.
_WIDEST = {4: 8, 6: 7}

# Zones that no public name server knows, so that what they name has a private address.
# Sources: RFC 6761, 6762, 8375; ICANN resolution 2024.07.29.06 for `internal`; RFC 2606 and ICANN 2018 for the last.
_PRIVATE_ZONES = (".internal", ".local", ".home.arpa", ".lan", ".intranet", ".corp", ".home", ".mail")
_METADATA = ("metadata.google.internal", "instance-data.ec2.internal", "metadata.azure.internal")


def bad_address_range(_: Fleet, document: Document) -> Iterator[Problem]:
    """The schema sees that an address range looks like one; whether its numbers make one is arithmetic."""
    for path, text in _address_ranges(document.values, ()):
        if _network(text) is None:
            message, hint = f"{document.name(*path)}: {text!r} is no address range", "write it like 10.0.0.0/16"
            yield Problem(document.place(*path), "bad-address-range", message, hint)


def too_wide(_: Fleet, document: Document) -> Iterator[Problem]:
    """What a range holds beside what is meant."""
    for path, text in _address_ranges(document.values, ()):
        network = _network(text)
        if network is None or path == ("kubernetes", "nodeLocalDNS"):
            continue
        widest = _WIDEST[network.version]
        if network.prefixlen < widest:
            what = "is wider than any network" if network.prefixlen else "is every address, private ones too"
            message = f"{document.name(*path)}: {text} {what}"
            narrow = f"name its networks, /{widest} or narrower"
            hint = (
                narrow
                if path[0] == "kubernetes"
                else "say `internet`" + (f", or {narrow}" if network.prefixlen else "")
            )
            yield Problem(document.place(*path), "whole-internet", message, hint)
            continue
        if path[0] == "kubernetes":
            continue  # the API server may be on a node
        held = next((one for one in _OF_NODES if one.version == network.version and one.overlaps(network)), None)
        if held:
            message = f"{document.name(*path)}: {text} holds addresses of {held}, where a node's own services are"
            yield Problem(document.place(*path), "node-addresses", message, "leave them out")


def host_inside(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """A host's name opens public addresses: what is inside the cluster, or in a private zone, would stay closed."""
    namespaces = {environment.namespace.name for environment in fleet.environments}
    agents = {agent.name for agent in fleet.base_agents}
    for path, host in _hosts(document.values, ()):
        said = _inside(host.lower().rstrip("."), agents, namespaces, cilium=fleet.kubernetes.cilium)
        if said:
            message, hint = said
            yield Problem(document.place(*path), "host-inside", f"{document.name(*path)}: {host} {message}", hint)


def _inside(host: str, agents: set[str], namespaces: set[str], *, cilium: bool) -> tuple[str, str] | None:
    """What is wrong with it, and what to say instead."""
    name, *rest = host.removesuffix(".cluster.local").removesuffix(".svc").split(".")
    if host in _METADATA or host.endswith((".localhost", ".localdomain")):
        return (
            "is the node's own, or the cloud's metadata",
            "leave it out; `identity` opens what a cloud identity needs",
        )
    in_cluster = host.endswith((".svc", ".cluster.local")) or host == "cluster.local"
    if in_cluster and (name, *rest) in (("kubernetes",), ("kubernetes", "default")):
        return "is the Kubernetes API", "say kubernetes-api"
    if in_cluster and name in agents and (not rest or rest[0] in namespaces):
        return "is an agent of the fleet", f"say {name}"
    if in_cluster:
        return (
            "is inside the cluster, and a host's name opens addresses outside of it",
            "list it in platform.services by its namespace and labels, and say its name",
        )
    if not cilium and host.endswith(_PRIVATE_ZONES):
        return (
            "is in a private zone, and a plain policy opens public addresses for a host",
            "say its addresses: {cidr: ..., port: ...}",
        )
    return None


def _hosts(value: Any, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Every host that agents may talk to, where it is written."""
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key == "host" and isinstance(item, str) and ("talksTo" in path or path[:2] == ("platform", "services")):
            yield (*path, key), item
        else:
            yield from _hosts(item, (*path, key))


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _address_ranges(value: Any, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        is_range = path == ("kubernetes", "apiServer") or (*path, key) == ("kubernetes", "nodeLocalDNS")
        if isinstance(item, str) and (is_range or (key == "cidr" and path[-2] == "talksTo")):
            yield (*path, key), item
        else:
            yield from _address_ranges(item, (*path, key))


def destination_without_service(case: Case) -> Iterator[Problem]:
    """An agent can only be talked to where it runs a service."""
    if not case.environment:
        return
    agents = case.document.values["agents"]
    for index, target in enumerate(case.written("talksTo") or ()):
        if isinstance(target, str) and target in agents and target not in case.serving:
            message, hint = f"{target!r} runs no service{case.within}", "give it one, or do not talk to it there"
            yield case.problem("destination-without-service", "talksTo", index, message=message, hint=hint)


def api_server_unknown(case: Case) -> Iterator[Problem]:
    """No selector matches the API server, so a plain NetworkPolicy needs its addresses."""
    kubernetes = case.fleet.kubernetes
    if case.talks_to_api and not kubernetes.api_server and not kubernetes.cilium:
        message = "names kubernetes-api, but kubernetes.apiServer lists no address range"
        hint = "list its Service's address and its endpoints' subnets there"
        yield case.problem("api-server-unknown", "talksTo", message=message, hint=hint)


def domain_missing(case: Case) -> Iterator[Problem]:
    service = case.agent.service
    if case.environment and service and service.route and not service.route.host:
        path = ("environments", case.environment.name)
        message = f"{'.'.join(path)}: has no domain, and agents.{case.agent.name} exposes its service"
        yield Problem(
            case.document.key_place(*path), "domain-missing", message, "add `domain`, or expose nothing there"
        )
