"""The report: what stands on the page, that all of the spec is text there, and what the command does with the file."""

import base64
import hashlib
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings

from benchmarks.fleets import fleet as fleet_of
from generator import disk
from generator.problems import Stop
from generator.report import render, secrets, words
from tests import strategies
from tests.report_support import Element, html_of, page_of, tree_of
from tests.support import MORE, REFERENCE, ROOT, as_yaml, kustodian

SPEC = REFERENCE.read_text(encoding="utf-8")
ENVIRONMENTS = ["dev", "staging", "prod"]
AGENTS = ["security-agent", "it-ops-agent", "ai-agent", "architect-agent"]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Element:
    return tree_of(html_of(SPEC, tmp_path_factory.mktemp("report")))


def cells(table: Element) -> list[list[str]]:
    return [[cell.text for cell in row.parts if isinstance(cell, Element)] for row in table.all("tr")]


def table_called(page: Element, caption: str) -> list[list[str]]:
    return next(cells(table) for table in page.all("table") if any(c.text == caption for c in table.all("caption")))


# ------------------------------------------------------------------------------------------------------- the reference


def test_the_head_says_which_fleet_and_which_spec(reference: Element) -> None:
    assert reference.one("h1").text == "ai-agents"
    assert reference.all("title")[0].text == "ai-agents: fleet report"
    assert reference.one("p", class_="meta").text == (
        "Framework 2.1.0 Kubernetes 1.33 on eks https://github.com/example/ai-agents-gitops.git at main "
        "Spec 000000000000"
    )


def test_sections_are_landmarks_that_the_contents_lead_to(reference: Element) -> None:
    ids = {element.attributes["id"]: element for element in reference.all() if "id" in element.attributes}
    assert len(ids) == sum("id" in element.attributes for element in reference.all()), "an id stands twice"
    links = [link.attributes["href"] for link in reference.one("nav").all("a")]
    assert links == [f"#{section.attributes['id']}" for section in reference.one("main").all("section")]
    for element in reference.all():
        for name in ("aria-labelledby", "aria-controls"):
            assert all(one in ids for one in element.attributes.get(name, "").split()), element
    for section in reference.all("section"):
        assert ids[section.attributes["aria-labelledby"]].tag == "h2"


def test_every_table_has_a_name_and_scoped_heads(reference: Element) -> None:
    tables = reference.all("table")
    assert len(tables) > 10
    for table in tables:
        assert table.all("caption") or "aria-labelledby" in table.attributes
        assert all("scope" in head.attributes for head in table.all("th"))
        for body in table.all("tbody"):
            assert body.all("th", scope="row") or body.all("th", scope="rowgroup")


def test_drawings_are_named_or_kept_from_readers(reference: Element) -> None:
    for svg in reference.all("svg"):
        named = svg.attributes.get("role") == "img" and svg.all("title") and svg.all("desc")
        assert named or svg.attributes.get("aria-hidden") == "true"
    (graph,) = reference.all("svg", class_="graph")
    assert graph.all("desc")[0].text == (
        "4 agents may reach 5 destinations in the cluster and 8 outside it. The table below says the same."
    )


def test_agents_stand_against_environments(reference: Element) -> None:
    head, *rows = cells(reference.one("table", id="agents-table"))
    assert head == ["Agent", "dev ai-agents-dev", "staging ai-agents-staging", "prod ai-agents-prod"]
    assert [row[0].split()[0] for row in rows] == AGENTS
    assert rows[0] == [
        "security-agent tier 3 devops security "
        "Vulnerability scanning, compliance checks, security audits (Trivy, Grype, Checkov) "
        "ghcr.io/example/security-agent:2.1.0 0 2 * * * vulnerability-scan",
        "dev Replicas 1 Sync automatic Infra $12.38 of $50 AI $100",
        "staging Replicas 1 Sync automatic Infra $21.75 of $50 AI $100",
        "prod Replicas 2\u20133 Sync automatic Infra $46.75 of $50 AI $100",
    ]
    assert "tier 4 architecture approval required" in rows[3][0]
    assert rows[3][3] == "prod Replicas 1\u20132 Sync by hand Infra $26.50 of $50 AI $300"


