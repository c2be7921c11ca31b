"""A git repository that is asked and never written to: which one a path lies in, and one question put to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsdedup.errors import GitError
from newsdedup.readers.paths import shown

# What ties git to one repository (`git rev-parse --local-env-vars`, without the settings given by `git -c`), as it
# does its hooks. The paths may lie in others, and the relative values hold in one folder only.
TIES = {
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
}  # fmt: skip
# git refuses these beside --literal-pathspecs.
PATHSPECS = {"GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"}
# No program of the user's runs unasked. And for all of --no-optional-locks, `git diff` writes a refreshed index unless
# it is told not to (git 2.39).
SETTINGS = ("core.fsmonitor=false", "diff.autoRefreshIndex=false")
# git's messages are read below, so they must be in English.
PLAIN = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}


@dataclass(frozen=True, slots=True)
class Repository:
    """The working tree whose topmost folder is `top` (a real path), and the environment in which git finds it."""

    top: Path
    environment: Mapping[str, str] = field(compare=False, repr=False)

    def ask(self, *question: str, given: bytes = b"") -> bytes:
        """Return what git prints, with `given` as its standard input. Raises GitError with what git complains of."""
        answer = self.attempt(*question, given=given)
        if answer.returncode:
            raise GitError(f"git {question[0]} failed in {shown(str(self.top))}: {_complaint(answer)}")
        return answer.stdout

    def attempt(self, *question: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Return git's answer with its exit code unjudged. Raises GitError if git cannot be run."""
        return _git(self.top, question, self.environment, given)


def repository_of(folder: Path) -> Repository | None:
    """Return the repository whose working tree the folder (a real path) lies in, None where there is none.

    It is found from the folder upwards, also in a hook: the index that git gives its hooks holds nothing that the
    files and the repository's own index do not tell. Only where nothing is found so, GIT_DIR counts: a working tree
    that the environment alone ties to its repository. Raises GitError for a bare repository, for one that git refuses
    to read, and if git cannot be run.
    """
    untied = {name: value for name, value in os.environ.items() if name not in TIES}
    answer = _git(folder, ("rev-parse", "--show-toplevel"), untied)
    if answer.returncode == 0:
        return Repository(_path(answer.stdout), untied)
    complaint = _complaint(answer)
    if "must be run in a work tree" in complaint:
        raise GitError(
            f"{shown(str(folder))} is in a bare repository, where no file is checked out; name files of a working tree"
        )
    # With a colon after "repository" there is a .git, and what it points to is missing.
    if "not a git repository (or any" not in complaint:
        raise GitError(f"git cannot read the repository of {shown(str(folder))}: {complaint}")
    return _tied(folder) if "GIT_DIR" in os.environ else None


def _tied(folder: Path) -> Repository | None:
    """Return the repository that the environment names, if the folder lies in its working tree."""
    found = {}
    for name, question in (("GIT_WORK_TREE", "--show-toplevel"), ("GIT_DIR", "--absolute-git-dir")):
        answer = _git(Path(), ("rev-parse", question), os.environ)
        if answer.returncode:
            return None
        found[name] = str(_path(answer.stdout))
    top = Path(found["GIT_WORK_TREE"])
    if "GIT_INDEX_FILE" in os.environ:
        found["GIT_INDEX_FILE"] = str(Path.cwd() / os.environ["GIT_INDEX_FILE"])
    return Repository(top, {**os.environ, **found}) if folder.is_relative_to(top) else None


def _path(printed: bytes) -> Path:
    return Path(os.path.realpath(os.fsdecode(printed.removesuffix(b"\n"))))


def _complaint(answer: subprocess.CompletedProcess[bytes]) -> str:
    """Return the line in which git says why it gave up; hints and traces may stand before it."""
    lines = [line.strip() for line in shown(os.fsdecode(answer.stderr)).splitlines() if line.strip()]
    grave = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    return (grave or lines or [f"exit code {answer.returncode} without a word"])[0]


def _git(
    folder: Path, question: tuple[str, ...], environment: Mapping[str, str], given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    options = ["-C", str(folder), "--no-pager", "--no-optional-locks", "--literal-pathspecs", *settings]
    command = ["git", *options, *question]  # on PATH, as for everything else that calls git
    variables = {name: value for name, value in environment.items() if name not in PATHSPECS} | PLAIN
    try:
        return subprocess.run(command, input=given, capture_output=True, check=False, env=variables)  # noqa: S603
    except OSError as error:
        raise GitError(
            f"git cannot be run ({error.strerror}), and only git knows what is new; install it, or leave out --since"
        ) from None
