"""docs/formats.md agrees with the code: extensions, names of fields, header keys, examples of dates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsdedup.models import WAIVER
from newsdedup.readers.dates import parse_date
from newsdedup.readers.formats import FORMATS
from newsdedup.readers.formats.json import LIST_KEYS
from newsdedup.readers.formats.text import HEADER_FIELDS
from newsdedup.readers.records import FIELD_ALIASES

DOC = Path(__file__).parents[2].joinpath("docs", "formats.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in DOC.splitlines() if line.startswith("| ")]


def backquoted(cell: str) -> list[str]:
    """Return the backquoted words of a cell."""
    return re.findall(r"`([^`]+)`", cell)


def test_every_extension_is_listed_with_its_format() -> None:
    documented = {row[1].strip("`"): row[0].split(",")[0] for row in ROWS if row[0].startswith("`.")}
    expected = {name: " ".join(f"`{ending}`" for ending in FORMATS[name].endings) for name in FORMATS}
    assert list(documented.items()) == list(expected.items())


def test_every_name_of_a_field_is_listed_in_order_of_preference() -> None:
    documented = {row[0].split(" ")[0]: tuple(backquoted(row[1])) for row in ROWS}
    assert {field: documented[field] for field in FIELD_ALIASES} == FIELD_ALIASES


def test_every_key_of_a_header_is_listed() -> None:
    documented = {key.lower(): row[1] for row in ROWS for key in backquoted(row[0]) if row[1] in FIELD_ALIASES}
    documented |= {key.lower(): WAIVER for row in ROWS if WAIVER in backquoted(row[0]) for key in backquoted(row[0])}
    assert documented == HEADER_FIELDS


def test_every_key_of_a_list_is_listed() -> None:
    assert all(f"`{key}`" in DOC for key in LIST_KEYS)


DATES = [
    (raw, row[1]) for row in ROWS for raw in backquoted(row[0]) if row[1] == "null" or row[1].startswith(("`19", "`20"))
]


@pytest.mark.parametrize(("raw", "published"), DATES)
def test_every_date_is_read_as_the_table_says(raw: str, published: str) -> None:
    assert len(DATES) >= 11
    assert (parse_date(raw) or "null") == published.strip("`")
