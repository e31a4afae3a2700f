"""`kustodian check`: fail where the committed files are not what the spec compiles to."""

import sys

import click

from generator.cli.options import Project, project_options
from generator.problems import ExitCode


@click.command("check")
@project_options
def command(project: Project) -> None:
    """Fail if `generate` would change anything.

    Prints a unified diff of each stale file, and names what is missing or left over.

    \b
    Example:
      kustodian check
    """
    from generator import disk

    changes = project.changes()
    if changes.is_empty:
        click.echo(f"{changes.unchanged} files are what the spec compiles to")
        return
    for line in disk.diff(changes):
        click.echo(line)
    for word, paths in (("missing", changes.created), ("changed", changes.changed), ("left over", changes.removed)):
        for path in paths:
            click.echo(f"{word}: {path}", err=True)
    total = len(changes.created) + len(changes.changed) + len(changes.removed)
    click.echo(
        f"{total} of {total + changes.unchanged} files are stale; run `kustodian generate` and commit what it writes",
        err=True,
    )
    sys.exit(ExitCode.FAILED)
