"""What counts as a difference: names where there are names, values where there are units, order where it counts."""

import copy
import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.review.fields import ABSENT, FieldChange, canonical, differences
from generator.review.lists import Bag, Keyed, Series, meaning, names
from generator.review.objects import group_of

Manifest = dict[str, Any]


def found(before: str, after: str) -> list[tuple[str, Any, Any]]:
    one, other = yaml.safe_load(before), yaml.safe_load(after)
    result = [(field.path, field.before, field.after) for field in differences(one, other)]
    assert (canonical(one) == canonical(other)) == (not result)
    return result


def _deployment(spec: str) -> str:
    return f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {{spec: {spec}}}}}}}"


def _of(kind: str, rest: str) -> str:
    return f"{{apiVersion: {kind.rpartition('/')[0]}, kind: {kind.rpartition('/')[2]}, metadata: {{name: x}}, {rest}}}"


ROLE, POLICY = "rbac.authorization.k8s.io/v1/Role", "networking.k8s.io/v1/NetworkPolicy"
BINDING, SCALER = "rbac.authorization.k8s.io/v1/RoleBinding", "autoscaling/v2/HorizontalPodAutoscaler"
EXTERNAL, APPLICATION = "external-secrets.io/v1/ExternalSecret", "argoproj.io/v1alpha1/Application"
POD = "spec.template.spec."
LIMITS = "{containers: [{name: web, resources: {limits: {memory: %s, cpu: %s}}}]}"

