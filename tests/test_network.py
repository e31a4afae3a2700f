"""The network proof: the reference fleet's matrix in full, every rule broken alone, any fleet as it declares itself.

tests/proof_faults/network.yaml is sound. What a spec can break is a changed line of it; the rest is changed objects.
How policies add up is held against an independent evaluator in test_reachability.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings

from benchmarks.fleets import fleet as fleet_of_size
from generator.model import Fleet
from generator.problems import ExitCode, Problem
from generator.proofs import network
from generator.proofs.network import intervals
from generator.proofs.network.reach import Reach
from generator.proofs.network.report import NetworkReport
from generator.resources.agent.networkpolicy import NOT_PUBLIC, NOT_PUBLIC_V6
from generator.spec import build, shape
from generator.spec.reader import parse
from tests.proof_faults.network_breaches import (
    FAULTY,
    PRIVATE_RANGES,
    agent,
    all_of,
    back_called_by,
    cilium,
    cilium_ports,
    idle_talks_to,
    namespace,
    pods,
    policy,
    tcp,
    with_peers,
    with_rule,
    without,
    world_open,
)
from tests.proof_support import changed, expected_in, lines_and_rules
from tests.proof_worlds import (
    FAULTS,
    Fault,
    Manifest,
    World,
    marked,
    proved,
    schema_of,
    undescribed,
)
from tests.rules_in_source import rules_of
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, ROOT, as_yaml, fleet_at, kustodian

SOUND = (FAULTS / "network.yaml").read_text(encoding="utf-8")
SCHEMA = schema_of(network)


def report_of(fleet: Fleet) -> NetworkReport:
    return network.prove(World.of(fleet).evidence())


def problems_of(text: str, folder: Path, fault: Fault | None = None) -> tuple[NetworkReport, list[Problem]]:
    report, problems = proved(network, text, folder, fault.tamper if fault else None)
    assert isinstance(report, NetworkReport)
    return report, problems


def matrix(report: NetworkReport) -> set[tuple[str, str, str]]:
    """From, to and ports, of all that is open; what nothing declares ends in `!`."""
    return {
        (str(edge.source), str(edge.target), intervals.ports_text(edge.ports) + ("" if edge.declared else "!"))
        for edge in report.edges
    }


# ----------------------------------------------------------------------------------------------- the reference's matrix

DNS, COLLECTOR = "kube-dns (kube-system)", "opentelemetry-collector (ai-agents-monitoring)"
AUDIT, CACHE = "audit-db (ai-agents-system)", "valkey (ai-agents-system)"
PROMETHEUS, GATEWAY = "prometheus (ai-agents-monitoring)", "gateway (envoy-gateway-system)"
CACHED = "node-local-dns (kube-system)"
EVIDENCE = "s3.us-east-1.amazonaws.com"

MATRIX = {
    ("security-agent", DNS, "TCP 53, UDP 53"),
    ("security-agent", COLLECTOR, "TCP 4317-4318"),
    ("security-agent", AUDIT, "TCP 5432"),
    ("security-agent", EVIDENCE, "TCP 443"),
    ("security-agent", "api.github.com", "TCP 443"),
    ("security-agent", "hooks.slack.com", "TCP 443"),
    (PROMETHEUS, "security-agent", "TCP 8080"),
    (GATEWAY, "security-agent", "TCP 8080"),
    ("it-ops-agent", DNS, "TCP 53, UDP 53"),
    ("it-ops-agent", COLLECTOR, "TCP 4317-4318"),
    ("it-ops-agent", AUDIT, "TCP 5432"),
    ("it-ops-agent", CACHE, "TCP 6379"),
    ("it-ops-agent", "kubernetes-api", "TCP 443, TCP 6443"),
    ("it-ops-agent", "events.pagerduty.com", "TCP 443"),
    ("it-ops-agent", "autoscaling.us-east-1.amazonaws.com", "TCP 443"),
    (PROMETHEUS, "it-ops-agent", "TCP 8080"),
    ("alertmanager (ai-agents-monitoring)", "it-ops-agent", "TCP 8080"),
    ("ai-agent", DNS, "TCP 53, UDP 53"),
    ("ai-agent", COLLECTOR, "TCP 4317-4318"),
    ("ai-agent", AUDIT, "TCP 5432"),
    ("ai-agent", EVIDENCE, "TCP 443"),
    ("ai-agent", "mlflow.example.com", "TCP 443"),
    (PROMETHEUS, "ai-agent", "TCP 8080"),
    ("architect-agent", DNS, "TCP 53, UDP 53"),
    ("architect-agent", COLLECTOR, "TCP 4317-4318"),
    ("architect-agent", AUDIT, "TCP 5432"),
    ("architect-agent", CACHE, "TCP 6379"),
    ("architect-agent", "api.openai.com", "TCP 443"),
    ("architect-agent", "example.atlassian.net", "TCP 443"),
    (PROMETHEUS, "architect-agent", "TCP 8080"),
    (GATEWAY, "architect-agent", "TCP 8080"),
}


def test_the_reference_fleet_is_open_exactly_so_in_every_environment() -> None:
    report = report_of(fleet_at(REFERENCE))
    assert report.findings == ()
    assert matrix(report) == MATRIX
    assert len(report.edges) == len(MATRIX)
    assert {edge.environments for edge in report.edges} == {("dev", "staging", "prod")}


def test_a_host_that_no_policy_can_name_is_noted_and_is_no_finding() -> None:
    report = report_of(fleet_at(REFERENCE))
    assert [str(note) for note in report.notes] == [
        f"ai-agent may open TCP 443 to every public address, not only to {EVIDENCE} and mlflow.example.com",
        "architect-agent may open TCP 443 to every public address, not only to api.openai.com and "
        "example.atlassian.net",
        "it-ops-agent may open TCP 443 to every public address, not only to events.pagerduty.com and "
        "autoscaling.us-east-1.amazonaws.com",
        f"security-agent may open TCP 443 to every public address, not only to {EVIDENCE}, api.github.com and "
        "hooks.slack.com",
    ]
    assert {edge.target.name for edge in report.edges if not edge.target.enforced} == {
        to for _, to, _ in MATRIX if "." in to
    }


def test_a_range_that_holds_the_kubernetes_api_is_noted(tmp_path: Path) -> None:
    def notes(cidr: str, port: int, more: str = "") -> list[str]:
        talks = f"talksTo: [{{cidr: {cidr}, port: {port}}}{more}]"
        report, problems = problems_of(changed(SOUND, {"# in: idle": talks}), tmp_path)
        assert problems == []
        return [str(note) for note in report.notes if note.agent == "idle"]

    told = "idle may reach kubernetes-api on TCP 443, since 10.0.0.0/8 holds its addresses"
    assert notes("10.0.0.0/8", 443) == [told]
    assert notes("10.0.0.0/8", 444) == []
    assert notes("10.0.0.2/31", 443) == []
    assert notes("10.0.0.0/8", 443, ", kubernetes-api") == []


CILIUM = {"kubernetes:": 'kubernetes: {version: "1.33", platform: eks, networkPolicy: cilium}'}


def test_cilium_enforces_the_host_by_its_name(tmp_path: Path) -> None:
    report, problems = problems_of(changed(SOUND, CILIUM), tmp_path)
    assert problems == []
    assert report.notes == ()
    assert all(edge.target.enforced for edge in report.edges)
    assert {(to, ports) for who, to, ports in matrix(report) if who == "front"} == {
        ("back", "TCP 9000"),
        ("search (search)", "TCP 9200"),
        ("kubernetes-api", "TCP 443, TCP 6443"),
        ("api.example.com", "TCP 443"),
        ("10.1.0.0/16", "TCP 8443"),
        (DNS, "TCP 53, UDP 53"),
        (CACHED, "TCP 53, UDP 53"),
    }


def test_a_host_whose_port_is_open_to_the_internet_anyway_needs_no_note(tmp_path: Path) -> None:
    text = changed(SOUND, {"- search": "- internet"})
    report, problems = problems_of(text, tmp_path)
    assert (problems, report.notes) == ([], ())
    assert {("front", "internet", "TCP 443"), ("front", "api.example.com", "TCP 443")} <= matrix(report)


def test_the_matrix_of_the_sound_fleet(tmp_path: Path) -> None:
    """Jobs and services alike, since a policy is about all of an agent's pods."""
    report, problems = problems_of(SOUND, tmp_path)
    assert problems == []
    prometheus = "prometheus (fleet-monitoring)"
    assert matrix(report) == {
        ("front", "back", "TCP 9000"),
        ("front", "search (search)", "TCP 9200"),
        ("front", "kubernetes-api", "TCP 443, TCP 6443"),
        ("front", "api.example.com", "TCP 443"),
        ("front", "10.1.0.0/16", "TCP 8443"),
        ("alertmanager (fleet-monitoring)", "front", "TCP 8080"),
        (GATEWAY, "front", "TCP 8080"),
        (prometheus, "front", "TCP 8080, TCP 9090"),
        (prometheus, "back", "TCP 9000"),
        (prometheus, "idle", "TCP 8080"),
        *((agent, DNS, "TCP 53, UDP 53") for agent in ("front", "back", "idle")),
    }
    assert {edge.environments for edge in report.edges} == {("dev", "prod")}


