"""The secrets proof: every rule broken alone, and what a new value reaches.

tests/proof_faults/secrets.yaml is sound. No spec can break these rules, only a fault in a builder: objects are changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from generator import names
from generator.proofs import secrets
from generator.proofs.references import SecretUse
from generator.proofs.references import secrets as uses_of
from generator.proofs.secrets.report import SecretsReport
from generator.spec import build
from tests.proof_support import expected_in, lines_and_rules
from tests.proof_worlds import (
    FAULTS,
    Fault,
    Manifest,
    World,
    marked,
    proved,
    schema_of,
    undescribed,
    world_of,
)
from tests.rules_in_source import rules_of
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, fleet_at

SOUND = (FAULTS / "secrets.yaml").read_text(encoding="utf-8")
SCHEMA = schema_of(secrets)
RELOAD = "secret.reloader.stakater.com/reload"
OWN = "secrets: [github-token]"
SHARED = "secretStore: {provider"


def variables(world: World, kind: str = "Deployment", name: str = "helper") -> list[Manifest]:
    found: list[Manifest] = world.pod(kind, name)["containers"][0]["env"]
    return found


def reads(secret: str, key: str = "x", name: str = "X", **more: Any) -> Callable[[World], None]:
    """The helper reads this as a variable, and Reloader knows."""

    def tamper(world: World) -> None:
        env = variables(world)
        env[:] = [one for one in env if one["name"] != name]
        env.append({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key, **more}}})
        read = dict.fromkeys(use.secret for use in uses_of(world.pod("Deployment", "helper")))
        annotate(",".join(read))(world)

    return tamper


def reads_all_of(secret: str) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.pod("Deployment", "helper")["containers"][0]["envFrom"].append({"secretRef": {"name": secret}})

    return tamper


def without_its_token(world: World) -> None:
    variables(world, "CronJob", "other-report").pop()


def swapped(world: World) -> None:
    """Each of two variables has the other's value."""
    for kind, name in (("Deployment", "helper"), ("CronJob", "helper-scan")):
        first, second = (
            one for one in variables(world, kind, name) if one["name"] in ("GITHUB_TOKEN", "REDIS_PASSWORD")
        )
        first["valueFrom"], second["valueFrom"] = second["valueFrom"], first["valueFrom"]


def set_to(name: str, **value: Any) -> Callable[[World], None]:
    """A variable once more, after the Secret's: the last one counts."""

    def tamper(world: World) -> None:
        variables(world).append({"name": name, **value})

    return tamper


def store(provider: str, **settings: Any) -> Callable[[World], None]:
    """The store with these settings, or without those that are None."""

    def tamper(world: World) -> None:
        found = world.the("SecretStore")["spec"]["provider"][provider]
        found |= settings
        for key in [key for key, value in settings.items() if value is None]:
            del found[key]

    return tamper


def entry(name: str = "helper", **fields: Any) -> Callable[[World], None]:
    """One more entry of an ExternalSecret."""

    def tamper(world: World) -> None:
        world.the("ExternalSecret", name)["spec"]["data"].append(fields)

    return tamper


def remote_with(**fields: Any) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.the("ExternalSecret", "helper")["spec"]["data"][0]["remoteRef"] |= fields

    return tamper


def with_object(kind: str, group: str) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.add("helper", kind, "one")["apiVersion"] = f"{group}/v1alpha1"

    return tamper


def with_volume(**source: Any) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.pod("Deployment", "helper")["volumes"].append({"name": "more", **source})

    return tamper


def extra_store(kind: str) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.add("namespace", kind, "spare", spec={"provider": {"aws": {"region": "us-east-1"}}})

    return tamper


def annotate(value: str) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.the("Deployment", "helper")["metadata"]["annotations"][RELOAD] = value

    return tamper


def annotated(**annotations: str) -> Callable[[World], None]:
    """With these annotations and without that which names the Secrets; `_` stands for a slash."""

    def tamper(world: World) -> None:
        found = world.the("Deployment", "helper")["metadata"]["annotations"]
        del found[RELOAD]
        found |= {key.replace("__", "/").replace("_", "."): value for key, value in annotations.items()}

    return tamper


def external(name: str, **spec: Any) -> Callable[[World], None]:
    """The external secret of the namespace or of an agent, with these fields."""

    def tamper(world: World) -> None:
        world.the("ExternalSecret", name)["spec"] |= spec

    return tamper


