"""The cost proof: figures worked out by hand, every rule broken alone, and what holds for any fleet.

tests/proof_faults/cost.yaml meets every budget to the dollar. Each breach changes one line of it, on which the expected
finding is written as `# E: rule-id`.
"""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from generator.cli.proving import located
from generator.compiled import environments
from generator.model import Fleet, Pricing
from generator.problems import ExitCode, Problem
from generator.proofs import cost
from generator.proofs.cost import schedules
from generator.proofs.cost.prices import Cost, total, usd
from generator.proofs.cost.report import CostReport, GroupCost, OwnerCost
from generator.proofs.evidence import Evidence
from generator.spec import build, shape
from generator.spec.load import load_with_places
from generator.spec.rules import waivers
from tests.rules_in_source import rules_of
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, as_yaml, fleet_at, kustodian
from tests.test_rules import expected_in

AT_BUDGET = Path(__file__).with_name("proof_faults") / "cost.yaml"
SCHEMA: dict[str, Any] = json.loads(Path(cost.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 23)
RULES = {"over-agent-budget", "over-tier-budget", "over-team-budget"}


def evidence_of(fleet: Fleet, today: date = TODAY) -> Evidence:
    return Evidence(fleet=fleet, environments=tuple(environments(fleet)), applications=(), today=today)


def changed(*changes: tuple[str, str]) -> str:
    """The fleet that meets its budgets, with each of these lines or parts of lines replaced."""
    text = AT_BUDGET.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def proved(text: str, folder: Path, today: date = TODAY) -> tuple[CostReport, list[Problem]]:
    """The report on a spec, and its findings as problems at their lines."""
    file = folder / "agents.yaml"
    file.write_text(text, encoding="utf-8")
    fleet, document = load_with_places(file, "agents.yaml")
    report = cost.prove(evidence_of(fleet, today))
    return report, located(document, report.findings)


def budgeted(groups: Iterable[GroupCost]) -> list[tuple[str, Any, int | None]]:
    return [(group.name, group.cost.total, group.budget) for group in groups]


def agent_of(report: CostReport, environment: str, name: str) -> OwnerCost:
    (found,) = (one for one in report.environments if one.name == environment)
    (agent,) = (agent for agent in found.agents if agent.name == name)
    return agent


# --------------------------------------------------------------------------------------------------- worked out by hand


def test_figures_worked_out_by_hand(tmp_path: Path) -> None:
    report, problems = proved(changed(), tmp_path)
    assert problems == []
    helper = agent_of(report, "prod", "helper")
    pod = Fraction(10, 2) + 2  # half a core, 1 GiB
    run = Fraction(10 + 2 * 2 + 100)  # a core, 2 GiB, a GPU
    volume = Fraction(4 * 3)  # 4 GiB, shared
    assert helper.parts == (
        ("Deployment helper", Cost(reserved=pod, expected=pod, ceiling=3 * pod)),
        # Two hours of every day are a twelfth of the time.
        ("CronJob helper-scan", Cost(expected=run / 12, ceiling=run, gpus=Fraction(100))),
        (
            "PersistentVolumeClaim helper-data",
            Cost(reserved=volume, expected=volume, ceiling=volume, volumes=volume),
        ),
    )
    assert helper.cost == Cost(
        reserved=Fraction(19),
        expected=Fraction("28.5"),
        ceiling=Fraction(147),
        volumes=Fraction(12),
        gpus=Fraction(100),
        ai=Fraction(30),
    )
    assert (helper.tier, helper.team, helper.cost_center, helper.budget) == ("3", "ops", "it", 147)
    # A tenth of a core and half a GiB, twice; its job is suspended and costs nothing.
    other = agent_of(report, "prod", "other")
    assert other.cost == Cost(reserved=Fraction(4), expected=Fraction(4), ceiling=Fraction(4), ai=Fraction(10))
    assert other.budget is None
    # One replica of half the size; volumes and GPUs do not scale.
    small = agent_of(report, "dev", "helper").cost
    assert (small.reserved, small.ceiling) == (pod / 2 + volume, pod / 2 + 7 + 100 + volume)


def test_groups_are_their_agents(tmp_path: Path) -> None:
    report, _ = proved(changed(), tmp_path)
    prod = report.environments[1]
    assert budgeted(prod.tiers) == [("3", 191, 191)]
    assert budgeted(prod.teams) == [
        ("lab", 14, 14),
        ("ops", 177, 177),
    ]
    assert budgeted(prod.cost_centers) == [("it", 191, None)]
    assert [agent.name for agent in prod.tiers[0].agents] == ["helper", "other"]
    assert report.cost.total == prod.cost.total + report.environments[0].cost.total


def test_a_volume_of_one_pod_has_its_own_price(tmp_path: Path) -> None:
    single = changed(
        ("replicas: {min: 2, max: 2}", "replicas: {min: 1, max: 1}"),
        ("    jobs:\n      tidy", "    volumes: {notes: {size: 512Mi, path: /notes}}\n    #"),
        ("storageGi: 1,", "storageGi: 0.1,"),
    )
    report, _ = proved(single, tmp_path)
    assert agent_of(report, "prod", "other").cost.volumes == Fraction(1, 20)  # as written, not the nearest double


def test_the_gpus_of_each_replica_count(tmp_path: Path) -> None:
    report, _ = proved(changed(("memory: 512Mi}}", "memory: 512Mi}, gpu: 2}")), tmp_path)
    other = agent_of(report, "prod", "other").cost
    assert other.gpus == 2 * 2 * 100
    assert other.reserved == other.ceiling == 404


def test_a_job_that_takes_longer_than_its_turn_runs_all_the_time(tmp_path: Path) -> None:
    report, _ = proved(changed(("duration: 1h, suspend: true", "duration: 1h")), tmp_path)
    other = agent_of(report, "prod", "other").cost
    assert other.expected == other.ceiling == Fraction(6)


def test_a_load_balancer_is_charged_to_whoever_has_it(tmp_path: Path) -> None:
    file = tmp_path / "agents.yaml"
    file.write_text(changed(), encoding="utf-8")
    evidence = evidence_of(fleet_at(file))
    prod = evidence.environments[1]
    labels = {"tier": "shared", "team": "ops", "cost-center": "platform"}
    balancer = {
        "kind": "Service",
        "metadata": {"name": "entry", "labels": labels},
        "spec": {"type": "LoadBalancer", "ports": []},
    }
    prod.objects["namespace"].append(balancer)
    prod.objects["namespace"][0]["metadata"]["labels"] |= labels
    report = cost.prove(evidence)
    shared = agent_of(report, "prod", "namespace")
    assert shared.cost == Cost(**dict.fromkeys(("reserved", "expected", "ceiling", "load_balancers"), Fraction(20)))
    assert [finding.rule for finding in report.findings] == ["over-team-budget"]
    assert report.findings[0].message == (
        "prod: team ops may cost $197 a month (with AI: helper $177, namespace $20), $20 more than its budget of $177"
    )


def test_what_counts_is_what_was_compiled(tmp_path: Path) -> None:
    """A builder that asks for more than the spec says is found out."""
    file = tmp_path / "agents.yaml"
    file.write_text(changed(), encoding="utf-8")
    evidence = evidence_of(fleet_at(file))
    (scaler,) = (manifest for _, manifest in evidence.environments[1].of_kind("HorizontalPodAutoscaler"))
    scaler["spec"]["maxReplicas"] += 1
    report = cost.prove(evidence)
    assert {finding.rule for finding in report.findings} == RULES
    assert agent_of(report, "prod", "helper").cost.ceiling == 154


# -------------------------------------------------------------------------------------------------- the reference fleet


def test_the_reference_fleet_stays_within_the_table_of_the_guide() -> None:
    report = cost.prove(evidence_of(fleet_at(REFERENCE)))
    assert (report.findings, report.waived) == ((), ())
    prod = report.environments[-1]
    rows: list[tuple[Any, ...]] = [(agent.name, agent.tier, agent.budget, agent.cost.ai) for agent in prod.agents]
    assert rows == [
        ("security-agent", "3", 50, 100),
        ("it-ops-agent", "3", 100, 200),
        ("ai-agent", "3", 300, 500),
        ("architect-agent", "4", 50, 300),
    ]
    budgets = sum((agent.budget or 0) + agent.cost.ai for agent in prod.agents)
    assert budgets == sum(tier.budget or 0 for tier in prod.tiers) == sum(team.budget or 0 for team in prod.teams)
    assert budgets == 1600
    # $15 a core, $5 a GiB, $100 a GPU, $0.30 a GiB of shared volume.
    assert {agent.name: (agent.cost.reserved, agent.cost.ceiling) for agent in prod.agents} == {
        "security-agent": (25 + 3, Fraction("37.5") + Fraction("6.25") + 3),
        "it-ops-agent": (50 + Fraction("1.5"), 75 + Fraction("1.5")),
        "ai-agent": (100 + 15, 100 + 50 + 100 + 15),
        "architect-agent": (Fraction("12.5") + Fraction("1.5"), 25 + Fraction("1.5")),
    }
    for environment in report.environments:
        assert all(agent.budget is not None and agent.cost.ceiling <= agent.budget for agent in environment.agents)


def test_the_default_prices_are_those_of_their_sources() -> None:
    an_hour = {"cpu": "0.031611", "memory_gi": "0.004237", "gpu": "0.95", "storage_gi": "0.00005479452"}
    for field, price in (an_hour | {"load_balancer": "0.025"}).items():
        assert getattr(Pricing(), field) == Fraction(round(Fraction(price) * 730 * 100), 100)
    assert Pricing().shared_storage_gi == Fraction("0.30")


# ----------------------------------------------------------------------------------------------------------- every rule

HINT = "make it smaller, raise the budget, or add a waiver with a reason, an owner and an end"
BREACHES = {
    "over-agent-budget": (
        ("infra: 147", "infra: 146  # E: over-agent-budget"),
        "prod: helper may cost $147 a month (CronJob helper-scan $114, Deployment helper $21, "
        "PersistentVolumeClaim helper-data $12), $1 more than its budget of $146",
    ),
    "over-tier-budget": (
        ("3: {monthlyBudget: 191}", "3: {monthlyBudget: 190}  # E: over-tier-budget"),
        "prod: tier 3 may cost $191 a month (with AI: helper $177, other $14), $1 more than its budget of $190",
    ),
    "over-team-budget": (
        ("ops: {monthlyBudget: 177}", "ops: {monthlyBudget: 175}  # E: over-team-budget"),
        "prod: team ops may cost $177 a month (with AI: helper $177), $2 more than its budget of $175",
    ),
}


@pytest.mark.parametrize("rule", BREACHES)
def test_one_fault_is_one_finding_at_the_line_that_causes_it(rule: str, tmp_path: Path) -> None:
    change, says = BREACHES[rule]
    text = changed(change)
    _, problems = proved(text, tmp_path)
    assert {(problem.where.line, problem.rule) for problem in problems} == expected_in(text)
    (problem,) = problems
    assert (problem.rule, problem.message, problem.hint) == (rule, says, HINT)


def test_every_rule_has_a_breach_and_can_be_waived() -> None:
    assert BREACHES.keys() == RULES == rules_of(Path(cost.__file__).parent)
    assert set(shape.schema()["$defs"]["waiver"]["properties"]["rule"]["enum"]) >= RULES
    assert waivers.SUBJECTS.keys() >= RULES


def test_what_is_over_by_less_than_a_cent_is_seen_to_be_over(tmp_path: Path) -> None:
    _, problems = proved(changed(("sharedStorageGi: 3,", "sharedStorageGi: 3.0000001,")), tmp_path)
    assert {problem.rule for problem in problems} == RULES
    (over,) = (problem for problem in problems if problem.rule == "over-agent-budget")
    assert over.message.startswith("prod: helper may cost $147.01 a month (")
    assert over.message.endswith("$0.01 more than its budget of $147")


def test_the_finding_stands_where_the_budget_of_that_environment_is_set(tmp_path: Path) -> None:
    own = "budget:\n      infra: 147\n      ai: 30"
    text = changed(
        (own, f"{own}\n    environments:\n      dev:\n        budget:\n          infra: 9  # E: over-agent-budget")
    )
    _, problems = proved(text, tmp_path)
    assert {(problem.where.line, problem.rule) for problem in problems} == expected_in(text)
    assert problems[0].message.startswith("dev: helper may cost $122.50 a month (")


def test_a_budget_of_nothing_is_one(tmp_path: Path) -> None:
    text = changed(("budget: {ai: 10}", "budget: {ai: 10, infra: 0}  # E: over-agent-budget"))
    _, problems = proved(text, tmp_path)
    assert {(problem.where.line, problem.rule) for problem in problems} == expected_in(text)
    assert [problem.message.partition(" (")[0] for problem in problems] == [
        "dev: other may cost $1 a month",
        "prod: other may cost $4 a month",
    ]


# -------------------------------------------------------------------------------------------------------------- waivers

WHOSE = {"over-agent-budget": "agent: helper", "over-tier-budget": "tier: 3", "over-team-budget": "team: ops"}


def waived(rule: str, *waivers_: str) -> str:
    items = "".join(f"\n  - {{rule: {rule}, reason: A launch, owner: ops, {waiver}}}" for waiver in waivers_)
    return changed(BREACHES[rule][0], ("# in: fleet", f"waivers:{items}"))


@pytest.mark.parametrize("rule", BREACHES)
@pytest.mark.parametrize("rest", ["until: 2026-11-23", "until: 2027-01-31, environment: prod"])
def test_a_waiver_holds_to_the_end_of_its_last_day(rule: str, rest: str, tmp_path: Path) -> None:
    report, problems = proved(waived(rule, f"{WHOSE[rule]}, {rest}"), tmp_path)
    assert problems == []
    (found,) = report.waived
    finding, waiver = found.finding, found.waiver
    assert (finding.rule, finding.message) == (rule, BREACHES[rule][1])
    assert (waiver.reason, waiver.owner) == ("A launch", "ops")


@pytest.mark.parametrize("rule", BREACHES)
def test_an_expired_waiver_waives_nothing_and_is_said(rule: str, tmp_path: Path) -> None:
    whose = WHOSE[rule]
    report, (problem,) = proved(waived(rule, f"{whose}, until: 2026-11-22", f"{whose}, until: 2025-01-01"), tmp_path)
    assert report.waived == ()
    assert problem.message == f"{BREACHES[rule][1]} (its waiver ended on 2026-11-22)"


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("over-agent-budget", "agent: other"),
        ("over-agent-budget", "agent: helper, environment: dev"),
        ("over-tier-budget", "tier: 4"),
        ("over-team-budget", "team: lab"),
    ],
)
def test_a_waiver_of_another_waives_nothing(rule: str, other: str, tmp_path: Path) -> None:
    report, (problem,) = proved(waived(rule, f"{other}, until: 2027-01-31"), tmp_path)
    assert report.waived == ()
    assert problem.message == BREACHES[rule][1]


