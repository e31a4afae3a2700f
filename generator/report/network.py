"""Network: who may reach whom, by the environments that have it alike; as a graph while that can be read, as a matrix
always.

What every agent has alike is said once, of "every agent". A column of the matrix is a pair of an end and its ports, so
that a cell is a plain yes or no.
"""

from collections import Counter
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


class Heading(StrEnum):
    """Of columns: whether an end calls agents or is called by them, and where it is."""

    CALLERS = "Called by"
    CLUSTER = "Calls, in the cluster"
    OUTSIDE = "Calls, outside"


@dataclass(frozen=True, kw_only=True)
class Column:
    """An end that calls agents or that they call, and on which ports."""

    heading: Heading
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
    """Agents against the ends that they share, by their headings."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def headings(self) -> tuple[tuple[str, int], ...]:
        """Each heading, and over how many columns it stands."""
        counts = Counter(column.heading for column in self.columns)
        return tuple((heading.value, counts[heading]) for heading in Heading if counts[heading])

    @property
    def has_others(self) -> bool:
        return any(row.others for row in self.rows)


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
    """The group's agents against everybody else; what agents call of each other is written out."""
    rows: dict[End, dict[Column, None]] = {}
    others: dict[End, dict[str, None]] = {}
    shares: Counter[Column] = Counter()
    for link in group.links:
        near, column = _cell(link)
        if column:
            rows.setdefault(near, {})[column] = None
            shares[column] += len(group.agents) if near == EVERY else 1
        else:
            others.setdefault(near, {})[f"{link.target.name} {link.said}"] = None
    columns = _kept(shares)
    for end, its in rows.items():
        others.setdefault(end, {}).update((_written_out(one), None) for one in its if one not in columns)
    place = {name: number for number, name in enumerate(group.agents)}
    ends = sorted(others, key=lambda end: (end != EVERY, place.get(end.name.partition("/")[0], 0), end))
    return Matrix(
        columns=columns,
        rows=tuple(
            Row(
                name=end.name,
                cells=tuple(column in rows.get(end, ()) for column in columns),
                others=tuple(others[end]),
            )
            for end in ends
        ),
    )


def _cell(link: Link) -> tuple[End, Column | None]:
    """The row of a link, and its column; none where both ends are agents."""
    if not link.source.is_agent:
        return link.target, Column(heading=Heading.CALLERS, end=link.source, said=link.said)
    if link.target.is_agent:
        return link.source, None
    heading = Heading.OUTSIDE if link.target.zone is Zone.OUTSIDE else Heading.CLUSTER
    return link.source, Column(heading=heading, end=link.target, said=link.said)


def _kept(shares: Counter[Column]) -> tuple[Column, ...]:
    """The columns that most agents have, ends inside the cluster before those outside; by heading."""
    headings = list(Heading)

    def rank(column: Column) -> tuple[int, End, str]:
        return -shares[column], column.end, column.said

    first = sorted(shares, key=lambda column: (column.heading is Heading.OUTSIDE, rank(column), column.heading))
    return tuple(sorted(first[:MOST_COLUMNS], key=lambda column: (headings.index(column.heading), rank(column))))


def _written_out(column: Column) -> str:
    called = "called by " if column.heading is Heading.CALLERS else ""
    return f"{called}{column.end.name} {column.said}"
