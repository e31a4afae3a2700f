"""The capacity proof: hand-computed numbers, a fleet for every rule that breaks it alone, and the edits it suggests."""

import json
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from generator.compiled import environments
from generator.problems import Stop
from generator.proofs import capacity, edits
from generator.proofs.capacity import demand
from generator.proofs.capacity.report import CapacityReport
from generator.proofs.findings import Finding
from generator.proofs.pods import KINDS, workloads
from tests.proof_faults.capacity_breaches import BREACHES
from tests.proof_support import (
    FAULTS,
    Breach,
    Manifest,
    Objects,
    applied,
    changed,
    described,
    evidence_of,
    expected_in,
    gathered,
    lines_and_rules,
    problems,
    the,
    with_settings,
)
from tests.rules_in_source import rules_of
from tests.strategies import Spec, computes, memories, some, specs
from tests.support import MORE, REFERENCE, as_yaml, fleet_at, kustodian

SOUND = (FAULTS / "capacity.yaml").read_text(encoding="utf-8")
SCHEMA = json.loads(Path(capacity.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))


def by_says(breach: Breach) -> str:
    return f"{breach.rule} {breach.says[:60]}"


# What is tampered with differs from the spec as well, which is found by itself.
RESTATED = {"quota-differs", "workload-differs"}


def about(findings: Any, breach: Breach) -> list[Any]:
    """Without what only says that the objects were tampered with, unless the case is about that."""
    return [found for found in findings if breach.rule in RESTATED or found.rule not in RESTATED]


def report_of(text: str, folder: Path, tamper: Any = None) -> CapacityReport:
    return capacity.prove(gathered(text, folder, tamper)[0])


# ------------------------------------------------------------------------------------------------------------ the rules


def test_the_sound_fleet_fits_exactly(tmp_path: Path) -> None:
    report = report_of(SOUND, tmp_path)
    assert report.findings == ()
    (dev,) = report.environments
    bounds = [row for row in dev.rows if row.bound.key not in ("requests.nvidia.com/gpu", "services.loadbalancers")]
    assert len(bounds) == 9
    assert [row.bound.key for row in bounds if row.headroom != 0] == []


@pytest.mark.parametrize("breach", BREACHES, ids=by_says)
def test_one_fault_is_one_finding_at_the_line_that_causes_it(breach: Breach, tmp_path: Path) -> None:
    text = changed(SOUND, breach.lines)
    evidence, document = gathered(text, tmp_path, breach.tamper)
    found = about(problems(capacity.prove(evidence).findings, document), breach)
    assert expected_in(text), "the case names no expected finding"
    assert lines_and_rules(found) == expected_in(text), "\n".join(map(str, found))
    assert {breach.rule} == {problem.rule for problem in found}
    assert str(found[0]).partition("]: ")[2] == breach.says


@pytest.mark.parametrize("breach", BREACHES, ids=by_says)
def test_the_neighbour_of_a_fault_passes(breach: Breach, tmp_path: Path) -> None:
    report = report_of(changed(SOUND, breach.fine), tmp_path, breach.fine_tamper)
    assert [finding.message for finding in about(report.findings, breach)] == []


@pytest.mark.parametrize("breach", BREACHES, ids=by_says)
def test_each_suggested_edit_makes_it_fit(breach: Breach, tmp_path: Path) -> None:
    text = changed(SOUND, breach.lines)
    (finding,) = about(report_of(text, tmp_path, breach.tamper).findings, breach)
    for edit in finding.edits:
        edited = with_settings(text, edit.as_json())
        left = about(report_of(edited, tmp_path, breach.tamper).findings, breach)
        assert [f.message for f in left] == [], edit
        assert str(edit) in finding.hint
    assert [edit.moves for edit in finding.edits] == sorted(edit.moves for edit in finding.edits)


