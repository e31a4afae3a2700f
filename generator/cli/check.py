"""`kustodian check`: fail where the committed files are not what the spec compiles to."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from generator.cli.options import Project, project_options
from generator.cli.reporting import fail_if, format_option, show
from generator.problems import ExitCode, Place, Problem

if TYPE_CHECKING:
    from generator.disk import Changes


@click.command("check")
@project_options
@format_option()
def command(project: Project, form: str) -> None:
    """Fail if `generate` would change anything, or if a proof fails.

    Prints a unified diff of each stale file, and names what is missing or left over.

    \b
    Examples:
      kustodian check
      kustodian check --format github
    """
    from generator.cli.proving import prove_all

    changes = project.changes()
    problems = prove_all(project)
    if form != "text":
        fail_if([*problems, *_stale(changes, project)], form)
    elif changes.is_empty:
        fail_if(problems)
        click.echo(f"{changes.unchanged} files are what the spec compiles to")
    else:
        show(problems, form)
        _show(changes)
        sys.exit(ExitCode.FAILED)


def _of(changes: "Changes") -> Iterator[tuple[str, str]]:
    """Every file that is not what it should be, and in which way."""
    for word, paths in (("missing", changes.created), ("changed", changes.changed), ("left over", changes.removed)):
        yield from ((word, path) for path in paths)


def _stale(changes: "Changes", project: Project) -> Iterator[Problem]:
    for word, path in _of(changes):
        message = f"is {word}, and so not what the spec compiles to"
        hint = "run `kustodian generate` and commit what it writes"
        yield Problem(Place((project.root / path).as_posix()), "stale-file", message, hint)


def _show(changes: "Changes") -> None:
    from generator import disk

    for line in disk.diff(changes):
        click.echo(line)
    for word, path in _of(changes):
        click.echo(f"{word}: {path}", err=True)
    stale = len(changes.created) + len(changes.changed) + len(changes.removed)
    summary = f"{stale} of {stale + changes.unchanged} files are stale"
    click.echo(f"{summary}; run `kustodian generate` and commit what it writes", err=True)
