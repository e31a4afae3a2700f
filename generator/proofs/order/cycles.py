"""Cycles among things that need each other."""

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TypeVar

_Node = TypeVar("_Node")


def cycles(edges: Iterable[tuple[_Node, _Node]]) -> Iterator[list[_Node]]:
    """A cycle, and then another that does without the first one's last step, until none is left."""
    graph: dict[_Node, dict[_Node, None]] = {}  # in the order met, so that the same cycle is found each time
    for node, needed in edges:
        graph.setdefault(node, {})[needed] = None
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
            start = min(range(len(cycle) - 1), key=lambda index: str(cycle[index]))
            cycle = [*cycle[start:-1], *cycle[: start + 1]]
            yield cycle
            for node, needed in pairwise(cycle):
                graph[node].pop(needed, None)
        else:
            return
