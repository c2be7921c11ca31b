"""The order of imports in CONTRIBUTING.md: imports run one way, and stages share nothing but models."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "newsdedup"

STAGES = ("readers", "clean", "fingerprint", "candidates", "score", "cluster", "merge", "render")
# Lowest first; a part may import those in the ranks before its own, and none in its own.
RANKS = (
    ("errors",), ("registry", "sentence_ends", "thresholds"), ("fact_words", "markup", "text"), ("models",),
    ("check_rules",), ("config",), ("arrays", "execution"), ("idf",), ("hashing",), ("features",), ("align",),
    ("facts", "names"), ("quotations",), ("sentence_match",),
    (*STAGES, "prefilter", "related", "evaluation"), ("engine",), ("store",), ("checks",), ("cli",), ("__main__",),
)  # fmt: skip
RANK = {part: rank for rank, parts in enumerate(RANKS) for part in parts}
# The package's own `__init__` and `__main__` export what the others build.
EXPORTS = "__init__"
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "handler", "base", "tools"}


def parts_of(tree: ast.Module, module: str) -> set[tuple[str, ...]]:
    """Return every module that `tree` imports anywhere, as its dotted parts; `module` resolves relative imports."""
    found: set[tuple[str, ...]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = module.split(".")[: -node.level] if node.level else []
            base = (*start, *(node.module or "").split(".")) if node.module else tuple(start)
            found |= {(*base, alias.name) for alias in node.names} if base == ("newsdedup",) else {base}
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in {"importlib.import_module", "import_module", "__import__"}
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(tuple(str(node.args[0].value).split(".")))
    return found


def read_module(name: str) -> ast.Module:
    """Return the syntax tree of a module (`cli.ingest`)."""
    return ast.parse(SOURCE.joinpath(*name.split(".")).with_suffix(".py").read_text(encoding="utf-8"))


def modules() -> dict[str, set[tuple[str, ...]]]:
    """Return for each module of the package (`cli.ingest`) what it imports."""
    names = [".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in sorted(SOURCE.rglob("*.py"))]
    return {name: parts_of(read_module(name), f"newsdedup.{name}") for name in names}


MODULES = modules()


def part(module: str) -> str:
    """Return the part of the pipeline that a module belongs to: its file or folder right under the package."""
    return module.split(".", maxsplit=1)[0]


def ours(module: str) -> set[str]:
    """Return the other parts of the package that a module imports."""
    return {found[1] for found in MODULES[module] if found[0] == "newsdedup" and len(found) > 1} - {part(module)}


def test_the_reader_of_imports_sees_every_way_to_import() -> None:
    """An order held by a reader that overlooks an import would be held by nothing."""
    tree = ast.parse(
        "import a.b\nfrom newsdedup import text as t\nfrom newsdedup.readers.dates import span\n"
        "def f():\n    from . import merge\n    from ..score.model import Model\n"
        "    importlib.import_module('newsdedup.engine')\n"
        "if TYPE_CHECKING:\n    from rich.table import Table\n"
    )
    assert parts_of(tree, "newsdedup.render.sanitise") == {
        ("a", "b"), ("newsdedup", "text"), ("newsdedup", "readers", "dates"), ("newsdedup", "render"),
        ("newsdedup", "score", "model"), ("newsdedup", "engine"), ("rich", "table"),
    }  # fmt: skip


def test_every_part_of_the_package_has_its_place_in_the_order() -> None:
    """A new module must be given a rank before anything may import it."""
    assert {part(module) for module in MODULES} - {EXPORTS} <= set(RANK)
    assert {*STAGES, "errors", "models", "text", "config", "engine", "cli"} <= {part(module) for module in MODULES}


@pytest.mark.parametrize("module", [name for name in MODULES if name != EXPORTS])
def test_imports_run_one_way(module: str) -> None:
    """Nothing imports what stands beside or above it; so stages never import one another."""
    wrong = {other for other in ours(module) if RANK.get(other, len(RANKS)) >= RANK[part(module)]}
    assert not wrong, f"{module} imports {sorted(wrong)}"


def test_errors_import_nothing_of_ours() -> None:
    """Whatever can fail may import the errors."""
    assert not ours("errors")


def test_only_the_command_line_imports_typer() -> None:
    """The library must not need a command line."""
    assert {part(name) for name, found in MODULES.items() if any(each[0] == "typer" for each in found)} == {"cli"}


def test_only_the_command_line_and_the_renderers_import_rich() -> None:
    """What computes does not print."""
    using = {part(name) for name, found in MODULES.items() if any(each[0] == "rich" for each in found)}
    assert using == {"cli", "render"}


def test_nobody_imports_click() -> None:
    """Typer has no click dependency any more: it may not be installed."""
    assert not [name for name, found in MODULES.items() if any(each[0] == "click" for each in found)]


def test_only_the_command_line_the_checks_and_the_store_import_the_engine() -> None:
    """The engine knows the stages and not the other way round; the package exports it."""
    using = {part(name) for name in MODULES if "engine" in ours(name)}
    assert "cli" in using
    assert using - {EXPORTS} <= {"cli", "checks", "store"}


def importers(*names: str) -> set[str]:
    """Return the modules that import a module with one of these dotted names, or something from one."""
    return {
        module
        for module, imported in MODULES.items()
        for parts in imported
        if any(".".join(parts[: name.count(".") + 1]) == name for name in names)
    }


def test_engine_code_imports_no_rendering() -> None:
    """Runs and stores return values; whoever prints them chooses a format."""
    rendering = {part(module) for module in importers("newsdedup.render")} - {"render"}
    assert not rendering & {"engine", "store"}
    assert rendering - {EXPORTS} == {"checks", "cli"}


def test_only_the_executor_starts_processes() -> None:
    """Everything else maps functions with the executor that it is given. Git is called as a program."""
    assert importers("multiprocessing", "concurrent") == {"engine.executor"}
    assert importers("subprocess") == {"checks.git_repository"}
    forking = {
        module
        for module in MODULES
        if any(ast.unparse(node) in {"os.fork", "os.forkpty"} for node in ast.walk(read_module(module)))
    }
    assert not forking - {"engine.executor"}


def test_only_the_workspace_makes_temporary_files() -> None:
    """So that they are removed however a run ends. The others write only files that were named to them."""
    assert importers("tempfile") == {"engine.workspace"}


def test_names_of_modules_say_what_is_in_them() -> None:
    """No utils, helpers or misc."""
    assert not {name for name in MODULES if VAGUE & {piece.strip("_") for piece in name.split(".")}}


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_says_which_it_is(stage: str) -> None:
    """The eight stages are numbered in their docstrings, in the order of the pipeline."""
    path = SOURCE / f"{stage}.py"
    path = path if path.exists() else SOURCE / stage / "__init__.py"
    opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert opening.startswith(f"Stage {STAGES.index(stage) + 1} of 8: {stage}.")