@pytest.mark.parametrize(
    ("golden", "name"), [("platform-gke", "GKE metadata server"), ("network", "NodeLocal DNSCache")]
)
def test_what_a_platform_needs_is_declared(golden: str, name: str) -> None:
    report = report_of(fleet_at(ROOT / "tests" / "golden" / golden / "agents.yaml"))
    assert report.findings == ()
    assert name in {edge.target.name for edge in report.edges}


# ------------------------------------------------------------------------------------------------------------ the rules


def by_says(fault: Fault) -> str:
    return f"{fault.rule} {fault.says[:70]}"


def test_the_cases_cover_every_rule() -> None:
    assert {fault.rule for fault in FAULTY} == rules_of(Path(network.__file__).parent)


@pytest.mark.parametrize("fault", FAULTY, ids=by_says)
def test_one_fault_is_one_finding_at_the_line_that_causes_it(fault: Fault, tmp_path: Path) -> None:
    text = marked(changed(SOUND, fault.lines), fault)
    _, problems = problems_of(text, tmp_path, fault)
    assert len(expected_in(text)) == 1
    assert lines_and_rules(problems) == expected_in(text), "\n".join(map(str, problems))
    assert str(problems[0]).partition("]: ")[2] == fault.says


@pytest.mark.parametrize("fault", [fault for fault in FAULTY if fault.fine or fault.fine_tamper], ids=by_says)
def test_the_neighbour_of_a_fault_passes(fault: Fault, tmp_path: Path) -> None:
    _, problems = proved(network, changed(SOUND, fault.fine), tmp_path, fault.fine_tamper)
    assert [str(problem) for problem in problems] == []


