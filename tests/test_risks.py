"""What each change destroys, restarts, is refused for, or does calmly: one case a rule, word by word."""

import pytest

from generator.review.changes import Change, Risk, Source, compare
from tests.review_support import AGENT, change, lines, parsed, risks

DESTROYS, WIDENS, RESTARTS, REFUSED, HARMLESS = Risk


def of(kind: str, rest: str = "spec: {}", metadata: str = "name: x, namespace: prod") -> str:
    """An object on a line: `apps/v1/Deployment`, its fields beside metadata, and its metadata."""
    version, _, name = kind.rpartition("/")
    return f"{{apiVersion: {version}, kind: {name}, metadata: {{{metadata}}}, {rest}}}"


DEPLOYMENT, STATEFUL_SET, DAEMON_SET = "apps/v1/Deployment", "apps/v1/StatefulSet", "apps/v1/DaemonSet"
CRON_JOB, JOB = "batch/v1/CronJob", "batch/v1/Job"
CLAIM, APPLICATION = "v1/PersistentVolumeClaim", "argoproj.io/v1alpha1/Application"
EXTERNAL_SECRET = "external-secrets.io/v1/ExternalSecret"
CLAIM_SIZE = "spec: {resources: {requests: {storage: %s}}}"

# What goes with an object that is removed; other objects of its owner stay.
REMOVED = [
    ("v1/Namespace", "spec: {}", (DESTROYS, "everything in the namespace is deleted with it")),
    (CLAIM, "spec: {}", (DESTROYS, "the volume is deleted with its data, unless its class retains it")),
    ("v1/PersistentVolume", "spec: {}", (DESTROYS, "the volume is deleted")),
    (
        STATEFUL_SET,
        "spec: {volumeClaimTemplates: [{metadata: {name: data}}]}",
        (DESTROYS, "what writes to its volumes is deleted; their claims stay behind"),
    ),
    (
        STATEFUL_SET,
        "spec: {volumeClaimTemplates: [{}], persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}}",
        (DESTROYS, "its volume claims are deleted with it, and their data"),
    ),
    (STATEFUL_SET, "spec: {}", (RESTARTS, "its pods stop")),
    (
        "apiextensions.k8s.io/v1/CustomResourceDefinition",
        "spec: {names: {kind: Cluster}}",
        (DESTROYS, "every Cluster in the cluster is deleted with it"),
    ),
    ("postgresql.cnpg.io/v1/Cluster", "spec: {}", (DESTROYS, "the database is deleted with its volumes")),
    (
        "external-secrets.io/v1/SecretStore",
        "spec: {}",
        (DESTROYS, "no ExternalSecret can read from it any more"),
    ),
    (
        "external-secrets.io/v1/ClusterSecretStore",
        "spec: {}",
        (DESTROYS, "no ExternalSecret can read from it any more"),
    ),
    (
        "external-secrets.io/v1/ClusterExternalSecret",
        "spec: {}",
        (DESTROYS, "its ExternalSecrets are deleted with it, and their Secrets"),
    ),
    (EXTERNAL_SECRET, "spec: {}", (DESTROYS, "its Secret x is deleted with it")),
    (EXTERNAL_SECRET, "spec: {target: {name: keys}}", (DESTROYS, "its Secret keys is deleted with it")),
    (EXTERNAL_SECRET, "spec: {target: {creationPolicy: Orphan}}", (HARMLESS, "is deleted")),
    (APPLICATION, "spec: {}", (HARMLESS, "is deleted")),
    ("argoproj.io/v1alpha1/AppProject", "spec: {}", (DESTROYS, "its Applications can no longer sync")),
    (DEPLOYMENT, "spec: {}", (RESTARTS, "its pods stop")),
    (CRON_JOB, "spec: {}", (RESTARTS, "it runs no more; what runs is stopped")),
    ("v1/Service", "spec: {}", (HARMLESS, "is deleted")),
    ("v1/ConfigMap", "data: {}", (HARMLESS, "is deleted")),
]


