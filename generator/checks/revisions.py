"""What differs between two revisions of a repository: the objects of every overlay whose files differ, built.

An overlay is built from its own folder and from the base of its owner. One whose files are the same on both sides is
never built, since it makes the same objects. Everything happens in a temporary folder.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from generator.checks.git import Repository, Revision
from generator.checks.kustomize import build
from generator.checks.objects import Manifest, objects
from generator.checks.tools import find_kustomize
from generator.problems import ExitCode, Place, Problem, Stop

FOLDERS = ("base", "overlays", "argocd")
ARGOCD = ("", "argocd")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_DEPTH = 4  # overlays/<environment>/<owner>/<file>

Owner = tuple[str, str]  # environment and owner; Argo CD's own objects have no environment
Files = Mapping[str, str]  # paths from the project's folder, with git's hash of each


@dataclass(frozen=True, kw_only=True)
class Side:
    """One revision: its files, and the objects of those overlays that differ."""

    revision: Revision
    files: Files
    objects: Mapping[Owner, list[Manifest]]
    owners: frozenset[Owner]  # every overlay that there is


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two sides, and what changed that no overlay reads."""

    before: Side
    after: Side
    unread: tuple[str, ...]
    left_out: tuple[str, ...]  # what is no file, in words
    links: tuple[str, ...]  # the paths of those that are new


def difference(repository: Repository, before: Revision, after: Revision, root: Path) -> Difference:
    """Build what differs; `root` is where tools are looked for first.

    Raises Stop: no kustomize (TOOL_MISSING), an overlay that cannot be built (FAILED), with its place.
    """
    old, new = (repository.files(revision, FOLDERS) for revision in (before, after))
    old_inputs, new_inputs = _inputs(old.files), _inputs(new.files)
    shared = {path for path, digest in old.files.items() if new.files.get(path) == digest}
    for inputs in (old_inputs, new_inputs):  # a file of Argo CD is not built of others: one that is the same may wait
        if ARGOCD in inputs:
            inputs[ARGOCD] = {path: digest for path, digest in inputs[ARGOCD].items() if path not in shared}
    differing = {key for key in old_inputs.keys() | new_inputs.keys() if old_inputs.get(key) != new_inputs.get(key)}
    with ThreadPoolExecutor() as pool:
        former = pool.submit(_built, repository, before, old_inputs, differing, root)
        latter = pool.submit(_built, repository, after, new_inputs, differing, root)
        (old_objects, old_problems), (new_objects, new_problems) = former.result(), latter.result()
    if old_problems or new_problems:
        raise Stop({*old_problems, *new_problems}, ExitCode.FAILED, "nothing was planned")
    return Difference(
        before=Side(revision=before, files=old.files, objects=old_objects, owners=frozenset(old_inputs)),
        after=Side(revision=after, files=new.files, objects=new_objects, owners=frozenset(new_inputs)),
        unread=tuple(_unread(old.files, new.files, (old_inputs, new_inputs))),
        left_out=tuple(sorted({*old.left_out, *new.left_out})),
        links=tuple(said.rpartition(" is ")[0] for said in new.left_out if said not in old.left_out),
    )


def _inputs(files: Files) -> dict[Owner, Files]:
    """The files that each overlay is built from; those of Argo CD are one overlay of a sort."""
    bases: dict[str, dict[str, str]] = {}
    found: dict[Owner, dict[str, str]] = {}
    for path, digest in files.items():
        parts = path.split("/")
        if parts[0] == "base" and len(parts) > 2:
            bases.setdefault(parts[1], {})[path] = digest
        elif parts[0] == "overlays" and len(parts) >= _DEPTH:
            found.setdefault((parts[1], parts[2]), {})[path] = digest
        elif parts[0] == "argocd" and path.endswith((".yaml", ".yml")):
            found.setdefault(ARGOCD, {})[path] = digest
    return {
        key: own | bases.get(key[1], {}) if key != ARGOCD else own
        for key, own in found.items()
        if key == ARGOCD or any(f"overlays/{'/'.join(key)}/{name}" in own for name in _KUSTOMIZATIONS)
    }


def _unread(before: Files, after: Files, inputs: Iterable[Mapping[Owner, Files]]) -> Iterator[str]:
    """Files that differ and belong to no overlay, but for the lists of a whole environment, which Argo CD reads not."""
    read = {path for side in inputs for files in side.values() for path in files}
    for path in sorted(before.keys() | after.keys()):
        is_whole = path.startswith("overlays/") and path.count("/") == 2 and path.rpartition("/")[2] in _KUSTOMIZATIONS
        if before.get(path) != after.get(path) and path not in read and not is_whole:
            yield path


# ------------------------------------------------------------------------------------------------------------- building


def _built(
    repository: Repository, revision: Revision, inputs: Mapping[Owner, Files], differing: set[Owner], root: Path
) -> tuple[dict[Owner, list[Manifest]], list[Problem]]:
    """The objects of the overlays that differ, and what is wrong with those that cannot be built."""
    wanted = sorted(differing & inputs.keys())
    here = Path(tempfile.mkdtemp(dir=repository.scratch))
    _put(repository, {path: digest for key in wanted for path, digest in inputs[key].items()}, here)
    folders = {here / "overlays" / environment / owner: (environment, owner) for environment, owner in wanted}
    folders = {folder: key for folder, key in folders.items() if key != ARGOCD}
    found: dict[Owner, list[Manifest]] = {}
    problems: list[Problem] = []
    if folders:
        built = build(find_kustomize(root), list(folders), root=here)
        at = f"{revision.name}:" if revision.commit else ""
        problems += (
            Problem(Place(f"{at}{one.where.file}"), one.rule, one.message, "run `kustodian generate` and commit")
            for one in built.problems
        )
        for folder, text in built.texts.items():
            found[folders[folder]] = objects(text)
    if ARGOCD in wanted:
        found[ARGOCD] = []
        for path in sorted(inputs[ARGOCD]):
            try:
                found[ARGOCD] += objects((here / path).read_text(encoding="utf-8", errors="replace"))
            except ValueError as error:
                hint = "run `kustodian generate` and commit"
                problems.append(Problem(Place(path), "not-an-object", str(error), hint))
    return found, problems


def _put(repository: Repository, files: Files, folder: Path) -> None:
    """Write these files below a folder. Names that lead out of it are not what git takes, and are not followed."""
    made = set()
    for path, content in zip(files, repository.contents(list(files.values())), strict=True):
        if ".." in path.split("/"):
            continue
        target = folder / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(content)
