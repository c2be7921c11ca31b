"""What a store prints: stories with how they changed, the counts of a run, and what its other commands tell."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from newsdedup.models.articles import Printed
from newsdedup.models.stories import Story, Summary


class Change(StrEnum):
    """How a run changed a story.

    `new`: none of its articles was in the store; `grown`: it has more articles; `joined`: several stories became one;
    `split`: it lost articles to another story, or is what was lost; `updated`: the same articles, one with another text
    or id, or fewer.
    """

    NEW = "new"
    GROWN = "grown"
    JOINED = "joined"
    SPLIT = "split"
    UPDATED = "updated"


class ChangedStory(Story):
    """A story that a run touched. `aliases` are the ids of stories that became this one, which still resolve."""

    change: Change
    aliases: tuple[str, ...] = ()


class StoreSummary(Summary):
    """What a run changed: `articles` are those that were not known, `stories` those that it touched.

    `changes` counts the stories by how they changed; `store_articles` and `store_stories` are what the store holds now.
    """

    changes: dict[Change, int]
    store_articles: int
    store_stories: int


class StoreEvent(Printed):
    """Something that happened to a story: in which run, when (UTC), and to which articles, by their ids now.

    `others` are the ids of the stories that it was joined with, or parted from. What was forgotten is not named.
    """

    run: int
    at: str
    change: Change | Literal["became", "gone"]
    articles: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class StoryHistory(Printed):
    """What happened to a story since it was new. `asked` is the id asked for, `story_id` the one it has now."""

    asked: str
    story_id: str
    events: tuple[StoreEvent, ...]


class StoreStats(Printed):
    """What a store holds: counts, bytes of its file, its versions and when it was last written."""

    path: str
    schema_version: int
    articles: int
    stories: int
    merged_stories: int
    aliases: int
    pairs: int
    outlets: int
    boilerplate_lines: int
    decisions: int
    runs: int
    bytes: int
    min_probability: float
    made_with: dict[str, str]
    last_run: str | None


class Neighbour(Printed):
    """Another article beside the one explained: whether in its story, and the stage that ties or parts the two.

    `stage`: `text` (the same words), `decision` (a person's), `score` (the probability says so), `cluster` (likely
    enough, but the stories do not hold together as wholes), `verify` (too few words in common), `candidates` (too few
    3-grams in common).
    """

    article_id: str
    story_id: str
    same_story: bool
    stage: Literal["text", "decision", "score", "cluster", "verify", "candidates"]
    probability: float | None = None
    shared_shingles: int
    relation: str | None = None


class Explanation(Printed):
    """Why an article is in its story, and why the nearest others are not."""

    article_id: str
    story_id: str
    members: tuple[Neighbour, ...]
    nearest: tuple[Neighbour, ...]


class Decision(Printed):
    """What a person decided: `split` of articles from their story, or `join` of two stories; told by article ids."""

    decision: int
    kind: Literal["split", "join"]
    at: str
    articles: tuple[str, ...]
    others: tuple[str, ...]
    undone: str | None = None


class Verification(Printed):
    """What `store verify` found: how much was looked at, and what is wrong, one line each."""

    articles: int
    stories: int
    components: int
    problems: tuple[str, ...] = ()


StoreTold = StoreStats | StoryHistory | Explanation | Verification
"""What the commands of a store print, decisions aside."""
