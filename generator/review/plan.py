"""The plan: everything that a merge would change, as plain frozen data. Renderers read it; it judges nothing itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from generator.model import Acknowledgement
from generator.review import consequences
from generator.review.alerts import AlertChange, alerts
from generator.review.changes import Change, Risk, Source, compare
from generator.review.consequences import Consequences, Found, Reports
from generator.review.gate import Guarded, Merge, guarded, judged
from generator.review.objects import Manifest, ObjectKey, at, key_of, mapping, sequence
from generator.review.repeats import ARGOCD

Standing = Literal["added", "removed", "kept"]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A side of the plan, as a person calls it; the commit is None for the files on the disk."""

    name: str
    commit: str | None

    def __str__(self) -> str:
        short = self.commit[:SHORT] if self.commit else ""
        return f"{self.name} ({short})" if short and short != self.name[:SHORT] else self.name


SHORT = 7  # digits of a commit, as git shows it


@dataclass(frozen=True, kw_only=True)
class Side:
    """What is known of one side: every overlay that it has, the objects of those that differ, and what is proven."""

    reference: Reference
    sources: frozenset[Source]
    objects: Mapping[Source, Sequence[Manifest]]
    reports: Reports | None  # None: its spec cannot be read
    environments: tuple[str, ...]  # in the order of its spec


@dataclass(frozen=True, kw_only=True)
class EnvironmentPlan:
    """One environment; Argo CD's own objects are one without a name."""

    name: str
    standing: Standing
    added: int
    changed: int
    removed: int
    restarts: tuple[str, ...]  # keys of objects
    destroys: tuple[str, ...]
    widens: tuple[str, ...]
    refused: tuple[str, ...]
    alerts: tuple[AlertChange, ...]
    consequences: Consequences | None  # None: a spec cannot be read

    @property
    def is_touched(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What merging `after` into `before` changes. `merged`: the two have diverged, and their merge was judged."""

    before: Reference
    after: Reference
    merged: bool
    notes: tuple[str, ...]
    environments: tuple[EnvironmentPlan, ...]  # in the order of the spec; Argo CD last
    changes: tuple[Change, ...]  # the riskiest first
    origins: Mapping[ObjectKey, Source]  # of Argo CD's own objects: what each is about
    added: tuple[Source, ...]  # overlays that are new as a whole
    removed: tuple[Source, ...]
    found: tuple[Found, ...]  # by proofs, on the new side only
    found_no_longer: tuple[Found, ...]
    guarded: tuple[Guarded, ...]

    @property
    def unacknowledged(self) -> tuple[Guarded, ...]:
        """What the gate stops."""
        return tuple(one for one in self.guarded if not one.acknowledged)


def plan(
    before: Side,
    after: Side,
    *,
    merged: bool = False,
    notes: Iterable[str] = (),
    trailers: Iterable[str] = (),
    acknowledgements: Iterable[Acknowledgement] = (),
    foreign: Sequence[str] = (),
    unproven: str = "",
    today: date,
) -> Plan:
    """Hold the two sides against each other; what the gate must know besides is said in `Merge`."""
    changes = compare(before.objects, after.objects)
    origins = _origins(before.objects, after.objects)
    ours = {source for source in before.sources | after.sources if source.environment}
    names = list(dict.fromkeys((*after.environments, *before.environments)))
    names += sorted({source.environment for source in ours} - set(names))
    if before.reports is None or after.reports is None:
        effects: dict[str, Consequences] = {}
        found: tuple[Found, ...] = ()
        no_longer: tuple[Found, ...] = ()
    else:
        effects = {name: consequences.of_environment(name, before.reports, after.reports) for name in names}
        found, no_longer = consequences.findings(before.reports, after.reports)
    merge = Merge(
        changes=changes,
        origins=origins,
        before=before.sources,
        after=after.sources,
        consequences=effects,
        foreign=foreign,
        unproven=unproven,
    )
    stopped, unused = judged(guarded(merge), trailers, acknowledgements, today)
    said = (f"a commit acknowledges `{change}`, which is not in this plan" for change in unused)
    return Plan(
        before=before.reference,
        after=after.reference,
        merged=merged,
        notes=(*notes, *said),
        environments=tuple(_environment(name, before, after, changes, effects.get(name)) for name in (*names, "")),
        changes=changes,
        origins=origins,
        added=tuple(sorted((after.sources - before.sources) & ours)),
        removed=tuple(sorted((before.sources - after.sources) & ours)),
        found=found,
        found_no_longer=no_longer,
        guarded=stopped,
    )


def _environment(
    name: str, before: Side, after: Side, changes: Sequence[Change], effects: Consequences | None
) -> EnvironmentPlan:
    own = [change for change in changes if change.source.environment == name]
    was, will_be = (any(source.environment == name for source in side.sources) for side in (before, after))
    sources = sorted({change.source for change in own})
    return EnvironmentPlan(
        name=name,
        standing="added" if will_be and not was else "removed" if was and not will_be else "kept",
        added=sum(change.verb == "added" for change in own),
        changed=sum(change.verb in ("changed", "renamed") for change in own),
        removed=sum(change.verb == "removed" for change in own),
        restarts=_with(Risk.RESTARTS, own),
        destroys=_with(Risk.DESTROYS, own),
        widens=_with(Risk.WIDENS, own),
        refused=_with(Risk.REFUSED, own),
        alerts=tuple(
            one for source in sources for one in alerts(before.objects.get(source, ()), after.objects.get(source, ()))
        ),
        consequences=effects,
    )


def _with(risk: Risk, changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(
        str(change.before_key or change.key if risk is Risk.DESTROYS else change.key)
        for change in changes
        if any(one is risk for one, _ in change.risks)
    )


def _origins(*sides: Mapping[Source, Sequence[Manifest]]) -> dict[ObjectKey, Source]:
    """What Argo CD's own objects are about: an Application, the overlay that it deploys; a project, its environment."""
    every = [(source, one) for side in sides for source, manifests in side.items() for one in manifests]
    namespaces = {key_of(one).namespace: source.environment for source, one in every if source.environment}
    found = {}
    for source, manifest in every:
        if source.environment:
            continue
        if manifest.get("kind") == "Application":
            parts = str(at(manifest, "spec", "source", "path") or "").split("/")
            if len(parts) > 2 and parts[-3] == "overlays":
                found[key_of(manifest)] = Source(environment=parts[-2], owner=parts[-1])
        elif manifest.get("kind") == "AppProject":
            targets = sequence(at(manifest, "spec", "destinations"))
            environments = {namespaces.get(str(mapping(target).get("namespace")), "") for target in targets}
            if len(environments) == 1 and "" not in environments:
                found[key_of(manifest)] = Source(environment=environments.pop(), owner=ARGOCD)
    return found
