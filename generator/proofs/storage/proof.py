"""Finds the pods that would wait for a volume for ever, and the rollouts that could never end."""

from collections.abc import Iterator
from fractions import Fraction

from generator import quantities
from generator.compiled import Compiled
from generator.proofs import edits
from generator.proofs.capacity.demand import Bound, Demand, bounds, demand, is_counted
from generator.proofs.capacity.fitting import IN_PLACE
from generator.proofs.evidence import Evidence
from generator.proofs.findings import Breach, Breaches, joined
from generator.proofs.places import of_agent
from generator.proofs.pods import Workload
from generator.proofs.storage import restated
from generator.proofs.storage.report import EnvironmentStorage, StorageReport, Volume


def prove(evidence: Evidence) -> StorageReport:
    """Who mounts which volume, and every pod that would wait for one, or for room, for ever."""
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    environments: list[EnvironmentStorage] = []
    breaches = Breaches()
    for compiled in evidence.environments:
        name, asked = compiled.environment, demand(compiled)
        volumes = tuple(_volumes(compiled, asked.workloads))
        environments.append(EnvironmentStorage(name=name, namespace=compiled.namespace, volumes=volumes))
        found = [
            *(breach for volume in volumes for breach in _of_volume(volume, name)),
            *_missing(volumes, asked.workloads, name),
            *_refused(compiled, asked),
            *(restated.breaches(compiled, declared[name]) if name in declared else ()),
        ]
        for breach in found:
            breaches.add(name, breach)
    return StorageReport(environments=tuple(environments), findings=tuple(sorted(breaches.findings())))


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


def _of_volume(volume: Volume, environment: str) -> Iterator[Breach]:
    paths = (of_agent(volume.agent, environment, "volumes", volume.name),)
    if not volume.users:
        message = f"nothing mounts the volume {volume.name} of {volume.agent}"
        yield Breach(rule="volume-unused", paths=paths, message=message, hint="delete it, or mount it")
    if volume.is_shared or volume.is_on_one_node or volume.at_once <= 1:
        return
    rolling = [user for user in volume.users if user.surge]
    if volume.steady <= 1 and all(not user.unavailable for user in rolling):
        # Nobody else has it, and the old pod stays until the new one is ready, which it never is.
        message = (
            f"a rollout of {rolling[0].name} could never end: the new pod waits for the volume "
            f"{volume.name}, which the old one keeps until the new one is ready"
        )
        yield _deadlock(rolling[0], message, environment)
        return
    each = [f"{user.name} ({user.at_once} pod{'s' if user.at_once > 1 else ''})" for user in volume.users]
    message = (
        f"{volume.at_once} pods may want the volume {volume.name} of {volume.agent} at once, and it is "
        f"{' and '.join(volume.modes)}: {joined(each)}"
    )
    hint = "add `shared: true`, or keep one pod that mounts it and replace it in place"
    yield Breach(rule="volume-attached-twice", paths=paths, message=message, hint=hint)


def _missing(volumes: tuple[Volume, ...], workloads: tuple[Workload, ...], environment: str) -> Iterator[Breach]:
    known = {volume.claim for volume in volumes}
    for workload in workloads:
        for claim in workload.claims:
            if claim not in known:
                message = f"{workload.name} mounts the claim {claim}, which is not there"
                volume = claim.removeprefix(f"{workload.owner}-")
                paths = (of_agent(workload.owner, environment, "volumes", volume),)
                hint = "add the volume, or do not mount it"
                yield Breach(rule="volume-missing", paths=paths, message=message, hint=hint)


# ---------------------------------------------------------------------------------------------------------------- quota


def _refused(compiled: Compiled, asked: Demand) -> Iterator[Breach]:
    """Rollouts whose new pods are refused while every service runs at its most replicas, though those all fit."""
    steady = [(bound, asked.usage(bound.counted).steady) for bound in bounds(compiled, None) if is_counted(bound)]
    for workload in asked.workloads:
        if not workload.surge or workload.unavailable:
            continue
        for bound, used in steady:
            takes = workload.takes.get(bound.counted, Fraction(0))
            if takes and used <= bound.hard < used + takes:
                yield _deadlock(workload, _full(workload, bound, used), compiled.environment)
                break  # one key that refuses it is enough


def _full(workload: Workload, bound: Bound, used: Fraction) -> str:
    takes, used_, hard = (
        edits.shown(bound.key, amount) for amount in (workload.takes[bound.counted], used, bound.hard)
    )
    return (
        f"a rollout of {workload.name} could never end: at full scale-out {used_} of {hard} of {bound.key} are taken, "
        f"and the new pod needs {takes} before an old one goes"
    )


def _deadlock(workload: Workload, message: str, environment: str) -> Breach:
    own = of_agent(workload.owner, environment, "rollout")
    in_place = edits.one(own, IN_PLACE, Fraction(0))
    return Breach(
        rule="rollout-deadlock", paths=((*own, "maxSurge"),), message=message, hint=edits.hint([in_place], "")
    )
