"""Which object is which: its key, and the suffix by which Kustomize names a ConfigMap or Secret after its content."""

import re
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]

# Ten characters of what Kustomize turns the digits of a hash into (api/hasher/hasher.go, `encode`).
_HASH_SUFFIX = re.compile(r"-[2456789bcdfghkmt]{10}\Z")
_GENERATED = {("", "ConfigMap"), ("", "Secret")}


@dataclass(frozen=True, kw_only=True, order=True)
class ObjectKey:
    """What the API server knows an object by; the version is no part of it. A cluster-wide one has no namespace.

    >>> str(ObjectKey(group="", kind="PersistentVolumeClaim", namespace="ai-agents-prod", name="models"))
    'PersistentVolumeClaim/ai-agents-prod/models'
    >>> str(ObjectKey(group="", kind="Namespace", namespace="", name="ai-agents-prod"))
    'Namespace/ai-agents-prod'
    """

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(filter(None, (self.kind, self.namespace, self.name)))

    @property
    def stem(self) -> str:
        """The name without the hash of the content, where it has one."""
        return _HASH_SUFFIX.sub("", self.name) if (self.group, self.kind) in _GENERATED else self.name


def key_of(manifest: Manifest) -> ObjectKey:
    """The key of an object; a part that it lacks is empty."""
    metadata = mapping(manifest.get("metadata"))
    return ObjectKey(
        group=group_of(manifest),
        kind=str(manifest.get("kind") or ""),
        namespace=str(metadata.get("namespace") or ""),
        name=str(metadata.get("name") or metadata.get("generateName") or ""),
    )


def group_of(manifest: Manifest) -> str:
    """The API group: `apps` of `apps/v1`, nothing of `v1`."""
    return str(manifest.get("apiVersion") or "").rpartition("/")[0]


def mapping(value: Any) -> Manifest:
    """The value, if it is a map; what a manifest lacks, or has in another shape, is an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value, if it is a list; what a manifest lacks, or has in another shape, is an empty one."""
    return value if isinstance(value, list) else []


def at(manifest: Any, *path: str) -> Any:
    """What stands below maps at a path; None where there is nothing."""
    for key in path:
        if not isinstance(manifest, dict):
            return None
        manifest = manifest.get(key)
    return manifest
