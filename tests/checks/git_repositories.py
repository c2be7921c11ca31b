"""Real git repositories to ask, alike on every machine."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from newsdedup.checks.git_since import find_new_files

# Long enough that git would call an edited one a rename.
STORY = "".join(f"Sentence {number} of the report.\n" for number in range(40))


@dataclass(frozen=True)
class Repo:
    """A repository with its working tree at `top`."""

    top: Path

    def git(self, *words: str) -> str:
        """Run git in it and return what it printed; a failure of git fails the test."""
        done = subprocess.run(["git", "-C", str(self.top), *words], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return os.fsdecode(done.stdout).strip()

    def write(self, name: str, text: str | None = None) -> Path:
        """Write a file, by default with a text of its own that is like all others."""
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n{STORY}" if text is None else text, encoding="utf-8")
        return path

    def commit(self, *names: str) -> str:
        """Write the files, commit all there is, and return the commit."""
        for name in names:
            self.write(name)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "news")
        return self.git("rev-parse", "HEAD")

    def new(self, *paths: str | Path, ref: str = "main") -> set[str]:
        """Return what is new at and under paths in the repository (else absolute), named from its top."""
        found = find_new_files([os.path.join(self.top, path) for path in paths or (".",)], ref)  # noqa: PTH118 - a Path drops slashes
        return {os.path.relpath(path, os.path.realpath(self.top)) for path in found}


def repository(top: Path) -> Repo:
    """Make an empty repository on the branch `main`."""
    top.mkdir(parents=True, exist_ok=True)
    repo = Repo(top)
    repo.git("init", "--quiet")
    repo.git("symbolic-ref", "HEAD", "refs/heads/main")
    return repo