@pytest.mark.parametrize(
    ("quota", "edits"),
    [
        # At worst 7.9 cores: 6.3 for api and small, 1 for scan, 0.6 for hooks. A surge pod of small takes 0.1.
        ("7800m", ["agents.small {}", "environments.dev.quota.limits.cpu to 7900m", "agents.small max to 1"]),
        ("7799m", ["environments.dev.quota.limits.cpu to 7900m", "agents.api {}", "agents.api max to 1"]),
        ("5900m", ["agents.api {}", "environments.dev.quota.limits.cpu to 7900m", "agents.api max to 1"]),
        ("5899m", ["environments.dev.quota.limits.cpu to 7900m"]),
        ("5", ["environments.dev.quota.limits.cpu to 8"]),
    ],
)
def test_the_smallest_edit_of_each_sort_that_suffices(quota: str, edits: list[str], tmp_path: Path) -> None:
    spec = yaml.safe_load(SOUND)
    spec["tiers"] = {"3": {}}
    room = {"cpu": 99, "memory": "99Gi"}
    spec["environments"] = {"dev": {"quota": {"requests": room, "limits": room | {"cpu": quota}, "volumes": 9}}}
    small = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "100m", "memory": "128Mi"}}
    spec["agents"]["small"] = spec["agents"]["api"] | {"resources": small}
    (finding,) = report_of(json.dumps(spec), tmp_path).findings
    told = [
        str(edit)
        .replace(".environments.dev.rollout to {maxSurge: 0, maxUnavailable: 1}", " {}")
        .replace(".environments.dev.service.replicas.max", " max")
        for edit in finding.edits
    ]
    assert told == edits


@settings(max_examples=60 * MORE, suppress_health_check=list(HealthCheck))
@given(
    spec=specs(),
    nodes=st.integers(1, 9),
    limits=some(default=computes, defaultRequest=computes, max=computes, maxVolume=memories),
)
def test_of_any_spec_each_suggested_edit_ends_its_finding(spec: Spec, nodes: int, limits: Spec, tmp_path: Path) -> None:
    tight = {"cluster": {"nodes": nodes, "cpu": "900m", "memory": "1Gi", "storage": "5Gi"}, "containerLimits": limits}
    spec["environments"] = {name: layers | tight for name, layers in spec["environments"].items()}

    def findings(spec: Spec) -> list[Finding]:
        file = tmp_path / "agents.yaml"
        file.write_text(as_yaml(spec), encoding="utf-8", newline="")
        fleet = fleet_at(file)
        return list(capacity.prove(evidence_of(fleet, *environments(fleet))).findings)

    try:
        found = findings(spec)
    except Stop:
        return
    for finding in found:
        event(finding.rule)
        assert finding.edits
        for edit in finding.edits:
            left = findings(applied(spec, edit.as_json()))
            it = (finding.rule, finding.paths[0])
            assert it not in {(each.rule, each.paths[0]) for each in left}, edit


@pytest.mark.parametrize(
    ("amount", "most", "least"), [(699050, "682Ki", "683Ki"), (1024, "1Ki", "1Ki"), (2**20 + 1, "1Mi", "2Mi")]
)
def test_an_edit_has_a_unit_as_the_spec_demands(amount: int, most: str, least: str) -> None:
    assert edits.at_most("memory", Fraction(amount))[0] == most
    assert edits.at_least("memory", Fraction(amount), Fraction(0))[0] == least


def test_every_rule_of_the_source_has_a_case() -> None:
    assert {breach.rule for breach in BREACHES} == rules_of(Path(capacity.__file__).parent)


# ---------------------------------------------------------------------------------------------------------- the numbers


def rows(report: CapacityReport, environment: str) -> dict[str, list[float]]:
    """Steady, worst and hard, by key."""
    (found,) = (each for each in report.environments if each.name == environment)
    return {
        row.bound.key: [float(amount) for amount in (row.usage.steady, row.usage.worst, row.bound.hard)]
        for row in found.rows
    }


@pytest.fixture(scope="module")
def reference() -> CapacityReport:
    fleet = fleet_at(REFERENCE)
    return capacity.prove(evidence_of(fleet, *environments(fleet)))


