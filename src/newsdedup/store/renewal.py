"""What a rebuild does first: all that was kept of articles beside their texts is made anew."""

from __future__ import annotations

import sqlite3

import numpy as np

from newsdedup.arrays import ragged
from newsdedup.clean.outlet_boilerplate import line_keys
from newsdedup.idf import hash_word
from newsdedup.store import columns
from newsdedup.store.codec import loaded_as
from newsdedup.text import words


def renew(db: sqlite3.Connection) -> None:
    """Forget 3-grams and outlet tables, and key the lines of all articles again."""
    for table in ("postings", "outlets", "boilerplate"):
        db.execute(f"DELETE FROM {table}")
    for first, was, lines in columns.every(db):
        rows, keys = was.copy(), [lines[i] for i in range(len(lines))]
        texts = db.execute("SELECT slot, record FROM texts WHERE slot >= ? AND slot < ?", (first, first + len(rows)))
        for slot, record in texts:
            article, at = loaded_as(record), slot - first
            rows["outlet"][at] = hash_word(article.outlet) if article.outlet else 0
            rows["titled"][at] = bool(article.outlet and words(article.title or ""))
            keys[at] = line_keys(article)
        columns.put(db, columns.Pack(first, rows, ragged(keys, np.uint64)))
