"""What the tests of the capacity and the storage proof share: fleets that break one rule, and what is found in them."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from generator.cli.proving import located
from generator.compiled import Compiled, environments
from generator.model import Fleet
from generator.problems import Problem
from generator.proofs.evidence import Evidence
from generator.proofs.findings import Finding
from generator.spec.load import load_with_places
from generator.spec.reader import Document
from tests.support import as_yaml

FAULTS = Path(__file__).with_name("proof_faults")
TODAY = date(2026, 1, 1)
_EXPECTED = re.compile(r"# E: ([a-z -]+)$")

Manifest = dict[str, Any]
Objects = dict[str, list[Manifest]]
Tamper = Callable[[Objects], None]


@dataclass(frozen=True, kw_only=True)
class Breach:
    """What breaks a rule: changed lines of the spec, named by their beginning, and changed objects, compiled of it."""

    rule: str
    lines: Mapping[str, str] = field(default_factory=dict)
    tamper: Tamper | None = None
    says: str
    fine: Mapping[str, str] = field(default_factory=dict)  # lines of a neighbour that just passes
    fine_tamper: Tamper | None = None


def changed(text: str, lines: Mapping[str, str]) -> str:
    """The text, with other lines for those that begin so."""
    result = text.splitlines()
    for start, new in lines.items():
        number = next(n for n, line in enumerate(result) if line.strip().startswith(start))
        indent = result[number][: len(result[number]) - len(result[number].lstrip())]
        result[number : number + 1] = [indent + line for line in new.splitlines()]
    return "\n".join(result) + "\n"


def expected_in(text: str) -> list[tuple[int, str]]:
    """The problems that the comments of a spec announce: line and rule."""
    found = ((number, _EXPECTED.search(line)) for number, line in enumerate(text.splitlines(), start=1))
    return sorted((number, rule) for number, match in found if match for rule in match[1].split())


def gathered(text: str, folder: Path, tamper: Tamper | None = None) -> tuple[Evidence, Document]:
    """The compiled spec, after `tamper` has had its way with the objects of the only environment."""
    file = folder / "agents.yaml"
    file.write_text(text, encoding="utf-8")
    fleet, document = load_with_places(file, "agents.yaml")
    compiled = tuple(environments(fleet))
    if tamper:
        (only,) = compiled
        objects = copy.deepcopy(dict(only.objects))
        tamper(objects)
        compiled = (replace(only, objects=objects),)
    return evidence_of(fleet, *compiled), document


def evidence_of(fleet: Fleet, *compiled: Compiled) -> Evidence:
    return Evidence(fleet=fleet, environments=compiled, applications=(), today=TODAY)


def problems(findings: tuple[Finding, ...], document: Document) -> list[Problem]:
    return located(document, findings)


def lines_and_rules(found: list[Problem]) -> list[tuple[int, str]]:
    return sorted((problem.where.line, problem.rule) for problem in found)


def with_settings(text: str, settings: list[dict[str, Any]]) -> str:
    """The spec with these values set, as a person would who follows a suggestion."""
    spec = yaml.safe_load(text)
    spec["tiers"] = {str(tier): layers for tier, layers in spec["tiers"].items()}
    return as_yaml(applied(spec, settings))


def applied(spec: Manifest, settings: list[dict[str, Any]]) -> Manifest:
    spec = copy.deepcopy(spec)
    for setting in settings:
        *outer, last = setting["path"]
        block = spec
        for key in outer:
            block = block.setdefault(key, {})
        block[last] = setting["value"]
    return spec


def the(objects: Objects, kind: str, owner: str = "") -> Manifest:
    """The first object of this kind."""
    return next(found for found in _all(objects, owner) if found["kind"] == kind)


def _all(objects: Objects, owner: str) -> Iterator[Manifest]:
    for of, manifests in objects.items():
        yield from manifests if owner in ("", of) else ()


def described(part: Any) -> None:
    """Every field says what it is, and every object what it may hold."""
    for name, value in part.get("properties", {}).items():
        assert value.get("description", "$ref" in value), name
        described(value)
    for inner in (part.get("items"), *part.get("$defs", {}).values()):
        if inner:
            described(inner)
    if part.get("type") == "object" and "properties" in part:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
