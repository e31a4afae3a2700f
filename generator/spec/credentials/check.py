"""Judges every text of the spec, and says where a credential stands but not which."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from generator.problems import Place, Problem
from generator.spec.credentials import encoded, issuers, labels
from generator.spec.credentials.texts import Path, Texts, comments, places
from generator.spec.reader import Document

RULE = "credential"
_HINT = "keep the value in the secret store and list its name under `secrets`; if it was ever committed, revoke it"
_RANDOM = re.compile(r"(?=(?:[a-z]*[0-9]){4})(?=[0-9]*[a-z])[a-z0-9]{20,}\Z")  # a part of a name, between hyphens


@dataclass(frozen=True)
class Found:
    """The problems, and the texts in which credentials stand: nothing that is said may hold one of these."""

    problems: list[Problem]
    texts: Collection[str]
    places: Collection[Place]  # of the texts and of their keys


def check(document: Document) -> Found:
    """Every credential of the document."""
    texts = Texts.of(document)
    kinds = _kinds(texts.everything)
    named = {
        path: (document.place(*path), path[:-1], f"{path[-1]} is named like a secret") for path in _settings(texts)
    }
    found = {path: (kind, text, False) for path, kind, text in _in_context(texts)}
    for path, text, in_key in places(document.values, kinds) if kinds else ():
        if in_key or path not in named:
            found[path] = (kinds[text], text, in_key)
    said = list(named.values())
    for path, (kind, _, in_key) in found.items():
        place = document.key_place(*path) if in_key else document.place(*path)
        said.append((place, path[:-1] if in_key else path, f"this looks like {kind}"))
    problems = [_problem(place, ".".join(map(str, path)), message) for place, path, message in said]
    problems += _in_comments(document, [document.span(*path) for path in found])
    places_ = {problem.where for problem in problems} | {document.key_place(*path) for path in found}
    return Found(problems, {text for _, text, _ in found.values()}, places_)


def without_values(problems: Iterable[Problem], found: Found) -> list[Problem]:
    """All problems, none of which repeats a credential: where one stands, nothing else is said."""
    kept = [problem for problem in problems if problem.where not in found.places]
    texts = sorted(found.texts, key=len, reverse=True)

    def masked(text: str) -> str:
        for one in texts:
            text = text.replace(one, "***")
        return issuers.masked(text)

    return [replace(one, message=masked(one.message), hint=masked(one.hint)) for one in (*kept, *found.problems)]


def _kinds(texts: Collection[str]) -> dict[str, str]:
    """The texts that hold a credential, and what it looks like."""
    read: dict[str, list[str]] = {}
    for text, said in encoded.decoded(texts):
        read.setdefault(said, []).append(text)
    result = {text: f"{kind}, encoded" for said, kind in _plain(read).items() for text in read[said]}
    return result | _plain(texts)


def _plain(texts: Collection[str]) -> dict[str, str]:
    return dict(labels.find(texts)) | dict(issuers.find(texts)) if texts else {}


def _settings(texts: Texts) -> Iterator[Path]:
    for path, value in texts.settings:
        if not isinstance(value, dict | list) and labels.is_secret_setting(str(path[-1]), value):
            yield path


def _in_context(texts: Texts) -> Iterator[tuple[Path, str, str]]:
    """What is a credential only by the words before it, or for a name."""
    for words in texts.commands:
        for index in labels.find_in_command([word for _, word in words]):
            path, word = words[index]
            yield path, "a password as an argument", word
    for path, name in texts.secret_names:
        if any(_RANDOM.match(part) for part in name.split("-")):
            yield path, "a token, and not the name of one", name


def _in_comments(document: Document, spans: Collection[tuple[Place, Place]]) -> Iterator[Problem]:
    """A comment may be a part of a text in which a credential was found: it is then said once."""
    places: dict[str, list[int]] = {}
    for start, comment in comments(document.text):
        places.setdefault(comment, []).append(start)
    for comment, kind in _kinds(places).items():
        for start in places[comment]:
            before = document.text[:start]
            place = Place(document.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
            if not any(first <= place < last for first, last in spans):
                yield _problem(place, "a comment", f"this looks like {kind}")


def _problem(place: Place, name: str, message: str) -> Problem:
    return Problem(place, RULE, f"{name}: {message}", _HINT)
