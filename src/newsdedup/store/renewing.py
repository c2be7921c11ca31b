"""What a rebuild does first: all that was kept of articles beside their texts is made anew."""

from __future__ import annotations

import sqlite3

import numpy as np

from newsdedup.background import hash_word
from newsdedup.clean.table import line_keys
from newsdedup.store.known import ROW
from newsdedup.store.records import loaded_as
from newsdedup.text import words


def renew(db: sqlite3.Connection) -> None:
    """Forget 3-grams and outlet tables, and key the lines of all articles again."""
    for table in ("postings", "outlets", "boilerplate"):
        db.execute(f"DELETE FROM {table}")
    slots = [row[0] for row in db.execute("SELECT slot FROM articles ORDER BY slot")]
    for slot in slots:
        record, columns = db.execute(
            "SELECT texts.record, columns FROM articles JOIN texts USING (slot) WHERE slot = ?", (slot,)
        ).fetchone()
        article = loaded_as(record)
        row = np.frombuffer(columns, dtype=ROW).copy()
        row["outlet"] = hash_word(article.outlet) if article.outlet else 0
        row["titled"] = bool(article.outlet and words(article.title or ""))
        db.execute("UPDATE articles SET columns = ? WHERE slot = ?", (row.tobytes(), slot))
        db.execute("UPDATE lines SET keys = ? WHERE slot = ?", (line_keys(article).astype("<u8").tobytes(), slot))
