"""Role: what the agent may do with the Kubernetes API, in its own namespace, where it declares anything."""

from generator.model import Agent, Permission
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    if not agent.permissions:
        return []
    return [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": agent.name},
            "rules": [_rule(permission) for permission in agent.permissions],
        }
    ]


def _rule(permission: Permission) -> Manifest:
    rule: Manifest = {"apiGroups": list(permission.api_groups), "resources": list(permission.resources)}
    if permission.resource_names:
        rule["resourceNames"] = list(permission.resource_names)
    return rule | {"verbs": list(permission.verbs)}
