"""What the commands of all proofs share: gather the evidence, place the findings in the spec, print, exit."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from generator.cli.options import Project, project_options
from generator.cli.reporting import fail_if, format_option, show
from generator.problems import ExitCode, Problem

if TYPE_CHECKING:
    from generator.proofs.evidence import Evidence, Proof, Report
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
        @format_option(more=[*formats])
        def command(project: Project, form: str) -> None:
            evidence, document = gather(project)
            report = proof().prove(evidence)
            problems = located(document, report.findings)
            if form == "json":
                click.echo(json.dumps(as_json(report, document), indent=2))
            elif form in ("text", *formats):
                for line in {"text": text, **formats}[form](report):
                    click.echo(line)
                if form == "markdown" and problems:
                    click.echo("\n".join(_as_list(problems)))
            else:
                show(problems, form)
            if form in ("text", *formats):
                fail_if(problems)
            elif problems:
                sys.exit(ExitCode.FAILED)

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


def _as_list(problems: Sequence[Problem]) -> Iterator[str]:
    yield from ("", f"### {len(problems)} finding{'s' if len(problems) != 1 else ''}", "")
    for problem in problems:
        yield f"- `{problem.where}` **{problem.rule}**: {problem.message}; {problem.hint}"


def as_json(report: "Report", document: "Document") -> dict[str, Any]:
    """The report with its findings, each with its place in the spec, as `report.schema.json` describes it."""
    from generator.formats import as_data

    said = {}
    for finding in report.findings:
        (problem,) = located(document, [finding])
        edits = [edit.as_json() for edit in finding.edits]
        said[problem] = as_data(problem) | {"environments": list(finding.environments), "edits": edits}
    return report.as_json() | {"findings": list(said.values())}


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
