"""(first version; being completed)"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT  # a field that is not there


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field that differs. `path` is for people: `spec.template.spec.containers[security-agent].resources`."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[FieldChange]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            inner = f"{path}.{key}" if path else key
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), inner)
        return
    yield FieldChange(path=path, before=before, after=after)
