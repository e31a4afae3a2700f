"""Revisions as people really have them: what `kustodian plan` says of each, and that none brings a traceback."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from generator import disk
from generator.checks.git import opened
from generator.cli.options import Project
from generator.cli.planning import make
from generator.problems import Stop
from generator.review import text
from tests.plan_edits import EDITS, changed, generate
from tests.plan_support import SETTINGS, commit, git, planned, reference_repository, snapshot
from tests.support import kustodian

pytestmark = pytest.mark.usefixtures("tools")

LIMIT = ["Deployment/ai-agents-prod/it-ops-agent"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return reference_repository(tmp_path / "repository")


def plan(root: Path, *arguments: str, **env: str) -> "CompletedProcess[str]":
    run = kustodian("plan", *arguments, cwd=root, **SETTINGS, **env)
    assert "Traceback" not in run.stderr
    assert "internal error" not in run.stderr
    return run


def keys(root: Path, start: str = "main", end: str = "worktree") -> list[str]:
    return [str(change.key) for change in planned(root, start, end).changes]


# ----------------------------------------------------------------------------------------------------- nothing to read


def test_no_repository(tmp_path: Path) -> None:
    run = plan(tmp_path, "--from", "main")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(".: error[not-a-repository]: no git repository can be read here: not a git repository")
    missing = plan(tmp_path, "--from", "main", "--root", "nowhere")
    assert missing.stderr == (
        "nowhere: error[not-a-repository]: no git repository can be read here: there is no such folder; "
        "name one with --root\n1 problem; nothing was planned\n"
    )


def test_a_bare_repository_has_no_files_to_plan(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(root), "bare.git")
    run = plan(tmp_path / "bare.git", "--from", "main")
    assert run.returncode == 2
    assert "error[not-a-repository]: no git repository can be read here: this operation must be run in" in run.stderr


def test_no_git(root: Path, tmp_path: Path) -> None:
    run = plan(root, "--from", "main", PATH=str(tmp_path))
    assert run.returncode == 3
    assert run.stderr == (
        "git: error[tool-missing]: git is needed and none was found; "
        "install it from https://git-scm.com and put it on your PATH\n1 problem; nothing was planned\n"
    )


@pytest.mark.parametrize(
    "name", ["mian", "", "-x", "--output=/tmp/x", "HEAD^{tree}", "a..b", "x\ny", "HEAD~99", "\N{BUG}"]
)
def test_no_such_revision(name: str, root: Path) -> None:
    for side in (["--from", name], ["--from", "main", "--to", name]):
        run = plan(root, *side)
        assert (run.returncode, run.stdout) == (2, "")
        assert "error[unknown-revision]: git knows no such commit; " in run.stderr


def test_a_misspelt_revision(root: Path) -> None:
    assert plan(root, "--from", "mian").stderr == (
        "mian: error[unknown-revision]: git knows no such commit; did you mean 'main'?\n"
        "1 problem; nothing was planned\n"
    )


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    run = plan(tmp_path, "--from", "HEAD")
    assert run.returncode == 2
    assert "HEAD: error[unknown-revision]" in run.stderr


def test_a_shallow_clone_says_what_to_fetch(root: Path, tmp_path: Path) -> None:
    git(root, "checkout", "--quiet", "-b", "feature")
    EDITS["limit"](root)
    commit(root)
    git(root, "checkout", "--quiet", "main")
    EDITS["schedule"](root)
    commit(root)
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=feature", f"file://{root}", "shallow")
    shallow = tmp_path / "shallow"
    advice = "this clone is shallow: run `git fetch --unshallow`, or in CI check out with `fetch-depth: 0`"
    run = plan(shallow, "--from", "origin/main")
    assert run.stderr == (
        f"origin/main: error[unknown-revision]: git knows no such commit; {advice}\n1 problem; nothing was planned\n"
    )
    git(shallow, "fetch", "--quiet", "--depth=1", "origin", "main:main")
    run = plan(shallow, "--from", "main")
    assert run.stderr == (
        f"main: error[no-merge-base]: main and the worktree have no commit in common; {advice}\n"
        "1 problem; nothing was planned\n"
    )


# ------------------------------------------------------------------------------------------------- odd, but readable


def _detached(root: Path) -> None:
    git(root, "checkout", "--quiet", "--detach")


def _staged(root: Path) -> None:
    """What is staged differs from what is on the disk."""
    file = root / "overlays" / "dev" / "ai-agent" / "kustomization.yaml"
    kept = file.read_bytes()
    file.write_text("nonsense")
    git(root, "add", "--all")
    file.write_bytes(kept)


def _removed_from_the_index(root: Path) -> None:
    git(root, "rm", "--quiet", "-r", "--cached", "overlays")


def _no_index(root: Path) -> None:
    (root / ".git" / "index").unlink()


def _in_the_middle_of_a_merge(root: Path) -> None:
    (root / "README").write_text("one")
    commit(root)
    git(root, "checkout", "--quiet", "-b", "other", "HEAD^")
    (root / "README").write_text("other")
    commit(root)
    git(root, "branch", "--force", "main")
    git(root, "branch", "--force", "main", "other")
    git(root, "checkout", "--quiet", "-B", "here", "other")
    (root / "README").write_text("third")
    tip = commit(root)
    git(root, "checkout", "--quiet", "other")
    (root / "README").write_text("fourth")
    commit(root)
    with pytest.raises(AssertionError):
        git(root, "merge", "--quiet", tip)
    assert git(root, "ls-files", "--unmerged")


def _sparse(root: Path) -> None:
    git(root, "sparse-checkout", "set", "spec", "base", "overlays", "argocd")


def _linked(root: Path) -> None:
    """The repository's files are those of `git worktree add`."""
    git(root, "worktree", "add", "--quiet", "--detach", str(root / "linked"))


