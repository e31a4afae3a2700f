"""What went wrong, as values: collected, sorted and shown together. Never prints; knows nothing else of ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the command line; there are no others."""

    GOOD = 0
    FAILED = 1  # drift, a failed proof or invalid output
    BAD_INPUT = 2  # a bad spec or usage
    TOOL_MISSING = 3


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file: path as shown to the user, line and column from 1 (0: the file as a whole)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where, under which stable rule ID, what was met, and the next step."""

    where: Place
    rule: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.where}: error[{self.rule}]: {self.message}{hint}"


class Stop(Exception):
    """Ends a command early with problems to show; raised only where nothing sensible can follow."""

    def __init__(
        self,
        problems: Iterable[Problem],
        code: ExitCode = ExitCode.BAD_INPUT,
        outcome: str = "nothing was written",
    ) -> None:
        self.problems = sorted(problems)
        self.code = code
        self.outcome = outcome
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion for a misspelt word of a closed set, or what the set holds.

    >>> did_you_mean("replcas", ["port", "replicas"])
    "did you mean 'replicas'?"
    >>> did_you_mean("x", ["port", "replicas"])
    "expected 'port' or 'replicas'"
    """
    names = sorted(known)
    if not names:
        return "there is none"
    close = get_close_matches(word, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    quoted = [repr(name) for name in names]
    return f"expected {', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else f"expected {quoted[0]}"
