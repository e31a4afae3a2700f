"""What a change of one object may do: every risk with its reason in words, the worst first."""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from generator.review import destroys, immutable, restarts
from generator.review.fields import FieldChange
from generator.review.matching import Pair, Side
from generator.review.widening import widens


class Risk(IntEnum):
    """What a change may do, the worst first: the order in which a plan lists changes."""

    DESTROYS = 0  # data or what holds it goes
    WIDENS = 1  # somebody may do or reach more
    RESTARTS = 2  # pods are replaced
    REFUSED = 3  # the API server will refuse the update: an immutable field
    HARMLESS = 4


Risks = tuple[tuple[Risk, str], ...]
_Found = Iterator[tuple[Risk, str]]


def of_added(after: Side) -> Risks:
    """What a new object brings."""
    return _ranked(_each(Risk.WIDENS, widens(None, after.manifest)), "is new")


def of_removed(before: Side, *, with_its_owner: bool) -> Risks:
    """What goes with an object; `with_its_owner` says that nothing of its owner stays."""
    manifest = before.manifest
    found = [
        *_each(Risk.DESTROYS, destroys.removed(manifest)),
        *_each(Risk.WIDENS, widens(manifest, None, with_its_pods=with_its_owner)),
        *_each(Risk.RESTARTS, restarts.stops(manifest)),
    ]
    return _ranked(found, "is deleted")


def of_changed(pair: Pair, fields: Sequence[FieldChange], contents: Sequence[str]) -> Risks:
    """What becomes of an object; `contents` says what its pods read that will have other content."""
    before, after = pair.before.manifest, pair.after.manifest
    found = [
        *_each(Risk.DESTROYS, destroys.redirected(before, after)),
        *_each(Risk.WIDENS, widens(before, after)),
    ]
    if pair.made_anew:
        found += _made_anew(pair)
        return _ranked(found, f"is deleted as {pair.before.key.name} and made anew as {pair.after.key.name}")
    found += _each(Risk.RESTARTS, restarts.restarts(after, fields, contents))
    if pair.before.key != pair.after.key:
        found.append((Risk.HARMLESS, "is made anew under a new name, and what reads it follows"))
    else:
        found += _each(Risk.HARMLESS, restarts.calmly(after, fields, contents))
        found += _each(Risk.REFUSED, immutable.refused(before, after, fields))
        found += _each(Risk.HARMLESS, immutable.grown(after, fields))
    if pair.before.source != pair.after.source:
        found += _handed_over(pair)
    return _ranked(found, "is changed in place")


def _made_anew(pair: Pair) -> _Found:
    """Another name or namespace is another object: the old one is deleted."""
    before, old, new = pair.before.manifest, pair.before.key, pair.after.key
    if old.namespace != new.namespace:
        lost = destroys.removed(before)
        moves = f"is deleted in {old.namespace} and made anew in {new.namespace}"
        yield Risk.DESTROYS, f"{moves}: {lost}" if lost else moves
    else:
        yield from _each(Risk.DESTROYS, destroys.remade(before))
    if restarts.runs(before):
        yield Risk.RESTARTS, f"its pods are replaced by those of {new}"


def _handed_over(pair: Pair) -> _Found:
    """Argo CD syncs each owner on its own, in any order."""
    old, new = pair.before.source.owner, pair.after.source.owner
    lost = destroys.removed(pair.before.manifest)
    if lost:
        yield Risk.DESTROYS, f"moves from {old} to {new}, and may be deleted for {old} before {new} has it: {lost}"
    else:
        yield Risk.HARMLESS, f"moves from {old} to {new}"


def _each(risk: Risk, reasons: Iterable[str] | str | None) -> _Found:
    if reasons:
        yield from ((risk, reason) for reason in ([reasons] if isinstance(reasons, str) else reasons))


def _ranked(found: Iterable[tuple[Risk, str]], otherwise: str) -> Risks:
    return tuple(sorted(set(found))) or ((Risk.HARMLESS, otherwise),)