# ----------------------------------------------------------------------------------------------------------- any fleet

money = st.sampled_from([0, 0.3, 1, 5, 15.5, 100])
priced = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["cpu", "memoryGi", "gpu", "storageGi", "sharedStorageGi", "loadBalancer"], money)
)
budgets = st.fixed_dictionaries({}, optional={"infra": st.integers(0, 50), "ai": st.integers(0, 50)})


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    spec: Spec = draw(specs())
    spec["pricing"] = draw(priced)
    for agent in spec["agents"].values():
        agent["budget"] = draw(budgets)
    for tier in spec["tiers"].values():
        tier["monthlyBudget"] = draw(st.integers(0, 100))
    assume(not shape.check(document_of(spec)).problems)
    return build.fleet(spec)


def document_of(spec: Spec) -> Any:
    from generator.spec.reader import parse

    return parse(as_yaml(spec), "agents.yaml")[0]


SLOW = settings(max_examples=40 * MORE, suppress_health_check=list(HealthCheck))


def all_costs(report: CostReport) -> Iterable[Cost]:
    yield report.cost
    for environment in report.environments:
        yield environment.cost
        yield from (group.cost for group in (*environment.tiers, *environment.teams, *environment.cost_centers))
        for agent in environment.agents:
            yield agent.cost
            yield from (part for _, part in agent.parts)


