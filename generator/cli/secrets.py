"""`kustodian secrets`: which secrets must exist, who reads them, and how to create what is missing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.evidence import Proof
    from generator.proofs.secrets.fetched import RemoteKey
    from generator.proofs.secrets.report import EnvironmentSecrets, SecretsReport

WORDS = 4  # columns


def _proof() -> "Proof":
    from generator.proofs import secrets

    return secrets


def _text(report: "SecretsReport") -> Iterator[str]:
    for environment in report.environments:
        yield _title(environment)
        yield from (f"  {line}" for line in tables.aligned(list(_rows(environment)), WORDS))
        yield ""
    lines = list(_script(report))
    if lines:
        yield "To create what is missing: kustodian secrets --format script > create.sh, then sh create.sh"
        yield ""
        yield from lines


def _markdown(report: "SecretsReport") -> Iterator[str]:
    for environment in report.environments:
        yield f"### {_title(environment)}"
        yield ""
        yield from tables.markdown(list(_rows(environment)), WORDS)
        yield ""
    lines = list(_script(report))
    if lines:
        yield "### To create what is missing"
        yield ""
        yield "```sh"
        yield from lines
        yield "```"


def _script(report: "SecretsReport") -> Iterator[str]:
    from generator.proofs.secrets.creation import script

    return script(report)


def _title(environment: "EnvironmentSecrets") -> str:
    stores = {(key.store.name, key.store.provider): key.store for key in environment.keys if key.store}
    said = (f"{store.name}: {', '.join([store.provider, *store.settings.values()])}" for store in stores.values())
    return f"{environment.name} ({'; '.join(said)})" if stores else environment.name


def _rows(environment: "EnvironmentSecrets") -> Iterator[tables.Row]:
    yield "Remote key", "Secret", "Every", "A new value reaches"
    for key in environment.keys:
        remote = f"{key.key} ({key.property})" if key.property else key.key
        yield remote, f"{key.secret}/{key.secret_key}", key.refresh_interval, _readers(key)


def _readers(key: "RemoteKey") -> str:
    found = (f"{consumer.kind} {consumer.name} ({consumer.on_rotation})" for consumer in key.consumers)
    return ", ".join(dict.fromkeys(found)) or "nobody: no pod reads it"


@proof_command("secrets", _proof, _text, markdown=_markdown, script=_script)
def command() -> None:
    """List every secret that must exist, and fail where one is missing, misplaced or never renewed.

    Ends with a shell script that asks for each value that the provider does not have yet. The script holds no value,
    and neither does the spec.

    \b
    Examples:
      kustodian secrets
      kustodian secrets --format script > create.sh
    """
