"""Postings as they lie in the file: what goes in comes out, whole or only what is asked for."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from newsdedup.arrays import ragged
from newsdedup.errors import StoreError
from newsdedup.store import columns, shingle_index
from newsdedup.store.database import _TABLES

TOP = 1 << 40


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    made.executescript(_TABLES)
    yield made
    made.close()


def some(seed: int, grams: int, holders: int, slots: int, spread: int = TOP) -> NDArray[np.uint64]:
    """Return sorted postings of so many 3-grams under `spread`, each of some holders up to so many."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    values = {
        chance.randrange(spread) << shingle_index.SLOT_BITS | chance.randrange(slots)
        for _ in range(grams)
        for _ in range(chance.randint(1, holders))
    }
    shared = [value >> shingle_index.SLOT_BITS for value in values][:20]
    values |= {gram << shingle_index.SLOT_BITS | chance.randrange(slots) for gram in shared for _ in range(holders)}
    return np.array(sorted(values), dtype=np.uint64)


@pytest.mark.parametrize(
    ("grams", "holders", "slots", "spread"),
    [
        (1, 1, 1, TOP),  # one posting
        (1, 9, 9, 1),  # one 3-gram, the least
        (200, 1, 1 << 24, TOP),
        (300, 30, 5000, TOP),
        (300, 2, 70_000, 400),  # 3-grams side by side
        (40, 2000, 1 << 17, TOP),  # held by many
    ],
)
def test_what_goes_in_comes_out(db: sqlite3.Connection, grams: int, holders: int, slots: int, spread: int) -> None:
    whole = some(grams, grams, holders, slots, spread)
    shingle_index.append(db, whole)
    assert np.concatenate(list(shingle_index.every(db))).tolist() == shingle_index.slots_of(whole).tolist()
    own = np.unique(shingle_index.grams(whole))
    chance = np.random.default_rng(grams)
    around = np.concatenate([own[chance.random(len(own)) < 0.5], own[:5] + 1, own[-5:] + 1, own[:1] // 2])
    wanted = np.unique(np.concatenate([around, chance.integers(0, TOP, 50, dtype=np.uint64)]))
    found = np.sort(shingle_index.holding(db, wanted, 0, TOP))
    assert found.tolist() == whole[np.isin(shingle_index.grams(whole), wanted)].tolist()


def test_segments_are_joined_and_emptied(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs leave few segments, in blocks; parts of the 3-grams give the same as all at once."""
    monkeypatch.setattr(shingle_index, "_BLOCK", 100)
    monkeypatch.setattr(shingle_index, "_PART", 150)
    runs = [some(seed, 60, 3, 50) + np.uint64(50 * seed) for seed in range(12)]
    for each in runs:
        shingle_index.append(db, each)
    ((segments,),) = db.execute("SELECT count(DISTINCT segment) FROM postings")
    assert segments <= 4
    whole = np.sort(np.concatenate(runs))
    wanted = np.unique(shingle_index.grams(whole))
    parts = shingle_index.parts(db)
    assert len(parts) > 3
    found = np.concatenate([shingle_index.holding(db, wanted, low, high) for low, high in parts])
    assert np.sort(found).tolist() == whole.tolist()
    dead = np.arange(700) % 3 == 0
    shingle_index.compact(db, dead)
    left = np.sort(shingle_index.holding(db, wanted, 0, TOP))
    assert left.tolist() == whole[~dead[shingle_index.slots_of(whole)]].tolist()


def test_packs_hold_columns_and_lines(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack is filled before the next begins; what is gone is wiped out, and a slot that is in none is told."""
    monkeypatch.setattr(columns, "PACK", 4)
    rows = np.zeros(11, dtype=columns.ROW)
    rows["words"] = np.arange(11) + 1
    lines = ragged([np.arange(i, dtype=np.uint64) + np.uint64(1) for i in range(11)], np.uint64)
    for start, end in ((0, 3), (3, 4), (4, 9), (9, 11)):
        columns.append(db, start, rows[start:end], lines.part(range(start, end)))
    assert db.execute("SELECT first, count FROM packs ORDER BY first").fetchall() == [(0, 4), (4, 4), (8, 3)]
    slots = np.array([10, 0, 5, 3])
    assert columns.rows_of(db, slots)["words"].tolist() == [11, 1, 6, 4]
    assert [len(row) for row in columns.lines_of(db, slots).rows()] == [10, 0, 5, 3]
    dead = np.isin(np.arange(11), [2, 4, 5, 6, 7])
    columns.compact(db, dead)
    assert columns.rows_of(db, np.array([1, 2, 3]))["words"].tolist() == [2, 0, 4]
    assert columns.lines_of(db, np.array([3, 2]))[0].tolist() == [1, 2, 3]
    for missing in (columns.rows_of, columns.lines_of):
        with pytest.raises(StoreError, match="damaged"):
            missing(db, np.array([5]))


@pytest.mark.parametrize("table", ["postings", "packs"])
def test_what_is_empty_is_damaged(db: sqlite3.Connection, table: str) -> None:
    """The checksum of nothing is 0."""
    shingle_index.append(db, some(1, 5, 2, 9))
    columns.append(db, 0, np.zeros(1, dtype=columns.ROW), ragged([np.empty(0, dtype=np.uint64)], np.uint64))
    for column in {"postings": ("data",), "packs": ("rows", "lines")}[table]:
        db.execute(f"UPDATE {table} SET {column} = x''")  # noqa: S608 - ours
    for read in (shingle_index.every, columns.every):
        if read.__module__.endswith(table):
            with pytest.raises(StoreError, match="damaged"):
                list(read(db))
