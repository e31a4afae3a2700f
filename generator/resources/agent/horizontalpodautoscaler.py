"""HorizontalPodAutoscaler: between the fewest and the most replicas, quick to grow and slow to shrink."""

from generator.model import Agent, Autoscaling
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    service = agent.service
    if not service or service.replicas.min == service.replicas.max:
        return []
    return [
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": agent.name},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": agent.name},
                "minReplicas": service.replicas.min,
                "maxReplicas": service.replicas.max,
                "metrics": _metrics(service.autoscaling),
                "behavior": _behavior(service.autoscaling),
            },
        }
    ]


def _metrics(autoscaling: Autoscaling) -> list[Manifest]:
    targets = {"cpu": autoscaling.cpu, "memory": autoscaling.memory}
    return [
        {
            "type": "Resource",
            "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": percent}},
        }
        for name, percent in targets.items()
        if percent
    ]


def _behavior(autoscaling: Autoscaling) -> Manifest:
    tolerance = {"tolerance": autoscaling.tolerance} if autoscaling.tolerance else {}
    return {
        "scaleUp": {"policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}], **tolerance},
        "scaleDown": {
            "stabilizationWindowSeconds": autoscaling.scale_down_window,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
            **tolerance,
        },
    }
