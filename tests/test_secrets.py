"""The secrets proof: every rule broken alone, what a new value reaches, and a script that is run and tells no value.

tests/proof_faults/secrets.yaml is sound. No spec can break these rules, only a fault in a builder: objects are changed.
"""

import os
import pty
import select
import stat
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from generator import names
from generator.model import FakeStore
from generator.proofs import secrets
from generator.proofs.references import SecretUse
from generator.proofs.references import secrets as uses_of
from generator.proofs.secrets import creation
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
    read,
    schema_of,
    undescribed,
    world_of,
)
from tests.rules_in_source import rules_of
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, fleet_at, kustodian

SOUND = (FAULTS / "secrets.yaml").read_text(encoding="utf-8")
SCHEMA = schema_of(secrets)
RELOAD = "secret.reloader.stakater.com/reload"
OWN = "secrets: [github-token]"
SHARED = "secretStore: {provider"


def variables(world: World, kind: str = "Deployment", name: str = "helper") -> list[Manifest]:
    found: list[Manifest] = world.pod(kind, name)["containers"][0]["env"]
    return found


def reads(secret: str, key: str = "x", **more: Any) -> Callable[[World], None]:
    """The helper reads this as a variable, and Reloader knows."""

    def tamper(world: World) -> None:
        reference = {"name": secret, "key": key, **more}
        variables(world).append({"name": "X", "valueFrom": {"secretKeyRef": reference}})
        annotate(f"helper,shared,{secret}")(world)

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


def nobody_reads_it(world: World) -> None:
    variables(world, "CronJob", "other-report").pop()


def only_the_job_reads_it(world: World) -> None:
    variables(world).pop()
    annotate("shared")(world)


def with_secret(**data: Any) -> Callable[[World], None]:
    def tamper(world: World) -> None:
        world.add("helper", "Secret", "own", **data)

    return tamper


