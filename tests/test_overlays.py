"""Overlays: a patch shows nothing but the difference, and the real Kustomize makes of it exactly what is wanted."""

import itertools
import json
import subprocess
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.overlays import Difference, Manifest, Patch, difference

Pair = tuple[list[Manifest], list[Manifest]]  # base, wanted

DEPLOYMENT: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "triage"},
    "spec": {
        "replicas": 1,
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "agent",
                        "env": [{"name": "HOME", "value": "/tmp"}, {"name": "LOG_LEVEL", "value": "info"}],
                        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                    },
                    {"name": "proxy", "ports": [{"containerPort": 8080, "protocol": "TCP"}]},
                ],
                "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "cache", "emptyDir": {}}],
            }
        },
    },
}
POD_SPEC = "/spec/template/spec"
CRON_JOB: Manifest = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "report"},
    "spec": {"schedule": "0 6 * * *", "suspend": False},
}
AUTOSCALER: Manifest = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "triage"},
    "spec": {"minReplicas": 2},
}
EXTERNAL_SECRET: Manifest = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "metadata": {"name": "triage.keys"},
    "spec": {
        "refreshInterval": "1h",
        "data": [
            {"secretKey": "API_KEY", "remoteRef": {"key": "agents/triage", "property": "api"}},
            {"secretKey": "DSN", "remoteRef": {"key": "shared/dsn"}},
        ],
    },
}
NETWORK_POLICY: Manifest = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "triage"},
    "spec": {"podSelector": {}, "egress": [{"ports": [{"port": 443}, {"port": 53}]}], "policyTypes": ["Egress"]},
}
ROLE: Manifest = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "triage"},
    "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}],
}


def only_patch(base: Manifest, wanted: Manifest) -> Patch:
    found = difference([base], [wanted])
    assert found.added == []
    [patch] = found.patches
    return patch


def test_what_is_equal_needs_no_patch() -> None:
    both = [DEPLOYMENT, EXTERNAL_SECRET]
    assert difference(both, deepcopy(both)) == difference([], []) == Difference(added=[], patches=[])


def test_an_added_object_is_copied_whole() -> None:
    found = difference([ROLE], [AUTOSCALER, ROLE, CRON_JOB])
    assert found == Difference(added=[AUTOSCALER, CRON_JOB], patches=[])
    found.added[0]["spec"]["minReplicas"] = 9
    assert AUTOSCALER["spec"]["minReplicas"] == 2


def test_a_removed_object_is_deleted() -> None:
    [patch] = difference([AUTOSCALER], []).patches
    assert patch == Patch(
        name="patch-horizontalpodautoscaler.yaml",
        target=None,
        body={
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "triage"},
            "$patch": "delete",
        },
    )


def test_a_changed_limit_shows_the_container_and_the_limit() -> None:
    wanted = deepcopy(DEPLOYMENT)
    wanted["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] = "2Gi"
    changed = {"name": "agent", "resources": {"limits": {"memory": "2Gi"}}}
    assert only_patch(DEPLOYMENT, wanted) == Patch(
        name="patch-deployment.yaml",
        target=None,
        body={
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "triage"},
            "spec": {"template": {"spec": {"containers": [changed]}}},
        },
    )


def test_elements_before_the_changed_one_are_named_to_keep_their_place() -> None:
    wanted = deepcopy(DEPLOYMENT)
    wanted["spec"]["template"]["spec"]["containers"][1]["ports"][0]["name"] = "http"
    body = only_patch(DEPLOYMENT, wanted).body
    assert isinstance(body, dict)
    assert body["spec"]["template"]["spec"]["containers"] == [
        {"name": "agent"},
        {"name": "proxy", "ports": [{"containerPort": 8080, "protocol": "TCP", "name": "http"}]},
    ]


