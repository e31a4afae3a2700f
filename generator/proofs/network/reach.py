"""Adds network policies up as Kubernetes does: what is open between pods, and from pods to addresses and names.

What is open to a pod is what any policy that selects it opens; a pod that no policy selects in a direction is open in
it. Between two pods, the one's egress and the other's ingress must both be open. Sets of pods are the bits of one
number, so that a rule leads to its peers without a look at any other pod.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.proofs.network import intervals
from generator.proofs.network.intervals import ALL_ADDRESSES, Intervals, Regions
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
from generator.proofs.network.selectors import Labels, Selector

INGRESS, EGRESS = "Ingress", "Egress"


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod, or all that are like it."""

    namespace: str
    labels: Labels
    ports: tuple[tuple[str, str, int], ...] = ()  # protocol, name and number of its containers' named ports


class Reach:
    """Who reaches whom among these pods, and what else they reach. A pod is known by its index."""

    def __init__(self, pods: Sequence[Pod], namespaces: Mapping[str, Labels], policies: Sequence[Policy]) -> None:
        """`namespaces` has the labels of each; a namespace without policies is open."""
        self.pods = pods
        self.namespaces = namespaces
        self._everyone = (1 << len(pods)) - 1
        self._index()
        self._grants = {direction: self._granted(direction, policies) for direction in (INGRESS, EGRESS)}
        self._selected: dict[Peer, int] = {}
        self._open: dict[tuple[int, int], Intervals] = {}
        self._numbers: dict[tuple[Ports, tuple[tuple[str, str, int], ...]], Intervals] = {}

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
        return intervals.union(
            self._port_numbers(grant.ports, receiver)
            for grant in self._grants[direction][pod]
            if any(self._mask(peer) >> other & 1 for peer in grant.peers)
        )

    # ----------------------------------------------------------------------------------------------- beyond the cluster

    def addresses(self, pod: int, direction: str) -> Regions:
        """The addresses to or from which the pod is open. One that it sends to has no names for its ports."""
        receiver = self.pods[pod] if direction == INGRESS else Pod(namespace="", labels={})
        regions = (
            (self._port_numbers(grant.ports, receiver), intervals.union(_addresses(peer) for peer in grant.peers))
            for grant in self._grants[direction][pod]
        )
        return tuple(sorted({(ports, addresses) for ports, addresses in regions if ports and addresses}))

    def names(self, pod: int) -> dict[str, Intervals]:
        """What the pod's policies open by name, and on which ports."""
        found: dict[str, list[Intervals]] = {}
        for grant in self._grants[EGRESS][pod]:
            for peer in grant.peers:
                if isinstance(peer, NamePeer):
                    found.setdefault(peer.name, []).append(grant.ports.numbers)
        return {name: intervals.union(ports) for name, ports in found.items()}

    def to_name(self, pod: int, name: str) -> Intervals:
        """The ports on which the pod reaches what has this name, be it by the name or since it goes everywhere."""
        everywhere = (grant.ports.numbers for grant in self._grants[EGRESS][pod] if EVERYONE in grant.peers)
        return intervals.union([self.names(pod).get(name, intervals.NONE), *everywhere])

    # ------------------------------------------------------------------------------------------------------------ peers

    def selected(self, peer: PodPeer) -> list[int]:
        """The pods that the peer means."""
        names = (
            [peer.namespaces]
            if isinstance(peer.namespaces, str)
            else [name for name, labels in self.namespaces.items() if peer.namespaces.selects(labels)]
        )
        return [pod for name in names for pod in self._matching(name, peer.pods)]

    def _mask(self, peer: Peer) -> int:
        mask = self._selected.get(peer)
        if mask is None:
            mask = _mask_of(self.selected(peer)) if isinstance(peer, PodPeer) else 0
            mask = self._selected[peer] = self._everyone if peer == EVERYONE else mask
        return mask

    def _peers(self, pod: int, direction: str) -> int:
        mask = 0
        for grant in self._grants[direction][pod]:
            for peer in grant.peers:
                mask |= self._mask(peer)
        return mask

    def _callers(self) -> list[int]:
        """For each pod, those whose ingress is open to it: turned round peer by peer, since many share theirs."""
        receivers: dict[Peer, list[int]] = {}
        for pod in range(len(self.pods)):
            for peer in {peer for grant in self._grants[INGRESS][pod] for peer in grant.peers}:
                receivers.setdefault(peer, []).append(pod)
        result = [0] * len(self.pods)
        for peer, pods in receivers.items():
            mask = _mask_of(pods)
            for source in _bits(self._mask(peer)):
                result[source] |= mask
        return result

    def _wide(self, direction: str) -> int:
        return _mask_of(pod for pod, grants in enumerate(self._grants[direction]) if ALL in grants)

    # ------------------------------------------------------------------------------------------------------------ index

    def _index(self) -> None:
        self._by_namespace: dict[str, list[int]] = {}
        self._by_label: dict[tuple[str, str, str], list[int]] = {}
        for number, pod in enumerate(self.pods):
            self._by_namespace.setdefault(pod.namespace, []).append(number)
            for key, value in pod.labels.items():
                self._by_label.setdefault((pod.namespace, key, value), []).append(number)

    def _matching(self, namespace: str, selector: Selector) -> list[int]:
        lists = [self._by_label.get((namespace, key, value), []) for key, value in selector.equal]
        candidates = min(lists, key=len, default=self._by_namespace.get(namespace, []))
        return [number for number in candidates if selector.selects(self.pods[number].labels)]

    def _granted(self, direction: str, policies: Sequence[Policy]) -> list[tuple[Grant, ...]]:
        """What each pod is granted; everything where no policy selects it."""
        found: dict[int, list[tuple[Grant, ...]]] = {}
        for policy in policies:
            if direction in policy.grants:
                for pod in self._matching(policy.namespace, policy.pods):
                    found.setdefault(pod, []).append(policy.grants[direction])
        return [
            tuple(grant for grants in found[pod] for grant in grants) if pod in found else (ALL,)
            for pod in range(len(self.pods))
        ]

    def _port_numbers(self, ports: Ports, receiver: Pod) -> Intervals:
        if not ports.named:
            return ports.numbers
        key = (ports, receiver.ports)
        if key not in self._numbers:
            named = (
                intervals.ports(protocol, number)
                for protocol, name, number in receiver.ports
                if (protocol, name) in ports.named
            )
            self._numbers[key] = intervals.union([ports.numbers, *named])
        return self._numbers[key]


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
