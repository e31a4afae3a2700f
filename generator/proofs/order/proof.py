"""Finds what no sync could bring about: needs that come too late, cycles, and claims that nobody mounts in time."""

from collections.abc import Iterator
from itertools import pairwise

from generator import names
from generator.compiled import Compiled
from generator.proofs import references
from generator.proofs.evidence import Evidence, Manifest
from generator.proofs.findings import Breach, Breaches
from generator.proofs.order import annotations, applications, drains, nowhere
from generator.proofs.order.cycles import cycles
from generator.proofs.order.delivery import Delivery
from generator.proofs.order.needs import Item, Need, item_of, needs
from generator.proofs.order.report import OrderReport
from generator.proofs.places import Path, of_agent, of_environment

# Kinds whose pods come with the sync; a CronJob's come when its time comes.
_AT_ONCE = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job")


def prove(evidence: Evidence) -> OrderReport:
    """The order of every sync, and every need that it does not meet."""
    delivery = Delivery.of(evidence)
    breaches = Breaches()
    for breach in applications.breaches(evidence.fleet, delivery):
        breaches.add("", breach)
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    for compiled in delivery.environments:
        for breach in (
            *_breaches(delivery, compiled),
            *nowhere.breaches(declared[compiled.environment], compiled),
            *drains.breaches(compiled),
        ):
            breaches.add(compiled.environment, breach)
    return OrderReport(applications=tuple(delivery.report()), findings=breaches.findings())


def _breaches(delivery: Delivery, compiled: Compiled) -> Iterator[Breach]:
    environment = compiled.environment
    yield from _late_or_circular(delivery, environment, needs(compiled))
    for owner, manifests in compiled.objects.items():
        if (environment, owner) not in delivery.applications:
            message = f"no Application syncs overlays/{environment}/{owner}"
            paths, hint = _paths(owner, environment), "run `kustodian generate`"
            yield Breach(rule="application-missing", paths=paths, message=message, hint=hint)
        yield from _waiting(environment, owner, manifests)
        yield from annotations.breaches(owner, manifests, _paths(owner, environment))


# ---------------------------------------------------------------------------------------------------------------- needs


def _late_or_circular(delivery: Delivery, environment: str, found: list[Need]) -> Iterator[Breach]:
    """A need within a cycle is told as part of the cycle only."""
    of_items = list(cycles((need.item, need.needs) for need in found))
    for cycle in of_items:
        message = f"{' needs '.join(map(str, cycle))}: none of them can be the first"
        paths, hint = _paths(cycle[0].owner, environment), "let one of them do without the next"
        yield Breach(rule="order-cycle", paths=paths, message=message, hint=hint)
    pairs = ((need.item.owner, need.needs.owner) for need in found)
    of_owners = list(cycles(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1])))
    told = {frozenset({item.owner for item in cycle}) for cycle in of_items}
    for cycle_ in of_owners:
        if frozenset(cycle_) not in told:
            message = f"the Applications of {' and '.join(dict.fromkeys(cycle_))} each hold what the other needs"
            paths, hint = _paths(cycle_[0], environment), "hold it in one of them"
            yield Breach(rule="order-cycle", paths=paths, message=message, hint=hint)
    circular = {pair for cycle in of_items for pair in pairwise(cycle)}
    circular_owners = {pair for cycle_ in of_owners for pair in pairwise(cycle_)}
    for need in found:
        owners = need.item.owner, need.needs.owner
        if (need.item, need.needs) not in circular and owners not in circular_owners:
            yield from _late(delivery, environment, need)


def _late(delivery: Delivery, environment: str, need: Need) -> Iterator[Breach]:
    item, other = need.item, need.needs
    if item.owner == other.owner:
        late = other.place >= item.place if need.before else other.turn > item.turn
        where = _turns(item, other)
    else:
        own, its = delivery.wave(environment, item.owner), delivery.wave(environment, other.owner)
        if own is None or its is None:
            return
        late = its >= own if need.before else its > own
        where = f"the Application of {other.owner} is in wave {its}, that of {item.owner} in {own}"
    if late:
        message = f"{item} needs {other}, which does not come before it ({where})"
        paths, hint = _paths(item.owner, environment), f"put the {other.kind} into an earlier wave"
        yield Breach(rule="needs-later-wave", paths=paths, message=message, hint=hint)


def _turns(item: Item, other: Item) -> str:
    if item.place == other.place:
        return f"both in wave {item.wave}, in no order"
    if item.turn == other.turn:
        return f"both in wave {item.wave}, where each {item.kind} is applied first"
    return f"wave {other.wave} after wave {item.wave}" if item.phase == other.phase else "a later phase of the sync"


def _waiting(environment: str, owner: str, manifests: list[Manifest]) -> Iterator[Breach]:
    """A claim is well once a pod uses it, where its class waits for one; which class does, no manifest says."""
    first_use: dict[str, tuple[int, int]] = {}
    items = [(item_of(owner, manifest), manifest) for manifest in manifests]
    for item, manifest in items:
        template = references.template_of(manifest) if item.kind in _AT_ONCE else None
        for claim in references.claims(template["spec"]) if template else ():
            first_use[claim] = min(item.turn, first_use.get(claim, item.turn))
    last = max((item for item, _ in items), key=lambda item: item.turn, default=None)
    for item, _ in items:
        if item.kind != "PersistentVolumeClaim" or not last or last.turn <= item.turn:
            continue
        if item.name not in first_use or first_use[item.name] > item.turn:
            message = f"{item} waits in wave {item.wave} for a pod that uses it, and {last} waits for it in {last.wave}"
            paths, hint = _paths(owner, environment), "put the claim into its pods' wave"
            yield Breach(rule="claim-waits", paths=paths, message=message, hint=hint)


def _paths(owner: str, environment: str) -> tuple[Path, ...]:
    return (of_environment(environment) if owner == names.NAMESPACE_FOLDER else of_agent(owner, environment),)
