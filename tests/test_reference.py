"""The reference fleet carries the guide's numbers, word for word, in what Kustomize builds of it."""

import re
from typing import Any

import pytest

from generator.checks.tools import Tools
from tests.support import REFERENCE, ROOT, built, fleet_at, kustodian, meant

AGENTS = {
    "security-agent": (
        "3",
        "500m",
        "1Gi",
        "2",
        "4Gi",
        "10Gi",
        {"trivy-api-token", "github-token", "slack-webhook-url"},
    ),
    "it-ops-agent": ("3", "1", "2Gi", "4", "8Gi", "5Gi", {"k8s-api-token", "aws-credentials", "pagerduty-api-key"}),
    "ai-agent": (
        "3",
        "2",
        "4Gi",
        "8",
        "16Gi",
        "50Gi",
        {"mlflow-tracking-uri", "model-registry-key", "training-data-s3-key"},
    ),
    "architect-agent": (
        "4",
        "500m",
        "1Gi",
        "2",
        "4Gi",
        "5Gi",
        {"openai-api-key", "confluence-token", "jira-api-token"},
    ),
}
QUOTAS = {
    "dev": ("8", "16Gi", "16", "32Gi", "10", "2"),
    "staging": ("16", "32Gi", "32", "64Gi", "15", "3"),
    "prod": ("32", "64Gi", "64", "128Gi", "20", "5"),
}
SHARED_SECRETS = {"audit-trail-db-password", "redis-password", "s3-access-key", "observability-api-key"}


@pytest.fixture(scope="module")
def overlays(tools: Tools) -> dict[str, dict[str, Any]]:
    return built(ROOT, meant(fleet_at(REFERENCE)), tools)


def test_the_committed_tree_is_what_the_spec_compiles_to() -> None:
    check = kustodian("check")
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize("environment", QUOTAS)
def test_quotas(environment: str, overlays: dict[str, dict[str, Any]]) -> None:
    hard = overlays[f"overlays/{environment}/namespace"]["ResourceQuota quota"]["spec"]["hard"]
    names = (
        "requests.cpu",
        "requests.memory",
        "limits.cpu",
        "limits.memory",
        "persistentvolumeclaims",
        "services.loadbalancers",
    )
    assert tuple(hard[name] for name in names) == QUOTAS[environment]


@pytest.mark.parametrize("agent", AGENTS)
def test_resources_storage_and_secrets(agent: str, overlays: dict[str, dict[str, Any]]) -> None:
    _, request_cpu, request_memory, limit_cpu, limit_memory, storage, secrets = AGENTS[agent]
    objects = overlays[f"overlays/prod/{agent}"]
    container = objects[f"Deployment {agent}"]["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"] == {
        "requests": {"cpu": request_cpu, "memory": request_memory},
        "limits": {"cpu": limit_cpu, "memory": limit_memory},
    }
    [claim] = [manifest for name, manifest in objects.items() if name.startswith("PersistentVolumeClaim ")]
    assert claim["spec"]["resources"]["requests"]["storage"] == storage
    data = objects[f"ExternalSecret {agent}"]["spec"]["data"]
    assert {item["remoteRef"]["key"] for item in data} == {f"/ai-agents/prod/{agent}/{name}" for name in secrets}


@pytest.mark.parametrize("environment", QUOTAS)
def test_shared_secrets(environment: str, overlays: dict[str, dict[str, Any]]) -> None:
    data = overlays[f"overlays/{environment}/namespace"]["ExternalSecret shared"]["spec"]["data"]
    assert {item["remoteRef"]["key"] for item in data} == {
        f"/ai-agents/{environment}/shared/{name}" for name in SHARED_SECRETS
    }


def test_schedules_and_the_training_gpu(overlays: dict[str, dict[str, Any]]) -> None:
    for environment in QUOTAS:
        scan = overlays[f"overlays/{environment}/security-agent"]["CronJob security-agent-vulnerability-scan"]["spec"]
        assert scan["schedule"] == "0 2 * * *"
        training = overlays[f"overlays/{environment}/ai-agent"]["CronJob ai-agent-training"]["spec"]
        pod = training["jobTemplate"]["spec"]["template"]["spec"]
        gpus = pod["containers"][0]["resources"]["limits"].get("nvidia.com/gpu")
        assert gpus == ("1" if environment == "prod" else None)


