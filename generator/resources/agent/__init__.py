"""The kinds of an agent, in the order in which its kustomization lists them. A new kind is one file and one line."""

from collections.abc import Callable

from generator.model import Agent
from generator.resources import Manifest
from generator.resources.agent import (
    ciliumnetworkpolicy,
    cronjob,
    deployment,
    externalsecret,
    horizontalpodautoscaler,
    httproute,
    ingress,
    networkpolicy,
    persistentvolumeclaim,
    poddisruptionbudget,
    podmonitor,
    role,
    rolebinding,
    service,
    serviceaccount,
    servicemonitor,
)

KINDS: dict[str, Callable[[Agent], list[Manifest]]] = {
    "ServiceAccount": serviceaccount.build,
    "Role": role.build,
    "RoleBinding": rolebinding.build,
    "ExternalSecret": externalsecret.build,
    "PersistentVolumeClaim": persistentvolumeclaim.build,
    "NetworkPolicy": networkpolicy.build,
    "CiliumNetworkPolicy": ciliumnetworkpolicy.build,
    "Deployment": deployment.build,
    "CronJob": cronjob.build,
    "Service": service.build,
    "HorizontalPodAutoscaler": horizontalpodautoscaler.build,
    "PodDisruptionBudget": poddisruptionbudget.build,
    "HTTPRoute": httproute.build,
    "Ingress": ingress.build,
    "ServiceMonitor": servicemonitor.build,
    "PodMonitor": podmonitor.build,
}


def build(agent: Agent) -> list[Manifest]:
    """Every manifest of an agent but its ConfigMap, which Kustomize generates from `config(agent)`."""
    return [manifest for kind in KINDS.values() for manifest in kind(agent)]
