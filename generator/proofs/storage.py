"""Storage: whether every pod can get its volumes, and every rollout can end.

A ReadWriteOnce volume attaches to one node, so two pods that may run on two nodes cannot both have it; a
ReadWriteOncePod volume is for one pod anywhere. Counted are the pods that are wanted at once, as `pods` has it. A
rollout that stops nothing before a new pod is ready never ends if that pod can never start: for want of a volume that
an old pod holds, or of room in a quota that is full at full scale-out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator import quantities
from generator.compiled import Compiled
from generator.proofs import breaches, edits
from generator.proofs.demand import Bound, Demand, bounds, demand, is_counted
from generator.proofs.evidence import Evidence, Manifest
from generator.proofs.finding import Finding, Path, of_agent
from generator.proofs.fitting import IN_PLACE
from generator.proofs.pods import Workload


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A claim, and everything that mounts it."""

    agent: str
    claim: str
    name: str  # in the spec
    modes: tuple[str, ...]
    size: Fraction  # bytes
    users: tuple[Workload, ...]

    @property
    def is_shared(self) -> bool:
        return bool({"ReadWriteMany", "ReadOnlyMany"} & set(self.modes))

    @property
    def steady(self) -> int:
        """Pods that mount it at once while nothing rolls out."""
        return sum(user.replicas + user.runs for user in self.users)

    @property
    def at_once(self) -> int:
        return sum(user.at_once for user in self.users)

    @property
    def is_on_one_node(self) -> bool:
        """Whether its pods can only run on the same node; a ReadWriteOncePod volume is for one pod even there."""
        hosts = {user.host for user in self.users}
        return len(hosts) == 1 and None not in hosts and "ReadWriteOncePod" not in self.modes


@dataclass(frozen=True, kw_only=True)
class EnvironmentStorage:
    """The volumes of one environment's namespace."""

    name: str
    namespace: str
    volumes: tuple[Volume, ...]


@dataclass(frozen=True, kw_only=True)
class StorageReport:
    """Every environment in the order of the spec, and what could not attach."""

    environments: tuple[EnvironmentStorage, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `storage.schema.json` describes it."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
            "findings": breaches.as_json(self.findings),
        }


def prove(evidence: Evidence) -> StorageReport:
    """Who mounts which volume, and every pod that would wait for one, or for room, for ever."""
    environments: list[EnvironmentStorage] = []
    findings: list[Finding] = []
    for compiled in evidence.environments:
        name, asked = compiled.environment, demand(compiled)
        volumes = tuple(_volumes(compiled, asked.workloads))
        environments.append(EnvironmentStorage(name=name, namespace=compiled.namespace, volumes=volumes))
        for volume in volumes:
            findings += _of_volume(volume, name)
        findings += _missing(volumes, asked.workloads, name)
        findings += _refused(compiled, asked)
    return StorageReport(environments=tuple(environments), findings=tuple(sorted(findings)))


# -------------------------------------------------------------------------------------------------------------- volumes


def _volumes(compiled: Compiled, workloads: tuple[Workload, ...]) -> Iterator[Volume]:
    users: dict[str, list[Workload]] = {}
    for workload in workloads:
        for claim in workload.claims:
            users.setdefault(claim, []).append(workload)
    for owner, manifest in compiled.of_kind("PersistentVolumeClaim"):
        claim, spec = manifest["metadata"]["name"], manifest["spec"]
        yield Volume(
            agent=owner,
            claim=claim,
            name=claim.removeprefix(f"{owner}-"),
            modes=tuple(spec["accessModes"]),
            size=quantities.amount(str(spec["resources"]["requests"]["storage"])),
            users=tuple(users.get(claim, ())),
        )


