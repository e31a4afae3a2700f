"""What Kustomize will build of each overlay, said without Kustomize: every object, whole, by its owner.

The builders' manifests with what Kustomize's transformers add to them. `tests/test_compile.py` holds this against the
real Kustomize; proofs read it, so that a fault in a builder shows in them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator import argocd, names
from generator.model import Agent, Environment, Fleet, Namespace
from generator.resources import agent as agent_resources
from generator.resources import namespace as namespace_resources

Manifest = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """The objects of one environment's namespace: its own under `NAMESPACE_FOLDER`, each agent's under its name."""

    environment: str
    namespace: str
    objects: Mapping[str, list[Manifest]]

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, Manifest]]:
        """Every object of these kinds, with its owner."""
        for owner, manifests in self.objects.items():
            yield from ((owner, manifest) for manifest in manifests if manifest["kind"] in kinds)


def environments(fleet: Fleet) -> Iterator[Compiled]:
    """Each environment in turn, so that only one is held at a time."""
    for environment in fleet.environments:
        objects = {names.NAMESPACE_FOLDER: _of_namespace(environment.namespace, environment)}
        objects |= {agent.name: _of_agent(agent, environment) for agent in environment.agents}
        yield Compiled(environment=environment.name, namespace=environment.namespace.name, objects=objects)


def applications(fleet: Fleet) -> list[Manifest]:
    """Argo CD's projects and Applications."""
    return [manifest for _, manifests in argocd.manifests(fleet) for manifest in manifests]


def _of_agent(agent: Agent, environment: Environment) -> list[Manifest]:
    name = names.config_map(agent.name)
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": dict(agent.config)}
    return _transformed([*agent_resources.build(agent), config], names.agent_labels(agent), environment)


def _of_namespace(namespace: Namespace, environment: Environment) -> list[Manifest]:
    return _transformed(namespace_resources.build(namespace), names.namespace_labels(namespace), environment)


def _transformed(manifests: list[Manifest], labels: names.Labels, environment: Environment) -> list[Manifest]:
    """Changes the manifests, which their builders made for nobody else."""
    labels = {**labels, names.ENVIRONMENT_LABEL: environment.name}
    namespace = environment.namespace.name
    for manifest in manifests:
        manifest["metadata"]["name" if manifest["kind"] == "Namespace" else "namespace"] = namespace
        for metadata in _metadata(manifest):
            metadata["labels"] = metadata.get("labels", {}) | labels
        for subject in manifest.get("subjects", ()):
            if subject["kind"] == "ServiceAccount":
                subject.setdefault("namespace", namespace)
    return manifests


def _metadata(manifest: Manifest) -> Iterator[Manifest]:
    """The object's own metadata and those of its templates."""
    yield manifest["metadata"]
    if manifest["kind"] == "Deployment":
        yield manifest["spec"]["template"]["metadata"]
    if manifest["kind"] == "CronJob":
        job = manifest["spec"]["jobTemplate"]
        yield job.setdefault("metadata", {})
        yield job["spec"]["template"]["metadata"]
