"""Fleets of any size, made from the reference fleet's four agents under other names."""

import re
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent / "spec" / "agents.yaml"


def fleet(agents: int) -> str:
    """The reference spec with `agents` agents, in blocks of four."""
    head, _, block = REFERENCE.read_text(encoding="utf-8").partition("\nagents:\n")
    blocks = (
        re.sub(r"^(  [a-z-]+-agent):$", rf"\1-{number}:", block, flags=re.MULTILINE) for number in range(agents // 4)
    )
    return f"{head}\nagents:\n{''.join(blocks)}"