def findings_of(text: str, folder: Path, tamper: Any = None) -> list[str]:
    """Place and words of every finding."""
    _, problems = proved(network, text, folder, tamper)
    return [f"{problem.where.line}: {problem.message}" for problem in problems]


def line_of(text: str, start: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if line.strip().startswith(start))


def test_a_wrong_namespace_is_open_where_it_should_not_be_and_closed_where_it_should(tmp_path: Path) -> None:
    tamper = with_peers("front", "egress", 9200, namespace("serach") | pods(app="search"))
    assert findings_of(SOUND, tmp_path, tamper) == [
        f"{line_of(SOUND, 'talksTo:')}: dev: nothing declares that front may reach search (serach) on TCP 9200, "
        "but it can",
        f"{line_of(SOUND, '- search')}: dev: front is declared to reach search (search) on TCP 9200, but the egress of "
        "front is closed",
    ]


def test_several_peers_on_the_same_ports_are_one_finding(tmp_path: Path) -> None:
    peers = [namespace(name) for name in ("a", "b", "c", "d")]
    (found,) = findings_of(SOUND, tmp_path, with_rule("front", "egress", *peers, ports=tcp(1)))
    assert "front may reach every pod of a, every pod of b, every pod of c and 1 more on TCP 1, but" in found


def test_the_same_fault_in_all_environments_is_one_problem(tmp_path: Path) -> None:
    tamper = all_of(
        *(with_rule("front", "egress", namespace("x"), ports=tcp(1), environment=name) for name in ("dev", "prod"))
    )
    (found,) = findings_of(SOUND, tmp_path, tamper)
    assert "dev and prod: nothing declares that front may reach every pod of x on TCP 1" in found


