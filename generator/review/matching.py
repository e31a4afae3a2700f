"""Which object before is which after: the same key, the same but for the hash of its content, or a new name."""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

from generator.review.objects import Manifest, ObjectKey, key_of
from generator.review.renames import Built, renamed_owners, translation
from generator.review.sources import Source


@dataclass(frozen=True, kw_only=True)
class Side:
    """An object on one side."""

    source: Source
    key: ObjectKey
    manifest: Manifest


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An object as it was and as it will be.

    `owner` is the owner's name before and after, where its objects were renamed with it.
    """

    before: Side
    after: Side
    owner: tuple[str, str] | None = None

    @property
    def made_anew(self) -> bool:
        """Whether it is another object to the API server, and not just for its content."""
        old, new = self.before.key, self.after.key
        return (old.namespace, old.stem) != (new.namespace, new.stem)


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Every object of both sides, once."""

    pairs: list[Pair]
    removed: list[Side]
    added: list[Side]


_By = Callable[[Side], Hashable]


def matched(before: Built, after: Built) -> Matched:
    """Which object became which; the first way to tell that two are the same wins."""
    old, new = list(_sides(before)), list(_sides(after))
    pairs: list[Pair] = []
    for by in (_same_key, _same_stem, _any_owner):
        found, old, new = _paired(old, new, by, by)
        pairs += [Pair(before=one, after=other) for one, other in found]
    names = _Names(renamed_owners(before, after))
    found, old, new = _paired(old, new, names.by_new_name, _same_stem)
    pairs += [Pair(before=one, after=other, owner=names.of(one)) for one, other in found]
    found, old, new = _paired(old, new, _any_namespace, _any_namespace)
    pairs += [Pair(before=one, after=other) for one, other in found]
    return Matched(pairs=pairs, removed=old, added=new)


def _sides(built: Built) -> Iterator[Side]:
    for source, manifests in built.items():
        yield from (Side(source=source, key=key_of(manifest), manifest=manifest) for manifest in manifests)


def _paired(
    old: list[Side], new: list[Side], by_old: _By, by_new: _By
) -> tuple[list[tuple[Side, Side]], list[Side], list[Side]]:
    """Those that are the same by a key, and what is left of both; where several share a key, the first come first."""
    waiting: dict[Hashable, list[Side]] = {}
    for side in sorted(new, key=_in_order):
        waiting.setdefault(by_new(side), []).append(side)
    found, left = [], []
    for side in sorted(old, key=_in_order):
        others = waiting.get(by_old(side))
        if others:
            found.append((side, others.pop(0)))
        else:
            left.append(side)
    return found, left, [side for sides in waiting.values() for side in sides]


def _in_order(side: Side) -> tuple[ObjectKey, Source]:
    return side.key, side.source


def _same_key(side: Side) -> Hashable:
    return side.source, side.key


def _same_stem(side: Side) -> Hashable:
    return side.source, side.key.group, side.key.kind, side.key.namespace, side.key.stem


def _any_owner(side: Side) -> Hashable:
    return side.source.environment, side.key.group, side.key.kind, side.key.namespace, side.key.stem


def _any_namespace(side: Side) -> Hashable:
    return side.source, side.key.group, side.key.kind, side.key.stem


class _Names:
    """The new names of renamed owners, for their own objects and for Argo CD's, which hold the name within theirs."""

    def __init__(self, owners: Mapping[Source, Source]) -> None:
        self._owners = owners
        self._everywhere = {source.owner: became.owner for source, became in owners.items()}
        longest_first = sorted(self._everywhere, key=lambda name: (-len(name), name))
        words = "|".join(map(re.escape, longest_first))
        self._any = re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])") if words else None

    def of(self, side: Side) -> tuple[str, str] | None:
        """The old and the new name of whose object it is."""
        if side.source in self._owners:
            return side.source.owner, self._owners[side.source].owner
        word = self._any.search(side.key.name) if self._any and not side.source.environment else None
        return (word[0], self._everywhere[word[0]]) if word else None

    def by_new_name(self, side: Side) -> Hashable:
        rename = self.of(side)
        if rename is None:
            return None
        source, key = self._owners.get(side.source, side.source), side.key
        return source, key.group, key.kind, key.namespace, translation(*rename)(key.stem)
