"""Which lines of a generated file a difference of its documents moves. Never compiles; knows no spec.

The emitter is not asked: its text is read back by the spec's own reader, which knows where everything stands.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from functools import cached_property
from typing import Any

import yaml

from generator import disk, emit
from generator.spec import reader


class Move(IntEnum):
    """What happens to a line, the clearest first."""

    CHANGED = 0  # it says something else
    GONE = 1
    AROUND = 2  # all that it holds is changed or gone


@dataclass(frozen=True)
class GeneratedFile:
    """A generated file: its documents, its text, and the lines that each part of them takes. Lines count from 1."""

    documents: Sequence[Any]

    @cached_property
    def text(self) -> str:
        return emit.documents(self.documents, disk.HEADER)

    @cached_property
    def lines(self) -> list[str]:
        """Lines end in a newline only: str.splitlines would also cut at characters such as U+2028."""
        return self.text.removesuffix("\n").split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        """The line before the first of each document; the line of its `---`, but for the first one."""
        starts, line = [], disk.HEADER.count("\n")
        for document in self.documents:
            starts.append(line)
            line += emit.document(document).count("\n") + 1
        return starts

    @cached_property
    def _roots(self) -> list[yaml.Node]:
        return [reader.parse(emit.document(document), "")[0].root for document in self.documents]

    @cached_property
    def _leaves(self) -> set[int]:
        """The lines that hold a value."""
        return {
            line
            for start, root in zip(self._starts, self._roots, strict=True)
            for node in _scalars(root)
            for line in _lines(start, node)
        }

    @cached_property
    def _holding(self) -> dict[int, set[int]]:
        """The lines that only open a block, with the lines of the values in it; the header holds the whole file."""
        holding: dict[int, set[int]] = {}
        for index, (start, root) in enumerate(zip(self._starts, self._roots, strict=True)):
            for line, node in _openings(root):
                if line + start not in self._leaves:
                    holding.setdefault(line + start, set()).update(self._leaves_of(start, node))
            if index:
                holding[start] = self._leaves_of(start, root)
        holding |= {line + 1: set(self._leaves) for line in range(disk.HEADER.count("\n"))}
        return holding

    def _leaves_of(self, start: int, node: yaml.Node) -> set[int]:
        return {line for each in _scalars(node) for line in _lines(start, each)}

    def moved(self, other: Sequence[Any] | None) -> dict[int, Move]:
        """What becomes of the lines if the documents become `other`; of all of them, if the file goes."""
        moves: dict[int, Move] = {}
        if other is None:
            return dict.fromkeys(range(1, len(self.lines) + 1), Move.GONE)
        for was, becomes in _aligned(self.documents, other):
            start, root = self._starts[was], self._roots[was]
            if becomes is None:
                _mark(moves, Move.GONE, range(start + (was == 0), _last(root) + start + 1))
            else:
                _compare(self.documents[was], other[becomes], root, start, moves)
        for line, held in self._holding.items():
            if line not in moves and held <= moves.keys():
                moves[line] = Move.AROUND
        return moves


def line_at(text: str, document: int, path: Sequence[reader.Key]) -> int:
    """The line of a generated file's text that holds the value at `path` of a document, or the nearest one around it.

    Indices may be text, as in a JSON pointer. For tools that name an object and a path in it where they mean a line.
    """
    return _nearest(text, document, path)[0]


def has_value(text: str, document: int, path: Sequence[reader.Key]) -> bool:
    """Whether a document of a generated file's text says something at `path`."""
    return _nearest(text, document, path)[1] == len(path)


def _nearest(text: str, document: int, path: Sequence[reader.Key]) -> tuple[int, int]:
    """The line of the value at `path`, or of the nearest one around it, and how much of the path leads there."""
    parts = text.split("\n---\n")  # no value of ours begins a line so
    start = sum(part.count("\n") + 2 for part in parts[:document])
    node = reader.parse(parts[document] + "\n", "")[0].root
    line, depth = node.start_mark.line, 0
    for depth, key in enumerate(path):
        pair = _pair(node, key)
        if pair is None:
            return start + int(line) + 1, depth
        line, node = pair[0].start_mark.line, pair[1]
    return start + int(line) + 1, len(path)


