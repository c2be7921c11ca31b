"""Which files are new since a commit: those whose content was not under the paths at the merge base."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsdedup.checks.git_changes import ChangedPath, find_merge_base, hash_files, list_changes, list_links
from newsdedup.checks.git_repository import Repository, find_repository
from newsdedup.errors import GitError
from newsdedup.readers.paths import STDIN, printable_path


def find_new_files(paths: Sequence[str], ref: str) -> frozenset[str]:
    """Return the real paths of the files at or under `paths` that are new against the commit `ref`.

    The files in the working tree, committed or not, are compared with the merge base of HEAD and `ref`. A file is new
    if there was no file at its path or one with other content, unless that content was moved unchanged from elsewhere
    at or under `paths`. So a copy is new, and so is a file that was renamed and edited; a reverted change is not new,
    nor a change of the file mode alone, nor a file that git ignores. If HEAD has no commit yet, every file is new,
    whatever `ref` is.

    Links are followed as the loader follows them: their targets are compared where they are. If the link is new and no
    other path leads to its target, everything there is new. A submodule is compared with the commit that the merge
    base records for it. In a repository that is inside another's working tree without being a submodule, everything is
    new, unless a path names it.

    `paths` must exist, except that `-` and dangling links are skipped; each path is compared in its own repository.
    Raises GitError if a path is in no repository, if `ref` is unknown or has no common ancestor with HEAD (or none
    within a shallow clone), and if git cannot be run or fails.
    """
    starts = {_resolve_folder(path) for path in paths if path != STDIN}
    search = _TreeSearch(ref)
    for start in sorted(starts):
        if search.get_repository(start) is None and search.get_repository(_resolve_path(start)) is None:
            raise GitError(
                f"{printable_path(str(start))} is not in a git repository, so new files cannot be listed; "
                "give files in a repository, or leave out --since"
            )
    search.search_from(starts)
    new = {_resolve_path(path) for path in _find_new_paths(search.hashes_before, search.hash_changes())}
    return frozenset(os.fspath(path) for path in new | search.list_linked_files())


class _TreeSearch:
    """The file contents before and now under the searched paths; links are followed from repository to repository."""

    def __init__(self, ref: str) -> None:
        self.ref = ref
        self.searched: set[Path] = set()
        self.hashes_before: dict[Path, str] = {}
        self.changes: dict[Path, ChangedPath] = {}
        self.new_links: set[Path] = set()
        self._bases: dict[Repository, str] = {}
        self._repositories: dict[Path, Repository | None] = {}

    def get_repository(self, path: Path) -> Repository | None:
        """Return the repository that contains a path; git runs once for each folder with a `.git`."""
        folders = [path, *path.parents] if path.is_dir() and not path.is_symlink() else list(path.parents)
        # Without the cache, ten thousand files in as many folders would start as many processes.
        nearest = next((folder for folder in folders if os.path.lexists(folder / ".git")), folders[0])
        if nearest not in self._repositories:
            self._repositories[nearest] = find_repository(nearest) if nearest.exists() else None
        return self._repositories[nearest]

    def search_from(self, paths: set[Path]) -> None:
        """Search the paths, then the targets of the links found there, until nothing new is reached."""
        while paths:
            self.searched |= paths
            links = {path for path in paths if path.is_symlink()}
            paths_by_repository = defaultdict(list)
            for path in sorted(paths):
                if (repository := self.get_repository(path)) is not None:
                    paths_by_repository[repository].append(path)
            for repository, roots in paths_by_repository.items():
                links |= {link for link in list_links(repository, roots) if self.is_searched(link)}
                self._compare_with_base(repository, roots)
            # Files that only new links lead to are all new: there is nothing to compare.
            targets = {_resolve_path(link) for link in links - self.new_links}
            paths = {target for target in targets if target.exists() and not self.is_searched(target)}

    def is_searched(self, path: Path) -> bool:
        """Return whether a path is at or under a path that was searched."""
        return path in self.searched or not self.searched.isdisjoint(path.parents)

    def _compare_with_base(self, repository: Repository, roots: Sequence[Path]) -> None:
        if repository not in self._bases:
            self._bases[repository] = find_merge_base(repository, self.ref)
        for change in list_changes(repository, self._bases[repository], roots):
            # git may have been given a common folder of many paths.
            if not self.is_searched(change.path):
                continue
            if change.hash_before is not None:
                self.hashes_before[change.path] = change.hash_before
            if not change.removed and change.path.is_symlink():
                self.new_links.add(change.path)
            elif not change.removed and change.path.is_file():
                self.changes[change.path] = change

    def hash_changes(self) -> dict[Path, str | None]:
        """Return the hash of each file that differs; None if it cannot be read, or if no hash is needed."""
        hash_of = {path: change.hash_after for path, change in self.changes.items()}
        if not self.hashes_before:  # nothing can have been moved, and thousands of new files need not be read
            return hash_of
        hashes_before = set(self.hashes_before.values())
        unhashed = defaultdict(list)
        for path, change in self.changes.items():
            if change.hash_after is None:
                unhashed[change.repository].append(path)
        for repository, paths in unhashed.items():
            # First the bytes as they are: git keeps line ends that were stored once, but only the index records that.
            hash_of |= hash_files(repository, paths, as_stored=False)
            unmatched = [path for path in paths if hash_of[path] not in hashes_before]
            hash_of |= hash_files(repository, unmatched, as_stored=True)
        return hash_of

    def list_linked_files(self) -> set[Path]:
        """Return the files that only new links lead to; they need not be in a repository."""
        files: set[Path] = set()
        for target in {_resolve_path(link) for link in self.new_links}:
            files |= {_resolve_path(path) for path in (target, *target.rglob("*")) if path.is_file()}
        return {path for path in files if not self.is_searched(path)}


def _find_new_paths(before: Mapping[Path, str], after: Mapping[Path, str | None]) -> set[Path]:
    """Return the changed paths whose content was not moved there; each file that disappeared accounts for one path.

    If a moved content now has several copies, the one with the old file name counts as moved, else the first.
    """
    unaccounted = Counter(before.values())
    changed = {path for path, content in after.items() if content is None or before.get(path) != content}
    unaccounted -= Counter(before[path] for path in after.keys() - changed)
    names_before = {(content, path.name) for path, content in before.items()}
    new_paths = set()
    for path in sorted(changed, key=lambda path: ((after[path], path.name) not in names_before, path)):
        content = after[path]
        if content is not None and unaccounted[content]:
            unaccounted[content] -= 1
        else:
            new_paths.add(path)
    return new_paths


def _resolve_folder(path: str) -> Path:
    """Return a path with the links in its folders resolved, but not the path itself if it is a link."""
    folder, name = os.path.split(path.rstrip(os.sep + (os.altsep or "")))
    return _resolve_path(folder or ".") / name if name not in {"", ".", ".."} else _resolve_path(path)


def _resolve_path(path: str | Path) -> Path:
    return Path(os.path.realpath(path))
