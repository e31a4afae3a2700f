"""Gathers what a plan is made of: the files of two revisions, what their specs compile to, and what is proven of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.cli.options import DEFAULT_SPEC, Project
from generator.problems import Place, Problem, Stop

if TYPE_CHECKING:
    from generator.checks.git import Repository, Revision
    from generator.checks.revisions import Difference
    from generator.checks.revisions import Side as Files
    from generator.compiled import Compiled
    from generator.model import Fleet
    from generator.review.changes import Source
    from generator.review.consequences import Reports
    from generator.review.plan import Plan, Side
    from generator.spec.reader import Document

WORKTREE = "worktree"
SHOWN = 3  # files that a note names


@dataclass
class _Loaded:
    """A side's spec; what stands in the way of its figures is said in `notes`."""

    fleet: "Fleet | None" = None
    document: "Document | None" = None


def make(project: Project, start: str, end: str) -> "tuple[Plan, Document | None]":
    """The plan from one revision to another, and the spec to point at. Raises Stop."""
    import gc

    from generator.checks.git import opened
    from generator.checks.revisions import FOLDERS, difference
    from generator.review.plan import plan

    gc.disable()  # as in Project.changes
    notes: list[str] = []
    with opened(project.root) as repository:
        spec = _in_repository(repository, project.spec)
        before = repository.revision(start)
        paths = [*(repository.prefix + folder for folder in FOLDERS), *([spec] if spec else [])]
        after = repository.worktree(paths) if end == WORKTREE else repository.revision(end)
        merged = repository.merged(before, after)
        files = difference(repository, before, merged or after, project.root)
        trailers = repository.trailers(before, after)
        old = _load(project, repository, before, spec, notes)
        new = _load(project, repository, merged or after, spec, notes, is_end=True)
        stale = _notes(repository, files, new.fleet, notes)
        foreign = _foreign(files, new.fleet)
    sides = _sides(files, old, new, notes, stale=stale)
    made = plan(
        *(_renamed(side, revision) for side, revision in zip(sides, (before, after), strict=True)),
        merged=merged is not None,
        notes=notes,
        trailers=trailers,
        acknowledgements=new.fleet.acknowledgements if new.fleet else (),
        foreign=foreign,
        unproven="" if sides[1].reports else after.name,
        today=_today(),
    )
    return made, new.document


def _renamed(side: "Side", revision: "Revision") -> "Side":
    """A merge goes by the name of what is merged."""
    from generator.review.plan import Reference

    return replace(side, reference=Reference(name=revision.name, commit=revision.commit))


