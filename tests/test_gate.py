"""The gate: what needs an acknowledgement, which words give it, and that nothing else does."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from generator.model import Acknowledgement, is_change
from generator.review import gate
from generator.review.changes import Source, compare
from generator.review.consequences import Consequences, CostChange, Right, Way
from generator.review.gate import Guarded, Merge, guarded, judged
from generator.review.plan import Plan, Reference, Side, plan
from generator.review.words import one_word
from tests.plan_edits import EDITS
from tests.plan_support import SETTINGS, commit, git, planned, reference_repository, stopped
from tests.support import kustodian

TODAY = date(2026, 6, 1)
PROD, ARGOCD, SHARED = (
    Source(environment="prod", owner="helper"),
    Source(environment="", owner="argocd"),
    Source(environment="prod", owner="namespace"),
)
Manifest = dict[str, Any]


def manifest(version: str, kind: str, name: str = "x", namespace: str = "fleet-prod", **more: Any) -> Manifest:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def side(objects: Mapping[Source, list[Manifest]], sources: set[Source] | None = None) -> Side:
    return Side(
        reference=Reference(name="x", commit=None),
        sources=frozenset(objects if sources is None else sources),
        objects=objects,
        reports=None,
        environments=("prod",),
    )


def between(before: Mapping[Source, list[Manifest]], after: Mapping[Source, list[Manifest]]) -> Plan:
    everybody = {*before, *after}
    return plan(side(before, everybody), side(after, everybody), today=TODAY)


# ------------------------------------------------------------------------------------------------------------- removals


@pytest.mark.parametrize(
    ("version", "kind", "namespace", "rule"),
    [
        ("v1", "Namespace", "", "removes-namespace"),
        ("v1", "PersistentVolumeClaim", "fleet-prod", "removes-volume"),
        ("v1", "PersistentVolume", "", "removes-volume"),
        ("external-secrets.io/v1", "SecretStore", "fleet-prod", "removes-secret-store"),
        ("external-secrets.io/v1beta1", "ClusterSecretStore", "", "removes-secret-store"),
        ("postgresql.cnpg.io/v1", "Cluster", "fleet-prod", "removes-database"),
    ],
)
def test_what_cannot_be_had_back_is_guarded(version: str, kind: str, namespace: str, rule: str) -> None:
    gone = between({PROD: [manifest(version, kind, namespace=namespace)]}, {PROD: []})
    (one,) = gone.guarded
    assert (one.rule, one.change) == (rule, f"remove {'/'.join(filter(None, (kind, namespace, 'x')))}")
    assert one.message.startswith(f"this would {one.change}")
    assert is_change(one.change)
    # A new name is a new object: the old one goes.
    moved = between({PROD: [manifest(version, kind, namespace=namespace)]}, {PROD: [manifest(version, kind, "y")]})
    assert one.change in [each.change for each in moved.guarded]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("cluster.x-k8s.io/v1", "Cluster"),
        ("v1", "ConfigMap"),
        ("apps/v1", "Deployment"),
        ("other.io/v1", "SecretStore"),
    ],
)
def test_other_removals_need_no_acknowledgement(version: str, kind: str) -> None:
    assert between({PROD: [manifest(version, kind)]}, {PROD: []}).guarded == ()


def test_an_application_that_goes_while_its_overlay_stays() -> None:
    application = manifest(
        "argoproj.io/v1alpha1", "Application", "a", "argocd", spec={"source": {"path": "x/overlays/prod/helper"}}
    )
    before, after = {PROD: [], ARGOCD: [application]}, {PROD: [], ARGOCD: list[Manifest]()}
    (one,) = between(before, after).guarded
    assert (one.rule, one.change) == ("removes-application", "remove Application/argocd/a")
    # One whose overlay goes as well is the removal of its agent.
    with_agent = plan(side(before), side({ARGOCD: []}), today=TODAY)
    assert [one.change for one in with_agent.guarded] == ["remove Agent/prod/helper"]


def test_the_namespace_is_no_agent() -> None:
    gone = plan(side({SHARED: [manifest("v1", "Namespace", "fleet-prod", "")]}), side({}), today=TODAY)
    assert [one.change for one in gone.guarded] == ["remove Namespace/fleet-prod"]


# ------------------------------------------------------------------------------------------------------------- widening

NOTHING = Consequences(
    cost=CostChange(before=None, after=None, budget_before=None, budget=None),
    agents=(),
    figures=(),
    ways_gained=(),
    ways_lost=(),
    rights_gained=(),
    rights_lost=(),
    keys_gained=(),
    keys_lost=(),
)


def gains(*, ways: tuple[Way, ...] = (), rights: tuple[Right, ...] = (), before: set[Source]) -> tuple[Guarded, ...]:
    effects = Consequences(**{**vars(NOTHING), "ways_gained": ways, "rights_gained": rights})
    merge = Merge(
        changes=(),
        origins={},
        before=frozenset(before),
        after=frozenset({PROD, SHARED}),
        consequences={"prod": effects},
    )
    return guarded(merge)


WAY = Way(source="helper", target="internet", ports="TCP 443", agents=("helper",))
RIGHT = Right(who="ServiceAccount/fleet-prod/helper", may="get pods", agent="helper")


def test_a_way_that_no_object_explains_is_the_agents() -> None:
    (one,) = gains(ways=(WAY,), before={PROD, SHARED})
    assert (one.rule, one.change) == ("widens-network", "widen Agent/prod/helper")
    assert one.message == "this would widen Agent/prod/helper: helper may reach internet on TCP 443"
    assert one.paths[0] == ("agents", "helper", "environments", "prod", "talksTo")
    nobodys = Way(source="x", target="y", ports="TCP 1", agents=())
    assert [one.change for one in gains(ways=(nobodys,), before={PROD, SHARED})] == ["widen Environment/prod"]


def test_a_right_that_no_object_explains_is_its_subjects() -> None:
    (one,) = gains(rights=(RIGHT,), before={PROD, SHARED})
    assert (one.rule, one.change) == ("widens-permissions", "widen ServiceAccount/fleet-prod/helper")
    group = Right(who="Group/All of us @ team", may="get pods", agent="")
    (one,) = gains(rights=(group,), before={PROD, SHARED})
    assert one.change == f"widen Group/{one_word('All of us @ team')}"
    assert is_change(one.change)
    assert one_word("All of us") != one_word("All-of-us") != one_word("All/of us")


def test_what_a_newcomer_brings_is_one_change() -> None:
    assert [one.change for one in gains(ways=(WAY,), rights=(RIGHT,), before={SHARED})] == ["widen Agent/prod/helper"]
    assert [one.change for one in gains(ways=(WAY,), rights=(RIGHT,), before=set())] == ["widen Environment/prod"]


def test_what_was_open_by_address_already_widens_nothing() -> None:
    open_ = Way(source="helper", target="internet", ports="TCP 443", agents=("helper",), by_address=True)
    assert gains(ways=(open_,), before={PROD, SHARED}) == ()


def test_a_wider_object_explains_the_ways_of_its_agent() -> None:
    def policy(*ports: int) -> Manifest:
        egress = [{"ports": [{"port": port, "protocol": "TCP"} for port in ports]}]
        spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": egress}
        return manifest("networking.k8s.io/v1", "NetworkPolicy", spec=spec)

    changes = compare({PROD: [policy(443)]}, {PROD: [policy(443, 5432)]})
    effects = Consequences(**{**vars(NOTHING), "ways_gained": (WAY,)})
    merge = Merge(
        changes=changes,
        origins={},
        before=frozenset({PROD}),
        after=frozenset({PROD}),
        consequences={"prod": effects},
    )
    (one,) = guarded(merge)
    assert (one.rule, one.change) == ("widens-network", "widen NetworkPolicy/fleet-prod/x")
    assert one.reasons == ("helper may reach internet on TCP 443",)


# ----------------------------------------------------------------------------------------------------- acknowledgements

VOLUME = "remove PersistentVolumeClaim/fleet-prod/x"
STOPPED = Guarded(
    rule="removes-volume", change=VOLUME, reasons=("data is lost",), paths=(), folder="overlays/prod/helper"
)


def entry(change: str = VOLUME, until: str = "2026-06-01") -> Acknowledgement:
    return Acknowledgement(change=change, reason="moved to S3", owner="ops", until=until)


@pytest.mark.parametrize("said", [VOLUME, f"  {VOLUME} ", VOLUME.replace(" ", "   ")])
def test_a_trailer_acknowledges_its_change(said: str) -> None:
    (one,), unused = judged([STOPPED], [said], [], TODAY)
    assert (one.acknowledged, unused) == ("in a commit message", ())


@pytest.mark.parametrize(
    "said",
    [
        "remove PersistentVolumeClaim/fleet-prod/*",
        "remove PersistentVolumeClaim/fleet-prod/xy",
        "remove PersistentVolumeClaim/fleet-dev/x",
        "widen PersistentVolumeClaim/fleet-prod/x",
        "remove Agent/prod/helper",
        "remove persistentvolumeclaim/fleet-prod/x",
        f"{VOLUME} {VOLUME}",
        "*",
        "",
    ],
)
def test_nothing_else_does(said: str) -> None:
    (one,), unused = judged([STOPPED], [said], [entry(said)], TODAY)
    assert one.acknowledged == ""
    assert unused == ((said,) if said or unused else ())


def test_an_entry_of_the_spec_holds_to_its_last_day() -> None:
    (one,), _ = judged([STOPPED], [], [entry()], TODAY)
    assert one.acknowledged == "by ops until 2026-06-01: moved to S3"
    (one,), _ = judged([STOPPED], [], [entry(until="2026-05-31")], TODAY)
    assert (one.acknowledged, one.ended) == ("", "2026-05-31")
    assert one.message == f"this would {VOLUME}: data is lost (its acknowledgement ended on 2026-05-31)"
    (one,), _ = judged([STOPPED], [], [entry(until="2026-05-31"), entry(until="2026-12-31")], TODAY)
    assert one.acknowledged
    (one,), _ = judged([STOPPED], [VOLUME], [entry(until="2026-05-31")], TODAY)
    assert one.acknowledged == "in a commit message"


def test_a_message_stays_short() -> None:
    many = Guarded(rule="x", change="widen A/b", reasons=tuple("abcdef"), paths=(), folder="")
    assert many.message == "this would widen A/b: a; b; c; d; and 2 more"
    assert many.hint == (
        "if it is meant, put this line at the end of a commit message: Kustodian-Acknowledge: widen A/b"
    )
    assert gate.MOST_REASONS == 4


# ------------------------------------------------------------------------------------------------------ as a command

NEEDED = [
    f"remove {what}"
    for what in (
        *(f"Agent/{environment}/architect-agent" for environment in ("dev", "prod", "staging")),
        *(
            f"PersistentVolumeClaim/ai-agents-{environment}/architect-agent-designs"
            for environment in ("dev", "prod", "staging")
        ),
    )
]


@pytest.mark.usefixtures("tools")
def test_a_removed_agent_needs_a_line_for_itself_and_for_each_volume(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    EDITS["removed-agent"](root)
    run = kustodian("plan", "--from", "main", "--gate", cwd=root, **SETTINGS)
    assert run.returncode == 1
    *lines, last = run.stderr.splitlines()
    assert last == "6 problems"
    assert lines[0] == (
        "overlays/dev/architect-agent: error[removes-agent]: this would remove Agent/dev/architect-agent; if it is "
        "meant, put this line at the end of a commit message: Kustodian-Acknowledge: remove Agent/dev/architect-agent"
    )
    assert kustodian("plan", "--from", "main", cwd=root, **SETTINGS).returncode == 0
    for one in NEEDED:
        assert f"Kustodian-Acknowledge: {one}" in run.stdout
    # Each answers for itself, whichever commit it stands in; those of what is merged into count for nothing.
    git(root, "checkout", "--quiet", "-b", "feature")
    base = commit(root, "not the end of the message", "Kustodian-Acknowledge: " + NEEDED[5], "", "More words.")
    assert [problem.rule for problem in stopped(root, "main")] == ["removes-agent", "removes-volume"] * 3
    for one in NEEDED[:4]:
        commit(root, "acknowledge", f"Kustodian-Acknowledge: {one}")
    assert [problem.message.split(":")[0] for problem in stopped(root)] == [f"this would {one}" for one in NEEDED[4:]]
    commit(root, "the rest", *(f"Kustodian-Acknowledge: {one}" for one in NEEDED[4:]))
    good = kustodian("plan", "--from", "main", "--gate", cwd=root, **SETTINGS)
    assert (good.returncode, good.stderr) == (0, "")
    assert f"{NEEDED[0]}: acknowledged in a commit message" in good.stdout
    assert planned(root, base, "HEAD").notes == tuple(
        f"a commit acknowledges `{one}`, which is not in this plan" for one in sorted(NEEDED)
    )


@pytest.mark.usefixtures("tools")
def test_the_spec_acknowledges_too_and_is_pointed_at(tmp_path: Path) -> None:
    root = reference_repository(tmp_path / "repository")
    EDITS["removed-volume"](root)
    spec = root / "spec" / "agents.yaml"
    agent = spec.read_text().partition("  architect-agent:\n")[0].count("\n") + 1
    found = stopped(root)
    assert [(problem.where.line, problem.rule) for problem in found] == [(agent, "removes-volume")] * 3
    entries = "".join(
        f"  - {{change: remove PersistentVolumeClaim/ai-agents-{name}/architect-agent-designs, reason: r, owner: o, "
        f"until: {until}}}\n"
        for name, until in (("dev", "2999-12-31"), ("staging", "2020-01-01"))
    )
    spec.write_text(spec.read_text().replace("\nagents:\n", f"\nacknowledgements:\n{entries}\nagents:\n"))
    left = [problem.message for problem in stopped(root)]
    assert len(left) == 2
    assert left[0].startswith("this would remove PersistentVolumeClaim/ai-agents-prod/architect-agent-designs: ")
    assert left[1].endswith(" (its acknowledgement ended on 2020-01-01)")


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        ("limit", []),
        ("image", []),
        ("internet", []),
        ("new-agent", [f"widen Agent/{name}/release-agent" for name in ("dev", "prod", "staging")]),
        ("role", [f"widen Role/ai-agents-{name}/it-ops-agent" for name in ("dev", "prod", "staging")]),
        ("egress", [f"widen NetworkPolicy/ai-agents-{name}/architect-agent" for name in ("dev", "prod", "staging")]),
        ("new-environment", ["widen AppProject/argocd/ai-agents-namespaces", "widen Environment/qa"]),
    ],
)
def test_real_edits_need_as_many_lines_as_there_are_things_to_answer_for(
    edit: str, changes: list[str], tmp_path: Path
) -> None:
    root = reference_repository(tmp_path / "repository")
    EDITS[edit](root)
    assert [one.change for one in planned(root).guarded] == changes
    assert all(map(is_change, changes))