DIFFERENT = [
    pytest.param(
        _deployment(LIMITS % ("4Gi", 1)),
        _deployment(LIMITS % ("8Gi", 1)),
        [(POD + "containers[web].resources.limits.memory", "4Gi", "8Gi")],
        id="a-container-by-its-name",
    ),
    pytest.param(
        _deployment("{containers: [{name: web, image: a}, {name: proxy, image: b}]}"),
        _deployment("{containers: [{name: proxy, image: b}, {name: cache, image: c}]}"),
        [
            (POD + "containers[cache]", ABSENT, {"name": "cache", "image": "c"}),
            (POD + "containers[web]", {"name": "web", "image": "a"}, ABSENT),
        ],
        id="a-container-for-another",
    ),
    pytest.param(
        _deployment("{containers: [{name: web, ports: [{containerPort: 80}]}]}"),
        _deployment("{containers: [{name: web, ports: [{containerPort: 80, protocol: UDP}, {containerPort: 80}]}]}"),
        [(POD + "containers[web].ports[80/UDP]", ABSENT, {"containerPort": 80, "protocol": "UDP"})],
        id="a-port-by-number-and-protocol",
    ),
    pytest.param(
        _deployment("{containers: [{name: web, args: [a, b]}]}"),
        _deployment("{containers: [{name: web, args: [b, a]}]}"),
        [(POD + "containers[web].args", ["a", "b"], ["b", "a"])],
        id="the-order-of-arguments",
    ),
    pytest.param(
        _deployment("{initContainers: [{name: a}, {name: b, image: x}]}"),
        _deployment("{initContainers: [{name: b, image: y}, {name: a}]}"),
        [
            (POD + "initContainers[b].image", "x", "y"),
            (POD + "initContainers[*]", ["a", "b"], ["b", "a"]),
        ],
        id="the-order-of-init-containers",
    ),
    pytest.param(
        _deployment("{containers: [{name: web, envFrom: [{secretRef: {name: a}}, {secretRef: {name: b}}]}]}"),
        _deployment("{containers: [{name: web, envFrom: [{secretRef: {name: b}}, {secretRef: {name: b}}]}]}"),
        [(POD + "containers[web].envFrom[0].secretRef.name", "a", "b")],
        id="a-position-where-nothing-names-it",
    ),
    pytest.param(
        _of(ROLE, "rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]"),
        _of(ROLE, "rules: [{apiGroups: [''], resources: [pods], verbs: [delete, get]}]"),
        [("rules[pods].verbs[]", "list", ABSENT), ("rules[pods].verbs[]", ABSENT, "delete")],
        id="a-rule-by-what-it-is-about",
    ),
    pytest.param(
        _of(POLICY, "spec: {egress: [{ports: [{port: 1}]}, {ports: [{port: 2}]}, {ports: [{port: 3}]}]}"),
        _of(POLICY, "spec: {egress: [{ports: [{port: 3}]}, {ports: [{port: 1}]}, {ports: [{port: 4}]}]}"),
        [("spec.egress[1].ports[0].port", 2, 4)],
        id="the-one-rule-that-differs",
    ),
    pytest.param(
        _of(POLICY, "spec: {ingress: [{ports: [{port: 1}]}, {ports: [{port: 2}]}]}"),
        _of(POLICY, "spec: {ingress: [{ports: [{port: 2}]}, {ports: [{port: 3}]}, {ports: [{port: 4}]}]}"),
        [
            ("spec.ingress[]", {"ports": [{"port": 1}]}, ABSENT),
            ("spec.ingress[]", ABSENT, {"ports": [{"port": 3}]}),
            ("spec.ingress[]", ABSENT, {"ports": [{"port": 4}]}),
        ],
        id="rules-that-come-and-go",
    ),
    pytest.param(
        "{kind: Service, apiVersion: v1, metadata: {labels: {app.kubernetes.io/name: a, tier: '3'}}}",
        "{kind: Service, apiVersion: v1, metadata: {labels: {app.kubernetes.io/name: b}}}",
        [("metadata.labels[app.kubernetes.io/name]", "a", "b"), ("metadata.labels.tier", "3", ABSENT)],
        id="a-label-with-dots",
    ),
    pytest.param(
        "{kind: Service, apiVersion: v1, spec: {ports: [{port: 80, targetPort: '80'}]}}",
        "{kind: Service, apiVersion: v1, spec: {ports: [{port: 80, targetPort: 80}]}}",
        [("spec.ports[80/TCP].targetPort", "80", 80)],
        id="a-name-and-a-number",
    ),
    pytest.param(
        "{kind: ConfigMap, apiVersion: v1, data: {CPU: '1'}}",
        "{kind: ConfigMap, apiVersion: v1, data: {CPU: 1000m}}",
        [("data.CPU", "1", "1000m")],
        id="what-looks-like-a-quantity",
    ),
    pytest.param(
        "{kind: Thing, apiVersion: example.com/v1, spec: {steps: [{name: a, x: 1}, {name: b}]}}",
        "{kind: Thing, apiVersion: example.com/v1, spec: {steps: [{name: b}, {name: a, x: 2}]}}",
        [("spec.steps[a].x", 1, 2), ("spec.steps[*]", ["a", "b"], ["b", "a"])],
        id="an-unknown-list-keeps-its-order",
    ),
    pytest.param(
        "{kind: Thing, apiVersion: example.com/v1, spec: {steps: [{x: 1}]}}",
        "{kind: Thing, apiVersion: example.com/v1, spec: {steps: [{x: 1}, {x: 2}], more: {}}}",
        [("spec.more", ABSENT, {}), ("spec.steps[1]", ABSENT, {"x": 2})],
        id="an-unknown-list-grows",
    ),
    pytest.param(
        _deployment("{containers: [{name: a, image: x}, {name: a, image: y}]}"),
        _deployment("{containers: [{name: a, image: x}]}"),
        [(POD + "containers[]", {"name": "a", "image": "y"}, ABSENT)],
        id="two-of-one-name",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), DIFFERENT)
def test_what_differs(before: str, after: str, expected: list[tuple[str, Any, Any]]) -> None:
    assert found(before, after) == expected
    assert found(before, before) == found(after, after) == []


