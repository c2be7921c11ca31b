"""Read-only queries about a store, its stories and its articles."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from newsdedup.arrays import Ints, is_in, sorted_unique
from newsdedup.candidates import select_candidates
from newsdedup.config import Config
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import ArticleColumns
from newsdedup.engine.report_cache import ReportCache
from newsdedup.engine.shingle_index import SLOT_BITS, shingles_of, slots_of
from newsdedup.engine.state import Constraints, text_keys
from newsdedup.errors import StoreError
from newsdedup.models.store import Explanation, Neighbour, StoreEvent, StoreStats, StoryHistory
from newsdedup.prefilter import passes_prefilter
from newsdedup.store import shingle_index
from newsdedup.store.compatibility import VERSION_KEYS
from newsdedup.store.corpus import StoreCorpus
from newsdedup.store.database import SCHEMA, TEXT_PARAMETER, execute_in, get_meta, to_sqlite_text

# Articles of other stories that an explanation lists.
MAX_NEAREST = 5
# Characters of an id that are shown in a message.
_MAX_ID_CHARS = 100
# The table `one`: a story and all that were merged into it, directly or not.
MERGED_STORIES = (
    "WITH RECURSIVE one(story) AS (SELECT ? UNION SELECT s.story FROM stories s JOIN one ON s.became = one.story)"
)


def count_contents(db: sqlite3.Connection) -> tuple[int, int]:
    """Return the numbers of articles and of stories in the store."""
    return count_rows(db, "articles"), count_rows(db, "(SELECT DISTINCT story FROM articles)")


def count_rows(db: sqlite3.Connection, source: str) -> int:
    """Return the number of rows of a table, or of what may stand in its place after FROM."""
    return int(db.execute(f"SELECT count(*) FROM {source}").fetchone()[0])


def collect_stats(db: sqlite3.Connection, path: Path) -> StoreStats:
    """Return the counts, size and versions of the store."""
    count = partial(count_rows, db)
    articles, stories = count_contents(db)
    last = db.execute("SELECT at FROM runs ORDER BY run DESC LIMIT 1").fetchone()
    return StoreStats(
        path=str(path),
        schema_version=SCHEMA,
        articles=articles,
        stories=stories,
        merged_stories=count("(SELECT 1 FROM articles GROUP BY story HAVING count(*) > 1)"),
        aliases=count("stories WHERE became IS NOT NULL"),
        pairs=count("pairs"),
        outlets=count("outlets"),
        boilerplate_lines=count("boilerplate"),
        decisions=count("decisions WHERE undone IS NULL"),
        runs=count("runs"),
        bytes=path.stat().st_size,
        min_probability=float(get_meta(db, "min_probability", Config().min_probability)),
        made_with={name: str(get_meta(db, name, "")) for name in VERSION_KEYS},
        last_run=last[0] if last else None,
    )


def shorten_id(article_id: str) -> str:
    """Return an id, truncated for a message."""
    return article_id if len(article_id) <= _MAX_ID_CHARS else f"{article_id[:_MAX_ID_CHARS]}…"


def resolve_story_id(db: sqlite3.Connection, story_id: str) -> int:
    """Return the number of a story. The id of a story that was merged into another one resolves to that one.

    Raises StoreError for an unknown id.
    """
    row = db.execute(
        f"SELECT story, became FROM stories WHERE story_id = {TEXT_PARAMETER}", (to_sqlite_text(story_id),)
    ).fetchone()
    if row is None:
        raise StoreError(
            f"there is no story {shorten_id(story_id)} in the store; 'newsdedup store export --format csv' lists them"
        )
    story, became = row
    while became is not None:
        story, became = db.execute("SELECT story, became FROM stories WHERE story = ?", (became,)).fetchone()
    return int(story)


def find_live_story(db: sqlite3.Connection, story_id: str) -> int:
    """Like `resolve_story_id`, but raise StoreError if all articles of the story were forgotten."""
    story = resolve_story_id(db, story_id)
    if not db.execute("SELECT 1 FROM articles WHERE story = ?", (story,)).fetchone():
        raise StoreError(f"story {story_id} is empty: all its articles were forgotten")
    return story


def get_article_number(db: sqlite3.Connection, article_id: str) -> int:
    """Return the number of an article. Raises StoreError for an unknown id."""
    text = (to_sqlite_text(article_id),)
    row = db.execute(f"SELECT article FROM articles WHERE article_id = {TEXT_PARAMETER}", text).fetchone()
    if row is None:
        contains_text = f"instr(article_id, {TEXT_PARAMETER})"
        statement = f"SELECT article_id FROM articles WHERE {contains_text} ORDER BY article_id LIMIT 3"
        similar = ", ".join(similar_id for (similar_id,) in db.execute(statement, text))
        hint = f"did you mean {similar}?" if similar else "'newsdedup store export' lists all ids"
        raise StoreError(f"there is no article {shorten_id(article_id)} in the store; {hint}")
    return int(row[0])


def get_article_ids(db: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Return the ids of articles by number; articles that are no longer stored are left out."""
    return dict(execute_in(db, "SELECT article, article_id FROM articles WHERE article IN", numbers))


