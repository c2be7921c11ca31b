"""Records: an article and its report as compressed JSON. Later versions can read it, and it cannot execute code.

zlib starts from a preset dictionary (`compression_dictionary`), which makes a short record a sixth smaller. Each record
names its dictionary by checksum. A version that changes the dictionary must keep the old one to read older records.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import fields, replace
from functools import cache
from importlib import resources
from operator import attrgetter
from typing import Any

from newsdedup.errors import StoreError
from newsdedup.models import Article, Dateline, Lines, Removed, Report, Role

DAMAGED = "the store is damaged; restore it from a backup ('newsdedup store verify' lists the problems)"

_LEVEL = 6
_CHECKSUM_BYTES = 4  # CRC-32
_ARTICLE_FIELDS = [field.name for field in fields(Article) if field.name != "lines"]
_LINES_FIELDS = [field.name for field in fields(Lines)]
_REPORT_FIELDS = ["title", "title_inferred", "paragraphs", "byline", "credit", "page_share"]
_article_values, _lines_values, _report_values = (
    attrgetter(*names) for names in (_ARTICLE_FIELDS, _LINES_FIELDS, _REPORT_FIELDS)
)


def pack_record(article: Article, report: Report) -> bytes:
    """Return the record of an article, with the id that it was loaded with, and its report."""
    dateline = report.dateline
    values = [
        _article_values(article),
        _lines_values(article.lines),
        _report_values(report),
        [(removed.kind.value, removed.text) for removed in report.removed],
        (dateline.text, dateline.place, dateline.agency) if dateline is not None else None,
    ]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    stream = _base_compressor().copy()
    return stream.compress(text.encode("utf-8", "surrogatepass")) + stream.flush()


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


def _decode_values(record: bytes) -> list[Any]:
    try:
        values: list[Any] = json.loads(_decompress(record).decode("utf-8", "surrogatepass"))
    except (zlib.error, ValueError) as error:
        raise StoreError(f"{DAMAGED}: the record of an article ({error})") from None
    return values


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


def unpack_article(record: bytes, article_id: str, version_of: str | None) -> Article:
    """Return the article of a record with its current id."""
    values = _decode_values(record)
    return _build_article(values, article_id, version_of)


def _build_article(values: list[Any], article_id: str, version_of: str | None) -> Article:
    article = Article(
        **dict(zip(_ARTICLE_FIELDS, values[0], strict=True)),
        lines=Lines(**dict(zip(_LINES_FIELDS, values[1], strict=True))),
    )
    return replace(article, article_id=article_id, version_of=version_of)


def unpack_loaded_article(record: bytes) -> Article:
    """Return the article of a record as it was loaded."""
    values = _decode_values(record)
    stored_fields = dict(zip(_ARTICLE_FIELDS, values[0], strict=True))
    return _build_article(values, stored_fields["article_id"], stored_fields["version_of"])


def unpack_report(record: bytes, article_id: str, version_of: str | None) -> Report:
    """Return the report of a record; its article has its current id."""
    values = _decode_values(record)
    report_fields: dict[str, Any] = dict(zip(_REPORT_FIELDS, values[2], strict=True))
    report_fields["paragraphs"] = tuple(map(tuple, report_fields["paragraphs"]))
    return Report(
        article=_build_article(values, article_id, version_of),
        **report_fields,
        removed=tuple(Removed(kind=Role(kind), text=text) for kind, text in values[3]),
        dateline=Dateline(*values[4]) if values[4] is not None else None,
    )
