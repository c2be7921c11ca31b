"""A store of an older version becomes one of this version when it is opened, and holds the same."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from builders import SEEDS
from newsdedup import load
from newsdedup.config import Config
from newsdedup.errors import StoreError
from newsdedup.store import Store, columns, shingle_index
from newsdedup.store.database import SCHEMA

ONE = Config(workers=1)


def version_1(path: Path) -> None:
    """Make a store one of version 1: columns and lines in tables of their own, blocks of whole bytes."""
    with sqlite3.connect(path) as db:
        db.executescript(
            "ALTER TABLE articles ADD COLUMN columns BLOB; DROP INDEX articles_by_slot;"
            "CREATE TABLE lines (slot INTEGER PRIMARY KEY, keys BLOB NOT NULL); PRAGMA user_version = 1;"
        )
        for first, rows, lines in columns.every(db):
            for at in range(len(rows)):
                db.execute("UPDATE articles SET columns = ? WHERE slot = ?", (rows[at].tobytes(), first + at))
                db.execute("INSERT INTO lines VALUES (?, ?)", (first + at, lines[at].tobytes()))
        db.execute("DELETE FROM lines WHERE slot NOT IN (SELECT slot FROM articles)")
        db.execute("DROP TABLE packs")
        for segment, block, data in db.execute("SELECT segment, block, data FROM postings").fetchall():
            own = shingle_index._Block(data[:-4]).all()
            grams, slots = shingle_index.grams(own), shingle_index.slots_of(own)
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
    monkeypatch.setattr(columns, "PACK", 5)
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


def test_several_may_open_it_at_once(tmp_path: Path) -> None:
    """One of them brings it up to date, the others go on with that."""
    path = tmp_path / "s.db"
    with Store(path, ONE) as store:
        store.ingest(load([SEEDS], ONE))
    version_1(path)
    command = (sys.executable, "-m", "newsdedup", "store", "stats", "--store", str(path))
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {(each.communicate()[0].count("articles  24"), each.returncode) for each in running} == {(1, 0)}


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM lines WHERE slot = 5",
        "UPDATE articles SET columns = substr(columns, 3) WHERE slot = 5",
        "UPDATE lines SET keys = x'0102' WHERE slot = 5",
        "UPDATE postings SET data = x''",
    ],
)
def test_a_damaged_one_stays_as_it_is(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "s.db"
    with Store(path, ONE) as store:
        store.ingest(load([SEEDS], ONE))
    version_1(path)
    with sqlite3.connect(path) as db:
        db.execute(spoil)
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="damaged"), Store(path, ONE):
        pass
    assert path.read_bytes() == before
