"""The interface of all input formats: what a format declares, and its reader, from a binary stream to articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from newsdedup.config import Config
from newsdedup.models import Article, Rejected
from newsdedup.registry import Extra


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader knows about its input: `path` as typed (`-` for standard input), and the settings."""

    path: str
    config: Config


class Reader(Protocol):
    """Reads one format.

    `stream` is open, already gunzipped, need not be seekable, and is closed by the caller. Records are yielded in file
    order, numbered from 1 (`records.number_records` does that). An unusable record is a `Rejected`, never an exception.
    A reader may raise OSError, EOFError, zlib.error, UnicodeError and `decode.UndecodableError`; the caller then
    rejects the rest of the file.
    """

    def __call__(self, stream: BinaryIO, context: Context, /) -> Iterator[Article | Rejected]:
        """Yield the records in `stream`."""
        ...


class BlockReader(Protocol):
    """Reads a block of whole lines of a file: each line that is not blank is a record. See `Reader`.

    The block begins on line `line` of the file with record number `record`.
    """

    def __call__(self, stream: BinaryIO, context: Context, line: int, record: int, /) -> Iterator[Article | Rejected]:
        """Yield the records of a block."""
        ...


@dataclass(frozen=True, slots=True)
class InputFormat:
    """An input format: each module of `readers.formats` has one as `FORMAT`.

    `endings` are the extensions of its files, in lower case and with the dot. `first_bytes` is a regular expression
    that the first bytes of its input match, after byte order marks and white space, and without NUL bytes; it decides
    for standard input and between formats with the same ending. `extra` is installed only by those who need the format.
    `read_block` lets several processes read one file.
    """

    read: Reader
    endings: tuple[str, ...] = ()
    first_bytes: bytes | None = None
    extra: Extra | None = None
    read_block: BlockReader | None = None
