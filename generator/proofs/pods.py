"""The pods that manifests ask for: how many at once, what each takes of a quota, which claims it mounts.

Reads the objects of one namespace as Kubernetes does, with its defaults. It judges nothing.

A pod that is being stopped is in no number here. A quota charges it to the end of its grace period, so the pod that
follows it may be refused until then; its controller tries again, later and later up to some minutes, and gets it. That
is a delay and no want of room: the old pod leaves without waiting for the new one. So it is of no help either that a
rollout may have pods unavailable: it still asks for all of its surge at once. `Recreate` waits until the old are gone.

Sources: kubernetes/pkg/controller/deployment/util (surge rounds up, unavailable down, and one is unavailable where both
come to nothing), kubernetes/pkg/quota/v1/evaluator/core (what a pod is charged), component-helpers/resource.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator import quantities
from generator.compiled import Compiled
from generator.proofs import references
from generator.proofs.evidence import Manifest

Amounts = Mapping[str, Fraction]

PODS = "pods"
# Every other kind of manifest that the builders write makes no pods.
KINDS = ("Deployment", "CronJob", "Job")

_NONE: Manifest = {}


@dataclass(frozen=True, kw_only=True)
class Container:
    """What one container asks for, by resource, with the defaults of Kubernetes and of the LimitRange."""

    name: str
    requests: Amounts
    limits: Amounts


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One object that makes pods, all alike."""

    owner: str
    kind: str
    name: str
    containers: tuple[Container, ...]  # init containers too
    takes: Amounts  # one pod, by quota key: `requests.cpu`, `limits.memory`, `pods`
    claims: tuple[str, ...]
    host: str | None  # the one node that its pods may run on
    replicas: int = 0  # at full scale-out
    fewest: int = 0
    max_surge: int | str = 0
    max_unavailable: int | str = 0
    runs: int = 0  # pods of its jobs at once
    unbounded: bool = False  # any number of its jobs may run at once
    hook: bool = False  # of a Job that Argo CD runs when it syncs

    @property
    def part(self) -> str:
        """The job's name in the spec; empty for the service."""
        return "" if self.kind == "Deployment" else self.name.removeprefix(f"{self.owner}-")

    @property
    def surge(self) -> int:
        """Pods beyond `replicas` while a new version rolls out."""
        return _of(self.max_surge, self.replicas, up=True)

    @property
    def unavailable(self) -> int:
        """Pods that a rollout may stop before their successors are ready."""
        return _of(self.max_unavailable, self.replicas, up=False) or (0 if self.surge else 1)

    @property
    def at_once(self) -> int:
        """The most pods that are wanted at the same time."""
        return self.replicas + self.surge + self.runs


def workloads(compiled: Compiled) -> list[Workload]:
    """Everything in the namespace that makes pods."""
    scalers = {
        manifest["spec"]["scaleTargetRef"]["name"]: manifest["spec"]
        for _, manifest in compiled.of_kind("HorizontalPodAutoscaler")
        if manifest["spec"]["scaleTargetRef"]["kind"] == "Deployment"
    }
    defaults = list(_defaults(compiled))
    return [_workload(owner, manifest, scalers, defaults) for owner, manifest in compiled.of_kind(*KINDS)]


def limits(compiled: Compiled, of_type: str) -> Iterator[tuple[str, Manifest]]:
    """Each item of a LimitRange about things of this type, and the LimitRange's name."""
    for _, manifest in compiled.of_kind("LimitRange"):
        yield from (
            (manifest["metadata"]["name"], item) for item in manifest["spec"]["limits"] if item["type"] == of_type
        )


def container_defaults(item: Manifest) -> tuple[Manifest, Manifest]:
    """What the item of a LimitRange gives containers that set none: limits and requests, as the API server fills it."""
    default = item.get("max", _NONE) | item.get("default", _NONE)
    return default, item.get("min", _NONE) | default | item.get("defaultRequest", _NONE)


def amounts(quantities_: Mapping[str, Any]) -> dict[str, Fraction]:
    return {name: quantities.amount(str(quantity)) for name, quantity in quantities_.items()}


# -------------------------------------------------------------------------------------------------------------- reading

_Defaults = tuple[Amounts, Amounts]


def _defaults(compiled: Compiled) -> Iterator[_Defaults]:
    for _, item in limits(compiled, "Container"):
        default, default_request = container_defaults(item)
        yield amounts(default), amounts(default_request)


