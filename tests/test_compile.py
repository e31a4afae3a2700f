"""The compiler as a whole: Kustomize builds what was meant, the same spec gives the same bytes, a path comes once."""

import os
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings

from generator import tree
from generator.checks.tools import Tools
from generator.problems import Stop
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, ROOT, built, compile_into, compile_spec, fleet_at, meant


def test_the_reference_fleet_builds_to_what_was_meant(tools: Tools) -> None:
    expected = meant(fleet_at(REFERENCE))
    assert len(expected) == 3 * 5
    assert built(ROOT, expected, tools) == expected


# Explaining a failure would build each of hundreds of variants with kustomize.
NO_EXPLAINING = [phase for phase in Phase if phase is not Phase.explain]


@settings(max_examples=25 * MORE, suppress_health_check=list(HealthCheck), phases=NO_EXPLAINING)
@given(spec=specs())
def test_any_fleet_builds_to_what_was_meant(spec: Spec, tools: Tools) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        try:
            fleet = compile_spec(root, spec)
        except Stop as stop:
            event(f"refused: {stop.problems[0].rule}")
            assume(False)
        expected = meant(fleet)
        found = built(root, expected, tools)
        assert found.keys() == expected.keys()
        for overlay, objects in expected.items():
            assert found[overlay].keys() == objects.keys()
            for name, manifest in objects.items():
                assert found[overlay][name] == manifest


def test_an_environment_builds_to_all_of_its_overlays(tools: Tools) -> None:
    expected = meant(fleet_at(REFERENCE))
    whole = built(ROOT, ["overlays/dev"], tools)["overlays/dev"]
    apart = [objects for folder, objects in expected.items() if folder.startswith("overlays/dev/")]
    assert whole == {name: manifest for objects in apart for name, manifest in objects.items()}


def test_the_same_spec_gives_the_same_bytes(tmp_path: Path) -> None:
    """Under another hash seed, locale, time zone and folder."""
    script = (
        "import hashlib, pathlib, sys; from generator import tree, emit; from generator.spec.load import load;"
        "digest = hashlib.sha256();"
        "fleet = load(pathlib.Path(sys.argv[1]), 'x');"
        "[digest.update(f'{p}\\0{emit.documents(d)}\\0'.encode()) for p, d in tree.files(fleet)];"
        "print(digest.hexdigest())"
    )
    digests = set()
    for seed, zone, locale in (
        ("0", "UTC", "C"),
        ("1", "Asia/Tokyo", "C.UTF-8"),
        ("4711", "America/New_York", "POSIX"),
    ):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", script, str(REFERENCE)]
        run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        digests.add(run.stdout)
    assert len(digests) == 1


def test_a_path_that_would_be_written_twice_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = fleet_at(REFERENCE)
    monkeypatch.setattr(tree, "_files", lambda _: iter([("a.yaml", []), ("a.yaml", [])]))
    with pytest.raises(ValueError, match=r"a\.yaml would be written twice"):
        list(tree.files(fleet))


def test_generate_after_any_damage_restores_exactly_the_tree(tmp_path: Path) -> None:
    """Invariant 3 from the inside: a second run changes nothing, a run after damage restores every byte."""
    fleet = fleet_at(REFERENCE)
    files = compile_into(tmp_path, fleet)
    chance = random.Random(0)
    for path in chance.sample(sorted(files), 20):
        target = tmp_path / path
        if chance.random() < 0.5:
            target.unlink()
        else:
            target.write_text(target.read_text() + "# damaged\n")
    compile_into(tmp_path, fleet)
    assert {p.relative_to(tmp_path).as_posix(): p.read_text() for p in tmp_path.rglob("*.yaml")} == files


def test_kustomize_edit_set_image_still_works(tmp_path: Path, tools: Tools) -> None:
    """An overlay takes a new tag by Kustomize's own transformer: `images` names what the manifests hold."""
    compile_into(tmp_path, fleet_at(REFERENCE))
    overlay = tmp_path / "overlays/dev/security-agent/kustomization.yaml"
    overlay.write_text(overlay.read_text() + "images:\n- name: ghcr.io/example/security-agent\n  newTag: 1e3-hotfix\n")
    objects = built(tmp_path, ["overlays/dev/security-agent"], tools)["overlays/dev/security-agent"]
    pod = objects["Deployment security-agent"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "ghcr.io/example/security-agent:1e3-hotfix"
