"""Which owner is another one under a new name: all its objects go, and the same come, alike but for the name.

An agent's key in the spec is part of the name of everything it has, so to rename it is to delete one agent and to make
another; only likeness tells that it is meant to be the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from generator.review.objects import Manifest, key_of
from generator.review.sources import Source

Built = Mapping[Source, Sequence[Manifest]]
Translate = Callable[[str], str]

_THE_NAME = "?"  # no name has it


def renamed_owners(before: Built, after: Built) -> dict[Source, Source]:
    """The owners of one environment that became another: at least half of the objects are alike but for the name."""
    going, coming = before.keys() - after.keys(), after.keys() - before.keys()
    moving = {source.environment for source in going} & {source.environment for source in coming}
    gone = {source: _likeness(source, before[source]) for source in sorted(going) if source.environment in moving}
    come = {source: _likeness(source, after[source]) for source in sorted(coming) if source.environment in moving}
    found = _the_same(gone, come)
    taken = set(found.values())
    left = {source: like for source, like in gone.items() if source not in found}
    return found | _much_alike(left, {source: like for source, like in come.items() if source not in taken})


@cache
def translation(old: str, new: str) -> Translate:
    """Puts one name for another where it stands as a whole word.

    >>> translation("scan", "look")("scan-config"), translation("scan", "look")("scanner")
    ('look-config', 'scanner')
    """
    word = _word(old)
    return lambda text: word.sub(lambda _: new, text) if old in text else text


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")


def translated(value: Any, translate: Translate) -> Any:
    """A copy with every string in it translated, keys too."""
    if isinstance(value, dict):
        return {translated(key, translate): translated(each, translate) for key, each in value.items()}
    if isinstance(value, list):
        return [translated(each, translate) for each in value]
    return translate(value) if isinstance(value, str) else value


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from strings(key)
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


# ------------------------------------------------------------------------------------------------------------- likeness

_Likeness = Counter[tuple[str, str]]  # each object's environment and text, but for the owner's name


def _likeness(source: Source, manifests: Sequence[Manifest]) -> _Likeness:
    """Names by content lose their hash, or one setting that holds the owner's name would make every object differ."""
    stems = {repr(key.name): repr(key.stem) for key in map(key_of, manifests) if key.stem != key.name}
    name = _word(source.owner)
    like: _Likeness = Counter()
    for manifest in manifests:
        text = repr(manifest)
        for hashed, stem in stems.items():
            text = text.replace(hashed, stem)
        like[source.environment, name.sub(_THE_NAME, text)] += 1
    return like


def _the_same(gone: Mapping[Source, _Likeness], come: Mapping[Source, _Likeness]) -> dict[Source, Source]:
    """Those that are alike in every object."""
    by_likeness: dict[Hashable, list[Source]] = {}
    for source, like in come.items():
        by_likeness.setdefault(frozenset(like.items()), []).append(source)
    found = {}
    for source, like in gone.items():
        alike = by_likeness.get(frozenset(like.items()))
        if like and alike:
            found[source] = alike.pop(0)
    return found


def _much_alike(gone: Mapping[Source, _Likeness], come: Mapping[Source, _Likeness]) -> dict[Source, Source]:
    """Those that share an object that no other has, and half of all."""
    holders: dict[tuple[str, str], list[Source]] = {}
    for source, like in come.items():
        for each in like:
            holders.setdefault(each, []).append(source)
    found: dict[Source, Source] = {}
    for source, like in gone.items():
        votes = Counter(holders[each][0] for each in like if len(holders.get(each, ())) == 1)
        for other, _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
            shared = (like & come[other]).total()
            if other not in found.values() and 2 * shared >= max(like.total(), come[other].total()):
                found[source] = other
                break
    return found