@pytest.mark.parametrize(("kind", "rest", "risk"), REMOVED)
def test_what_goes_with_a_removed_object(kind: str, rest: str, risk: tuple[Risk, str]) -> None:
    found = change(of(kind, rest), "")
    assert (found.verb, found.before_key, found.fields) == ("removed", None, ())
    pods = ((RESTARTS, "its pods stop"),) if kind == STATEFUL_SET and risk[0] is DESTROYS else ()
    assert found.risks == (risk, *pods)


@pytest.mark.parametrize(("kind", "rest", "_risk"), REMOVED)
def test_a_new_object_destroys_and_restarts_nothing(kind: str, rest: str, _risk: tuple[Risk, str]) -> None:
    found = change("", of(kind, rest))
    assert (found.verb, found.before_key, found.fields) == ("added", None, ())
    assert {risk for risk, _ in found.risks} <= {Risk.WIDENS, Risk.HARMLESS}


@pytest.mark.parametrize("finalizer", ["", "/background", "/foreground"])
def test_an_application_takes_along_what_it_deployed_if_its_finalizer_says_so(finalizer: str) -> None:
    metadata = f"name: x, namespace: argocd, finalizers: [resources-finalizer.argocd.argoproj.io{finalizer}]"
    expected = [(DESTROYS, "everything that it deployed is deleted with it")]
    assert risks(of(APPLICATION, metadata=metadata), "") == expected


@pytest.mark.parametrize(
    ("options", "asks"),
    [("Prune=confirm,Delete=confirm", True), ("Delete=confirm, Prune=confirm", True), ("Prune=confirm", False)],
)
def test_it_says_where_argo_cd_asks_before_it_deletes(options: str, asks: bool) -> None:
    metadata = f"name: x, namespace: prod, annotations: {{argocd.argoproj.io/sync-options: '{options}'}}"
    text = "the volume is deleted with its data, unless its class retains it"
    assert risks(of(CLAIM, metadata=metadata), "") == [(DESTROYS, text + (" (Argo CD asks first)" if asks else ""))]


def test_an_application_that_deploys_elsewhere_leaves_what_it_deployed() -> None:
    destination = "spec: {destination: {server: https://one, namespace: %s}}"
    assert risks(of(APPLICATION, destination % "a"), of(APPLICATION, destination % "b")) == [
        (DESTROYS, "deploys to b of https://one instead of a of https://one: what it has there goes"),
        (WIDENS, "its namespace is b and was a"),
    ]


def test_an_object_in_another_namespace_is_another_object() -> None:
    found = change(of(CLAIM), of(CLAIM, metadata="name: x, namespace: dev"))
    assert (found.verb, str(found.before_key), str(found.key)) == (
        "renamed",
        "PersistentVolumeClaim/prod/x",
        "PersistentVolumeClaim/dev/x",
    )
    lost = "the volume is deleted with its data, unless its class retains it"
    assert found.risks == ((DESTROYS, f"is deleted in prod and made anew in dev: {lost}"),)
    assert risks(of(DEPLOYMENT), of(DEPLOYMENT, metadata="name: x, namespace: dev")) == [
        (DESTROYS, "is deleted in prod and made anew in dev"),
        (RESTARTS, "its pods are replaced by those of Deployment/dev/x"),
    ]


@pytest.mark.parametrize(
    ("kind", "risk"),
    [
        (CLAIM, DESTROYS),
        ("v1/Service", HARMLESS),
    ],
)
def test_another_owner_may_lose_it_on_the_way(kind: str, risk: Risk) -> None:
    other = Source(environment="prod", owner="shop")
    stays = parsed(of("v1/Service", metadata="name: other"))
    (found,) = compare({AGENT: [*parsed(of(kind)), *stays]}, {AGENT: stays, other: parsed(of(kind))})
    assert (found.verb, found.source, found.before_key, found.fields) == ("changed", other, None, ())
    lost = "the volume is deleted with its data, unless its class retains it"
    says = f"moves from web to shop, and may be deleted for web before shop has it: {lost}"
    assert found.risks == ((risk, says if risk is DESTROYS else "moves from web to shop"),)


