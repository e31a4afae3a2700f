"""Everything that a spec says: its values and keys, what needs its context, and comments. Judges nothing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.spec.reader import Document, Key

Path = tuple[Key, ...]


@dataclass
class Texts:
    """Each text once. Where it stands is looked up only if it matters: a spec may hold a hundred thousand."""

    everything: dict[str, None] = field(default_factory=dict)
    settings: list[tuple[Path, Any]] = field(default_factory=list)
    commands: list[list[tuple[Path, str]]] = field(default_factory=list)
    secret_names: list[tuple[Path, str]] = field(default_factory=list)

    @classmethod
    def of(cls, document: Document) -> "Texts":
        result = cls()
        result._gather({"": document.values}, ())
        return result

    def _gather(self, value: dict[str, Any] | list[Any], path: Path) -> None:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in pairs:
            if isinstance(item, str):
                self.everything[item] = None
            elif isinstance(item, dict | list):
                self._gather(item, (*path, key))
        if isinstance(value, dict):
            self.everything |= dict.fromkeys(value)
            self._note(value, path[1:])

    def _note(self, value: dict[str, Any], path: Path) -> None:
        if "config" in path:
            self.settings += [((*path, key), item) for key, item in value.items()]
        for key in ("secrets", "shared"):
            if key in value:
                self.secret_names += _words(value[key], (*path, key))
        words = [word for key in ("command", "args") if key in value for word in _words(value[key], (*path, key))]
        if words:
            self.commands.append(words)


def _words(value: Any, path: Path) -> list[tuple[Path, str]]:
    items = value if isinstance(value, list) else ()
    return [((*path, index), item) for index, item in enumerate(items) if isinstance(item, str)]


def places(value: Any, texts: Collection[str], path: Path = ()) -> Iterator[tuple[Path, str, bool]]:
    """Where these texts stand in a value, each as a path to it and whether it is the key there."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in texts:
                yield (*path, key), key, True
            yield from places(item, texts, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, texts, (*path, index))
    elif isinstance(value, str) and value in texts:
        yield path, value, False


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Where each comment begins, and the comment. A `#` in a text of several lines may be taken for one."""
    start = text.find("#")
    while start >= 0:
        end = text.find("\n", start)
        if start == 0 or text[start - 1].isspace():
            end = end if end >= 0 else len(text)
            yield start, text[start:end]
            start = text.find("#", end)
        else:
            start = text.find("#", start + 1)