def remote(key: str, name: str = "helper") -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.the("ExternalSecret", name)["spec"]["data"][0]["remoteRef"]["key"] = key

    return tamper


def another(creation_policy: str) -> Callable[[World], None]:
    """A second ExternalSecret for the helper's Secret."""

    def tamper(world: World) -> None:
        spec = dict(world.the("ExternalSecret", "helper")["spec"])
        target = {"name": "helper", "creationPolicy": creation_policy}
        world.add("helper", "ExternalSecret", "second", spec=spec | {"target": target})

    return tamper


def store_in(namespace: str) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.the("SecretStore")["metadata"]["namespace"] = namespace

    return tamper


def pulls(secret: str) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        (dev, *others) = world.fleet.environments
        agents = tuple(replace(agent, image_pull_secret="registry") for agent in dev.agents)
        world.fleet = replace(world.fleet, environments=(replace(dev, agents=agents), *others))
        world.pod("Deployment", "helper")["imagePullSecrets"] = [{"name": secret}]

    return tamper


def with_secret(**data: Any) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.add("helper", "Secret", "own", **data)

    return tamper


NOT_DECLARED = "which the spec does not give it; name it under `secrets`, or report a bug"
GIVEN = "give each pod every secret that the spec gives its agent"
OWN_NAME = "fetch each secret by its own name"
AS_OFTEN = "fetch them as often as secretStore.refreshInterval says"
JUDGED = "which this proof cannot judge; list each secret by its name under `secrets`"
BUILD = "build what the spec says"

