"""What each change lets somebody do or reach: one case a rule, word by word, and its neighbour that adds nothing."""

import pytest

from generator.review.changes import Risk, Source, compare
from tests.review_support import AGENT, changes, parsed
from tests.test_risks import of

RBAC, NETWORK = "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1"
ROLE, BINDING, POLICY = f"{RBAC}/Role", f"{RBAC}/RoleBinding", f"{NETWORK}/NetworkPolicy"
PROJECT, CILIUM = "argoproj.io/v1alpha1/AppProject", "cilium.io/v2/CiliumNetworkPolicy"
INGRESS, ROUTE = f"{NETWORK}/Ingress", "gateway.networking.k8s.io/v1/HTTPRoute"
VALIDATING = "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding"


def widening(kind: str, before: str, after: str, **metadata: str) -> list[str]:
    """What a change adds, in words; an empty side is an object that is not there."""
    found = changes(of(kind, before, **metadata) if before else "", of(kind, after, **metadata) if after else "")
    return [text for change in found for risk, text in change.risks if risk is Risk.WIDENS]


READ = "rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]"

GROWN_ROLES = [
    ("", READ, "allows to get/list pods"),
    (READ, "rules: [{apiGroups: [''], resources: [pods], verbs: [get, list, delete]}]", "allows to delete pods"),
    (READ, "rules: [{apiGroups: [''], resources: [pods, pods/log], verbs: [get]}]", "allows to get pods/log"),
    (READ, "rules: [{apiGroups: ['', apps], resources: [pods], verbs: [get]}]", "allows to get pods.apps"),
    (READ, "rules: [{apiGroups: [''], resources: ['*'], verbs: [get]}]", "allows to get *"),
    (READ, "rules: [{apiGroups: [''], resources: [pods], verbs: ['*']}]", "allows to * pods"),
    (
        "rules: [{apiGroups: [''], resources: [secrets], verbs: [get], resourceNames: [a]}]",
        "rules: [{apiGroups: [''], resources: [secrets], verbs: [get], resourceNames: [a, b]}]",
        "allows to get secrets named b",
    ),
    (
        "rules: [{apiGroups: [''], resources: [secrets], verbs: [get], resourceNames: [a]}]",
        "rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]",
        "allows to get secrets",
    ),
]


@pytest.mark.parametrize(("before", "after", "says"), GROWN_ROLES)
def test_a_role_that_allows_more(before: str, after: str, says: str) -> None:
    assert widening(ROLE, before, after) == [says]
    assert widening(f"{RBAC}/ClusterRole", before, after) == [says]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (READ, "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]"),
        (READ, "rules: []"),
        (READ, ""),
        (
            READ,
            "rules: [{apiGroups: [''], resources: [pods], verbs: [get]},"
            " {apiGroups: [''], resources: [pods], verbs: [list]}]",
        ),
        ("rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]", READ),
        (
            "rules: [{apiGroups: [''], resources: ['*/log'], verbs: [get]}]",
            READ.replace("pods", "pods/log")[:-9] + "]}]",
        ),
        (
            "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]",
            "rules: [{apiGroups: [''], resources: [pods], verbs: [get], resourceNames: [a]}]",
        ),
    ],
)
def test_a_role_that_allows_no_more(before: str, after: str) -> None:
    assert widening(ROLE, before, after) == []


def test_a_cluster_role_reaches_by_urls_and_by_aggregation() -> None:
    kind = f"{RBAC}/ClusterRole"
    urls = "rules: [{nonResourceURLs: [/metrics], verbs: [%s]}]"
    assert widening(kind, urls % "get", urls % "get, post") == ["allows to post /metrics"]
    assert widening(kind, urls % "'*'", urls % "get, post") == []
    added = "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}"
    assert widening(kind, "rules: []", added) == ["takes over the rules of other ClusterRoles"]
    labels = "name: x, labels: {rbac.authorization.k8s.io/aggregate-to-view: '%s'}"
    before, after = of(kind, "rules: []", labels % "false"), of(kind, "rules: []", labels % "true")
    assert list(changes(before, after)[0].risks) == [(Risk.WIDENS, "adds its rules to the ClusterRole view")]


