"""The options that every command on a fleet takes, and the fleet that they lead to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from generator.disk import Changes
    from generator.model import Fleet
    from generator.spec.reader import Document

DEFAULT_SPEC = Path("spec/agents.yaml")


@dataclass(frozen=True)
class Project:
    """A folder with a spec and what was compiled from it."""

    root: Path
    spec: Path

    @cached_property
    def loaded(self) -> "tuple[Fleet, Document]":
        """The fleet, and the document that knows where each value of the spec stands. Raises Stop."""
        from generator.spec.load import load_with_places

        return load_with_places(self.spec, self.spec.as_posix())

    @property
    def fleet(self) -> "Fleet":
        """The fleet of the spec. Raises Stop."""
        return self.loaded[0]

    def changes(self) -> "Changes":
        """What `generate` would change on the disk. Raises Stop."""
        import gc

        from generator import disk, tree

        gc.disable()  # what is built here lives to the end; looking for garbage in it costs more with every agent
        return disk.compare(self.root, _with_progress(self.files()), tree.FOLDERS)

    def files(self) -> Iterator[tuple[str, str]]:
        """The path and the text of every file that the spec compiles to. Raises Stop."""
        from generator import disk, emit, tree

        for path, documents in tree.files(self.fleet):
            yield path, emit.documents(documents, disk.HEADER)


def project_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --root and --spec to a command, which gets them as one `project`."""

    @wraps(command)  # with the options that are on the command already
    def with_project(root: Path, spec: Path | None, **options: Any) -> None:
        command(project=Project(root, spec or root / DEFAULT_SPEC), **options)

    a_path = click.Path(path_type=Path)
    of_spec = click.option("--spec", type=a_path, metavar="FILE", help=f"The spec.  [default: DIR/{DEFAULT_SPEC}]")
    of_root = click.option(
        "--root", type=a_path, default=Path(), metavar="DIR", help="The repository's folder.  [default: .]"
    )
    return of_root(of_spec(with_project))


def _with_progress(files: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Count the files on standard error, once it has taken a second and where a person is watching."""
    import sys
    import time

    if not sys.stderr.isatty():
        yield from files
        return
    start, count, shown = time.monotonic(), 0, False
    for count, file in enumerate(files, 1):
        if count % 200 == 0 and time.monotonic() - start > 1:
            shown = True
            click.echo(f"\r{count} files compiled", nl=False, err=True)
        yield file
    if shown:
        click.echo(f"\r{count} files compiled", err=True)
