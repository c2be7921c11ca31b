"""Articles, reports and stories as records: everything that was packed is unpacked, whatever characters it has."""

from __future__ import annotations

import json
import math
from collections import ChainMap, UserDict, UserList, UserString
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import article
from newsdedup import dedupe
from newsdedup.clean import clean
from newsdedup.config import Config
from newsdedup.engine.codec import (
    pack_article,
    pack_record,
    pack_report,
    pack_story,
    rename_report,
    unpack_article,
    unpack_report,
    unpack_story,
)
from newsdedup.engine.story_builder import build_lone_story
from newsdedup.models import Article, Lines, Report
from untidy_pages import labelled_articles


def odd_article() -> Article:
    """Return an article with a value in every field, and half a surrogate pair in its title."""
    return article(
        "odd",
        "PARIS, March 3 (Reuters) - The ferry sailed at noon, the port said.\n\nRead more: all ferries\n\nIt sank.",
        title="Ferry \ud800 sails",
        extra={"tags": ["a", {"b": None}], "n": 1.5},
        version_of="even",
        lines=Lines(first=7, text=9, header={"title": 8}, extra={"Tags": 8}),
    )


def without_text(report: Report) -> Report:
    """Return a report as its record has it: its article has no text."""
    return replace(report, article=replace(report.article, text=""))


def test_all_fields_are_restored() -> None:
    """Of articles and of reports, except for the text as loaded of a report's article."""
    for original in [odd_article(), *labelled_articles().values()]:
        assert unpack_article(pack_article(original)) == original
        report = clean(original)
        assert unpack_report(pack_report(report)) == without_text(report)


def test_a_record_of_both_holds_the_article_as_it_was_loaded() -> None:
    """The report gets the id that the corpus gives its article."""
    original = odd_article()
    report = clean(original)
    renamed = rename_report(report, "odd~1", "odd")
    record = pack_record(original, renamed)
    assert unpack_article(record) == original
    assert rename_report(unpack_report(record), "odd~1", "odd") == renamed


def test_stories_are_restored() -> None:
    story = build_lone_story(clean(odd_article())).model_copy(update={"story_id": "0" * 16})
    assert unpack_story(pack_story(story)) == story


# Any code point, lone surrogates included, which UTF-8 cannot encode.
texts = st.text(st.characters(exclude_categories=()), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(texts, values, max_size=3),
    max_leaves=8,
)


@given(text=texts, title=st.none() | texts, extra=st.dictionaries(texts, json_values, max_size=4))
def test_any_text_and_json_value_is_restored(text: str, title: str | None, extra: Mapping[str, object]) -> None:
    """Also half a surrogate pair, NUL, and numbers of any size, with their types."""
    original = replace(article("a", "The ferry sailed.", title="Ferry"), text=text, title=title, extra=extra)
    restored = unpack_article(pack_article(original))
    assert restored == original
    assert repr(restored.extra) == repr(original.extra)  # 1, 1.0 and True are equal


