"""The report's network: what is said once, the graph's geometry, and the matrix, for reports of every shape."""

import re
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.report import graph, network
from generator.report.network import EVERY, End, Group, Link, Zone
from generator.report.shapes import Box, Dock

A, B, C = (End(Zone.AGENTS, name) for name in "abc")
DNS = End(Zone.CLUSTER, "kube-dns", "kube-system")
METRICS = End(Zone.CLUSTER, "prometheus", "monitoring")
GITHUB = End(Zone.OUTSIDE, "api.github.com", "host")


def endpoint(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name, "namespace": None, "runs": [], "enforced": True} | fields


def edge(source: dict[str, Any], target: dict[str, Any], *environments: str, port: int = 443) -> dict[str, Any]:
    ports = [{"protocol": "TCP", "first": port, "last": port}]
    return {"from": source, "to": target, "ports": ports, "declared": True, "environments": list(environments)}


def report(*edges: dict[str, Any], agents: str = "ab") -> dict[str, Any]:
    return {"environments": [{"name": name, "agents": list(agents)} for name in ("dev", "prod")], "edges": list(edges)}


def group(*links: Link, agents: str = "abc") -> Group:
    return Group(environments=("dev",), agents=tuple(agents), links=links)


def test_ends_have_a_place() -> None:
    agent = endpoint("agent", "a", runs=["training", "serving"])
    pods = endpoint("pods", "valkey (system)", namespace="system")
    host = endpoint("host", "api.github.com", enforced=False)
    api = endpoint("kubernetes-api", "kubernetes-api")
    (one,) = network.groups(report(*(edge(agent, other, "dev", "prod") for other in (pods, host, api))))
    assert one.environments == ("dev", "prod")
    assert [link.target for link in one.links] == [
        End(Zone.CLUSTER, "valkey", "system"),
        End(Zone.OUTSIDE, "api.github.com", "by address, not by name"),
        End(Zone.CLUSTER, "kubernetes-api", "API server"),
    ]
    assert {link.source for link in one.links} == {End(Zone.AGENTS, "a/training+serving")}


def test_what_every_agent_has_alike_is_one_link() -> None:
    dns = endpoint("pods", "kube-dns (kube-system)", namespace="kube-system")
    agents = [endpoint("agent", name) for name in "ab"]
    (one,) = network.groups(report(*(edge(agent, dns, "dev") for agent in agents)))
    assert one.links == (Link(EVERY, DNS, "TCP 443"),)
    (one,) = network.groups(report(*(edge(dns, agent, "dev") for agent in agents)))
    assert one.links == (Link(DNS, EVERY, "TCP 443"),)


def test_what_only_some_agents_have_is_not_bundled() -> None:
    dns = endpoint("pods", "kube-dns (kube-system)", namespace="kube-system")
    a, b = (endpoint("agent", name) for name in "ab")
    for edges in (
        [edge(a, dns, "dev"), edge(b, dns, "dev", port=80)],
        [edge(a, dns, "dev"), edge(dns, b, "dev")],
        [edge(a, b, "dev")],  # both are in it, and only one of them calls
    ):
        (one,) = network.groups(report(*edges))
        assert not any(EVERY in (link.source, link.target) for link in one.links), edges
    (alone,) = network.groups(report(edge(a, dns, "dev"), agents="a"))
    assert alone.links == (Link(A, DNS, "TCP 443"),), "one agent has a name"


def test_environments_that_differ_are_apart() -> None:
    a, host = endpoint("agent", "a"), endpoint("host", "example.com")
    found = network.groups(report(edge(a, host, "dev", "prod"), edge(a, host, "prod", port=80)))
    assert [(one.environments, [link.ports for link in one.links]) for one in found] == [
        (("dev", "prod"), ["TCP 443"]),
        (("prod",), ["TCP 80"]),
    ]


# --------------------------------------------------------------------------------------------------------------- matrix


def test_a_matrix_has_a_column_for_each_end_and_its_ports() -> None:
    found = network.matrix(
        group(
            Link(EVERY, DNS, "TCP 53"),
            Link(METRICS, A, "TCP 8080"),
            Link(B, GITHUB, "TCP 443"),
            Link(B, GITHUB, "TCP 22", declared=False),
            Link(B, A, "TCP 8080"),
        )
    )
    assert [(column.end.name, column.said) for column in found.columns] == [
        ("prometheus", "TCP 8080"),
        ("kube-dns", "TCP 53"),
        ("api.github.com", "TCP 22, undeclared"),
        ("api.github.com", "TCP 443"),
    ]
    assert [(row.name, row.cells, row.others) for row in found.rows] == [
        ("every agent", (False, True, False, False), ()),
        ("a", (True, False, False, False), ()),
        ("b", (False, False, True, True), ("a TCP 8080",)),
    ]