def test_a_binding_that_gives_a_role_to_more() -> None:
    subjects = "roleRef: {kind: ClusterRole, name: view}, subjects: [%s]"
    one, two = "{kind: Group, name: a}", "{kind: ServiceAccount, name: b, namespace: c}"
    says = "gives ClusterRole view to ServiceAccount b of c"
    for kind in (BINDING, f"{RBAC}/ClusterRoleBinding"):
        assert widening(kind, subjects % one, subjects % f"{two}, {one}") == [says]
        assert widening(kind, "", subjects % two) == [says]
        assert widening(kind, subjects % f"{one}, {two}", subjects % one) == []
        assert widening(kind, subjects % one, "") == []


def test_a_service_account_that_gets_a_token_or_an_identity() -> None:
    kind, token = "v1/ServiceAccount", "its pods get a token for the Kubernetes API"
    assert widening(kind, "automountServiceAccountToken: false", "automountServiceAccountToken: true") == [token]
    assert widening(kind, "automountServiceAccountToken: false", "secrets: []") == [token]
    assert widening(kind, "automountServiceAccountToken: true", "automountServiceAccountToken: false") == []
    assert widening(kind, "", "automountServiceAccountToken: true") == []
    assert widening(kind, "automountServiceAccountToken: false", "") == []
    role = "name: x, namespace: prod, annotations: {eks.amazonaws.com/role-arn: %s}"
    before, after = (of(kind, "secrets: []", role % each) for each in ("a", "b"))
    assert changes(before, after)[0].risks == ((Risk.WIDENS, "acts as b in the cloud"),)
    assert changes(after, "")[0].risk is Risk.HARMLESS
    assert changes(after, after.replace("secrets: []", "secrets: [{name: a}]"))[0].risk is Risk.HARMLESS


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("restricted", "baseline", ["Pod Security falls from restricted to baseline"]),
        ("baseline", "privileged", ["Pod Security falls from baseline to privileged"]),
        ("baseline", "", ["Pod Security falls from baseline to privileged"]),
        ("baseline", "restricted", []),
        ("", "restricted", []),
    ],
)
def test_a_namespace_of_lower_pod_security(before: str, after: str, says: list[str]) -> None:
    labels = "name: x, labels: {pod-security.kubernetes.io/enforce: '%s'}"
    found = changes(*(of("v1/Namespace", metadata=labels % level) for level in (before, after)))
    assert [text for risk, text in found[0].risks if risk is Risk.WIDENS] == says


GROWN_PROJECTS = [
    ("sourceRepos: [a]", "sourceRepos: [a, b]", "may deploy from b"),
    (
        "destinations: [{server: s, namespace: a}]",
        "destinations: [{server: s, namespace: a}, {server: s, namespace: b}]",
        "may deploy to b of s",
    ),
    ("sourceNamespaces: []", "sourceNamespaces: [a]", "its Applications may live in a"),
    (
        "clusterResourceWhitelist: []",
        "clusterResourceWhitelist: [{group: '', kind: Namespace}]",
        "may deploy cluster-wide Namespace",
    ),
    (
        "namespaceResourceWhitelist: [{group: '', kind: Secret}]",
        "namespaceResourceWhitelist: [{group: '', kind: Secret}, {group: apps, kind: Deployment}]",
        "may deploy Deployment.apps",
    ),
    (
        "namespaceResourceWhitelist: [{group: '', kind: Secret}]",
        "namespaceResourceWhitelist: []",
        "may deploy every kind of a namespace",
    ),
    (
        "namespaceResourceBlacklist: [{group: '', kind: Secret}]",
        "namespaceResourceBlacklist: []",
        "may deploy Secret, which it refused",
    ),
    ("roles: [{name: ci}]", "roles: [{name: ci, policies: [p]}]", "its roles may p"),
]


