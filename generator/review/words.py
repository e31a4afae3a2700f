"""Names from files, made fit to be printed and to be one word. Any of them may hold anything."""

import hashlib
import re

_DIGITS = 6


def one_line(text: str) -> str:
    """The text without line ends and what else would steer a terminal or a page."""
    return "".join(char if char.isprintable() else " " for char in text)


def one_word(name: str) -> str:
    """A name as one word of a trailer; one that must be changed for that is told apart by a digest.

    >>> one_word("it-ops-agent"), one_word("All of us")
    ('it-ops-agent', 'All-of-us.a12103')
    """
    word = re.sub(r"[^A-Za-z0-9._:-]+", "-", name).strip("-._:")
    if word == name and word:
        return word
    digest = hashlib.sha256(name.encode(errors="backslashreplace")).hexdigest()[:_DIGITS]
    return f"{word}.{digest}".lstrip(".")
