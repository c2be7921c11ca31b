"""An article and its report as bytes that any later version can read: JSON, compressed. Nothing in it is ever run.

zlib begins with what articles have in common (`common`), which makes a short one a sixth smaller. A record names that
by its checksum: whoever changes it keeps the one before as well, and looks there for records that name it.
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

DAMAGED = "the store is damaged; restore it from a backup ('newsdedup store verify' tells what is wrong)"

_LEVEL = 6
_SUM = 4  # bytes of a checksum
_ARTICLE_FIELDS = [each.name for each in fields(Article) if each.name != "lines"]
_LINES_FIELDS = [each.name for each in fields(Lines)]
_REPORT_FIELDS = ["title", "title_inferred", "paragraphs", "byline", "credit", "page_share"]
_ARTICLE, _LINES, _REPORT = (attrgetter(*names) for names in (_ARTICLE_FIELDS, _LINES_FIELDS, _REPORT_FIELDS))


def pack(article: Article, report: Report) -> bytes:
    """Return the record of an article, under the id that it was loaded with, and of its report."""
    dateline = report.dateline
    values = [
        _ARTICLE(article),
        _LINES(article.lines),
        _REPORT(report),
        [(each.kind.value, each.text) for each in report.removed],
        (dateline.text, dateline.place, dateline.agency) if dateline is not None else None,
    ]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    stream = _begun().copy()
    return stream.compress(text.encode("utf-8", "surrogatepass")) + stream.flush()


@cache
def common() -> bytes:
    """Return what records share: common words, and the marks between their values."""
    words = resources.files("newsdedup").joinpath("data/common.txt").read_bytes()
    marks = rb""""en",{}],[null,null,null,null]],[["",false,[["."],[".","\n\n"]],null,null,1.0],[["title",""]],null]"""
    return words + marks


@cache
def _begun() -> zlib._Compress:
    return zlib.compressobj(_LEVEL, zdict=common())


def summed(data: bytes) -> bytes:
    """Return data with its checksum."""
    return data + zlib.crc32(data).to_bytes(_SUM, "little")


def whole(data: bytes, what: str) -> bytes:
    """Return data without its checksum; raises StoreError, which says `what` it is, where that is another."""
    if len(data) <= _SUM or zlib.crc32(data[:-_SUM]) != int.from_bytes(data[-_SUM:], "little"):
        raise StoreError(f"{DAMAGED}: {what}")
    return data[:-_SUM]


def _values(record: bytes) -> list[Any]:
    try:
        values: list[Any] = json.loads(_unpacked(record).decode("utf-8", "surrogatepass"))
    except (zlib.error, ValueError) as error:
        raise StoreError(f"{DAMAGED}: the record of an article ({error})") from None
    return values


def _unpacked(record: bytes) -> bytes:
    stream = zlib.decompressobj(zdict=common())
    found = stream.decompress(record)
    if not stream.eof:
        raise zlib.error("it ends too early")
    return found


def is_whole(record: bytes) -> bool:
    """Tell whether a record can be unpacked."""
    try:
        _unpacked(record)
    except zlib.error:
        return False
    return True


def unpack_article(record: bytes, article_id: str, version_of: str | None) -> Article:
    """Return the article of a record, under the id that it has now."""
    values = _values(record)
    return _article(values, article_id, version_of)


def _article(values: list[Any], article_id: str, version_of: str | None) -> Article:
    found = Article(
        **dict(zip(_ARTICLE_FIELDS, values[0], strict=True)),
        lines=Lines(**dict(zip(_LINES_FIELDS, values[1], strict=True))),
    )
    return replace(found, article_id=article_id, version_of=version_of)


def loaded_as(record: bytes) -> Article:
    """Return the article of a record, as it was loaded."""
    values = _values(record)
    given = dict(zip(_ARTICLE_FIELDS, values[0], strict=True))
    return _article(values, given["article_id"], given["version_of"])


def unpack_report(record: bytes, article_id: str, version_of: str | None) -> Report:
    """Return the report of a record, its article under the id that it has now."""
    values = _values(record)
    own: dict[str, Any] = dict(zip(_REPORT_FIELDS, values[2], strict=True))
    own["paragraphs"] = tuple(map(tuple, own["paragraphs"]))
    return Report(
        article=_article(values, article_id, version_of),
        **own,
        removed=tuple(Removed(kind=Role(kind), text=text) for kind, text in values[3]),
        dateline=Dateline(*values[4]) if values[4] is not None else None,
    )
