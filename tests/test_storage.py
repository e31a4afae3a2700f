"""The storage proof: for every rule a fleet that breaks it alone, a neighbour that passes; what the command prints."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from generator.compiled import environments
from generator.problems import Stop
from generator.proofs import capacity, storage
from generator.proofs.storage.report import StorageReport
from tests.proof_faults.storage_breaches import BREACHES
from tests.proof_support import (
    FAULTS,
    Breach,
    Tamper,
    changed,
    described,
    evidence_of,
    expected_in,
    gathered,
    lines_and_rules,
    problems,
)
from tests.rules_in_source import rules_of
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, as_yaml, fleet_at, kustodian

SOUND = (FAULTS / "storage.yaml").read_text(encoding="utf-8")
SCHEMA = json.loads(Path(storage.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))


def by_says(breach: Breach) -> str:
    return f"{breach.rule} {breach.says[:60]}"


# What is tampered with differs from the spec as well, which is found by itself.
RESTATED = {"volume-differs"}


def about(findings: Any, breach: Breach) -> list[Any]:
    """Without what only says that the objects were tampered with, unless the case is about that."""
    return [found for found in findings if breach.rule in RESTATED or found.rule not in RESTATED]


def report_of(text: str, folder: Path, tamper: Tamper | None = None) -> StorageReport:
    return storage.prove(gathered(text, folder, tamper)[0])


# ------------------------------------------------------------------------------------------------------------ the rules


def test_the_sound_fleet_and_the_reference_fleet_pass(tmp_path: Path) -> None:
    assert report_of(SOUND, tmp_path).findings == ()
    fleet = fleet_at(REFERENCE)
    report = storage.prove(evidence_of(fleet, *environments(fleet)))
    assert report.findings == ()
    assert [len(environment.volumes) for environment in report.environments] == [4, 4, 4]


@pytest.mark.parametrize("breach", BREACHES, ids=by_says)
def test_one_fault_is_one_finding_at_the_line_that_causes_it(breach: Breach, tmp_path: Path) -> None:
    text = changed(SOUND, breach.lines)
    evidence, document = gathered(text, tmp_path, breach.tamper)
    found = about(problems(storage.prove(evidence).findings, document), breach)
    assert expected_in(text), "the case names no expected finding"
    assert lines_and_rules(found) == expected_in(text), "\n".join(map(str, found))
    assert {breach.rule} == {problem.rule for problem in found}
    assert str(found[0]).partition("]: ")[2] == breach.says


@pytest.mark.parametrize("breach", BREACHES, ids=by_says)
def test_the_neighbour_of_a_fault_passes(breach: Breach, tmp_path: Path) -> None:
    report = report_of(changed(SOUND, breach.fine), tmp_path, breach.fine_tamper)
    assert [finding.message for finding in about(report.findings, breach)] == []


def test_every_rule_of_the_source_has_a_case() -> None:
    assert {breach.rule for breach in BREACHES} == rules_of(Path(storage.__file__).parent)


def test_a_rollout_that_would_fit_if_one_job_ended_is_no_deadlock(tmp_path: Path) -> None:
    """The job of batch would take the last CPU, but it ends; its pod is no part of the steady state."""
    text = changed(SOUND, {"limits: {cpu: 4": "limits: {cpu: 4, memory: 16Gi}"})
    (dev,) = gathered(text, tmp_path)[0].environments
    quota = next(manifest for _, manifest in dev.of_kind("ResourceQuota"))
    assert quota["spec"]["hard"]["limits.cpu"] == "4"
    assert report_of(text, tmp_path).findings == ()


def test_what_does_not_even_fit_while_nothing_rolls_out_is_for_the_capacity_proof(tmp_path: Path) -> None:
    text = changed(SOUND, {"limits: {cpu: 4": "limits: {cpu: 3, memory: 16Gi}"})
    assert [finding.rule for finding in report_of(text, tmp_path).findings] == ["rollout-deadlock"]
    text = changed(SOUND, {"limits: {cpu: 4": "limits: {cpu: 2999m, memory: 16Gi}"})
    assert report_of(text, tmp_path).findings == ()
    assert capacity.prove(gathered(text, tmp_path)[0]).findings


@settings(max_examples=60 * MORE, suppress_health_check=list(HealthCheck))
@given(spec=specs())
def test_of_any_spec_that_compiles_no_volume_is_contended_missing_or_unused(spec: Spec, tmp_path: Path) -> None:
    """The spec's rules and the builders prevent it, in any fleet."""
    file = tmp_path / "agents.yaml"
    file.write_text(as_yaml(spec), encoding="utf-8", newline="")
    try:
        fleet = fleet_at(file)
    except Stop:
        return
    findings = storage.prove(evidence_of(fleet, *environments(fleet))).findings
    assert [finding for finding in findings if finding.rule != "rollout-deadlock"] == []
    assert all("keeps until" not in finding.message for finding in findings)


