"""Which fields tell the elements of a pod's lists apart: plain data, said once for all who compare or merge manifests.

Sources: `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of the Kubernetes OpenAPI schema.
"""

from collections.abc import Mapping

Path = tuple[str, ...]
MergeKeys = Mapping[Path, tuple[str, ...]]  # the list at a path (no indices) -> the fields that tell its elements apart

CONTAINER: MergeKeys = {
    (): ("name",),
    ("env",): ("name",),
    ("ports",): ("containerPort", "protocol"),
    ("volumeDevices",): ("devicePath",),
    ("volumeMounts",): ("mountPath",),
}
POD_SPEC: MergeKeys = {
    **{("containers", *path): keys for path, keys in CONTAINER.items()},
    **{("initContainers", *path): keys for path, keys in CONTAINER.items()},
    ("hostAliases",): ("ip",),
    ("imagePullSecrets",): ("name",),
    ("topologySpreadConstraints",): ("topologyKey", "whenUnsatisfiable"),
    ("volumes",): ("name",),
}

# Where a kind of `apps` or `batch` keeps the template of its pods.
POD_TEMPLATES: Mapping[tuple[str, str], Path] = {
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): ("spec", "template"),
}


def of_pods(group: str, kind: str) -> MergeKeys:
    """The merge keys of a kind's pod template, by their paths from the top of the object."""
    template = POD_TEMPLATES[group, kind]
    return {(*template, "spec", *path): keys for path, keys in POD_SPEC.items()}


SERVICE: MergeKeys = {("spec", "ports"): ("port", "protocol")}
SERVICE_ACCOUNT: MergeKeys = {("secrets",): ("name",)}
