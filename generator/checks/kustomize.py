"""Builds overlays with the real kustomize, many in one process, and words its errors."""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from generator.checks.tools import Tool, run
from generator.problems import Place, Problem

BATCH = 20  # overlays a process: one alone costs mostly its start, and far more grow like the cube

# Stands after each overlay's documents in a batch, so that the output can be taken apart again.
_MARK = "apiVersion: kustodian.dev/v1\nkind: EndOfOverlay\nmetadata:\n  name: overlay-{}"
_SEPARATOR = "\n---\n"  # at column 0 it is one: kustomize indents every text of many lines


@dataclass(frozen=True, kw_only=True)
class Built:
    """The text of each overlay that could be built, and a problem for each that could not."""

    texts: dict[Path, str]
    problems: tuple[Problem, ...]


def build(kustomize: Tool, overlays: Sequence[Path], *, root: Path, batch: int = BATCH) -> Built:
    """Builds every overlay folder; a problem's place is the folder as seen from `root`.

    A batch that fails is built again one by one, which names the culprits and lets the others through. (Two overlays
    that hold the same object are fine apart and not together.)
    """
    batches = [overlays[start : start + batch] for start in range(0, len(overlays), batch)]
    texts: dict[Path, str] = {}
    problems: list[Problem] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        together = list(pool.map(lambda folders: _build_together(kustomize, folders), batches))
        alone = [folder for folders, built in zip(batches, together, strict=True) if not built for folder in folders]
        for built in together:
            texts.update(built or {})
        for folder, answer in zip(alone, pool.map(lambda f: run([*kustomize.command, str(f)]), alone), strict=True):
            if answer.code:
                message = _reason(answer.err, root)
                problems.append(Problem(Place(shown(folder, root)), "kustomize", message))
            else:
                texts[folder] = _text(documents(answer.out))
    return Built(texts={folder: texts[folder] for folder in overlays if folder in texts}, problems=tuple(problems))


def documents(text: str) -> Iterator[str]:
    """The documents of kustomize's output, without their separators."""
    return (document for document in text.removesuffix("\n").split(_SEPARATOR) if document)


def shown(path: Path, root: Path) -> str:
    """The path as a person in `root` would write it."""
    return Path(os.path.relpath(path, root)).as_posix()


def _build_together(kustomize: Tool, folders: Sequence[Path]) -> dict[Path, str] | None:
    """The text of each folder, or None where kustomize did not accept them together."""
    if len(folders) < 2:
        return None
    with tempfile.TemporaryDirectory(prefix="kustodian-") as temporary:
        here = Path(temporary).resolve()
        resources = []
        for number, folder in enumerate(folders):
            (here / f"{number}.yaml").write_text(_MARK.format(number) + "\n", encoding="utf-8")
            resources += [Path(os.path.relpath(folder.resolve(), here)).as_posix(), f"{number}.yaml"]
        lines = ["sortOptions: {order: fifo}", "resources:", *(f"- {_quoted(resource)}" for resource in resources)]
        (here / "kustomization.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        answer = run([*kustomize.command, str(here)])
    return None if answer.code else _apart(answer.out, folders)


def _apart(text: str, folders: Iterable[Path]) -> dict[Path, str] | None:
    rest = documents(text)
    texts = {}
    for number, folder in enumerate(folders):
        mine = []
        mark = _MARK.format(number)
        for document in rest:
            if document == mark:
                break
            mine.append(document)
        else:
            return None
        texts[folder] = _text(mine)
    return texts


def _text(parts: Iterable[str]) -> str:
    """In alphabetical order: kustomize's own depends on whether the overlay is built alone or in a batch."""
    together = _SEPARATOR.join(sorted(parts))
    return f"{together}\n" if together else ""


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"


def _reason(err: str, root: Path) -> str:
    """What matters in kustomize's error, which repeats itself once for every folder it came through."""
    lines = (line for line in err.splitlines() if line and not line.startswith("#"))  # "# Warning: ..."
    text = re.sub(r"^error: ", "", " ".join(lines), flags=re.IGNORECASE)
    _, nested, inner = text.rpartition("recursed accumulation of path ")
    if nested:
        text = inner
    # It tries each resource as a file and then as a folder, and complains about both.
    text = re.sub(r"accumulating resources: accumulation err='(.*?)': must build at directory: .*", r"\1", text)
    text = re.sub(r"accumulating resources: accumulation err='(.*?): '.*?' must resolve to a file': ", r"\1: ", text)
    text = re.sub(r"evalsymlink failure on '.*?' : lstat ", "", text)
    for base in {str(root.resolve()), str(root.absolute())}:
        text = text.replace(base + os.sep, "")
    return text.strip() or "kustomize failed and did not say why"
