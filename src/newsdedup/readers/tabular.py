"""CSV and TSV: a header line of field names, then one record per row, read row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from newsdedup.models import Article, Refusal, Rejected
from newsdedup.readers.decode import is_intact, lines
from newsdedup.readers.reader import Context
from newsdedup.readers.records import NAMES, Draft, Refused, draft, numbered


def read_csv(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the rows of a CSV stream; cells are parted by commas, or by `;` where the header has no comma but that."""
    return numbered(_drafts(stream, context, None), context)


def read_tsv(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the rows of a TSV stream, quoted as CSV is."""
    return numbered(_drafts(stream, context, "\t"), context)


def _drafts(stream: BinaryIO, context: Context, delimiter: str | None) -> Iterator[Draft | Refused]:
    source = _Numbered(lines(stream, context))
    first = next((line for line in source if line is None or not line.isspace()), "")
    if not first:
        yield Refused("empty file", Refusal.EMPTY) if first == "" else Refused(_too_long(context), line=source.line)
        return
    if delimiter is None:
        delimiter = ";" if ";" in first and "," not in first else ","
    rows = _rows(first, source, delimiter, context)
    header = next(rows)
    if isinstance(header, Refused):
        yield Refused(f"the header line cannot be read: {header.reason}", line=header.line)
        return
    names = [name.strip() for name in header.cells]
    texts = [i for i, name in enumerate(names) if name.casefold() in NAMES["text"]]
    if not texts:
        wanted = " or ".join(NAMES["text"])
        reason = f"no text column: the header line names {', '.join(names)}; one must be {wanted}"
        yield Refused(reason, line=header.line)
        return
    empty = True
    for row in rows:
        empty = False
        yield row if isinstance(row, Refused) else _of_row(row, names, texts[0])
    if empty:
        yield Refused("empty: no rows below the header line", Refusal.EMPTY)


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[str]
    line: int


class _Numbered:
    """Lines that are counted as they are taken; `line` is the number of the last one, from 1."""

    def __init__(self, source: Iterator[str | None]) -> None:
        self._source = source
        self.line = 0

    def __iter__(self) -> Iterator[str | None]:
        return self

    def __next__(self) -> str | None:
        line = next(self._source)
        self.line += 1
        return line


def _of_row(row: _Row, header: list[str], text: int) -> Draft | Refused:
    cells, line = row.cells, row.line
    if len(cells) > len(header):
        reason = f"the row has {len(cells)} cells, the header {len(header)}: is a cell with a delimiter unquoted?"
        return Refused(reason, line=line)
    if len(cells) <= text:
        return Refused(f"the row has {len(cells)} cells, the header {len(header)}: the text is missing", line=line)
    if not is_intact("".join(cells)):
        reason = "the row is not valid in the encoding of the file; give it with --encoding"
        return Refused(reason, Refusal.ENCODING, line)
    return draft((pair for pair in zip(header, cells, strict=False) if pair[1]), line)


def _rows(first: str, rest: _Numbered, delimiter: str, context: Context) -> Iterator[_Row | Refused]:
    """Yield rows of cells, the header among them; a blank line is no row."""
    reader = csv.reader(_unbroken(first, rest, context), delimiter=delimiter, strict=True)
    line = rest.line
    while True:
        # The csv module has one limit for the whole process: it is ours for one row at a time only.
        limit = csv.field_size_limit(context.config.max_record_chars)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(f"broken row: {error}", line=line)
            continue
        except _TooLongError:
            yield Refused(_too_long(context), line=line)
            # The reader's own iterator ended with the exception: go on behind the line with a new one.
            reader = csv.reader(_unbroken("", rest, context), delimiter=delimiter, strict=True)
            continue
        finally:
            csv.field_size_limit(limit)
            begun, line = line, rest.line + 1
        if row:
            yield _Row(row, begun)


class _TooLongError(Exception):
    """A line was longer than a record may be."""


def _unbroken(first: str, rest: Iterator[str | None], context: Context) -> Iterator[str]:
    if first:
        yield first
    for line in rest:
        if line is None:
            raise _TooLongError(context.path)
        yield line


def _too_long(context: Context) -> str:
    return f"line longer than {context.config.max_record_chars} characters (max_record_chars)"
