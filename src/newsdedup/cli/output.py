"""Where the data goes: standard output, or a file that appears all at once or not at all. Always UTF-8 and LF."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from newsdedup.errors import OutputError

MAX_WIDTH = 120
"""Columns of text at most, on however wide a terminal: longer lines are hard to read."""


@dataclass(frozen=True, slots=True)
class Target:
    """A stream to write to, and how text for eyes is set on it: `width` is None off a terminal."""

    stream: TextIO
    width: int | None
    colour: bool

    def write(self, pieces: Iterable[bytes]) -> None:
        """Write what is UTF-8 already."""
        if isinstance(self.stream, io.TextIOWrapper):
            self.stream.flush()
            self.stream.buffer.writelines(pieces)
        else:
            self.stream.writelines(piece.decode() for piece in pieces)


def check_output(path: str | None, flag: str = "-o", *, inputs: Iterable[str] = ()) -> None:
    """Raise OutputError now for what would fail after all the work: no such folder, a folder as the file.

    Nor may a file that is read (`inputs`) be the one that is written.
    """
    if path is None or path == "-":
        return
    file = Path(path)
    if not path:
        raise OutputError(f"{flag} names no file; give it the name of one, or leave it out")
    if file.is_file():
        for each in inputs:
            if Path(each).is_file() and file.samefile(each):
                raise OutputError(f"{flag} {path} would overwrite the input {each}; give {flag} another name")
    if file.exists() and not file.is_file() and not file.is_dir():
        return  # /dev/null, a named pipe
    if file.is_dir():
        raise OutputError(f"{path} is a folder; give {flag} the name of a file")
    if not file.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {file.parent}; create it first")
    if not os.access(file.parent, os.W_OK):
        raise OutputError(f"cannot write {path}: no permission to create files in {file.parent}; choose another place")


@contextmanager
def open_output(path: str | None) -> Iterator[Target]:
    """Yield the target for `path`; None and `-` mean standard output. Raises OutputError with what to do."""
    if path is None or path == "-":
        with _standard_output() as target:
            yield target
    else:
        try:
            with _file(Path(path)) as stream:
                yield Target(stream, None, colour=False)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write {path}: {_reason(error)}; nothing was written: {_advice(error)}") from None


@contextmanager
def _standard_output() -> Iterator[Target]:
    stream = sys.stdout
    if stream is None:
        raise OutputError("cannot write to standard output: it is closed; write to a file with -o FILE")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    terminal = stream.isatty()
    width = min(shutil.get_terminal_size((100, 24)).columns, MAX_WIDTH) if terminal else None
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and _shows_styles(stream)
    try:
        yield Target(stream, width, colour)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(stream)
        raise OutputError(f"cannot write to standard output: {_reason(error)}; {_advice(error)}") from None


def _shows_styles(stream: TextIO) -> bool:
    from rich.console import Console  # noqa: PLC0415 - a terminal only

    return not Console(file=stream).legacy_windows


@contextmanager
def _file(path: Path) -> Iterator[TextIO]:
    """Yield a stream whose content becomes the file `path` when the block ends well, and vanishes when it does not.

    A symbolic link is followed. What is no regular file (/dev/null, a named pipe) is written directly.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            yield stream
        return
    target = path.resolve()
    # Hidden, so that a later run over the folder leaves a stray one out; in the same folder, so that it can be renamed.
    draft = target.with_name(f".newsdedup-{os.urandom(6).hex()}.tmp")
    # Created by hand and not by tempfile, whose files only their owner may read.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:  # noqa: PTH123
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(OSError):
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def silence(*streams: TextIO | None) -> None:
    """Point those of the streams that can no longer be written to nowhere, so that Python's last flush is quiet."""
    for stream in filter(None, streams):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _advice(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return "free some space or write to another disk"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return "choose a place you may write to"
    return "choose another place"
