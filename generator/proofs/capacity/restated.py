"""Holds the bounds of a namespace and the sizes of its workloads against what the spec declares, value by value.

Restated here and not shared with the builders: a quota that forgets a key, or a scaler that goes further than declared,
would else be proved by itself.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from generator import quantities
from generator.compiled import Compiled
from generator.model import Agent, Compute, Environment, Job, Namespace, Resources, Service
from generator.proofs import pods, references
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.places import Path, of_agent, of_environment

Values = Mapping[str, Any]
_NONE: Manifest = {}
_GPU = "nvidia.com/gpu"
_WORKLOADS = ("Deployment", "CronJob", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Job")


def breaches(compiled: Compiled, environment: Environment) -> Iterator[Breach]:
    """Every object of these kinds that differs from the spec, is missing, or is declared by nothing."""
    yield from _of_namespace(compiled, environment.namespace)
    written = {(kind, name): (owner, manifest) for owner, kind, name, manifest in _written(compiled)}
    for agent in environment.agents:
        for kind, name, path, values in _of_agent(agent):
            place = of_agent(agent.name, compiled.environment, *path)
            _, manifest = written.pop((kind, name), (None, None))
            if manifest is None:
                yield _differs("workload-differs", place, f"{kind} {name} is declared, and is not there")
                continue
            wrong = list(_differences(_READERS[kind](manifest), values))
            if wrong:
                yield _differs("workload-differs", place, f"{kind} {name} has {joined(wrong)}")
    agents = {agent.name for agent in environment.agents}
    for (kind, name), (owner, manifest) in written.items():
        if kind == "Job" and "argocd.argoproj.io/hook" in manifest["metadata"].get("annotations", _NONE):
            continue  # counted among the hooks
        place = of_agent(owner, compiled.environment) if owner in agents else of_environment(compiled.environment)
        yield _differs("workload-differs", place, f"nothing declares the {kind} {name}")


def _differs(rule: str, path: Path, message: str) -> Breach:
    return Breach(rule=rule, paths=(path,), message=message, hint="report a bug")


def _differences(found: Values, declared: Values) -> Iterator[str]:
    for key in {**declared, **found}:
        if found.get(key) != declared.get(key):
            yield f"{key} {_shown(found.get(key))}, where {_shown(declared.get(key))} is declared"


def _shown(value: Any) -> str:
    if isinstance(value, Fraction):
        return f"{value.numerator}" if value.denominator == 1 else f"{float(value)}"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


# ------------------------------------------------------------------------------------------------------ the namespace


def _of_namespace(compiled: Compiled, namespace: Namespace) -> Iterator[Breach]:
    kinds = (
        ("ResourceQuota", "quota", "quota", _quota(namespace), _hard),
        ("LimitRange", "limits", "containerLimits", _limits(namespace), _items),
    )
    for kind, name, key, declared, read in kinds:
        place = of_environment(compiled.environment, key)
        written = {manifest["metadata"]["name"]: manifest for _, manifest in compiled.of_kind(kind)}
        manifest = written.pop(name, None)
        if manifest is None and declared:
            yield _differs("quota-differs", place, f"{kind} {name} is declared, and is not there")
        elif manifest is not None:
            wrong = list(_differences(read(manifest), declared))
            if wrong:
                yield _differs("quota-differs", place, f"{kind} {name} has {joined(wrong)}")
        for other in written:
            yield _differs("quota-differs", place, f"nothing declares the {kind} {other}")


def _quota(namespace: Namespace) -> Values:
    quota = namespace.quota
    if not quota:
        return {}
    counts = {"persistentvolumeclaims": quota.volumes, "services.loadbalancers": quota.load_balancers}
    counts |= {f"requests.{_GPU}": quota.gpu} | ({} if quota.load_balancers else {"services.nodeports": 0})
    return _sides(quota.requests, quota.limits) | {key: Fraction(count) for key, count in counts.items()}


def _hard(manifest: Manifest) -> Values:
    beside = manifest["spec"].keys() - {"hard"}
    return pods.amounts(manifest["spec"].get("hard", _NONE)) | {key: manifest["spec"][key] for key in sorted(beside)}


def _limits(namespace: Namespace) -> Values:
    limits = namespace.container_limits
    declared = {
        **_compute("Container default", limits.default),
        **_compute("Container defaultRequest", limits.default_request),
    }
    largest = {
        "Container max.cpu": limits.max_cpu,
        "Container max.memory": limits.max_memory,
        "PersistentVolumeClaim max.storage": limits.max_volume,
    }
    return declared | {key: quantities.amount(value) for key, value in largest.items() if value}


def _items(manifest: Manifest) -> Values:
    return {
        f"{item['type']} {edge}.{resource}": quantities.amount(str(value))
        for item in manifest["spec"]["limits"]
        for edge, values in item.items()
        if edge != "type"
        for resource, value in values.items()
    }


def _sides(requests: Compute, limits: Compute) -> dict[str, Fraction]:
    return {**_compute("requests", requests), **_compute("limits", limits)}


def _compute(prefix: str, compute: Compute) -> dict[str, Fraction]:
    return {
        f"{prefix}.cpu": quantities.amount(compute.cpu),
        f"{prefix}.memory": quantities.amount(compute.memory),
    }


# ----------------------------------------------------------------------------------------------- what agents declare


def _of_agent(agent: Agent) -> Iterator[tuple[str, str, Path, Values]]:
    """Kind, name and place of each object that is declared, and its values."""
    if agent.service:
        fewest, most = agent.service.replicas.min, agent.service.replicas.max
        yield "Deployment", agent.name, ("service",), _deployment(agent, agent.service)
        if fewest != most:
            bounds = {"minReplicas": fewest, "maxReplicas": most, "target": f"Deployment {agent.name}"}
            yield "HorizontalPodAutoscaler", agent.name, ("service", "replicas"), bounds
        if fewest > 1:
            yield "PodDisruptionBudget", agent.name, ("service", "replicas"), {"maxUnavailable": 1}
    for job in agent.jobs:
        yield "CronJob", f"{agent.name}-{job.name}", ("jobs", job.name), _job(job)


def _deployment(agent: Agent, service: Service) -> Values:
    alone = any(not volume.shared for volume in agent.volumes)
    fixed = service.replicas.min if service.replicas.min == service.replicas.max else None
    return _pod(agent.resources) | {
        "replicas": fixed,
        "strategy": "Recreate" if alone else "RollingUpdate",
        "maxSurge": None if alone else agent.rollout.max_surge,
        "maxUnavailable": None if alone else agent.rollout.max_unavailable,
    }


def _job(job: Job) -> Values:
    return _pod(job.resources) | {
        "schedule": job.schedule,
        "timeZone": job.time_zone,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": job.starting_deadline,
        "activeDeadlineSeconds": job.deadline,
        "backoffLimit": job.retries,
        "suspend": job.suspend,
        "parallelism": 1,
        "completions": 1,
    }


def _pod(resources: Resources) -> dict[str, Any]:
    gpu = {f"limits.{_GPU}": Fraction(resources.gpu)} if resources.gpu else {}
    return {"containers": 1} | _sides(resources.requests, resources.limits) | gpu


# ------------------------------------------------------------------------------------------------- what objects say


def _written(compiled: Compiled) -> Iterator[tuple[str, str, str, Manifest]]:
    for owner, manifest in compiled.of_kind(*_WORKLOADS):
        yield owner, manifest["kind"], manifest["metadata"]["name"], manifest


def _containers(manifest: Manifest) -> dict[str, Any]:
    """How many there are, and what the first asks for; GPUs that are requested are those of the limit."""
    template = references.template_of(manifest)
    assert template, manifest["kind"]
    every = list(references.containers(template["spec"]))
    resources = every[-1].get("resources", _NONE)
    asked = {
        f"{side}.{resource}": amount
        for side in ("requests", "limits")
        for resource, amount in pods.amounts(resources.get(side, _NONE)).items()
        if (side, resource) != ("requests", _GPU)
    }
    return {"containers": len(every)} | asked


def _read_deployment(manifest: Manifest) -> Values:
    spec = manifest["spec"]
    strategy = spec.get("strategy", _NONE)
    rolling = strategy.get("rollingUpdate", _NONE)
    return _containers(manifest) | {
        "replicas": spec.get("replicas"),
        "strategy": strategy.get("type", "RollingUpdate"),
        "maxSurge": rolling.get("maxSurge"),
        "maxUnavailable": rolling.get("maxUnavailable"),
    }


def _read_job(manifest: Manifest) -> Values:
    spec = manifest["spec"]
    job = spec["jobTemplate"]["spec"]
    own = ("schedule", "timeZone", "concurrencyPolicy", "startingDeadlineSeconds")
    return _containers(manifest) | {
        **{key: spec.get(key) for key in own},
        **{key: job.get(key) for key in ("activeDeadlineSeconds", "backoffLimit")},
        **{key: job.get(key, 1) for key in ("parallelism", "completions")},
        "suspend": spec.get("suspend", False),
    }


def _read_scaler(manifest: Manifest) -> Values:
    spec = manifest["spec"]
    target = spec["scaleTargetRef"]
    return {
        "minReplicas": spec.get("minReplicas", 1),
        "maxReplicas": spec["maxReplicas"],
        "target": f"{target['kind']} {target['name']}",
    }


def _read_budget(manifest: Manifest) -> Values:
    return {key: manifest["spec"][key] for key in ("minAvailable", "maxUnavailable") if key in manifest["spec"]}


_READERS = {
    "Deployment": _read_deployment,
    "CronJob": _read_job,
    "HorizontalPodAutoscaler": _read_scaler,
    "PodDisruptionBudget": _read_budget,
}
