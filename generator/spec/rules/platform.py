"""What the cluster can do: its version, its cloud, its secret store."""

import re
from collections.abc import Iterator

from generator.model import AwsStore, AzureStore, Fleet, KubernetesVersion, Platform, Routing, SecretKeys, Sync
from generator.problems import Problem
from generator.spec.reader import Document, Key
from generator.spec.rules.case import Case

# On by default from here on. Source: kubernetes/enhancements, KEP-127 and KEP-4951.
USER_NAMESPACES = KubernetesVersion(1, 33)
AUTOSCALING_TOLERANCE = KubernetesVersion(1, 35)

MAX_KEY_VAULT_NAME = 127


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


def store_fetches_once(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """Without a time in between, External Secrets never reads again, and a new value never arrives."""
    for path in _stores(fleet):
        if document.has(*path, "refreshInterval") and not re.search(
            "[1-9]", document.written(*path, "refreshInterval")
        ):
            message = f"{_dotted(path)}.refreshInterval: secrets would be read once, and no new value ever arrive"
            place = document.place(*path, "refreshInterval")
            yield Problem(place, "store-fetches-once", message, "give a time such as 1h")


def store_identity_shared(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """Whoever has the store's identity reads every secret of an environment, and not only those that are its own."""
    for environment in fleet.environments:
        identity = environment.namespace.store_identity
        for agent in environment.agents if identity else ():
            if agent.identity == identity:
                own: tuple[Key, ...] = ("agents", agent.name, "environments", environment.name, "identity")
                path = own if document.has(*own) else ("agents", agent.name, "identity")
                message = (
                    f"{_dotted(path)}: is the secret store's in {environment.name}, and reads every agent's secrets"
                )
                yield Problem(document.place(*path), "store-identity-shared", message, "give the agent one of its own")
    yield from _shared_with_released(fleet, document)


def _shared_with_released(fleet: Fleet, document: Document) -> Iterator[Problem]:
    for released in fleet.environments:
        for other in fleet.environments:
            identity = released.namespace.store_identity
            is_one = identity and identity == other.namespace.store_identity
            if is_one and released.sync is not Sync.AUTO and other.sync is Sync.AUTO:
                path = _place_of(document, other.name, "identity")
                message = f"{_dotted(path)}: {other.name} reads the store as {released.name} does, and so its secrets"
                yield Problem(
                    document.place(*path),
                    "store-identity-shared",
                    message,
                    "give each environment an identity of its own",
                )


def key_refused(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """Keys are made of names, and longer than each. What other stores take is longer than any key can be.

    Sources: https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers,
    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
    """
    for environment in fleet.environments:
        store = environment.namespace.store
        scopes: list[tuple[tuple[Key, ...], SecretKeys]] = [
            (("secretStore", "shared"), environment.namespace.shared_secrets)
        ]
        scopes += [(_secrets_of(document, agent.name, environment.name), agent.secrets) for agent in environment.agents]
        for path, keys in scopes:
            for index, name in enumerate(keys.names):
                key = keys.remote_key(name)
                if isinstance(store, AzureStore) and len(key) > MAX_KEY_VAULT_NAME:
                    message = f"the key {key!r} has {len(key)} characters, and Key Vault takes {MAX_KEY_VAULT_NAME}"
                    yield Problem(
                        document.place(*path, index),
                        "key-refused",
                        f"{_dotted((*path, index))}: {message}",
                        "shorten the secret's name, or another part of the key",
                    )
        if isinstance(store, AwsStore) and store.service == "ParameterStore" and fleet.name.startswith(("aws", "ssm")):
            message = f"metadata.name: Parameter Store takes no key that begins like '/{fleet.name}/'"
            place = document.place("metadata", "name")
            yield Problem(place, "key-refused", message, "choose a name that begins otherwise, or Secrets Manager")


def _stores(fleet: Fleet) -> list[tuple[Key, ...]]:
    return [
        ("secretStore",),
        *(("environments", environment.name, "secretStore") for environment in fleet.environments),
    ]


def _place_of(document: Document, environment: str, key: str) -> tuple[Key, ...]:
    own: tuple[Key, ...] = ("environments", environment, "secretStore", key)
    return own if document.has(*own) else ("secretStore", key)


def _secrets_of(document: Document, agent: str, environment: str) -> tuple[Key, ...]:
    own: tuple[Key, ...] = ("agents", agent, "environments", environment, "secrets")
    return own if document.has(*own) else ("agents", agent, "secrets")


def _dotted(path: tuple[Key, ...]) -> str:
    return ".".join(map(str, path))


def fake_secrets_released(fleet: Fleet, document: Document) -> Iterator[Problem]:
    for environment in fleet.environments:
        if environment.namespace.store.provider == "fake" and environment.sync is not Sync.AUTO:
            path: tuple[Key, ...] = ("environments", environment.name, "secretStore", "provider")
            path = path if document.has(*path) else ("secretStore", "provider")
            message = f"{'.'.join(map(str, path))}: made-up secrets in {environment.name}, whose syncs take a person"
            yield Problem(document.place(*path), "fake-secrets-released", message, "choose a real provider there")
