"""Argo CD's AppProjects and Applications, written out one by one: a reviewer sees each. Knows no agent's manifests.

Sources: https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml and .../project.yaml
"""

from collections.abc import Iterator, Sequence
from typing import Any

from generator import names
from generator.model import Agent, Environment, Fleet, Freeze, Sync

Manifest = dict[str, Any]

# A child waits for the one before only where argocd-cm restores the health of Applications; see docs/argo-cd.md.
PROJECT_WAVE, NAMESPACE_WAVE, AGENT_WAVE = -20, -10, 0

# What the Applications of a project may hold, and nothing else. Fixed, not counted from the fleet: a kind that leaves
# the fleet must still be allowed while Argo CD prunes its last object.
AGENT_KINDS = (
    ("", "ConfigMap"),
    ("", "PersistentVolumeClaim"),
    ("", "Service"),
    ("", "ServiceAccount"),
    ("apps", "Deployment"),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("batch", "CronJob"),
    ("cilium.io", "CiliumNetworkPolicy"),
    ("external-secrets.io", "ExternalSecret"),
    ("gateway.networking.k8s.io", "HTTPRoute"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "ServiceMonitor"),
    ("networking.k8s.io", "Ingress"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("policy", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
)
NAMESPACE_KINDS = (
    ("", "LimitRange"),
    ("", "ResourceQuota"),
    ("", "ServiceAccount"),
    ("external-secrets.io", "ExternalSecret"),
    ("external-secrets.io", "SecretStore"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
)
ROOT_KINDS = (("argoproj.io", "AppProject"), ("argoproj.io", "Application"))

FINALIZER = "resources-finalizer.argocd.argoproj.io"
OPTIONS = ("ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true", "FailOnSharedResource=true")

IN_CLUSTER = Environment.server


def manifests(fleet: Fleet) -> Iterator[tuple[str, list[Manifest]]]:
    """Every file below `argocd/`, as its path and its documents."""
    yield "argocd/root.yaml", [_root_project(fleet), _root(fleet)]
    yield "argocd/projects/namespaces.yaml", [_namespaces_project(fleet)]
    for environment in fleet.environments:
        yield f"argocd/projects/{environment.name}.yaml", [_agents_project(fleet, environment)]
    for environment in fleet.environments:
        folder = f"argocd/applications/{environment.name}"
        yield f"{folder}/{names.NAMESPACE_FOLDER}.yaml", [_namespace_application(fleet, environment)]
        for agent in environment.agents:
            yield f"{folder}/{agent.name}.yaml", [_agent_application(fleet, environment, agent)]


# ------------------------------------------------------------------------------------------------------------- projects


def _root_project(fleet: Fleet) -> Manifest:
    destination = {"server": IN_CLUSTER, "namespace": fleet.gitops.argocd_namespace}
    return _project(fleet, names.project(fleet.name, "root"), "The app of apps.", [destination], ROOT_KINDS)


def _namespaces_project(fleet: Fleet) -> Manifest:
    """Apart from the agents' projects, so that no agent's Application could change a quota or a namespace."""
    destinations = [_destination(environment) for environment in fleet.environments]
    project = _project(
        fleet,
        names.project(fleet.name, "namespaces"),
        "The agents' namespaces: quotas, policies, roles, stores.",
        destinations,
        NAMESPACE_KINDS,
    )
    project["spec"]["clusterResourceWhitelist"] = [
        {"group": "", "kind": "Namespace", "name": environment.namespace.name} for environment in fleet.environments
    ]
    # A window by namespace, since the project holds those of every environment.
    windows = [
        _freeze(freeze, {"namespaces": [environment.namespace.name]})
        for environment in fleet.environments
        for freeze in environment.freezes
    ]
    if windows:
        project["spec"]["syncWindows"] = windows
    return project


def _agents_project(fleet: Fleet, environment: Environment) -> Manifest:
    project = _project(
        fleet,
        names.project(fleet.name, environment.name),
        f"The agents in {environment.name}.",
        [_destination(environment)],
        AGENT_KINDS,
    )
    project["metadata"]["labels"][names.ENVIRONMENT_LABEL] = environment.name
    if environment.freezes:
        project["spec"]["syncWindows"] = [_freeze(freeze, {"applications": ["*"]}) for freeze in environment.freezes]
    return project


def _project(
    fleet: Fleet, name: str, description: str, destinations: list[Manifest], kinds: Sequence[tuple[str, str]]
) -> Manifest:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": name,
            "namespace": fleet.gitops.argocd_namespace,
            "labels": names.fleet_labels(fleet, "delivery"),
            "annotations": {"argocd.argoproj.io/sync-wave": str(PROJECT_WAVE)},
            # An Application whose project is gone cannot clean up after itself: the project stays until its last one.
            "finalizers": [FINALIZER],
        },
        "spec": {
            "description": description,
            "sourceRepos": [fleet.gitops.repo_url],
            "destinations": destinations,
            "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in kinds],
        },
    }


def _freeze(freeze: Freeze, covers: Manifest) -> Manifest:
    return {
        "kind": "deny",
        "schedule": freeze.schedule,
        "duration": freeze.duration,
        "timeZone": freeze.time_zone,
        **covers,
        "manualSync": True,
        "description": freeze.reason,
    }


# --------------------------------------------------------------------------------------------------------- applications


def _root(fleet: Fleet) -> Manifest:
    gitops = fleet.gitops
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": fleet.name,
            "namespace": gitops.argocd_namespace,
            "labels": names.fleet_labels(fleet, "delivery"),
            "annotations": {"argocd.argoproj.io/manifest-generate-paths": _in_repository(fleet, "argocd")},
        },
        "spec": {
            "project": names.project(fleet.name, "root"),
            "source": {
                **_source(fleet, "argocd"),
                # What a person applied does not sync itself away.
                "directory": {"recurse": True, "exclude": "root.yaml"},
            },
            "destination": {"server": IN_CLUSTER, "namespace": gitops.argocd_namespace},
            # Not PruneLast: Applications must go before the projects that they are in, by the waves in reverse.
            "syncPolicy": _sync_policy(automated=True, options=["ServerSideApply=true", "FailOnSharedResource=true"]),
        },
    }


