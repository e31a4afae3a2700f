"""Problems as values: their line, their order, the suggestion for a misspelt word."""

import random

import pytest

from generator.problems import ExitCode, Place, Problem, Stop, did_you_mean


def test_a_problem_is_one_line() -> None:
    place = Place("spec/agents.yaml", 41, 7)
    problem = Problem(place, "unknown-key", "agents.security-agent: unknown key 'replcas'", "did you mean 'replicas'?")
    assert str(problem) == (
        "spec/agents.yaml:41:7: error[unknown-key]: agents.security-agent: unknown key 'replcas'; did you "
        "mean 'replicas'?"
    )


def test_a_problem_with_a_whole_file_has_no_line_and_may_have_no_hint() -> None:
    assert str(Problem(Place("a.yaml"), "empty", "is empty")) == "a.yaml: error[empty]: is empty"


def test_problems_are_shown_by_file_and_line_and_column_as_numbers() -> None:
    places = [Place("a", 2, 1), Place("a", 2, 10), Place("a", 10, 1), Place("b"), Place("b", 1, 2)]
    problems = [Problem(place, "rule", "message") for place in places]
    mixed = random.Random(1).sample(problems, len(problems))
    assert Stop(mixed).problems == problems
    assert str(Stop(mixed)).splitlines() == list(map(str, problems))


def test_a_stop_is_bad_input_unless_it_says_otherwise() -> None:
    assert Stop([]).code is ExitCode.BAD_INPUT
    assert Stop([], ExitCode.TOOL_MISSING).code is ExitCode.TOOL_MISSING


def test_the_exit_codes_are_those_of_the_manual() -> None:
    assert {code.name: code.value for code in ExitCode} == {"GOOD": 0, "FAILED": 1, "BAD_INPUT": 2, "TOOL_MISSING": 3}


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("replcas", ["port", "replicas"], "did you mean 'replicas'?"),
        ("x", ["port", "replicas"], "expected 'port' or 'replicas'"),
        ("x", ["c", "a", "b"], "expected 'a', 'b' or 'c'"),
        ("x", ["only"], "expected 'only'"),
        ("", ["a", "b"], "expected 'a' or 'b'"),
    ],
)
def test_suggestions(word: str, known: list[str], said: str) -> None:
    assert did_you_mean(word, known) == said
    assert did_you_mean(word, dict.fromkeys(reversed(known))) == said
