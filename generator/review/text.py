"""A plan for a terminal: first what fits a screen, then every change."""

from collections.abc import Iterator
from itertools import groupby

from generator.review.entries import TITLES, Line, entries
from generator.review.plan import Plan
from generator.review.summary import cut, gate_lines, headline, sections, table
from generator.review.words import one_line

MOST = 8  # lines of a section: all of the summary is to fit a screen
NUMBERS = range(1, 7)  # columns of the table that are numbers


def lines(plan: Plan) -> Iterator[str]:
    """The plan, line by line."""
    return map(one_line, _lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"Plan from {plan.before} to {plan.after}"
    if plan.merged:
        yield f"The two have diverged: judged is the result of merging {plan.after.name} into {plan.before.name}."
    yield from (f"Note: {note}." for note in plan.notes)
    yield ""
    yield headline(plan)
    yield ""
    yield from _table(plan)
    for section in sections(plan):
        yield from ("", section.title, *map(_line, cut(section.lines, MOST)))
    done, missing = gate_lines(plan)
    if done:
        yield from ("", "Acknowledged", *(f"    {line}" for line in done))
    if missing:
        yield from ("", "To be acknowledged, by these lines at the end of a commit message", *missing)
    for risk, group in groupby(entries(plan), key=lambda entry: entry.risk):
        yield from ("", f"== {TITLES[risk]} ==")
        for entry in group:
            yield ""
            yield f"{entry.sign} {entry.title}"
            yield from (f"    {reason}" for reason in entry.reasons)
            yield from (f"  {_line(line)}" for line in entry.lines)


def _table(plan: Plan) -> Iterator[str]:
    rows = table(plan)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if index in NUMBERS else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells)}".rstrip()


def _line(line: Line) -> str:
    return f"  {line.sign or ' '} {line.text}"
