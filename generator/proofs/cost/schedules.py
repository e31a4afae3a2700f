"""How often a cron schedule comes round in a month, exactly: counted over the 400 years after which dates repeat.

As Kubernetes' parser reads schedules (robfig/cron v3: parser.go, spec.go). Takes only those that the spec's rules let
through. A day has 24 hours: the hour that a time zone skips in spring and repeats in autumn is not accounted for.
"""

from calendar import isleap, monthrange, weekday
from collections import Counter
from fractions import Fraction
from functools import cache, lru_cache

HOURS_A_MONTH = 730  # 365 days / 12, as OpenCost and the clouds' price lists have it

_DAYS_IN_CYCLE = 146_097  # of 400 Gregorian years, which are whole weeks
_MONTHS = dict(
    zip(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), range(1, 13), strict=True)
)
_WEEKDAYS = dict(zip(("sun", "mon", "tue", "wed", "thu", "fri", "sat"), range(7), strict=True))


@lru_cache(maxsize=1024)
def runs_a_month(schedule: str) -> Fraction:
    """How many times in 730 hours, on the average of all years.

    >>> runs_a_month("0 2 * * *"), runs_a_month("*/15 * * * *")
    (Fraction(365, 12), Fraction(2920, 1))
    """
    minute, hour, day, month, day_of_week = schedule.split()
    a_day = len(_values(minute, 0, 59)) * len(_values(hour, 0, 23))
    return a_day * Fraction(_days(day, month, day_of_week), _DAYS_IN_CYCLE) * Fraction(HOURS_A_MONTH, 24)


def busy(schedule: str, duration: int) -> Fraction:
    """The part of the time in which a job runs that takes `duration` seconds, and of which no two run at once."""
    return min(runs_a_month(schedule) * duration / (HOURS_A_MONTH * 3600), Fraction(1))


@lru_cache(maxsize=1024)
def _days(day: str, month: str, day_of_week: str) -> int:
    """The days in 400 years on which a schedule runs."""
    days, months, weekdays = _values(day, 1, 31), _values(month, 1, 12, _MONTHS), _values(day_of_week, 0, 6, _WEEKDAYS)
    # Where both are restricted, a day need only meet one of them.
    either = not (_is_any(day) or _is_any(day_of_week))
    return sum(
        count
        for (its_month, its_day, its_weekday), count in _calendar().items()
        if its_month in months
        and (its_day in days or its_weekday in weekdays if either else its_day in days and its_weekday in weekdays)
    )


def _is_any(field: str) -> bool:
    """Whether a field sets no restriction; `*/2` does."""
    items = (item.partition("/") for item in field.split(","))
    return any(bounds == "*" and int(step or 1) == 1 for bounds, _, step in items)


def _values(field: str, least: int, most: int, words: dict[str, int] | None = None) -> set[int]:
    """What a field stands for: `1-5,10/20` of 59 is 1 to 5, 10, 30 and 50."""
    found: set[int] = set()
    for item in field.lower().split(","):
        bounds, stepped, step = item.partition("/")
        first, _, last = bounds.partition("-")
        start, end = (least, most) if first == "*" else (_number(first, words), _number(last or first, words))
        if stepped and not last:
            end = most  # 10/20 means 10-59/20
        found.update(range(start, end + 1, int(step or 1)))
    return found


def _number(text: str, words: dict[str, int] | None) -> int:
    return words[text] if words and text in words else int(text)


@cache
def _calendar() -> Counter[tuple[int, int, int]]:
    """How many days in 400 years have this month, day and weekday (from Sunday, 0)."""
    years = Counter((isleap(year), weekday(year, 1, 1)) for year in range(2000, 2400))
    counts: Counter[tuple[int, int, int]] = Counter()
    for (leap, first), count in years.items():
        today = first + 1  # Python's weeks begin with Monday
        for month in range(1, 13):
            for day in range(1, monthrange(2000 if leap else 2001, month)[1] + 1):
                counts[month, day, today % 7] += count
                today += 1
    return counts
