"""Network: who may reach whom, by the environments that have it alike; as a graph while that can be read, as a matrix
always.

What every agent has alike is said once, of "every agent". A column of the matrix is a pair of an end and its ports, so
that a cell is a plain yes or no.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from generator.report.words import Data, ports

MOST_COLUMNS = 18  # of a matrix; the rest is written out


class Zone(StrEnum):
    """Where an end is: the graph sets them apart."""

    AGENTS = "agents"
    CLUSTER = "cluster"
    OUTSIDE = "outside"


_PLACES = {
    "host": "host",
    "internet": "any public address",
    "addresses": "address range",
    "kubernetes-api": "API server",
}


@dataclass(frozen=True, order=True)
class End:
    """Who sends or receives."""

    zone: Zone
    name: str
    place: str = ""

    @property
    def is_agent(self) -> bool:
        return self.zone is Zone.AGENTS


EVERY = End(Zone.AGENTS, "every agent")


@dataclass(frozen=True, order=True)
class Link:
    """The one end may reach the other on these ports."""

    source: End
    target: End
    ports: str
    declared: bool = True

    @property
    def said(self) -> str:
        return self.ports if self.declared else f"{self.ports}, undeclared"


@dataclass(frozen=True, kw_only=True)
class Column:
    """An end that calls agents or that they call, and on which ports."""

    end: End
    said: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """An agent: yes or no for each column, and what has no column."""

    name: str
    cells: tuple[bool, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Agents against the ends that they share; columns by their heading."""

    callers: tuple[Column, ...]
    in_cluster: tuple[Column, ...]
    outside: tuple[Column, ...]
    rows: tuple[Row, ...]
    has_others: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        return (*self.callers, *self.in_cluster, *self.outside)


@dataclass(frozen=True, kw_only=True)
class Group:
    """The links that are the same in these environments, and in no other."""

    environments: tuple[str, ...]
    agents: tuple[str, ...]
    links: tuple[Link, ...]


def groups(report: Data) -> tuple[Group, ...]:
    """From the JSON of the network proof, which sorts edges by their environments."""
    agents = {environment["name"]: environment["agents"] for environment in report["environments"]}
    found = []
    for environments, edges in groupby(report["edges"], key=lambda edge: tuple(edge["environments"])):
        every = dict.fromkeys(name for environment in environments for name in agents[environment])
        links = dict.fromkeys(map(_link, edges))
        found.append(Group(environments=environments, agents=tuple(every), links=_bundled(links, every)))
    return tuple(found)


def _link(edge: Data) -> Link:
    return Link(_end(edge["from"]), _end(edge["to"]), ports(edge["ports"]), edge["declared"])


def _end(endpoint: Data) -> End:
    kind, name, namespace = endpoint["kind"], endpoint["name"], endpoint["namespace"]
    if kind == "agent":
        return End(Zone.AGENTS, f"{name}/{'+'.join(endpoint['runs'])}" if endpoint["runs"] else name)
    if kind == "pods":
        return End(Zone.CLUSTER, name.removesuffix(f" ({namespace})"), namespace or "")
    place = _PLACES[kind] if endpoint["enforced"] else "by address, not by name"
    return End(Zone.CLUSTER if kind == "kubernetes-api" else Zone.OUTSIDE, name, place)


def _bundled(links: Iterable[Link], agents: Iterable[str]) -> tuple[Link, ...]:
    """With EVERY for what every agent has alike, on either side."""
    every = {End(Zone.AGENTS, name) for name in agents}
    sources = _as_one(links, every, lambda link: link.source, lambda link: replace(link, source=EVERY))
    both = _as_one(dict.fromkeys(sources), every, lambda link: link.target, lambda link: replace(link, target=EVERY))
    return tuple(dict.fromkeys(both))


def _as_one(
    links: Iterable[Link], every: set[End], end: Callable[[Link], End], bundle: Callable[[Link], Link]
) -> Iterator[Link]:
    """The links, or one bundle where each agent is the `end` of one that is otherwise the same."""
    listed, ends = list(links), dict[Link, set[End]]()
    for link in listed:
        ends.setdefault(bundle(link), set()).add(end(link))
    whole = {one for one, found in ends.items() if len(every) > 1 and every <= found}
    for link in listed:
        yield bundle(link) if end(link) in every and bundle(link) in whole else link


# --------------------------------------------------------------------------------------------------------------- matrix


def matrix(group: Group) -> Matrix:
    """The group's agents against everybody else; agents that call agents are written out."""
    rows: dict[End, dict[Column, None]] = {}
    others: dict[End, dict[str, None]] = {}
    columns: dict[str, dict[Column, int]] = {"callers": {}, "in_cluster": {}, "outside": {}}
    for link in group.links:
        near, far = (link.source, link.target) if link.source.is_agent else (link.target, link.source)
        if far.is_agent:
            others.setdefault(near, {})[f"{far.name} {link.said}"] = None
            continue
        where = "callers" if not link.source.is_agent else "outside" if far.zone is Zone.OUTSIDE else "in_cluster"
        column = Column(end=far, said=link.said)
        columns[where][column] = columns[where].get(column, 0) + (len(group.agents) if near == EVERY else 1)
        rows.setdefault(near, {})[column] = None
    kept = _kept(columns)
    for end, its in rows.items():
        for where, of in columns.items():
            calls = "" if where != "callers" else "called by "
            for column in of:
                if column in its and column not in kept[where]:
                    others.setdefault(end, {})[f"{calls}{column.end.name} {column.said}"] = None
    order = {name: place for place, name in enumerate(group.agents)}
    ends = sorted({*rows, *others}, key=lambda end: (end != EVERY, order.get(end.name.partition("/")[0], 0), end))
    shown = [column for of in kept.values() for column in of]
    return Matrix(
        **{where: tuple(of) for where, of in kept.items()},
        rows=tuple(
            Row(
                name=end.name,
                cells=tuple(column in rows.get(end, ()) for column in shown),
                others=tuple(others.get(end, ())),
            )
            for end in ends
        ),
        has_others=bool(others),
    )


def _kept(columns: dict[str, dict[Column, int]]) -> dict[str, list[Column]]:
    """The columns that most agents have; ends inside the cluster before those outside."""
    ranked = sorted(
        ((where == "outside", -count, column.end, column.said, where) for where, of in columns.items()
         for column, count in of.items()),
    )  # fmt: skip
    first = {(where, end, said) for _, _, end, said, where in ranked[:MOST_COLUMNS]}
    return {
        where: sorted(
            (column for column in of if (where, column.end, column.said) in first),
            key=lambda column: (-of[column], column.end, column.said),
        )
        for where, of in columns.items()
    }