def test_budgets_add_up(reference: Element) -> None:
    assert reference.one("p", class_="sum").text == "$500 infrastructure + $1,100 AI = $1,600 in all"
    assert table_called(reference, "Budgets in prod") == [
        ["Agent", "Tier", "Infrastructure, computed of budget", "Infra", "AI", "Total"],
        ["security-agent", "3", "$46.75 of $50", "$50", "$100", "$150"],
        ["it-ops-agent", "3", "$76.50 of $100", "$100", "$200", "$300"],
        ["ai-agent", "3", "$265 of $300", "$300", "$500", "$800"],
        ["architect-agent", "4", "$26.50 of $50", "$50", "$300", "$350"],
        ["Total", "", "$414.75 computed", "$500", "$1,100", "$1,600"],
    ]


def test_tiers_and_teams_stand_against_their_budgets(reference: Element) -> None:
    rows = table_called(reference, "Tiers, teams and cost centres, with AI")
    assert rows[:3] == [
        ["Whose", *ENVIRONMENTS],
        ["Tiers"],
        ["3", "$891.38 of $1,250", "$963.25 of $1,250", "$1,188.25 of $1,250"],
    ]
    assert ["devops", "$112.38 of $150", "$121.75 of $150", "$146.75 of $150"] in rows
    assert ["machine-learning", "$565", "$615", "$765"] in rows


def test_a_bar_is_as_long_as_its_share(reference: Element) -> None:
    bars = reference.one("tr", id="agent-security-agent").all("rect", class_="fill")
    assert [bar.attributes["width"] for bar in bars] == ["24.8%", "43.5%", "93.5%"]


def test_quotas_show_steady_worst_and_hard(reference: Element) -> None:
    prod = [cells(table) for table in reference.all("table", class_="quotas")][2]
    assert prod[0] == ["Key", "Steady", "Worst", "Hard"]
    assert prod[3] == ["limits.cpu", "38", "56.8", "64"]
    gauge = reference.all("table", class_="quotas")[2].all("svg")[2]
    widths = [(rect.attributes["class"], rect.attributes["width"]) for rect in gauge.all("rect")]
    assert widths == [("track", "100.0%"), ("worst", "88.8%"), ("steady", "59.4%")]
    assert "Fullest quota 89 % limits.cpu in prod, at worst" in reference.one("dl", class_="figures").text


def test_the_matrix_says_who_may_reach_whom(reference: Element) -> None:
    _, head, *rows = table_called(reference, "Agents and what they share, in dev, staging, prod")
    reached = {row[0]: [head[at] for at, cell in enumerate(row) if cell == "yes"] for row in rows}
    assert reached["every agent"] == [
        "prometheus TCP 8080",
        "audit-db TCP 5432",
        "kube-dns TCP/UDP 53",
        "opentelemetry-collector TCP 4317-4318",
    ]
    assert reached["ai-agent"] == ["s3.us-east-1.amazonaws.com TCP 443", "mlflow.example.com TCP 443"]
    assert list(reached) == ["every agent", *AGENTS]


def test_permissions_stand_once_for_all_who_have_them_alike(reference: Element) -> None:
    rows = table_called(reference, "ServiceAccounts")
    assert rows[2] == [
        "it-ops-agent agent; its token is mounted",
        "get, list, watch",
        "pods, pods/log, events",
        "everywhere",
    ]
    people = table_called(reference, "People, by their group")
    assert people[1][0] == "architecture data-science devops operations team"
    assert people[2] == ["delete", "pods", "dev staging"]
    assert reference.one("section", id="access").all("p", class_="names")[0].text == (
        "ai-agent architect-agent security-agent secret-store"
    )


