"""`kustodian validate`: let kustomize and kubeconform judge what was committed."""

import sys

import click

from generator.cli.options import Project, project_options
from generator.cli.reporting import fail_if, format_option, show
from generator.problems import ExitCode


@click.command("validate")
@project_options
@click.option("--kubernetes-version", metavar="1.NN", help="Judge by this Kubernetes minor.  [default: the spec's]")
@format_option()
def command(project: Project, kubernetes_version: str | None, form: str) -> None:
    """Build every overlay with kustomize and hold it, and argocd/, against the Kubernetes schemas.

    Judges the files as they are on the disk. Nothing is skipped: a kind without a schema is a problem too. Schemas of
    custom resources come from the public CRDs catalog, or from the folder that KUSTODIAN_CRD_SCHEMAS names.

    \b
    Examples:
      kustodian validate
      kustodian validate --kubernetes-version 1.37
    """
    from generator.checks.validate import validate

    report = validate(project.root, kubernetes_version or str(project.fleet.kubernetes.version))
    if form != "text":
        fail_if(report.problems, form)
        return
    show(report.problems, form)
    for environment in report.not_built:
        click.echo(f"{environment}: too large to be built as a whole; each of its overlays was built", err=True)
    click.echo(report)
    if report.problems:
        click.echo(f"{len(report.problems)} problem{'s' if len(report.problems) != 1 else ''}", err=True)
        sys.exit(ExitCode.FAILED)
