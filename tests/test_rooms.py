"""The house: who may import whom. The table of the design, held against the imports."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "generator"

# room -> what of ours it may import, and what of others. A room is a module or a package of `generator`.
OURS: dict[str, set[str]] = {
    "problems": set(),
    "formats": {"problems"},
    "quantities": set(),
    "model": {"problems"},
    "names": {"model"},
    "spec": {"model", "names", "problems", "quantities"},
    "resources": {"model", "names"},
    "mergekeys": set(),
    "overlays": {"mergekeys"},
    "argocd": {"model", "names"},
    "tree": {"argocd", "model", "names", "overlays", "resources"},
    "compiled": {"argocd", "model", "names", "resources"},
    "proofs": {"compiled", "model", "names", "quantities"},
    "review": {"mergekeys", "model", "names", "proofs", "quantities"},
    "report": {"model", "names", "problems", "proofs"},
    "emit": set(),
    "disk": {"problems"},
    "explain": {"argocd", "disk", "emit", "model", "names", "problems", "resources", "spec", "tree"},
    "checks": {"problems"},
    "cli": {
        *("checks", "compiled", "disk", "emit", "explain", "formats", "model", "problems", "proofs", "report"),
        *("review", "spec", "tree"),
    },
}
OTHERS: dict[str, set[str]] = {
    "checks": {"yaml"},
    "spec": {"yaml", "jsonschema", "jsonschema_rs"},
    "explain": {"yaml"},
    "report": {"jinja2", "markupsafe"},
    "cli": {"click"},
}

# What a room must never do, as modules it must never import.
NEVER: dict[str, set[str]] = {
    "model": {"pathlib", "yaml", "click"},
    "names": {"pathlib", "subprocess"},
    "resources": {"pathlib", "yaml", "subprocess"},
    "overlays": {"pathlib", "yaml", "subprocess"},
    "tree": {"pathlib", "yaml", "subprocess"},
    "compiled": {"pathlib", "yaml", "subprocess"},
    "proofs": {"pathlib", "yaml", "subprocess", "click"},
    "report": {"pathlib", "datetime", "yaml", "subprocess", "click"},
    "review": {"pathlib", "yaml", "subprocess", "click"},
    "emit": {"pathlib", "subprocess"},
    "spec": {"subprocess", "click"},
    "disk": {"yaml", "subprocess"},
    "explain": {"pathlib", "subprocess", "click"},
}

# A kind knows no other kind; these are not kinds but what several share.
SHARED_BY_KINDS = {"externalsecrets", "identity", "pods"}


def _files(room: str) -> list[Path]:
    folder = PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]


def _imports(file: Path) -> Iterator[str]:
    """Every module a file imports, anywhere in it; `from generator import names` counts as generator.names."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            module = str(node.module)
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "generator" else (module,)


def test_every_room_is_in_the_table() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert rooms - {"__init__"} == OURS.keys()


@pytest.mark.parametrize("room", OURS)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    for file in _files(room):
        for module in _imports(file):
            top, _, rest = module.partition(".")
            if top == "generator":
                target = rest.partition(".")[0]
                allowed = OURS[room] | {room} | ({"__version__"} if room in ("cli", "formats") else set())
                assert target in allowed, f"{file.relative_to(ROOT)} imports {module}"
            elif top not in sys.stdlib_module_names:
                assert top in OTHERS.get(room, set()), f"{file.relative_to(ROOT)} imports {module}"
            assert top not in NEVER.get(room, set()), f"{file.relative_to(ROOT)} imports {module}"


def test_rooms_form_no_circle() -> None:
    above: dict[str, set[str]] = dict(OURS)
    while above:
        ground = {room for room, below in above.items() if not below & above.keys()}
        assert ground, f"a circle among {sorted(above)}"
        above = {room: below for room, below in above.items() if room not in ground}


def test_a_kind_knows_no_other_kind() -> None:
    for registry in ("agent", "namespace"):
        for file in (PACKAGE / "resources" / registry).glob("[!_]*.py"):
            for module in _imports(file):
                if module.startswith("generator.resources."):
                    assert module.split(".")[2] in SHARED_BY_KINDS, f"{file.name} imports {module}"


def test_no_builder_knows_an_environment() -> None:
    """The only environment a builder may speak of is the label's name."""
    for file in _files("resources"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            assert name not in ("environment", "environments", "Environment"), f"{file.name} speaks of {name}"


def test_only_the_command_line_prints_and_exits() -> None:
    for room in OURS.keys() - {"cli"}:
        for file in _files(room):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    assert node.func.id not in ("print", "exit", "quit", "input"), f"{file.name}: {node.func.id}"
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
                    assert node.attr not in ("exit", "stdout", "stderr"), f"{file.name}: sys.{node.attr}"
