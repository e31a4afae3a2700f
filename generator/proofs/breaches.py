"""Findings gathered environment by environment: what is wrong in several of them alike is one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.model import Agent, Team
from generator.proofs.finding import Finding, Path


@dataclass(frozen=True, kw_only=True)
class Breach:
    """What is wrong in one environment; `dev and prod: ` is put before its message."""

    rule: str
    paths: tuple[Path, ...]
    message: str
    hint: str = ""
    whose: Agent | Team | None = None  # for whom a waiver may let it be; None: nothing may


@dataclass
class Breaches:
    """Breaches of a proof's rules, in the order in which they were met."""

    _found: dict[tuple[str, str, str], dict[str, list[tuple[Path, ...]]]] = field(default_factory=dict)

    def add(self, environment: str, breach: Breach) -> None:
        same = self._found.setdefault((breach.rule, breach.message, breach.hint), {})
        same.setdefault(environment, []).append(breach.paths)

    def findings(self) -> tuple[Finding, ...]:
        """One for each environment and place, since an environment may have a line of its own that is the cause."""
        result: dict[Finding, None] = {}
        for (rule, message, hint), places in self._found.items():
            whole = f"{joined(list(places))}: {message}"
            for paths in places.values():
                result |= {Finding(rule, path, whole, hint): None for path in paths}
        return tuple(result)


def joined(words: Sequence[str], last: str = "and") -> str:
    """
    >>> joined(["dev", "staging", "prod"])
    'dev, staging and prod'
    """
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def as_json(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Each finding once, without its places in the spec."""
    once = dict.fromkeys((finding.rule, finding.message, finding.hint) for finding in findings)
    return [{"rule": rule, "message": message, "hint": hint} for rule, message, hint in once]