FAULTS_ = [
    Fault(
        rule="secret-missing",
        tamper=external("helper", target={"name": "helper", "creationPolicy": "None"}),
        at=OWN,
        says="dev: Deployment helper reads github-token of the Secret helper (variable GITHUB_TOKEN), "
        "which nothing makes; fetch it by an ExternalSecret\n"
        "dev: CronJob helper-scan reads github-token of the Secret helper (variable GITHUB_TOKEN), "
        "which nothing makes; fetch it by an ExternalSecret",
        fine_tamper=external("helper", target={"name": "helper", "creationPolicy": "Orphan"}),
    ),
    Fault(
        rule="secret-missing",
        tamper=external("other", data=[]),
        at="secrets: [jira-token]",
        says="dev: CronJob other-report reads jira-token of the Secret other (variable JIRA_TOKEN), "
        "which nothing puts there; fetch it by an ExternalSecret",
        fine_tamper=another("Merge"),
    ),
    *(
        Fault(
            rule="undeclared-secret",
            tamper=reads(secret, key),
            at=OWN,
            says=f"dev: Deployment helper reads {key} of the Secret {secret} (variable X), {NOT_DECLARED}",
            fine_tamper=reads("shared", "redis-password", "REDIS_PASSWORD"),
        )
        # Of nobody, of another agent, shared but not with this one, and its own under another name.
        for secret, key in (
            ("nothing", "x"),
            ("other", "jira-token"),
            ("shared", "spare-key"),
            ("helper", "github-token"),
        )
    ),
    Fault(
        rule="undeclared-secret",
        tamper=reads_all_of("shared"),
        at=OWN,
        says=f"dev: Deployment helper reads all of the Secret shared (variable *), {NOT_DECLARED}",
        fine_tamper=set_to("Y", value="y"),
    ),
    Fault(
        rule="undeclared-secret",
        tamper=pulls("registri"),
        at=OWN,
        says=f"dev: Deployment helper reads all of the Secret registri (image registri), {NOT_DECLARED}",
        # A person makes the one that the spec names.
        fine_tamper=pulls("registry"),
    ),
    Fault(
        rule="secret-not-given",
        tamper=without_its_token,
        at="secrets: [jira-token]",
        says=f"dev: CronJob other-report has no variable JIRA_TOKEN, as which the spec gives it jira-token; {GIVEN}",
        fine_tamper=reads("helper", "github-token", "GITHUB_TOKEN"),
    ),
    Fault(
        rule="secret-not-given",
        tamper=reads("helper", "github-token", "GITHUB_TOKEN", optional=True),
        at=OWN,
        says=f"dev: Deployment helper would start without GITHUB_TOKEN, which is optional there; {GIVEN}",
        fine_tamper=reads("helper", "github-token", "GITHUB_TOKEN", optional=False),
    ),
    Fault(
        rule="wrong-secret",
        tamper=swapped,
        at=OWN,
        says="\n".join(
            f"dev: {what} has {has} as {variable}, and the spec means {means}; "
            "give each variable the secret of its name"
            for what in ("Deployment helper", "CronJob helper-scan")
            for variable, has, means in (
                ("REDIS_PASSWORD", "github-token of the Secret helper", "redis-password of shared"),
                ("GITHUB_TOKEN", "redis-password of the Secret shared", "github-token of helper"),
            )
        ),
        fine_tamper=lambda world: variables(world).reverse(),
    ),
    *(
        Fault(
            rule="wrong-secret",
            tamper=set_to("GITHUB_TOKEN", **value),
            at=OWN,
            says="dev: Deployment helper has something else than a Secret's value as GITHUB_TOKEN; "
            "give each variable the secret of its name",
            fine_tamper=set_to("GITHUB_TOKENS", **value),
        )
        for value in ({"value": "x"}, {"valueFrom": {"configMapKeyRef": {"name": "helper-config", "key": "x"}}})
    ),
    *(
        Fault(
            rule="wrong-secret",
            tamper=remote_with(**fields),
            at=OWN,
            says=f"dev: ExternalSecret helper fetches {got} as github-token, and the spec means "
            f"/fleet/dev/helper/github-token; {OWN_NAME}",
            fine_tamper=remote_with(key="/fleet/dev/helper/github-token"),
        )
        for fields, got in (
            ({"key": "/fleet/dev/helper/github-token-2"}, "/fleet/dev/helper/github-token-2"),
            ({"property": "old"}, "/fleet/dev/helper/github-token (old)"),
        )
    ),
    Fault(
        rule="secret-unused",
        tamper=entry(secretKey="more", remoteRef={"key": "/fleet/dev/helper/more"}),
        at=OWN,
        says="dev: ExternalSecret helper fetches /fleet/dev/helper/more as more, which no spec lists and no pod reads; "
        "fetch what the spec lists, and nothing else",
        fine_tamper=entry(secretKey="github-token", remoteRef={"key": "/fleet/dev/helper/github-token"}),
    ),
    *(
        Fault(
            rule="unread-secret",
            tamper=tamper,
            at=OWN,
            says=f"dev: {says}, {JUDGED}",
            fine_tamper=fine,
        )
        for tamper, says, fine in (
            (
                external("helper", dataFrom=[{"find": {"path": "/fleet/prod"}}]),
                "ExternalSecret helper has spec.dataFrom",
                external("helper", refreshPolicy="Periodic"),
            ),
            (
                external("helper", target={"name": "helper", "template": {"data": {"a": "b"}}}),
                "ExternalSecret helper has spec.target.template",
                external("helper", target={"name": "helper"}),
            ),
            (
                entry(secretKey="github-token", remoteRef={"key": "/fleet/dev/helper/github-token"}, sourceRef={}),
                "ExternalSecret helper has spec.data.sourceRef",
                entry(secretKey="github-token", remoteRef={"key": "/fleet/dev/helper/github-token"}),
            ),
            (
                remote_with(version="1", decodingStrategy="Base64"),
                "ExternalSecret helper has spec.data.remoteRef.decodingStrategy Base64 and spec.data.remoteRef.version",
                remote_with(decodingStrategy="None"),
            ),
            (
                with_object("PushSecret", "external-secrets.io"),
                "PushSecret one is of a kind",
                with_object("ConfigMap", "example.com"),
            ),
            (
                with_volume(csi={"driver": "x", "nodePublishSecretRef": {"name": "shared"}}),
                "Deployment helper has the volume more",
                with_volume(csi={"driver": "x"}),
            ),
        )
    ),
    *(
        Fault(
            rule="wrong-store",
            tamper=tamper,
            at=SHARED,
            says=f"dev: {says}; {BUILD}",
            fine_tamper=store("aws", region="us-east-1"),
        )
        for tamper, says in (
            (
                store("aws", region="eu-west-1"),
                "SecretStore secret-store is not as the spec says in spec.provider.aws.region",
            ),
            (store("aws", auth=None), "SecretStore secret-store is not as the spec says in spec.provider.aws.auth"),
            (
                store("aws", auth={"jwt": {"serviceAccountRef": {"name": "helper"}}}),
                "SecretStore secret-store is not as the spec says in spec.provider.aws.auth.jwt.serviceAccountRef.name",
            ),
            (
                store("aws", auth={"secretRef": {"accessKeyIDSecretRef": {"name": "x", "key": "y"}}}),
                "SecretStore secret-store is not as the spec says in spec.provider.aws.auth.jwt and "
                "spec.provider.aws.auth.secretRef",
            ),
            (extra_store("SecretStore"), "SecretStore spare is no store of the spec"),
            (extra_store("ClusterSecretStore"), "ClusterSecretStore spare is no store of the spec"),
        )
    ),
    *(
        Fault(
            rule="rotation-ignored",
            tamper=external("helper", **spec),
            at=OWN,
            says=f"dev: ExternalSecret helper {says}; {AS_OFTEN}",
            fine_tamper=external("helper", refreshPolicy="Periodic"),
        )
        for spec, says in (
            ({"refreshInterval": "0"}, "has the refreshInterval 0, and so fetches no new value"),
            ({"refreshInterval": "0h0m0s"}, "has the refreshInterval 0h0m0s, and so fetches no new value"),
            ({"refreshInterval": "8760h0m0s"}, "fetches new values every 8760h0m0s, and the spec says 1h"),
            ({"refreshPolicy": "CreatedOnce"}, "has the refreshPolicy CreatedOnce, and so fetches no new value"),
        )
    ),
    Fault(
        rule="secret-in-repository",
        tamper=with_secret(stringData={"a": "b"}),
        at=OWN,
        says="dev: Secret own stands in the repository with its values; let an ExternalSecret fetch it",
        fine_tamper=with_secret(data={}),
    ),
    Fault(
        rule="secret-owned-twice",
        tamper=another("Owner"),
        at=OWN,
        says="dev: ExternalSecret second owns the Secret helper, as does ExternalSecret helper; "
        "give each a Secret of its own",
        fine_tamper=another("Merge"),
    ),
    Fault(
        rule="store-missing",
        tamper=external("helper", secretStoreRef={"kind": "ClusterSecretStore", "name": "secret-store"}),
        at="secretStore: {provider",
        says="dev: ExternalSecret helper takes its values from the ClusterSecretStore secret-store, "
        "which nothing makes; name the namespace's own store",
        fine_tamper=external("helper", secretStoreRef={"name": "secret-store"}),
    ),
    Fault(
        rule="store-missing",
        tamper=store_in("fleet-prod"),
        at="secretStore: {provider",
        says="dev: ExternalSecret helper takes its values from the SecretStore secret-store, "
        "which is in fleet-prod; name the namespace's own store\n"
        "dev: ExternalSecret other takes its values from the SecretStore secret-store, "
        "which is in fleet-prod; name the namespace's own store\n"
        "dev: ExternalSecret shared takes its values from the SecretStore secret-store, "
        "which is in fleet-prod; name the namespace's own store",
        fine_tamper=store_in("fleet-dev"),
    ),
    Fault(
        rule="secret-of-another-environment",
        tamper=remote("/fleet/prod/helper/github-token"),
        at=OWN,
        says="dev: ExternalSecret helper fetches /fleet/prod/helper/github-token, a secret of prod; "
        "give each environment values of its own",
        fine_tamper=remote("/fleet/dev/helper/github-token"),
    ),
    Fault(
        rule="secret-of-another-environment",
        tamper=remote("/fleet/prod/shared/redis-password", "shared"),
        at=SHARED,
        says="dev: ExternalSecret shared fetches /fleet/prod/shared/redis-password, a secret of prod; "
        "give each environment values of its own",
        fine_tamper=remote("/fleet/dev/shared/redis-password", "shared"),
    ),
    *(
        Fault(
            rule="secret-of-another-agent",
            tamper=remote(key),
            at=OWN,
            says=f"dev: ExternalSecret helper fetches {key}, which is not below /fleet/dev/helper/; "
            "give each agent values of its own",
            fine_tamper=remote("/fleet/dev/helper/github-token"),
        )
        for key in ("/fleet/dev/other/jira-token", "/fleet/dev/helper-2/github-token", "/elsewhere/x")
    ),
    Fault(
        rule="rotation-ignored",
        tamper=annotate("helper"),
        at=OWN,
        says="dev: Deployment helper does not see a new value of the Secret shared: nothing restarts it; "
        f"name the Secret in its annotation {RELOAD}",
        fine_tamper=annotate("shared, helper"),
    ),
    Fault(
        rule="rotation-ignored",
        tamper=annotated(reloader_stakater_com__auto="false"),
        at=OWN,
        says="dev: Deployment helper does not see a new value of the Secret shared: nothing restarts it; "
        f"name the Secret in its annotation {RELOAD}\n"
        "dev: Deployment helper does not see a new value of the Secret helper: nothing restarts it; "
        f"name the Secret in its annotation {RELOAD}",
        fine_tamper=annotated(reloader_stakater_com__auto="true"),
    ),
    Fault(
        rule="needless-restart",
        tamper=annotate("helper,shared,other"),
        at=OWN,
        says="dev: Deployment helper is restarted for the Secret other, which it does not read; "
        f"take it out of its annotation {RELOAD}",
        fine_tamper=annotate("helper,shared,"),
    ),
]


