"""Which story of after a change has which id of before."""

from __future__ import annotations

import pytest

from newsdedup.models.store import Change
from newsdedup.store.story_ids import Kept, Now, keep_ids


def now(*articles: int, fresh: frozenset[int] = frozenset(), content: bytes = b"") -> Now:
    return Now(articles, fresh, content or bytes([min(articles)]))


def test_a_story_of_articles_that_were_not_there_is_new() -> None:
    assert keep_ids({}, [now(1, 2, fresh=frozenset({1, 2}))]) == [Kept(None, (), Change.NEW, ())]


def test_a_story_with_more_articles_has_grown() -> None:
    assert keep_ids({1: 7}, [now(1, 2, fresh=frozenset({2}))]) == [Kept(7, (), Change.GROWN, ())]


def test_of_joined_stories_the_one_of_most_articles_keeps_its_id() -> None:
    """Of several as large the oldest; the others become it."""
    assert keep_ids({1: 7, 2: 8, 3: 8}, [now(1, 2, 3)]) == [Kept(8, (7,), Change.JOINED, (7,))]
    assert keep_ids({1: 7, 2: 8}, [now(1, 2)]) == [Kept(7, (8,), Change.JOINED, (8,))]


def test_of_what_is_split_most_articles_keep_the_id() -> None:
    """Of as many those with the smallest content hash."""
    assert keep_ids({1: 7, 2: 7, 3: 7}, [now(1), now(2, 3)]) == [
        Kept(None, (), Change.SPLIT, (7,)),
        Kept(7, (), Change.SPLIT, ()),
    ]
    one, other = keep_ids({1: 7, 2: 7}, [now(1, content=b"b"), now(2, content=b"a")])
    assert (one.story, other.story) == (None, 7)


def test_an_article_that_moves_leaves_its_story_split_and_the_other_grown() -> None:
    kept = keep_ids({1: 7, 2: 7, 3: 8}, [now(1), now(2, 3, content=b"z")])
    assert [each.story for each in kept] == [7, 8]
    assert [each.change for each in kept] == [Change.SPLIT, Change.GROWN]


@pytest.mark.parametrize(
    ("before", "fresh", "change"),
    [
        ({1: 7, 2: 7}, frozenset(), None),
        ({1: 7, 2: 7}, frozenset({2}), Change.UPDATED),
        ({1: 7, 2: 7, 3: 7}, frozenset(), Change.UPDATED),
    ],
)
def test_the_same_articles(before: dict[int, int], fresh: frozenset[int], change: Change | None) -> None:
    """Untouched, one of them with another text, or one of them forgotten."""
    assert keep_ids(before, [now(1, 2, fresh=fresh)]) == [Kept(7, (), change, ())]


def test_no_old_id_is_given_twice() -> None:
    kept = keep_ids({1: 7, 2: 7, 3: 8, 4: 8}, [now(1, 3), now(2, 4)])
    given = [each.story for each in kept if each.story is not None] + [story for each in kept for story in each.became]
    assert sorted(given) == [7, 8]
