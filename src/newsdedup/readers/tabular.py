"""Tables as text: a header line of field names, then one record per row, read row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

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
    numbered_lines = _NumberedLines(read_lines(stream, context))
    header_line = next((line for line in numbered_lines if line is None or not line.isspace()), "")
    if not header_line:
        yield (
            RefusedDraft("empty file", Refusal.EMPTY)
            if header_line == ""
            else RefusedDraft(_too_long_reason(context), line=numbered_lines.line)
        )
        return
    rows = _read_rows(header_line, numbered_lines, choose_delimiter(header_line), context)
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


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[str]
    line: int


class _NumberedLines:
    """An iterator that counts its lines; `line` is the number of the last one, from 1."""

    def __init__(self, source: Iterator[str | None]) -> None:
        self._source = source
        self.line = 0

    def __iter__(self) -> Iterator[str | None]:
        return self

    def __next__(self) -> str | None:
        line = next(self._source)
        self.line += 1
        return line


def _draft_from_row(row: _Row, header: list[str], text_column: int) -> Draft | RefusedDraft:
    cells, line = row.cells, row.line
    if len(cells) > len(header):
        reason = f"the row has {len(cells)} cells, the header {len(header)}: does a cell contain an unquoted delimiter?"
        return RefusedDraft(reason, line=line)
    if len(cells) <= text_column:
        return RefusedDraft(f"the row has {len(cells)} cells, the header {len(header)}: the text is missing", line=line)
    if not is_encodable("".join(cells)):
        reason = "the row is not valid in the file's encoding; set the encoding with --encoding"
        return RefusedDraft(reason, Refusal.ENCODING, line)
    return build_draft((pair for pair in zip(header, cells, strict=False) if pair[1]), line)


def _read_rows(
    first_line: str, following: _NumberedLines, delimiter: str, context: Context
) -> Iterator[_Row | RefusedDraft]:
    """Yield the rows, the header included. A blank line is not a row."""
    reader = csv.reader(_iter_lines(first_line, following, context), delimiter=delimiter, strict=True)
    line = following.line
    while True:
        # The csv module has one limit for the whole process: set it for one row at a time only.
        limit = csv.field_size_limit(context.config.max_record_chars)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RefusedDraft(f"broken row: {error}", line=line)
            continue
        except _TooLongError:
            yield RefusedDraft(_too_long_reason(context), line=line)
            # The exception ended the reader's iterator: continue after the line with a new one.
            reader = csv.reader(_iter_lines("", following, context), delimiter=delimiter, strict=True)
            continue
        finally:
            csv.field_size_limit(limit)
            row_line, line = line, following.line + 1
        if row:
            yield _Row(row, row_line)


class _TooLongError(Exception):
    """A line is longer than a record may be."""


def _iter_lines(first_line: str, following: Iterator[str | None], context: Context) -> Iterator[str]:
    if first_line:
        yield first_line
    for line in following:
        if line is None:
            raise _TooLongError(context.path)
        yield line


def _too_long_reason(context: Context) -> str:
    return f"line longer than {context.config.max_record_chars} characters (max_record_chars)"
