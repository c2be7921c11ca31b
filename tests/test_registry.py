"""A new format is one new file: nothing else in the package is edited."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from newsdedup import registry
from newsdedup.errors import MissingExtraError
from newsdedup.registry import Extra

ROOT = Path(__file__).parent.parent
DOC = ROOT.joinpath("docs", "formats.md").read_text(encoding="utf-8")
# The formats that the guide shows, by their path in the package.
SHOWN = dict(re.findall(r"^```python\n# src/(\S+)\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL))
UNINSTALLED = {
    "newsdedup/readers/formats/brick.py": """
from newsdedup.readers.reader import InputFormat
from newsdedup.registry import Extra

def read(stream, context):
    import no_such_library

FORMAT = InputFormat(read, endings=(".brick",), extra=Extra("bricks", "no_such_library"))
""",
    "newsdedup/render/stories/wall.py": """
from newsdedup.registry import Extra
from newsdedup.render.renderer import OutputFormat

def render(result, page):
    import no_such_library

FORMAT = OutputFormat(render, extra=Extra("bricks", "no_such_library"))
""",
}
HINT = "needs the library no_such_library; install it with: pip install 'newsdedup[bricks]'"
BRIEFS = "BRIEFS\nThe ferry left the harbour at noon.\nA bridge in the north was closed on Monday.\n"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the package that has the new formats."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "src" / "newsdedup", folder / "newsdedup", ignore=shutil.ignore_patterns("__pycache__"))
    for path, source in (SHOWN | UNINSTALLED).items():
        assert not folder.joinpath(path).exists()
        folder.joinpath(path).write_text(source, encoding="utf-8")
    return folder


@pytest.fixture
def run(extended: Path, tmp_path: Path) -> Run:
    """Return a function that runs the command line of the copy in a folder of its own."""

    def run(*argv: str, package: Path = extended, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        command = [sys.executable, "-m", "newsdedup", *argv]
        stdin = BRIEFS if "-" in argv else None
        return subprocess.run(
            command, cwd=tmp_path, env=env, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )

    tmp_path.joinpath("in").mkdir()
    tmp_path.joinpath("in", "monday.briefs").write_text(BRIEFS, encoding="utf-8")
    return run


def test_the_guide_shows_a_format_of_each_kind() -> None:
    assert set(SHOWN) == {"newsdedup/readers/formats/briefs.py", "newsdedup/render/stories/titles.py"}


def test_new_formats_are_listed_in_help(run: Run) -> None:
    shown = run("ingest", "--help").stdout
    assert "--format <text|json|jsonl|csv|markdown|titles|wall>" in shown
    assert "--input-format <text|json|jsonl|brick|briefs|csv|tsv>" in shown


@pytest.mark.parametrize(
    "argv",
    [("in",), ("in/monday.briefs",), ("-",), ("in", "--input-format", "briefs")],
    ids=["by its ending in a folder", "by its ending", "by its first bytes", "by its name"],
)
def test_a_new_input_format_is_read(run: Run, argv: tuple[str, ...]) -> None:
    done = run("ingest", *argv, "--format", "jsonl", "--quiet")
    assert done.stderr == ""
    texts = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    assert sorted(texts) == sorted(BRIEFS.splitlines()[1:])


def test_a_new_output_format_is_written(run: Run) -> None:
    done = run("ingest", str(ROOT / "seeds" / "ferry-update.txt"), "--format", "titles", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Number of injured in Karsholm ferry accident rises to 19\n"


def test_new_formats_work_from_a_zip_archive(run: Run, extended: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", extended))
    done = run("ingest", "in", "--format", "titles", "--quiet", package=archive)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 2)


def test_a_new_input_format_is_a_setting(run: Run) -> None:
    """Also in the environment, where an unknown one is an error that lists the known ones."""
    assert run("ingest", "in", "--quiet", NEWSDEDUP_INPUT_FORMAT="briefs").returncode == 0
    done = run("ingest", "in", NEWSDEDUP_INPUT_FORMAT="pdf")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "newsdedup: error: setting 'input_format' in the environment is 'pdf': "
        "unknown format; known: text, json, jsonl, brick, briefs, csv, tsv\n"
    )


@pytest.mark.parametrize(
    ("argv", "subject"),
    [
        (("a.brick",), "the format brick of a.brick"),
        (("in", "a.brick", "b.brick", "--workers", "2"), "the format brick of a.brick"),
        (("in", "--input-format", "brick"), "the format brick"),
        (("in", "--format", "wall"), "the format wall"),
    ],
    ids=["a file", "files read by several processes", "the flag", "the output"],
)
def test_an_extra_that_is_not_installed_is_one_line(
    run: Run, tmp_path: Path, argv: tuple[str, ...], subject: str
) -> None:
    """It names the command that installs the extra."""
    for name in ("a.brick", "b.brick"):
        tmp_path.joinpath(name).write_text("A brick.")
    done = run("ingest", *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"newsdedup: error: {subject} {HINT}\n"


def test_an_installed_extra_is_used() -> None:
    Extra("json", "json").check_installed("the format x")
    with pytest.raises(MissingExtraError, match="the format x needs the library no_such_library"):
        Extra("bricks", "no_such_library").check_installed("the format x")


def test_the_formats_are_the_modules_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formats that most people look for come first, the others by name; anything but a module is ignored."""
    folder = tmp_path / "readers" / "formats"
    folder.mkdir(parents=True)
    for name in ("tsv.py", "jsonl.py", "csv.py", "text.py", "__init__.py", "notes.txt"):
        folder.joinpath(name).touch()
    folder.joinpath("warc").mkdir()
    folder.joinpath("warc", "__init__.py").touch()
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "registry.py"))
    assert registry.list_input_formats() == ("text", "jsonl", "csv", "tsv", "warc")
    assert registry.list_output_formats("check") == ()
