"""`kustodian schema`: print the JSON Schema of the spec, or the reference page made from it."""

import click


@click.command("schema")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="The schema itself, or a page for people.",
)
def command(format_: str) -> None:
    """Print the JSON Schema of the spec, for editors and other tools.

    \b
    Examples:
      kustodian schema > agents.schema.json
      kustodian schema --format markdown > docs/spec.md
    """
    from generator.spec import reference, shape

    match format_:
        case "markdown":
            click.echo(reference.markdown(shape.schema()), nl=False)
        case _:
            click.echo(shape.SCHEMA_FILE.read_text(encoding="utf-8"), nl=False)
