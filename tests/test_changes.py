"""Which object became which, and in what order that is said; and what holds for any two fleets."""

import copy
import hashlib
import itertools
import json
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings

from generator.problems import Stop
from generator.review.changes import ABSENT, Change, ObjectKey, Risk, Source, compare
from generator.review.fields import differences
from generator.review.objects import at
from generator.review.renames import translation
from tests.review_support import AGENT, Built, Manifest, built, change, changes, lines, parsed
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, as_yaml, fleet_at
from tests.test_fields import applied, swept
from tests.test_risks import of

RENAMED = "design-agent"


@pytest.fixture(scope="module")
def reference() -> Built:
    return built(fleet_at(REFERENCE))


def fleet(folder: Path, spec: Spec | str) -> Built:
    """A spec compiled; its ConfigMaps named after their content, as Kustomize does."""
    file = folder / "agents.yaml"
    file.write_text(spec if isinstance(spec, str) else as_yaml(spec), encoding="utf-8")
    return {source: _hashed(manifests) for source, manifests in built(fleet_at(file)).items()}


def _hashed(manifests: list[Manifest]) -> list[Manifest]:
    names = {}
    for manifest in manifests:
        if manifest["kind"] == "ConfigMap":
            digest = hashlib.sha256(json.dumps(manifest["data"], sort_keys=True).encode()).hexdigest()[:10]
            name = manifest["metadata"]["name"]
            names[name] = f"{name}-{digest.translate(str.maketrans('013ae', 'ghkmt'))}"

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items()}
        if isinstance(value, list):
            return [named(each) for each in value]
        return names.get(value, value) if isinstance(value, str) else value

    return [named(manifest) for manifest in manifests]


# ---------------------------------------------------------------------------------------------------------------- keys


def test_an_object_is_called_by_kind_namespace_and_name() -> None:
    key = ObjectKey(group="", kind="PersistentVolumeClaim", namespace="ai-agents-prod", name="ai-agent-models")
    assert str(key) == "PersistentVolumeClaim/ai-agents-prod/ai-agent-models"
    assert str(ObjectKey(group="", kind="Namespace", namespace="", name="ai-agents-prod")) == "Namespace/ai-agents-prod"


def test_another_version_is_the_same_object_and_another_group_is_not() -> None:
    (found,) = changes(of("autoscaling/v1/X"), of("autoscaling/v2/X"))
    assert [(field.path, field.before, field.after) for field in found.fields] == [
        ("apiVersion", "autoscaling/v1", "autoscaling/v2")
    ]
    assert lines(changes(of("a.com/v1/X"), of("b.com/v1/X"))) == [
        "HARMLESS removed X/prod/x: is deleted",
        "HARMLESS added X/prod/x: is new",
    ]


@pytest.mark.parametrize(
    ("kind", "before", "after", "verbs"),
    [
        ("v1/ConfigMap", "a-88hbddb9h2", "a-mt2c5f4gk7", ["changed"]),
        ("v1/Secret", "a-88hbddb9h2", "a-mt2c5f4gk7", ["changed"]),
        ("v1/ConfigMap", "a", "a-mt2c5f4gk7", ["changed"]),
        ("v1/ConfigMap", "a-88hbddb9h2", "b-88hbddb9h2", ["added", "removed"]),
        ("v1/ConfigMap", "a-88hbddb9h0", "a-88hbddb9h1", ["added", "removed"]),  # no 0 or 1 in a hash
        ("v1/ConfigMap", "a-88hbddb9h22", "a-88hbddb9h24", ["added", "removed"]),  # too long
        ("v1/Service", "a-88hbddb9h2", "a-mt2c5f4gk7", ["added", "removed"]),
    ],
)
def test_only_the_hash_of_a_generated_name_is_no_part_of_it(
    kind: str, before: str, after: str, verbs: list[str]
) -> None:
    sides = [
        of(kind, f"data: {{LEVEL: {level}}}", f"name: {name}, namespace: prod")
        for name, level in ((before, "info"), (after, "debug"))
    ]
    assert sorted(each.verb for each in changes(*sides)) == verbs


def _config(name: str, level: str) -> str:
    return of("v1/ConfigMap", f"data: {{LEVEL: {level}}}", f"name: {name}, namespace: prod")


