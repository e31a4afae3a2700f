"""A plan for a pull request's comment: a headline, a table, and details to unfold; never longer than it may be.

Whatever comes from a spec, a file or a revision's name stands in a fenced block or in `<code>`, so that nothing in it
can become a link, a mention or markup.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from generator.review.changes import Risk
from generator.review.entries import TITLES, Entry, Line, entries
from generator.review.plan import Plan
from generator.review.summary import Section, cut, gate_lines, headline, sections, table
from generator.review.text import NUMBERS
from generator.review.words import one_line

MOST = 40  # lines of a section
FEW = 8  # of a section where there is little room
FULL = "The full plan: `kustodian plan --format json`, which the job keeps as an artifact."
OPEN = {Risk.DESTROYS, Risk.WIDENS}  # what is unfolded at first
_SIGNS = {"~": "!"}  # GitHub's colours for a difference: + green, - red, ! orange


def page(plan: Plan, max_bytes: int) -> str:
    """The plan in at most `max_bytes` bytes of UTF-8: the least important is left out first, and said to be."""
    every = entries(plan)
    for most in (MOST, FEW):
        kept = _fitting(plan, every, most, max_bytes)
        if kept is not None:
            return _page(plan, every, kept, most)
    return _shortened(_page(plan, every, 0, 0), max_bytes)


def _fitting(plan: Plan, every: Sequence[Entry], most: int, max_bytes: int) -> int | None:
    """The most entries with which the page is short enough; None where it is too long without any."""
    if len(_page(plan, every, 0, most).encode()) > max_bytes:
        return None
    low, high = 0, len(every)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_page(plan, every, middle, most).encode()) <= max_bytes:
            low = middle
        else:
            high = middle - 1
    return low


def _page(plan: Plan, every: Sequence[Entry], kept: int, most: int) -> str:
    return "\n".join(_lines(plan, every, kept, most)).rstrip("\n") + "\n"


def _lines(plan: Plan, every: Sequence[Entry], kept: int, most: int) -> Iterator[str]:
    yield from (f"### Plan: {_escaped(headline(plan))}", "")
    yield f"From {_code(str(plan.before))} to {_code(str(plan.after))}."
    if plan.merged:
        yield "The two have diverged, so **the result of merging them** is what was judged."
    for note in plan.notes:
        yield from ("", f"> **Note:** {_code(note)}")
    yield ""
    yield from _table(plan)
    done, missing = ([Line(sign="", text=line) for line in lines] for lines in gate_lines(plan))
    if missing:
        yield from ("", "**To be acknowledged**, by these lines at the end of a commit message:", "")
        yield from _block(cut(missing, max(most, FEW)), "")
    if done:
        yield from ("", "Acknowledged:", "", *_block(cut(done, max(most, FEW)), ""))
    yield from _sections(sections(plan), most)
    for risk, group in groupby(every[:kept], key=lambda entry: entry.risk):
        yield from _details(risk, list(group))
    if kept < len(every):
        yield from ("", f"**Left out to fit:** {_left_out(every[kept:])}. {FULL}")


def _table(plan: Plan) -> Iterator[str]:
    head, *rows = table(plan)
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---:' if index in NUMBERS else '---' for index in range(len(head)))} |"
    for row in rows:
        cells = (cell if index in NUMBERS else _code(cell) for index, cell in enumerate(row))
        yield f"| {' | '.join(cells)} |"


def _sections(found: Iterable[Section], most: int) -> Iterator[str]:
    lines: list[Line] = []
    for section in found:
        lines += [*([Line(sign="", text="")] if lines else []), Line(sign="#", text=section.title)]
        lines += cut(section.lines, most)
    if lines:
        yield from ("", *_block(lines))


def _details(risk: Risk, group: Sequence[Entry]) -> Iterator[str]:
    lines: list[Line] = []
    for entry in group:
        if lines:
            lines.append(Line(sign="", text=""))
        lines.append(Line(sign=entry.sign, text=entry.title))
        lines += (Line(sign="", text=f"    {reason}") for reason in entry.reasons)
        lines += (Line(sign=line.sign, text=f"    {line.text}") for line in entry.lines)
    opened = " open" if risk in OPEN else ""
    objects = sum(entry.objects for entry in group)
    yield from (
        "",
        f"<details{opened}><summary>{TITLES[risk]}: {objects} object{'s' if objects != 1 else ''}</summary>",
        "",
    )
    yield from (*_block(lines), "", "</details>")


def _block(lines: Iterable[Line], language: str = "diff") -> Iterator[str]:
    """A fence that nothing in it can close. Without a language, it is to be copied: no signs."""
    said = [one_line(line.text) if not language else _signed(line) for line in lines]
    longest = max((len(run) for line in said for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", *said, fence)


def _signed(line: Line) -> str:
    return f"{_SIGNS.get(line.sign, line.sign) or ' '} {one_line(line.text)}".rstrip()


def _left_out(left: Sequence[Entry]) -> str:
    counts: dict[Risk, int] = {}
    for entry in left:
        counts[entry.risk] = counts.get(entry.risk, 0) + entry.objects
    return ", ".join(f"{count} of {TITLES[risk]!r}" for risk, count in counts.items())


def _shortened(text: str, max_bytes: int) -> str:
    """What is too long even without details, cut at a line's end, with its block closed."""
    end = f"\n\n**Cut to fit.** {FULL}\n"
    kept: list[str] = []
    fence = ""
    size = len(end.encode()) + 10
    for line in text.split("\n"):
        size += len(line.encode()) + 1
        if size > max_bytes - len(fence):
            break
        found = re.match("`{3,}", line)
        if found:
            fence = "" if fence else found[0]
        kept.append(line)
    return "\n".join([*kept, *([fence] if fence else [])]) + end


# ------------------------------------------------------------------------------------------------------------- escaping


def _escaped(text: str) -> str:
    """Text of ours with names in it, as a character that means itself where it could mean more."""
    return re.sub(r"[^\w .,;()%\-:]|_|:(?! )", lambda match: f"&#{ord(match[0])};", one_line(text))


def _code(text: str) -> str:
    """In `<code>`, where nothing becomes a mention or a link."""
    return f"<code>{_escaped(text)}</code>" if text else ""
