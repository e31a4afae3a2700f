"""What is open, held against an evaluator that asks about each pair, port and address one by one; sets of ranges."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.proofs.network import intervals
from generator.proofs.network.declared import PUBLIC
from generator.proofs.network.policies import read
from generator.proofs.network.reach import EGRESS, INGRESS, Pod, Reach
from generator.proofs.network.regions import Regions, beyond
from generator.proofs.network.selectors import selector
from tests.network_reference import Manifest, Reference, SomePod, selects
from tests.support import MORE

KEYS, VALUES = ["a", "b", "c"], ["x", "y"]
PORT_NUMBERS = [1, 53, 79, 80, 81, 443, 444, 65535]
PORTS = list(product(intervals.PROTOCOLS, PORT_NUMBERS))
NAME = "kubernetes.io/metadata.name"
NAMESPACES = ["n1", "n2", "n3"]
ADDRESSES = ["9.255.255.255", "10.0.0.0", "10.0.0.7", "10.0.0.8", "10.1.0.0", "255.255.255.255", "0.0.0.0", "fd00::1",
             "fd00::ffff", "fd01::", "::", "ffff::1"]  # fmt: skip

labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
expressions = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        st.sampled_from([*KEYS, NAME]),
        st.sampled_from(["In", "NotIn"]),
        st.lists(st.sampled_from([*VALUES, *NAMESPACES]), min_size=1, max_size=3, unique=True),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator},
        st.sampled_from([*KEYS, NAME]),
        st.sampled_from(["Exists", "DoesNotExist"]),
    ),
)
selectors = st.one_of(
    st.just({}),
    labels.map(lambda found: {"matchLabels": found}),
    st.sampled_from(NAMESPACES).map(lambda name: {"matchLabels": {NAME: name}}),
    st.lists(expressions, max_size=2).map(lambda found: {"matchExpressions": found}),
    st.builds(
        lambda equal, others: {"matchLabels": equal, "matchExpressions": others},
        labels,
        st.lists(expressions, max_size=2),
    ),
)
blocks = st.sampled_from(
    [
        {"cidr": "10.0.0.0/8"},
        {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/29", "10.0.0.8/32"]},
        {"cidr": "0.0.0.0/0", "except": []},
        {"cidr": "10.0.0.0/29", "except": ["10.0.0.7/32"]},
        {"cidr": "::/0", "except": ["fd00::/112", "fd00::/16"]},
        {"cidr": "fd00::/112"},
    ]
)
peers = st.one_of(
    st.builds(lambda one: {"podSelector": one}, selectors),
    st.builds(lambda one: {"namespaceSelector": one}, selectors),
    st.builds(lambda one, other: {"namespaceSelector": one, "podSelector": other}, selectors, selectors),
    blocks.map(lambda one: {"ipBlock": one}),
)
protocols = st.fixed_dictionaries({}, optional={"protocol": st.sampled_from(intervals.PROTOCOLS)})
port_kinds: st.SearchStrategy[Manifest] = st.one_of(
    st.just({}),
    st.sampled_from(PORT_NUMBERS).map(lambda port: {"port": port}),
    st.sampled_from(["http", "dns"]).map(lambda port: {"port": port}),
    st.lists(st.sampled_from(PORT_NUMBERS), min_size=2, max_size=2).map(
        lambda pair: {"port": min(pair), "endPort": max(pair)}
    ),
)
port_rules = st.builds(lambda one, other: one | other, protocols, port_kinds)


def rules(side: str) -> st.SearchStrategy[list[Manifest]]:
    fields = {side: st.lists(peers, max_size=2), "ports": st.lists(port_rules, max_size=2)}
    return st.lists(st.fixed_dictionaries({}, optional=fields), max_size=2)


policies = st.builds(
    lambda namespace, spec: {
        "kind": "NetworkPolicy",
        "metadata": {"name": "some", "namespace": namespace},
        "spec": spec,
    },
    st.sampled_from(NAMESPACES),
    st.fixed_dictionaries(
        {"podSelector": selectors},
        optional={
            "policyTypes": st.sampled_from([[], ["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
            "ingress": rules("from"),
            "egress": rules("to"),
        },
    ),
)
container_ports = st.lists(
    st.builds(
        lambda name, number, protocol: {"name": name, "containerPort": number, **protocol},
        st.sampled_from(["http", "dns"]),
        st.sampled_from([53, 80, 443]),
        protocols,
    ),
    max_size=2,
    unique_by=lambda port: port["name"],
)
some_pods = st.builds(SomePod, st.sampled_from(NAMESPACES), labels, container_ports)
clusters = st.tuples(
    st.lists(some_pods, min_size=1, max_size=4),
    st.fixed_dictionaries(dict.fromkeys(NAMESPACES, labels)),
    st.lists(policies, max_size=4),
)


def reach_of(pods: list[SomePod], namespaces: dict[str, dict[str, str]], written: list[Manifest]) -> Reach:
    known = [
        Pod(
            namespace=pod.namespace,
            labels=pod.labels,
            ports=tuple((port.get("protocol", "TCP"), port["name"], port["containerPort"]) for port in pod.ports),
        )
        for pod in pods
    ]
    return Reach(known, namespaces, list(map(read, written)))


def holds(found: intervals.Intervals, protocol: str, port: int) -> bool:
    return bool(intervals.intersection(found, intervals.ports(protocol, port)))


def named_port(protocol: str) -> Any:
    """A cluster of one pod with a TCP port called http, and a rule that opens what is called so, by this protocol."""
    pod = SomePod("n1", {}, [{"name": "http", "containerPort": 80}])
    ingress = [{"ports": [{"protocol": protocol, "port": "http"}]}]
    written = {
        "kind": "NetworkPolicy",
        "metadata": {"name": "some", "namespace": "n1"},
        "spec": {"podSelector": {}, "ingress": ingress},
    }
    return [pod], {name: {} for name in NAMESPACES}, [written]


@settings(max_examples=400 * MORE, suppress_health_check=list(HealthCheck))
@example(cluster=named_port("TCP"))
@example(cluster=named_port("UDP"))
@given(cluster=clusters)
def test_the_proof_agrees_with_asking_for_every_pair_and_port(cluster: Any) -> None:
    pods, named, written = cluster
    namespaces = {name: found | {NAME: name} for name, found in named.items()}
    reference, reach = Reference(namespaces, written), reach_of(pods, namespaces, written)
    edges = set()
    for (source, one), (target, other) in product(enumerate(pods), repeat=2):
        expected = {(*port,) for port in PORTS if reference.between(one, other, *port)}
        assert {(*port,) for port in PORTS if holds(reach.open(source, target), *port)} == expected
        if expected:
            edges.add((source, target))
    assert set(reach.edges(range(len(pods)))) == edges
    assert set(reach.edges([0])) == {edge for edge in edges if 0 in edge}


@settings(max_examples=200 * MORE, suppress_health_check=list(HealthCheck))
@example(cluster=named_port("TCP"))
@given(cluster=clusters)
def test_the_proof_agrees_with_asking_for_every_address(cluster: Any) -> None:
    pods, named, written = cluster
    namespaces = {name: found | {NAME: name} for name, found in named.items()}
    reference, reach = Reference(namespaces, written), reach_of(pods, namespaces, written)
    for (number, pod), address in product(enumerate(pods), ADDRESSES):
        there = intervals.addresses(address)
        for direction, ask in ((EGRESS, reference.egress), (INGRESS, reference.ingress)):
            regions = reach.addresses(number, direction)
            for port in PORTS:
                found = any(holds(ports, *port) and intervals.intersection(at, there) for ports, at in regions)
                # The name of a port is the receiver's; an address has none.
                assert found == ask(pod, address, *port), (direction, address, port)


@settings(max_examples=300 * MORE)
@given(written=selectors, others=st.lists(labels, max_size=4))
def test_the_witnesses_of_a_selector_are_selected_and_stand_for_all(written: Manifest, others: list[Any]) -> None:
    read_ = selector(written)
    witnesses = list(read_.witnesses({}))
    for witness in witnesses:
        assert selects(written, witness)
    for other in others:
        if selects(written, other):
            # `*` stands for any value of a label that must only be there.
            assert any(
                all(other.get(key) == value or (value == "*" and key in other) for key, value in witness.items())
                for witness in witnesses
            )


number_sets = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=4).map(
    lambda pairs: intervals.union(((first, first + length),) for first, length in pairs)
)


def numbers(of: intervals.Intervals) -> set[int]:
    return {number for first, last in of for number in range(first, last + 1)}


@given(one=number_sets, other=number_sets)
def test_ranges_are_sets(one: intervals.Intervals, other: intervals.Intervals) -> None:
    assert numbers(intervals.union([one, other])) == numbers(one) | numbers(other)
    assert numbers(intervals.intersection(one, other)) == numbers(one) & numbers(other)
    assert numbers(intervals.difference(one, other)) == numbers(one) - numbers(other)


@given(
    one=st.lists(st.tuples(number_sets, number_sets), max_size=3).map(tuple),
    other=st.lists(st.tuples(number_sets, number_sets), max_size=3).map(tuple),
)
def test_regions_are_sets_of_pairs(one: Regions, other: Regions) -> None:
    def pairs(of: Regions) -> set[tuple[int, int]]:
        return {pair for ports, there in of for pair in product(numbers(ports), numbers(there))}

    rest = beyond(one, other)
    assert pairs(rest) == pairs(one) - pairs(other)
    assert len({there for _, there in rest}) == len(rest)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "fd00::1", "fe80::1"])
def test_private_addresses_are_not_public(address: str) -> None:
    assert not intervals.intersection(PUBLIC, intervals.addresses(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "172.15.0.1", "2606:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    assert intervals.intersection(PUBLIC, intervals.addresses(address))