def test_the_same_name_comes_before_the_same_but_for_the_hash() -> None:
    before = "\n---\n".join((_config("a-2222222222", "info"), _config("a-4444444444", "debug")))
    after = "\n---\n".join((_config("a-4444444444", "debug"), _config("a-5555555555", "warn")))
    (found,) = changes(before, after)
    assert (str(found.before_key), str(found.key)) == ("ConfigMap/prod/a-2222222222", "ConfigMap/prod/a-5555555555")


def test_the_same_overlay_comes_before_another() -> None:
    other = Source(environment="prod", owner="shop")
    before = {AGENT: parsed(_config("a-2222222222", "1")), other: parsed(_config("a-4444444444", "2"))}
    after = {AGENT: parsed(_config("a-5555555555", "1")), other: parsed(_config("a-4444444422", "2"))}
    assert [(each.source, each.key.name) for each in compare(before, after)] == []
    after = {AGENT: parsed(_config("a-5555555555", "3")), other: parsed(_config("a-4444444422", "4"))}
    assert {
        (each.source.owner, each.before_key.name, each.key.name) for each in compare(before, after) if each.before_key
    } == {
        ("web", "a-2222222222", "a-5555555555"),
        ("shop", "a-4444444444", "a-4444444422"),
    }


def test_which_of_several_became_which_does_not_depend_on_their_order() -> None:
    old = [parsed(_config(f"a-{digit * 10}", digit))[0] for digit in "24"]
    new = [parsed(_config(f"a-{digit * 10}", digit))[0] for digit in "57"]
    found = compare({AGENT: old}, {AGENT: new})
    assert found == compare({AGENT: old[::-1]}, {AGENT: new})
    assert found == compare({AGENT: old}, {AGENT: new[::-1]})


def test_one_environment_has_nothing_to_do_with_another() -> None:
    other = Source(environment="dev", owner="web")
    found = compare({AGENT: parsed(of("v1/Service"))}, {other: parsed(of("v1/Service"))})
    assert [(each.source.environment, each.verb) for each in found] == [("dev", "added"), ("prod", "removed")]


def test_an_object_that_two_overlays_hold_is_compared_in_each() -> None:
    other = Source(environment="prod", owner="shop")
    service, changed = parsed(of("v1/Service")), parsed(of("v1/Service", "spec: {type: ClusterIP}"))
    (found,) = compare({AGENT: service, other: service}, {AGENT: service, other: changed})
    assert found.source == other
    (gone,) = compare({AGENT: service * 2}, {AGENT: service})
    assert gone.verb == "removed"


def test_a_change_of_one_agent_changes_nothing_else(reference: Built, tmp_path: Path) -> None:
    spec = REFERENCE.read_text().replace('schedule: "0 2 * * *"', 'schedule: "0 3 * * *"', 1)
    assert spec != REFERENCE.read_text()
    file = tmp_path / "agents.yaml"
    file.write_text(spec)
    assert lines(compare(reference, built(fleet_at(file)))) == [
        f"HARMLESS changed CronJob/{namespace}/security-agent-vulnerability-scan: takes effect at the next run"
        for namespace in ("ai-agents-dev", "ai-agents-prod", "ai-agents-staging")
    ]


# ------------------------------------------------------------------------------------------------------------- renames


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Built]:
    folder = tmp_path_factory.mktemp("renamed")
    spec = REFERENCE.read_text()
    return fleet(folder, spec), fleet(folder, spec.replace("architect-agent:", f"{RENAMED}:"))


def test_a_renamed_agent_is_recognised_and_loses_its_volume(renamed: tuple[Built, Built]) -> None:
    found = compare(*renamed)
    assert {each.verb for each in found} == {"renamed"}
    mine = [each for each in found if each.source.environment == "prod" or "-prod-" in each.key.name]
    claim = "the volume is deleted with its data, unless its class retains it; the new one starts empty"
    assert lines(mine)[:3] == [
        f"DESTROYS renamed Application/argocd/ai-agents-prod-{RENAMED}: everything that it deployed is deleted with it",
        f"DESTROYS renamed PersistentVolumeClaim/ai-agents-prod/{RENAMED}-designs: {claim} (Argo CD asks first)",
        f"RESTARTS renamed Deployment/ai-agents-prod/{RENAMED}:"
        f" its pods are replaced by those of Deployment/ai-agents-prod/{RENAMED}",
    ]
    assert {each.risk for each in mine[3:]} == {Risk.HARMLESS}
    assert str(mine[1].before_key) == "PersistentVolumeClaim/ai-agents-prod/architect-agent-designs"