def by_rule(fault: Fault) -> str:
    return fault.rule


def test_the_sound_fleet_is_sound(tmp_path: Path) -> None:
    assert proved(secrets, SOUND, tmp_path, None)[1] == []


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_one_fault_is_found_at_the_line_that_causes_it_in_these_words(fault: Fault, tmp_path: Path) -> None:
    text = marked(SOUND, fault)
    problems = proved(secrets, text, tmp_path, fault.tamper)[1]
    assert [str(problem).partition("]: ")[2] for problem in problems] == sorted(fault.says.split("\n"))
    assert set(lines_and_rules(problems)) == set(expected_in(text))
    assert {problem.rule for problem in problems} == {fault.rule}


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_the_neighbour_of_a_fault_passes(fault: Fault, tmp_path: Path) -> None:
    assert fault.fine_tamper
    assert [str(problem) for problem in proved(secrets, SOUND, tmp_path, fault.fine_tamper)[1]] == []


def test_every_rule_is_broken_by_a_case() -> None:
    assert {fault.rule for fault in FAULTS_} == rules_of(Path(secrets.__file__).parent)


def test_a_key_of_another_environment_is_seen_whatever_the_store() -> None:
    for provider in ("azure", "gcp", "vault"):
        world = World.of(fleet_at(Path(__file__).parent / "golden" / f"secrets-{provider}" / "agents.yaml"))
        assert secrets.prove(world.evidence()).findings == ()
        (environment,) = world.objects
        found = world.the("ExternalSecret", "shared", environment)["spec"]["data"][0]["remoteRef"]
        found["key"] = found["key"].replace(environment, "elsewhere")
        assert [one.rule for one in secrets.prove(world.evidence()).findings] == ["secret-of-another-agent"]