@SLOW
@given(fleet=fleets())
def test_reserved_is_at_most_expected_is_at_most_the_ceiling(fleet: Fleet) -> None:
    for amount in all_costs(cost.prove(evidence_of(fleet))):
        assert 0 <= amount.volumes + amount.load_balancers <= amount.reserved <= amount.expected <= amount.ceiling
        assert 0 <= amount.gpus <= amount.ceiling <= amount.total


@SLOW
@given(fleet=fleets())
def test_totals_are_the_sums_of_their_parts(fleet: Fleet) -> None:
    report = cost.prove(evidence_of(fleet))
    assert report.cost == total(environment.cost for environment in report.environments)
    for environment in report.environments:
        assert environment.cost == total(agent.cost for agent in environment.agents)
        for groups in (environment.tiers, environment.teams, environment.cost_centers):
            assert environment.cost == total(group.cost for group in groups)
            assert sorted(agent.name for group in groups for agent in group.agents) == sorted(
                agent.name for agent in environment.agents
            )
        for agent in environment.agents:
            assert replace(agent.cost, ai=Fraction()) == total(part for _, part in agent.parts)


@SLOW
@given(fleet=fleets(), factor=st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(2), Fraction(1000)]))
def test_prices_scale_costs(fleet: Fleet, factor: Fraction) -> None:
    dearer = Pricing(**{field.name: getattr(fleet.pricing, field.name) * factor for field in fields(Pricing)})
    before, after = (cost.prove(evidence_of(one)).cost for one in (fleet, replace(fleet, pricing=dearer)))
    assert after.ai == before.ai
    for field in fields(Cost):
        if field.name != "ai":
            assert getattr(after, field.name) == getattr(before, field.name) * factor


