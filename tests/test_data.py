"""The labelled sets of our own: every label names two articles, says one thing, and no case is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from builders import records
from newsdedup.text import is_iso_date, normalise_whitespace

SETS = {"labelled": "own", "wire": "wire"}
DUPLICATE = {"reprint", "abridged", "update", "rewrite"}
OTHER = {"same_event", "related", "different"}
LANGUAGES = ("ar", "de", "es", "fr", "hi", "id", "ja", "ko", "ru", "th", "vi", "zh")
RETOLD = ("ar", "de", "es", "ja", "ru", "zh")


def roles(rows: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """Return which kinds of article each event or language has, read off the ids (`flood-update`, `de-cut`)."""
    found: dict[str, set[str]] = {}
    for row in rows:
        family, _, role = row["id"].rpartition("-")
        found.setdefault(family, set()).add(role)
    return found


@pytest.mark.parametrize("name", SETS)
def test_articles_are_whole(name: str) -> None:
    """An id of its own, a title, a source and a text of its own; a date, where there is one, is ISO."""
    rows = records(f"{name}.jsonl")
    for key in ("id", "title", "text"):
        assert max(Counter(normalise_whitespace(row[key]) for row in rows).values()) == 1, key
    for row in rows:
        assert set(row) <= {"id", "title", "text", "source", "published"}, row["id"]
        assert all(row[key].strip() for key in ("id", "title", "text", "source")), row["id"]
        assert "published" not in row or is_iso_date(row["published"]), row["id"]


@pytest.mark.parametrize("name", SETS)
def test_pairs_name_articles_and_agree_with_themselves(name: str) -> None:
    """Both ends exist and differ, no pair is labelled twice, and the relation says what `duplicate` says."""
    ids = {row["id"] for row in records(f"{name}.jsonl")}
    pairs = records(f"{name}_pairs.jsonl")
    for pair in pairs:
        assert set(pair) == {"a", "b", "duplicate", "relation", "set"}
        assert {pair["a"], pair["b"]} <= ids, pair
        assert pair["a"] != pair["b"], pair
        assert set(pair["relation"].split("|")) <= (DUPLICATE if pair["duplicate"] else OTHER), pair
        assert pair["set"] == SETS[name], pair
    assert max(Counter(frozenset((pair["a"], pair["b"])) for pair in pairs).values()) == 1
    assert {name for pair in pairs for name in (pair["a"], pair["b"])} == ids, "an article in no pair"


@pytest.mark.parametrize("name", SETS)
def test_duplicates_of_one_article_are_duplicates(name: str) -> None:
    """Labels hold together: no chain of labelled duplicates joins two articles that are labelled apart."""
    home = {row["id"]: row["id"] for row in records(f"{name}.jsonl")}
    pairs = records(f"{name}_pairs.jsonl")
    for pair in pairs:
        if pair["duplicate"]:
            one, other = home[pair["a"]], home[pair["b"]]
            home = {key: one if value == other else value for key, value in home.items()}
    assert not [pair for pair in pairs if not pair["duplicate"] and home[pair["a"]] == home[pair["b"]]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_cases(language: str) -> None:
    """A report, its reprint, its cut and a look-alike; six also two rewrites and a separate report."""
    found = roles(records("labelled.jsonl"))[language]
    wanted = {"report", "reprint", "cut", "sibling"} | ({"rewrite", "retold", "event"} if language in RETOLD else set())
    assert found == wanted


def test_every_pair_of_a_language_is_labelled() -> None:
    """All that can be asked about a language's articles is answered."""
    labelled = {frozenset((pair["a"], pair["b"])) for pair in records("labelled_pairs.jsonl")}
    for language in LANGUAGES:
        ids = sorted(row["id"] for row in records("labelled.jsonl") if row["id"].startswith(f"{language}-"))
        assert not [(a, b) for a in ids for b in ids if a < b and frozenset((a, b)) not in labelled]


def test_every_event_of_the_wire_has_its_cases() -> None:
    """An agency report of real length, rewrites close and free, and separate reports; half have edits and cuts."""
    rows = records("wire.jsonl")
    found = roles(rows)
    assert len(found) == 16
    for event, kinds in found.items():
        assert {"agency", "rewrite", "retold", "separate", "rival"} <= kinds, event
    count = Counter(kind for kinds in found.values() for kind in kinds)
    assert all(count[kind] >= 7 for kind in ("update", "abridged", "reprint", "recast", "desk"))
    assert count["sibling"] >= 4
    assert all(250 <= len(row["text"].split()) <= 600 for row in rows if row["id"].endswith("-agency"))
    assert any("published" not in row for row in rows)