def test_the_reference_fleet_fits(reference: CapacityReport) -> None:
    assert [finding.message for finding in reference.findings] == []
    assert [environment.name for environment in reference.environments] == ["dev", "staging", "prod"]


GI = 2**30


@pytest.mark.parametrize(
    ("environment", "cpu", "memory"),
    [
        # Limits of services at their most, then with rollouts, jobs and the hooks of four agents, and the quota:
        # half of 2 + 4 + 8 + 2, and half of 2 + 8 for the jobs; nothing surges.
        ("dev", (8, 8 + 5 + 0.8, 16), (16, 16 + 10 + 1, 32)),
        ("staging", (16, 16 + 10 + 0.8, 32), (32, 32 + 20 + 1, 64)),
        # 3x2 + 3x4 + 2x8 + 2x2; one more of each but ai-agent; the jobs.
        ("prod", (38, 38 + 2 + 4 + 2 + 10 + 0.8, 64), (76, 76 + 4 + 8 + 4 + 20 + 1, 128)),
    ],
)
def test_the_numbers_of_the_reference_fleet(
    environment: str, cpu: tuple[float, ...], memory: tuple[float, ...], reference: CapacityReport
) -> None:
    found = rows(reference, environment)
    assert found["limits.cpu"] == list(cpu)
    assert found["limits.memory"] == [GI * amount for amount in memory]
    assert found["requests.nvidia.com/gpu"] == ([0, 1, 1] if environment == "prod" else [0, 0, 0])
    assert found["persistentvolumeclaims"][:2] == [4, 4]
    assert found["storage"][:2] == [70 * GI, 70 * GI]


def test_a_hook_is_counted_for_each_agent(tmp_path: Path) -> None:
    assert {key: str(amount) for key, amount in demand.HOOK.items()} == {
        "requests.cpu": "1/10",
        "requests.memory": str(128 * 2**20),
        "limits.cpu": "1/5",
        "limits.memory": str(256 * 2**20),
        "pods": "1",
    }

    def with_hook(objects: Objects) -> None:
        job = the(objects, "CronJob")["spec"]["jobTemplate"]
        hook = {"name": "api-check", "annotations": {"argocd.argoproj.io/hook": "PostSync"}}
        objects["api"].append({"kind": "Job", "metadata": hook, "spec": job["spec"]})

    # Its own hook (1 CPU at most, like scan's) stands in for what is kept free for one.
    (dev,) = report_of(SOUND, tmp_path, with_hook).environments
    (cpu,) = (row.usage for row in dev.rows if row.bound.key == "limits.cpu")
    assert (float(cpu.hooks), float(cpu.jobs)) == (1.2, 1)


# -------------------------------------------------------------------------------------------------- reading of the pods


def read(spec: Manifest, tmp_path: Path, *, scaler: Manifest | None = None, kind: str = "Deployment") -> Any:
    def tamper(objects: Objects) -> None:
        the(objects, kind)["spec"] |= spec
        objects["api"] = [each for each in objects["api"] if each["kind"] != "HorizontalPodAutoscaler"]
        if scaler:
            target = {"scaleTargetRef": {"kind": "Deployment", "name": "api"}}
            objects["api"].append(
                {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "api"}, "spec": target | scaler}
            )

    (compiled,) = gathered(SOUND, tmp_path, tamper)[0].environments
    return next(each for each in workloads(compiled) if each.kind == kind)


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (3, 1, 0, (1, 0)),
        (3, 0, 1, (0, 1)),
        (3, "25%", "25%", (1, 0)),  # up, and down
        (4, "25%", "25%", (1, 1)),
        (5, "25%", "50%", (2, 2)),
        (10, "100%", "0%", (10, 0)),
        (2, "0%", "25%", (0, 1)),  # where both come to nothing, one is unavailable
        (3, 2, "34%", (2, 1)),
    ],
)
def test_a_rollout_surges_as_kubernetes_rounds(
    replicas: int, surge: Any, unavailable: Any, expected: tuple[int, int], tmp_path: Path
) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    found = read({"replicas": replicas, "strategy": rolling}, tmp_path)
    assert (found.surge, found.unavailable) == expected
    assert found.at_once == replicas + expected[0]


