"""What the objects of a namespace ask for together, and what bounds it: its ResourceQuotas and its cluster.

The worst that can be asked for at once: every service at its most replicas, every Deployment rolling out, every job
running, and the hooks of every agent's Application. A pod that is being stopped is not part of it; `pods` says why.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from generator import quantities
from generator.compiled import Compiled
from generator.model import Cluster
from generator.names import NAMESPACE_FOLDER
from generator.proofs.evidence import Manifest
from generator.proofs.places import Path, of_environment
from generator.proofs.pods import PODS, Amounts, Workload, workloads

# Argo CD runs a hook Job after a sync, one pod for each agent, each Application by itself. Until the builders write
# such Jobs this much is kept free for the pod of each agent that has none.
HOOK: Amounts = {
    "requests.cpu": quantities.amount("100m"),
    "requests.memory": quantities.amount("128Mi"),
    "limits.cpu": quantities.amount("200m"),
    "limits.memory": quantities.amount("256Mi"),
    PODS: Fraction(1),
}

# Quota keys that mean another.
_ALIASES = {"cpu": "requests.cpu", "memory": "requests.memory", "storage": "requests.storage", "count/pods": PODS}

# Where the spec sets a key of the quota.
_IN_SPEC: Mapping[str, Path] = {
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
    "requests.nvidia.com/gpu": ("gpu",),
    "persistentvolumeclaims": ("volumes",),
    "services.loadbalancers": ("loadBalancers",),
}


@dataclass(frozen=True, kw_only=True)
class Usage:
    """How much of one key is asked for, and by what."""

    steady: Fraction  # every service at its most replicas; volumes and Services
    rollouts: Fraction
    jobs: Fraction
    hooks: Fraction

    @property
    def worst(self) -> Fraction:
        return self.steady + self.rollouts + self.jobs + self.hooks


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The most there may be of one key."""

    quota: str  # the ResourceQuota's name; empty for the cluster
    key: str  # as the ResourceQuota or the spec's `cluster` calls it
    hard: Fraction
    path: Path  # where the spec sets it; empty where it cannot
    scoped: bool = False  # only some pods count

    @property
    def counted(self) -> str:
        """The key under which usage is counted."""
        return _ALIASES.get(self.key, self.key)


@dataclass(frozen=True)
class Demand:
    """Everything in a namespace that takes something."""

    workloads: tuple[Workload, ...]
    hooks: int  # pods, of HOOK's size
    objects: Amounts  # volumes, Services

    def usage(self, key: str) -> Usage:
        """How much of one of the keys that `is_counted`."""
        if key in self.objects:
            return Usage(steady=self.objects[key], rollouts=Fraction(0), jobs=Fraction(0), hooks=Fraction(0))
        steady = rollouts = jobs = Fraction(0)
        hooks = self.hooks * HOOK.get(key, Fraction(0))
        for workload in self.workloads:
            takes = workload.takes.get(key)
            if takes:
                steady += workload.replicas * takes
                rollouts += workload.surge * takes
                if workload.hook:
                    hooks += workload.runs * takes
                else:
                    jobs += workload.runs * takes
        return Usage(steady=steady, rollouts=rollouts, jobs=jobs, hooks=hooks)

    def with_change(self, before: Workload, after: Workload) -> "Demand":
        return replace(self, workloads=tuple(after if each is before else each for each in self.workloads))


def demand(compiled: Compiled) -> Demand:
    """What the namespace asks for."""
    found = tuple(workloads(compiled))
    agents = compiled.objects.keys() - {NAMESPACE_FOLDER} - {workload.owner for workload in found if workload.hook}
    return Demand(found, len(agents), _objects(compiled))


def bounds(compiled: Compiled, cluster: Cluster | None) -> Iterator[Bound]:
    """Every key of every ResourceQuota, and what the cluster has."""
    for _, quota in compiled.of_kind("ResourceQuota"):
        name, spec = quota["metadata"]["name"], quota["spec"]
        scoped = bool(spec.get("scopes") or spec.get("scopeSelector"))
        for key, hard in spec.get("hard", {}).items():
            path = of_environment(compiled.environment, "quota", *_IN_SPEC[key]) if key in _IN_SPEC else ()
            yield Bound(quota=name, key=key, hard=quantities.amount(str(hard)), path=path, scoped=scoped)
    if cluster:
        yield from of_cluster(cluster, compiled.environment)


def of_cluster(cluster: Cluster, environment: str) -> Iterator[Bound]:
    """What all nodes have together."""
    for key in ("cpu", "memory", "storage"):
        path = of_environment(environment, "cluster", key)
        yield Bound(quota="", key=key, hard=quantities.amount(getattr(cluster, key)), path=path)


def is_counted(bound: Bound) -> bool:
    """Whether `usage` knows how to count this key."""
    if bound.scoped:
        return False
    known = bound.counted in _OBJECTS or bound.counted == PODS
    return known or (bound.counted.startswith(("requests.", "limits.")) and "storageclass" not in bound.key)


# ------------------------------------------------------------------------------------------------- volumes and Services

_OBJECTS = ("persistentvolumeclaims", "requests.storage", "services", "services.loadbalancers", "services.nodeports")


def _objects(compiled: Compiled) -> Amounts:
    counts: Counter[str] = Counter()
    storage = Fraction(0)
    for _, claim in compiled.of_kind("PersistentVolumeClaim"):
        counts["persistentvolumeclaims"] += 1
        storage += quantities.amount(str(claim["spec"]["resources"]["requests"]["storage"]))
    for _, service in compiled.of_kind("Service"):
        counts["services"] += 1
        counts["services.loadbalancers"] += service["spec"].get("type") == "LoadBalancer"
        counts["services.nodeports"] += _node_ports(service["spec"])
    return {key: Fraction(counts[key]) for key in _OBJECTS} | {"requests.storage": storage}


def _node_ports(spec: Manifest) -> int:
    """A load balancer takes a node port for each of its ports, unless it says that it needs none."""
    kind = spec.get("type", "ClusterIP")
    if kind == "NodePort" or (kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts", True)):
        return len(spec.get("ports", ()))
    return sum("nodePort" in port for port in spec.get("ports", ())) if kind == "LoadBalancer" else 0
