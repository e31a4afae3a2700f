"""Permissions that are more than they look: what each lets one do, found in a rule. It judges nothing.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache

from generator.proofs.access.rbac import ANY, GROUP, READ, Rule, shown

_Wanted = tuple[str, str, str]  # verb, group, resource
_ALL = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_CHANGES = ("create", "update", "patch")
_REMOVES = ("delete", "deletecollection")

# The API server answers a change, and the removal of many, with the objects as they are then.
_SECRETS = [(verb, "", "secrets") for verb in (*READ, "update", "patch", "deletecollection")]
# Whoever writes an ExternalSecret has every key of its store fetched to where it says; a PushSecret copies any Secret.
_FETCHES = [(verb, "external-secrets.io", kind) for kind in ("externalsecrets", "pushsecrets") for verb in _CHANGES]

_ESCALATES = [(verb, GROUP, role) for verb in ("escalate", "bind") for role in ("roles", "clusterroles")]
# Users, groups, accounts, uids, and extras by key (`userextras/scopes`); from Kubernetes 1.36 on also by verbs such as
# `impersonate:user-info`. Source: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
_IMPERSONATES = "impersonate"
_IMPERSONATED = {"": ("users", "groups", "serviceaccounts"), "authentication.k8s.io": ("uids", "userextras")}

# Kinds of widely used operators which make pods, or apply objects, that may run as any account of their namespace.
# What other operators bring is not known here; docs/proofs/access.md says so.
OPERATED = {
    "apps.kruise.io": "advancedcronjobs broadcastjobs clonesets daemonsets statefulsets",
    "argoproj.io": "analysisruns analysistemplates applications applicationsets appprojects cronworkflows eventsources"
    " experiments rollouts sensors workfloweventbindings workflows workflowtemplates",
    "batch.volcano.sh": "jobs",
    "flink.apache.org": "flinkdeployments",
    "helm.toolkit.fluxcd.io": "helmreleases",
    "jobset.x-k8s.io": "jobsets",
    "keda.sh": "scaledjobs",
    "kubeflow.org": "experiments jaxjobs mpijobs mxjobs notebooks paddlejobs pytorchjobs scheduledworkflows tfjobs"
    " trials viewers xgboostjobs",
    "kustomize.toolkit.fluxcd.io": "kustomizations",
    "leaderworkerset.x-k8s.io": "leaderworkersets",
    "monitoring.coreos.com": "alertmanagers prometheusagents prometheuses thanosrulers",
    "postgresql.cnpg.io": "clusters poolers",
    "ray.io": "rayclusters raycronjobs rayjobs rayservices",
    "serving.knative.dev": "configurations services",
    "serving.kserve.io": "inferencegraphs inferenceservices servingruntimes",
    "sparkoperator.k8s.io": "scheduledsparkapplications sparkapplications sparkconnects",
    "tekton.dev": "customruns pipelineruns pipelines taskruns tasks",
    "trainer.kubeflow.org": "trainingruntimes trainjobs",
    "triggers.tekton.dev": "eventlisteners triggers triggertemplates",
}

_RUNS = [
    *((verb, "", "pods") for verb in _CHANGES),
    # `get` opens a connection too, by websocket.
    *((verb, "", f"pods/{part}") for part in ("exec", "attach") for verb in ("get", "create")),
    *((verb, "", "pods/ephemeralcontainers") for verb in ("update", "patch")),
    ("create", "", "serviceaccounts/token"),
    *((verb, "", kind) for kind in ("replicationcontrollers", "podtemplates") for verb in _CHANGES),
    *(
        (verb, "apps", f"{kind}s")
        for kind in ("deployment", "statefulset", "daemonset", "replicaset")
        for verb in _CHANGES
    ),
    *((verb, "batch", kind) for kind in ("jobs", "cronjobs") for verb in _CHANGES),
    *((verb, group, kind) for group, kinds in OPERATED.items() for kind in kinds.split() for verb in _CHANGES),
]

# What holds an agent within its bounds, and is the fleet's to say.
_GUARDRAILS = [
    *(
        (verb, group, kind)
        for group, kind in (
            ("networking.k8s.io", "networkpolicies"),
            ("cilium.io", "ciliumnetworkpolicies"),
            ("", "resourcequotas"),
            ("", "limitranges"),
            ("external-secrets.io", "secretstores"),
            (GROUP, "roles"),
            (GROUP, "rolebindings"),
        )
        for verb in (*_CHANGES, *_REMOVES)
    ),
]

# The API server and the kubelet open these connections, past every NetworkPolicy of the pod that asks.
_TUNNELS = [
    *((verb, "", f"{kind}/proxy") for kind in ("pods", "services") for verb in ("get", "create", "update", "patch")),
    *((verb, "", "pods/portforward") for verb in ("get", "create")),
]

_DATA = [(verb, "", "persistentvolumeclaims") for verb in _REMOVES]

# Kinds without a namespace; a Role that names one gives nothing today, and everything once somebody binds it wider.
_CLUSTER_KINDS = {
    "": ("nodes", "nodes/proxy", "persistentvolumes", "componentstatuses"),
    GROUP: ("clusterroles", "clusterrolebindings"),
    "admissionregistration.k8s.io": (
        *("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        *("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
        *("mutatingadmissionpolicies", "mutatingadmissionpolicybindings"),
    ),
    "apiextensions.k8s.io": ("customresourcedefinitions",),
    "apiregistration.k8s.io": ("apiservices",),
    "certificates.k8s.io": ("certificatesigningrequests", "certificatesigningrequests/approval", "signers"),
    "cilium.io": ("ciliumclusterwidenetworkpolicies",),
    "external-secrets.io": ("clustersecretstores", "clusterexternalsecrets", "clusterpushsecrets"),
    "gateway.networking.k8s.io": ("gatewayclasses",),
    "networking.k8s.io": ("ingressclasses",),
    "node.k8s.io": ("runtimeclasses",),
    "scheduling.k8s.io": ("priorityclasses",),
    "storage.k8s.io": ("storageclasses", "volumeattachments", "csidrivers", "csinodes"),
}
_CLUSTER = [
    *((verb, group, kind) for group, kinds in _CLUSTER_KINDS.items() for kind in kinds for verb in _ALL),
    # A namespace can be read, and deleted, by a Role in it; it can read no other.
    *((verb, "", "namespaces") for verb in ("create", "update", "patch", "delete", "deletecollection")),
]


def beyond_own_secrets(rule: Rule, own: Collection[str]) -> Rule:
    """The rule without Secrets, where it is for those of one's own and names them."""
    if rule.names and all(name in own for name in rule.names):
        return replace(rule, resources=tuple(one for one in rule.resources if one != "secrets"))
    return rule


