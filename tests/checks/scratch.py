"""A scratch repository for whatever runs `newsdedup check` in one: hooks, actions, the examples of docs/ci.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from git_repositories import Repo, repository

ROOT = Path(__file__).parents[2]


def isolate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give git, pre-commit and newsdedup no settings but those that they must have, and newsdedup a place on PATH."""
    tied = ("GIT_", "GITHUB_", "NEWSDEDUP_", "PRE_COMMIT", "CHECK_")
    for name in [name for name in os.environ if name.startswith(tied) or name in {"SKIP", "PYTHONPATH", "COLUMNS"}]:
        monkeypatch.delenv(name)
    for name, value in {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CONFIG_HOME": str(tmp_path / "no-settings"),
        "GIT_CEILING_DIRECTORIES": os.path.realpath(tmp_path.parent),
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.org",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def branch(top: Path, *, known: dict[str, str], new: dict[str, str]) -> Repo:
    """Return a clone with the known articles on `origin/main`, and the new ones too on the branch checked out."""
    repo = repository(top)
    for files, message in ((known, "known"), (new, "new")):
        for name, text in files.items():
            repo.write(name, text)
        repo.git("add", "--all")
        repo.git("commit", "--quiet", "--allow-empty", "--message", message)
        if message == "known":
            repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
            repo.git("checkout", "--quiet", "-b", "branch")
    return repo