def test_the_proof_is_linear_in_agents(tmp_path: Path) -> None:
    """Counted in calls, which no other process disturbs."""

    def calls(agents: int) -> int:
        spec = yaml.safe_load(SOUND)
        spec["tiers"] = {"3": {}}
        spec["agents"] = {f"a{number}": spec["agents"]["pool"] for number in range(agents)}
        evidence, _ = gathered(json.dumps(spec), tmp_path)
        storage.prove(evidence)  # quantities are read once
        count = 0

        def profile(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(profile)
        try:
            storage.prove(evidence)
        finally:
            sys.setprofile(None)
        return count

    assert calls(80) < 4.2 * calls(20)


# ----------------------------------------------------------------------------------------------------- the command line


def test_the_command_prints_every_volume() -> None:
    run = kustodian("storage")
    assert (run.returncode, run.stderr) == (0, "")
    _, _, prod = run.stdout.partition("prod (ai-agents-prod)\n")
    assert [line.split() for line in prod.splitlines()[:2]] == [
        ["Agent", "Volume", "Access", "Mounted", "by", "Pods", "Size"],
        "security-agent reports ReadWriteMany security-agent, security-agent-vulnerability-scan 5 10Gi".split(),
    ]


def test_the_command_prints_markdown() -> None:
    run = kustodian("storage", "--format", "markdown")
    assert "| it-ops-agent | logs | ReadWriteMany | it-ops-agent | 4 | 5Gi |" in run.stdout.splitlines()


def test_a_failed_proof_is_told_at_its_line(tmp_path: Path) -> None:
    (breach,) = (each for each in BREACHES if not each.tamper and each.rule == "rollout-deadlock")
    spec = tmp_path / "agents.yaml"
    spec.write_text(changed(SOUND, breach.lines))
    run = kustodian("storage", "--spec", spec)
    assert run.returncode == 1
    assert run.stderr == f"{spec}:25:7: error[rollout-deadlock]: {breach.says}\n1 problem\n"


@pytest.mark.parametrize("breach", [None, *BREACHES], ids=lambda breach: breach and by_says(breach))
def test_json_is_what_its_schema_says(breach: Breach | None, tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    described(SCHEMA)
    report = report_of(changed(SOUND, breach.lines if breach else {}), tmp_path, breach.tamper if breach else None)
    jsonschema.validate(json.loads(json.dumps(report.as_json())) | {"findings": []}, SCHEMA)


def test_json_of_the_command() -> None:
    data = json.loads(kustodian("storage", "--format", "json").stdout)
    assert data["findings"] == []
    assert data["environments"][2]["volumes"][2] == {
        "agent": "ai-agent",
        "claim": "ai-agent-models",
        "accessModes": ["ReadWriteMany"],
        "bytes": 50 * 2**30,
        "podsAtOnce": 3,
        "users": [
            {"kind": "Deployment", "name": "ai-agent", "pods": 2},
            {"kind": "CronJob", "name": "ai-agent-training", "pods": 1},
        ],
    }
