"""Golden trees: small fleets with everything they compile to, compared for changed, missing and extra files.

    pytest tests/test_golden.py --update-golden

rewrites the trees that differ, and fails all the same: read the diff, then run again.
"""

from pathlib import Path

import pytest

from generator import disk, tree
from generator.checks.tools import Tools
from generator.checks.validate import validate
from tests.support import ROOT, built, compile_into, fleet_at, meant

GOLDEN = ROOT / "tests" / "golden"
FLEETS = sorted(folder.name for folder in GOLDEN.iterdir())


def test_there_are_golden_fleets_for_what_differs() -> None:
    """One for each shape of agent, provider and platform; a folder without a spec would test nothing."""
    platforms = {f"platform-{name}" for name in ("eks", "gke", "aks", "onprem")}
    providers = {f"secrets-{name}" for name in ("aws", "azure", "gcp", "vault", "fake")}
    assert set(FLEETS) == {"service", "job", "ingress", "cilium", "network", "overrides"} | platforms | providers
    assert all((GOLDEN / name / "agents.yaml").is_file() for name in FLEETS)


@pytest.mark.parametrize("name", FLEETS)
def test_a_fleet_compiles_to_its_golden_tree(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    golden = GOLDEN / name
    expected = compile_into(tmp_path, fleet_at(golden / "agents.yaml"))
    changes = disk.compare(golden, expected.items(), tree.FOLDERS)
    # A file without our header would escape the comparison.
    known = {*expected, *changes.removed, "agents.yaml"}
    strangers = [str(p) for p in golden.rglob("*") if p.is_file() and p.relative_to(golden).as_posix() not in known]
    assert not strangers
    if changes.is_empty:
        return
    if request.config.getoption("--update-golden"):
        disk.apply(golden, changes)
        pytest.fail(f"rewrote {golden.relative_to(ROOT)}; read the diff and run again")
    difference = "\n".join(disk.diff(changes))
    pytest.fail(f"{difference}\n\nIf this is what you want: pytest tests/test_golden.py --update-golden -k {name}")


@pytest.mark.parametrize("name", FLEETS)
@pytest.mark.usefixtures("crd_schemas")
def test_a_golden_tree_is_valid_and_what_was_meant(name: str, tools: Tools) -> None:
    golden = GOLDEN / name
    fleet = fleet_at(golden / "agents.yaml")
    expected = meant(fleet)
    assert built(golden, expected, tools) == expected
    report = validate(golden, str(fleet.kubernetes.version), tools=tools)
    assert not report.problems, "\n".join(map(str, report.problems))
    assert report.no_schema == 0