@pytest.mark.parametrize(("before", "after", "says"), GROWN_PROJECTS)
def test_a_project_that_allows_more(before: str, after: str, says: str) -> None:
    assert widening(PROJECT, f"spec: {{{before}}}", f"spec: {{{after}}}") == [says]
    assert widening(PROJECT, f"spec: {{{after}}}", f"spec: {{{before}}}") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sourceRepos: ['*']", "sourceRepos: [a]"),
        ("sourceRepos: ['https://git/*']", "sourceRepos: ['https://git/a']"),
        ("destinations: [{server: '*', namespace: '*'}]", "destinations: [{server: s, namespace: a}]"),
        ("clusterResourceWhitelist: [{group: '*', kind: '*'}]", "clusterResourceWhitelist: [{group: '', kind: Node}]"),
    ],
)
def test_a_project_whose_patterns_covered_it(before: str, after: str) -> None:
    assert widening(PROJECT, f"spec: {{{before}}}", f"spec: {{{after}}}") == []


def test_a_project_that_comes_or_goes() -> None:
    assert widening(PROJECT, "", "spec: {sourceRepos: [a]}") == [
        "may deploy every kind of a namespace",
        "may deploy from a",
    ]
    assert widening(PROJECT, "spec: {namespaceResourceBlacklist: [{group: '', kind: Secret}]}", "") == []


def test_an_admission_policy_that_refuses_less() -> None:
    deny, audit = "spec: {validationActions: [Deny, Audit]}", "spec: {validationActions: [Audit]}"
    assert widening(VALIDATING, deny, audit) == ["what it refused is let in: Deny is gone"]
    assert widening(VALIDATING, deny, "") == ["what it refused is let in"]
    assert widening(VALIDATING, audit, deny) == []
    policy = "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy"
    assert widening(policy, "spec: {failurePolicy: Fail}", "spec: {failurePolicy: Ignore}") == [
        "what it cannot judge is let in: failurePolicy Ignore"
    ]


# ---------------------------------------------------------------------------------------------------------------- pods

SAFE = (
    "securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true,"
    " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}"
)
WEAKER_PODS = [
    ("hostNetwork: true", "", "shares the node's network: hostNetwork"),
    ("hostPID: true", "", "shares the node's processes: hostPID"),
    ("hostIPC: true", "", "shares the node's memory: hostIPC"),
    ("volumes: [{name: a, hostPath: {path: /etc}}]", "", "mounts the node's /etc"),
    ("", "privileged: true", "web is privileged"),
    ("", "runAsNonRoot: false", "web may run as root: no runAsNonRoot"),
    ("", "runAsUser: 0", "web runs as root: runAsUser 0"),
    ("", "capabilities: {drop: [ALL], add: [NET_ADMIN]}", "web has the capability NET_ADMIN"),
    ("", "capabilities: {}", "web keeps the capabilities that its runtime gives it"),
    (
        "",
        "allowPrivilegeEscalation: true",
        "web may gain more privileges than it starts with: allowPrivilegeEscalation",
    ),
    ("", "readOnlyRootFilesystem: false", "web may write to its root file system: no readOnlyRootFilesystem"),
    ("", "seccompProfile: {type: Unconfined}", "web may make any system call: no seccompProfile"),
    ("automountServiceAccountToken: true", "", "its pods get a token for the Kubernetes API"),
]
TEMPLATES = {
    "v1/Pod": "spec: {%s}",
    "apps/v1/Deployment": "spec: {template: {spec: {%s}}}",
    "apps/v1/StatefulSet": "spec: {template: {spec: {%s}}}",
    "batch/v1/CronJob": "spec: {jobTemplate: {spec: {template: {spec: {%s}}}}}",
}


def _pod(more: str = "", security: str = "") -> str:
    own = SAFE
    for setting in filter(None, [security]):
        field = setting.partition(":")[0]
        rest = [each for each in _SETTINGS if not each.startswith(field)]
        own = f"securityContext: {{{', '.join([*rest, setting])}}}"
    return f"containers: [{{name: web, {own}}}]" + (f", {more}" if more else "")