def get_story_ids(db: sqlite3.Connection, stories: Iterable[int]) -> dict[int, str]:
    """Return the ids of stories by number."""
    return dict(execute_in(db, "SELECT story, story_id FROM stories WHERE story IN", stories))


def load_history(db: sqlite3.Connection, story_id: str) -> StoryHistory:
    """Return the events of a story and of the stories that were merged into it, oldest first."""
    story = resolve_story_id(db, story_id)
    rows = db.execute(
        f"{MERGED_STORIES} SELECT event, story, run, at, change, detail FROM ("
        "  SELECT 0 AS event, s.story, s.run, 'new' AS change, '{}' AS detail FROM stories s JOIN one USING (story) "
        "  UNION ALL SELECT h.event, h.story, h.run, h.change, h.detail FROM history h JOIN one USING (story)"
        ") JOIN runs USING (run) ORDER BY run, event, story",
        (story,),
    ).fetchall()
    events = []
    for _, event_story, run, timestamp, change, detail in rows:
        details = json.loads(detail)
        articles = sorted(get_article_ids(db, details.get("articles", ())).values())
        other_stories = list(details.get("others", ()))
        if event_story != story:
            other_stories.append(event_story)
        others = sorted(get_story_ids(db, other_stories).values())
        events.append(StoreEvent(run=run, at=timestamp, change=change, articles=tuple(articles), others=tuple(others)))
    return StoryHistory(asked=story_id, story_id=get_story_ids(db, [story])[story], events=tuple(events))


def explain_article(
    db: sqlite3.Connection, article_id: str, constraints: Constraints, context: RunContext
) -> Explanation:
    """Return why an article is in its story, and what keeps the nearest other articles out of it."""
    number = get_article_number(db, article_id)
    articles = StoreCorpus(db).load_columns()
    index = int(articles.indices_of(np.array([number]))[0])
    comparison = _Comparison(db, articles, index, constraints, context)
    story = int(articles.stories[index])
    numbers, stories = articles.numbers[comparison.indices].tolist(), articles.stories[comparison.indices].tolist()
    ids, story_ids = get_article_ids(db, numbers), get_story_ids(db, {story, *stories})
    neighbours = [
        Neighbour(article_id=ids[i], story_id=story_ids[j], same_story=j == story, **comparison.describe(row))
        for row, (i, j) in enumerate(zip(numbers, stories, strict=True))
    ]
    ranked = sorted(neighbours, key=lambda n: (-(n.probability or 0), -n.shared_shingles, n.article_id))
    return Explanation(
        article_id=article_id,
        story_id=story_ids[story],
        members=tuple(neighbour for neighbour in ranked if neighbour.same_story),
        nearest=tuple(neighbour for neighbour in ranked if not neighbour.same_story)[:MAX_NEAREST],
    )