def test_what_is_not_said_is_kubernetes_default(tmp_path: Path) -> None:
    found = read({"strategy": {}, "replicas": 5}, tmp_path)
    assert (found.replicas, found.surge, found.unavailable) == (5, 2, 1)
    assert read({"strategy": {"type": "Recreate"}, "replicas": 5}, tmp_path).surge == 0
    assert read({"strategy": {"type": "RollingUpdate"}}, tmp_path).replicas == 1


def test_a_scaler_sets_the_most(tmp_path: Path) -> None:
    assert read({"replicas": 2}, tmp_path, scaler={"maxReplicas": 7}).replicas == 7
    assert read({"replicas": 9}, tmp_path, scaler={"maxReplicas": 7}).replicas == 9  # until the scaler has seen it
    assert read({}, tmp_path, scaler={"minReplicas": 3, "maxReplicas": 7}).fewest == 3


@pytest.mark.parametrize(
    ("job", "cron", "pods"),
    [
        ({}, {}, 1),
        ({"parallelism": 3}, {}, 3),
        ({"parallelism": 3, "completions": 2}, {}, 2),
        ({"parallelism": 2, "completions": 5}, {}, 2),
        ({}, {"suspend": True}, 0),
        ({}, {"concurrencyPolicy": "Replace"}, 1),
    ],
)
def test_a_job_runs_its_pods_once(job: Manifest, cron: Manifest, pods: int, tmp_path: Path) -> None:
    def tamper(objects: Objects) -> None:
        spec = the(objects, "CronJob")["spec"]
        spec |= cron
        spec["jobTemplate"]["spec"] |= job

    (compiled,) = gathered(SOUND, tmp_path, tamper)[0].environments
    assert next(each for each in workloads(compiled) if each.kind == "CronJob").runs == pods