def _workload(owner: str, manifest: Manifest, scalers: Mapping[str, Manifest], defaults: list[_Defaults]) -> Workload:
    kind, name, spec = manifest["kind"], manifest["metadata"]["name"], manifest["spec"]
    counts = _of_deployment(spec, scalers.get(name)) if kind == "Deployment" else _of_job(kind, manifest)
    template = references.template_of(manifest)
    assert template, kind
    pod = template["spec"]
    containers = [_container(container, defaults) for container in pod["containers"]]
    starters = [_container(container, defaults) for container in pod.get("initContainers", ())]
    sidecars = [container.get("restartPolicy") == "Always" for container in pod.get("initContainers", ())]
    return Workload(
        owner=owner,
        kind=kind,
        name=name,
        containers=(*containers, *starters),
        takes=_takes(containers, list(zip(starters, sidecars, strict=True)), amounts(pod.get("overhead", _NONE))),
        claims=tuple(dict.fromkeys(references.claims(pod))),
        host=pod.get("nodeName") or pod.get("nodeSelector", _NONE).get("kubernetes.io/hostname"),
        **counts,
    )


def _of_deployment(spec: Manifest, scaler: Manifest | None) -> Manifest:
    replicas = spec.get("replicas", 1)
    # A scaler starts from the Deployment's own number, whatever its bounds.
    most = max(scaler["maxReplicas"], spec.get("replicas", 0)) if scaler else replicas
    fewest = min(scaler.get("minReplicas", 1), most) if scaler else replicas
    strategy = spec.get("strategy", _NONE)
    if strategy.get("type") == "Recreate":
        return {"replicas": most, "fewest": fewest}
    rolling = {"maxSurge": "25%", "maxUnavailable": "25%"} | strategy.get("rollingUpdate", _NONE)
    surge, unavailable = rolling["maxSurge"], rolling["maxUnavailable"]
    return {"replicas": most, "fewest": fewest, "max_surge": surge, "max_unavailable": unavailable}


def _of_job(kind: str, manifest: Manifest) -> Manifest:
    spec = manifest["spec"]
    job = spec["jobTemplate"]["spec"] if kind == "CronJob" else spec
    runs = job.get("parallelism", 1)
    if "completions" in job:
        runs = min(runs, job["completions"])
    if spec.get("suspend"):
        runs = 0
    unbounded = kind == "CronJob" and spec.get("concurrencyPolicy", "Allow") == "Allow" and bool(runs)
    hook = "argocd.argoproj.io/hook" in manifest["metadata"].get("annotations", _NONE)
    return {"runs": runs, "unbounded": unbounded, "hook": hook}


def _container(container: Manifest, defaults: list[_Defaults]) -> Container:
    resources = container.get("resources", _NONE)
    given = amounts(resources.get("limits", _NONE))
    requests = given | amounts(resources.get("requests", _NONE))
    for default, default_request in defaults:
        given, requests = {**default, **given}, {**default_request, **requests}
    return Container(name=container["name"], requests=requests, limits=given)


def _takes(containers: list[Container], starters: list[tuple[Container, bool]], overhead: Amounts) -> Amounts:
    takes = {PODS: Fraction(1)}
    for side in ("requests", "limits"):
        needs = _sum(getattr(container, side) for container in containers)
        if starters:
            needs = _with_starters(needs, [(getattr(starter, side), stays) for starter, stays in starters])
        if overhead:
            needs = _sum(
                (needs, {name: more for name, more in overhead.items() if side == "requests" or name in needs})
            )
        takes |= {f"{side}.{name}": amount for name, amount in needs.items()}
    return takes


def _with_starters(running: Amounts, starters: list[tuple[Amounts, bool]]) -> dict[str, Fraction]:
    """Init containers run one after the other, and sidecars from their turn on, beside all that follow."""
    sidecars: dict[str, Fraction] = {}
    most: dict[str, Fraction] = {}
    for needs, stays in starters:
        now = _sum((sidecars, needs))
        sidecars = now if stays else sidecars
        most = _larger(most, now)
    return _larger(_sum((running, sidecars)), most)


def _larger(one: Amounts, other: Amounts) -> dict[str, Fraction]:
    return {**one, **{name: max(amount, one.get(name, amount)) for name, amount in other.items()}}


def _sum(parts: Iterable[Amounts]) -> dict[str, Fraction]:
    result: dict[str, Fraction] = {}
    for part in parts:
        for name, amount in part.items():
            result[name] = result[name] + amount if name in result else amount
    return result


def _of(count: int | str, replicas: int, *, up: bool) -> int:
    if isinstance(count, int):
        return count
    share = replicas * int(count.removesuffix("%"))
    return -(-share // 100) if up else share // 100
