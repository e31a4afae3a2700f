"""Which breaches are put up with for a time: those that a waiver of the spec names, until its last day has passed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from generator.model import Waiver
from generator.proofs.evidence import Evidence
from generator.proofs.findings import Breach, Breaches, Finding


@dataclass(frozen=True)
class Waived:
    """A finding and the waiver that holds for it."""

    finding: Finding
    waiver: Waiver

    def __str__(self) -> str:
        waiver = self.waiver
        return f"Waived until {waiver.until} by {waiver.owner} ({waiver.reason}): {self.finding.message}"

    def as_json(self) -> dict[str, Any]:
        finding, waiver = self.finding, self.waiver
        told = {"rule": finding.rule, "message": finding.message, "hint": finding.hint}
        return told | {"reason": waiver.reason, "owner": waiver.owner, "until": waiver.until}


def judged(
    breaches: Iterable[tuple[str, Breach]], evidence: Evidence
) -> tuple[tuple[Finding, ...], tuple[Waived, ...]]:
    """The findings of these breaches, each with its environment, and those that are waived."""
    known: dict[tuple[str, str | None], list[Waiver]] = {}
    for waiver in evidence.fleet.waivers:
        known.setdefault((waiver.rule, waiver.subject), []).append(waiver)
    found, waived = Breaches(), dict[Waiver, Breaches]()
    for environment, breach in breaches:
        of_it = (waiver for name in breach.whose.values() for waiver in known.get((breach.rule, name), ()))
        fitting = [waiver for waiver in of_it if _fits(waiver, environment, breach)]
        # The one that lasts longest, even if its day has passed: then it does not hold, but is worth a word.
        longest = max(fitting, key=lambda waiver: waiver.until, default=None)
        if longest and longest.until >= evidence.today.isoformat():
            waived.setdefault(longest, Breaches()).add(environment, breach)
        else:
            ended = f" (its waiver ended on {longest.until})" if longest else ""
            found.add(environment, replace(breach, message=breach.message + ended))
    return found.findings(), tuple(
        Waived(finding, waiver)
        for waiver, of_it in waived.items()
        for finding in {finding.message: finding for finding in of_it.findings()}.values()
    )


def _fits(waiver: Waiver, environment: str, breach: Breach) -> bool:
    named = {key: name for key in ("agent", "tier", "team") if (name := getattr(waiver, key)) is not None}
    return bool(named) and named.items() <= breach.whose.items() and waiver.environment in (None, environment)
