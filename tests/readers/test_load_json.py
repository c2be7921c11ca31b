"""JSON Lines and JSON documents: field names, values that are not strings, broken records, and where records are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_files import load_files, summarise_items

from newsdedup.models import Article
from newsdedup.readers import resolve_ids
from newsdedup.readers.formats.jsonl import parse_json
from newsdedup.readers.records import FIELD_ALIASES, replace_invalid_chars


def load_one(folder: Path, record: object) -> Article:
    (item,) = load_files(folder, {"a.jsonl": json.dumps(record)})
    assert isinstance(item, Article), item
    return item


@pytest.mark.parametrize(("name", "field"), [(name, field) for field, names in FIELD_ALIASES.items() for name in names])
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_each_name_of_a_field_is_known_in_any_case(tmp_path: Path, name: str, field: str, case: type[str]) -> None:
    values = {"text": "Text."} if field != "text" else {}
    article = load_one(tmp_path, {case(name): "value", **values})
    attribute = {"id": "article_id", "published": "published_raw"}.get(field, field)
    assert getattr(article, attribute) == "value"
    assert article.extra == {}


def test_the_first_text_that_is_not_empty_is_taken() -> None:
    assert FIELD_ALIASES["text"] == ("text", "body", "content")


@pytest.mark.parametrize(
    ("record", "text", "extra"),
    [
        ({"content": "C.", "body": "B.", "text": "T."}, "T.", {"content": "C.", "body": "B."}),
        ({"content": "C.", "body": "B.", "text": " "}, "B.", {"content": "C."}),
        ({"content": "C.", "body": None}, "C.", {}),
    ],
)
def test_of_several_texts_the_first_is_taken_and_the_others_carried(
    tmp_path: Path, record: object, text: str, extra: dict[str, object]
) -> None:
    article = load_one(tmp_path, record)
    assert (article.text, article.extra) == (text, extra)


def test_unknown_fields_are_carried_through(tmp_path: Path) -> None:
    extra = {"Section": "local", "words": 3, "tags": ["a", {"b": None}], "paid": True, "rate": 0.5}
    assert load_one(tmp_path, {"text": "Text.", **extra}).extra == extra


VALUES = {
    "number as id": ({"id": 17}, "article_id", "17"),
    "zero as id": ({"id": 0}, "article_id", "0"),
    "number as title": ({"title": 1984}, "title", "1984"),
    "fraction as title": ({"title": 3.5}, "title", "3.5"),
    "null": ({"title": None}, "title", None),
    "blank": ({"source": "  "}, "source", None),
    "null id": ({"id": None}, "article_id", "a.jsonl"),
    "blank id": ({"id": ""}, "article_id", "a.jsonl"),
    "blanks around": ({"source": " Courier "}, "source", "Courier"),
    "name of an object": ({"source": {"id": 3, "name": "Courier"}}, "source", "Courier"),
    "several authors": ({"author": ["Ann", "Bo"]}, "author", "Ann, Bo"),
    "story_id without id": ({"story_id": "5f"}, "article_id", "5f"),
    "story_id and id": ({"story_id": "5f", "id": "x"}, "article_id", "x"),
    "iso date": ({"published": "2025-04"}, "published", "2025-04"),
    "ambiguous date": ({"published": "03/04/2025"}, "published", None),
    "ambiguous date, raw": ({"published": "03/04/2025"}, "published_raw", "03/04/2025"),
    "epoch": ({"published": 1745660000}, "published", None),
    "epoch, raw": ({"published": 1745660000}, "published_raw", "1745660000"),
    "a year as a number": ({"published": 2025}, "published", None),
    "no boolean": ({"title": True}, "title", None),
    "no boolean, carried": ({"title": True}, "extra", {"title": True}),
}


@pytest.mark.parametrize(("record", "field", "expected"), VALUES.values(), ids=VALUES)
def test_values_become_text_where_they_can(
    tmp_path: Path, record: dict[str, object], field: str, expected: object
) -> None:
    assert getattr(load_one(tmp_path, {"text": "Text.", **record}), field) == expected


REJECTED = {
    "null": ("null", "the record is not an object but null"),
    "array": ('[{"text": "x"}]', "the record is not an object but an array"),
    "string": ('"text"', "the record is not an object but a string"),
    "number": ("5", "the record is not an object but a number"),
    "boolean": ("true", "the record is not an object but a boolean"),
    "no text": ('{"title": "x"}', "no text: none of text, body, content has a value"),
    "empty text": ('{"text": ""}', "no text: none of text, body, content has a value"),
    "invisible text": ('{"text": " \\ufeff\\u200b\\n"}', "no text: none of text, body, content has a value"),
    "NaN text": ('{"text": NaN}', "no text: none of text, body, content has a value"),
    "number as text": ('{"text": 5}', "the text is not a string but a number"),
    "list as text": ('{"text": ["x"]}', "the text is not a string but an array"),
    "object as text": ('{"text": {}}', "the text is not a string but an object"),
    "boolean as text": ('{"text": true}', "the text is not a string but a boolean"),
    "broken": ('{"text": "x"', "broken JSON: EOF while parsing an object at column 12"),
    "two on a line": ('{"text": "x"} {"text": "y"}', "broken JSON: trailing characters at column 15"),
    "raw NUL": ('{"text": "x\x01"}', "broken JSON: control character"),
    "too deep": ('{"text": ' + "[" * 5000, "broken JSON: recursion limit"),
    "too great": ('{"text": 1' + "0" * 5000 + "}", ""),
}


@pytest.mark.parametrize(("line", "reason"), REJECTED.values(), ids=REJECTED)
def test_a_record_that_cannot_be_used_is_rejected_and_the_rest_goes_on(tmp_path: Path, line: str, reason: str) -> None:
    lines = summarise_items(load_files(tmp_path, {"a.jsonl": f'{{"text": "One."}}\n{line}\n{{"text": "Two."}}\n'}))
    assert (lines[0], lines[2]) == ("a.jsonl#1: One.", "a.jsonl#3: Two.")
    assert lines[1].startswith(f"a.jsonl 2 rejected: {reason}")
    assert "\n" not in lines[1]


def test_blank_lines_are_no_records(tmp_path: Path) -> None:
    items = load_files(tmp_path, {"a.jsonl": '\n  \n{"text": "One."}\r\n\t\r\n{"text": "Two."}\n\n'})
    assert summarise_items(items) == ["a.jsonl#1: One.", "a.jsonl#2: Two."]


def test_one_record_is_called_by_its_path(tmp_path: Path) -> None:
    assert summarise_items(load_files(tmp_path, {"a.jsonl": '{"text": "One."}'})) == ["a.jsonl: One."]
    assert summarise_items(load_files(tmp_path, {"a.json": '{"text": "One."}'})) == ["a.json: One."]


def test_a_line_longer_than_a_record_may_be_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    fits = '{"text": "One."}'
    limit = len(fits)
    lines = summarise_items(
        load_files(tmp_path, {"a.jsonl": f"{fits}\n{fits} \n{fits}\n{' ' * 99}{fits}"}, max_record_chars=limit)
    )
    assert [line[:19] for line in lines] == [
        "a.jsonl#1: One.",
        "a.jsonl 2 rejected:",
        "a.jsonl#3: One.",
        "a.jsonl 4 rejected:",
    ]
    assert lines[1].endswith(f"line longer than {limit} characters (max_record_chars)")


ODD = {
    "lone surrogate": (r'{"text": "a\ud800b"}', "a\ufffdb"),
    "lone second half": (r'{"text": "a\udc00b"}', "a\ufffdb"),
    "pair": (r'{"text": "a\ud83d\ude00b"}', "a\U0001f600b"),
    "lone beside a pair": (r'{"text": "\ud83d\ud83d\ude00"}', "\ufffd\U0001f600"),
    "an escaped backslash before it": (r'{"text": "a\\ud800b"}', r"a\ud800b"),
    "both": (r'{"text": "\\ud800\ud800"}', "\\ud800\ufffd"),
    "NUL": (r'{"text": "a\u0000b"}', "a\ufffdb"),
}


@pytest.mark.parametrize(("line", "text"), ODD.values(), ids=ODD)
def test_text_can_always_be_written_as_utf_8(tmp_path: Path, line: str, text: str) -> None:
    (item,) = load_files(tmp_path, {"a.jsonl": line})
    assert isinstance(item, Article)
    assert item.text == text
    item.text.encode()


def test_what_is_carried_can_be_written_as_json(tmp_path: Path) -> None:
    (item,) = load_files(tmp_path, {"a.jsonl": r'{"text": "x", "a\ud800": ["\ud800", {"b": NaN}], "c": -Infinity}'})
    assert isinstance(item, Article)
    assert item.extra == {"a\ufffd": ["\ufffd", {"b": None}], "c": None}


@given(st.text(st.characters(categories=["Lu", "Cs", "Cc"])))
def test_clean_text_encodes_and_keeps_what_was_clean(text: str) -> None:
    cleaned = replace_invalid_chars(text)
    cleaned.encode()
    assert "\0" not in cleaned
    if "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert cleaned == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_json_is_parsed_as_the_standard_library_does_but_for_lone_surrogates(value: object) -> None:
    assert parse_json(json.dumps(value)) == value


DOCUMENTS = {
    "array": '[{"text": "One."}, {"text": "Two."}]',
    "pretty array": '[\n  {"text": "One."},\n  {"text": "Two."}\n]',
    "stories": '{"schema_version": "1", "stories": [{"text": "One."}, {"text": "Two."}], "rejected": []}',
    "articles": '{"status": "ok", "articles": [{"text": "One."}, {"text": "Two."}]}',
    "items": '{"items": [{"text": "One."}, {"text": "Two."}]}',
    "data, in capitals": '{"DATA": [{"text": "One."}, {"text": "Two."}]}',
    "results": '{"results": [{"text": "One."}, {"text": "Two."}]}',
    "json lines by the wrong name": '{"text": "One."}\n\n{"text": "Two."}\n',
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_the_records_of_a_document_are_found(tmp_path: Path, document: str, name: str) -> None:
    assert summarise_items(load_files(tmp_path, {name: document})) == [f"{name}#1: One.", f"{name}#2: Two."]


def test_an_object_with_a_text_is_one_record_whatever_lists_it_holds(tmp_path: Path) -> None:
    (item,) = load_files(tmp_path, {"a.json": '{"text": "One.", "items": [{"text": "Two."}]}'})
    assert isinstance(item, Article)
    assert (item.article_id, item.text) == ("a.json", "One.")


BROKEN = {
    "empty": ("", "empty file"),
    "white space": (" \n ", "empty file"),
    "broken": ('[{"text": "x"},', "broken JSON: EOF while parsing a value at line 1 column 15"),
    "no records": ("[]", "empty: the document contains no records"),
    "no stories": ('{"stories": []}', "empty: the document contains no records"),
    "a number": ("5", "the record is not an object but a number"),
    "no text": ('{"title": "x"}', "no text: none of text, body, content has a value"),
}


@pytest.mark.parametrize(("document", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_document_without_records_is_rejected_once(tmp_path: Path, document: str, reason: str) -> None:
    assert summarise_items(load_files(tmp_path, {"a.json": document})) == [f"a.json 1 rejected: {reason}"]


def test_json_lines_by_the_wrong_name_keep_what_can_be_used(tmp_path: Path) -> None:
    lines = summarise_items(load_files(tmp_path, {"a.json": '{"text": "One."}\n{"text": \n{"text": "Two."}\n'}))
    assert [line.split(":")[0] for line in lines] == ["a.json#1", "a.json 2 rejected", "a.json#3"]


def test_our_own_output_is_read_again_under_the_ids_of_its_stories(tmp_path: Path) -> None:
    stories: list[dict[str, object]] = [
        {"story_id": "5f0c", "title": "A", "published": "2025-04-26", "text": "One.", "variants": [], "language": None},
        {"story_id": "6a1d", "title": None, "published": None, "text": "Two.", "variants": [], "language": "en"},
    ]
    as_json = load_files(tmp_path, {"a.json": json.dumps({"stories": stories})})
    as_lines = load_files(tmp_path, {"a.jsonl": "\n".join(map(json.dumps, stories))})
    assert summarise_items(as_json) == summarise_items(as_lines) == ["5f0c: One.", "6a1d: Two."]
    assert len(resolve_ids(as_json + as_lines).articles) == 2
