"""What a change lets those outside the cluster reach: Services with an address of their own, Ingresses, routes.

Each function takes an object before and after, None where there is none, and says in words what it adds.
"""

from collections.abc import Iterator
from typing import Any

from generator.review.objects import Manifest, at, mapping, sequence

_OPEN = ("LoadBalancer", "NodePort")


def service(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """A Service that becomes reachable from outside, or from more addresses."""
    old, new = at(before, "spec", "type"), at(after, "spec", "type")
    if new in _OPEN and old != new and (old, new) != ("LoadBalancer", "NodePort"):
        yield f"is reachable from outside the cluster: {new}"
    known = set(map(str, sequence(at(before, "spec", "externalIPs"))))
    for address in map(str, sequence(at(after, "spec", "externalIPs"))):
        if address not in known:
            yield f"is reachable from outside the cluster: {address}"
    ranges = [list(map(str, sequence(at(each, "spec", "loadBalancerSourceRanges")))) for each in (before, after)]
    if old == new == "LoadBalancer" and ranges[0]:
        if not ranges[1]:
            yield "its load balancer lets in every address"
        for address in ranges[1]:
            if address not in ranges[0]:
                yield f"its load balancer lets in {address}"


def ingress(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """Hosts and paths that an Ingress did not serve."""
    yield from _exposed(list(_of_ingress(before)), list(_of_ingress(after)))


def route(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """Hosts and paths that a route of the Gateway API did not serve, or a Gateway that it was not attached to."""
    yield from _exposed(list(_of_route(before)), list(_of_route(after)))
    known = [_parent(each) for each in sequence(at(before, "spec", "parentRefs"))]
    if before:
        for each in sequence(at(after, "spec", "parentRefs")):
            if _parent(each) not in known:
                yield f"is served by {_parent(each)}"


def _parent(reference: Any) -> str:
    one = mapping(reference)
    parts = (one.get("namespace"), one.get("name"), one.get("sectionName"))
    return f"{one.get('kind') or 'Gateway'} {'/'.join(str(part) for part in parts if part)}"


_Way = tuple[str, str, bool]  # host, path, whether all below the path belongs to it


def _exposed(old: list[_Way], new: list[_Way]) -> Iterator[str]:
    for host, path, below in dict.fromkeys(new):
        if not any(_serves(way, host, path, below) for way in old):
            yield f"exposes {host}{path}"


def _serves(way: _Way, host: str, path: str, below: bool) -> bool:
    known_host, known_path, all_below = way
    if known_host not in (host, "*"):
        return False
    if known_path == path:
        return all_below or not below
    return all_below and path.startswith(known_path.rstrip("/") + "/")


def _of_ingress(manifest: Manifest | None) -> Iterator[_Way]:
    if at(manifest, "spec", "defaultBackend"):
        yield "*", "/", True
    for rule in sequence(at(manifest, "spec", "rules")):
        host = str(mapping(rule).get("host") or "*")
        for path in map(mapping, sequence(at(rule, "http", "paths"))):
            yield host, str(path.get("path") or "/"), path.get("pathType") != "Exact"


def _of_route(manifest: Manifest | None) -> Iterator[_Way]:
    if manifest is None:
        return
    hosts = [str(host) for host in sequence(at(manifest, "spec", "hostnames"))] or ["*"]
    matches = [
        mapping(at(match, "path"))
        for rule in sequence(at(manifest, "spec", "rules")) or [{}]
        for match in sequence(at(rule, "matches")) or [{}]
    ]
    for host in hosts:
        for path in matches:
            yield host, str(path.get("value") or "/"), path.get("type") in (None, "PathPrefix")
