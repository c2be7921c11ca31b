"""Ids that stay: which story of after a change is which of before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsdedup.models.store import Change


@dataclass(frozen=True)
class Now:
    """A story after a change: its articles by number, which of them come anew, and its smallest content hash."""

    articles: Sequence[int]
    fresh: frozenset[int]
    content: bytes


@dataclass(frozen=True)
class Kept:
    """Which story of before it is (None: none), which became one with it, how it changed (None: not at all).

    `others` are the stories that gave it articles or got some of it.
    """

    story: int | None
    became: tuple[int, ...]
    change: Change | None
    others: tuple[int, ...]


def keep_ids(before: Mapping[int, int], stories: Sequence[Now]) -> list[Kept]:
    """Give each story the id of before that most of its articles had.

    `before` is the story of every article that was in one that is touched, those that are gone too. The id of a story
    goes to where most of its articles are (of several the one with the smallest content hash); where several come to
    one story, that of the most articles stays (of several the oldest), and the others become aliases.
    """
    home = {article: at for at, story in enumerate(stories) for article in story.articles}
    shared = Counter((story, home[article]) for article, story in before.items() if article in home)
    sizes = Counter(before.values())
    places: dict[int, list[int]] = {}
    for story, at in sorted(shared):
        places.setdefault(story, []).append(at)
    claims: dict[int, list[int]] = {}
    for story, there in places.items():
        heir = min(there, key=lambda at: (-shared[story, at], stories[at].content))
        claims.setdefault(heir, []).append(story)
    out = []
    for at, now in enumerate(stories):
        own = sorted(claims.get(at, ()), key=lambda story: (-shared[story, at], story))
        givers = {before[article] for article in now.articles if article in before}
        lost = any(len(places[story]) > 1 for story in own)
        fewer = sum(shared[story, at] for story in own) < sum(sizes[story] for story in own)
        out.append(
            Kept(
                own[0] if own else None,
                tuple(own[1:]),
                _change(before, now, own, givers, lost=lost, fewer=fewer),
                tuple(sorted(givers - set(own[:1]))),
            )
        )
    return out


def _change(
    before: Mapping[int, int], now: Now, claims: Sequence[int], givers: set[int], *, lost: bool, fewer: bool
) -> Change | None:
    if not givers:
        return Change.NEW
    if len(claims) > 1:
        return Change.JOINED
    if lost or not claims:
        return Change.SPLIT
    if any(before.get(article) != claims[0] for article in now.articles):
        return Change.GROWN
    return Change.UPDATED if fewer or not now.fresh.isdisjoint(now.articles) else None
