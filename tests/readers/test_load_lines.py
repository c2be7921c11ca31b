"""Every record knows its lines in the file, which `check` points to."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_files import load_files

from newsdedup.models import WAIVER, Article, Refusal, Rejected

# The lines on which the records of each file begin, by hand.
FIRST_LINES = {
    "blank lines and delimiters": ("a.txt", "\n\nOne.\n=====\n\nTwo.\n=====\nThree.\n", [3, 6, 8]),
    "windows line ends": ("a.txt", "One.\r\n=====\r\n\r\nTwo.\r\n=====\r\nThree.\r\n", [1, 4, 6]),
    "form feeds stand inside a line": ("a.txt", "One.\nMore.\fTwo.\n\fThree.\n", [1, 2, 3]),
    "a packed file": ("a.txt.gz", "One.\n=====\nTwo.\n=====\nThree.\n", [1, 3, 5]),
    "blank lines between JSON lines": ("a.jsonl", '{"text": "One."}\n\n\n{"text": 2}\n{"text": " "}\n{', [1, 4, 5, 6]),
    "cells over several lines": ("a.csv", '\ntext,title\n"One.\n\nMore.",T\n\nTwo.,T\nThree.,T,x\n', [3, 7, 8]),
    "a JSON array": (
        "a.json",
        '\n[\n  {"text": "One.\\n"},\n\n  {"text":\n  "Two."}, 7, {"text": "3."}\n]',
        [3, 5, 6, 6],
    ),
    "a JSON array on one line": ("a.json", '[{"text": "One."}, {"text": "Two."}]\n', [1, 1]),
    "a JSON object": ("a.json", '\n\n{\n"text": "One."}', [3]),
    "a list of an object": (
        "a.json",
        '{"n": 2,\n "meta": {"articles": [{}]},\n "articles": [\n{"text": "One."},\n{"text": "Two."}]}',
        [4, 5],
    ),
    "an empty list of an object": ("a.json", '{"n": 2,\n "articles": []}', [None]),
    "JSON broken on its third line": ("a.json", '[\n{"text": "One."},\n{"text": }\n]', [3]),
    "an empty file": ("a.txt", "", [None]),
}


@pytest.mark.parametrize(("name", "content", "lines"), FIRST_LINES.values(), ids=FIRST_LINES)
def test_every_record_knows_its_first_line(tmp_path: Path, name: str, content: str, lines: list[int | None]) -> None:
    """Rejected records too."""
    items = load_files(tmp_path, {name: content})
    assert [item.lines.first if isinstance(item, Article) else getattr(item, "line", 0) for item in items] == lines


def test_an_article_of_delimited_text_knows_the_lines_of_its_text_and_header(tmp_path: Path) -> None:
    """Lines of the header are listed by field, or as spelt if the article has no such field."""
    header = "Headline: T\nDate: May 2025\nDesk: local\nNewsdedup-Ignore: ND101\n"
    first, second = load_files(tmp_path, {"a.txt": f"=====\n\n{header}\n\nText.\n=====\nTitle: U\nMore.\n"})
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.lines.first, first.lines.text) == (3, 9)
    assert (first.lines.header, first.lines.extra) == ({"title": 3, "published": 4}, {"Desk": 5, WAIVER: 6})
    assert (second.lines.first, second.lines.text, second.lines.header) == (11, 12, {"title": 11})


def test_front_matter_knows_its_lines_too(tmp_path: Path) -> None:
    """Continuation lines belong to the line of their key."""
    (item,) = load_files(tmp_path, {"a.txt": "\n---\ntitle: T\ntags:\n  - a\ndate: 2025-04-26\n---\nText.\n"})
    assert isinstance(item, Article)
    assert (item.lines.header, item.lines.extra) == ({"title": 3, "published": 6}, {"tags": 4})
    assert item.lines.text == 8


def test_waivers_of_several_lines_are_joined(tmp_path: Path) -> None:
    """A waiver opens a header block like any known key, and no waiver hides another."""
    header = "newsdedup-ignore: ND101 sent twice\nNewsdedup-Ignore: ND105\n"
    (item,) = load_files(tmp_path, {"a.txt": f"{header}\nText.\n"})
    assert isinstance(item, Article)
    assert (item.text, item.extra) == ("Text.", {WAIVER: "ND101 sent twice\nND105"})


KINDS = {
    "link": ("a.txt", b"PK\0\0", Refusal.UNREADABLE),
    "cut short": ("a.txt.gz", None, Refusal.UNREADABLE),
    "utf-16 without its second half": ("a.txt", b"\xff\xfea\0b", Refusal.ENCODING),
    "empty": ("a.txt", b"\n \n", Refusal.EMPTY),
    "empty record": ("a.jsonl", b'{"text": " "}', Refusal.EMPTY),
    "record without a text": ("a.jsonl", b'{"title": "T"}', Refusal.BROKEN),
    "broken record": ("a.jsonl", b'{"text": ', Refusal.BROKEN),
    "line that is no utf-8": ("a.jsonl", b'{"text": "a"}\n' * 20000 + b'{"text": "\xe9"}', Refusal.ENCODING),
}


@pytest.mark.parametrize(("name", "data", "kind"), KINDS.values(), ids=KINDS)
def test_what_is_rejected_has_its_kind(tmp_path: Path, name: str, data: bytes | None, kind: Refusal) -> None:
    """Each kind is a different rule of `check`."""
    items = load_files(tmp_path, {name: "Text." if data is None else data})
    if data is None:
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-6])
        items = load_files(tmp_path, {}, name)
    refused = items[-1]
    assert isinstance(refused, Rejected)
    assert refused.kind is kind
