"""What each object of an environment needs of the others before it can work. It judges nothing.

Two agents that talk to each other do not need each other: a service that is not there yet answers later.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.compiled import Compiled
from generator.proofs import references
from generator.proofs.evidence import Manifest

Id = tuple[str, str]  # kind and name

WAVE = "argocd.argoproj.io/sync-wave"
HOOK = "argocd.argoproj.io/hook"

# Argo CD's order within a wave; every kind that is not here comes last. Source: kindOrder in
# argo-cd/gitops-engine/pkg/sync/sync_tasks.go, read in November 2026.
_KIND_ORDER = (
    *("Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget"),
    *("ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume"),
    *("PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding"),
    *("ClusterRoleBindingList", "Role", "RoleList", "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod"),
    *("ReplicationController", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob"),
    *("IngressClass", "Ingress", "APIService"),
)
_RANK = {kind: index for index, kind in enumerate(_KIND_ORDER)}
_PHASES = {"PreSync": -1, "Sync": 0, "PostSync": 1, "SyncFail": 2}
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_NONE: Manifest = {}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One object, and when Argo CD applies it within its Application."""

    owner: str
    kind: str
    name: str
    phase: int
    wave: int

    @property
    def turn(self) -> tuple[int, int]:
        """What Argo CD waits for before it goes on: everything of a turn must be well."""
        return self.phase, self.wave

    @property
    def place(self) -> tuple[int, int, int]:
        """When it is applied, though not waited for, within a turn."""
        return *self.turn, _RANK.get(self.kind, len(_RANK))

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One object needs another: to be applied `before` it, or only not to be waited for in vain."""

    item: Item
    needs: Item
    before: bool


def item_of(owner: str, manifest: Manifest) -> Item:
    annotations = manifest["metadata"].get("annotations", _NONE)
    hooks = (hook.strip() for hook in annotations.get(HOOK, "").split(","))
    phases = [_PHASES[hook] for hook in hooks if hook in _PHASES]
    wave = annotations.get(WAVE, "")
    return Item(
        owner=owner,
        kind=manifest["kind"],
        name=manifest["metadata"]["name"],
        phase=min(phases, default=0),
        wave=int(wave) if WHOLE_NUMBER.fullmatch(wave) else 0,  # what is no number counts for nothing
    )


def needs(compiled: Compiled) -> list[Need]:
    """Every need that one object of the environment has of another; of what is outside it, nothing is known."""
    known = _Known.of(compiled)
    found: dict[Need, None] = {}
    for manifests in compiled.objects.values():
        for manifest in manifests:
            item = known.items[manifest["kind"], manifest["metadata"]["name"]]
            for wanted, before in _needs(manifest, known):
                other = known.items.get(wanted)
                if other and other != item:
                    found[Need(item=item, needs=other, before=before)] = None
    return list(found)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """The objects of an environment by name, and by what they are about."""

    items: Mapping[Id, Item]
    makers: Mapping[str, list[Id]]  # of a Secret
    bindings: Mapping[str, list[Id]]  # of a ServiceAccount, and who lets its token be taken
    tokens: Mapping[str, list[Id]]  # the bindings that let somebody take the token of a ServiceAccount
    policies: "_Policies"

    @classmethod
    def of(cls, compiled: Compiled) -> "_Known":
        items = {
            (manifest["kind"], manifest["metadata"]["name"]): item_of(owner, manifest)
            for owner, manifests in compiled.objects.items()
            for manifest in manifests
        }
        makers: dict[str, list[Id]] = {}
        for _, manifest in compiled.of_kind("ExternalSecret"):
            name = manifest["metadata"]["name"]
            target = manifest["spec"].get("target", _NONE).get("name", name)
            makers.setdefault(target, []).append(("ExternalSecret", name))
        bindings: dict[str, list[Id]] = {}
        of_role: dict[str, list[Id]] = {}
        for _, manifest in compiled.of_kind("RoleBinding"):
            made = ("RoleBinding", manifest["metadata"]["name"])
            of_role.setdefault(manifest["roleRef"]["name"], []).append(made)
            for subject in manifest.get("subjects", ()):
                if subject["kind"] == "ServiceAccount" and subject.get("namespace") == compiled.namespace:
                    bindings.setdefault(subject["name"], []).append(made)
        tokens: dict[str, list[Id]] = {}
        for _, manifest in compiled.of_kind("Role"):
            for rule in manifest.get("rules") or ():
                if "serviceaccounts/token" in rule.get("resources", ()):
                    for name in rule.get("resourceNames", ()):
                        tokens.setdefault(name, []).extend(of_role.get(manifest["metadata"]["name"], ()))
        policies = _Policies.of(compiled)
        return cls(items=items, makers=makers, bindings=bindings, tokens=tokens, policies=policies)


@dataclass(frozen=True, kw_only=True)
class _Policies:
    """The policies of a namespace by a label that their pods must have, so that no pod asks each of them."""

    by_label: Mapping[tuple[str, str], list[tuple[Id, Manifest]]]
    others: tuple[tuple[Id, Manifest], ...]

    @classmethod
    def of(cls, compiled: Compiled) -> "_Policies":
        by_label: dict[tuple[str, str], list[tuple[Id, Manifest]]] = {}
        others = []
        for _, manifest in compiled.of_kind("NetworkPolicy", "CiliumNetworkPolicy"):
            made, spec = (manifest["kind"], manifest["metadata"]["name"]), manifest["spec"]
            selector = spec.get("podSelector", spec.get("endpointSelector", _NONE))
            label = next(iter(selector.get("matchLabels", _NONE).items()), None)
            if label:
                by_label.setdefault(label, []).append((made, selector))
            else:
                others.append((made, selector))
        return cls(by_label=by_label, others=tuple(others))

    def of_pod(self, labels: Mapping[str, str]) -> Iterator[Id]:
        found = (policy for label in labels.items() for policy in self.by_label.get(label, ()))
        for candidates in (found, self.others):
            yield from (made for made, selector in candidates if references.selects(selector, labels))


_Wanted = Iterator[tuple[Id, bool]]


def _needs(manifest: Manifest, known: _Known) -> _Wanted:
    if "namespace" in manifest["metadata"]:
        yield ("Namespace", manifest["metadata"]["namespace"]), True
    spec = manifest.get("spec", _NONE)
    match manifest["kind"]:
        case "RoleBinding" | "ClusterRoleBinding":
            yield (manifest["roleRef"]["kind"], manifest["roleRef"]["name"]), True
        case "SecretStore" | "ClusterSecretStore":
            yield from _of_store(spec, known)
        case "ExternalSecret":
            store = spec["secretStoreRef"]
            yield (store.get("kind", "SecretStore"), store["name"]), True
        case "HorizontalPodAutoscaler":
            # One without its target is unwell.
            yield (spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]), False
        case "HTTPRoute" | "Ingress":
            yield from ((("Service", name), False) for name, _ in backends(spec))
        case _:
            template = references.template_of(manifest)
            if template:
                yield from _of_pod(template, known)


def _of_pod(template: Manifest, known: _Known) -> _Wanted:
    pod = template["spec"]
    account = pod.get("serviceAccountName", "default")
    yield ("ServiceAccount", account), True
    yield from ((binding, False) for binding in known.bindings.get(account, ()))
    for use in references.secrets(pod):
        if not use.optional:
            yield from _of_secret(use.secret, known)
    yield from ((("ConfigMap", name), True) for name, _ in references.config_maps(pod))
    yield from ((("PersistentVolumeClaim", name), True) for name in references.claims(pod))
    # A pod whose policy comes in a later wave reaches nothing, is never well, and the wave never comes.
    labels = template.get("metadata", _NONE).get("labels", _NONE)
    yield from ((policy, False) for policy in known.policies.of_pod(labels))


def _of_secret(name: str, known: _Known) -> _Wanted:
    yield ("Secret", name), True
    yield from ((maker, True) for maker in known.makers.get(name, ()))


def _of_store(spec: Manifest, known: _Known) -> _Wanted:
    """The ServiceAccount by which it logs in, the right to its token, and any Secret that it reads to log in."""
    for key, reference in store_references(spec):
        if key == "serviceAccountRef":
            yield ("ServiceAccount", reference["name"]), True
            yield from ((binding, True) for binding in known.tokens.get(reference["name"], ()))
        else:
            yield from _of_secret(reference["name"], known)


def store_references(value: Any) -> Iterator[tuple[str, Manifest]]:
    """Everything below a key like `serviceAccountRef`, `secretRef` or `accessKeyIDSecretRef`."""
    if isinstance(value, dict):
        for key, item in value.items():
            is_reference = key == "serviceAccountRef" or key.lower().endswith("secretref")
            if is_reference and isinstance(item, dict) and "name" in item:
                yield key, item
            else:
                yield from store_references(item)
    elif isinstance(value, list):
        for item in value:
            yield from store_references(item)


def backends(value: Any) -> Iterable[tuple[str, int | str | None]]:
    """The Services that an HTTPRoute or an Ingress sends requests to, each with the port, by number or name."""
    for rule in value.get("rules", ()):
        for backend in rule.get("backendRefs", ()):
            if backend.get("kind", "Service") == "Service" and "namespace" not in backend:
                yield backend["name"], backend.get("port")
        for path in rule.get("http", _NONE).get("paths", ()):
            if "service" in path["backend"]:
                yield _of_ingress(path["backend"]["service"])
    if "service" in value.get("defaultBackend", _NONE):
        yield _of_ingress(value["defaultBackend"]["service"])


def _of_ingress(service: Manifest) -> tuple[str, int | str | None]:
    port = service.get("port", _NONE)
    return service["name"], port.get("number", port.get("name"))