def test_a_changed_schedule_is_one_field_and_a_removed_one_null() -> None:
    wanted = CRON_JOB | {"metadata": {"name": "report", "labels": {"tier": "gold"}}, "spec": {"schedule": "0 7 * * *"}}
    assert only_patch(CRON_JOB, wanted).body == {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "report", "labels": {"tier": "gold"}},
        "spec": {"schedule": "0 7 * * *", "suspend": None},
    }


def test_an_added_variable_is_an_operation_since_a_merge_would_put_it_first() -> None:
    wanted = deepcopy(DEPLOYMENT)
    added = {"name": "MODE", "value": "safe"}
    wanted["spec"]["template"]["spec"]["containers"][0]["env"].append(added)
    assert only_patch(DEPLOYMENT, wanted) == Patch(
        name="patch-deployment.yaml",
        target={"group": "apps", "version": "v1", "kind": "Deployment", "name": "triage"},
        body=[{"op": "add", "path": f"{POD_SPEC}/containers/0/env/2", "value": added}],
    )


def test_a_removed_volume_and_its_mount_are_two_operations() -> None:
    wanted = deepcopy(DEPLOYMENT)
    del wanted["spec"]["template"]["spec"]["volumes"][0]
    del wanted["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    assert only_patch(DEPLOYMENT, wanted).body == [
        {"op": "remove", "path": f"{POD_SPEC}/containers/0/volumeMounts"},
        {"op": "remove", "path": f"{POD_SPEC}/volumes/0"},
    ]


def test_a_changed_remote_key_of_a_custom_resource_is_an_operation() -> None:
    wanted = deepcopy(EXTERNAL_SECRET)
    wanted["spec"]["data"][0]["remoteRef"]["key"] = "agents/prod/triage"
    assert only_patch(EXTERNAL_SECRET, wanted) == Patch(
        name="patch-externalsecret.yaml",
        target={
            "group": "external-secrets.io",
            "version": "v1",
            "kind": "ExternalSecret",
            "name": r"triage\.keys",  # Kustomize reads a regular expression
        },
        body=[{"op": "replace", "path": "/spec/data/0/remoteRef/key", "value": "agents/prod/triage"}],
    )


def test_operations_apply_from_left_to_right_and_escape_their_paths() -> None:
    base = EXTERNAL_SECRET | {"spec": {"a/b~c": 1, "list": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}, {"n": 5}]}}
    wanted = EXTERNAL_SECRET | {"spec": {"a/b~c": 2, "list": [{"n": 2}, {"n": 3}, {"n": 9}, {"n": 5}, {"n": 6}]}}
    assert only_patch(base, wanted).body == [
        {"op": "replace", "path": "/spec/a~1b~0c", "value": 2},
        {"op": "remove", "path": "/spec/list/0"},
        {"op": "replace", "path": "/spec/list/2/n", "value": 9},
        {"op": "add", "path": "/spec/list/4", "value": {"n": 6}},
    ]


def test_what_shares_little_is_replaced_as_a_whole() -> None:
    wanted = EXTERNAL_SECRET | {"spec": {"refreshInterval": "1h", "data": [{"find": {}}]}}
    assert only_patch(EXTERNAL_SECRET, wanted).body == [
        {"op": "replace", "path": "/spec/data", "value": [{"find": {}}]},
    ]


def test_an_object_is_never_replaced_as_a_whole() -> None:
    base = EXTERNAL_SECRET | dict.fromkeys("abcdef", 1)
    assert only_patch(base, EXTERNAL_SECRET).body == [{"op": "remove", "path": f"/{key}"} for key in "abcdef"]
    del base["spec"]
    wanted = {key: EXTERNAL_SECRET[key] for key in ("apiVersion", "kind", "metadata")}
    assert only_patch(base, wanted).body == [{"op": "remove", "path": f"/{key}"} for key in "abcdef"]


