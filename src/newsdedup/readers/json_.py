"""A JSON document: an array of records, one record, or an object that holds a list of records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import accumulate, islice, pairwise
from typing import BinaryIO

from newsdedup.models import Article, Refusal, Rejected
from newsdedup.readers import jsonlines
from newsdedup.readers.decode import Rewound, encoding_of, read_whole
from newsdedup.readers.reader import Context
from newsdedup.readers.records import NAMES, Draft, Refused, numbered

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

_ERROR_LINE = re.compile(r" at line (\d+) column \d+")
# What may stand between two values of a JSON document.
_GAP = re.compile(r"[\s,:]*")


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
        yield Refused("empty file", Refusal.EMPTY)
        return
    try:
        value = jsonlines.parse(text)
    except ValueError as error:
        found = _ERROR_LINE.search(str(error))
        yield Refused(f"broken JSON: {error}", line=int(found[1]) if found else 1)
        return
    key, records = _records(value)
    if not records:
        yield Refused("empty: the document holds no records", Refusal.EMPTY)
    for record, line in zip(records, _lines(text, key, len(records)), strict=True):
        yield jsonlines.of_value(record, line)


def _records(value: object) -> tuple[str | None, list[object]]:
    """Return the records of a document, and the key in it that holds them, if one does."""
    if isinstance(value, list):
        return None, value
    if isinstance(value, dict):
        named = {str(name).casefold(): name for name in value}
        if not any(isinstance(value.get(named.get(name)), str) for name in NAMES["text"]):
            for key in LIST_KEYS:
                if isinstance(value.get(named.get(key)), list):
                    return named[key], list(value[named[key]])
    return None, [value]


def _lines(text: str, key: str | None, count: int) -> list[int]:
    """Return the line on which each of the `count` records under `key` begins, from 1; all 1 where that is not told.

    The parser gives values without places, so the standard library's walks over them once more.
    """
    nowhere = [1] * count
    if "\n" not in text.strip():
        return nowhere
    decode = json.JSONDecoder(strict=False).raw_decode
    places = []
    try:
        at = _behind(_GAP, text, 0)
        if key is not None:
            name, at = decode(text, _behind(_GAP, text, at + 1))
            while name != key:
                _, at = decode(text, _behind(_GAP, text, at))
                name, at = decode(text, _behind(_GAP, text, at))
            at = _behind(_GAP, text, at)
        if text[at] != "[":
            places.append(at)
        while len(places) < count:
            at = _behind(_GAP, text, at + 1 if not places else at)
            places.append(at)
            _, at = decode(text, at)
    except (ValueError, IndexError, RecursionError):
        return nowhere
    return list(accumulate((text.count("\n", a, b) for a, b in pairwise([0, *places])), initial=1))[1:]


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
