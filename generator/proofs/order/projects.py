"""What an AppProject lets its Applications do, as Argo CD reads it. It judges nothing.

Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/project-specification/ and IsGroupKindNamePermitted,
IsSourcePermitted, IsDestinationPermitted in argo-cd/pkg/apis/application/v1alpha1/types.go.
"""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from generator.proofs.evidence import Manifest

# Kinds that are in no namespace, of those that a fleet may come to hold.
CLUSTER_KINDS = frozenset(
    """
    Namespace Node PersistentVolume ClusterRole ClusterRoleBinding PriorityClass StorageClass RuntimeClass IngressClass
    GatewayClass CustomResourceDefinition APIService ClusterSecretStore ClusterExternalSecret ClusterIssuer
    CiliumClusterwideNetworkPolicy ClusterPolicy ValidatingWebhookConfiguration MutatingWebhookConfiguration
    ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding
    """.split()
)


def forbidden(project: Manifest, application: Manifest, objects: Iterable[Manifest]) -> Iterator[str]:
    """What of an Application its project does not allow, in words."""
    spec, wanted = project["spec"], application["spec"]
    repository, destination = wanted.get("source", {}).get("repoURL", ""), wanted["destination"]
    if not _matches(repository, spec.get("sourceRepos", ())):
        yield f"the repository {repository}"
    server = destination.get("server", "")
    namespaces = dict.fromkeys([destination["namespace"]])
    kinds: dict[str, bool] = {}
    for manifest in objects:
        if "namespace" in manifest["metadata"]:
            namespaces[manifest["metadata"]["namespace"]] = None
        kind = _kind(manifest)
        if kind not in kinds:
            kinds[kind] = _allows_kind(spec, manifest)
    for namespace in namespaces:
        if not _allows_destination(spec.get("destinations", ()), server, namespace):
            yield f"the namespace {namespace} on {server}"
    yield from (f"the kind {kind}" for kind, is_allowed in kinds.items() if not is_allowed)


def _kind(manifest: Manifest) -> str:
    """A kind that is allowed by name is shown with that name."""
    group, kind = _group(manifest), manifest["kind"]
    named = f" {manifest['metadata']['name']}" if kind in CLUSTER_KINDS else ""
    return (f"{kind}.{group}" if group else str(kind)) + named


def _group(manifest: Manifest) -> str:
    group, slash, _ = manifest["apiVersion"].partition("/")
    return str(group) if slash else ""


def _matches(value: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern allows it, and none that begins with `!` refuses it."""
    refused = any(fnmatchcase(value, pattern[1:]) for pattern in patterns if pattern.startswith("!"))
    return not refused and any(fnmatchcase(value, pattern) for pattern in patterns if not pattern.startswith("!"))


def _allows_destination(destinations: Iterable[Manifest], server: str, namespace: str) -> bool:
    return any(
        fnmatchcase(server, destination.get("server", "")) and fnmatchcase(namespace, destination.get("namespace", ""))
        for destination in destinations
    )


def _allows_kind(spec: Manifest, manifest: Manifest) -> bool:
    scope = "cluster" if manifest["kind"] in CLUSTER_KINDS else "namespace"
    allowed = spec.get(f"{scope}ResourceWhitelist")
    refused = spec.get(f"{scope}ResourceBlacklist") or ()
    # No list allows every kind in a namespace, and none outside of it.
    is_allowed = scope == "namespace" if allowed is None else any(_is(manifest, kind) for kind in allowed)
    return is_allowed and not any(_is(manifest, kind) for kind in refused)


def _is(manifest: Manifest, pattern: Manifest) -> bool:
    return (
        fnmatchcase(_group(manifest), pattern["group"])
        and fnmatchcase(manifest["kind"], pattern["kind"])
        and fnmatchcase(manifest["metadata"]["name"], pattern.get("name") or "*")
    )
