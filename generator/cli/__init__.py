"""The command line: the only room that prints and exits. It decides nothing.

A command is a module of this package, imported when it is run or listed; what a command needs is imported in its body.
"""

import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from generator import __version__
from generator.problems import ExitCode, Stop

COMMANDS = (
    "generate",
    "check",
    "validate",
    "cost",
    "capacity",
    "network",
    "storage",
    "access",
    "secrets",
    "order",
    "plan",
    "report",
    "explain",
    "schema",
)


MOST_PROBLEMS = 200  # printed; more help nobody


class _Commands(click.Group):
    """Finds a command by its module's name."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"generator.cli.{cmd_name}").command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kustodian")
def cli() -> None:
    """Compile a fleet of AI agents into reviewed Kubernetes manifests.

    One spec, spec/agents.yaml, becomes Kustomize bases, overlays and Argo CD Applications. Edit the spec, run
    `kustodian generate`, commit both.

    \b
    Exit codes: 0 good; 1 drift, a failed proof or invalid output; 2 a bad spec or usage; 3 a needed tool is missing.
    """


def main() -> NoReturn:
    """The entry point: problems become lines on standard error and an exit code; nothing becomes a traceback."""
    try:
        cli(prog_name="kustodian")
    except Stop as stop:
        count = len(stop.problems)
        for problem in stop.problems[:MOST_PROBLEMS]:
            click.echo(problem, err=True)
        if count > MOST_PROBLEMS:
            click.echo(f"... and {count - MOST_PROBLEMS} more", err=True)
        click.echo(f"{count} problem{'s' if count != 1 else ''}; {stop.outcome}", err=True)
        sys.exit(stop.code)
    except OSError as error:
        click.echo(f"kustodian: {error.strerror or error}", err=True)
        sys.exit(ExitCode.FAILED)
    except Exception as error:
        if os.environ.get("KUSTODIAN_DEBUG"):
            raise
        click.echo(f"kustodian: internal error: {type(error).__name__}: {error}", err=True)
        click.echo("This is a bug. Run again with KUSTODIAN_DEBUG=1 and report what it prints.", err=True)
        sys.exit(ExitCode.FAILED)
    sys.exit(ExitCode.GOOD)