def test_a_policy_for_one_of_an_agents_workloads_is_about_that_one(tmp_path: Path) -> None:
    def tamper(world: World) -> None:
        spec = {"podSelector": {"matchLabels": {"kustodian.dev/runs": "sweep"}}, "policyTypes": ["Egress"]}
        world.add(
            "front", "NetworkPolicy", "extra", spec={**spec, "egress": [{"to": [namespace("x")], "ports": tcp(1)}]}
        )

    report, problems = proved(network, SOUND, tmp_path, tamper)
    assert [problem.message for problem in problems] == [
        "dev: nothing declares that front/sweep may reach every pod of x on TCP 1, but it can"
    ]
    assert isinstance(report, NetworkReport)
    assert ("front/sweep", "every pod of x", "TCP 1!") in matrix(report)


def test_a_fleet_without_any_policy_is_open_and_told_in_few_words(tmp_path: Path) -> None:
    def tamper(world: World) -> None:
        for manifests in world.objects["dev"].values():
            manifests[:] = [one for one in manifests if one["kind"] != "NetworkPolicy"]

    declared_beside = [  # what front declares of some addresses is no part of what it does not
        "0.0.0.0/5, 8.0.0.0/7, 10.0.0.0/16 and 14 more on TCP 8443",
        "0.0.0.0/5, 8.0.0.0/7, 10.0.0.0/32 and 30 more on TCP 6443",
        "10.0.0.0/32, 10.0.0.2/31, 10.0.0.4/30 and 30 more on TCP 443",
        "every address on TCP 1-442, TCP 444-6442, TCP 6444-8442, TCP 8444-65535, every UDP port, every SCTP port",
        "every pod on every port",
    ]
    whole = [f"every pod, every address may reach {name} on every port" for name in ("front", "back", "idle")]
    whole += [f"{name} may reach every pod, every address on every port" for name in ("back", "idle")]
    found = [line.partition(": ")[2] for line in findings_of(SOUND, tmp_path, tamper)]
    assert sorted(found) == sorted(
        [
            *(f"dev: no policy closes the {side} of every pod of fleet-dev" for side in ("egress", "ingress")),
            *(f"dev: nothing declares that front may reach {rest}, but it can" for rest in declared_beside),
            *(f"dev: nothing declares that {edge}, but it can" for edge in whole),
        ]
    )


