"""LimitRange: what a container gets that asks for nothing, and the most that one may ask for."""

from generator.model import Compute, Namespace
from generator.resources import Manifest


def build(namespace: Namespace) -> list[Manifest]:
    limits = namespace.container_limits
    container: Manifest = {
        "type": "Container",
        "default": _compute(limits.default),
        "defaultRequest": _compute(limits.default_request),
    }
    largest = {name: value for name, value in (("cpu", limits.max_cpu), ("memory", limits.max_memory)) if value}
    if largest:
        container["max"] = largest
    ranges = [container]
    if limits.max_volume:
        ranges.append({"type": "PersistentVolumeClaim", "max": {"storage": limits.max_volume}})
    return [{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "limits"}, "spec": {"limits": ranges}}]


def _compute(compute: Compute) -> Manifest:
    return {"cpu": compute.cpu, "memory": compute.memory}