def _odd_names(root: Path) -> None:
    for name in ("base/ai-agent/\u00fcber  sicht.md", "overlays/dev/ai-agent/a\tb\n.txt", "argocd/'\"\\.txt"):
        (root / name).write_text("x")
    (root / "base" / "ai-agent" / os.fsdecode(b"\xff.md")).write_text("x")
    commit(root)


def _attributes(root: Path) -> None:
    (root / ".gitattributes").write_text("* text=auto eol=crlf\n")
    for file in root.rglob("overlays/**/*.yaml"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def _ignored(root: Path) -> None:
    (root / ".gitignore").write_text("*.log\n")
    (root / "overlays" / "dev" / "ai-agent" / "x.log").write_text("x")


ODD: dict[str, Callable[[Path], None]] = {
    function.__name__[1:]: function
    for function in (
        _detached,
        _staged,
        _removed_from_the_index,
        _no_index,
        _in_the_middle_of_a_merge,
        _sparse,
        _linked,
        _odd_names,
        _attributes,
        _ignored,
    )
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_repository_is_planned_all_the_same(odd: str, root: Path) -> None:
    ODD[odd](root)
    here = root / "linked" if odd == "linked" else root
    EDITS["limit"](here)
    if odd == "attributes":
        for file in here.rglob("overlays/**/*.yaml"):
            file.write_bytes(file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    before = snapshot(root)
    assert keys(here, "main" if odd != "in_the_middle_of_a_merge" else "HEAD") == LIMIT
    assert snapshot(root) == before


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index"},
        {"GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere"},
        {"GIT_PREFIX": "spec/", "GIT_LITERAL_PATHSPECS": "1", "GIT_NAMESPACE": "x", "GIT_EXTERNAL_DIFF": "false"},
        {"GIT_INDEX_FILE": ".git/index.lock", "GIT_REFLOG_ACTION": "commit", "GIT_EDITOR": ":"},
    ],
)
def test_a_hooks_variables_lead_nowhere_else(variables: dict[str, str], root: Path) -> None:
    EDITS["limit"](root)
    run = plan(root, "--from", "main", **variables)
    assert run.returncode == 0, run.stderr
    assert "Deployment it-ops-agent in prod" in run.stdout


def test_below_the_top_of_a_larger_repository(tmp_path: Path) -> None:
    top = tmp_path / "mono  repo \u00fc"
    root = top / "teams" / "ai agents"
    reference_repository(root)
    shutil.rmtree(root / ".git")
    (top / "overlays").mkdir()
    (top / "overlays" / "other.yaml").write_text("not ours")
    git(top, "init", "--quiet", "--initial-branch=main")
    changed(("targetRevision: main", "targetRevision: main\n  path: teams/ai-agents"))(root)
    commit(top)
    EDITS["limit"](root)
    (top / "overlays" / "other.yaml").write_text("still not ours")
    for here, options in ((root, []), (top, ["--root", "teams/ai agents"]), (root / "spec", ["--root", ".."])):
        run = plan(here, "--from", "main", *options)
        assert run.returncode == 0, run.stderr
        assert "1 object changes in prod: it restarts pods." in run.stdout
        assert "Note" not in run.stdout


def test_inside_a_submodule_and_beside_one(root: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet", "--initial-branch=main")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(root), "fleet")
    commit(outer)
    EDITS["limit"](outer / "fleet")
    assert keys(outer / "fleet", "HEAD") == LIMIT
    # One below our folders holds what cannot be seen, and that is said.
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(root), "overlays/dev/sub")
    commit(root)
    assert planned(root, "HEAD^").notes == ("overlays/dev/sub is a submodule: what is in it is not looked at",)


def test_a_repository_of_the_other_hash(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    shutil.rmtree(root / ".git")
    git(root, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    commit(root)
    EDITS["limit"](root)
    plan = planned(root)
    assert ([str(change.key) for change in plan.changes], plan.notes) == (LIMIT, ())


# ------------------------------------------------------------------------------------------------------------ the spec


def test_before_there_was_a_fleet(root: Path) -> None:
    git(root, "checkout", "--quiet", "--orphan", "first")
    git(root, "rm", "--quiet", "-r", "--cached", ".")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "first")
    git(root, "branch", "--force", "main")
    plan = planned(root)
    assert {change.verb for change in plan.changes} == {"added"}
    assert len(plan.changes) == 193
    assert plan.notes[0].startswith("main has no spec at ")
    assert [one.change for one in plan.guarded if "Environment" in one.change] == [
        "widen Environment/dev",
        "widen Environment/prod",
        "widen Environment/staging",
    ]
    assert all(environment.consequences is None for environment in plan.environments)
    assert "Ceiling" not in "\n".join(text.lines(plan))


def test_a_spec_that_moved(root: Path) -> None:
    (root / "spec" / "agents.yaml").rename(root / "fleet.yaml")
    run = plan(root, "--from", "main", "--spec", "fleet.yaml")
    assert run.returncode == 0
    assert "No object changes." in run.stdout
    assert "Note" not in run.stdout
    gone = plan(root, "--from", "main")
    assert gone.returncode == 0
    assert "Note: the worktree has no spec at spec/agents.yaml" in gone.stdout


def test_a_spec_outside_of_the_repository(root: Path, tmp_path: Path) -> None:
    shutil.move(root / "spec" / "agents.yaml", tmp_path / "fleet.yaml")
    run = plan(root, "--from", "main", "--spec", str(tmp_path / "fleet.yaml"))
    assert run.returncode == 0
    assert "Note" not in run.stdout


@pytest.mark.parametrize("text_", ["", "\t", "apiVersion: kustodian.dev/v9\n", "a: &b [*b]\n", "\ufffe"])
def test_a_spec_of_another_version(text_: str, root: Path) -> None:
    spec = root / "spec" / "agents.yaml"
    good = spec.read_text()
    spec.write_text(text_)
    commit(root)
    spec.write_text(good)
    EDITS["limit"](root)
    run = plan(root, "--from", "main", "--gate")
    assert run.returncode == 0
    assert "Note: the spec of main cannot be read by this version: costs, quotas, " in run.stdout
    assert "Deployment it-ops-agent in prod" in run.stdout
    commit(root, "good again")
    spec.write_text(text_)
    run = plan(root, "--from", "HEAD")
    assert run.returncode == 0
    assert "Note: the spec of the worktree cannot be read by this version" in run.stdout


def test_files_that_the_spec_does_not_compile_to_are_said_to_be_so(root: Path) -> None:
    spec = root / "spec" / "agents.yaml"
    spec.write_text(spec.read_text().replace("size: 10Gi", "size: 20Gi"))
    left_over = root / "overlays" / "dev" / "old" / "kustomization.yaml"
    left_over.parent.mkdir()
    left_over.write_text(f"{disk.HEADER}resources: []\nnamespace: x\n")
    (root / "base" / "note.md").write_text("x")
    plan = planned(root)
    assert plan.notes == (
        "2 files are not what the spec compiles to (base/security-agent/persistentvolumeclaim.yaml, "
        "overlays/dev/old/kustomization.yaml): the plan is about the files, which is what Argo CD applies; "
        "run `kustodian generate`",
        "1 file that changes is read by no overlay (base/note.md)",
    )
    assert plan.changes == ()
    assert not any(environment.consequences.agents for environment in plan.environments if environment.consequences)


# ---------------------------------------------------------------------------------------------------- what is not sound


def test_an_overlay_that_cannot_be_built_is_a_problem_with_its_place(root: Path) -> None:
    file = root / "overlays" / "prod" / "ai-agent" / "kustomization.yaml"
    good = file.read_text()
    file.write_text("resources: [nowhere.yaml]\n")
    run = plan(root, "--from", "main")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        "overlays/prod/ai-agent: error[kustomize]: accumulating resources from 'nowhere.yaml': "
        "overlays/prod/ai-agent/nowhere.yaml: no such file or directory; run `kustodian generate` and commit\n"
        "1 problem; nothing was planned\n"
    )
    commit(root)
    file.write_text(good)
    before = plan(root, "--from", "main")
    assert before.returncode == 1
    assert before.stderr.startswith("main:overlays/prod/ai-agent: error[kustomize]: ")
    assert "/tmp" not in before.stderr


@pytest.mark.parametrize(
    "content", ["a: [", "- a\n", "text", "a: b: c", "\x00", "{a: !!python/object:x {}}", "? [a]\n: b\n"]
)
def test_an_argo_cd_file_that_is_no_object(content: str, root: Path) -> None:
    (root / "argocd" / "root.yaml").write_text(content)
    run = plan(root, "--from", "main")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("argocd/root.yaml: error[not-an-object]: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: Deployment", "kind: Deploymint"),
        ("spec:\n", "spec: {}\nunknown:\n"),
        ("containers:", "containerz:"),
        ("memory: 16Gi", "memory: lots"),
        ("replicas", "replicaz"),
    ],
)
def test_objects_that_nobody_compiled_are_told_all_the_same(old: str, new: str, root: Path) -> None:
    file = root / "base" / "ai-agent" / "deployment.yaml"
    file.write_text(file.read_text().replace(old, new))
    run = plan(root, "--from", "main", "--format", "json", "--gate")
    assert run.returncode in (0, 1)
    if run.returncode:
        assert "error[" in run.stderr or json.loads(run.stdout)["problems"]


