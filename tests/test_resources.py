"""The registries of kinds: complete, in order, and allowed by Argo CD's projects."""

from collections.abc import Callable
from typing import Any

import pytest

from generator import argocd, tree
from generator.resources import agent, namespace
from tests.support import REFERENCE, ROOT, fleet_at

REGISTRIES: dict[str, dict[str, Callable[..., Any]]] = {"agent": agent.KINDS, "namespace": namespace.KINDS}


@pytest.mark.parametrize("name", REGISTRIES)
def test_every_kind_has_a_file_and_every_file_is_a_kind(name: str) -> None:
    kinds = REGISTRIES[name]
    files = {file.stem for file in (ROOT / "generator" / "resources" / name).glob("[!_]*.py")}
    assert {kind.lower() for kind in kinds} == files
    for kind, build in kinds.items():
        assert build.__module__.rpartition(".")[2] == kind.lower()


def test_a_builder_makes_its_own_kind_only() -> None:
    fleet = fleet_at(REFERENCE)
    for environment in fleet.environments:
        for kind, build in namespace.KINDS.items():
            assert {manifest["kind"] for manifest in build(environment.namespace)} <= {kind}
        for one in environment.agents:
            for kind, build_agent in agent.KINDS.items():
                assert {manifest["kind"] for manifest in build_agent(one)} <= {kind}


def test_projects_allow_exactly_what_builders_make() -> None:
    assert {kind for _, kind in argocd.AGENT_KINDS} == agent.KINDS.keys() | {"ConfigMap"}
    assert {kind for _, kind in argocd.NAMESPACE_KINDS} == namespace.KINDS.keys() - {"Namespace"}
    groups = {kind: group for group, kind in (*argocd.AGENT_KINDS, *argocd.NAMESPACE_KINDS)}
    for path, documents in tree.files(fleet_at(REFERENCE)):
        for document in documents:
            if path.startswith("base/") and document["kind"] in groups:
                group, slash, _ = document["apiVersion"].partition("/")
                assert groups[document["kind"]] == (group if slash else "")
