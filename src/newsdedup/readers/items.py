"""Turns what a program passes to the library (texts, mappings, articles) into what the readers of files yield.

A mapping has the field names of a JSON record and becomes an article in the same way. An item without an id gets one
that is computed from its values, so that neither the order of the items nor the run they come in changes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from uuid import UUID

import numpy as np

from newsdedup.config import Config
from newsdedup.errors import InputError
from newsdedup.models import Article, Item, Loaded, Refusal, Rejected, Skipped
from newsdedup.readers.reader import Context
from newsdedup.readers.records import Draft, RefusedDraft, build_draft, number_records

_ID_BYTES = 8
_ID_VALUES = attrgetter("content_hash", "url", "source", "published_raw", "author", "language", "extra")
_USABLE_HINT = "give text, a number, a date, None, or a list or mapping of these"


def read_items(items: Iterable[Item], config: Config) -> Iterator[Loaded]:
    """Yield an article or a rejection for each item; what `load` yields is passed through.

    The path of an article is its id. An item without text is rejected: its path is `items` and its record the position,
    counted from 1. Raises InputError if `items` is a single text or record, or a table, and for an item or value that
    cannot be used.
    """
    for position, item in _number_items(items):
        if isinstance(item, Article | Rejected | Skipped):
            yield item
            continue
        loaded = _read_item(item, f"item {position}", Context("", config))
        if isinstance(loaded, Rejected):
            yield loaded.model_copy(update={"path": "items", "record": position})
        else:
            article_id = loaded.article_id or _derive_id(loaded)
            yield replace(loaded, article_id=article_id, path=article_id)


def read_items_by_position(items: Iterable[Item], config: Config, name: str) -> Iterator[Loaded]:
    """Do what `read_items` does, but name each item by its position, such as `item 3`, instead of by its values.

    That name is its path, and its id if it has no other. Equal items stay separate articles.
    """
    for position, item in _number_items(items):
        if isinstance(item, Article | Rejected | Skipped):
            yield item
        else:
            path = f"{name} {position}"
            yield _read_item(item, path, Context(path, config))


def read_articles(items: Iterable[Item], config: Config) -> list[Article]:
    """Return all items as articles. Raises InputError for an item that cannot be used or has no text."""
    articles = []
    for position, loaded in enumerate(read_items(items, config), 1):
        if not isinstance(loaded, Article):
            raise InputError(f"item {position} cannot be used: {loaded.reason}")
        articles.append(loaded)
    return articles


def _number_items(items: Iterable[Item]) -> Iterator[tuple[int, Item]]:
    """Yield the items with their positions from 1.

    Refuses what may be passed by mistake: iterating over a text yields letters, over a table the names of its columns.
    """
    hint = "files are read with load([path])"
    if isinstance(items, str | bytes | Mapping | Article):
        raise InputError(
            f"expected a list of articles, not a single {type(items).__name__}: put it into a list; {hint}"
        )
    columns = getattr(items, "columns", None)
    if columns is not None and not callable(columns):  # SQLAlchemy's results have a method of this name
        raise InputError("expected a list of articles, not a table: of a pandas table, pass table.to_dict('records')")
    if not isinstance(items, Iterable):
        raise InputError(f"expected a list of articles, not {type(items).__name__}; {hint}")
    yield from enumerate(items, 1)


def _read_item(item: object, name: str, context: Context) -> Article | Rejected:
    """Return an item as an article, whose id is the path of `context` if it has no other, or as a rejection."""
    if isinstance(item, str):
        draft: Draft | RefusedDraft = Draft(str(item))
    elif _is_missing(item):
        draft = Draft("")
    elif isinstance(item, Mapping):
        draft = build_draft(_iter_values(item, name), 1)
        if isinstance(draft, RefusedDraft) and draft.kind is not Refusal.EMPTY:
            raise InputError(f"{name} cannot be used: {draft.reason}")
    else:
        raise InputError(
            f"{name} is of the type {type(item).__name__}, which cannot be used: give a text, a mapping with the "
            "fields of an article, an Article, or what load([path]) yields"
        )
    (loaded,) = number_records([draft], context)
    return loaded.model_copy(update={"line": None}) if isinstance(loaded, Rejected) else loaded


def _derive_id(article: Article) -> str:
    """Return 16 hex digits computed from all values of an article, so that equal items have equal ids."""
    values = json.dumps(_ID_VALUES(article), sort_keys=True)
    return hashlib.blake2b(values.encode(), digest_size=_ID_BYTES).hexdigest()


def _iter_values(item: Mapping[object, object], item_name: str) -> Iterator[tuple[str, object]]:
    for name, value in item.items():
        if not isinstance(name, str):
            raise InputError(
                f"{item_name}: the field name {name!r} is not a text but of the type {type(name).__name__}"
            )
        try:
            yield name, _to_json_value(value)
        except TypeError as error:
            raise InputError(
                f"{item_name}: the field {name!r} has {error}, which cannot be used: {_USABLE_HINT}"
            ) from None


def _to_json_value(value: object) -> object:
    """Return a value as JSON would hold it: a date in ISO 8601, a missing value as None. Raises TypeError."""
    if _is_missing(value):
        return None
    if isinstance(value, Enum | np.generic):
        return _to_json_value(value.value if isinstance(value, Enum) else _unpack_numpy(value))
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"a mapping with the key {name!r}")
        return {name: _to_json_value(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json_value(part) for part in value]
    raise TypeError(f"a value of the type {type(value).__name__}")


def _unpack_numpy(value: np.generic) -> object:
    if isinstance(value, np.datetime64):
        return str(value)  # ISO 8601 in the precision that it has
    unpacked = value.item()
    if isinstance(unpacked, np.generic):
        raise TypeError(f"a value of the type {type(value).__name__}")
    return unpacked


def _is_missing(value: object) -> bool:
    """Return whether a value is None, NaN, or what pandas has for a missing date (NaT) or value (NA)."""
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, float | date | np.floating | np.datetime64):
        return bool(value != value)  # noqa: PLR0124 - true of NaN and NaT only
    return value is None or type(value).__name__ == "NAType"
