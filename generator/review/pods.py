"""What a change lets the processes of a pod do to their node or with their identity: its security context, weakened.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/, level restricted, and a root file system
that is read-only.
"""

from collections.abc import Iterator
from typing import Any

from generator import mergekeys
from generator.review.objects import Manifest, at, group_of, mapping, sequence


def weaker(before: Manifest | None, after: Manifest | None) -> Iterator[str]:
    """What the pods of a workload may do that they could not. A new workload is held against one that may nothing."""
    old = set(_weaknesses(_spec(before)))
    yield from (weakness for weakness in dict.fromkeys(_weaknesses(_spec(after))) if weakness not in old)
    old_token, token = (at(_spec(each), "automountServiceAccountToken") for each in (before, after))
    if after and ((token is True and old_token is not True) or (token is None and old_token is False)):
        yield "its pods get a token for the Kubernetes API"


def _spec(manifest: Manifest | None) -> Manifest:
    if manifest is None:
        return {}
    template = mergekeys.POD_TEMPLATES.get((group_of(manifest), str(manifest.get("kind"))), ())
    return mapping(at(manifest, *template, "spec"))


def _weaknesses(spec: Manifest) -> Iterator[str]:
    for field, what in (("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "memory")):
        if spec.get(field) is True:
            yield f"shares the node's {what}: {field}"
    for volume in map(mapping, sequence(spec.get("volumes"))):
        if "hostPath" in volume:
            yield f"mounts the node's {at(volume, 'hostPath', 'path')}"
    pod = mapping(spec.get("securityContext"))
    for field in ("initContainers", "containers"):
        for container in map(mapping, sequence(spec.get(field))):
            for weakness in _of_container(container, pod):
                yield f"{container.get('name')} {weakness}"


def _of_container(container: Manifest, pod: Manifest) -> Iterator[str]:
    own = mapping(container.get("securityContext"))
    yield from _rights(own)
    for port in map(mapping, sequence(container.get("ports"))):
        if port.get("hostPort"):
            yield f"listens on the node's port {port['hostPort']}"
    if _effective("runAsNonRoot", own, pod) is not True:
        yield "may run as root: no runAsNonRoot"
    if _effective("runAsUser", own, pod) == 0:
        yield "runs as root: runAsUser 0"
    if at(_effective("seccompProfile", own, pod), "type") in (None, "Unconfined"):
        yield "may make any system call: no seccompProfile"


def _rights(own: Manifest) -> Iterator[str]:
    """What only a container sets for itself."""
    if own.get("privileged") is True:
        yield "is privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "may gain more privileges than it starts with: allowPrivilegeEscalation"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "may write to its root file system: no readOnlyRootFilesystem"
    capabilities = mapping(own.get("capabilities"))
    if "ALL" not in map(str, sequence(capabilities.get("drop"))):
        yield "keeps the capabilities that its runtime gives it"
    for capability in map(str, sequence(capabilities.get("add"))):
        yield f"has the capability {capability}"


def _effective(field: str, own: Manifest, pod: Manifest) -> Any:
    """A container's own setting comes before that of its pod."""
    return pod.get(field) if own.get(field) is None else own[field]
