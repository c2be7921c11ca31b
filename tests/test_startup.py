"""Modules loaded at startup: `--help` is fast, and `ingest` loads only what it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Limits on the number of loaded modules, with the measured number on Python 3.11. A heavy library is 50 to 200 modules.
HELP = 195  # 169
VERSION = 245  # 214
HELP_OF_COMMAND = 320  # 280
INGEST = 570  # 538

HEAVY = {
    "numpy", "pydantic", "pydantic_core", "rapidfuzz", "charset_normalizer", "dateutil", "rich",
    "sarif_pydantic", "junitparser", "threadpoolctl", "multiprocessing",
}  # fmt: skip
# Not needed to read UTF-8 and write JSON Lines.
UNUSED_BY_INGEST = {"charset_normalizer", "dateutil", "rich", "sarif_pydantic", "junitparser", "numpy.ma"}
UNUSED_MODULES = {
    f"newsdedup.{name}"
    for name in (
        "checks",
        "evaluation",
        "models.comparison",
        "models.evaluation",
        "engine.comparison",
        "render.console",
    )
}


def loaded_modules(*arguments: str) -> set[str]:
    """Return the names of all modules loaded after the command, the interpreter's own included."""
    code = (
        "import sys; from newsdedup.cli import main; code = main(sys.argv[1:]); "
        "print(chr(10).join(['modules', *sys.modules])); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.split("modules\n", 1)[1].split())


BY_TYPER = {"pydantic", "pydantic_core"}  # newer versions of typer parse the flags of a command with it


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        (("--help",), HELP),
        (("--version",), VERSION),
        (("ingest", "--help"), HELP_OF_COMMAND),
        (("check", "--help"), HELP_OF_COMMAND),
    ],
)
def test_help_loads_no_stage_and_nothing_heavy(arguments: tuple[str, ...], most: int) -> None:
    """Help that takes a second is help that nobody uses."""
    modules = loaded_modules(*arguments)
    allowed = BY_TYPER if most == HELP_OF_COMMAND else set()
    assert not (HEAVY - allowed) & modules
    stages = ("newsdedup.readers", "newsdedup.models", "newsdedup.engine", "newsdedup.config")
    assert not {name for name in modules if name.startswith(stages)}
    assert len(modules) < most


def test_ingest_loads_what_it_needs(tmp_path: Path) -> None:
    """Three small files take a second, most of it spent loading modules."""
    for name in ("a", "b", "c"):
        text = f"The ferry {name} left the harbour at noon.\n\nIts captain said that the {name} weather was fine.\n"
        tmp_path.joinpath(f"{name}.txt").write_text(f"Title: Ferry {name} leaves\n\n{text}", encoding="utf-8")
    modules = loaded_modules("ingest", str(tmp_path), "--format", "jsonl", "-o", str(tmp_path / "out.jsonl"))
    assert not UNUSED_BY_INGEST & modules
    assert not UNUSED_MODULES & modules
    assert len(modules) < INGEST
