"""(first version; being completed)"""

from enum import IntEnum


class Risk(IntEnum):
    """What a change may do, the worst first: the order in which a plan lists changes."""

    DESTROYS = 0  # data or what holds it goes
    WIDENS = 1  # somebody may do or reach more
    RESTARTS = 2  # pods are replaced
    REFUSED = 3  # the API server will refuse the update: an immutable field
    HARMLESS = 4
