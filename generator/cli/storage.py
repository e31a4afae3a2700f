"""`kustodian storage`: who mounts which volume, and whether every pod can get it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.evidence import Proof
    from generator.proofs.storage.report import EnvironmentStorage, StorageReport

WORDS = 4  # columns


def _proof() -> "Proof":
    from generator.proofs import storage

    return storage


def _text(report: "StorageReport") -> Iterator[str]:
    for environment in report.environments:
        yield f"{environment.name} ({environment.namespace})"
        yield from (f"  {line}" for line in tables.aligned(list(_rows(environment)), WORDS))
        yield ""
    yield from _notes()


def _markdown(report: "StorageReport") -> Iterator[str]:
    for environment in report.environments:
        yield f"### {environment.name} (`{environment.namespace}`)"
        yield ""
        yield from tables.markdown(list(_rows(environment)), WORDS)
        yield ""
    yield from _notes()


def _rows(environment: "EnvironmentStorage") -> Iterator[tables.Row]:
    from generator.proofs.edits import shown

    yield "Agent", "Volume", "Access", "Mounted by", "Pods", "Size"
    for volume in environment.volumes:
        users = ", ".join(user.name for user in volume.users) or "-"
        modes = ", ".join(volume.modes)
        yield volume.agent, volume.name, modes, users, str(volume.at_once), shown("storage", volume.size)


def _notes() -> Iterator[str]:
    yield "Pods: the most that mount it at once, with those of a rollout and of jobs."


@proof_command("storage", _proof, _text, markdown=_markdown)
def command() -> None:
    """List the volumes and who mounts them, and fail where a pod could not get one.

    A ReadWriteOnce volume attaches to one node. A rollout that waits for a volume, or for room in the quota, which an
    old pod keeps until the new one is ready never ends.

    \b
    Examples:
      kustodian storage
      kustodian storage --format json
    """
