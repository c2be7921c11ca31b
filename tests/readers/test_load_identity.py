"""Identity: same article, version of an article, or only the same id. The order of the input never matters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_files import load_files

from newsdedup.models import Article, Loaded, Rejected, Skipped
from newsdedup.readers import resolve_ids
from newsdedup.readers.identity import HASH_DIGITS


def article(article_id: str, content: str, path: str = "a.jsonl", record: int = 1, **fields: str | None) -> Article:
    """Return an article whose content hash is `content` padded with zeros."""
    values: dict[str, str | None] = {"source": None, "published": None, **fields}
    return Article(
        article_id=article_id,
        path=path,
        record=record,
        text=content,
        content_hash=content.ljust(32, "0"),
        source=values["source"],
        published=values["published"],
    )


def resolved_ids(*items: Loaded) -> list[tuple[str, str | None]]:
    """Return the id and `version_of` of each resolved article, in order of content hash."""
    return [(item.article_id, item.version_of) for item in resolve_ids(items).articles]


def test_equal_ids_with_the_same_content_are_one_article() -> None:
    resolved = resolve_ids(
        [
            article("x", "aa", "b.jsonl", 1),
            article("x", "aa", "a.jsonl", 2, source="Courier"),
            article("x", "aa", "a.jsonl", 3),
        ]
    )
    assert [(item.path, item.record) for item in resolved.articles] == [("a.jsonl", 2)]
    assert (resolved.repeated, resolved.warnings) == (2, ())


def test_the_same_content_under_other_ids_is_two_articles() -> None:
    assert resolved_ids(article("x", "aa"), article("y", "aa")) == [("x", None), ("y", None)]


DATES = {
    "the later date": ("2025-04-26", "2025-04-27", "second"),
    "the later date, smaller hash": ("2025-04-27", "2025-04-26", "first"),
    "the later time, by zone": ("2025-04-26T10:00:00-05:00", "2025-04-26T12:00:00+00:00", "first"),
    "a later year beats a date": ("2026", "2025-12-31", "first"),
    "no dates: the higher hash": (None, None, "second"),
    "one date unknown: the higher hash": ("2025-04-26", None, "second"),
    "the same date: the higher hash": ("2025-04-26", "2025-04-26", "second"),
    "a date within a month: the higher hash": ("2025-04-30", "2025-04", "second"),
}


@pytest.mark.parametrize("origin", [{"source": "Courier"}, {"source": None}], ids=["source", "path"])
@pytest.mark.parametrize(("first", "second", "latest"), DATES.values(), ids=DATES)
def test_other_content_of_one_origin_is_a_version_and_the_latest_keeps_the_id(
    origin: dict[str, str | None], first: str | None, second: str | None, latest: str
) -> None:
    second_path = "b.jsonl" if origin["source"] else "a.jsonl"
    resolved = resolve_ids(
        [
            article("x", "aabbccdd", source=origin["source"], published=first),
            article("x", "bb", second_path, 2, source=origin["source"], published=second),
        ]
    )
    expected = [("x~aabbcc", "x"), ("x", None)] if latest == "second" else [("x", None), ("x~bb0000", "x")]
    assert [(item.article_id, item.version_of) for item in resolved.articles] == expected
    assert (resolved.warnings, resolved.repeated) == ((), 0)


def test_every_earlier_version_is_a_version_of_the_latest() -> None:
    versions = [article("x", f"{i}{i}", record=i, published=f"2025-04-0{i}") for i in (1, 2, 3)]
    assert resolved_ids(*versions) == [("x~110000", "x"), ("x~220000", "x"), ("x", None)]


def test_a_version_unknown_in_time_does_not_hide_that_another_is_outdated() -> None:
    """The one of three with the highest hash is earlier than another, so it cannot keep the id."""
    versions = [
        article("x", "cc", record=1, published="2025-04-01"),
        article("x", "bb", record=2),
        article("x", "aa", record=3, published="2025-04-02"),
    ]
    assert resolved_ids(*versions) == [("x~aa0000", "x"), ("x", None), ("x~cc0000", "x")]


def test_other_content_of_another_origin_is_renamed_with_a_warning() -> None:
    resolved = resolve_ids(
        [article("x", "bb", "b.jsonl", source="Herald"), article("x", "aa", "a.jsonl", source="Courier")]
    )
    assert [(item.article_id, item.version_of) for item in resolved.articles] == [("x", None), ("x~bb0000", None)]
    (warning,) = resolved.warnings
    for part in ("'x'", "a.jsonl (source Courier)", "b.jsonl (source Herald)"):
        assert part in warning
    assert "\n" not in warning


ORIGINS = {
    "two sources in one file": (("Courier", "a"), ("Herald", "a"), 1),
    "one source in two files": (("Courier", "a"), ("COURIER ", "b"), 0),
    "two files without a source": ((None, "a"), (None, "b"), 1),
    "one file without a source": ((None, "a"), (None, "a"), 0),
    "a source and none in one file": (("Courier", "a"), (None, "a"), 0),
    "a source and none in two files": (("Courier", "a"), (None, "b"), 1),
}


@pytest.mark.parametrize(("origin_a", "origin_b", "warnings"), ORIGINS.values(), ids=ORIGINS)
def test_the_origin_is_the_source_else_the_path(
    origin_a: tuple[str | None, str], origin_b: tuple[str | None, str], warnings: int
) -> None:
    pair = [article("x", f"{i}", path, i, source=source) for i, (source, path) in enumerate((origin_a, origin_b))]
    resolved = resolve_ids(pair)
    assert len(resolved.warnings) == warnings
    assert len(resolved.articles) == 2


def test_another_origin_keeps_no_versions_but_articles() -> None:
    """Articles that do not own the id are not versions of its owner."""
    resolved = resolve_ids(
        [
            article("x", "aa", "a.jsonl"),
            article("x", "bb", "b.jsonl", 1, published="2025-01-01"),
            article("x", "cc", "b.jsonl", 2, published="2025-01-02"),
            article("x", "dd", "c.jsonl"),
        ]
    )
    assert [(item.article_id, item.version_of) for item in resolved.articles] == [
        ("x", None),
        ("x~bb0000", None),
        ("x~cc0000", None),
        ("x~dd0000", None),
    ]
    assert len(resolved.warnings) == 2


def test_a_url_never_decides_identity() -> None:
    first, second = (replace(article(name, name * 2), url="http://x.test/") for name in ("a", "b"))
    assert resolved_ids(first, second) == [("a", None), ("b", None)]


def test_digits_that_collide_are_lengthened() -> None:
    existing = [article("x~abcdef", "00", "z.jsonl"), article("x", "01", "a.jsonl")]
    assert resolved_ids(*existing, article("x", "abcdef12", "b.jsonl"))[2] == ("x~abcdef1", None)
    colliding = [article("x", "abcdef12", "b.jsonl"), article("x", "abcdef34", "c.jsonl")]
    assert resolved_ids(existing[1], *colliding) == [("x", None), ("x~abcdef", None), ("x~abcdef3", None)]


def test_digits_never_run_out() -> None:
    content = "abcdef" + "1" * 26
    existing = [article(f"x~{(content * 2)[:n]}", "00", "z.jsonl") for n in range(HASH_DIGITS, 40)]
    resolved = resolve_ids([*existing, article("x", "01", "a.jsonl"), article("x", content, "b.jsonl")])
    assert f"x~{(content * 2)[:40]}" in {item.article_id for item in resolved.articles}


def test_rejected_and_skipped_are_sorted_and_counted() -> None:
    rejected = [Rejected(path=path, record=record, reason="r") for path, record in (("b", 1), ("a", 10), ("a", 2))]
    resolved = resolve_ids([*rejected, Skipped("c.md", ".md file"), Skipped("d.md", ".md file")])
    assert [(item.path, item.record) for item in resolved.rejected] == [("a", 2), ("a", 10), ("b", 1)]
    assert resolved.skipped == 2


ARTICLES = st.builds(
    article,
    st.sampled_from(["x", "y", "x~aa0000"]),
    st.sampled_from(["aa", "ab", "bb", "cc"]),
    st.sampled_from(["a.jsonl", "b.jsonl"]),
    st.integers(1, 3),
    source=st.sampled_from([None, "Courier", "courier", "Herald"]),
    published=st.sampled_from([None, "2025", "2025-04", "2025-04-26", "2025-04-26T10:00:00+02:00", "2025-04-26T09:00"]),
)
ITEMS = st.lists(
    st.one_of(
        ARTICLES,
        st.builds(Rejected, path=st.sampled_from("ab"), record=st.integers(1, 2), reason=st.sampled_from("rs")),
        st.builds(Skipped, st.just("c.md"), st.just(".md file")),
    ),
    max_size=12,
)


@given(ITEMS, st.randoms())
def test_the_order_of_the_items_changes_nothing(items: list[Loaded], random: Random) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert resolve_ids(shuffled) == resolve_ids(items)


@given(ITEMS)
def test_every_record_is_an_article_repeated_or_rejected(items: list[Loaded]) -> None:
    resolved = resolve_ids(items)
    records = sum(not isinstance(item, Skipped) for item in items)
    assert records == len(resolved.articles) + resolved.repeated + len(resolved.rejected)
    names = [item.article_id for item in resolved.articles]
    assert len(set(names)) == len(names)
    keys = [(item.content_hash, item.article_id, item.path, item.record) for item in resolved.articles]
    assert keys == sorted(keys)
    ours = {(a.article_id, a.content_hash) for a in items if isinstance(a, Article)}
    assert len(ours) == len(resolved.articles)
    assert {a.article_id for a in items if isinstance(a, Article)} <= set(names)
    assert all(item.version_of in names for item in resolved.articles if item.version_of)


def test_records_of_one_file_without_ids_never_collide(tmp_path: Path) -> None:
    resolved = resolve_ids(load_files(tmp_path, {"a.jsonl": '{"text": "Same."}\n' * 3}))
    assert [item.article_id for item in resolved.articles] == ["a.jsonl#1", "a.jsonl#2", "a.jsonl#3"]
    assert resolved.repeated == 0
