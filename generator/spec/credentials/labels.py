"""Secrets by the name that they are given: settings, and `name=value` or `--name value` in running text.

In text a value counts if it is not like words: a sentence may well speak of passwords.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate

from generator.spec.credentials.judgement import LEAST, is_secret, may_be_secret

# ------------------------------------------------------------------------------------------------------------- settings

# What may follow the name of a secret and it still is one: DB_PASSWORD_2, API_KEY_PRIMARY, SECRET_KEY_BASE.
_MORE = (
    r"(?:_?(?:[0-9]{1,3}|V[0-9]{1,2}|PRIMARY|SECONDARY|VALUE|BASE|OLD|NEW|CURRENT|PREVIOUS"
    r"|DB|PROD|STAGING|DEV|TEST))*\Z"
)
_PASSWORD = re.compile(
    r"PASSWORDS?|PASSWD|PASSPHRASE|(?:\A|_)PASS|(?:\A|_)PW|(?<!WORK)(?<!OLD)(?:\A|_)PWD|(?:DB|USER|ROOT|ADMIN|PG|SQL)PASS"
)
_TOKEN = re.compile(
    r"SECRETS?|TOKENS?|CREDENTIALS?|(?:\A|_)CREDS|(?:API|ACCESS|PRIVATE|SECRET|SIGNING|OPENAI|ANTHROPIC)_?KEYS?"
)
# Their values are often the name of something, so that one that is like words passes.
_OFTEN_A_NAME = re.compile(
    r"(?:ENCRYPTION|STORAGE|MASTER|LICEN[CS]E|ACCOUNT|AUTH|SESSION|SERVICE|CLIENT|DEPLOY|SHARED|HMAC|SSH|JWT)_?KEYS?"
    r"|BASIC_AUTH|(?:\A|_)JWT|COOKIE|(?:\A|_)SALT|(?:\A|_)DSN"
)
_ENDS = [re.compile(f"(?:{name.pattern}){_MORE}") for name in (_PASSWORD, _TOKEN, _OFTEN_A_NAME)]
# Tokens of a language model, which are words, and names of Kubernetes' own Secrets.
_NO_SECRET = re.compile(
    r"(?:\A|_)(?:MAX|MIN|EOS|BOS|PAD|UNK|SEP|CLS|MASK|STOP|START|END|SPECIAL|USE|REQUIRE)_TOKENS?\Z|K8S_SECRETS?\Z"
)
_PERSONAL_TOKEN = re.compile(rf"(?:\A|_)PAT{_MORE}")
_OF_TOKEN = re.compile(r"(?=[A-Za-z_-]{0,100}[0-9])[A-Za-z0-9_-]{20,}\Z")  # others are patterns of files


def is_secret_setting(key: str, value: object) -> bool:
    """Whether a setting of this name has a secret for a value."""
    kind = _kind(key)
    text = str(value)
    if not kind or value in (None, "") or isinstance(value, bool) or not may_be_secret(text):
        return False
    if kind == "password":
        return True
    if kind == "personal token":
        return bool(_OF_TOKEN.match(text))
    return is_secret(text) or (kind == "token" and len(text) >= LEAST and isinstance(value, str) and not text.isdigit())


@cache
def _kind(key: str) -> str:
    key = key.upper()
    if _NO_SECRET.search(key):
        return ""
    if _PERSONAL_TOKEN.search(key):
        return "personal token"
    kinds = ("password", "token", "often a name")
    return next((kind for kind, ends in zip(kinds, _ENDS, strict=True) if ends.search(key)), "")


# ----------------------------------------------------------------------------------------------------------------- text

_LABEL = (
    r"passw(?:or)?ds?|passphrase|pwd|secrets?|tokens?|credentials?|(?:api|access|account|private|secret|signing)[_-]?keys?"
    r"|client-key-data"
)
# Each with a word of it that is quick to look for, in lower case; the value is the last group.
_IN_TEXT = tuple(
    (words.split(), re.compile(pattern, re.IGNORECASE))
    for words, pattern in (
        (
            "passw passphrase pwd secret token credential key",
            rf"(?:{_LABEL})[\w-]{{0,20}}[\"']?\s{{0,4}}(?:=>|:=|[:=])\s{{0,4}}[\"']?([^\s\"',;&|)}}\]]{{6,}})",
        ),
        ("--", rf"--?(?:\w{{1,20}}[_-]){{0,3}}(?:{_LABEL})[ \n]{{1,4}}([^\s-]\S{{5,}})"),
        ("bearer basic", r"\b(?:bearer|basic)\s{1,4}([A-Za-z0-9+/_.~=-]{12,})"),
        ("login", r"\blogin\s{1,4}\S{1,100}\s{1,4}password\s{1,4}(\S{6,})"),
        ('auth"', r"\"auth\"\s{0,4}:\s{0,4}\"([A-Za-z0-9+/]{8,}={0,2})\""),
        ("sig=", r"[?&]sig=([\w%+/=-]{20,})"),
    )
)
_USER_AND_PASSWORD = re.compile(r"://[^/\s:@]{0,256}:([^\s@]{1,256})@")
_PORT_AND_PATH = re.compile(r"[0-9]{1,5}[/?#]")
_USER = re.compile(r"://((?=[A-Za-z_-]{0,100}[0-9])[A-Za-z0-9_-]{20,256})@")


def find(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each text that holds a password, and where in it."""
    for text in texts:
        if "@" in text and "://" in text and _in_url(text):
            yield text, "a password in a URL"
        elif (" " in text or "=" in text or ":" in text) and _in_text(text):
            yield text, "a password, token or key with its name"


