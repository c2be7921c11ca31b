"""Articles and reports as records: JSON in UTF-8, which later versions can read and which cannot execute code."""

from __future__ import annotations

import json
from collections import UserString
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any

import numpy as np
from pydantic_core import from_json, to_json, to_jsonable_python

from newsdedup.models import Article, Dateline, Edit, EditKind, Lines, Removed, Report, Role, Story

_ARTICLE_FIELDS = [field.name for field in fields(Article) if field.name != "lines"]
_TEXT = _ARTICLE_FIELDS.index("text")
_REPORT_FIELDS = ["title", "title_inferred", "paragraphs", "byline", "credit", "page_share", "summary_count"]
_article_values = attrgetter(*_ARTICLE_FIELDS)
_lines_values = attrgetter(*(field.name for field in fields(Lines)))
_report_values = attrgetter(*_REPORT_FIELDS)


def pack_article(article: Article) -> bytes:
    """Return the record of an article."""
    return _encode([_article_values(article), _lines_values(article.lines)])


def pack_record(article: Article, report: Report) -> bytes:
    """Return the record of an article, with the id that it was loaded with, and its report."""
    return _encode([_article_values(article), _lines_values(article.lines), *_list_report(report)])


def pack_report(report: Report) -> bytes:
    """Return the record of a report. Its article is packed without its text, which is not needed after cleaning."""
    values = list(_article_values(report.article))
    values[_TEXT] = ""
    return _encode([values, _lines_values(report.article.lines), *_list_report(report)])


def _list_report(report: Report) -> list[object]:
    dateline = report.dateline
    return [
        _report_values(report),
        [(removed.kind.value, removed.text) for removed in report.removed],
        (dateline.text, dateline.place, dateline.agency) if dateline is not None else None,
        (report.edit.kind.value, report.edit.text, report.edit.number) if report.edit is not None else None,
    ]


def unpack_article(record: bytes) -> Article:
    """Return the article of a record as it was loaded. Raises ValueError if the record is not JSON."""
    return _build_article(_decode(record))


def unpack_report(record: bytes) -> Report:
    """Return the report of a record. Raises ValueError if the record is not JSON."""
    values = _decode(record)
    title, title_inferred, paragraphs, byline, credit, page_share, *summary_count = values[2]
    return Report(
        article=_build_article(values),
        title=title,
        title_inferred=title_inferred,
        paragraphs=tuple(map(tuple, paragraphs)),
        byline=byline,
        credit=credit,
        page_share=page_share,
        summary_count=summary_count[0] if summary_count else 0,
        removed=tuple(Removed(kind=Role(kind), text=text) for kind, text in values[3]),
        dateline=Dateline(*values[4]) if values[4] is not None else None,
        edit=Edit(EditKind(values[5][0]), *values[5][1:]) if values[5:] and values[5] is not None else None,
    )


def pack_story(story: Story) -> bytes:
    """Return the record of a story."""
    return _encode(story.model_dump())


def unpack_story(record: bytes) -> Story:
    """Return the story of a record."""
    return Story.model_validate(_decode(record))


def rename_report(report: Report, article_id: str, version_of: str | None) -> Report:
    """Return the report with another id of its article."""
    return replace(report, article=replace(report.article, article_id=article_id, version_of=version_of))


def _build_article(values: list[Any]) -> Article:
    return Article(*(*values[0], Lines(*values[1])))


def _encode(values: object) -> bytes:
    try:
        return to_json(values, fallback=_simplify)
    except ValueError:  # half a surrogate pair, bytes that are not UTF-8, or too many nested lists
        text = json.dumps(_to_json_value(values), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")


def _to_json_value(value: object) -> object:
    """Return a value made of JSON types only. Others, which `extra` of an article may contain, become text."""
    match value:
        case str():
            return value
        case bytes() | bytearray():
            return value.decode("utf-8", "surrogateescape")
        case UserString():
            return str(value)
        case Mapping():
            return {str(key): _to_json_value(item) for key, item in value.items()}
        case Sequence() | AbstractSet():
            return [_to_json_value(item) for item in value]
    return to_jsonable_python(value, fallback=_simplify)


def _simplify(value: object) -> object:
    """Convert a value of a type that pydantic does not know to one that it does."""
    match value:
        case UserString() | np.datetime64() | np.timedelta64():  # a sequence of its like, and times that may be counts
            return str(value)
        case Mapping():
            return dict(value)
        case Sequence() | AbstractSet():
            return list(value)
        case np.generic() if isinstance(item := value.item(), int | float):
            return item
    return str(value)


def _decode(record: bytes) -> Any:
    try:
        return from_json(record)
    except ValueError:
        return json.loads(record.decode("utf-8", "surrogatepass"))
