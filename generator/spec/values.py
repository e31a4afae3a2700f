"""Turns small pieces of the spec into their model classes. A key that is missing is left to the class's own default."""

from fractions import Fraction
from typing import Any

from generator import quantities
from generator.model import (
    Acknowledgement,
    AwsStore,
    AzureStore,
    Cluster,
    Compute,
    ContainerLimits,
    FakeStore,
    Freeze,
    GcpStore,
    Permission,
    Pricing,
    Quota,
    Resources,
    SecretStore,
    Team,
    Tier,
    VaultStore,
    Volume,
    Waiver,
)
from generator.spec.layers import Values, fold


def given(values: Values, **fields: str) -> dict[str, Any]:
    """Of a model class's fields, those that the spec gives under these keys."""
    found = {field: values[key] for field, key in fields.items() if key in values}
    # JSON Schema takes 2.0 for an integer.
    return {field: int(value) if isinstance(value, float) else value for field, value in found.items()}


def given_seconds(values: Values, **fields: str) -> dict[str, Any]:
    """Like `given`, for durations; in seconds."""
    return {field: quantities.seconds(values[key]) for field, key in fields.items() if key in values}


def go_duration(duration: str) -> str:
    """A duration as Go writes it, which knows no days."""
    return f"{quantities.seconds(duration)}s" if "d" in duration else duration


# ------------------------------------------------------------------------------------------------------------ resources


def resources(values: Values) -> Resources:
    return Resources(
        requests=compute(values.get("requests", {}), Resources.requests),
        limits=compute(values.get("limits", {}), Resources.limits),
        gpu=int(values.get("gpu", 0)),
    )


def compute(values: Values, default: Compute) -> Compute:
    return Compute(cpu=str(values.get("cpu", default.cpu)), memory=values.get("memory", default.memory))


def scaled(values: Values, scale: Fraction, *, only_given: bool = False) -> Values:
    """Resources with CPU and memory times `scale`, the built-in ones too unless `only_given`. GPUs do not scale."""
    if scale == 1:
        return values
    computes = {} if only_given else {kind: vars(getattr(Resources, kind)) for kind in ("requests", "limits")}
    result = dict(values)
    for kind, amounts in fold(computes, {key: value for key, value in values.items() if key != "gpu"}).items():
        result[kind] = {what: _scaled(what, str(amount), scale) for what, amount in amounts.items()}
    return result


def _scaled(what: str, amount: str, scale: Fraction) -> str:
    write = quantities.cores if what == "cpu" else quantities.size
    return write(quantities.amount(amount) * scale)


def volume(name: str, values: Values) -> Volume:
    size, path = values["size"], values["path"]
    return Volume(name=name, size=size, path=path, **given(values, shared="shared", storage_class="storageClass"))


def permission(values: Values) -> Permission:
    return Permission(
        api_groups=tuple(values["apiGroups"]),
        resources=tuple(values["resources"]),
        verbs=tuple(values["verbs"]),
        resource_names=tuple(values.get("resourceNames", ())),
    )


# --------------------------------------------------------------------------------------------- tiers and environments


def tier(values: Values) -> Tier:
    return Tier(**given(values, monthly_budget="monthlyBudget"), approval=values.get("approval") == "required")


def team(name: str, values: Values) -> Team:
    group = values.get("group", name)
    return Team(name=name, group=group, **given(values, monthly_budget="monthlyBudget"))


def pricing(values: Values) -> Pricing:
    fields = {
        "cpu": "cpu",
        "memory_gi": "memoryGi",
        "gpu": "gpu",
        "storage_gi": "storageGi",
        "shared_storage_gi": "sharedStorageGi",
        "load_balancer": "loadBalancer",
    }
    # As it is written: 0.3 is three tenths, not the nearest double.
    return Pricing(**{field: Fraction(str(values[key])) for field, key in fields.items() if key in values})


def waiver(values: Values) -> Waiver:
    return Waiver(**{key: str(value) for key, value in values.items()})


def acknowledgement(values: Values) -> Acknowledgement:
    return Acknowledgement(**{key: str(value) for key, value in values.items()})


def freeze(values: Values) -> Freeze:
    schedule, duration, reason = values["schedule"], values["duration"], values["reason"]
    return Freeze(schedule=schedule, duration=duration, reason=reason, **given(values, time_zone="timeZone"))


def cluster(values: Values) -> Cluster:
    cpu, memory, storage = str(values["cpu"]), values["memory"], values["storage"]
    return Cluster(nodes=int(values["nodes"]), cpu=cpu, memory=memory, storage=storage)


def quota(values: Values) -> Quota:
    return Quota(
        requests=compute(values["requests"], Resources.requests),
        limits=compute(values["limits"], Resources.limits),
        volumes=int(values["volumes"]),
        **given(values, load_balancers="loadBalancers", gpu="gpu"),
    )


def container_limits(values: Values) -> ContainerLimits:
    largest = values.get("max", {})
    return ContainerLimits(
        default=compute(values.get("default", {}), ContainerLimits.default),
        default_request=compute(values.get("defaultRequest", {}), ContainerLimits.default_request),
        max_cpu=str(largest["cpu"]) if "cpu" in largest else None,
        max_memory=largest.get("memory"),
        max_volume=values.get("maxVolume"),
    )


def secret_store(values: Values, keys: tuple[str, ...]) -> SecretStore:
    """The store of a namespace; `keys` are the remote keys that a made-up one must have."""
    match values["provider"]:
        case "aws":
            return AwsStore(region=values["region"], **given(values, service="service"))
        case "azure":
            return AzureStore(vault_url=values["vaultURL"], **given(values, tenant_id="tenantID"))
        case "gcp":
            return GcpStore(project_id=values["projectID"])
        case "vault":
            own = given(values, path="path", mount_path="mountPath")
            return VaultStore(server=values["server"], role=values["role"], **own)
        case _:
            return FakeStore(keys=keys)