@SLOW
@given(fleet=fleets())
def test_there_is_a_finding_exactly_where_a_budget_is_exceeded(fleet: Fleet) -> None:
    report = cost.prove(evidence_of(fleet))
    over = 0
    for environment in report.environments:
        groups: list[GroupCost] = [*environment.tiers, *environment.teams]
        over += sum(agent.budget is not None and agent.cost.ceiling > agent.budget for agent in environment.agents)
        over += sum(group.budget is not None and group.cost.total > group.budget for group in groups)
    # What is over by the same in several environments is said once.
    said = {(finding.rule, finding.message) for finding in report.findings}
    assert sum(len(re.split(", | and ", message.partition(": ")[0])) for _, message in said) == over
    validate(report)


def test_the_work_grows_with_the_fleet_and_no_faster() -> None:
    """Counted in steps of the interpreter, which are the same on every machine."""
    small, large = (steps_for(agents) for agents in (20, 80))
    assert large <= 4.2 * small


def steps_for(agents: int) -> int:
    spec = {
        **document_of_file(AT_BUDGET),
        "agents": {
            f"agent-{number}": {
                **document_of_file(AT_BUDGET)["agents"]["helper"],
                "team": f"team-{number}",
                "budget": {"infra": 0, "ai": 1},  # all of them are over budget, and all are waived
            }
            for number in range(agents)
        },
        "teams": {f"team-{number}": {"monthlyBudget": 0} for number in range(agents)},
        "waivers": [
            {
                "rule": "over-agent-budget",
                "agent": f"agent-{number}",
                "until": "2027-01-01",
                "reason": "x",
                "owner": "x",
            }
            for number in range(agents)
        ],
    }
    evidence = evidence_of(build.fleet(spec))
    cost.prove(evidence)  # caches
    steps = 0

    def count(frame: Any, event: str, _argument: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        report = cost.prove(evidence)
    finally:
        sys.settrace(before)
    assert len(report.waived) == agents * 2
    assert len(report.findings) == agents * 2 + 2
    return steps


@cache
def document_of_file(file: Path) -> dict[str, Any]:
    from generator.spec.reader import parse

    values: dict[str, Any] = parse(file.read_text(encoding="utf-8"), file.name)[0].values
    return values


# ---------------------------------------------------------------------------------------------------------------- JSON


def validate(report: CostReport) -> None:
    printed = json.loads(json.dumps(report.as_json())) | {"findings": []}
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER).validate(
        printed
    )


