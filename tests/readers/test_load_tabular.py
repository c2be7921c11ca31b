"""CSV and TSV: header, delimiter, quoting, ragged rows, and no changed settings in the csv module."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_files import load_files, summarise_items

from newsdedup.config import Config
from newsdedup.models import Article
from newsdedup.readers.formats.csv import read_csv
from newsdedup.readers.formats.tsv import read_tsv
from newsdedup.readers.reader import Context

GOOD = {
    "comma": ("a.csv", 'id,text\n1,"One, two."\n', ["1: One, two."]),
    "semicolon": ("a.csv", "id;text\n1;One, two.\n", ["1: One, two."]),
    "comma though a semicolon is there": ("a.csv", "id,text,a;b\n1,One; two.,x\n", ["1: One; two."]),
    "tab": ("a.tsv", "id\ttext\n1\tOne, two; three.\n", ["1: One, two; three."]),
    "names in any case, blanks around": ("a.csv", " ID , Body \n1,One.\n", ["1: One."]),
    "quoted line ends": ("a.csv", 'text,id\n"One.\n\nTwo ""x"".",1\n', ['1: One.\n\nTwo "x".']),
    "quoted header": ("a.csv", '"text";"id"\nOne.;1\n', ["1: One."]),
    "windows line ends": ("a.csv", "text\r\nOne.\r\nTwo.\r\n", ["a.csv#1: One.", "a.csv#2: Two."]),
    "old macintosh line ends": ("a.csv", "text\rOne.\rTwo.\r", ["a.csv#1: One.", "a.csv#2: Two."]),
    "blank lines": ("a.csv", "\n\ntext\n\nOne.\n\n", ["a.csv: One."]),
    "fewer cells, the text there": ("a.csv", "text,title,url\nOne.\n", ["a.csv: One."]),
}


@pytest.mark.parametrize(("name", "content", "expected"), GOOD.values(), ids=GOOD)
def test_rows_are_read(tmp_path: Path, name: str, content: str, expected: list[str]) -> None:
    assert summarise_items(load_files(tmp_path, {name: content})) == expected


def test_columns_give_the_fields_and_the_others_are_carried(tmp_path: Path) -> None:
    content = "headline,text,outlet,date,section,empty\nA bridge,Text.,Courier,26 April 2025,local,\n"
    (item,) = load_files(tmp_path, {"a.csv": content})
    assert isinstance(item, Article)
    assert (item.title, item.source, item.published) == ("A bridge", "Courier", "2025-04-26")
    assert item.extra == {"section": "local"}


BAD = {
    "more cells than the header": (
        "x,One.,y",
        "the row has 3 cells, the header 2: does a cell contain an unquoted delimiter?",
    ),
    "the text missing": ("x", "the row has 1 cells, the header 2: the text is missing"),
    "an empty text": ("x,", "no text: none of text, body, content has a value"),
    "a broken quote": ('x,"One" two', "broken row: ',' expected after '\"'"),
    "too long a line": ("x," + "y" * 90, "line longer than 50 characters (max_record_chars)"),
}


@pytest.mark.parametrize(("row", "reason"), BAD.values(), ids=BAD)
def test_a_row_that_cannot_be_used_is_rejected_and_the_rest_goes_on(tmp_path: Path, row: str, reason: str) -> None:
    lines = summarise_items(
        load_files(tmp_path, {"a.csv": f"title,text\nx,One.\n{row}\nx,Two.\n"}, max_record_chars=50)
    )
    assert lines == ["a.csv#1: One.", f"a.csv 2 rejected: {reason}", "a.csv#3: Two."]


FILES = {
    "empty": ("", "empty file"),
    "blank": ("\n \n", "empty file"),
    "header only": ("title,text\n", "empty: no rows below the header line"),
    "no text column": (
        "title,url\nx,y\n",
        "no text column: the header line names title, url; one must be text or body or content",
    ),
    "no header": (
        "The bridge opened.\nMore.\n",
        "no text column: the header line names The bridge opened.; one must be text or body or content",
    ),
    "header too long": ("text," + "x" * 60 + "\nOne.\n", "line longer than 50 characters (max_record_chars)"),
    "broken header": ('"text" x,y\n1,2\n', "the header line cannot be read: broken row: ',' expected after '\"'"),
}


@pytest.mark.parametrize(("content", "reason"), FILES.values(), ids=FILES)
def test_a_table_without_rows_of_text_is_rejected_once(tmp_path: Path, content: str, reason: str) -> None:
    assert summarise_items(load_files(tmp_path, {"a.csv": content}, max_record_chars=50)) == [
        f"a.csv 1 rejected: {reason}"
    ]


def test_a_quote_never_closed_does_not_become_an_article(tmp_path: Path) -> None:
    lines = summarise_items(load_files(tmp_path, {"a.csv": 'text\nOne.\n"Two.\nThree.\n'}))
    assert lines == ["a.csv#1: One.", "a.csv 2 rejected: broken row: unexpected end of data"]


def test_a_cell_over_the_limit_on_several_lines_is_rejected(tmp_path: Path) -> None:
    cell = "\n".join(["y" * 20] * 4)
    lines = summarise_items(load_files(tmp_path, {"a.csv": f'text\nOne.\n"{cell}"\nTwo.\n'}, max_record_chars=50))
    assert lines[1] == "a.csv 2 rejected: broken row: field larger than field limit (50)"
    assert lines[-1].endswith(": Two.")


def test_the_limit_of_the_csv_module_is_as_it_was_between_rows() -> None:
    before = csv.field_size_limit()
    stream = io.BytesIO(b"text\n" + b"x" * (before + 1) + b"\nTwo.\n")
    rows = read_csv(stream, Context("a.csv", Config.model_validate({})))
    assert isinstance(next(rows), Article)
    assert csv.field_size_limit() == before
    assert isinstance(next(rows), Article)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1).map(lambda text: f"x{text}x")


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.sampled_from([",", ";", "\t"]))
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([("title", "text"), *rows])
    read = read_tsv if delimiter == "\t" else read_csv
    items = list(
        read(io.BytesIO(stream.getvalue().encode()), Context("a", Config.model_validate({"encoding": "utf-8"})))
    )
    assert [(item.title, item.text) for item in items if isinstance(item, Article)] == rows
