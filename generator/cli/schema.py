"""`kustodian schema`: print the JSON Schema of the spec or of a command's JSON, or the page made from the spec's."""

from pathlib import Path

import click

PACKAGE = Path(__file__).parent.parent
PROOFS = ("cost", "capacity", "network", "storage", "access", "secrets", "order")
FILES = {
    "spec": PACKAGE / "spec" / "agents.schema.json",
    "problems": PACKAGE / "problems.schema.json",
    **{proof: PACKAGE / "proofs" / proof / "report.schema.json" for proof in PROOFS},
}


@click.command("schema")
@click.argument("what", type=click.Choice([*FILES]), default="spec")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="The schema itself, or a page for people; the page is of the spec only.",
)
def command(what: str, format_: str) -> None:
    """Print the JSON Schema of the spec, of a proof's JSON, or of problems.

    `problems` is what check and validate print as JSON, and every command whose spec is bad.

    \b
    Examples:
      kustodian schema > agents.schema.json
      kustodian schema cost
      kustodian schema --format markdown > docs/spec.md
    """
    if format_ == "markdown":
        from generator.spec import reference, shape

        if what != "spec":
            raise click.UsageError(f"the page is of the spec only; leave out '{what}', or --format markdown")
        click.echo(reference.markdown(shape.schema()), nl=False)
    else:
        click.echo(FILES[what].read_text(encoding="utf-8"), nl=False)
