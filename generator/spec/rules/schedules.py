"""When things run: cron schedules, time zones, deadlines."""

from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo

from generator.model import Fleet
from generator.problems import Problem
from generator.spec.cron import fault_in
from generator.spec.reader import Document
from generator.spec.rules.case import Case

FIVE_FIELDS = "write five fields: minute, hour, day of month, month, day of week"
# In a machine's copy of the database, but not in the database.
_OF_THIS_MACHINE = ("localtime", "posix", "right/")
LIKE_ZURICH = "write it like Europe/Zurich or Etc/UTC"


def bad_schedule(case: Case) -> Iterator[Problem]:
    for job in case.agent.jobs:
        fault = fault_in(job.schedule)
        if fault:
            hint = FIVE_FIELDS if len(job.schedule.split()) != 5 else ""
            yield case.problem("bad-schedule", "jobs", job.name, "schedule", message=fault, hint=hint)


def bad_freeze(fleet: Fleet, document: Document) -> Iterator[Problem]:
    for environment in fleet.environments:
        for index, freeze in enumerate(environment.freezes):
            path = ("environments", environment.name, "freezes", index)
            shown = document.name(*path)
            fault = fault_in(freeze.schedule)
            if fault:
                yield Problem(
                    document.place(*path, "schedule"), "bad-schedule", f"{shown}.schedule: {fault}", FIVE_FIELDS
                )
            if not _is_time_zone(freeze.time_zone):
                message = f"{shown}.timeZone: {_no_zone(freeze.time_zone)}"
                yield Problem(document.place(*path, "timeZone"), "unknown-time-zone", message, LIKE_ZURICH)


def unknown_time_zone(case: Case) -> Iterator[Problem]:
    for job in case.agent.jobs:
        if not _is_time_zone(job.time_zone):
            yield case.problem(
                "unknown-time-zone", "jobs", job.name, "timeZone", message=_no_zone(job.time_zone), hint=LIKE_ZURICH
            )


def _no_zone(name: str) -> str:
    return f"{name!r} is not in the IANA time zone database"


@cache
def _is_time_zone(name: str) -> bool:
    if name == "Etc/UTC":
        return True
    if name.startswith(_OF_THIS_MACHINE):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a folder of the database is an OSError
        return False
    return True


def deadline_too_short(case: Case) -> Iterator[Problem]:
    for job in case.agent.jobs:
        if job.duration > job.deadline:
            message = f"is expected to take {job.duration} s but stopped after {job.deadline} s"
            hint = "raise `deadline` or lower `duration`"
            path, other = ("jobs", job.name, "deadline"), ("jobs", job.name, "duration")
            yield case.problem("deadline-too-short", *path, message=message, hint=hint, or_at=(other,))
        if job.starting_deadline < 10:
            message = f"Kubernetes looks every 10 s and would miss a start within {job.starting_deadline} s"
            path = ("jobs", job.name, "startingDeadline")
            yield case.problem("deadline-too-short", *path, message=message, hint="allow 10s or more")