SAME = [
    pytest.param(
        _deployment(LIMITS % ("1Gi", 1)),
        _deployment(LIMITS % ("1024Mi", "1000m")),
        id="quantities",
    ),
    pytest.param(
        _of("v1/ResourceQuota", "spec: {hard: {requests.cpu: 8, pods: '10'}}"),
        _of("v1/ResourceQuota", "spec: {hard: {requests.cpu: 8000m, pods: 10}}"),
        id="a-quota",
    ),
    pytest.param(
        _of("v1/LimitRange", "spec: {limits: [{type: Pod, max: {cpu: 1}}, {type: Container, min: {cpu: 1}}]}"),
        _of("v1/LimitRange", "spec: {limits: [{type: Container, min: {cpu: 1000m}}, {type: Pod, max: {cpu: '1'}}]}"),
        id="a-limit-range",
    ),
    pytest.param(
        _of("v1/PersistentVolumeClaim", "spec: {accessModes: [a, b], resources: {requests: {storage: 1Gi}}}"),
        _of("v1/PersistentVolumeClaim", "spec: {accessModes: [b, a], resources: {requests: {storage: 1024Mi}}}"),
        id="a-claim",
    ),
    pytest.param(
        _of(EXTERNAL, "spec: {refreshInterval: 1h, data: [{secretKey: a}, {secretKey: b}]}"),
        _of(EXTERNAL, "spec: {refreshInterval: 60m, data: [{secretKey: b}, {secretKey: a}]}"),
        id="a-refresh-interval",
    ),
    pytest.param(
        _of("gateway.networking.k8s.io/v1/HTTPRoute", "spec: {rules: [{timeouts: {request: 90s}}]}"),
        _of("gateway.networking.k8s.io/v1/HTTPRoute", "spec: {rules: [{timeouts: {request: 1m30s}}]}"),
        id="a-timeout",
    ),
    pytest.param(
        _of(APPLICATION, "spec: {syncPolicy: {syncOptions: [A=1, B=2], retry: {backoff: {duration: 60s}}}}"),
        _of(APPLICATION, "spec: {syncPolicy: {syncOptions: [B=2, A=1], retry: {backoff: {duration: 1m}}}}"),
        id="an-application",
    ),
    pytest.param(
        _deployment(
            "{containers: [{name: a, env: [{name: X}, {name: Y}]}, {name: b}], volumes: [{name: v}, {name: w}]}"
        ),
        _deployment(
            "{containers: [{name: b}, {name: a, env: [{name: Y}, {name: X}]}], volumes: [{name: w}, {name: v}]}"
        ),
        id="the-order-of-names",
    ),
    pytest.param(
        _of(ROLE, "rules: [{resources: [a], verbs: [x, y]}, {resources: [b], verbs: [x]}]"),
        _of(ROLE, "rules: [{resources: [b], verbs: [x]}, {resources: [a], verbs: [y, x, y]}]"),
        id="the-order-of-rules",
    ),
    pytest.param(
        _of(BINDING, "subjects: [{kind: Group, name: a}, {kind: User, name: a}]"),
        _of(BINDING, "subjects: [{kind: User, name: a}, {kind: Group, name: a}]"),
        id="the-order-of-subjects",
    ),
    pytest.param(
        _of(POLICY, "spec: {policyTypes: [a, b], egress: [{to: [{ipBlock: {cidr: a, except: [x, y]}}, {}]}]}"),
        _of(POLICY, "spec: {policyTypes: [b, a], egress: [{to: [{}, {ipBlock: {cidr: a, except: [y, x]}}]}]}"),
        id="the-order-of-peers",
    ),
    pytest.param(
        _of(SCALER, "spec: {metrics: [{type: External, external: {target: {value: 1, averageValue: 2}}}]}"),
        _of(SCALER, "spec: {metrics: [{type: External, external: {target: {value: 1000m, averageValue: 2000m}}}]}"),
        id="a-target",
    ),
    pytest.param(
        _of("postgresql.cnpg.io/v1/Cluster", "spec: {storage: {size: 1Gi}}"),
        _of("postgresql.cnpg.io/v1/Cluster", "spec: {storage: {size: 1024Mi}}"),
        id="a-database",
    ),
    pytest.param(
        _of("apps/v1/StatefulSet", "spec: {volumeClaimTemplates: [{metadata: {name: a}, spec: {a: {storage: 1Gi}}}]}"),
        _of(
            "apps/v1/StatefulSet", "spec: {volumeClaimTemplates: [{metadata: {name: a}, spec: {a: {storage: 1024Mi}}}]}"
        ),
        id="a-claim-template",
    ),
    pytest.param(
        _deployment("{volumes: [{name: a, emptyDir: {sizeLimit: 1Gi}}]}"),
        _deployment("{volumes: [{name: a, emptyDir: {sizeLimit: 1024Mi}}]}"),
        id="a-scratch-volume",
    ),
    pytest.param(
        _of(SCALER, "spec: {metrics: [{type: Resource, resource: {name: a}}, {type: Resource, resource: {name: b}}]}"),
        _of(SCALER, "spec: {metrics: [{type: Resource, resource: {name: b}}, {type: Resource, resource: {name: a}}]}"),
        id="the-order-of-metrics",
    ),
    pytest.param(
        "{kind: Service, apiVersion: v1, metadata: {annotations: null}, spec: {type: null}}",
        "{kind: Service, apiVersion: v1, metadata: {}, spec: {}}",
        id="null",
    ),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_what_means_the_same_is_no_difference(before: str, after: str) -> None:
    assert before != after
    assert found(before, after) == found(after, before) == []


def test_a_quantity_in_an_unknown_notation_is_compared_as_text() -> None:
    path = POD + "containers[web].resources.limits.memory"
    changed = [(path, "1e3", "1000")]
    assert found(_deployment(LIMITS % ("'1e3'", 1)), _deployment(LIMITS % ("'1000'", 1))) == changed


# ------------------------------------------------------------------------------------------------- what a change is for


def applied(before: Manifest, fields: list[FieldChange]) -> Manifest:
    """The object with the changes made, by their paths alone."""
    result = copy.deepcopy(before)
    group, kind = group_of(result), str(result["kind"])
    places = [_place(result, field.path, group, kind) for field in fields]
    for (holder, step), field in zip(places, fields, strict=True):
        _put(holder, step, field)
    return result


def _place(manifest: Any, path: str, group: str, kind: str) -> tuple[Any, Any]:
    """What holds the field, and how it is called there."""
    steps = re.findall(r"\.?([^.\[\]]+)|\[([^\]]*)\]", path)
    keys: tuple[str, ...] = ()
    for index, (plain, quoted) in enumerate(steps):
        step: Any = plain or quoted
        if isinstance(manifest, list) and step not in ("", "*"):
            known = names(manifest, _keyed(meaning(group, kind, keys)))
            step = known.index(step) if known and step in known else int(step) if step.isdigit() else step
        elif isinstance(manifest, dict):
            keys = (*keys, step)
        if index == len(steps) - 1:
            return manifest, step
        manifest = manifest[step]
    raise AssertionError(path)


def _keyed(how: Keyed | Bag | Series | None) -> Keyed:
    return how if isinstance(how, Keyed) else Keyed(fields=("name",))


def _put(holder: Any, step: Any, field: FieldChange) -> None:
    if step == "*":
        by_name = dict(zip(names(holder, Keyed(fields=("name",))) or (), holder, strict=True))
        holder[:] = [by_name[name] for name in field.after if name in by_name]
    elif isinstance(holder, list) and (field.before is ABSENT or not isinstance(step, int)):
        if field.before is not ABSENT:
            holder[:] = [each for each in holder if each != field.before]
        if field.after is not ABSENT:
            holder.append(copy.deepcopy(field.after))
    elif isinstance(holder, list) and field.after is ABSENT:
        holder[step] = _GONE
    elif field.after is ABSENT:
        del holder[step]
    else:
        holder[step] = copy.deepcopy(field.after)


_GONE = {"gone": True}


def swept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: swept(each) for key, each in value.items()}
    if isinstance(value, list):
        return [swept(each) for each in value if each is not _GONE]
    return value


