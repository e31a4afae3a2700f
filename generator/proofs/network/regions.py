"""What is open on which ports: sets of addresses by ports, taken together in one walk over all ports."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

from generator.proofs.network.intervals import Intervals, difference, union

Regions = tuple[tuple[Intervals, Intervals], ...]  # ports, and the addresses that are open on each of them


class ByPort:
    """The same with each port once, so that what is open on one is found without a look at the others."""

    def __init__(self, regions: Regions) -> None:
        self._ranges = [(first, last, there) for first, last, (there,) in _swept((regions,))]
        self._starts = [first for first, _, _ in self._ranges]

    def open_to_all(self, ports: Intervals, addresses: Intervals) -> Intervals:
        """Those of the ports on which all of the addresses are open."""
        found: list[Intervals] = []
        for first, last in ports:
            place = max(bisect_right(self._starts, first) - 1, 0)
            while place < len(self._ranges) and self._starts[place] <= last:
                start, end, there = self._ranges[place]
                if end >= first and not difference(addresses, there):
                    found.append(((max(first, start), min(last, end)),))
                place += 1
        return union(found)


@lru_cache
def beyond(one: Regions, other: Regions) -> Regions:
    """What is in one and not in the other, each set of addresses once."""
    found: dict[Intervals, list[Intervals]] = {}
    for first, last, (there, without) in _swept((one, other)):
        rest = difference(there, without)
        if rest:
            found.setdefault(rest, []).append(((first, last),))
    return tuple(sorted((union(ranges), rest) for rest, ranges in found.items()))


def _swept(sides: Sequence[Regions]) -> Iterator[tuple[int, int, tuple[Intervals, ...]]]:
    """Each range of ports over which nothing changes, in order, and what each side has there."""
    changes: dict[int, list[tuple[int, int, bool]]] = {}
    for side, regions in enumerate(sides):
        for number, (ports, _) in enumerate(regions):
            for first, last in ports:
                changes.setdefault(first, []).append((side, number, True))
                changes.setdefault(last + 1, []).append((side, number, False))
    now: list[set[int]] = [set() for _ in sides]
    for first, end in pairwise(sorted(changes)):
        # What ends here comes before what begins here: it may be the same.
        for side, number, begins in sorted(changes[first], key=itemgetter(2)):
            (now[side].add if begins else now[side].discard)(number)
        if any(now):
            there = (union(regions[number][1] for number in active) for regions, active in zip(sides, now, strict=True))
            yield first, end - 1, tuple(there)
