"""docs/formats.md says what the code does: endings, names of fields, keys of headers, examples of dates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsdedup.models import WAIVER
from newsdedup.readers.dates import parse_date
from newsdedup.readers.delimited import HEADER
from newsdedup.readers.formats import ENDINGS, READERS
from newsdedup.readers.json_ import LIST_KEYS
from newsdedup.readers.records import NAMES

DOC = Path(__file__).parents[2].joinpath("docs", "formats.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in DOC.splitlines() if line.startswith("| ")]


def quoted(cell: str) -> list[str]:
    """Return what stands between backquotes in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def test_every_ending_stands_beside_its_format() -> None:
    documented = {name: row[1].strip("`") for row in ROWS for name in quoted(row[0]) if row[1].strip("`") in READERS}
    assert {name: kind for name, kind in documented.items() if name.startswith(".")} == ENDINGS


def test_every_name_of_a_field_is_listed_in_order_of_preference() -> None:
    documented = {row[0].split(" ")[0]: tuple(quoted(row[1])) for row in ROWS}
    assert {field: documented[field] for field in NAMES} == NAMES


def test_every_key_of_a_header_is_listed() -> None:
    documented = {key.lower(): row[1] for row in ROWS for key in quoted(row[0]) if row[1] in NAMES}
    documented |= {key.lower(): WAIVER for row in ROWS if WAIVER in quoted(row[0]) for key in quoted(row[0])}
    assert documented == HEADER


def test_every_key_of_a_list_is_listed() -> None:
    assert all(f"`{key}`" in DOC for key in LIST_KEYS)


DATES = [
    (raw, row[1]) for row in ROWS for raw in quoted(row[0]) if row[1] == "null" or row[1].startswith(("`19", "`20"))
]


@pytest.mark.parametrize(("raw", "published"), DATES)
def test_every_date_is_read_as_the_table_says(raw: str, published: str) -> None:
    assert len(DATES) >= 11
    assert (parse_date(raw) or "null") == published.strip("`")
