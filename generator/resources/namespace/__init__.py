"""The kinds of a namespace, in the order in which its kustomization lists them. A new kind is one file and one line."""

from collections.abc import Callable

from generator.model import Namespace
from generator.resources import Manifest
from generator.resources.namespace import (
    externalsecret,
    limitrange,
    namespace,
    networkpolicy,
    resourcequota,
    role,
    rolebinding,
    secretstore,
    serviceaccount,
)

KINDS: dict[str, Callable[[Namespace], list[Manifest]]] = {
    "Namespace": namespace.build,
    "ResourceQuota": resourcequota.build,
    "LimitRange": limitrange.build,
    "NetworkPolicy": networkpolicy.build,
    "ServiceAccount": serviceaccount.build,
    "Role": role.build,
    "RoleBinding": rolebinding.build,
    "SecretStore": secretstore.build,
    "ExternalSecret": externalsecret.build,
}


def build(owner: Namespace) -> list[Manifest]:
    """Every manifest of a namespace."""
    return [manifest for kind in KINDS.values() for manifest in kind(owner)]
