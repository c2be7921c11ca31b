"""Stage 1 of 8: readers. Files, folders, globs or standard input to articles; what cannot be used becomes a `Rejected`.

`load` yields what it meets; `identify` then gives every article an id of its own. One small module per format behind
the `Reader` interface, `formats.py` says which reads what.
"""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, cast

from newsdedup.config import Config
from newsdedup.errors import InputError
from newsdedup.models import Article, Loaded, Refusal, Rejected, Skipped
from newsdedup.readers.decode import Rewound, UndecodableError, WrongEncodingError, check_encoding
from newsdedup.readers.delimited import check_delimiter, is_delimiter_like
from newsdedup.readers.formats import READERS, format_of, sniff
from newsdedup.readers.identity import Identified, identify
from newsdedup.readers.jsonlines import read_block
from newsdedup.readers.parts import Part, opened, parts_of
from newsdedup.readers.paths import STDIN, File, check_paths, files
from newsdedup.readers.reader import Context, Reader
from newsdedup.text import fold

__all__ = [
    "Context",
    "Identified",
    "Loaded",
    "Loading",
    "Part",
    "Reader",
    "check_paths",
    "identify",
    "is_delimiter_like",
    "load",
    "load_part",
]


class Loading(Iterator[Loaded]):
    """What `load` returns: an iterator over what is in the paths, which can also be had in parts (`parts`)."""

    def __init__(self, named: tuple[str, ...], config: Config, stdin: BinaryIO | None) -> None:
        self.config = config
        self._named = named
        self._stdin = stdin
        self._items: Iterator[Loaded] | None = None

    def __next__(self) -> Loaded:
        if self._items is None:
            self._items = _load(self._named, self.config, self._stdin)
        return next(self._items)

    def parts(self, folder: Path) -> Iterator[Part | Rejected | Skipped] | None:
        """Yield what `load_part` can load in any process, and what is no input; None where that cannot be done.

        Standard input cannot be parted, nor what was begun to be read. `folder` takes what has to be unpacked.
        """
        if self._items is not None or STDIN in self._named:
            return None
        return _parts(self._named, self.config, folder)


def load(
    paths: Iterable[str | os.PathLike[str]], config: Config | None = None, *, stdin: BinaryIO | None = None
) -> Loading:
    """Yield, lazily and in order, what is in `paths`: files, folders, globs, `-` for standard input.

    Every record is an `Article` or a `Rejected`; what is left out of a folder on purpose is a `Skipped`. `stdin` is
    what `-` reads (default: `sys.stdin.buffer`). At the call, before anything is read, raises InputError for a path
    that does not exist or a glob that matches nothing, ConfigError for an unknown encoding or a broken delimiter.
    """
    config = config or Config.model_validate({})
    check_encoding(config.encoding)
    check_delimiter(config.delimiter)
    named = check_paths([paths] if isinstance(paths, str | os.PathLike) else paths)
    if STDIN in named and stdin is None:
        if sys.stdin is None:
            raise InputError("- is standard input, and there is none; name a file or a folder")
        stdin = sys.stdin.buffer
    return Loading(named, config, stdin)


def _parts(named: tuple[str, ...], config: Config, folder: Path) -> Iterator[Part | Rejected | Skipped]:
    for item in files(named, any_ending=config.input_format is not None):
        if not isinstance(item, File):
            yield item
            continue
        last: Part | None = None
        try:
            for last in parts_of(item, config, folder):
                yield last
        except (OSError, EOFError, zlib.error, UnicodeError, UndecodableError) as error:
            if last is None:
                yield Part(item)  # reading it says what is wrong, and keeps what comes before
            else:
                record = last.record + last.records
                yield Rejected(path=item.path, record=record, reason=_reason(error), kind=Refusal.UNREADABLE)


def load_part(part: Part, config: Config) -> Iterator[Article | Rejected]:
    """Yield the records of a part, under the numbers that they have in its file."""
    if part.location is None:
        yield from _read(part.file, config, None)
        return
    with opened(part) as stream:
        context = Context(part.file.path, config.model_copy(update={"encoding": "utf-8"}))
        yield from read_block(stream, context, part.line, part.record)


def _load(named: tuple[str, ...], config: Config, stdin: BinaryIO | None) -> Iterator[Loaded]:
    for item in files(named, any_ending=config.input_format is not None):
        if isinstance(item, File):
            yield from _read(item, config, stdin)
        else:
            yield item


def _read(file: File, config: Config, stdin: BinaryIO | None) -> Iterator[Article | Rejected]:
    """Yield the records of one file; where it breaks, what came before and one rejection for the rest."""
    record = 0
    try:
        with _opened(file, stdin) as stream:
            reader, start = _reader(file, config, stream)
            for item in reader(start, Context(file.path, config)):
                record = item.record
                yield item
    except (OSError, EOFError, zlib.error, UnicodeError, UndecodableError) as error:
        kind = Refusal.ENCODING if isinstance(error, UnicodeError | WrongEncodingError) else Refusal.UNREADABLE
        yield Rejected(path=file.path, record=record + 1, reason=_reason(error), kind=kind)


def _opened(file: File, stdin: BinaryIO | None) -> AbstractContextManager[BinaryIO]:
    if file.path == STDIN and stdin is not None:
        return nullcontext(stdin)  # not ours to close
    if file.location.casefold().endswith(".gz"):
        return cast("AbstractContextManager[BinaryIO]", gzip.open(file.location))
    return open(file.location, "rb")  # noqa: PTH123 - a path as typed; the caller's `with` closes it


def _reader(file: File, config: Config, stream: BinaryIO) -> tuple[Reader, BinaryIO]:
    """Return who reads a file, and the stream from its beginning."""
    if config.input_format is not None:
        return READERS[config.input_format], stream
    if file.path == STDIN:
        head = Rewound(stream)
        return READERS[sniff(head.sample)], head.buffered()
    return READERS[format_of(file.location) or "text"], stream


def _reason(error: Exception) -> str:
    """Return one line that says why the rest of a file was not read."""
    if isinstance(error, gzip.BadGzipFile | zlib.error):
        return fold(f"broken gzip file: {error}")
    if isinstance(error, EOFError):
        return "broken gzip file: it ends too early"
    if isinstance(error, UnicodeError):
        cause = f"{error.encoding}: {error.reason}" if isinstance(error, UnicodeDecodeError) else f"text: {error}"
        return fold(f"not valid {cause}; give its encoding with --encoding")
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or fold(str(error))}"
    return fold(str(error))
