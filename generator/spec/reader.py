"""Reads the spec's text into plain values that remember where they stand. Refuses what would make YAML ambiguous.

Scalars are read by the YAML 1.2 core schema, so that `yes`, `on` and `12:30` are what they look like. Keys are always
text. Duplicate keys, aliases, merge keys and tags are problems, not surprises. PyYAML's C parser gives the positions.
"""

import codecs
import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from yaml import cyaml

from generator.problems import Place, Problem, Stop

MAX_BYTES = 5 * 2**20  # a thousand agents take about one MiB
MAX_DEPTH = 50  # the schema needs nine

# Rules whose breach leaves values out, so that nothing can be said of the rest.
UNREADABLE = {"alias", "merge-key", "tag", "key"}

Key = str | int
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z|0o[0-7]{1,18}\Z|0x[0-9a-fA-F]{1,15}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?\Z")
_MAY_BE_ANCHOR = re.compile(r"(?<!\S)[&*]|[\[{,:\-?!][&*]")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}

# Kustomize refuses these, however they are written; the controls below U+0020 it takes in quotes.
_CONTROL = re.compile("[\x7f-\x84\x86-\x9f\ufffe\uffff]")

# Kustomize writes such text as a block that it cannot read back.
_TAB_FIRST = re.compile(r"\t.*\n", re.DOTALL)

_PLAIN, _QUOTED, _COLLECTION = "plain", "quoted", "collection"


class _Composer(cyaml.CParser):  # type: ignore[name-defined,misc]  # PyYAML's stubs leave the C parser out
    """Composes nodes without PyYAML's YAML 1.1 resolver: a node's tag says how it was written, no more."""

    depth = 0

    def resolve(self, kind: type[yaml.Node], _value: object, implicit: object) -> str:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _QUOTED  # type: ignore[index]  # a pair of bools for scalars
        return _COLLECTION

    def descend_resolver(self, parent: yaml.Node | None, _index: object) -> None:
        # The C parser recurses without a limit of its own and would end the process.
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem="is nested too deeply", problem_mark=parent.start_mark if parent else None
            )

    def ascend_resolver(self) -> None:
        self.depth -= 1


@dataclass(frozen=True)
class Document:
    """The spec's values, as dicts, lists and scalars, and the place of each by its path of keys and indices."""

    file: str
    values: Any
    root: yaml.Node
    text: str = field(repr=False)
    _indices: dict[int, dict[Key, tuple[yaml.Node, yaml.Node]]] = field(default_factory=dict, init=False, repr=False)

    def place(self, *path: Key) -> Place:
        """Where the value at `path` stands, or the nearest value around it that is there."""
        return self._at(self._pairs(path)[-1][1])

    def key_place(self, *path: Key) -> Place:
        """Where the key at the end of `path` stands (in a list: its item), or the nearest key around it."""
        return self._at(self._pairs(path)[-1][0])

    def has(self, *path: Key) -> bool:
        """Whether the spec itself says something at `path`."""
        return len(self._pairs(path)) == len(path) + 1

    def span(self, *path: Key) -> tuple[Place, Place]:
        """From the key at the end of `path`, or the nearest around it, to the end of its value."""
        key, value = self._pairs(path)[-1]
        return self._at(key), Place(self.file, value.end_mark.line + 1, value.end_mark.column + 1)

    def written(self, *path: Key) -> str:
        """The value at `path` as a person wrote it, without quotes."""
        return str(self._pairs(path)[-1][1].value)

    def value(self, *path: Key) -> Any:
        """The value at `path`. Raises KeyError or IndexError where the spec says nothing."""
        value = self.values
        for key in path:
            value = value[key]
        return value

    def name(self, *path: Key) -> str:
        """The path as a person would write it, with the indices that items have in the file."""
        parts = list(path)
        for depth, (_, node) in enumerate(self._pairs(path[:-1])):
            index = path[depth] if depth < len(path) else None
            if isinstance(node, yaml.SequenceNode) and isinstance(index, int) and index < len(node.value):
                parts[depth] = _indices(node)[index]
        return ".".join(map(str, parts))

    def without(self, values: Any, items: Collection[tuple[Key, ...]]) -> "Document":
        """This document with other values, and without the items of lists at these paths."""
        return replace(self, values=values, root=_without(self.root, items))

    def _pairs(self, path: tuple[Key, ...]) -> list[tuple[yaml.Node, yaml.Node]]:
        """(key, value) nodes from the root down along `path`, as far as it exists."""
        pairs = [(self.root, self.root)]
        for key in path:
            node = pairs[-1][1]
            if isinstance(node, yaml.MappingNode):
                pair = self._index(node).get(key)
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
                pair = (node.value[key], node.value[key])
            else:
                pair = None
            if pair is None:
                break
            pairs.append(pair)
        return pairs

    def _index(self, node: yaml.MappingNode) -> dict[Key, tuple[yaml.Node, yaml.Node]]:
        """A mapping's pairs by key; kept, since the agents are a thousand and asked for by name."""
        index = self._indices.get(id(node))
        if index is None:
            # Of a key that stands twice, the first counts.
            index = self._indices[id(node)] = {key.value: (key, value) for key, value in reversed(node.value)}
        return index

    def _at(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _without(node: yaml.Node, items: Collection[tuple[Key, ...]]) -> yaml.Node:
    if not items:
        return node
    below: dict[Key, list[tuple[Key, ...]]] = {}
    for path in items:
        below.setdefault(path[0], []).append(path[1:])
    if isinstance(node, yaml.MappingNode):
        pairs = [(key, _without(value, below.get(key.value, ()))) for key, value in node.value]
        return yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark)
    items_below = [(item, below.get(now, ())) for now, item in enumerate(node.value)]
    kept = [
        (index, _without(*pair)) for index, pair in zip(_indices(node), items_below, strict=True) if () not in pair[1]
    ]
    shortened = yaml.SequenceNode(node.tag, [item for _, item in kept], node.start_mark, node.end_mark)
    shortened.indices = [index for index, _ in kept]  # type: ignore[attr-defined]  # for _indices alone
    return shortened


