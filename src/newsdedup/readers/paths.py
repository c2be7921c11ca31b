"""Finds the files to read under the paths given: searches folders, expands globs, and reads no file twice."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdedup.errors import InputError
from newsdedup.models import Refusal, Rejected, Skipped
from newsdedup.readers.formats import file_extension, list_endings
from newsdedup.readers.records import replace_invalid_chars

STDIN = "-"


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: its location, and its path as typed, with `/` between folders and safe to print."""

    location: str
    path: str


def expand_paths(paths: Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """Return the paths in order, with every glob replaced by its sorted matches.

    Raises InputError at the first path that does not exist and the first glob that matches nothing.
    """
    expanded: list[str] = []
    for path in [os.fspath(path) for path in paths]:
        if path == STDIN:
            expanded.append(path)
        elif glob.has_magic(path) and not os.path.lexists(path):
            matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob has no absolute patterns
            if not matches:
                shown = printable_path(path)
                raise InputError(f"no file matches {shown!r}; check the pattern, and quote it in the shell")
            expanded += matches
        else:
            _check_path(path)
            expanded.append(path)
    return tuple(expanded)


def _check_path(path: str) -> None:
    shown = printable_path(path)
    try:
        os.stat(path)  # noqa: PTH116 - a Path would normalise what the user typed
    except (FileNotFoundError, NotADirectoryError):
        fault = "is a dangling link" if os.path.islink(path) else "does not exist"  # noqa: PTH114
        raise InputError(f"{shown} {fault}; name a file, a folder, a glob, or - for standard input") from None
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{shown} cannot be read: {cause}") from None


def printable_path(path: str) -> str:
    r"""Return a path for printing: with `/`, and with non-Unicode bytes as `\xe9`, so that names stay distinct."""
    if os.sep != "/":
        return replace_invalid_chars(path.replace(os.sep, "/"))
    return replace_invalid_chars(path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def iter_files(paths: Sequence[str], *, any_extension: bool) -> Iterator[File | Rejected | Skipped]:
    """Yield each file under the expanded paths once, by real path, with the first path that leads to it.

    Folders are searched recursively in the order of names. Hidden names, `.md` files and, unless `any_extension`, files
    with an unknown extension are skipped.
    """
    # A file named explicitly is never counted as skipped in its folder: the count must not depend on the order.
    explicit = {os.path.realpath(path) for path in paths if path != STDIN}
    search = _FileSearch(explicit, any_extension=any_extension)
    for i, path in enumerate(paths):
        if path != STDIN:
            yield from search.iter_files(path)
        elif STDIN not in paths[:i]:
            yield File(STDIN, STDIN)


class _FileSearch:
    """Yields each file and searches each folder once, by real path, so that links cannot loop."""

    def __init__(self, explicit: Container[str], *, any_extension: bool) -> None:
        self._explicit = explicit
        self._any_extension = any_extension
        self._seen: set[str] = set()

    def iter_files(self, location: str) -> Iterator[File | Rejected | Skipped]:
        """Yield the file at a location, or those in the folder there."""
        real_path = os.path.realpath(location)
        if not os.path.exists(location):  # noqa: PTH110
            yield _reject(location, "dangling link: its target does not exist")
        elif real_path not in self._seen:
            self._seen.add(real_path)
            is_folder = Path(location).is_dir()
            yield from self._search_folder(location) if is_folder else [File(location, printable_path(location))]

    def _search_folder(self, folder: str) -> Iterator[File | Rejected | Skipped]:
        try:
            names = sorted(os.listdir(folder))  # noqa: PTH208 - names, to be joined to the folder as typed
        except OSError as error:
            yield _reject(folder, f"folder cannot be read: {error.strerror}")
            return
        for name in names:
            location = f"{folder.rstrip('/' + os.sep)}/{name}"
            reason = _skip_reason(location, name, any_extension=self._any_extension)
            if reason is None:
                yield from self.iter_files(location)
            elif os.path.realpath(location) not in self._explicit:
                yield Skipped(printable_path(location), reason)


def _reject(location: str, reason: str) -> Rejected:
    return Rejected(path=printable_path(location), record=1, reason=reason, kind=Refusal.UNREADABLE)


def _skip_reason(location: str, name: str, *, any_extension: bool) -> str | None:
    """Return why a name in a folder is skipped, None if it is not."""
    if name.startswith("."):
        return "hidden name"
    try:
        mode = os.stat(location).st_mode  # noqa: PTH116
    except OSError:
        return None  # a dangling link or a link to itself is rejected, not skipped
    if stat.S_ISDIR(mode):
        return None
    if not stat.S_ISREG(mode):
        return "not a regular file"
    if file_extension(name) == ".md":
        return ".md file"
    if not any_extension and file_extension(name) not in list_endings():
        known_extensions = " ".join(list_endings())
        return f"unknown extension (known: {known_extensions}, each also with .gz); name the file to read it as text"
    return None