@dataclass(frozen=True, kw_only=True)
class Danger:
    """A kind of permission that is more than it looks; `says` takes what was found."""

    rule: str
    says: str
    find: Callable[[Rule], Iterable[str]]

    def found_in(self, rule: Rule) -> tuple[str, ...]:
        """Each thing that a rule allows of this, in words."""
        return _found(self, rule)


@cache
def _found(danger: Danger, rule: Rule) -> tuple[str, ...]:
    return tuple(danger.find(rule))


def _wildcards(rule: Rule) -> Iterable[str]:
    fields = {"apiGroups": rule.groups, "resources": rule.resources, "verbs": rule.verbs, "nonResourceURLs": rule.urls}
    for name, values in fields.items():
        yield from (f"{value!r} under {name}" for value in values if ANY in value)


def _allowed(wanted: Iterable[_Wanted]) -> Callable[[Rule], Iterable[str]]:
    kinds: dict[tuple[str, str], list[str]] = {}
    for verb, group, resource in wanted:
        kinds.setdefault((group, resource), []).append(verb)

    def find(rule: Rule) -> Iterable[str]:
        for (group, resource), verbs in kinds.items():
            allowed = [verb for verb in verbs if rule.touches(verb, group, resource)]
            if allowed:
                yield f"{'/'.join(allowed)} {shown(group, resource)}"

    return find


def _escalating(rule: Rule) -> Iterable[str]:
    yield from _takes_roles(rule)
    verbs = [verb for verb in rule.verbs if verb in (_IMPERSONATES, ANY) or verb.startswith(f"{_IMPERSONATES}:")]
    for group, known in _IMPERSONATED.items() if verbs else ():
        kinds = [*known, *(resource for resource in rule.resources if resource.startswith("userextras/"))]
        for kind in kinds:
            if rule.touches(verbs[0], group, kind):
                yield f"{'/'.join(verbs)} {shown(group, kind)}"


_takes_roles = _allowed(_ESCALATES)


def _beyond(rule: Rule) -> Iterable[str]:
    if ANY in rule.resources:
        return  # a wildcard, and found as one; what of it lies outside a namespace is out of reach anyway
    yield from _allowed_in_cluster(rule)
    yield from (f"{'/'.join(rule.verbs)} {url}" for url in rule.urls)


_allowed_in_cluster = _allowed(_CLUSTER)

WILDCARD = Danger(rule="wildcard-permission", says="may do more than its rules name: {}", find=_wildcards)
SECRETS = Danger(
    rule="reads-secrets", says="may {}, and so read secrets that are not its own", find=_allowed([*_SECRETS, *_FETCHES])
)
ESCALATION = Danger(rule="escalation", says="may {}, and so take rights that nobody gave it", find=_escalating)
WORKLOADS = Danger(
    rule="workload-escalation",
    says="may {}, and so act as every ServiceAccount of the namespace",
    find=_allowed(_RUNS),
)
GUARDRAILS = Danger(
    rule="weakens-guardrails", says="may {}, and so undo what holds it within bounds", find=_allowed(_GUARDRAILS)
)
TUNNELS = Danger(
    rule="bypasses-network", says="may {}, and so reach pods past every NetworkPolicy", find=_allowed(_TUNNELS)
)
DATA = Danger(rule="deletes-data", says="may {}, and with them what is on the volumes", find=_allowed(_DATA))
CLUSTER = Danger(rule="cluster-wide", says="may {}, which is in no namespace", find=_beyond)
DANGERS = (WILDCARD, SECRETS, ESCALATION, WORKLOADS, GUARDRAILS, TUNNELS, DATA, CLUSTER)
