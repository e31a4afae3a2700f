"""CiliumNetworkPolicy: what a plain NetworkPolicy cannot say. Hosts by name, and the API server, where Cilium enforces.

Sources: https://docs.cilium.io/en/stable/security/policy/language/#dns-based,
https://docs.cilium.io/en/stable/network/kubernetes/local-redirect-policy/#node-local-dns-cache
"""

from generator import names
from generator.model import Agent, ToHost, ToKubernetesApi
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    egress = _egress(agent) if agent.kubernetes.cilium else []
    if not egress:
        return []
    return [
        {
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumNetworkPolicy",
            "metadata": {
                "name": agent.name,
                "annotations": {"argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true"},
            },
            "spec": {"endpointSelector": {"matchLabels": names.selector(agent.name)}, "egress": egress},
        }
    ]


def _egress(agent: Agent) -> list[Manifest]:
    hosts: dict[int, list[str]] = {}
    rules: list[Manifest] = []
    for destination in agent.talks_to:
        match destination:
            case ToHost(host=host, port=port):
                hosts.setdefault(port, []).append(host)
            case ToKubernetesApi():
                rules.append({"toEntities": ["kube-apiserver"], "toPorts": _ports(*agent.kubernetes.api_server_ports)})
            case _:
                pass  # a plain NetworkPolicy says it
    for port, found in hosts.items():
        rules.append({"toFQDNs": [{"matchName": host} for host in dict.fromkeys(found)], "toPorts": _ports(port)})
    if hosts:
        # Cilium learns which addresses a name has by reading the answers that pass through its DNS proxy, and with a
        # NodeLocal DNSCache it is that which answers (cilium/cilium#24654).
        rules.append(
            {
                "toEndpoints": [
                    {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": app}}
                    for app in ("kube-dns", "node-local-dns")
                ],
                "toPorts": [
                    {
                        "ports": [{"port": "53", "protocol": "ANY"}],
                        "rules": {"dns": [{"matchPattern": "*"}]},
                    }
                ],
            }
        )
    return rules


def _ports(*ports: int) -> list[Manifest]:
    return [{"ports": [{"port": str(port), "protocol": "TCP"} for port in ports]}]
