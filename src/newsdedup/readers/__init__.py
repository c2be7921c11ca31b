"""Stage 1 of 8: readers. Turns files, folders, globs or standard input into articles; unusable records are `Rejected`.

`load` yields the records one by one. `resolve_ids` then makes sure that every article has an id of its own. Each format
is one file in `formats/`, behind the interface in `reader.py`.
"""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, cast

from newsdedup.config import Config
from newsdedup.errors import InputError
from newsdedup.models import Article, Loaded, Refusal, Rejected, Skipped
from newsdedup.readers.decode import SampledStream, UndecodableError, WrongEncodingError, check_encoding
from newsdedup.readers.formats import FORMATS, find_formats, sniff_format
from newsdedup.readers.formats.text import check_delimiter
from newsdedup.readers.identity import resolve_ids
from newsdedup.readers.items import read_articles, read_items, read_items_by_position
from newsdedup.readers.parts import Part, find_block_reader, open_part, split_file
from newsdedup.readers.paths import STDIN, File, expand_paths, iter_files
from newsdedup.readers.reader import Context, InputFormat
from newsdedup.text import normalise_whitespace

__all__ = [
    "Loading",
    "Part",
    "expand_paths",
    "load",
    "load_part",
    "open_unpacked",
    "read_articles",
    "read_items",
    "read_items_by_position",
    "resolve_ids",
]

# The format of a file whose ending is unknown.
_PLAIN_TEXT = "text"


class Loading(Iterator[Loaded]):
    """The result of `load`: an iterator over all records, which can also be split into parts (`iter_parts`)."""

    def __init__(self, paths: tuple[str, ...], config: Config, stdin: BinaryIO | None) -> None:
        self.config = config
        self._paths = paths
        self._stdin = stdin
        self._items: Iterator[Loaded] | None = None

    def __next__(self) -> Loaded:
        if self._items is None:
            self._items = self._load_items()
        return next(self._items)

    def iter_parts(self, folder: Path) -> Iterator[Part | Rejected | Skipped] | None:
        """Yield the parts of the input, which `load_part` can load in any process, and what was rejected or skipped.

        Returns None if the input cannot be split: it includes standard input, or iteration has started. Gzipped files
        are unpacked into `folder`.
        """
        if self._items is not None or STDIN in self._paths:
            return None
        return self._iter_parts(folder)

    def _iter_files(self) -> Iterator[File | Rejected | Skipped]:
        return iter_files(self._paths, any_extension=self.config.input_format is not None)

    def _load_items(self) -> Iterator[Loaded]:
        for item in self._iter_files():
            if isinstance(item, File):
                yield from _read_file(item, self.config, self._stdin)
            else:
                yield item

    def _iter_parts(self, folder: Path) -> Iterator[Part | Rejected | Skipped]:
        for item in self._iter_files():
            if isinstance(item, File):
                yield from _split_file(item, self.config, folder)
            else:
                yield item


def load(
    paths: Iterable[str | os.PathLike[str]], config: Config | None = None, *, stdin: BinaryIO | None = None
) -> Loading:
    """Yield, lazily and in order, the records in `paths`: files, folders, globs, `-` for standard input.

    Every record is an `Article` or a `Rejected`; a file left out of a folder on purpose is a `Skipped`. `-` reads from
    `stdin` (default: `sys.stdin.buffer`). Before anything is read, the call itself raises InputError for a path that
    does not exist or a glob that matches nothing, ConfigError for an unknown encoding or an invalid delimiter, and
    MissingExtraError if the input format is not installed.
    """
    config = config or Config.model_validate({})
    check_encoding(config.encoding)
    check_delimiter(config.delimiter)
    if config.input_format is not None and (extra := FORMATS[config.input_format].extra) is not None:
        extra.check_installed(f"the format {config.input_format}")
    expanded = expand_paths([paths] if isinstance(paths, str | os.PathLike) else paths)
    if STDIN in expanded and stdin is None:
        if sys.stdin is None:
            raise InputError("- reads standard input, but there is none; name a file or a folder")
        stdin = sys.stdin.buffer
    return Loading(expanded, config, stdin)


