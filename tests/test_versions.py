"""Each supported Kubernetes: what is compiled for it is valid on it and on every newer one; nothing goes unjudged."""

from pathlib import Path

import pytest

from generator.checks.tools import Tools
from generator.checks.validate import validate
from tests.support import REFERENCE, compile_spec

VERSIONS = ("1.27", "1.29", "1.31", "1.33", "1.35", "1.37")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.usefixtures("crd_schemas")
def test_the_fleet_compiled_for_a_version_is_valid_from_there_on(version: str, tmp_path: Path, tools: Tools) -> None:
    fleet = compile_spec(tmp_path, REFERENCE.read_text().replace('version: "1.33"', f'version: "{version}"'))
    assert str(fleet.kubernetes.version) == version
    for newer in VERSIONS[VERSIONS.index(version) :]:
        report = validate(tmp_path, newer, tools=tools)
        assert not report.problems, "\n".join(map(str, report.problems))
        assert (report.invalid, report.no_schema, report.not_built) == (0, 0, ())
        # 15 overlays and 3 whole environments; their objects, and in argocd/ 5 AppProjects and 16 Applications.
        assert report.overlays == 18
        assert report.valid == OBJECTS_IN_OVERLAYS + 21


# Namespaces: 16 in dev and staging, 11 in prod, where no team operates. Agents: one object a kind and volume or job.
OBJECTS_IN_OVERLAYS = 172


@pytest.mark.parametrize(
    ("version", "field", "file"),
    [
        ("1.29", "podReplacementPolicy", "base/ai-agent/cronjob.yaml"),
        ("1.30", "preStop", "base/ai-agent/deployment.yaml"),
    ],
)
def test_a_field_newer_than_the_fleet_is_left_out(version: str, field: str, file: str, tmp_path: Path) -> None:
    minor = int(version.partition(".")[2])
    for wanted, expected in ((f"1.{minor - 1}", False), (version, True)):
        root = tmp_path / wanted
        compile_spec(root, REFERENCE.read_text().replace('version: "1.33"', f'version: "{wanted}"'))
        assert (field in (root / file).read_text()) is expected


@pytest.mark.parametrize(
    ("version", "before", "after"),
    [
        ("1.33", "tier: 4", "tier: 4\n    security: {userNamespaces: true}"),
        ("1.35", "replicas: {min: 1, max: 2}}", 'replicas: {min: 1, max: 2}, autoscaling: {tolerance: "0.05"}}'),
    ],
)
@pytest.mark.usefixtures("crd_schemas")
def test_a_field_asked_for_is_written_from_its_version_on(
    version: str, before: str, after: str, tmp_path: Path, tools: Tools
) -> None:
    """And refused before it: that is the rule `field-too-new`, which tests/test_rules.py holds to its words."""
    spec = REFERENCE.read_text().replace('version: "1.33"', f'version: "{version}"')
    assert before in spec
    compile_spec(tmp_path, spec.replace(before, after))
    report = validate(tmp_path, version, tools=tools)
    assert not report.problems, "\n".join(map(str, report.problems))
