"""Every difference between two sets of built objects, object by object, the riskiest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.review.fields import ABSENT, FieldChange, differences
from generator.review.objects import Manifest, ObjectKey, key_of
from generator.review.risks import Risk

__all__ = ["ABSENT", "Change", "FieldChange", "Manifest", "ObjectKey", "Risk", "Source", "compare"]


@dataclass(frozen=True, kw_only=True, order=True)
class Source:
    """The overlay that an object is built from; Argo CD's own objects have no environment and the owner `argocd`."""

    environment: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one object.

    `key` is its key after the change, or before where it is removed. `before_key` is the key it had before, where that
    was another: a new name, a new namespace, another hash of its content. `risks` is never empty, the worst first.
    """

    source: Source
    verb: Literal["added", "changed", "removed", "renamed"]
    key: ObjectKey
    before_key: ObjectKey | None
    fields: tuple[FieldChange, ...]
    risks: tuple[tuple[Risk, str], ...]

    @property
    def risk(self) -> Risk:
        """The worst of its risks."""
        return self.risks[0][0]


def compare(
    before: Mapping[Source, Sequence[Manifest]], after: Mapping[Source, Sequence[Manifest]]
) -> tuple[Change, ...]:
    """What turns the objects of one side into those of the other, ordered by risk, then source, then object."""
    changes = []
    old = {(source, key_of(each)): each for source, manifests in before.items() for each in manifests}
    new = {(source, key_of(each)): each for source, manifests in after.items() for each in manifests}
    verb: Literal["added", "changed", "removed", "renamed"]
    for source, key in sorted(old.keys() | new.keys()):
        one, other = old.get((source, key)), new.get((source, key))
        fields = tuple(differences(one, other)) if one and other else ()
        if one == other:
            continue
        verb = "added" if one is None else "removed" if other is None else "changed"
        risks = ((Risk.HARMLESS, "not judged yet"),)
        changes.append(Change(source=source, verb=verb, key=key, before_key=None, fields=fields, risks=risks))
    return tuple(sorted(changes, key=lambda change: (change.risk, change.source, change.key)))
