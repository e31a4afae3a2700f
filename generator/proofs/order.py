"""Order: when Argo CD applies what, and whether anything needs what comes later.

Argo CD goes on to the next wave when everything of one is well. What needs something of a later wave is never well, so
the later wave never comes. Within a wave it applies kinds in an order of its own, without waiting.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, TypeVar

from generator import names
from generator.compiled import Compiled
from generator.proofs import projects, references
from generator.proofs.breaches import Breach, Breaches, as_json
from generator.proofs.evidence import Evidence, Manifest
from generator.proofs.finding import Finding, Path, of_agent
from generator.proofs.needs import Item, Need, item_of, needs

# Kinds whose pods come with the sync; a CronJob's come when its time comes.
_AT_ONCE = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job")

GITOPS: tuple[Path, ...] = (("gitops",),)


@dataclass(frozen=True, kw_only=True)
class Wave:
    """What Argo CD applies together, in its order, and then waits for."""

    number: int
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationOrder:
    """One Application: its own wave among the others, and the waves within it. The root's are the others' own."""

    name: str
    wave: int | None  # None: a person applies it
    project: str
    path: str
    environment: str | None
    owner: str | None
    automatic: bool
    waves: tuple[Wave, ...]


@dataclass(frozen=True, kw_only=True)
class OrderReport:
    """Every Application by its wave, and what could never come to pass."""

    applications: tuple[ApplicationOrder, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `order.schema.json` describes it."""
        return {
            "applications": [_application_json(application) for application in self.applications],
            "findings": as_json(self.findings),
        }


def prove(evidence: Evidence) -> OrderReport:
    """The order of every sync, and every need that it does not meet."""
    delivery = _Delivery.of(evidence)
    findings = Breaches()
    for environment, breach in delivery.breaches():
        findings.add(environment, breach)
    of_argo = tuple(Finding(one.rule, one.paths, one.message, one.hint) for one in delivery.of_argo())
    return OrderReport(applications=tuple(delivery.report()), findings=(*of_argo, *findings.findings()))


_Breach = tuple[str, Breach]  # with its environment
_Owner = tuple[str, str]  # environment and owner