def test_a_rename_says_no_field_that_only_follows_from_it(renamed: tuple[Built, Built]) -> None:
    assert [(str(each.key), each.fields) for each in compare(*renamed) if each.fields] == []


def test_a_rename_with_an_edit_shows_the_edit(renamed: tuple[Built, Built], tmp_path: Path) -> None:
    spec = REFERENCE.read_text().replace("architect-agent:", f"{RENAMED}:").replace("confluence-token", "wiki-token")
    found = [each for each in compare(renamed[0], fleet(tmp_path, spec)) if each.fields]
    assert {each.key.kind for each in found} == {"Deployment", "ExternalSecret"}
    assert {each.verb for each in found} == {"renamed"}
    secret = next(each for each in found if each.key.kind == "ExternalSecret")
    assert [field.path for field in secret.fields] == ["spec.data[confluence-token]", "spec.data[wiki-token]"]


def test_one_agent_for_quite_another_is_no_rename(renamed: tuple[Built, Built], tmp_path: Path) -> None:
    spec = yaml.safe_load(REFERENCE.read_text())
    spec["tiers"] = {str(tier): layers for tier, layers in spec["tiers"].items()}
    agents = spec["agents"]
    agents["other-agent"] = {**agents.pop("architect-agent"), "image": "ghcr.io/example/other:1.0.0"}
    for field, value in {"team": "operations", "costCenter": "other", "description": "Another one"}.items():
        agents["other-agent"][field] = value
    verbs = {each.verb for each in compare(renamed[0], fleet(tmp_path, spec)) if "other" in each.key.name}
    assert verbs == {"added"}


def test_the_new_name_must_come_in_the_same_environment() -> None:
    def objects(environment: str, name: str) -> Built:
        return {Source(environment=environment, owner=name): parsed(of("v1/Service", metadata=f"name: {name}"))}

    assert [each.verb for each in compare(objects("prod", "one"), objects("prod", "two"))] == ["renamed"]
    assert sorted(each.verb for each in compare(objects("prod", "one"), objects("dev", "two"))) == ["added", "removed"]


def test_a_word_that_is_the_old_name_but_means_something_else_stays() -> None:
    def objects(name: str) -> Built:
        text = of("v1/ConfigMap", f"data: {{TEXT: scan this, FILE: scan.log, NAME: {name}}}", f"name: {name}")
        return {
            Source(environment="prod", owner=name): parsed(f"{text}\n---\n{of('v1/Service', metadata=f'name: {name}')}")
        }

    found = compare(objects("scan"), objects("look"))
    assert [(each.verb, each.fields) for each in found] == [("renamed", ()), ("renamed", ())]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [("ask", "say"), ("ask-config", "say-config"), ("/x/ask/y", "/x/say/y"), ("mask", "mask"), ("asks", "asks")],
)
def test_a_name_is_a_whole_word(text: str, becomes: str) -> None:
    assert translation("ask", "say")(text) == becomes


def test_several_agents_can_be_renamed_at_once_one_of_them_with_an_edit() -> None:
    def objects(name: str, size: str) -> Built:
        kinds = (
            of("v1/PersistentVolumeClaim", f"size: {size}", f"name: {name}"),
            of("v1/Service", metadata=f"name: {name}"),
        )
        return {Source(environment="prod", owner=name): parsed("\n---\n".join(kinds))}

    found = compare(objects("one", "1") | objects("two", "2"), objects("uno", "1") | objects("due", "9"))
    renames = {(each.before_key.name, each.key.name) for each in found if each.before_key}
    assert renames == {("one", "uno"), ("two", "due")}


