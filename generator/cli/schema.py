"""`kustodian schema`: print the JSON Schema of the spec."""

import click


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of the spec, for editors and other tools.

    \b
    Example:
      kustodian schema > agents.schema.json
    """
    from generator.spec.shape import SCHEMA_FILE

    click.echo(SCHEMA_FILE.read_text(encoding="utf-8"), nl=False)