def _indices(node: yaml.Node) -> Sequence[int]:
    """The indices that the items of a list have in the file, where some may have been taken out."""
    found: Sequence[int] = getattr(node, "indices", range(len(node.value)))
    return found


def read(path: Path, shown_as: str) -> tuple[Document, list[Problem]]:
    """Read the file at `path`; problems name it `shown_as`. Raises Stop where nothing could be read at all."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _stop(
            shown_as, "no-spec", "there is no such file", "name it with --spec, or the folder with --root"
        ) from None
    except OSError as error:
        raise _stop(shown_as, "no-spec", f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise _stop(
            shown_as, "too-large", f"is larger than {MAX_BYTES // 2**20} MiB", "a thousand agents take about one"
        )
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        data = error.object
        place = _after(data[: error.start].decode(), shown_as)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise Stop([Problem(place, "encoding", message, "save the file as UTF-8")]) from None
    return parse(text, shown_as)


def parse(text: str, file: str) -> tuple[Document, list[Problem]]:
    """Parse a spec's text. What is wrong but can be read past is returned; a syntax error raises Stop."""
    try:
        composer = _Composer(text)
        root = composer.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise Stop([_syntax_error(error, file)]) from None
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode()  # libyaml counts bytes
        message = f"character U+{ord(text[len(before)]):04X} may not stand in YAML"
        raise Stop([Problem(_after(before, file), "syntax", message, "delete it")]) from None
    if root is None or (root.tag == _PLAIN and scalar(root.value) is None):
        raise _stop(file, "empty", "is empty", "start it with `apiVersion: kustodian.dev/v1`")
    constructor = _Constructor(file)
    document = Document(file, constructor.value(root, "the spec"), root, text)
    return document, [*constructor.problems, *_anchors(text, file)]


def _after(before: str, file: str) -> Place:
    """The place that follows this beginning of a text."""
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _anchors(text: str, file: str) -> Iterator[Problem]:
    """Anchors and aliases, each at its own place, which their nodes do not know."""
    if not _MAY_BE_ANCHOR.search(text):
        return
    for event in yaml.parse(text, Loader=yaml.CLoader):
        anchor = getattr(event, "anchor", None)
        if anchor:
            is_alias = isinstance(event, yaml.AliasEvent)
            shown, hint = (f"*{anchor}", "write the value out") if is_alias else (f"&{anchor}", "delete it")
            mark = event.start_mark
            assert mark
            place = Place(file, mark.line + 1, mark.column + 1)
            yield Problem(place, "alias", f"{shown}: anchors and aliases are not supported", hint)


