"""`kustodian validate`: let kustomize and kubeconform judge what was committed."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from generator.cli.options import Project, project_options
from generator.cli.reporting import fail_if, format_option, show
from generator.problems import ExitCode, Problem

if TYPE_CHECKING:
    from generator.checks.validate import Report


@click.command("validate")
@project_options
@click.option("--kubernetes-version", metavar="1.NN", help="Judge by this Kubernetes minor.  [default: the spec's]")
@format_option()
def command(project: Project, kubernetes_version: str | None, form: str) -> None:
    """Build every overlay with kustomize and hold it, and argocd/, against the Kubernetes schemas.

    Judges the files as they are on the disk. Nothing is skipped: a kind without a schema is a problem too. What is
    wrong is led back to the line of the spec that it comes from. Schemas of custom resources come from the public CRDs
    catalog, or from the folder that KUSTODIAN_CRD_SCHEMAS names.

    \b
    Examples:
      kustodian validate
      kustodian validate --kubernetes-version 1.37
    """
    from generator.checks.validate import validate

    report = validate(project.root, kubernetes_version or str(project.fleet.kubernetes.version))
    problems = _led_back(project, report)
    if form != "text":
        fail_if(problems, form)
        return
    show(problems, form)
    for environment in report.not_built:
        click.echo(f"{environment}: too large to be built as a whole; each of its overlays was built", err=True)
    click.echo(report)
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
        sys.exit(ExitCode.FAILED)


def _led_back(project: Project, report: "Report") -> list[Problem]:
    """Each problem at the line of the spec that it comes from, or else at the generated line."""
    if not report.problems:
        return []
    from generator import tree
    from generator.explain import faults

    files = {
        path.relative_to(project.root).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for folder in tree.FOLDERS
        for path in sorted((project.root / folder).rglob("*.yaml"))
        if path.is_file()
    }
    fleet, document = project.loaded
    stale = {path for path, text in project.files() if files.get(path) != text}
    found = []
    for problem in report.problems:
        subject, source = report.subjects.get(problem), problem.where.file
        if problem.rule == "no-schema":
            generated = None  # nobody's line is at fault
        elif subject:
            generated = faults.line_of_object(files, source, subject.kind, subject.name, subject.path)
        else:
            generated = faults.line_of_message(files, stale, source, problem.message)
        if not generated:
            found.append(problem)
        elif place := faults.behind(document, fleet, files, generated):
            found.append(replace(problem, where=place, message=f"{generated}: {problem.message}"))
        else:
            is_stale = "this file is not what the spec compiles to; run `kustodian generate`"
            here = replace(generated, file=(project.root / generated.file).as_posix())
            hint = is_stale if generated.file in stale else problem.hint
            found.append(replace(problem, where=here, message=f"{source}: {problem.message}", hint=hint))
    return sorted(set(found))
