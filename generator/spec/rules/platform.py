"""What the cluster can do: its version, its cloud, its secret store."""

from collections.abc import Iterator

from generator.model import Fleet, KubernetesVersion, Platform, Routing, Sync
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


def storage_class_missing(case: Case) -> Iterator[Problem]:
    for volume in case.agent.volumes:
        if volume.shared and not volume.storage_class and not case.fleet.kubernetes.shared_storage_class:
            message = f"{case.fleet.kubernetes.platform.upper()} has no class of its own for a shared volume this small"
            hint = "name one in kubernetes.storageClasses.shared"
            yield case.problem("storage-class-missing", "volumes", volume.name, message=message, hint=hint)


def ingress_unserved(case: Case) -> Iterator[Problem]:
    """An Ingress needs a controller, and the NetworkPolicy that controller's pods; those of nginx are known."""
    route = case.agent.service.route if case.agent.service else None
    if route and route.routing is Routing.INGRESS and not route.class_name:
        message, hint = "no controller would serve its Ingress", "name one in platform.ingressClass"
        yield case.problem("ingress-class-missing", "service", "expose", message=message, hint=hint)
    elif route and not route.proxies:
        message = f"the pods of the controller {route.class_name!r} are not known, and would be shut out"
        hint = "name their namespace and labels in platform.proxies"
        yield case.problem("proxies-missing", "service", "expose", message=message, hint=hint)


def store_unreadable(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """External Secrets reads aws and azure as an identity that the ServiceAccount names, and gcp only on GKE."""
    for environment in fleet.environments:
        provider, identity = environment.namespace.store.provider, environment.namespace.store_identity
        own: tuple[Key, ...] = ("environments", environment.name, "secretStore")
        place = document.key_place(*(own if document.has(*own) else ("secretStore",)))
        shown = ".".join(map(str, own))
        if provider in ("aws", "azure") and not identity:
            message = f"{shown}: External Secrets reads {provider} as an identity, and the store has none"
            yield Problem(place, "store-unreadable", message, "add `identity`, one for each environment")
        if provider in ("vault", "fake") and identity:
            path: tuple[Key, ...] = (
                (*own, "identity") if document.has(*own, "identity") else ("secretStore", "identity")
            )
            message = f"{'.'.join(map(str, path))}: {provider} is read without a cloud identity"
            yield Problem(document.key_place(*path), "identity-without-cloud", message, "delete it")
        if provider == "gcp" and fleet.kubernetes.platform is not Platform.GKE:
            message = f"{shown}: the store logs in by GKE's workload identity, and the clusters are not on GKE"
            yield Problem(place, "store-unreadable", message, "choose another provider")


def fake_secrets_released(fleet: Fleet, document: Document) -> Iterator[Problem]:
    for environment in fleet.environments:
        if environment.namespace.store.provider == "fake" and environment.sync is not Sync.AUTO:
            path: tuple[Key, ...] = ("environments", environment.name, "secretStore", "provider")
            path = path if document.has(*path) else ("secretStore", "provider")
            message = f"{'.'.join(map(str, path))}: made-up secrets in {environment.name}, whose syncs take a person"
            yield Problem(document.place(*path), "fake-secrets-released", message, "choose a real provider there")
