"""Input in parts that can be loaded apart from each other, in any process: whole files, or blocks of JSON Lines.

The records of all parts are those that reading the input in one go gives, under the same numbers.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from newsdedup.config import Config
from newsdedup.readers.decode import SAMPLE_BYTES, encoding_of
from newsdedup.readers.formats import format_of
from newsdedup.readers.paths import STDIN, File

# A block is worth handing to a process, and holds few enough articles for their texts to pass through memory.
BLOCK_BYTES = 1 << 21
# Of a line that goes on for so many bytes the end is not looked for: the rest of its file is one part.
_LONG_LINE = 1 << 26


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a block of one: the bytes `start` to `stop` of `location`, unpacked already and in UTF-8.

    `line` and `record` are the numbers of its first line and first record, `records` is how many it holds.
    """

    file: File
    location: str | None = None
    start: int = 0
    stop: int = 0
    line: int = 1
    record: int = 1
    records: int = 0

    @property
    def size(self) -> int:
        """How many bytes the part takes, 0 where nobody knows."""
        if self.location is not None:
            return self.stop - self.start
        try:
            return Path(self.file.location).stat().st_size
        except OSError:
            return 0


def parts_of(file: File, config: Config, folder: Path) -> Iterator[Part]:
    """Yield a file in parts; what is gzipped is unpacked into a file in `folder`.

    Only plain JSON Lines in UTF-8 of several blocks are parted, all else is one part, to be read as ever. What escapes
    is what reading a file raises; it ends the file after the parts that came before.
    """
    packed = file.location.casefold().endswith(".gz")
    lines_of_json = (config.input_format or format_of(file.location)) == "jsonl" and file.path != STDIN
    if not lines_of_json or (not packed and Part(file).size <= BLOCK_BYTES):
        yield Part(file)
        return
    with ExitStack() as opened:
        stream: BinaryIO = opened.enter_context(open(file.location, "rb"))  # noqa: PTH123 - a path as typed
        copy = None
        location = file.location
        if packed:
            stream = cast("BinaryIO", opened.enter_context(gzip.open(stream)))
            path = folder / f"unpacked-{len(list(folder.glob('unpacked-*')))}"
            copy, location = opened.enter_context(path.open("wb")), str(path)
        parts = _blocks(Part(file, location), stream, copy)
        first = next(parts, None)
        if first is None or first.records < 2 or not _is_utf8(_head(location), config):
            yield Part(file)
            return
        yield first
        yield from parts


def _head(location: str) -> bytes:
    """Return the bytes that decide the encoding of a file."""
    with open(location, "rb") as stream:  # noqa: PTH123
        return stream.read(SAMPLE_BYTES)


def _is_utf8(head: bytes, config: Config) -> bool:
    name = encoding_of(head, config.encoding, complete=False).lower().replace("_", "-")
    return name in {"utf-8", "utf8", "utf-8-sig", "ascii"}


def _blocks(part: Part, stream: BinaryIO, copy: BinaryIO | None) -> Iterator[Part]:
    """Yield blocks of whole lines. Yields none where all fits into one; `copy` is where what is read is kept."""
    held = b""
    at = part
    while True:
        data = stream.read(BLOCK_BYTES)
        if copy is not None:
            copy.write(data)
            copy.flush()
        if not data and at.start == 0:
            return
        cut = data.rfind(b"\n") + 1
        if data and not cut and len(held) < _LONG_LINE:
            held += data
            continue
        if not data or not cut:  # the end, or a line without one: what is left is one part
            stop = at.start + len(held) + len(data)
            while rest := (stream.read(BLOCK_BYTES) if data else b""):
                stop += len(rest)
                if copy is not None:
                    copy.write(rest)
            if copy is not None:
                copy.flush()
            if stop > at.start:
                yield replace(at, stop=stop, records=_counted(held)[1] if not data else 1)
            return
        block = held + data[:cut]
        held = data[cut:]
        lines, records = _counted(block)
        stop = at.start + len(block)
        yield replace(at, stop=stop, records=records)
        at = replace(at, start=stop, line=at.line + lines, record=at.record + records)


def _counted(block: bytes) -> tuple[int, int]:
    """Return how many lines a block has, and how many of them are records: not blank, as text knows it."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    blank = sum(
        1 for line in lines if line[:1] != b"{" and (not line or line.decode("utf-8", "surrogateescape").isspace())
    )
    return len(lines), len(lines) - blank


class _Span(io.RawIOBase):
    """The bytes of a file from one place to another, as a stream."""

    def __init__(self, location: str, start: int, stop: int) -> None:
        self._stream = open(location, "rb")  # noqa: PTH123, SIM115 - closed by `close`
        self._stream.seek(start)
        self._left = stop - start

    def readable(self) -> bool:
        """Say that this is a stream to read, as io asks."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader always passes one
        """Fill `buffer`; return how many bytes."""
        found = self._stream.readinto(buffer[: min(len(buffer), self._left)])
        self._left -= found
        return found

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()


def opened(part: Part) -> BinaryIO:
    """Return the bytes of a block as a stream."""
    assert part.location is not None  # noqa: S101 - a whole file is opened as ever
    return io.BufferedReader(_Span(part.location, part.start, part.stop), 1 << 16)
