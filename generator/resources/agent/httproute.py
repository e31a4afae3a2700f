"""HTTPRoute: the way in from outside, through the platform's Gateway."""

from generator.model import Agent, Routing
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    service = agent.service
    if not service or not service.route or service.route.routing is not Routing.GATEWAY:
        return []
    route = service.route
    spec: Manifest = {
        "parentRefs": [
            {
                "group": "gateway.networking.k8s.io",
                "kind": "Gateway",
                "name": route.gateway,
                "namespace": route.gateway_namespace,
            }
        ]
    }
    if route.host:
        spec["hostnames"] = [route.host]
    spec["rules"] = [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": route.path}}],
            "timeouts": {"request": f"{route.timeout}s"},
            "backendRefs": [{"group": "", "kind": "Service", "name": agent.name, "port": service.port, "weight": 1}],
        }
    ]
    return [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {
                "name": agent.name,
                "annotations": {"argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true"},
            },
            "spec": spec,
        }
    ]