def test_secrets_are_named_with_their_readers(reference: Element) -> None:
    rows = table_called(reference, "Remote keys")
    assert [
        "/ai-agents/ environment /security-agent/github-token",
        "security-agent/github-token",
        "1h",
        "Deployment: restarted for a new value security-agent CronJob: new value at the next run "
        "security-agent-vulnerability-scan",
        "everywhere",
    ] in rows
    assert "48 remote keys must exist." in reference.one("section", id="secrets").text
    assert reference.one("ul", class_="stores").text == (
        "secret-store aws, service SecretsManager, region us-east-1 everywhere"
    )


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("/ai-agents/dev/shared/sandev-developer-token", "/ai-agents/{environment}/shared/sandev-developer-token"),
        ("ai-agents-dev-shared-key", "ai-agents-{environment}-shared-key"),
        ("/ai-agents/prod/shared/key", "/ai-agents/prod/shared/key"),
    ],
)
def test_a_key_is_said_once_where_only_the_environment_differs(key: str, pattern: str) -> None:
    consumers = [{"kind": "Job", "name": "a", "form": "file", "variable": "x", "onRotation": "file"}]
    one = {"owner": "a", "store": None, "key": key, "property": None, "secret": "a", "secretKey": "b"}
    environment = {"namespace": "x", "stores": [], "keys": [one | {"refreshInterval": "1h", "consumers": consumers}]}
    other = environment | {"name": "qa", "keys": []}
    ((_, (alone,)),) = secrets.secrets({"environments": [environment | {"name": "dev"}, other]}).owners
    assert alone.remote == key, "a key of one environment is written out"
    assert secrets._pattern(key, "dev") == pattern


def test_waves_say_who_syncs_by_hand(reference: Element) -> None:
    rows = table_called(reference, "Applications by wave")
    names = " ".join(AGENTS)
    assert rows == [
        ["Wave", *ENVIRONMENTS],
        ["\u221220", "4 AppProjects"],
        ["\u221210", "namespace", "namespace", "namespace"],
        ["0", names, names, "architect-agent by hand security-agent it-ops-agent ai-agent"],
    ]


def test_what_holds_is_said_plainly(reference: Element) -> None:
    section = reference.one("section", id="proofs")
    assert section.one("h2").text == "Every proof holds"
    holds = [item.text for item in section.one("ul", class_="proofs").all("li")]
    assert [text.partition(" holds:")[0] for text in holds] == [
        "Cost", "Capacity", "Network", "Storage", "Access", "Secrets", "Order",
    ]  # fmt: skip
    assert not section.all("ul", class_="findings")


# ------------------------------------------------------------------------------------------------- wrong and waived


def test_findings_stand_on_top_with_their_lines(tmp_path: Path) -> None:
    page = tree_of(html_of(SPEC.replace("budget: {infra: 50, ai: 100}", "budget: {infra: 40, ai: 100}"), tmp_path))
    section = page.one("main").all("section")[0]
    assert section.one("h2").text == "1 finding"
    assert section.one("ul", class_="findings").text == (
        "agents.yaml:87:14 over-agent-budget prod: security-agent may cost $46.75 a month (Deployment security-agent "
        "$37.50, CronJob security-agent-vulnerability-scan $6.25, PersistentVolumeClaim security-agent-reports $3), "
        "$6.75 more than its budget of $40 "
        "Next step: make it smaller, raise the budget, or add a waiver with a reason, an owner and an end"
    )
    assert "Cost fails: 1 finding" in section.one("ul", class_="proofs").text
    over = page.one("tr", id="agent-security-agent").all("td")[2]
    assert "$46.75 of $40 over" in over.text
    assert over.all("rect", class_="fill")[0].attributes["width"] == "100.0%"


def test_a_waiver_is_shown_with_its_end_and_what_it_lets_be(tmp_path: Path) -> None:
    waivers = (
        "waivers:\n"
        "  - {rule: over-agent-budget, agent: security-agent, environment: prod, reason: '<b>audit</b>', owner: jo,"
        " until: '2026-03-31'}\n"
        "  - {rule: over-tier-budget, tier: '4', reason: later, owner: mo, until: '2025-12-31'}\n\nteams:\n"
    )
    text = SPEC.replace("budget: {infra: 50, ai: 100}", "budget: {infra: 40, ai: 100}").replace("teams:\n", waivers, 1)
    page = tree_of(html_of(text, tmp_path))
    section = page.one("section", id="proofs")
    assert section.one("h2").text == "Every proof holds"
    first, second = cells(section.one("table"))[1:]
    assert first[:5] == [
        "2026-03-31", "over-agent-budget", "agent security-agent in prod", "<b>audit</b>", "jo",
    ]  # fmt: skip
    assert first[5].startswith("prod: security-agent may cost $46.75 a month (")
    assert second[2:] == ["tier 4", "later", "mo", "nothing: its day has passed, or nothing needs it"]


