"""TSV: cells are separated by tabs, with quotes as in CSV."""

from __future__ import annotations

from functools import partial

from newsdedup.readers.reader import InputFormat
from newsdedup.readers.tabular import read_table

read_tsv = partial(read_table, choose_delimiter=lambda _: "\t")

FORMAT = InputFormat(read_tsv, endings=(".tsv",))
