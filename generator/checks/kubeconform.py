"""Holds documents against schemas with the real kubeconform, and reads its JSON."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.checks.tools import Tool, run

_THREADS = "4"  # more gain nothing: reading YAML is what takes the time


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What kubeconform has against one document. `no_schema`: it could not judge it at all."""

    file: str  # as it was given to kubeconform
    kind: str  # empty where the file could not be read
    name: str
    version: str
    no_schema: bool
    faults: tuple["Fault", ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where in the object; nowhere in particular where `path` is empty."""

    path: tuple[str, ...]  # of a JSON pointer
    message: str

    def __str__(self) -> str:
        dotted = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", ".".join(self.path))
        return f"{dotted}: {self.message}" if dotted else self.message


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`judged` counts every document that it answered for, good or not; `failure` says why there is no answer."""

    valid: int
    judged: int
    findings: tuple[Finding, ...]
    failure: str = ""


def judge(kubeconform: Tool, paths: Sequence[str], locations: Sequence[str], *, cwd: Path) -> Judgement:
    """Judges files, and every .yaml, .yml and .json file of folders, against the schemas of the locations, in order."""
    asked = [option for location in locations for option in ("-schema-location", location)]
    command = [*kubeconform.command, "-strict", "-output", "json", "-summary", "-n", _THREADS, *asked, *paths]
    answer = run(command, cwd=cwd)
    try:
        said = json.loads(answer.out)
        count: dict[str, int] = said["summary"]
        findings = tuple(_finding(resource) for resource in said["resources"])
    except (ValueError, KeyError, TypeError):
        failure = answer.err.strip() or f"its answer could not be read: {answer.out[:200]!r}"
        return Judgement(valid=0, judged=0, findings=(), failure=failure)
    failure = "" if answer.code == 0 or findings else answer.err.strip() or f"it ended with code {answer.code}"
    return Judgement(valid=count["valid"], judged=sum(count.values()), findings=findings, failure=failure)


def _finding(resource: dict[str, Any]) -> Finding:
    message = " ".join(resource.get("msg", "").split())
    return Finding(
        file=resource["filename"],
        kind=resource["kind"],
        version=resource["version"],
        name="" if "already set in map" in message else resource["name"],  # it then says the name is "false"
        no_schema=resource["status"] == "statusSkipped" or message.startswith(_NO_SCHEMA),
        faults=_faults(message),
    )


_NO_SCHEMA = ("could not find schema", "failed downloading schema", "error while downloading schema", "failed parsing")


def _faults(message: str) -> tuple[Fault, ...]:
    """Each field that is wrong. `validationErrors` beside the message names only the outermost, such as `spec`."""
    _, *parts = re.split(r" - at '([^']*)': ", message)
    fields = zip(parts[::2], parts[1::2], strict=True)
    return tuple(
        Fault(tuple(part for part in path.split("/") if part), wrong)
        for path, wrong in fields
        if wrong != "validation failed"
    ) or (Fault((), message),)
