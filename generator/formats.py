"""Problems as lines for people and for machines. Never prints; a format is a function and a line in `FORMATS`.

Sources: docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (annotations) and SARIF 2.1.0,
docs.oasis-open.org/sarif/sarif/v2.1.0, of which GitHub's code scanning reads what is written here.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from generator import __version__
from generator.problems import Problem

Format = Callable[[Sequence[Problem]], Iterator[str]]


def text(problems: Sequence[Problem]) -> Iterator[str]:
    yield from map(str, problems)


def as_json(problems: Sequence[Problem]) -> Iterator[str]:
    """One object, as `problems.schema.json` describes it."""
    yield json.dumps({"problems": [as_data(problem) for problem in problems]}, indent=2)


def as_data(problem: Problem) -> dict[str, Any]:
    """A problem as JSON data; line and column are null where it is about a file as a whole."""
    where = problem.where
    return {
        "file": where.file,
        "line": where.line or None,
        "column": where.column or None,
        "rule": problem.rule,
        "message": problem.message,
        "hint": problem.hint,
    }


def github(problems: Sequence[Problem]) -> Iterator[str]:
    """A workflow command for each, which GitHub Actions shows at the line of a pull request."""
    for problem in problems:
        where = problem.where
        properties = {"file": where.file, "line": where.line, "col": where.column, "title": problem.rule}
        given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
        yield f"::error {given}::{_escaped(_sentence(problem))}"


def sarif(problems: Sequence[Problem]) -> Iterator[str]:
    """A SARIF log of one run, for code scanning."""
    rules = sorted({problem.rule for problem in problems})
    driver = {"name": "Kustodian", "semanticVersion": __version__, "rules": [{"id": rule} for rule in rules]}
    results = [_result(problem, rules.index(problem.rule)) for problem in problems]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    yield json.dumps(log, indent=2)


FORMATS: dict[str, Format] = {"text": text, "json": as_json, "github": github, "sarif": sarif}


def _result(problem: Problem, index: int) -> dict[str, Any]:
    where = problem.where
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(where.file)}}
    if where.line:
        location["region"] = {"startLine": where.line, "startColumn": where.column}
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": _sentence(problem)},
        "locations": [{"physicalLocation": location}],
    }


def _sentence(problem: Problem) -> str:
    return f"{problem.message}; {problem.hint}" if problem.hint else problem.message


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")
