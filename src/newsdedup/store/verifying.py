"""Whether a store is whole: its file, its counts, and that its stories are those that its pairs make."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from newsdedup.models.storing import Verification
from newsdedup.store import postings
from newsdedup.store.growth import Decided, Means, reclustered
from newsdedup.store.known import known

Ints = NDArray[np.int64]

# Components that are clustered again.
SAMPLE = 200

_ORPHANS = {
    "articles without a text": "articles WHERE slot NOT IN (SELECT slot FROM texts)",
    "articles without the keys of their lines": "articles WHERE slot NOT IN (SELECT slot FROM lines)",
    "texts of no article": "texts WHERE slot NOT IN (SELECT slot FROM articles)",
    "lines of no article": "lines WHERE slot NOT IN (SELECT slot FROM articles)",
    "articles of no story": "articles WHERE story NOT IN (SELECT story FROM stories)",
    "articles of a story that became another": (
        "articles WHERE story IN (SELECT story FROM stories WHERE became IS NOT NULL)"
    ),
    "ids that several articles have": "(SELECT 1 FROM articles GROUP BY article_id HAVING count(*) > 1)",
    "pairs of a report that is gone": (
        "pairs WHERE i NOT IN (SELECT slot FROM articles) OR j NOT IN (SELECT slot FROM articles)"
    ),
    "aliases of no story": "stories WHERE became IS NOT NULL AND became NOT IN (SELECT story FROM stories)",
    "pairs decided of articles that are gone": (
        "constraints WHERE a NOT IN (SELECT article FROM articles) OR b NOT IN (SELECT article FROM articles)"
    ),
}


def verify(db: sqlite3.Connection, decided: Decided, means: Means) -> Verification:
    """Look for what is wrong; reads only."""
    problems = [f"the file: {row[0]}" for row in db.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
    for what, where in _ORPHANS.items():
        if count := db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]:
            problems.append(f"{count:,} {what}")
    everything = known(db)
    problems += _missing_postings(db, everything.slots, everything.rows["kept"])
    looked, wrong = reclustered(db, decided, means, SAMPLE)
    problems += [f"story {story_id} is not what its pairs make" for story_id in wrong]
    stories = db.execute("SELECT count(DISTINCT story) FROM articles").fetchone()[0]
    return Verification(articles=len(everything), stories=stories, components=looked, problems=tuple(problems))


def _missing_postings(db: sqlite3.Connection, slots: Ints, kept: NDArray[np.int32]) -> Iterator[str]:
    count = np.zeros(int(slots.max(initial=-1)) + 1, dtype=np.int64)
    for held in postings.every(db):
        count += np.bincount(held[held < len(count)], minlength=len(count))[: len(count)]
    if wrong := int((count[slots] != kept).sum()):
        yield f"{wrong:,} articles with other 3-grams than were kept"