_SETTINGS = [
    "runAsNonRoot: true",
    "allowPrivilegeEscalation: false",
    "readOnlyRootFilesystem: true",
    "capabilities: {drop: [ALL]}",
    "seccompProfile: {type: RuntimeDefault}",
]


@pytest.mark.parametrize("kind", TEMPLATES)
@pytest.mark.parametrize(("more", "security", "says"), WEAKER_PODS)
def test_a_pod_that_may_do_more(kind: str, more: str, security: str, says: str) -> None:
    spec = TEMPLATES[kind]
    assert widening(kind, spec % _pod(), spec % _pod(more, security)) == [says]
    assert widening(kind, "", spec % _pod(more, security)) == [says]
    assert widening(kind, spec % _pod(more, security), spec % _pod()) == []
    assert widening(kind, "", spec % _pod()) == []


def test_what_a_pod_sets_for_all_its_containers_counts() -> None:
    spec = TEMPLATES["apps/v1/Deployment"]
    of_all = "containers: [{name: web, securityContext: {%s}}], securityContext: {runAsNonRoot: %s}"
    rest = ", ".join(_SETTINGS[1:])
    says = ["web may run as root: no runAsNonRoot"]
    assert widening("apps/v1/Deployment", spec % of_all % (rest, "true"), spec % of_all % (rest, "false")) == says
    own = f"{rest}, runAsNonRoot: true"
    assert widening("apps/v1/Deployment", spec % of_all % (rest, "true"), spec % of_all % (own, "false")) == []


def test_a_weakness_that_was_there_is_not_said_again() -> None:
    spec = TEMPLATES["apps/v1/Deployment"]
    weak = _pod("hostNetwork: true")
    assert widening("apps/v1/Deployment", spec % weak, spec % f"{weak}, nodeSelector: {{a: b}}") == []


def test_an_init_container_counts_as_well() -> None:
    spec = TEMPLATES["apps/v1/Deployment"]
    safe, weak = (f"initContainers: [{{name: init, {own}}}]" for own in (SAFE, SAFE[:-1] + ", privileged: true}"))
    assert widening("apps/v1/Deployment", spec % safe, spec % weak) == ["init is privileged"]


def test_a_port_of_the_node() -> None:
    spec = TEMPLATES["apps/v1/Deployment"]
    before = f"containers: [{{name: web, {SAFE}, ports: [{{containerPort: 80}}]}}]"
    after = f"containers: [{{name: web, {SAFE}, ports: [{{containerPort: 80, hostPort: 80}}]}}]"
    assert widening("apps/v1/Deployment", spec % before, spec % after) == ["web listens on the node's port 80"]


# ------------------------------------------------------------------------------------------------------------ exposure


def test_a_service_that_is_reachable_from_outside() -> None:
    kind = "v1/Service"
    assert widening(kind, "spec: {}", "spec: {type: LoadBalancer}") == [
        "is reachable from outside the cluster: LoadBalancer"
    ]
    assert widening(kind, "", "spec: {type: NodePort}") == ["is reachable from outside the cluster: NodePort"]
    assert widening(kind, "spec: {type: LoadBalancer}", "spec: {type: NodePort}") == []
    assert widening(kind, "spec: {type: NodePort}", "spec: {type: ClusterIP}") == []
    assert widening(kind, "spec: {}", "spec: {externalIPs: [1.2.3.4]}") == [
        "is reachable from outside the cluster: 1.2.3.4"
    ]
    ranges = "spec: {type: LoadBalancer, loadBalancerSourceRanges: [%s]}"
    assert widening(kind, ranges % "10.0.0.0/8", ranges % "10.0.0.0/8, 1.0.0.0/8") == [
        "its load balancer lets in 1.0.0.0/8"
    ]
    assert widening(kind, ranges % "10.0.0.0/8", "spec: {type: ClusterIP}") == []
    assert widening(kind, ranges % "10.0.0.0/8", ranges % "") == ["its load balancer lets in every address"]


