"""What a change lets somebody do: Kubernetes' RBAC, the cloud's, Argo CD's projects, and the policies that refuse.

Each function takes an object before and after, None where there is none, and says in words what it adds.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from generator.proofs.access import rbac
from generator.review.objects import Manifest, at, mapping, sequence

# Annotations by which a ServiceAccount becomes somebody in a cloud: of EKS, GKE and AKS.
_IDENTITIES = ("azure.workload.identity/client-id", "eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account")
_LEVELS = ("privileged", "baseline", "restricted")  # of Pod Security; without the label it is the first
_ENFORCE = "pod-security.kubernetes.io/enforce"


def role(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """Verbs, resources, names or URLs that a Role or ClusterRole did not name, or roles that it did not add up."""
    for found in rbac.beyond(list(_rules(after)), list(_rules(before))):
        yield f"allows to {found}"
    known = set(_urls(before))
    for verb, url in dict.fromkeys(_urls(after)):
        if not any(one in known for one in ((verb, url), ("*", url), (verb, "*"), ("*", "*"))):
            yield f"allows to {verb} {url}"
    adds_up = at(after, "aggregationRule")
    if adds_up and adds_up != at(before, "aggregationRule"):
        yield "takes over the rules of other ClusterRoles"
    for key, value in _labels(after).items():
        if key.startswith(rbac.AGGREGATE_TO) and str(value) == "true" and str(_labels(before).get(key)) != "true":
            yield f"adds its rules to the ClusterRole {key.removeprefix(rbac.AGGREGATE_TO)}"


def _rules(manifest: Manifest | None) -> Iterator[rbac.Rule]:
    for rule in sequence(at(manifest, "rules")):
        yield rbac.Rule(
            groups=_sorted(rule, "apiGroups"),
            resources=_sorted(rule, "resources"),
            verbs=_sorted(rule, "verbs"),
            names=_sorted(rule, "resourceNames"),
        )


def _sorted(rule: Any, field: str) -> tuple[str, ...]:
    return tuple(sorted(_words(rule, field)))


def _urls(manifest: Manifest | None) -> Iterator[tuple[str, str]]:
    for rule in sequence(at(manifest, "rules")):
        for url in _words(rule, "nonResourceURLs"):
            yield from ((verb, url) for verb in _words(rule, "verbs"))


def binding(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """Subjects that a RoleBinding or ClusterRoleBinding did not name."""
    known = set(_subjects(before))
    given = f"{at(after, 'roleRef', 'kind')} {at(after, 'roleRef', 'name')}"
    for subject in dict.fromkeys(_subjects(after)):
        if subject not in known:
            yield f"gives {given} to {subject}"


def _subjects(manifest: Manifest | None) -> Iterator[rbac.Subject]:
    for each in sequence(at(manifest, "subjects")):
        one = mapping(each)
        yield rbac.Subject(
            kind=str(one.get("kind")), name=str(one.get("name")), namespace=str(one.get("namespace") or "")
        )


def service_account(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """A token in every pod where there was none, or another identity in the cloud."""
    if at(before, "automountServiceAccountToken") is False and _mounts(after):
        yield "its pods get a token for the Kubernetes API"
    old, new = (mapping(at(each, "metadata", "annotations")) for each in (before, after))
    for key in _IDENTITIES:
        if new.get(key) and new.get(key) != old.get(key):
            yield f"acts as {new[key]} in the cloud"


def _mounts(manifest: Manifest | None) -> bool:
    return manifest is not None and at(manifest, "automountServiceAccountToken") is not False


def namespace(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """A lower level of Pod Security for those who may make pods."""
    if before and after:
        old, new = (str(_labels(each).get(_ENFORCE) or _LEVELS[0]) for each in (before, after))
        if old in _LEVELS and new in _LEVELS and _LEVELS.index(new) < _LEVELS.index(old):
            yield f"Pod Security falls from {old} to {new}"


def _labels(manifest: Manifest | None) -> Manifest:
    return mapping(at(manifest, "metadata", "labels"))


# -------------------------------------------------------------------------------------------------------------- Argo CD

_ALLOWS = {  # what a list of an AppProject allows, in words
    "sourceRepos": "may deploy from",
    "destinations": "may deploy to",
    "sourceNamespaces": "its Applications may live in",
    "clusterResourceWhitelist": "may deploy cluster-wide",
    "namespaceResourceWhitelist": "may deploy",
}
_REFUSES = {"clusterResourceBlacklist": "may deploy cluster-wide", "namespaceResourceBlacklist": "may deploy"}


# What of an Application says what is deployed, from where, and by whose leave.
_SYNCS = {
    "its project": ("spec", "project"),
    "its repository": ("spec", "source", "repoURL"),
    "its revision": ("spec", "source", "targetRevision"),
    "its path": ("spec", "source", "path"),
    "its cluster": ("spec", "destination", "server"),
    "its namespace": ("spec", "destination", "namespace"),
}


def application(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """What an Application that is there deploys instead, and whether it no longer waits for a person."""
    if not before or not after:
        return
    for what, path in _SYNCS.items():
        old, new = at(before, *path), at(after, *path)
        if old != new:
            yield f"{what} is {new} and was {old}"
    for field in ("sources", "source.kustomize", "source.helm", "source.plugin", "source.directory"):
        if at(after, "spec", *field.split(".")) != at(before, "spec", *field.split(".")):
            yield f"its {field} changes what is deployed"
    if _syncs_itself(after) and not _syncs_itself(before):
        yield "it syncs by itself, and waited for a person"


def _syncs_itself(application: Manifest) -> bool:
    automated = at(application, "spec", "syncPolicy", "automated")
    return automated is not None and at(application, "spec", "syncPolicy", "automated", "enabled") is not False


def project(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """What an AppProject allows more, or refuses no longer."""
    for field, says in _ALLOWS.items():
        old, new = (_entries(each, field) for each in (before, after))
        if field == "namespaceResourceWhitelist" and after and not new:
            if old or not before:
                yield f"{says} every kind of a namespace"  # an absent list allows all of them
            continue
        if field == "namespaceResourceWhitelist" and before and not old:
            continue
        yield from (f"{says} {_shown(entry)}" for entry in new if not any(_covers(known, entry) for known in old))
    for field, says in _REFUSES.items():
        old, new = (_entries(each, field) for each in (before, after))
        yield from (f"{says} {_shown(entry)}, which it refused" for entry in old if after and entry not in new)
    known = {rule for role in sequence(at(before, "spec", "roles")) for rule in _words(role, "policies")}
    for each in sequence(at(after, "spec", "roles")):
        yield from (f"its roles may {rule}" for rule in _words(each, "policies") if rule not in known)


def _entries(manifest: Manifest | None, field: str) -> list[str]:
    """Each entry of a list as text, its parts in one order; what a part leaves out is any."""
    found = []
    for each in sequence(at(manifest, "spec", field)):
        one = mapping(each)
        match field:
            case "destinations":
                found.append(f"{one.get('namespace') or '*'} of {one.get('name') or one.get('server') or '*'}")
            case "sourceRepos" | "sourceNamespaces":
                found.append(str(each))
            case _:
                found.append(f"{one.get('kind')}.{one.get('group') or ''}")
    return list(dict.fromkeys(found))


def _shown(entry: str) -> str:
    return entry.removesuffix(".")  # a kind of the core group


def _covers(pattern: str, entry: str) -> bool:
    return pattern == entry or (not pattern.startswith("!") and fnmatchcase(entry, pattern.replace("[", "[[]")))


# ---------------------------------------------------------------------------------------------------- admission control


def admission(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """A policy, binding or webhook that refuses less, or is gone."""
    if before and not after:
        yield "what it refused is let in"
    elif before and after:
        old, new = (_words(mapping(at(each, "spec")), "validationActions") for each in (before, after))
        if "Deny" in old and "Deny" not in new:
            yield "what it refused is let in: Deny is gone"
        if _failure(before) != "Ignore" and _failure(after) == "Ignore":
            yield "what it cannot judge is let in: failurePolicy Ignore"


def _failure(manifest: Manifest) -> Any:
    return at(manifest, "spec", "failurePolicy")


def _words(holder: Any, field: str) -> tuple[str, ...]:
    return tuple(map(str, sequence(mapping(holder).get(field))))
