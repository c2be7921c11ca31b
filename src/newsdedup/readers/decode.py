"""Bytes to text: which encoding a file is in, and a bounded way to read it whole or by lines."""

from __future__ import annotations

import codecs
import io
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from newsdedup.errors import ConfigError
from newsdedup.readers.reader import Context

# How much of a stream decides its encoding, in bytes. An encoding that no byte of the first 256 kB gives away is UTF-8
# for our purposes; a record further on that is not valid in it is rejected by itself.
SAMPLE_BYTES = 1 << 18

# How many records of the greatest length a file may hold that can only be read whole (text, a JSON document): with the
# default of `max_record_chars` that is 500 MB.
WHOLE_FILE_RECORDS = 25

# charset-normalizer parts close guesses by name: it reads most French, Spanish and English in cp1252 as cp1257 or
# cp1250 ("trčs" for "très"). Of guesses of one language as close as these, each a share of 1, the encoding most used
# on the web is taken. Measured on paragraphs of ten encodings and eight languages in tests/load/test_load_decode.py.
_COMMON = ("cp1252", "cp1251", "cp1250", "iso8859_2")
_CLOSE_CHAOS = 0.05
_CLOSE_COHERENCE = 0.03
# How many pieces of 512 bytes of a long sample are looked at; the default of 5 misreads long files.
_STEPS = 32

_CHUNK_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 16

# The UTF-32 marks first: the UTF-16 LE mark is the beginning of the UTF-32 LE one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UndecodableError(Exception):
    """A file is not text in the encoding given or found; `str(error)` is the reason of its rejection."""


class WrongEncodingError(UndecodableError):
    """A file is text, but not in the encoding given or found."""


def check_encoding(name: str | None) -> None:
    """Raise ConfigError unless `name` is None or an encoding of text that Python knows."""
    try:
        b"a".decode(name or "utf-8")
    except UnicodeError:
        return  # known; one byte is just no text in it
    except (LookupError, ValueError):
        message = f"encoding {name!r} is not known; give one that Python has, such as utf-8, cp1252 or shift_jis"
        raise ConfigError(message) from None


def encoding_of(data: bytes, encoding: str | None, *, complete: bool) -> str:
    """Return the encoding of `data`: the one given, else by byte order mark, else UTF-8, else charset-normalizer's.

    `complete` says whether `data` is all there is; otherwise it may end inside a character. Raises UndecodableError for
    binary data.
    """
    if encoding is not None:
        return encoding
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if b"\0" in data:
        raise UndecodableError("binary file: it holds NUL bytes; convert it to text first, or give --encoding")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=complete)
    except UnicodeDecodeError as error:
        return _guessed(data, error.start)
    return "utf-8"


def _guessed(data: bytes, offset: int) -> str:
    """Return charset-normalizer's guess for the part of `data` around its first byte that is not UTF-8."""
    sample = data[max(0, offset - SAMPLE_BYTES // 2) : offset + SAMPLE_BYTES // 2]
    if offset + SAMPLE_BYTES // 2 < len(data) and b"\n" in sample[len(sample) // 2 :]:
        sample = sample[: sample.rindex(b"\n")]  # never end inside a character of several bytes
    import charset_normalizer  # noqa: PLC0415 - few files need a guess

    guesses = charset_normalizer.from_bytes(sample, steps=_STEPS)
    best = guesses.best()
    if best is None:
        raise UndecodableError("binary file: no encoding of text fits it; convert it to text first, or give --encoding")
    close = [
        guess.encoding
        for guess in guesses
        if guess.language == best.language
        and guess.chaos <= best.chaos + _CLOSE_CHAOS
        and guess.coherence >= best.coherence - _CLOSE_COHERENCE
    ]
    return next((name for name in _COMMON if name in close), best.encoding)


def read_whole(stream: BinaryIO, context: Context) -> str:
    """Return all of `stream` as text without byte order mark.

    Raises UndecodableError where the bytes are no text in the encoding given or found, or are more than
    `WHOLE_FILE_RECORDS` records of the greatest length.
    """
    limit = WHOLE_FILE_RECORDS * context.config.max_record_chars
    parts: list[bytes] = []
    size = 0
    while size <= limit and (part := stream.read(min(_CHUNK_BYTES, limit + 1 - size))):
        parts.append(part)
        size += len(part)
    if size > limit:
        raise UndecodableError(f"file longer than {limit} bytes, and it must be read whole; split it or use JSON Lines")
    data = b"".join(parts)
    name = encoding_of(data, context.config.encoding, complete=True)
    try:
        text = data.decode(name)
    except UnicodeError:
        raise WrongEncodingError(f"not valid {name}; give its encoding with --encoding") from None
    return text.removeprefix("\ufeff")


def lines(stream: BinaryIO, context: Context) -> Iterator[str | None]:
    r"""Yield the lines of `stream`, each with its end as `\n`, None for each line longer than `max_record_chars`.

    At most one line of that length is held. A byte that is not valid in the encoding becomes a lone surrogate (as with
    Python's `surrogateescape`), so that only the record it stands in is lost: see `is_intact`.
    """
    head = Rewound(stream)
    name = encoding_of(head.sample, context.config.encoding, complete=head.complete)
    limit = context.config.max_record_chars
    text = io.TextIOWrapper(head.buffered(), name, errors="surrogateescape")
    line = text.readline(limit + 1).removeprefix("\ufeff")
    while line:
        if len(line) > limit and not line.endswith("\n"):
            while line and not line.endswith("\n"):
                line = text.readline(_BUFFER_BYTES)
            yield None
        else:
            yield line
        line = text.readline(limit + 1)


def is_intact(text: str) -> bool:
    """Tell whether `text` can be written as UTF-8: no lone surrogate, which a byte that was no text leaves."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Rewound(io.RawIOBase):
    """A stream of which a sample was taken and put back; it need not be seekable.

    A stream that breaks inside the sample (a gzip file cut short) still gives what came before the break. Closing this
    leaves the stream open: that is its owner's to close.
    """

    def __init__(self, stream: BinaryIO) -> None:
        # read1 gives what has come so far; read would lose it when the stream breaks in the middle of the call.
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._error: Exception | None = None
        self.complete = False
        parts: list[bytes] = []
        missing = SAMPLE_BYTES
        try:
            while missing > 0 and not self.complete:
                parts.append(self._read(missing))
                missing -= len(parts[-1])
                self.complete = not parts[-1]
        except (OSError, EOFError, zlib.error) as error:
            if not any(parts):
                raise
            self._error = error
        self.sample = b"".join(parts)
        self._left = memoryview(self.sample)

    def buffered(self) -> io.BufferedReader:
        """Return the stream from its beginning."""
        return io.BufferedReader(self, _BUFFER_BYTES)

    def readable(self) -> bool:
        """Say that this is a stream to read, as io asks."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader always passes one
        """Fill `buffer` from the sample, then from the stream; return how many bytes."""
        if not self._left:
            if self._error is not None:
                raise self._error
            self._left = memoryview(b"" if self.complete else self._read(len(buffer)))
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
