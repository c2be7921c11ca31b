"""CSV: cells are separated by commas, or by `;` if the header has `;` and no comma."""

from __future__ import annotations

from functools import partial

from newsdedup.readers.reader import InputFormat
from newsdedup.readers.tabular import read_table


def _choose_delimiter(header_line: str) -> str:
    return ";" if ";" in header_line and "," not in header_line else ","


read_csv = partial(read_table, choose_delimiter=_choose_delimiter)

FORMAT = InputFormat(read_csv, endings=(".csv",))
