"""ResourceQuota: what all pods, volumes and load balancers of the namespace may take together."""

from generator.model import Namespace
from generator.resources import Manifest


def build(namespace: Namespace) -> list[Manifest]:
    quota = namespace.quota
    if not quota:
        return []
    return [
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "quota"},
            "spec": {
                "hard": {
                    "requests.cpu": quota.requests.cpu,
                    "requests.memory": quota.requests.memory,
                    "limits.cpu": quota.limits.cpu,
                    "limits.memory": quota.limits.memory,
                    "requests.nvidia.com/gpu": str(quota.gpu),
                    "persistentvolumeclaims": str(quota.volumes),
                    "services.loadbalancers": str(quota.load_balancers),
                    # A load balancer takes a node port for each of its ports; without one there is no use for any.
                    **({} if quota.load_balancers else {"services.nodeports": "0"}),
                }
            },
        }
    ]