# ---------------------------------------------------------------------------------------------------- what has diverged


def test_the_result_of_a_merge_is_judged(root: Path) -> None:
    """Seen from main alone, the branch would remove the agent that main has since added."""
    git(root, "checkout", "--quiet", "-b", "feature")
    EDITS["limit"](root)
    tip = commit(root)
    git(root, "checkout", "--quiet", "main")
    EDITS["new-agent"](root)
    commit(root)
    for end in ("feature", tip):
        plan = planned(root, "main", end)
        assert (plan.merged, [str(change.key) for change in plan.changes]) == (True, LIMIT)
        assert f"The two have diverged: judged is the result of merging {end} into main." in list(text.lines(plan))
    git(root, "checkout", "--quiet", "feature")
    EDITS["schedule"](root)
    before = snapshot(root)
    plan = planned(root, "main")
    assert plan.merged
    assert {change.key.kind for change in plan.changes} == {"Deployment", "CronJob"}
    assert snapshot(root) == before


def test_two_branches_that_pass_alone_and_not_together(root: Path) -> None:
    """The one adds an agent, the other changes what every agent has: merged, the new agent lacks the change."""
    git(root, "checkout", "--quiet", "-b", "feature")
    EDITS["new-agent"](root)
    assert planned(root).notes == ()
    commit(root)
    git(root, "checkout", "--quiet", "main")
    EDITS["framework"](root)
    commit(root)
    (note,) = planned(root, "main", "feature").notes
    assert "files are not what the spec compiles to (argocd/applications/dev/release-agent.yaml, " in note