def _pair(node: yaml.Node, key: reader.Key) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((name, value) for name, value in node.value if name.value == str(key)), None)
    if isinstance(node, yaml.SequenceNode) and str(key).isdigit() and int(key) < len(node.value):
        return (node.value[int(key)],) * 2
    return None


# ---------------------------------------------------------------------------- comparison


def _compare(old: Any, new: Any, node: yaml.Node, start: int, moves: dict[int, Move]) -> None:
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for (key, value), (key_node, value_node) in zip(old.items(), node.value, strict=True):
            if key not in new:
                _mark(moves, Move.GONE, range(start + key_node.start_mark.line + 1, start + _last(value_node) + 1))
            elif value != new[key] or type(value) is not type(new[key]):
                _compare(value, new[key], value_node, start, moves)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        for was, becomes in _aligned(old, new):
            if becomes is None:
                _mark(moves, Move.GONE, _lines(start, node.value[was]))
            else:
                _compare(old[was], new[becomes], node.value[was], start, moves)
    elif old != new or type(old) is not type(new):
        holds_more = isinstance(old, dict | list) and len(old) > 0
        _mark(moves, Move.GONE if holds_more else Move.CHANGED, _lines(start, node))


def _aligned(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[int, int | None]]:
    """The items that differ, each with the one that takes its place, if one does. Another order is no difference."""
    before, after = list(map(repr, old)), list(map(repr, new))
    lost, found = Counter(before) - Counter(after), Counter(after) - Counter(before)
    for _, start, end, other, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left = [index for index in range(other, other_end) if _take(found, after[index])]
        for index in range(start, end):
            if _take(lost, before[index]):
                counterpart = next((each for each in left if _identity(old[index]) == _identity(new[each])), None)
                if counterpart is not None:
                    left.remove(counterpart)
                yield index, counterpart


def _identity(item: Any) -> Any:
    """What an item cannot change without being another thing: an object's kind, a patch's file, a file's name."""
    match item:
        case {"kind": kind, "metadata": _}:
            return kind
        case {"path": str(path)} if path.endswith(".yaml"):
            return path
        case str() if item.endswith(".yaml"):
            return item
    return None


def _take(left: Counter[str], item: str) -> bool:
    """Whether there was one left, which then is taken."""
    left[item] -= 1
    return left[item] >= 0


def _mark(moves: dict[int, Move], move: Move, lines: Sequence[int]) -> None:
    for line in lines:
        moves[line] = min(moves.get(line, move), move)


# ---------------------------------------------------------------------------- nodes and lines


def _lines(start: int, node: yaml.Node) -> range:
    return range(start + node.start_mark.line + 1, start + _last(node) + 1)


def _last(node: yaml.Node) -> int:
    """The last line of a node, from 1. A block of text or a collection ends where the next thing begins."""
    if isinstance(node, yaml.ScalarNode) or not node.value:
        end = node.end_mark
        return int(end.line if end.column == 0 and end.line > node.start_mark.line else end.line + 1)
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


def _scalars(node: yaml.Node) -> Iterator[yaml.Node]:
    """The values that hold no other, empty collections included."""
    if isinstance(node, yaml.ScalarNode) or not node.value:
        yield node
    else:
        for item in node.value:
            yield from _scalars(item[1] if isinstance(item, tuple) else item)


def _openings(node: yaml.Node) -> Iterator[tuple[int, yaml.Node]]:
    """Each key, and each item of a list, by its line, with what it holds."""
    if isinstance(node, yaml.ScalarNode):
        return
    for item in node.value:
        key, value = item if isinstance(item, tuple) else (item, item)
        yield key.start_mark.line + 1, value
        yield from _openings(value)
