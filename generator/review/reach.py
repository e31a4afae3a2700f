"""What a change lets pods reach, or be reached by: the allows of network policies, one policy at a time.

A policy is compared with itself alone; what all of them add up to is the network proof's to say. Each function takes an
object before and after, None where there is none, and says in words what it adds.

Sources: https://kubernetes.io/docs/concepts/services-networking/network-policies/,
https://docs.cilium.io/en/stable/security/policy/
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from generator.review.fields import canonical
from generator.review.objects import Manifest, at, mapping, sequence

_DIRECTIONS = {"Ingress": "from", "Egress": "to"}
_SAYS = {"Ingress": "lets in", "Egress": "lets out to"}


@dataclass(frozen=True, kw_only=True)
class _Allow:
    """One peer on one port; None for either means any."""

    direction: str
    peer: Manifest | None
    port: Manifest | None

    def covers(self, other: "_Allow") -> bool:
        """Whether it allows as much or more."""
        return (
            self.direction == other.direction
            and (self.peer is None or (other.peer is not None and _peer_covers(self.peer, other.peer)))
            and (self.port is None or (other.port is not None and _port_covers(self.port, other.port)))
        )

    def __str__(self) -> str:
        port = f" on {_port(self.port)}" if self.port is not None else ""
        return f"{_SAYS[self.direction]} {_peer(self.peer)}{port}"


def network_policy(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """What a NetworkPolicy allows more, or restricts no longer."""
    yield from _grown(before, after, _types, _allows, "podSelector")


def cilium_policy(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """The same of a CiliumNetworkPolicy or a CiliumClusterwideNetworkPolicy, and what it denies no longer."""
    yield from _grown(before, after, _cilium_types, _cilium_allows, "endpointSelector")
    kept = {canonical(denial) for _, denial in _denials(after)}
    for direction, denial in _denials(before) if after else ():
        if canonical(denial) not in kept:
            yield f"no longer denies {direction}: {_words(denial)}"


def _grown(before: Manifest | None, after: Manifest | None, types: Any, allows: Any, selector: str) -> Iterator[str]:
    if after is None:
        if before is not None:
            yield f"the pods that it selects are open ({_joined(types(before))}), unless another policy restricts them"
        return
    if before is not None:
        if canonical({"spec": _selectors(before, selector)}) != canonical({"spec": _selectors(after, selector)}):
            yield "it selects other pods: those it leaves are open, unless another policy restricts them"
        lost = [each for each in types(before) if each not in types(after)]
        if lost:
            yield f"no longer restricts {_joined(lost)}"
    known = list(allows(before)) if before else []
    exact = {_identity(allow) for allow in known}
    said = dict[str, None]()
    for allow in allows(after):
        if _identity(allow) not in exact and not any(one.covers(allow) for one in known):
            said[str(allow)] = None
    yield from said


def _identity(allow: _Allow) -> Any:
    return (
        allow.direction,
        canonical(allow.peer or {}),
        canonical(allow.port or {}),
        allow.peer is None,
        allow.port is None,
    )


def _selectors(manifest: Manifest, selector: str) -> list[Any]:
    return [mapping(at(spec, selector)) for spec in _specs(manifest)]


def _specs(manifest: Manifest) -> list[Manifest]:
    """A Cilium policy may hold several."""
    return [mapping(each) for each in (manifest.get("spec"), *sequence(manifest.get("specs"))) if each is not None]


def _joined(words: list[str]) -> str:
    return " and ".join(words)


# -------------------------------------------------------------------------------------------------------- NetworkPolicy


def _types(manifest: Manifest) -> list[str]:
    """Which directions are restricted; where it does not say, Ingress always and Egress where it has such rules."""
    spec = mapping(manifest.get("spec"))
    given = [str(each) for each in sequence(spec.get("policyTypes"))]
    return [each for each in _DIRECTIONS if each in given] or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _allows(manifest: Manifest) -> Iterator[_Allow]:
    for direction in _types(manifest):
        for rule in map(mapping, sequence(at(manifest, "spec", direction.lower()))):
            peers, ports = (list(map(mapping, sequence(rule.get(each)))) for each in (_DIRECTIONS[direction], "ports"))
            yield from _product(direction, peers or [None], ports or [None])


def _product(direction: str, peers: Sequence[Manifest | None], ports: Sequence[Manifest | None]) -> Iterator[_Allow]:
    for peer in peers:
        yield from (_Allow(direction=direction, peer=peer, port=port) for port in ports)


def _peer_covers(wide: Manifest, narrow: Manifest) -> bool:
    if "ipBlock" in wide or "ipBlock" in narrow:
        return "ipBlock" in wide and "ipBlock" in narrow and _block_covers(wide["ipBlock"], narrow["ipBlock"])
    if "podSelector" not in wide and "namespaceSelector" not in wide:
        return _cilium_peer_covers(wide, narrow)
    if not _selector_covers(wide.get("podSelector"), narrow.get("podSelector")):
        return False
    spaces, space = wide.get("namespaceSelector"), narrow.get("namespaceSelector")
    if space is None:  # the policy's own namespace
        return spaces is None or not mapping(spaces)
    return spaces is not None and _selector_covers(spaces, space)


def _selector_covers(wide: Any, narrow: Any) -> bool:
    """Whatever meets every requirement of the narrow one meets those of the wide one: they are among them."""
    return _requirements(wide) <= _requirements(narrow)


def _requirements(selector: Any) -> set[Any]:
    labels = mapping(at(selector, "matchLabels"))
    return {
        *labels.items(),
        *(canonical({"matchExpressions": [one]}) for one in sequence(at(selector, "matchExpressions"))),
    }


def _block_covers(wide: Any, narrow: Any) -> bool:
    try:
        if not _within(narrow.get("cidr"), wide.get("cidr")):
            return False
        return all(
            any(_within(hole, kept) for kept in sequence(narrow.get("except")))
            or not _overlap(hole, narrow.get("cidr"))
            for hole in sequence(wide.get("except"))
        )
    except (AttributeError, TypeError, ValueError):
        return bool(wide == narrow)  # not addresses; the API server will say so


def _within(inner: Any, outer: Any) -> bool:
    one, other = ip_network(inner, strict=False), ip_network(outer, strict=False)
    return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]  # they are of one version


def _overlap(one: Any, other: Any) -> bool:
    return ip_network(one, strict=False).overlaps(ip_network(other, strict=False))


def _port_covers(wide: Manifest, narrow: Manifest) -> bool:
    if "icmp" in wide or "icmp" in narrow:
        return canonical(wide) == canonical(narrow)
    if (wide.get("protocol") or "TCP") not in (narrow.get("protocol") or "TCP", "ANY"):
        return False
    if wide.get("rules") and canonical(wide["rules"]) != canonical(mapping(narrow.get("rules"))):
        return False  # Cilium's, of what may be said on the port
    return wide.get("port") is None or _ports(narrow) <= _ports(wide)


def _ports(port: Manifest) -> "_Ports":
    first, last = str(port.get("port")), str(port.get("endPort") or port.get("port"))
    return _Ports(int(first), int(last)) if first.isdigit() and last.isdigit() else _Ports(first, last)


@dataclass(frozen=True)
class _Ports:
    """Numbers from one to another, or a name."""

    first: int | str
    last: int | str

    def __le__(self, other: "_Ports") -> bool:
        ends = (self.first, self.last, other.first, other.last)
        if all(isinstance(end, int) for end in ends):
            return int(other.first) <= int(self.first) and int(self.last) <= int(other.last)
        return self == other


# --------------------------------------------------------------------------------------------------------------- Cilium


def _cilium_types(manifest: Manifest) -> list[str]:
    return [
        direction
        for direction in _DIRECTIONS
        if any(spec.get(direction.lower()) or spec.get(f"{direction.lower()}Deny") for spec in _specs(manifest))
    ]


def _cilium_allows(manifest: Manifest) -> Iterator[_Allow]:
    for direction, word in _DIRECTIONS.items():
        for spec in _specs(manifest):
            for rule in map(mapping, sequence(spec.get(direction.lower()))):
                lists = {key: each for key, each in rule.items() if key.startswith(word) and key != "toPorts"}
                peers = [{key: each} for key, values in lists.items() for each in sequence(values)]
                if rule:  # an empty one only switches on that all is refused
                    yield from _product(direction, peers if lists else [None], list(_cilium_ports(rule)) or [None])


def _cilium_peer_covers(wide: Manifest, narrow: Manifest) -> bool:
    """Peers as a rule's list and one of its elements."""
    for key, one in wide.items():
        other = narrow.get(key)
        if other is None:
            return bool(one == "all" and key.endswith("Entities"))
        if key.endswith("Endpoints"):
            return _selector_covers(one, other)
        if key.endswith("CIDR"):
            return _block_covers({"cidr": one}, {"cidr": other})
        if key.endswith("CIDRSet"):
            return _block_covers(one, other)
    return canonical(wide) == canonical(narrow)


