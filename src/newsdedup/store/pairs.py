"""Scored pairs in the tables of a store."""

from __future__ import annotations

import sqlite3
from itertools import chain

import numpy as np

from newsdedup.arrays import Ints, Pairs
from newsdedup.engine.corpus import StoredPairs
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Direction, Relation, Score
from newsdedup.store.database import select_in

_COLUMNS = "i, j, probability, containment, similarity, relation, direction, template"


def load_pairs(db: sqlite3.Connection) -> StoredPairs:
    """Return all scored pairs."""
    values = chain.from_iterable(db.execute("SELECT i, j, probability FROM pairs"))
    rows = np.fromiter(values, dtype=np.float64).reshape(-1, 3)
    return StoredPairs(rows[:, :2].astype(np.int64), rows[:, 2])


def load_pair_scores(db: sqlite3.Connection, slots: Ints) -> PairScores:
    """Return the scores of the pairs whose first slot is given."""
    rows = list(select_in(db, f"SELECT {_COLUMNS} FROM pairs WHERE i IN", slots.tolist()))
    return PairScores.from_scores(
        np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2),
        [Score(row[2], row[3], row[4], Relation(row[5]), Direction(row[6])) for row in rows],
        np.array([row[7] for row in rows], dtype=bool),
    )


def write_pairs(db: sqlite3.Connection, removed: Pairs, added: PairScores) -> None:
    """Remove some pairs and add others."""
    db.executemany("DELETE FROM pairs WHERE i = ? AND j = ?", removed.tolist())
    scores = zip(added.pairs.tolist(), added.iter_scores(), added.is_template.tolist(), strict=True)
    db.executemany(
        f"INSERT INTO pairs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (i, j, x.probability, x.containment, x.similarity, x.relation.value, x.direction.value, int(is_template))
            for (i, j), x, is_template in scores
        ),
    )
