"""Read-only queries about a store, its stories and its articles."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from newsdedup.arrays import Ints, sorted_unique
from newsdedup.candidates import select_candidates
from newsdedup.config import Config
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import ArticleColumns
from newsdedup.engine.report_cache import ReportCache
from newsdedup.engine.shingle_index import SLOT_BITS, shingles_of, slots_of
from newsdedup.engine.state import Constraints, text_keys
from newsdedup.errors import StoreError
from newsdedup.models.store import Change, Explanation, Neighbour, StoreEvent, StoreStats, StoryHistory
from newsdedup.prefilter import passes_prefilter
from newsdedup.store import shingle_index
from newsdedup.store.columns import load_article_columns
from newsdedup.store.compatibility import VERSION_KEYS
from newsdedup.store.corpus import StoreCorpus
from newsdedup.store.database import SCHEMA, TEXT_PARAMETER, get_meta, select_in, to_sqlite_text

# Articles of other stories that an explanation lists.
MAX_NEAREST = 5
# Characters of an id that are shown in a message.
_MAX_ID_CHARS = 100


def collect_stats(db: sqlite3.Connection, path: Path) -> StoreStats:
    """Return the counts, size and versions of the store."""

    def count(table: str) -> int:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    last = db.execute("SELECT at FROM runs ORDER BY run DESC LIMIT 1").fetchone()
    return StoreStats(
        path=str(path),
        schema_version=SCHEMA,
        articles=count("articles"),
        stories=count("(SELECT DISTINCT story FROM articles)"),
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
    rows = db.execute(
        f"SELECT article FROM articles WHERE article_id = {TEXT_PARAMETER}", (to_sqlite_text(article_id),)
    ).fetchall()
    if not rows:
        similar = db.execute(
            f"SELECT article_id FROM articles WHERE instr(article_id, {TEXT_PARAMETER}) ORDER BY article_id LIMIT 3",
            (to_sqlite_text(article_id),),
        ).fetchall()
        hint = (
            f"; did you mean {', '.join(row[0] for row in similar)}?"
            if similar
            else "; 'newsdedup store export' lists all ids"
        )
        raise StoreError(f"there is no article {shorten_id(article_id)} in the store{hint}")
    return int(rows[0][0])


def get_article_ids(db: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Return the ids of articles by number; articles that are no longer stored are left out."""
    return dict(select_in(db, "SELECT article, article_id FROM articles WHERE article IN", numbers))


def get_story_ids(db: sqlite3.Connection, stories: Iterable[int]) -> dict[int, str]:
    """Return the ids of stories by number."""
    return dict(select_in(db, "SELECT story, story_id FROM stories WHERE story IN", stories))


def load_history(db: sqlite3.Connection, story_id: str) -> StoryHistory:
    """Return the events of a story and of the stories that were merged into it, oldest first."""
    story = resolve_story_id(db, story_id)
    rows = db.execute(
        "WITH RECURSIVE one(story) AS (SELECT ? UNION SELECT s.story FROM stories s JOIN one ON s.became = one.story) "
        "SELECT event, story, run, at, change, detail FROM ("
        "  SELECT 0 AS event, s.story, s.run, 'new' AS change, '{}' AS detail FROM stories s JOIN one USING (story) "
        "  UNION ALL SELECT h.event, h.story, h.run, h.change, h.detail FROM history h JOIN one USING (story)"
        ") JOIN runs USING (run) ORDER BY run, event, story",
        (story,),
    ).fetchall()
    events = []
    for _, event_story, run, timestamp, change, detail in rows:
        details = json.loads(detail)
        articles = get_article_ids(db, details.get("articles", ()))
        other_stories = get_story_ids(
            db, [*details.get("others", ()), *([] if event_story == story else [event_story])]
        )
        events.append(
            StoreEvent(
                run=run,
                at=timestamp,
                change=cast("Literal['became', 'gone'] | Change", Change(change) if change in list(Change) else change),
                articles=tuple(sorted(articles.values())),
                others=tuple(sorted(other_stories.values())),
            )
        )
    return StoryHistory(asked=story_id, story_id=get_story_ids(db, [story])[story], events=tuple(events))


