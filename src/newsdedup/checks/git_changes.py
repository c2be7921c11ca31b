"""What git tells of a working tree: the commit a branch began at, and what differs from it now."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdedup.checks.git_repository import Repository, repository_of
from newsdedup.errors import GitError
from newsdedup.readers.paths import shown

REGULAR = {"100644", "100755"}
LINK, SUBMODULE, NOTHING = "120000", "160000", "000000"
# More paths may not fit into a command line (32,767 characters on Windows); then git reads the folder they share.
MOST_PATHS = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A path that differs, and git's hashes of the regular files there: None for no such file, or an unknown hash.

    `gone` if nothing lies at the path any more, or nothing that git tracks.
    """

    repository: Repository
    path: Path
    before: str | None = None
    after: str | None = None
    gone: bool = False


def base_of(repository: Repository, ref: str) -> str:
    """Return the commit at which HEAD parted from `ref`; the empty tree where HEAD has no commit yet.

    In the midst of a merge it is that of the commit which the merge will make. Raises GitError if `ref` is unknown,
    or has no common ancestor with HEAD.
    """
    # `-x` would be an option, `^x` all but x.
    if not ref.strip() or ref.startswith(("-", "^")) or "\0" in ref:
        raise GitError(f"{shown(ref)!r} cannot be a commit; give --since a branch, a tag or a commit")
    if _hash(repository, "HEAD") is None:
        return _nothing(repository)
    # In two steps: in `:/words^{commit}` all would be words.
    named = _hash(repository, ref)
    commit = named and _hash(repository, f"{named}^{{commit}}")
    where = shown(str(repository.top))
    if commit is None:
        raise GitError(
            f"{shown(ref)!r} is no commit that the repository {where} knows; "
            + (_deepen(repository) or "give --since a branch, a tag or a commit, and fetch it first (git fetch)")
        )
    heads = ["HEAD", *(["MERGE_HEAD"] if _hash(repository, "MERGE_HEAD") else [])]
    answer = repository.attempt("merge-base", commit, *heads)
    if answer.returncode == 1:
        raise GitError(
            f"{shown(ref)!r} and HEAD have no common ancestor in the repository {where}; "
            + (_deepen(repository) or "give --since a commit that HEAD descends from")
        )
    return (answer.stdout or repository.ask("merge-base", commit, *heads)).decode().split()[0]


def changes(repository: Repository, base: str, within: Sequence[Path]) -> Iterator[Change]:
    """Yield what differs between `base` and the working tree at and under the paths `within` (real, in its tree).

    Untracked files that are not ignored are among it, and what differs in submodules, each against the commit that
    `base` records for it. So may be files that were only touched, their hash not known.
    """
    paths = _pathspecs(repository, within)
    # One net diff over commits, index and files: what is checked is the files. Renames are paired by who calls, as
    # git does not see those among untracked files.
    differing = repository.ask(
        "diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color",
        "--ignore-submodules=none", base, "--", *paths,
    )  # fmt: skip
    fields = [os.fsdecode(each) for each in differing.split(b"\0")]
    for facts, name in zip(fields[:-1:2], fields[1::2], strict=True):
        mode, mode_now, before, after, _ = facts.removeprefix(":").split(" ")
        path = repository.top / name
        if mode_now == SUBMODULE:
            yield from _inside(path, before if mode == SUBMODULE else None)
        else:
            yield Change(
                repository,
                path,
                before=before if mode in REGULAR else None,
                after=after if mode_now in REGULAR and after.strip("0") else None,
                gone=mode_now == NOTHING,
            )
    for name in _names(repository.ask("ls-files", "--others", "--exclude-standard", "-z", "--", *paths)):
        if name.endswith("/"):
            yield from _inside(repository.top / name, None)
        else:
            yield Change(repository, repository.top / name)


def links(repository: Repository, within: Sequence[Path]) -> Iterator[Path]:
    """Yield the tracked symbolic links at and under the paths `within`."""
    for entry in _names(repository.ask("ls-files", "--stage", "-z", "--", *_pathspecs(repository, within))):
        facts, name = entry.split("\t", maxsplit=1)
        if facts.startswith(LINK):
            yield repository.top / name


def hashes(repository: Repository, paths: Iterable[Path], *, as_stored: bool) -> dict[Path, str]:
    """Return git's hash of each file that can be read: as git would store it, line ends and filters applied, or as is.

    Nothing is written.
    """
    readable = [path for path in paths if os.access(path, os.R_OK)]
    names = [os.fsencode(path.relative_to(repository.top).as_posix()) for path in readable]
    given = b"".join(b'"%s"\n' % re.sub(rb'[\\"]', rb"\\\g<0>", name).replace(b"\n", rb"\n") for name in names)
    printed = repository.ask("hash-object", "--stdin-paths", *([] if as_stored else ["--no-filters"]), given=given)
    return dict(zip(readable, printed.decode().split(), strict=True))


def _inside(top: Path, base: str | None) -> Iterator[Change]:
    """Yield what differs in a repository within another: against `base`, or everything where that is None."""
    # A submodule may not be checked out.
    inner = repository_of(top) if os.path.lexists(top / ".git") else None
    if inner is not None and inner.top == top:
        yield from changes(inner, base or _nothing(inner), [top])


def _hash(repository: Repository, name: str) -> str | None:
    """Return the hash of what a name stands for, None for nothing and for more than one commit (`a..b`)."""
    printed = repository.attempt("rev-parse", "--verify", "--quiet", name).stdout.decode().strip()
    return printed if re.fullmatch(r"[0-9a-f]{40,64}", printed) else None


def _nothing(repository: Repository) -> str:
    """Return the empty tree, which git knows without its being stored."""
    return repository.ask("hash-object", "-t", "tree", "--stdin").decode().strip()


def _deepen(repository: Repository) -> str | None:
    """Return what to do if the clone is shallow, else None."""
    if repository.ask("rev-parse", "--is-shallow-repository").strip() != b"true":
        return None
    return (
        "this clone is shallow: fetch the full history (git fetch --unshallow; in GitHub Actions, fetch-depth: 0 of "
        "actions/checkout)"
    )


def _pathspecs(repository: Repository, within: Sequence[Path]) -> list[str]:
    paths = within if len(within) <= MOST_PATHS else [Path(os.path.commonpath(within))]
    return [path.relative_to(repository.top).as_posix() for path in paths]


def _names(printed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in printed.split(b"\0") if name]
