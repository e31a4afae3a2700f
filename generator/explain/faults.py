"""Leads what a tool has against a built object back to the generated line, and to the line of the spec behind it.

Works on texts that it is given; never reads a file.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from generator.explain.causes import How, Stale, causes_of
from generator.explain.lines import has_value, line_at
from generator.model import Fleet
from generator.problems import Place
from generator.spec.reader import Document

# kustomize names the folder, and then the file in it.
_RESOURCE = re.compile(r"'((?:base|overlays)/[\w./-]+)'.*? from '([\w.-]+\.yaml)'")
_LINE = re.compile(r"\bline (\d+)")


def line_of_object(files: Mapping[str, str], source: str, kind: str, name: str, path: Sequence[str]) -> Place | None:
    """The generated line that gave an object this field: of the patch that changed it, or of the base, or its file's.

    `source` is the overlay's folder that was built, or the file itself; `files` are the generated texts by path.
    """
    nearest = None
    for file in _candidates(files, source):
        for number, document in enumerate(files[file].split("\n---\n")):
            if _is(document, kind, name):
                place = Place(file, line_at(files[file], number, path), 1)
                if has_value(files[file], number, path):
                    return place
                nearest = place  # the base comes last, and has most of an object
    return nearest


def line_of_message(files: Mapping[str, str], stale: Collection[str], source: str, message: str) -> Place | None:
    """The generated line that kustomize could not build: of what nobody compiled, if there is such a file."""
    candidates = list(_candidates(files, source))
    named = _RESOURCE.search(message)
    file = f"{named[1]}/{named[2]}" if named else ""
    if file in candidates:
        line = _LINE.search(message)
        return Place(file, int(line[1]) if line else 1, 1)
    first = next((file for file in candidates if file in stale), f"{source}/kustomization.yaml")
    return Place(first, 1, 1) if first in files else None


def _is(document: str, kind: str, name: str) -> bool:
    named = re.search(rf'^  name: "?{re.escape(name)}"?$', document, re.MULTILINE)
    return bool(named) and f"\nkind: {kind}\n" in f"\n{document}\n"


def behind(document: Document, fleet: Fleet, files: Mapping[str, str], generated: Place) -> Place | None:
    """The line of the spec that a generated line comes from; None where it is none of the compiler's."""
    try:
        causes = causes_of(document, fleet, generated.file, files[generated.file], generated.line)
    except (Stale, LookupError):
        return None
    cause = next((cause for cause in causes if cause.how is not How.DEFAULT), None)
    if not cause:
        return None
    return document.place(*cause.path) if cause.how is How.VALUE else document.key_place(*cause.path)


def _candidates(files: Mapping[str, str], source: str) -> Iterator[str]:
    if source in files:
        yield source
        return
    yield from (file for file in files if file.startswith(f"{source}/"))
    parts = source.split("/")
    if len(parts) == 3:  # overlays/<environment>/<owner>
        yield from (file for file in files if file.startswith(f"base/{parts[2]}/"))