HOSTS = "spec: {rules: [{host: %s, http: {paths: [{path: %s, pathType: %s}]}}]}"
ROUTES = "spec: {hostnames: [%s], rules: [{matches: [{path: {type: %s, value: %s}}]}]}"


def test_an_ingress_or_a_route_that_exposes_more() -> None:
    assert widening(INGRESS, "", HOSTS % ("a.com", "/", "Prefix")) == ["exposes a.com/"]
    assert widening(INGRESS, HOSTS % ("a.com", "/", "Prefix"), HOSTS % ("b.com", "/api", "Prefix")) == [
        "exposes b.com/api"
    ]
    assert widening(INGRESS, HOSTS % ("a.com", "/api", "Prefix"), HOSTS % ("a.com", "/", "Prefix")) == [
        "exposes a.com/"
    ]
    assert widening(INGRESS, HOSTS % ("a.com", "/", "Exact"), HOSTS % ("a.com", "/a", "Prefix")) == ["exposes a.com/a"]
    assert widening(INGRESS, HOSTS % ("a.com", "/", "Prefix"), HOSTS % ("a.com", "/api", "Exact")) == []
    assert widening(INGRESS, HOSTS % ("a.com", "/a", "Exact"), HOSTS % ("a.com", "/a", "Prefix")) == ["exposes a.com/a"]
    assert widening(INGRESS, HOSTS % ("a.com", "/a", "Prefix"), HOSTS % ("a.com", "/ab", "Prefix")) == [
        "exposes a.com/ab"
    ]
    assert widening(INGRESS, HOSTS % ("'*'", "/", "Prefix"), HOSTS % ("a.com", "/", "Prefix")) == []
    assert widening(INGRESS, HOSTS % ("a.com", "/", "Prefix"), "") == []
    assert widening(INGRESS, "", "spec: {defaultBackend: {service: {name: a}}}") == ["exposes */"]
    assert widening(ROUTE, "", ROUTES % ("a.com", "PathPrefix", "/api")) == ["exposes a.com/api"]
    assert widening(ROUTE, ROUTES % ("a.com", "PathPrefix", "/"), ROUTES % ("a.com, b.com", "Exact", "/x")) == [
        "exposes b.com/x"
    ]
    assert widening(ROUTE, "spec: {parentRefs: [{name: a}]}", "spec: {parentRefs: [{name: a}, {name: b}]}") == [
        "is served by Gateway b"
    ]


# -------------------------------------------------------------------------------------------------------------- network

WEB = "podSelector: {matchLabels: {app: web}}"
PEER = "podSelector: {matchLabels: {%s}}"

GROWN_POLICIES = [
    ("ingress: []", "ingress: [{}]", "lets in everybody"),
    ("ingress: []", "ingress: [{ports: [{port: 80}]}]", "lets in everybody on 80/TCP"),
    ("ingress: []", "ingress: [{from: [{podSelector: {}}]}]", "lets in all pods"),
    (
        "ingress: []",
        "ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: In, values: [b, c]}]}}]}]",
        "lets in pods a In b|c",
    ),
    (
        "ingress: []",
        "ingress: [{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]",
        "lets in all pods of namespaces a=b",
    ),
    (
        f"ingress: [{{from: [{{{PEER % 'app: a'}}}]}}]",
        f"ingress: [{{from: [{{{PEER % 'app: a'}, namespaceSelector: {{}}}}]}}]",
        "lets in pods app=a of all namespaces",
    ),
    (
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/16}}], ports: [{port: 443}]}]",
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}]",
        "lets out to 10.0.0.0/8 on 443/TCP",
    ),
    (
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]",
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]",
        "lets out to 10.0.0.0/8",
    ),
    (
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}]",
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}, {port: 53, protocol: UDP}]}]",
        "lets out to 10.0.0.0/8 on 53/UDP",
    ),
    (
        "egress: [{ports: [{port: 80, endPort: 90}]}]",
        "egress: [{ports: [{port: 80, endPort: 91}]}]",
        "lets out to everybody on 80-91/TCP",
    ),
    (
        "egress: [{to: [{podSelector: {}}]}]",
        "egress: [{to: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]",
        "lets out to 10.0.0.0/8",
    ),
    (
        "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]",
        "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {podSelector: {}}]}]",
        "lets out to all pods",
    ),
    ("egress: [{ports: [{port: http}]}]", "egress: [{ports: [{port: https}]}]", "lets out to everybody on https/TCP"),
    (
        "egress: [{ports: [{port: 1}]}]",
        "egress: [{ports: [{protocol: TCP}]}]",
        "lets out to everybody on every port/TCP",
    ),
]


