"""Which waiver of the spec a breach has: one of the same rule, for whom it is about, where it is."""

from generator.model import Agent, Team, Waiver
from generator.proofs.evidence import Evidence


def waiver_for(evidence: Evidence, rule: str, environment: str, whose: Agent | Team | None) -> Waiver | None:
    """The waiver that lasts longest, even if its day has passed: then it does not `hold` but is worth a word."""
    if not whose:
        return None
    fitting = [waiver for waiver in evidence.fleet.waivers if waiver.rule == rule and _fits(waiver, environment, whose)]
    return max(fitting, key=lambda waiver: waiver.until, default=None)


def holds(waiver: Waiver | None, evidence: Evidence) -> bool:
    return waiver is not None and waiver.until >= evidence.today.isoformat()


def _fits(waiver: Waiver, environment: str, whose: Agent | Team) -> bool:
    if isinstance(whose, Agent):
        own = {"agent": whose.name, "tier": whose.tier, "team": whose.team}
    else:
        own = {"team": whose.name}
    named = {key: getattr(waiver, key) for key in ("agent", "tier", "team") if getattr(waiver, key) is not None}
    return bool(named) and named.items() <= own.items() and waiver.environment in (None, environment)
