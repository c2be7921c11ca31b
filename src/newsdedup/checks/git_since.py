"""What is new since a commit: the files whose content did not lie among the paths when the branch began."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsdedup.checks.git_changes import Change, base_of, changes, hashes, links
from newsdedup.checks.git_repository import Repository, repository_of
from newsdedup.errors import GitError
from newsdedup.readers.paths import STDIN, shown


def changed_since(paths: Sequence[str], ref: str) -> frozenset[str]:
    """Return the real paths of the files at or under `paths` that are new against the commit `ref`.

    What counts is what lies in the working tree, committed or not, against the commit at which HEAD parted from `ref`
    (the merge base). A file is new if at its path there was none or one of other content, but not if its content was
    only moved, unchanged, from elsewhere at or under `paths`. So a copy is new and a rename with an edit is; a change
    that was taken back is not, nor one of the mode alone, nor a file that git ignores. While HEAD has no commit yet
    everything is new, whatever `ref`.

    Links are followed as the loader follows them: what one leads to is judged where it lies; it is new as a whole if
    the link is and no other path leads there. A submodule is compared with the commit of it that the merge base
    records. All is new in a repository that merely lies in another's working tree, unless a path names it.

    `paths` are names that exist, `-` and links to nothing are passed over; each is judged by its own repository.
    Raises GitError if one is in none, if `ref` is unknown or has no common ancestor with HEAD (or none within a
    shallow clone), and if git cannot be run or fails.
    """
    named = {_place(path) for path in paths if path != STDIN}
    search = _Search(ref)
    for place in sorted(named):
        if search.repository(place) is None and search.repository(_real(place)) is None:
            raise GitError(
                f"{shown(str(place))} is in no git repository, so nothing tells what is new there; "
                "name files of a repository, or leave out --since"
            )
    search.search(named)
    new = {_real(path) for path in _unaccounted(search.was, search.hashed())}
    return frozenset(os.fspath(path) for path in new | search.behind_new_links())


class _Search:
    """What lay and what lies among the places searched, links followed from one repository into the next."""

    def __init__(self, ref: str) -> None:
        self.ref = ref
        self.places: set[Path] = set()
        self.was: dict[Path, str] = {}
        self.now: dict[Path, Change] = {}
        self.new_links: set[Path] = set()
        self._bases: dict[Repository, str] = {}
        self._repositories: dict[Path, Repository | None] = {}

    def repository(self, place: Path) -> Repository | None:
        """Return the repository that a place lies in, asking git once for each folder with a `.git`."""
        folders = [place, *place.parents] if place.is_dir() and not place.is_symlink() else list(place.parents)
        # Else ten thousand files in as many folders would be as many processes.
        nearest = next((folder for folder in folders if os.path.lexists(folder / ".git")), folders[0])
        if nearest not in self._repositories:
            self._repositories[nearest] = repository_of(nearest) if nearest.exists() else None
        return self._repositories[nearest]

    def search(self, places: set[Path]) -> None:
        """Search the places, then those that links found there lead to, until nothing else is reached."""
        while places:
            self.places |= places
            found = {place for place in places if place.is_symlink()}
            groups = defaultdict(list)
            for place in sorted(places):
                if (repository := self.repository(place)) is not None:
                    groups[repository].append(place)
            for repository, within in groups.items():
                found |= {link for link in links(repository, within) if self.covers(link)}
                self._compare(repository, within)
            # Where only new links lead, all is new: there is nothing to compare.
            targets = {_real(link) for link in found - self.new_links}
            places = {target for target in targets if target.exists() and not self.covers(target)}

    def covers(self, path: Path) -> bool:
        """Say whether a path is at or under a place that was searched."""
        return path in self.places or not self.places.isdisjoint(path.parents)

    def _compare(self, repository: Repository, within: Sequence[Path]) -> None:
        if repository not in self._bases:
            self._bases[repository] = base_of(repository, self.ref)
        for change in changes(repository, self._bases[repository], within):
            # git may have looked at more than was asked for.
            if not self.covers(change.path):
                continue
            if change.before is not None:
                self.was[change.path] = change.before
            if not change.gone and change.path.is_symlink():
                self.new_links.add(change.path)
            elif not change.gone and change.path.is_file():
                self.now[change.path] = change

    def hashed(self) -> dict[Path, str | None]:
        """Return the hash of each file that differs; None for one that cannot be read, or where none is called for."""
        known = {path: change.after for path, change in self.now.items()}
        if not self.was:  # nothing can have been moved, and thousands of new files need not be read
            return known
        contents = set(self.was.values())
        unknown = defaultdict(list)
        for path, change in self.now.items():
            if change.after is None:
                unknown[change.repository].append(path)
        for repository, paths in unknown.items():
            # First as is: line ends that were stored once are kept by git, which only the index tells it.
            known |= hashes(repository, paths, as_stored=False)
            others = [path for path in paths if known[path] not in contents]
            known |= hashes(repository, others, as_stored=True)
        return known

    def behind_new_links(self) -> set[Path]:
        """Return the files that only new links lead to. They need not be in a repository."""
        files: set[Path] = set()
        for target in {_real(link) for link in self.new_links}:
            files |= {_real(path) for path in (target, *target.rglob("*")) if path.is_file()}
        return {path for path in files if not self.covers(path)}


def _unaccounted(was: Mapping[Path, str], now: Mapping[Path, str | None]) -> set[Path]:
    """Return the paths with content that differs and was not moved there: each content that was, accounts for one.

    Of several copies of one content that was moved, the one that kept its file name counts as moved, else the first.
    """
    lost = Counter(was.values())
    changed = {path for path, content in now.items() if content is None or was.get(path) != content}
    lost -= Counter(was[path] for path in now.keys() - changed)
    kept = {(content, path.name) for path, content in was.items()}
    new = set()
    for path in sorted(changed, key=lambda path: ((now[path], path.name) not in kept, path)):
        content = now[path]
        if content is not None and lost[content]:
            lost[content] -= 1
        else:
            new.add(path)
    return new


def _place(path: str) -> Path:
    """Return a named path without links in its folders; if it is a link itself, it stays one."""
    folder, name = os.path.split(path.rstrip(os.sep + (os.altsep or "")))
    return _real(folder or ".") / name if name not in {"", ".", ".."} else _real(path)


def _real(path: str | Path) -> Path:
    return Path(os.path.realpath(path))