@given(paragraphs=st.lists(st.lists(texts, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple), name=texts)
def test_any_report_is_restored(paragraphs: tuple[tuple[str, ...], ...], name: str) -> None:
    """With lone surrogates in its sentences and in the id of its article."""
    report = clean(article("a", "The ferry sailed."))
    report = replace(report, paragraphs=paragraphs, byline=name, article=replace(report.article, article_id=name))
    assert unpack_report(pack_report(report)) == without_text(report)


@pytest.mark.parametrize("title", ["Ferry", "Ferry \ud800"], ids=["utf-8", "surrogate"])
def test_numbers_that_json_lacks_are_restored(title: str) -> None:
    """NaN and infinities, in both ways of encoding."""
    original = article("a", "It rained.", title=title, extra={"nan": math.nan, "infinite": [math.inf, -math.inf]})
    restored = unpack_article(pack_article(original)).extra
    assert math.isnan(float(str(restored["nan"])))
    assert isinstance(restored["nan"], float)
    assert restored["infinite"] == [math.inf, -math.inf]


class Opaque:
    """A value that has no form in JSON."""

    def __str__(self) -> str:
        return "opaque"


NOT_JSON: dict[str, tuple[object, object]] = {
    "date": (date(2026, 3, 1), "2026-03-01"),
    "time": (datetime(2026, 3, 1, 8, tzinfo=UTC), "2026-03-01T08:00:00Z"),
    "decimal": (Decimal("1.50"), "1.50"),
    "tuple": ((1, 2), [1, 2]),
    "set": ({1}, [1]),
    "bytes": (b"ab", "ab"),
    "other bytes": (b"a\xff", "a\udcff"),
    "object": (Opaque(), "opaque"),
    "object in a list": ([Opaque(), {"a": Opaque()}], ["opaque", {"a": "opaque"}]),
    "numbers as keys": ({1: 2, 1.5: 3}, {"1": 2, "1.5": 3}),
    "bytearray": (bytearray(b"a\xff"), "a\udcff"),
    "UserDict": (UserDict({"a": UserDict({1: Opaque()})}), {"a": {"1": "opaque"}}),
    "ChainMap": (ChainMap[str, object]({"a": UserList()}, {"a": 2}), {"a": []}),
    "UserList": (UserList([1, UserList([{"\ud800": b"\xff"}])]), [1, [{"\ud800": "\udcff"}]]),
    "UserString": (UserString("ab"), "ab"),
    "view": (UserDict(a=1).keys(), ["a"]),
    "range": (range(3), [0, 1, 2]),
    "numpy integer": ([np.int64(3), np.uint8(255)], [3, 255]),
    "numpy float": ([np.float64(1.5), np.float32(0.25)], [1.5, 0.25]),
    "numpy bool": ({"a": np.True_}, {"a": True}),
    "long double": (np.longdouble(1.5), "1.5"),
    "numpy date": (np.datetime64("2026-03-01T08:00", "ns"), "2026-03-01T08:00:00.000000000"),
    "numpy duration": (np.timedelta64(3, "ns"), "3 nanoseconds"),
}


@pytest.mark.parametrize("title", ["Ferry", "Ferry \ud800"], ids=["utf-8", "surrogate"])
@pytest.mark.parametrize(("value", "expected"), NOT_JSON.values(), ids=NOT_JSON)
def test_other_values_become_text(title: str, value: object, expected: object) -> None:
    """`extra` of an article built in code may hold anything; the run goes on with what JSON can say of it."""
    original = article("a", "It rained.", title=title, extra={"value": value})
    restored = unpack_article(pack_article(original))
    assert restored.extra == {"value": expected}
    assert repr(restored.extra) == repr({"value": expected})  # 1, 1.0 and True are equal
    assert unpack_report(pack_report(clean(original))).article.extra == {"value": expected}


@pytest.mark.parametrize("title", ["Ferry", "Ferry \ud800"], ids=["utf-8", "surrogate"])
@pytest.mark.parametrize(
    "extra", [UserDict({"desk": "night"}), ChainMap({"desk": "night"}), MappingProxyType({"desk": "night"})], ids=repr
)
def test_extra_may_be_any_mapping(title: str, extra: Mapping[str, object]) -> None:
    """It is a dictionary afterwards."""
    original = article("a", "It rained.", title=title, extra=extra)
    assert unpack_article(pack_article(original)).extra == {"desk": "night"}
    (story,) = dedupe([original], Config(workers=1)).stories
    assert story.variants[0].extra == {"desk": "night"}


def test_deeply_nested_values_are_restored() -> None:
    """Deeper than the fast encoder and decoder go."""
    nested = json.loads("[" * 400 + "]" * 400)
    original = article("a", "It rained.", extra={"nested": nested})
    assert unpack_article(pack_article(original)) == original


@pytest.mark.parametrize("record", [b"", b"{", b"\xff", b"[[1]"])
def test_what_is_not_a_record_is_a_value_error(record: bytes) -> None:
    for unpack in (unpack_article, unpack_report):
        with pytest.raises(ValueError, match=r"."):
            unpack(record)
