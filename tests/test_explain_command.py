"""`kustodian explain` as a person meets it: what it prints of lines, of the spec and of agents, and what it refuses."""

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from generator.explain import explanation
from generator.spec import build, origins, reader
from generator.spec.layers import agent_layers, fold, shared_layers
from generator.spec.load import load_with_places
from tests.proof_support import described
from tests.strategies import Spec, specs
from tests.support import REFERENCE, ROOT, as_yaml, compile_spec, kustodian

SCHEMA = json.loads((ROOT / "generator/explain/explanation.schema.json").read_text(encoding="utf-8"))
GOLDEN = ROOT / "tests" / "golden"

ODD = """\
apiVersion: kustodian.dev/v1
kind: AgentFleet
metadata: {name: odd, frameworkVersion: "1"}
gitops: {repoURL: https://git.example.com/odd.git}
kubernetes: {version: "1.33", platform: onprem}
secretStore:
  provider: fake
tiers: {"1": {}}
defaults:
  resources:
    limits:
      memory:
        3Gi
  config:
    MOTTO: |
      keep
      going
  talksTo:
  - helper
environments: {dev: {domain: d.example.com}}
agents:
  one: {description: "In a line", tier: 1, team: t, costCenter: c, image: "x/one:1", service: {}}
  helper:
    description: >-
      Helps
      others
    tier: 1
    team: t
    costCenter: c
    image: x/helper:1
    service: {}
    talksTo: []
"""


def lines(*arguments: str | Path, cwd: Path = ROOT) -> list[str]:
    run = kustodian("explain", *arguments, cwd=cwd)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.splitlines()


def said(*arguments: str | Path, cwd: Path = ROOT) -> Any:
    """What is printed as JSON, which the schema describes."""
    found = json.loads("\n".join(lines(*arguments, "--format", "json", cwd=cwd)))
    jsonschema.validate(found, SCHEMA)
    return found


# ---------------------------------------------------------------------------- as a person


def test_a_line_of_a_patch() -> None:
    assert lines("overlays/prod/it-ops-agent/patch-horizontalpodautoscaler.yaml:7") == [
        "overlays/prod/it-ops-agent/patch-horizontalpodautoscaler.yaml:7: minReplicas: 2",
        "  spec/agents.yaml:110:40  agents.it-ops-agent.environments.prod  service.replicas.min: 2  writes it",
        "  spec/agents.yaml:98:46   agents.it-ops-agent                    service.replicas.max: 3  is why it is there",
        "  spec/agents.yaml:98:38   agents.it-ops-agent                    service.replicas.min: 1  is why it is there",
        "  spec/agents.yaml:62:3    environments.prod                      environments.prod        is why it is there",
        "  built by generator/resources/agent/horizontalpodautoscaler.py",
        "  differs from base/it-ops-agent/horizontalpodautoscaler.yaml (generator/overlays.py)",
    ]


def test_a_line_of_the_spec_that_no_file_has() -> None:
    assert lines("spec/agents.yaml:108") == [
        "spec/agents.yaml:108:14: agents.it-ops-agent.budget.infra: 100",
        "  no generated line: a higher layer overrides it, or only proofs read it",
        "spec/agents.yaml:108:26: agents.it-ops-agent.budget.ai: 200",
        "  no generated line: a higher layer overrides it, or only proofs read it",
    ]


def test_from_another_folder(tmp_path: Path) -> None:
    """By a path from the root, or from here; the spec by any path to it."""
    asked = "base/ai-agent/service.yaml:13"
    expected = lines(asked)
    assert expected[0] == f"{asked}: port: 8080"
    assert [line.replace(f"{ROOT}/", "") for line in lines(asked, "--root", ROOT, cwd=tmp_path)] == expected
    assert [line.replace(f"{ROOT}/", "") for line in lines(f"{ROOT}/{asked}", "--root", ROOT, cwd=tmp_path)] == expected
    of_spec = lines("spec/agents.yaml:64", "--root", ROOT, cwd=tmp_path)
    assert of_spec == lines(f"{REFERENCE}:64", "--root", ROOT, cwd=tmp_path)


def test_a_column_may_follow_the_line() -> None:
    assert lines("base/ai-agent/service.yaml:13:7") == lines("base/ai-agent/service.yaml:13")


