"""Ingress: the way in from outside where there is no Gateway API. Plain fields; no controller's own annotations."""

from generator.model import Agent, Routing
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    service = agent.service
    if not service or not service.route or service.route.routing is not Routing.INGRESS:
        return []
    route = service.route
    backend = {"service": {"name": agent.name, "port": {"name": "http"}}}
    rule: Manifest = {"http": {"paths": [{"path": route.path, "pathType": "Prefix", "backend": backend}]}}
    spec: Manifest = {"ingressClassName": route.class_name}
    if route.host:
        spec["tls"] = [{"hosts": [route.host], "secretName": f"{agent.name}-tls"}]
        rule = {"host": route.host, **rule}
    spec["rules"] = [rule]
    metadata: Manifest = {"name": agent.name}
    if route.certificate_issuer:
        metadata["annotations"] = {"cert-manager.io/cluster-issuer": route.certificate_issuer}
    return [{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}]
