"""What a person decided, over what comes, goes and is decided later."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_partition import at_once, export, stored

from builders import article
from newsdedup.config import Config
from newsdedup.errors import StoreError
from newsdedup.models import Article
from newsdedup.store import Store
from untidy_pages import CHAIRS, KILN, labelled_articles

ONE = Config(workers=1)
SEATS = "\n\n".join(CHAIRS)
OTHER = max((each.text for each in labelled_articles("wire").values()), key=len)


def pages() -> list[Article]:
    """Return two copies of one report, and two others."""
    return [
        article("a", SEATS, title="Seats of nets for Port Elsing"),
        article("b", SEATS + "\n\nNobody was hurt.", title="Port Elsing seats are made of nets"),
        article("r", "\n\n".join(KILN), title="The kiln"),
        article("q", OTHER, title="Another"),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with Store(tmp_path / "s.db", ONE) as made:
        made.ingest(pages())
        assert parts(made) == {frozenset("ab"), frozenset("r"), frozenset("q")}
    return Store(tmp_path / "s.db", ONE)


def parts(store: Store) -> set[frozenset[str]]:
    return stored(store.path)


def home(store: Store, article_id: str) -> str:
    return store.explain(article_id).story_id


@pytest.mark.parametrize("gone", ["a", "b", "r"])
def test_a_join_outlives_any_of_its_articles(store: Store, gone: str) -> None:
    with store:
        store.join(home(store, "a"), home(store, "r"))
        assert parts(store) == {frozenset("abr"), frozenset("q")}
        store.forget([gone])
        assert parts(store) == {frozenset("abr") - {gone}, frozenset("q")}
        store.rebuild()
        assert parts(store) == {frozenset("abr") - {gone}, frozenset("q")}
        assert store.verify().problems == ()


def test_whoever_leaves_a_joined_story_leaves_the_rest_joined(store: Store) -> None:
    with store:
        store.join(home(store, "a"), home(store, "r"))
        store.split(home(store, "a"), ["a"])
        assert parts(store) == {frozenset("a"), frozenset("br"), frozenset("q")}


def test_the_last_decision_that_stands_holds(store: Store) -> None:
    """Whatever is undone before it."""
    with store:
        store.split(home(store, "a"), ["b"])
        store.join(home(store, "a"), home(store, "b"))
        store.split(home(store, "a"), ["b"])
        store.join(home(store, "a"), home(store, "b"))
        store.undo(2)
        assert frozenset("ab") in parts(store)
        store.undo(4)
        assert frozenset("ab") not in parts(store)
        store.undo(3)
        store.undo(1)
        assert frozenset("ab") in parts(store)


def test_copies_stay_copies_of_each_other_when_one_is_parted(tmp_path: Path) -> None:
    """Also where they share no 3-gram that could pair them."""
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article(name, "No change.", title="Rain") for name in "xyz"])
        assert parts(store) == {frozenset("xyz")}
        store.split(home(store, "x"), ["x"])
        assert parts(store) == {frozenset("x"), frozenset("yz")}


def test_the_first_of_a_text_can_be_forgotten(tmp_path: Path) -> None:
    """Though no other first is left."""
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article("x", SEATS), article("y", SEATS)])
        store.forget(["x"])
        store.forget(["y"])
        assert parts(store) == set()


def test_before_a_date_is_what_was_over_by_then(tmp_path: Path) -> None:
    dates = ["2026-01-31T10:00:00Z", "2026-01", "2026-02-01", "2026-01-30", "2025", None]
    texts = [CHAIRS[0], KILN[0], CHAIRS[2], KILN[2], CHAIRS[3], KILN[3]]
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article(str(date), text, published=date) for date, text in zip(dates, texts, strict=True)])
        store.forget(before="2026-01-31")
        left = {variant.article_id for story in export(store) for variant in story.variants}
        assert left == {"2026-01-31T10:00:00Z", "2026-01", "2026-02-01", "None"}
        with pytest.raises(StoreError, match="names nobody"):
            store.forget(source=" ")


def test_versions_are_scored_whatever_they_share_in_any_order(tmp_path: Path) -> None:
    """An older version whose text a known article has; and forgotten again."""
    known = article("h", SEATS, title="Seats")
    latest = article("s", "\n\n".join(KILN), title="Kiln", source="x", published="2026-02-02")
    older = article("s", SEATS, title="Seats", source="x", published="2026-02-01")
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([known, latest])
        store.ingest([older])
        assert parts(store) == at_once([known, latest, older])
        assert store.stats().pairs == 1
        (name,) = (v.article_id for s in export(store) for v in s.variants if v.version_of)
        store.forget([name])
        assert store.stats().pairs == 0
        assert parts(store) == at_once([known, latest])


@pytest.mark.parametrize("known_again", [False, True])
def test_whoever_came_last_may_be_forgotten(store: Store, *, known_again: bool) -> None:
    """No slot is given twice, and what is forgotten next is no matter."""
    last = [article("x", OTHER.upper()), article("y", OTHER.swapcase())]
    with store:
        store.forget(["q"])
        if known_again:
            store.ingest(pages()[:1])
        for each in last:
            store.ingest([each])
        store.forget(["y"])
        store.forget(["r"])
        store.ingest(pages())
        store.rebuild()
        store.ingest(last)
        assert store.verify().problems == ()
        assert parts(store) == at_once([*pages(), *last])
