"""What kustomize and kubeconform complain about is led back: to the line of the spec, or to what nobody compiled."""

import json
import shutil
from pathlib import Path

import pytest

from generator.problems import ExitCode
from tests.support import REFERENCE, compile_spec, kustodian

HINT = "this file is not what the spec compiles to; run `kustodian generate`"


pytestmark = pytest.mark.usefixtures("tools", "crd_schemas")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The shipped fleet, compiled."""
    compile_spec(tmp_path, REFERENCE.read_text(encoding="utf-8"))
    return tmp_path


def validate(root: Path, **env: str) -> list[dict[str, object]]:
    run = kustodian("validate", "--root", ".", "--format", "json", cwd=root, **env)
    assert run.returncode == ExitCode.FAILED
    return json.loads(run.stdout)["problems"]  # type: ignore[no-any-return]


def spoil(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_field_that_the_spec_sets_is_led_back_to_its_line(root: Path, crd_schemas: Path, tmp_path: Path) -> None:
    """External Secrets of a version that wants the interval as a number, say."""
    schemas = tmp_path / "schemas"
    shutil.copytree(crd_schemas, schemas)
    file = schemas / "external-secrets.io" / "externalsecret_v1.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    schema["properties"]["spec"]["properties"]["refreshInterval"] = {"type": "integer"}
    file.write_text(json.dumps(schema), encoding="utf-8")
    problems = validate(root, KUSTODIAN_CRD_SCHEMAS=str(schemas))
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()
    (line,) = (number for number, text in enumerate(lines, 1) if "refreshInterval" in text)
    assert {(one["file"], one["line"], one["rule"]) for one in problems} == {("spec/agents.yaml", line, "kubeconform")}
    said = [str(one["message"]) for one in problems if "ai-agents-dev/security-agent:" in str(one["message"])]
    assert said == [
        "base/security-agent/externalsecret.yaml:10:1: ExternalSecret ai-agents-dev/security-agent: "
        "spec.refreshInterval: got string, want integer"
    ]


def test_a_field_that_somebody_changed_by_hand_is_named_with_its_line(root: Path) -> None:
    file = "base/it-ops-agent/service.yaml"
    spoil(root, file, "port: 8080", "port: eighty")
    (line,) = (number for number, text in enumerate((root / file).read_text().splitlines(), 1) if "eighty" in text)
    problems = [one for one in validate(root) if "ai-agents-prod/" in str(one["message"])]
    assert [(one["file"], one["line"], one["message"], one["hint"]) for one in problems] == [
        (
            file,
            line,
            "overlays/prod/it-ops-agent: Service ai-agents-prod/it-ops-agent: spec.ports[0].port: "
            "got string, want integer",
            HINT,
        )
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        ("base/ai-agent/deployment.yaml", "\nspec:", "\nspec: [", 8),
        ("base/ai-agent/deployment.yaml", "kind: Deployment", "kind: Deploymint", 1),
        ("overlays/prod/ai-agent/patch-deployment.yaml", "name: ai-agent", "name: another", 1),
    ],
)
def test_what_kustomize_cannot_build_is_led_back_to_what_was_changed(
    file: str, old: str, new: str, line: int, root: Path
) -> None:
    spoil(root, file, old, new)
    problems = [one for one in validate(root) if str(one["message"]).startswith("overlays/prod/ai-agent: ")]
    assert [(one["file"], one["line"], one["rule"], one["hint"]) for one in problems] == [
        (file, line, "kustomize", HINT)
    ]