def _in_repository(repository: "Repository", spec: Path) -> str | None:
    """The spec's path from the repository's top, if it is below it."""
    try:
        return spec.resolve().relative_to(repository.top.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        return None


# ----------------------------------------------------------------------------------------------------------- the specs


def _load(
    project: Project,
    repository: "Repository",
    revision: "Revision",
    spec: str | None,
    notes: list[str],
    *,
    is_end: bool = False,
) -> _Loaded:
    """The spec of a revision, read by this version; a note where that is not possible."""
    from generator.spec.load import load_with_places

    name = project.spec.as_posix()
    content = repository.content(revision, spec) if spec else None
    if content is None and not is_end:
        content = repository.content(revision, repository.prefix + DEFAULT_SPEC.as_posix())  # it may have moved
    if content is None and is_end and spec is None:
        content = _from_disk(project.spec)
    left_out = "costs, quotas, ways, permissions and secrets are left out"
    if content is None:
        notes.append(f"{revision.name} has no spec at {name}: {left_out}")
        return _Loaded()
    file = repository.scratch / "agents.yaml"
    file.write_bytes(content)
    try:
        return _Loaded(*load_with_places(file, name if is_end else f"{revision.name}:{name}"))
    except Stop as stop:
        count = len(stop.problems)
        several = f"{count} problems, the first: " if count > 1 else ""
        why = f"{several}{stop.problems[0]}"
        notes.append(f"the spec of {revision.name} cannot be read by this version: {left_out}; {why}")
        return _Loaded()


def _from_disk(spec: Path) -> bytes | None:
    try:
        return spec.read_bytes()
    except OSError:
        return None


def _notes(repository: "Repository", files: "Difference", fleet: "Fleet | None", notes: list[str]) -> bool:
    """Say what the plan does not see; whether files of the new side are not what its spec compiles to."""
    from generator import disk, emit, tree

    there = dict(files.after.files)
    stale = []
    for path, documents in tree.files(fleet) if fleet else ():
        text = emit.documents(documents, disk.HEADER).encode()
        if there.pop(path, "") != _digest(text, repository.hash_name):
            stale.append(path)
    if fleet:
        contents = repository.contents(list(there.values()))
        stale += [path for path, content in zip(there, contents, strict=True) if disk.is_ours(content)]
    if stale:
        are = "file is" if len(stale) == 1 else "files are"
        notes.append(
            f"{len(stale)} {are} not what the spec compiles to ({_some(sorted(stale))}): the plan is about the files, "
            "which is what Argo CD applies; run `kustodian generate`"
        )
    if files.unread:
        are = "file that changes is" if len(files.unread) == 1 else "files that change are"
        notes.append(f"{len(files.unread)} {are} read by no overlay ({_some(files.unread)})")
    notes.extend(f"{left_out}: what is in it is not looked at" for left_out in files.left_out)
    return bool(stale)


def _foreign(files: "Difference", fleet: "Fleet | None") -> list[str]:
    """What is new or other below the folders that Argo CD reads, and is nothing that the spec compiles to."""
    from generator import tree

    if not fleet:
        return []
    compiled = {path for path, _ in tree.files(fleet)}
    changed = [path for path, digest in files.after.files.items() if files.before.files.get(path) != digest]
    return sorted({*changed, *files.links} - compiled)


def _some(paths: "Sequence[str]") -> str:
    return ", ".join([*paths[:SHOWN], *(["..."] if len(paths) > SHOWN else [])])


def _digest(data: bytes, hash_name: str) -> str:
    """Git's name of a file with these bytes."""
    digest = hashlib.new(hash_name, usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest()


# ----------------------------------------------------------------------------------------------------------- the sides


def _sides(files: "Difference", old: _Loaded, new: _Loaded, notes: list[str], *, stale: bool) -> "tuple[Side, Side]":
    """What is known of each side. An overlay whose files are the same makes the same objects on both sides: those of
    the new spec or, where that is not what the files are made from, of the old one.
    """
    compiled = [_compiled(loaded.fleet) for loaded in (old, new)]
    same = compiled[0] if stale and old.fleet else compiled[1]
    answers = []
    for side, loaded, own in zip((files.before, files.after), (old, new), compiled, strict=True):
        answers.append(_side(side, loaded, {key: same.get(key, one) for key, one in own.items()}, notes))
    return answers[0], answers[1]


def _side(files: "Files", loaded: _Loaded, own: "Mapping[tuple[str, str], list[Any]]", notes: list[str]) -> "Side":
    from generator.review.changes import Source
    from generator.review.plan import Reference, Side

    fleet = loaded.fleet
    return Side(
        reference=Reference(name=files.revision.name, commit=files.revision.commit),
        sources=frozenset(Source(environment=environment, owner=owner) for environment, owner in files.owners),
        objects={_source(key): objects for key, objects in files.objects.items()},
        reports=_reports(fleet, {**own, **files.objects}, files.revision.name, notes) if fleet else None,
        environments=tuple(environment.name for environment in fleet.environments) if fleet else (),
    )


def _source(key: tuple[str, str]) -> "Source":
    from generator.review.changes import Source

    return Source(environment=key[0], owner=key[1])


def _compiled(fleet: "Fleet | None") -> dict[tuple[str, str], Any]:
    from generator.compiled import environments

    return {
        (compiled.environment, owner): objects
        for compiled in (environments(fleet) if fleet else ())
        for owner, objects in compiled.objects.items()
    }


def _reports(
    fleet: "Fleet", objects: "Mapping[tuple[str, str], list[Any]]", name: str, notes: list[str]
) -> "Reports | None":
    """What is proven of a side's own objects; a note where they are not what proofs can read."""
    from generator.compiled import applications
    from generator.proofs.evidence import Evidence
    from generator.review.consequences import reports

    evidence = Evidence(
        fleet=fleet,
        environments=tuple(_environments(fleet, objects)),
        applications=tuple(applications(fleet)),
        today=_today(),
    )
    try:
        return reports(evidence)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Files that nobody compiled may hold anything; what changes in them is still told object by object.
        notes.append(f"the objects of {name} are not what proofs can read ({type(error).__name__}: {error})")
        return None


def _environments(fleet: "Fleet", objects: "Mapping[tuple[str, str], list[Any]]") -> "list[Compiled]":
    from generator.compiled import environments

    return [
        replace(
            compiled,
            objects={owner: objects.get((compiled.environment, owner), own) for owner, own in compiled.objects.items()},
        )
        for compiled in environments(fleet)
    ]


def _today() -> Any:
    import datetime

    return datetime.datetime.now(tz=datetime.UTC).date()


# ------------------------------------------------------------------------------------------------------------ the gate


def problems(plan: "Plan", document: "Document | None") -> list[Problem]:
    """What nobody answers for, at what is left of it in the spec, or else where it is in the files."""
    from generator.spec.places import place_of

    found = []
    for one in plan.unacknowledged:
        left = [path for path in one.paths if document and document.has(*path[:2])]  # of the agent, or the environment
        place = place_of(document, left) if document and left else Place(one.folder)
        found.append(Problem(place, one.rule, one.message, one.hint))
    return sorted(found)
