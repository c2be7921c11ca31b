"""Names in `src/` say what they hold: words that could stand for anything are banned."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "newsdedup"
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))

# Short on purpose: names that once stood for several things each. docs/glossary.md has the words to use.
BANNED = {"anew", "asked", "chosen", "each", "found", "gone", "meant", "met", "own", "taken", "told", "whole"}


def find_banned_names(tree: ast.AST) -> set[tuple[int, str]]:
    """Return line and name of every variable, parameter, function and class that has a banned name.

    Fields of printed models are left out: they are the names in the output, which never change.
    """
    printed = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and is_printed(node)]
    fields = {node.target for model in printed for node in model.body if isinstance(node, ast.AnnAssign)}
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) if node not in fields:
                names.add((node.lineno, name))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add((node.lineno, name))
    return {(line, name) for line, name in names if name.strip("_").lower() in BANNED}


def is_printed(node: ast.ClassDef) -> bool:
    """Return whether a class is a printed model."""
    return "Printed" in map(ast.unparse, node.bases)


def test_fields_of_printed_models_are_left_out() -> None:
    """But no field of another class, and no other name in a printed model."""
    tree = ast.parse(
        "class A(Printed):\n    found: int\n    def f(own): ...\n"
        "class B:\n    told: int\n"
        "class C(Printed):\n    gone = 1"
    )
    assert {name for _, name in find_banned_names(tree)} == {"own", "told", "gone"}


def test_every_kind_of_name_is_seen() -> None:
    """Variables, loop variables, parameters, functions and classes."""
    tree = ast.parse(
        "found = 1\nfor each in x: pass\ndef told(own): ...\nclass Met: ...\nclean = [_gone for _gone in x]"
    )
    assert {name for _, name in find_banned_names(tree)} == {"found", "each", "told", "own", "Met", "_gone"}


@pytest.mark.parametrize("module", MODULES)
def test_names_say_what_they_hold(module: str) -> None:
    """A reader should not need the line that assigns a name to know what it is."""
    tree = ast.parse(SOURCE.joinpath(module).read_text(encoding="utf-8"))
    wrong = sorted(find_banned_names(tree))
    assert not wrong, f"{module}: {wrong}; name what they hold (docs/glossary.md)"