def _cilium_ports(rule: Manifest) -> Iterator[Manifest]:
    for part in map(mapping, sequence(rule.get("toPorts"))):
        rules = {"rules": part["rules"]} if part.get("rules") else {}
        yield from ({**mapping(port), **rules} for port in sequence(part.get("ports")))
    yield from (
        {"icmp": field} for part in sequence(rule.get("icmps")) for field in sequence(mapping(part).get("fields"))
    )


def _denials(manifest: Manifest | None) -> Iterator[tuple[str, Manifest]]:
    for spec in _specs(manifest or {}):
        for direction in _DIRECTIONS:
            yield from ((direction, mapping(each)) for each in sequence(spec.get(f"{direction.lower()}Deny")))


# ---------------------------------------------------------------------------------------------------------------- words


def _peer(peer: Manifest | None) -> str:
    if peer is None:
        return "everybody"
    if "ipBlock" in peer:
        holes = sequence(at(peer, "ipBlock", "except"))
        return f"{at(peer, 'ipBlock', 'cidr')}" + (f" except {', '.join(map(str, holes))}" if holes else "")
    if "podSelector" in peer or "namespaceSelector" in peer:
        pods, spaces = peer.get("podSelector"), peer.get("namespaceSelector")
        where = "" if spaces is None else f" of {_selected('namespaces', spaces)}"
        return f"{_selected('pods', pods)}{where}"
    key, value = next(iter(peer.items()), ("", {}))
    return _selected("endpoints", value) if key.endswith("Endpoints") else _words(value)


