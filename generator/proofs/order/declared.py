"""What the spec makes of Argo CD's Applications and projects: every field that has a meaning, as `path: value`.

Restated here and not shared with the builders, so that a fault in theirs is found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator import names
from generator.model import Agent, Environment, Fleet, Freeze, Sync
from generator.proofs.evidence import Manifest

Fields = dict[str, Any]

IN_CLUSTER = "https://kubernetes.default.svc"
ROOT_FOLDER, ROOT_FILE = "argocd", "root.yaml"
FINALIZER = "resources-finalizer.argocd.argoproj.io"  # what it holds goes with it

_OPTIONS = ("ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true", "FailOnSharedResource=true")
# Not PruneLast: Applications go before the projects that they are in, by the waves in reverse.
_ROOT_OPTIONS = ("ServerSideApply=true", "FailOnSharedResource=true")

_KINDS = {
    "namespaces": (
        ("", "LimitRange ResourceQuota ServiceAccount"),
        ("external-secrets.io", "ExternalSecret SecretStore"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("rbac.authorization.k8s.io", "Role RoleBinding"),
    ),
    "agents": (
        ("", "ConfigMap PersistentVolumeClaim Service ServiceAccount"),
        ("apps", "Deployment"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("batch", "CronJob"),
        ("cilium.io", "CiliumNetworkPolicy"),
        ("external-secrets.io", "ExternalSecret"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("monitoring.coreos.com", "PodMonitor ServiceMonitor"),
        ("networking.k8s.io", "Ingress NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io", "Role RoleBinding"),
    ),
    "root": (("argoproj.io", "AppProject Application"),),
}


# --------------------------------------------------------------------------------------------------------- applications


def root(fleet: Fleet) -> Fields:
    """The app of apps, which leaves out the file that a person applies: what it held would prune itself."""
    return _application(fleet, fleet.name, "root", ROOT_FOLDER, IN_CLUSTER, fleet.gitops.argocd_namespace) | {
        "spec.source.directory.recurse": True,
        "spec.source.directory.exclude": ROOT_FILE,
        "spec.syncPolicy.syncOptions": sorted(_ROOT_OPTIONS),
    }


def application(fleet: Fleet, environment: Environment, owner: str) -> Fields:
    is_agent = owner != names.NAMESPACE_FOLDER
    fields = _application(
        fleet,
        names.application(fleet.name, environment.name, owner),
        environment.name if is_agent else "namespaces",
        f"overlays/{environment.name}/{owner}",
        environment.server,
        environment.namespace.name,
    )
    # An agent that leaves the spec leaves the cluster; a namespace does not go because a file did.
    return fields | ({"metadata.finalizers": [FINALIZER]} if is_agent else {})


def _application(fleet: Fleet, name: str, project: str, path: str, server: str, namespace: str) -> Fields:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata.name": name,
        "metadata.namespace": fleet.gitops.argocd_namespace,
        "spec.project": names.project(fleet.name, project),
        "spec.source.repoURL": fleet.gitops.repo_url,
        "spec.source.targetRevision": fleet.gitops.target_revision,
        "spec.source.path": in_repository(fleet, path),
        "spec.destination.server": server,
        "spec.destination.namespace": namespace,
        "spec.syncPolicy.automated.prune": True,
        "spec.syncPolicy.automated.selfHeal": True,
        "spec.syncPolicy.syncOptions": sorted(_OPTIONS),
    }


def in_repository(fleet: Fleet, path: str) -> str:
    return "/".join(part for part in (fleet.gitops.path, path) if part)


def reads(fleet: Fleet, environment: str, owner: str) -> list[str]:
    """The folders that an overlay is built of."""
    return [in_repository(fleet, path) for path in (f"overlays/{environment}/{owner}", f"base/{owner}")]


def by_person(fleet: Fleet, environment: Environment, agent: Agent | None) -> str:
    """Why a person is to sync the agent, or the namespace if it is none; empty where Argo CD is."""
    if environment.sync is Sync.MANUAL:
        return f"{environment.name} is `sync: manual`"
    if agent and environment.sync is Sync.BY_TIER and fleet.tiers[agent.tier].approval:
        return f"tier {agent.tier} asks for approval in {environment.name}"
    return ""


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of an object by its path; lists are whole."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}" if path else key)
    else:
        yield path, value


# ------------------------------------------------------------------------------------------------------------- projects


@dataclass(frozen=True, kw_only=True)
class Project:
    """All that the Applications of a project may hold, and when Argo CD may not sync them by itself."""

    destinations: frozenset[tuple[str, str]]  # server and namespace
    kinds: frozenset[tuple[str, str]]  # group and kind, in a namespace
    namespaces: frozenset[str] = frozenset()  # the Namespaces themselves
    freezes: tuple[tuple[str, Manifest], ...] = ()  # with the environment


def project(fleet: Fleet, name: str) -> Fields:
    """All but what it allows. It stays until its last Application is gone, which could not clean up without it."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata.name": name,
        "metadata.namespace": fleet.gitops.argocd_namespace,
        "metadata.finalizers": [FINALIZER],
    }


def projects(fleet: Fleet) -> Mapping[str, Project]:
    """By name. The kinds are those of the fleet's builders, so that one which leaves the spec can still be pruned."""
    destinations = {one.name: (one.server, one.namespace.name) for one in fleet.environments}
    found = {
        "root": Project(destinations=frozenset([(IN_CLUSTER, fleet.gitops.argocd_namespace)]), kinds=_kinds("root")),
        "namespaces": Project(
            destinations=frozenset(destinations.values()),
            kinds=_kinds("namespaces"),
            namespaces=frozenset(namespace for _, namespace in destinations.values()),
            freezes=tuple(
                (one.name, _window(freeze) | {"namespaces": [one.namespace.name]})
                for one in fleet.environments
                for freeze in one.freezes
            ),
        ),
    }
    for one in fleet.environments:
        found[one.name] = Project(
            destinations=frozenset([destinations[one.name]]),
            kinds=_kinds("agents"),
            freezes=tuple((one.name, _window(freeze) | {"applications": ["*"]}) for freeze in one.freezes),
        )
    return {names.project(fleet.name, name): project for name, project in found.items()}


def _kinds(of: str) -> frozenset[tuple[str, str]]:
    return frozenset((group, kind) for group, kinds in _KINDS[of] for kind in kinds.split())


def _window(freeze: Freeze) -> Manifest:
    """A person may still sync."""
    return {
        "kind": "deny",
        "schedule": freeze.schedule,
        "duration": freeze.duration,
        "timeZone": freeze.time_zone,
        "manualSync": True,
    }
