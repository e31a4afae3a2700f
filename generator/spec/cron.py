"""What Kubernetes' cron parser (robfig/cron, standard five fields) takes, and the words for what it does not."""

import re

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 6))
_MONTHS = dict(
    zip(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), range(1, 13), strict=True)
)
_DAYS = dict(zip(("sun", "mon", "tue", "wed", "thu", "fri", "sat"), range(7), strict=True))
_WORDS = {"month": _MONTHS, "day of week": _DAYS}
_RANGE = re.compile(r"(\*|(\w+)(?:-(\w+))?)(?:/(\d+))?\Z", re.ASCII)


def fault_in(schedule: str) -> str:
    """What is wrong with a schedule; "" if nothing is.

    >>> fault_in("0 25 * * *")
    "hour '25' is not between 0 and 23"
    """
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"{len(parts)} fields instead of five"
    for text, (name, least, most) in zip(parts, _FIELDS, strict=True):
        for item in text.split(","):
            fault = _fault_in_item(item, name, least, most)
            if fault:
                return fault
    return ""


def _fault_in_item(item: str, name: str, least: int, most: int) -> str:
    match = _RANGE.match(item)
    if not match:
        return f"{name} {item!r} is not a number, a range or *"
    _, first, last, step = match.groups()
    if step is not None and int(step) == 0:
        return f"{name} {item!r} has a step of 0"
    if first is None:
        return ""
    bounds = [_WORDS.get(name, {}).get(text.lower(), text) for text in (first, last) if text is not None]
    for bound in bounds:
        if not str(bound).isdecimal() or not least <= int(bound) <= most:
            return f"{name} {str(bound)!r} is not between {least} and {most}"
    if len(bounds) == 2 and int(bounds[0]) > int(bounds[1]):
        return f"{name} {item!r} ends before it begins"
    return ""
