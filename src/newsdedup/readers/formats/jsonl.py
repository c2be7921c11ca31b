"""JSON Lines: one record object per line, read line by line. Blank lines are not records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from pydantic_core import from_json

from newsdedup.models import Article, Refusal, Rejected
from newsdedup.readers.decode import is_encodable, read_lines
from newsdedup.readers.reader import Context, InputFormat
from newsdedup.readers.records import Draft, RefusedDraft, build_draft, describe_type, number_records

# An escape in a JSON string: a pair of surrogates, a lone surrogate (the group), or any other. Every escape is matched
# in full, so that the second backslash of `\\ud800` is not read as the start of one.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def read_jsonlines(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the records of a JSON Lines stream. A broken or overlong line is rejected; reading continues."""
    return number_records(_parse_lines(stream, context), context)


def read_block(stream: BinaryIO, context: Context, line: int, record: int) -> Iterator[Article | Rejected]:
    """Yield the records of one block of a file of several; it begins on line `line` with record number `record`."""
    return number_records(_parse_lines(stream, context, line), context, record)


def _parse_lines(stream: BinaryIO, context: Context, first_line: int = 1) -> Iterator[Draft | RefusedDraft]:
    is_empty = first_line == 1
    for number, line in enumerate(read_lines(stream, context), first_line):
        if line is None:
            reason = f"line longer than {context.config.max_record_chars} characters (max_record_chars)"
            yield RefusedDraft(reason, line=number)
        elif not line.isspace():
            yield _parse_line(line, number)
        else:
            continue
        is_empty = False
    if is_empty:
        yield RefusedDraft("empty file", Refusal.EMPTY)


def _parse_line(line: str, number: int) -> Draft | RefusedDraft:
    try:
        return draft_from_value(parse_json(line.rstrip()), number)
    except ValueError as error:
        if not is_encodable(line):
            reason = "the line is not valid in the file's encoding; set the encoding with --encoding"
            return RefusedDraft(reason, Refusal.ENCODING, number)
        return RefusedDraft(f"broken JSON: {str(error).replace(' at line 1 column', ' at column')}", line=number)


def draft_from_value(value: object, line: int) -> Draft | RefusedDraft:
    """Return the draft of one parsed JSON record, which begins on `line`."""
    if isinstance(value, dict):
        return build_draft(value.items(), line)
    return RefusedDraft(f"the record is not an object but {describe_type(value)}", line=line)


def parse_json(document: str) -> object:
    """Return the value of a JSON document. A lone surrogate, which JSON allows, becomes U+FFFD.

    Raises ValueError with a short cause.
    """
    try:
        value: object = from_json(document)
    except TypeError:  # raised by from_json for a str that cannot be encoded as UTF-8
        raise ValueError("it contains bytes that are not text") from None
    except ValueError:
        repaired = _ESCAPE.sub(lambda match: r"\ufffd" if match[1] else match[0], document)
        if repaired == document:
            raise
        value = from_json(repaired)
    return value


FORMAT = InputFormat(read_jsonlines, endings=(".jsonl", ".ndjson"), read_block=read_block)
