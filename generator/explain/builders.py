"""Which module wrote a generated file, and which file of the base an overlay's patch differs from. Opens neither."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generator import argocd, names, tree
from generator.resources import agent as agent_resources
from generator.resources import namespace as namespace_resources


@dataclass(frozen=True, kw_only=True)
class Builder:
    """The module that made a file's objects; of a patch also the base's file, and the module that told them apart."""

    module: str
    base: str | None = None
    differ: str | None = None


def builder_of(file: str) -> Builder:
    """Who built a generated file. `file` is a path from the root, of a file that the spec compiles to."""
    match file.split("/"):
        case ["base" | "overlays", *_, tree.KUSTOMIZATION]:
            return Builder(module=_source(tree.__name__))
        case ["overlays", _, owner, name] if name.startswith("patch-"):
            kind = name.removesuffix(".yaml").split("-")[1]
            base = f"base/{owner}/{kind}.yaml"
            return Builder(module=_of_kind(owner, kind), base=base, differ="generator/overlays.py")
        case ["base", owner, name] | ["overlays", _, owner, name]:
            return Builder(module=_of_kind(owner, name.removesuffix(".yaml")))
    return Builder(module=_source(argocd.__name__))


def _of_kind(owner: str, kind: str) -> str:
    registry: dict[str, Callable[[Any], Any]]
    registry = {**(namespace_resources.KINDS if owner == names.NAMESPACE_FOLDER else agent_resources.KINDS)}
    return next(_source(build.__module__) for name, build in registry.items() if name.lower() == kind)


def _source(module: str) -> str:
    return module.replace(".", "/") + ".py"
