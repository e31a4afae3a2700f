"""A finding points at the layer of the spec that sets the value, whichever that is."""

import re

import pytest

from generator.proofs.places import of_agent, of_environment
from generator.spec.places import Path, place_of
from generator.spec.reader import parse

LAYERS = """\
defaults:
  rollout: {maxSurge: 0}
tiers:
  "3":
    rollout: {maxSurge: 1}
environments:
  dev:
    rollout: {maxSurge: 2}
    job: {deadline: 1h}
    quota: {requests: {cpu: 8}}
agents:
  one:
    tier: 3
    rollout: {maxSurge: 3}
    jobs:
      scan: {schedule: "0 2 * * *"}
    environments:
      dev:
        rollout: {maxSurge: 4}
"""
LINES = (19, 14, 8, 5, 2)  # of maxSurge, the uppermost layer first


def line_of(text: str, *paths: Path) -> int:
    document, problems = parse(text, "agents.yaml")
    assert problems == []
    return place_of(document, paths).line


def without(lines: tuple[int, ...]) -> str:
    """The layers, with the rollout of these lines renamed, so that no other line moves."""
    text = LAYERS.splitlines(keepends=True)
    for line in lines:
        text[line - 1] = re.sub("rollout", "labels", text[line - 1])
    return "".join(text)


@pytest.mark.parametrize("uppermost", range(len(LINES)))
def test_the_uppermost_layer_that_sets_the_value_is_meant(uppermost: int) -> None:
    path = of_agent("one", "dev", "rollout", "maxSurge")
    assert line_of(without(LINES[:uppermost]), path) == LINES[uppermost]


def test_what_no_layer_sets_is_looked_for_around_it() -> None:
    for path, line in (
        (of_agent("one", "dev", "rollout", "maxUnavailable"), 19),
        (of_agent("one", "dev", "service", "port"), 18),
        (of_agent("one", "prod", "service", "port"), 17),
        (of_agent("two", "prod", "service", "port"), 11),
        (of_environment("dev", "quota", "requests", "memory"), 10),
        (of_environment("prod", "quota"), 6),
        (("nothing",), 1),
    ):
        assert line_of(LAYERS, path) == line, path


def test_what_all_jobs_get_is_set_under_another_name() -> None:
    assert line_of(LAYERS, of_agent("one", "dev", "jobs", "scan", "deadline")) == 9
    assert line_of(LAYERS, of_agent("one", "dev", "jobs", "scan", "schedule")) == 16


def test_the_first_path_that_is_whole_comes_before_a_part_of_another() -> None:
    paths = (of_agent("one", "dev", "jobs", "scan", "retries"), of_agent("one", "dev", "rollout", "maxSurge"))
    assert line_of(LAYERS, *paths) == 19
    assert line_of(LAYERS, *paths[:1]) == 16


def test_an_environment_takes_what_it_does_not_set_from_the_defaults() -> None:
    text = LAYERS.replace("rollout: {maxSurge: 0}", "containerLimits: {max: {cpu: 4}}")
    path = of_environment("dev", "containerLimits", "max", "cpu")
    assert line_of(text, path) == 2
