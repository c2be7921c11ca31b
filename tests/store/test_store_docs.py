"""docs/store.md is correct: its commands run, and its tables list all commands and all tables."""

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


def first_block(language: str) -> str:
    """Return the first block of that language."""
    match = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert match is not None
    return match[1]


@pytest.fixture
def work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder with the seeds, in which commands run."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_shell_block_runs(work_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The output is what the comments say."""
    outputs = []
    for line in first_block("sh").splitlines():
        words = shlex.split(line.split("#")[0].split(">")[0])
        main(words[1:])
        outputs.append(capfd.readouterr())
    assert "24 new articles" in outputs[0].err
    assert "17 new" in outputs[0].err
    assert "none changed" in outputs[1].err
    assert outputs[2].out.count("\n") == 25
    assert work_folder.joinpath("news.db").exists()


def test_the_python_block_runs(work_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    exec(compile(first_block("python"), "store.md", "exec"), {})  # noqa: S102 - ours
    assert capfd.readouterr().out.count("new ") == 17
    assert work_folder.joinpath("news.db").exists()


def test_every_command_and_table_is_documented() -> None:
    commands = {command.name or getattr(command.callback, "__name__", "") for command in store.app.registered_commands}
    assert commands == set(re.findall(r"`store (\w+)", DOCS))
    tables = set(re.findall(r"CREATE TABLE (\w+)", database._TABLES))
    section = DOCS.split("## What is kept")[1].split("##")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert tables == named
