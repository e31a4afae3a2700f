"""Refuses what looks like a credential. The spec names secrets; their values belong in the secret store."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from generator.problems import Problem
from generator.spec.reader import Document, Key

# Shapes that their issuers document, so that a match is hardly ever an accident.
_SHAPES = {
    "an AWS access key": r"(?<![A-Z0-9])(AKIA|ASIA)[0-9A-Z]{16}(?![A-Z0-9])",
    "a GitHub token": r"(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "a GitLab token": r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"(?<![A-Za-z0-9])(xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}",
    "a Slack webhook": r"hooks\.slack\.com/services/[A-Za-z0-9/]+",
    "an OpenAI or Anthropic key": r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}",
    "a Stripe key": r"(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{16,}",
    "a Hugging Face token": r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}",
    "a package registry's token": r"(?<![A-Za-z0-9])(npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,})",
    "a Vault token": r"(?<![A-Za-z0-9])hv[sb]\.[A-Za-z0-9_-]{24,}",
    "a Google API key": r"(?<![A-Za-z0-9])(AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,})",
    "a private key": r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY( BLOCK)?-----|AGE-SECRET-KEY-1",
    # The lookbehind lets a run of such characters be tried once, however long it is.
    "a JSON web token": r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
    "a password in a URL": r"\w://[^/\s:@]*:[^/\s@]+@",
    "a password in a connection string": r"(?i:;|\b)(?i:password|pwd|accountkey)=[^;\s$]{6,}",
    "a password as an argument": r"\A--?(?i:password|passwd|token|api-?key|secret)=[^$\s]+",
}
_ANY = re.compile("|".join(f"(?P<s{number}>{shape})" for number, shape in enumerate(_SHAPES.values())))
_SECRET_KEY = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|SECRET|(^|_)(PASS|PWD|PAT)|TOKEN|CREDENTIALS?"
    r"|(API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|OPENAI|ANTHROPIC)_?KEY)(_?[0-9]+)?$"
)
_NAMES = list(_SHAPES)
RULE = "credential"


def check(document: Document) -> Iterator[Problem]:
    """Every text of the document that looks like a credential; its value is not repeated."""
    yield from _check(document, document.values, ())


def without_values(problems: Iterable[Problem], found: Iterable[Problem]) -> list[Problem]:
    """The problems, none of which repeats a credential: where one stands, nothing else is said."""
    places = {problem.where for problem in found}
    kept = [problem for problem in problems if problem.rule == RULE or problem.where not in places]
    return [replace(p, message=_ANY.sub("***", p.message), hint=_ANY.sub("***", p.hint)) for p in kept]


def _check(document: Document, value: Any, path: tuple[Key, ...]) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(document, key, (*path, key), in_key=True)
            is_secret = "config" in path and _SECRET_KEY.search(key) and item not in ("", None)
            if is_secret and not isinstance(item, dict | list):
                yield _problem(document.place(*path, key), path, f"{key} is named like a secret")
            else:
                yield from _check(document, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _check(document, item, (*path, index))
    elif isinstance(value, str):
        yield from _texts(document, value, path, in_key=False)


def _texts(document: Document, text: str, path: tuple[Key, ...], *, in_key: bool) -> Iterator[Problem]:
    match = _ANY.search(text) if len(text) > 12 else None
    if match and match.lastgroup:
        kind = _NAMES[next(int(name[1:]) for name, found in match.groupdict().items() if found)]
        place = document.key_place(*path) if in_key else document.place(*path)
        yield _problem(place, path[:-1] if in_key else path, f"this looks like {kind}")


def _problem(place: Any, path: tuple[Key, ...], message: str) -> Problem:
    name = ".".join(map(str, path))
    hint = "keep the value in the secret store and list its name under `secrets`; if it was ever committed, revoke it"
    return Problem(place, RULE, f"{name}: {message}", hint)