def test_what_a_pod_takes(tmp_path: Path) -> None:
    """Containers and sidecars together, or the largest start if that is more; then the runtime's overhead."""

    def asks(name: str, cpu: str, memory: str, **more: str) -> Manifest:
        return {"name": name, "resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}

    def tamper(objects: Objects) -> None:
        the(objects, "Deployment")["spec"]["template"]["spec"] |= {
            "containers": [asks("one", "1", "1Gi"), asks("two", "500m", "1Gi")],
            "initContainers": [
                asks("early", "100m", "6Gi"),
                asks("sidecar", "250m", "1Gi", restartPolicy="Always"),
                asks("late", "2", "1Gi"),
            ],
            "overhead": {"cpu": "10m"},
        }
        the(objects, "LimitRange")["spec"]["limits"] = []

    (compiled,) = gathered(SOUND, tmp_path, tamper)[0].environments
    takes = workloads(compiled)[0].takes
    assert {key: float(amount) for key, amount in takes.items()} == {
        "pods": 1,
        "requests.cpu": 2.25 + 0.01,  # late beside sidecar
        "requests.memory": 6 * GI,  # early, before there is a sidecar
    }


def test_what_is_not_set_is_the_limit_or_the_limit_range_default(tmp_path: Path) -> None:
    def tamper(objects: Objects) -> None:
        container = the(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
        container["resources"] = {"limits": {"cpu": "2", "nvidia.com/gpu": "1"}}

    (compiled,) = gathered(SOUND, tmp_path, tamper)[0].environments
    takes = workloads(compiled)[0].takes
    assert {key: float(amount) for key, amount in takes.items()} == {
        "pods": 1,
        "requests.cpu": 2,
        "limits.cpu": 2,
        "requests.memory": 128 * 2**20,
        "limits.memory": 512 * 2**20,
        "requests.nvidia.com/gpu": 1,
        "limits.nvidia.com/gpu": 1,
    }


def test_no_kind_that_makes_pods_is_overlooked() -> None:
    def makes_pods(value: Any) -> bool:
        if isinstance(value, dict):
            return "containers" in value or any(map(makes_pods, value.values()))
        return isinstance(value, list) and any(map(makes_pods, value))

    kinds = {
        manifest["kind"]
        for compiled in environments(fleet_at(REFERENCE))
        for manifests in compiled.objects.values()
        for manifest in manifests
        if makes_pods(manifest)
    }
    assert kinds
    assert kinds <= set(KINDS)


# ---------------------------------------------------------------------------------------------------------- many agents


def many(agents: int, cpu: str = "10000") -> str:
    spec = yaml.safe_load(SOUND)
    spec["tiers"] = {"3": {}}
    spec["environments"]["dev"] = {
        "quota": {"requests": {"cpu": cpu, "memory": "1Ti"}, "limits": {"cpu": cpu, "memory": "1Ti"}, "volumes": agents}
    }
    spec["agents"] = {f"a{number}": spec["agents"]["api"] for number in range(agents)}
    return json.dumps(spec)


@pytest.mark.parametrize("cpu", ["10000", "1"], ids=["fits", "does not fit"])
def test_the_proof_is_linear_in_agents(cpu: str, tmp_path: Path) -> None:
    """Counted in calls, which no other process disturbs."""

    def calls(agents: int) -> int:
        evidence, _ = gathered(many(agents, cpu), tmp_path)
        capacity.prove(evidence)  # quantities are read once
        count = 0

        def profile(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(profile)
        try:
            report = capacity.prove(evidence)
        finally:
            sys.setprofile(None)
        assert bool(report.findings) == (cpu == "1")
        return count

    assert calls(80) < 4.2 * calls(20)


# ----------------------------------------------------------------------------------------------------- the command line


def test_the_command_prints_a_table_of_every_environment() -> None:
    run = kustodian("capacity")
    assert (run.returncode, run.stderr) == (0, "")
    assert re.search(r"^prod \(ai-agents-prod\)\n  Key +Steady .* Worst +Hard +Headroom\n", run.stdout, re.MULTILINE)
    assert re.search(r"^  limits.cpu +38 +8 +10 +0.8 +56.8 +64 +7.2$", run.stdout, re.MULTILINE)
    assert re.search(r"^  cluster storage +70Gi +0 +0 +0 +70Gi +500Gi +430Gi$", run.stdout, re.MULTILINE)


def test_the_command_prints_markdown() -> None:
    run = kustodian("capacity", "--format", "markdown")
    assert "| limits.memory | 76Gi | 16Gi | 20Gi | 1Gi | 113Gi | 128Gi | 15Gi |" in run.stdout.splitlines()


def test_a_failed_proof_is_told_at_its_line(tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text(changed(SOUND, BREACHES[0].lines))
    run = kustodian("capacity", "--spec", spec)
    assert run.returncode == 1
    assert run.stderr == f"{spec}:14:16: error[quota-exceeded]: {BREACHES[0].says}\n1 problem\n"


@pytest.mark.parametrize("breach", [None, *BREACHES], ids=lambda breach: breach and by_says(breach))
def test_json_is_what_its_schema_says(breach: Breach | None, tmp_path: Path, reference: CapacityReport) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    described(SCHEMA)
    report = report_of(changed(SOUND, breach.lines), tmp_path, breach.tamper) if breach else reference
    jsonschema.validate(json.loads(json.dumps(report.as_json())) | {"findings": []}, SCHEMA)


def test_json_of_the_command() -> None:
    data = json.loads(kustodian("capacity", "--format", "json").stdout)
    (cpu,) = (key for key in data["environments"][2]["keys"] if key["key"] == "limits.cpu")
    assert cpu == {
        "key": "limits.cpu",
        "boundBy": "ResourceQuota/quota",
        "unit": "cores",
        "steady": 38,
        "rollouts": 8,
        "jobs": 10,
        "hooks": 0.8,
        "worst": 56.8,
        "hard": 64,
        "headroom": 7.2,
    }
