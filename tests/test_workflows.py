"""The workflows: sound, pinned, with as few rights as they need; and the one script in them, run against a stand-in."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
PIN = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$")
BIN = Path(sys.executable).parent

# The rights beyond reading the repository, and who has them.
RIGHTS = {
    ("comment", "comment"): {"actions": "read", "pull-requests": "write"},
    ("main", "publish"): {"pages": "write", "id-token": "write"},
}


def workflow(file: Path) -> dict[str, Any]:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # type: ignore[no-any-return]


def steps() -> list[Any]:
    found = [
        (file.stem, name, step)
        for file in WORKFLOWS
        for name, job in workflow(file)["jobs"].items()
        for step in job["steps"]
    ]
    assert found
    return found


def test_actionlint_and_shellcheck_find_nothing(actionlint: Path) -> None:
    command: list[str | Path] = [actionlint, "-no-color", "-shellcheck", BIN / "shellcheck", *WORKFLOWS]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_actionlint_would_find_something(actionlint: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    text = (ROOT / ".github" / "workflows" / "comment.yaml").read_text(encoding="utf-8")
    broken.write_text(
        text.replace("$number/comments", "${number/comments").replace("runs-on", "run-on"), encoding="utf-8"
    )
    command: list[str | Path] = [actionlint, "-no-color", "-shellcheck", BIN / "shellcheck", broken]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert 'unexpected key "run-on"' in run.stdout
    assert "shellcheck" in run.stdout


def test_zizmor_finds_nothing() -> None:
    command: list[str | Path] = [BIN / "zizmor", "--offline", "--no-progress", "--quiet", *WORKFLOWS]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned_by_commit_and_say_their_version(file: Path) -> None:
    uses = [line.strip().removeprefix("- ") for line in file.read_text().splitlines() if "uses:" in line]
    assert uses
    assert [line for line in uses if not PIN.fullmatch(line)] == []


def test_one_action_has_one_version() -> None:
    versions: dict[str, set[str]] = {}
    for _, _, step in steps():
        if "uses" in step:
            name, _, commit = step["uses"].partition("@")
            versions.setdefault(name, set()).add(commit)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_rights_are_as_few_as_can_be(file: Path) -> None:
    found = workflow(file)
    assert found["permissions"] in ({}, "{}", {"contents": "read"})
    assert "pull_request_target" not in found["on"]
    for name, job in found["jobs"].items():
        assert job.get("permissions") == RIGHTS.get((file.stem, name)), name
        assert int(job["timeout-minutes"]) <= 30


def test_forks_see_no_secret_and_leave_no_credentials() -> None:
    for file in WORKFLOWS:
        assert "secrets." not in file.read_text(encoding="utf-8"), file
    for workflow_, job, step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false", (workflow_, job)


def test_scripts_take_what_others_wrote_from_variables_only() -> None:
    """An expression in a script is code: a branch may be called anything."""
    for workflow_, job, step in steps():
        assert "${{" not in step.get("run", ""), (workflow_, job, step["run"])


def test_commands_are_those_that_the_command_line_has() -> None:
    from generator.cli import COMMANDS

    scripts = [step["run"] for _, _, step in steps() if "run" in step]
    named = {
        word for script in scripts for word in re.findall(r"(?:bin/kustodian|^make) ([a-z]+)", script, re.MULTILINE)
    }
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named - {*COMMANDS} - targets == set()


# ----------------------------------------------------------------------------------------------------------- the script

GH = """\
#!{python}
import json, os, sys
from pathlib import Path
there = Path(os.environ["THERE"])
arguments = sys.argv[1:]
with (there / "calls").open("a") as log:
    log.write(json.dumps(arguments) + "\\n")
path = next(one for one in arguments if one.startswith("repos/"))
if "--jq" in arguments and "/comments" in path:
    print((there / "comment").read_text(), end="")
elif "--jq" in arguments:
    print((there / "head").read_text())
for name, value in zip(arguments, arguments[1:]):
    if name == "-F":
        (there / "said").write_text(Path(value.removeprefix("body=@")).read_text())
"""


class Comment:
    """The script of comment.yaml, run in a folder with a plan, before a stand-in for GitHub."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "plan").mkdir()
        (folder / "bin").mkdir()
        gh = folder / "bin" / "gh"
        gh.write_text(GH.format(python=sys.executable), encoding="utf-8")
        gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
        self.set(plan="# What this merge changes\n", number="7\n", head="abc", comment="")

    def set(self, **files: str) -> None:
        for name, text in files.items():
            place = {"plan": "plan/plan.md", "number": "plan/number"}.get(name, name)
            (self.folder / place).write_text(text, encoding="utf-8")

    def run(self) -> subprocess.CompletedProcess[str]:
        (step,) = (step for file, _, step in steps() if file == "comment" and "run" in step)
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = {"PATH": path, "THERE": str(self.folder), "REPOSITORY": "o/r", "HEAD_SHA": "abc", "GH_TOKEN": "x"}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    @property
    def wrote(self) -> list[str]:
        """What was sent to be written, without what was only asked."""
        calls = (self.folder / "calls").read_text() if (self.folder / "calls").exists() else ""
        return [line for line in calls.splitlines() if "--jq" not in line]


@pytest.fixture
def comment(tmp_path: Path) -> Comment:
    return Comment(tmp_path)


def test_the_first_plan_is_a_new_comment(comment: Comment) -> None:
    assert comment.run().returncode == 0
    assert comment.wrote == ['["api", "--silent", "repos/o/r/issues/7/comments", "-F", "body=@comment.md"]']
    assert (comment.folder / "said").read_text() == "<!-- kustodian plan -->\n# What this merge changes\n"


def test_the_next_plan_takes_its_place(comment: Comment) -> None:
    comment.set(comment="42\n43\n")
    assert comment.run().returncode == 0
    assert comment.wrote == [
        '["api", "--silent", "-X", "PATCH", "repos/o/r/issues/comments/42", "-F", "body=@comment.md"]'
    ]


@pytest.mark.parametrize("number", ["", "7; rm -rf /", "../../x", "7\n8", "-1"])
def test_what_is_no_number_is_refused(number: str, comment: Comment) -> None:
    comment.set(number=number)
    assert comment.run().returncode == 1
    assert not (comment.folder / "calls").exists()


def test_another_pull_request_cannot_be_written_to(comment: Comment) -> None:
    comment.set(head="def")
    run = comment.run()
    assert (run.returncode, comment.wrote) == (0, [])
    assert "has moved on, or is another" in run.stdout


def test_a_plan_that_is_too_long_for_a_comment_is_cut(comment: Comment) -> None:
    comment.set(plan="x" * 200_000)
    assert comment.run().returncode == 0
    assert len((comment.folder / "said").read_text()) < 65_536


def test_where_github_cannot_be_asked_nothing_is_written(comment: Comment) -> None:
    (comment.folder / "head").unlink()
    assert comment.run().returncode != 0
    assert comment.wrote == []