def test_a_matrix_keeps_apart_who_calls_and_who_is_called() -> None:
    found = network.matrix(group(Link(METRICS, A, "TCP 80"), Link(B, METRICS, "TCP 80")))
    assert found.headings == (("Called by", 1), ("Calls, in the cluster", 1))
    assert [(row.name, row.cells) for row in found.rows] == [("a", (True, False)), ("b", (False, True))]


def test_a_wide_matrix_writes_out_what_few_have() -> None:
    hosts = [End(Zone.OUTSIDE, f"host-{number:02}") for number in range(network.MOST_COLUMNS + 2)]
    links = [Link(A, host, "TCP 443") for host in hosts] + [Link(B, hosts[-1], "TCP 443"), Link(METRICS, A, "TCP 80")]
    found = network.matrix(group(*links))
    assert len(found.columns) == network.MOST_COLUMNS
    assert [column.end for column in found.columns[:2]] == [METRICS, hosts[-1]], "which two have"
    a = next(row for row in found.rows if row.name == "a")
    assert a.others == ("host-16 TCP 443", "host-17 TCP 443", "host-18 TCP 443")
    assert all(a.cells)


# ---------------------------------------------------------------------------------------------------------------- graph

names = st.text("abc-.", min_size=1, max_size=70)
others = st.builds(End, st.sampled_from([Zone.CLUSTER, Zone.OUTSIDE]), names, st.sampled_from(["", "host", "x" * 60]))
agent_ends = st.sampled_from([EVERY, A, B, C, End(Zone.AGENTS, "a/training")])
said = st.sampled_from(["TCP 443", "TCP 53, UDP 53", "TCP 1-2, 3-4, 5-6, 7-8, 9-10"])
links = st.one_of(
    st.builds(Link, agent_ends, others, said, st.booleans()),
    st.builds(Link, others, agent_ends, said, st.booleans()),
    st.builds(Link, agent_ends, agent_ends, said, st.booleans()),
)


@given(st.lists(links, min_size=1, max_size=20, unique=True))
def test_nothing_overlaps_and_every_link_arrives(drawn: list[Link]) -> None:
    one = group(*drawn)
    found = graph.graph(one)
    assert found == graph.graph(one)
    assert found
    shapes: list[Box | Dock] = [*found.boxes, *found.docks]
    for first, second in combinations(shapes, 2):
        assert not overlap(first, second), (first, second)
    for frame, other in combinations(found.frames, 2):
        assert frame.x + frame.width <= other.x or frame.y + frame.height <= other.y or other.x + other.width <= frame.x
    for shape in shapes:
        (around,) = (frame for frame in found.frames if frame.x <= shape.x < frame.x + frame.width
                     and frame.y <= shape.y < frame.y + frame.height)  # fmt: skip
        assert shape.x + shape.width <= around.x + around.width
        assert shape.y + shape.height <= around.y + around.height
        assert around.x + around.width <= found.width
        assert around.y + around.height <= found.height
    tips = {tuple(map(float, re.findall(r"-?[\d.]+", dock.points)[2:3])) for dock in found.docks}
    assert len(found.curves) == len(drawn)
    for curve in found.curves:
        assert (float(curve.path.split()[-2]),) in tips, "it ends at no arrow"


def overlap(one: Box | Dock, other: Box | Dock) -> bool:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > 0.2 and down > 0.2  # to a tenth, docks touch their boxes


def test_names_are_cut_to_their_box() -> None:
    end = End(Zone.OUTSIDE, "a" * 40 + "b" * 40, "p" * 80)
    found = graph.graph(group(Link(A, end, "TCP 1-2, 3-4, 5-6, 7-8, 9-10")))
    assert found
    box = next(box for box in found.boxes if box.zone == "outside")
    assert (box.name, box.full) == ("a" * 17 + "\u2026" + "b" * 17, f"{end.name} ({end.place})")
    assert [(dock.text, dock.full) for dock in found.docks] == [
        ("TCP 1-2, 3-\u2026 7-8, 9-10", "TCP 1-2, 3-4, 5-6, 7-8, 9-10")
    ]


def test_all_agents_are_drawn_where_something_holds_for_every_one() -> None:
    found = graph.graph(group(Link(EVERY, DNS, "TCP 53")))
    assert found
    assert [box.name for box in found.boxes] == ["every agent", "a", "b", "c", "kube-dns"]
    assert [box.name for box in found.boxes if box.every] == ["every agent"]


def test_what_nobody_could_follow_is_not_drawn() -> None:
    hosts = [End(Zone.OUTSIDE, f"host-{number}") for number in range(graph.MOST_ENDS)]
    assert graph.graph(group(*(Link(A, host, "TCP 443") for host in hosts[:-1])))
    assert not graph.graph(group(*(Link(A, host, "TCP 443") for host in hosts)))
    many = [Link(A, DNS, f"TCP {port}") for port in range(graph.MOST_LINKS + 1)]
    assert graph.graph(group(*many[:-1]))
    assert not graph.graph(group(*many))
