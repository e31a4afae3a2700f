"""What the storage proof has worked out: who mounts which volume, and findings."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator.proofs import edits
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Finding
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
        """The report as `report.schema.json` describes it, but for the findings."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
        }


# ----------------------------------------------------------------------------------------------------------------- JSON


def _environment_json(environment: EnvironmentStorage) -> Manifest:
    return {
        "name": environment.name,
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
