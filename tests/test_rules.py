"""Every rule of the spec: a fleet that breaks it and nothing else, its exact words, and a neighbour that just passes.

The expected error is written on the line that causes it, as `# E: rule-id`, in tests/spec_faults/*.yaml and below.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import generator.spec
from generator.model import Fleet
from generator.problems import ExitCode, Problem, Stop
from generator.spec.load import load
from tests.spec_faults.breaches import BREACHES, PERMISSION, TALKS_TO_API, Breach

FAULTS = Path(__file__).with_name("spec_faults")
SOUND = (FAULTS / "sound.yaml").read_text(encoding="utf-8")
_EXPECTED = re.compile(r"# E: ([a-z -]+)$")


def changed(changes: dict[str, str]) -> str:
    """The sound fleet with these changes."""
    lines = SOUND.splitlines()
    for line, new in changes.items():
        start = f"# {line}" if line.startswith("in: ") else line
        number = next(n for n, old in enumerate(lines) if old.strip().startswith(start))
        indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        added = [f"{indent}{text}" for text in new.splitlines()] or [""]
        lines[number : number + 1] = added
    return "\n".join(lines) + "\n"


def expected_in(text: str) -> set[tuple[int, str]]:
    """The problems that the comments of a spec announce: line and rule."""
    found = ((number, _EXPECTED.search(line)) for number, line in enumerate(text.splitlines(), start=1))
    return {(number, rule) for number, match in found if match for rule in match[1].split()}


def problems_of(text: str, folder: Path) -> list[Problem]:
    try:
        fleet_of(text, folder)
    except Stop as stop:
        return stop.problems
    return []


def fleet_of(text: str, folder: Path) -> Fleet:
    file = folder / "agents.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    return load(file, "agents.yaml")


def lines_and_rules(problems: list[Problem]) -> list[tuple[int, str]]:
    return [(problem.where.line, problem.rule) for problem in problems]


def by_rule(breach: Breach) -> str:
    return breach.rule


def test_a_bad_spec_ends_with_the_exit_code_for_bad_input(tmp_path: Path) -> None:
    with pytest.raises(Stop) as stop:
        fleet_of(changed(BREACHES[-1].broken), tmp_path)
    assert stop.value.code is ExitCode.BAD_INPUT


def test_the_sound_fleet_is_sound(tmp_path: Path) -> None:
    assert problems_of(SOUND, tmp_path) == []


@pytest.mark.parametrize("breach", BREACHES, ids=by_rule)
def test_one_fault_is_one_problem_at_the_line_that_causes_it(breach: Breach, tmp_path: Path) -> None:
    text = changed(breach.broken)
    problems = problems_of(text, tmp_path)
    assert expected_in(text), "the case names no expected error"
    assert sorted(lines_and_rules(problems)) == sorted(expected_in(text)), "\n".join(map(str, problems))


@pytest.mark.parametrize("breach", BREACHES, ids=by_rule)
def test_the_words_for_a_fault(breach: Breach, tmp_path: Path) -> None:
    problem = problems_of(changed(breach.broken), tmp_path)[0]
    assert str(problem).partition("]: ")[2] == breach.says


@pytest.mark.parametrize("breach", BREACHES, ids=by_rule)
def test_the_neighbour_of_a_fault_passes(breach: Breach, tmp_path: Path) -> None:
    assert "# E:" not in "".join(breach.fine.values())
    assert [str(problem) for problem in problems_of(changed(breach.fine), tmp_path)] == []


# ----------------------------------------------------------------------------------------------- is every rule covered?

# Rules about the file as a whole: their cases are in test_reader, which asserts the line of each in full.
OF_THE_FILE = {"no-spec", "too-large", "encoding", "syntax", "empty"}
# Where a call takes the rule's ID. Wrappers pass on a parameter of theirs, called `rule`.
_TAKES_RULE = {"Problem": 1, "_stop": 1, "_refuse": 1, "_unknown": 2, "problem": 0}


def rules_in(source: str) -> Iterator[str]:
    """Every rule ID that the source gives to a problem."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            index = _TAKES_RULE.get(name)
            if index is None or len(node.args) <= index:
                continue
            match node.args[index]:
                case ast.Constant(value=str(rule)):
                    yield rule
                case ast.Name(id="rule"):
                    yield from _looped_over(tree, node)
                case ast.Name(id=constant):
                    yield str(constants[constant])
                case unclear:
                    raise AssertionError(f"which rule is {ast.unparse(unclear)}?")


