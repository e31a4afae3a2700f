"""Resolves the agents of one environment, or of none, from the layers of the spec."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from generator.model import (
    Agent,
    Autoscaling,
    Budget,
    Destination,
    FromAgent,
    Health,
    Image,
    Job,
    Kubernetes,
    Pods,
    Replicas,
    Rollout,
    Route,
    Routing,
    Scheduling,
    SecretKeys,
    Security,
    Service,
    ToAgent,
    ToHost,
    ToInternet,
    ToKubernetesApi,
    ToNetwork,
)
from generator.spec import platform, values
from generator.spec.layers import Values, agent_layers, fold, shared_layers
from generator.spec.platform import PlatformService
from generator.spec.values import given, given_seconds


@dataclass(frozen=True)
class Shared:
    """What every agent of the fleet is built with."""

    spec: Values
    kubernetes: Kubernetes
    services: Mapping[str, PlatformService]
    callers: Mapping[str, Pods]
    system_namespace: str
    monitoring_namespace: str


@dataclass(frozen=True)
class Store:
    """Where the secrets of one environment are kept, and under which keys."""

    values: Values
    fleet: str
    environment: str

    def keys(self, scope: str, names: Iterable[str]) -> SecretKeys:
        """The keys of an agent, or of what agents share."""
        provider = self.values["provider"]
        # Key Vault and Secret Manager know no folders; no name of ours holds two hyphens in a row.
        flat = provider in ("azure", "gcp")
        root = "" if flat or provider == "vault" else "/"
        return SecretKeys(
            prefix=root + ("--" if flat else "/").join((self.fleet, self.environment, scope, "")),
            property="value" if provider == "vault" else None,
            refresh_interval=values.go_duration(self.values.get("refreshInterval", "1h")),
            names=tuple(names),
        )


class Agents:
    """The agents as they are in one environment; `environment` is None for the base."""

    def __init__(self, shared: Shared, environment: str | None, store: Store) -> None:
        self.shared, self.environment, self.store = shared, environment, store
        self.bounds: Values = shared.spec["environments"][environment] if environment else {}
        self._layers: dict[str, Values] = {}
        self._layered = {
            name: agent_layers(agent, self._shared_layers(str(agent["tier"])), environment)
            for name, agent in shared.spec["agents"].items()
            if not environment or agent.get("environments", {}).get(environment, {}).get("enabled", True)
        }

    def resolve(self) -> tuple[Agent, ...]:
        """Every agent that runs here, in the order of the spec."""
        return tuple(self._agent(name, lower, own) for name, (lower, own) in self._layered.items())

    def _shared_layers(self, tier: str) -> Values:
        if tier not in self._layers:
            self._layers[tier] = shared_layers(self.shared.spec, tier, self.environment)
        return self._layers[tier]

    @cached_property
    def _ports(self) -> dict[str, int]:
        """The port of each agent that serves here."""
        folded = ((name, fold(lower, own)) for name, (lower, own) in self._layered.items())
        return {
            name: int(layers["service"].get("port", Service.port)) for name, layers in folded if "service" in layers
        }

    @cached_property
    def _calling(self) -> dict[str, list[str]]:
        """Who names each agent under `talksTo`."""
        calling: dict[str, list[str]] = {}
        for name, (lower, own) in self._layered.items():
            for target in fold(lower, own).get("talksTo", ()):
                if isinstance(target, str):
                    calling.setdefault(target, []).append(name)
        return calling

    def _agent(self, name: str, lower: Values, own: Values) -> Agent:
        agent = fold(lower, own)
        metadata, scale = self.shared.spec["metadata"], Fraction(str(self.bounds.get("scale", 1)))
        resources = fold(values.scaled(lower.get("resources", {}), scale), own.get("resources", {}))
        talks_to = agent.get("talksTo", ())
        services = self.shared.services
        connected = [services[target] for target in talks_to if isinstance(target, str) and target in services]
        config = {"AGENT_NAME": name, "AGENT_TIER": str(agent["tier"])}
        for service in connected:
            config |= service.config
        scheduling, security, rollout = (agent.get(block, {}) for block in ("scheduling", "security", "rollout"))
        return Agent(
            name=name,
            description=agent["description"],
            tier=str(agent["tier"]),
            team=agent["team"],
            cost_center=agent["costCenter"],
            fleet=metadata["name"],
            framework_version=metadata["frameworkVersion"],
            kubernetes=self.shared.kubernetes,
            image=Image.parse(agent["image"]),
            resources=values.resources(resources),
            service=self._service(name, lower, own) if "service" in agent else None,
            jobs=tuple(
                _job(job, lower["jobs"][job], own.get("jobs", {}).get(job, {}), resources, scale)
                for job in sorted(agent.get("jobs", {}))
                if "schedule" in agent["jobs"][job]
            ),
            volumes=tuple(
                values.volume(volume, layers)
                for volume, layers in sorted(agent.get("volumes", {}).items())
                if {"size", "path"} <= layers.keys()
            ),
            config=config | agent.get("config", {}),
            secrets=self.store.keys(name, agent.get("secrets", ())),
            shared_secrets=tuple(dict.fromkeys(service.secret for service in connected if service.secret)),
            talks_to=tuple(to for target in talks_to if (to := self._destination(target)) is not None),
            sends_telemetry=any(service.telemetry for service in connected),
            permissions=tuple(values.permission(rule) for rule in agent.get("permissions", ())),
            identity=agent.get("identity"),
            budget=Budget(**given(agent.get("budget", {}), infra="infra", ai="ai")),
            rollout=Rollout(**given(rollout, max_surge="maxSurge", max_unavailable="maxUnavailable")),
            scheduling=Scheduling(**given(scheduling, node_selector="nodeSelector", priority_class="priorityClass")),
            security=Security(
                **given(security, run_as_user="runAsUser", run_as_group="runAsGroup", user_namespaces="userNamespaces")
            ),
            labels=agent.get("labels", {}),
            image_pull_secret=self.shared.spec.get("imagePullSecret"),
            monitoring_namespace=self.shared.monitoring_namespace,
        )

    def _destination(self, target: Any) -> Destination | None:
        if not isinstance(target, str):
            port = int(target["port"])
            host = target.get("host")
            return ToHost(host=host, port=port) if host else ToNetwork(cidr=target["cidr"], port=port)
        if target in self._ports:
            return ToAgent(agent=target, port=self._ports[target])
        if target in self.shared.services:
            return self.shared.services[target].to
        if target == platform.KUBERNETES_API:
            return ToKubernetesApi()
        return ToInternet(port=443) if target == platform.INTERNET else None

    def _service(self, name: str, lower: Values, own: Values) -> Service:
        service = fold(lower.get("service", {}), own.get("service", {}))
        scaling, health = service.get("autoscaling", {}), service.get("health", {})
        callers = self.shared.callers
        called_by = [
            callers.get(caller) if isinstance(caller, str) else platform.pods(caller)
            for caller in service.get("calledBy", ())
        ]
        return Service(
            **given(service, port="port", metrics_path="metricsPath"),
            **given_seconds(service, grace_period="gracePeriod"),
            replicas=self._replicas(lower.get("service", {}), own.get("service", {})),
            autoscaling=Autoscaling(
                **given(scaling, cpu="cpu", memory="memory", tolerance="tolerance"),
                **given_seconds(scaling, scale_down_window="scaleDownWindow"),
            ),
            health=Health(**given(health, path="path"), **given_seconds(health, startup="startup")),
            route=self._route(name, service.get("expose", False)),
            called_by=(
                *(FromAgent(agent=caller) for caller in self._calling.get(name, ())),
                *(pods for pods in called_by if pods),
            ),
        )

    def _replicas(self, lower: Values, own: Values) -> Replicas:
        counts = {"min": Replicas.min, "max": Replicas.max} | lower.get("replicas", {})
        if "maxReplicas" in self.bounds:
            counts = {bound: min(count, self.bounds["maxReplicas"]) for bound, count in counts.items()}
        counts |= own.get("replicas", {})
        return Replicas(min=int(counts["min"]), max=int(counts["max"]))

    def _route(self, name: str, expose: Any) -> Route | None:
        if expose is False:
            return None
        details = {} if expose is True else expose
        shared = self.shared.spec.get("platform", {})
        routing, gateway = Routing(shared.get("routing", "gateway")), shared.get("gateway", {})
        gateway_name = gateway.get("name", self.shared.spec["metadata"]["name"])
        gateway_namespace = gateway.get("namespace", self.shared.system_namespace)
        domain = self.bounds.get("domain")
        return Route(
            routing=routing,
            host=f"{name}.{domain}" if domain else None,
            **given(details, path="path"),
            **given_seconds(details, timeout="timeout"),
            class_name=shared.get("ingressClass"),
            certificate_issuer=shared.get("certificateIssuer"),
            gateway=gateway_name,
            gateway_namespace=gateway_namespace,
            proxies=platform.pods(shared["proxies"])
            if "proxies" in shared
            else platform.proxies(routing, shared.get("ingressClass"), gateway_name, gateway_namespace),
        )


def _job(name: str, lower: Values, own: Values, of_agent: Values, scale: Fraction) -> Job:
    job = fold(lower, own)
    scaled = values.scaled(lower.get("resources", {}), scale, only_given=True)
    return Job(
        name=name,
        schedule=job["schedule"],
        **given(job, time_zone="timeZone", retries="retries", suspend="suspend", metrics_port="metricsPort"),
        **given_seconds(job, duration="duration", deadline="deadline"),
        **given_seconds(job, starting_deadline="startingDeadline", keep_finished="keepFinished"),
        command=tuple(job.get("command", ())),
        args=tuple(job.get("args", ())),
        resources=values.resources(fold(fold(of_agent, scaled), own.get("resources", {}))),
    )
