"""What the order of a list means, and what tells its elements apart, in the kinds that fleets are made of.

Sources: `x-kubernetes-list-type`, `-list-map-keys` and `-patch-merge-key` of the Kubernetes OpenAPI schema; where that
calls a list atomic, the field's documentation on whether order matters. What is not known here keeps its order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator import mergekeys
from generator.mergekeys import Path
from generator.review.objects import at


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """Elements are known by these fields (a dot leads inwards); the first of them must be there."""

    fields: tuple[str, ...]
    ordered: bool = False
    first_needed: bool = True


@dataclass(frozen=True)
class Bag:
    """Order means nothing and no field names an element; one that comes twice says nothing new."""


@dataclass(frozen=True)
class Series:
    """An element is known by its position."""


Meaning = Keyed | Bag | Series
BAG, SERIES = Bag(), Series()
_DEFAULTS = {"protocol": "TCP"}


def meaning(group: str, kind: str, path: Path) -> Meaning | None:
    """What is known of the list at a path (map keys only) in an object of this kind; None where nothing is."""
    table, rest = _kind(group, kind)
    return table.get(path) or _ANYWHERE.get(path[-2:]) or _ANYWHERE.get(path[-1:]) or rest


def names(elements: list[Any], keyed: Keyed) -> list[str] | None:
    """What each element is called; None where they cannot be told apart so."""
    found = []
    for element in elements:
        values = list(_values(element, keyed)) if isinstance(element, dict) else []
        if not values or (keyed.first_needed and not values[0]):
            return None
        found.append("/".join(filter(None, values)))
    return found if len(set(found)) == len(found) else None


def _values(element: dict[str, Any], keyed: Keyed) -> Iterator[str]:
    for field in keyed.fields:
        value = at(element, *field.split("."))
        if isinstance(value, list):
            yield ",".join(sorted(map(str, value)))
        else:
            yield str(_DEFAULTS.get(field, "") if value is None else value)


# --------------------------------------------------------------------------------------------------------------- tables


def _keyed(*fields: str, ordered: bool = False) -> Keyed:
    return Keyed(fields=fields, ordered=ordered)


def _known_by_all(*fields: str) -> Keyed:
    return Keyed(fields=fields, first_needed=False)


# Lists that mean the same wherever they stand, by the last one or two keys.
_ANYWHERE: Mapping[Path, Meaning] = {
    ("accessModes",): BAG,
    ("configMap", "items"): _keyed("key"),
    ("downwardAPI", "items"): _keyed("path"),
    ("exitCodes", "values"): BAG,
    ("finalizers",): BAG,
    ("imagePullSecrets",): _keyed("name"),
    ("matchExpressions",): BAG,
    ("matchExpressions", "values"): BAG,
    ("matchFields",): BAG,
    ("matchFields", "values"): BAG,
    ("matchLabelKeys",): BAG,
    ("matchNames",): BAG,
    ("mismatchLabelKeys",): BAG,
    ("nodeSelectorTerms",): BAG,
    ("onExitCodes", "values"): BAG,
    ("ownerReferences",): _keyed("uid"),
    ("podAffinityTerm", "namespaces"): BAG,
    ("preferredDuringSchedulingIgnoredDuringExecution",): BAG,
    ("requiredDuringSchedulingIgnoredDuringExecution",): BAG,
    ("requiredDuringSchedulingIgnoredDuringExecution", "namespaces"): BAG,
    ("resources", "claims"): _keyed("name"),
    ("scheduling", "resourceClaims"): _keyed("name"),
    ("secret", "items"): _keyed("key"),
    ("tolerations",): BAG,
}

_OF_CONTAINERS: Mapping[Path, Meaning] = {
    # The kubelet runs `envFrom` in order, a later source over an earlier; `command` and `args` go without saying.
    ("envFrom",): SERIES,
    ("securityContext", "capabilities", "add"): BAG,
    ("securityContext", "capabilities", "drop"): BAG,
    ("volumeMounts", "bindMountOptions"): BAG,
}
_OF_PODS: Mapping[Path, Meaning] = {
    **{path: _keyed(*keys) for path, keys in mergekeys.POD_SPEC.items()},
    **{("containers", *path): meant for path, meant in _OF_CONTAINERS.items()},
    **{("initContainers", *path): meant for path, meant in _OF_CONTAINERS.items()},
    ("initContainers",): _keyed("name", ordered=True),  # they run one after the other
    ("dnsConfig", "options"): _keyed("name"),
    ("evictionResponders",): _keyed("name"),
    ("hostAliases", "hostnames"): BAG,
    ("readinessGates",): BAG,
    ("resourceClaims",): _keyed("name"),
    ("schedulingGates",): _keyed("name"),
    ("securityContext", "supplementalGroups"): BAG,
    ("securityContext", "sysctls"): _keyed("name"),
    ("volumes", "projected", "sources"): BAG,
}

_RULES: Mapping[Path, Meaning] = {
    ("rules",): _known_by_all("apiGroups", "resources", "resourceNames", "nonResourceURLs"),
}
_SUBJECTS: Mapping[Path, Meaning] = {("subjects",): _keyed("kind", "namespace", "name")}
_METRICS = ("type", *(f"{source}.name" for source in ("resource", "containerResource")), "containerResource.container")
_ADMISSION: Mapping[Path, Meaning] = {
    ("spec", "matchConditions"): _keyed("name"),
    ("spec", "validations"): SERIES,
    ("spec", "variables"): _keyed("name", ordered=True),  # one may use those before it
    ("webhooks",): _keyed("name"),
    ("webhooks", "matchConditions"): _keyed("name"),
}
_MONITORS: Mapping[Path, Meaning] = {  # a scrape job is named after its position
    ("spec", "endpoints"): SERIES,
    ("spec", "podMetricsEndpoints"): SERIES,
}

_RBAC, _NETWORKING, _ADMISSIONS = "rbac.authorization.k8s.io", "networking.k8s.io", "admissionregistration.k8s.io"

# A kind's lists, and what any other list of it means.
_KINDS: Mapping[tuple[str, str], tuple[Mapping[Path, Meaning], Meaning | None]] = {
    ("", "LimitRange"): ({("spec", "limits"): _keyed("type")}, None),
    ("", "Pod"): ({("spec", *path): meant for path, meant in _OF_PODS.items()}, None),
    ("", "ResourceQuota"): ({("spec", "scopes"): BAG}, None),
    ("", "Service"): (
        {
            **{path: _keyed(*keys) for path, keys in mergekeys.SERVICE.items()},
            ("spec", "externalIPs"): BAG,
            ("spec", "loadBalancerSourceRanges"): BAG,
        },
        None,
    ),
    ("", "ServiceAccount"): ({path: _keyed(*keys) for path, keys in mergekeys.SERVICE_ACCOUNT.items()}, None),
    (_ADMISSIONS, "MutatingWebhookConfiguration"): (_ADMISSION, BAG),
    (_ADMISSIONS, "ValidatingAdmissionPolicy"): (_ADMISSION, BAG),
    (_ADMISSIONS, "ValidatingAdmissionPolicyBinding"): ({}, BAG),
    (_ADMISSIONS, "ValidatingWebhookConfiguration"): (_ADMISSION, BAG),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): ({("spec", "versions"): _keyed("name")}, None),
    ("argoproj.io", "AppProject"): ({("spec", "roles"): _keyed("name")}, BAG),
    ("argoproj.io", "Application"): (
        {("spec", "ignoreDifferences"): BAG, ("spec", "syncPolicy", "syncOptions"): BAG},
        None,
    ),
    ("autoscaling", "HorizontalPodAutoscaler"): ({("spec", "metrics"): _keyed(*_METRICS)}, BAG),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): ({}, BAG),
    ("cilium.io", "CiliumNetworkPolicy"): ({}, BAG),
    ("external-secrets.io", "ExternalSecret"): ({("spec", "data"): _keyed("secretKey")}, None),
    ("gateway.networking.k8s.io", "HTTPRoute"): (
        {
            ("spec", "hostnames"): BAG,
            ("spec", "parentRefs"): _keyed("name", "namespace", "sectionName", "port"),
            ("spec", "rules", "matches"): BAG,
            ("spec", "rules", "backendRefs"): _keyed("name", "namespace", "port"),
        },
        None,
    ),
    ("monitoring.coreos.com", "PodMonitor"): (_MONITORS, None),
    ("monitoring.coreos.com", "PrometheusRule"): ({("spec", "groups"): _keyed("name")}, None),
    ("monitoring.coreos.com", "ServiceMonitor"): (_MONITORS, None),
    (_NETWORKING, "Ingress"): (
        {
            ("spec", "rules"): _known_by_all("host"),
            ("spec", "rules", "http", "paths"): _keyed("path", "pathType"),
        },
        BAG,
    ),
    (_NETWORKING, "NetworkPolicy"): ({}, BAG),
    (_RBAC, "ClusterRole"): (_RULES, BAG),
    (_RBAC, "ClusterRoleBinding"): (_SUBJECTS, None),
    (_RBAC, "Role"): (_RULES, BAG),
    (_RBAC, "RoleBinding"): (_SUBJECTS, None),
}


@cache
def _kind(group: str, kind: str) -> tuple[Mapping[Path, Meaning], Meaning | None]:
    table, rest = _KINDS.get((group, kind), ({}, None))
    template = mergekeys.POD_TEMPLATES.get((group, kind))
    if template is None:
        return table, rest
    of_pods = {(*template, "spec", *path): meant for path, meant in _OF_PODS.items()}
    return {**of_pods, ("spec", "volumeClaimTemplates"): _keyed("metadata.name")}, rest
