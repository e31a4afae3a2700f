"""What an AppProject allows beyond all that its Applications are to hold, and when it lets Argo CD sync by itself."""

from collections.abc import Iterator

from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.order.declared import Project
from generator.proofs.places import Path, of_environment

_GITOPS: tuple[Path, ...] = (("gitops",),)
# What only narrows it, or says something; whatever else is there is more than the spec asks for.
_KNOWN = {
    *("description", "sourceRepos", "destinations", "syncWindows"),
    *("namespaceResourceWhitelist", "namespaceResourceBlacklist"),
    *("clusterResourceWhitelist", "clusterResourceBlacklist"),
}


def breaches(manifest: Manifest, declared: Project | None, repository: str) -> Iterator[Breach]:
    name = manifest["metadata"]["name"]
    if declared is None:
        message = f"nothing in the spec asks for the project {name}"
        yield Breach(rule="project-too-wide", paths=_GITOPS, message=message, hint="delete it")
        return
    for what in _beyond(manifest["spec"], declared, repository):
        message = f"the project {name} allows {what}, which its Applications are not to hold"
        hint = "name what they hold, and nothing else"
        yield Breach(rule="project-too-wide", paths=_GITOPS, message=message, hint=hint)
    yield from _freezes(name, manifest["spec"], declared)


def _beyond(spec: Manifest, declared: Project, repository: str) -> Iterator[str]:
    """An entry that is more, or a pattern; one that begins with `!` only takes away."""
    for pattern in spec.get("sourceRepos", ()):
        if pattern != repository and not pattern.startswith("!"):
            yield f"the repository {pattern}"
    for destination in spec.get("destinations", ()):
        server, namespace = destination.get("server", destination.get("name", "")), destination.get("namespace", "")
        if (server, namespace) not in declared.destinations and "!" not in (server[:1], namespace[:1]):
            yield f"the namespace {namespace} on {server}"
    if "namespaceResourceWhitelist" not in spec:
        yield "every kind in a namespace"
    for allowed in spec.get("namespaceResourceWhitelist") or ():
        if (allowed["group"], allowed["kind"]) not in declared.kinds:
            yield f"the kind {_shown(allowed)}"
    for allowed in spec.get("clusterResourceWhitelist") or ():
        is_namespace = (allowed["group"], allowed["kind"]) == ("", "Namespace")
        if not is_namespace or allowed.get("name") not in declared.namespaces:
            yield f"the kind {_shown(allowed)} {allowed.get('name', 'of every name')}"
    yield from (f"what its spec.{field} says" for field in spec if field not in _KNOWN)


def _shown(allowed: Manifest) -> str:
    return f"{allowed['kind']}.{allowed['group']}" if allowed["group"] else str(allowed["kind"])


def _freezes(name: str, spec: Manifest, declared: Project) -> Iterator[Breach]:
    windows = [
        {"timeZone": "UTC", "manualSync": False} | {key: value for key, value in window.items() if key != "description"}
        for window in spec.get("syncWindows") or ()
    ]
    for environment, freeze in declared.freezes:
        if freeze not in windows:
            message = f"the project {name} does not keep Argo CD from syncing at {freeze['schedule']}"
            message += f" for {freeze['duration']}, as the freeze of {environment} says"
            paths = (of_environment(environment, "freezes"),)
            yield Breach(rule="freeze-differs", paths=paths, message=message, hint="give it that sync window")
    known = [freeze for _, freeze in declared.freezes]
    for window in windows:
        if window not in known:
            message = f"the project {name} has a sync window at {window.get('schedule')} that no freeze asks for"
            yield Breach(rule="freeze-differs", paths=_GITOPS, message=message, hint="delete it")
