"""`kustodian check`: fail where the committed files are not what the spec compiles to."""

import sys
from typing import TYPE_CHECKING

import click

from generator.cli.options import Project, project_options
from generator.problems import ExitCode

if TYPE_CHECKING:
    from generator.disk import Changes


@click.command("check")
@project_options
def command(project: Project) -> None:
    """Fail if `generate` would change anything, or if a proof fails.

    Prints a unified diff of each stale file, and names what is missing or left over.

    \b
    Example:
      kustodian check
    """
    from generator.cli.proving import fail_if, prove_all

    changes = project.changes()
    problems = prove_all(project)
    if changes.is_empty:
        fail_if(problems)
        click.echo(f"{changes.unchanged} files are what the spec compiles to")
    else:
        for problem in problems:
            click.echo(problem, err=True)
        _show(changes)
        sys.exit(ExitCode.FAILED)


def _show(changes: "Changes") -> None:
    from generator import disk

    for line in disk.diff(changes):
        click.echo(line)
    for word, paths in (("missing", changes.created), ("changed", changes.changed), ("left over", changes.removed)):
        for path in paths:
            click.echo(f"{word}: {path}", err=True)
    stale = len(changes.created) + len(changes.changed) + len(changes.removed)
    summary = f"{stale} of {stale + changes.unchanged} files are stale"
    click.echo(f"{summary}; run `kustodian generate` and commit what it writes", err=True)
