"""The capacity and the storage proof against a namespace that runs by itself (`admission`), for any fleet."""

from random import Random
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from generator.compiled import Compiled
from generator.model import Fleet
from generator.proofs import capacity, storage
from generator.proofs.evidence import Evidence
from tests.admission import Deployment, Job, Quota, Size, World
from tests.proof_support import Manifest, evidence_of
from tests.support import MORE, REFERENCE, fleet_at

HOOK: Size = (200, 256)

sizes = st.tuples(st.sampled_from([100, 250, 500, 1000]), st.sampled_from([128, 256, 1024]))


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    least = draw(st.integers(1, 3))
    surge = draw(st.integers(0, 2))
    return Deployment(
        size=draw(sizes),
        least=least,
        most=least + draw(st.integers(0, 3)),
        surge=surge,
        unavailable=draw(st.integers(0 if surge else 1, 2)),
        recreate=draw(st.integers(0, 4)) == 0,
    )


@st.composite
def fleets(draw: st.DrawFn) -> tuple[list[Deployment], list[Size], Size]:
    """Deployments, one an agent; the pods of their jobs; and a quota near to what may be asked for."""
    services = draw(st.lists(deployments(), min_size=1, max_size=4))
    jobs = draw(st.lists(sizes, max_size=3))
    steady = [sum(each.most * each.size[i] for each in services) for i in (0, 1)]
    surge = [sum(each.surge * each.size[i] for each in services if not each.recreate) for i in (0, 1)]
    beside = [len(services) * HOOK[i] + sum(size[i] for size in jobs) for i in (0, 1)]
    near = draw(st.sampled_from([(0, 0), (-1, 0), (0, -1), (50, 50), (-300, 0), (-600, -600), (100, 999), (999, 100)]))
    start = draw(st.sampled_from([steady, [steady[i] + surge[i] + beside[i] for i in (0, 1)]]))
    hard = (max(start[0] + near[0], 1), max(start[1] + near[1], 1))
    return services, jobs, hard


def world_of(services: list[Deployment], jobs: list[Size], hard: Size) -> World:
    fresh = [
        Deployment(each.size, each.least, each.most, each.surge, each.unavailable, each.recreate) for each in services
    ]
    return World(Quota(hard), fresh, [*(Job(size) for size in jobs), *(Job(HOOK) for _ in services)])


def objects(services: list[Deployment], jobs: list[Size], hard: Size) -> dict[str, list[Manifest]]:
    result: dict[str, list[Manifest]] = {"namespace": [_quota(hard)]}
    for number, each in enumerate(services):
        name = f"a{number}"
        rolling = {"maxSurge": each.surge, "maxUnavailable": each.unavailable}
        strategy = {"type": "Recreate"} if each.recreate else {"type": "RollingUpdate", "rollingUpdate": rolling}
        scaler = {
            "scaleTargetRef": {"kind": "Deployment", "name": name},
            "minReplicas": each.least,
            "maxReplicas": each.most,
        }
        result[name] = [
            _object("Deployment", name, {"strategy": strategy, "template": _template(each.size)}),
            _object("HorizontalPodAutoscaler", name, scaler),
        ]
    for number, size in enumerate(jobs):
        job = {"concurrencyPolicy": "Forbid", "jobTemplate": {"spec": {"template": _template(size)}}}
        result["a0"].append(_object("CronJob", f"a0-j{number}", job))
    return result


def _object(kind: str, name: str, spec: Manifest) -> Manifest:
    return {"kind": kind, "metadata": {"name": name}, "spec": spec}


def _template(size: Size) -> Manifest:
    amounts = _compute(size)
    return {"spec": {"containers": [{"name": "main", "resources": {"requests": amounts, "limits": amounts}}]}}


def _compute(size: Size) -> dict[str, str]:
    return {"cpu": f"{size[0]}m", "memory": f"{size[1]}Mi"}


def _quota(hard: Size) -> Manifest:
    limits = {f"limits.{name}": value for name, value in _compute(hard).items()}
    return _object("ResourceQuota", "quota", {"hard": limits})


FLEET: list[Fleet] = []


def evidence(services: list[Deployment], jobs: list[Size], hard: Size) -> Evidence:
    if not FLEET:
        FLEET.append(fleet_at(REFERENCE))
    compiled = Compiled(environment="sim", namespace="sim", objects=objects(services, jobs, hard))
    return evidence_of(FLEET[0], compiled)


@settings(max_examples=150 * MORE)
@given(drawn=fleets(), seed=st.integers(0, 2**32))
def test_what_fits_is_never_refused_for_good(drawn: tuple[Any, ...], seed: int) -> None:
    """With a quota of exactly what the proof says may be asked for."""
    services, jobs, _ = drawn
    (found,) = capacity.prove(evidence(*drawn)).environments
    cpu, memory = (row.usage.worst for row in found.rows)
    hard = (int(cpu * 1000), int(memory / 2**20))
    assert not capacity.prove(evidence(services, jobs, hard)).findings
    world = world_of(services, jobs, hard)
    world.run(Random(seed), 120)
    event("a pod waited for another that was stopping" if world.quota.refused else "no pod was refused")
    assert world.quota.lasting == 0


@settings(max_examples=150 * MORE)
@given(drawn=fleets())
def test_the_worst_is_refused_exactly_where_it_does_not_fit(drawn: tuple[Any, ...]) -> None:
    world = world_of(*drawn)
    world.run_into_the_worst()
    fits = not capacity.prove(evidence(*drawn)).findings
    event(f"fits: {fits}")
    assert (world.quota.lasting == 0) == fits


@settings(max_examples=150 * MORE)
@given(drawn=fleets())
def test_a_rollout_ends_exactly_where_the_storage_proof_finds_no_deadlock(drawn: tuple[Any, ...]) -> None:
    services, _, hard = drawn
    steady = [sum(each.most * each.size[i] for each in services) for i in (0, 1)]
    assume(all(steady[i] <= hard[i] for i in (0, 1)))
    stuck = {finding.message.split()[4] for finding in storage.prove(evidence(*drawn)).findings}
    for number, each in enumerate(services):
        world = world_of(services, [], hard)
        ends = world.can_roll_out(world.deployments[number])
        event(f"ends: {ends}")
        assert ends == (f"a{number}" not in stuck), each


def test_the_simulation_itself_rolls_out_and_refuses() -> None:
    one = Deployment((1000, 128), 2, 2, surge=1, unavailable=0)
    world = world_of([one], [], (3000, 9999))
    assert world.can_roll_out(world.deployments[0])
    world = world_of([one], [], (2999, 9999))
    assert not world.can_roll_out(world.deployments[0])
    assert world.quota.lasting


def test_the_simulation_charges_a_pod_until_it_is_gone() -> None:
    world = world_of([Deployment((1000, 128), 2, 2, surge=0, unavailable=1)], [], (2000, 9999))
    (one,) = world.deployments
    world.settle()
    one.roll_out()
    for _ in range(3):  # an old pod stops, the new ReplicaSet grows, its pod is refused
        one.sync()
        one.sync_sets(world.quota)
    assert (world.quota.refused, world.quota.lasting) == (2, 0)
    world.settle()
    assert [pod.ready for pod in one.sets[-1][1]] == [True, True]


@pytest.mark.parametrize("recreate", [False, True])
def test_the_simulation_starts_from_the_least(recreate: bool) -> None:
    world = world_of([Deployment((100, 128), 1, 3, surge=1, unavailable=0, recreate=recreate)], [], (10**6, 10**6))
    world.settle()
    assert [(pod.ready, pod.stopping) for pod in world.quota.pods] == [(True, False)]
