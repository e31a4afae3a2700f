"""Tells a secret from what is only written where one could stand: a reference, a name, a number, words."""

import re

# `$(NAME)`, `${NAME}`, `{name}`, `{{ .name }}`, `%(name)s`, `<name>`, `[PAD]`, `***`: something is put in its place.
_REFERENCE = re.compile(r"\$\(|\$\{|\{\{|\$\w+\Z|\{[^{}]*\}\Z|%\(?\w+\)?[s%]\Z|<.*>\Z|\[.*\]\Z|[*.x]+\Z", re.DOTALL)
_SETTING = re.compile(
    r"(?i:true|false|yes|no|on|off|none|null|enabled|disabled|required|optional|always|never|auto|default)\Z"
)
_NUMBER = re.compile(r"[-+]?[0-9][0-9_.,]*\Z")
_PLACE = re.compile(r"arn:|alias/|~?/|\.{1,2}/|[A-Za-z]:\\|[A-Za-z][A-Za-z0-9+.-]{0,20}://(?![^/\s]*@)")
# Words as names and sentences have them, with versions: my-secret-v2, Rotates, agent_session, agents/state.json.
_WORDS = re.compile(r"(?:[A-Za-z][a-z]*|[A-Z]+)(?:[-_./ ]+(?:[A-Za-z][a-z]*|[A-Z]+|v?[0-9]{1,4})){0,50}[.!?:]?\Z")
_LONG_WORD = re.compile(r"[A-Za-z]{21}")
LEAST = 6  # characters, below which only a password is one


def may_be_secret(value: str) -> bool:
    """Whether a value may be a secret where its name says so: nothing else is known of it."""
    return not (_REFERENCE.match(value) or _SETTING.match(value) or _PLACE.match(value))


def is_secret(value: str) -> bool:
    """Whether a value is hardly anything else: it is not short, not a number, and not words."""
    if len(value) < LEAST or not may_be_secret(value) or _NUMBER.match(value):
        return False
    return not _WORDS.match(value) or bool(_LONG_WORD.search(value))
