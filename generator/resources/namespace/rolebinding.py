"""RoleBinding: lets External Secrets read the store, and each owning team view, or operate, the namespace.

`view` is Kubernetes' own ClusterRole, bound here for this namespace only; it shows no Secret.
"""

from generator import names
from generator.model import FakeStore, Namespace
from generator.resources import Manifest

EXTERNAL_SECRETS = {"kind": "ServiceAccount", "name": "external-secrets", "namespace": "external-secrets-system"}


def build(namespace: Namespace) -> list[Manifest]:
    bindings = []
    if not isinstance(namespace.store, FakeStore):
        bindings.append(_binding(names.STORE_TOKEN_ROLE, "Role", names.STORE_TOKEN_ROLE, EXTERNAL_SECRETS))
    for team in namespace.teams:
        group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": team.group}
        bindings.append(_binding(f"{team.name}-view", "ClusterRole", "view", group))
        if namespace.teams_operate:
            bindings.append(_binding(f"{team.name}-operate", "Role", names.OPERATOR_ROLE, group))
    return bindings


def _binding(name: str, kind: str, role: str, subject: Manifest) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": [dict(subject)],
    }