def _looped_over(tree: ast.AST, call: ast.Call) -> Iterator[str]:
    """The rule IDs of the loops around a call whose `rule` is a variable of a loop, not a parameter."""
    for loop in ast.walk(tree):
        if isinstance(loop, ast.For) and call in ast.walk(loop) and "rule" in ast.unparse(loop.target):
            words = (word.value for word in ast.walk(loop.iter) if isinstance(word, ast.Constant))
            yield from (word for word in words if isinstance(word, str) and "-" in word)


def rules_of_the_source() -> set[str]:
    files = sorted(Path(generator.spec.__file__).parent.rglob("*.py"))
    return {rule for file in files for rule in rules_in(file.read_text(encoding="utf-8"))}


def test_every_rule_of_the_source_has_a_case_and_every_case_a_rule() -> None:
    found = rules_of_the_source()
    assert len(found) > 40
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule) for rule in found)
    covered = {rule for breach in BREACHES for _, rule in expected_in(changed(breach.broken))}
    assert covered | OF_THE_FILE == found


def test_a_new_rule_without_a_case_would_be_seen() -> None:
    source = "def f(case):\n    yield case.problem('new-rule', 'service', message='x', hint='')"
    assert list(rules_in(source)) == ["new-rule"]
    source = "for key, rule in (('a', 'rule-a'), ('b', 'rule-b')):\n    Problem(place, rule, message)"
    assert list(rules_in(source)) == ["rule-a", "rule-b"]
    with pytest.raises(AssertionError, match="which rule is"):
        list(rules_in("Problem(place, 'a' + 'b', message)"))


# -------------------------------------------------------------------------------------------------- many faults at once


def test_one_run_reports_all_faults_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = (FAULTS / "many.yaml").read_text(encoding="utf-8")
    problems = problems_of(text, tmp_path)
    assert lines_and_rules(problems) == sorted(expected_in(text)), "\n".join(map(str, problems))
    assert len(problems) >= 25
    assert [str(problem) for problem in problems] == sorted(
        map(str, problems), key=lambda line: [int(part) for part in line.split(":")[1:3]]
    )


def test_an_index_is_that_of_the_file_whatever_else_is_wrong_in_the_list(tmp_path: Path) -> None:
    text = changed({"in: helper": "talksTo:\n  - 5\n  - cache\n  - {host: x}\n  - chache\nsecrets: [A, b, helper]"})
    messages = [problem.message for problem in problems_of(text, tmp_path)]
    assert [message.partition(":")[0] for message in messages] == [
        "agents.helper.talksTo.0",
        "agents.helper.talksTo.2",
        "agents.helper.talksTo.3",
        "agents.helper.secrets.0",
    ]


