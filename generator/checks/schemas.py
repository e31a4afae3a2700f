"""Which schema each document is held against: the core kinds of one Kubernetes version, and the custom resources.

The core schemas come with the PyPI package `kubernetes-validate`. kubeconform cannot follow their references and is
eight times as fast without any, so each kind that occurs is written out whole, with only the definitions it reaches.
"""

import json
import os
import re
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.problems import ExitCode, Place, Problem, Stop

CRD_FOLDER = "KUSTODIAN_CRD_SCHEMAS"  # the environment variable for where there is no internet, or for own resources
LAYOUT = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
CATALOG = "https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/"

_ELSEWHERE = "/api/_definitions.json#/$defs/"
_HERE = "#/$defs/"
# Where a document says what it is, in block style, flow style or JSON. Finding too much only costs a file.
_API_VERSION = re.compile(r"""\bapiVersion["']?\s*:\s*["']?([A-Za-z0-9./-]+)""")
_KIND = re.compile(r"""\bkind["']?\s*:\s*["']?([A-Za-z0-9]+)""")


def core_folder(kubernetes_version: str, *, where: Place) -> Path:
    """The folder of the core schemas for "1.33", "v1.33" or "1.33.4".

    Raises Stop for a version that has none (BAD_INPUT, placed at `where`) and where the package is not installed.
    """
    spec = find_spec("kubernetes_validate")  # not imported: it would bring its own dependencies along
    if spec is None or not spec.submodule_search_locations:
        message = "the Python package kubernetes-validate, which carries the schemas of Kubernetes, is not installed"
        raise Stop([Problem(Place("schemas"), "tool-missing", message, "run 'make tools'")], ExitCode.TOOL_MISSING)
    schemas = Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"
    known = {
        (int(found[1]), int(found[2])): folder
        for folder in schemas.iterdir()
        if (found := re.fullmatch(r"v(\d+)\.(\d+)\.\d+-local-strict", folder.name))
    }
    asked = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.\d+)?", kubernetes_version)
    folder = known.get((int(asked[1]), int(asked[2]))) if asked else None
    if folder is None:
        names = ", ".join(f"{major}.{minor}" for major, minor in sorted(known))
        message = f"there are no schemas for Kubernetes {kubernetes_version!r}"
        raise Stop([Problem(where, "kubernetes-version", message, f"known are {names}")])
    return folder


def custom_location() -> str:
    """Where kubeconform finds the schemas of custom resources: a folder of one's own, or the public catalog."""
    chosen = os.environ.get(CRD_FOLDER)
    if not chosen:
        return CATALOG + LAYOUT
    folder = Path(chosen).absolute()
    if not folder.is_dir():
        message = f"{chosen} is not a folder"
        hint = "it holds {group}/{kind}_{version}.json; unset it to use the public catalog"
        raise Stop([Problem(Place(CRD_FOLDER), "no-schema", message, hint)])
    return f"{folder}/{LAYOUT}"


def write_core(folder: Path, texts: Iterable[str], into: Path) -> str:
    """Writes the schema of every core kind that occurs in the texts; returns where kubeconform finds them."""
    api_versions: set[str] = set()
    kinds: set[str] = set()
    for text in texts:
        api_versions.update(_API_VERSION.findall(text))
        kinds.update(_KIND.findall(text))
    for api_version in api_versions:
        group, _, version = api_version.rpartition("/")
        for kind in kinds:
            short_group = f"{group.split('.')[0]}-" if group else ""
            source = folder / f"{kind.lower()}-{short_group}{version}.json"
            if source.is_file():
                _write(source, api_version, into / (group or version) / f"{kind.lower()}_{version}.json")
    return f"{into}/{LAYOUT}"


def _write(source: Path, api_version: str, target: Path) -> None:
    schema = _parse(source)
    # The file's name holds half of the group: apps.example.com is not apps.
    if api_version not in schema.get("properties", {}).get("apiVersion", {}).get("enum", ()):
        return
    del schema["$id"]
    reached: set[str] = set()
    ahead = _references(schema)
    while ahead:
        name = ahead.pop()
        reached.add(name)
        ahead |= _reached_from(source.parent, name) - reached
    definitions = _definitions(source.parent)
    schema["$defs"] = {name: definitions[name] for name in sorted(reached)}
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(schema), encoding="utf-8")


@cache
def _definitions(folder: Path) -> dict[str, Any]:
    definitions: dict[str, Any] = _parse(folder / "_definitions.json")["$defs"]
    return definitions


@cache
def _reached_from(folder: Path, name: str) -> frozenset[str]:
    return frozenset(_references(_definitions(folder)[name]))


def _parse(file: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8").replace(_ELSEWHERE, _HERE))
    return schema


def _references(node: object) -> set[str]:
    """The names of the definitions that a part of a schema refers to."""
    if isinstance(node, list):
        return set().union(*map(_references, node))
    if not isinstance(node, dict):
        return set()
    found = set().union(*map(_references, node.values()))
    match node.get("$ref"):
        case str(reference):
            found.add(reference.removeprefix(_HERE))
    return found
