"""The changes as a reader goes through them: the riskiest first, each said once, with its fields."""

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.names import NAMESPACE_FOLDER
from generator.proofs.findings import joined
from generator.review.changes import ABSENT, Change, FieldChange, Risk, Source
from generator.review.gate import is_guarded
from generator.review.plan import Plan
from generator.review.repeats import Repeat, owners, repeats, shape_of

SIGNS = {"added": "+", "removed": "-", "changed": "~", "renamed": "~"}
TITLES = {
    Risk.DESTROYS: "Destroys data or what holds it",
    Risk.WIDENS: "Widens access",
    Risk.RESTARTS: "Restarts pods",
    Risk.REFUSED: "Refused by Kubernetes",
    Risk.HARMLESS: "No risk known",
}
FIELDS = 12  # of an entry, that are shown
REASONS = 6
LONGEST = 140  # characters of a value
WIDTH = 110  # of a line, beyond which the values get one of their own


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of an entry: `+`, `-`, `~` or nothing, and the text."""

    sign: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One change, wherever it occurs; `objects` says how many it is."""

    risk: Risk
    sign: str
    title: str
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]
    objects: int


def entries(plan: Plan) -> tuple[Entry, ...]:
    """Every change, the riskiest first; what comes or goes with a whole agent or environment is one entry."""
    order = [environment.name for environment in plan.environments]
    whole = {**dict.fromkeys(plan.added, "added"), **dict.fromkeys(plan.removed, "removed")}

    def about(change: Change) -> Source:
        return plan.origins.get(change.key, change.source)

    together: dict[Source, list[Change]] = {}
    single = []
    for change in plan.changes:
        source = about(change)
        if whole.get(source) == change.verb and not (change.verb == "removed" and is_guarded(change.key)):
            together.setdefault(source, []).append(change)
        else:
            single.append(change)
    found = [_entry(alike) for alike in _alike(repeats(single, about, order))]
    found += _whole(together, whole, order)
    return tuple(sorted(found, key=lambda entry: (entry.risk, "-~+".index(entry.sign), -entry.objects, entry.title)))


def _alike(found: Iterable[Repeat]) -> list[list[Repeat]]:
    """Changes of several kinds, that are the same, of the same owners: a label, for example."""
    groups: dict[Hashable, list[Repeat]] = {}
    for repeat in found:
        like = repeat.like
        shape: Hashable = id(repeat)  # one of its own
        if like.verb in ("changed", "renamed"):
            risks = tuple(one for one in like.risks if one[0] is not Risk.HARMLESS or not like.fields)
            shape = (like.verb, shape_of(like.fields), risks, repeat.environments)
        groups.setdefault(shape, []).append(repeat)
    return list(groups.values())


def _entry(alike: Sequence[Repeat]) -> Entry:
    change = alike[0].like
    lines = [line for field in change.fields[:FIELDS] for line in _lines(field)]
    if len(change.fields) > FIELDS:
        lines.append(Line(sign="", text=f"... and {len(change.fields) - FIELDS} more fields"))
    # What no risk is known of needs a word where no field shows what it is.
    told = [said for risk, said in change.risks if said and (risk is not Risk.HARMLESS or not lines)]
    more = [f"... and {len(told) - REASONS} more"] if len(told) > REASONS else []
    return Entry(
        risk=change.risk,
        sign=SIGNS[change.verb],
        title=_title(alike[0]) if len(alike) == 1 else _title_of_several(alike),
        reasons=(*told[:REASONS], *more),
        lines=tuple(lines),
        objects=sum(len(repeat.changes) for repeat in alike),
    )


def _title(repeat: Repeat) -> str:
    key, before = repeat.like.key, repeat.like.before_key
    renamed = ""
    if before and before.stem != key.stem:
        renamed = f" (was {before.stem})"
    elif before and before.namespace != key.namespace:
        renamed = f" (was in {before.namespace})"
    return " ".join(filter(None, (f"{key.kind} {key.stem}{renamed}", repeat.where)))


