"""What the tests of the whole compiler share: compile a spec into a folder, build it for real, say what was meant."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from generator import disk, emit, tree
from generator.checks.kustomize import build
from generator.checks.tools import Tools
from generator.compiled import environments
from generator.model import Fleet
from generator.spec.load import load

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "spec" / "agents.yaml"

Manifest = dict[str, Any]

# `make explore` multiplies how many random fleets are tried.
MORE = int(os.environ.get("KUSTODIAN_EXPLORE", "1"))


def fleet_at(spec: Path) -> Fleet:
    return load(spec, "agents.yaml")


def compile_into(root: Path, fleet: Fleet) -> dict[str, str]:
    """Write the whole tree of a fleet below `root`; its files by path."""
    files = {path: emit.documents(documents, disk.HEADER) for path, documents in tree.files(fleet)}
    disk.apply(root, disk.compare(root, files.items(), tree.FOLDERS))
    return files


def compile_spec(root: Path, spec: str | Manifest) -> Fleet:
    """Write a spec below `root` and compile it there."""
    file = root / "spec" / "agents.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(spec if isinstance(spec, str) else as_yaml(spec), encoding="utf-8", newline="")
    fleet = fleet_at(file)
    compile_into(root, fleet)
    return fleet


def as_yaml(spec: Manifest) -> str:
    """JSON is YAML, but for half surrogates and for characters that YAML wants escaped."""
    unprintable = re.compile("[\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
    return unprintable.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(spec, ensure_ascii=False))


def kustodian(*arguments: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, in a process of its own."""
    command = [str(Path(sys.executable).parent / "kustodian"), *map(str, arguments)]
    environment = {**os.environ, **env}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


# ------------------------------------------------------------------------------------------------------ what was built


class _Reader(yaml.CSafeLoader):
    """Reads Kustomize's output; what YAML 1.1 takes for a date stays the text it is in Kubernetes."""


for _tag in ("timestamp", "value", "merge"):
    _Reader.add_constructor(f"tag:yaml.org,2002:{_tag}", yaml.SafeLoader.construct_yaml_str)  # type: ignore[type-var]  # stubs


def documents(text: str) -> list[Manifest]:
    return [document for document in yaml.load_all(text, _Reader) if document]


def built(root: Path, folders: Iterable[str], tools: Tools) -> dict[str, dict[str, Manifest]]:
    """What the real Kustomize makes of each folder: its objects by kind and name, ConfigMaps without their hash."""
    paths = {root / folder: folder for folder in folders}
    result = build(tools.kustomize, list(paths), root=root)
    assert not result.problems, "\n".join(map(str, result.problems))
    return {paths[path]: _by_name(_without_hashes(documents(text))) for path, text in result.texts.items()}


def _without_hashes(manifests: list[Manifest]) -> list[Manifest]:
    """The hash stands in a ConfigMap's name and wherever Kustomize found it referred to."""
    hashed = (manifest["metadata"]["name"] for manifest in manifests if manifest["kind"] == "ConfigMap")
    plain = {name: re.sub(r"-[a-z0-9]{10}$", "", name) for name in hashed}

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items()}
        if isinstance(value, list):
            return [strip(item) for item in value]
        return plain.get(value, value) if isinstance(value, str) else value

    return [strip(manifest) for manifest in manifests]


# ------------------------------------------------------------------------------------------------------ what was meant


def meant(fleet: Fleet) -> dict[str, dict[str, Manifest]]:
    """What each overlay must build to: its objects by kind and name."""
    return {
        f"overlays/{compiled.environment}/{owner}": _by_name(manifests)
        for compiled in environments(fleet)
        for owner, manifests in compiled.objects.items()
    }


def _by_name(manifests: Iterable[Manifest]) -> dict[str, Manifest]:
    result = {}
    for manifest in manifests:
        key = f"{manifest['kind']} {manifest['metadata']['name']}"
        assert key not in result, f"{key} comes twice"
        result[key] = manifest
    return result
