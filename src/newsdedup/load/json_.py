"""A JSON document: an array of records, one record, or an object that holds a list of records."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from newsdedup.load import jsonlines
from newsdedup.load.decode import Rewound, encoding_of, read_whole
from newsdedup.load.reader import Context
from newsdedup.load.records import NAMES, Draft, Refused, numbered
from newsdedup.models import Article, Rejected

# Where an object keeps its records, in order of preference: our own output first, then what feeds and APIs use.
LIST_KEYS = (
    "stories",
    "articles",
    "items",
    "data",
    "results",
    "records",
    "entries",
    "documents",
    "docs",
    "rows",
    "news",
)


def read(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the records of a JSON document, which is held whole; JSON Lines by the wrong name are read as such."""
    head = Rewound(stream)
    encoding = encoding_of(head.sample, context.config.encoding, complete=head.complete)
    if _is_lines(head.sample.decode(encoding, "replace")):
        return jsonlines.read(head.buffered(), context)
    text = read_whole(head.buffered(), context)
    return numbered(_drafts(text), context)


def _is_lines(text: str) -> bool:
    """Tell whether the first two lines that are not blank both begin with `{`, as no single document can."""
    filled = (line.lstrip("\ufeff \t\r") for line in text.split("\n"))
    first = list(islice(filter(None, filled), 2))
    return len(first) == 2 and all(line.startswith("{") for line in first)


def _drafts(text: str) -> Iterator[Draft | Refused]:
    if not text.strip():
        yield Refused("empty file")
        return
    try:
        value = jsonlines.parse(text)
    except ValueError as error:
        yield Refused(f"broken JSON: {error}")
        return
    records = _records(value)
    if not records:
        yield Refused("empty: the document holds no records")
    for record in records:
        yield jsonlines.of_value(record)


def _records(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        named = {str(name).casefold(): part for name, part in value.items()}
        if not any(isinstance(named.get(name), str) for name in NAMES["text"]):
            for key in LIST_KEYS:
                if isinstance(named.get(key), list):
                    return list(named[key])
    return [value]