def test_a_changed_egress_replaces_the_list_that_has_no_merge_key() -> None:
    wanted = deepcopy(NETWORK_POLICY)
    wanted["spec"]["egress"][0]["ports"].pop()
    body = only_patch(NETWORK_POLICY, wanted).body
    assert isinstance(body, dict)
    assert body["spec"] == {"egress": [{"ports": [{"port": 443}]}]}


def test_changed_rules_replace_the_list() -> None:
    wanted = ROLE | {"rules": [ROLE["rules"][0] | {"verbs": ["get", "list"]}]}
    body = only_patch(ROLE, wanted).body
    assert isinstance(body, dict)
    assert body["rules"] == wanted["rules"]


def test_several_objects_of_a_kind_get_a_file_each_in_the_order_of_the_base() -> None:
    nightly = CRON_JOB | {"metadata": {"name": "nightly"}}
    patches = difference([CRON_JOB, nightly, ROLE], [ROLE]).patches
    assert [patch.name for patch in patches] == ["patch-cronjob-report.yaml", "patch-cronjob-nightly.yaml"]


def test_a_namespace_is_named_since_kustomize_looks_for_it() -> None:
    base = CRON_JOB | {"metadata": {"name": "report", "namespace": "agents"}}
    body = only_patch(base, base | {"spec": {"schedule": "@daily", "suspend": False}}).body
    assert isinstance(body, dict)
    assert body["metadata"] == {"name": "report", "namespace": "agents"}


def test_what_a_patch_could_not_tell_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="two objects share apiVersion, kind and name"):
        difference([], [ROLE, ROLE])
    with pytest.raises(ValueError, match="one kind and name in two API groups or versions"):
        difference([ROLE, ROLE | {"apiVersion": "example.com/v1"}], [])


# --- the real Kustomize builds what was wanted, whatever that is ---


def write(folder: Path, kustomization: dict[str, Any], **files: list[Any]) -> None:
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text(json.dumps(kustomization), encoding="utf-8")
    for name, documents in files.items():
        text = "\n---\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def write_pair(folder: Path, base: list[Manifest], found: Difference) -> None:
    """A base and its overlay, as the compiler lays them out; JSON is YAML."""
    write(folder / "base", {"resources": ["all.yaml"]}, all=base)
    patches = [
        {"path": patch.name} | ({} if patch.target is None else {"target": patch.target}) for patch in found.patches
    ]
    kustomization = {"resources": ["../base", "added.yaml"], "patches": patches}
    bodies = {patch.name.removesuffix(".yaml"): [patch.body] for patch in found.patches}
    write(folder / "overlay", kustomization, added=found.added, **bodies)


def as_read(manifest: Manifest) -> Manifest:
    """What Kustomize makes of an object without changing it: no empty annotations."""
    metadata = manifest["metadata"]
    return manifest | {"metadata": {key: metadata[key] for key in metadata if key != "annotations" or metadata[key]}}


class Reader(yaml.CSafeLoader):
    """Reads what Go writes: a bare `=` or `<<` as a value is a string, in PyYAML alone it is not."""


for tag in ("value", "merge"):
    Reader.add_constructor(f"tag:yaml.org,2002:{tag}", lambda _, node: str(node.value))


def build(kubectl: Path, drawn: list[Pair]) -> dict[str, Manifest]:
    """What Kustomize makes of the base and the difference of each pair, by name."""
    with TemporaryDirectory() as temporary:
        top = Path(temporary)
        for number, (base, wanted) in enumerate(drawn):
            before = deepcopy((base, wanted))
            write_pair(top / str(number), base, difference(base, wanted))
            assert (base, wanted) == before
        write(top / "all", {"resources": [f"../{number}/overlay" for number in range(len(drawn))]})
        command = [str(kubectl), "kustomize", str(top / "all")]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.stderr == ""
    return {each["metadata"]["name"]: each for each in yaml.load_all(result.stdout, Reader)}


