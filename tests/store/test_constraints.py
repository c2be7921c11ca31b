"""Decisions of a person hold when articles come or go, and until a later decision."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_partition import batch_partition, export_stories, stored_partition

from builders import article
from newsdedup.config import Config
from newsdedup.errors import StoreError
from newsdedup.models import Article
from newsdedup.store import Store
from untidy_pages import CHAIRS, KILN, labelled_articles

ONE = Config(workers=1)
SEATS = "\n\n".join(CHAIRS)
OTHER = max((each.text for each in labelled_articles("wire").values()), key=len)


def make_pages() -> list[Article]:
    """Return two copies of one report, and two others."""
    return [
        article("a", SEATS, title="Seats of nets for Port Elsing"),
        article("b", SEATS + "\n\nNobody was hurt.", title="Port Elsing seats are made of nets"),
        article("r", "\n\n".join(KILN), title="The kiln"),
        article("q", OTHER, title="Another"),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with Store(tmp_path / "s.db", ONE) as opened:
        opened.ingest(make_pages())
        assert story_partition(opened) == {frozenset("ab"), frozenset("r"), frozenset("q")}
    return Store(tmp_path / "s.db", ONE)


def story_partition(store: Store) -> set[frozenset[str]]:
    return stored_partition(store.path)


def story_of(store: Store, article_id: str) -> str:
    return store.explain(article_id).story_id


@pytest.mark.parametrize("forgotten", ["a", "b", "r"])
def test_a_join_outlives_any_of_its_articles(store: Store, forgotten: str) -> None:
    with store:
        store.join(story_of(store, "a"), story_of(store, "r"))
        assert story_partition(store) == {frozenset("abr"), frozenset("q")}
        store.forget([forgotten])
        assert story_partition(store) == {frozenset("abr") - {forgotten}, frozenset("q")}
        store.rebuild()
        assert story_partition(store) == {frozenset("abr") - {forgotten}, frozenset("q")}
        assert store.verify().problems == ()


def test_a_split_from_a_joined_story_leaves_the_other_articles_joined(store: Store) -> None:
    with store:
        store.join(story_of(store, "a"), story_of(store, "r"))
        store.split(story_of(store, "a"), ["a"])
        assert story_partition(store) == {frozenset("a"), frozenset("br"), frozenset("q")}


def test_the_last_decision_that_is_not_undone_wins(store: Store) -> None:
    """Undoing an earlier decision does not change it."""
    with store:
        store.split(story_of(store, "a"), ["b"])
        store.join(story_of(store, "a"), story_of(store, "b"))
        store.split(story_of(store, "a"), ["b"])
        store.join(story_of(store, "a"), story_of(store, "b"))
        store.undo(2)
        assert frozenset("ab") in story_partition(store)
        store.undo(4)
        assert frozenset("ab") not in story_partition(store)
        store.undo(3)
        store.undo(1)
        assert frozenset("ab") in story_partition(store)


def test_copies_stay_together_when_one_is_split_off(tmp_path: Path) -> None:
    """Even if they share no 3-gram that could pair them."""
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article(name, "No change.", title="Rain") for name in "xyz"])
        assert story_partition(store) == {frozenset("xyz")}
        store.split(story_of(store, "x"), ["x"])
        assert story_partition(store) == {frozenset("x"), frozenset("yz")}


def test_the_first_of_a_text_can_be_forgotten(tmp_path: Path) -> None:
    """Then the next one, when no copy is left."""
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article("x", SEATS), article("y", SEATS)])
        store.forget(["x"])
        store.forget(["y"])
        assert story_partition(store) == set()


def test_before_a_date_means_certainly_before_it(tmp_path: Path) -> None:
    dates = ["2026-01-31T10:00:00Z", "2026-01", "2026-02-01", "2026-01-30", "2025", None]
    texts = [CHAIRS[0], KILN[0], CHAIRS[2], KILN[2], CHAIRS[3], KILN[3]]
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article(str(date), text, published=date) for date, text in zip(dates, texts, strict=True)])
        store.forget(before="2026-01-31")
        remaining = {variant.article_id for story in export_stories(store) for variant in story.variants}
        assert remaining == {"2026-01-31T10:00:00Z", "2026-01", "2026-02-01", "None"}
        with pytest.raises(StoreError, match="--source is empty"):
            store.forget(source=" ")


def test_versions_are_scored_in_any_order_without_shared_shingles(tmp_path: Path) -> None:
    """An older version with the text of a stored article, which is then forgotten."""
    stored_copy = article("h", SEATS, title="Seats")
    latest = article("s", "\n\n".join(KILN), title="Kiln", source="x", published="2026-02-02")
    older = article("s", SEATS, title="Seats", source="x", published="2026-02-01")
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([stored_copy, latest])
        store.ingest([older])
        assert story_partition(store) == batch_partition([stored_copy, latest, older])
        assert store.stats().pairs == 1
        (name,) = (v.article_id for s in export_stories(store) for v in s.variants if v.version_of)
        store.forget([name])
        assert store.stats().pairs == 0
        assert story_partition(store) == batch_partition([stored_copy, latest])


@pytest.mark.parametrize("ids", [("a", "empty"), ("empty", "a")])
def test_an_article_without_a_report_can_be_joined(tmp_path: Path, ids: tuple[str, str]) -> None:
    """Cleaning leaves nothing of a page of buttons; it is a variant of the story that it was joined with."""
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([*make_pages()[:2], article("empty", "Share\n\nRead more", title="Port Elsing", source="Echo")])
        (joined,) = store.join(*(story_of(store, article_id) for article_id in ids)).stories
        assert {variant.article_id for variant in joined.variants} == {"a", "b", "empty"}
        assert CHAIRS[3] in joined.text
        (exported,) = export_stories(store)
        assert (exported.text, exported.variants) == (joined.text, joined.variants)
        store.ingest([article("c", SEATS + "\n\nThe bolts are steel.", title="Seats of nets")])
        assert story_partition(store) == {frozenset(["a", "b", "c", "empty"])}
        assert store.verify().problems == ()
        store.rebuild()
        assert story_partition(store) == {frozenset(["a", "b", "c", "empty"])}


@pytest.mark.parametrize("known_again", [False, True])
def test_the_last_articles_may_be_forgotten(store: Store, *, known_again: bool) -> None:
    """No slot is reused, whatever is forgotten next."""
    last_articles = [article("x", OTHER.upper()), article("y", OTHER.swapcase())]
    with store:
        store.forget(["q"])
        if known_again:
            store.ingest(make_pages()[:1])
        for page in last_articles:
            store.ingest([page])
        store.forget(["y"])
        store.forget(["r"])
        store.ingest(make_pages())
        store.rebuild()
        store.ingest(last_articles)
        assert store.verify().problems == ()
        assert story_partition(store) == batch_partition([*make_pages(), *last_articles])
