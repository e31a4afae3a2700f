"""What the order proof has worked out: what Argo CD applies in which wave, and findings."""

from dataclasses import dataclass
from typing import Any

from generator.proofs.findings import Finding
from generator.proofs.order.needs import Item


@dataclass(frozen=True, kw_only=True)
class Wave:
    """What Argo CD applies together, in its order, and then waits for."""

    number: int
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationOrder:
    """One Application: its own wave among the others, and the waves within it. The root's are the others' own."""

    name: str
    wave: int | None  # None: a person applies it
    project: str
    path: str
    environment: str | None
    owner: str | None
    automatic: bool
    waves: tuple[Wave, ...]


@dataclass(frozen=True, kw_only=True)
class OrderReport:
    """Every Application by its wave, and what could never come to pass."""

    applications: tuple[ApplicationOrder, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `report.schema.json` describes it, but for the findings."""
        return {
            "applications": [_application_json(application) for application in self.applications],
        }


# ----------------------------------------------------------------------------------------------------------------- JSON


def _application_json(application: ApplicationOrder) -> dict[str, Any]:
    return {
        "name": application.name,
        "wave": application.wave,
        "project": application.project,
        "path": application.path,
        "environment": application.environment,
        "owner": application.owner,
        "automatic": application.automatic,
        "waves": [
            {"number": wave.number, "objects": [{"kind": item.kind, "name": item.name} for item in wave.items]}
            for wave in application.waves
        ],
    }
