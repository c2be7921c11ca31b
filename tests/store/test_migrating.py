"""A store of an older version becomes one of this version when it is opened, and holds the same."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import numpy as np
import pytest

from builders import SEEDS
from newsdedup import load
from newsdedup.config import Config
from newsdedup.store import Store, packs, postings
from newsdedup.store.schema import SCHEMA

ONE = Config(workers=1)


def version_1(path: Path) -> None:
    """Make a store one of version 1: columns and lines in tables of their own, blocks of whole bytes."""
    with sqlite3.connect(path) as db:
        db.executescript(
            "ALTER TABLE articles ADD COLUMN columns BLOB; DROP INDEX articles_by_slot;"
            "CREATE TABLE lines (slot INTEGER PRIMARY KEY, keys BLOB NOT NULL); PRAGMA user_version = 1;"
        )
        for first, rows, lines in packs.every(db):
            for at in range(len(rows)):
                db.execute("UPDATE articles SET columns = ? WHERE slot = ?", (rows[at].tobytes(), first + at))
                db.execute("INSERT INTO lines VALUES (?, ?)", (first + at, lines[at].tobytes()))
        db.execute("DELETE FROM lines WHERE slot NOT IN (SELECT slot FROM articles)")
        db.execute("DROP TABLE packs")
        for segment, block, data in db.execute("SELECT segment, block, data FROM postings").fetchall():
            own = postings._Block(data[:-4]).all()
            grams, slots = postings.grams(own), postings.slots_of(own)
            more = np.diff(grams, prepend=grams[:1])
            old = int(grams[0]).to_bytes(8, "little") + bytes((5, 3))
            for values, width in ((more, 5), (slots, 3)):
                old += values.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].tobytes()
            old += zlib.crc32(old).to_bytes(4, "little")
            db.execute("UPDATE postings SET data = ? WHERE segment = ? AND block = ?", (old, segment, block))
    db.close()


def lines(store: Store) -> list[bytes]:
    with store.exporting() as export:
        return list(export.json_lines())


def test_an_older_store_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots that are gone leave gaps; what comes afterwards joins what was there."""
    monkeypatch.setattr(packs, "PACK", 5)
    paths = sorted(SEEDS.glob("*.*"))
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    for path in (old, new):
        with Store(path, ONE) as store:
            store.ingest(load(paths[:-6], ONE))
            store.forget([v.article_id for s in store.ingest(load(paths[-6:-3], ONE)).stories for v in s.variants][:2])
    version_1(old)
    with Store(old, ONE) as migrated, Store(new, ONE) as store:
        assert migrated.verify() == store.verify()
        assert lines(migrated) == lines(store)
        changed = [each.ingest(load(paths[-3:], ONE)) for each in (migrated, store)]
        assert changed[0] == changed[1]
        assert migrated.verify().problems == ()
        assert lines(migrated) == lines(store)
    with sqlite3.connect(old) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    db.close()
