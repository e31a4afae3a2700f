"""The script that creates missing secrets, run under dash and bash at a terminal, with stand-ins for the providers."""

import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from generator.model import FakeStore
from generator.proofs import secrets
from generator.proofs.secrets import creation
from generator.proofs.secrets.report import SecretsReport
from tests.conftest import IN_CI
from tests.proof_worlds import FAULTS, World, read, world_of
from tests.support import kustodian

SOUND = (FAULTS / "secrets.yaml").read_text(encoding="utf-8")
STAND_IN = Path(__file__).with_name("provider_program.py").read_text(encoding="utf-8")
TENANT = "11111111-2222-3333-4444-555555555555"
SECRET = "s3cr3t"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A store as the spec names it, and the calls for one of its keys; `KEY` stands for the key's own name."""

    store: str
    key: str
    look: str
    create: str
    failure: tuple[int, str]  # that is not "not found", and looks like it where one provider's does

    @property
    def program(self) -> str:
        return self.look.split()[0]


PROVIDERS = {
    "aws": Provider(
        store="provider: aws, region: us-east-1, identity: arn",
        key="/fleet/dev/shared/KEY",
        look="aws secretsmanager describe-secret --region us-east-1 --secret-id /fleet/dev/shared/KEY",
        create="aws secretsmanager create-secret --region us-east-1 --name /fleet/dev/shared/KEY "
        "--secret-string file:///dev/stdin",
        failure=(
            254,
            "An error occurred (AccessDeniedException) when calling the DescribeSecret operation: not allowed",
        ),
    ),
    "parameters": Provider(
        store="provider: aws, region: us-east-1, identity: arn, service: ParameterStore",
        key="/fleet/dev/shared/KEY",
        look="aws ssm get-parameter --region us-east-1 --name /fleet/dev/shared/KEY",
        create="aws ssm put-parameter --region us-east-1 --name /fleet/dev/shared/KEY --type SecureString "
        "--value file:///dev/stdin",
        failure=(254, "An error occurred (ExpiredTokenException) when calling the GetParameter operation: expired"),
    ),
    "azure": Provider(
        store=f'provider: azure, vaultURL: "https://keys.vault.azure.net", tenantID: {TENANT}, identity: x',
        key="fleet--dev--shared--KEY",
        look="az keyvault secret show --vault-name keys --name fleet--dev--shared--KEY --output none",
        create="az keyvault secret set --vault-name keys --name fleet--dev--shared--KEY --output none "
        "--file /dev/stdin --encoding utf-8",
        failure=(1, "ERROR: (Forbidden) The user, group or application does not have secrets get permission"),
    ),
    "gcp": Provider(
        store="provider: gcp, projectID: project-1",
        key="fleet--dev--shared--KEY",
        look="gcloud secrets describe fleet--dev--shared--KEY --project=project-1 --quiet",
        create="gcloud secrets create fleet--dev--shared--KEY --project=project-1 --replication-policy=automatic "
        "--data-file=- --quiet",
        failure=(1, "ERROR: (gcloud.secrets.describe) PERMISSION_DENIED: denied (or it may not exist)."),
    ),
    "vault": Provider(
        store='provider: vault, server: "https://vault.example.com:8200", role: agents',
        key="fleet/dev/shared/KEY",
        look="vault kv metadata get -mount=secret fleet/dev/shared/KEY",
        create="vault kv put -mount=secret -cas=0 fleet/dev/shared/KEY value=-",
        failure=(2, "Error reading secret/metadata/x: Code: 403. Errors: permission denied"),
    ),
}


# --------------------------------------------------------------------------------------------------------- the terminal


