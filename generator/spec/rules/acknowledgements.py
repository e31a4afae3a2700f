"""Acknowledgements: whether each names one change."""

from collections.abc import Iterator

from generator.model import Fleet, is_change
from generator.problems import Problem
from generator.spec.reader import Document


def bad_change(fleet: Fleet, document: Document) -> Iterator[Problem]:
    for index, acknowledgement in enumerate(fleet.acknowledgements):
        if not is_change(acknowledgement.change):
            path = ("acknowledgements", index, "change")
            message = f"{document.name(*path)}: {acknowledgement.change!r} names no single change"
            hint = "copy it from the plan: `remove Kind/namespace/name` or `widen Kind/namespace/name`, one for each"
            yield Problem(document.place(*path), "bad-change", message, hint)
