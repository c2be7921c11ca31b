"""Models that a store prints: changed stories, the counts of a run, and the reports of its other commands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal

from newsdedup.models.articles import Printed
from newsdedup.models.stories import Result, Story, Summary


class Change(StrEnum):
    """How a run changed a story.

    - `new`: none of its articles was in the store
    - `grown`: it gained articles
    - `joined`: several stories were merged into it
    - `split`: it lost articles to another story, or consists of articles that another story lost
    - `updated`: it lost articles by `forget`, or has the same articles, one of them with another text or id
    """

    NEW = "new"
    GROWN = "grown"
    JOINED = "joined"
    SPLIT = "split"
    UPDATED = "updated"


class ChangedStory(Story):
    """A story that a run changed. `aliases` are the ids of stories that were merged into it; they still resolve."""

    change: Change
    aliases: tuple[str, ...] = ()


class StoreSummary(Summary):
    """Counts of a run on a store: `articles` counts the new articles, `stories` the changed stories.

    `changes` counts the stories by how they changed; `store_articles` and `store_stories` count what the store holds
    after the run.
    """

    changes: dict[Change, int]
    store_articles: int
    store_stories: int


class StoreResult(Result):
    """The result of a run on a store: the stories that it changed, the rejected records and the counts."""

    stories: tuple[ChangedStory, ...]
    summary: StoreSummary

    def story_of(self, article_id: str) -> ChangedStory:
        """Return the changed story of an article. Raises UnknownArticleError if no changed story has it."""
        return self.stories[self._find_story(article_id)]

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Yield counts: of the changed stories and new articles, then of what the store holds."""
        yield from super().__repr_args__()
        yield "store_stories", self.summary.store_stories
        yield "store_articles", self.summary.store_articles


class StoreEvent(Printed):
    """An event in the history of a story: the run, its time (UTC), the change, and the current ids of its articles.

    `others` are the ids of the stories that it was joined with or split from. Forgotten articles are not listed.
    """

    run: int
    at: str
    change: Change | Literal["became", "gone"]
    articles: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class StoryHistory(Printed):
    """The events of a story since it was new. `asked` is the requested id, `story_id` the one that it resolves to."""

    asked: str
    story_id: str
    events: tuple[StoreEvent, ...]


class StoreStats(Printed):
    """Counts, file size in bytes, versions and time of the last run of a store."""

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
    """Another article compared with the explained one: whether in the same story, and the stage that decides it.

    `stage` links or separates the two:

    - `text`: they have the same text
    - `decision`: a person decided it
    - `score`: the probability of the pair decides it
    - `cluster`: in the same story through other articles, or likely enough but without the cohesion to be one story
    - `verify`: too few words in common (the prefilter)
    - `candidates`: too few 3-grams in common
    """

    article_id: str
    story_id: str
    same_story: bool
    stage: Literal["text", "decision", "score", "cluster", "verify", "candidates"]
    probability: float | None = None
    shared_shingles: int
    relation: str | None = None


class Explanation(Printed):
    """Why an article is in its story, and why the nearest other articles are not."""

    article_id: str
    story_id: str
    members: tuple[Neighbour, ...]
    nearest: tuple[Neighbour, ...]


class Decision(Printed):
    """A decision of a person, `split` or `join`, as the ids of the articles on its two sides.

    `undone` is the time when it was undone, None if it is in force.
    """

    decision: int
    kind: Literal["split", "join"]
    at: str
    articles: tuple[str, ...]
    others: tuple[str, ...]
    undone: str | None = None


class Verification(Printed):
    """Result of `store verify`: how much was checked, and one line per problem."""

    articles: int
    stories: int
    components: int
    problems: tuple[str, ...] = ()


StoreReport = StoreStats | StoryHistory | Explanation | Verification
"""What the `store` commands print as one value."""
