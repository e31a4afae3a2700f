"""`kustodian secrets`: which secrets must exist, who reads them, and how to create what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.evidence import Evidence, Proof
    from generator.proofs.secrets.fetched import RemoteKey
    from generator.proofs.secrets.report import EnvironmentSecrets, SecretsReport

WIDTH = 100  # of the text, but for names that are longer
WORDS = 4  # columns
UNBROKEN = "\N{NO-BREAK SPACE}"  # keeps a kind and its name on one line
CREATE = "This prints a script that asks for each value that is missing, and stores it"

# What a new value does where it is read.
REACHES = {
    "restart": "restarted by a new value",
    "next run": "reads it at its next run",
    "file": "sees it change as a file",
    "next pull": "pulls its next image with it",
    "nothing": "does not see a new value",
}


def _text(report: "SecretsReport") -> Iterator[str]:
    for environment in report.environments:
        yield from _wrapped(_title(environment), "")
        for key in environment.keys:
            yield from _wrapped(f"{_remote(key)}, every {key.refresh_interval} as {key.secret}/{key.secret_key}", "  ")
            for reached, readers in _readers(key):
                yield from _wrapped(f"{reached}: {readers}", "    ")
        yield ""
    if any(_script(report)):
        yield f"{CREATE}:"
        yield "  kustodian secrets --format script > create.sh"


def _markdown(report: "SecretsReport") -> Iterator[str]:
    for environment in report.environments:
        yield f"### {_title(environment)}"
        yield ""
        yield from tables.markdown(list(_rows(environment)), WORDS)
        yield ""
    if any(_script(report)):
        yield f"{CREATE}: `kustodian secrets --format script`"


def _script(report: "SecretsReport") -> Iterator[str]:
    from generator.proofs.secrets.creation import script

    return script(report)


def _title(environment: "EnvironmentSecrets") -> str:
    stores = {(key.store.name, key.store.provider): key.store for key in environment.keys if key.store}
    said = (f"{store.name}: {', '.join([store.provider, *store.settings.values()])}" for store in stores.values())
    return f"{environment.name} ({'; '.join(said)})" if stores else environment.name


def _rows(environment: "EnvironmentSecrets") -> Iterator[tables.Row]:
    yield "Remote key", "Secret", "Every", "Who reads it"
    for key in environment.keys:
        readers = "; ".join(f"{reached}: {names}" for reached, names in _readers(key)).replace(UNBROKEN, " ")
        yield _remote(key), f"{key.secret}/{key.secret_key}", key.refresh_interval, readers


def _remote(key: "RemoteKey") -> str:
    return f"{key.key} ({key.property})" if key.property else key.key


def _readers(key: "RemoteKey") -> Iterator[tuple[str, str]]:
    """Who reads a key, by what a new value does there."""
    for on_rotation in dict.fromkeys(consumer.on_rotation for consumer in key.consumers):
        found = (f"{one.kind}{UNBROKEN}{one.name}" for one in key.consumers if one.on_rotation == on_rotation)
        yield REACHES[on_rotation], ", ".join(dict.fromkeys(found))
    if not key.consumers:
        yield "nobody", "no pod reads it"


def _wrapped(line: str, indent: str) -> Iterator[str]:
    further = f"{indent}    "
    lines = wrap(
        line, WIDTH, initial_indent=indent, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
    return (part.replace(UNBROKEN, " ") for part in lines)


# ------------------------------------------------------------------------------------------------------ one environment

CHOSEN = f"{__name__}.environment"  # where click keeps --environment


@dataclass(frozen=True)
class _OfOne:
    """The proof of one environment. The fleet stays whole, so that a key of another environment is known as such."""

    environment: str

    def prove(self, evidence: "Evidence") -> "SecretsReport":
        from generator.problems import did_you_mean
        from generator.proofs import secrets

        found = tuple(one for one in evidence.environments if one.environment == self.environment)
        if not found:
            known = [one.environment for one in evidence.environments]
            message = f"{self.environment!r} is not known; {did_you_mean(self.environment, known)}"
            raise click.BadParameter(message, click.get_current_context(), param_hint="'--environment'")
        return secrets.prove(replace(evidence, environments=found))


def _proof() -> "Proof":
    from generator.proofs import secrets

    environment = click.get_current_context().meta[CHOSEN]
    return secrets if environment is None else _OfOne(environment)


def _choose(context: click.Context, _option: click.Parameter, environment: str | None) -> None:
    context.meta[CHOSEN] = environment


@click.option(
    "--environment",
    metavar="NAME",
    expose_value=False,
    callback=_choose,
    help="Only this environment.  [default: all]",
)
@proof_command("secrets", _proof, _text, markdown=_markdown, script=_script)
def command() -> None:
    """List every secret that must exist, and fail where one is missing, misplaced or never renewed.

    With --format script it prints a shell script that looks which keys the provider has, asks for the values of those
    that it does not have, and stores them. The script holds no value, and neither does the spec.

    \b
    Examples:
      kustodian secrets --environment prod
      kustodian secrets --environment prod --format script > create.sh
    """
