"""Problems in every format: what each consumer reads of it is what was said."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_pydantic import Sarif  # type: ignore[import-untyped]

from generator.cli.reporting import FORMATS as OFFERED
from generator.cli.schema import FILES, PROOFS
from generator.formats import FORMATS
from generator.problems import ExitCode, Place, Problem
from generator.proofs.registry import PROOFS as PROVED
from tests.proof_support import described
from tests.support import REFERENCE, ROOT, kustodian

SCHEMA = json.loads((ROOT / "generator" / "problems.schema.json").read_text(encoding="utf-8"))

SOME = [
    Problem(
        Place("spec/agents.yaml", 41, 7), "unknown-key", "agents.a: unknown key 'replcas'", "did you mean 'replicas'?"
    ),
    Problem(Place("base/a b/100%.yaml"), "stale-file", "is changed, and so\nnot the spec's"),
]

words = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=20)
places = st.builds(Place, words, st.integers(1, 9999), st.integers(1, 999)) | st.builds(Place, words)
problems = st.lists(
    st.builds(Problem, places, st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True), words, words | st.just(""))
)


def rendered(form: str, given: list[Problem]) -> str:
    return "\n".join(FORMATS[form](given))


def test_the_command_line_offers_every_format() -> None:
    assert tuple(FORMATS) == OFFERED


def test_text_is_a_line_each() -> None:
    assert rendered("text", SOME[:1]) == (
        "spec/agents.yaml:41:7: error[unknown-key]: agents.a: unknown key 'replcas'; did you mean 'replicas'?"
    )


def test_annotations_are_workflow_commands() -> None:
    assert rendered("github", SOME) == (
        "::error file=spec/agents.yaml,line=41,col=7,title=unknown-key::"
        "agents.a: unknown key 'replcas'; did you mean 'replicas'?\n"
        "::error file=base/a b/100%25.yaml,title=stale-file::is changed, and so%0Anot the spec's"
    )


@given(problems)
def test_annotations_can_be_read_back(given: list[Problem]) -> None:
    lines = list(FORMATS["github"](given))
    assert len(lines) == len(given)
    for line, problem in zip(lines, given, strict=True):
        assert "\n" not in line
        found = re.fullmatch(r"::error ([^:]*)::(.*)", line, re.DOTALL)
        assert found
        properties = dict(pair.split("=", 1) for pair in found[1].split(","))
        assert _unescaped(properties["file"]) == problem.where.file
        assert properties.get("line", "0") == str(problem.where.line)
        assert _unescaped(found[2]) == (f"{problem.message}; {problem.hint}" if problem.hint else problem.message)


def _unescaped(value: str) -> str:
    """As the runner does, the percent sign last."""
    for escape, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        value = value.replace(escape, character)
    return value


@given(problems)
def test_sarif_is_what_its_model_reads(given: list[Problem]) -> None:
    """Every key is one that SARIF knows: what the model reads and writes again is the same."""
    data = json.loads(rendered("sarif", given))
    again = json.loads(Sarif.model_validate(data).model_dump_json(by_alias=True, exclude_none=True))
    assert _only_what_was_said(again, data) == data
    (run,) = data["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted({problem.rule for problem in given})
    for result, problem in zip(run["results"], given, strict=True):
        assert result["ruleId"] == rules[result["ruleIndex"]] == problem.rule
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert unquote(physical["artifactLocation"]["uri"]) == problem.where.file
        assert ("region" in physical) == bool(problem.where.line)


def _only_what_was_said(again: object, data: object) -> object:
    """Without the defaults that the model adds."""
    if isinstance(again, dict) and isinstance(data, dict):
        return {key: _only_what_was_said(value, data[key]) for key, value in again.items() if key in data}
    if isinstance(again, list) and isinstance(data, list):
        return [_only_what_was_said(*pair) for pair in zip(again, data, strict=True)]
    return again


@given(problems)
def test_json_is_as_its_schema_says(given: list[Problem]) -> None:
    data = json.loads(rendered("json", given))
    jsonschema.validate(data, SCHEMA)
    assert [one["line"] or 0 for one in data["problems"]] == [problem.where.line for problem in given]


# --------------------------------------------------------------------------------------------------------- the commands


@pytest.fixture
def over_budget(tmp_path: Path) -> Path:
    spec = tmp_path / "agents.yaml"
    text = REFERENCE.read_text(encoding="utf-8")
    assert text.count("infra: 300") == 1
    spec.write_text(text.replace("infra: 300", "infra: 260"), encoding="utf-8")
    return spec


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
@pytest.mark.parametrize("command", ["check", "cost"])
def test_a_failed_proof_is_said_in_the_format(command: str, form: str, over_budget: Path) -> None:
    run = kustodian(command, "--spec", over_budget, "--root", ROOT, "--format", form)
    assert (run.returncode, run.stderr) == (ExitCode.FAILED, "")
    assert "over-agent-budget" in run.stdout
    if form != "github":
        json.loads(run.stdout)


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
@pytest.mark.parametrize("command", ["check", "validate", "network"])
def test_a_bad_spec_is_said_in_the_format(command: str, form: str, tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text("kind: AgentFlet\n", encoding="utf-8")
    run = kustodian(command, "--spec", spec, "--format", form)
    assert (run.returncode, run.stderr) == (ExitCode.BAD_INPUT, "")
    assert "AgentFlet" in run.stdout
    if form == "json":
        jsonschema.validate(json.loads(run.stdout), SCHEMA)


@pytest.mark.parametrize(
    ("proof", "old", "new", "rule"),
    [
        ("cost", "infra: 300", "infra: 260", "over-agent-budget"),
        ("capacity", "volumes: 10", "volumes: 3", "quota-exceeded"),
    ],
)
def test_a_finding_has_its_place_and_its_edits(proof: str, old: str, new: str, rule: str, tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    text = REFERENCE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    spec.write_text(text.replace(old, new), encoding="utf-8")
    data = json.loads(kustodian(proof, "--spec", spec, "--format", "json").stdout)
    jsonschema.validate(data, json.loads(kustodian("schema", proof).stdout))
    for finding in data["findings"]:
        assert (finding["rule"], finding["file"]) == (rule, spec.as_posix())
        assert new in spec.read_text().splitlines()[finding["line"] - 1]
        assert finding["message"].startswith(", ".join(finding["environments"]) + ": ")
        assert [[one["value"] for one in edit] for edit in finding["edits"]] == ([[4]] if proof == "capacity" else [])
    assert bool(data["findings"]) == bool(rule)


def test_all_proofs_say_findings_alike() -> None:
    schemas = [json.loads(FILES[proof].read_text(encoding="utf-8")) for proof in PROOFS]
    assert all(schema["properties"]["findings"] == schemas[0]["properties"]["findings"] for schema in schemas)
    described(schemas[0]["properties"]["findings"]["items"])


@pytest.mark.parametrize("what", FILES)
def test_every_schema_is_printed(what: str) -> None:
    run = kustodian("schema", what)
    assert run.stdout == FILES[what].read_text(encoding="utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(run.stdout))


def test_every_proof_has_a_schema_to_print() -> None:
    assert set(PROOFS) == PROVED.keys()


def test_there_is_a_page_of_the_spec_only() -> None:
    run = kustodian("schema", "cost", "--format", "markdown")
    assert run.returncode == ExitCode.BAD_INPUT
    assert "leave out 'cost', or --format markdown" in run.stderr


def test_stale_files_are_problems_where_a_machine_asks(tmp_path: Path) -> None:
    run = kustodian("check", "--spec", REFERENCE, "--root", tmp_path, "--format", "github")
    assert run.returncode == ExitCode.FAILED
    assert run.stdout.splitlines()[0] == (
        f"::error file={tmp_path.as_posix()}/argocd/applications/dev/ai-agent.yaml,title=stale-file::"
        "is missing, and so not what the spec compiles to; run `kustodian generate` and commit what it writes"
    )


@pytest.mark.parametrize(("form", "says"), [("json", '{\n  "problems": []\n}\n'), ("github", "")])
def test_where_nothing_is_wrong_nothing_is_said(form: str, says: str) -> None:
    run = kustodian("check", "--format", form)
    assert (run.returncode, run.stdout, run.stderr) == (ExitCode.GOOD, says, "")


def test_a_page_lists_the_findings(over_budget: Path) -> None:
    run = kustodian("cost", "--spec", over_budget, "--format", "markdown")
    assert run.returncode == ExitCode.FAILED
    assert "\n### 1 finding\n\n- `" in run.stdout
    assert "**over-agent-budget**: prod: ai-agent may cost" in run.stdout
