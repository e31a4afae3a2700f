"""Fields that the API server will not let anybody change, so that the update is refused as a whole.

Sources, of Kubernetes: the `Validate<Kind>Update` functions of pkg/apis/<group>/validation/validation.go, and for the
selectors of `apps` the `ValidateUpdate` of pkg/registry/apps/<kind>/strategy.go; each entry names its own. Argo CD's
sync options Replace and Force get around this, by deleting; they are left aside here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from generator import quantities
from generator.mergekeys import Path
from generator.review.fields import ABSENT, FieldChange
from generator.review.objects import Manifest, at, group_of

_Check = Callable[[Manifest, Manifest, FieldChange], str | None]  # the field that is immutable, as it is called


def refused(before: Manifest, after: Manifest, fields: Sequence[FieldChange]) -> Iterator[str]:
    """Each field of one and the same object that cannot be changed as it is to be, in words."""
    kind = str(after.get("kind"))
    check = _KINDS.get((group_of(after), kind))
    if check:
        found = (check(before, after, field) for field in fields)
        for called in dict.fromkeys(name for name in found if name):
            yield f"{called} of a {kind} cannot {'shrink' if called == _STORAGE else 'change'}"


def grown(after: Manifest, fields: Sequence[FieldChange]) -> Iterator[str]:
    """What a claim asks for from now on."""
    if (group_of(after), after.get("kind")) == ("", "PersistentVolumeClaim"):
        for field in fields:
            if ".".join(field.keys) == _STORAGE and _grows(field):
                yield f"grows from {field.before} to {field.after}, if its StorageClass allows that"


# ------------------------------------------------------------------------------------------------------------- by kinds


_STORAGE = "spec.resources.requests.storage"


def _within(*paths: Path) -> _Check:
    def check(_before: Manifest, _after: Manifest, field: FieldChange) -> str | None:
        return next((".".join(path) for path in paths if field.keys[: len(path)] == path), None)

    return check


def _spec_but(*mutable: str) -> _Check:
    def check(_before: Manifest, _after: Manifest, field: FieldChange) -> str | None:
        top = field.keys[:2]
        return ".".join(top) if top[:1] == ("spec",) and top[-1] not in mutable else None

    return check


def _claim(_before: Manifest, _after: Manifest, field: FieldChange) -> str | None:
    """ValidatePersistentVolumeClaimUpdate: growing is for the StorageClass to allow; shrinking never is."""
    match field.keys:
        case ("spec", "resources", "requests", "storage"):
            free = _grows(field)
        case ("spec", "volumeAttributesClassName"):
            free = field.after not in (ABSENT, "")
        case ("spec", "volumeName" | "storageClassName"):
            free = field.before is ABSENT
        case _:
            free = field.keys[:1] != ("spec",)
    return None if free else ".".join(field.keys)


def _grows(field: FieldChange) -> bool:
    try:
        return quantities.amount(str(field.before)) < quantities.amount(str(field.after))
    except ValueError:
        return False


def _service(before: Manifest, after: Manifest, field: FieldChange) -> str | None:
    """ValidateServiceUpdate; patchAllocatedValues keeps the address of a Service that no longer names one."""
    if "ExternalName" in (at(before, "spec", "type"), at(after, "spec", "type")) or field.after is ABSENT:
        return None
    return _within(("spec", "clusterIP"), ("spec", "clusterIPs"))(before, after, field)


def _content(before: Manifest, after: Manifest, field: FieldChange) -> str | None:
    """ValidateConfigMapUpdate and ValidateSecretUpdate, where `immutable` was set."""
    if before.get("immutable") is not True:
        return None
    return _within(("binaryData",), ("data",), ("immutable",), ("stringData",))(before, after, field)


def _secret(before: Manifest, after: Manifest, field: FieldChange) -> str | None:
    """ValidateSecretUpdate: the type never changes; none is Opaque."""
    if field.keys == ("type",):
        types = {each.get("type") or "Opaque" for each in (before, after)}
        return "type" if len(types) == 2 else None
    return _content(before, after, field)


def _pod(_before: Manifest, _after: Manifest, field: FieldChange) -> str | None:
    """ValidatePodUpdate."""
    match field.keys:
        case ("spec", "containers" | "initContainers", "image") | ("spec", "activeDeadlineSeconds"):
            return None
        case ("spec", "tolerations", *_):
            return None
    return ".".join(field.keys[:2]) if field.keys[:1] == ("spec",) else None


_SELECTOR = _within(("spec", "selector"))  # ValidateUpdate of each one's strategy
_ROLE_REF = _within(("roleRef",))  # ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate

_KINDS: Mapping[tuple[str, str], _Check] = {
    ("", "ConfigMap"): _content,
    ("", "PersistentVolume"): _within(  # ValidatePersistentVolumeUpdate: the source of the volume, and how it is used
        ("spec", "csi"), ("spec", "hostPath"), ("spec", "local"), ("spec", "nfs"), ("spec", "volumeMode")
    ),
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "ResourceQuota"): _within(("spec", "scopes")),  # ValidateResourceQuotaUpdate
    ("", "Secret"): _secret,
    ("", "Service"): _service,
    ("apps", "DaemonSet"): _SELECTOR,
    ("apps", "Deployment"): _SELECTOR,
    ("apps", "ReplicaSet"): _SELECTOR,
    ("apps", "StatefulSet"): _spec_but(  # ValidateStatefulSetUpdate
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ),
    ("batch", "Job"): _within(  # ValidateJobSpecUpdate
        ("spec", "backoffLimitPerIndex"),
        ("spec", "completionMode"),
        ("spec", "completions"),
        ("spec", "managedBy"),
        ("spec", "podFailurePolicy"),
        ("spec", "selector"),
        ("spec", "successPolicy"),
        ("spec", "template"),
    ),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _within(  # ValidateCustomResourceDefinitionUpdate
        ("spec", "group"), ("spec", "names", "kind"), ("spec", "names", "plural"), ("spec", "scope")
    ),
    ("networking.k8s.io", "IngressClass"): _within(("spec", "controller")),  # ValidateIngressClassUpdate
    ("node.k8s.io", "RuntimeClass"): _within(("handler",)),  # ValidateRuntimeClassUpdate
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _ROLE_REF,
    ("rbac.authorization.k8s.io", "RoleBinding"): _ROLE_REF,
    ("scheduling.k8s.io", "PriorityClass"): _within(("value",), ("preemptionPolicy",)),  # ValidatePriorityClassUpdate
    ("storage.k8s.io", "StorageClass"): _within(  # ValidateStorageClassUpdate
        ("parameters",), ("provisioner",), ("reclaimPolicy",), ("volumeBindingMode",)
    ),
}
