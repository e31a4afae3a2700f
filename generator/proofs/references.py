"""What objects refer to by name: the pods that they make, and what those read, mount and run as. It judges nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.proofs.evidence import Manifest

# Where each kind keeps the template of its pods.
_TEMPLATES = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
WORKLOADS = tuple(_TEMPLATES)
_NONE: Manifest = {}


@dataclass(frozen=True, kw_only=True)
class SecretUse:
    """One place where a pod takes a Secret: a key of it, or all of it, as a variable, as a file, or to pull images."""

    secret: str
    key: str | None  # None: every key
    form: str  # variable, file or image
    name: str  # of the variable or the volume
    optional: bool = False


def template_of(manifest: Manifest) -> Manifest | None:
    """The template, or the pod itself, that an object makes pods of; None where it makes none."""
    path = _TEMPLATES.get(manifest["kind"])
    if path is None:
        return None
    for part in path:
        manifest = manifest[part]
    return manifest


def containers(pod: Manifest) -> Iterator[Manifest]:
    yield from pod.get("initContainers", ())
    yield from pod["containers"]


def secrets(pod: Manifest) -> Iterator[SecretUse]:
    """Every use of a Secret by a pod's spec."""
    for container in containers(pod):
        for variable in container.get("env", ()):
            reference = variable.get("valueFrom", _NONE).get("secretKeyRef")
            if reference:
                yield _use(reference, reference["key"], "variable", variable["name"])
        for source in container.get("envFrom", ()):
            if "secretRef" in source:
                yield _use(source["secretRef"], None, "variable", source.get("prefix", "") + "*")
    for volume in pod.get("volumes", ()):
        for reference in _secret_sources(volume):
            keys: list[str | None] = [item["key"] for item in reference.get("items", ())]
            yield from (_use(reference, key, "file", volume["name"]) for key in keys or [None])
    for reference in pod.get("imagePullSecrets", ()):
        yield _use(reference, None, "image", reference["name"])


def _secret_sources(volume: Manifest) -> Iterator[Manifest]:
    if "secret" in volume:
        yield {"name": volume["secret"]["secretName"], **volume["secret"]}
    for source in volume.get("projected", _NONE).get("sources", ()):
        if "secret" in source:
            yield source["secret"]


def _use(reference: Manifest, key: str | None, form: str, name: str) -> SecretUse:
    optional = bool(reference.get("optional"))
    return SecretUse(secret=reference["name"], key=key, form=form, name=name, optional=optional)


def config_maps(pod: Manifest) -> Iterator[tuple[str, str | None]]:
    """The ConfigMaps that a pod does not start without, each with the key that it takes; None: every key."""
    for container in containers(pod):
        for variable in container.get("env", ()):
            reference = variable.get("valueFrom", _NONE).get("configMapKeyRef")
            if reference and not reference.get("optional"):
                yield reference["name"], reference["key"]
        for source in container.get("envFrom", ()):
            yield from _required(source.get("configMapRef"))
    for volume in pod.get("volumes", ()):
        yield from _required(volume.get("configMap"))
        for source in volume.get("projected", _NONE).get("sources", ()):
            yield from _required(source.get("configMap"))


def _required(reference: Manifest | None) -> Iterator[tuple[str, str | None]]:
    if reference and not reference.get("optional"):
        keys: list[str | None] = [item["key"] for item in reference.get("items", ())]
        yield from ((reference["name"], key) for key in keys or [None])


def claims(pod: Manifest) -> Iterator[str]:
    """The PersistentVolumeClaims that a pod mounts."""
    for volume in pod.get("volumes", ()):
        if "persistentVolumeClaim" in volume:
            yield volume["persistentVolumeClaim"]["claimName"]


def selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; an empty one matches everything."""
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", _NONE).items()):
        return False
    return all(_meets(expression, labels) for expression in selector.get("matchExpressions", ()))


def _meets(expression: Manifest, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values", ())
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:  # DoesNotExist
            return key not in labels
