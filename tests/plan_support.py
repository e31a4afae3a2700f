"""What the tests of `kustodian plan` share: repositories with the shipped fleet in them, and ways to change them."""

import os
import shutil
import subprocess
from pathlib import Path

from generator.cli.options import Project
from generator.cli.planning import make, problems
from generator.problems import Problem
from generator.review.plan import Plan
from tests.support import ROOT

NOBODY = {f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
# The same commit at each run, and nothing of a person's own settings.
FIXED = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(root: Path, *arguments: str, **env: str) -> str:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**mine, **NOBODY, **FIXED, **SETTINGS, **env}
    done = subprocess.run(["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(root: Path, message: str = "-", *trailers: str) -> str:
    """Commit everything; the new commit's name."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", message, *(("-m", "\n".join(trailers)) if trailers else ()))
    return git(root, "rev-parse", "HEAD")


def reference_repository(root: Path) -> Path:
    """The shipped spec with what is committed of it, as the only commit of `main`."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in ("spec", "base", "overlays", "argocd"):
        shutil.copytree(ROOT / folder, root / folder)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    return root


def planned(root: Path, start: str = "main", end: str = "worktree", spec: Path | None = None) -> Plan:
    return make(Project(root, spec or root / "spec" / "agents.yaml"), start, end)[0]


def stopped(root: Path, start: str = "main", end: str = "worktree") -> list[Problem]:
    """What the gate stops, where."""
    return problems(
        *make(Project(root, Path("spec/agents.yaml") if root == Path() else root / "spec/agents.yaml"), start, end)
    )


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file, those of git included."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
