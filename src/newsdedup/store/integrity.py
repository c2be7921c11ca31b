"""Checks of a store: its file, the consistency of its tables, and that its pairs cluster into its stories."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints
from newsdedup.engine.clustering import recluster_sample
from newsdedup.engine.context import RunContext
from newsdedup.engine.state import Constraints
from newsdedup.errors import StoreError
from newsdedup.models import Relation
from newsdedup.models.store import Verification
from newsdedup.store import columns, shingle_index
from newsdedup.store.codec import is_valid_record
from newsdedup.store.corpus import StoreCorpus
from newsdedup.store.database import execute_in
from newsdedup.store.queries import count_contents, count_rows

# Connected components that `verify_store` clusters again.
COMPONENT_SAMPLE = 200

_CONSISTENCY_CHECKS = {
    "articles without a record": "articles WHERE slot NOT IN (SELECT slot FROM texts)",
    "records without an article": "texts WHERE slot NOT IN (SELECT slot FROM articles)",
    "slots of several articles": "(SELECT 1 FROM articles GROUP BY slot HAVING count(*) > 1)",
    "overlapping blocks of columns": (
        "packs WHERE first + count > (SELECT min(later.first) FROM packs later WHERE later.first > packs.first)"
    ),
    "articles without columns": (
        "articles WHERE slot >= "
        "coalesce((SELECT first + count FROM packs WHERE first <= slot ORDER BY first DESC LIMIT 1), 0)"
    ),
    "articles without a story": "articles WHERE story NOT IN (SELECT story FROM stories)",
    "articles of a story that was merged into another": (
        "articles WHERE story IN (SELECT story FROM stories WHERE became IS NOT NULL)"
    ),
    "ids of several articles": "(SELECT 1 FROM articles GROUP BY article_id HAVING count(*) > 1)",
    "pairs of a missing report": (
        "pairs WHERE i NOT IN (SELECT slot FROM articles) OR j NOT IN (SELECT slot FROM articles)"
    ),
    "aliases without a story": "stories WHERE became IS NOT NULL AND became NOT IN (SELECT story FROM stories)",
}


def verify_store(db: sqlite3.Connection, constraints: Constraints, context: RunContext) -> Verification:
    """Check the store and return the problems; writes nothing."""
    problems, component_count = list(_find_problems(db)), 0
    if not problems:  # the checks below need consistent tables
        corpus = StoreCorpus(db)
        columns_read = corpus.load_columns()
        problems += _check_postings(db, columns_read.slots, columns_read.rows["shingle_count"])
        component_count, wrong_stories = recluster_sample(corpus, constraints, context, COMPONENT_SAMPLE)
        rows = execute_in(db, "SELECT story_id FROM stories WHERE story IN", wrong_stories)
        problems += [f"story {story_id} does not match the clusters of its pairs" for (story_id,) in sorted(rows)]
    articles, stories = count_contents(db)
    return Verification(articles=articles, stories=stories, components=component_count, problems=tuple(problems))


def find_first_problem(db: sqlite3.Connection) -> str:
    """Return the first problem of the file and tables, or an empty string.

    Called after an error that cannot occur on a valid store.
    """
    try:
        return next(_find_problems(db), "")
    except (sqlite3.Error, ValueError) as error:
        return str(error)


def _find_problems(db: sqlite3.Connection) -> Iterator[str]:
    for (message,) in db.execute("PRAGMA integrity_check(10)"):
        if message != "ok":
            yield f"file: {message}"
    for description, source in _CONSISTENCY_CHECKS.items():
        if count := count_rows(db, source):
            yield f"{count:,} {description}"
    if invalid_count := sum(not is_valid_record(record) for (record,) in db.execute("SELECT record FROM texts")):
        yield f"{invalid_count:,} articles with an unreadable record"
    try:
        for _ in columns.iter_blocks(db):
            pass
    except StoreError as error:
        yield str(error)
    relations = ", ".join(f"'{relation.value}'" for relation in Relation)
    if unknown_count := count_rows(db, f"pairs WHERE relation NOT IN ({relations})"):
        yield f"{unknown_count:,} pairs with an unknown relation"


def _check_postings(db: sqlite3.Connection, slots: Ints, expected: NDArray[np.int32]) -> Iterator[str]:
    try:
        count = shingle_index.count_slots(shingle_index.iter_slots(db), int(slots.max(initial=-1)) + 1)
    except StoreError as error:
        yield str(error)
        return
    if wrong_count := int((count[slots] != expected).sum()):
        yield f"{wrong_count:,} articles with missing or extra 3-grams in the index"
