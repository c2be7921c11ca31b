"""docs/store.md is true: its commands run, and its tables name all commands and all tables."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from builders import SEEDS
from newsdedup.cli import main, store
from newsdedup.store import database

DOCS = (SEEDS.parent / "docs" / "store.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Return the first block of that language."""
    found = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder with the seeds, in which commands run."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_run(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """And say what the comments say."""
    said = []
    for line in block("sh").splitlines():
        words = shlex.split(line.split("#")[0].split(">")[0])
        main(words[1:])
        said.append(capfd.readouterr())
    assert "24 new articles" in said[0].err
    assert "17 new" in said[0].err
    assert "none changed" in said[1].err
    assert said[2].out.count("\n") == 25
    assert folder.joinpath("news.db").exists()


def test_the_library_does(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    exec(compile(block("python"), "store.md", "exec"), {})  # noqa: S102 - ours
    assert capfd.readouterr().out.count("new ") == 17
    assert folder.joinpath("news.db").exists()


def test_every_command_and_every_table_is_named() -> None:
    commands = {command.name or getattr(command.callback, "__name__", "") for command in store.app.registered_commands}
    assert commands == set(re.findall(r"`store (\w+)", DOCS))
    tables = set(re.findall(r"CREATE TABLE (\w+)", database._TABLES))
    section = DOCS.split("## What is kept")[1].split("##")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert tables == named