def test_settings_named_after_their_content_are_renamed_with_their_agent() -> None:
    def objects(name: str, digest: str) -> Built:
        config = _config(f"{name}-config-{digest}", name)
        job = of(
            "batch/v1/CronJob",
            f"spec: {{jobTemplate: {{read: {name}-config-{digest}}}}}",
            f"name: {name}, namespace: prod",
        )
        return {Source(environment="prod", owner=name): parsed(f"{config}\n---\n{job}")}

    found = compare(objects("scan", "88hbddb9h2"), objects("look", "mt2c5f4gk7"))
    assert [(each.verb, each.key.kind, each.fields) for each in found] == [
        ("renamed", "CronJob", ()),
        ("renamed", "ConfigMap", ()),
    ]


# --------------------------------------------------------------------------------------------------------------- order


def test_changes_come_in_the_order_of_risk_then_source_then_key(reference: Built) -> None:
    found = compare(reference, {})
    assert [(each.risk, each.source, each.key) for each in found] == sorted(
        (each.risk, each.source, each.key) for each in found
    )
    assert {each.risk for each in found} >= {Risk.DESTROYS, Risk.RESTARTS, Risk.HARMLESS}
    assert list(Risk) == sorted(Risk)


def test_all_that_goes_and_all_that_comes_is_said_once(reference: Built) -> None:
    count = sum(map(len, reference.values()))
    assert [each.verb for each in compare(reference, {})] == ["removed"] * count
    assert [each.verb for each in compare({}, reference)] == ["added"] * count


def test_thousands_of_objects_take_seconds() -> None:
    agents = {source.owner: json.dumps(manifests) for source, manifests in _one_environment().items()}
    before: Built = {}
    after: Built = {}
    for number, (owner, text) in itertools.product(range(125), agents.items()):
        source = Source(environment="prod", owner=f"{owner}-{number}")
        mine = text.replace(f'"{owner}', f'"{source.owner}')
        before[source], after[source] = json.loads(mine), json.loads(mine.replace(":2.1.0", ":2.2.0"))
    assert sum(len(manifests) for manifests in before.values()) > 5_000
    start = time.process_time()
    found = compare(before, after)
    assert time.process_time() - start < 10  # about 1 s; the rest is for a machine that is busy
    assert {each.verb for each in found} == {"changed"}


def _one_environment() -> Built:
    objects = built(fleet_at(REFERENCE))
    return {
        source: each for source, each in objects.items() if source.environment == "prod" and "agent" in source.owner
    }


# ------------------------------------------------------------------------------------------------------- any two fleets

NO_EXPLAINING = [phase for phase in Phase if phase is not Phase.explain]
any_fleets = settings(max_examples=30 * MORE, suppress_health_check=list(HealthCheck), phases=NO_EXPLAINING)


def _compiled(*some: Spec) -> list[Built]:
    with TemporaryDirectory() as folder:
        try:
            return [fleet(Path(folder), spec) for spec in some]
        except Stop:
            assume(False)
            raise


def _shuffled(objects: Built, chance: random.Random) -> Built:
    sources = list(objects)
    chance.shuffle(sources)
    return {source: chance.sample(objects[source], len(objects[source])) for source in sources}


@any_fleets
@given(specs(), specs())
def test_any_two_fleets_can_be_compared(one: Spec, other: Spec) -> None:
    before, after = _compiled(one, other)
    kept = copy.deepcopy((before, after))
    found = compare(before, after)
    assert (before, after) == kept, "what was given was changed"
    assert compare(before, copy.deepcopy(before)) == compare(after, copy.deepcopy(after)) == ()
    assert compare(_shuffled(before, random.Random(1)), _shuffled(after, random.Random(2))) == found
    _every_object_is_accounted_for(before, after, found)
    for each in found:
        assert each.risks
        assert list(each.risks) == sorted(set(each.risks))
        _fields_lead_from_before_to_after(before, after, each)


def _every_object_is_accounted_for(before: Built, after: Built, found: tuple[Change, ...]) -> None:
    """What is said to go was there, what is said to come is there, and the rest is the same."""
    old, new = ({source: len(manifests) for source, manifests in side.items()} for side in (before, after))
    growth = sum(new.values()) - sum(old.values())
    assert growth == sum((each.verb == "added") - (each.verb == "removed") for each in found)


def _fields_lead_from_before_to_after(before: Built, after: Built, said: Change) -> None:
    if said.verb != "changed" or not said.fields:
        return
    old, new = _the(before, said.before_key or said.key), _the(after, said.key)
    reached = swept(applied(old, list(said.fields)))
    left = [field for field in differences(reached, new) if not _follows_a_hash(field.before, field.after)]
    assert left == []


