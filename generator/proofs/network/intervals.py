"""Sets of whole numbers as sorted, disjoint ranges: of ports, and of addresses. Exact, and hashable.

The protocols stand one after another on one line of numbers, and so do IPv4 and IPv6, with a gap between them.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network, summarize_address_range
from itertools import pairwise

Intervals = tuple[tuple[int, int], ...]  # first and last of each range

NONE: Intervals = ()


def union(sets: Iterable[Intervals]) -> Intervals:
    several = {one for one in sets if one}
    if len(several) < 2:
        return several.pop() if several else NONE
    result: list[tuple[int, int]] = []
    for first, last in sorted(interval for one in several for interval in one):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def intersection(one: Intervals, other: Intervals) -> Intervals:
    if one == other:
        return one
    pairs = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple(sorted((first, last) for first, last in pairs if first <= last))


def difference(one: Intervals, other: Intervals) -> Intervals:
    """What is in one and not in the other."""
    rest = one
    for cut in other:
        rest = tuple(part for interval in rest for part in _without(interval, *cut))
    return rest


def _without(interval: tuple[int, int], first: int, last: int) -> Iterator[tuple[int, int]]:
    start, end = interval
    if last < start or end < first:
        yield interval
        return
    if start < first:
        yield start, first - 1
    if last < end:
        yield last + 1, end


# ---------------------------------------------------------------------------------------------------------------- ports

PROTOCOLS = ("TCP", "UDP", "SCTP")
_LAST_PORT = 65535
_WIDTH = 2**17


def ports(protocol: str, first: int, last: int | None = None) -> Intervals:
    """The ports from `first` to `last`; without a last, `first` alone."""
    start = PROTOCOLS.index(protocol) * _WIDTH
    return ((start + first, start + (first if last is None else last)),)


def every_port(protocol: str) -> Intervals:
    return ports(protocol, 1, _LAST_PORT)


ALL_PORTS = union(map(every_port, PROTOCOLS))


def port_ranges(of: Intervals) -> Iterator[tuple[str, int, int]]:
    """Protocol, first and last port of each range."""
    for first, last in of:
        protocol, port = divmod(first, _WIDTH)
        yield PROTOCOLS[protocol], port, last % _WIDTH


def ports_text(of: Intervals) -> str:
    """
    >>> ports_text(union([ports("TCP", 53), ports("UDP", 53), ports("TCP", 4317, 4318)]))
    'TCP 53, TCP 4317-4318, UDP 53'
    """
    if of == ALL_PORTS:
        return "every port"
    return ", ".join(_range_text(*part) for part in port_ranges(of))


def _range_text(protocol: str, first: int, last: int) -> str:
    if (first, last) == (1, _LAST_PORT):
        return f"every {protocol} port"
    return f"{protocol} {first}" + (f"-{last}" if last != first else "")


# ------------------------------------------------------------------------------------------------------------ addresses

_V6 = 2**33  # IPv6 begins here, after a gap
ALL_ADDRESSES: Intervals = ((0, 2**32 - 1), (_V6, _V6 + 2**128 - 1))


@lru_cache
def addresses(cidr: str, without: tuple[str, ...] = ()) -> Intervals:
    """The addresses of a range, but for those of some ranges in it."""
    network = ip_network(cidr, strict=False)
    start = _V6 if network.version == 6 else 0
    whole = ((start + int(network.network_address), start + int(network.broadcast_address)),)
    return difference(whole, union(map(addresses, without)))


def cidrs(of: Intervals) -> list[str]:
    """The fewest address ranges that make up the set."""
    found = []
    for first, last in of:
        if first < _V6:
            found += list(map(str, summarize_address_range(IPv4Address(first), IPv4Address(last))))
        else:
            found += list(map(str, summarize_address_range(IPv6Address(first - _V6), IPv6Address(last - _V6))))
    return found


# -------------------------------------------------------------------------------------------------------------- regions

Regions = tuple[tuple[Intervals, Intervals], ...]  # ports, and the addresses that are open on each of them


@lru_cache
def beyond(one: Regions, other: Regions) -> Regions:
    """What is in one and not in the other, each set of addresses once."""
    cuts = sorted({cut for ports_, _ in (*one, *other) for first, last in ports_ for cut in (first, last + 1)})
    found: dict[Intervals, list[Intervals]] = {}
    for first, end in pairwise(cuts):
        rest = difference(_at(first, one), _at(first, other))
        if rest:
            found.setdefault(rest, []).append(((first, end - 1),))
    return tuple(sorted((union(ranges), rest) for rest, ranges in found.items()))


def _at(port: int, regions: Regions) -> Intervals:
    """The addresses that are open on a port."""
    return union(there for ports_, there in regions if any(first <= port <= last for first, last in ports_))
