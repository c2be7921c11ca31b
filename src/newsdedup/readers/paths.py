"""What the user named to the files to read: folders are searched, globs matched, nothing is read twice."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from newsdedup.errors import InputError
from newsdedup.models import Refusal, Rejected, Skipped
from newsdedup.readers.formats import ENDINGS, ending
from newsdedup.readers.records import clean

STDIN = "-"


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: where it is, and its path as typed, with `/` between folders and fit for printing."""

    location: str
    path: str


def check_paths(paths: Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """Return what the user named, in order, with every glob as its sorted matches.

    Raises InputError at the first path that does not exist and the first glob that matches nothing.
    """
    named: list[str] = []
    for path in [os.fspath(path) for path in paths]:
        if path == STDIN or os.path.lexists(path):
            if path != STDIN:
                _check(path)
            named.append(path)
        elif glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob has no absolute patterns
            if not matches:
                raise InputError(f"no file matches {shown(path)!r}; check the pattern, and quote it in the shell")
            named.extend(matches)
        else:
            _check(path)
    return tuple(named)


def _check(path: str) -> None:
    try:
        os.stat(path)  # noqa: PTH116 - a Path would normalise what the user typed
    except (FileNotFoundError, NotADirectoryError):
        link = "is a link to nothing" if os.path.islink(path) else "does not exist"  # noqa: PTH114
        raise InputError(f"{shown(path)} {link}; name a file, a folder, a glob, or - for standard input") from None
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{shown(path)} cannot be read: {cause}") from None


def shown(path: str) -> str:
    r"""Return a path as it is printed: POSIX slashes, and bytes that are no Unicode as `\xe9`, so that names differ."""
    if os.sep != "/":
        return clean(path.replace(os.sep, "/"))
    return clean(path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def files(named: Iterable[str], *, any_ending: bool) -> Iterator[File | Rejected | Skipped]:
    """Yield each file under the checked paths once, by real path, under the first path that leads to it.

    A folder is searched recursively in the order of names; hidden names, `.md` files and, unless `any_ending`, files
    of unknown ending in it are skipped.
    """
    named = tuple(named)
    # What is both named and found in a folder is never skipped there: the count must not depend on the order.
    explicit = {os.path.realpath(path) for path in named if path != STDIN}
    read: set[str] = set()
    searched: set[str] = set()
    for path in named:
        if path == STDIN:
            found: Iterable[File | Rejected | Skipped] = (File(STDIN, STDIN),)
        elif Path(path).is_dir():
            found = _search(path, searched, explicit, any_ending=any_ending)
        else:
            found = (_file(path),)
        for item in found:
            if isinstance(item, File):
                real = STDIN if item.path == STDIN else os.path.realpath(item.location)
                if real in read:
                    continue
                read.add(real)
            yield item


def _file(location: str) -> File | Rejected:
    if not os.path.exists(location):  # noqa: PTH110
        reason = "dangling link: what it points to does not exist"
        return Rejected(path=shown(location), record=1, reason=reason, kind=Refusal.UNREADABLE)
    return File(location, shown(location))


def _search(
    folder: str, searched: set[str], explicit: set[str], *, any_ending: bool
) -> Iterator[File | Rejected | Skipped]:
    """Yield what is in a folder; one that was searched before, by real path, yields nothing (so links cannot loop)."""
    real = os.path.realpath(folder)
    if real in searched:
        return
    searched.add(real)
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names, to be joined to the folder as typed
    except OSError as error:
        refused = f"folder cannot be read: {error.strerror}"
        yield Rejected(path=shown(folder), record=1, reason=refused, kind=Refusal.UNREADABLE)
        return
    for name in names:
        location = f"{folder.rstrip('/' + os.sep)}/{name}"
        reason = _why_skipped(location, name, any_ending=any_ending)
        if reason is not None:
            if os.path.realpath(location) not in explicit:
                yield Skipped(shown(location), reason)
        elif Path(location).is_dir():
            yield from _search(location, searched, explicit, any_ending=any_ending)
        else:
            yield _file(location)


def _why_skipped(location: str, name: str, *, any_ending: bool) -> str | None:
    """Return why a name in a folder is left out, None where it is not."""
    if name.startswith("."):
        return "hidden name"
    try:
        mode = os.stat(location).st_mode  # noqa: PTH116
    except OSError:
        return None  # a dangling link or a link to itself: rejected, not skipped
    if stat.S_ISDIR(mode):
        return None
    if not stat.S_ISREG(mode):
        return "not a regular file"
    if ending(name) == ".md":
        return ".md file"
    if not any_ending and ending(name) not in ENDINGS:
        known = " ".join(ENDINGS)
        return f"unknown ending (known: {known}, each also with .gz); name the file itself to read it as text"
    return None