MISSING = object()
# A value at a place: what the place's list or map is on one side, what on the other, in every combination.
KEYED: list[Any] = [
    MISSING,
    [],
    [{"KEY": 1}],
    [{"KEY": 1, "x": "a"}, {"KEY": 2, "x": "b"}],
    [{"KEY": 1, "x": "c"}, {"KEY": 2, "x": "b"}],
    [{"KEY": 1, "x": "a"}, {"KEY": 2, "x": "c"}],
    [{"KEY": 1}, {"KEY": 2, "y": {}}],
    [{"KEY": 2, "x": "b"}, {"KEY": 1, "x": "a"}],
    [{"KEY": 1}, {"KEY": 2}, {"KEY": 3}],
    [{"KEY": 1, "x": "a"}, {"KEY": 1, "x": "b"}],
    [{"KEY": 1, "SECOND": "A"}, {"KEY": 2}],
    [{"KEY": 1, "SECOND": "B"}, {"KEY": 2}],
    [{"KEY": 1, "SECOND": "B"}, {"KEY": 1}],
]
FREE: list[Any] = [
    MISSING,
    "a",
    1,
    {},
    {"a": 1},
    {"a": {}, "b": [{}]},
    {"a": 2, "": 3},
    {"a": 1, "$patch": "delete"},
    [],
    ["a"],
    [{"port": 1}, {"port": 2}],
    [{"port": 1, "x": 2}, {"port": 2}],
    [{"name": "a", "$patch": "delete"}],
    {"a": None},
    [None, {"a": None}],
]


def keyed_by(key: str, second: str = "second") -> list[Any]:
    names = {"KEY": key, "SECOND": second}
    return [
        value if value is MISSING else [{names.get(name, name): each[name] for name in each} for each in value]
        for value in KEYED
    ]


PLACES: dict[str, list[Any]] = {
    "apps/v1 Deployment spec template spec containers": keyed_by("name"),
    "apps/v1 Deployment spec template spec initContainers": keyed_by("name"),
    "apps/v1 Deployment spec template spec containers env": keyed_by("name"),
    "apps/v1 Deployment spec template spec containers ports": keyed_by("containerPort", "protocol"),
    "apps/v1 Deployment spec template spec containers volumeDevices": keyed_by("devicePath"),
    "apps/v1 Deployment spec template spec containers volumeMounts": keyed_by("mountPath"),
    "apps/v1 Deployment spec template spec hostAliases": keyed_by("ip"),
    "apps/v1 Deployment spec template spec imagePullSecrets": keyed_by("name"),
    "apps/v1 Deployment spec template spec tolerations": keyed_by("key"),
    "apps/v1 Deployment spec template spec topologySpreadConstraints": keyed_by("topologyKey", "whenUnsatisfiable"),
    "apps/v1 Deployment spec template spec volumes": keyed_by("name"),
    "apps/v1 Deployment spec strategy": FREE,
    "batch/v1 CronJob spec jobTemplate spec template spec initContainers env": keyed_by("name"),
    "v1 Service spec ports": keyed_by("port", "protocol"),
    "v1 Service metadata finalizers": [MISSING, [], ["a"], ["a", "b"], ["b", "a"]],
    "v1 Service metadata annotations": [MISSING, {}, {"a": "1"}, {"a": "2", "b": "3"}],
    "v1 Service metadata namespace": [MISSING, "a", "b"],
    "v1 ServiceAccount secrets": keyed_by("name"),
    "v1 ServiceAccount imagePullSecrets": keyed_by("name"),
    "autoscaling/v2 HorizontalPodAutoscaler spec metrics": FREE,
    "networking.k8s.io/v1 NetworkPolicy spec egress": FREE,
    "networking.k8s.io/v1 NetworkPolicy spec egress ports": keyed_by("port", "protocol"),
    "policy/v1 PodDisruptionBudget spec selector": FREE,
    "example.com/v1 Anything metadata annotations": [MISSING, {}, {"a": "1"}, {"a": "2", "b": "3"}],
    "example.com/v1 Anything spec": FREE,
}