words: st.SearchStrategy[Any] = st.sampled_from(["a", "b", "c", "d"])
quantities = st.sampled_from(["1", "1000m", 1, "2Gi", "2048Mi"])
envs = st.lists(st.fixed_dictionaries({"name": words, "value": words}), max_size=3, unique_by=lambda each: each["name"])
containers: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"name": words},
    optional={
        "image": words,
        "args": st.lists(words, max_size=3),
        "env": envs,
        "envFrom": st.lists(st.fixed_dictionaries({"secretRef": st.fixed_dictionaries({"name": words})}), max_size=3),
        "resources": st.fixed_dictionaries({"limits": st.dictionaries(words, quantities, max_size=2)}),
        "securityContext": st.fixed_dictionaries(
            {"capabilities": st.fixed_dictionaries({"drop": st.lists(words, max_size=3, unique=True)})}
        ),
    },
)
pods = st.fixed_dictionaries(
    {"containers": st.lists(containers, max_size=3, unique_by=lambda each: each["name"])},
    optional={
        "initContainers": st.lists(containers, max_size=3, unique_by=lambda each: each["name"]),
        "hostNetwork": st.booleans(),
        "tolerations": st.lists(st.fixed_dictionaries({"key": words}, optional={"value": words}), max_size=3),
        "nodeSelector": st.dictionaries(st.sampled_from(["x", "y/z", "y.z/w"]), words, max_size=2),
    },
)
deployments = pods.map(
    lambda spec: {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}
)
peers = st.lists(st.fixed_dictionaries({"podSelector": st.dictionaries(words, words, max_size=2)}), max_size=2)
policies = st.fixed_dictionaries(
    {
        "apiVersion": st.just("networking.k8s.io/v1"),
        "kind": st.just("NetworkPolicy"),
        "spec": st.fixed_dictionaries(
            {
                "egress": st.lists(st.fixed_dictionaries({}, optional={"to": peers, "x": words}), max_size=3),
                "policyTypes": st.lists(words, max_size=3, unique=True),
            }
        ),
    }
)
rules = st.fixed_dictionaries(
    {"resources": st.lists(words, min_size=1, max_size=2, unique=True), "verbs": st.lists(words, max_size=3)}
)
roles = st.lists(rules, max_size=3).map(
    lambda each: {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": each}
)
unknown = st.recursive(
    words | st.integers(0, 2) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.just("name"), inner, max_size=3),
    max_leaves=12,
).map(lambda spec: {"apiVersion": "example.com/v1", "kind": "Thing", "spec": spec})
pairs = st.one_of(*(st.tuples(each, each) for each in (deployments, policies, roles)))


