"""What git reports about a working tree: the merge base of a branch, and what differs from it now."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdedup.checks.git_repository import Repository, find_repository
from newsdedup.errors import GitError
from newsdedup.readers.paths import printable_path

REGULAR_MODES = {"100644", "100755"}
LINK_MODE, SUBMODULE_MODE, MISSING_MODE = "120000", "160000", "000000"
# More paths may not fit into a command line (32,767 characters on Windows); git then gets their common folder.
MAX_PATHS = 100


@dataclass(frozen=True, slots=True)
class ChangedPath:
    """A path that differs, with git's hashes of the regular file before and after: None for no file or no known hash.

    `removed` is true if there is no file at the path any more, or none that git tracks.
    """

    repository: Repository
    path: Path
    hash_before: str | None = None
    hash_after: str | None = None
    removed: bool = False


def find_merge_base(repository: Repository, ref: str) -> str:
    """Return the merge base of HEAD and `ref`; the empty tree if HEAD has no commit yet.

    During a merge, it is the merge base of the commit that the merge will create. Raises GitError if `ref` is unknown
    or has no common ancestor with HEAD.
    """
    # `-x` would be an option, `^x` everything but x.
    if not ref.strip() or ref.startswith(("-", "^")) or "\0" in ref:
        raise GitError(f"{printable_path(ref)!r} is not a valid commit; give --since a branch, a tag or a commit")
    if _resolve_revision(repository, "HEAD") is None:
        return _get_empty_tree(repository)
    # In two steps, since `:/words^{commit}` would search for the suffix as part of the words.
    revision = _resolve_revision(repository, ref)
    commit = revision and _resolve_revision(repository, f"{revision}^{{commit}}")
    location = printable_path(str(repository.top))
    if commit is None:
        raise GitError(
            f"{printable_path(ref)!r} is not a commit in the repository {location}; "
            + (
                _suggest_unshallow(repository)
                or "give --since a branch, a tag or a commit, and fetch it first (git fetch)"
            )
        )
    heads = ["HEAD", *(["MERGE_HEAD"] if _resolve_revision(repository, "MERGE_HEAD") else [])]
    result = repository.try_git("merge-base", commit, *heads)
    if result.returncode == 1:
        raise GitError(
            f"{printable_path(ref)!r} and HEAD have no common ancestor in the repository {location}; "
            + (_suggest_unshallow(repository) or "give --since a commit that HEAD descends from")
        )
    return (result.stdout or repository.run_git("merge-base", commit, *heads)).decode().split()[0]


def list_changes(repository: Repository, base: str, roots: Sequence[Path]) -> Iterator[ChangedPath]:
    """Yield what differs between `base` and the working tree at and under `roots` (real paths inside the tree).

    This includes untracked files that are not ignored, and what differs in submodules, each compared with the commit
    that `base` records for it. Files whose modification time alone changed may be included, without a hash.
    """
    paths = _build_pathspecs(repository, roots)
    # One diff from the commit to the files, without regard to the index: the files are what is checked. The caller
    # detects renames, since git does not see those among untracked files.
    diff_output = repository.run_git(
        "diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color",
        "--ignore-submodules=none", base, "--", *paths,
    )  # fmt: skip
    fields = [os.fsdecode(field) for field in diff_output.split(b"\0")]
    for metadata, name in zip(fields[:-1:2], fields[1::2], strict=True):
        mode, mode_now, before, after, _ = metadata.removeprefix(":").split(" ")
        path = repository.top / name
        if mode_now == SUBMODULE_MODE:
            yield from _list_nested_changes(path, before if mode == SUBMODULE_MODE else None)
        else:
            yield ChangedPath(
                repository,
                path,
                hash_before=before if mode in REGULAR_MODES else None,
                hash_after=after if mode_now in REGULAR_MODES and after.strip("0") else None,
                removed=mode_now == MISSING_MODE,
            )
    for name in _split_paths(repository.run_git("ls-files", "--others", "--exclude-standard", "-z", "--", *paths)):
        if name.endswith("/"):
            yield from _list_nested_changes(repository.top / name, None)
        else:
            yield ChangedPath(repository, repository.top / name)


def list_links(repository: Repository, roots: Sequence[Path]) -> Iterator[Path]:
    """Yield the tracked symbolic links at and under `roots`."""
    for entry in _split_paths(
        repository.run_git("ls-files", "--stage", "-z", "--", *_build_pathspecs(repository, roots))
    ):
        metadata, name = entry.split("\t", maxsplit=1)
        if metadata.startswith(LINK_MODE):
            yield repository.top / name


def hash_files(repository: Repository, paths: Iterable[Path], *, as_stored: bool) -> dict[Path, str]:
    """Return git's hash of each readable file, without writing an object.

    `as_stored` hashes what git would store, with line ends and filters applied, otherwise the bytes of the file.
    """
    readable = [path for path in paths if os.access(path, os.R_OK)]
    names = [os.fsencode(path.relative_to(repository.top).as_posix()) for path in readable]
    stdin = b"".join(b'"%s"\n' % re.sub(rb'[\\"]', rb"\\\g<0>", name).replace(b"\n", rb"\n") for name in names)
    output = repository.run_git("hash-object", "--stdin-paths", *([] if as_stored else ["--no-filters"]), stdin=stdin)
    return dict(zip(readable, output.decode().split(), strict=True))


def _list_nested_changes(top: Path, base: str | None) -> Iterator[ChangedPath]:
    """Yield what differs in a repository inside another, compared with `base`; everything if that is None."""
    # A submodule may not be checked out.
    nested = find_repository(top) if os.path.lexists(top / ".git") else None
    if nested is not None and nested.top == top:
        yield from list_changes(nested, base or _get_empty_tree(nested), [top])


def _resolve_revision(repository: Repository, revision: str) -> str | None:
    """Return the hash of the object that a revision names; None for no object and for a range (`a..b`)."""
    output = repository.try_git("rev-parse", "--verify", "--quiet", revision).stdout.decode().strip()
    return output if re.fullmatch(r"[0-9a-f]{40,64}", output) else None


def _get_empty_tree(repository: Repository) -> str:
    """Return the hash of the empty tree, which git knows even if it is not stored."""
    return repository.run_git("hash-object", "-t", "tree", "--stdin").decode().strip()


def _suggest_unshallow(repository: Repository) -> str | None:
    """Return advice if the clone is shallow, else None."""
    if repository.run_git("rev-parse", "--is-shallow-repository").strip() != b"true":
        return None
    return (
        "this clone is shallow: fetch the full history (git fetch --unshallow; in GitHub Actions, fetch-depth: 0 of "
        "actions/checkout)"
    )


def _build_pathspecs(repository: Repository, roots: Sequence[Path]) -> list[str]:
    paths = roots if len(roots) <= MAX_PATHS else [Path(os.path.commonpath(roots))]
    return [path.relative_to(repository.top).as_posix() for path in paths]


def _split_paths(output: bytes) -> list[str]:
    return [os.fsdecode(name) for name in output.split(b"\0") if name]
