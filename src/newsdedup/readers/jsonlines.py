"""JSON Lines: one record object per line, read line by line; blank lines are no records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from pydantic_core import from_json

from newsdedup.models import Article, Refusal, Rejected
from newsdedup.readers.decode import is_intact, lines
from newsdedup.readers.reader import Context
from newsdedup.readers.records import Draft, Refused, draft, numbered

# An escape in a JSON string: a pair of surrogates, a lone one (the group), or any other, taken whole so that the
# backslash of `\\ud800` is not read as the beginning of an escape.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def read(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the records of a JSON Lines stream; a broken or overlong line is rejected and the rest goes on."""
    return numbered(_drafts(stream, context), context)


def read_block(stream: BinaryIO, context: Context, line: int, record: int) -> Iterator[Article | Rejected]:
    """Yield the records of a part of such a stream, which begins on `line` with `record`; the file has others."""
    return numbered(_drafts(stream, context, line), context, record)


def _drafts(stream: BinaryIO, context: Context, first: int = 1) -> Iterator[Draft | Refused]:
    empty = first == 1
    for number, line in enumerate(lines(stream, context), first):
        if line is None:
            reason = f"line longer than {context.config.max_record_chars} characters (max_record_chars)"
            yield Refused(reason, line=number)
        elif not line.isspace():
            yield _of_line(line, number)
        else:
            continue
        empty = False
    if empty:
        yield Refused("empty file", Refusal.EMPTY)


def _of_line(line: str, number: int) -> Draft | Refused:
    try:
        return of_value(parse(line.rstrip()), number)
    except ValueError as error:
        if not is_intact(line):
            reason = "the line is not valid in the encoding of the file; give it with --encoding"
            return Refused(reason, Refusal.ENCODING, number)
        return Refused(f"broken JSON: {str(error).replace(' at line 1 column', ' at column')}", line=number)


def of_value(value: object, line: int) -> Draft | Refused:
    """Return the draft of one parsed JSON record, which begins on `line`."""
    if isinstance(value, dict):
        return draft(value.items(), line)
    names = {type(None): "null", list: "an array", str: "a string", bool: "a boolean"}
    return Refused(f"the record is not an object but {names.get(type(value), 'a number')}", line=line)


def parse(document: str) -> object:
    """Return the value of a JSON document; half a surrogate pair, which JSON allows, becomes U+FFFD.

    Raises ValueError with a short cause.
    """
    try:
        value: object = from_json(document)
    except TypeError:  # its answer to a str that is no UTF-8
        raise ValueError("it holds bytes that are no text") from None
    except ValueError:
        mended = _ESCAPE.sub(lambda match: r"\ufffd" if match[1] else match[0], document)
        if mended == document:
            raise
        value = from_json(mended)
    return value
