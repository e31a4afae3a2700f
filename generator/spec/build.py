"""Builds the fleet from values that the schema has found sound.

Names that lead nowhere are left out here: `references` reports them, and then no fleet leaves this room.
"""

from generator.model import (
    SHARED_STORAGE_CLASSES,
    Agent,
    Environment,
    Fleet,
    GitOps,
    Kubernetes,
    KubernetesVersion,
    Namespace,
    Platform,
    SecretKeys,
    Sync,
)
from generator.spec import platform, values
from generator.spec.agents import Agents, Shared, Store
from generator.spec.layers import Values, fold
from generator.spec.values import given

BASE_ENVIRONMENT = "{env}"  # stands in the base where an environment's name will
SHARED_SCOPE = "shared"


def fleet(spec: Values) -> Fleet:
    """The fleet that the spec describes."""
    metadata, gitops = spec["metadata"], spec["gitops"]
    name = metadata["name"]
    system, monitoring = f"{name}-system", f"{name}-monitoring"
    platform_values = spec.get("platform", {})
    shared = Shared(
        spec=spec,
        kubernetes=_kubernetes(spec["kubernetes"]),
        services=platform.services(platform_values, system, monitoring),
        callers=platform.callers(platform_values, monitoring),
        system_namespace=system,
        monitoring_namespace=monitoring,
    )
    base_namespace, base_agents = _namespace_and_agents(shared, None)
    return Fleet(
        name=name,
        framework_version=metadata["frameworkVersion"],
        team=metadata.get("team", "platform"),
        cost_center=metadata.get("costCenter", "platform"),
        gitops=GitOps(
            repo_url=gitops["repoURL"],
            **given(gitops, target_revision="targetRevision", argocd_namespace="argocdNamespace", path="path"),
        ),
        kubernetes=shared.kubernetes,
        registry=spec.get("registry"),
        pricing=values.pricing(spec.get("pricing", {})),
        waivers=tuple(values.waiver(waiver) for waiver in spec.get("waivers", ())),
        acknowledgements=tuple(values.acknowledgement(one) for one in spec.get("acknowledgements", ())),
        tiers={tier: values.tier(layers) for tier, layers in spec["tiers"].items()},
        teams={name: values.team(name, team) for name, team in spec.get("teams", {}).items()},
        base_namespace=base_namespace,
        base_agents=base_agents,
        environments=tuple(_environment(shared, environment) for environment in spec["environments"]),
    )


def _kubernetes(kubernetes: Values) -> Kubernetes:
    kind, classes = Platform(kubernetes["platform"]), kubernetes.get("storageClasses", {})
    return Kubernetes(
        version=KubernetesVersion.parse(kubernetes["version"]),
        platform=kind,
        api_server=tuple(kubernetes.get("apiServer", ())),
        cilium=kubernetes.get("networkPolicy") == "cilium",
        shared_storage_class=classes.get("shared", SHARED_STORAGE_CLASSES.get(kind)),
        single_storage_class=classes.get("single"),
        gpu_node_selector=kubernetes.get("gpuNodeSelector", {}),
    )


def _environment(shared: Shared, name: str) -> Environment:
    environment = shared.spec["environments"][name]
    namespace, agents = _namespace_and_agents(shared, name)
    return Environment(
        name=name,
        **given(environment, server="server"),
        sync=Sync(environment.get("sync", "auto")),
        freezes=tuple(values.freeze(freeze) for freeze in environment.get("freezes", ())),
        cluster=values.cluster(environment["cluster"]) if "cluster" in environment else None,
        namespace=namespace,
        agents=agents,
    )


def _namespace_and_agents(shared: Shared, environment: str | None) -> tuple[Namespace, tuple[Agent, ...]]:
    spec = shared.spec
    metadata, teams = spec["metadata"], spec.get("teams", {})
    layers = spec["environments"][environment] if environment else {}
    own_store = layers.get("secretStore", {})
    store_values = own_store if "provider" in own_store else fold(spec["secretStore"], own_store)
    store = Store(store_values, metadata["name"], environment or BASE_ENVIRONMENT)
    agents = Agents(shared, environment, store).resolve()
    shared_secrets = store.keys(SHARED_SCOPE, spec["secretStore"].get("shared", ()))
    limits = fold(spec.get("defaults", {}).get("containerLimits", {}), layers.get("containerLimits", {}))
    namespace = Namespace(
        name=f"{metadata['name']}-{environment}" if environment else metadata["name"],
        fleet=metadata["name"],
        team=metadata.get("team", "platform"),
        cost_center=metadata.get("costCenter", "platform"),
        framework_version=metadata["frameworkVersion"],
        kubernetes=shared.kubernetes,
        node_local_dns=spec["kubernetes"].get("nodeLocalDNS"),
        quota=values.quota(layers["quota"]) if "quota" in layers else None,
        container_limits=values.container_limits(limits),
        teams=tuple(values.team(name, teams.get(name, {})) for name in sorted({agent.team for agent in agents})),
        teams_operate=layers.get("teamAccess") == "operate",
        store=values.secret_store(store_values, _all_keys(shared_secrets, agents)),
        store_identity=store_values.get("identity"),
        shared_secrets=shared_secrets,
    )
    return namespace, agents


def _all_keys(shared: SecretKeys, agents: tuple[Agent, ...]) -> tuple[str, ...]:
    scopes = (shared, *(agent.secrets for agent in agents))
    return tuple(sorted(scope.remote_key(name) for scope in scopes for name in scope.names))
