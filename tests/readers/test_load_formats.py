"""How the format of a file is recognised: by its ending, and by its first bytes where the ending does not decide."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from load_files import load_files, summarise_items

from newsdedup.models import Article, Rejected
from newsdedup.readers import load
from newsdedup.readers.decode import read_text
from newsdedup.readers.formats import FORMATS, find_formats, sniff_format
from newsdedup.readers.reader import Context, InputFormat
from newsdedup.readers.records import Draft, number_records


def read_feed(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield one article that says how it was read."""
    return number_records([Draft(f"feed of {len(read_text(stream, context))}")], context)


def read_page(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield one article that says how it was read."""
    return number_records([Draft(f"page of {len(read_text(stream, context))}")], context)


FEED = InputFormat(read_feed, endings=(".xml", ".feed"), first_bytes=rb"(<\?xml[^>]*>\s*)?<rss\b")
PAGE = InputFormat(read_page, endings=(".xml",), first_bytes=rb"(<\?xml[^>]*>\s*)?<page\b")


@pytest.fixture
def _xml_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add two formats with the same ending."""
    monkeypatch.setitem(FORMATS, "feed", FEED)
    monkeypatch.setitem(FORMATS, "page", PAGE)


@pytest.mark.usefixtures("_xml_formats")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("declaration", ["", "<?xml version='1.0'?>\n"])
def test_the_first_bytes_choose_between_formats_with_the_same_ending(
    tmp_path: Path, declaration: str, encoding: str
) -> None:
    """The reader gets the file from its beginning."""
    files: dict[str, str | bytes] = {
        f"{name}.xml{suffix}": f"{declaration}<{tag}/>".encode(encoding)
        for name, tag in (("a", "rss"), ("b", "page"))
        for suffix in ("", ".gz")
    }
    feed, page = len(declaration) + len("<rss/>"), len(declaration) + len("<page/>")
    assert summarise_items(load_files(tmp_path, files)) == [
        f"a.xml: feed of {feed}",
        f"a.xml.gz: feed of {feed}",
        f"b.xml: page of {page}",
        f"b.xml.gz: page of {page}",
    ]


@pytest.mark.usefixtures("_xml_formats")
def test_a_file_that_no_format_with_its_ending_recognises_is_rejected(tmp_path: Path) -> None:
    assert summarise_items(load_files(tmp_path, {"a.xml": "<svg/>", "b.feed": "<svg/>"})) == [
        "a.xml 1 rejected: unknown format: it does not begin like any of feed, page",
        "b.feed: feed of 6",
    ]


@pytest.mark.usefixtures("_xml_formats")
def test_a_format_that_can_begin_with_anything_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sniff_format(b"<svg/>", ["feed", "page"]) is None
    monkeypatch.setitem(FORMATS, "any", InputFormat(read_page, endings=(".xml",)))
    assert find_formats("a.XML.gz") == ["feed", "page", "any"]
    assert sniff_format(b"<svg/>", ["any", "feed", "page"]) == "any"
    assert sniff_format(b"\xef\xbb\xbf \n<page>", ["any", "feed", "page"]) == "page"


@pytest.mark.usefixtures("_xml_formats")
def test_standard_input_is_recognised_by_its_first_bytes() -> None:
    assert summarise_items(list(load(["-"], stdin=io.BytesIO(b"<page/>")))) == ["-: page of 7"]
    assert summarise_items(list(load(["-"], stdin=io.BytesIO(b"A page.")))) == ["-: A page."]


def test_a_name_that_says_nothing_means_text(tmp_path: Path) -> None:
    """A file that is named explicitly is text, even if it begins like JSON; see docs/formats.md."""
    assert summarise_items(load_files(tmp_path, {"a.log": "[Reuters] A ferry sank."})) == [
        "a.log: [Reuters] A ferry sank."
    ]