@pytest.mark.parametrize(
    ("line", "file", "text"),
    [
        (13, "base/one/deployment.yaml", "memory: 3Gi"),  # a value on the line below its key
        (16, "base/one/kustomization.yaml", "MOTTO=keep"),  # in the middle of a text
        (17, "base/helper/kustomization.yaml", "going"),
        (19, "base/one/networkpolicy.yaml", "egress:"),  # an item no deeper than its key
        (22, "base/one/kustomization.yaml", 'tier: "1"'),  # an agent in a line
        (22, "base/one/deployment.yaml", "image: x/one:1"),
        (25, "base/helper/deployment.yaml", "kubernetes.io/description: Helps others"),
    ],
)
def test_odd_ways_to_write_a_spec(tmp_path: Path, line: int, file: str, text: str) -> None:
    compile_spec(tmp_path, ODD)
    shown = [each for value in said(f"spec/agents.yaml:{line}", cwd=tmp_path)["values"] for each in value["lines"]]
    number = next(each["line"] for each in shown if (each["file"], each["text"].strip()) == (file, text))
    back = said(f"{file}:{number}", cwd=tmp_path)["causes"]
    places = {cause["place"]["line"] for cause in back if cause["place"]}
    assert places & {line, line - 1, line - 2}  # a text is placed where it begins