def _selected(what: str, selector: Any) -> str:
    wanted = _words(mapping(selector))
    return f"{what} {wanted}" if wanted else f"all {what}"


def _words(value: Any) -> str:
    """A selector, or what else names a peer, on one line."""
    match value:
        case dict():
            labels = [f"{key}={_words(each)}" for key, each in mapping(value.get("matchLabels")).items()]
            terms = [
                f"{one.get('key')} {one.get('operator')} {'|'.join(map(str, sequence(one.get('values'))))}".rstrip()
                for one in map(mapping, sequence(value.get("matchExpressions")))
            ]
            rest = [
                f"{key} {_words(each)}" for key, each in value.items() if key not in ("matchLabels", "matchExpressions")
            ]
            return ", ".join([*labels, *terms, *rest])
        case list():
            return ", ".join(map(_words, value))
        case _:
            return str(value)


def _port(port: Mapping[str, Any]) -> str:
    if "icmp" in port:
        return f"ICMP {_words(port['icmp'])}"
    end = f"-{port['endPort']}" if port.get("endPort") else ""
    number = "every port" if port.get("port") in (None, "") else f"{port['port']}{end}"
    said = f" ({_words(port['rules'])})" if port.get("rules") else ""
    return f"{number}/{port.get('protocol') or 'TCP'}{said}"
