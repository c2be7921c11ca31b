"""The interface of all input formats: takes a binary stream and its context, yields articles and rejections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from newsdedup.config import Config
from newsdedup.models import Article, Rejected


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
