"""The one interface of every input format: a binary stream and its context in, articles and rejections out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from newsdedup.config import Config
from newsdedup.models import Article, Rejected


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader knows of its input: `path` as typed (`-` for standard input), and the settings."""

    path: str
    config: Config


class Reader(Protocol):
    """Reads one format.

    `stream` is open, already gunzipped, need not be seekable, and is closed by the caller. Records are yielded in file
    order, numbered from 1 (`records.numbered` does that). A record that cannot be used is a `Rejected`, never an
    exception; what may escape is OSError, EOFError, zlib.error, UnicodeError and `decode.UndecodableError`, and the
    caller rejects what is left of the file.
    """

    def __call__(self, stream: BinaryIO, context: Context, /) -> Iterator[Article | Rejected]:
        """Yield what `stream` holds."""
        ...
