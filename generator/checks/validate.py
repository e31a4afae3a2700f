"""Builds every overlay and holds each document of it, and of argocd/, against the schemas of a Kubernetes version."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.checks import schemas
from generator.checks.kubeconform import Finding, judge
from generator.checks.kustomize import Built, build, documents, shown
from generator.checks.tools import Tool, Tools, find_tools
from generator.problems import Place, Problem

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_WHOLE = 20  # overlays of an environment up to which it is also built as a whole: kustomize's time grows like the cube


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The object that a problem is about, and the field; `source` is the folder it was built from, or its file."""

    source: str
    kind: str
    name: str
    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was looked at, with what, and what is wrong. Without a problem, every document was valid."""

    kubernetes_version: str
    tools: tuple[Tool, ...]
    overlays: int  # folders that were built
    valid: int  # documents; one that an environment's whole build repeats word for word counts once
    invalid: int
    no_schema: int
    not_built: tuple[str, ...]  # environments too large to be built as a whole; each of their overlays was
    problems: tuple[Problem, ...]
    subjects: Mapping[Problem, Subject]  # of those problems that are about one object

    def __str__(self) -> str:
        tools = ", ".join(map(str, self.tools))
        wrong = f", {self.invalid} invalid, {self.no_schema} without a schema" if self.invalid or self.no_schema else ""
        overlays = f"{self.overlays} overlay{'' if self.overlays == 1 else 's'}"
        return f"Kubernetes {self.kubernetes_version}: {overlays}, {self.valid} documents valid{wrong} ({tools})"


def validate(
    root: Path,
    kubernetes_version: str,
    *,
    overlays: str = "overlays",
    files: Sequence[str] = ("argocd",),
    tools: Tools | None = None,
    where: Place = Place("--kubernetes-version"),  # noqa: B008 - frozen
) -> Report:
    """Judges `<root>/<overlays>/<env>/` and its folders as kustomize builds them, and `files` (folders) as they are.

    `where` is the place of an unknown Kubernetes version. Raises Stop where nothing can be judged: a missing tool
    (TOOL_MISSING), a version without schemas, a folder of schemas that is not there (BAD_INPUT).
    """
    core = schemas.core_folder(kubernetes_version, where=where)
    custom = schemas.custom_location()
    tools = tools or find_tools(root)
    found = _find(root, overlays)
    built = build(tools.kustomize, found.leaves, root=root)
    whole = build(tools.kustomize, _worth_building(found, built), root=root, batch=1)
    judged = _judge(root, tools.kubeconform, core, custom, _texts(built, whole), files)
    return Report(
        kubernetes_version=kubernetes_version,
        tools=(tools.kustomize, tools.kubeconform),
        overlays=len(built.texts) + len(whole.texts),
        valid=judged.valid,
        invalid=judged.invalid,
        no_schema=judged.no_schema,
        not_built=tuple(shown(environment, root) for environment, leaves in found.wholes.items() if leaves > _WHOLE),
        problems=tuple(sorted((*found.problems, *built.problems, *whole.problems, *judged.problems))),
        subjects=judged.subjects,
    )


@dataclass(frozen=True, kw_only=True)
class _Found:
    leaves: list[Path]
    wholes: dict[Path, int]  # an environment's own kustomization, and how many folders lie in it
    problems: list[Problem]


def _find(root: Path, overlays: str) -> _Found:
    leaves: list[Path] = []
    wholes: dict[Path, int] = {}
    problems = []
    for environment in _folders(root / overlays):
        inside = _folders(environment)
        for folder in inside:
            if _is_kustomization(folder):
                leaves.append(folder)
            else:
                message = "this folder has no kustomization.yaml, so nothing builds it"
                problems.append(Problem(Place(shown(folder, root)), "kustomize", message))
        if _is_kustomization(environment):
            wholes[environment] = len(inside)
    if not leaves and not wholes:
        message = "there is no overlay here, so there is nothing to validate"
        problems.append(Problem(Place(overlays), "kustomize", message, "run 'kustodian generate'"))
    return _Found(leaves=leaves, wholes=wholes, problems=problems)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _is_kustomization(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _NAMES)


def _worth_building(found: _Found, built: Built) -> list[Path]:
    """The environments that are small enough, and not sure to fail for a folder that already has its problem."""
    good = Counter(leaf.parent for leaf in built.texts)
    return [whole for whole, folders in found.wholes.items() if folders <= _WHOLE and folders == good[whole]]


def _texts(built: Built, whole: Built) -> dict[Path, str]:
    """Each folder's text; of an environment's whole build only what no overlay of it has said word for word."""
    known = {document for text in built.texts.values() for document in documents(text)}
    rest = {
        folder: "\n---\n".join(document for document in documents(text) if document not in known) + "\n"
        for folder, text in whole.texts.items()
    }
    return {**built.texts, **rest}


@dataclass(frozen=True, kw_only=True)
class _Judged:
    valid: int
    invalid: int
    no_schema: int
    problems: list[Problem]
    subjects: dict[Problem, Subject]


def _judge(
    root: Path, kubeconform: Tool, core: Path, custom: str, texts: dict[Path, str], files: Sequence[str]
) -> _Judged:
    here = [folder for folder in files if (root / folder).is_dir()]
    with tempfile.TemporaryDirectory(prefix="kustodian-") as temporary:
        output = Path(temporary) / "built"
        output.mkdir()
        sources: dict[str, tuple[str, str]] = {}  # file given to kubeconform -> (place to show, its text)
        for number, (folder, text) in enumerate(texts.items()):
            file = output / f"{number}.yaml"
            file.write_text(text, encoding="utf-8")
            sources[str(file)] = (shown(folder, root), text)
        for path in (path for folder in here for path in sorted((root / folder).rglob("*"))):
            if path.suffix in {".yaml", ".yml", ".json"} and path.is_file():
                place = shown(path, root)
                sources[place] = (place, path.read_text(encoding="utf-8", errors="replace"))
        written = schemas.write_core(core, (text for _, text in sources.values()), Path(temporary))
        judgement = judge(kubeconform, [str(output), *here], [written, custom], cwd=root)
    alike = Counter((finding.kind, finding.version) for finding in judgement.findings if finding.no_schema)
    problems: list[Problem] = []
    subjects: dict[Problem, Subject] = {}
    # kubeconform's threads answer in any order; which object stands for its kind must not depend on it.
    for finding in sorted(
        judgement.findings, key=lambda each: (sources.get(each.file, ("",))[0], each.kind, each.name)
    ):
        # A schema that is missing is missing for every object of its kind: said once, with their number.
        count = alike.pop((finding.kind, finding.version), 0) if finding.no_schema else 1
        found = dict(_problems(finding, sources, count)) if count else {}
        problems += found
        subjects |= found
    given = sum(len(_IS_DOCUMENT.findall(text)) for _, text in sources.values())
    if judgement.failure:
        problems.append(Problem(Place("kubeconform"), "kubeconform", judgement.failure))
    elif judgement.judged < given:
        message = f"it answered for {judgement.judged} of {given} documents"
        problems.append(Problem(Place("kubeconform"), "kubeconform", message))
    unknown = Counter(finding.no_schema for finding in judgement.findings)
    return _Judged(
        valid=judgement.valid, invalid=unknown[False], no_schema=unknown[True], problems=problems, subjects=subjects
    )


_IS_DOCUMENT = re.compile(r"^kind:", re.MULTILINE)


def _problems(finding: Finding, sources: dict[str, tuple[str, str]], count: int) -> Iterable[tuple[Problem, Subject]]:
    place, text = sources.get(finding.file, (finding.file, ""))
    kind = f"{finding.kind} ({finding.version})" if finding.no_schema else finding.kind
    subject = " ".join(filter(None, (kind, _full_name(finding, text))))
    rule, hint = "kubeconform", ""
    if finding.no_schema:
        rule, hint = "no-schema", f"name a folder that holds its schema in {schemas.CRD_FOLDER}"
    more = f" (and {count - 1} more of this kind)" if count > 1 else ""
    for fault in finding.faults:
        problem = Problem(Place(place), rule, f"{subject}: {fault}{more}" if subject else str(fault), hint)
        yield problem, Subject(source=place, kind=finding.kind, name=finding.name, path=fault.path)


def _full_name(finding: Finding, text: str) -> str:
    """`namespace/name`; kubeconform does not tell the namespace, so it is read off the document, if that is clear."""
    for document in documents(text):
        metadata = re.search(r"^metadata:\n((?: .*\n?)*)", document, re.MULTILINE)
        said = dict(re.findall(r"^  (name|namespace): (.*)$", metadata[1], re.MULTILINE)) if metadata else {}
        if said.get("name") == finding.name and f"\nkind: {finding.kind}\n" in f"\n{document}\n":
            return f"{said['namespace']}/{finding.name}" if "namespace" in said else finding.name
    return finding.name
