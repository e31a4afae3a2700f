"""NetworkPolicy: closes the namespace in both directions but for DNS. Each agent's own policy adds what it declares."""

from generator.model import Namespace
from generator.resources import Manifest


def build(namespace: Namespace) -> list[Manifest]:
    everything: Manifest = {"podSelector": {}}
    return [
        _policy("default-deny", everything | {"policyTypes": ["Ingress", "Egress"]}),
        _policy("allow-dns", everything | {"policyTypes": ["Egress"], "egress": [_dns(namespace)]}),
    ]


def _policy(name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name}, "spec": spec}


def _dns(namespace: Namespace) -> Manifest:
    peers: list[Manifest] = [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ]
    if namespace.node_local_dns and namespace.kubernetes.cilium:
        # There it is pods like any others; its address means nothing.
        peers.append(peers[0] | {"podSelector": {"matchLabels": {"k8s-app": "node-local-dns"}}})
    if namespace.node_local_dns:
        peers.append({"ipBlock": {"cidr": namespace.node_local_dns}})
    return {"to": peers, "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
