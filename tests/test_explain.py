"""The way back from a generated line to the spec, and the way there."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.explain import explanation
from generator.explain.builders import builder_of
from generator.explain.causes import (
    Effect,
    How,
    Stale,
    causes_of,
    effects,
    lines_of,
    owner_of,
    smallest,
    that_matter,
)
from generator.explain.lines import GeneratedFile, line_at
from generator.spec import fields
from generator.spec.variants import paths
from tests.explain_support import relation, shares
from tests.support import REFERENCE, ROOT

GOLDEN = ROOT / "tests" / "golden"
SPECS = [REFERENCE, *(GOLDEN / name / "agents.yaml" for name in ("service", "network", "overrides", "secrets-fake"))]


# ---------------------------------------------------------------------------- how much, and whether


def test_nearly_every_line_of_the_shipped_fleet_comes_from_a_line_of_the_spec() -> None:
    """Two numbers: lines that come from the spec at all, and those that come from something specific in it, be it a
    value, a name that they say, or a part of what an agent or an environment has.
    """
    found = relation(REFERENCE)
    count = shares(found)
    total = count.total()
    assert total == sum(len(file.lines) for file in found.world.files.values())
    assert (total - count["builder"]) / total > 0.959, count
    assert (count["specific"] + count["named"]) / total > 0.743, count


@pytest.mark.parametrize("name", ["service", "job", "ingress", "overrides", "network", "secrets-fake", "platform-gke"])
def test_what_comes_from_no_value_is_the_same_in_every_fleet(name: str) -> None:
    """So that `the builder writes it for every fleet` is true, of the golden fleets too."""
    found, others = relation(GOLDEN / name / "agents.yaml"), relation(REFERENCE)
    constant = [line for line in found.lines if all(cause.how is How.DEFAULT for cause in found.causes(line))]
    assert 150 < len(constant) < 200
    for file, number in constant:
        assert found.said((file, number)) in others.world.files[file].lines, (file, number)


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_from_a_line_to_the_spec_and_back(spec: Path) -> None:
    """What a line is traced to, in the smallest fleet that has it, is what ends up in it, in the whole one."""
    whole = relation(spec)
    small: dict[Any, dict[fields.Path, Effect]] = {}
    for file, generated in whole.world.files.items():
        owner, environment = owner_of(whole.fleet, file)
        world, _ = smallest(whole.document, whole.fleet, file, generated.text, 1)
        key = owner, environment, tuple(world.files)
        if key not in small:
            small[key] = {effect.path: effect for effect in effects(world, that_matter(world, owner))}
        for number in range(1, len(generated.lines) + 1):
            traced = {
                (path, effect.lines[file][number])
                for path, effect in small[key].items()
                if number in effect.lines.get(file, ())
            }
            assert traced == {(cause.path, cause.how) for cause in whole.causes((file, number))}, (file, number)


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_from_the_spec_to_a_line_and_back(spec: Path) -> None:
    """What is said of each line that a line of the spec ends up in leads back to that line of the spec."""
    found = relation(spec)
    standing = {path: lines_of(found.document, path) for path in paths(found.document.values)}
    back = {
        line: {each.source.path: each.source.place for each in explanation.of_causes(found.document, causes)}
        for line in found.lines
        if (causes := found.causes(line))
    }
    checked = 0
    for path, effect in found.effects.items():
        for file, lines in effect.lines.items() if effect.default is None else ():
            for line in lines:
                place = back[file, line][path]
                assert place is not None
                assert place.line in standing[path]
                checked += 1
    assert checked > 1000


def test_both_directions_by_the_functions_that_the_command_calls() -> None:
    found = relation(REFERENCE)
    for number in (6, 46, 79, 83, 89, 110):
        values = explanation.of_spec(found.document, number).values
        shown = [line for value in values for line in value.lines]
        for line in (shown[0], shown[-1]):
            text = found.world.files[line.file].text
            causes = explanation.of_line(found.document, found.fleet, line.file, text, line.line).causes
            assert number in {cause.source.place.line for cause in causes if cause.source.place}, line


# ---------------------------------------------------------------------------- what people ask

# Of each file, lines by how they begin, with the value that is the best answer.
ANSWERS: dict[str, list[tuple[str, str, str]]] = {
    "base/security-agent/deployment.yaml": [
        ("cpu: 500m", "agents.security-agent.resources.requests.cpu", "value"),
        ("limits:", "agents.security-agent.resources.limits", "presence"),
        ("- name: security-agent", "agents.security-agent", "name"),
        ("image: ghcr.io/", "agents.security-agent.image", "value"),
        ("containerPort: 8080", "agents.security-agent.service.port", "value"),
        ("secret.reloader.stakater.com/reload", "agents.security-agent", "name"),
        ("progressDeadlineSeconds", "defaults.service.health.startup", "default"),
        ("type: RollingUpdate", "agents.security-agent.volumes.reports.shared", "value"),
        ("maxSurge: 1", "defaults.rollout.maxSurge", "default"),
        ("kind: Deployment", "agents.security-agent.service", "presence"),
        ("- name: GITHUB_TOKEN", "agents.security-agent.secrets.1", "value"),
        ("- name: POD_NAME", "agents.security-agent.talksTo.2", "presence"),
        ("preStop:", "kubernetes.version", "presence"),
    ],
    "base/security-agent/networkpolicy.yaml": [
        ("cnpg.io/cluster: audit-db", "agents.security-agent.talksTo.0", "presence"),
        ("port: 4317", "agents.security-agent.talksTo.2", "presence"),
        ("cidr: 0.0.0.0/0", "agents.security-agent.talksTo", "presence"),
    ],
    "base/it-ops-agent/networkpolicy.yaml": [
        ("cidr: 172.20.0.1/32", "kubernetes.apiServer.0", "value"),
    ],
    "base/it-ops-agent/role.yaml": [
        ("- deployments/scale", "agents.it-ops-agent.permissions.3.resources.0", "value"),
    ],
    "base/security-agent/cronjob.yaml": [
        ("schedule: 0 2", "agents.security-agent.jobs.vulnerability-scan.schedule", "value"),
        ("- --all", "agents.security-agent.jobs.vulnerability-scan.args.1", "value"),
        ("timeZone:", "defaults.job.timeZone", "default"),
    ],
    "base/security-agent/persistentvolumeclaim.yaml": [
        ("storage: 10Gi", "agents.security-agent.volumes.reports.size", "value"),
    ],
    "base/security-agent/kustomization.yaml": [
        ("team: devops", "agents.security-agent.team", "value"),
        ("tier:", "agents.security-agent.tier", "value"),
        ("app.kubernetes.io/part-of", "metadata.name", "value"),
        ("framework-version", "metadata.frameworkVersion", "value"),
        ("- AUDIT_TRAIL_DB_HOST", "agents.security-agent.talksTo.0", "presence"),
        ("- EVIDENCE_BUCKET", "platform.services.evidence.config.EVIDENCE_BUCKET", "value"),
    ],
    "base/namespace/limitrange.yaml": [
        ("storage: 50Gi", "defaults.containerLimits.maxVolume", "value"),
    ],
    "base/namespace/rolebinding.yaml": [
        ("name: devops", "teams.devops.group", "value"),
    ],
    "overlays/prod/namespace/resourcequota.yaml": [
        ("limits.memory", "environments.prod.quota.limits.memory", "value"),
    ],
    "overlays/dev/security-agent/patch-deployment.yaml": [
        ("maxSurge: 0", "environments.dev.rollout.maxSurge", "value"),
        ("template:", "environments.dev.scale", "presence"),
        ("cpu: 250m", "agents.security-agent.resources.requests.cpu", "value"),
    ],
    "overlays/prod/security-agent/patch-horizontalpodautoscaler.yaml": [
        ("minReplicas: 2", "agents.security-agent.environments.prod.service.replicas.min", "value"),
    ],
    "overlays/prod/security-agent/patch-httproute.yaml": [
        ("- security-agent.", "environments.prod.domain", "value"),
    ],
    "overlays/prod/security-agent/kustomization.yaml": [
        ("namespace:", "environments.prod", "name"),
    ],
    "overlays/prod/kustomization.yaml": [
        ("- it-ops-agent", "agents.it-ops-agent", "name"),
    ],
    "argocd/applications/prod/architect-agent.yaml": [
        ("enabled: false", "tiers.4.approval", "value"),
    ],
    "argocd/applications/prod/security-agent.yaml": [
        ("enabled: true", "environments.prod.sync", "value"),
        ("targetRevision", "gitops.targetRevision", "value"),
        ("namespace: argocd", "gitops.argocdNamespace", "default"),
    ],
    "argocd/projects/prod.yaml": [
        ("- https://github.com", "gitops.repoURL", "value"),
    ],
}


@pytest.mark.parametrize("file", ANSWERS)
def test_the_best_answer_is_what_an_engineer_would_say(file: str) -> None:
    found = relation(REFERENCE)
    said = [line.strip() for line in found.world.files[file].lines]
    for says, path, how in ANSWERS[file]:
        number = 1 + (
            said.index(says) if says in said else next(n for n, one in enumerate(said) if one.startswith(says))
        )
        best = found.causes((file, number))[0]
        assert (".".join(map(str, best.path)), best.how) == (path, how), says


def test_a_name_is_traced_wherever_it_is_spoken_of() -> None:
    found = relation(GOLDEN / "network" / "agents.yaml")
    for file, other in (("base/ask/networkpolicy.yaml", "answer"), ("base/answer/networkpolicy.yaml", "ask")):
        said = [line.strip() for line in found.world.files[file].lines]
        best = found.causes((file, 1 + said.index(f"app.kubernetes.io/name: {other}")))[0]
        assert (best.path, best.how) == (("agents", other), How.NAME)


def test_a_list_of_every_agent_is_explained_line_by_line() -> None:
    found = relation(REFERENCE)
    file = "overlays/prod/kustomization.yaml"
    text = found.world.files[file].text
    for number, said in enumerate(text.splitlines(), 1):
        causes = causes_of(found.document, found.fleet, file, text, number)
        expected = {(cause.path, cause.how) for cause in found.causes((file, number))}
        assert {(cause.path, cause.how) for cause in causes} >= {pair for pair in expected if pair[0][0] == "agents"}
        assert causes[0].path == (
            ("agents", said[2:]) if said[2:] in found.document.values["agents"] else causes[0].path
        )


def test_a_stale_text_is_not_explained() -> None:
    found = relation(REFERENCE)
    file = "base/ai-agent/service.yaml"
    with pytest.raises(Stale):
        causes_of(found.document, found.fleet, file, found.world.files[file].text.replace("8080", "8081"), 5)


def test_every_file_has_a_builder_that_exists_and_a_patch_the_file_it_differs_from() -> None:
    found = relation(REFERENCE)
    for file in found.world.files:
        builder = builder_of(file)
        assert (ROOT / builder.module).is_file()
        assert ("/patch-" in file) == bool(builder.base)
        assert builder.base is None or builder.base in found.world.files
    assert builder_of("overlays/prod/ai-agent/patch-cronjob.yaml").module == "generator/resources/agent/cronjob.py"
    assert (
        builder_of("overlays/dev/namespace/rolebinding.yaml").module == "generator/resources/namespace/rolebinding.py"
    )
    assert builder_of("argocd/root.yaml").module == "generator/argocd.py"


# ---------------------------------------------------------------------------- lines of a file

keys = st.sampled_from(["k", "l", "m", "n" * 260])
plain: Any = st.recursive(
    st.sampled_from(["a", "b", "one\ntwo\n", "", 1, 2, True]) | st.just({}) | st.just([]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
objects: Any = st.lists(st.dictionaries(keys, plain, min_size=1, max_size=3), min_size=1, max_size=3)


@settings(max_examples=300)
@given(old=objects, new=objects)
def test_a_line_that_does_not_move_is_still_there(old: list[Any], new: list[Any]) -> None:
    """The lines that are left make up lines of the other text, wherever these are."""
    file, other = GeneratedFile(old), GeneratedFile(new)
    moves = file.moved(new)
    assert all(1 <= line <= len(file.lines) for line in moves)
    assert moves or old == new or _is_only_more(file, other)
    still = [line for number, line in enumerate(file.lines, 1) if number not in moves]
    after = [line.strip().removeprefix("- ") for line in other.lines]
    for line in still:
        said = line.strip()
        while said.startswith("- "):
            said = said.removeprefix("- ")
        assert any(said in each or said == each for each in after) or said in ("-", "---"), (line, other.text)


def _is_only_more(file: GeneratedFile, other: GeneratedFile) -> bool:
    return len(other.lines) >= len(file.lines) or sorted(map(repr, file.documents)) == sorted(
        map(repr, other.documents)
    )


@settings(max_examples=200)
@given(documents=objects)
def test_of_a_file_that_goes_or_changes_throughout_every_line_moves(documents: list[Any]) -> None:
    file = GeneratedFile(documents)
    assert file.moved(None).keys() == set(range(1, len(file.lines) + 1))
    nothing: list[Any] = []
    assert file.moved(nothing).keys() == set(range(1, len(file.lines) + 1))


def test_a_path_in_an_object_leads_to_its_line() -> None:
    """As kubeconform and kustomize name it: the number of the document, and a JSON pointer."""
    found = relation(REFERENCE)
    file = found.world.files["base/namespace/rolebinding.yaml"]
    for index, document in enumerate(file.documents):
        line = line_at(file.text, index, ("metadata", "name"))
        assert file.lines[line - 1] == f"  name: {document['metadata']['name']}"
        said = file.lines[line_at(file.text, index, ("subjects", "0", "kind")) - 1]
        assert said.removeprefix("-").strip() == f"kind: {document['subjects'][0]['kind']}"
        assert file.lines[line_at(file.text, index, ("subjects", 7)) - 1] == "subjects:"
    assert line_at(file.text, 0, ()) == 2
