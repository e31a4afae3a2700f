"""Who may reach whom: what is declared must be able to work."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from generator.model import Fleet, ToKubernetesApi
from generator.problems import Problem
from generator.spec.reader import Document, Key
from generator.spec.rules.case import Case


def bad_address_range(_: Fleet, document: Document) -> Iterator[Problem]:
    """The schema sees that an address range looks like one; whether its numbers make one is arithmetic."""
    for path, text in _address_ranges(document.values, ()):
        try:
            ip_network(text, strict=False)
        except ValueError:
            message, hint = f"{document.name(*path)}: {text!r} is no address range", "write it like 10.0.0.0/16"
            yield Problem(document.place(*path), "bad-address-range", message, hint)


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
    if _talks_to_api(case) and not kubernetes.api_server and not kubernetes.cilium:
        message = "names kubernetes-api, but kubernetes.apiServer lists no address range"
        hint = "list its Service's address and its endpoints' subnets there"
        yield case.problem("api-server-unknown", "talksTo", message=message, hint=hint)


def permissions_without_access(case: Case) -> Iterator[Problem]:
    if case.agent.permissions and not _talks_to_api(case):
        message, hint = "the agent may use the Kubernetes API but not reach it", "add kubernetes-api to talksTo"
        yield case.problem("permissions-without-access", "permissions", message=message, hint=hint)


def _talks_to_api(case: Case) -> bool:
    return any(isinstance(destination, ToKubernetesApi) for destination in case.agent.talks_to)


def domain_missing(case: Case) -> Iterator[Problem]:
    service = case.agent.service
    if case.environment and service and service.route and not service.route.host:
        path = ("environments", case.environment.name)
        message = f"{'.'.join(path)}: has no domain, and agents.{case.agent.name} exposes its service"
        yield Problem(
            case.document.key_place(*path), "domain-missing", message, "add `domain`, or expose nothing there"
        )
