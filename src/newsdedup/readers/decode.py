"""Turns bytes into text: detects the encoding of a file and reads it whole or by lines, with bounded memory."""

from __future__ import annotations

import codecs
import io
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from newsdedup.errors import ConfigError
from newsdedup.readers.reader import Context

# Size in bytes of the sample that decides the encoding of a stream. If the first 256 kB are valid UTF-8, the stream
# counts as UTF-8; a later record that is not valid is rejected by itself.
SAMPLE_BYTES = 1 << 18

# The size limit of a file that can only be read whole (text, a JSON document), in records of the maximum length: 500 MB
# with the default `max_record_chars`.
WHOLE_FILE_RECORDS = 25

# charset-normalizer breaks near-ties by name: it reads most French, Spanish and English in cp1252 as cp1257 or cp1250
# ("trčs" for "très"). Among guesses of one language that differ by no more than these amounts (scores from 0 to 1), the
# encoding most used on the web wins. Measured on paragraphs of ten encodings and eight languages in
# tests/readers/test_load_decode.py.
_COMMON_ENCODINGS = ("cp1252", "cp1251", "cp1250", "iso8859_2")
_SIMILAR_CHAOS = 0.05
_SIMILAR_COHERENCE = 0.03
# Pieces of 512 bytes that are examined in a long sample. The default of 5 misreads long files.
_SAMPLE_STEPS = 32

_CHUNK_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 16

# The UTF-32 marks first: the UTF-16 LE mark is the beginning of the UTF-32 LE one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UndecodableError(Exception):
    """A file is not text in the given or detected encoding; `str(error)` is the reason for its rejection."""


class WrongEncodingError(UndecodableError):
    """A file is text, but not in the given or detected encoding."""


def check_encoding(name: str | None) -> None:
    """Raise ConfigError unless `name` is None or a text encoding that Python knows."""
    try:
        b"a".decode(name or "utf-8")
    except UnicodeError:
        return  # a known encoding, in which this single byte is not valid text
    except (LookupError, ValueError):
        message = f"unknown encoding {name!r}; use one that Python knows, such as utf-8, cp1252 or shift_jis"
        raise ConfigError(message) from None


def detect_encoding(data: bytes, encoding: str | None, *, complete: bool) -> str:
    """Return the encoding of `data`: `encoding` if given, else by byte order mark, else UTF-8, else a guess.

    The guess is made by charset-normalizer. `complete` says whether `data` is the whole file; otherwise it may end
    inside a character. Raises UndecodableError for binary data.
    """
    if encoding is not None:
        return encoding
    for byte_order_mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(byte_order_mark):
            return name
    if b"\0" in data:
        raise UndecodableError("binary file: it contains NUL bytes; convert it to text first, or set --encoding")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=complete)
    except UnicodeDecodeError as error:
        return _guess_encoding(data, error.start)
    return "utf-8"


