"""A layout for the reachability graph: callers, agents, and what they call, from left to right. Only geometry.

Ports are docks: a label at the end that is called, and every edge on these ports ends there. So labels cannot collide,
whatever the edges do. Names are in a font of fixed width, so that what fits is known without measuring.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from generator.report.network import EVERY, End, Group, Link, Zone
from generator.report.shapes import Box, Curve, Dock, Frame, Graph
from generator.report.words import shortened

MOST_ENDS, MOST_LINKS = 36, 72  # that a person can follow

_NAME, _PLACE, _PORT = 7.25, 6.1, 6.4  # width of a character, in the sizes that the style sheet gives them
_MARGIN, _GAP, _PAD, _HEAD = 14, 12, 14, 30
_SLOT = 26  # height of a dock and the space around it
_DOCK = 20
_SPREAD, _MOST_GAP = 0.62, 44  # how far short columns are drawn out
_DOCK_CHARACTERS = 22
_WIDTHS = {"callers": 200, "agents": 190, "called": 276}
_SPAN = 112  # for the edges between two columns


@dataclass
class _Column:
    """Ends that stand one above the other, in frames."""

    side: str
    frames: list[tuple[str, Zone, list[End]]]
    x: float = 0
    docks: float = 0  # width of those to the left of its boxes
    gap: float = _GAP  # between its boxes

    @property
    def width(self) -> float:
        return _WIDTHS[self.side]


class _Slot(NamedTuple):
    """An end, the ports on which it is called, and whether by an agent, which stands in its own column."""

    end: End
    said: str
    declared: bool
    beside: bool


def graph(group: Group) -> Graph | None:
    """The group's links drawn, or None where that could not be read."""
    ends = dict.fromkeys(end for link in group.links for end in (link.source, link.target))
    if EVERY in ends:  # a reader wants to see who they are
        ends |= dict.fromkeys(End(Zone.AGENTS, name) for name in group.agents)
    if len(ends) > MOST_ENDS or len(group.links) > MOST_LINKS:
        return None
    return _Drawing(group, list(ends)).drawn()