@dataclass
class Bench:
    """A folder with the script for a fleet of two keys, a-key and b-key, and with a stand-in for the provider."""

    folder: Path
    shell: str
    provider: Provider
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, shell: str, provider: str = "aws", there: str = "") -> "Bench":
        bench = cls(folder, shell, PROVIDERS[provider])
        script = "".join(f"{line}\n" for line in creation.script(report_of(bench.provider, folder)))
        (folder / "create.sh").write_text(script)
        (folder / "there").write_text("\n".join(bench.provider.key.replace("KEY", key) for key in there.split()))
        program = folder / "bin" / bench.provider.program
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable} -IS\n{STAND_IN}")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return bench

    def goes_wrong(self, call: str, how: str) -> None:
        """A call, such as `look-a-key`, ends like this: `<exit code> <words>`, or `wait <exit code>`."""
        (self.folder / call).write_text(how)

    def put(self, key: str, value: bytes) -> None:
        """A file in VALUES_DIR for this key."""
        self.environment["VALUES_DIR"] = str(self.folder / "values")
        file = self.folder / "values" / self.provider.key.replace("KEY", key).lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(value)

    @property
    def variables(self) -> dict[str, str]:
        return {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", **self.environment}

    @property
    def calls(self) -> list[str]:
        """How the stand-in was called, as `look a-key`, where that is as it must be."""
        known = {
            getattr(self.provider, step).replace("KEY", key): f"{step} {key}"
            for step in ("look", "create")
            for key in ("a-key", "b-key")
        }
        return [known.get(call, call) for call in (" ".join(one["arguments"]) for one in self._recorded())]

    def value(self, key: str) -> bytes:
        return (self.folder / f"value-{key}").read_bytes()

    def knew(self, value: str) -> bool:
        """Whether a call's arguments or environment held this."""
        return any(value in json.dumps(call) for call in self._recorded())

    def _recorded(self) -> Iterator[dict[str, list[str]]]:
        file = self.folder / "calls"
        for line in file.read_text().splitlines() if file.exists() else ():
            yield json.loads(line)

    def without_terminal(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.shell, "create.sh"],
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )


ON_ITS_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """A terminal on which the script runs, and what a person sees and types there."""

    def __init__(self, bench: Bench, *options: str) -> None:
        self.near, self.far = pty.openpty()
        self.screen = ""
        self.seen = 0
        self.before = termios.tcgetattr(self.far)
        self.process = subprocess.Popen(
            [sys.executable, "-IS", "-c", ON_ITS_TERMINAL, bench.shell, *options, "create.sh"],
            cwd=bench.folder,
            env=bench.variables,
            stdin=self.far,
            stdout=self.far,
            stderr=self.far,
            start_new_session=True,
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.near)
        os.close(self.far)

    def sees(self, text: str) -> None:
        """Wait until this is on the screen, after all that was waited for before."""
        end = time.monotonic() + 20
        while text not in self.screen[self.seen :]:
            assert time.monotonic() < end, f"never seen: {text}\n{self.screen}"
            assert self._read() or self.process.poll() is None, f"never seen: {text}\n{self.screen}"
        self.seen = self.screen.index(text, self.seen) + len(text)

    def types(self, text: str) -> None:
        os.write(self.near, text.encode())

    def answers(self, key: str, value: str) -> None:
        self.sees(f"{key}: ")
        self.types(f"{value}\n")

    def ends(self) -> int:
        """The exit code, once all is on the screen; the terminal is then as it was."""
        end = time.monotonic() + 20
        while self._read() or self.process.poll() is None:
            assert time.monotonic() < end, f"does not end\n{self.screen}"
        assert termios.tcgetattr(self.far)[:4] == self.before[:4], "the terminal is not as it was"
        return self.process.wait()

    def _read(self) -> bool:
        if not select.select([self.near], [], [], 0.02)[0]:
            return False
        self.screen += os.read(self.near, 65536).decode().replace("\r\n", "\n")
        return True


def report_of(provider: Provider, folder: Path) -> SecretsReport:
    text = SOUND.replace(
        "{provider: aws, region: us-east-1, identity: arn, shared: [redis-password, observability-api-key, spare-key]}",
        f"{{{provider.store}, shared: [a-key, b-key]}}",
    )
    text = text.replace("    secrets: [github-token]\n", "").replace("    secrets: [jira-token]\n", "")
    text = text.replace("    talksTo: [cache, telemetry]\n", "").replace("  prod:\n    sync: manual\n", "")
    text = text.replace("    secretStore: {refreshInterval: 15m, identity: arn-prod}\n", "")
    if "gcp" in provider.store:
        text = text.replace("platform: eks", "platform: gke")
    return secrets.prove(read(text, folder)[0].evidence())