def _guess_encoding(data: bytes, offset: int) -> str:
    """Return charset-normalizer's guess for the part of `data` around its first byte that is not UTF-8."""
    sample = data[max(0, offset - SAMPLE_BYTES // 2) : offset + SAMPLE_BYTES // 2]
    if offset + SAMPLE_BYTES // 2 < len(data) and b"\n" in sample[len(sample) // 2 :]:
        sample = sample[: sample.rindex(b"\n")]  # never end inside a character of several bytes
    import charset_normalizer  # noqa: PLC0415 - few files need a guess

    guesses = charset_normalizer.from_bytes(sample, steps=_SAMPLE_STEPS)
    best = guesses.best()
    if best is None:
        raise UndecodableError("binary file: no text encoding fits; convert it to text first, or set --encoding")
    similar = [
        guess.encoding
        for guess in guesses
        if guess.language == best.language
        and guess.chaos <= best.chaos + _SIMILAR_CHAOS
        and guess.coherence >= best.coherence - _SIMILAR_COHERENCE
    ]
    return next((name for name in _COMMON_ENCODINGS if name in similar), best.encoding)


def read_text(stream: BinaryIO, context: Context) -> str:
    """Return all of `stream` as text without byte order mark.

    Raises UndecodableError if the bytes are not text in the given or detected encoding, or if there are more of them
    than `WHOLE_FILE_RECORDS` records of the maximum length.
    """
    limit = WHOLE_FILE_RECORDS * context.config.max_record_chars
    chunks: list[bytes] = []
    size = 0
    while size <= limit and (chunk := stream.read(min(_CHUNK_BYTES, limit + 1 - size))):
        chunks.append(chunk)
        size += len(chunk)
    if size > limit:
        raise UndecodableError(
            f"file longer than {limit} bytes, the limit for a format that is read whole; split it or use JSON Lines"
        )
    data = b"".join(chunks)
    encoding = detect_encoding(data, context.config.encoding, complete=True)
    try:
        text = data.decode(encoding)
    except UnicodeError:
        raise WrongEncodingError(f"not valid {encoding}; set the encoding with --encoding") from None
    return text.removeprefix("\ufeff")


def read_lines(stream: BinaryIO, context: Context) -> Iterator[str | None]:
    r"""Yield the lines of `stream`, each ending in `\n`, and None for each line longer than `max_record_chars`.

    At most one line of that length is in memory. A byte that is not valid in the encoding becomes a lone surrogate (as
    with Python's `surrogateescape`), so that only its own record is lost: see `is_encodable`.
    """
    head_stream = SampledStream(stream)
    encoding = detect_encoding(head_stream.sample, context.config.encoding, complete=head_stream.complete)
    limit = context.config.max_record_chars
    decoded = io.TextIOWrapper(head_stream.rewind(), encoding, errors="surrogateescape")
    line = decoded.readline(limit + 1).removeprefix("\ufeff")
    while line:
        if len(line) > limit and not line.endswith("\n"):
            while line and not line.endswith("\n"):
                line = decoded.readline(_BUFFER_BYTES)
            yield None
        else:
            yield line
        line = decoded.readline(limit + 1)


def is_encodable(text: str) -> bool:
    """Return whether `text` can be written as UTF-8: it has no lone surrogate, which stands for an invalid byte."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class SampledStream(io.RawIOBase):
    """A stream whose first bytes were read as a sample and will be read again; the stream need not be seekable.

    If the stream breaks inside the sample (a truncated gzip file), the bytes before the break are still available.
    Closing this object leaves the underlying stream open for its owner.
    """

    def __init__(self, stream: BinaryIO) -> None:
        # read1 returns what has arrived so far; read would lose it if the stream breaks during the call.
        self._read_some: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._error: Exception | None = None
        self.complete = False
        chunks: list[bytes] = []
        wanted_bytes = SAMPLE_BYTES
        try:
            while wanted_bytes > 0 and not self.complete:
                chunks.append(self._read_some(wanted_bytes))
                wanted_bytes -= len(chunks[-1])
                self.complete = not chunks[-1]
        except (OSError, EOFError, zlib.error) as error:
            if not any(chunks):
                raise
            self._error = error
        self.sample = b"".join(chunks)
        self._unread = memoryview(self.sample)

    def rewind(self) -> io.BufferedReader:
        """Return the stream from its beginning."""
        return io.BufferedReader(self, _BUFFER_BYTES)

    def readable(self) -> bool:
        """Return True: `io` asks whether the stream can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader always passes one
        """Fill `buffer` from the sample, then from the stream; return the number of bytes."""
        if not self._unread:
            if self._error is not None:
                raise self._error
            self._unread = memoryview(b"" if self.complete else self._read_some(len(buffer)))
        size = min(len(buffer), len(self._unread))
        buffer[:size] = self._unread[:size]
        self._unread = self._unread[size:]
        return size