@pytest.mark.parametrize("rule", BREACHES)
def test_json_fits_its_schema(rule: str, tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for text in (changed(BREACHES[rule][0]), waived(rule, f"{WHOSE[rule]}, until: 2027-01-31")):
        report, _ = proved(text, tmp_path)
        validate(report)
        assert [*(one.rule for one in report.findings), *(one["rule"] for one in report.as_json()["waived"])] == [rule]


def test_the_schema_describes_every_field_and_leaves_no_room_for_others() -> None:
    parts = [SCHEMA, *SCHEMA["$defs"].values(), SCHEMA["properties"]["prices"]]
    assert len(parts) > 5
    for part in parts:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
        for name, field in part["properties"].items():
            assert field["description"].endswith("."), name
            assert field.get("type") not in ("number", ["integer", "null"]) or "USD a month" in field["description"]


def test_the_schema_can_say_no(tmp_path: Path) -> None:
    report, _ = proved(changed(), tmp_path)
    data = report.as_json() | {"findings": []}
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid(data)
    assert not validator.is_valid(data | {"extra": 1})
    assert not validator.is_valid(data | {"cost": data["cost"] | {"ai": "30"}})
    del data["environments"][0]["agents"][0]["infraBudget"]
    assert not validator.is_valid(data)


def test_json_amounts_are_rounded_up_to_the_cent(tmp_path: Path) -> None:
    report, _ = proved(changed(('"0 0 * * *"', '"0 0 * * 1"')), tmp_path)
    helper = report.as_json()["environments"][1]["agents"][0]
    assert agent_of(report, "prod", "helper").cost.expected == 19 + Fraction(114, 84)
    assert helper["cost"]["expected"] == 20.36
    assert report.as_json()["prices"] == {
        "cpu": 10.0,
        "memoryGi": 2.0,
        "gpu": 100.0,
        "storageGi": 1.0,
        "sharedStorageGi": 3.0,
        "loadBalancer": 20.0,
    }


# ------------------------------------------------------------------------------------------------------------ how often


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("0 2 * * *", Fraction(730, 24)),
        ("* * * * *", Fraction(730 * 60)),
        ("*/15 * * * *", Fraction(730 * 4)),
        ("7/20 3 * * *", Fraction(730 * 3, 24)),  # 7, 27, 47
        ("0 3 * * 0", Fraction(730, 24 * 7)),
        ("0 3 * * sun,MON", Fraction(730 * 2, 24 * 7)),
        ("0 0 1 * *", Fraction(730 * 4800, 24 * 146097)),
        ("0 0 29 2 *", Fraction(730 * 97, 24 * 146097)),
        ("0 0 31 2 *", Fraction(0)),
        ("0 0 13 * 5", Fraction(730 * (4800 + 20871 - 688), 24 * 146097)),  # the 13th is a Friday 688 times
        ("0 0 */1 * mon", Fraction(730, 24 * 7)),  # any day, so only the weekday counts
    ],
)  # fmt: skip
def test_runs_a_month(schedule: str, runs: Fraction) -> None:
    assert schedules.runs_a_month(schedule) == runs