@dataclass(frozen=True, kw_only=True)
class _Delivery:
    """The Applications by the overlay that each syncs, their projects, and the objects of every environment."""

    environments: tuple[Compiled, ...]
    root: Manifest | None
    others: tuple[Manifest, ...]  # what the root holds: projects and Applications
    applications: Mapping[_Owner, Manifest]
    astray: tuple[Manifest, ...]  # Applications whose path is no overlay
    projects: Mapping[str, Manifest]

    @classmethod
    def of(cls, evidence: Evidence) -> "_Delivery":
        root = next((one for one in evidence.applications if _is_root(one)), None)
        by_hand = {(root["kind"], root["metadata"]["name"]), ("AppProject", root["spec"]["project"])} if root else set()
        base = evidence.fleet.gitops.path
        overlays = {
            "/".join(part for part in (base, "overlays", compiled.environment, owner) if part): (
                compiled.environment,
                owner,
            )
            for compiled in evidence.environments
            for owner in compiled.objects
        }
        found: dict[_Owner, Manifest] = {}
        astray = []
        for one in evidence.applications:
            if one["kind"] == "Application" and one is not root:
                owner = overlays.get(one["spec"]["source"]["path"])
                if owner:
                    found[owner] = one
                else:
                    astray.append(one)
        return cls(
            environments=evidence.environments,
            root=root,
            others=tuple(one for one in evidence.applications if (one["kind"], one["metadata"]["name"]) not in by_hand),
            applications=found,
            astray=tuple(astray),
            projects={one["metadata"]["name"]: one for one in evidence.applications if one["kind"] == "AppProject"},
        )

    def wave(self, environment: str, owner: str) -> int | None:
        application = self.applications.get((environment, owner))
        return item_of("", application).wave if application else None

    # ------------------------------------------------------------------------------------------------------ the report

    def report(self) -> Iterator[ApplicationOrder]:
        if self.root:
            items = [item_of("argocd", manifest) for manifest in self.others]
            yield _order(self.root, None, None, None, items)
        objects = {compiled.environment: compiled.objects for compiled in self.environments}
        in_order = sorted(self.applications.items(), key=lambda one: item_of("", one[1]).wave)
        for (environment, owner), application in in_order:
            items = [item_of(owner, manifest) for manifest in objects[environment][owner]]
            yield _order(application, item_of("", application).wave, environment, owner, items)

    # ---------------------------------------------------------------------------------- the breaches of an environment

    def breaches(self) -> Iterator[_Breach]:
        for compiled in self.environments:
            name = compiled.environment
            found = needs(compiled)
            cycles = list(_cycles((need.item, need.needs) for need in found))
            pairs = ((need.item.owner, need.needs.owner) for need in found)
            between = dict.fromkeys(pair for pair in pairs if pair[0] != pair[1])
            for cycle in cycles:
                message = f"{' needs '.join(map(str, cycle))}: none of them can be the first"
                paths, hint = _paths(cycle[0].owner, name), "let one of them do without the next"
                yield name, Breach(rule="order-cycle", paths=paths, message=message, hint=hint)
            within = {frozenset({item.owner for item in cycle}) for cycle in cycles}
            rounds = list(_cycles(between))
            for round_ in rounds:
                if frozenset(round_) not in within:
                    message = (
                        f"the Applications of {' and '.join(dict.fromkeys(round_))} each hold what the other needs"
                    )
                    paths, hint = _paths(round_[0], name), "hold it in one of them"
                    yield name, Breach(rule="order-cycle", paths=paths, message=message, hint=hint)
            in_cycle = {pair for cycle in cycles for pair in pairwise(cycle)}
            in_round = {pair for round_ in rounds for pair in pairwise(round_)}
            for need in found:
                owners = need.item.owner, need.needs.owner
                if (need.item, need.needs) not in in_cycle and owners not in in_round:
                    yield from self._late(name, need)
            for owner, manifests in compiled.objects.items():
                if (name, owner) not in self.applications:
                    message = f"no Application syncs overlays/{name}/{owner}"
                    paths, hint = _paths(owner, name), "run `kustodian generate`"
                    yield name, Breach(rule="application-missing", paths=paths, message=message, hint=hint)
                yield from _waiting(name, owner, manifests)

    def _late(self, environment: str, need: Need) -> Iterator[_Breach]:
        item, other = need.item, need.needs
        if item.owner == other.owner:
            late = other.place >= item.place if need.before else other.turn > item.turn
            where = _turns(item, other)
        else:
            own, its = self.wave(environment, item.owner), self.wave(environment, other.owner)
            if own is None or its is None:
                return
            late = its >= own if need.before else its > own
            where = f"the Application of {other.owner} is in wave {its}, that of {item.owner} in {own}"
        if late:
            message = f"{item} needs {other}, which does not come before it ({where})"
            paths, hint = _paths(item.owner, environment), f"put the {other.kind} into an earlier wave"
            yield environment, Breach(rule="needs-later-wave", paths=paths, message=message, hint=hint)

    # ------------------------------------------------------------------------------------ the breaches of Argo CD's own

    def of_argo(self) -> Iterator[Breach]:
        for application in self.astray:
            name, path = application["metadata"]["name"], application["spec"]["source"]["path"]
            message = f"Application {name} syncs {path}, and no overlay is there"
            yield Breach(rule="path-missing", paths=GITOPS, message=message, hint="run `kustodian generate`")
        objects = {compiled.environment: compiled.objects for compiled in self.environments}
        if self.root:
            yield from self._judged(self.root, self.others)
        for (environment, owner), application in self.applications.items():
            yield from self._judged(application, objects[environment][owner])

    def _judged(self, application: Manifest, objects: Sequence[Manifest]) -> Iterator[Breach]:
        name, called = application["metadata"]["name"], application["spec"]["project"]
        project = self.projects.get(called)
        if not project:
            message = f"Application {name} is of the project {called}, which nothing makes"
            yield Breach(rule="project-missing", paths=GITOPS, message=message, hint="name one that is there")
            return
        for what in projects.forbidden(project, application, objects):
            message = f"the project {called} does not allow Application {name} {what}"
            yield Breach(rule="project-forbids", paths=GITOPS, message=message, hint="allow it there")
        first, then = item_of("", project), item_of("", application)
        if application is not self.root and first.turn >= then.turn:
            message = f"Application {name} (wave {then.wave}) needs its AppProject {called}, of wave {first.wave}"
            hint = "put the project into an earlier wave"
            yield Breach(rule="needs-later-wave", paths=GITOPS, message=message, hint=hint)


