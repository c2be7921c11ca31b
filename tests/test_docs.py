"""The glossary and CONTRIBUTING agree with the code."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from test_imports import RANK, STAGES

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "newsdedup"
ENTRIES = re.findall(
    r"^- \*\*(.+?)\*\*: (.+)$", ROOT.joinpath("docs", "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
)
NOTES = ROOT.joinpath("docs", "design-notes.md").read_text(encoding="utf-8")
CONTRIBUTING = ROOT.joinpath("CONTRIBUTING.md").read_text(encoding="utf-8")


def list_identifiers(tree: ast.AST) -> set[str]:
    """Return every name that a module defines or uses, and every string that is a single word."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.Constant(value=str(name)):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
    return names


@pytest.fixture(scope="module")
def identifiers() -> set[str]:
    """Return the identifiers of the package, and the names of its files."""
    files = sorted(SOURCE.rglob("*.py"))
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in files)
    return {path.name for path in files}.union(*map(list_identifiers, trees))


def test_identifiers_are_names_and_words() -> None:
    """Names of every kind, and strings such as the names of fields; not what stands in a longer string."""
    tree = ast.parse("from a import b\ndef f(x): return y.z\nclass C: pass\nD: int = 'word'\n'two words'")
    assert list_identifiers(tree) >= {"f", "x", "y", "z", "C", "D", "int", "word"}
    assert "words" not in list_identifiers(tree)


@pytest.mark.parametrize(("term", "meaning"), ENTRIES, ids=[term for term, _ in ENTRIES])
def test_identifiers_of_the_glossary_exist(term: str, meaning: str, identifiers: set[str]) -> None:
    """A renamed function or class must be renamed in the glossary too."""
    missing = set(re.findall(r"`(.+?)`", meaning)) - identifiers - {"packs", "ND3"}  # a table, and a prefix of rules
    assert not missing, f"{term}: {sorted(missing)}"


def test_the_way_through_the_code_exists(identifiers: set[str]) -> None:
    """Section 14 of the design notes names the functions that an article passes."""
    section = NOTES.split("\n## 14. ", 1)[1].split("\n## ", 1)[0]
    names = set(re.findall(r"`(\w+)(?:\.\w+)?`", section)) | set(re.findall(r"`\w+\.(\w+)`", section)) - {"py"}
    assert len(names) > 40
    assert names <= identifiers


def test_the_glossary_is_in_alphabetical_order() -> None:
    """Spaces, hyphens and brackets aside; and it has each term once."""
    keys = [re.sub(r"[^a-z0-9]", "", term.lower()) for term, _ in ENTRIES]
    assert len(keys) > 100
    assert keys == sorted(set(keys))


def test_contributing_gives_the_order_of_imports() -> None:
    """Of every part of the package, in the order that `test_imports` checks."""
    sentence = next(line for line in CONTRIBUTING.splitlines() if "Imports run one way" in line)
    steps = [
        {name for word in re.findall(r"`(\w+)`|(the stages)", step) for name in (STAGES if word[1] else word[:1])}
        for step in sentence.split(". ")[0].split(" < ")
    ]
    assert set().union(*steps) == set(RANK) - {"__main__"}
    for lower, higher in pairwise(steps):
        assert max(RANK[part] for part in lower) < min(RANK[part] for part in higher)