def manifest_with(place: str, name: str, value: Any) -> Manifest:
    api_version, kind, *path = place.split()
    inner: Any = {} if value is MISSING else {path[-1]: value}
    for key in reversed(path[:-1]):
        inner = {key: [{"name": "main"} | inner] if key in ("containers", "initContainers", "egress") else inner}
    return {"apiVersion": api_version, "kind": kind, **inner, "metadata": {"name": name} | inner.get("metadata", {})}


@pytest.mark.parametrize("place", PLACES)
def test_kustomize_builds_what_is_wanted_where_it_is_peculiar(kubectl: Path, place: str) -> None:
    pairs = itertools.product(PLACES[place], repeat=2)
    sides = [[manifest_with(place, f"n{number}", value) for value in pair] for number, pair in enumerate(pairs)]
    built = build(kubectl, [([base for base, _ in sides], [wanted for _, wanted in sides])])
    for base, wanted in sides:
        assert built[wanted["metadata"]["name"]] == as_read(wanted), f"from {base}"


ODD = [*" ~=[|%@`", "", "1e3", "0o17", "08", "on", "null", "1.10", "12:30:45", "2026-01-01", "<<", "{}", "*a", "&a"]
ODD += ["!a", "- a", "a: b # c", "'\"\\", "\ttab", "two\nlines\n", " end ", "$patch", "é😀", "x" * 99]
texts = st.sampled_from(ODD) | st.text("ab/~$.\n\"' é", max_size=4)
scalars = texts | st.booleans() | st.integers(-5, 2**40)
keys = st.sampled_from(["a", "b", "c", "name", "0", "a/b", "a~1b", "~", "", "y", "1e3", "$patch", "finalizers"])
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
words = st.lists(texts, max_size=3)
# No "1" among them: Kustomize writes the key of an annotation anew without its quotes, then fails to read the number.
string_maps = st.dictionaries(st.sampled_from(["a", "b.io/c", "on"]), texts, max_size=3)