def test_what_differs_between_environments_is_said_of_each(tmp_path: Path) -> None:
    spec = yaml.safe_load(SPEC)
    spec["tiers"] = {str(tier): value for tier, value in spec["tiers"].items()}
    agents = spec["agents"]
    agents["security-agent"]["environments"]["dev"] = {
        "image": "ghcr.io/example/security-agent:3.0.0-rc.1",
        "jobs": {"vulnerability-scan": {"schedule": "0 5 * * *", "suspend": True}},
    }
    agents["ai-agent"]["environments"]["staging"] = {"enabled": False}
    spec["environments"]["prod"]["freezes"] = [
        {"schedule": "0 0 20 12 *", "duration": "336h", "reason": "The year ends", "timeZone": "Europe/Zurich"}
    ]
    page = tree_of(html_of(as_yaml(spec), tmp_path))
    security, _, ai, _ = cells(page.one("table", id="agents-table"))[1:]
    assert "ghcr.io" not in security[0]
    assert "Image ghcr.io/example/security-agent:3.0.0-rc.1 Jobs 0 5 * * * vulnerability-scan suspended" in security[1]
    assert "Image ghcr.io/example/security-agent:2.1.0 Jobs 0 2 * * * vulnerability-scan" in security[3]
    assert ai[2] == "staging not deployed"
    titles = [heading.text for heading in page.one("section", id="network").all("h3")]
    assert titles == ["Everywhere: dev, staging, prod", "Only in dev, prod"]
    assert ["prod", "0 0 20 12 * Europe/Zurich", "336h", "The year ends"] in table_called(
        page, "Times without automatic sync"
    )


def test_what_is_not_declared_is_said_to_be_missing(tmp_path: Path) -> None:
    spec = {
        "apiVersion": "kustodian.dev/v1",
        "kind": "AgentFleet",
        "metadata": {"name": "fleet", "frameworkVersion": "1"},
        "gitops": {"repoURL": "https://example.com/fleet.git"},
        "kubernetes": {"version": "1.37", "platform": "eks"},
        "secretStore": {"provider": "aws", "region": "us-east-1", "identity": "reader"},
        "tiers": {"1": {}},
        "environments": {"dev": {}},
        "agents": {
            "worker": {
                "description": "It works",
                "tier": 1,
                "team": "team",
                "costCenter": "team",
                "image": "worker:1",
                "jobs": {"job": {"schedule": "0 0 * * *"}},
            }
        },
    }
    page = tree_of(html_of(as_yaml(spec), tmp_path))
    assert cells(page.one("table", id="agents-table"))[1] == [
        "worker tier 1 team It works worker:1 0 0 * * * job",
        "dev Replicas jobs only Sync automatic Infra $3.09 no budget AI $0",
    ]
    assert "an agent without one counts with what it may come to" in page.one("section", id="cost").text
    assert "No quota bounds it, and its cluster is not declared." in page.one("section", id="capacity").text
    assert "No remote keys must exist." in page.one("section", id="secrets").text
    assert not any("Fullest quota" in part.text for part in page.all("dl", class_="figures"))


# ------------------------------------------------------------------------------------------------------------- escaping

HOSTILE = "</title></style></script><script>alert(1)</script><img onerror=x>\"'&amp;{{ 7 }}{% raw %}"


def hostile_spec() -> str:
    spec = yaml.safe_load(SPEC)
    spec["tiers"] = {str(tier): value for tier, value in spec["tiers"].items()}
    spec["agents"]["security-agent"]["description"] = HOSTILE
    spec["environments"]["dev"]["freezes"] = [{"schedule": "0 0 1 1 *", "duration": "24h", "reason": HOSTILE}]
    spec["waivers"] = [
        {"rule": "over-tier-budget", "tier": "4", "reason": HOSTILE, "owner": HOSTILE, "until": "2026-12-31"}
    ]
    return as_yaml(spec)


