"""The rule IDs that the source names, so that pages and tests can be held against them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest


def rules_of(folder: Path) -> set[str]:
    """Whatever is given to a parameter, a field or a variable called `rule`, in a folder's files."""
    return set(_rules(folder))


def _rules(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        if not any(word in source for word in ("Problem", "Finding", "Breach", "Danger", "Guarded")):
            continue  # it has rules of another kind
        parsed = ast.parse(source)
        places = {"Problem": 1, "Finding": 0, "problem": 0}  # fields of these, and the parameter of Case.problem
        for node in ast.walk(parsed):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg != "self"]
                places |= {node.name: names.index("rule")} if "rule" in names else {}
        for node in ast.walk(parsed):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                given = node.args[places[called] :][:1] if called in places else []
                given += [keyword.value for keyword in node.keywords if keyword.arg == "rule"]
                yield from (rule for value in given for rule in _rule(value, file))
            elif isinstance(node, ast.Assign):
                yield from (rule for target in node.targets for rule in _assigned(target, node.value, file))


def _rule(value: ast.expr, file: Path) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(rule)):
            yield rule
        case ast.Name(id="rule" | "RULE") | ast.Attribute(attr="rule"):
            pass  # passed on; found where it was given
        case _:
            pytest.fail(f"{file}:{value.lineno}: a rule must be written out, so that it can be found")


def _assigned(target: ast.expr, value: ast.expr, file: Path) -> Iterator[str]:
    match target, value:
        case ast.Name(id="rule" | "RULE"), _:
            yield from _rule(value, file)
        case ast.Tuple(elts=targets), ast.Tuple(elts=values):
            for one, its in zip(targets, values, strict=True):
                yield from _assigned(one, its, file)
