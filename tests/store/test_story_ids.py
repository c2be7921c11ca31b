"""Which story after an update keeps which id."""

from __future__ import annotations

import pytest

from newsdedup.models.store import Change
from newsdedup.store.story_ids import StoryAfter, StoryIdentity, match_stories


def story(*articles: int, fresh: frozenset[int] = frozenset(), content: bytes = b"") -> StoryAfter:
    return StoryAfter(articles, fresh, content or bytes([min(articles)]))


def test_a_story_of_new_articles_is_new() -> None:
    assert match_stories({}, [story(1, 2, fresh=frozenset({1, 2}))]) == [StoryIdentity(None, (), Change.NEW, ())]


def test_a_story_with_more_articles_has_grown() -> None:
    assert match_stories({1: 7}, [story(1, 2, fresh=frozenset({2}))]) == [StoryIdentity(7, (), Change.GROWN, ())]


def test_the_largest_of_joined_stories_keeps_its_id() -> None:
    """Ties go to the oldest; the others become aliases."""
    assert match_stories({1: 7, 2: 8, 3: 8}, [story(1, 2, 3)]) == [StoryIdentity(8, (7,), Change.JOINED, (7,))]
    assert match_stories({1: 7, 2: 8}, [story(1, 2)]) == [StoryIdentity(7, (8,), Change.JOINED, (8,))]


def test_the_largest_part_of_a_split_story_keeps_its_id() -> None:
    """Ties go to the smallest content hash."""
    assert match_stories({1: 7, 2: 7, 3: 7}, [story(1), story(2, 3)]) == [
        StoryIdentity(None, (), Change.SPLIT, (7,)),
        StoryIdentity(7, (), Change.SPLIT, ()),
    ]
    first, second = match_stories({1: 7, 2: 7}, [story(1, content=b"b"), story(2, content=b"a")])
    assert (first.previous, second.previous) == (None, 7)


def test_a_moved_article_splits_one_story_and_grows_the_other() -> None:
    identities = match_stories({1: 7, 2: 7, 3: 8}, [story(1), story(2, 3, content=b"z")])
    assert [each.previous for each in identities] == [7, 8]
    assert [each.change for each in identities] == [Change.SPLIT, Change.GROWN]


@pytest.mark.parametrize(
    ("before", "fresh", "change"),
    [
        ({1: 7, 2: 7}, frozenset(), None),
        ({1: 7, 2: 7}, frozenset({2}), Change.UPDATED),
        ({1: 7, 2: 7, 3: 7}, frozenset(), Change.UPDATED),
    ],
)
def test_the_same_articles(before: dict[int, int], fresh: frozenset[int], change: Change | None) -> None:
    """Unchanged, with one changed text, or with one article forgotten."""
    assert match_stories(before, [story(1, 2, fresh=fresh)]) == [StoryIdentity(7, (), change, ())]


def test_no_old_id_is_given_twice() -> None:
    identities = match_stories({1: 7, 2: 7, 3: 8, 4: 8}, [story(1, 3), story(2, 4)])
    kept = [identity.previous for identity in identities if identity.previous is not None]
    used = kept + [story for identity in identities for story in identity.absorbed]
    assert sorted(used) == [7, 8]