def _title_of_several(alike: Sequence[Repeat]) -> str:
    named = owners(list(dict.fromkeys(owner for repeat in alike for owner in repeat.owners)))
    objects = sum(len(repeat.changes) for repeat in alike)
    kinds = sorted({repeat.like.key.kind for repeat in alike})
    new_name = ", under another name" if alike[0].like.verb == "renamed" and alike[0].like.before_key else ""
    what = f"{objects} {_plural(kinds[0]) if len(kinds) == 1 else 'objects'} of {named}"
    which = "" if len(kinds) == 1 else f": {joined(kinds)}"
    return " ".join(filter(None, (what, alike[0].places))) + new_name + which


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}es" if kind.endswith("s") else f"{kind}s"


def _whole(together: dict[Source, list[Change]], whole: dict[Source, str], order: Sequence[str]) -> Iterator[Entry]:
    """One entry for each owner that comes or goes, in as many environments as that happens alike."""
    rank = {name: index for index, name in enumerate(order)}
    alike: dict[tuple[str, str, str, Risk, int], list[Source]] = {}
    for source, changes in sorted(together.items(), key=lambda item: (rank.get(item[0].environment, 0), item[0].owner)):
        counts = Counter(change.key.kind for change in changes)
        kinds = ", ".join(kind if count == 1 else f"{kind} ({count})" for kind, count in sorted(counts.items()))
        worst = min(change.risk for change in changes)
        alike.setdefault((whole[source], source.owner, kinds, worst, len(changes)), []).append(source)
    for (verb, owner, kinds, risk, count), sources in alike.items():
        places = Repeat(like=together[sources[0]][0], changes=(), sources=tuple(sources)).places
        each = " each" if len(sources) > 1 else ""
        yield Entry(
            risk=risk,
            sign=SIGNS[verb],
            title=f"{'The namespace' if owner == NAMESPACE_FOLDER else f'Agent {owner}'} {places}",
            reasons=(f"{verb} as a whole, {count} object{'s' if count > 1 else ''}{each}",),
            lines=(Line(sign="", text=kinds),),
            objects=count * len(sources),
        )


# --------------------------------------------------------------------------------------------------------------- fields


def _lines(field: FieldChange) -> Iterator[Line]:
    before, after = (ABSENT if of is ABSENT else value(of) for of in (field.before, field.after))
    if before is ABSENT or after is ABSENT:
        yield Line(
            sign="+" if before is ABSENT else "-",
            text=f"{field.path}: {_cut(str(after if before is ABSENT else before))}",
        )
        return
    old, new = _told_apart(str(before), str(after))
    text = f"{field.path}: {old} -> {new}"
    if len(text) <= WIDTH:
        yield Line(sign="~", text=text)
    else:
        yield from (Line(sign="~", text=f"{field.path}:"), Line(sign="", text=f"  {old} -> {new}"))


def _told_apart(before: str, after: str) -> tuple[str, str]:
    """Both, cut to what fits a line, from where they begin to differ."""
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    same = next((index for index, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    start = max(0, same - LONGEST // 4)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int = 0) -> str:
    shown = text[start : start + LONGEST]
    return ("... " if start else "") + shown + (" ..." if len(text) > start + LONGEST else "")


def value(of: Any) -> str:
    """A value on one line, as YAML would have it: `{name: models, sizes: [1, 2]}`."""
    if isinstance(of, Mapping):
        return "{" + ", ".join(f"{value(key)}: {value(item)}" for key, item in of.items()) + "}"
    if isinstance(of, list):
        return "[" + ", ".join(map(value, of)) + "]"
    if isinstance(of, str) and _is_plain(of):
        return of
    return "".join(
        char if char.isprintable() else f"\\u{ord(char):04x}"
        for char in json.dumps(of, ensure_ascii=False, default=str)
    )


def _is_plain(text: str) -> bool:
    return (
        bool(text)
        and text == text.strip()
        and text.isprintable()
        and text.lower() not in _MEANT_OTHERWISE
        and not _number(text)
    )


_MEANT_OTHERWISE = {"true", "false", "null", "~", "yes", "no", "on", "off"}


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