def _policy(rules: str, *, selector: str = WEB, types: str = "Ingress, Egress") -> str:
    return f"spec: {{{selector}, policyTypes: [{types}]" + (f", {rules}}}" if rules else "}")


@pytest.mark.parametrize(("before", "after", "says"), GROWN_POLICIES)
def test_a_network_policy_that_allows_more(before: str, after: str, says: str) -> None:
    assert widening(POLICY, _policy(before), _policy(after)) == [says]


NOT_GROWN = [
    ("ingress: [{}]", "ingress: []"),
    ("ingress: [{}]", "ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]"),
    (  # one rule split in two
        f"egress: [{{to: [{{{PEER % 'a: b'}}}, {{{PEER % 'a: c'}}}], ports: [{{port: 1}}, {{port: 2}}]}}]",
        f"egress: [{{to: [{{{PEER % 'a: c'}}}], ports: [{{port: 2}}, {{port: 1}}]}},"
        f" {{to: [{{{PEER % 'a: b'}}}], ports: [{{port: 1}}, {{port: 2}}]}}]",
    ),
    (f"egress: [{{to: [{{{PEER % 'a: b'}}}]}}]", f"egress: [{{to: [{{{PEER % 'a: b, c: d'}}}]}}]"),
    (
        f"egress: [{{to: [{{{PEER % 'a: b'}, namespaceSelector: {{}}}}]}}]",
        f"egress: [{{to: [{{{PEER % 'a: b'}}}]}}]",
    ),
    (
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.99.0.0/16]}}]}]",
        "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/12, except: [10.1.0.0/16]}}]}]",
    ),
    ("egress: [{ports: [{port: 80, endPort: 90}]}]", "egress: [{ports: [{port: 85, endPort: 90}, {port: 80}]}]"),
    ("egress: [{ports: [{protocol: TCP}]}]", "egress: [{ports: [{port: 85}]}]"),
]


@pytest.mark.parametrize(("before", "after"), NOT_GROWN)
def test_a_network_policy_that_allows_no_more(before: str, after: str) -> None:
    assert widening(POLICY, _policy(before), _policy(after)) == []


def test_a_network_policy_that_restricts_less() -> None:
    gone = ["the pods that it selects are open (Ingress and Egress), unless another policy restricts them"]
    other = ["it selects other pods: those it leaves are open, unless another policy restricts them"]
    stays = of("v1/Service")
    found = changes(f"{of(POLICY, _policy(''))}\n---\n{stays}", stays)
    assert [text for _, text in found[0].risks] == gone
    assert widening(POLICY, _policy(""), _policy("", types="Ingress")) == ["no longer restricts Egress"]
    assert widening(POLICY, _policy("", types="Ingress"), _policy("")) == []
    assert widening(POLICY, _policy("", selector="podSelector: {}"), _policy("")) == other
    assert widening(POLICY, "", _policy("")) == []


def test_a_network_policy_without_types_restricts_what_it_has_rules_for() -> None:
    before, after = f"spec: {{{WEB}, egress: [{{}}]}}", f"spec: {{{WEB}}}"
    assert widening(POLICY, before, after) == ["no longer restricts Egress"]


