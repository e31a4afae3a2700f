"""The checks room with the real kustomize and kubeconform, on small trees written by hand."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from generator.checks import Report, Tool, Tools, build, find_tools, kustomize, schemas, validate
from generator.checks.kubeconform import judge
from generator.checks.tools import Answer, run
from generator.problems import ExitCode, Place, Stop

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx
        envFrom:
        - configMapRef: {name: settings}
        ports:
        - containerPort: 80
"""
BASE = """\
resources: [deployment.yaml]
configMapGenerator:
- name: settings
  literals: [mode=base, "text=a\\n---\\nkind: Nothing\\n"]
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://github.com/example/fleet.git, path: overlays/dev/web, targetRevision: main}
  destination: {server: https://kubernetes.default.svc, namespace: dev}
"""


APPLICATION_SCHEMA = """\
{
  "type": "object",
  "properties": {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object"},
    "spec": {"type": "object", "properties": {"project": {"type": "string"}}}
  },
  "additionalProperties": false
}
"""


class Tree:
    """A small repository: one base, `web` and `jobs` overlays of two environments, one Argo CD Application."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("base/web/deployment.yaml", DEPLOYMENT)
        self.write("base/web/kustomization.yaml", BASE)
        for env in ("dev", "prod"):
            for name in ("web", "jobs"):
                self.write(
                    f"overlays/{env}/{name}/kustomization.yaml",
                    f"resources: [../../../base/web]\nnamespace: {env}\nnamePrefix: {name}-\n"
                    "configMapGenerator:\n"
                    f"- {{name: settings, behavior: merge, literals: [mode={env}]}}\n",
                )
            self.write(f"overlays/{env}/kustomization.yaml", "resources: [web, jobs]\n")
        self.write("argocd/applications/dev/web.yaml", APPLICATION)
        self.write("schemas/argoproj.io/application_v1alpha1.json", APPLICATION_SCHEMA)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    @property
    def leaves(self) -> list[Path]:
        return sorted(path.parent for path in self.root.glob("overlays/*/*/kustomization.yaml"))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "it's a repo")


@pytest.fixture
def judged(tree: Tree, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> "Judged":
    monkeypatch.setenv(schemas.CRD_FOLDER, str(tree.root / "schemas"))
    return Judged(tree, tools)


class Judged:
    """The tree, to be validated once a test has broken it."""

    def __init__(self, tree: Tree, tools: Tools) -> None:
        self.tree = tree
        self.tools = tools

    def report(self, version: str = "1.33") -> Report:
        return validate(self.tree.root, version, tools=self.tools)

    def problems(self) -> list[str]:
        return [str(problem) for problem in self.report().problems]


# What is good


def test_good_tree_has_every_document_counted(judged: Judged) -> None:
    report = judged.report()
    assert report.problems == ()
    # Four overlays of two documents and one Application; each environment as a whole says nothing new.
    assert (report.overlays, report.valid, report.invalid, report.no_schema) == (6, 9, 0, 0)
    assert report.not_built == ()
    assert str(report) == (
        f"Kubernetes 1.33: 6 overlays, 9 documents valid ({judged.tools.kustomize}, {judged.tools.kubeconform})"
    )


@pytest.mark.parametrize("version", ["1.27", "v1.29", "1.31.4", "1.37"])
def test_each_kubernetes_version_has_its_schemas(judged: Judged, version: str) -> None:
    assert judged.report(version).valid == 9


def test_what_only_the_whole_environment_says_counts_too(judged: Judged) -> None:
    judged.tree.write("overlays/dev/kustomization.yaml", "resources: [web, jobs]\nnamePrefix: x-\n")
    assert judged.report().valid == 9 + 4


def test_a_large_environment_is_built_overlay_by_overlay_and_it_is_said(judged: Judged) -> None:
    for number in range(19):
        judged.tree.write(
            f"overlays/dev/more-{number}/kustomization.yaml",
            f"resources: [../../../base/web]\nnamePrefix: n{number}-\n",
        )
    report = judged.report()
    assert report.problems == ()
    assert (report.overlays, report.valid, report.not_built) == (24, 9 + 2 * 19, ("overlays/dev",))


# What is bad


def test_unknown_field_in_every_overlay_that_has_it(judged: Judged) -> None:
    judged.tree.replace("base/web/deployment.yaml", "replicas: 2", "replcas: 2")
    assert judged.problems() == [
        f"overlays/{env}/{name}: error[kubeconform]: Deployment {env}/{name}-web: "
        "spec: additional properties 'replcas' not allowed"
        for env in ("dev", "prod")
        for name in ("jobs", "web")
    ]


def test_each_wrong_type_with_its_path(judged: Judged) -> None:
    patch = (
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n"
        '    - {op: replace, path: /spec/replicas, value: "2"}\n'
        '    - {op: replace, path: /spec/template/spec/containers/0/ports/0/containerPort, value: "80"}\n'
    )
    judged.tree.write("overlays/dev/web/kustomization.yaml", "resources: [../../../base/web]\n" + patch)
    report = judged.report()
    assert [str(problem) for problem in report.problems] == [
        "overlays/dev/web: error[kubeconform]: Deployment web: spec.replicas: got string, want null or integer",
        "overlays/dev/web: error[kubeconform]: Deployment web: "
        "spec.template.spec.containers[0].ports[0].containerPort: got string, want integer",
    ]
    assert (report.valid, report.invalid) == (8, 1)


def test_unknown_custom_resource_is_no_schema_and_never_skipped(judged: Judged) -> None:
    judged.tree.write(
        "base/web/deployment.yaml",
        DEPLOYMENT + "---\napiVersion: apps.example.com/v1\nkind: Deployment\nmetadata: {name: own}\n",
    )
    report = judged.report()
    assert (report.valid, report.invalid, report.no_schema) == (9, 0, 4)
    assert [str(problem) for problem in report.problems] == [
        "overlays/dev/jobs: error[no-schema]: Deployment (apps.example.com/v1) dev/jobs-own: could not find schema "
        "for Deployment (and 3 more of this kind); name a folder that holds its schema in KUSTODIAN_CRD_SCHEMAS"
    ]
    assert "9 documents valid, 0 invalid, 4 without a schema" in str(report)


def test_a_kind_that_a_kubernetes_version_lacks_is_no_schema(judged: Judged) -> None:
    text = "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: old}\n"
    judged.tree.write("argocd/old.yaml", text)
    assert judged.problems()[0].startswith(
        "argocd/old.yaml: error[no-schema]: PodSecurityPolicy (policy/v1beta1) old: "
    )


def test_argocd_files_are_judged_where_they_lie(judged: Judged) -> None:
    judged.tree.replace("argocd/applications/dev/web.yaml", "project: default", "project: 1")
    judged.tree.write("argocd/twice.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n")
    judged.tree.write("argocd/broken.yml", "a: [")
    unknown = '{\n"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"}, "date": {}}'
    judged.tree.write("argocd/unknown.json", unknown)
    report = judged.report()
    assert [str(problem) for problem in report.problems] == [
        "argocd/applications/dev/web.yaml: error[kubeconform]: Application web: spec.project: got number, want string",
        "argocd/broken.yml: error[kubeconform]: error unmarshalling resource: error converting YAML to JSON: "
        "yaml: line 1: did not find expected node content",
        "argocd/twice.yaml: error[kubeconform]: ConfigMap: error unmarshalling resource: error converting YAML to "
        'JSON: yaml: unmarshal errors: line 5: key "name" already set in map',
        "argocd/unknown.json: error[kubeconform]: Service a: additional properties 'date' not allowed",
    ]
    assert (report.valid, report.invalid) == (8, 4)


def test_broken_overlay_is_named_and_the_others_are_judged(judged: Judged) -> None:
    judged.tree.write("overlays/prod/jobs/kustomization.yaml", "resources: [../../../base/wbe]\n")
    report = judged.report()
    assert [str(problem) for problem in report.problems] == [
        "overlays/prod/jobs: error[kustomize]: accumulating resources from '../../../base/wbe': "
        "base/wbe: no such file or directory"
    ]
    assert (report.overlays, report.valid) == (4, 7)  # prod as a whole is not tried: it would only say it again


def test_broken_base_is_named_once_for_each_overlay(judged: Judged) -> None:
    judged.tree.write("base/web/kustomization.yaml", "resources: [gone.yaml]\n")
    problems = judged.problems()
    assert len(problems) == 4
    assert problems[0] == (
        "overlays/dev/jobs: error[kustomize]: 'base/web': accumulating resources from 'gone.yaml': "
        "base/web/gone.yaml: no such file or directory"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resourcs: []\n", 'invalid Kustomization: json: unknown field "resourcs"'),
        ("a: [\n", "invalid Kustomization: yaml: line 1: did not find expected node content"),
    ],
)
def test_broken_environment_is_named(judged: Judged, text: str, message: str) -> None:
    judged.tree.write("overlays/dev/kustomization.yaml", text)
    assert judged.problems() == [f"overlays/dev: error[kustomize]: {message}"]


def test_folder_that_nothing_builds_is_a_problem(judged: Judged) -> None:
    (judged.tree.root / "overlays/dev/web/kustomization.yaml").rename(judged.tree.root / "overlays/dev/web/k.yaml")
    assert judged.problems() == [
        "overlays/dev/web: error[kustomize]: this folder has no kustomization.yaml, so nothing builds it"
    ]


def test_nothing_to_validate_is_not_good(tools: Tools, tmp_path: Path) -> None:
    report = validate(tmp_path, "1.33", tools=tools)
    assert [str(problem) for problem in report.problems] == [
        "overlays: error[kustomize]: there is no overlay here, so there is nothing to validate; "
        "run 'kustodian generate'"
    ]


def test_unknown_kubernetes_version_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Stop) as stopped:
        validate(tmp_path, "1.12", where=Place("spec/agents.yaml", 5, 23))
    assert stopped.value.code is ExitCode.BAD_INPUT
    assert str(stopped.value).startswith(
        "spec/agents.yaml:5:23: error[kubernetes-version]: there are no schemas for Kubernetes '1.12'; "
        "known are 1.25, 1.26, 1.27, "
    )


def test_schema_folder_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(schemas.CRD_FOLDER, str(tmp_path / "gone"))
    with pytest.raises(Stop, match=r"KUSTODIAN_CRD_SCHEMAS: error\[no-schema\]: .*gone is not a folder"):
        validate(tmp_path, "1.33")


def test_without_a_folder_custom_resources_are_held_against_the_public_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(schemas.CRD_FOLDER, raising=False)
    assert schemas.custom_location() == (
        "https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/"
        "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
    )


# Batches


def test_a_batch_gives_what_each_overlay_gives_alone(tree: Tree, tools: Tools) -> None:
    together = build(tools.kustomize, tree.leaves, root=tree.root)
    alone = build(tools.kustomize, tree.leaves, root=tree.root, batch=1)
    assert list(together.texts) == tree.leaves
    assert together == alone
    assert together.texts[tree.leaves[0]].count("\nkind: ") == 2


def test_a_batch_is_one_process(tree: Tree, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []

    def noted(command: list[str]) -> Answer:
        commands.append(command)
        return run(command)

    monkeypatch.setattr(kustomize, "run", noted)
    build(tools.kustomize, tree.leaves, root=tree.root)
    assert len(commands) == 1


def test_overlays_that_hold_the_same_object_are_fine_apart(tree: Tree, tools: Tools) -> None:
    for folder in tree.leaves[:2]:
        (folder / "kustomization.yaml").write_text("resources: [../../../base/web]\n", encoding="utf-8")
    built = build(tools.kustomize, tree.leaves, root=tree.root)
    assert built.problems == ()
    assert built.texts[tree.leaves[0]] == built.texts[tree.leaves[1]] != ""


def test_an_overlay_may_be_empty(tree: Tree, tools: Tools) -> None:
    (tree.leaves[1] / "kustomization.yaml").write_text("resources: []\n", encoding="utf-8")
    together = build(tools.kustomize, tree.leaves, root=tree.root)
    assert together == build(tools.kustomize, tree.leaves, root=tree.root, batch=1)


# Tools that are missing, old, or crash


def script(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.fixture
def no_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which only `<root>/.tools` could hold a tool; gives the root."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "root"


def test_each_missing_tool_is_named_with_the_next_step(no_tools: Path) -> None:
    with pytest.raises(Stop) as stopped:
        find_tools(no_tools)
    assert stopped.value.code is ExitCode.TOOL_MISSING
    assert [str(problem) for problem in stopped.value.problems] == [
        "kubeconform: error[tool-missing]: kubeconform 0.6 or newer is needed and none was found; "
        "run 'make tools', or install it from https://github.com/yannh/kubeconform/releases",
        "kustomize: error[tool-missing]: kustomize 5.4 or newer is needed and none was found; "
        "run 'make tools', or install kubectl or kustomize and put it on your PATH",
    ]


def test_an_old_tool_is_named_and_a_newer_one_further_on_is_taken(no_tools: Path, tmp_path: Path) -> None:
    script(no_tools / ".tools", "kubeconform", "echo v0.7.0")
    old = script(no_tools / ".tools", "kubectl", "echo 'Kustomize Version: v5.0.1'")
    mute = script(no_tools / ".tools", "kustomize", "exit 3")
    with pytest.raises(Stop) as stopped:
        find_tools(no_tools)
    assert [problem.message for problem in stopped.value.problems] == [
        f"kustomize 5.4 or newer is needed; {mute} does not tell its version, {old} is kubectl kustomize 5.0.1"
    ]
    newer = script(tmp_path / "bin", "kustomize", "echo '{kustomize/v5.10.0  2026-01-01T00:00:00Z  }'")
    found = find_tools(no_tools)
    assert found.kustomize == Tool(name="kustomize", command=(str(newer), "build"), version="5.10.0")
    assert str(found.kubeconform) == "kubeconform 0.7.0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo panic: oh no >&2; exit 2", "panic: oh no"),
        ("kill -SEGV $$", "crashed (signal 11)"),
        ("printf '\\377\\376 not JSON'", "its answer could not be read: '\ufffd\ufffd not JSON'"),
        ('echo \'{"resources": [], "summary": {"valid": 1}}\'', "it answered for 1 of 9 documents"),
    ],
)
def test_kubeconform_that_fails_is_a_problem(judged: Judged, tmp_path: Path, text: str, message: str) -> None:
    broken = script(tmp_path, "kubeconform", text)
    judged.tools = Tools(
        kustomize=judged.tools.kustomize,
        kubeconform=Tool(name="kubeconform", command=(str(broken),), version="0"),
    )
    [problem] = judged.report().problems
    assert (problem.where, problem.rule) == (Place("kubeconform"), "kubeconform")
    assert message in problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exit 1", "kustomize failed and did not say why"),
        ("kill -KILL $$", "crashed (signal 9)"),
        ("printf '# Warning: old\\nError: \\377\\n' >&2; exit 1", "\ufffd"),
    ],
)
def test_kustomize_that_fails_is_a_problem_of_each_overlay(tree: Tree, tmp_path: Path, text: str, message: str) -> None:
    broken = Tool(name="kustomize", command=(str(script(tmp_path, "kustomize", text)),), version="0")
    built = build(broken, tree.leaves, root=tree.root)
    assert built.texts == {}
    assert [problem.where.file for problem in built.problems] == [
        "overlays/dev/jobs", "overlays/dev/web", "overlays/prod/jobs", "overlays/prod/web",
    ]  # fmt: skip
    assert all(message in problem.message for problem in built.problems)
    assert not any("Warning" in problem.message for problem in built.problems)


def test_a_program_that_hangs_or_cannot_start_is_said(tmp_path: Path) -> None:
    slow = script(tmp_path, "slow", "exec sleep 60")
    assert run([str(slow)], timeout=0.1).err == f"{slow} gave no answer within 0.1 seconds"
    assert run([str(tmp_path / "gone")]).err == f"{tmp_path / 'gone'} could not be started: No such file or directory"


@pytest.mark.parametrize(
    "message",
    [
        "could not find schema for Application",
        "failed downloading schema at https://example.com/application_v1alpha1.json: no such host",
        "error while downloading schema at https://example.com/application_v1alpha1.json - received HTTP status 403",
    ],
)
def test_catalog_out_of_reach_is_no_schema(tmp_path: Path, message: str) -> None:
    resource = {"filename": "a.yaml", "kind": "Application", "name": "web", "version": "argoproj.io/v1alpha1"}
    said = {
        "resources": [{**resource, "status": "statusError", "msg": message}],
        "summary": {"valid": 0, "invalid": 0, "errors": 1, "skipped": 0},
    }
    recorded = Tool(
        name="kubeconform",
        command=(str(script(tmp_path, "kubeconform", f"echo '{json.dumps(said)}'; exit 1")),),
        version="0.7.0",
    )
    [finding] = judge(recorded, ["a.yaml"], [], cwd=tmp_path).findings
    assert finding.no_schema
    assert list(map(str, finding.faults)) == [message]


def test_home_preferences_of_kubectl_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERC", "on")
    assert run([str(script(tmp_path, "show", "echo $KUBERC"))]).out == f"off{os.linesep}"