@given(pairs)
def test_the_changes_of_fields_lead_from_before_to_after(pair: tuple[Manifest, Manifest]) -> None:
    before, after = pair
    fields = list(differences(before, after))
    kept = json.dumps([before, after])
    reached = swept(applied(before, fields))
    assert list(differences(reached, after)) == []
    assert json.dumps([before, after]) == kept


@given(st.one_of(pairs, st.tuples(unknown, unknown)))
def test_there_is_a_difference_exactly_where_two_objects_are_not_the_same(pair: tuple[Manifest, Manifest]) -> None:
    before, after = pair
    assert (not list(differences(before, after))) == (canonical(before) == canonical(after))
    assert (not list(differences(before, after))) == (not list(differences(after, before)))
    assert list(differences(before, copy.deepcopy(before))) == []


def _shuffled(value: Any, random: Any) -> Any:
    """The same with keys and named elements in another order."""
    if isinstance(value, dict):
        items = [
            (key, _shuffled(each, random) if key not in ("args", "initContainers", "envFrom") else each)
            for key, each in value.items()
        ]
        random.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        elements = [_shuffled(each, random) for each in value]
        random.shuffle(elements)
        return elements
    return value


@given(st.one_of(deployments, policies, roles), st.randoms(use_true_random=False))
def test_the_order_of_named_elements_never_matters(manifest: Manifest, random: Any) -> None:
    assert list(differences(manifest, _shuffled(manifest, random))) == []
