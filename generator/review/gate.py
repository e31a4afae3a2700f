"""What a merge must not do unless somebody answers for it: removals that cannot be undone, and access that is widened.

One acknowledgement names one change, word for word. What an agent brings along when it is added, or an environment, is
one change; what goes when it is removed is as many as there are volumes, databases, namespaces and agents.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from generator.model import Acknowledgement
from generator.names import NAMESPACE_FOLDER
from generator.proofs.places import Path, of_agent
from generator.review.changes import Change, Risk, Source
from generator.review.consequences import Consequences
from generator.review.objects import ObjectKey
from generator.review.words import one_line, one_word

TRAILER = "Kustodian-Acknowledge"

_NETWORK = {"NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "HTTPRoute", "Ingress", "Service"}
_RBAC = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ServiceAccount"}


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A change that the gate stops: under which rule, how to acknowledge it, and who has.

    `paths` lead to what is left of it in the spec, the nearest first; `folder` is where it shows in the files.
    """

    rule: str
    change: str  # remove PersistentVolumeClaim/ai-agents-prod/ai-agent-models
    reasons: tuple[str, ...]
    paths: tuple[Path, ...]
    folder: str
    acknowledged: str = ""  # by whom, in words
    ended: str = ""  # the day on which its acknowledgement ended

    @property
    def message(self) -> str:
        """What is wrong, for a person who has not seen the plan."""
        why = "; ".join(self.reasons[:MOST_REASONS])
        more = f"; and {len(self.reasons) - MOST_REASONS} more" if len(self.reasons) > MOST_REASONS else ""
        ended = f" (its acknowledgement ended on {self.ended})" if self.ended else ""
        return one_line(f"this would {self.change}" + (f": {why}{more}" if why else "") + ended)

    @property
    def hint(self) -> str:
        """The next step, with the line to copy."""
        return f"if it is meant, put this line at the end of a commit message: {TRAILER}: {self.change}"


# What cannot be had back, or that much depends on.
_GUARDED = {
    ("", "Namespace"),
    ("", "PersistentVolumeClaim"),
    ("", "PersistentVolume"),
    ("external-secrets.io", "SecretStore"),
    ("external-secrets.io", "ClusterSecretStore"),
    ("postgresql.cnpg.io", "Cluster"),
}

