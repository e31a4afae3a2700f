"""The command line as a person meets it: output, exit codes, what is written and what is left alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator import tree
from generator.cli import options
from generator.disk import HEADER
from tests.support import REFERENCE, ROOT, fleet_at, kustodian

FILES = len(list(tree.files(fleet_at(REFERENCE))))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the reference spec, compiled."""
    (tmp_path / "spec").mkdir()
    shutil.copy(REFERENCE, tmp_path / "spec")
    first = kustodian("generate", cwd=tmp_path)
    assert (first.returncode, first.stdout, first.stderr) == (0, f"{FILES} written, 0 unchanged, 0 removed\n", "")
    return tmp_path


def edit(project: Path, before: str, after: str) -> None:
    spec = project / "spec" / "agents.yaml"
    text = spec.read_text()
    assert text.count(before) == 1
    spec.write_text(text.replace(before, after))


def snapshot(project: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_generate_writes_once(project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*.yaml")}
    second = kustodian("generate", cwd=project)
    assert (second.returncode, second.stdout) == (0, f"0 written, {FILES} unchanged, 0 removed\n")
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*.yaml")} == before


def test_a_changed_limit_in_prod_is_one_small_patch(project: Path) -> None:
    prod = "prod: {service: {replicas: {min: 2}}"
    edit(project, f"{prod}}}\n\n  it-ops", f"{prod}, resources: {{limits: {{memory: 6Gi}}}}}}\n\n  it-ops")
    run = kustodian("generate", cwd=project)
    assert run.stdout == f"3 written, {FILES - 1} unchanged, 0 removed\n"
    text = (project / "overlays/prod/security-agent/patch-deployment.yaml").read_text()
    patch = text.removeprefix(HEADER)
    assert patch == (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: security-agent\nspec:\n  template:\n"
        "    spec:\n      containers:\n      - name: security-agent\n        resources:\n          limits:\n"
        "            memory: 6Gi\n"
    )


def test_check_passes_exactly_when_generate_would_change_nothing(project: Path) -> None:
    good = kustodian("check", cwd=project)
    assert (good.returncode, good.stdout) == (0, f"{FILES} files are what the spec compiles to\n")
    missing, changed = project / "base/ai-agent/service.yaml", project / "argocd/root.yaml"
    left_over = project / "overlays/dev/old-agent/kustomization.yaml"
    missing.unlink()
    changed.write_text(changed.read_text().replace("recurse: true", "recurse: false"))
    left_over.parent.mkdir()
    shutil.copy(project / "overlays/dev/ai-agent/kustomization.yaml", left_over)
    bad = kustodian("check", cwd=project)
    assert bad.returncode == 1
    assert bad.stderr == (
        "missing: base/ai-agent/service.yaml\n"
        "changed: argocd/root.yaml\n"
        "left over: overlays/dev/old-agent/kustomization.yaml\n"
        f"3 of {FILES + 1} files are stale; run `kustodian generate` and commit what it writes\n"
    )
    assert "--- a/argocd/root.yaml\n+++ b/argocd/root.yaml\n" in bad.stdout
    assert "\n-      recurse: false\n+      recurse: true\n" in bad.stdout
    assert "--- /dev/null\n+++ b/base/ai-agent/service.yaml\n" in bad.stdout
    assert "--- a/overlays/dev/old-agent/kustomization.yaml\n+++ /dev/null\n" in bad.stdout
    mended = kustodian("generate", cwd=project)
    assert mended.stdout == f"2 written, {FILES - 2} unchanged, 1 removed\n"
    assert not left_over.parent.exists()
    assert kustodian("check", cwd=project).returncode == 0


def test_a_dry_run_prints_and_writes_nothing(project: Path) -> None:
    edit(project, "size: 10Gi", "size: 20Gi")
    before = snapshot(project)
    run = kustodian("generate", "--dry-run", cwd=project)
    assert (run.returncode, run.stderr) == (0, f"dry run: 1 written, {FILES - 1} unchanged, 0 removed\n")
    assert "-      storage: 10Gi\n+      storage: 20Gi\n" in run.stdout
    assert snapshot(project) == before


def test_what_others_wrote_is_left_alone(project: Path) -> None:
    own = project / "base/security-agent/README.md"
    own.write_text("ours\n")
    assert kustodian("generate", cwd=project).returncode == 0
    assert own.read_text() == "ours\n"
    taken = project / "base/security-agent/service.yaml"
    taken.write_text("kind: Service\n")
    edit(project, "size: 10Gi", "size: 20Gi")
    before = snapshot(project)
    run = kustodian("generate", cwd=project)
    assert run.returncode == 2
    assert run.stderr == (
        "base/security-agent/service.yaml: error[not-ours]: exists and was not written by Kustodian; "
        "move it away or delete it\n1 problem; nothing was written\n"
    )
    assert snapshot(project) == before


def test_an_agent_that_leaves_the_spec_leaves_the_tree(project: Path) -> None:
    spec = project / "spec" / "agents.yaml"
    spec.write_text(spec.read_text().partition("  architect-agent:\n")[0])
    run = kustodian("generate", cwd=project)
    assert run.returncode == 0
    assert not list(project.rglob("*architect*"))
    assert kustodian("check", cwd=project).returncode == 0


@pytest.mark.parametrize("command", ["generate", "check", "validate"])
def test_a_bad_spec_is_told_and_nothing_is_written(command: str, project: Path) -> None:
    edit(project, "replicas: {min: 1, max: 3}, expose", "replcas: {min: 1, max: 3}, expose")
    line = (project / "spec" / "agents.yaml").read_text().partition("replcas")[0].count("\n") + 1
    before = snapshot(project)
    run = kustodian(command, cwd=project)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"spec/agents.yaml:{line}:27: error[unknown-key]: agents.security-agent.service: unknown key 'replcas'; "
        "did you mean 'replicas'?\n1 problem; nothing was written\n"
    )
    assert snapshot(project) == before


def test_root_and_spec_may_be_elsewhere(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert kustodian("check", "--root", project, cwd=elsewhere).returncode == 0
    moved = elsewhere / "fleet.yaml"
    shutil.move(project / "spec" / "agents.yaml", moved)
    assert kustodian("check", "--root", project, "--spec", moved, cwd=elsewhere).returncode == 0
    missing = kustodian("check", "--root", project.name, cwd=project.parent)
    assert missing.returncode == 2
    assert missing.stderr.startswith(f"{project.name}/spec/agents.yaml: error[no-spec]: there is no such file")


@pytest.mark.usefixtures("tools")
def test_validate_says_what_it_judged(project: Path, crd_schemas: Path) -> None:
    run = kustodian("validate", cwd=project, KUSTODIAN_CRD_SCHEMAS=str(crd_schemas))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Kubernetes 1.33: 18 overlays, 193 documents valid (")
    broken = project / "base/ai-agent/service.yaml"
    broken.write_text(broken.read_text().replace("targetPort: http", "tragetPort: http"))
    run = kustodian("validate", cwd=project, KUSTODIAN_CRD_SCHEMAS=str(crd_schemas))
    assert run.returncode == 1
    assert (
        "base/ai-agent/service.yaml:12:1: error[kubeconform]: overlays/dev/ai-agent: Service ai-agents-dev/ai-agent: "
        "spec.ports[0]: additional properties 'tragetPort' not allowed; "
        "this file is not what the spec compiles to; run `kustodian generate`\n"
    ) in run.stderr
    assert run.stderr.endswith("\n3 problems\n")


def in_process(code: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command in a Python that `code` has tampered with first."""
    script = f"import sys, generator.cli as c\n{code}\nc.main()"
    return subprocess.run([sys.executable, "-c", script], cwd=cwd, capture_output=True, text=True, check=False)


def test_a_missing_tool_is_exit_code_3(project: Path) -> None:
    code = "import generator.checks.tools as t; t._programs = lambda *_: iter(()); sys.argv[1:] = ['validate']"
    run = in_process(code, project)
    assert run.returncode == 3
    assert "error[tool-missing]" in run.stderr


def test_usage_errors_are_exit_code_2() -> None:
    assert kustodian("generate", "--no-such-option").returncode == 2
    assert kustodian("no-such-command").returncode == 2


def test_a_bug_is_one_line_and_no_traceback() -> None:
    code = "import generator.cli.options as o; o.Project.fleet = property(lambda self: 1 / 0); sys.argv[1:] = ['check']"
    run = in_process(code)
    assert run.returncode == 1
    assert run.stderr.startswith("kustodian: internal error: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in run.stderr


def test_every_command_explains_itself() -> None:
    overview = kustodian("--help").stdout
    for command in ("generate", "check", "validate", "schema"):
        assert f"\n  {command} " in overview
        text = kustodian(command, "--help").stdout
        assert "Example" in text
    assert kustodian("--version").stdout == "kustodian, version 0.1.0\n"


def test_schema_is_the_file() -> None:
    assert kustodian("schema").stdout == (ROOT / "generator" / "spec" / "agents.schema.json").read_text()


def test_help_imports_nothing_heavy() -> None:
    """Start-up counts: what --help does not need is not imported."""
    code = (
        "import atexit; sys.argv[1:] = ['--help']; atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr))"
    )
    imported = in_process(code).stderr
    assert "'generator.cli.validate'" in imported
    for module in ("yaml", "jsonschema", "jsonschema_rs", "ruamel.yaml", "generator.tree", "generator.model"):
        assert f"'{module}'" not in imported


@pytest.mark.parametrize(
    ("watching", "slow", "shown"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_progress_is_for_a_person_who_waits(
    watching: bool, slow: bool, shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter(range(1000)) if slow else iter([0] * 1000)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr("sys.stderr.isatty", lambda: watching, raising=False)
    files = [(f"{number}.yaml", "") for number in range(450)]
    assert list(options._with_progress(iter(files))) == files
    assert capsys.readouterr().err == ("\r400 files compiled\r450 files compiled\n" if shown else "")


WAIVER = (
    "waivers:\n  - {rule: workload-escalation, agent: it-ops-agent, reason: rollbacks, owner: ops, until: 2999-12-31}\n"
)


def test_a_dangerous_permission_needs_a_waiver(project: Path) -> None:
    edit(
        project, "resources: [deployments], verbs: [get, list, watch]", "resources: [deployments], verbs: [get, patch]"
    )
    before = snapshot(project)
    refused = kustodian("generate", cwd=project)
    assert refused.returncode == 1
    assert "error[workload-escalation]: " in refused.stderr
    assert refused.stderr.endswith("nothing was written\n")
    assert snapshot(project) == before
    edit(project, "\nagents:\n", f"\n{WAIVER}\nagents:\n")
    assert kustodian("generate", cwd=project).returncode == 0
    assert "rollbacks" in kustodian("access", cwd=project).stdout
    edit(project, "2999-12-31", "2026-01-01")
    ended = kustodian("check", cwd=project)
    assert ended.returncode == 1
    assert "2026-01-01" in ended.stderr
