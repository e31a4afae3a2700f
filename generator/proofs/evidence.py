"""What every proof is given, and what it gives back."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from generator.compiled import Compiled
from generator.model import Fleet
from generator.proofs.findings import Finding

Manifest = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The compiled objects of every environment, and what the spec declares. `today` decides which waivers hold."""

    fleet: Fleet
    environments: tuple[Compiled, ...]
    applications: tuple[Manifest, ...]
    today: date


class Report(Protocol):
    """What a proof has worked out, as plain values; without a finding, the proof holds."""

    @property
    def findings(self) -> tuple[Finding, ...]: ...

    def as_json(self) -> dict[str, Any]:
        """The report as JSON data, as its `report.schema.json` describes it, but for the findings."""
        ...


class Proof(Protocol):
    """A package of this one that proves something."""

    def prove(self, evidence: Evidence) -> Report: ...
