"""Says once what several environments or agents change alike, and where."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.names import NAMESPACE_FOLDER
from generator.proofs.findings import joined
from generator.review.changes import ABSENT, Change, FieldChange, Source
from generator.review.objects import ObjectKey

ARGOCD = "argocd"  # the owner of Argo CD's own objects
ENVIRONMENT, AGENT = "<env>", "<agent>"
NAMED = 3  # agents up to which each is named


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """Changes that are one to a reader. In the words of `like`, `<env>` and `<agent>` stand where they differ."""

    like: Change
    changes: tuple[Change, ...]
    sources: tuple[Source, ...]  # what each change is about: of an Application, the overlay that it deploys

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source.environment for source in self.sources if source.environment))

    @property
    def owners(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source.owner for source in self.sources))

    @property
    def where(self) -> str:
        """`in dev, staging and prod`, `of 4 agents in prod`."""
        return " ".join(filter(None, (f"of {owners(self.owners)}" if len(self.owners) > 1 else "", self.places)))

    @property
    def places(self) -> str:
        return f"in {joined(self.environments)}" if self.environments else ""


def owners(names: Sequence[str]) -> str:
    """`ai-agent and it-ops-agent`, `4 agents, the namespace and Argo CD`."""
    agents = [name for name in names if name not in (NAMESPACE_FOLDER, ARGOCD)]
    listed = agents if len(agents) <= NAMED else [f"{len(agents)} agents"]
    listed = listed + ["the namespace"] * (NAMESPACE_FOLDER in names) + ["Argo CD"] * (ARGOCD in names)
    return joined(listed)


def repeats(changes: Iterable[Change], about: Callable[[Change], Source], order: Sequence[str]) -> tuple[Repeat, ...]:
    """Changes that are alike, in the order of the first of each; `order` is that of the environments."""
    by_agent: dict[tuple[Hashable, str], list[Change]] = {}
    for change in changes:
        source = about(change)
        by_agent.setdefault((_shape(_general(change, source, agent=False)), source.owner), []).append(change)
    rank = {name: index for index, name in enumerate(order)}
    alike: dict[Hashable, list[Change]] = {}
    for same in by_agent.values():
        environments = tuple(sorted({about(change).environment for change in same}))
        shape = _shape(_general(same[0], about(same[0]), agent=True))
        alike.setdefault((shape, environments), []).extend(same)
    return tuple(_repeat(same, about, rank) for same in alike.values())


def _repeat(same: Sequence[Change], about: Callable[[Change], Source], rank: Mapping[str, int]) -> Repeat:
    ordered = sorted(same, key=lambda change: (rank.get(about(change).environment, len(rank)), about(change).owner))
    sources = tuple(dict.fromkeys(map(about, ordered)))
    like = ordered[0]
    if len(ordered) > 1:
        several = len({source.owner for source in sources}) > 1
        general = _general(like, about(like), agent=several)
        # What is word for word the same everywhere is shown as it is.
        fields = tuple(
            field if all(field in change.fields for change in ordered) else other
            for field, other in zip(like.fields, general.fields, strict=True)
        )
        one_name = len({change.key.stem for change in ordered}) == 1
        key = like.key if one_name else replace(like.key, name=general.key.name)
        before_key = like.before_key
        if before_key and general.before_key and not one_name:
            before_key = replace(before_key, name=general.before_key.name)
        like = replace(general, key=key, before_key=before_key, fields=fields)
    return Repeat(like=like, changes=tuple(ordered), sources=sources)


# ------------------------------------------------------------------------------------------- what differs by the place


def _general(change: Change, source: Source, *, agent: bool) -> Change:
    """The change with `<env>` and, if wanted, `<agent>` in place of their names."""
    words = {}
    if agent and source.owner != NAMESPACE_FOLDER:
        words[source.owner] = AGENT
    if source.environment:
        words[source.environment] = ENVIRONMENT
    if not words:
        return change
    # A longer name first: an agent may be called as its environment and more. Names are whole words, joined by hyphens.
    names = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{names})(?![A-Za-z0-9])")

    def told(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda match: words[match[0]], value)
        if isinstance(value, Mapping):
            return {told(key): told(item) for key, item in value.items()}
        return [told(item) for item in value] if isinstance(value, list) else value

    def key(of: ObjectKey | None) -> ObjectKey | None:
        # The hash of a content says nothing that the content does not.
        return replace(of, namespace=told(of.namespace), name=told(of.stem)) if of else None

    return replace(
        change,
        source=Source(environment="", owner=""),
        key=key(change.key) or change.key,
        before_key=key(change.before_key),
        fields=tuple(
            FieldChange(path=told(field.path), before=told(field.before), after=told(field.after))
            for field in change.fields
        ),
        risks=tuple((risk, told(said)) for risk, said in change.risks),
    )


def _shape(change: Change) -> Hashable:
    """What two changes have in common if they are alike."""
    return change.verb, change.key, change.before_key, shape_of(change.fields), change.risks


def shape_of(fields: Iterable[FieldChange]) -> Hashable:
    """What can be held against other fields and looked up."""
    return tuple((field.path, _frozen(field.before), _frozen(field.after)) for field in fields)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return ("map", *((key, _frozen(item)) for key, item in sorted(value.items(), key=lambda pair: str(pair[0]))))
    if isinstance(value, list):
        return ("list", *map(_frozen, value))
    # Of numbers and truths that Python takes for equal, each is itself.
    return value if value is ABSENT else (type(value).__name__, value)
