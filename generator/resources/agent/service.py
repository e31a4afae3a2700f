"""Service: the name under which others in the cluster reach the agent's API."""

from generator import names
from generator.model import Agent
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    if not agent.service:
        return []
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": agent.name},
            "spec": {
                "type": "ClusterIP",
                "selector": names.service_selector(agent.name),
                "ports": [{"name": "http", "port": agent.service.port, "targetPort": "http", "protocol": "TCP"}],
            },
        }
    ]