def always(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    return st.fixed_dictionaries(fields)


def sometimes(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    return st.fixed_dictionaries({}, optional=fields)


def keyed(key: str, names: list[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Manifest]]:
    """A list of elements with a key: mostly these names in this order, else any, repeated ones too."""
    whole = st.tuples(*(st.fixed_dictionaries({key: st.just(name)}, optional=fields) for name in names)).map(list)
    loose = st.lists(st.fixed_dictionaries({key: st.sampled_from(names)}, optional=fields), max_size=3)
    return st.one_of(*[whole] * 20, loose)


env = keyed("name", ["A", "B", "C"], value=texts, valueFrom=st.just({"fieldRef": {"fieldPath": "x"}}))
ports = keyed("containerPort", [80, 53], protocol=st.sampled_from(["TCP", "UDP"]), name=texts)
mounts = keyed("mountPath", ["/a", "/b"], name=texts, readOnly=st.booleans())
quantities = st.dictionaries(st.sampled_from(["cpu", "memory"]), st.sampled_from(["1", "500m", "2Gi"]))
container = {
    "image": texts,
    "args": words,
    "env": env,
    "ports": ports,
    "volumeMounts": mounts,
    "resources": sometimes(limits=quantities, requests=quantities),
    "securityContext": sometimes(runAsUser=st.integers(0, 2**31), capabilities=st.just({"drop": ["ALL"]})),
}
spreads = keyed(
    "topologyKey",
    ["zone", "host"],
    whenUnsatisfiable=st.sampled_from(["DoNotSchedule", "ScheduleAnyway"]),
    maxSkew=scalars,
)
pod_spec = {
    "initContainers": keyed("name", ["init"], **container),
    "volumes": keyed("name", ["tmp", "cache"], emptyDir=sometimes(medium=texts), csi=anything),
    "imagePullSecrets": keyed("name", ["x", "y"]),
    "tolerations": st.lists(sometimes(key=texts, operator=texts), max_size=2),
    "nodeSelector": string_maps,
    "topologySpreadConstraints": spreads,
}
containers = always(containers=keyed("name", ["agent", "proxy"], **container))
pod_template = always(
    metadata=sometimes(annotations=string_maps, labels=string_maps),
    spec=st.tuples(containers, sometimes(**pod_spec)).map(lambda both: both[0] | both[1]),
)
rules = st.lists(
    sometimes(ports=st.lists(sometimes(port=scalars, protocol=texts), max_size=3), to=anything), max_size=2
)
KINDS: dict[tuple[str, str], st.SearchStrategy[Manifest]] = {
    ("apps/v1", "Deployment"): always(spec=always(replicas=scalars, template=pod_template)),
    ("batch/v1", "CronJob"): always(
        spec=always(schedule=texts, jobTemplate=always(spec=always(template=pod_template)))
    ),
    ("v1", "Service"): sometimes(
        spec=sometimes(
            selector=string_maps,
            ports=keyed("port", [80, 53], protocol=st.sampled_from(["TCP", "UDP"]), targetPort=scalars),
        )
    ),
    ("v1", "ServiceAccount"): sometimes(secrets=keyed("name", ["x", "y"]), imagePullSecrets=keyed("name", ["x", "y"])),
    ("networking.k8s.io/v1", "NetworkPolicy"): sometimes(spec=sometimes(podSelector=anything, egress=rules)),
    ("autoscaling/v2", "HorizontalPodAutoscaler"): sometimes(
        spec=sometimes(minReplicas=st.integers(0, 3), metrics=st.lists(anything, max_size=2))
    ),
    ("rbac.authorization.k8s.io/v1", "Role"): sometimes(
        rules=st.lists(sometimes(apiGroups=words, resources=words, verbs=words), max_size=2)
    ),
    ("example.com/v1", "Anything"): sometimes(spec=anything, status=anything),
}


def mixed(draw: st.DrawFn, one: Any, other: Any) -> Any:
    """Something of both, so that the two sides of a pair differ in a detail more often than in everything."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in one | other if key in draw(st.sampled_from([one, one, one, other]))]
        return {key: mixed(draw, one.get(key, other.get(key)), other.get(key, one.get(key))) for key in keys}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [mixed(draw, *elements) for elements in zip(one, other, strict=True)]
    return draw(st.sampled_from([one, one, one, other]))


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """The same objects on both sides, each of them sometimes missing on one."""
    base: list[Manifest] = []
    wanted: list[Manifest] = []
    for name in draw(st.sampled_from([["n.x"], ["n.x", "n-x", "nax"]])):  # the first as a pattern matches the others
        api_version, kind = draw(st.sampled_from(sorted(KINDS)))
        metadata = always(name=st.just(name), labels=string_maps, annotations=string_maps)
        header = {"apiVersion": st.just(api_version), "kind": st.just(kind), "metadata": metadata}
        manifests = st.tuples(always(**header), KINDS[api_version, kind]).map(lambda both: both[0] | both[1])
        one, other = draw(manifests), draw(manifests)
        if draw(st.integers(0, 9)):
            base.append(one)
        if draw(st.integers(0, 9)):
            wanted.append(mixed(draw, one, other))
    return base, wanted


NO_EXPLAINING = [phase for phase in Phase if phase is not Phase.explain]  # it would take minutes


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck), phases=NO_EXPLAINING)
@given(drawn=st.lists(pairs(), min_size=1, max_size=20))
def test_kustomize_builds_what_is_wanted(kubectl: Path, drawn: list[Pair]) -> None:
    for number, pair in enumerate(drawn):
        for manifest in pair[0] + pair[1]:
            manifest["metadata"]["name"] += str(number)
    built = build(kubectl, drawn)
    assert built == {each["metadata"]["name"]: as_read(each) for _, wanted in drawn for each in wanted}