def _waiting(environment: str, owner: str, manifests: list[Manifest]) -> Iterator[_Breach]:
    """A claim is well once a pod uses it, where its class waits for one; which class does, no manifest says."""
    first_use: dict[str, tuple[int, int]] = {}
    items = [(item_of(owner, manifest), manifest) for manifest in manifests]
    for item, manifest in items:
        template = references.template_of(manifest) if item.kind in _AT_ONCE else None
        for claim in references.claims(template["spec"]) if template else ():
            first_use[claim] = min(item.turn, first_use.get(claim, item.turn))
    last = max((item for item, _ in items), key=lambda item: item.turn, default=None)
    for item, _ in items:
        if item.kind != "PersistentVolumeClaim" or not last or last.turn <= item.turn:
            continue
        if item.name not in first_use or first_use[item.name] > item.turn:
            message = f"{item} waits in wave {item.wave} for a pod that uses it, and {last} waits for it in {last.wave}"
            paths, hint = _paths(owner, environment), "put the claim into its pods' wave"
            yield environment, Breach(rule="claim-waits", paths=paths, message=message, hint=hint)


_Node = TypeVar("_Node")


def _cycles(edges: Iterable[tuple[_Node, _Node]]) -> Iterator[list[_Node]]:
    """A cycle, and then another that does without the first one's last step, until none is left."""
    graph: dict[_Node, dict[_Node, None]] = {}  # in the order met, so that the same cycle is found each time
    for node, needed in edges:
        graph.setdefault(node, {})[needed] = None
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
            start = min(range(len(cycle) - 1), key=lambda index: str(cycle[index]))
            cycle = [*cycle[start:-1], *cycle[: start + 1]]
            yield cycle
            for node, needed in pairwise(cycle):
                graph[node].pop(needed, None)
        else:
            return


def _turns(item: Item, other: Item) -> str:
    if item.place == other.place:
        return f"both in wave {item.wave}, in no order"
    if item.turn == other.turn:
        return f"both in wave {item.wave}, where each {item.kind} is applied first"
    return f"wave {other.wave} after wave {item.wave}" if item.phase == other.phase else "a later phase of the sync"


def _paths(owner: str, environment: str) -> tuple[Path, ...]:
    return (("environments", environment),) if owner == names.NAMESPACE_FOLDER else of_agent(owner, environment)


def _is_root(manifest: Manifest) -> bool:
    """The app of apps reads a folder of manifests; every other Application is built by Kustomize."""
    return manifest["kind"] == "Application" and "directory" in manifest["spec"]["source"]


def _order(
    application: Manifest, wave: int | None, environment: str | None, owner: str | None, items: Iterable[Item]
) -> ApplicationOrder:
    waves: dict[tuple[int, int], list[Item]] = {}
    for item in sorted(items, key=lambda item: (item.place, item.name)):
        waves.setdefault(item.turn, []).append(item)
    spec = application["spec"]
    return ApplicationOrder(
        name=application["metadata"]["name"],
        wave=wave,
        project=spec["project"],
        path=spec["source"]["path"],
        environment=environment,
        owner=owner,
        automatic=spec.get("syncPolicy", {}).get("automated", {"enabled": False}).get("enabled", True),
        waves=tuple(Wave(number=turn[1], items=tuple(together)) for turn, together in waves.items()),
    )


# ----------------------------------------------------------------------------------------------------------------- json


def _application_json(application: ApplicationOrder) -> dict[str, Any]:
    return {
        "name": application.name,
        "wave": application.wave,
        "project": application.project,
        "path": application.path,
        "environment": application.environment,
        "owner": application.owner,
        "automatic": application.automatic,
        "waves": [
            {"number": wave.number, "objects": [{"kind": item.kind, "name": item.name} for item in wave.items]}
            for wave in application.waves
        ],
    }