def leaves(value: Any) -> Iterator[tuple[Manifest | list[Any], Any]]:
    """Every value that is no block, as the block and the key in it."""
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(item, dict | list):
            yield from leaves(item)
        else:
            yield value, key


@pytest.mark.parametrize("provider", ["aws", "azure", "gcp", "vault", "fake"])
def test_a_store_is_what_the_spec_says_to_the_last_field(provider: str) -> None:
    world = World.of(fleet_at(Path(__file__).parent / "golden" / f"secrets-{provider}" / "agents.yaml"))
    (environment,) = world.objects
    spec = world.the("SecretStore", environment=environment)["spec"]
    fields = list(leaves(spec))
    assert len(fields) >= 2
    for block, key in fields:
        was, block[key] = block[key], "other"
        (finding,) = secrets.prove(world.evidence()).findings
        assert finding.rule == "wrong-store"
        assert "other" not in finding.message
        block[key] = was
    assert secrets.prove(world.evidence()).findings == ()


# -------------------------------------------------------------------------------------------------------------- reading


def test_every_way_to_take_a_secret_is_seen() -> None:
    pod = {
        "initContainers": [{"envFrom": [{"prefix": "P_", "secretRef": {"name": "a", "optional": True}}]}],
        "containers": [
            {"env": [{"name": "V", "valueFrom": {"secretKeyRef": {"name": "b", "key": "k"}}}, {"name": "W"}]}
        ],
        "volumes": [
            {"name": "whole", "secret": {"secretName": "c"}},
            {"name": "part", "secret": {"secretName": "d", "optional": True, "items": [{"key": "k", "path": "x"}]}},
            {"name": "mixed", "projected": {"sources": [{"secret": {"name": "e"}}, {"configMap": {"name": "no"}}]}},
            {"name": "none", "emptyDir": {}},
        ],
        "imagePullSecrets": [{"name": "f"}],
    }
    assert list(uses_of(pod)) == [
        SecretUse(secret="a", key=None, form="variable", name="P_*", optional=True),
        SecretUse(secret="b", key="k", form="variable", name="V"),
        SecretUse(secret="c", key=None, form="file", name="whole"),
        SecretUse(secret="d", key="k", form="file", name="part", optional=True),
        SecretUse(secret="e", key=None, form="file", name="mixed"),
        SecretUse(secret="f", key=None, form="image", name="f"),
    ]


