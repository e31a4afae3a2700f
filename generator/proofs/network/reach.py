"""Adds network policies up as Kubernetes does: what is open between pods, and from pods to addresses and names.

What is open to a pod is what any policy that selects it opens; a pod that no policy selects in a direction is open in
it. Between two pods, the one's egress and the other's ingress must both be open. Sets of pods are the bits of one
number, so that a rule leads to its peers without a look at any other pod; and pods that the same policies select share
one `_Side`, in which what is open to a peer is found without a look at the other rules.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from generator.proofs.network import intervals
from generator.proofs.network.intervals import ALL_ADDRESSES, Intervals
from generator.proofs.network.policies import (
    ALL,
    EVERYONE,
    AddressPeer,
    Grant,
    NamePeer,
    Peer,
    PodPeer,
    Policy,
    Ports,
)
from generator.proofs.network.regions import ByPort, Regions
from generator.proofs.network.selectors import Labels, Selector

INGRESS, EGRESS = "Ingress", "Egress"


NamedPorts = tuple[tuple[str, str, int], ...]  # protocol, name and number


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod, or all that are like it."""

    namespace: str
    labels: Labels
    ports: NamedPorts = ()  # of its containers


class _Side:
    """What some policies together open in one direction, to or from each of their peers."""

    def __init__(self, grants: tuple[Grant, ...]) -> None:
        self.grants = grants
        self.peers: dict[Peer, dict[Ports, None]] = {}
        for grant in grants:
            for peer in grant.peers:
                self.peers.setdefault(peer, {})[grant.ports] = None

    @cached_property
    def names(self) -> Mapping[str, Intervals]:
        """What is open by name. What goes by a name has none for its ports."""
        return {
            peer.name: intervals.union(ports.numbers for ports in several)
            for peer, several in self.peers.items()
            if isinstance(peer, NamePeer)
        }

    @cached_property
    def everywhere(self) -> Intervals:
        """The ports on which everyone is reached."""
        return intervals.union(ports.numbers for ports in self.peers.get(EVERYONE, ()))

    @cached_property
    def by_port(self) -> ByPort:
        """Every address that is open. None has names for its ports."""
        return ByPort(self.regions(()))

    def regions(self, named: NamedPorts) -> Regions:
        """The addresses that are open, where the receiver gives ports these names."""
        regions = (
            (numbers(grant.ports, named), intervals.union(_addresses(peer) for peer in grant.peers))
            for grant in self.grants
        )
        return tuple(sorted({(ports, addresses) for ports, addresses in regions if ports and addresses}))


