"""Every difference between two sets of built objects, object by object, the riskiest first.

Objects of one environment are the same if group, kind, namespace and name are; or if they differ in no more than the
hash that Kustomize puts behind the name of a ConfigMap or Secret; or if their owner was renamed, and they with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from generator.review.fields import ABSENT, FieldChange, differences
from generator.review.matching import Pair, Side, matched
from generator.review.objects import Manifest, ObjectKey
from generator.review.renames import Built, strings, translated, translation
from generator.review.restarts import referred
from generator.review.risks import Risk, Risks, of_added, of_changed, of_removed
from generator.review.sources import Source

__all__ = ["ABSENT", "Change", "FieldChange", "Manifest", "ObjectKey", "Risk", "Source", "compare"]

Verb = Literal["added", "changed", "removed", "renamed"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one object.

    `key` is its key after the change, or before where it is removed. `before_key` is the key it had before, where that
    was another: a new name, a new namespace, another hash of its content. `risks` is never empty, the worst first.
    A change may have no fields: where only what its pods read has other content, or only its owner is another.
    """

    source: Source
    verb: Verb
    key: ObjectKey
    before_key: ObjectKey | None
    fields: tuple[FieldChange, ...]
    risks: Risks

    @property
    def risk(self) -> Risk:
        """The worst of its risks."""
        return self.risks[0][0]


def compare(before: Built, after: Built) -> tuple[Change, ...]:
    """What turns the objects of one side into those of the other, ordered by risk, then source, then object."""
    found = matched(before, after)
    contents = _Contents(found.pairs)
    staying = {source for source, manifests in after.items() if manifests}
    changes = [change for pair in found.pairs if (change := _changed(pair, contents))]
    changes += [_alone("added", side, of_added(side)) for side in found.added]
    for side in found.removed:
        changes.append(_alone("removed", side, of_removed(side, with_its_owner=side.source not in staying)))
    return tuple(sorted(changes, key=lambda change: (change.risk, change.source, change.key, change.verb)))


def _alone(verb: Verb, side: Side, risks: Risks) -> Change:
    return Change(source=side.source, verb=verb, key=side.key, before_key=None, fields=(), risks=risks)


def _changed(pair: Pair, contents: "_Contents") -> Change | None:
    before, after = pair.before, pair.after
    moved = before.source != after.source or pair.made_anew
    if before.manifest == after.manifest and not moved:
        return None
    read = contents.read_by(before) if not pair.made_anew else ()
    pair = replace(pair, before=replace(before, manifest=contents.translated(pair)))
    fields = tuple(differences(pair.before.manifest, after.manifest))
    if not (fields or read or moved):
        return None
    return Change(
        source=after.source,
        verb="renamed" if pair.made_anew else "changed",
        key=after.key,
        before_key=before.key if before.key != after.key else None,
        fields=fields,
        risks=of_changed(pair, fields, read),
    )


class _Contents:
    """ConfigMaps and Secrets whose name changes with their content: by namespace, the old name to the new object."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._new: dict[tuple[str, str], dict[str, ObjectKey]] = {}
        for pair in pairs:
            old, new = pair.before.key, pair.after.key
            if old.stem != old.name != new.name:
                self._new.setdefault((pair.before.source.environment, old.namespace), {})[old.name] = new

    def of(self, side: Side) -> dict[str, ObjectKey]:
        return self._new.get((side.source.environment, side.key.namespace), {})

    def read_by(self, side: Side) -> tuple[str, ...]:
        """What the pods of an object read that has other content, in words."""
        return tuple(referred(side.manifest, self.of(side)))

    def translated(self, pair: Pair) -> Manifest:
        """The object before, with new names for old ones where the object after has those and no longer the old."""
        names = self.of(pair.before)
        if not (names or pair.owner):
            return pair.before.manifest
        renamed = translation(*pair.owner) if pair.owner else _as_it_is
        kept = set(strings(pair.after.manifest))

        def translate(text: str) -> str:
            new = names[text].name if text in names else renamed(text)
            return new if text not in kept and new in kept else text

        result: Manifest = translated(pair.before.manifest, translate)
        return result


def _as_it_is(text: str) -> str:
    return text
