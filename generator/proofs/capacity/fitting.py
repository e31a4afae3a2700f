"""The single edits of the spec that would make a namespace fit a bound that it breaks, each tried by recomputing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil

from generator.proofs import edits
from generator.proofs.capacity.demand import Bound, Demand
from generator.proofs.edits import Edit, at_least
from generator.proofs.places import Path, of_agent
from generator.proofs.pods import Workload

IN_PLACE = {"maxSurge": 0, "maxUnavailable": 1}

_Try = tuple[Edit, Workload, Workload]


def ways_out(bound: Bound, asked: Demand, environment: str) -> tuple[Edit, ...]:
    """The smallest edit of each sort (replace pods in place, raise the bound, run fewer pods), the smallest first."""
    too_much = asked.usage(bound.counted).worst - bound.hard
    return edits.smallest_first(
        (
            _smallest(_in_place, bound, asked, too_much, environment),
            _raised(bound, too_much),
            _smallest(_fewer, bound, asked, too_much, environment),
        )
    )


def _smallest(
    sort: Callable[[Workload, Fraction, Fraction, Path], Iterator[_Try]],
    bound: Bound,
    asked: Demand,
    too_much: Fraction,
    environment: str,
) -> Edit | None:
    tries = [
        each
        for workload in asked.workloads
        if (takes := workload.takes.get(bound.counted))
        for each in sort(workload, takes, too_much, of_agent(workload.owner, environment))
    ]
    if not tries:
        return None
    edit, before, after = min(tries, key=lambda each: each[0].moves)
    return edit if asked.with_change(before, after).usage(bound.counted).worst <= bound.hard else None


def _in_place(workload: Workload, takes: Fraction, too_much: Fraction, own: Path) -> Iterator[_Try]:
    freed = workload.surge * takes
    if freed >= too_much:
        after = replace(workload, max_surge=0, max_unavailable=1)
        yield edits.one((*own, "rollout"), IN_PLACE, freed), workload, after


def _fewer(workload: Workload, takes: Fraction, too_much: Fraction, own: Path) -> Iterator[_Try]:
    count = ceil(too_much / takes)
    after = replace(workload, replicas=workload.replicas - count)
    if after.replicas >= max(workload.fewest, 1):
        yield edits.one((*own, "service", "replicas", "max"), after.replicas, count * takes), workload, after


def _raised(bound: Bound, too_much: Fraction) -> Edit | None:
    if not bound.path:
        return None
    value, amount = at_least(bound.key, bound.hard + too_much, bound.hard)
    return edits.one(bound.path, value, amount - bound.hard)
