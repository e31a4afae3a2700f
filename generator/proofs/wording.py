"""How findings name many things in one sentence."""

from collections.abc import Sequence


def things(names: Sequence[str], owner: str) -> str:
    """
    >>> things(["Role a", "Role b"], "helper")
    'Role a and 1 more of helper'
    """
    return names[0] + (f" and {len(names) - 1} more of {owner}" if len(names) > 1 else "")
