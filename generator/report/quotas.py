"""Quotas and volumes: how full each namespace and its cluster may get, and who mounts what."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.report.words import Data, percent, quantity


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """One key: its amounts as text, and their widths in percent of whatever is largest."""

    key: str
    of_cluster: bool
    steady: str
    worst: str
    hard: str
    headroom: str
    share: float  # the worst of what there may be, in percent
    steady_width: float
    worst_width: float
    hard_width: float
    over: bool


@dataclass(frozen=True, kw_only=True)
class EnvironmentQuota:
    """The gauges of one environment."""

    name: str
    namespace: str
    gauges: tuple[Gauge, ...]


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume that is the same in these environments."""

    agent: str
    claim: str
    size: str
    access: str
    users: tuple[str, ...]
    environments: tuple[str, ...]


def quotas(capacity: Data) -> tuple[EnvironmentQuota, ...]:
    """From the JSON of the capacity proof."""
    return tuple(
        EnvironmentQuota(
            name=environment["name"],
            namespace=environment["namespace"],
            gauges=tuple(map(_gauge, environment["keys"])),
        )
        for environment in capacity["environments"]
    )


def fullest(found: tuple[EnvironmentQuota, ...]) -> tuple[EnvironmentQuota, Gauge] | None:
    """The quota of CPU or memory that the worst comes nearest to, or exceeds most."""
    candidates = (
        (environment, gauge)
        for environment in found
        for gauge in environment.gauges
        if not gauge.of_cluster and gauge.key.endswith(("cpu", "memory"))
    )
    return max(candidates, key=lambda pair: pair[1].share, default=None)


def _gauge(row: Data) -> Gauge:
    unit, steady, worst, hard = row["unit"], row["steady"], row["worst"], row["hard"]
    scale = max(worst, hard)
    return Gauge(
        key=row["key"],
        of_cluster=row["boundBy"] == "cluster",
        steady=quantity(unit, steady),
        worst=quantity(unit, worst),
        hard=quantity(unit, hard),
        headroom=quantity(unit, row["headroom"]),
        share=percent(worst, hard),
        steady_width=percent(steady, scale),
        worst_width=percent(worst, scale),
        hard_width=percent(hard, scale),
        over=row["headroom"] < 0,
    )


def volumes(storage: Data) -> tuple[Volume, ...]:
    """From the JSON of the storage proof; what is the same in several environments is said once."""
    found: dict[tuple[str, str, str, str, tuple[str, ...]], dict[str, None]] = {}
    for environment, volume in _each(storage):
        users = tuple(f"{user['kind']} {user['name']}" for user in volume["users"])
        size, access = quantity("bytes", volume["bytes"]), ", ".join(volume["accessModes"])
        key = (volume["agent"], volume["claim"], size, access, users)
        found.setdefault(key, {})[environment] = None
    return tuple(
        Volume(agent=agent, claim=claim, size=size, access=access, users=users, environments=tuple(environments))
        for (agent, claim, size, access, users), environments in found.items()
    )


def _each(storage: Data) -> Iterator[tuple[str, Data]]:
    for environment in storage["environments"]:
        for volume in environment["volumes"]:
            yield environment["name"], volume
