"""Role: what External Secrets may do here, and what the owning teams may where they operate.

External Secrets gets a token for the store's ServiceAccount and for no other, so that its own cluster-wide right to
tokens can be switched off. Source: https://external-secrets.io/latest/guides/security-best-practices/
"""

from generator import names
from generator.model import FakeStore, Namespace
from generator.resources import Manifest

# Restart by deleting pods, scale, look inside, run a job now: what an incident takes and Git does not record. Whoever
# may exec or create a pod may act as every ServiceAccount here and read every Secret, so this is for below production.
OPERATIONS = (
    ([""], ["pods"], ["delete"]),
    ([""], ["pods/exec", "pods/portforward"], ["create"]),
    (["apps"], ["deployments/scale"], ["get", "patch", "update"]),
    (["batch"], ["jobs"], ["create", "delete"]),
)


def build(namespace: Namespace) -> list[Manifest]:
    roles = []
    if not isinstance(namespace.store, FakeStore):
        token = ([""], ["serviceaccounts/token"], ["create"])
        roles.append(_role(names.STORE_TOKEN_ROLE, [_rule(*token) | {"resourceNames": [names.SECRET_STORE]}]))
    if namespace.teams_operate:
        roles.append(_role(names.OPERATOR_ROLE, [_rule(*operation) for operation in OPERATIONS]))
    return roles


def _role(name: str, rules: list[Manifest]) -> Manifest:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name}, "rules": rules}


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> Manifest:
    return {"apiGroups": list(groups), "resources": list(resources), "verbs": list(verbs)}
