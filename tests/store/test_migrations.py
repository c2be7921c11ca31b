"""A store of an older version is upgraded when it is opened, and holds the same."""

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
from newsdedup.engine.shingle_index import shingles_of, slots_of
from newsdedup.errors import StoreError
from newsdedup.render.stories.jsonl import render_chunks
from newsdedup.store import Store, columns, shingle_index
from newsdedup.store.database import SCHEMA

ONE = Config(workers=1)


def downgrade_to_version_1(path: Path) -> None:
    """Turn a store into one of version 1: columns and lines in tables of their own, postings in whole bytes."""
    with sqlite3.connect(path) as db:
        db.executescript(
            "ALTER TABLE articles ADD COLUMN columns BLOB; DROP INDEX articles_by_slot;"
            "CREATE TABLE lines (slot INTEGER PRIMARY KEY, keys BLOB NOT NULL); PRAGMA user_version = 1;"
        )
        for first, rows, lines in columns.iter_blocks(db):
            for index in range(len(rows)):
                db.execute("UPDATE articles SET columns = ? WHERE slot = ?", (rows[index].tobytes(), first + index))
                db.execute("INSERT INTO lines VALUES (?, ?)", (first + index, lines[index].tobytes()))
        db.execute("DELETE FROM lines WHERE slot NOT IN (SELECT slot FROM articles)")
        db.execute("DROP TABLE packs")
        for segment, block, data in db.execute("SELECT segment, block, data FROM postings").fetchall():
            postings = shingle_index._Block(data[:-4]).decode_all()
            shingles, slots = shingles_of(postings), slots_of(postings)
            differences = np.diff(shingles, prepend=shingles[:1])
            encoded = int(shingles[0]).to_bytes(8, "little") + bytes((5, 3))
            for values, width in ((differences, 5), (slots, 3)):
                encoded += values.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].tobytes()
            encoded += zlib.crc32(encoded).to_bytes(4, "little")
            db.execute("UPDATE postings SET data = ? WHERE segment = ? AND block = ?", (encoded, segment, block))
    db.close()


def export_lines(store: Store) -> list[bytes]:
    with store.open_export() as export:
        return list(render_chunks(export.stories, export.executor))


def test_a_migrated_store_works_as_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unused slots leave gaps; later articles join the stored stories."""
    monkeypatch.setattr(columns, "SLOTS_PER_BLOCK", 5)
    paths = sorted(SEEDS.glob("*.*"))
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    for path in (old, new):
        with Store(path, ONE) as store:
            store.ingest(load(paths[:-6], ONE))
            store.forget([v.article_id for s in store.ingest(load(paths[-6:-3], ONE)).stories for v in s.variants][:2])
    downgrade_to_version_1(old)
    with Store(old, ONE) as migrated, Store(new, ONE) as store:
        assert migrated.verify() == store.verify()
        assert export_lines(migrated) == export_lines(store)
        changed = [each.ingest(load(paths[-3:], ONE)) for each in (migrated, store)]
        assert changed[0] == changed[1]
        assert migrated.verify().problems == ()
        assert export_lines(migrated) == export_lines(store)
    with sqlite3.connect(old) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    db.close()


def test_several_processes_may_migrate_at_once(tmp_path: Path) -> None:
    """One of them migrates it, the others use the result."""
    path = tmp_path / "s.db"
    with Store(path, ONE) as store:
        store.ingest(load([SEEDS], ONE))
    downgrade_to_version_1(path)
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
def test_a_damaged_older_store_is_not_changed(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "s.db"
    with Store(path, ONE) as store:
        store.ingest(load([SEEDS], ONE))
    downgrade_to_version_1(path)
    with sqlite3.connect(path) as db:
        db.execute(spoil)
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="damaged"), Store(path, ONE):
        pass
    assert path.read_bytes() == before
