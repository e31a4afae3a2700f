"""References that lead nowhere: what an object needs of its own environment, and nothing there makes or matches.

Secrets, volume claims, accounts of pods, roles and stores are judged where they are about something: by the proofs of
secrets, storage and access. Of what others bring (Gateways, classes, issuers) nothing is known here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.compiled import Compiled
from generator.model import Environment
from generator.proofs import references
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.order.needs import backends, store_references
from generator.proofs.places import Path, of_agent, of_environment

_NONE: Manifest = {}


@dataclass(frozen=True)
class Labelled:
    """A Service, or the pods of one workload: what selectors find, and its ports by name."""

    name: str
    labels: Mapping[str, str]
    ports: frozenset[int | str]


@dataclass(frozen=True, kw_only=True)
class Selectable:
    """Things by each of their labels, so that no selector asks each of them."""

    everything: tuple[Labelled, ...]
    by_label: Mapping[tuple[str, str], list[Labelled]]

    @classmethod
    def of(cls, found: Iterator[Labelled]) -> "Selectable":
        everything = tuple(found)
        by_label: dict[tuple[str, str], list[Labelled]] = {}
        for one in everything:
            for label in one.labels.items():
                by_label.setdefault(label, []).append(one)
        return cls(everything=everything, by_label=by_label)

    def selected(self, selector: Manifest) -> list[Labelled]:
        first = next(iter(selector.get("matchLabels", _NONE).items()), None)
        candidates = self.by_label.get(first, ()) if first else self.everything
        return [one for one in candidates if references.selects(selector, one.labels)]


@dataclass(frozen=True, kw_only=True)
class _There:
    """What an environment holds."""

    names: frozenset[tuple[str, str]]  # kind and name
    config: Mapping[str, frozenset[str]]  # keys of each ConfigMap
    service_ports: Mapping[str, frozenset[int | str]]  # of each Service, by number and by name
    services: Selectable
    pods: Selectable
    by_people: frozenset[str | None]  # Secrets that the spec says people make


def breaches(environment: Environment, compiled: Compiled) -> Iterator[Breach]:
    there = _there(environment, compiled)
    agents = {agent.name for agent in environment.agents}
    for owner, manifests in compiled.objects.items():
        own = of_agent(owner, environment.name) if owner in agents else of_environment(environment.name)
        for manifest in manifests:
            for message in _of(manifest, there):
                what = f"{manifest['kind']} {manifest['metadata']['name']}"
                paths: tuple[Path, ...] = (own,)
                hint = "make it, or do without it"
                yield Breach(rule="leads-nowhere", paths=paths, message=f"{what} {message}", hint=hint)


def selectable_pods(compiled: Compiled) -> Selectable:
    """The pods of every workload, which they are named after."""
    return Selectable.of(_pods(compiled))


def _there(environment: Environment, compiled: Compiled) -> _There:
    services = [manifest for _, manifest in compiled.of_kind("Service")]
    by_name = {
        service["metadata"]["name"]: frozenset(
            port[key] for port in service["spec"].get("ports", ()) for key in ("port", "name") if key in port
        )
        for service in services
    }
    return _There(
        names=frozenset((one["kind"], one["metadata"]["name"]) for all_ in compiled.objects.values() for one in all_),
        config={
            manifest["metadata"]["name"]: frozenset((*manifest.get("data", ()), *manifest.get("binaryData", ())))
            for _, manifest in compiled.of_kind("ConfigMap")
        },
        service_ports=by_name,
        services=Selectable.of(
            Labelled(name, service["metadata"].get("labels", _NONE), by_name[name])
            for service in services
            for name in [service["metadata"]["name"]]
        ),
        pods=selectable_pods(compiled),
        by_people=frozenset(agent.image_pull_secret for agent in environment.agents),
    )


def _pods(compiled: Compiled) -> Iterator[Labelled]:
    for _, manifest in compiled.of_kind(*references.WORKLOADS):
        template = references.template_of(manifest) or _NONE
        ports = (port for container in references.containers(template["spec"]) for port in container.get("ports", ()))
        named = frozenset(port["name"] for port in ports if "name" in port)
        labels = template.get("metadata", _NONE).get("labels", _NONE)
        yield Labelled(f"{manifest['kind']} {manifest['metadata']['name']}", labels, named)


# ------------------------------------------------------------------------------------------------------- kind by kind


def _of(manifest: Manifest, there: _There) -> Iterator[str]:
    spec = manifest.get("spec", _NONE)
    match manifest["kind"]:
        case "HorizontalPodAutoscaler":
            yield from _scaled(spec, there)
        case "HTTPRoute" | "Ingress":
            yield from _routed(spec, there)
        case "Service":
            yield from _served(spec, there)
        case "PodDisruptionBudget":
            if not there.pods.selected(spec.get("selector", _NONE)):
                yield "guards pods by labels that none has"
        case "ServiceMonitor" | "PodMonitor":
            yield from _scraped(manifest["kind"], spec, there)
        case "ServiceAccount":
            yield from _pulled(manifest, there)
        case "SecretStore":
            yield from _logged_in(spec, there)
        case _:
            yield from _run(manifest, there)


def _scaled(spec: Manifest, there: _There) -> Iterator[str]:
    kind, name = spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]
    if (kind, name) not in there.names:
        yield f"scales the {kind} {name}, which nothing makes"


def _routed(spec: Manifest, there: _There) -> Iterator[str]:
    for name, port in dict.fromkeys(backends(spec)):
        if name not in there.service_ports:
            yield f"sends requests to the Service {name}, which nothing makes"
        elif port is not None and port not in there.service_ports[name]:
            yield f"sends requests to port {port} of the Service {name}, which has none such"


def _served(spec: Manifest, there: _There) -> Iterator[str]:
    if "selector" not in spec:
        return  # whoever lists its endpoints
    pods = there.pods.selected({"matchLabels": spec["selector"]})
    if not pods:
        yield "stands for pods by labels that none has"
        return
    for port in spec.get("ports", ()):
        target = port.get("targetPort")
        if isinstance(target, str) and not any(target in one.ports for one in pods):
            yield f"sends requests to the port {target} of its pods, which have none such"


def _scraped(kind: str, spec: Manifest, there: _There) -> Iterator[str]:
    what, things, endpoints = "Services", there.services, spec.get("endpoints", ())
    if kind == "PodMonitor":
        what, things, endpoints = "pods", there.pods, spec.get("podMetricsEndpoints", ())
    found = things.selected(spec.get("selector", _NONE))
    if not found:
        yield f"has Prometheus scrape {what} by labels that none has"
        return
    for endpoint in endpoints:
        port = endpoint.get("port")
        if port is not None and not any(port in one.ports for one in found):
            yield f"has Prometheus scrape the port {port}, which none of these {what} has"


def _pulled(account: Manifest, there: _There) -> Iterator[str]:
    for reference in account.get("imagePullSecrets", ()):
        if reference["name"] not in there.by_people:
            yield f"pulls images with the Secret {reference['name']}, which the spec does not name"


def _logged_in(spec: Manifest, there: _There) -> Iterator[str]:
    for key, reference in store_references(spec):
        if key == "serviceAccountRef" and ("ServiceAccount", reference["name"]) not in there.names:
            yield f"logs in as the ServiceAccount {reference['name']}, which nothing makes"


def _run(manifest: Manifest, there: _There) -> Iterator[str]:
    template = references.template_of(manifest)
    if not template:
        return
    spec, pod = manifest["spec"], template["spec"]
    labels = template.get("metadata", _NONE).get("labels", _NONE)
    if "selector" in spec and not references.selects(spec["selector"], labels):
        yield "selects pods by labels that its own have not"
    yield from _configured(pod, there)
    yield from _mounted(pod)


def _configured(pod: Manifest, there: _There) -> Iterator[str]:
    for name, key in dict.fromkeys(references.config_maps(pod)):
        if name not in there.config:
            yield f"reads the ConfigMap {name}, which nothing makes"
        elif key is not None and key not in there.config[name]:
            yield f"reads {key} of the ConfigMap {name}, which has none such"


def _mounted(pod: Manifest) -> Iterator[str]:
    volumes = dict.fromkeys(volume["name"] for volume in pod.get("volumes", ()))
    mounted = dict.fromkeys(
        mount["name"]
        for container in references.containers(pod)
        for key in ("volumeMounts", "volumeDevices")
        for mount in container.get(key, ())
    )
    yield from (f"mounts the volume {name}, which its pods do not have" for name in mounted if name not in volumes)
    yield from (f"has the volume {name}, which no container mounts" for name in volumes if name not in mounted)