def test_environments_of_different_clusters_select_nothing_of_each_other(tmp_path: Path) -> None:
    tamper = all_of(
        with_rule("front", "egress", namespace("fleet-prod") | agent("back"), ports=tcp(9000)),
        with_rule("back", "ingress", namespace("fleet-dev") | agent("front"), ports=tcp(9000), environment="prod"),
    )
    apart = changed(SOUND, {"prod:": "prod: {domain: example.com, server: https://prod.example.com}"})
    assert [line.partition(": ")[2] for line in findings_of(apart, tmp_path, tamper)] == [
        "dev: nothing declares that front may reach back (fleet-prod) on TCP 9000, but it can",
        "prod: nothing declares that front (fleet-dev) may reach back on TCP 9000, but it can",
    ]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ({"tiers:": "tiers:", "1: {}": "1:\n  talksTo:\n    - {host: a.example.com, port: 443}"}, "- {host: a."),
        ({"tiers:": "defaults:\n  talksTo:\n    - {host: a.example.com, port: 443}\ntiers:"}, "- {host: a."),
        (
            {"dev:": "dev:\n  domain: dev.example.com\n  talksTo:\n    - {host: a.example.com, port: 443}"},
            "- {host: a.",
        ),
        (
            {"# in: idle": "environments:\n  dev:\n    talksTo:\n      - {host: a.example.com, port: 443}"},
            "- {host: a.",
        ),
    ],
)
def test_a_finding_stands_where_the_uppermost_layer_says_so(lines: dict[str, str], line: str, tmp_path: Path) -> None:
    text = changed(SOUND, lines)
    found = findings_of(text, tmp_path, without("idle", "egress", 443))
    assert found == [
        f"{line_of(text, line)}: dev: idle is declared to reach a.example.com on TCP 443, "
        "but the egress of idle is closed"
    ]


# --------------------------------------------------------------------------------------------------------------- Cilium


def cilium_rule(world: World, key: str) -> Manifest:
    rules: list[Manifest] = world.the("CiliumNetworkPolicy", "front")["spec"]["egress"]
    return next(rule for rule in rules if key in rule)


def with_cilium(key: str, **changes: Any) -> Any:
    def tamper(world: World) -> None:
        cilium_rule(world, key).update(changes)

    return tamper