MOST_REASONS = 4  # that a message names


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What the gate looks at."""

    changes: Sequence[Change]
    origins: Mapping[ObjectKey, Source]  # of Argo CD's own objects: what each is about
    before: frozenset[Source]
    after: frozenset[Source]
    consequences: Mapping[str, Consequences]  # by environment
    foreign: Sequence[str] = ()  # files that Argo CD may read and the spec does not compile to, new or changed
    unproven: str = ""  # the revision of which nothing is proven


def guarded(merge: Merge) -> tuple[Guarded, ...]:
    """Everything that needs an acknowledgement, in the order of its words."""
    objects = _together((*_removed(merge), *_widened_objects(merge), *_unseen(merge)))
    proven = _together(_widened_as_proven(merge))
    # What a proof says of a change, it says in the words of the spec.
    reasons = {change: one.reasons for change, one in proven.items() if one.reasons}
    found = {
        change: replace(one, reasons=reasons.get(change, one.reasons)) for change, one in (proven | objects).items()
    }
    return tuple(sorted(found.values(), key=lambda one: one.change))


def _together(every: Iterable[Guarded]) -> dict[str, Guarded]:
    """Each change once, with all reasons."""
    found: dict[str, Guarded] = {}
    for one in every:
        known = found.get(one.change)
        reasons = tuple(dict.fromkeys((*(known.reasons if known else ()), *one.reasons)))
        found[one.change] = replace(known or one, reasons=reasons)
    return found


def judged(
    stopped: Iterable[Guarded], trailers: Iterable[str], acknowledgements: Iterable[Acknowledgement], today: date
) -> tuple[tuple[Guarded, ...], tuple[str, ...]]:
    """Each with who answers for it, and the trailers that answer for nothing here."""
    said = {" ".join(line.split()) for line in trailers}
    given: dict[str, Acknowledgement] = {}
    for entry in sorted(acknowledgements, key=lambda entry: entry.until):  # of several, the one that lasts longest
        given[entry.change] = entry
    result = []
    for one in stopped:
        spec = given.get(one.change)
        if one.change in said:
            one = replace(one, acknowledged="in a commit message")
        elif spec and spec.until >= today.isoformat():
            one = replace(one, acknowledged=f"by {spec.owner} until {spec.until}: {spec.reason}")
        elif spec:
            one = replace(one, ended=spec.until)
        result.append(one)
    return tuple(result), tuple(sorted(said - {one.change for one in result}))


def is_guarded(key: ObjectKey) -> bool:
    """Whether removing such an object is to be acknowledged by itself."""
    return (key.group, key.kind) in _GUARDED


# ------------------------------------------------------------------------------------------------------------- removals


def _removed(merge: Merge) -> Iterator[Guarded]:
    for change in merge.changes:
        yield from _object(change)
    for source in sorted(merge.before - merge.after):
        if source.environment and source.owner != NAMESPACE_FOLDER:
            yield Guarded(
                rule="removes-agent",
                change=f"remove Agent/{one_word(source.environment)}/{one_word(source.owner)}",
                reasons=(),
                paths=(("agents", source.owner),),
                folder=_folder(source),
            )
    for change in merge.changes:
        destroyed = tuple(said for risk, said in change.risks if risk is Risk.DESTROYS)
        if change.verb == "changed" and destroyed and not is_guarded(change.key):
            yield Guarded(
                rule="destroys-data",
                change=f"remove {_named(change.key)}",
                reasons=destroyed,
                paths=(),
                folder=_folder(change.source),
            )
        origin = merge.origins.get(change.key)
        if change.verb == "removed" and origin in merge.after:
            yield Guarded(
                rule="removes-application",
                change=f"remove {_named(change.key)}",
                reasons=("its overlay stays, and Argo CD would take down what it made of it",),
                paths=(),
                folder="argocd",
            )


def _object(change: Change) -> Iterator[Guarded]:
    """A removal of what cannot be had back: by name, or by a change that the API server makes by removing."""
    gone = change.before_key or change.key
    if not is_guarded(gone):
        return
    destroyed = [said for risk, said in change.risks if risk is Risk.DESTROYS]
    if change.verb not in ("removed", "renamed") and not destroyed:
        return
    match gone.kind:
        case "Namespace":
            rule = "removes-namespace"
        case "PersistentVolumeClaim" | "PersistentVolume":
            rule = "removes-volume"
        case "Cluster":
            rule = "removes-database"
        case _:
            rule = "removes-secret-store"
    own, environment = ("agents", change.source.owner), ("environments", change.source.environment)
    yield Guarded(
        rule=rule,
        change=f"remove {_named(gone)}",
        reasons=tuple(destroyed),
        paths=(environment,) if change.source.owner == NAMESPACE_FOLDER else ((*own, "volumes"), own),
        folder=_folder(change.source),
    )


def _unseen(merge: Merge) -> Iterator[Guarded]:
    """What neither the comparison nor the proofs can speak for."""
    for path in merge.foreign:
        yield Guarded(
            rule="foreign-file",
            change=f"widen File/{one_word(path)}",
            reasons=("Argo CD may read it, and the spec does not compile to it",),
            paths=(),
            folder=path,
        )
    if merge.unproven:
        yield Guarded(
            rule="not-proven",
            change="remove Proofs/after",
            reasons=(f"the spec of {merge.unproven} cannot be read, so nothing is proven of it",),
            paths=(),
            folder=merge.unproven,
        )


# ------------------------------------------------------------------------------------------------------- wider access


def _wider(merge: Merge) -> list[Change]:
    return [change for change in merge.changes if any(risk is Risk.WIDENS for risk, _ in change.risks)]


def _widened_objects(merge: Merge) -> Iterator[Guarded]:
    for change in _wider(merge):
        source = merge.origins.get(change.key, change.source)
        reasons = tuple(said for risk, said in change.risks if risk is Risk.WIDENS)
        yield _of_newcomer(merge, source, reasons) or _of_object(change, reasons)


def _widened_as_proven(merge: Merge) -> Iterator[Guarded]:
    wider = _wider(merge)
    for environment, gained in merge.consequences.items():
        for way in gained.ways_gained:
            if way.by_address:
                continue
            said = f"{way.source} may reach {way.target} on {way.ports}"
            yield _blamed(merge, wider, _NETWORK, environment, way.agents, said) or _of_agent(
                environment, way.agents[0] if way.agents else "", said
            )
        for right in gained.rights_gained:
            said = f"{right.who} may {right.may}"
            agents = (right.agent,) if right.agent else ()
            yield _blamed(merge, wider, _RBAC, environment, agents, said) or Guarded(
                rule="widens-permissions",
                change=f"widen {'/'.join(map(one_word, right.who.split('/')))}",
                reasons=(said,),
                paths=(
                    of_agent(right.agent, environment, "permissions") if right.agent else ("environments", environment),
                ),
                folder=_folder(Source(environment=environment, owner=right.agent or NAMESPACE_FOLDER)),
            )


def _of_newcomer(merge: Merge, source: Source, reasons: tuple[str, ...]) -> Guarded | None:
    """What a whole new environment, or a new agent, brings along is one change."""
    environment = source.environment
    if not environment or source in merge.before:
        return None
    own = source in merge.after and source.owner != NAMESPACE_FOLDER
    paths: tuple[Path, ...]
    if environment not in {one.environment for one in merge.before}:
        change, paths = f"widen Environment/{one_word(environment)}", (("environments", environment),)
        reasons = ()  # they fill pages, and the plan lists them
    elif own:
        change, paths = f"widen Agent/{one_word(environment)}/{one_word(source.owner)}", (("agents", source.owner),)
    else:
        return None
    return Guarded(rule="widens-access", change=change, reasons=reasons, paths=paths, folder=_folder(source))


def _of_object(change: Change, reasons: tuple[str, ...]) -> Guarded:
    kind, source = change.key.kind, change.source
    rule = "widens-access"
    path: Path = ()
    if kind in _NETWORK:
        rule, path = "widens-network", ("talksTo",)
    elif kind in _RBAC:
        rule, path = "widens-permissions", ("permissions",)
    whole = not source.environment or source.owner == NAMESPACE_FOLDER
    return Guarded(
        rule=rule,
        change=f"widen {_named(change.key)}",
        reasons=reasons,
        paths=(("environments", source.environment) if whole else of_agent(source.owner, source.environment, *path),),
        folder=_folder(source),
    )


def _of_agent(environment: str, agent: str, said: str) -> Guarded:
    """A way that no object's change explains."""
    if not agent:
        change, paths = f"widen Environment/{one_word(environment)}", (("environments", environment),)
        return Guarded(rule="widens-network", change=change, reasons=(said,), paths=paths, folder="overlays")
    return Guarded(
        rule="widens-network",
        change=f"widen Agent/{one_word(environment)}/{one_word(agent)}",
        reasons=(said,),
        paths=(of_agent(agent, environment, "talksTo"),),
        folder=_folder(Source(environment=environment, owner=agent)),
    )


def _blamed(
    merge: Merge, wider: Sequence[Change], kinds: set[str], environment: str, agents: Sequence[str], said: str
) -> Guarded | None:
    """The change that brings a way or a right about: a newcomer, or the one object that has to be acknowledged."""
    for agent in agents or (NAMESPACE_FOLDER,):
        newcomer = _of_newcomer(merge, Source(environment=environment, owner=agent), (said,))
        if newcomer:
            return newcomer
    owners = (*agents, NAMESPACE_FOLDER)
    for change in sorted(wider, key=lambda one: owners.index(one.source.owner) if one.source.owner in owners else -1):
        if change.source.environment == environment and change.source.owner in owners and change.key.kind in kinds:
            return _of_object(change, (said,))
    return None


def _folder(source: Source) -> str:
    return f"overlays/{source.environment}/{source.owner}" if source.environment else "argocd"


def _named(key: ObjectKey) -> str:
    return "/".join(map(one_word, filter(None, (key.kind, key.namespace, key.name))))
