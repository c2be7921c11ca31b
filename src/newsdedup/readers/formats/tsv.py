"""TSV: cells are separated by tabs, with quotes as in CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from newsdedup.models import Article, Rejected
from newsdedup.readers.reader import Context, InputFormat
from newsdedup.readers.tabular import read_table


def read_tsv(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the rows of a TSV stream."""
    return read_table(stream, context, choose_delimiter=lambda _: "\t")


FORMAT = InputFormat(read_tsv, endings=(".tsv",))
