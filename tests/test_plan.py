"""Golden plans: real edits of the shipped fleet, and what a reviewer is told about each.

    pytest tests/test_plan.py --update-golden

rewrites the plans that differ, and fails all the same: read the diff, then run again.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import generator.review
from generator import disk
from generator.cli.options import Project
from generator.cli.planning import make
from generator.review import markdown, text
from generator.review.document import as_json
from tests.plan_edits import EDITS, changed
from tests.plan_support import commit, planned, reference_repository, snapshot
from tests.proof_support import described
from tests.support import ROOT

GOLDEN = ROOT / "tests" / "golden_plans"
SCHEMA: dict[str, Any] = json.loads(
    (Path(str(generator.review.__file__)).parent / "plan.schema.json").read_text(encoding="utf-8")
)
LARGE = {"framework", "new-environment", "kubernetes"}  # their JSON would only repeat itself

pytestmark = pytest.mark.usefixtures("tools")


@pytest.mark.parametrize("name", EDITS)
def test_a_plan_is_the_golden_one(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    root = reference_repository(tmp_path / "repository")
    EDITS[name](root)
    before = snapshot(root)
    plan = planned(root)
    assert snapshot(root) == before, "something was written into the repository"
    data = as_json(plan)
    jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
    expected = {f"{name}.md": markdown.page(plan, 60_000)}
    if name not in LARGE:
        expected[f"{name}.json"] = json.dumps(data, indent=1) + "\n"
    wrong = []
    for file, content in expected.items():
        content = content.replace(str(plan.before.commit), "0" * 40).replace(str(plan.before.commit)[:7], "0" * 7)
        golden = GOLDEN / file
        if not golden.is_file() or golden.read_text(encoding="utf-8") != content:
            wrong.append(file)
            if request.config.getoption("--update-golden"):
                golden.parent.mkdir(exist_ok=True)
                golden.write_text(content, encoding="utf-8")
    if wrong:
        pytest.fail(f"{wrong} differ; if that is right: pytest tests/test_plan.py --update-golden, and read the diff")


def test_there_is_no_golden_plan_of_an_edit_that_is_gone() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == EDITS.keys()


def test_the_schema_describes_every_field() -> None:
    described(SCHEMA)


def test_a_plan_is_the_same_each_time(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    EDITS["rename"](root)
    first, second = (list(text.lines(planned(root))) for _ in range(2))
    assert first == second


def test_nothing_to_plan(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    for end in ("worktree", "main", "HEAD"):
        plan = planned(root, end=end)
        assert (plan.changes, plan.guarded, plan.notes, plan.merged) == ((), (), (), False)
        assert "No object changes." in list(text.lines(plan))


# ------------------------------------------------------------------------------------------------------------ two trees


def test_two_commits_are_planned_like_the_files_on_the_disk(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    EDITS["limit"](root)
    on_disk = planned(root)
    tip = commit(root, "more")
    committed = planned(root, "HEAD^", tip)
    assert committed.changes == on_disk.changes
    assert committed.environments == on_disk.environments
    # and backwards, from the later to the earlier: what is judged is a merge, and there is nothing to merge
    assert planned(root, "HEAD", "HEAD^").changes == ()


def test_an_overlay_whose_files_are_the_same_is_not_built(tmp_path: Path) -> None:
    """One that is broken on both sides would fail the plan if it were built."""
    root = reference_repository(tmp_path / "repository")
    broken = root / "overlays" / "dev" / "ai-agent" / "kustomization.yaml"
    broken.write_text(f"{disk.HEADER}resources: [nowhere]\n")
    commit(root, "broken")
    EDITS["limit"](root)
    broken.write_text(f"{disk.HEADER}resources: [nowhere]\n")
    plan = planned(root)
    assert [str(change.key) for change in plan.changes] == ["Deployment/ai-agents-prod/it-ops-agent"]


def test_text_fits_a_terminal(tmp_path: Path) -> None:
    """The summary of a usual edit is a screenful: fifty lines."""
    for name in ("limit", "new-agent", "removed-agent", "rename", "new-environment"):
        root = reference_repository(tmp_path / name)
        EDITS[name](root)
        lines = list(text.lines(planned(root)))
        summary = lines[: next(index for index, line in enumerate(lines) if line.startswith("== "))]
        assert len(summary) <= 56, name
        assert max(map(len, summary)) <= 160, name


# ----------------------------------------------------------------------------------------------------------- a comment


def _made(root: Path, name: str) -> Any:
    reference_repository(root)
    EDITS[name](root)
    return make(Project(root, root / "spec" / "agents.yaml"), "main", "worktree")[0]


@pytest.mark.parametrize("size", [2_000, 2_500, 3_000, 4_000, 60_000])
def test_markdown_stays_within_its_budget_and_says_what_it_cut(size: int, tmp_path: Path) -> None:
    plan = _made(tmp_path / "repository", "removed-agent")
    page = markdown.page(plan, size)
    assert len(page.encode()) <= size
    assert page.startswith("### Plan: 36 objects change in dev, staging, prod and Argo CD")
    assert len(re.findall("^```", page, re.MULTILINE)) % 2 == 0, "a block is left open"
    assert page.count("<details") == page.count("</details>")
    whole = markdown.page(plan, 10**9)
    if len(whole.encode()) > size:
        assert "kustodian plan --format json" in page
        assert "Left out to fit" in page or "Cut to fit" in page
    else:
        assert page == whole


def test_the_least_important_is_cut_first(tmp_path: Path) -> None:
    plan = _made(tmp_path / "repository", "removed-agent")
    whole = markdown.page(plan, 10**9)
    page = markdown.page(plan, len(whole.encode()) - 1)
    assert "PersistentVolumeClaim architect-agent-designs" in page
    assert "RoleBinding architecture-operate" not in page
    assert "**Left out to fit:** 5 of 'No risk known'." in page


def test_nothing_in_a_name_becomes_markup(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    hostile = "@team <b> [x](https://example.com) ``` `x` | ~~~ </details> :+1: $x$ #1 *a* _b_"
    config = f"config: {{LOG_LEVEL: '{hostile}'}}"
    changed(("budget: {infra: 300, ai: 500}", f"{config}\n    budget: {{infra: 300, ai: 500}}"))(root)
    page = markdown.page(planned(root), 60_000)
    outside = re.sub(r"^(`{3,}).*?^\1$", "", page, flags=re.MULTILINE | re.DOTALL)
    assert hostile in page
    assert "@team" not in outside
    assert "example.com" not in outside
    assert "````diff" in page, "a fence must be longer than what it holds"


def test_a_name_that_would_steer_a_terminal_is_one_line(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    folder = root / "overlays" / "dev" / "a\n\x1b[31mb"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text("resources: [x.yaml]\n")
    (folder / "x.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: ai-agents-dev}\n")
    lines = list(text.lines(planned(root)))
    assert "+ Agent a  [31mb in dev" in lines
    assert all(line.isprintable() for line in lines)
