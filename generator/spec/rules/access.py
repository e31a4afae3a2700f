"""Who may do what with the Kubernetes API: what is declared must give something, and not too much to too many."""

from collections.abc import Iterator

from generator.model import Fleet, Sync
from generator.problems import Problem, did_you_mean
from generator.spec.reader import Document
from generator.spec.rules.case import Case

# The API groups of Kubernetes itself that have namespaced resources; what others bring is not known here.
# Source: kubernetes/api/openapi-spec, 1.37; what earlier versions lack is no fault of a name.
RESOURCES: dict[str, str] = {
    "": "bindings configmaps endpoints events limitranges persistentvolumeclaims pods podtemplates"
    " replicationcontrollers resourcequotas secrets serviceaccounts services"
    " namespaces nodes persistentvolumes componentstatuses",
    "apps": "controllerrevisions daemonsets deployments replicasets statefulsets",
    "autoscaling": "horizontalpodautoscalers",
    "batch": "cronjobs jobs",
    "coordination.k8s.io": "leases leasecandidates",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events",
    "networking.k8s.io": "ingresses ingressclasses networkpolicies ipaddresses servicecidrs",
    "policy": "poddisruptionbudgets",
    "rbac.authorization.k8s.io": "roles rolebindings clusterroles clusterrolebindings",
}


def permissions_without_access(case: Case) -> Iterator[Problem]:
    if case.agent.permissions and not case.talks_to_api:
        message, hint = "the agent may use the Kubernetes API but not reach it", "add kubernetes-api to talksTo"
        yield case.problem("permissions-without-access", "permissions", message=message, hint=hint)


def unknown_resource(case: Case) -> Iterator[Problem]:
    """A permission for a resource that no API group of its has gives nothing, and nobody says so."""
    for index, permission in enumerate(case.agent.permissions):
        if not all(group in RESOURCES for group in permission.api_groups):
            continue
        known = {name for group in permission.api_groups for name in RESOURCES[group].split()}
        for place, resource in enumerate(permission.resources):
            name = resource.partition("/")[0]
            if name not in known:
                groups = " or ".join(repr(group) for group in permission.api_groups)
                message = f"there is no {name!r} in the API group {groups}"
                hint = did_you_mean(name, known)
                path = ("permissions", index, "resources", place)
                yield case.problem("unknown-resource", *path, message=message, hint=hint)


def verb_without_name(case: Case) -> Iterator[Problem]:
    """RBAC is asked before a new object has a name, and about many without one: a rule with names never matches.

    A part of an object, such as `pods/exec`, is created of one that has its name.
    """
    for index, permission in enumerate(case.agent.permissions):
        whole = [resource for resource in permission.resources if "/" not in resource]
        if not permission.resource_names or not whole:
            continue
        for place, verb in enumerate(permission.verbs):
            if verb in ("create", "deletecollection"):
                message = f"{verb} of {whole[0]} is asked for without a name, so `resourceNames` refuse it always"
                hint = "give it a rule of its own without `resourceNames`, or leave it out"
                path = ("permissions", index, "verbs", place)
                yield case.problem("verb-without-name", *path, message=message, hint=hint)


def operate_released(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """Who operates may act as every ServiceAccount, past whoever approves the syncs."""
    for environment in fleet.environments:
        if environment.namespace.teams_operate and environment.sync is not Sync.AUTO:
            path = ("environments", environment.name, "teamAccess")
            name = environment.name
            message = f"{'.'.join(path)}: every team could act as any account in {name}, whose syncs take a person"
            yield Problem(document.place(*path), "operate-released", message, "let them view there")