class _Comparison:
    """An article compared with the others of its story, those that share most 3-grams with it and those of its pairs.

    `indices` are the rows of the other articles in the columns of the store.
    """

    def __init__(
        self, db: sqlite3.Connection, articles: ArticleColumns, index: int, constraints: Constraints, run: RunContext
    ) -> None:
        self._articles, self._index, self._constraints = articles, index, constraints
        self._threshold = float(get_meta(db, "min_probability"))
        cache = ReportCache(StoreCorpus(db), run)
        slot = articles.slots[index]
        shingles = sorted_unique(shingles_of(cache.load_shingles(np.array([slot])).values))
        postings = (shingle_index.find_postings(db, shingles, *bounds) for bounds in shingle_index.shingle_ranges(db))
        shared = shingle_index.count_slots(map(slots_of, postings), int(articles.slots.max()) + 1)[articles.slots]
        shared[index] = 0
        members = np.flatnonzero(articles.stories == articles.stories[index])
        nearest = np.argsort(-shared, kind="stable")[: 4 * MAX_NEAREST]
        scores = _load_scores(db, int(slot))
        scored_indices = np.flatnonzero(np.isin(articles.slots, list(scores)))
        indices = sorted_unique(np.concatenate([members, nearest[shared[nearest] > 0], scored_indices]))
        self.indices: Ints = indices[indices != index]
        self._shared, self._scores = shared[self.indices], scores
        slots = articles.slots[np.append(self.indices, index)]
        cache.load(slots)
        *others, explained = cache.indices_of(slots)
        pairs = np.array([(other, explained) for other in others], dtype=np.int64).reshape(-1, 2)
        fingerprints = cache.fingerprints
        self._passes_prefilter = passes_prefilter(pairs, fingerprints.stems, fingerprints.shingles, run.idf_table)
        sizes = fingerprints.shingles.sizes
        packed_pairs = np.arange(len(pairs)) << SLOT_BITS
        smaller_sizes = np.minimum(sizes[pairs[:, 0]], sizes[pairs[:, 1]]).astype(np.int32)
        self._is_candidate = is_in(packed_pairs, select_candidates(packed_pairs, self._shared, smaller_sizes))
        self._text_keys = text_keys(articles.rows, articles.numbers, constraints)

    def describe(self, row: int) -> dict[str, Any]:
        """Return the stage that links or separates the article and the one in `row` of `indices`, and their scores."""
        index = int(self.indices[row])
        probability, relation = self._scores.get(int(self._articles.slots[index]), (None, None))
        figures = {"probability": probability, "relation": relation, "shared_shingles": int(self._shared[row])}
        return {"stage": self._find_stage(row, index, probability), **figures}

    def _find_stage(self, row: int, index: int, probability: float | None) -> str:
        numbers = set(self._articles.numbers[[index, self._index]].tolist())
        is_same_story = self._articles.stories[index] == self._articles.stories[self._index]
        decided_pairs = self._constraints.must_link if is_same_story else self._constraints.cannot_link
        if any(set(pair) == numbers for pair in decided_pairs.tolist()):
            return "decision"
        if is_same_story and (self._text_keys[index] == self._text_keys[self._index]).all():
            return "text"
        if probability is not None:
            return "score" if is_same_story == (probability >= self._threshold) else "cluster"
        if is_same_story:
            return "cluster"
        return "verify" if self._is_candidate[row] and not self._passes_prefilter[row] else "candidates"


def _load_scores(db: sqlite3.Connection, slot: int) -> dict[int, tuple[float, str]]:
    """Return the probability and relation of each stored pair of a slot, by the other slot."""
    rows = db.execute("SELECT i, j, probability, relation FROM pairs WHERE i = ? OR j = ?", (slot, slot))
    return {(j if i == slot else i): (probability, relation) for i, j, probability, relation in rows}
