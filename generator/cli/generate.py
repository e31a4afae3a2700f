"""`kustodian generate`: compile the spec and write what changed."""

import click

from generator.cli.options import Project, project_options


@click.command("generate")
@project_options
@click.option("--dry-run", is_flag=True, help="Print what would change; write nothing.")
def command(project: Project, dry_run: bool) -> None:
    """Compile the spec into base/, overlays/ and argocd/.

    Only files whose bytes change are written. Files that Kustodian wrote earlier and the spec no longer asks for are
    removed; files that it did not write are never touched. Nothing is written where a proof fails.

    \b
    Examples:
      kustodian generate
      kustodian generate --dry-run
    """
    from generator import disk
    from generator.cli.proving import prove_all
    from generator.problems import ExitCode, Stop

    changes = project.changes()
    problems = prove_all(project)
    if problems:
        raise Stop(problems, ExitCode.FAILED)
    if dry_run:
        for line in disk.diff(changes):
            click.echo(line)
    else:
        disk.apply(project.root, changes)
    written, removed = len(changes.created) + len(changes.changed), len(changes.removed)
    summary = f"{written} written, {changes.unchanged} unchanged, {removed} removed"
    click.echo(f"dry run: {summary}" if dry_run else summary, err=dry_run)
