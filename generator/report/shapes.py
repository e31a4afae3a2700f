"""What a drawing is made of, in its own units, which are pixels at full size. Plain values; places nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Box:
    """One end: where it is drawn and what stands in it."""

    x: float
    y: float
    width: float
    height: float
    name: str
    full: str
    place: str
    zone: str  # and how it looks
    every: bool


@dataclass(frozen=True, kw_only=True)
class Dock:
    """The ports on which an end is called. `points` are those of its arrow's head."""

    x: float
    y: float
    width: float
    height: float
    text: str
    full: str
    zone: str  # of the end that is called
    declared: bool
    points: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Ends that belong together."""

    x: float
    y: float
    width: float
    height: float
    label: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One link, as an SVG path."""

    path: str
    said: str
    zone: str  # where it leads
    declared: bool


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A whole drawing."""

    width: float
    height: float
    frames: tuple[Frame, ...]
    curves: tuple[Curve, ...]
    boxes: tuple[Box, ...]
    docks: tuple[Dock, ...]
