"""Output of the data: standard output, or a file that is written atomically. Always UTF-8 with LF line ends."""

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
from typing import TYPE_CHECKING, Any, TextIO

from newsdedup.errors import OutputError

if TYPE_CHECKING:
    from newsdedup.engine import Run
    from newsdedup.execution import Progress
    from newsdedup.render import OutputFormat

MAX_WIDTH = 120
"""Maximum columns of text, even on a wider terminal: longer lines are hard to read."""


@dataclass(frozen=True, slots=True)
class Target:
    """A stream, with the width and colour of human-readable text. `width` is None if it is not a terminal."""

    stream: TextIO
    width: int | None
    colour: bool

    def write(self, pieces: Iterable[bytes]) -> None:
        """Write UTF-8 bytes."""
        if isinstance(self.stream, io.TextIOWrapper):
            self.stream.flush()
            self.stream.buffer.writelines(pieces)
        else:
            self.stream.writelines(piece.decode() for piece in pieces)


def write_report(report: object, output_format: OutputFormat[Any], path: str | None = None) -> None:
    """Write the report to `path` in a format. Raises OutputError if writing fails."""
    from newsdedup.render import render  # noqa: PLC0415 - `--help` loads no models

    with open_output(path) as target:
        render(report, output_format, target.stream, width=target.width, colour=target.colour)


def write_stories(run: Run, stories_format: OutputFormat[Any], path: str | None, progress: Progress | None) -> None:
    """Write the stories of a run to `path`, rendered by its workers if the format allows it."""
    if stories_format.render_chunks is None:
        write_report(run if stories_format.one_pass else run.to_result(), stories_format, path)
        return
    with open_output(path) as target:
        target.write(stories_format.render_chunks(run.stories, run.executor, progress))


def check_output(path: str | None, flag: str = "-o", *, inputs: Iterable[str] = ()) -> None:
    """Raise OutputError before the work starts if `path` cannot be written or is one of the `inputs`."""
    if path is None or path == "-":
        return
    file = Path(path)
    if not path:
        raise OutputError(f"{flag} is empty; give a file name or leave it out")
    if file.is_file():
        for input_path in inputs:
            if Path(input_path).is_file() and file.samefile(input_path):
                raise OutputError(f"{flag} {path} would overwrite the input {input_path}; give {flag} another name")
    if file.exists() and not file.is_file() and not file.is_dir():
        return  # /dev/null, a named pipe
    if file.is_dir():
        raise OutputError(f"{path} is a folder; give {flag} a file name")
    if not file.parent.is_dir():
        raise OutputError(f"cannot write {path}: the folder {file.parent} does not exist; create it first")
    if not os.access(file.parent, os.W_OK):
        raise OutputError(f"cannot write {path}: no permission to create files in {file.parent}; choose another folder")


@contextmanager
def open_output(path: str | None) -> Iterator[Target]:
    """Yield the target for `path`; None and `-` mean standard output. Raises OutputError if writing fails."""
    if path is None or path == "-":
        with _open_standard_output() as target:
            yield target
    else:
        try:
            with _open_file(Path(path)) as stream:
                yield Target(stream, None, colour=False)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"cannot write {path}: {_get_reason(error)}; nothing was written: {_suggest_fix(error)}"
            ) from None


@contextmanager
def _open_standard_output() -> Iterator[Target]:
    stream = sys.stdout
    if stream is None:
        raise OutputError("cannot write to standard output: it is closed; write to a file with -o FILE")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    is_terminal = stream.isatty()
    width = min(shutil.get_terminal_size((100, 24)).columns, MAX_WIDTH) if is_terminal else None
    colour = (
        is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and _supports_styles(stream)
    )
    try:
        yield Target(stream, width, colour)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(stream)
        raise OutputError(f"cannot write to standard output: {_get_reason(error)}; {_suggest_fix(error)}") from None


def _supports_styles(stream: TextIO) -> bool:
    from rich.console import Console  # noqa: PLC0415 - a terminal only

    return not Console(file=stream).legacy_windows


@contextmanager
def _open_file(path: Path) -> Iterator[TextIO]:
    """Yield a stream whose content replaces the file `path` when the block ends, and is deleted if the block raises.

    Symbolic links are followed. A path that is not a regular file (/dev/null, a named pipe) is written directly.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            yield stream
        return
    target = path.resolve()
    # Hidden, so that a later run over the folder skips a leftover; in the same folder, so that it can be renamed.
    draft = target.with_name(f".newsdedup-{os.urandom(6).hex()}.tmp")
    # Not made by tempfile, whose files only their owner can read.
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
    """Redirect streams that can no longer be written to to the null device, so that Python's final flush succeeds."""
    for stream in filter(None, streams):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                devnull = os.open(os.devnull, os.O_WRONLY)
                os.dup2(devnull, stream.fileno())
                os.close(devnull)


def _get_reason(error: OSError) -> str:
    return error.strerror or str(error)


def _suggest_fix(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return "free some space or write to another disk"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return "choose a place that you may write to"
    return "choose another place"
