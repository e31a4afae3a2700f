"""What two versions of one object differ in, field by field, as Kubernetes reads them.

Lists are compared by what tells their elements apart, quantities and durations by value; null and an absent field are
the same. Never judges a difference. Python calls `True` and `1` equal, and so does this.
"""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from generator.mergekeys import Path
from generator.review.lists import SERIES, Bag, Keyed, Meaning, Series, meaning, names
from generator.review.objects import Manifest, group_of
from generator.review.units import plain


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT  # a field that is not there


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field that differs; `before` or `after` is `ABSENT` where it was or will not be there.

    `path` is for people. A list's element stands in brackets: by name (`spec.template.spec.containers[web].image`,
    `spec.ports[80/TCP]`), by its position before where the order counts or nothing names it (`spec.rules[0]`), as `[]`
    where one of many without order comes or goes, and as `[*]` where the names' order is what differs. So does a key
    that is no plain word (`metadata.labels[app.kubernetes.io/name]`). `keys` are the map keys alone, for machines.
    """

    path: str
    before: Any
    after: Any
    keys: Path = ()


def differences(before: Manifest, after: Manifest) -> Iterator[FieldChange]:
    """Every field in which an object differs, from the top, each map's keys in the order of the alphabet."""
    kind = _Kind(group=group_of(after), kind=str(after.get("kind") or ""))
    return kind.differences(before, after, (), "")


def canonical(manifest: Manifest) -> Hashable:
    """The same for two objects that do not differ, and different for two that do."""
    return _Kind(group=group_of(manifest), kind=str(manifest.get("kind") or "")).canonical(manifest, ())


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What decides how a list or a value is read."""

    group: str
    kind: str

    def differences(self, before: Any, after: Any, path: Path, shown: str) -> Iterator[FieldChange]:
        if before == after:
            return
        match before, after:
            case dict(), dict():
                for key in sorted(before.keys() | after.keys(), key=str):
                    inner = _child(shown, str(key))
                    yield from self._either(_get(before, key), _get(after, key), (*path, str(key)), inner)
            case list(), list():
                yield from self._lists(before, after, path, shown)
            case _ if plain(before, self.group, path) != plain(after, self.group, path):
                yield FieldChange(path=shown, before=before, after=after, keys=path)

    def canonical(self, value: Any, path: Path) -> Hashable:
        match value:
            case dict():
                items = ((str(key), self.canonical(each, (*path, str(key)))) for key, each in value.items())
                return ("map", frozenset(item for item in items if item[1] is not None))
            case list():
                elements = [self.canonical(each, path) for each in value]
                how = self._meaning(value, value, path)
                ordered = isinstance(how, Series) or (isinstance(how, Keyed) and how.ordered)
                return ("list", tuple(elements)) if ordered else ("bag", frozenset(elements))
            case _:
                known = plain(value, self.group, path)
                return known if known is None or isinstance(known, Hashable) else repr(known)

    def _either(self, before: Any, after: Any, path: Path, shown: str) -> Iterator[FieldChange]:
        if before is ABSENT or after is ABSENT:
            if before is not after:
                yield FieldChange(path=shown, before=before, after=after, keys=path)
        else:
            yield from self.differences(before, after, path, shown)

    # ------------------------------------------------------------------------------------------------------------ lists

    def _meaning(self, before: list[Any], after: list[Any], path: Path) -> Meaning:
        how = meaning(self.group, self.kind, path) or Keyed(fields=("name",), ordered=True)
        if isinstance(how, Keyed) and (names(before, how) is None or names(after, how) is None):
            return SERIES if how.ordered else Bag()
        return how

    def _lists(self, before: list[Any], after: list[Any], path: Path, shown: str) -> Iterator[FieldChange]:
        match self._meaning(before, after, path):
            case Keyed() as keyed:
                yield from self._keyed(before, after, keyed, path, shown)
            case Bag():
                yield from self._bag(before, after, path, shown)
            case Series():
                yield from self._series(before, after, path, shown)

    def _keyed(
        self, before: list[Any], after: list[Any], keyed: Keyed, path: Path, shown: str
    ) -> Iterator[FieldChange]:
        old = dict(zip(names(before, keyed) or (), before, strict=True))
        new = dict(zip(names(after, keyed) or (), after, strict=True))
        for name in old | new if keyed.ordered else sorted(old | new):
            yield from self._either(old.get(name, ABSENT), new.get(name, ABSENT), path, f"{shown}[{name}]")
        reached = [name for name in old if name in new] + [name for name in new if name not in old]
        if keyed.ordered and reached != list(new):
            yield FieldChange(path=f"{shown}[*]", before=list(old), after=list(new), keys=path)

    def _bag(self, before: list[Any], after: list[Any], path: Path, shown: str) -> Iterator[FieldChange]:
        old = {self.canonical(each, path): index for index, each in reversed(list(enumerate(before)))}
        new = {self.canonical(each, path): each for each in reversed(after)}
        gone = sorted(index for known, index in old.items() if known not in new)
        come = [each for known, each in reversed(new.items()) if known not in old]
        maps = all(isinstance(each, dict) for each in (*before, *after))
        if len(gone) == len(come) == 1 and maps and len(old) == len(before):
            # One for one reads better as what differs between the two.
            yield from self.differences(before[gone[0]], come[0], path, f"{shown}[{gone[0]}]")
            return
        for index in gone:
            yield FieldChange(path=f"{shown}[]", before=before[index], after=ABSENT, keys=path)
        for each in come:
            yield FieldChange(path=f"{shown}[]", before=ABSENT, after=each, keys=path)

    def _series(self, before: list[Any], after: list[Any], path: Path, shown: str) -> Iterator[FieldChange]:
        if not all(isinstance(each, dict) for each in (*before, *after)):
            if self.canonical(before, path) != self.canonical(after, path):
                yield FieldChange(path=shown, before=before, after=after, keys=path)
            return
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else ABSENT
            new = after[index] if index < len(after) else ABSENT
            yield from self._either(old, new, path, f"{shown}[{index}]")


def _get(manifest: Manifest, key: Any) -> Any:
    value = manifest.get(key)
    return ABSENT if value is None else value


_WORD = re.compile(r"[\w-]+\Z", re.ASCII)


def _child(shown: str, key: str) -> str:
    if not _WORD.match(key):
        return f"{shown}[{key}]"
    return f"{shown}.{key}" if shown else key
