"""Finds the files to read under the paths given: searches folders, expands globs, and reads no file twice."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
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
        if path == STDIN or os.path.lexists(path):
            if path != STDIN:
                _check_path(path)
            expanded.append(path)
        elif glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob has no absolute patterns
            if not matches:
                raise InputError(
                    f"no file matches {printable_path(path)!r}; check the pattern, and quote it in the shell"
                )
            expanded.extend(matches)
        else:
            _check_path(path)
    return tuple(expanded)


def _check_path(path: str) -> None:
    try:
        os.stat(path)  # noqa: PTH116 - a Path would normalise what the user typed
    except (FileNotFoundError, NotADirectoryError):
        link = "is a dangling link" if os.path.islink(path) else "does not exist"  # noqa: PTH114
        raise InputError(
            f"{printable_path(path)} {link}; name a file, a folder, a glob, or - for standard input"
        ) from None
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{printable_path(path)} cannot be read: {cause}") from None


def printable_path(path: str) -> str:
    r"""Return a path for printing: with `/`, and with non-Unicode bytes as `\xe9`, so that names stay distinct."""
    if os.sep != "/":
        return replace_invalid_chars(path.replace(os.sep, "/"))
    return replace_invalid_chars(path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def iter_files(paths: Iterable[str], *, any_extension: bool) -> Iterator[File | Rejected | Skipped]:
    """Yield each file under the expanded paths once, by real path, with the first path that leads to it.

    Folders are searched recursively in the order of names. Hidden names, `.md` files and, unless `any_extension`, files
    with an unknown extension are skipped.
    """
    paths = tuple(paths)
    # A file named explicitly is never counted as skipped in its folder: the count must not depend on the order.
    explicit = {os.path.realpath(path) for path in paths if path != STDIN}
    seen_files: set[str] = set()
    seen_folders: set[str] = set()
    for path in paths:
        if path == STDIN:
            items: Iterable[File | Rejected | Skipped] = (File(STDIN, STDIN),)
        elif Path(path).is_dir():
            items = _search_folder(path, seen_folders, explicit, any_extension=any_extension)
        else:
            items = (_to_file(path),)
        for item in items:
            if isinstance(item, File):
                real_path = STDIN if item.path == STDIN else os.path.realpath(item.location)
                if real_path in seen_files:
                    continue
                seen_files.add(real_path)
            yield item


def _to_file(location: str) -> File | Rejected:
    if not os.path.exists(location):  # noqa: PTH110
        reason = "dangling link: its target does not exist"
        return Rejected(path=printable_path(location), record=1, reason=reason, kind=Refusal.UNREADABLE)
    return File(location, printable_path(location))


def _search_folder(
    folder: str, seen_folders: set[str], explicit: set[str], *, any_extension: bool
) -> Iterator[File | Rejected | Skipped]:
    """Yield the files in a folder. A folder searched before, by real path, yields nothing, so links cannot loop."""
    real_path = os.path.realpath(folder)
    if real_path in seen_folders:
        return
    seen_folders.add(real_path)
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names, to be joined to the folder as typed
    except OSError as error:
        cause = f"folder cannot be read: {error.strerror}"
        yield Rejected(path=printable_path(folder), record=1, reason=cause, kind=Refusal.UNREADABLE)
        return
    for name in names:
        location = f"{folder.rstrip('/' + os.sep)}/{name}"
        reason = _skip_reason(location, name, any_extension=any_extension)
        if reason is not None:
            if os.path.realpath(location) not in explicit:
                yield Skipped(printable_path(location), reason)
        elif Path(location).is_dir():
            yield from _search_folder(location, seen_folders, explicit, any_extension=any_extension)
        else:
            yield _to_file(location)


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
