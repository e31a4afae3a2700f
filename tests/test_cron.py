"""The schedules that the spec takes are among those that Kubernetes takes, which reads them with robfig/cron.

Kubernetes also takes `?` for `*`, and `@daily` and the like. The spec takes neither: the schema says so at once,
and five fields say when, where `@daily` leaves out the hour.
"""

import json
import re

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from generator.spec import shape
from generator.spec.cron import fault_in
from tests.support import REFERENCE

PATTERN = re.compile(shape.schema()["$defs"]["schedule"]["pattern"].removesuffix("$") + r"\Z")


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *", "0 2 * * *", "*/5 * * * *", "1-5/2 * * * *", "5/15 * * * *", "0,15,30-40/5 * * * *",
        "59 23 31 12 6",
        "0 0 1 1 0", "00 02 * * *", "0 0 * jan mon", "0 0 * JAN-Mar SUN,wed-FRI", "0 0 * * sun-sat", "0 0 * * 0-6",
        "0 0 31 2 *", "*/99 * * * *", "1,1 * * * *",
    ],
)  # fmt: skip
def test_good_schedules(schedule: str) -> None:
    assert fault_in(schedule) == ""
    assert PATTERN.match(schedule)
    assert robfig_takes(schedule)


@pytest.mark.parametrize(
    ("schedule", "fault"),
    [
        ("", "0 fields instead of five"),
        ("0 2 * *", "4 fields instead of five"),
        ("0 0 2 * * *", "6 fields instead of five"),
        ("@daily", "1 fields instead of five"),
        ("60 * * * *", "minute '60' is not between 0 and 59"),
        ("0 24 * * *", "hour '24' is not between 0 and 23"),
        ("0 0 0 * *", "day of month '0' is not between 1 and 31"),
        ("0 0 32 * *", "day of month '32' is not between 1 and 31"),
        ("0 0 * 13 *", "month '13' is not between 1 and 12"),
        ("0 0 * * 7", "day of week '7' is not between 0 and 6"),
        ("0 0 * * fri-sun", "day of week 'fri-sun' ends before it begins"),
        ("0 0 * * monday", "day of week 'monday' is not between 0 and 6"),
        ("jan * * * *", "minute 'jan' is not between 0 and 59"),
        ("0 0 mon * *", "day of month 'mon' is not between 1 and 31"),
        ("30-10 * * * *", "minute '30-10' ends before it begins"),
        ("*/0 * * * *", "minute '*/0' has a step of 0"),
        ("1- * * * *", "minute '1-' is not a number, a range or *"),
        ("1-2-3 * * * *", "minute '1-2-3' is not a number, a range or *"),
        ("*/2/3 * * * *", "minute '*/2/3' is not a number, a range or *"),
        ("*/x * * * *", "minute '*/x' is not a number, a range or *"),
        ("-1 * * * *", "minute '-1' is not a number, a range or *"),
        ("1.5 * * * *", "minute '1.5' is not a number, a range or *"),
        ("\u0663 * * * *", "minute '\u0663' is not a number, a range or *"),
        ("0 0 L * *", "day of month 'L' is not between 1 and 31"),
    ],
)
def test_bad_schedules(schedule: str, fault: str) -> None:
    assert fault_in(schedule) == fault


@pytest.mark.parametrize(
    "schedule", ["0 0 ? * *", "@daily", "@every 1h", "TZ=UTC 0 2 * * *", "0  2 * * *", "0 2 * * *\n"]
)
def test_what_kubernetes_takes_but_the_spec_does_not_is_said_clearly(schedule: str) -> None:
    assert not PATTERN.match(schedule)
    from generator.spec.reader import parse

    old = 'schedule: "0 2 * * *"'
    text = REFERENCE.read_text(encoding="utf-8")
    assert old in text
    document, _ = parse(text.replace(old, f"schedule: {json.dumps(schedule)}"), "agents.yaml")
    problem = shape.check(document).problems[0]
    assert problem.rule == "bad-value"
    assert problem.hint == "expected: cron: minute, hour, day of month, month, day of week"


# -------------------------------------------------------------------------------------------------- against robfig/cron

_NAMES = {
    3: "jan feb mar apr may jun jul aug sep oct nov dec".split(),
    4: "sun mon tue wed thu fri sat".split(),
}
_BOUNDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]


def robfig_takes(schedule: str) -> bool:
    """What `cron.ParseStandard` of robfig/cron v3 does, line by line, without descriptors and time zones."""
    fields = schedule.split()
    return len(fields) == 5 and all(
        _range(item, place) for place, field in enumerate(fields) for item in field.split(",") if item
    )


def _range(text: str, place: int) -> bool:
    least, most = _BOUNDS[place]
    bounds, *steps = text.split("/")
    first, *rest = bounds.split("-")
    if first in ("*", "?"):
        start, end = least, most
    else:
        numbers = [_number(part, place) for part in (first, *rest)]
        if None in numbers or len(numbers) > 2:
            return False
        start, end = int(numbers[0] or 0), int(numbers[-1] or 0)
        if steps and not rest:
            end = most
    if len(steps) > 1 or (steps and not _number(steps[0], -1)):
        return False
    return least <= start <= end <= most


def _number(text: str, place: int) -> int | None:
    names = _NAMES.get(place, [])
    if text.lower() in names:
        return names.index(text.lower()) + (place == 3)
    return int(text) if re.fullmatch(r"\+?[0-9]+", text) else None


items = st.text("0123456789*,/-?+xL", min_size=1, max_size=5) | st.sampled_from(
    ["*", "1", "*/5", "1-5", "1-5/2", "0", "7", "31", "60", "mon", "DEC", "sun-sat", "jan/2", "5/15", "?"]
)


@given(fields=st.lists(items, min_size=4, max_size=6))
def test_what_the_spec_takes_kubernetes_takes(fields: list[str]) -> None:
    schedule = " ".join(fields)
    ours = fault_in(schedule) == ""
    event(f"ours: {ours}, theirs: {robfig_takes(schedule)}")
    if ours:
        assert robfig_takes(schedule)
    elif PATTERN.match(schedule) and not re.search(r"(^|[ ,])(,|\*-)|,( |$)", schedule):
        # Theirs also skips an empty item of a list, and whatever follows `*-`.
        assert not robfig_takes(schedule)


def test_a_schedule_is_judged_wherever_one_stands() -> None:
    """One day the rule may forget a place that the schema knows."""
    uses = re.findall(r'"#/\$defs/schedule"', shape.SCHEMA_FILE.read_text(encoding="utf-8"))
    assert len(uses) == 2  # a job's and a freeze's; tests/spec_faults/breaches.py breaks both
