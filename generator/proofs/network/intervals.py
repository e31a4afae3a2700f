"""Sets of whole numbers as sorted, disjoint ranges: of ports, and of addresses. Exact, and hashable.

The protocols stand one after another on one line of numbers, and so do IPv4 and IPv6, with a gap between them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network, summarize_address_range

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
    few, many = sorted((one, other), key=len)
    return tuple(
        (max(start, first), min(end, last)) for start, end in few for first, last in _overlapping(many, start, end)
    )


def difference(one: Intervals, other: Intervals) -> Intervals:
    """What is in one and not in the other."""
    rest: list[tuple[int, int]] = []
    for start, end in one:
        for first, last in _overlapping(other, start, end):
            if start < first:
                rest.append((start, first - 1))
            start = last + 1
        if start <= end:
            rest.append((start, end))
    return tuple(rest)


def _overlapping(of: Intervals, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The ranges that have a number from start to end, without a look at the others."""
    place = bisect_right(of, (start,))
    if place and of[place - 1][1] >= start:
        place -= 1
    while place < len(of) and of[place][0] <= end:
        yield of[place]
        place += 1


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
