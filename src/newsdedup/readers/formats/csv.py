"""CSV: cells are separated by commas, or by `;` if the header has `;` and no comma."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from newsdedup.models import Article, Rejected
from newsdedup.readers.reader import Context, InputFormat
from newsdedup.readers.tabular import read_table


def read_csv(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the rows of a CSV stream."""
    return read_table(stream, context, choose_delimiter=_choose_delimiter)


def _choose_delimiter(header_line: str) -> str:
    return ";" if ";" in header_line and "," not in header_line else ","


FORMAT = InputFormat(read_csv, endings=(".csv",))
