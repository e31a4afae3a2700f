"""Who may do what, from Roles and bindings, as the API server's RBAC authorizer works it out. It judges nothing.

Sources: kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go (what a rule matches), clusterroleaggregation_controller.go
(aggregation), plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata/cluster-roles.yaml (what `view` may).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from generator.compiled import Compiled
from generator.proofs import references
from generator.proofs.evidence import Manifest

ANY = "*"
READ = ("get", "list", "watch")
GROUP = "rbac.authorization.k8s.io"
AGGREGATE_TO = f"{GROUP}/aggregate-to-"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a role, as written."""

    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()  # empty: every object
    urls: tuple[str, ...] = ()

    def touches(self, verb: str, group: str, resource: str) -> bool:
        """Whether it allows this for at least one object."""
        _, slash, part = resource.partition("/")
        wanted = (resource, ANY, f"*/{part}" if slash else ANY)
        return (
            (verb in self.verbs or ANY in self.verbs)
            and (group in self.groups or ANY in self.groups)
            and any(one in self.resources for one in wanted)
        )

    def allows(self, verb: str, group: str, resource: str, name: str) -> bool:
        """Whether it allows this for the object of this name; "" where a request names none, as when it lists."""
        return self.touches(verb, group, resource) and (not self.names or name in self.names)

    def __str__(self) -> str:
        what = [*(shown(group, resource) for group in self.groups for resource in self.resources), *self.urls]
        named = f" named {', '.join(self.names)}" if self.names else ""
        return f"{', '.join(self.verbs)} {', '.join(what)}{named}"


@dataclass(frozen=True, kw_only=True)
class Role:
    """A Role or ClusterRole with its aggregation resolved."""

    kind: str
    name: str
    rules: tuple[Rule, ...]
    built_in: bool = False


@dataclass(frozen=True, kw_only=True, order=True)
class Subject:
    """Somebody who may do something: a ServiceAccount of a namespace, a Group or a User."""

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" of {self.namespace}" if self.namespace else "")


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A RoleBinding or ClusterRoleBinding; `role` is None where no such role is known."""

    kind: str
    name: str
    owner: str
    namespace: str | None  # None: everywhere
    role_kind: str
    role_name: str
    role: Role | None
    subjects: tuple[Subject, ...]


def bindings(compiled: Compiled) -> list[Binding]:
    """Every binding of an environment's objects, with its role."""
    roles = _roles(compiled)
    return [_binding(owner, one, roles) for owner, one in compiled.of_kind("RoleBinding", "ClusterRoleBinding")]


def by_subject(found: Iterable[Binding]) -> dict[Subject, list[Binding]]:
    """The bindings that name each subject."""
    result: dict[Subject, list[Binding]] = {}
    for binding in found:
        for subject in dict.fromkeys(binding.subjects):
            result.setdefault(subject, []).append(binding)
    return result


def of_account(account: Subject, found: Mapping[Subject, list[Binding]]) -> list[Binding]:
    """The bindings that hold for a ServiceAccount, also as a member of the groups that every one is in."""
    groups = ("system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{account.namespace}")
    subjects = (account, *(Subject(kind="Group", name=group) for group in groups))
    return [binding for subject in subjects for binding in found.get(subject, ())]


# ----------------------------------------------------------------------------------------------- what is more than what

_Atom = tuple[str, str, str, str]  # group, resource, verb, name; "" for a name means every object


def _atoms(rules: Iterable[Rule]) -> dict[_Atom, None]:
    return {
        atom: None for rule in rules for atom in product(rule.groups, rule.resources, rule.verbs, rule.names or ("",))
    }


def beyond(given: Iterable[Rule], asked: Iterable[Rule]) -> Iterator[str]:
    """What `given` lets one do that `asked` does not, in words: one for all that may be done alike."""
    known = _atoms(asked)
    lacking: dict[tuple[str, str, str], list[str]] = {}
    for group, resource, verb, name in _atoms(given):
        if not any(atom in known for atom in _wider(group, resource, verb, name)):
            lacking.setdefault((group, resource, name), []).append(verb)
    alike: dict[tuple[str, str], list[str]] = {}
    for (group, resource, name), verbs in lacking.items():
        alike.setdefault(("/".join(verbs), name), []).append(shown(group, resource))
    for (verbs_, name), things in alike.items():
        yield f"{verbs_} {_few(things)}" + (f" named {name}" if name else "")
    for rule in given:
        if rule.urls:
            yield str(rule)


def _few(things: list[str]) -> str:
    return ", ".join(things if len(things) <= 4 else [*things[:3], f"{len(things) - 3} more"])


def _wider(group: str, resource: str, verb: str, name: str) -> Iterator[_Atom]:
    """Every way to allow as much or more."""
    _, slash, part = resource.partition("/")
    resources = dict.fromkeys((resource, ANY, f"*/{part}" if slash else ANY))
    yield from product((group, ANY), resources, (verb, ANY), dict.fromkeys((name, "")))