def test_every_object_and_pod_carries_the_governance_labels(overlays: dict[str, dict[str, Any]]) -> None:
    costs = {
        "security-agent": "security",
        "it-ops-agent": "operations",
        "ai-agent": "machine-learning",
        "architect-agent": "architecture",
    }
    teams = {
        "security-agent": "devops",
        "it-ops-agent": "operations",
        "ai-agent": "data-science",
        "architect-agent": "architecture",
    }
    for folder, objects in overlays.items():
        _, environment, owner = folder.split("/")
        expected = {
            "app": owner if owner in AGENTS else "ai-agents",
            "tier": AGENTS[owner][0] if owner in AGENTS else "shared",
            "cost-center": costs.get(owner, "platform"),
            "team": teams.get(owner, "platform"),
            "framework-version": "2.1.0",
            "app.kubernetes.io/name": owner if owner in AGENTS else "ai-agents",
            "app.kubernetes.io/component": "agent" if owner in AGENTS else "namespace",
            "app.kubernetes.io/part-of": "ai-agents",
            "app.kubernetes.io/managed-by": "kustodian",
            "environment": environment,
        }
        for name, manifest in objects.items():
            for labels in _labels(manifest):
                assert expected.items() <= labels.items(), f"{folder}: {name}"


def _labels(manifest: dict[str, Any]) -> list[dict[str, str]]:
    found = [manifest["metadata"]["labels"]]
    if manifest["kind"] == "Deployment":
        found.append(manifest["spec"]["template"]["metadata"]["labels"])
    if manifest["kind"] == "CronJob":
        found.append(manifest["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"])
    return found


def test_every_pod_meets_pod_security_restricted(overlays: dict[str, dict[str, Any]]) -> None:
    """As the standard words it; the builders set it, this reads it back from what Kustomize built."""
    pods = [pod for objects in overlays.values() for manifest in objects.values() for pod in _pods(manifest)]
    assert len(pods) == 3 * (4 + 2)
    allowed = {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
    for pod in pods:
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert all(volume.keys() - {"name"} <= allowed for volume in pod["volumes"])
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] != 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is (pod["serviceAccountName"] == "it-ops-agent")
        for container in pod["containers"] + pod.get("initContainers", []):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert context["readOnlyRootFilesystem"] is True
            assert not any("hostPort" in port for port in container.get("ports", []))
            assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]


def _pods(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    match manifest["kind"]:
        case "Deployment":
            return [manifest["spec"]["template"]["spec"]]
        case "CronJob":
            return [manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]]
    return []


def test_no_deployment_has_both_replicas_and_an_autoscaler(overlays: dict[str, dict[str, Any]]) -> None:
    scaled = {
        folder: any(name.startswith("HorizontalPodAutoscaler ") for name in objects)
        for folder, objects in overlays.items()
    }
    assert set(scaled.values()) == {True, False}
    for folder, objects in overlays.items():
        for name, manifest in objects.items():
            if name.startswith("Deployment "):
                assert ("replicas" in manifest["spec"]) is not scaled[folder]


def test_volumes_and_namespaces_ask_before_they_go(overlays: dict[str, dict[str, Any]]) -> None:
    kept = [
        m
        for objects in overlays.values()
        for m in objects.values()
        if m["kind"] in ("PersistentVolumeClaim", "Namespace")
    ]
    assert len(kept) == 3 * (4 + 1)
    assert {m["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] for m in kept} == {
        "Prune=confirm,Delete=confirm"
    }


def test_nothing_committed_holds_a_secret_value() -> None:
    """Invariant 8: no Secret at all, and every key of the store is a name."""
    files = [path for folder in ("base", "overlays", "argocd") for path in (ROOT / folder).rglob("*.yaml")]
    assert len(files) > 100
    assert not [path for path in files if re.search(r"^kind: Secret$", path.read_text(), re.MULTILINE)]
