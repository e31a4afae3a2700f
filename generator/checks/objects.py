"""Reads the objects in YAML that kustomize or Kustodian wrote, as Kubernetes reads them."""

from typing import Any

import yaml

Manifest = dict[str, Any]


class _Reader(yaml.CSafeLoader):
    """What YAML 1.1 takes for a date or a merge stays the text that it is to Kubernetes."""


for _tag in ("timestamp", "value", "merge"):
    _Reader.add_constructor(f"tag:yaml.org,2002:{_tag}", yaml.SafeLoader.construct_yaml_str)  # type: ignore[type-var]  # stubs


def objects(text: str) -> list[Manifest]:
    """Every object of a file. Raises ValueError, with a message, where it is no YAML or holds anything else."""
    try:
        found = [document for document in yaml.load_all(text, _Reader) if document is not None]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"is no YAML: {_reason(error)}") from error
    if not all(isinstance(document, dict) for document in found):
        raise ValueError("holds something that is no object")
    return found


def _reason(error: Exception) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    where = f" in line {mark.line + 1}" if mark else ""
    return f"{problem or str(error).partition(chr(10))[0]}{where}"