# ---------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (
            ["README.md:3"],
            "README.md:3:0: error[not-generated]: is not a generated file; "
            "name a file below base, overlays or argocd, a line of the spec, or an agent",
            2,
        ),
        (
            ["base/ai-agent/ingress.yaml:3"],
            "base/ai-agent/ingress.yaml: error[not-generated]: the spec compiles to no such file; "
            "run `kustodian generate` if it is left over, or name a file that `kustodian check` would miss",
            2,
        ),
        (
            ["base/ai-agent/service.yaml:99"],
            "base/ai-agent/service.yaml:99:0: error[no-such-line]: the file has 15 lines; name one from 1 to 15",
            2,
        ),
        (
            ["spec/agents.yaml:4"],
            "spec/agents.yaml:4:0: error[nothing-there]: the spec says nothing on this line; "
            "name a line with a key or a value",
            2,
        ),
        (
            ["base/ai-agent/service.yaml"],
            "base/ai-agent/service.yaml: error[no-such-line]: names no line; "
            "name one, such as base/ai-agent/service.yaml:1",
            2,
        ),
        (
            ["ai-agnt"],
            "spec/agents.yaml:72:1: error[unknown-agent]: 'ai-agnt' is not known; did you mean 'ai-agent'?",
            2,
        ),
        (
            ["ai-agent"],
            "spec/agents.yaml:112:3: error[environment-needed]: what ai-agent is depends on the environment; "
            "name one with --env: dev, staging, prod",
            2,
        ),
        (
            ["ai-agent", "--env", "prd"],
            "spec/agents.yaml:112:3: error[unknown-environment]: ai-agent does not run in 'prd'; did you mean 'prod'?",
            2,
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_explained(arguments: list[str], says: str, code: int) -> None:
    run = kustodian("explain", *arguments)
    assert (run.returncode, run.stdout) == (code, "")
    assert run.stderr.splitlines() == [says, "1 problem; nothing was explained"]


def test_a_stale_or_missing_file_is_not_explained(tmp_path: Path) -> None:
    for folder in ("spec", "base"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    file = tmp_path / "base/ai-agent/service.yaml"
    file.write_text(file.read_text().replace("8080", "8081"))
    for path in ("base/ai-agent/service.yaml", "overlays/dev/ai-agent/kustomization.yaml"):
        run = kustodian("explain", f"{path}:3", cwd=tmp_path)
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr.splitlines() == [
            f"{path}: error[stale]: is not what the spec compiles to; run `kustodian generate`, then ask again",
            "1 problem; nothing was explained",
        ]


@pytest.mark.parametrize(
    "path",
    [
        "base/gone/service.yaml",
        "base/README.md",
        "overlays/gone/ai-agent/kustomization.yaml",
        "overlays/gone/kustomization.yaml",
        "argocd/applications/gone/ai-agent.yaml",
        "argocd/projects/gone.yaml",
    ],
)
def test_a_file_that_is_left_over_is_not_explained(tmp_path: Path, path: str) -> None:
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("kind: Service\n")
    run = kustodian("explain", f"{path}:1", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert f"{path}: error[not-generated]: the spec compiles to no such file; " in run.stderr


def test_a_bad_spec_is_told_first(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/agents.yaml").write_text("kind: [")
    run = kustodian("explain", "spec/agents.yaml:1", cwd=tmp_path)
    assert run.returncode == 2
    assert "error[syntax]" in run.stderr


# ---------------------------------------------------------------------------- as data


def test_the_schema_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for part in SCHEMA["$defs"].values():
        described(part)


def test_a_line_as_data() -> None:
    found = said("overlays/dev/namespace/patch-serviceaccount.yaml:7")
    assert found["builder"] == {
        "module": "generator/resources/namespace/serviceaccount.py",
        "base": "base/namespace/serviceaccount.yaml",
        "differ": "generator/overlays.py",
    }
    assert found["causes"][0] == {
        "path": "environments.dev.secretStore.identity",
        "layer": "environments.dev",
        "value": "arn:aws:iam::111122223333:role/ai-agents-dev-secrets",
        "place": {"file": "spec/agents.yaml", "line": 51, "column": 29},
        "how": "value",
        "spread": 1,
    }
    built_in = said("base/ai-agent/cronjob.yaml:10")["causes"][0]
    assert (built_in["layer"], built_in["place"], built_in["how"]) == ("built-in defaults", None, "default")


def test_a_line_of_the_spec_as_data() -> None:
    found = said("spec/agents.yaml:64")
    assert [(value["path"], value["layer"]) for value in found["values"]] == [
        ("environments.prod.domain", "environments.prod")
    ]
    hosts = [(line["file"], line["text"]) for line in found["values"][0]["lines"] if line["how"] == "value"]
    assert hosts == [
        ("overlays/prod/architect-agent/patch-httproute.yaml", "  - architect-agent.agents.example.com"),
        ("overlays/prod/security-agent/patch-httproute.yaml", "  - security-agent.agents.example.com"),
    ]


def test_an_agent_as_data() -> None:
    values = {value["name"]: value for value in said("security-agent", "--env", "dev")["values"]}
    memory = values["jobs.vulnerability-scan.resources.requests.memory"]
    assert (memory["value"], memory["from"]["value"], memory["from"]["layer"]) == (
        "256Mi",
        "512Mi",
        "agents.security-agent",
    )
    assert memory["bound"]["path"] == "environments.dev.scale"
    overrides = [(each["value"], each["layer"], (each["place"] or {}).get("line")) for each in memory["overrides"]]
    assert overrides == [("1Gi", "agents.security-agent", 79), ("256Mi", "built-in defaults", None)]
    assert values["rollout.maxSurge"]["from"]["layer"] == "environments.dev"
    assert values["config.EVIDENCE_BUCKET"]["from"]["layer"] == "with evidence"
    replicas = values["service.replicas.max"]
    assert (replicas["value"], replicas["from"]["value"], replicas["bound"]["path"]) == (
        1,
        3,
        "environments.dev.maxReplicas",
    )


# ---------------------------------------------------------------------------- the layers


def check_layers(document: reader.Document) -> None:
    """What is said to win is what the compiler folds, for every agent wherever it runs."""
    spec, fleet = document.values, build.fleet(document.values)
    for environment in fleet.environments:
        for agent in environment.agents:
            own = spec["agents"][agent.name]
            folded = fold(*agent_layers(own, shared_layers(spec, str(own["tier"]), environment.name), environment.name))
            folded.pop("environments", None)
            found = explanation.of_agent(document, fleet, agent.name, environment.name)
            wins = {value.path: value.sources[0] for value in found.values}
            expected = dict(flat(folded))
            written = {path: source.value for path, source in wins.items() if source.place}
            of_job = {path for path in written if path[0] == "jobs" and path[2] == "resources"}
            assert {path: value for path, value in expected.items() if wins[path].value != value} == {}
            assert all(wins[path].layer.startswith("with ") for path in written.keys() - expected.keys() - of_job)
            config = {path[1]: value.value for value in found.values if (path := value.path)[0] == "config"}
            assert config == agent.config
            final = {value.path: str(value.value) for value in found.values}
            for job in agent.jobs:
                assert final["jobs", job.name, "resources", "limits", "cpu"] == job.resources.limits.cpu
            assert final["resources", "requests", "memory"] == agent.resources.requests.memory


def flat(value: Any, path: tuple[str, ...] = ()) -> Any:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, (*path, key))
    else:
        yield path, value


@pytest.mark.parametrize("spec", [REFERENCE, *sorted(GOLDEN.glob("*/agents.yaml"))], ids=lambda path: path.parent.name)
def test_the_layers_of_the_shipped_and_the_golden_fleets(spec: Path) -> None:
    check_layers(load_with_places(spec, "agents.yaml")[1])


@settings(max_examples=40)
@given(spec=specs())
def test_the_layers_of_any_fleet(spec: Spec) -> None:
    document, problems = reader.parse(as_yaml(spec), "agents.yaml")
    assert not problems
    check_layers(document)


def test_a_block_and_a_single_value_override_one_another() -> None:
    document, _ = reader.parse(
        ODD.replace("service: {}}", "service: {expose: {path: /a}}, environments: {dev: {service: {expose: true}}}}"),
        "a",
    )
    values = {each.path: each for each in origins.resolve(document, "one", "dev")}
    exposed = values["service", "expose"]
    assert [origin.value for origin in exposed.origins] == [True, "/a", False]
    assert ("service", "expose", "path") not in values
