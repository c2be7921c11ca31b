"""What makes a store of each older version one of the next, in the transaction that raises its version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import numpy as np

from newsdedup.arrays import ragged
from newsdedup.errors import StoreError
from newsdedup.store import columns, shingle_index
from newsdedup.store.codec import DAMAGED, whole

_PACKS = """
CREATE TABLE packs (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, rows BLOB NOT NULL, lines BLOB NOT NULL)
"""
_WITHOUT_COLUMNS = """
DROP TABLE lines;
CREATE TABLE moved (
    article INTEGER PRIMARY KEY, slot INTEGER NOT NULL, story INTEGER NOT NULL, run INTEGER NOT NULL,
    article_id TEXT NOT NULL, version_of TEXT, path TEXT NOT NULL, record INTEGER NOT NULL,
    source TEXT, published TEXT
);
INSERT INTO moved SELECT article, slot, story, run, article_id, version_of, path, record, source, published
FROM articles;
DROP TABLE articles;
ALTER TABLE moved RENAME TO articles;
CREATE INDEX articles_by_slot ON articles (slot, story);
CREATE INDEX articles_by_story ON articles (story);
CREATE INDEX articles_by_id ON articles (article_id)
"""


def _packed(db: sqlite3.Connection) -> None:
    """1 to 2: columns and keys of lines in packs, 3-grams in fewer bits."""
    db.execute(_PACKS)
    ((end,),) = db.execute("SELECT coalesce(max(slot) + 1, 0) FROM articles")
    for first in range(0, end, columns.PACK):
        count = min(columns.PACK, end - first)
        there = "SELECT count(*) FROM articles WHERE slot >= ? AND slot < ?"
        ((left,),) = db.execute(there, (first, first + count))
        if not left:
            continue
        rows, lines = np.zeros(count, dtype=columns.ROW), [np.empty(0, dtype=np.uint64)] * count
        statement = "SELECT slot, columns, keys FROM articles JOIN lines USING (slot) WHERE slot >= ? AND slot < ?"
        for slot, data, keys in db.execute(statement, (first, first + count)):
            rows[slot - first] = np.frombuffer(data, dtype=columns.ROW)[0]
            lines[slot - first] = np.frombuffer(keys, dtype="<u8")
            left -= 1
        if left:
            raise StoreError(f"{DAMAGED}: keys of lines that are missing")
        columns.put(db, columns.Pack(first, rows, ragged(lines, np.uint64)))
    for statement in _WITHOUT_COLUMNS.split(";"):
        db.execute(statement)
    for segment, block in db.execute("SELECT segment, block FROM postings").fetchall():
        where = "WHERE segment = ? AND block = ?"
        ((data,),) = db.execute(f"SELECT data FROM postings {where}", (segment, block))
        again = shingle_index.encoded(_with_whole_bytes(whole(data, "a block of 3-grams")))
        db.execute(f"UPDATE postings SET data = ? {where}", (again, segment, block))


def _with_whole_bytes(data: bytes) -> shingle_index.Hashes:
    """Return the postings of a block of version 1: differences of 3-grams, then slots, in whole bytes."""
    widths = data[8], data[9]
    size = (len(data) - 10) // sum(widths)
    parts, start = [], 10
    for width in widths:
        rows = np.zeros((size, 8), dtype=np.uint8)
        rows[:, :width] = np.frombuffer(data, np.uint8, size * width, start).reshape(size, width)
        parts.append(rows.view("<u8").ravel().astype(np.uint64))
        start += size * width
    grams = np.cumsum(parts[0]) + np.uint64(int.from_bytes(data[:8], "little"))
    found: shingle_index.Hashes = grams << np.uint64(shingle_index.SLOT_BITS) | parts[1]
    return found


MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _packed}
"""By the version that each begins with."""