@pytest.mark.parametrize(
    ("broken", "rules"),
    [
        # The fault on the left would seem to cause another, which is not there once it is mended.
        ({"in: helper": "resources: {requests: {cpu: 2}, limits: {cpu: two}}"}, ["bad-value"]),
        ({"in: helper": "resources: {requests: {cpu: 2}, limit: {cpu: 2}}"}, ["unknown-key"]),
        (
            {"in: helper": "resources: {requests: {cpu: 2}}", "tiers:": "tiers: {3: {resources: {limits: 5}}}"},
            ["wrong-type"],
        ),
        ({"in: helper": "resources: {requests: {cpu: 2}}", "in: fleet": "defaults: 5"}, ["wrong-type"]),
        ({"in: helper": "resources: {requests: {cpu: 2}}", "in: fleet": "defalts: {}"}, ["unknown-key"]),
        # A tier may give what the rule misses, unless no tier gives anything.
        (
            {
                "in: helper": "resources: {requests: {cpu: 2}}",
                "tier: 3": "tier: 4",
                "tiers:": "tiers: {3: {rollout: {maxSurge: 1}}}",
            },
            ["unknown-tier"],
        ),
        (
            {"in: helper": "resources: {requests: {cpu: 2}}", "tier: 3": "tier: 4"},
            ["unknown-tier", "request-above-limit"],
        ),
        ({"in: helper": f"talksTo: [kubernets-api]\n{PERMISSION}"}, ["unknown-destination"]),
        ({"in: helper": f"talksTo: kubernetes-api\n{PERMISSION}"}, ["wrong-type"]),
        ({"in: helper": TALKS_TO_API, "kubernetes": "kubernetes: 5"}, ["wrong-type"]),
        ({"in: helper": TALKS_TO_API, "kubernetes": ""}, ["missing-key"]),
        (
            {"service: {}": "service: {expose: true}", "dev:": "dev: {domain: X}", "prod:": "prod: {domain: a.b}"},
            ["bad-value"],
        ),
        ({"service: {}": "service: {expose: true}", "prod:": "prod: {domian: x.example.com}"}, ["unknown-key"]),
        ({"service: {}": "servce: {}"}, ["unknown-key"]),
        ({"service: {}": "servce: {}", "in: other": "talksTo: [helper]"}, ["unknown-key"]),
        ({"service: {}": "service: 5", "in: other": "talksTo: [helper]"}, ["wrong-type"]),
        ({"tier: 3": "", "in: other": "talksTo: [helper]"}, ["missing-key"]),
        ({"jobs:": "jobs: [scan]"}, ["wrong-type"]),
        ({"jobs:": "jobs: {scan: {schedule: 5}}"}, ["wrong-type"]),
        ({"jobs:": "jobs: {scan: {schedul: 0 2 * * *}}"}, ["unknown-key"]),
        ({"in: helper": "volumes: {data: {size: big, path: /data}}"}, ["bad-value"]),
        ({"in: helper": "environments: [dev]"}, ["wrong-type"]),
        ({"in: helper": "environments: {dev: 5}"}, ["wrong-type"]),
        ({"in: helper": "environments: {dev: {talksTo: 5}}"}, ["wrong-type"]),
        ({"tiers:": ""}, ["missing-key"]),
        ({"tiers:": "tiers: {}"}, ["bad-value"]),
        (
            {"environments:": "environments: 5", "dev:": "", "prod:": "", "in: helper": "environments: {dev: {}}"},
            ["wrong-type"],
        ),
        (
            {"secretStore": "secretStore: {provider: gcp, shared: [redis-password]}", "in: helper": "talksTo: [cache]"},
            ["missing-key"],
        ),
        (
            {
                "secretStore": "secretStore: {provider: azur, shared: [redis-password]}",
                "in: helper": "talksTo: [cache]",
            },
            ["unknown-value"],
        ),
        ({"service: {}": "service: {replicas: {min: 2, max: many}}"}, ["wrong-type"]),
        ({"in: helper": "rollout: {maxSurge: 0, maxUnavailable: -1}"}, ["bad-value"]),
        ({"in: fleet": "imagePullSecret: {a: 1}"}, ["wrong-type"]),
        ({"metadata": "metadata: 5"}, ["wrong-type"]),
        ({"dev:": "dev: {secretStore: {identity: 5}}"}, ["wrong-type"]),
        ({"dev:": "dev: {sync: manul}", "prod:": "prod: {sync: manual}"}, ["unknown-value"]),
        (
            {
                "dev:": "dev: {secretStore: {identity: arn-dev}, maxReplicas: one}",
                "service: {}": "service: {replicas: {max: 2}}",
                "in: helper": "volumes: {data: {size: 1Gi, path: /data}}\nenvironments: {prod: {enabled: false}}",
            },
            ["wrong-type"],
        ),
    ],
)
def test_a_fault_brings_no_false_ones_with_it(broken: dict[str, str], rules: list[str], tmp_path: Path) -> None:
    problems = problems_of(changed(broken), tmp_path)
    assert [problem.rule for problem in problems] == rules, "\n".join(map(str, problems))


def test_a_fault_hides_nothing_that_it_has_no_part_in(tmp_path: Path) -> None:
    text = changed(
        {
            "in: helper": "labels: {-: x}  # E: bad-name\nrollout: {maxSurge: 0}  # E: rollout-stuck",
            "image: ghcr.io/example/helper": "image: ghcr.io/example/helper  # E: image-not-fixed",
            "in: other": "resources:\n  gpu: many  # E: wrong-type",
            "jobs:": "jobs: {scan: {schedule: 0 24 * * *}}  # E: bad-schedule",
            "gitops": "gitops: {}  # E: missing-key",
        }
    )
    assert sorted(lines_and_rules(problems_of(text, tmp_path))) == sorted(expected_in(text))


def test_what_hides_in_one_agent_ends_where_the_next_begins(tmp_path: Path) -> None:
    text = changed({"in: helper": "servce: 5  # E: unknown-key", "jobs:": "", "other:": "other:  # E: runs-nothing"})
    assert sorted(lines_and_rules(problems_of(text, tmp_path))) == sorted(expected_in(text))
