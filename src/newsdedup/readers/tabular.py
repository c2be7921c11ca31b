"""Tables as text: a header line of field names, then one record per row, read row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple

from newsdedup.models import Article, Refusal, Rejected
from newsdedup.readers.decode import is_encodable, read_lines
from newsdedup.readers.reader import Context
from newsdedup.readers.records import FIELD_ALIASES, Draft, RefusedDraft, build_draft, number_records


def read_table(
    stream: BinaryIO, context: Context, *, choose_delimiter: Callable[[str], str]
) -> Iterator[Article | Rejected]:
    """Yield the rows of a table as records. `choose_delimiter` returns what separates the cells, given the header."""
    return number_records(_parse_rows(stream, context, choose_delimiter), context)


def _parse_rows(
    stream: BinaryIO, context: Context, choose_delimiter: Callable[[str], str]
) -> Iterator[Draft | RefusedDraft]:
    lines = _TableLines(stream, context)
    try:
        header_line = next((line for line in lines if not line.isspace()), None)
    except _TooLongError as error:
        yield RefusedDraft(str(error), line=lines.number)
        return
    if header_line is None:
        yield RefusedDraft("empty file", Refusal.EMPTY)
        return
    rows = _read_rows(header_line, lines, choose_delimiter(header_line), context)
    header = next(rows)
    if isinstance(header, RefusedDraft):
        yield RefusedDraft(f"the header line cannot be read: {header.reason}", line=header.line)
        return
    names = [name.strip() for name in header.cells]
    text_columns = [i for i, name in enumerate(names) if name.casefold() in FIELD_ALIASES["text"]]
    if not text_columns:
        expected = " or ".join(FIELD_ALIASES["text"])
        reason = f"no text column: the header line names {', '.join(names)}; one must be {expected}"
        yield RefusedDraft(reason, line=header.line)
        return
    is_empty = True
    for row in rows:
        is_empty = False
        yield row if isinstance(row, RefusedDraft) else _draft_from_row(row, names, text_columns[0])
    if is_empty:
        yield RefusedDraft("empty: no rows below the header line", Refusal.EMPTY)


class _Row(NamedTuple):
    cells: list[str]
    line: int


class _TooLongError(Exception):
    """A line is longer than a record may be."""


class _TableLines:
    """The lines of a table; `number` is that of the last one read, from 1. After a _TooLongError, the others follow."""

    def __init__(self, stream: BinaryIO, context: Context) -> None:
        self._lines = read_lines(stream, context)
        self._max_chars = context.config.max_record_chars
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        if line is None:
            raise _TooLongError(f"line longer than {self._max_chars} characters (max_record_chars)")
        return line


def _draft_from_row(row: _Row, header: list[str], text_column: int) -> Draft | RefusedDraft:
    cells, line = row
    counts = f"the row has {len(cells)} cells, the header {len(header)}"
    if len(cells) > len(header):
        return RefusedDraft(f"{counts}: does a cell contain an unquoted delimiter?", line=line)
    if len(cells) <= text_column:
        return RefusedDraft(f"{counts}: the text is missing", line=line)
    if not is_encodable("".join(cells)):
        reason = "the row is not valid in the file's encoding; set the encoding with --encoding"
        return RefusedDraft(reason, Refusal.ENCODING, line)
    return build_draft((pair for pair in zip(header, cells, strict=False) if pair[1]), line)


def _read_rows(
    first_line: str, following: _TableLines, delimiter: str, context: Context
) -> Iterator[_Row | RefusedDraft]:
    """Yield the rows, the header included. A blank line is not a row."""
    # The reader goes on with the next row after any exception.
    reader = csv.reader(chain([first_line], following), delimiter=delimiter, strict=True)
    line = following.number
    while True:
        # The csv module has one limit for the whole process: set it for one row at a time only.
        limit = csv.field_size_limit(context.config.max_record_chars)
        row: _Row | RefusedDraft
        try:
            row = _Row(next(reader), line)
        except StopIteration:
            return
        except csv.Error as error:
            row = RefusedDraft(f"broken row: {error}", line=line)
        except _TooLongError as error:
            row = RefusedDraft(str(error), line=line)
        finally:
            csv.field_size_limit(limit)
        line = following.number + 1
        if isinstance(row, RefusedDraft) or row.cells:
            yield row