# ------------------------------------------------------------------------------------------------------------ restarts


def workload(kind: str, template: str, more: str = "") -> str:
    return of(kind, f"spec: {{template: {template}, {more}}}")


@pytest.mark.parametrize("kind", [DEPLOYMENT, STATEFUL_SET, DAEMON_SET])
@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("{metadata: {labels: {a: b}}}", "{metadata: {labels: {a: c}}}", "metadata.labels.a"),
        ("{metadata: {}}", "{metadata: {annotations: {a: c}}}", "metadata.annotations"),
        ("{spec: {}}", "{spec: {nodeSelector: {a: b}}}", "nodeSelector"),
        (
            "{spec: {a: 1, b: 1, c: 1, d: 1, e: 1}}",
            "{spec: {a: 2, b: 2, c: 2, d: 2, e: 2}}",
            "a, b, c and 2 more",
        ),
    ],
)
def test_another_pod_template_replaces_the_pods(kind: str, before: str, after: str, what: str) -> None:
    assert risks(workload(kind, before), workload(kind, after)) == [(RESTARTS, f"its pods are replaced: {what}")]


def test_recreate_replaces_them_all_at_once() -> None:
    strategy = "strategy: {type: Recreate}"
    assert risks(
        workload(DEPLOYMENT, "{spec: {a: 1}}", strategy), workload(DEPLOYMENT, "{spec: {a: 2}}", strategy)
    ) == [(RESTARTS, "its pods are replaced, all at once: a")]


@pytest.mark.parametrize("kind", [STATEFUL_SET, DAEMON_SET])
def test_on_delete_replaces_none(kind: str) -> None:
    strategy = "updateStrategy: {type: OnDelete}"
    assert risks(workload(kind, "{spec: {a: 1}}", strategy), workload(kind, "{spec: {a: 2}}", strategy)) == [
        (HARMLESS, "takes effect when somebody deletes its pods (OnDelete)")
    ]


def test_what_is_scaled_to_0_stops_however_it_is_updated() -> None:
    scaled = [workload(STATEFUL_SET, "{}", f"replicas: {n}, updateStrategy: {{type: OnDelete}}") for n in (1, 0)]
    assert risks(*scaled) == [(RESTARTS, "it is scaled to 0: its pods stop")]


@pytest.mark.parametrize(
    ("before", "after", "risk"),
    [
        ("1", "3", (HARMLESS, "is scaled from 1 to 3")),
        ("3", "1", (HARMLESS, "is scaled from 3 to 1")),
        ("1", "null", (HARMLESS, "is scaled from 1 to what it is")),
        ("1", "0", (RESTARTS, "it is scaled to 0: its pods stop")),
    ],
)
def test_replicas_alone_replace_no_pod(before: str, after: str, risk: tuple[Risk, str]) -> None:
    scaled = [workload(DEPLOYMENT, "{spec: {a: 1}}", f"replicas: {number}") for number in (before, after)]
    assert risks(*scaled) == [risk]


def test_a_bare_pod_restarts_its_containers_for_an_image_and_refuses_the_rest() -> None:
    pod = "spec: {containers: [{name: web, image: %s, command: [%s]}]}"
    assert risks(of("v1/Pod", pod % ("a", "x")), of("v1/Pod", pod % ("b", "x")))[-1] == (
        RESTARTS,
        "its containers are restarted: containers[web].image",
    )
    assert risks(of("v1/Pod", pod % ("a", "x")), of("v1/Pod", pod % ("a", "y"))) == [
        (REFUSED, "spec.containers of a Pod cannot change")
    ]


CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: web-config-%s, namespace: prod}, data: {LEVEL: %s}}"
READS = "{spec: {containers: [{name: web, envFrom: [{configMapRef: {name: web-config-%s}}]}]}}"
OLD, NEW = "88hbddb9h2", "mt2c5f4gk7"
FOLLOWED = "is made anew under a new name, and what reads it follows"


