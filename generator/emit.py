"""The only YAML writer: plain data in, text out. Keeps the order given; reads nothing, never touches the disk.

A string is written bare only where every YAML 1.1 and 1.2 reader takes it for a string, as a literal block where
no reader can lose a character, and double-quoted as in JSON otherwise. Lines are never folded.
"""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | bool | None"

# Controls, line breaks, odd spaces and the marks that hide or reorder text in a review. A fixed list: the Unicode
# tables of Python change between its versions, and our bytes must not.
_HIDDEN = (
    r"\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u3000\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\uffff"
)
_ESCAPED = re.compile(f"[{_HIDDEN}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

# What starts with a digit needs one character that no number, hash, date or time of any reader can hold. A version
# such as 2.1.0 has none: the float of the YAML 1.1 specification allows many dots.
_NUMERIC = r"0-9A-Fa-fOoPpTtXxZz_.,:+ -"
_BARE_START = re.compile(
    r"(?!(?i:null|true|false|yes|no|on|off|y|n|inf|infinity|nan)\Z)"
    rf"(?:[A-Za-z/]|\.\.?/|--[A-Za-z]|[0-9][{_NUMERIC}]*[^{_NUMERIC}])"
)
_BARE_TRAP = re.compile(f"[{_HIDDEN}]|: | #|[: ]\\Z")

# Readers agree on blocks of these; the rest depends on indentation indicators, kept newlines and editors.
_BLOCK_TRAP = re.compile(rf"\A[ \n]| \n| \Z|\n\n\Z|(?!\n)[{_HIDDEN}]")
_BLOCK_LINE = re.compile(r"\n(?=[^\n])")  # an empty line stays empty: no trailing spaces

_LONGEST_KEY = 250  # characters of up to 4 bytes: a reader gives up on `key:` after 1024


def document(value: Plain) -> str:
    """One YAML document in block style, ending in a newline, without `---`.

    Raises TypeError for data that is not plain, ValueError for a lone surrogate.
    """
    parts: list[str] = []
    if isinstance(value, str):
        parts.append(" " + _scalar(value))  # a block at the root could hold a line that reads as a marker
    else:
        _write(value, "\n", "\n", parts)
    parts.append("\n")
    return "".join(parts)[1:]


def documents(values: Iterable[Plain], header: str = "") -> str:
    """Documents separated by `---`, after a header of comment lines (ending in a newline)."""
    return header + "---\n".join(map(document, values))


def _write(value: Plain, lead: str, pad: str, parts: list[str]) -> None:
    """Append a value to what ends in its `key:` or `-`.

    `pad` is a newline and the value's own indentation; `lead` is what its first line has instead, since a
    collection in a list starts behind the dash.
    """
    if isinstance(value, str):
        parts.append(_block(value, pad) if "\n" in value else " " + _scalar(value))
    elif isinstance(value, dict) and value:
        deeper = pad + "  "
        for key, item in value.items():
            parts.append(lead)
            parts.append(_key(key, pad))
            indent = pad if isinstance(item, list) else deeper
            _write(item, indent, indent, parts)
            lead = pad
    elif isinstance(value, list) and value:
        deeper = pad + "  "
        for item in value:
            parts.append(lead)
            parts.append("-")
            _write(item, " ", deeper, parts)
            lead = pad
    else:
        parts.append(" " + _literal(value))


def _literal(value: Plain) -> str:
    """Numbers, the words that are no strings, and what is empty."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)  # an enumeration's number, not its name
        case dict():
            return "{}"
        case list():
            return "[]"
    raise TypeError(f"not plain data: {type(value).__name__}")


def _key(key: str, pad: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be a string, not {type(key).__name__}")
    text = _scalar(key)
    return text + ":" if len(text) < _LONGEST_KEY else "? " + text + pad + ":"


def _block(text: str, pad: str) -> str:
    if _BLOCK_TRAP.search(text):
        return " " + _scalar(text)
    mark = " |" if text.endswith("\n") else " |-"
    return mark + pad + _BLOCK_LINE.sub(pad, text).removesuffix("\n")


@lru_cache(maxsize=65536)  # a fleet repeats its words: names, labels, keys
def _scalar(text: str) -> str:
    """The text on one line: bare, or as a JSON string.

    >>> _scalar("500m"), _scalar("1e3")
    ('500m', '"1e3"')
    """
    if _BARE_START.match(text) and not _BARE_TRAP.search(text):
        return text
    if lone := _SURROGATE.search(text):
        raise ValueError(f"not a character, and not in any UTF-8 file: U+{ord(lone[0]):04X} in {text!a}")
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
