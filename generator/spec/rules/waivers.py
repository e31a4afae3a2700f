"""Waivers: until when, and of what. Acknowledgements end like them."""

from collections.abc import Iterator
from datetime import date

from generator.model import Fleet
from generator.problems import Problem
from generator.spec.reader import Document

# Rules whose breaches have one kind of subject.
SUBJECTS = {"over-agent-budget": "agent", "over-tier-budget": "tier", "over-team-budget": "team"}


def bad_date(fleet: Fleet, document: Document) -> Iterator[Problem]:
    ends = [("waivers", index, waiver.until) for index, waiver in enumerate(fleet.waivers)]
    ends += [("acknowledgements", index, one.until) for index, one in enumerate(fleet.acknowledgements)]
    for block, index, until in ends:
        try:
            date.fromisoformat(until)
        except ValueError:
            path = (block, index, "until")
            message = f"{document.name(*path)}: there is no {until}"
            yield Problem(document.place(*path), "bad-date", message, "write year, month and day, like 2026-12-31")


def waiver_of_another(fleet: Fleet, document: Document) -> Iterator[Problem]:
    for index, waiver in enumerate(fleet.waivers):
        subject = SUBJECTS.get(waiver.rule)
        for key in SUBJECTS.values():
            path = ("waivers", index, key)
            if subject not in (None, key) and document.has(*path):
                message = f"{document.name(*path)}: {waiver.rule} is about one {subject}, whatever the {key}"
                yield Problem(
                    document.key_place(*path), "waiver-of-another", message, "delete it, or waive another rule"
                )
