"""Splits the input into parts that any process can load independently: whole files, or blocks of lines.

All parts together give the same records, with the same numbers, as reading the input in one go.
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
from newsdedup.readers.decode import SAMPLE_BYTES, detect_encoding
from newsdedup.readers.formats import FORMATS, find_formats
from newsdedup.readers.paths import STDIN, File
from newsdedup.readers.reader import BlockReader

# A block is large enough to be worth sending to a process, and small enough for its texts to fit into memory.
BLOCK_BYTES = 1 << 21
# The end of a line is searched for up to this many bytes: if it lies beyond, the rest of the file is one part.
_LONG_LINE_BYTES = 1 << 26


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a block of one: the bytes `start` to `stop` of `location`, which is unpacked and in UTF-8.

    `line` and `record` are the numbers of its first line and first record, `records` is the number of records in it.
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
        """Size in bytes, 0 if it is unknown."""
        if self.location is not None:
            return self.stop - self.start
        try:
            return Path(self.file.location).stat().st_size
        except OSError:
            return 0


def split_file(file: File, config: Config, folder: Path) -> Iterator[Part]:
    """Yield the parts of a file. A gzipped file is unpacked into a file in `folder`.

    Only files in UTF-8 that fill several blocks are split, and only if their format has a `read_block`; any other file
    is one part, to be read in the usual way. Raises what reading the file raises; the parts yielded before that remain
    valid.
    """
    is_gzipped = file.location.casefold().endswith(".gz")
    if find_block_reader(file, config) is None or (not is_gzipped and Part(file).size <= BLOCK_BYTES):
        yield Part(file)
        return
    with ExitStack() as stack:
        stream: BinaryIO = stack.enter_context(open(file.location, "rb"))  # noqa: PTH123 - a path as typed
        location, copy = file.location, None
        if is_gzipped:
            stream = cast("BinaryIO", stack.enter_context(gzip.open(stream)))
            path = folder / f"unpacked-{len(list(folder.glob('unpacked-*')))}"
            location, copy = str(path), stack.enter_context(path.open("wb"))
        parts = _split_blocks(Part(file, location), _iter_chunks(stream, copy))
        first_part = next(parts, None)
        if first_part is None or first_part.records < 2 or not _is_utf8(location, config):
            yield Part(file)
            return
        yield first_part
        yield from parts


def find_block_reader(file: File, config: Config) -> BlockReader | None:
    """Return the block reader of a file's format; None if the format has none or is not known before reading."""
    names = [config.input_format] if config.input_format is not None else find_formats(file.location)
    return FORMATS[names[0]].read_block if len(names) == 1 and file.path != STDIN else None


def _is_utf8(location: str, config: Config) -> bool:
    with open(location, "rb") as stream:  # noqa: PTH123
        name = detect_encoding(stream.read(SAMPLE_BYTES), config.encoding, complete=False)
    return name.lower().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig", "ascii"}


def _iter_chunks(stream: BinaryIO, copy: BinaryIO | None) -> Iterator[bytes]:
    """Yield a stream in chunks, each of which is also written to `copy`."""
    while chunk := stream.read(BLOCK_BYTES):
        if copy is not None:
            copy.write(chunk)
            copy.flush()
        yield chunk


def _split_blocks(block: Part, chunks: Iterator[bytes]) -> Iterator[Part]:
    """Yield blocks of whole lines, none if everything fits into one. `block` gives the file and where it is."""
    pending = b""
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if not cut and len(pending) < _LONG_LINE_BYTES:
            pending += chunk
            continue
        if not cut:  # a line without an end: the rest is one part
            yield replace(block, stop=block.start + len(pending) + len(chunk) + sum(map(len, chunks)), records=1)
            return
        block_bytes, pending = pending + chunk[:cut], chunk[cut:]
        lines, records = _count_lines(block_bytes)
        stop = block.start + len(block_bytes)
        yield replace(block, stop=stop, records=records)
        block = replace(block, start=stop, line=block.line + lines, record=block.record + records)
    if block.start and pending:
        yield replace(block, stop=block.start + len(pending), records=_count_lines(pending)[1])


def _count_lines(block: bytes) -> tuple[int, int]:
    """Return how many lines a block has, and how many of them are records: not blank when decoded."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = block.removesuffix(b"\n").split(b"\n")
    blank = sum(
        1 for line in lines if line[:1] != b"{" and (not line or line.decode("utf-8", "surrogateescape").isspace())
    )
    return len(lines), len(lines) - blank


class _FileSpan(io.RawIOBase):
    """A range of bytes of a file, as a stream."""

    def __init__(self, location: str, start: int, stop: int) -> None:
        self._stream = open(location, "rb")  # noqa: PTH123, SIM115 - closed by `close`
        self._stream.seek(start)
        self._unread = stop - start

    def readable(self) -> bool:
        """Return True: `io` asks whether the stream can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader always passes one
        """Fill `buffer`; return the number of bytes."""
        count = self._stream.readinto(buffer[: min(len(buffer), self._unread)])
        self._unread -= count
        return count

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()


def open_part(part: Part) -> BinaryIO:
    """Return the bytes of a block as a stream."""
    assert part.location is not None  # noqa: S101 - whole files are opened in the usual way
    return io.BufferedReader(_FileSpan(part.location, part.start, part.stop), 1 << 16)