@cache
def four_hundred_years() -> list[tuple[int, int, int]]:
    days = (date(2000, 1, 1) + timedelta(days=number) for number in range(146097))
    return [(day.month, day.day, day.isoweekday() % 7) for day in days]


def robfig(field: str, least: int, most: int, words: list[str]) -> tuple[int, bool]:
    """`getField` of robfig/cron v3.0.1, line by line: the bits of a field, and its star bit."""
    bits, star = 0, False

    def number(text: str) -> int:
        return words.index(text.lower()) + least if text.lower() in words else int(text)

    for item in field.split(","):
        range_and_step = item.split("/")
        low_and_high = range_and_step[0].split("-")
        single = len(low_and_high) == 1
        extra = False
        if low_and_high[0] == "*":
            start, end, extra = least, most, True
        else:
            start = number(low_and_high[0])
            end = start if single else number(low_and_high[1])
        step = 1
        if len(range_and_step) == 2:
            step = int(range_and_step[1])
            if single:
                end = most
            if step > 1:
                extra = False
        while start <= end:
            bits |= 1 << start
            start += step
        star = star or extra
    return bits, star


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()


def field(least: int, most: int, words: list[str]) -> st.SearchStrategy[str]:
    one = st.integers(least, most).map(str) | (st.sampled_from(words) if words else st.nothing())
    pair = st.tuples(st.integers(least, most), st.integers(least, most)).map(lambda pair: "{}-{}".format(*sorted(pair)))
    bounds = st.just("*") | one | pair
    item = bounds | st.tuples(bounds, st.integers(1, 9)).map(lambda parts: f"{parts[0]}/{parts[1]}")
    return st.lists(item, min_size=1, max_size=3).map(",".join)


