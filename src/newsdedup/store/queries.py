"""What a store tells of itself, its stories and its articles: read, nothing written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import distinct
from newsdedup.candidates import worth
from newsdedup.config import Config
from newsdedup.errors import StoreError
from newsdedup.models.store import Change, Explanation, Neighbour, StoreEvent, StoreStats, StoryHistory
from newsdedup.prefilter import verify
from newsdedup.store import shingle_index
from newsdedup.store.compatibility import MADE_WITH
from newsdedup.store.database import SCHEMA
from newsdedup.store.report_cache import Desk
from newsdedup.store.state import Decided, Means, texts_of
from newsdedup.store.stored_articles import TEXT, Known, as_text, chosen, fact, known

Ints = NDArray[np.int64]

# Articles beside which one is explained.
NEAREST = 5
# Characters of an id that a message shows.
_SHOWN = 100


def stats(db: sqlite3.Connection, path: Path) -> StoreStats:
    """Count what the store holds."""

    def count(what: str) -> int:
        return int(db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])

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
        min_probability=float(fact(db, "min_probability", Config().min_probability)),
        made_with={name: str(fact(db, name, "")) for name in MADE_WITH},
        last_run=last[0] if last else None,
    )


def short(name: str) -> str:
    """Return an id as a message has it."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"


def story_of_id(db: sqlite3.Connection, story_id: str) -> int:
    """Return the number of the story that an id stands for now, also that of one which became another.

    Raises StoreError for an id that was never used, and for a story of which nothing is left.
    """
    row = db.execute(f"SELECT story, became FROM stories WHERE story_id = {TEXT}", (as_text(story_id),)).fetchone()
    if row is None:
        raise StoreError(
            f"there is no story {short(story_id)} in the store; 'newsdedup store export --format csv' lists all"
        )
    story, became = row
    while became is not None:
        story, became = db.execute("SELECT story, became FROM stories WHERE story = ?", (became,)).fetchone()
    return int(story)


def living(db: sqlite3.Connection, story_id: str) -> int:
    """Return the number of a story as `story_of_id` does; StoreError where all its articles are forgotten."""
    story = story_of_id(db, story_id)
    if not db.execute("SELECT 1 FROM articles WHERE story = ?", (story,)).fetchone():
        raise StoreError(f"nothing is left of story {story_id}: its articles were forgotten")
    return story


def article_number(db: sqlite3.Connection, article_id: str) -> int:
    """Return the number of an article; StoreError where there is none."""
    found = db.execute(f"SELECT article FROM articles WHERE article_id = {TEXT}", (as_text(article_id),)).fetchall()
    if not found:
        near = db.execute(
            f"SELECT article_id FROM articles WHERE instr(article_id, {TEXT}) ORDER BY article_id LIMIT 3",
            (as_text(article_id),),
        ).fetchall()
        hint = f"; do you mean {', '.join(row[0] for row in near)}?" if near else "; ids are as 'store export' has them"
        raise StoreError(f"there is no article {short(article_id)} in the store{hint}")
    return int(found[0][0])