def _namespace_application(fleet: Fleet, environment: Environment) -> Manifest:
    # No finalizer: a namespace does not go because a file did.
    return _application(
        fleet,
        environment,
        names.NAMESPACE_FOLDER,
        names.project(fleet.name, "namespaces"),
        names.namespace_labels(environment.namespace),
        wave=NAMESPACE_WAVE,
        automated=environment.sync is not Sync.MANUAL,
    )


def _agent_application(fleet: Fleet, environment: Environment, agent: Agent) -> Manifest:
    by_person = {
        Sync.AUTO: False,
        Sync.BY_TIER: fleet.tiers[agent.tier].approval,
        Sync.MANUAL: True,
    }[environment.sync]
    application = _application(
        fleet,
        environment,
        agent.name,
        names.project(fleet.name, environment.name),
        names.agent_labels(agent),
        wave=AGENT_WAVE,
        automated=not by_person,
    )
    # An agent that leaves the spec leaves the cluster too; its volumes wait for a person's confirmation.
    application["metadata"]["finalizers"] = [FINALIZER]
    return application


def _application(
    fleet: Fleet, environment: Environment, name: str, project: str, labels: names.Labels, *, wave: int, automated: bool
) -> Manifest:
    overlay = f"overlays/{environment.name}/{name}"
    reads = (overlay, f"base/{name}")
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": names.application(fleet.name, environment.name, name),
            "namespace": fleet.gitops.argocd_namespace,
            "labels": labels | {names.ENVIRONMENT_LABEL: environment.name},
            "annotations": {
                "argocd.argoproj.io/sync-wave": str(wave),
                "argocd.argoproj.io/manifest-generate-paths": ";".join(_in_repository(fleet, path) for path in reads),
                "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
            },
        },
        "spec": {
            "project": project,
            "source": _source(fleet, overlay),
            "destination": _destination(environment),
            "syncPolicy": _sync_policy(automated=automated, options=[*OPTIONS]),
            "revisionHistoryLimit": 10,
        },
    }


def _sync_policy(*, automated: bool, options: list[str]) -> Manifest:
    return {
        "automated": {"enabled": automated, "prune": True, "selfHeal": True},
        "syncOptions": options,
        # Without end: on a new cluster operators, kinds and secrets arrive in an order that nobody controls.
        "retry": {"limit": -1, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}, "refresh": True},
    }


def _source(fleet: Fleet, path: str) -> Manifest:
    return {
        "repoURL": fleet.gitops.repo_url,
        "targetRevision": fleet.gitops.target_revision,
        "path": _in_repository(fleet, path).removeprefix("/"),
    }


def _in_repository(fleet: Fleet, path: str) -> str:
    """`path` from the repository's root, with a leading slash."""
    return "/" + "/".join(part for part in (fleet.gitops.path, path) if part)


def _destination(environment: Environment) -> Manifest:
    return {"server": environment.server, "namespace": environment.namespace.name}
