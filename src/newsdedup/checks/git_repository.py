"""Read-only access to a git repository: which repository a path is in, and running one git command there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsdedup.errors import GitError
from newsdedup.readers.paths import printable_path

# Variables that bind git to one repository (`git rev-parse --local-env-vars`, without the settings given by `git -c`);
# git sets them in its hooks. The paths may be in other repositories, and relative values are valid in one folder only.
LOCAL_VARIABLES = {
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
}  # fmt: skip
# git refuses these together with --literal-pathspecs.
PATHSPEC_VARIABLES = {"GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"}
# The first keeps git from starting a program of the user's configuration. The second is needed since `git diff` writes
# a refreshed index despite --no-optional-locks (git 2.39).
SETTINGS = ("core.fsmonitor=false", "diff.autoRefreshIndex=false")
# git's messages are parsed below, so they must be in English.
FIXED_ENVIRONMENT = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}


@dataclass(frozen=True, slots=True)
class Repository:
    """The working tree with the top folder `top` (a real path), and the environment in which git finds it."""

    top: Path
    environment: Mapping[str, str] = field(compare=False, repr=False)

    def run_git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git and return its standard output. Raises GitError with git's own message if it fails."""
        result = self.try_git(*arguments, stdin=stdin)
        if result.returncode:
            raise GitError(f"git {arguments[0]} failed in {printable_path(str(self.top))}: {_extract_error(result)}")
        return result.stdout

    def try_git(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run git and return the result, whatever its exit code. Raises GitError if git cannot be run."""
        return _run_git(self.top, arguments, self.environment, stdin)


def find_repository(folder: Path) -> Repository | None:
    """Return the repository whose working tree contains the folder (a real path), or None.

    It is searched from the folder upwards, in a hook too: the index that git gives its hooks adds nothing to the files
    and the repository's own index. Only if this finds nothing is GIT_DIR used, for a working tree that only the
    environment connects to its repository. Raises GitError for a bare repository, for one that git refuses to read,
    and if git cannot be run.
    """
    environment = {name: value for name, value in os.environ.items() if name not in LOCAL_VARIABLES}
    result = _run_git(folder, ("rev-parse", "--show-toplevel"), environment)
    if result.returncode == 0:
        return Repository(_parse_path(result.stdout), environment)
    problem = _extract_error(result)
    if "must be run in a work tree" in problem:
        raise GitError(
            f"{printable_path(str(folder))} is in a bare repository, which has no checked-out files; "
            "give files in a working tree"
        )
    # With a colon after "repository", there is a .git file, but what it points to is missing.
    if "not a git repository (or any" not in problem:
        raise GitError(f"git cannot read the repository of {printable_path(str(folder))}: {problem}")
    return _find_in_environment(folder) if "GIT_DIR" in os.environ else None


def _find_in_environment(folder: Path) -> Repository | None:
    """Return the repository that the environment names, if the folder is in its working tree."""
    variables = {}
    for name, option in (("GIT_WORK_TREE", "--show-toplevel"), ("GIT_DIR", "--absolute-git-dir")):
        result = _run_git(Path(), ("rev-parse", option), os.environ)
        if result.returncode:
            return None
        variables[name] = str(_parse_path(result.stdout))
    top = Path(variables["GIT_WORK_TREE"])
    if "GIT_INDEX_FILE" in os.environ:
        variables["GIT_INDEX_FILE"] = str(Path.cwd() / os.environ["GIT_INDEX_FILE"])
    return Repository(top, {**os.environ, **variables}) if folder.is_relative_to(top) else None


def _parse_path(output: bytes) -> Path:
    return Path(os.path.realpath(os.fsdecode(output.removesuffix(b"\n"))))


def _extract_error(result: subprocess.CompletedProcess[bytes]) -> str:
    """Return the line of git's output that gives the error; hints and traces may precede it."""
    lines = [line.strip() for line in printable_path(os.fsdecode(result.stderr)).splitlines() if line.strip()]
    error_lines = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    return (error_lines or lines or [f"exit code {result.returncode} and no message"])[0]


def _run_git(
    folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    options = ["-C", str(folder), "--no-pager", "--no-optional-locks", "--literal-pathspecs", *settings]
    command = ["git", *options, *arguments]  # on PATH, as for everything else that calls git
    variables = {
        name: value for name, value in environment.items() if name not in PATHSPEC_VARIABLES
    } | FIXED_ENVIRONMENT
    try:
        return subprocess.run(command, input=stdin, capture_output=True, check=False, env=variables)  # noqa: S603
    except OSError as error:
        raise GitError(
            f"git cannot be run ({error.strerror}), so new files cannot be listed; install it, or leave out --since"
        ) from None
