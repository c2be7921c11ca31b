"""The boilerplate of outlets in the tables of a store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from newsdedup.clean import RecurringLines
from newsdedup.engine.corpus import OutletTables
from newsdedup.store.database import to_sqlite_int

_LineKey = tuple[str, bytes]


def load_outlet_tables(db: sqlite3.Connection, outlets: Iterable[int]) -> OutletTables:
    """Return the boilerplate of outlets, given by hash."""
    signatures, tables = {}, {}
    for outlet in outlets:
        row = db.execute("SELECT signature FROM outlets WHERE outlet = ?", (to_sqlite_int(outlet),)).fetchone()
        if row is None:
            continue
        signatures[outlet] = row[0]
        lines: dict[_LineKey, tuple[int, int, int]] = {
            (name, line): (articles, words, int.from_bytes(coarse, "little"))
            for line, name, articles, words, coarse in db.execute(
                "SELECT line, name, articles, words, coarse FROM boilerplate WHERE outlet = ?", (to_sqlite_int(outlet),)
            )
        }
        tables[outlet] = _build_table(lines)
    return OutletTables(signatures, tables)


def _build_table(lines: Mapping[_LineKey, tuple[int, int, int]]) -> RecurringLines:
    word_counts: dict[str, set[int]] = {}
    for (name, _), (_, words, _) in lines.items():
        word_counts.setdefault(name, set()).add(words)
    return RecurringLines(
        {line: articles for line, (articles, _, _) in lines.items()},
        word_counts,
        {line: (words, coarse) for line, (_, words, coarse) in lines.items()},
    )


def write_outlet_tables(db: sqlite3.Connection, changed: OutletTables) -> None:
    """Write the boilerplate of the outlets that changed."""
    for outlet, signature in changed.signatures.items():
        outlet_key = to_sqlite_int(outlet)
        db.execute("DELETE FROM boilerplate WHERE outlet = ?", (outlet_key,))
        db.execute("DELETE FROM outlets WHERE outlet = ?", (outlet_key,))
        if signature:
            db.execute("INSERT INTO outlets VALUES (?, ?)", (outlet_key, signature))
        table = changed.tables[outlet]
        db.executemany(
            "INSERT INTO boilerplate VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    outlet_key,
                    line,
                    name,
                    articles,
                    table.lookup_keys[name, line][0],
                    table.lookup_keys[name, line][1].to_bytes(8, "little"),
                )
                for (name, line), articles in table.article_counts.items()
            ],
        )