def test_a_conflict_names_its_files(root: Path) -> None:
    git(root, "checkout", "--quiet", "-b", "feature")
    EDITS["schedule"](root)
    commit(root)
    git(root, "checkout", "--quiet", "main")
    changed(('schedule: "0 2 * * *"', 'schedule: "0 5 * * *"'))(root)
    commit(root)
    run = plan(root, "--from", "main", "--to", "feature")
    assert (run.returncode, run.stdout) == (1, "")
    message = "error[merge-conflict]: feature and main change it differently, so that nobody knows what a merge makes"
    hint = "merge main and settle it, then plan again"
    assert run.stderr == (
        f"base/security-agent/cronjob.yaml: {message}; {hint}\nspec/agents.yaml: {message}; {hint}\n"
        "2 problems; nothing was planned\n"
    )


def test_a_git_that_cannot_merge_is_said_to_be_too_old(root: Path, tmp_path: Path) -> None:
    git(root, "checkout", "--quiet", "-b", "feature")
    EDITS["limit"](root)
    commit(root)
    git(root, "checkout", "--quiet", "main")
    EDITS["schedule"](root)
    commit(root)
    real = shutil.which("git")
    old = tmp_path / "git"
    usage = "usage: git merge-tree <base-tree> <branch1> <branch2>"
    old.write_text(f'#!/bin/sh\ncase "$*" in *merge-tree*) echo "{usage}" >&2; exit 129;; esac\nexec {real} "$@"\n')
    old.chmod(0o755)
    run = plan(root, "--from", "main", "--to", "feature", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert run.returncode == 3
    assert "error[tool-missing]: git 2.38 or newer is needed to judge a merge" in run.stderr


def test_objects_that_git_lost(root: Path) -> None:
    EDITS["limit"](root)
    digest = git(root, "rev-parse", "main:overlays/prod/it-ops-agent/kustomization.yaml")
    file = root / ".git" / "objects" / digest[:2] / digest[2:]
    file.unlink()
    run = plan(root, "--from", "main")
    assert run.returncode == 2
    assert run.stderr.startswith(f"git: error[git]: git does not have the object {digest}; ")


def test_git_is_told_nothing_to_run(root: Path) -> None:
    """Neither hooks nor a file watcher of the repository's own settings."""
    hook = root / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    hook.chmod(0o755)
    git(root, "config", "core.fsmonitor", "touch watched")
    EDITS["limit"](root)
    assert keys(root) == LIMIT
    assert not (root / "hooked").exists()
    assert not (root / "watched").exists()


def test_the_temporary_folder_is_gone(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with opened(root) as repository:
        assert list(place.iterdir()) == [repository.scratch]
    assert not list(place.iterdir())
    with pytest.raises(Stop):
        make(Project(root, root / "spec" / "agents.yaml"), "nothing", "worktree")
    assert not list(place.iterdir())


def test_regenerating_what_is_planned_changes_nothing(root: Path) -> None:
    EDITS["limit"](root)
    first = planned(root)
    generate(root)
    assert planned(root) == first


# -------------------------------------------------------------------------------------- what nobody would see otherwise


def gate(root: Path) -> tuple[int, str]:
    run = plan(root, "--from", "main", "--gate")
    return run.returncode, run.stderr


EXTRA = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x, namespace: argocd}\nspec: {}\n"


@pytest.mark.parametrize(
    "path",
    [
        "argocd/applications/prod/extra.yaml",
        "argocd/projects/extra.json",
        "argocd/extra.jsonnet",
        "overlays/prod/ai-agent/.argocd-source.yaml",
        "base/ai-agent/extra.yaml",
    ],
)
def test_a_file_that_argo_cd_may_read_and_nobody_compiled_is_stopped(path: str, root: Path) -> None:
    (root / path).write_text(EXTRA)
    code, said = gate(root)
    assert code == 1
    assert f"{path}: error[foreign-file]: this would widen File/" in said
    assert gate_is_open(root, said)


def gate_is_open(root: Path, said: str) -> bool:
    """With the lines that the gate asks for at the end of a commit message, it lets the merge through."""
    lines = [line.partition("commit message: ")[2] for line in said.splitlines() if "Kustodian-Acknowledge" in line]
    git(root, "checkout", "-q", "-b", "meant")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x\n\n" + "\n".join(lines))
    return gate(root)[0] == 0


def test_a_link_that_argo_cd_may_follow_is_stopped(root: Path) -> None:
    (root / "argocd" / "extra.yaml").symlink_to("../spec/agents.yaml")
    code, said = gate(root)
    assert code == 1
    assert "argocd/extra.yaml: error[foreign-file]: " in said


def test_what_is_there_already_is_not_asked_for_again(root: Path) -> None:
    (root / "argocd" / "extra.json").write_text("{}")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    assert gate(root) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("targetRevision: main", "targetRevision: other", "its revision is other and was main"),
        ("approval: required", "", "it syncs by itself, and waited for a person"),
    ],
)
def test_where_the_fleet_comes_from_and_who_approves_it_is_guarded(old: str, new: str, says: str, root: Path) -> None:
    spec = root / "spec" / "agents.yaml"
    text = spec.read_text()
    assert old in text
    spec.write_text(text.replace(f", {old}" if not new else old, new))
    assert kustodian("generate", cwd=root).returncode == 0
    code, said = gate(root)
    assert code == 1
    assert says in said


def test_a_spec_that_cannot_be_read_stops_the_gate(root: Path) -> None:
    spec = root / "spec" / "agents.yaml"
    spec.write_text(spec.read_text() + "unknown: 1\n")
    code, said = gate(root)
    assert code == 1
    assert "error[not-proven]: this would remove Proofs/after: the spec of the worktree cannot be read" in said
