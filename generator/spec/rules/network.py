"""Who may reach whom: what is declared must be able to work."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from generator.model import Fleet
from generator.problems import Problem
from generator.spec.reader import Document, Key
from generator.spec.rules.case import Case

# A node's own: loopback, and link-local, where clouds put the service that gives out a node's credentials.
_OF_NODES = tuple(map(ip_network, ("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10", "fd00:ec2::254/128")))


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
        if network.prefixlen == 0:
            message, hint = f"{document.name(*path)}: {text} is every address, private ones too", "say `internet`"
            yield Problem(document.place(*path), "whole-internet", message, hint)
            continue
        if path[0] == "kubernetes":
            continue  # the API server may be on a node
        held = next((one for one in _OF_NODES if one.version == network.version and one.overlaps(network)), None)
        if held:
            message = f"{document.name(*path)}: {text} holds addresses of {held}, where a node's own services are"
            yield Problem(document.place(*path), "node-addresses", message, "leave them out")


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
