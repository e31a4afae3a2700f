"""Everything that stands on the page, gathered from the fleet and the proofs' reports. Formats no HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.model import Fleet, Waiver
from generator.problems import Problem
from generator.proofs.evidence import Report
from generator.report import access, agents, graph, money, network, order, quotas, secrets
from generator.report.shapes import Graph
from generator.report.words import Data

# What each proof answers, for whom it is new; a proof that is not here goes by its name.
QUESTIONS = {
    "cost": "Nothing may cost more than its budget.",
    "capacity": "All of it fits the quotas and nodes at once.",
    "network": "Agents reach what is declared, and nothing else.",
    "storage": "Every volume can attach wherever its pods run.",
    "access": "No account may do more than is declared.",
    "secrets": "Every secret has a place to come from.",
    "order": "Nothing waits for what comes after it.",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One proof, and where in the spec what it found has its cause."""

    name: str
    question: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class WaiverLine:
    """A waiver, and what it lets be; nothing, where its day has passed or nothing needs it."""

    rule: str
    subject: str
    environment: str | None
    reason: str
    owner: str
    until: str
    lets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NetworkPart:
    """What some environments have alike: drawn where that can be read, and as a table."""

    environments: tuple[str, ...]
    everywhere: bool
    graph: Graph | None
    summary: str
    matrix: network.Matrix


@dataclass(frozen=True, kw_only=True)
class Page:
    """The whole page."""

    fleet: str
    framework: str
    kubernetes: str
    repository: str
    revision: str
    digest: str  # of the spec
    environments: tuple[tuple[str, str], ...]  # and their namespaces
    verdicts: tuple[Verdict, ...]
    waivers: tuple[WaiverLine, ...]
    agents: tuple[agents.AgentRow, ...]
    money: money.Money
    capacity: tuple[quotas.EnvironmentQuota, ...]
    fullest: tuple[quotas.EnvironmentQuota, quotas.Gauge] | None
    volumes: tuple[quotas.Volume, ...]
    network: tuple[NetworkPart, ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]  # of the network, and where they hold
    access: access.Access
    secrets: secrets.Secrets
    order: order.Order

    @property
    def problems(self) -> int:
        return sum(len(verdict.problems) for verdict in self.verdicts)


def gather(fleet: Fleet, reports: Mapping[str, Report], problems: Mapping[str, Sequence[Problem]], digest: str) -> Page:
    """From the reports of all proofs by name, and what each found, with its places."""
    data: dict[str, Data] = {name: report.as_json() for name, report in reports.items()}
    found = quotas.quotas(data["capacity"])
    return Page(
        fleet=fleet.name,
        framework=fleet.framework_version,
        kubernetes=f"{fleet.kubernetes.version} on {fleet.kubernetes.platform.value}",
        repository=fleet.gitops.repo_url,
        revision=fleet.gitops.target_revision,
        digest=digest,
        environments=tuple((environment.name, environment.namespace.name) for environment in fleet.environments),
        verdicts=tuple(
            Verdict(name=name, question=QUESTIONS.get(name, ""), problems=tuple(problems[name])) for name in reports
        ),
        waivers=tuple(_waiver(waiver, data) for waiver in fleet.waivers),
        agents=agents.rows(fleet, data["cost"], data["order"]),
        money=money.money(data["cost"]),
        capacity=found,
        fullest=quotas.fullest(found),
        volumes=quotas.volumes(data["storage"]),
        network=tuple(_network_part(group, len(fleet.environments)) for group in network.groups(data["network"])),
        notes=tuple((note["message"], tuple(note["environments"])) for note in data["network"]["notes"]),
        access=access.access(data["access"]),
        secrets=secrets.secrets(data["secrets"]),
        order=order.order(data["order"], fleet),
    )


def _network_part(group: network.Group, environments: int) -> NetworkPart:
    return NetworkPart(
        environments=group.environments,
        everywhere=len(group.environments) == environments,
        graph=graph.graph(group),
        summary=graph.summary(group),
        matrix=network.matrix(group),
    )


def _waiver(waiver: Waiver, data: Mapping[str, Data]) -> WaiverLine:
    own = (waiver.rule, waiver.reason, waiver.owner, waiver.until)
    lets = dict.fromkeys(
        one["message"]
        for report in data.values()
        for one in report.get("waived", ())
        if (one["rule"], one["reason"], one["owner"], one["until"]) == own
    )
    kinds = (("agent", waiver.agent), ("tier", waiver.tier), ("team", waiver.team))
    return WaiverLine(
        rule=waiver.rule,
        subject=", ".join(f"{kind} {name}" for kind, name in kinds if name) or "the fleet",
        environment=waiver.environment,
        reason=waiver.reason,
        owner=waiver.owner,
        until=waiver.until,
        lets=tuple(lets),
    )