HOST = "front is declared to reach api.example.com on TCP 443, but the egress of front is closed"


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (
            with_cilium("toFQDNs", toFQDNs=[{"matchName": "other.example.com"}]),
            ["nothing declares that front may reach other.example.com on TCP 443, but it can", HOST],
        ),
        (
            with_cilium("toFQDNs", toPorts=cilium_ports("444")),
            ["nothing declares that front may reach api.example.com on TCP 444, but it can", HOST],
        ),
        (with_cilium("toFQDNs", toPorts=cilium_ports("443", "443")), []),
        (
            world_open("world"),
            ["nothing declares that front may reach every address on TCP 443, but it can"],
        ),
        (world_open("kube-apiserver"), []),
        (
            cilium(egress=[{"toEntities": ["kube-apiserver"]}]),
            [
                "nothing declares that front may reach kubernetes-api on TCP 1-442, TCP 444-6442, TCP 6444-65535, "
                "every UDP port, every SCTP port, but it can"
            ],
        ),
        (
            cilium(egress=[{"toPorts": cilium_ports("25", protocol="ANY")}]),
            ["nothing declares that front may reach every pod, every address on TCP 25, UDP 25, but it can"],
        ),
        (
            cilium(egress=[{"toEndpoints": [{"matchLabels": {"k8s:app.kubernetes.io/name": "idle"}}]}]),
            [],  # idle itself is closed
        ),
        (
            cilium(egress=[{"toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "x", "k8s:a": "b"}}]}]),
            ["nothing declares that front may reach b (x) on every port, but it can"],
        ),
        (
            world_open("cluster"),
            ["CiliumNetworkPolicy extra has spec.egress.toEntities cluster, which this proof cannot judge"],
        ),
        (
            cilium(egress=[{"toEntities": ["kube-apiserver"], "toFQDNs": [{"matchName": "x.example.com"}]}]),
            None,
        ),
    ],
)
def test_what_cilium_opens_is_held_against_the_spec(tamper: Any, says: list[str] | None, tmp_path: Path) -> None:
    found = [line.partition(": dev: ")[2] for line in findings_of(changed(SOUND, CILIUM), tmp_path, tamper)]
    if says is None:
        assert any("with toEntities and toFQDNs, which this proof cannot judge" in line for line in found)
    else:
        assert found == says


def test_the_internet_is_not_what_cilium_calls_the_world(tmp_path: Path) -> None:
    """`world` is every address outside the cluster; cloud metadata and private ones are no part of the internet."""
    text = changed(
        SOUND, {**CILIUM, "- search": "- {host: a.example.com, port: 80}", "# in: idle": "talksTo: [internet]"}
    )
    public = [{"ipBlock": {"cidr": "0.0.0.0/0", "except": list(NOT_PUBLIC)}}]
    public += [{"ipBlock": {"cidr": "::/0", "except": list(NOT_PUBLIC_V6)}}]

    def by_addresses(world: World) -> None:
        for environment in ("dev", "prod"):
            world.remove("CiliumNetworkPolicy", "idle", environment)
            policy(world, "idle", environment)["egress"].append({"to": public, "ports": tcp(443)})

    def by_world(world: World) -> None:
        by_addresses(world)
        selected = {"endpointSelector": {"matchLabels": {"app.kubernetes.io/name": "idle"}}}
        egress = [{"toEntities": ["world"], "toPorts": cilium_ports("443")}]
        world.add("idle", "CiliumNetworkPolicy", "idle", spec={**selected, "egress": egress})

    assert findings_of(text, tmp_path, by_addresses) == []
    (found,) = findings_of(text, tmp_path, by_world)
    assert f"nothing declares that idle may reach {PRIVATE_RANGES} on TCP 443, but it can" in found


# ------------------------------------------------------------------------------------------------------------ any fleet


@settings(max_examples=40 * MORE, suppress_health_check=list(HealthCheck))
@given(spec=specs())
def test_any_fleet_is_open_exactly_as_declared(spec: Spec) -> None:
    """What the builders write and what the proof reads out of the model are worked out apart."""
    assume(not shape.check(parse(as_yaml(spec), "agents.yaml")[0]).problems)
    fleet = build.fleet(spec)
    report = report_of(fleet)
    assert [finding.message for finding in report.findings] == []
    assert all(edge.declared for edge in report.edges)
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)


# --------------------------------------------------------------------------------------------------- report and command


def test_the_report_is_what_its_schema_says(tmp_path: Path) -> None:
    assert list(undescribed(SCHEMA)) == []
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    tamper = with_rule("front", "egress", ports=tcp(25))
    for fleet, change in (
        (REFERENCE.read_text(encoding="utf-8"), None),
        (SOUND, tamper),
        (changed(SOUND, CILIUM), None),
    ):
        report, _ = proved(network, fleet, tmp_path, change)
        jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)


def test_the_json_of_an_edge(tmp_path: Path) -> None:
    tamper = with_rule("front", "egress", {"ipBlock": {"cidr": "192.168.0.0/16"}}, ports=[{"port": 1, "endPort": 9}])
    report, _ = proved(network, SOUND, tmp_path, tamper)
    data = report.as_json()
    (edge,) = (edge for edge in data["edges"] if not edge["declared"])
    nobody: Manifest = {"runs": [], "namespace": None, "labels": {}, "cidrs": [], "enforced": True}
    assert edge == {
        "from": {**nobody, "kind": "agent", "name": "front"},
        "to": {**nobody, "kind": "addresses", "name": "192.168.0.0/16", "cidrs": ["192.168.0.0/16"]},
        "ports": [{"protocol": "TCP", "first": 1, "last": 9}],
        "declared": False,
        "environments": ["dev"],
    }
    (search,) = (edge["to"] for edge in data["edges"] if edge["to"]["namespace"] == "search")
    assert search == {
        **nobody,
        "kind": "pods",
        "name": "search (search)",
        "namespace": "search",
        "labels": {"app": "search"},
    }
    assert [finding.rule for finding in report.findings] == ["undeclared-edge"]
    assert data["environments"] == [{"name": name, "agents": ["front", "back", "idle"]} for name in ("dev", "prod")]
    assert data["notes"] == [
        {
            "agent": "front",
            "port": 443,
            "hosts": ["api.example.com"],
            "cidr": None,
            "message": "front may open TCP 443 to every public address, not only to api.example.com",
            "environments": ["dev", "prod"],
        }
    ]


