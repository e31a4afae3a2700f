"""PodDisruptionBudget: a drain takes one pod at a time. None for a single replica, which it could not guard."""

from generator import names
from generator.model import Agent
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    if not agent.service or agent.service.replicas.min < 2:
        return []
    return [
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": agent.name},
            "spec": {
                "maxUnavailable": 1,
                # A pod that is unwell anyway must not hold up a drain.
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
                "selector": {"matchLabels": names.service_selector(agent.name)},
            },
        }
    ]