class _Drawing:
    """One graph in the making: columns, then heights, then curves."""

    def __init__(self, group: Group, ends: list[End]) -> None:
        self.links = group.links
        place = {name: number for number, name in enumerate(group.agents)}
        agents = sorted(
            (end for end in ends if end.is_agent),
            key=lambda end: (end != EVERY, place.get(end.name.partition("/")[0], 0), end),
        )
        rank = {end: number for number, end in enumerate(agents)}
        callers = {link.source for link in self.links} - {*agents}
        called = {link.target for link in self.links} - {*agents}
        self.columns = [
            _Column("callers", self._framed(callers, rank, "Callers", "Callers from outside")),
            _Column("agents", [("Agents", Zone.AGENTS, agents)] if agents else []),
            _Column("called", self._framed(called, rank, "In the cluster", "Outside the cluster")),
        ]
        self.slots = self._slots()

    def _framed(
        self, ends: Iterable[End], rank: dict[End, int], inside: str, outside: str
    ) -> list[tuple[str, Zone, list[End]]]:
        """By zone; each near the agents that it is linked with, so that few edges cross."""

        def middle(end: End) -> tuple[float, End]:
            near = [rank[other] for link in self.links for other in (link.source, link.target)
                    if end in (link.source, link.target) and other in rank]  # fmt: skip
            return (sum(near) / len(near) if near else 0.0), end

        labels = {Zone.CLUSTER: inside, Zone.OUTSIDE: outside}
        return [
            (label, zone, mine)
            for zone, label in labels.items()
            if (mine := sorted((end for end in ends if end.zone is zone), key=middle))
        ]

    def _slots(self) -> dict[End, tuple[list[_Slot], list[_Slot]]]:
        """The docks of each end: to its left, and to its right for what comes from its own column."""
        slots: dict[End, tuple[list[_Slot], list[_Slot]]] = {}
        for link in sorted(self.links):
            of = slots.setdefault(link.target, ([], []))[_beside(link)]
            if (slot := _slot(link)) not in of:
                of.append(slot)
        return slots

    # ------------------------------------------------------------------------------------------------------- placing

    def drawn(self) -> Graph:
        x = float(_MARGIN)
        used = [column for column in self.columns if column.frames]
        for number, column in enumerate(used):
            widths = [_dock_width(slot) for _, _, ends in column.frames for end in ends for slot in self._left(end)]
            column.docks = max(widths, default=0)
            right = [_dock_width(slot) for _, _, ends in column.frames for end in ends for slot in self._right(end)]
            column.x = x + _PAD + column.docks
            x = column.x + column.width + _PAD + max(right, default=0)
            x += _SPAN if number < len(used) - 1 else _MARGIN
        tallest = max((self._height(column) for column in used), default=0)
        for column in used:
            self._spread(column, tallest * _SPREAD)
        heights = [self._height(column) for column in used]
        boxes: dict[End, Box] = {}
        frames: list[Frame] = []
        for column, height in zip(used, heights, strict=True):
            frames += self._place(column, _MARGIN + (tallest - height) / 2, boxes)
        docks = {slot: dock for end, box in boxes.items() for slot, dock in self._docks(end, box)}
        return Graph(
            width=round(x, 1),
            height=round(tallest + 2 * _MARGIN, 1),
            frames=tuple(frames),
            curves=tuple(self._curve(link, boxes[link.source], docks[_slot(link)]) for link in self.links),
            boxes=tuple(boxes.values()),
            docks=tuple(docks.values()),
        )

    def _place(self, column: _Column, top: float, boxes: dict[End, Box]) -> list[Frame]:
        frames = []
        y = top
        right = max((_dock_width(s) for _, _, ends in column.frames for e in ends for s in self._right(e)), default=0)
        for label, zone, ends in column.frames:
            start, y = y, y + _HEAD
            for end in ends:
                boxes[end] = _box(end, column, y, self._box_height(end))
                y += self._box_height(end) + column.gap
            y += _PAD - column.gap
            left = column.x - column.docks - _PAD
            width = column.docks + column.width + right + 2 * _PAD
            frames.append(Frame(x=left, y=start, width=width, height=y - start, label=label, zone=zone.value))
            y += _GAP * 1.5
        return frames

    def _height(self, column: _Column) -> float:
        inner = sum(self._box_height(end) + column.gap for _, _, ends in column.frames for end in ends)
        return inner + len(column.frames) * (_HEAD + _PAD - column.gap) + (len(column.frames) - 1) * _GAP * 1.5

    def _spread(self, column: _Column, height: float) -> None:
        """Makes the column nearly as high as its neighbours, so that edges are less steep."""
        between = sum(len(ends) - 1 for _, _, ends in column.frames)
        if between:
            wanted = column.gap + (height - self._height(column)) / between
            column.gap = round(min(max(wanted, _GAP), _MOST_GAP), 1)

    def _box_height(self, end: End) -> float:
        slots = max(len(self._left(end)), len(self._right(end)) + (1 if self._right(end) else 0))
        return max(44.0 if end.place else 36.0, slots * _SLOT + 8.0)

    def _left(self, end: End) -> list[_Slot]:
        return self.slots.get(end, ([], []))[0]

    def _right(self, end: End) -> list[_Slot]:
        return self.slots.get(end, ([], []))[1]

    def _docks(self, end: End, box: Box) -> list[tuple[_Slot, Dock]]:
        found = []
        for slots, is_right in ((self._left(end), False), (self._right(end), True)):
            # To the right, the uppermost place is for what leaves.
            top = box.y + (box.height - (len(slots) + is_right) * _SLOT) / 2 + is_right * _SLOT
            for number, slot in enumerate(slots):
                width = _dock_width(slot)
                x = box.x + box.width if is_right else box.x - width
                y = top + number * _SLOT + (_SLOT - _DOCK) / 2
                middle = y + _DOCK / 2
                tip, back = (x + width, x + width + 7) if is_right else (x, x - 7)
                points = f"{tip:g},{middle:g} {back:g},{middle - 4:g} {back:g},{middle + 4:g}"
                dock = Dock(
                    x=round(x, 1),
                    y=y,
                    width=round(width, 1),
                    height=_DOCK,
                    points=points,
                    text=shortened(slot.said, _DOCK_CHARACTERS),
                    full=slot.said,
                    zone=end.zone.value,
                    declared=slot.declared,
                )
                found.append((slot, dock))
        return found

    def _curve(self, link: Link, source: Box, dock: Dock) -> Curve:
        x1, y1 = source.x + source.width, source.y + source.height / 2
        y2 = dock.y + dock.height / 2
        if self._right(link.source):
            y1 = source.y + (source.height - (len(self._right(link.source)) + 1) * _SLOT) / 2 + _SLOT / 2
        if _beside(link):
            x2 = dock.x + dock.width + 7
            out = max(x1, x2) + 24 + min(abs(y2 - y1) / 8, 40)
            path = f"M{x1:g} {y1:g}C{out:g} {y1:g} {out:g} {y2:g} {x2:g} {y2:g}"
        else:
            x2 = dock.x - 7
            bend = (x2 - x1) / 2
            path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
        said = f"{link.source.name} to {link.target.name}, {link.said}"
        return Curve(path=path, said=said, zone=link.target.zone.value, declared=link.declared)


def _beside(link: Link) -> bool:
    """Whether both ends are agents, which stand in one column."""
    return link.source.is_agent and link.target.is_agent


def _slot(link: Link) -> _Slot:
    return _Slot(link.target, link.said, link.declared, _beside(link))


def _dock_width(slot: _Slot) -> float:
    return min(len(slot.said), _DOCK_CHARACTERS) * _PORT + 14


def _box(end: End, column: _Column, y: float, height: float) -> Box:
    return Box(
        x=round(column.x, 1),
        y=round(y, 1),
        width=column.width,
        height=height,
        name=shortened(end.name, _fitting(column.width, _NAME)),
        full=f"{end.name} ({end.place})" if end.place else end.name,
        place=shortened(end.place, _fitting(column.width, _PLACE)),
        zone=end.zone.value,
        every=end == EVERY,
    )


def _fitting(width: float, character: float) -> int:
    return int((width - 22) / character)


def summary(group: Group) -> str:
    """The drawing in a sentence, for those who do not see it."""
    called = {link.target for link in group.links}
    inside, outside = (sum(end.zone is zone for end in called) for zone in (Zone.CLUSTER, Zone.OUTSIDE))
    return (
        f"{len(group.agents)} agents may reach {inside} destinations in the cluster and {outside} outside it. "
        "The table below says the same."
    )