def both(*documents: str) -> str:
    return "\n---\n".join(documents)


def test_changed_settings_are_said_once_and_replace_the_pods_that_read_them() -> None:
    config, deployment = sorted(
        compare(
            {AGENT: parsed(both(CONFIG % (OLD, "info"), workload(DEPLOYMENT, READS % OLD)))},
            {AGENT: parsed(both(CONFIG % (NEW, "debug"), workload(DEPLOYMENT, READS % NEW)))},
        ),
        key=lambda each: each.key,
    )
    assert (config.verb, str(config.before_key), str(config.key)) == (
        "changed",
        f"ConfigMap/prod/web-config-{OLD}",
        f"ConfigMap/prod/web-config-{NEW}",
    )
    assert [(field.path, field.before, field.after) for field in config.fields] == [("data.LEVEL", "info", "debug")]
    assert config.risks == ((HARMLESS, FOLLOWED),)
    assert (deployment.verb, deployment.before_key, deployment.fields) == ("changed", None, ())
    assert deployment.risks == ((RESTARTS, "its pods are replaced: ConfigMap web-config changed"),)


def test_a_job_reads_changed_settings_at_its_next_run() -> None:
    job = "spec: {jobTemplate: {spec: {template: %s}}}"
    found = compare(
        {AGENT: parsed(both(CONFIG % (OLD, "info"), of(CRON_JOB, job % READS % OLD)))},
        {AGENT: parsed(both(CONFIG % (NEW, "debug"), of(CRON_JOB, job % READS % NEW)))},
    )
    assert lines(found) == [
        f"HARMLESS changed ConfigMap/prod/web-config-{NEW}: {FOLLOWED}",
        "HARMLESS changed CronJob/prod/x: takes effect at the next run",
    ]


def test_who_refers_to_changed_settings_without_pods_is_not_changed() -> None:
    thing = "spec: {settings: web-config-%s}"
    found = compare(
        {AGENT: parsed(both(CONFIG % (OLD, "info"), of("example.com/v1/Thing", thing % OLD)))},
        {AGENT: parsed(both(CONFIG % (NEW, "debug"), of("example.com/v1/Thing", thing % NEW)))},
    )
    assert [each.key.kind for each in found] == ["ConfigMap"]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (of(CRON_JOB, "spec: {schedule: a}"), of(CRON_JOB, "spec: {schedule: b}"), "takes effect at the next run"),
        (
            of(CRON_JOB, "spec: {jobTemplate: {spec: {template: {spec: {a: 1}}}}}"),
            of(CRON_JOB, "spec: {jobTemplate: {spec: {template: {spec: {a: 2}}}}}"),
            "takes effect at the next run",
        ),
        (
            of("v1/LimitRange", "spec: {limits: [{type: Pod, default: {cpu: 1}}]}"),
            of("v1/LimitRange", "spec: {limits: [{type: Pod, default: {cpu: 2}}]}"),
            "holds for pods made from now on",
        ),
        (
            of("v1/ResourceQuota", "spec: {hard: {cpu: 1}}"),
            of("v1/ResourceQuota", "spec: {hard: {cpu: 9}}"),
            "is changed in place",
        ),
        (
            of("v1/ConfigMap", "data: {a: b}"),
            of("v1/ConfigMap", "data: {a: c}"),
            "running pods keep the environment that they started with; mounted files follow",
        ),
        (
            of("v1/ConfigMap", "data: {a: b}"),
            of("v1/ConfigMap", "data: {a: b}", "name: x, namespace: prod, labels: {a: b}"),
            "is changed in place",
        ),
    ],
)
def test_what_changes_calmly(before: str, after: str, says: str) -> None:
    assert risks(before, after) == [(HARMLESS, says)]


# ----------------------------------------------------------------------------------------------------------- immutable


