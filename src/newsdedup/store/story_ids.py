"""Stable story ids: which story after an update is which story before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsdedup.models.store import Change


@dataclass(frozen=True)
class StoryAfter:
    """A story after an update.

    `articles` are its article numbers, `changed` the numbers of all new and changed articles of the update, and
    `content` is the smallest content hash of the story.
    """

    articles: Sequence[int]
    changed: frozenset[int]
    content: bytes


@dataclass(frozen=True)
class StoryIdentity:
    """How a story after an update relates to the stories before it.

    `previous` is the story whose id it keeps (None: it gets a new one), `absorbed` are the stories that were merged
    into it, `change` is how it changed (None: not at all), and `other_stories` are the other stories that its articles
    come from.
    """

    previous: int | None
    absorbed: tuple[int, ...]
    change: Change | None
    other_stories: tuple[int, ...]


def match_stories(before: Mapping[int, int], stories: Sequence[StoryAfter]) -> list[StoryIdentity]:
    """Match the stories after an update with those before it, so that each keeps an id if possible.

    `before` is the previous story of every article of an affected story, including removed articles. The id of a story
    goes to the story that has most of its articles; ties are broken by the smallest content hash. If one story gets
    several ids, it keeps that of the story that it shares most articles with; ties are broken by the lower number,
    which is the older story. The other ids become aliases.
    """
    index_of = {article: index for index, story in enumerate(stories) for article in story.articles}
    overlap = Counter((story, index_of[article]) for article, story in before.items() if article in index_of)
    sizes = Counter(before.values())
    destinations: dict[int, list[int]] = {}
    for story, index in sorted(overlap):
        destinations.setdefault(story, []).append(index)
    claims: dict[int, list[int]] = {}
    for story, indices in destinations.items():
        heir = min(indices, key=lambda i: (-overlap[story, i], stories[i].content))
        claims.setdefault(heir, []).append(story)
    identities = []
    for index, after in enumerate(stories):
        claimed = sorted(claims.get(index, ()), key=lambda story: (-overlap[story, index], story))
        donors = {before[article] for article in after.articles if article in before}
        is_split = any(len(destinations[story]) > 1 for story in claimed)
        has_fewer = sum(overlap[story, index] for story in claimed) < sum(sizes[story] for story in claimed)
        change = _classify_change(before, after, claimed, is_split=is_split, has_fewer=has_fewer)
        previous, other_stories = claimed[0] if claimed else None, tuple(sorted(donors - set(claimed[:1])))
        identities.append(StoryIdentity(previous, tuple(claimed[1:]), change, other_stories))
    return identities


def _classify_change(
    before: Mapping[int, int], after: StoryAfter, claims: Sequence[int], *, is_split: bool, has_fewer: bool
) -> Change | None:
    if not any(article in before for article in after.articles):
        return Change.NEW
    if len(claims) > 1:
        return Change.JOINED
    if is_split or not claims:
        return Change.SPLIT
    if any(before.get(article) != claims[0] for article in after.articles):
        return Change.GROWN
    return Change.UPDATED if has_fewer or not after.changed.isdisjoint(after.articles) else None