@settings(max_examples=30 * MORE)
@given(
    minute=field(0, 59, []),
    hour=field(0, 23, []),
    day=field(1, 31, []),
    month=field(1, 12, MONTHS),
    weekday=field(0, 6, WEEKDAYS),
)
@example(minute="0", hour="0", day="*/2", month="*", weekday="mon")
@example(minute="0", hour="0", day="1,*", month="*", weekday="mon")
@example(minute="0", hour="0", day="13", month="*", weekday="*/1")
def test_runs_are_those_of_four_hundred_years_counted_day_by_day(
    minute: str, hour: str, day: str, month: str, weekday: str
) -> None:
    minutes, hours = (robfig(minute, 0, 59, [])[0].bit_count(), robfig(hour, 0, 23, [])[0].bit_count())
    (days, any_day), (months, _), (weekdays, any_weekday) = (
        robfig(day, 1, 31, []),
        robfig(month, 1, 12, MONTHS),
        robfig(weekday, 0, 6, WEEKDAYS),
    )
    count = 0
    for its_month, its_day, its_weekday in four_hundred_years():
        if months >> its_month & 1:
            by_day, by_weekday = bool(days >> its_day & 1), bool(weekdays >> its_weekday & 1)
            count += (by_day and by_weekday) if any_day or any_weekday else (by_day or by_weekday)
    expected = Fraction(count * minutes * hours * 730, 146097 * 24)
    assert schedules.runs_a_month(f"{minute} {hour} {day} {month} {weekday}") == expected


# ----------------------------------------------------------------------------------------------------- the command line


def test_the_command_prints_the_table_of_the_guide() -> None:
    run = kustodian("cost")
    assert (run.returncode, run.stderr) == (ExitCode.GOOD, "")
    table = run.stdout.partition("prod: budgets\n")[2].partition("\n\n")[0]
    assert table == (
        "  Agent            Tier  Monthly K8s cost (prod)  Monthly AI cost   Total\n"
        "  security-agent      3    $50 (computed $46.75)             $100    $150\n"
        "  it-ops-agent        3   $100 (computed $76.50)             $200    $300\n"
        "  ai-agent            3  $300 (computed $265.00)             $500    $800\n"
        "  architect-agent     4    $50 (computed $26.50)             $300    $350\n"
        "  Total                  $500 (computed $414.75)           $1,100  $1,600"
    )


def test_a_budget_that_is_exceeded_fails_the_command(tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text(changed(BREACHES["over-agent-budget"][0]), encoding="utf-8")
    for form in ("text", "json", "markdown"):
        run = kustodian("cost", "--spec", spec, "--format", form)
        assert run.returncode == ExitCode.FAILED
        line = spec.read_text().partition("infra: 146")[0].count("\n") + 1
        says = BREACHES["over-agent-budget"][1]
        said = f"{spec}:{line}:7: error[over-agent-budget]: {says}; {HINT}\n1 problem\n"
        assert run.stderr == ("" if form == "json" else said)
        assert run.stdout


def test_json_on_the_command_line_is_the_report() -> None:
    run = kustodian("cost", "--format", "json")
    assert json.loads(run.stdout) == cost.prove(evidence_of(fleet_at(REFERENCE))).as_json() | {"findings": []}


def test_markdown_has_a_table_for_each_environment() -> None:
    run = kustodian("cost", "--format", "markdown")
    blocks = re.findall(r"^### (.+)\n\n((?:\|.*\|\n)+)", run.stdout, re.MULTILINE)
    assert [title for title, _ in blocks] == [
        *(f"{name}: {what}" for name in ("dev", "staging", "prod") for what in ("infrastructure", "with AI")),
        "prod: budgets",
    ]
    for _, table in blocks:
        columns = {row.count("|") for row in table.splitlines()}
        assert len(columns) == 1
    assert "| security-agent | 3 | $50 (computed $46.75) | $100 | $150 |" in run.stdout


def test_waivers_are_printed(tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text(waived("over-agent-budget", "agent: helper, until: 9999-12-31"), encoding="utf-8")
    run = kustodian("cost", "--spec", spec)
    assert (run.returncode, run.stderr) == (ExitCode.GOOD, "")
    says = BREACHES["over-agent-budget"][1]
    assert run.stdout.endswith(f"\nWaived until 9999-12-31 by ops (A launch): {says}\n")


def test_amounts_in_words() -> None:
    assert [usd(amount) for amount in (0, 50, Fraction("49.25"), Fraction("0.001"), 1250, Fraction(10**7) / 3)] == [
        "$0", "$50", "$49.25", "$0.01", "$1,250", "$3,333,333.34",
    ]  # fmt: skip
