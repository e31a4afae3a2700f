"""`kustodian network`: who may reach whom, and whether the spec says so."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.evidence import Proof
    from generator.proofs.network.report import Edge, NetworkReport

WORDS = 3  # columns
EVERY_AGENT = "every agent"
DRAWN = 500  # edges that Mermaid draws of one chart, if it is not told otherwise: its `maxEdges`


BY_ADDRESS, UNDECLARED = " (by address)", " (undeclared)"


def _proof() -> "Proof":
    from generator.proofs import network

    return network


def _text(report: "NetworkReport") -> Iterator[str]:
    for title, edges in _groups(report):
        yield f"In {title}:"
        yield from (f"  {line}" for line in tables.aligned(list(_rows(report, edges)), WORDS))
        yield ""
    yield from _notes(report)


def _markdown(report: "NetworkReport") -> Iterator[str]:
    for title, edges in _groups(report):
        yield f"### In {title}"
        yield ""
        yield from tables.markdown(list(_rows(report, edges)), WORDS)
        yield ""
    yield from (f"{line}  " for line in _notes(report))


def _mermaid(report: "NetworkReport") -> Iterator[str]:
    """A flowchart: agents are boxes within the one that stands for every agent, all others are round and stand in their
    namespace; what nothing declares is dotted.
    """
    nodes: dict[str, str] = {}
    lines: list[str] = []
    for title, edges in _groups(report):
        everywhere = len(edges[0].environments) == len(report.environments)
        for source, target, ports in list(_rows(report, edges))[1:]:
            start, end = (nodes.setdefault(name, f"n{len(nodes)}") for name in (source, target))
            arrow = "-.->" if ports.endswith(UNDECLARED) else "-->"
            lines.append(f'  {start} {arrow}|"{ports}{"" if everywhere else f" in {title}"}"| {end}')
    yield "flowchart LR"
    if len(lines) > DRAWN:
        yield f"  %% {len(lines)} edges: GitHub draws no chart of more than {DRAWN}"
    yield from _boxes(report, nodes)
    yield from lines


def _boxes(report: "NetworkReport", nodes: dict[str, str]) -> Iterator[str]:
    """Every end of an edge in the box of its namespace; the agents in that of every agent."""
    ends = {str(end): end for edge in report.edges for end in (edge.source, edge.target)}
    agents = [name for _, names in report.environments for name in names]
    runs = [name for name, end in ends.items() if end.kind == "agent"]
    boxes: dict[str, list[str]] = {EVERY_AGENT: []}
    for name in dict.fromkeys((*agents, *runs) if EVERY_AGENT in nodes else runs):
        boxes[EVERY_AGENT].append(f'{nodes.setdefault(name, f"n{len(nodes)}")}["{name}"]')
    for name, end in ends.items():
        if end.kind != "agent" and name + ("" if end.enforced else BY_ADDRESS) in nodes:
            shown = name + ("" if end.enforced else BY_ADDRESS)
            boxes.setdefault(end.namespace, []).append(f'{nodes[shown]}(["{shown}"])')
    for number, (box, members) in enumerate(boxes.items()):
        if box and members:
            yield f'  subgraph {nodes.get(box, f"s{number}")}["{box}"]'
            yield from (f"    {member}" for member in members)
            yield "  end"
        else:
            yield from (f"  {member}" for member in members)


def _groups(report: "NetworkReport") -> Iterator[tuple[str, list["Edge"]]]:
    """The edges by the environments that have them."""
    from generator.proofs.findings import joined

    for environments, edges in groupby(report.edges, key=lambda edge: edge.environments):
        yield joined(environments), list(edges)


def _rows(report: "NetworkReport", edges: list["Edge"]) -> Iterator[tables.Row]:
    """One row for each edge; what every agent of the environments has alike is one row."""
    from generator.proofs.network.intervals import ports_text

    yield "From", "To", "Ports"
    agents = dict(report.environments)
    every = {agent for environment in edges[0].environments for agent in agents[environment]}
    rows: dict[tuple[str, str, str], None] = {}
    for edge in edges:
        target = str(edge.target) + ("" if edge.target.enforced else BY_ADDRESS)
        rows[str(edge.source), target, ports_text(edge.ports) + ("" if edge.declared else UNDECLARED)] = None
    for side in (0, 1):
        alike: dict[tuple[str, ...], set[str]] = {}
        for row in rows:
            alike.setdefault((*row[:side], *row[side + 1 :]), set()).add(row[side])
        whole = {rest for rest, ends in alike.items() if len(every) > 1 and every <= ends}
        rows = dict.fromkeys(_joined(row, side, every, whole) for row in rows)
    yield from sorted(rows, key=lambda row: EVERY_AGENT not in row[:2])


def _joined(row: tuple[str, str, str], side: int, every: set[str], whole: set[tuple[str, ...]]) -> tuple[str, str, str]:
    if row[side] in every and (*row[:side], *row[side + 1 :]) in whole:
        return (EVERY_AGENT, *row[1:]) if side == 0 else (row[0], EVERY_AGENT, row[2])
    return row


def _notes(report: "NetworkReport") -> Iterator[str]:
    from generator.proofs.findings import joined

    if report.notes:
        yield "By address: a NetworkPolicy knows no names; `networkPolicy: cilium` enforces the name itself."
    for note in report.notes:
        yield f"In {joined(note.environments)}, {note}."


@proof_command("network", _proof, _text, markdown=_markdown, mermaid=_mermaid)
def command() -> None:
    """Work out who may reach whom, and fail where that is more, or less, than the spec declares.

    Added up from the compiled policies of all namespaces, as Kubernetes does it. Policies that others bring into the
    cluster are not looked at.

    \b
    Examples:
      kustodian network
      kustodian network --format mermaid
    """
