"""Records of `engine.codec` as a store keeps them: compressed.

zlib starts from a preset dictionary (`compression_dictionary`), which makes a short record a sixth smaller. Each record
names its dictionary by checksum. A version that changes the dictionary must keep the old one to read older records.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources

from newsdedup.engine import codec
from newsdedup.errors import StoreError
from newsdedup.models import Article, Report

DAMAGED = "the store is damaged; restore it from a backup ('newsdedup store verify' lists the problems)"

_LEVEL = 6
_CHECKSUM_BYTES = 4  # CRC-32


def pack_record(article: Article, report: Report) -> bytes:
    """Return the compressed record of an article, with the id that it was loaded with, and its report."""
    stream = _base_compressor().copy()
    return stream.compress(codec.pack_record(article, report)) + stream.flush()


def unpack_article(record: bytes) -> Article:
    """Return the article of a record as it was loaded. Raises StoreError for a damaged record."""
    with _report_damage():
        return codec.unpack_article(_decompress(record))


def unpack_report(record: bytes, article_id: str, version_of: str | None) -> Report:
    """Return the report of a record; its article has the given id. Raises StoreError for a damaged record."""
    with _report_damage():
        return codec.rename_report(codec.unpack_report(_decompress(record)), article_id, version_of)


@contextmanager
def _report_damage() -> Iterator[None]:
    try:
        yield
    except (zlib.error, ValueError) as error:
        raise StoreError(f"{DAMAGED}: the record of an article ({error})") from None


@cache
def compression_dictionary() -> bytes:
    """Return the zlib dictionary of all records: common words, and the JSON syntax between the values."""
    words = resources.files("newsdedup").joinpath("data/common.txt").read_bytes()
    marks = rb""""en",{}],[null,null,null,null]],[["",false,[["."],[".","\n\n"]],null,null,1.0],[["title",""]],null]"""
    return words + marks


@cache
def _base_compressor() -> zlib._Compress:
    return zlib.compressobj(_LEVEL, zdict=compression_dictionary())


def add_checksum(data: bytes) -> bytes:
    """Return `data` with its CRC-32 appended."""
    return data + zlib.crc32(data).to_bytes(_CHECKSUM_BYTES, "little")


def strip_checksum(data: bytes, name: str) -> bytes:
    """Return `data` without its checksum. Raises StoreError, naming the data as `name`, if the checksum is wrong."""
    payload, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if not payload or zlib.crc32(payload) != int.from_bytes(checksum, "little"):  # the CRC of no bytes is 0
        raise StoreError(f"{DAMAGED}: {name}")
    return payload


def _decompress(record: bytes) -> bytes:
    stream = zlib.decompressobj(zdict=compression_dictionary())
    data = stream.decompress(record)
    if not stream.eof:
        raise zlib.error("incomplete data")
    return data


def is_valid_record(record: bytes) -> bool:
    """Return whether a record can be decompressed."""
    try:
        _decompress(record)
    except zlib.error:
        return False
    return True
