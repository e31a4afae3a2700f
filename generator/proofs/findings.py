"""What a proof finds: breaches, gathered environment by environment, so that what is wrong alike is one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.proofs.edits import Edit
from generator.proofs.places import Path


@dataclass(frozen=True, order=True)
class Finding:
    """One breach. `paths` lead into the spec, the likeliest cause first; the first that the spec has is its place."""

    rule: str
    paths: tuple[Path, ...]
    message: str
    hint: str = ""
    environments: tuple[str, ...] = field(default=(), compare=False)
    edits: tuple[Edit, ...] = field(default=(), compare=False)  # each ends it; the smallest first


@dataclass(frozen=True, kw_only=True)
class Breach:
    """What is wrong in an environment, or in none in particular; `dev and prod: ` is put before its message."""

    rule: str
    paths: tuple[Path, ...]
    message: str
    hint: str = ""
    edits: tuple[Edit, ...] = ()
    whose: Mapping[str, str] = field(default_factory=dict)  # what a waiver of it may name: an agent, a tier, a team


@dataclass
class Breaches:
    """Breaches of a proof's rules, in the order in which they were met."""

    _found: dict[tuple[str, str, str], dict[str, list[Breach]]] = field(default_factory=dict)

    def add(self, environment: str, breach: Breach) -> None:
        same = self._found.setdefault((breach.rule, breach.message, breach.hint), {})
        same.setdefault(environment, []).append(breach)

    def findings(self) -> tuple[Finding, ...]:
        """One for each environment and place, since an environment may have a line of its own that is the cause."""
        result: dict[Finding, None] = {}
        for (rule, message, hint), environments in self._found.items():
            names = tuple(environment for environment in environments if environment)
            whole = f"{joined(names)}: {message}" if names else message
            for breaches in environments.values():
                result |= {Finding(rule, one.paths, whole, hint, names, one.edits): None for one in breaches}
        return tuple(result)


def joined(words: Sequence[str], last: str = "and") -> str:
    """
    >>> joined(["dev", "staging", "prod"])
    'dev, staging and prod'
    """
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
