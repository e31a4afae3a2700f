"""The pod that an agent's Deployment and CronJobs share. Meets Pod Security `restricted` by construction.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterable
from typing import Any

from generator import names
from generator.model import Agent, Compute, Platform, Resources
from generator.resources import Manifest

TMP_SIZE = "1Gi"  # of scratch space; memory and nodes stay protected from a runaway job

# Taints under which each platform's documentation sets up its GPU nodes.
GPU_TOLERATIONS = {
    platform: [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}] for platform in Platform
} | {Platform.AKS: [{"key": "sku", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}]}
# Where NVIDIA's container toolkit is not the default runtime: k3s, RKE2 and kubeadm, as their documentation has it.
GPU_RUNTIME_CLASSES = {Platform.ONPREM: "nvidia"}


def template(agent: Agent, labels: names.Labels, spec: Manifest) -> Manifest:
    """A pod template: the labels that selectors and webhooks need, and the pod's `spec`."""
    if agent.identity and agent.kubernetes.platform is Platform.AKS:
        labels = labels | {"azure.workload.identity/use": "true"}  # its webhook looks at pods, not at ServiceAccounts
    return {"metadata": {"labels": labels}, "spec": spec}


def spec(agent: Agent, resources: Resources, container: Manifest, **more: Any) -> Manifest:
    """A pod's spec around the one `container`, which needs only what is its own."""
    pod: Manifest = {
        "serviceAccountName": agent.name,
        "automountServiceAccountToken": bool(agent.permissions),
        "enableServiceLinks": False,
    }
    if agent.security.user_namespaces:
        pod["hostUsers"] = False
    if agent.image_pull_secret:
        pod["imagePullSecrets"] = [{"name": agent.image_pull_secret}]
    if agent.scheduling.priority_class:
        pod["priorityClassName"] = agent.scheduling.priority_class
    pod |= _placement(agent, resources.gpu)
    pod |= more
    pod["securityContext"] = {
        "runAsNonRoot": True,
        "runAsUser": agent.security.run_as_user,
        "runAsGroup": agent.security.run_as_group,
        "fsGroup": agent.security.run_as_group,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    pod["containers"] = [_container(agent, resources, container)]
    pod["volumes"] = [
        {"name": "tmp", "emptyDir": {"sizeLimit": TMP_SIZE}},
        *(
            {"name": volume.name, "persistentVolumeClaim": {"claimName": names.volume_claim(agent.name, volume.name)}}
            for volume in agent.volumes
        ),
    ]
    return pod


def _placement(agent: Agent, gpus: int) -> Manifest:
    platform = agent.kubernetes.platform
    selector = dict(agent.scheduling.node_selector)
    placement: Manifest = {}
    if gpus:
        selector = {**agent.kubernetes.gpu_node_selector, **selector}
        placement["tolerations"] = [dict(toleration) for toleration in GPU_TOLERATIONS[platform]]
        if platform in GPU_RUNTIME_CLASSES:
            placement["runtimeClassName"] = GPU_RUNTIME_CLASSES[platform]
    if selector:
        placement["nodeSelector"] = selector
    return placement


def _container(agent: Agent, resources: Resources, own: Manifest) -> Manifest:
    return {
        "name": agent.name,
        "image": str(agent.image),
        **own,
        "env": list(_environment(agent)),
        "envFrom": [{"configMapRef": {"name": names.config_map(agent.name)}}],
        "resources": _resources(resources),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  # an emptyDir of the pod's own
            *({"name": volume.name, "mountPath": volume.path} for volume in agent.volumes),
        ],
    }


def _resources(resources: Resources) -> Manifest:
    # Kubernetes takes the request of an extended resource from its limit.
    gpu = {"nvidia.com/gpu": str(resources.gpu)} if resources.gpu else {}
    return {"requests": _compute(resources.requests), "limits": _compute(resources.limits) | gpu}


def _compute(compute: Compute) -> Manifest:
    return {"cpu": compute.cpu, "memory": compute.memory}


def _environment(agent: Agent) -> Iterable[Manifest]:
    yield {
        "name": "AGENT_ENVIRONMENT",
        "valueFrom": {"fieldRef": {"fieldPath": f"metadata.labels['{names.ENVIRONMENT_LABEL}']"}},
    }
    if agent.sends_telemetry:
        yield {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
        yield {"name": "OTEL_SERVICE_NAME", "value": agent.name}
        attributes = (
            f"service.namespace={agent.fleet}",
            "service.instance.id=$(POD_NAME)",
            "deployment.environment.name=$(AGENT_ENVIRONMENT)",
        )
        yield {"name": "OTEL_RESOURCE_ATTRIBUTES", "value": ",".join(attributes)}
    yield from _secrets(names.SHARED_SECRET, agent.shared_secrets)
    yield from _secrets(agent.name, agent.secrets.names)


def _secrets(secret: str, keys: Iterable[str]) -> Iterable[Manifest]:
    for key in keys:
        yield {
            "name": names.environment_variable(key),
            "valueFrom": {"secretKeyRef": {"name": secret, "key": key}},
        }
