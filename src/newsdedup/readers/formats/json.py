"""JSON documents: an array of records, a single record, or an object that contains a list of records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import accumulate, islice, pairwise
from typing import BinaryIO

from newsdedup.models import Article, Refusal, Rejected
from newsdedup.readers.decode import SampledStream, detect_encoding, read_text
from newsdedup.readers.formats import jsonl
from newsdedup.readers.reader import Context, InputFormat
from newsdedup.readers.records import FIELD_ALIASES, Draft, RefusedDraft, number_records

# Keys under which an object has its records, in order of preference: our own output first, then feeds and APIs.
LIST_KEYS = tuple("stories articles items data results records entries documents docs rows news".split())

_ERROR_LINE = re.compile(r" at line (\d+) column \d+")
# What may occur between two values of a JSON document.
_GAP = re.compile(r"[\s,:]*")


def read_json(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the records of a JSON document, which is read whole. JSON Lines with the wrong extension work too."""
    head_stream = SampledStream(stream)
    encoding = detect_encoding(head_stream.sample, context.config.encoding, complete=head_stream.complete)
    if _looks_like_json_lines(head_stream.sample.decode(encoding, "replace")):
        return jsonl.read_jsonlines(head_stream.rewind(), context)
    text = read_text(head_stream.rewind(), context)
    return number_records(_parse_records(text), context)


def _looks_like_json_lines(text: str) -> bool:
    """Return whether the first two non-blank lines both begin with `{`, which is impossible in a single document."""
    stripped_lines = (line.lstrip("\ufeff \t\r") for line in text.split("\n"))
    first_lines = list(islice(filter(None, stripped_lines), 2))
    return len(first_lines) == 2 and all(line.startswith("{") for line in first_lines)


def _parse_records(text: str) -> Iterator[Draft | RefusedDraft]:
    if not text.strip():
        yield RefusedDraft("empty file", Refusal.EMPTY)
        return
    try:
        value = jsonl.parse_json(text)
    except ValueError as error:
        line_match = _ERROR_LINE.search(str(error))
        yield RefusedDraft(f"broken JSON: {error}", line=int(line_match[1]) if line_match else 1)
        return
    key, records = _find_records(value)
    if not records:
        yield RefusedDraft("empty: the document contains no records", Refusal.EMPTY)
    for record, line in zip(records, _record_lines(text, key, len(records)), strict=True):
        yield jsonl.draft_from_value(record, line)


def _find_records(value: object) -> tuple[str | None, list[object]]:
    """Return the key under which a document has its records, if there is one, and the records."""
    if isinstance(value, list):
        return None, value
    if isinstance(value, dict):
        original_names = {str(name).casefold(): name for name in value}
        if not any(isinstance(value.get(original_names.get(name)), str) for name in FIELD_ALIASES["text"]):
            for key in LIST_KEYS:
                if isinstance(value.get(original_names.get(key)), list):
                    return original_names[key], list(value[original_names[key]])
    return None, [value]


def _record_lines(text: str, key: str | None, count: int) -> list[int]:
    """Return the line, from 1, on which each of the `count` records under `key` begins; all 1 if that is unknown.

    The fast parser returns values without their positions, so the standard library's parser reads them again.
    """
    if "\n" not in text.strip():
        return [1] * count
    decoder = json.JSONDecoder(strict=False)

    def decode(position: int) -> tuple[object, int]:
        return decoder.raw_decode(text, _skip_gap(text, position))

    positions = []
    try:
        position = _skip_gap(text, 0)
        if key is not None:
            name, position = decode(position + 1)
            while name != key:
                _, position = decode(position)
                name, position = decode(position)
            position = _skip_gap(text, position)
        if text[position] != "[":
            positions.append(position)
        position += 1
        while len(positions) < count:
            positions.append(_skip_gap(text, position))
            _, position = decode(position)
    except (ValueError, IndexError, RecursionError):
        return [1] * count
    return list(accumulate((text.count("\n", a, b) for a, b in pairwise([0, *positions])), initial=1))[1:]


def _skip_gap(text: str, position: int) -> int:
    match = _GAP.match(text, position)
    return match.end() if match else position


# JSON Lines begin like this too: `read_json` distinguishes them from a document.
FORMAT = InputFormat(read_json, endings=(".json",), first_bytes=rb"[{\[]")
