"""Whether a store is whole: its file, its counts, and that its stories are those that its pairs make."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from newsdedup.errors import StoreError
from newsdedup.models import Relation
from newsdedup.models.store import Verification
from newsdedup.store import columns, shingle_index
from newsdedup.store.clustering import reclustered
from newsdedup.store.codec import is_whole
from newsdedup.store.state import Decided, Means
from newsdedup.store.stored_articles import known

Ints = NDArray[np.int64]

# Components that are clustered again.
SAMPLE = 200

_ORPHANS = {
    "articles without a text": "articles WHERE slot NOT IN (SELECT slot FROM texts)",
    "texts of no article": "texts WHERE slot NOT IN (SELECT slot FROM articles)",
    "slots that several articles have": "(SELECT 1 FROM articles GROUP BY slot HAVING count(*) > 1)",
    "packs that overlap": (
        "packs WHERE first + count > (SELECT min(later.first) FROM packs later WHERE later.first > packs.first)"
    ),
    "articles without columns": (
        "articles WHERE slot >= "
        "coalesce((SELECT first + count FROM packs WHERE first <= slot ORDER BY first DESC LIMIT 1), 0)"
    ),
    "articles of no story": "articles WHERE story NOT IN (SELECT story FROM stories)",
    "articles of a story that became another": (
        "articles WHERE story IN (SELECT story FROM stories WHERE became IS NOT NULL)"
    ),
    "ids that several articles have": "(SELECT 1 FROM articles GROUP BY article_id HAVING count(*) > 1)",
    "pairs of a report that is gone": (
        "pairs WHERE i NOT IN (SELECT slot FROM articles) OR j NOT IN (SELECT slot FROM articles)"
    ),
    "aliases of no story": "stories WHERE became IS NOT NULL AND became NOT IN (SELECT story FROM stories)",
}


def verify(db: sqlite3.Connection, decided: Decided, means: Means) -> Verification:
    """Look for what is wrong; reads only."""
    problems, looked = list(_problems(db)), 0
    if not problems:  # what is not there cannot be clustered
        everything = known(db)
        problems += _missing_postings(db, everything.slots, everything.rows["kept"])
        looked, wrong = reclustered(db, decided, means, SAMPLE)
        problems += [f"story {story_id} is not what its pairs make" for story_id in wrong]
    articles, stories = db.execute("SELECT count(*), count(DISTINCT story) FROM articles").fetchone()
    return Verification(articles=articles, stories=stories, components=looked, problems=tuple(problems))


def first_problem(db: sqlite3.Connection) -> str:
    """Return what is wrong with the tables, in a word; nothing where they are whole.

    Asked when something failed that cannot fail over a whole store.
    """
    try:
        return next(_problems(db), "")
    except (sqlite3.Error, ValueError) as error:
        return str(error)


def _problems(db: sqlite3.Connection) -> Iterator[str]:
    for (told,) in db.execute("PRAGMA integrity_check(10)"):
        if told != "ok":
            yield f"the file: {told}"
    for what, where in _ORPHANS.items():
        if count := db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]:
            yield f"{count:,} {what}"
    if broken := sum(not is_whole(record) for (record,) in db.execute("SELECT record FROM texts")):
        yield f"{broken:,} articles whose record cannot be unpacked"
    try:
        for _ in columns.every(db):
            pass
    except StoreError as error:
        yield str(error)
    names = ", ".join("?" * len(Relation))
    statement = f"SELECT count(*) FROM pairs WHERE relation NOT IN ({names})"
    if strange := db.execute(statement, tuple(each.value for each in Relation)).fetchone()[0]:
        yield f"{strange:,} pairs of no known relation"


def _missing_postings(db: sqlite3.Connection, slots: Ints, kept: NDArray[np.int32]) -> Iterator[str]:
    count = np.zeros(int(slots.max(initial=-1)) + 1, dtype=np.int64)
    try:
        for held in shingle_index.every(db):
            count += np.bincount(held[held < len(count)], minlength=len(count))[: len(count)]
    except StoreError as error:
        yield str(error)
        return
    if wrong := int((count[slots] != kept).sum()):
        yield f"{wrong:,} articles with other 3-grams than were kept"
