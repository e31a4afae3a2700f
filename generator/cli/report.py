"""`kustodian report`: the fleet as one page for people."""

from pathlib import Path

import click

from generator.cli.options import Project, project_options

PAGE = "index.html"


@click.command("report")
@project_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to write it.  [default: DIR/site]",
)
def command(project: Project, out: Path | None) -> None:
    """Write one page about the fleet for people: site/index.html.

    Agents by environments, cost against budget, quotas, who reaches whom, permissions, secrets and the order of the
    rollout, with what the proofs found on top. The page stands alone: it fetches nothing, and works without scripts.
    It is also written where a proof fails; the exit code then is 1.

    \b
    Examples:
      kustodian report
      kustodian report --out public
    """
    import hashlib

    from generator import disk
    from generator.cli.proving import gather, located
    from generator.cli.reporting import fail_if
    from generator.proofs.registry import PROOFS
    from generator.report import page, render

    evidence, document = gather(project)
    reports = {name: proof.prove(evidence) for name, proof in PROOFS.items()}
    problems = {name: located(document, report.findings) for name, report in reports.items()}
    digest = hashlib.sha256(project.spec.read_bytes()).hexdigest()
    text = render.html(page.gather(evidence.fleet, reports, problems, digest))
    folder = out or project.root / "site"
    changes = disk.compare(folder, [(PAGE, text)], ())
    disk.apply(folder, changes)
    click.echo(f"{(folder / PAGE).as_posix()}: {'unchanged' if changes.is_empty else 'written'}")
    fail_if(sorted({problem for found in problems.values() for problem in found}))
