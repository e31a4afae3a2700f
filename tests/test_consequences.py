"""What a change means: ways, rights, keys and alerts gained and lost; and how values and repeats are worded."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from generator.checks import git
from generator.compiled import applications, environments
from generator.model import Fleet
from generator.proofs.access.case import SubjectAccess
from generator.proofs.access.rbac import Binding, Role, Rule, Subject
from generator.proofs.access.report import AccessReport, EnvironmentAccess
from generator.proofs.evidence import Evidence
from generator.proofs.network import intervals
from generator.proofs.network.report import Edge, Endpoint, Kind, NetworkReport
from generator.review import consequences, gate
from generator.review.alerts import AlertChange, alerts
from generator.review.changes import Change, FieldChange, ObjectKey, Risk, Source
from generator.review.consequences import Consequences, CostChange, Reports, Way
from generator.review.entries import value
from generator.review.repeats import owners, repeats
from generator.spec.build import fleet as build_fleet
from tests.strategies import specs
from tests.support import REFERENCE, fleet_at


def proven(fleet: Fleet) -> Reports:
    return consequences.reports(
        Evidence(
            fleet=fleet,
            environments=tuple(environments(fleet)),
            applications=tuple(applications(fleet)),
            today=date(2026, 1, 1),
        )
    )


REPORTS = proven(fleet_at(REFERENCE))


NO_COST = CostChange(before=None, after=None, budget_before=None, budget=None)
NOTHING = Consequences(
    cost=NO_COST,
    agents=(),
    figures=(),
    ways_gained=(),
    ways_lost=(),
    rights_gained=(),
    rights_lost=(),
    keys_gained=(),
    keys_lost=(),
)


def test_nothing_is_gained_or_lost_where_nothing_changes() -> None:
    for name in ("dev", "staging", "prod"):
        same = consequences.of_environment(name, REPORTS, REPORTS)
        assert replace(same, cost=NO_COST) == NOTHING
        assert same.cost.before == same.cost.after
    assert consequences.findings(REPORTS, REPORTS) == ((), ())


@settings(max_examples=20)
@given(specs(), specs())
def test_what_the_one_gains_the_other_loses(one: Any, other: Any) -> None:
    first, second = (proven(build_fleet(spec)) for spec in (one, other))
    for name in {*one["environments"], *other["environments"]}:
        there, back = (consequences.of_environment(name, *pair) for pair in ((first, second), (second, first)))
        assert (there.ways_gained, there.ways_lost) == (back.ways_lost, back.ways_gained)
        assert (there.rights_gained, there.rights_lost) == (back.rights_lost, back.rights_gained)
        assert (there.keys_gained, there.keys_lost) == (back.keys_lost, back.keys_gained)
        assert (there.cost.before, there.cost.after) == (back.cost.after, back.cost.before)
        assert {name for name, _ in there.agents} == {name for name, _ in back.agents}


# ---------------------------------------------------------------------------------------------------------------- ways


def port(first: int, last: int | None = None) -> intervals.Intervals:
    return ((first, last or first),)


def end(kind: Kind, name: str, **more: Any) -> Endpoint:
    return Endpoint(kind=kind, name=name, **more)


AGENT, OTHER = end(Kind.AGENT, "helper"), end(Kind.AGENT, "other")
SERVE = end(Kind.AGENT, "helper", runs=("helper",))
HOST, HOST2 = (end(Kind.HOST, name, enforced=False) for name in ("a.example.com", "b.example.com"))
BY_NAME = end(Kind.HOST, "a.example.com")
INTERNET = end(Kind.INTERNET, "internet")


def gained(before: list[Edge], after: list[Edge]) -> tuple[Way, ...]:
    sides = [
        {**REPORTS, "network": NetworkReport(environments=(), edges=tuple(edges), notes=(), findings=())}
        for edges in (before, after)
    ]
    return consequences.of_environment("dev", *sides).ways_gained


def edge(source: Endpoint, target: Endpoint, ports: intervals.Intervals, environment: str = "dev") -> Edge:
    return Edge(source=source, target=target, ports=ports, environments=(environment,))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [edge(AGENT, OTHER, port(8080))], ["helper to other on TCP 8080"]),
        ([edge(AGENT, OTHER, port(8080))], [edge(AGENT, OTHER, port(8080))], []),
        ([edge(AGENT, OTHER, port(8080))], [edge(OTHER, AGENT, port(8080))], ["other to helper on TCP 8080"]),
        ([edge(AGENT, OTHER, port(80, 90))], [edge(AGENT, OTHER, port(85, 99))], ["helper to other on TCP 91-99"]),
        ([edge(AGENT, OTHER, port(80, 90))], [edge(AGENT, OTHER, port(85))], []),
        # all runs of an agent hold each of them, and not the other way round
        ([edge(AGENT, OTHER, port(80))], [edge(SERVE, OTHER, port(80))], []),
        ([edge(SERVE, OTHER, port(80))], [edge(AGENT, OTHER, port(80))], ["helper to other on TCP 80"]),
        ([edge(AGENT, OTHER, port(80), "prod")], [edge(AGENT, OTHER, port(80))], ["helper to other on TCP 80"]),
        # a host that is enforced by name is less than one that stands for every public address
        ([edge(AGENT, HOST, port(443))], [edge(AGENT, BY_NAME, port(443))], []),
        (
            [edge(AGENT, BY_NAME, port(443))],
            [edge(AGENT, HOST, port(443))],
            ["helper to a.example.com (by address) on TCP 443"],
        ),
    ],
)
def test_a_way_is_gained_where_nothing_open_before_holds_it(
    before: list[Edge], after: list[Edge], expected: list[str]
) -> None:
    assert [f"{way.source} to {way.target} on {way.ports}" for way in gained(before, after)] == expected
    assert not any(way.by_address for way in gained(before, after))


@pytest.mark.parametrize("target", [HOST2, INTERNET])
def test_another_name_for_every_public_address_opens_nothing(target: Endpoint) -> None:
    (way,) = gained([edge(AGENT, HOST, port(443))], [edge(AGENT, HOST, port(443)), edge(AGENT, target, port(443))])
    assert way.by_address
    (way,) = gained([edge(AGENT, HOST, port(443))], [edge(AGENT, target, port(444))])
    assert not way.by_address
    (way,) = gained([edge(OTHER, HOST, port(443))], [edge(AGENT, target, port(443))])
    assert not way.by_address
    (way,) = gained([edge(AGENT, BY_NAME, port(443))], [edge(AGENT, target, port(443))])
    assert not way.by_address


def test_addresses_and_labels_tell_ends_apart() -> None:
    narrow, wide = (end(Kind.ADDRESSES, "office", addresses=addresses) for addresses in (((1, 5),), ((1, 9),)))
    assert gained([edge(AGENT, narrow, port(80))], [edge(AGENT, wide, port(80))])
    assert not gained([edge(AGENT, wide, port(80))], [edge(AGENT, narrow, port(80))])
    one, other = (end(Kind.PODS, "db", labels=(("app", app),)) for app in ("db", "all"))
    assert gained([edge(AGENT, one, port(80))], [edge(AGENT, other, port(80))])


# -------------------------------------------------------------------------------------------------------------- rights


def rights(before: list[Binding], after: list[Binding]) -> list[str]:
    sides = []
    for bindings in (before, after):
        subject = Subject(kind="ServiceAccount", name="helper", namespace="ns")
        access = SubjectAccess(subject=subject, agent="helper", teams=(), mounts_token=True, bindings=tuple(bindings))
        environment = EnvironmentAccess(name="dev", namespace="ns", subjects=(access,))
        sides.append({**REPORTS, "access": AccessReport(environments=(environment,), findings=(), waived=())})
    return [f"{one.who} may {one.may}" for one in consequences.of_environment("dev", *sides).rights_gained]


def bound(*rules: Rule, namespace: str | None = "ns", built_in: bool = False) -> Binding:
    role = Role(kind="ClusterRole", name="view", rules=rules, built_in=built_in)
    return Binding(
        kind="RoleBinding",
        name="b",
        owner="helper",
        namespace=namespace,
        role_kind="ClusterRole",
        role_name="view",
        role=role,
        subjects=(),
    )


GET = Rule(groups=("",), resources=("pods",), verbs=("get",))
BOTH = Rule(groups=("",), resources=("pods",), verbs=("get", "list"))
URL = Rule(verbs=("get",), urls=("/metrics",))
WHO = "ServiceAccount/ns/helper may"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [bound(GET)], [f"{WHO} get pods"]),
        ([bound(GET)], [bound(BOTH)], [f"{WHO} list pods"]),
        ([bound(BOTH)], [bound(GET)], []),
        ([bound(GET)], [bound(GET, namespace=None)], [f"{WHO} get pods in every namespace"]),
        ([bound(GET, namespace=None)], [bound(GET)], []),
        ([], [bound(GET, built_in=True)], [f"{WHO} do all that Kubernetes' own ClusterRole view allows"]),
        ([bound(GET, built_in=True)], [bound(GET, built_in=True)], []),
        ([bound(GET, built_in=True)], [bound(GET)], []),
        ([bound(URL)], [bound(URL)], []),
        ([], [bound(URL)], [f"{WHO} get /metrics"]),
    ],
)
def test_a_right_is_gained_where_no_rule_before_holds_it(
    before: list[Binding], after: list[Binding], expected: list[str]
) -> None:
    assert rights(before, after) == expected


# -------------------------------------------------------------------------------------------------------------- alerts


def rule(name: str, **alerts_: str) -> dict[str, Any]:
    rules = [{"alert": alert, "expr": expr} for alert, expr in alerts_.items()] + [{"record": "x", "expr": "1"}]
    metadata = {"name": name, "namespace": "ns"}
    return {"kind": "PrometheusRule", "metadata": metadata, "spec": {"groups": [{"name": "g", "rules": rules}]}}


def test_alerts_that_come_change_and_go() -> None:
    before = [rule("a", Down="up == 0", Slow="t > 1"), rule("b", Full="d > 9")]
    after = [rule("a", Down="up < 1", New="n"), {"kind": "ConfigMap", "metadata": {}}]
    assert [(one.verb, one.alert) for one in alerts(before, after)] == [
        ("changed", "Down"),
        ("added", "New"),
        ("removed", "Slow"),
        ("removed", "Full"),
    ]
    assert alerts(before, before) == ()
    assert alerts([], [rule("a", Down="1")]) == (AlertChange(verb="added", rule="PrometheusRule/ns/a", alert="Down"),)
    odd: list[dict[str, Any]] = [
        {"kind": "PrometheusRule", "spec": {"groups": [{"rules": None}, "x", None]}},
        {"kind": "PrometheusRule"},
    ]
    assert alerts([], odd) == ()


# --------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("8Gi", "8Gi"),
        (8, "8"),
        ("8", '"8"'),
        ("1e3", '"1e3"'),
        ("", '""'),
        (" x", '" x"'),
        ("true", '"true"'),
        (True, "true"),
        (None, "null"),
        ("0 2 * * *", "0 2 * * *"),
        ("a\nb", '"a\\nb"'),
        ("a\u2028b", '"a\\u2028b"'),
        ("\u202ecod", '"\\u202ecod"'),
        ({"name": "x", "sizes": [1, "2"]}, '{name: x, sizes: [1, "2"]}'),
        ([], "[]"),
    ],
)
def test_a_value_is_on_one_line_and_tells_text_from_numbers(given_: Any, shown: str) -> None:
    assert value(given_) == shown


def change(environment: str, owner: str, image: str = "x:2", name: str = "") -> Change:
    key = ObjectKey(group="apps", kind="Deployment", namespace=f"fleet-{environment}", name=name or owner)
    return Change(
        source=Source(environment=environment, owner=owner),
        verb="changed",
        key=key,
        before_key=None,
        fields=(FieldChange(path=f"spec.containers[{owner}].image", before="x:1", after=image),),
        risks=((Risk.RESTARTS, "its pods are replaced"),),
    )


def told(*changes: Change) -> list[str]:
    found = repeats(changes, lambda one: one.source, ["dev", "staging", "prod"])
    return [f"{one.like.key.name} {one.where}: {one.like.fields[0].path} {one.like.fields[0].after}" for one in found]


def test_what_is_alike_is_said_once_with_where() -> None:
    everywhere = [change(environment, "a") for environment in ("prod", "dev", "staging")]
    assert told(*everywhere) == ["a in dev, staging and prod: spec.containers[a].image x:2"]
    two = [change("dev", "a"), change("dev", "b")]
    assert told(*two) == ["<agent> of a and b in dev: spec.containers[<agent>].image x:2"]
    five = [change(environment, owner) for environment in ("dev", "prod") for owner in "abcde"]
    assert told(*five) == ["<agent> of 5 agents in dev and prod: spec.containers[<agent>].image x:2"]
    assert owners(["a", "namespace", "argocd"]) == "a, the namespace and Argo CD"


def test_what_differs_is_said_for_each() -> None:
    assert len(told(change("dev", "a"), change("dev", "b", image="x:3"))) == 2
    # what differs as the environments do is alike
    assert told(change("dev", "a", image="/dev/x"), change("prod", "a", image="/prod/x")) == [
        "a in dev and prod: spec.containers[a].image /<env>/x"
    ]
    # a part of a word is no name
    assert len(told(change("dev", "a", image="devil"), change("prod", "a", image="prodil"))) == 2
    # different sets of environments are different facts
    assert len(told(change("dev", "a"), change("prod", "a"), change("dev", "b"))) == 2
    number = change("dev", "a")
    text = replace(number, fields=(replace(number.fields[0], after=1),))
    assert (
        len(
            told(
                replace(number, fields=(replace(number.fields[0], after=True),)),
                replace(text, source=Source(environment="prod", owner="a")),
            )
        )
        == 2
    )


def test_both_rooms_mean_the_same_trailer() -> None:
    assert git.TRAILER == gate.TRAILER
    assert gate.TRAILER in (Path(gate.__file__).parents[2] / "docs" / "plan.md").read_text()
