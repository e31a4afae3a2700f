"""The order proof: every rule broken alone, and the order of the shipped fleet's syncs.

tests/proof_faults/order.yaml is sound. No spec can break these rules, only a fault in a builder: objects are changed.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.proofs import order
from generator.proofs.order import needs
from generator.proofs.order.cycles import cycles
from generator.proofs.order.needs import Item, Need
from generator.spec import build
from tests.proof_support import expected_in, lines_and_rules
from tests.proof_worlds import (
    FAULTS,
    Fault,
    Manifest,
    World,
    marked,
    proved,
    schema_of,
    undescribed,
    world_of,
)
from tests.rules_in_source import rules_of
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, fleet_at, kustodian

SOUND = (FAULTS / "order.yaml").read_text(encoding="utf-8")
SCHEMA = schema_of(order)
WAVE = "argocd.argoproj.io/sync-wave"

Change = Callable[[World], None]


def wave(kind: str, name: str, number: int) -> Change:
    def tamper(world: World) -> None:
        world.the(kind, name)["metadata"].setdefault("annotations", {})[WAVE] = str(number)

    return tamper


def hook(kind: str, name: str, phase: str) -> Change:
    def tamper(world: World) -> None:
        world.the(kind, name)["metadata"].setdefault("annotations", {})[needs.HOOK] = phase

    return tamper


def of_application(name: str, number: int, kind: str = "Application") -> Change:
    def tamper(world: World) -> None:
        world.application(name, kind)["metadata"]["annotations"][WAVE] = str(number)

    return tamper


def changed_spec(name: str, kind: str, **spec: Any) -> Change:
    def tamper(world: World) -> None:
        world.application(name, kind)["spec"] |= spec

    return tamper


def project(**spec: Any) -> Change:
    return changed_spec("fleet-dev", "AppProject", **spec)


def both(*changes: Change) -> Change:
    def tamper(world: World) -> None:
        for change in changes:
            change(world)

    return tamper


def without_kind(kind: str) -> Change:
    def tamper(world: World) -> None:
        spec = world.application("fleet-dev", "AppProject")["spec"]
        spec["namespaceResourceWhitelist"] = [one for one in spec["namespaceResourceWhitelist"] if one["kind"] != kind]

    return tamper


def renamed_namespace(name: str) -> Change:
    def tamper(world: World) -> None:
        (entry,) = world.application("fleet-namespaces", "AppProject")["spec"]["clusterResourceWhitelist"]
        entry["name"] = name

    return tamper


def logs_in_with(secret: str) -> Change:
    """The store takes the Secret that it logs in with from a Secret of the namespace."""

    def tamper(world: World) -> None:
        provider = {"vault": {"server": "https://v", "auth": {"tokenSecretRef": {"name": secret, "key": "token"}}}}
        world.the("SecretStore")["spec"] = {"provider": provider}

    return tamper


def also_reads(kind: str, name: str, secret: str) -> Change:
    def tamper(world: World) -> None:
        world.pod(kind, name)["volumes"].append({"name": "more", "secret": {"secretName": secret}})

    return tamper


def also_mounts(kind: str, name: str, config_map: str) -> Change:
    def tamper(world: World) -> None:
        world.pod(kind, name)["volumes"].append({"name": "more", "configMap": {"name": config_map}})

    return tamper


def path(name: str, text: str) -> Change:
    def tamper(world: World) -> None:
        world.application(name)["spec"]["source"]["path"] = text

    return tamper


def without(kind: str, name: str) -> Change:
    def tamper(world: World) -> None:
        world.applications.remove(world.application(name, kind))

    return tamper


def needing(before: str, what: str, where: str, kind: str) -> str:
    return f"dev: {before} needs {what}, which does not come before it ({where}); put the {kind} into an earlier wave"


SERVER = "https://kubernetes.default.svc"
TOGETHER = "both in wave 0, where each {} is applied first"

FAULTS_ = [
    *(
        Fault(rule="needs-later-wave", tamper=tamper, at=at, says=says, fine_tamper=fine)
        for at, tamper, says, fine in (
            (
                "dev:",
                wave("LimitRange", "limits", -3),
                needing("LimitRange limits", "Namespace fleet-dev", "wave -2 after wave -3", "Namespace"),
                wave("LimitRange", "limits", -2),
            ),
            (
                "dev:",
                wave("SecretStore", "secret-store", 2),
                needing(
                    "ExternalSecret shared", "SecretStore secret-store", "both in wave 2, in no order", "SecretStore"
                ),
                wave("SecretStore", "secret-store", 0),
            ),
            (
                "dev:",
                wave("ServiceAccount", "secret-store", 2),
                needing(
                    "SecretStore secret-store", "ServiceAccount secret-store", "wave 2 after wave 1", "ServiceAccount"
                ),
                wave("ServiceAccount", "secret-store", 1),
            ),
            (
                "dev:",
                wave("RoleBinding", "secret-store-token", 2),
                needing(
                    "SecretStore secret-store", "RoleBinding secret-store-token", "wave 2 after wave 1", "RoleBinding"
                ),
                wave("RoleBinding", "secret-store-token", 1),
            ),
            (
                "dev:",
                wave("Role", "secret-store-token", 1),
                needing("RoleBinding secret-store-token", "Role secret-store-token", "wave 1 after wave 0", "Role"),
                wave("Role", "secret-store-token", -1),
            ),
            (
                "helper:",
                wave("ExternalSecret", "helper", 0),
                needing("Deployment helper", "ExternalSecret helper", TOGETHER.format("Deployment"), "ExternalSecret"),
                wave("ExternalSecret", "helper", -3),
            ),
            (
                "helper:",
                wave("ServiceAccount", "helper", 1),
                needing("Deployment helper", "ServiceAccount helper", "wave 1 after wave 0", "ServiceAccount"),
                wave("ServiceAccount", "helper", -1),
            ),
            (
                "helper:",
                wave("RoleBinding", "helper", 1),
                needing("Deployment helper", "RoleBinding helper", "wave 1 after wave 0", "RoleBinding"),
                wave("RoleBinding", "helper", 0),
            ),
            (
                "helper:",
                wave("ConfigMap", "helper-config", 1),
                needing("Deployment helper", "ConfigMap helper-config", "wave 1 after wave 0", "ConfigMap"),
                wave("ConfigMap", "helper-config", -1),
            ),
            (
                "helper:",
                wave("PersistentVolumeClaim", "helper-data", 1),
                needing(
                    "Deployment helper",
                    "PersistentVolumeClaim helper-data",
                    "wave 1 after wave 0",
                    "PersistentVolumeClaim",
                ),
                wave("PersistentVolumeClaim", "helper-data", 0),
            ),
            (
                "helper:",
                wave("NetworkPolicy", "helper", 1),
                needing("Deployment helper", "NetworkPolicy helper", "wave 1 after wave 0", "NetworkPolicy"),
                wave("NetworkPolicy", "helper", 0),
            ),
            (
                "helper:",
                wave("HorizontalPodAutoscaler", "helper", -1),
                needing("HorizontalPodAutoscaler helper", "Deployment helper", "wave 0 after wave -1", "Deployment"),
                wave("HorizontalPodAutoscaler", "helper", 1),
            ),
            (
                "helper:",
                wave("HTTPRoute", "helper", -1),
                needing("HTTPRoute helper", "Service helper", "wave 0 after wave -1", "Service"),
                wave("HTTPRoute", "helper", 1),
            ),
            (
                "helper:",
                both(
                    also_mounts("Deployment", "helper", "helper-config"), hook("ConfigMap", "helper-config", "PostSync")
                ),
                needing("Deployment helper", "ConfigMap helper-config", "a later phase of the sync", "ConfigMap"),
                hook("ConfigMap", "helper-config", "PreSync"),
            ),
            (
                "other:",
                both(also_mounts("Deployment", "other", "helper-config"), of_application("fleet-dev-helper", 0)),
                needing(
                    "Deployment other",
                    "ConfigMap helper-config",
                    "the Application of helper is in wave 0, that of other in 0",
                    "ConfigMap",
                ),
                both(also_mounts("Deployment", "other", "helper-config"), of_application("fleet-dev-helper", -1)),
            ),
        )
    ),
    Fault(
        rule="needs-later-wave",
        tamper=of_application("fleet-dev", 0, "AppProject"),
        at="gitops:",
        says="\n".join(
            f"Application fleet-dev-{name} (wave 0) needs its AppProject fleet-dev, of wave 0; "
            "put the project into an earlier wave"
            for name in ("batch", "helper", "other")
        ),
        fine_tamper=of_application("fleet-dev", -1, "AppProject"),
    ),
    Fault(
        rule="claim-waits",
        tamper=wave("PersistentVolumeClaim", "helper-data", -1),
        at="helper:",
        says="dev: PersistentVolumeClaim helper-data waits in wave -1 for a pod that uses it, "
        "and ServiceAccount helper waits for it in 0; put the claim into its pods' wave",
        fine_tamper=wave("PersistentVolumeClaim", "helper-data", 0),
    ),
    Fault(
        rule="claim-waits",
        tamper=wave("CronJob", "batch-scan", 1),
        at="batch:",
        says="dev: PersistentVolumeClaim batch-cache waits in wave 0 for a pod that uses it, and CronJob batch-scan "
        "waits for it in 1; put the claim into its pods' wave",
        fine_tamper=both(wave("CronJob", "batch-scan", 1), wave("PersistentVolumeClaim", "batch-cache", 1)),
    ),
    Fault(
        rule="order-cycle",
        tamper=logs_in_with("shared"),
        at="dev:",
        says="dev: ExternalSecret shared needs SecretStore secret-store needs ExternalSecret shared: "
        "none of them can be the first; let one of them do without the next",
        fine_tamper=logs_in_with("made-by-hand"),
    ),
    Fault(
        rule="order-cycle",
        tamper=logs_in_with("helper"),
        at="helper:",
        says="dev: ExternalSecret helper needs SecretStore secret-store needs ExternalSecret helper: "
        "none of them can be the first; let one of them do without the next",
        fine_tamper=logs_in_with("made-by-hand"),
    ),
    Fault(
        rule="order-cycle",
        tamper=both(
            also_mounts("Deployment", "other", "helper-config"),
            also_mounts("Deployment", "helper", "other-config"),
            of_application("fleet-dev-helper", -1),
        ),
        at="helper:",
        says="dev: the Applications of helper and other each hold what the other needs; hold it in one of them",
        fine_tamper=both(also_mounts("Deployment", "other", "helper-config"), of_application("fleet-dev-helper", -1)),
    ),
    Fault(
        rule="application-missing",
        tamper=without("Application", "fleet-dev-batch"),
        at="batch:",
        says="dev: no Application syncs overlays/dev/batch; run `kustodian generate`",
        fine_tamper=path("fleet-dev-batch", "deploy/overlays/dev/batch"),
    ),
    Fault(
        rule="path-missing",
        tamper=lambda world: world.applications.append(_another(world)),
        at="gitops:",
        says="Application again syncs overlays/dev/batch, and no overlay is there; run `kustodian generate`",
        fine_tamper=path("fleet-dev-batch", "deploy/overlays/dev/batch"),
    ),
    Fault(
        rule="project-missing",
        tamper=changed_spec("fleet-dev-batch", "Application", project="fleet-test"),
        at="gitops:",
        says="Application fleet-dev-batch is of the project fleet-test, which nothing makes; name one that is there",
        fine_tamper=changed_spec("fleet-dev-batch", "Application", project="fleet-dev"),
    ),
    *(
        Fault(
            rule="project-forbids",
            tamper=tamper,
            at="gitops:",
            says="\n".join(
                f"the project {of} does not allow Application {name} {what}; allow it there" for name in applications
            ),
            fine_tamper=fine,
        )
        for of, applications, tamper, what, fine in (
            (
                "fleet-dev",
                ("fleet-dev-batch", "fleet-dev-helper", "fleet-dev-other"),
                project(sourceRepos=["https://github.com/example/*", "!https://github.com/example/fleet.git"]),
                "the repository https://github.com/example/fleet.git",
                project(sourceRepos=["https://github.com/example/*", "!https://github.com/example/other.git"]),
            ),
            (
                "fleet-dev",
                ("fleet-dev-batch", "fleet-dev-helper", "fleet-dev-other"),
                project(destinations=[{"server": SERVER, "namespace": "fleet-de"}]),
                f"the namespace fleet-dev on {SERVER}",
                project(destinations=[{"server": SERVER, "namespace": "fleet-*"}]),
            ),
            (
                "fleet-dev",
                ("fleet-dev-batch", "fleet-dev-helper", "fleet-dev-other"),
                project(destinations=[{"server": "https://other", "namespace": "fleet-dev"}]),
                f"the namespace fleet-dev on {SERVER}",
                project(destinations=[{"server": "*", "namespace": "fleet-dev"}]),
            ),
            (
                "fleet-dev",
                ("fleet-dev-batch",),
                without_kind("CronJob"),
                "the kind CronJob.batch",
                project(namespaceResourceWhitelist=[{"group": "*", "kind": "*"}]),
            ),
            (
                "fleet-dev",
                ("fleet-dev-helper",),
                both(
                    project(namespaceResourceBlacklist=[{"group": "rbac.authorization.k8s.io", "kind": "Role"}]),
                    lambda world: world.application("fleet-dev", "AppProject")["spec"].pop(
                        "namespaceResourceWhitelist"
                    ),
                ),
                "the kind Role.rbac.authorization.k8s.io",
                lambda world: world.application("fleet-dev", "AppProject")["spec"].pop("namespaceResourceWhitelist"),
            ),
            (
                "fleet-namespaces",
                ("fleet-dev-namespace",),
                renamed_namespace("fleet-prod"),
                "the kind Namespace fleet-dev",
                renamed_namespace("fleet-*"),
            ),
            (
                "fleet-root",
                ("fleet",),
                changed_spec(
                    "fleet-root", "AppProject", namespaceResourceWhitelist=[{"group": "*", "kind": "App[a-p]*"}]
                ),
                "the kind AppProject.argoproj.io",
                changed_spec("fleet-root", "AppProject", namespaceResourceWhitelist=[{"group": "*", "kind": "App*"}]),
            ),
        )
    ),
]


def _another(world: World) -> Manifest:
    """An Application that forgets the folder which the fleet is in."""
    found = world.application("fleet-dev-batch")
    spec = found["spec"] | {"source": found["spec"]["source"] | {"path": "overlays/dev/batch"}}
    return found | {"metadata": found["metadata"] | {"name": "again"}, "spec": spec}


def by_rule(fault: Fault) -> str:
    return fault.rule


def test_the_sound_fleet_is_sound(tmp_path: Path) -> None:
    assert proved(order, SOUND, tmp_path, None)[1] == []


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_one_fault_is_found_at_the_line_that_causes_it_in_these_words(fault: Fault, tmp_path: Path) -> None:
    text = marked(SOUND, fault)
    problems = proved(order, text, tmp_path, fault.tamper)[1]
    said = [str(problem).partition("]: ")[2] for problem in problems]
    assert said == sorted(fault.says.split("\n"))
    assert set(lines_and_rules(problems)) == set(expected_in(text))
    assert {problem.rule for problem in problems} == {fault.rule}


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_the_neighbour_of_a_fault_passes(fault: Fault, tmp_path: Path) -> None:
    assert fault.fine_tamper
    assert [str(problem) for problem in proved(order, SOUND, tmp_path, fault.fine_tamper)[1]] == []


def test_every_rule_is_broken_by_a_case() -> None:
    assert {fault.rule for fault in FAULTS_} == rules_of(Path(order.__file__).parent)


def test_a_hook_before_the_sync_cannot_wait_for_the_sync() -> None:
    world = world_of("order")
    world.add("batch", "Job", "first", spec={"template": {"spec": {"containers": [], "serviceAccountName": "batch"}}})
    hook("Job", "first", "PreSync")(world)
    project(namespaceResourceWhitelist=[{"group": "*", "kind": "*"}])(world)
    (finding,) = order.prove(world.evidence()).findings
    assert finding.message == (
        "dev: Job first needs ServiceAccount batch, which does not come before it (a later phase of the sync)"
    )
    hook("ServiceAccount", "batch", "PreSync")(world)
    # Its other pods find it there, and its first pod too.
    assert order.prove(world.evidence()).findings == ()


def test_agents_that_talk_to_each_other_do_not_wait_for_each_other() -> None:
    world = world_of("order")
    talking = {(need.item.owner, need.needs.owner) for need in _needs(world)}
    assert not {("helper", "other"), ("other", "helper")} & talking
    assert {("helper", "namespace"), ("other", "namespace"), ("batch", "namespace")} <= talking


def test_what_is_not_there_is_not_waited_for() -> None:
    world = world_of("order")
    also_mounts("Deployment", "other", "nothing")(world)
    assert order.prove(world.evidence()).findings == ()


# What every pod needs, in words, so that a builder that forgets one is seen here.
def test_what_a_pod_needs() -> None:
    wanted = {
        (str(need.needs), need.before)
        for need in _needs(world_of("order"))
        if need.item.kind == "Deployment" and need.item.name == "helper"
    }
    assert wanted == {
        ("Namespace fleet-dev", True),
        ("ServiceAccount helper", True),
        ("RoleBinding helper", False),
        ("ExternalSecret helper", True),
        ("ExternalSecret shared", True),
        ("ConfigMap helper-config", True),
        ("PersistentVolumeClaim helper-data", True),
        ("NetworkPolicy helper", False),
        ("NetworkPolicy default-deny", False),
        ("NetworkPolicy allow-dns", False),
    }


def _needs(world: World) -> list[Need]:
    (compiled,) = world.evidence().environments
    return needs.needs(compiled)


# ------------------------------------------------------------------------------------------------- against a simulation


@settings(max_examples=40 * MORE)
@given(st.data())
def test_a_sync_that_passes_ends_and_one_that_ends_in_waves_passes(data: st.DataObject) -> None:
    """Waves at random: Argo CD is played wave by wave, and whatever lacks something of a later one is never well."""
    world = world_of("order")
    owners = world.objects["dev"]
    movable = [
        one
        for owner in ("namespace", "helper")
        for one in owners[owner]
        if one["kind"]
        in ("ServiceAccount", "ExternalSecret", "SecretStore", "ConfigMap", "Role", "RoleBinding", "Deployment")
    ]
    for manifest in movable:
        number = data.draw(st.integers(-1, 2), label=f"{manifest['kind']} {manifest['metadata']['name']}")
        manifest["metadata"].setdefault("annotations", {})[WAVE] = str(number)
    found = {one.rule for one in order.prove(world.evidence()).findings} - {"claim-waits"}
    stuck = {owner for owner in ("namespace", "helper") if _stuck(world, owner)}
    if stuck:
        assert found == {"needs-later-wave"}
    # Within a wave nothing is waited for: what is only applied too late there is a finding, though it comes right.
    elif found:
        assert found == {"needs-later-wave"}
        assert any(need.item.turn == need.needs.turn for need in _needs(world) if need.before)


def _stuck(world: World, owner: str) -> bool:
    """Whether a wave of the Application never becomes well."""
    needed: dict[Item, list[Need]] = {}
    for need in _needs(world):
        needed.setdefault(need.item, []).append(need)
    items = [needs.item_of(owner, manifest) for manifest in world.objects["dev"][owner]]
    there: set[Item] = set()
    for turn in sorted({item.turn for item in items}):
        there |= {item for item in items if item.turn == turn}
        for item in there:
            if any(need.needs.owner == owner and need.needs not in there for need in needed.get(item, ())):
                return True
    return False


@settings(max_examples=60 * MORE)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_a_cycle_is_found_exactly_where_there_is_one(edges: list[tuple[int, int]]) -> None:
    graph: dict[int, set[int]] = {}
    for node, needed in edges:
        graph.setdefault(node, set()).add(needed)

    def reachable(start: int) -> set[int]:
        seen, left = set(), [start]
        while left:
            for after in graph.get(left.pop(), ()):
                if after not in seen:
                    seen.add(after)
                    left.append(after)
        return seen

    found = list(cycles(edges))
    assert bool(found) == any(node in reachable(node) for node in graph)
    for cycle in found:
        assert cycle[0] == cycle[-1]
        assert all(needed in graph[node] for node, needed in pairwise(cycle))


@settings(max_examples=15 * MORE)
@given(specs())
def test_every_fleet_comes_in_order(spec: Spec) -> None:
    world = World.of(build.fleet(spec))
    report = order.prove(world.evidence())
    assert report.findings == ()
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)


# ----------------------------------------------------------------------------------------------------------- the report


def test_the_shipped_fleet_passes_and_its_json_is_as_its_schema_says() -> None:
    report = order.prove(World.of(fleet_at(REFERENCE)).evidence())
    assert report.findings == ()
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)
    assert [one.wave for one in report.applications] == [None, *[-10] * 3, *[0] * 12]
    by_person = [one.name for one in report.applications if not one.automatic]
    assert by_person == ["ai-agents-prod-architect-agent"]


def test_the_report_holds_every_object_once_in_the_order_of_its_application() -> None:
    world = world_of("order")
    report = order.prove(world.evidence())
    for application in report.applications[1:]:
        assert application.environment
        assert application.owner
        shown = [(item.kind, item.name) for wave_ in application.waves for item in wave_.items]
        held = [(one["kind"], one["metadata"]["name"]) for one in world.objects["dev"][application.owner]]
        assert sorted(shown) == sorted(held)
        assert [wave_.number for wave_ in application.waves] == sorted({wave_.number for wave_ in application.waves})
    namespace = next(one for one in report.applications if one.owner == "namespace")
    assert [[item.kind for item in wave_.items] for wave_ in namespace.waves] == [
        ["Namespace"],
        [
            *("NetworkPolicy", "NetworkPolicy", "LimitRange", "ServiceAccount"),
            *("Role", "RoleBinding", "RoleBinding"),
        ],
        ["SecretStore"],
        ["ExternalSecret"],
    ]


def test_a_broken_report_is_as_its_schema_says_too() -> None:
    world = world_of("order")
    without("Application", "fleet-dev-batch")(world)
    wave("ExternalSecret", "helper", 5)(world)
    report = order.prove(world.evidence())
    assert {one.rule for one in report.findings} == {"application-missing", "needs-later-wave"}
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)


def test_the_schema_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert list(undescribed(SCHEMA)) == []


def test_the_command_prints_the_waves(tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text(SOUND)
    run = kustodian("order", "--spec", spec)
    assert (run.returncode, run.stderr) == (0, "")
    rows = [line.split() for line in run.stdout.splitlines()]
    assert rows[0] == ["Wave", "Application", "Synced", "by", "Its", "waves", "What"]
    assert ["-10", "fleet-dev-namespace", "Argo", "CD", "-2", "Namespace"] in rows
    page = kustodian("order", "--spec", spec, "--format", "markdown").stdout
    assert "| -10 | fleet-dev-namespace | Argo CD | -2 | Namespace |" in page