def reached(report: SecretsReport) -> dict[str, set[tuple[str, str, str]]]:
    return {
        key.key: {(one.name, one.variable, one.on_rotation) for one in key.consumers}
        for key in report.environments[0].keys
    }


def test_the_report_says_whom_a_new_value_reaches_and_how() -> None:
    world = world_of("secrets")
    pod = world.pod("Deployment", "helper")
    pod["volumes"].append({"name": "spare", "secret": {"secretName": "shared", "items": [{"key": "spare-key"}]}})
    assert reached(secrets.prove(world.evidence())) == {
        "/fleet/dev/shared/redis-password": {
            ("helper", "REDIS_PASSWORD", "restart"),
            ("helper-scan", "REDIS_PASSWORD", "next run"),
        },
        "/fleet/dev/shared/observability-api-key": {
            ("helper", "OBSERVABILITY_API_KEY", "restart"),
            ("helper-scan", "OBSERVABILITY_API_KEY", "next run"),
        },
        "/fleet/dev/shared/spare-key": {("helper", "spare", "restart")},
        "/fleet/dev/helper/github-token": {
            ("helper", "GITHUB_TOKEN", "restart"),
            ("helper-scan", "GITHUB_TOKEN", "next run"),
        },
        "/fleet/dev/other/jira-token": {("other-report", "JIRA_TOKEN", "next run")},
    }
    assert [key.refresh_interval for key in secrets.prove(world.evidence()).environments[1].keys] == ["15m"] * 5


def test_a_file_changes_in_a_running_pod() -> None:
    world = world_of("secrets")
    annotate("helper,shared")(world)
    world.pod("Deployment", "helper")["volumes"].append({"name": "f", "secret": {"secretName": "other"}})
    assert ("helper", "f", "file") in reached(secrets.prove(world.evidence()))["/fleet/dev/other/jira-token"]


@settings(max_examples=15 * MORE)
@given(specs())
def test_a_deployment_is_restarted_for_what_it_reads_and_for_nothing_else(spec: Spec) -> None:
    world = World.of(build.fleet(spec))
    report = secrets.prove(world.evidence())
    assert report.findings == ()
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)
    for objects in world.objects.values():
        for manifest in (one for manifests in objects.values() for one in manifests if one["kind"] == "Deployment"):
            read_ = {use.secret for use in uses_of(manifest["spec"]["template"]["spec"])}
            named = manifest["metadata"]["annotations"].get(RELOAD, "")
            assert set(filter(None, named.split(","))) == read_ <= {manifest["metadata"]["name"], names.SHARED_SECRET}


# ----------------------------------------------------------------------------------------------------------- the report


def test_the_shipped_fleet_passes_and_its_json_is_as_its_schema_says() -> None:
    report = secrets.prove(World.of(fleet_at(REFERENCE)).evidence())
    assert report.findings == ()
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)
    assert all(key.consumers for environment in report.environments for key in environment.keys)


def test_a_broken_report_is_as_its_schema_says_too() -> None:
    world = world_of("secrets")
    reads("nothing")(world)
    world.remove("SecretStore", "secret-store")
    report = secrets.prove(world.evidence())
    assert {one.rule for one in report.findings} == {"undeclared-secret", "store-missing"}
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)


def test_the_schema_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert [line for line in undescribed(SCHEMA) if "/settings:" not in line] == []
