"""Permissions that are more than they look: what each lets one do, found in a rule. It judges nothing.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from generator.proofs.access.rbac import ANY, GROUP, READ, Rule, shown

_Wanted = tuple[str, str, str]  # verb, group, resource
_ALL = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_CHANGES = ("create", "update", "patch")
_REMOVES = ("delete", "deletecollection")

# The API server answers a change, and the removal of many, with the objects as they are then.
_SECRETS = [(verb, "", "secrets") for verb in (*READ, "update", "patch", "deletecollection")]
# Whoever writes an ExternalSecret has every key of its store fetched to where it says.
_FETCHES = [(verb, "external-secrets.io", "externalsecrets") for verb in _CHANGES]

_ESCALATES = [
    *((verb, GROUP, role) for verb in ("escalate", "bind") for role in ("roles", "clusterroles")),
    *(("impersonate", "", who) for who in ("users", "groups", "serviceaccounts")),
    *(("impersonate", "authentication.k8s.io", who) for who in ("uids", "userextras")),
]

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
    "external-secrets.io": ("clustersecretstores", "clusterexternalsecrets"),
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
ESCALATION = Danger(rule="escalation", says="may {}, and so take rights that nobody gave it", find=_allowed(_ESCALATES))
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