def _the(objects: Built, key: ObjectKey) -> Manifest:
    return next(
        manifest
        for manifests in objects.values()
        for manifest in manifests
        if manifest["kind"] == key.kind
        and manifest["metadata"]["name"] == key.name
        and (manifest["metadata"].get("namespace") or "") == key.namespace
    )


def _follows_a_hash(before: Any, after: Any) -> bool:
    """The name of a ConfigMap or Secret, or the reference to it, that differs in its hash alone."""
    return (
        before is not ABSENT
        and after is not ABSENT
        and isinstance(before, str)
        and isinstance(after, str)
        and before[:-10] == after[:-10]
    )


@any_fleets
@given(specs())
def test_a_renamed_agent_of_any_fleet_is_never_mistaken_for_a_harmless_change(spec: Spec) -> None:
    name = next(iter(spec["agents"]))
    other = copy.deepcopy(spec)
    other["agents"] = {("renamed" if key == name else key): each for key, each in other["agents"].items()}
    before, after = _compiled(spec, other)
    found = compare(before, after)
    claims = [each for each in found if each.key.kind == "PersistentVolumeClaim" and each.verb != "added"]
    mine = [
        manifest
        for source, manifests in before.items()
        for manifest in manifests
        if source.owner == name and manifest["kind"] == "PersistentVolumeClaim"
    ]
    assert len(claims) == len(mine)
    assert {each.risk for each in claims} <= {Risk.DESTROYS}


def test_what_kustomize_lets_pass_breaks_nothing() -> None:
    """Objects without what every object has, and fields in shapes that the API server would refuse."""
    odd: list[Any] = [None, "text", 1, True, [], {}, ["text"], [{}], [None], {"a": None}, [["x"]], {"a": [1]}]
    kinds = [each for each in _KINDS if each]
    for kind in kinds:
        for one in odd:
            for other in odd:
                before, after = ([{**_object(kind), **_fields(kind, value)}] for value in (one, other))
                compare({AGENT: before}, {AGENT: after})
                compare({AGENT: before}, {})
                compare({}, {AGENT: after})
    compare({AGENT: [{}]}, {AGENT: [{"kind": "X"}]})
    assert change("{kind: X}", "{kind: X, metadata: null, spec: 1}").fields[0].path == "spec"


_KINDS = {
    "apps/v1/Deployment": "spec.template.spec.containers",
    "apps/v1/StatefulSet": "spec.volumeClaimTemplates",
    "batch/v1/CronJob": "spec.jobTemplate",
    "v1/Pod": "spec.volumes",
    "v1/Service": "spec.ports",
    "v1/ServiceAccount": "metadata.annotations",
    "v1/Namespace": "metadata.labels",
    "v1/ConfigMap": "data",
    "v1/Secret": "stringData",
    "v1/PersistentVolumeClaim": "spec.resources.requests.storage",
    "networking.k8s.io/v1/NetworkPolicy": "spec.egress",
    "networking.k8s.io/v1/Ingress": "spec.rules",
    "gateway.networking.k8s.io/v1/HTTPRoute": "spec.rules",
    "cilium.io/v2/CiliumNetworkPolicy": "spec.egress",
    "rbac.authorization.k8s.io/v1/Role": "rules",
    "rbac.authorization.k8s.io/v1/RoleBinding": "subjects",
    "argoproj.io/v1alpha1/AppProject": "spec.destinations",
    "argoproj.io/v1alpha1/Application": "spec.destination",
    "external-secrets.io/v1/ExternalSecret": "spec.target",
    "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": "spec.validationActions",
    "autoscaling/v2/HorizontalPodAutoscaler": "spec.metrics",
}


def _object(kind: str) -> Manifest:
    version, _, name = kind.rpartition("/")
    return {"apiVersion": version, "kind": name, "metadata": {"name": "x"}}


def _fields(kind: str, value: Any) -> Manifest:
    fields: Any = value
    for key in reversed(_KINDS[kind].split(".")):
        fields = {key: fields}
    top = next(iter(fields))
    assert at(fields, *_KINDS[kind].split(".")) == value
    return {"metadata": {"name": "x", **fields["metadata"]}} if top == "metadata" else dict(fields)