def test_everything_of_the_spec_is_text(tmp_path: Path) -> None:
    page = tree_of(html_of(hostile_spec(), tmp_path))
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not page.all("img")
    assert page.one("tr", id="agent-security-agent").all("span", class_="description")[0].text == HOSTILE
    assert table_called(page, "Times without automatic sync")[1][3] == HOSTILE
    assert cells(page.one("section", id="proofs").one("table"))[1][3:5] == [HOSTILE, HOSTILE]


def test_only_our_style_and_script_may_run(reference: Element) -> None:
    policy = reference.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    hashes = [
        base64.b64encode(hashlib.sha256(str(reference.one(tag).parts[0]).encode()).digest()).decode()
        for tag in ("style", "script")
    ]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    for element in reference.all():
        assert not any(name.startswith("on") or name == "style" for name in element.attributes), element


def test_nothing_is_fetched(reference: Element) -> None:
    for element in reference.all():
        for name in ("src", "href", "srcset", "data", "poster", "xlink:href", "action"):
            assert element.attributes.get(name, "#").startswith(("#", "data:")), element
    style = str(reference.one("style").parts[0])
    assert "@import" not in style
    assert style.count("url(") == style.count("url(#") == 1


# ------------------------------------------------------------------------------------------------------- random, large


@given(spec=strategies.specs())
@settings(max_examples=15 * MORE)
def test_any_fleet_has_a_page(spec: strategies.Spec, tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        page = page_of(as_yaml(spec), tmp_path_factory.mktemp("fleet"))
    except Stop:
        assume(False)
    html = render.html(page)
    assert render.html(page) == html
    tree = tree_of(html)
    head, *rows = cells(tree.one("table", id="agents-table"))
    assert [cell.split()[0] for cell in head[1:]] == list(spec["environments"])
    assert [row[0].split()[0] for row in rows] == list(spec["agents"])
    descriptions = [cell.text for cell in tree.all("span", class_="description")]
    assert descriptions == [" ".join(agent["description"].split()) for agent in spec["agents"].values()]
    assert tree.one("section", id="proofs").one("h2").text == (
        "Every proof holds" if not page.problems else f"{page.problems} finding{'s' if page.problems > 1 else ''}"
    )


def test_a_large_fleet_has_a_page_that_loads(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "agents.yaml").write_text(fleet_of(200), encoding="utf-8")
    start = time.monotonic()
    run = kustodian("report", cwd=tmp_path)
    took = time.monotonic() - start
    assert run.stdout == "site/index.html: written\n"
    html = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert len(html.encode()) < 1_500_000
    assert took < 20, f"{took:.1f} s, where 2 s are normal"
    page = tree_of(html)
    assert len(page.one("table", id="agents-table").one("tbody").all("tr")) == 200
    assert not page.all("svg", class_="graph"), "nobody could read it"
    assert len(page.one("table", class_="matrix").one("tbody").all("tr")) == 201


# ---------------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "spec").mkdir()
    shutil.copy(REFERENCE, tmp_path / "spec")
    return tmp_path


def test_the_same_spec_gives_the_same_bytes(project: Path) -> None:
    first = kustodian("report", cwd=project, PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    assert (first.returncode, first.stdout, first.stderr) == (0, "site/index.html: written\n", "")
    second = kustodian("report", "--out", "other", cwd=project, PYTHONHASHSEED="2")
    assert second.stdout == "other/index.html: written\n"
    assert (project / "site/index.html").read_bytes() == (project / "other/index.html").read_bytes()
    digest = hashlib.sha256(REFERENCE.read_bytes()).hexdigest()
    assert f"SHA-256 of the spec: {digest}" in (project / "site/index.html").read_text(encoding="utf-8")
    again = kustodian("report", cwd=project)
    assert again.stdout == "site/index.html: unchanged\n"


def test_a_page_that_is_not_ours_stays(project: Path) -> None:
    own = project / "site" / "index.html"
    own.parent.mkdir()
    own.write_text("<!DOCTYPE html>\n<title>Ours</title>\n", encoding="utf-8")
    (own.parent / "other.css").write_text("p {}\n", encoding="utf-8")
    run = kustodian("report", cwd=project)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "site/index.html: error[not-ours]: exists and was not written by Kustodian; move it away or delete it\n"
        "1 problem; nothing was written\n"
    )
    assert own.read_text(encoding="utf-8") == "<!DOCTYPE html>\n<title>Ours</title>\n"
    own.unlink()
    assert kustodian("report", cwd=project).returncode == 0
    assert sorted(path.name for path in own.parent.iterdir()) == ["index.html", "other.css"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_older_page_of_ours_is_replaced(project: Path, newline: str) -> None:
    page = project / "site" / "index.html"
    page.parent.mkdir()
    older = "<!DOCTYPE html>\n<!-- Generated by Kustodian long ago -->\n"
    page.write_text(older, encoding="utf-8", newline=newline)
    assert kustodian("report", cwd=project).stdout == "site/index.html: written\n"
    assert disk.is_ours(page.read_bytes())


def test_a_page_is_written_where_a_proof_fails(project: Path) -> None:
    spec = project / "spec" / "agents.yaml"
    spec.write_text(SPEC.replace("budget: {infra: 50, ai: 100}", "budget: {infra: 40, ai: 100}"), encoding="utf-8")
    run = kustodian("report", cwd=project)
    assert (run.returncode, run.stdout) == (1, "site/index.html: written\n")
    assert run.stderr.startswith(
        "spec/agents.yaml:87:14: error[over-agent-budget]: prod: security-agent may cost $46.75"
    )
    assert run.stderr.endswith("\n1 problem\n")
    assert (
        "1 finding"
        in tree_of((project / "site/index.html").read_text(encoding="utf-8")).one("h2", id="proofs-title").text
    )


def test_a_bad_spec_writes_nothing(project: Path) -> None:
    spec = project / "spec" / "agents.yaml"
    spec.write_text(SPEC.replace("team: devops", "team: devop"), encoding="utf-8")
    run = kustodian("report", cwd=project)
    assert run.returncode == 2
    assert not (project / "site").exists()


def test_the_wheel_brings_the_templates(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    templates = {path.relative_to(ROOT).as_posix() for path in (ROOT / "generator/report/templates").iterdir()}
    assert len(templates) > 10
    assert templates <= packed


# ---------------------------------------------------------------------------------------------------------------- words


def test_figures_read_well() -> None:
    assert [words.usd(amount) for amount in (0, 12.5, 1600, 1234567.891)] == ["$0", "$12.50", "$1,600", "$1,234,567.89"]
    assert [words.quantity("bytes", amount) for amount in (0, 512 * 2**20, 6.75 * 2**30, -(2**30))] == [
        "0", "512Mi", "6.75Gi", "-1Gi",
    ]  # fmt: skip
    assert words.quantity("cores", 14.15) == "14.15"
    assert [words.percent(*pair) for pair in ((1, 3), (0, 0), (1, 0))] == [33.3, 0.0, 100.0]
    assert words.shortened("autoscaling.us-east-1.amazonaws.com", 20) == "autoscalin\u2026onaws.com"
    assert words.shortened("short", 5) == "short"


@pytest.mark.parametrize(
    ("ranges", "text"),
    [
        ([("TCP", 443, 443)], "TCP 443"),
        ([("TCP", 443, 443), ("TCP", 6443, 6443)], "TCP 443, 6443"),
        ([("TCP", 53, 53), ("UDP", 53, 53)], "TCP/UDP 53"),
        ([("TCP", 4317, 4318), ("UDP", 53, 53)], "TCP 4317-4318, UDP 53"),
        ([("TCP", 1, 65535)], "TCP any"),
        ([(protocol, 1, 65535) for protocol in ("TCP", "UDP", "SCTP")], "every port"),
    ],
)
def test_ports_read_well(ranges: list[tuple[str, int, int]], text: str) -> None:
    assert words.ports([{"protocol": p, "first": first, "last": last} for p, first, last in ranges]) == text
