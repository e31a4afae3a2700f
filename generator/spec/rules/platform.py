"""What the cluster can do: its version, its cloud, its secret store."""

from collections.abc import Iterator

from generator.model import Fleet, KubernetesVersion, Platform, Sync
from generator.problems import Problem
from generator.spec.reader import Document, Key
from generator.spec.rules.case import Case

# On by default from here on. Source: kubernetes/enhancements, KEP-127 and KEP-4951.
USER_NAMESPACES = KubernetesVersion(1, 33)
AUTOSCALING_TOLERANCE = KubernetesVersion(1, 35)


def field_too_new(case: Case) -> Iterator[Problem]:
    """What is asked for must be said; what Kustodian adds by itself it leaves out for older versions."""
    asked: list[tuple[tuple[Key, ...], KubernetesVersion]] = []
    if case.agent.security.user_namespaces:
        asked.append((("security", "userNamespaces"), USER_NAMESPACES))
    if case.agent.service and case.agent.service.autoscaling.tolerance:
        asked.append((("service", "autoscaling", "tolerance"), AUTOSCALING_TOLERANCE))
    for path, needed in asked:
        if case.fleet.kubernetes.version < needed:
            message = f"needs Kubernetes {needed}, and the fleet is for {case.fleet.kubernetes.version}"
            hint = "raise kubernetes.version, or leave it out"
            yield case.problem("field-too-new", *path, message=message, hint=hint)


def identity_without_cloud(case: Case) -> Iterator[Problem]:
    if case.agent.identity and case.fleet.kubernetes.platform is Platform.ONPREM:
        message = "clusters on premises have no cloud identities"
        yield case.problem("identity-without-cloud", "identity", message=message, hint="delete it")


def fake_secrets_released(fleet: Fleet, document: Document) -> Iterator[Problem]:
    for environment in fleet.environments:
        if environment.namespace.store.provider == "fake" and environment.sync is not Sync.AUTO:
            path: tuple[Key, ...] = ("environments", environment.name, "secretStore", "provider")
            path = path if document.has(*path) else ("secretStore", "provider")
            message = f"{'.'.join(map(str, path))}: made-up secrets in {environment.name}, whose syncs take a person"
            yield Problem(document.place(*path), "fake-secrets-released", message, "choose a real provider there")