class Reach:
    """Who reaches whom among these pods, and what else they reach. A pod is known by its index."""

    def __init__(self, pods: Sequence[Pod], namespaces: Mapping[str, Labels], policies: Sequence[Policy]) -> None:
        """`namespaces` has the labels of each; a namespace without policies is open."""
        self.pods = pods
        self.namespaces = namespaces
        self._everyone = (1 << len(pods)) - 1
        self._index()
        self._sides = {direction: self._granted(direction, policies) for direction in (INGRESS, EGRESS)}
        self._selected: dict[Peer, int] = {}
        self._peers_of: dict[str, list[list[Peer]]] = {side: self._turned(side) for side in (INGRESS, EGRESS)}
        self._open: dict[tuple[int, int], Intervals] = {}

    # ----------------------------------------------------------------------------------------------------- between pods

    def edges(self, subjects: Iterable[int], *, among_wide: bool = True) -> Iterator[tuple[int, int]]:
        """Every two pods that are open to each other, from and to, if one of them is among the subjects.

        Without `among_wide`, not those subjects of which the one may go everywhere and the other be reached from
        everywhere: they may be all the pairs that there are.
        """
        callers, within = self._callers(), _mask_of(subjects)
        wide_from, wide_to = (0, 0) if among_wide else (within & self._wide(side) for side in (EGRESS, INGRESS))
        for source in range(len(self.pods)):
            found = callers[source] & self._peers(source, EGRESS)
            if not within >> source & 1:
                found &= within
            if wide_from >> source & 1:
                found &= ~wide_to
            yield from ((source, target) for target in _bits(found) if self.open(source, target))

    def open(self, source: int, target: int) -> Intervals:
        """The ports on which one pod reaches the other."""
        if (source, target) not in self._open:
            sides = self.one_side(source, target, EGRESS), self.one_side(target, source, INGRESS)
            self._open[source, target] = intervals.intersection(*sides)
        return self._open[source, target]

    def one_side(self, pod: int, other: int, direction: str) -> Intervals:
        """The ports that this pod's own policies open to or from the other."""
        receiver = self.pods[other if direction == EGRESS else pod]
        side, of_other = self._sides[direction][pod].peers, self._peers_of[direction][other]
        common = (
            [peer for peer in of_other if peer in side] if len(of_other) < len(side) else self._peers_in(side, other)
        )
        return intervals.union(numbers(ports, receiver.ports) for peer in common for ports in side[peer])

    def _peers_in(self, side: Mapping[Peer, Iterable[Ports]], pod: int) -> list[Peer]:
        return [peer for peer in side if self._mask(peer) >> pod & 1]

    def read_answers(self, pod: int, server: int) -> Intervals:
        """The ports on which Cilium reads what a DNS server answers this pod."""
        return intervals.union(
            grant.ports.numbers
            for grant in self._sides[EGRESS][pod].grants
            if grant.reads_answers and any(self._mask(peer) >> server & 1 for peer in grant.peers)
        )

    # ----------------------------------------------------------------------------------------------- beyond the cluster

    def addresses(self, pod: int, direction: str) -> Regions:
        """The addresses to or from which the pod is open. One that it sends to has no names for its ports."""
        return self._sides[direction][pod].regions(self.pods[pod].ports if direction == INGRESS else ())

    def to_addresses(self, pod: int) -> ByPort:
        """The addresses to which the pod is open, port by port."""
        return self._sides[EGRESS][pod].by_port

    def names(self, pod: int) -> Mapping[str, Intervals]:
        """What the pod's policies open by name, and on which ports."""
        return self._sides[EGRESS][pod].names

    def to_name(self, pod: int, name: str) -> Intervals:
        """The ports on which the pod reaches what has this name, be it by the name or since it goes everywhere."""
        side = self._sides[EGRESS][pod]
        return intervals.union([side.names.get(name, intervals.NONE), side.everywhere])

    # ------------------------------------------------------------------------------------------------------------ peers

    def selected(self, peer: PodPeer) -> list[int]:
        """The pods that the peer means."""
        spaces = peer.namespaces
        names = [spaces] if isinstance(spaces, str) else self._namespaces_selected(spaces)
        return [pod for name in names for pod in self._matching(name, peer.pods)]

    def _mask(self, peer: Peer) -> int:
        mask = self._selected.get(peer)
        if mask is None:
            mask = _mask_of(self.selected(peer)) if isinstance(peer, PodPeer) else 0
            mask = self._selected[peer] = self._everyone if peer == EVERYONE else mask
        return mask

    def _peers(self, pod: int, direction: str) -> int:
        mask = 0
        for peer in self._sides[direction][pod].peers:
            mask |= self._mask(peer)
        return mask

    def _callers(self) -> list[int]:
        """For each pod, those whose ingress is open to it."""
        receivers: dict[Peer, int] = {}
        for pod, side in enumerate(self._sides[INGRESS]):
            for peer in side.peers:
                receivers[peer] = receivers.get(peer, 0) | 1 << pod
        result = [0] * len(self.pods)
        for pod, peers in enumerate(self._peers_of[INGRESS]):
            for peer in peers:
                result[pod] |= receivers[peer]
        return result

    def _turned(self, direction: str) -> list[list[Peer]]:
        """For each pod, the peers that mean it."""
        result: list[list[Peer]] = [[] for _ in self.pods]
        for peer in dict.fromkeys(peer for side in dict.fromkeys(self._sides[direction]) for peer in side.peers):
            for pod in _bits(self._mask(peer)):
                result[pod].append(peer)
        return result

    def _wide(self, direction: str) -> int:
        return _mask_of(pod for pod, side in enumerate(self._sides[direction]) if ALL in side.grants)

    # ------------------------------------------------------------------------------------------------------------ index

    def _index(self) -> None:
        self._by_namespace: dict[str, list[int]] = {}
        self._by_label: dict[tuple[str, str, str], list[int]] = {}
        self._named: dict[tuple[str, str], list[str]] = {}
        for number, pod in enumerate(self.pods):
            self._by_namespace.setdefault(pod.namespace, []).append(number)
            for key, value in pod.labels.items():
                self._by_label.setdefault((pod.namespace, key, value), []).append(number)
        for name, labels in self.namespaces.items():
            for pair in labels.items():
                self._named.setdefault(pair, []).append(name)

    def _matching(self, namespace: str, selector: Selector) -> list[int]:
        lists = [self._by_label.get((namespace, key, value), []) for key, value in selector.equal]
        candidates = min(lists, key=len, default=self._by_namespace.get(namespace, []))
        return [number for number in candidates if selector.selects(self.pods[number].labels)]

    def _namespaces_selected(self, selector: Selector) -> list[str]:
        lists = [self._named.get(pair, []) for pair in selector.equal]
        candidates = min(lists, key=len) if lists else list(self.namespaces)
        return [name for name in candidates if selector.selects(self.namespaces[name])]

    def _granted(self, direction: str, policies: Sequence[Policy]) -> list[_Side]:
        """What each pod is granted; everything where no policy selects it."""
        found: dict[int, list[int]] = {}
        for number, policy in enumerate(policies):
            if direction in policy.grants:
                for pod in self._matching(policy.namespace, policy.pods):
                    found.setdefault(pod, []).append(number)
        sides: dict[tuple[int, ...], _Side] = {(): _Side((ALL,))}
        for several in map(tuple, found.values()):
            if several not in sides:
                sides[several] = _Side(tuple(grant for one in several for grant in policies[one].grants[direction]))
        return [sides[tuple(found.get(pod, ()))] for pod in range(len(self.pods))]


def numbers(ports: Ports, named: NamedPorts) -> Intervals:
    """The ports by their number, where the receiver gives them these names."""
    if not ports.named:
        return ports.numbers
    found = (intervals.ports(protocol, number) for protocol, name, number in named if (protocol, name) in ports.named)
    return intervals.union([ports.numbers, *found])


def _addresses(peer: Peer) -> Intervals:
    if isinstance(peer, AddressPeer):
        return peer.addresses
    return ALL_ADDRESSES if peer == EVERYONE else intervals.NONE


def _mask_of(numbers: Iterable[int]) -> int:
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
