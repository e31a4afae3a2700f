"""RoleBinding: gives the agent's Role to its ServiceAccount and to nobody else."""

from generator.model import Agent
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    if not agent.permissions:
        return []
    return [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": agent.name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": agent.name},
            "subjects": [{"kind": "ServiceAccount", "name": agent.name}],
        }
    ]