def _split_file(file: File, config: Config, folder: Path) -> Iterator[Part | Rejected]:
    part: Part | None = None
    try:
        for part in split_file(file, config, folder):
            yield part
    except (OSError, EOFError, zlib.error, UnicodeError, UndecodableError) as error:
        if part is None:
            yield Part(file)  # reading it will report the error and keep the records before it
        else:
            record, reason = part.record + part.records, _describe_failure(error)
            yield Rejected(path=file.path, record=record, reason=reason, kind=Refusal.UNREADABLE)


def load_part(part: Part, config: Config) -> Iterator[Article | Rejected]:
    """Yield the records of a part, with the numbers that they have in its file."""
    read_block = find_block_reader(part.file, config)
    if part.location is None or read_block is None:
        yield from _read_file(part.file, config, None)
        return
    with open_part(part) as stream:
        context = Context(part.file.path, config.model_copy(update={"encoding": "utf-8"}))
        yield from read_block(stream, context, part.line, part.record)


def _read_file(file: File, config: Config, stdin: BinaryIO | None) -> Iterator[Article | Rejected]:
    """Yield the records of one file; if it turns out to be broken, one rejection stands for the rest of it."""
    record = 0
    try:
        # The caller's standard input is not closed.
        with nullcontext(stdin) if file.path == STDIN and stdin is not None else open_unpacked(file.location) as stream:
            input_format, start = _select_format(file, config, stream)
            for item in input_format.read(start, Context(file.path, config)):
                record = item.record
                yield item
    except (OSError, EOFError, zlib.error, UnicodeError, UndecodableError) as error:
        kind = Refusal.ENCODING if isinstance(error, UnicodeError | WrongEncodingError) else Refusal.UNREADABLE
        yield Rejected(path=file.path, record=record + 1, reason=_describe_failure(error), kind=kind)


def open_unpacked(location: str) -> BinaryIO:
    """Open a file to read its bytes; a `.gz` file is unpacked."""
    if location.casefold().endswith(".gz"):
        return cast("BinaryIO", gzip.open(location))
    return open(location, "rb")  # noqa: PTH123 - a path as typed


def _select_format(file: File, config: Config, stream: BinaryIO) -> tuple[InputFormat, BinaryIO]:
    """Return the format of a file, and the stream from its beginning.

    Raises UndecodableError if no format fits, and MissingExtraError if the one that fits is not installed.
    """
    is_stdin = file.path == STDIN
    names = [config.input_format] if config.input_format else list(FORMATS) if is_stdin else find_formats(file.location)
    name: str | None = names[0] if names else _PLAIN_TEXT
    if len(names) > 1:
        head_stream = SampledStream(stream)
        name, stream = sniff_format(head_stream.sample, names), head_stream.rewind()
    if name is None:
        raise UndecodableError(f"unknown format: it does not begin like any of {', '.join(names)}")
    if (extra := FORMATS[name].extra) is not None:
        extra.check_installed(f"the format {name} of {file.path}")
    return FORMATS[name], stream


def _describe_failure(error: Exception) -> str:
    """Return one line that says why the rest of a file could not be read."""
    if isinstance(error, gzip.BadGzipFile | zlib.error):
        return normalise_whitespace(f"broken gzip file: {error}")
    if isinstance(error, EOFError):
        return "broken gzip file: it ends too early"
    if isinstance(error, UnicodeError):
        cause = f"{error.encoding}: {error.reason}" if isinstance(error, UnicodeDecodeError) else f"text: {error}"
        return normalise_whitespace(f"not valid {cause}; set the encoding with --encoding")
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or normalise_whitespace(str(error))}"
    return normalise_whitespace(str(error))