REFUSALS = [
    (DEPLOYMENT, "spec: {selector: {matchLabels: {a: b}}}", "spec: {selector: {matchLabels: {a: c}}}", "spec.selector"),
    (DAEMON_SET, "spec: {selector: {matchLabels: {a: b}}}", "spec: {selector: {}}", "spec.selector"),
    (STATEFUL_SET, "spec: {selector: {matchLabels: {a: b}}}", "spec: {}", "spec.selector"),
    (STATEFUL_SET, "spec: {serviceName: a}", "spec: {serviceName: b}", "spec.serviceName"),
    (STATEFUL_SET, "spec: {podManagementPolicy: a}", "spec: {podManagementPolicy: b}", "spec.podManagementPolicy"),
    (
        STATEFUL_SET,
        "spec: {volumeClaimTemplates: [{metadata: {name: a}, " + CLAIM_SIZE % "1Gi" + "}]}",
        "spec: {volumeClaimTemplates: [{metadata: {name: a}, " + CLAIM_SIZE % "2Gi" + "}]}",
        "spec.volumeClaimTemplates",
    ),
    (CLAIM, "spec: {accessModes: [a]}", "spec: {accessModes: [b]}", "spec.accessModes"),
    (CLAIM, "spec: {storageClassName: a}", "spec: {storageClassName: b}", "spec.storageClassName"),
    (CLAIM, "spec: {volumeName: a}", "spec: {volumeName: b}", "spec.volumeName"),
    (CLAIM, "spec: {volumeMode: Block}", "spec: {}", "spec.volumeMode"),
    (
        CLAIM,
        "spec: {volumeAttributesClassName: a}",
        "spec: {}",
        "spec.volumeAttributesClassName",
    ),
    ("v1/PersistentVolume", "spec: {csi: {volumeHandle: a}}", "spec: {csi: {volumeHandle: b}}", "spec.csi"),
    (JOB, "spec: {template: {spec: {a: 1}}}", "spec: {template: {spec: {a: 2}}}", "spec.template"),
    (JOB, "spec: {selector: {a: b}}", "spec: {selector: {a: c}}", "spec.selector"),
    (JOB, "spec: {completionMode: Indexed}", "spec: {}", "spec.completionMode"),
    ("v1/Service", "spec: {clusterIP: None}", "spec: {clusterIP: 10.0.0.1}", "spec.clusterIP"),
    ("v1/ResourceQuota", "spec: {scopes: [a]}", "spec: {scopes: [b]}", "spec.scopes"),
    ("v1/Secret", "type: a", "type: b", "type"),
    ("v1/Secret", "type: a", "stringData: {}", "type"),
    ("apiextensions.k8s.io/v1/CustomResourceDefinition", "spec: {scope: a}", "spec: {scope: b}", "spec.scope"),
    ("networking.k8s.io/v1/IngressClass", "spec: {controller: a}", "spec: {controller: b}", "spec.controller"),
    ("node.k8s.io/v1/RuntimeClass", "handler: a", "handler: b", "handler"),
    ("rbac.authorization.k8s.io/v1/RoleBinding", "roleRef: {name: a}", "roleRef: {name: b}", "roleRef"),
    ("rbac.authorization.k8s.io/v1/ClusterRoleBinding", "roleRef: {name: a}", "roleRef: {name: b}", "roleRef"),
    ("scheduling.k8s.io/v1/PriorityClass", "value: 1", "value: 2", "value"),
    ("scheduling.k8s.io/v1/PriorityClass", "preemptionPolicy: a", "preemptionPolicy: b", "preemptionPolicy"),
    ("storage.k8s.io/v1/StorageClass", "parameters: {a: b}", "parameters: {a: c}", "parameters"),
    ("storage.k8s.io/v1/StorageClass", "provisioner: a", "provisioner: b", "provisioner"),
    ("storage.k8s.io/v1/StorageClass", "reclaimPolicy: a", "reclaimPolicy: b", "reclaimPolicy"),
    ("storage.k8s.io/v1/StorageClass", "volumeBindingMode: a", "volumeBindingMode: b", "volumeBindingMode"),
    ("v1/ConfigMap", "immutable: true, data: {a: b}", "immutable: true, data: {a: c}", "data"),
    ("v1/ConfigMap", "immutable: true", "data: {}", "immutable"),
    ("v1/Secret", "immutable: true, stringData: {a: b}", "immutable: true, stringData: {a: c}", "stringData"),
]