FAULTS_ = [
    Fault(
        rule="secret-missing",
        tamper=reads("nothing"),
        at=OWN,
        says="dev: Deployment helper reads the Secret nothing (variable X), which nothing makes; "
        "fetch it by an ExternalSecret",
        fine_tamper=reads("nothing", optional=True),
    ),
    Fault(
        rule="secret-missing",
        tamper=reads("shared", "nothing"),
        at=OWN,
        says="dev: Deployment helper reads nothing of the Secret shared (variable X), and nothing puts that there; "
        "fetch it by an ExternalSecret",
        fine_tamper=reads("shared", "spare-key"),
    ),
    Fault(
        rule="secret-missing",
        tamper=pulls("registri"),
        at=OWN,
        says="dev: Deployment helper reads the Secret registri (image registri), which nothing makes; "
        "fetch it by an ExternalSecret",
        # A person makes the one that the spec names.
        fine_tamper=pulls("registry"),
    ),
    Fault(
        rule="secret-unused",
        tamper=nobody_reads_it,
        at="secrets: [jira-token]",
        says="dev: ExternalSecret other fetches /fleet/dev/other/jira-token, and no pod reads it; "
        "take it out of `secrets`",
        fine_tamper=only_the_job_reads_it,
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
        fine_tamper=remote("/fleet/dev/helper/prod"),
    ),
    Fault(
        rule="secret-of-another-environment",
        tamper=remote("/fleet/prod/shared/redis-password", "shared"),
        at=SHARED,
        says="dev: ExternalSecret shared fetches /fleet/prod/shared/redis-password, a secret of prod; "
        "give each environment values of its own",
        fine_tamper=remote("/fleet/dev/shared/other", "shared"),
    ),
    *(
        Fault(
            rule="secret-of-another-agent",
            tamper=remote(key),
            at=OWN,
            says=f"dev: ExternalSecret helper fetches {key}, which is not below /fleet/dev/helper/; "
            "give each agent values of its own",
            fine_tamper=remote("/fleet/dev/helper/other"),
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
    jsonschema.validate(report.as_json(), SCHEMA)
    for objects in world.objects.values():
        for manifest in (one for manifests in objects.values() for one in manifests if one["kind"] == "Deployment"):
            read_ = {use.secret for use in uses_of(manifest["spec"]["template"]["spec"])}
            named = manifest["metadata"]["annotations"].get(RELOAD, "")
            assert set(filter(None, named.split(","))) == read_ <= {manifest["metadata"]["name"], names.SHARED_SECRET}


# ----------------------------------------------------------------------------------------------------------- the report


def test_the_shipped_fleet_passes_and_its_json_is_as_its_schema_says() -> None:
    report = secrets.prove(World.of(fleet_at(REFERENCE)).evidence())
    assert report.findings == ()
    jsonschema.validate(report.as_json(), SCHEMA)
    assert all(key.consumers for environment in report.environments for key in environment.keys)


def test_a_broken_report_is_as_its_schema_says_too() -> None:
    world = world_of("secrets")
    reads("nothing")(world)
    world.remove("SecretStore", "secret-store")
    report = secrets.prove(world.evidence())
    assert {one.rule for one in report.findings} == {"secret-missing", "store-missing"}
    jsonschema.validate(report.as_json(), SCHEMA)


def test_the_schema_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert [line for line in undescribed(SCHEMA) if "/settings:" not in line] == []


def test_the_command_prints_and_ends_with_the_script(tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text(SOUND)
    run = kustodian("secrets", "--spec", spec)
    script = kustodian("secrets", "--spec", spec, "--format", "script").stdout
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.endswith(script)
    assert run.stdout.splitlines()[0] == "dev (secret-store: aws, SecretsManager, us-east-1)"
    assert "nobody: no pod reads it" in run.stdout
    page = kustodian("secrets", "--spec", spec, "--format", "markdown").stdout
    assert f"```sh\n{script}```\n" in page
    assert "| /fleet/prod/helper/github-token | helper/github-token | 15m |" in page


# ----------------------------------------------------------------------------------------------------------- the script

TENANT = "11111111-2222-3333-4444-555555555555"
# Each provider's program, what it must be called with, and where its value comes from.
COMMANDS = {
    "aws": (
        {"provider": "aws", "region": "us-east-1", "identity": "arn"},
        "aws secretsmanager create-secret --region us-east-1 --name /fleet/dev/shared/a-key "
        "--secret-string file:///dev/stdin",
    ),
    "parameters": (
        {"provider": "aws", "region": "us-east-1", "identity": "arn", "service": "ParameterStore"},
        "aws ssm put-parameter --region us-east-1 --name /fleet/dev/shared/a-key --type SecureString "
        "--value file:///dev/stdin",
    ),
    "azure": (
        {"provider": "azure", "vaultURL": "https://keys.vault.azure.net", "tenantID": TENANT, "identity": "x"},
        "az keyvault secret set --vault-name keys --name fleet--dev--shared--a-key --file /dev/stdin --output none",
    ),
    "gcp": (
        {"provider": "gcp", "projectID": "project-1"},
        "gcloud secrets create fleet--dev--shared--a-key --project=project-1 --replication-policy=automatic "
        "--data-file=-",
    ),
    "vault": (
        {"provider": "vault", "server": "https://vault.example.com:8200", "role": "agents"},
        "vault kv put -mount=secret -cas=0 fleet/dev/shared/a-key value=-",
    ),
}
VALUE = "s3cr3t '$(touch gone)\\n `x` "


def report_of(store: dict[str, str], folder: Path) -> SecretsReport:
    entries = ", ".join(f"{key}: {value}" for key, value in store.items())
    text = SOUND.replace(
        "{provider: aws, region: us-east-1, identity: arn, shared: [redis-password, observability-api-key, spare-key]}",
        f"{{{entries}, shared: [a-key]}}",
    )
    text = text.replace("    secrets: [github-token]\n", "").replace("    secrets: [jira-token]\n", "")
    text = text.replace("    talksTo: [cache, telemetry]\n", "").replace("  prod:\n    sync: manual\n", "")
    text = text.replace("    secretStore: {refreshInterval: 15m}\n", "")
    if store["provider"] == "gcp":
        text = text.replace("platform: eks", "platform: gke")
    return secrets.prove(read(text, folder)[0].evidence())


@pytest.mark.parametrize("provider", COMMANDS)
def test_the_script_gives_the_provider_a_value_that_only_the_terminal_has_seen(provider: str, tmp_path: Path) -> None:
    store, command = COMMANDS[provider]
    script = "\n".join(creation.script(report_of(store, tmp_path))) + "\n"
    (tmp_path / "create.sh").write_text(script)
    program = tmp_path / "bin" / command.split()[0]
    program.parent.mkdir()
    # Says how it was called, and takes its value from where it was told; `show` finds nothing.
    program.write_text(
        f'#!/bin/sh\n[ "$3" = show ] && exit 1\necho "$0 $*" >>{tmp_path}/calls\ncat >{tmp_path}/value\n'
        f'echo "$VAULT_ADDR" >{tmp_path}/address\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    screen = _at_a_terminal(["sh", str(tmp_path / "create.sh")], VALUE, program.parent, tmp_path)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == [f"{program.parent}/{command}"]
    assert (tmp_path / "value").read_text() == VALUE
    assert "a-key: " in screen
    assert "s3cr3t" not in screen + script + calls[0]
    if provider == "vault":
        assert (tmp_path / "address").read_text().strip() == store["server"]


def _at_a_terminal(command: list[str], typed: str, programs: Path, folder: Path) -> str:
    """What is on the screen when a person runs this and types one line, once asked."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, {"PATH": f"{programs}:{os.environ['PATH']}"})
    screen, asked, end = b"", False, time.monotonic() + 20
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.1)[0]:
            # Asked and silent: what is typed now is not shown.
            if b": " in screen and not asked:
                asked = True
                os.write(terminal, typed.encode() + b"\n")
            continue
        try:
            read_ = os.read(terminal, 4096)
        except OSError:
            break
        if not read_:
            break
        screen += read_
    os.close(terminal)
    os.waitpid(child, 0)
    return screen.decode()


def test_what_azure_has_already_is_left_alone(tmp_path: Path) -> None:
    script = "\n".join(creation.script(report_of(COMMANDS["azure"][0], tmp_path))) + "\n"
    (tmp_path / "az").write_text(f'#!/bin/sh\necho "$3" >>{tmp_path}/calls\n')
    (tmp_path / "az").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    run = subprocess.run(["sh"], input=script, text=True, env=environment, capture_output=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert (tmp_path / "calls").read_text().splitlines() == ["show"]


def test_a_made_up_secret_needs_no_script() -> None:
    world = world_of("secrets")
    for environment in ("dev", "prod"):
        world.the("SecretStore", environment=environment)["spec"] = {"provider": {"fake": {"data": []}}}
    assert list(creation.script(secrets.prove(world.evidence()))) == []
    assert FakeStore(keys=()).provider == "fake"


def test_of_an_unknown_provider_the_script_says_so() -> None:
    world = world_of("secrets")
    world.the("SecretStore")["spec"] = {"provider": {"keeper": {"folderID": "x"}}}
    lines = list(creation.script(secrets.prove(world.evidence())))
    assert "# keeper: create /fleet/dev/helper/github-token there" in lines


def test_a_key_that_two_fetch_is_asked_for_once() -> None:
    world = world_of("secrets")
    another("Merge")(world)
    lines = list(creation.script(secrets.prove(world.evidence())))
    assert sum("/fleet/dev/helper/github-token " in line for line in lines) == 1


def test_names_are_quoted_for_the_shell() -> None:
    world = world_of("secrets")
    remote("/fleet/dev/helper/$(x) y")(world)
    lines = list(creation.script(secrets.prove(world.evidence())))
    assert any(line.startswith("ask '/fleet/dev/helper/$(x) y' | aws ") for line in lines)