TEXT = """\
In dev and prod:
  From                             To                            Ports
  every agent                      kube-dns (kube-system)        TCP 53, UDP 53
  front                            10.1.0.0/16                   TCP 8443
  front                            back                          TCP 9000
  front                            api.example.com (by address)  TCP 443
  front                            kubernetes-api                TCP 443, TCP 6443
  front                            search (search)               TCP 9200
  alertmanager (fleet-monitoring)  front                         TCP 8080
  gateway (envoy-gateway-system)   front                         TCP 8080
  prometheus (fleet-monitoring)    back                          TCP 9000
  prometheus (fleet-monitoring)    front                         TCP 8080, TCP 9090
  prometheus (fleet-monitoring)    idle                          TCP 8080

In prod:
  From  To               Ports
  idle  search (search)  TCP 9200

By address: a NetworkPolicy knows no names; `networkPolicy: cilium` enforces the name itself.
In dev and prod, front may open TCP 443 to every public address, not only to api.example.com.
"""


def printed(folder: Path, *arguments: str) -> str:
    file = folder / "agents.yaml"
    file.write_text(changed(SOUND, {"# in: idle": idle_talks_to("search", "prod")}), encoding="utf-8")
    run = kustodian("network", "--spec", file, *arguments)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def test_the_command_says_what_is_the_same_in_all_environments_once(tmp_path: Path) -> None:
    assert printed(tmp_path) == TEXT


def test_the_command_as_markdown(tmp_path: Path) -> None:
    lines = printed(tmp_path, "--format", "markdown").splitlines()
    assert lines[:5] == [
        "### In dev and prod",
        "",
        "| From | To | Ports |",
        "| --- | --- | --- |",
        "| every agent | kube-dns (kube-system) | TCP 53, UDP 53 |",
    ]
    assert "| idle | search (search) | TCP 9200 |" in lines


def test_the_command_as_a_flowchart(tmp_path: Path) -> None:
    """What every agent does starts at the box that holds them all; others stand in the box of their namespace."""
    lines = printed(tmp_path, "--format", "mermaid").splitlines()
    assert lines[:5] == [
        "flowchart LR",
        '  subgraph n0["every agent"]',
        '    n2["front"]',
        '    n4["back"]',
        '    n11["idle"]',
    ]
    assert '  n0 -->|"TCP 53, UDP 53"| n1' in lines
    box = lines.index('  subgraph s1["kube-system"]')
    assert lines[box + 1 : box + 3] == ['    n1(["kube-dns (kube-system)"])', "  end"]
    assert any(re.fullmatch(r'  n\d+ -->\|"TCP 9200 in prod"\| n\d+', line) for line in lines)
    # Every line is a box, a node, or an edge between them, and each of them is there once.
    node = r'  (?:  )?(n\d+)(\["[^"]+"\]|\(\["[^"]+"\]\))'
    nodes = [match[1] for line in lines if (match := re.fullmatch(node, line))]
    boxes = [match[1] for line in lines if (match := re.fullmatch(r'  subgraph (\w+)\["[^"]+"\]', line))]
    edges = [match.groups() for line in lines if (match := re.fullmatch(r'  (n\d+) -->\|"[^"]+"\| (n\d+)', line))]
    assert len(nodes) + 2 * len(boxes) + len(edges) + 1 == len(lines)
    assert len({*nodes, *boxes}) == len([*nodes, *boxes])
    assert {end for edge in edges for end in edge} <= {*nodes, *boxes}


