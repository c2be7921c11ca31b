"""CSV and TSV: a header line of field names, then one record per row, read row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from newsdedup.load.decode import is_intact, lines
from newsdedup.load.reader import Context
from newsdedup.load.records import NAMES, Draft, Refused, draft, numbered
from newsdedup.models import Article, Rejected


def read_csv(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the rows of a CSV stream; cells are parted by commas, or by `;` where the header has no comma but that."""
    return numbered(_drafts(stream, context, None), context)


def read_tsv(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the rows of a TSV stream, quoted as CSV is."""
    return numbered(_drafts(stream, context, "\t"), context)


def _drafts(stream: BinaryIO, context: Context, delimiter: str | None) -> Iterator[Draft | Refused]:
    source = lines(stream, context)
    first = next((line for line in source if line is None or not line.isspace()), "")
    if not first:
        yield Refused("empty file" if first == "" else _too_long(context))
        return
    if delimiter is None:
        delimiter = ";" if ";" in first and "," not in first else ","
    rows = _rows(first, source, delimiter, context)
    header = next(rows)
    if isinstance(header, Refused):
        yield Refused(f"the header line cannot be read: {header.reason}")
        return
    header = [name.strip() for name in header]
    texts = [i for i, name in enumerate(header) if name.casefold() in NAMES["text"]]
    if not texts:
        yield Refused(
            f"no text column: the header line names {', '.join(header)}; one must be {' or '.join(NAMES['text'])}"
        )
        return
    empty = True
    for row in rows:
        empty = False
        yield row if isinstance(row, Refused) else _of_row(row, header, texts[0])
    if empty:
        yield Refused("empty: no rows below the header line")


def _of_row(row: list[str], header: list[str], text: int) -> Draft | Refused:
    if len(row) > len(header):
        return Refused(f"the row has {len(row)} cells, the header {len(header)}: is a cell with a delimiter unquoted?")
    if len(row) <= text:
        return Refused(f"the row has {len(row)} cells, the header {len(header)}: the text is missing")
    if not is_intact("".join(row)):
        return Refused("the row is not valid in the encoding of the file; give it with --encoding")
    return draft(pair for pair in zip(header, row, strict=False) if pair[1])


def _rows(first: str, rest: Iterator[str | None], delimiter: str, context: Context) -> Iterator[list[str] | Refused]:
    """Yield rows of cells, the header among them; a blank line is no row."""
    reader = csv.reader(_unbroken(first, rest, context), delimiter=delimiter, strict=True)
    while True:
        # The csv module has one limit for the whole process: it is ours for one row at a time only.
        limit = csv.field_size_limit(context.config.max_record_chars)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(f"broken row: {error}")
            continue
        except _TooLongError:
            yield Refused(_too_long(context))
            # The reader's own iterator ended with the exception: go on behind the line with a new one.
            reader = csv.reader(_unbroken("", rest, context), delimiter=delimiter, strict=True)
            continue
        finally:
            csv.field_size_limit(limit)
        if row:
            yield row


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