def explain_article(
    db: sqlite3.Connection, article_id: str, constraints: Constraints, context: RunContext
) -> Explanation:
    """Return why an article is in its story, and what keeps the nearest other articles out of it."""
    number = get_article_number(db, article_id)
    articles = load_article_columns(db)
    index = int(articles.indices_of(np.array([number]))[0])
    comparison = _Comparison(db, articles, index, constraints, context)
    story = int(articles.stories[index])
    ids = get_article_ids(db, articles.numbers[comparison.indices].tolist())
    story_ids = get_story_ids(db, {story, *articles.stories[comparison.indices].tolist()})
    neighbours = [
        Neighbour(
            article_id=ids[int(articles.numbers[neighbour_index])],
            story_id=story_ids[int(articles.stories[neighbour_index])],
            same_story=int(articles.stories[neighbour_index]) == story,
            **comparison.describe(row),
        )
        for row, neighbour_index in enumerate(comparison.indices.tolist())
    ]
    ranked = sorted(neighbours, key=lambda n: (-(n.probability or 0), -n.shared_shingles, n.article_id))
    return Explanation(
        article_id=get_article_id(db, number),
        story_id=story_ids[story],
        members=tuple(neighbour for neighbour in ranked if neighbour.same_story),
        nearest=tuple(neighbour for neighbour in ranked if not neighbour.same_story)[:MAX_NEAREST],
    )


def get_article_id(db: sqlite3.Connection, number: int) -> str:
    """Return the id of an article."""
    return get_article_ids(db, [number])[number]


class _Comparison:
    """An article compared with the others of its story, those that share most 3-grams with it and those of its pairs.

    `indices` are the rows of the other articles in the columns of the store.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        articles: ArticleColumns,
        index: int,
        constraints: Constraints,
        context: RunContext,
    ) -> None:
        self._articles, self._index, self._constraints = articles, index, constraints
        self._threshold = float(get_meta(db, "min_probability"))
        cache = ReportCache(StoreCorpus(db), context)
        slot = articles.slots[index]
        shingles = sorted_unique(shingles_of(cache.load_shingles(np.array([slot])).values))
        count = np.zeros(int(articles.slots.max()) + 1, dtype=np.int64)
        for low, high in shingle_index.shingle_ranges(db):
            slots_in_range = slots_of(shingle_index.find_postings(db, shingles, low, high))
            count += np.bincount(slots_in_range[slots_in_range < len(count)], minlength=len(count))[: len(count)]
        shared = count[articles.slots]
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
        pairs = np.stack(
            [cache.indices_of(slots[:-1]), np.full(len(slots) - 1, cache.indices_of(slots[-1:])[0])], axis=1
        )
        fingerprints, idf = cache.fingerprints, context.idf_table
        self._passes_prefilter = passes_prefilter(pairs, fingerprints.stems, fingerprints.shingles, idf)
        sizes = fingerprints.shingles.sizes
        packed_pairs = np.arange(len(pairs)) << SLOT_BITS
        smaller_sizes = np.minimum(sizes[pairs[:, 0]], sizes[pairs[:, 1]]).astype(np.int32)
        self._is_candidate = (
            np.isin(packed_pairs, select_candidates(packed_pairs, self._shared, smaller_sizes))
            if len(pairs)
            else np.empty(0, dtype=bool)
        )
        self._text_keys = text_keys(articles.rows, articles.numbers, constraints)

    def describe(self, row: int) -> dict[str, Any]:
        """Return the stage that links or separates the article and the one in `row` of `indices`, and their scores."""
        index = int(self.indices[row])
        numbers = {int(self._articles.numbers[index]), int(self._articles.numbers[self._index])}
        score = self._scores.get(int(self._articles.slots[index]))
        figures = {
            "probability": score[0] if score else None,
            "relation": score[1] if score else None,
            "shared_shingles": int(self._shared[row]),
        }
        return {"stage": self._find_stage(row, index, numbers, score), **figures}

    def _find_stage(self, row: int, index: int, numbers: set[int], score: tuple[float, str] | None) -> str:
        is_same_story = self._articles.stories[index] == self._articles.stories[self._index]
        decided_pairs = self._constraints.must_link if is_same_story else self._constraints.cannot_link
        if any(set(pair) == numbers for pair in decided_pairs.tolist()):
            return "decision"
        if is_same_story and (self._text_keys[index] == self._text_keys[self._index]).all():
            return "text"
        if score is not None:
            return "score" if is_same_story == (score[0] >= self._threshold) else "cluster"
        if is_same_story:
            return "cluster"
        if not self._is_candidate[row]:
            return "candidates"
        return "verify" if not self._passes_prefilter[row] else "candidates"


def _load_scores(db: sqlite3.Connection, slot: int) -> dict[int, tuple[float, str]]:
    """Return the probability and relation of each stored pair of a slot, by the other slot."""
    rows: Sequence[tuple[int, int, float, str]] = db.execute(
        "SELECT i, j, probability, relation FROM pairs WHERE i = ? OR j = ?", (slot, slot)
    ).fetchall()
    return {(j if i == slot else i): (probability, relation) for i, j, probability, relation in rows}
