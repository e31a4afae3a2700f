"""What agents may name under `talksTo` and `calledBy` beside each other: the platform's services and callers.

The addresses are those that the platform's own components get; see the deployment guide, sections 1.1 and 8.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.model import Pods, Routing, ToHost, ToPods


@dataclass(frozen=True, kw_only=True)
class PlatformService:
    """Where a shared service is, and what an agent gets that may connect to it."""

    to: ToPods | ToHost
    config: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None
    telemetry: bool = False


# Destinations that are not a service of the platform.
KUBERNETES_API, INTERNET = "kubernetes-api", "internet"
BUILT_IN_SERVICES = ("telemetry", "audit-db", "cache")
BUILT_IN_CALLERS = ("alertmanager",)


def services(spec: Mapping[str, Any], system: str, monitoring: str) -> dict[str, PlatformService]:
    """All platform services by name; the spec's own win. `system` and `monitoring` are the shared namespaces."""
    collector = f"otel-collector.{monitoring}.svc.cluster.local"
    database = f"audit-db-rw.{system}.svc.cluster.local"
    cache = f"valkey.{system}.svc.cluster.local"
    built_in = {
        "telemetry": PlatformService(
            to=_pods(monitoring, {"app.kubernetes.io/name": "opentelemetry-collector"}, 4317, 4318),
            # The collector's Service has internalTrafficPolicy Local: this name is the collector on the pod's own node,
            # and unlike the node's address a NetworkPolicy can select it.
            config={"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector}:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            secret="observability-api-key",  # noqa: S106  # the name of a secret, not its value
            telemetry=True,
        ),
        "audit-db": PlatformService(
            to=_pods(system, {"cnpg.io/cluster": "audit-db"}, 5432),
            config={"AUDIT_TRAIL_DB_HOST": database, "AUDIT_TRAIL_DB_PORT": "5432"},
            secret="audit-trail-db-password",  # noqa: S106  # the name of a secret, not its value
        ),
        "cache": PlatformService(
            to=_pods(system, {"app.kubernetes.io/name": "valkey"}, 6379),
            config={"REDIS_HOST": cache, "REDIS_PORT": "6379"},
            secret="redis-password",  # noqa: S106  # the name of a secret, not its value
        ),
    }
    return built_in | {name: _service(values) for name, values in spec.get("services", {}).items()}


def callers(spec: Mapping[str, Any], monitoring: str) -> dict[str, Pods]:
    """All callers by name; the spec's own win."""
    alertmanager = Pods(namespace=monitoring, labels={"app.kubernetes.io/name": "alertmanager"})
    return {"alertmanager": alertmanager} | {name: pods(values) for name, values in spec.get("callers", {}).items()}


def proxies(routing: Routing, ingress_class: str | None, gateway: str, gateway_namespace: str) -> Pods | None:
    """The pods that traffic from outside comes from, if the spec does not say so; None where nobody can know."""
    if routing is Routing.INGRESS and ingress_class != "nginx":
        return None
    if routing is Routing.INGRESS:
        return Pods(namespace="ingress-nginx", labels={"app.kubernetes.io/name": "ingress-nginx"})
    # Envoy Gateway labels the proxies of each Gateway so, and runs them in its own namespace.
    owner = "gateway.envoyproxy.io/owning-gateway"
    labels = {f"{owner}-name": gateway, f"{owner}-namespace": gateway_namespace}
    return Pods(namespace="envoy-gateway-system", labels=labels)


def pods(values: Mapping[str, Any]) -> Pods:
    """A `{namespace, labels}` of the spec."""
    return Pods(namespace=values["namespace"], labels=values["labels"])


def _pods(namespace: str, labels: Mapping[str, str], *ports: int) -> ToPods:
    return ToPods(pods=Pods(namespace=namespace, labels=labels), ports=ports)


def _service(values: Mapping[str, Any]) -> PlatformService:
    port = int(values["port"])
    to = ToHost(host=values["host"], port=port) if "host" in values else ToPods(pods=pods(values), ports=(port,))
    return PlatformService(to=to, config=values.get("config", {}), secret=values.get("secret"))
