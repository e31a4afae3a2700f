"""What the tests of the access, secrets and order proofs share: a compiled fleet that a test may tamper with."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from generator.cli.proving import located
from generator.compiled import Compiled, applications, environments
from generator.model import Fleet
from generator.problems import Problem
from generator.proofs.evidence import Evidence, Proof, Report
from generator.spec.load import load_with_places
from generator.spec.reader import Document
from tests.support import fleet_at

FAULTS = Path(__file__).with_name("proof_faults")
TODAY = date(2026, 11, 23)

Manifest = dict[str, Any]


@dataclass
class World:
    """Everything that a proof is given, to be changed at will."""

    fleet: Fleet
    objects: dict[str, dict[str, list[Manifest]]]  # by environment and owner
    applications: list[Manifest]

    @classmethod
    def of(cls, fleet: Fleet) -> "World":
        compiled = {one.environment: copy.deepcopy(dict(one.objects)) for one in environments(fleet)}
        return cls(fleet, compiled, copy.deepcopy(applications(fleet)))

    def evidence(self, today: date = TODAY) -> Evidence:
        namespaces = {environment.name: environment.namespace.name for environment in self.fleet.environments}
        compiled = (
            Compiled(environment=name, namespace=namespaces[name], objects=objects)
            for name, objects in self.objects.items()
        )
        return Evidence(
            fleet=self.fleet, environments=tuple(compiled), applications=tuple(self.applications), today=today
        )

    def the(self, kind: str, name: str = "", environment: str = "dev") -> Manifest:
        """The first object of this kind, and of this name if there is one."""
        found = (one for manifests in self.objects[environment].values() for one in manifests if one["kind"] == kind)
        return next(one for one in found if name in ("", one["metadata"]["name"]))

    def pod(self, kind: str, name: str, environment: str = "dev") -> Manifest:
        spec = self.the(kind, name, environment)["spec"]
        template: Manifest = (spec["jobTemplate"]["spec"] if kind == "CronJob" else spec)["template"]
        return template["spec"]  # type: ignore[no-any-return]

    def add(self, owner: str, kind: str, name: str, environment: str = "dev", **rest: Any) -> Manifest:
        """Another object, like those of its owner."""
        namespace = f"{self.fleet.name}-{environment}"
        labels = dict(self.objects[environment][owner][-1]["metadata"]["labels"])
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        made = {"apiVersion": "v1", "kind": kind, "metadata": metadata, **rest}
        self.objects[environment][owner].append(made)
        return made

    def remove(self, kind: str, name: str, environment: str = "dev") -> None:
        for manifests in self.objects[environment].values():
            manifests[:] = [one for one in manifests if (one["kind"], one["metadata"]["name"]) != (kind, name)]

    def application(self, name: str, kind: str = "Application") -> Manifest:
        return next(one for one in self.applications if (one["kind"], one["metadata"]["name"]) == (kind, name))


Tamper = Callable[[World], None]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What breaks one rule: other lines of the spec, and what becomes of the compiled objects.

    The expected finding stands on the line that causes it, as `# E: rule-id`; where only objects change, `at` begins
    that line. The neighbour has neither.
    """

    rule: str
    lines: Mapping[str, str] = field(default_factory=dict)
    tamper: Tamper | None = None
    at: str = ""
    says: str
    fine: Mapping[str, str] = field(default_factory=dict)
    fine_tamper: Tamper | None = None


def marked(text: str, fault: Fault) -> str:
    """The spec with the mark where `at` says."""
    if not fault.at:
        return text
    lines = text.splitlines()
    number = next(n for n, line in enumerate(lines) if line.strip().startswith(fault.at))
    lines[number] += f"  # E: {fault.rule}"
    return "\n".join(lines) + "\n"


def proved(proof: Proof, text: str, folder: Path, tamper: Tamper | None) -> tuple[Report, list[Problem]]:
    world, document = read(text, folder)
    if tamper:
        tamper(world)
    report = proof.prove(world.evidence())
    return report, located(document, report.findings)


def read(text: str, folder: Path) -> tuple[World, Document]:
    file = folder / "agents.yaml"
    file.write_text(text, encoding="utf-8")
    fleet, document = load_with_places(file, "agents.yaml")
    return World.of(fleet), document


def world_of(name: str) -> World:
    return World.of(fleet_at(FAULTS / f"{name}.yaml"))


def with_agent(fleet: Fleet, name: str, **changes: Any) -> Fleet:
    """The fleet with other values of an agent, which no spec could give it."""
    return replace(
        fleet,
        environments=tuple(
            replace(one, agents=tuple(replace(a, **changes) if a.name == name else a for a in one.agents))
            for one in fleet.environments
        ),
    )


def schema_of(module: ModuleType) -> Manifest:
    """The schema of a proof's report, which stands beside it."""
    file = Path(str(module.__file__)).with_name("report.schema.json")
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def undescribed(schema: Any, path: str = "") -> Iterator[str]:
    """Every part of a schema that says nothing about itself, or lets anything in."""
    if isinstance(schema, dict):
        if "type" in schema and "description" not in schema:
            yield f"{path}: no description"
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            yield f"{path}: anything goes"
        if schema.get("type") == "object" and set(schema.get("properties", ())) != set(schema.get("required", ())):
            yield f"{path}: some fields may be missing"
        for key, item in schema.items():
            yield from undescribed(item, f"{path}/{key}")
