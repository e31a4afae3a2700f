"""The fleet as a tree of files, each a path and its documents; a path is written once. Knows no disk and no YAML text.

For each agent, and for the namespace, the base is what the builders make of it without an environment, and an overlay
is the proven difference to what they make of it with one. Kustomize's transformers carry namespace, labels and images.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from generator import argocd, names, overlays
from generator.model import Agent, Environment, Fleet, Image, Namespace
from generator.resources import agent as agent_resources
from generator.resources import namespace as namespace_resources

Manifest = dict[str, Any]
File = tuple[str, list[Any]]

FOLDERS = ("base", "overlays", "argocd")  # everything Kustodian writes is below these
KUSTOMIZATION = "kustomization.yaml"


def files(fleet: Fleet) -> Iterator[File]:
    """Every file of the fleet: its path from the root, and its documents. A path comes once, or ValueError."""
    written = set()
    for path, documents in _files(fleet):
        if path in written:
            raise ValueError(f"{path} would be written twice")
        written.add(path)
        yield path, documents


def _files(fleet: Fleet) -> Iterator[File]:
    yield from of_namespaces(fleet)
    in_environment = [(e, {agent.name: agent for agent in e.agents}) for e in fleet.environments]
    for base_agent in fleet.base_agents:  # agent by agent, so that only one agent's manifests are held at a time
        runs_in = [(e, agents[base_agent.name]) for e, agents in in_environment if base_agent.name in agents]
        yield from of_agent(base_agent, runs_in)
    yield from of_fleet(fleet)


def of_namespaces(fleet: Fleet) -> Iterator[File]:
    """The files of what the agents of a namespace share."""
    base = _of_namespace(fleet.base_namespace)
    yield from _base(base)
    for environment in fleet.environments:
        yield from _overlay(base, _of_namespace(environment.namespace), environment)


def of_agent(base_agent: Agent, runs_in: Sequence[tuple[Environment, Agent]]) -> Iterator[File]:
    """The files of one agent: its base, and an overlay for each environment that it runs in, as it is there."""
    base = _of_agent(base_agent, base_agent.image)
    yield from _base(base)
    for environment, agent in runs_in:
        yield from _overlay(base, _of_agent(agent, base_agent.image), environment)


def of_fleet(fleet: Fleet) -> Iterator[File]:
    """The files that list agents or environments: whole environments, and everything for Argo CD."""
    for environment in fleet.environments:
        folders = [names.NAMESPACE_FOLDER, *(agent.name for agent in environment.agents)]
        yield f"overlays/{environment.name}/{KUSTOMIZATION}", [_kustomization(resources=folders)]
    yield from argocd.manifests(fleet)


@dataclass(frozen=True)
class _Owner:
    """An agent, or a namespace, as its builders made it; what Kustomize will add stands beside the manifests."""

    folder: str
    manifests: list[Manifest]
    labels: names.Labels
    config: Mapping[str, str]
    image: Image | None


def _of_agent(agent: Agent, image: Image) -> _Owner:
    """`image` stands in every manifest, so that overlays leave images to Kustomize's transformer."""
    manifests = agent_resources.build(agent if agent.image == image else replace(agent, image=image))
    return _Owner(agent.name, manifests, names.agent_labels(agent), agent.config, agent.image)


def _of_namespace(namespace: Namespace) -> _Owner:
    manifests = namespace_resources.build(namespace)
    return _Owner(names.NAMESPACE_FOLDER, manifests, names.namespace_labels(namespace), {}, None)


# ---------------------------------------------------------------------------------------------------------------- bases


def _base(owner: _Owner) -> Iterator[File]:
    folder = f"base/{owner.folder}"
    by_kind = _by_kind(owner.manifests)
    for name, documents in by_kind:
        yield f"{folder}/{name}", documents
    generators = [{"name": names.config_map(owner.folder), "literals": _literals(owner.config)}] if owner.config else []
    kustomization = _kustomization(
        resources=[name for name, _ in by_kind],
        labels=[{"pairs": owner.labels, "includeTemplates": True}],
        configMapGenerator=generators,
    )
    yield f"{folder}/{KUSTOMIZATION}", [kustomization]


def _by_kind(manifests: Sequence[Manifest]) -> list[tuple[str, list[Manifest]]]:
    """One file a kind, in the order of the registry."""
    return [(f"{kind.lower()}.yaml", list(group)) for kind, group in groupby(manifests, key=lambda m: str(m["kind"]))]


# ------------------------------------------------------------------------------------------------------------- overlays


def _overlay(base: _Owner, wanted: _Owner, environment: Environment) -> Iterator[File]:
    folder = f"overlays/{environment.name}/{wanted.folder}"
    difference = overlays.difference(base.manifests, wanted.manifests)
    added = _by_kind(difference.added)
    for name, documents in added:
        yield f"{folder}/{name}", documents
    for patch in difference.patches:
        yield f"{folder}/{patch.name}", [patch.body]
    # What the base adds to its own objects, an overlay must add to those that it brings.
    own_labels = wanted.labels if added else {k: v for k, v in wanted.labels.items() if base.labels.get(k) != v}
    kustomization = _kustomization(
        namespace=environment.namespace.name,
        resources=[f"../../../base/{base.folder}", *(name for name, _ in added)],
        labels=[{"pairs": own_labels | {names.ENVIRONMENT_LABEL: environment.name}, "includeTemplates": True}],
        images=_images(base.image, wanted.image),
        configMapGenerator=_config_difference(names.config_map(wanted.folder), base.config, wanted.config),
        patches=[
            {"path": patch.name} | ({"target": patch.target} if patch.target else {}) for patch in difference.patches
        ],
    )
    yield f"{folder}/{KUSTOMIZATION}", [kustomization]


def _kustomization(**fields: Any) -> Manifest:
    """A kustomization with those of its fields that hold anything."""
    given = {key: value for key, value in fields.items() if value}
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **given}


def _images(base: Image | None, wanted: Image | None) -> list[Manifest]:
    if not base or not wanted or base == wanted:
        return []
    change = {"name": base.name}
    if wanted.name != base.name:
        change["newName"] = wanted.name
    if wanted.tag:
        change["newTag"] = wanted.tag
    if wanted.digest:
        change["digest"] = wanted.digest
    return [change]


def _config_difference(name: str, base: Mapping[str, str], wanted: Mapping[str, str]) -> list[Manifest]:
    if base == wanted:
        return []
    if base.keys() - wanted.keys():
        return [{"name": name, "behavior": "replace", "literals": _literals(wanted)}]
    changed = {key: value for key, value in wanted.items() if base.get(key) != value}
    return [{"name": name, "behavior": "merge", "literals": _literals(changed)}]


def _literals(config: Mapping[str, str]) -> list[str]:
    return [f"{key}={_unstripped(value)}" for key, value in sorted(config.items())]


def _unstripped(value: str) -> str:
    """Kustomize takes one pair of quotes off a literal; a value in quotes of its own gets a second pair."""
    return f'"{value}"' if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