class _Constructor:
    """Turns nodes into plain values, noting what is refused on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, name: str) -> Any:
        if id(node) in self.seen:  # an alias, see _anchors
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, name)
        self._refuse_tag(node, name)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, name) for item in node.value]
        assert isinstance(node, yaml.MappingNode)
        return dict(self._pairs(node))

    def _scalar(self, node: yaml.ScalarNode, name: str) -> Any:
        self._refuse_tag(node, name)
        if _TAB_FIRST.match(node.value):
            message = f"{name}: text of several lines that begins with a tab cannot stand in a manifest"
            self._refuse(node, "control-character", message, "begin it with something else")
        control = _CONTROL.search(node.value)
        if control:
            message = f"{name}: character U+{ord(control[0]):04X} cannot stand in a manifest"
            self._refuse(node, "control-character", message, "delete it")
        return scalar(node.value) if node.tag == _PLAIN else node.value

    def _refuse_tag(self, node: yaml.Node, name: str) -> None:
        if node.tag not in (_PLAIN, _QUOTED, _COLLECTION):
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(node, "tag", f"{name}: tag {tag!r} is not supported", "delete it")

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, Any]]:
        first: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(key_node, "key", "a key must be text", "write a plain word")
                continue
            key: str = key_node.value
            if id(key_node) in self.seen:
                continue
            self.seen.add(id(key_node))
            self._refuse_tag(key_node, key)
            if key == "<<":
                self._refuse(
                    key_node, "merge-key", "merge keys are not supported", "write the values out, or use `defaults`"
                )
                continue
            if key in first:
                line = first[key].start_mark.line + 1
                self._refuse(key_node, "duplicate-key", f"key {key!r} is already on line {line}", "delete one of them")
                continue
            first[key] = key_node
            yield key, self.value(value_node, key)

    def _refuse(self, node: yaml.Node, rule: str, message: str, hint: str) -> None:
        place = Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
        self.problems.append(Problem(place, rule, message, hint))


def scalar(text: str) -> Any:
    """The value of an unquoted scalar in YAML 1.2's core schema; numbers beyond 18 digits or a double stay text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text) and math.isfinite(number := float(text)):
        return number
    return text


_WORDS = {
    "but found another document": "there is a second document",
    "second occurrence": "there is a second anchor of this name",
}
_ADVICE = {
    "found character that cannot start any token": "a tab cannot indent YAML, and `@`, `` ` `` and `%` need quotes",
    "found a tab character that violates indentation": "indent with spaces",
    "there is a second document": "keep one; delete the `---` and what follows it",
    "mapping values are not allowed in this context": "check the indentation, or quote the text with the colon in it",
    "did not find expected key": "check the indentation and the quotes above",
    "could not find expected ':'": "check for a missing colon",
    "did not find expected node content": "check the brackets, commas and quotes before it",
    "did not find expected ',' or ']'": "check the brackets, commas and quotes before it",
    "did not find expected ',' or '}'": "check the brackets, commas and quotes before it",
    "did not find expected alphabetic or numeric character": "put text that starts with `*` or `&` in quotes",
    "found undefined alias": "put text that starts with `*` in quotes",
    "there is a second anchor of this name": "anchors are not supported; write the value out",
    "found unexpected end of stream": "a quote that opens here is never closed",
}


def _syntax_error(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if error.problem == "found unexpected end of stream" and error.context_mark:
        mark = error.context_mark  # the quote, not the end of the file
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    wrong = error.problem or error.context or "is not YAML"
    wrong = _WORDS.get(wrong, wrong)
    return Problem(place, "syntax", wrong, _ADVICE.get(wrong, ""))


def _stop(file: str, rule: str, message: str, hint: str = "") -> Stop:
    return Stop([Problem(Place(file), rule, message, hint)])
