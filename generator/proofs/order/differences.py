"""Where an Application or a project is not what the spec makes of it: fields that differ, lack, or are too many."""

from collections.abc import Iterator, Sequence

from generator.model import Fleet
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.order import declared
from generator.proofs.order.delivery import Delivery
from generator.proofs.wording import things

_PATHS = "argocd.argoproj.io/manifest-generate-paths"
_COMPARE = "argocd.argoproj.io/compare-options"
ANNOTATIONS = frozenset((_PATHS, _COMPARE))  # judged here

# How often a failed sync is tried, and what is kept of it: neither changes what is synced. Labels are for people. Who
# syncs, and all other annotations, are judged by themselves; what a project allows is, too.
_FREE = (
    *("metadata.labels.", "metadata.annotations.", "spec.revisionHistoryLimit", "spec.info"),
    *("spec.syncPolicy.retry.", "spec.syncPolicy.automated.enabled"),
)
_AUTOMATED = "spec.syncPolicy.automated"


def breaches(fleet: Fleet, delivery: Delivery) -> Iterator[Breach]:
    """One for all that differ alike."""
    found: dict[str, list[str]] = {}
    for manifest, differences in _all(fleet, delivery):
        for told in differences:
            found.setdefault(told, []).append(f"{manifest['kind']} {manifest['metadata']['name']}")
    for told, names in found.items():
        message = f"{things(names, 'the fleet')}: {told}"
        hint = "run `kustodian generate`; if that changes nothing, report a bug"
        yield Breach(rule="application-differs", paths=(("gitops",),), message=message, hint=hint)


def _all(fleet: Fleet, delivery: Delivery) -> Iterator[tuple[Manifest, Iterator[str]]]:
    environments = {environment.name: environment for environment in fleet.environments}
    if delivery.root:
        reads = [declared.in_repository(fleet, declared.ROOT_FOLDER)]
        yield delivery.root, _of_application(delivery, delivery.root, declared.root(fleet), reads)
    for (environment, owner), application in delivery.applications.items():
        says = declared.application(fleet, environments[environment], owner)
        reads = declared.reads(fleet, environment, owner)
        yield application, _of_application(delivery, application, says, reads)
    for name, project in delivery.projects.items():
        yield project, _compared(project, declared.project(fleet, name), ("spec.",))


def _of_application(
    delivery: Delivery, application: Manifest, says: declared.Fields, reads: Sequence[str]
) -> Iterator[str]:
    spec = application["spec"]
    told_already = () if spec["project"] in delivery.projects else ("spec.project",)
    meaningless = () if "automated" in spec.get("syncPolicy", {}) else (_AUTOMATED,)
    yield from _compared(application, says, (*told_already, *meaningless))
    annotations = application["metadata"].get("annotations", {})
    if annotations.get(_COMPARE, "ServerSideDiff=true") != "ServerSideDiff=true":
        yield f"{_COMPARE} is {annotations[_COMPARE]}, of which the spec says nothing"
    watched = list(_watched(annotations.get(_PATHS, ""), spec.get("source", {}).get("path", "")))
    for path in reads:
        if not any(f"{path}/".startswith(f"{one}/" if one else "") for one in watched):
            yield f"it is built of {path}, and a commit there does not make Argo CD look ({_PATHS})"


def _compared(manifest: Manifest, says: declared.Fields, without: tuple[str, ...]) -> Iterator[str]:
    has = {
        path: sorted(value) if path.endswith(".syncOptions") else value
        for path, value in declared.flat(manifest)
        if not path.startswith((*_FREE, *without))
    }
    for path in dict.fromkeys([*says, *has]):
        if has.get(path) != says.get(path) and not path.startswith(without):
            its = f"{path} is {_shown(has[path])}" if path in has else f"there is no {path}"
            yield its + (
                f", and the spec says {_shown(says[path])}" if path in says else ", of which the spec says nothing"
            )


def _watched(annotation: str, own: str) -> Iterator[str]:
    """From the repository's root. A path without a slash at its beginning is below the Application's own."""
    paths = [path.strip().rstrip("/") for path in annotation.split(";") if path.strip()]
    if not paths:
        yield ""  # every commit makes Argo CD look
    for path in paths:
        if path.startswith("/") or not path:
            yield path.strip("/")
        else:
            yield own if path == "." else f"{own}/{path}"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
