"""A change that `plan --gate` would stop, and that somebody answers for."""

import re
from dataclasses import dataclass

# One change: what is done, and to what: `remove PersistentVolumeClaim/ai-agents-prod/ai-agent-models`.
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?"
_CHANGE = re.compile(rf"(?:remove|widen) [A-Z][A-Za-z0-9]*(?:/{_NAME}){{1,2}}")


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """Lets one change pass the gate until a day has passed."""

    change: str
    reason: str
    owner: str
    until: str  # the last day on which it holds, as 2026-12-31


def is_change(text: str) -> bool:
    """Whether a text names one change.

    >>> is_change("remove Agent/prod/ai-agent"), is_change("remove Agent/prod/*"), is_change("delete Agent/prod/x")
    (True, False, False)
    """
    return _CHANGE.fullmatch(text) is not None
