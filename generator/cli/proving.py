"""What the commands of all proofs share: gather the evidence, place the findings in the spec, print, exit."""

import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from generator.cli.options import Project, project_options
from generator.problems import ExitCode, Problem

if TYPE_CHECKING:
    from generator.proofs.evidence import Evidence, Proof
    from generator.proofs.findings import Finding
    from generator.spec.reader import Document


def proof_command(
    name: str,
    proof: Callable[[], "Proof"],
    text: Callable[[Any], Iterable[str]],
    **formats: Callable[[Any], Iterable[str]],
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a proof: `text` (and each of `formats`) words its report line by line; json is always there."""

    def decorate(documented: Callable[..., None]) -> click.Command:
        @click.command(name, help=documented.__doc__)
        @project_options
        @click.option(
            "--format",
            "form",
            type=click.Choice(["text", "json", *formats]),
            default="text",
            help="How to print it.  [default: text]",
        )
        def command(project: Project, form: str) -> None:
            evidence, document = gather(project)
            report = proof().prove(evidence)
            if form == "json":
                click.echo(json.dumps(report.as_json(), indent=2))
            else:
                for line in {"text": text, **formats}[form](report):
                    click.echo(line)
            fail_if(located(document, report.findings))

        return command

    return decorate


def gather(project: Project) -> "tuple[Evidence, Document]":
    """Compile the spec in memory, and keep the document to point at. Raises Stop."""
    import gc

    from generator.compiled import applications, environments
    from generator.proofs.evidence import Evidence

    gc.disable()  # as in Project.changes

    fleet, document = project.loaded
    evidence = Evidence(
        fleet=fleet, environments=tuple(environments(fleet)), applications=tuple(applications(fleet)), today=_today()
    )
    return evidence, document


def located(document: "Document", findings: Iterable["Finding"]) -> list[Problem]:
    """Each finding as a problem at the line of the spec that caused it."""
    from generator.spec.places import place_of

    return sorted(
        {
            Problem(place_of(document, finding.paths), finding.rule, finding.message, finding.hint)
            for finding in findings
        }
    )


def fail_if(problems: list[Problem]) -> None:
    """Print the problems of failed proofs and end with their exit code, if there are any."""
    if problems:
        for problem in problems:
            click.echo(problem, err=True)
        click.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
        sys.exit(ExitCode.FAILED)


def prove_all(project: Project) -> list[Problem]:
    """Every proof's findings, placed."""
    from generator.proofs.registry import PROOFS

    evidence, document = gather(project)
    return sorted(
        {problem for proof in PROOFS.values() for problem in located(document, proof.prove(evidence).findings)}
    )


def _today() -> Any:
    import datetime

    return datetime.datetime.now(tz=datetime.UTC).date()