@pytest.fixture(params=["dash", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    found: str | None = shutil.which(request.param)
    if found is None:
        reason = f"{request.param} is not on the PATH"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


# ------------------------------------------------------------------------------------------------------------- looking


@pytest.mark.parametrize("provider", PROVIDERS)
def test_where_nothing_is_missing_nothing_is_asked_and_no_terminal_is_needed(
    provider: str, shell: str, tmp_path: Path
) -> None:
    bench = Bench.of(tmp_path, shell, provider, there="a-key b-key")
    run = bench.without_terminal()
    name = bench.provider.key.replace
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == (
        f"there    {name('KEY', 'a-key')}\nthere    {name('KEY', 'b-key')}\nCreated: 0. There before: 2.\n"
    )
    assert bench.calls == ["look a-key", "look b-key"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_only_what_is_missing_is_asked_for_and_created(provider: str, shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, provider, there="a-key")
    bench.environment["value"] = "of the caller"
    with Terminal(bench) as terminal:
        terminal.sees("missing  ")
        terminal.answers("b-key", SECRET)
        assert terminal.ends() == 0, terminal.screen
    again = ["look b-key"] if provider == "azure" else []
    assert bench.calls == ["look a-key", "look b-key", *again, "create b-key"]
    assert bench.value("b-key") == SECRET.encode()
    assert terminal.screen.endswith("b-key\nCreated: 1. There before: 1.\n")
    assert SECRET not in terminal.screen + (tmp_path / "create.sh").read_text()
    assert not bench.knew(SECRET)
    if provider == "vault":
        assert bench.knew('"VAULT_ADDR": "https://vault.example.com:8200"')


@pytest.mark.parametrize("provider", PROVIDERS)
def test_any_other_answer_stops_before_anything_is_written(provider: str, shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, provider)
    code, words = bench.provider.failure
    bench.goes_wrong("look-b-key", f"{code} {words}")
    with Terminal(bench) as terminal:
        assert terminal.ends() == code
    key = bench.provider.key.replace("KEY", "b-key")
    assert terminal.screen.endswith(
        f"{words}\ncreate.sh: cannot tell whether {key} is there\nStopped. Nothing was written.\n"
    )
    assert bench.calls == ["look a-key", "look b-key"]


def test_a_missing_program_is_no_missing_key(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    (tmp_path / "bin" / "aws").rename(tmp_path / "bin" / "elsewhere")
    bench.environment["PATH"] = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    run = bench.without_terminal()
    assert run.returncode == 127
    assert re.search("aws: (command )?not found", run.stderr)
    assert run.stderr.endswith("Stopped. Nothing was written.\n")


def test_what_azure_gets_while_a_person_types_is_left_alone(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, "azure", there="a-key")
    with Terminal(bench) as terminal:
        terminal.sees("b-key: ")
        (tmp_path / "there").write_text("fleet--dev--shared--b-key")
        terminal.types(f"{SECRET}\n")
        assert terminal.ends() == 1
    assert bench.calls == ["look a-key", "look b-key", "look b-key"]
    assert "create.sh: fleet--dev--shared--b-key is there by now, and was left as it is\n" in terminal.screen


# -------------------------------------------------------------------------------------------------------------- asking

VALUES = [
    "-n two  words %s %d \\n \\\\ \\ ",
    "'single' \"double\" `touch gone` $(touch gone) ${HOME} $$ * a=b&c;d|e>f #g\t",
    "-",
    "@file ☃ é",
    "x" * 999,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[:12])
def test_a_typed_value_arrives_byte_for_byte(value: str, shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, there="a-key")
    with Terminal(bench) as terminal:
        terminal.answers("b-key", value)
        assert terminal.ends() == 0, terminal.screen
    assert bench.value("b-key") == value.encode()
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "A value cannot be empty."),
        ("-----BEGIN\nabc\n-----END", "That was more than one line."),
        ("one\nand the start of another", "That was more than one line."),
        ("x" * 1000, "The terminal may have cut a line that long."),
        ("x" * 5000, "The terminal may have cut a line that long."),
    ],
)
def test_what_cannot_be_a_value_is_asked_for_again(typed: str, answer: str, shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    with Terminal(bench) as terminal:
        terminal.answers("a-key", typed)
        terminal.sees(answer)
        terminal.answers("a-key", SECRET)
        terminal.answers("b-key", "other")
        assert terminal.ends() == 0, terminal.screen
    assert (bench.value("a-key"), bench.value("b-key")) == (SECRET.encode(), b"other")
    assert "BEGIN" not in terminal.screen


def test_what_was_typed_before_the_question_answers_nothing(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, there="a-key")
    with Terminal(bench) as terminal:
        terminal.types("too early\nand more")
        terminal.answers("b-key", SECRET)
        assert terminal.ends() == 0, terminal.screen
    assert bench.value("b-key") == SECRET.encode()


# ------------------------------------------------------------------------------------------------------------ stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_while_typing_ends_the_script_and_restores_the_terminal(
    number: signal.Signals, shell: str, tmp_path: Path
) -> None:
    bench = Bench.of(tmp_path, shell)
    with Terminal(bench) as terminal:
        terminal.answers("a-key", SECRET)
        terminal.sees("b-key: ")
        terminal.types("half a va")
        if number == signal.SIGINT:
            terminal.types("\x03")
        else:
            terminal.process.send_signal(number)
        assert terminal.ends() == 128 + number
    assert terminal.screen.endswith("Stopped. Created: 1 of 2 that were missing. Run it again to go on.\n")
    assert "half" not in terminal.screen
    assert bench.calls == ["look a-key", "look b-key", "create a-key"]


@pytest.mark.parametrize("whom", ["all", "only the program"])
@pytest.mark.parametrize("code", [130, 1])
@pytest.mark.parametrize("step", ["look", "create"])
def test_ctrl_c_stops_though_the_program_catches_it(
    step: str, code: int, whom: str, shell: str, tmp_path: Path
) -> None:
    """Some shells do not see a Ctrl-C that the program has caught: for them, only the program gets it."""
    bench = Bench.of(tmp_path, shell)
    bench.goes_wrong(f"{step}-a-key", f"wait {code}")
    with Terminal(bench) as terminal:
        if step == "create":
            terminal.answers("a-key", SECRET)
        end = time.monotonic() + 20
        while not (tmp_path / "busy").exists() or not (tmp_path / "busy").read_text().endswith("\n"):
            assert time.monotonic() < end
            time.sleep(0.02)
        if whom == "all":
            terminal.types("\x03")
        else:
            os.kill(int((tmp_path / "busy").read_text()), signal.SIGINT)
        assert terminal.ends() in ((130, code) if whom == "all" else (code,))
    assert (tmp_path / "cleaned").exists(), "the script ended before the program"
    assert bench.calls == (["look a-key"] if step == "look" else ["look a-key", "look b-key", "create a-key"])
    assert "Stopped. " in terminal.screen


def test_the_end_of_input_ends_the_script(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    with Terminal(bench) as terminal:
        terminal.sees("a-key: ")
        terminal.types("\x04")
        assert terminal.ends() == 1
    assert "create.sh: no value was given for /fleet/dev/shared/a-key\n" in terminal.screen
    assert bench.calls == ["look a-key", "look b-key"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_that_cannot_be_created_stops_the_script(provider: str, shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, provider)
    bench.goes_wrong("create-a-key", "7 ResourceExistsException: it is there")
    with Terminal(bench) as terminal:
        terminal.answers("a-key", SECRET)
        assert terminal.ends() == 7
    key = bench.provider.key.replace("KEY", "a-key")
    assert terminal.screen.endswith(
        f"ResourceExistsException: it is there\ncreate.sh: {key} was not created\n"
        "Stopped. Created: 0 of 2 that were missing. Run it again to go on.\n"
    )
    assert bench.calls[-1] == "create a-key"


def test_without_a_terminal_nothing_is_written(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, there="a-key")
    run = bench.without_terminal()
    assert run.returncode == 1
    assert run.stderr == (
        "create.sh: values to ask for: 1; this needs a terminal, or files of them in VALUES_DIR\n"
        "Stopped. Nothing was written.\n"
    )
    assert bench.calls == ["look a-key", "look b-key"]


def test_a_second_run_goes_on(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    with Terminal(bench) as terminal:
        terminal.answers("a-key", "x")
        terminal.sees("b-key: ")
        terminal.types("\x03")
        assert terminal.ends() == 130
    with Terminal(bench) as terminal:
        terminal.answers("b-key", "y")
        assert terminal.ends() == 0, terminal.screen
    assert terminal.screen.endswith("Created: 1. There before: 1.\n")
    assert (bench.value("a-key"), bench.value("b-key")) == (b"x", b"y")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-x", "create.sh"], "create.sh: tracing (-x) would print the values\n"),
        (
            ["create.sh", "prod"],
            "create.sh: takes no arguments; "
            "for one environment: kustodian secrets --environment NAME --format script\n",
        ),
    ],
)
def test_what_it_does_not_take_it_refuses(arguments: list[str], says: str, shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    run = subprocess.run(
        [shell, *arguments], cwd=tmp_path, env=bench.variables, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert says in run.stderr
    assert bench.calls == []


# --------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_value_from_a_file_arrives_byte_for_byte(provider: str, shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell, provider)
    key = b"-----BEGIN PRIVATE KEY-----\n" + b"MIIE 'x' $(y) \\n %s\n" * 400 + b"-----END PRIVATE KEY-----\n"
    bench.put("a-key", key)
    bench.put("b-key", b"without an end of line")
    run = bench.without_terminal()
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.endswith("Created: 2. There before: 0.\n")
    assert (bench.value("a-key"), bench.value("b-key")) == (key, b"without an end of line")
    assert not bench.knew("BEGIN")
    assert "BEGIN" not in run.stdout


def test_what_has_no_file_is_asked_for(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    bench.put("a-key", b"one\ntwo\n")
    run = bench.without_terminal()
    assert run.returncode == 1
    assert "create" not in " ".join(bench.calls)
    with Terminal(bench) as terminal:
        terminal.answers("b-key", SECRET)
        assert terminal.ends() == 0, terminal.screen
    assert (bench.value("a-key"), bench.value("b-key")) == (b"one\ntwo\n", SECRET.encode())


def test_an_empty_file_stops_before_anything_is_written(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    bench.put("a-key", b"x")
    bench.put("b-key", b"")
    run = bench.without_terminal()
    assert run.returncode == 1
    assert run.stderr == (
        f"create.sh: {tmp_path}/values/fleet/dev/shared/b-key is not a file that can be read, or is empty\n"
        "Stopped. Nothing was written.\n"
    )
    assert bench.calls == ["look a-key", "look b-key"]


def test_a_folder_of_values_must_be_there(shell: str, tmp_path: Path) -> None:
    bench = Bench.of(tmp_path, shell)
    bench.environment["VALUES_DIR"] = "nowhere"
    run = bench.without_terminal()
    assert (run.returncode, run.stderr) == (2, "create.sh: VALUES_DIR is no folder: nowhere\n")
    assert bench.calls == []


# ------------------------------------------------------------------------------------------------------------ its text


def calls_of(world: World) -> list[str]:
    return [line for line in creation.script(secrets.prove(world.evidence())) if line.startswith("  key ")]


def remote(world: World, key: str) -> None:
    world.the("ExternalSecret", "helper")["spec"]["data"][0]["remoteRef"]["key"] = key


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
    assert "echo 'Create by hand, in keeper: /fleet/dev/helper/github-token'" in lines
    assert not any("/fleet/dev/" in line for line in calls_of(world))


def test_a_key_that_two_fetch_is_asked_for_once() -> None:
    world = world_of("secrets")
    spec = dict(world.the("ExternalSecret", "helper")["spec"])
    target = {"name": "helper", "creationPolicy": "Merge"}
    world.add("helper", "ExternalSecret", "second", spec=spec | {"target": target})
    assert sum("/fleet/dev/helper/github-token'" in line for line in calls_of(world)) == 1


def test_names_are_quoted_for_the_shell(shell: str, tmp_path: Path) -> None:
    world = world_of("secrets")
    name = "/fleet/dev/helper/a-key $(touch gone) 'x' \"y\" *\n-- \\"
    remote(world, name)
    bench = Bench.of(tmp_path, shell)
    report = secrets.prove(world.evidence())
    lines = [line for line in "\n".join(creation.script(report)).split("\n  key ") if "touch gone" in line]
    assert lines
    script = "\n".join(creation.script(report))
    start, end = script.index("keys() {"), script.index("\n}\n", script.index("keys() {"))
    only = f"keys() {{\n  key secretsmanager 'us-east-1' {creation._quoted(name)}"
    (tmp_path / "create.sh").write_text(script[:start] + only + script[end:] + "\n")
    bench.put("x", b"")
    run = bench.without_terminal()
    assert run.returncode == 1, run
    (call,) = bench._recorded()
    assert call["arguments"][-1] == name
    assert not (tmp_path / "gone").exists()


# --------------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "agents.yaml"
    file.write_text(SOUND)
    return file


def test_the_command_prints_in_readable_width_and_names_the_script(spec: Path) -> None:
    run = kustodian("secrets", "--spec", spec)
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert lines[:6] == [
        "dev (secret-store: aws, SecretsManager, us-east-1)",
        "  /fleet/dev/shared/redis-password, every 1h as shared/redis-password",
        "    restarted by a new value: Deployment helper",
        "    reads it at its next run: CronJob helper-scan",
        "  /fleet/dev/shared/observability-api-key, every 1h as shared/observability-api-key",
        "    restarted by a new value: Deployment helper",
    ]
    assert "    nobody: no pod reads it" in lines
    assert max(map(len, lines)) <= 100
    assert lines[-2:] == [
        "This prints a script that asks for each value that is missing, and stores it:",
        "  kustodian secrets --format script > create.sh",
    ]
    assert "#!/bin/sh" not in run.stdout


def test_the_page_has_a_row_for_each_key_and_no_script(spec: Path) -> None:
    page = kustodian("secrets", "--spec", spec, "--format", "markdown").stdout
    assert (
        "| /fleet/prod/helper/github-token | helper/github-token | 15m | restarted by a new value: Deployment helper; "
        "reads it at its next run: CronJob helper-scan |\n" in page
    )
    assert "#!/bin/sh" not in page
    assert "`kustodian secrets --format script`" in page


@pytest.mark.parametrize("form", ["text", "json", "markdown", "script"])
def test_one_environment_can_be_chosen(form: str, spec: Path) -> None:
    both = kustodian("secrets", "--spec", spec, "--format", form).stdout
    run = kustodian("secrets", "--spec", spec, "--format", form, "--environment", "prod")
    assert (run.returncode, run.stderr) == (0, "")
    assert "/fleet/dev/" in both
    assert "/fleet/dev/" not in run.stdout
    assert both.count("/fleet/prod/") == run.stdout.count("/fleet/prod/") > 0


def test_an_environment_must_be_one_of_the_spec(spec: Path) -> None:
    run = kustodian("secrets", "--spec", spec, "--environment", "prd")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.endswith("Error: Invalid value for '--environment': 'prd' is not known; did you mean 'prod'?\n")


def test_a_key_of_another_environment_is_still_known_as_such() -> None:
    from generator.cli.secrets import _OfOne

    world = world_of("secrets")
    remote(world, "/fleet/prod/helper/github-token")
    report = _OfOne("dev").prove(world.evidence())
    assert [one.name for one in report.environments] == ["dev"]
    assert [one.rule for one in report.findings] == ["secret-of-another-environment"]
    assert _OfOne("prod").prove(world.evidence()).findings == ()
