"""How commands say what is wrong: in the format that was asked for, with the exit code that goes with it."""

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

from generator.problems import ExitCode, Problem, Stop

FORMATS = ("text", "json", "github", "sarif")  # of generator.formats, which --help does without


def format_option(*, more: Sequence[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add --format to a command, which gets it as `form`; what ends the command early is said in that format too."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def in_format(form: str, **options: Any) -> None:
            try:
                command(form=form, **options)
            except Stop as stop:
                if form not in FORMATS[1:]:
                    raise  # in the words of every command
                show(stop.problems, form)
                sys.exit(stop.code)

        choice = click.Choice([*FORMATS, *more])
        return click.option("--format", "form", type=choice, default="text", help="How to say it.  [default: text]")(
            in_format
        )

    return decorate


def show(problems: Sequence[Problem], form: str) -> None:
    """Print the problems: as text on standard error, for machines on standard output."""
    from generator import formats

    for line in formats.FORMATS[form](problems):
        click.echo(line, err=form == "text")


def fail_if(problems: Sequence[Problem], form: str = "text") -> None:
    """Print the problems and end with the exit code of what failed, if there are any."""
    if problems or form != "text":
        show(problems, form)
    if problems:
        if form == "text":
            click.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
        sys.exit(ExitCode.FAILED)