def called(db: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Return the ids of articles by number, without those that are gone."""
    return dict(chosen(db, "SELECT article, article_id FROM articles WHERE article IN", numbers))


def story_ids(db: sqlite3.Connection, stories: Iterable[int]) -> dict[int, str]:
    """Return the ids of stories by number."""
    return dict(chosen(db, "SELECT story, story_id FROM stories WHERE story IN", stories))


def history(db: sqlite3.Connection, story_id: str) -> StoryHistory:
    """Tell what happened to a story, and to those that became it."""
    story = story_of_id(db, story_id)
    found = db.execute(
        "WITH RECURSIVE one(story) AS (SELECT ? UNION SELECT s.story FROM stories s JOIN one ON s.became = one.story) "
        "SELECT event, story, run, at, change, detail FROM ("
        "  SELECT 0 AS event, s.story, s.run, 'new' AS change, '{}' AS detail FROM stories s JOIN one USING (story) "
        "  UNION ALL SELECT h.event, h.story, h.run, h.change, h.detail FROM history h JOIN one USING (story)"
        ") JOIN runs USING (run) ORDER BY run, event, story",
        (story,),
    ).fetchall()
    events = []
    for _, own, run, at, change, detail in found:
        told = json.loads(detail)
        named = called(db, told.get("articles", ()))
        others = story_ids(db, [*told.get("others", ()), *([] if own == story else [own])])
        events.append(
            StoreEvent(
                run=run,
                at=at,
                change=cast("Literal['became', 'gone'] | Change", Change(change) if change in list(Change) else change),
                articles=tuple(sorted(named.values())),
                others=tuple(sorted(others.values())),
            )
        )
    return StoryHistory(asked=story_id, story_id=story_ids(db, [story])[story], events=tuple(events))


def explain(db: sqlite3.Connection, article_id: str, decided: Decided, means: Means) -> Explanation:
    """Tell why an article is in its story, and what keeps the nearest others out of it."""
    number = article_number(db, article_id)
    everything = known(db)
    at = int(everything.at(np.array([number]))[0])
    beside = _Beside(db, everything, at, decided, means)
    story = int(everything.stories[at])
    ids = called(db, everything.numbers[beside.places].tolist())
    names = story_ids(db, {story, *everything.stories[beside.places].tolist()})
    told = [
        Neighbour(
            article_id=ids[int(everything.numbers[place])],
            story_id=names[int(everything.stories[place])],
            same_story=int(everything.stories[place]) == story,
            **beside.why(n),
        )
        for n, place in enumerate(beside.places.tolist())
    ]
    order = sorted(told, key=lambda each: (-(each.probability or 0), -each.shared_shingles, each.article_id))
    return Explanation(
        article_id=ids_of(db, number),
        story_id=names[story],
        members=tuple(each for each in order if each.same_story),
        nearest=tuple(each for each in order if not each.same_story)[:NEAREST],
    )


def ids_of(db: sqlite3.Connection, number: int) -> str:
    """Return the id of an article."""
    return called(db, [number])[number]


class _Beside:
    """An article beside the others of its story and those that share most 3-grams with it."""

    def __init__(self, db: sqlite3.Connection, everything: Known, at: int, decided: Decided, means: Means) -> None:
        self._known, self._at, self._decided = everything, at, decided
        self._threshold = float(fact(db, "min_probability"))
        desk = Desk(db, means.workspace.spool("reports"), means.resources, means.workers)
        slot = everything.slots[at]
        own = distinct(shingle_index.grams(desk.shingles(np.array([slot])).values))
        count = np.zeros(int(everything.slots.max()) + 1, dtype=np.int64)
        for low, high in shingle_index.parts(db):
            held = shingle_index.slots_of(shingle_index.holding(db, own, low, high))
            count += np.bincount(held[held < len(count)], minlength=len(count))[: len(count)]
        shared = count[everything.slots]
        shared[at] = 0
        members = np.flatnonzero(everything.stories == everything.stories[at])
        nearest = np.argsort(-shared, kind="stable")[: 4 * NEAREST]
        scored = _scored(db, int(slot))
        likely = np.flatnonzero(np.isin(everything.slots, list(scored)))
        places = np.unique(np.concatenate([members, nearest[shared[nearest] > 0], likely]))
        self.places: Ints = places[places != at]
        self._shared, self._scored = shared[self.places], scored
        slots = everything.slots[np.append(self.places, at)]
        desk.fetch(slots)
        pairs = np.stack([desk.places(slots[:-1]), np.full(len(slots) - 1, desk.places(slots[-1:])[0])], axis=1)
        prints, background = desk.prints, means.resources.background
        self._alike = verify(pairs, prints.stems, prints.shingles, background)
        sizes = prints.shingles.sizes
        packed = np.arange(len(pairs)) << shingle_index.SLOT_BITS
        smaller = np.minimum(sizes[pairs[:, 0]], sizes[pairs[:, 1]]).astype(np.int32)
        self._met = np.isin(packed, worth(packed, self._shared, smaller)) if len(pairs) else np.empty(0, dtype=bool)
        self._text = texts_of(everything.rows, everything.numbers, decided)

    def why(self, n: int) -> dict[str, Any]:
        """Return the stage that ties or parts the two, and the figures."""
        place = int(self.places[n])
        pair = {int(self._known.numbers[place]), int(self._known.numbers[self._at])}
        found = self._scored.get(int(self._known.slots[place]))
        figures = {
            "probability": found[0] if found else None,
            "relation": found[1] if found else None,
            "shared_shingles": int(self._shared[n]),
        }
        return {"stage": self._stage(n, place, pair, found), **figures}

    def _stage(self, n: int, place: int, pair: set[int], found: tuple[float, str] | None) -> str:
        same = self._known.stories[place] == self._known.stories[self._at]
        decided = self._decided.together if same else self._decided.apart
        if any(set(each) == pair for each in decided.tolist()):
            return "decision"
        if same and (self._text[place] == self._text[self._at]).all():
            return "text"
        if found is not None:
            return "score" if same == (found[0] >= self._threshold) else "cluster"
        if same:
            return "cluster"
        if not self._met[n]:
            return "candidates"
        return "verify" if not self._alike[n] else "candidates"


def _scored(db: sqlite3.Connection, slot: int) -> dict[int, tuple[float, str]]:
    """Return by slot how likely each report that was scored with this one tells the same, and their relation."""
    rows: Sequence[tuple[int, int, float, str]] = db.execute(
        "SELECT i, j, probability, relation FROM pairs WHERE i = ? OR j = ?", (slot, slot)
    ).fetchall()
    return {(j if i == slot else i): (probability, relation) for i, j, probability, relation in rows}
