"""Migrations from each older version of the tables to the next, run in the transaction that raises the version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import numpy as np

from newsdedup.arrays import Hashes, ragged_from_rows
from newsdedup.engine.corpus import ARTICLE_DTYPE
from newsdedup.engine.shingle_index import SLOT_BITS
from newsdedup.errors import StoreError
from newsdedup.store import columns, shingle_index
from newsdedup.store.codec import DAMAGED, strip_checksum

_CREATE_PACKS = """
CREATE TABLE packs (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, rows BLOB NOT NULL, lines BLOB NOT NULL)
"""
_DROP_ARTICLE_COLUMNS = """
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


def _migrate_1_to_2(db: sqlite3.Connection) -> None:
    """Version 1 to 2: columns and line keys move into blocks, postings are stored in fewer bits."""
    db.execute(_CREATE_PACKS)
    ((end,),) = db.execute("SELECT coalesce(max(slot) + 1, 0) FROM articles")
    for first in range(0, end, columns.SLOTS_PER_BLOCK):
        count = min(columns.SLOTS_PER_BLOCK, end - first)
        count_articles = "SELECT count(*) FROM articles WHERE slot >= ? AND slot < ?"
        ((remaining,),) = db.execute(count_articles, (first, first + count))
        if not remaining:
            continue
        rows, lines = np.zeros(count, dtype=ARTICLE_DTYPE), [np.empty(0, dtype=np.uint64)] * count
        statement = "SELECT slot, columns, keys FROM articles JOIN lines USING (slot) WHERE slot >= ? AND slot < ?"
        for slot, data, keys in db.execute(statement, (first, first + count)):
            rows[slot - first] = np.frombuffer(data, dtype=ARTICLE_DTYPE)[0]
            lines[slot - first] = np.frombuffer(keys, dtype="<u8")
            remaining -= 1
        if remaining:
            raise StoreError(f"{DAMAGED}: missing keys of lines")
        columns.write_block(db, columns.ColumnBlock(first, rows, ragged_from_rows(lines, np.uint64)))
    for statement in _DROP_ARTICLE_COLUMNS.split(";"):
        db.execute(statement)
    for segment, block in db.execute("SELECT segment, block FROM postings").fetchall():
        where = "WHERE segment = ? AND block = ?"
        ((data,),) = db.execute(f"SELECT data FROM postings {where}", (segment, block))
        encoded = shingle_index.encode_block(_decode_version_1_block(strip_checksum(data, "a block of 3-grams")))
        db.execute(f"UPDATE postings SET data = ? {where}", (encoded, segment, block))


def _decode_version_1_block(data: bytes) -> Hashes:
    """Decode a block of postings of version 1: differences of shingles, then slots, each in whole bytes."""
    widths = data[8], data[9]
    size = (len(data) - 10) // sum(widths)
    decoded, start = [], 10
    for width in widths:
        rows = np.zeros((size, 8), dtype=np.uint8)
        rows[:, :width] = np.frombuffer(data, np.uint8, size * width, start).reshape(size, width)
        decoded.append(rows.view("<u8").ravel().astype(np.uint64))
        start += size * width
    shingles = np.cumsum(decoded[0]) + np.uint64(int.from_bytes(data[:8], "little"))
    postings: Hashes = shingles << np.uint64(SLOT_BITS) | decoded[1]
    return postings


MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _migrate_1_to_2}
"""Each migration by the version that it starts from."""