def _in_url(text: str) -> bool:
    return bool(_USER.search(text)) or any(
        may_be_secret(match[1]) and not _is_port(match[1], text.startswith("sha256:", match.end()))
        for match in _USER_AND_PASSWORD.finditer(text)
    )


def _is_port(word: str, before_digest: bool) -> bool:
    """`host:8443/a@b` and `host:5000@sha256:...` have no password."""
    return bool(_PORT_AND_PATH.match(word)) or (before_digest and word.isdigit())


def _in_text(text: str) -> bool:
    lowered = text.lower()
    return any(
        any(word in lowered for word in words) and any(is_secret(match[1]) for match in pattern.finditer(text))
        for words, pattern in _IN_TEXT
    )


# ------------------------------------------------------------------------------------------------------------- commands

_FLAG = re.compile(
    r"--?(?:\w{1,20}[_-]){0,3}(?P<name>passw(?:or)?d|pass|pwd|passphrase|token|secret|api[_-]?key|access[_-]?key)"
    r"(?:=(?P<value>.+))?\Z",
    re.IGNORECASE | re.DOTALL,
)
_CURL = re.compile(
    r"(?:\A|[\s/])(?:curl|wget)\s(?:[^\n]{0,500}?\s)??(?:-u|--user)[ =\n]{0,2}[\"']?[^\s:\"']{1,100}"
    r":(?P<value>[^\s\"']+)"
)
_MYSQL = re.compile(r"(?:\A|[\s/])(?:mysql|mariadb)\w{0,10}\s(?:[^\n]{0,500}?\s)??-p(?P<value>[^\s\"']+)")


def find_in_command(words: Sequence[str]) -> Iterator[int]:
    """The indices of words that give a program its password."""
    for index, word in enumerate(words):
        flag = _FLAG.match(word)
        if flag and flag["value"] is not None and _is_given(flag["name"], flag["value"]):
            yield index
        elif flag and flag["value"] is None:
            following = words[index + 1] if index + 1 < len(words) else ""
            if not following.startswith("-") and _is_given(flag["name"], following):
                yield index + 1
    line = " ".join(words)
    for program in (_CURL, _MYSQL):
        match = program.search(line)
        if match and may_be_secret(match["value"]):
            ends = list(accumulate(len(word) + 1 for word in words))
            yield bisect_right(ends, match.start("value"))


def _is_given(name: str, value: str) -> bool:
    """A password may be a word; what else is asked for by such a name may be the name of something."""
    is_password = name.lower().startswith("pass") and len(value) >= LEAST and may_be_secret(value)
    return is_password or is_secret(value)
