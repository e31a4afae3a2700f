"""Values resolve in one fixed order: built-in < defaults < tier < environment < agent < agent there."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Agent, Fleet, Scheduling, Security, ToHost
from generator.spec.layers import fold
from generator.spec.load import load
from tests.support import Manifest, as_yaml

LAYERS = ("defaults", "tier", "environment", "agent", "agent there")
SUBSETS = [subset for size in range(len(LAYERS) + 1) for subset in combinations(LAYERS, size)]


def layered(values: dict[str, Manifest], **agent: Any) -> Manifest:
    """A fleet of one agent, `x`, and two environments, with these values at the layers."""
    own: Manifest = {"description": "x", "tier": 1, "team": "t", "costCenter": "c", "image": "x:1", "service": {}}
    own |= agent
    there = own.pop("there", {}) | values.get("agent there", {})
    return {
        "apiVersion": "kustodian.dev/v1",
        "kind": "AgentFleet",
        "metadata": {"name": "fleet", "frameworkVersion": "1"},
        "gitops": {"repoURL": "https://example.com/fleet.git"},
        "kubernetes": {"version": "1.37", "platform": "eks"},
        "secretStore": {"provider": "fake"},
        "defaults": values.get("defaults", {}),
        "tiers": {"1": values.get("tier", {}), "2": {}},
        "environments": {"there": values.get("environment", {}), "elsewhere": {}},
        "agents": {"x": fold(own, values.get("agent", {})) | {"environments": {"there": there}}},
    }


def fleet_of(spec: Manifest, folder: Path) -> Fleet:
    file = folder / "agents.yaml"
    file.write_text(as_yaml(spec), encoding="utf-8")
    return load(file, "agents.yaml")


def agent_of(spec: Manifest, folder: Path, environment: str | None = "there") -> Agent:
    fleet = fleet_of(spec, folder)
    if environment is None:
        return fleet.base_agents[0]
    return next(e.agents[0] for e in fleet.environments if e.name == environment)


@pytest.mark.parametrize("subset", SUBSETS, ids="+".join)
def test_of_scalars_the_uppermost_layer_counts(subset: tuple[str, ...], tmp_path: Path) -> None:
    values = {layer: {"security": {"runAsUser": LAYERS.index(layer) + 1}} for layer in subset}
    spec = layered(values)
    assert agent_of(spec, tmp_path).security.run_as_user == _uppermost(subset, Security.run_as_user)
    elsewhere = [layer for layer in subset if layer not in ("environment", "agent there")]
    for environment in ("elsewhere", None):
        found = agent_of(spec, tmp_path, environment).security.run_as_user
        assert found == _uppermost(elsewhere, Security.run_as_user)


def _uppermost(layers: Any, built_in: int) -> int:
    return max((LAYERS.index(layer) + 1 for layer in layers), default=built_in)


@pytest.mark.parametrize("subset", SUBSETS, ids="+".join)
def test_maps_fold_key_by_key(subset: tuple[str, ...], tmp_path: Path) -> None:
    values = {layer: {"config": {f"OF_{LAYERS.index(layer)}": layer, "ALL": layer}} for layer in subset}
    config = agent_of(layered(values), tmp_path).config
    own = {key: value for key, value in config.items() if not key.startswith("AGENT_")}
    expected = {f"OF_{LAYERS.index(layer)}": layer for layer in subset}
    assert own == expected | ({"ALL": subset[-1]} if subset else {})


@pytest.mark.parametrize("subset", SUBSETS, ids="+".join)
def test_lists_are_replaced_as_a_whole(subset: tuple[str, ...], tmp_path: Path) -> None:
    hosts = {layer: f"h{LAYERS.index(layer)}.example.com" for layer in LAYERS}
    values = {layer: {"talksTo": [{"host": hosts[layer], "port": 443}]} for layer in subset}
    expected = (ToHost(host=hosts[subset[-1]], port=443),) if subset else ()
    assert agent_of(layered(values), tmp_path).talks_to == expected


def test_an_empty_list_takes_away_what_lower_layers_give(tmp_path: Path) -> None:
    values: dict[str, Manifest] = {"defaults": {"talksTo": ["internet"]}, "agent": {"talksTo": []}}
    assert agent_of(layered(values), tmp_path).talks_to == ()


def test_the_layers_of_another_tier_and_environment_do_not_count(tmp_path: Path) -> None:
    spec = layered({})
    spec["tiers"]["2"] = spec["environments"]["elsewhere"] = {"security": {"runAsUser": 7}, "labels": {"a": "b"}}
    agent = agent_of(spec, tmp_path)
    assert agent.security == Security()
    assert agent.scheduling == Scheduling()
    assert agent.labels == {}


@pytest.mark.parametrize(
    ("values", "cpu", "memory"),
    [
        # At half size: the built-in limits are 1 and 1Gi.
        ({}, "500m", "512Mi"),
        ({"defaults": {"resources": {"limits": {"cpu": 4}}}}, "2", "512Mi"),
        ({"tier": {"resources": {"limits": {"cpu": 4}}}}, "2", "512Mi"),
        ({"agent": {"resources": {"limits": {"cpu": 4, "memory": "3Gi"}}}}, "2", "1536Mi"),
        # What an agent sets for an environment is taken as written, key by key.
        ({"agent there": {"resources": {"limits": {"cpu": 4}}}}, "4", "512Mi"),
        (
            {"agent": {"resources": {"limits": {"cpu": 3}}}, "agent there": {"resources": {"limits": {"cpu": 4}}}},
            "4",
            "512Mi",
        ),
    ],
)
def test_scale(values: dict[str, Manifest], cpu: str, memory: str, tmp_path: Path) -> None:
    spec = layered(values)
    spec["environments"]["there"]["scale"] = 0.5
    limits = agent_of(spec, tmp_path).resources.limits
    assert (limits.cpu, limits.memory) == (cpu, memory)
    base = agent_of(spec, tmp_path, None).resources.limits
    assert (base.cpu, base.memory) != (limits.cpu, limits.memory) or "agent there" in values


def test_scale_counts_for_what_the_environment_itself_sets_too(tmp_path: Path) -> None:
    spec = layered({"environment": {"resources": {"limits": {"cpu": 4}}, "scale": 0.5}})
    assert agent_of(spec, tmp_path).resources.limits.cpu == "2"


def test_gpus_do_not_scale(tmp_path: Path) -> None:
    spec = layered({"environment": {"scale": 0.5}, "agent": {"resources": {"gpu": 1}}})
    assert agent_of(spec, tmp_path).resources.gpu == 1


@pytest.mark.parametrize(
    ("agent", "there", "expected"),
    [
        ({}, {}, (1, 1)),
        ({"min": 1, "max": 5}, {}, (1, 2)),
        ({"min": 3, "max": 5}, {}, (2, 2)),
        ({"min": 1, "max": 5}, {"max": 5}, (1, 5)),
        ({"min": 3, "max": 5}, {"min": 3, "max": 5}, (3, 5)),
    ],
)
def test_max_replicas(agent: Manifest, there: Manifest, expected: tuple[int, int], tmp_path: Path) -> None:
    values: dict[str, Manifest] = {"environment": {"maxReplicas": 2}, "agent": {"service": {"replicas": agent}}}
    spec = layered(values, there={"service": {"replicas": there}})
    service = agent_of(spec, tmp_path).service
    assert service
    assert (service.replicas.min, service.replicas.max) == expected


def test_jobs_inherit_from_the_layers_and_from_the_agent(tmp_path: Path) -> None:
    spec = layered(
        {
            "defaults": {"job": {"retries": 1, "duration": "1h", "deadline": "2h", "timeZone": "Etc/GMT"}},
            "tier": {"job": {"retries": 2, "duration": "30m"}},
            "environment": {"job": {"retries": 3}},
        },
        jobs={"a": {"schedule": "0 2 * * *"}, "b": {"schedule": "0 3 * * *", "retries": 4}},
        resources={"requests": {"cpu": "200m"}},
        there={"jobs": {"b": {"retries": 5}, "c": {"schedule": "0 4 * * *"}}},
    )
    there = {job.name: job for job in agent_of(spec, tmp_path).jobs}
    assert {name: job.retries for name, job in there.items()} == {"a": 3, "b": 5, "c": 3}
    assert {job.duration for job in there.values()} == {1800}
    assert {job.deadline for job in there.values()} == {7200}
    assert {job.time_zone for job in there.values()} == {"Etc/GMT"}
    assert {job.resources.requests.cpu for job in there.values()} == {"200m"}
    base = {job.name: job.retries for job in agent_of(spec, tmp_path, None).jobs}
    assert base == {"a": 2, "b": 4}


def test_the_resources_of_a_job_are_the_agents_where_it_has_none(tmp_path: Path) -> None:
    spec = layered(
        {"environment": {"scale": 0.5}},
        jobs={"a": {"schedule": "0 2 * * *", "resources": {"limits": {"cpu": 4}}}},
        resources={"limits": {"cpu": 2, "memory": "4Gi"}},
        there={"jobs": {"a": {"resources": {"requests": {"cpu": 1}}}}},
    )
    (job,) = agent_of(spec, tmp_path).jobs
    assert (job.resources.limits.cpu, job.resources.limits.memory) == ("2", "2Gi")
    assert (job.resources.requests.cpu, job.resources.requests.memory) == ("1", "128Mi")


def test_the_service_block_alone_makes_a_service(tmp_path: Path) -> None:
    spec = layered({"defaults": {"service": {"replicas": {"max": 2}}}})
    del spec["agents"]["x"]["service"]
    spec["agents"]["x"]["jobs"] = {"a": {"schedule": "0 2 * * *"}}
    assert agent_of(spec, tmp_path).service is None
    spec["agents"]["x"]["environments"]["there"]["service"] = {}
    service = agent_of(spec, tmp_path).service
    assert service
    assert service.replicas.max == 2
    assert agent_of(spec, tmp_path, "elsewhere").service is None


def test_an_agent_may_be_left_out_of_an_environment(tmp_path: Path) -> None:
    fleet = fleet_of(layered({}, there={"enabled": False}), tmp_path)
    assert [len(environment.agents) for environment in fleet.environments] == [0, 1]
    assert len(fleet.base_agents) == 1


# ----------------------------------------------------------------------------------------------------------------- fold

keys = st.sampled_from("abc")
leaves: st.SearchStrategy[Any] = st.integers() | st.lists(st.integers(), max_size=2)
maps: st.SearchStrategy[Manifest] = st.recursive(
    st.dictionaries(keys, leaves, max_size=3),
    lambda inner: st.dictionaries(keys, inner | leaves, max_size=3),
    max_leaves=8,
)


# The schema gives each key one type in all layers.
shapes = st.fixed_dictionaries(
    {},
    optional={"a": st.integers(), "b": st.dictionaries(keys, st.integers()), "c": st.lists(st.integers(), max_size=2)},
)
nested = st.fixed_dictionaries({}, optional={"d": shapes, "e": shapes, "f": st.integers()})


@given(nested, nested, nested)
def test_fold_is_associative(one: Manifest, two: Manifest, three: Manifest) -> None:
    assert fold(fold(one, two), three) == fold(one, fold(two, three))


@given(maps, maps)
def test_the_upper_layer_wins_and_nothing_else_is_lost(lower: Manifest, upper: Manifest) -> None:
    before = repr((lower, upper))
    folded = fold(lower, upper)
    assert folded.keys() == lower.keys() | upper.keys()
    for key, value in folded.items():
        below, above = lower.get(key), upper.get(key)
        if isinstance(below, dict) and isinstance(above, dict):
            assert value == fold(below, above)
        else:
            assert value == (upper if key in upper else lower)[key]
    assert repr((lower, upper)) == before, "a layer was changed"


@given(maps)
def test_an_empty_layer_says_nothing(values: Manifest) -> None:
    assert fold(values, {}) == values == fold({}, values) == fold(values, values)