def test_a_policy_that_goes_with_its_pods_opens_nothing() -> None:
    policy = parsed(of(POLICY, _policy("")))
    other = Source(environment="prod", owner="shop")
    (alone,) = compare({AGENT: policy}, {AGENT: []})
    (beside,) = compare({AGENT: policy, other: parsed(of("v1/Service"))}, {other: parsed(of("v1/Service"))})
    for change in (alone, beside):
        assert change.risks == ((Risk.HARMLESS, "is deleted"),)


GROWN_CILIUM = [
    ("egress: [{toEndpoints: [{matchLabels: {a: b}}]}]", "egress: [{toEndpoints: [{}]}]", "lets out to all endpoints"),
    (
        "egress: [{toCIDR: [10.0.0.0/16]}]",
        "egress: [{toCIDR: [10.0.0.0/8]}]",
        "lets out to 10.0.0.0/8",
    ),
    (
        "egress: [{toFQDNs: [{matchName: a.com}]}]",
        "egress: [{toFQDNs: [{matchName: a.com}, {matchName: b.com}]}]",
        "lets out to matchName b.com",
    ),
    (
        "egress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]",
        "egress: [{toEntities: [kube-apiserver, world], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]",
        "lets out to world on 443/TCP",
    ),
    ("egress: [{toEntities: [world]}]", "egress: [{toCIDR: [10.0.0.0/8]}]", "lets out to 10.0.0.0/8"),
    (
        "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{method: GET}]}}]}]",
        "ingress: [{toPorts: [{ports: [{port: '80'}]}]}]",
        "lets in everybody on 80/TCP",
    ),
    (
        "egress: [{toEntities: [world]}], egressDeny: [{toEntities: [host]}]",
        "egress: [{toEntities: [world]}]",
        "no longer denies Egress: toEntities host",
    ),
    ("ingress: [{}], egress: [{}]", "ingress: [{}]", "no longer restricts Egress"),
]


@pytest.mark.parametrize(("before", "after", "says"), GROWN_CILIUM)
def test_a_cilium_policy_that_allows_more(before: str, after: str, says: str) -> None:
    spec = "spec: {endpointSelector: {}, %s}"
    assert widening(CILIUM, spec % before, spec % after) == [says]
    assert widening(CILIUM, f"specs: [{{endpointSelector: {{}}, {before}}}]", spec % after) == [says]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("egress: [{toEntities: [all]}]", "egress: [{toCIDR: [10.0.0.0/8]}]"),
        ("egress: [{toEndpoints: [{matchLabels: {a: b}}]}]", "egress: [{toEndpoints: [{matchLabels: {a: b, c: d}}]}]"),
        ("egress: [{toCIDRSet: [{cidr: 10.0.0.0/8}]}]", "egress: [{toCIDRSet: [{cidr: 10.1.0.0/16}]}]"),
        ("egress: [{}]", "egress: [{}, {}]"),
        ("ingress: [{}]", "ingress: [{}], egress: [{}]"),
        (
            "egress: [{toEntities: [world, host]}]",
            "egress: [{toEntities: [host]}, {toEntities: [world]}]",
        ),
        (
            "ingress: [{toPorts: [{ports: [{port: '80'}]}]}]",
            "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{method: GET}]}}]}]",
        ),
    ],
)
def test_a_cilium_policy_that_allows_no_more(before: str, after: str) -> None:
    spec = "spec: {endpointSelector: {}, %s}"
    assert widening(CILIUM, spec % before, spec % after) == []


def test_icmp_is_no_port() -> None:
    spec = "spec: {endpointSelector: {}, egress: [{toEntities: [world], %s}]}"
    before, after = (
        "icmps: [{fields: [{type: 8}]}]",
        "icmps: [{fields: [{type: 8}]}], toPorts: [{ports: [{port: '1'}]}]",
    )
    assert widening(CILIUM, spec % before, spec % after) == ["lets out to world on 1/TCP"]