def _of_volume(volume: Volume, environment: str) -> Iterator[Finding]:
    paths = of_agent(volume.agent, environment, "volumes", volume.name)
    if not volume.users:
        message = f"{environment}: nothing mounts the volume {volume.name} of {volume.agent}"
        yield Finding("volume-unused", paths, message, "delete it, or mount it")
    if volume.is_shared or volume.is_on_one_node or volume.at_once <= 1:
        return
    rolling = [user for user in volume.users if user.surge]
    if volume.steady <= 1 and all(not user.unavailable for user in rolling):
        # Nobody else has it, and the old pod stays until the new one is ready, which it never is.
        message = (
            f"{environment}: a rollout of {rolling[0].name} could never end: the new pod waits for the volume "
            f"{volume.name}, which the old one keeps until the new one is ready"
        )
        own = of_agent(rolling[0].owner, environment, "rollout", "maxSurge")
        yield Finding("rollout-deadlock", own, message, _in_place(rolling[0], environment))
        return
    each = [f"{user.name} ({user.at_once} pod{'s' if user.at_once > 1 else ''})" for user in volume.users]
    message = (
        f"{environment}: {volume.at_once} pods may want the volume {volume.name} of {volume.agent} at once, and it is "
        f"{' and '.join(volume.modes)}: {breaches.joined(each)}"
    )
    hint = "add `shared: true`, or keep one pod that mounts it and replace it in place"
    yield Finding("volume-attached-twice", paths, message, hint)


def _missing(volumes: tuple[Volume, ...], workloads: tuple[Workload, ...], environment: str) -> Iterator[Finding]:
    known = {volume.claim for volume in volumes}
    for workload in workloads:
        for claim in workload.claims:
            if claim not in known:
                message = f"{environment}: {workload.name} mounts the claim {claim}, which is not there"
                paths = of_agent(workload.owner, environment, "volumes", claim.removeprefix(f"{workload.owner}-"))
                yield Finding("volume-missing", paths, message, "add the volume, or do not mount it")


# ---------------------------------------------------------------------------------------------------------------- quota


def _refused(compiled: Compiled, asked: Demand) -> Iterator[Finding]:
    """Rollouts whose new pods are refused while every service runs at its most replicas, though those all fit."""
    steady = [(bound, asked.usage(bound.counted).steady) for bound in bounds(compiled, None) if is_counted(bound)]
    for workload in asked.workloads:
        if not workload.surge or workload.unavailable:
            continue
        for bound, used in steady:
            takes = workload.takes.get(bound.counted, Fraction(0))
            if takes and used <= bound.hard < used + takes:
                yield _deadlock(workload, bound, used, compiled.environment)
                break  # one key that refuses it is enough


def _deadlock(workload: Workload, bound: Bound, used: Fraction, environment: str) -> Finding:
    takes, used_, hard = (
        edits.shown(bound.key, amount) for amount in (workload.takes[bound.counted], used, bound.hard)
    )
    message = (
        f"{environment}: a rollout of {workload.name} could never end: at full scale-out {used_} of {hard} of "
        f"{bound.key} are taken, and the new pod needs {takes} before an old one goes"
    )
    paths = of_agent(workload.owner, environment, "rollout", "maxSurge")
    return Finding("rollout-deadlock", paths, message, _in_place(workload, environment))


def _in_place(workload: Workload, environment: str) -> str:
    path: Path = ("agents", workload.owner, "environments", environment, "rollout")
    return edits.hint([edits.one(path, IN_PLACE, Fraction(0))], "")


# ----------------------------------------------------------------------------------------------------------------- JSON


def _environment_json(environment: EnvironmentStorage) -> Manifest:
    return {
        "environment": environment.name,
        "namespace": environment.namespace,
        "volumes": [_volume_json(volume) for volume in environment.volumes],
    }


def _volume_json(volume: Volume) -> Manifest:
    return {
        "agent": volume.agent,
        "claim": volume.claim,
        "accessModes": list(volume.modes),
        "bytes": edits.number("storage", volume.size),
        "podsAtOnce": volume.at_once,
        "users": [{"kind": user.kind, "name": user.name, "pods": user.at_once} for user in volume.users],
    }