@pytest.mark.parametrize(("kind", "before", "after", "field"), REFUSALS)
def test_an_immutable_field_is_refused(kind: str, before: str, after: str, field: str) -> None:
    found = risks(of(kind, before), of(kind, after))
    refusals = [text for risk, text in found if risk is REFUSED]
    assert f"{field} of a {kind.rpartition('/')[2]} cannot change" in refusals


ALLOWED = [
    (DEPLOYMENT, "spec: {strategy: {type: a}}", "spec: {strategy: {type: b}}"),
    (STATEFUL_SET, "spec: {updateStrategy: {type: a}}", "spec: {updateStrategy: {type: b}}"),
    (STATEFUL_SET, "spec: {minReadySeconds: 1}", "spec: {minReadySeconds: 2}"),
    (STATEFUL_SET, "spec: {persistentVolumeClaimRetentionPolicy: {}}", "spec: {}"),
    (CLAIM, "spec: {volumeAttributesClassName: a}", "spec: {volumeAttributesClassName: b}"),
    (CLAIM, "spec: {}", "spec: {volumeName: a, storageClassName: b}"),
    (JOB, "spec: {parallelism: 1}", "spec: {parallelism: 2}"),
    ("v1/Service", "spec: {clusterIP: None}", "spec: {}"),
    ("v1/Service", "spec: {clusterIP: 10.0.0.1}", "spec: {type: ExternalName, clusterIP: ''}"),
    ("v1/Secret", "type: Opaque", "stringData: {a: b}"),
    ("v1/ConfigMap", "data: {a: b}", "immutable: true, data: {a: c}"),
    ("storage.k8s.io/v1/StorageClass", "allowVolumeExpansion: false", "allowVolumeExpansion: true"),
]


@pytest.mark.parametrize(("kind", "before", "after"), ALLOWED)
def test_its_neighbour_is_not(kind: str, before: str, after: str) -> None:
    assert REFUSED not in [risk for risk, _ in risks(of(kind, before), of(kind, after))]


def test_a_claim_may_grow_and_never_shrink() -> None:
    small, large = of(CLAIM, CLAIM_SIZE % "1Gi"), of(CLAIM, CLAIM_SIZE % "2Gi")
    assert risks(small, large) == [(HARMLESS, "grows from 1Gi to 2Gi, if its StorageClass allows that")]
    assert risks(large, small) == [
        (REFUSED, "spec.resources.requests.storage of a PersistentVolumeClaim cannot shrink")
    ]


def test_immutable_settings_whose_name_changes_with_them_are_new() -> None:
    immutable = CONFIG.replace(", data:", ", immutable: true, data:")
    assert risks(immutable % (OLD, "info"), immutable % (NEW, "debug")) == [(HARMLESS, FOLLOWED)]


def test_every_risk_of_a_change_is_named_the_worst_first() -> None:
    before = workload(DEPLOYMENT, "{spec: {a: 1}}", "replicas: 1, selector: {a: b}")
    after = workload(DEPLOYMENT, "{spec: {a: 2, hostNetwork: true}}", "replicas: 2, selector: {a: c}")
    found: Change = change(before, after)
    assert found.risk is WIDENS
    assert list(found.risks) == [
        (WIDENS, "shares the node's network: hostNetwork"),
        (RESTARTS, "its pods are replaced: a, hostNetwork"),
        (REFUSED, "spec.selector of a Deployment cannot change"),
        (HARMLESS, "is scaled from 1 to 2"),
    ]