def shown(group: str, resource: str) -> str:
    """
    >>> shown("", "pods"), shown("apps", "deployments/scale")
    ('pods', 'deployments.apps/scale')
    """
    kind, slash, part = resource.partition("/")
    return (f"{kind}.{group}" if group else kind) + slash + part


# -------------------------------------------------------------------------------------------------------------- reading

_Key = tuple[str, str, str]  # kind, namespace (empty for a ClusterRole), name


def _roles(compiled: Compiled) -> dict[_Key, Role]:
    found = {("ClusterRole", "", str(manifest["metadata"]["name"])): manifest for manifest in _BUILT_IN}
    built_in = set(found)
    for _, manifest in compiled.of_kind("Role", "ClusterRole"):
        metadata = manifest["metadata"]
        namespace = metadata["namespace"] if manifest["kind"] == "Role" else ""
        key = (manifest["kind"], namespace, metadata["name"])
        found[key] = manifest
        built_in.discard(key)
    clusters = [manifest for (kind, _, _), manifest in found.items() if kind == "ClusterRole"]
    return {
        key: Role(kind=key[0], name=key[2], rules=tuple(_rules(manifest, clusters)), built_in=key in built_in)
        for key, manifest in found.items()
    }


def _rules(role: Manifest, clusters: list[Manifest]) -> Iterator[Rule]:
    """A role's own rules or, if it aggregates, those of all that it selects; it may select such that aggregate too."""
    seen, left = [role], [role]
    rules: dict[Rule, None] = {}
    while left:
        one = left.pop(0)
        if "aggregationRule" not in one:
            rules |= {_rule(rule): None for rule in one.get("rules") or ()}
            continue
        for selector in one["aggregationRule"].get("clusterRoleSelectors", ()):
            chosen = (other for other in clusters if references.selects(selector, other["metadata"].get("labels", {})))
            fresh = [other for other in chosen if not any(other is known for known in seen)]
            seen += fresh
            left += fresh
    yield from rules


def _rule(rule: Manifest) -> Rule:
    return Rule(
        groups=tuple(rule.get("apiGroups", ())),
        resources=tuple(rule.get("resources", ())),
        verbs=tuple(rule["verbs"]),
        names=tuple(rule.get("resourceNames", ())),
        urls=tuple(rule.get("nonResourceURLs", ())),
    )


def _binding(owner: str, manifest: Manifest, roles: Mapping[_Key, Role]) -> Binding:
    namespace = manifest["metadata"]["namespace"] if manifest["kind"] == "RoleBinding" else None
    kind, name = manifest["roleRef"]["kind"], manifest["roleRef"]["name"]
    return Binding(
        kind=manifest["kind"],
        name=manifest["metadata"]["name"],
        owner=owner,
        namespace=namespace,
        role_kind=kind,
        role_name=name,
        role=roles.get((kind, (namespace or "") if kind == "Role" else "", name)),
        subjects=tuple(
            Subject(kind=subject["kind"], name=subject["name"], namespace=subject.get("namespace", ""))
            for subject in manifest.get("subjects", ())
        ),
    )


def _read(group: str, *resources: str) -> Manifest:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(READ)}


def _aggregating(name: str) -> Manifest:
    selector = {"matchLabels": {f"{AGGREGATE_TO}{name}": "true"}}
    return {"metadata": {"name": name}, "aggregationRule": {"clusterRoleSelectors": [selector]}}


# Of the roles that every cluster has, the only one that Kustodian binds.
_BUILT_IN: tuple[Manifest, ...] = (
    _aggregating("view"),
    {
        "metadata": {"name": "system:aggregate-to-view", "labels": {f"{AGGREGATE_TO}view": "true"}},
        "rules": [
            _read(
                "",
                *("configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods"),
                *("replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services"),
                *("services/status", "bindings", "events", "limitranges", "namespaces/status", "pods/log"),
                *("pods/status", "replicationcontrollers/status", "resourcequotas", "resourcequotas/status"),
                "namespaces",
            ),
            _read("discovery.k8s.io", "endpointslices"),
            _read(
                "apps",
                *("controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale"),
                *("deployments/status", "replicasets", "replicasets/scale", "replicasets/status", "statefulsets"),
                *("statefulsets/scale", "statefulsets/status"),
            ),
            _read("autoscaling", "horizontalpodautoscalers", "horizontalpodautoscalers/status"),
            _read("batch", "cronjobs", "cronjobs/status", "jobs", "jobs/status"),
            _read("policy", "poddisruptionbudgets", "poddisruptionbudgets/status"),
            _read("networking.k8s.io", "ingresses", "ingresses/status", "networkpolicies"),
        ],
    },
)