def test_the_command_fails_where_the_proof_does(tmp_path: Path) -> None:
    file = tmp_path / "agents.yaml"
    file.write_text(changed(SOUND, {"# in: back": back_called_by("idle")}), encoding="utf-8")
    run = kustodian("network", "--spec", file, "--format", "json")
    assert run.returncode == ExitCode.FAILED
    assert [finding["rule"] for finding in json.loads(run.stdout)["findings"]] == ["blocked-edge"]
    jsonschema.validate(json.loads(run.stdout), SCHEMA)


def test_the_proof_is_part_of_generate(tmp_path: Path) -> None:
    file = tmp_path / "spec" / "agents.yaml"
    file.parent.mkdir()
    file.write_text(changed(SOUND, {"# in: back": back_called_by("idle")}), encoding="utf-8")
    run = kustodian("generate", "--root", tmp_path)
    assert run.returncode == ExitCode.FAILED
    assert "error[blocked-edge]" in run.stderr
    assert not (tmp_path / "base").exists()


# ------------------------------------------------------------------------------------------------------------- the cost


def agents_that(number: int, **given: Any) -> dict[str, Any]:
    """A spec of this many agents, each with what is given for its number."""
    spec = yaml.safe_load(SOUND)
    spec["tiers"], spec["platform"], spec["environments"] = {"1": {}}, {}, {"dev": {"domain": "example.com"}}
    plain = spec["agents"]["idle"]
    spec["agents"] = {
        f"a{one}": plain | {key: of(one) if callable(of) else of for key, of in given.items()} for one in range(number)
    }
    return dict(spec)


def ranges(number: int, *, apart: bool) -> list[Manifest]:
    return [
        {"cidr": f"10.{one // 200}.{one % 200}.0/24", "port": 2000 + one if apart else 443} for one in range(number)
    ]


SIZES: dict[str, Callable[[int], dict[str, Any]]] = {
    "ranges on ports of their own": lambda n: agents_that(1, talksTo=ranges(n, apart=True)),
    "ranges on one port": lambda n: agents_that(1, talksTo=ranges(n, apart=False)),
    "agents with callers of their own": lambda n: agents_that(
        n, service=lambda one: {"calledBy": [{"namespace": f"n{one}", "labels": {"app": f"x{one}"}}]}
    ),
    "callers of one agent": lambda n: agents_that(
        1, service={"calledBy": [{"namespace": f"n{one}", "labels": {"app": f"x{one}"}} for one in range(n)]}
    ),
    # Four times as many ways for twice the agents.
    "agents that name each other": lambda n: agents_that(
        n // 8, talksTo=lambda one: [f"a{other}" for other in range(n // 8) if other != one]
    ),
}


@pytest.mark.parametrize("kind", SIZES)
def test_the_work_grows_as_the_answer_does(kind: str) -> None:
    """Counted in calls, which no other process disturbs; sorting is a little more than linear."""

    def calls(number: int) -> float:
        fleet = build.fleet(SIZES[kind](number))
        evidence = World.of(fleet).evidence()
        answer = len(network.prove(evidence).edges)  # and whatever is read once
        count = 0

        def profile(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(profile)
        try:
            network.prove(evidence)
        finally:
            sys.setprofile(None)
        return count / answer

    assert calls(400) < 1.25 * calls(100)


def test_a_fleet_of_ten_times_the_size_takes_ten_times_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    one_side = Reach.one_side

    def counted(self: Reach, *arguments: Any) -> Any:
        asked[-1] += 1
        return one_side(self, *arguments)

    monkeypatch.setattr(Reach, "one_side", counted)
    for size in (8, 80):
        file = tmp_path / "agents.yaml"
        file.write_text(fleet_of_size(size), encoding="utf-8")
        asked.append(0)
        report_of(fleet_at(file))
    assert asked[0] > 0
    assert asked[1] == 10 * asked[0]
