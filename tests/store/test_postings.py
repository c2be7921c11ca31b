"""Postings and columns in the file: what is stored is read back, completely or in part."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from newsdedup.arrays import ragged_from_rows
from newsdedup.engine.corpus import ARTICLE_DTYPE
from newsdedup.engine.shingle_index import SLOT_BITS, shingles_of, slots_of
from newsdedup.errors import StoreError
from newsdedup.store import columns, shingle_index
from newsdedup.store.database import _TABLES

TOP = 1 << 40


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(_TABLES)
    yield connection
    connection.close()


def make_postings(
    seed: int, shingles: int, reports_per_shingle: int, slots: int, shingle_space: int = TOP
) -> NDArray[np.uint64]:
    """Return sorted postings of random shingles below `shingle_space`, each in up to `reports_per_shingle` reports."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    values = {
        rng.randrange(shingle_space) << SLOT_BITS | rng.randrange(slots)
        for _ in range(shingles)
        for _ in range(rng.randint(1, reports_per_shingle))
    }
    shared = [value >> SLOT_BITS for value in values][:20]
    values |= {shingle << SLOT_BITS | rng.randrange(slots) for shingle in shared for _ in range(reports_per_shingle)}
    return np.array(sorted(values), dtype=np.uint64)


@pytest.mark.parametrize(
    ("shingles", "reports_per_shingle", "slots", "shingle_space"),
    [
        (1, 1, 1, TOP),  # one posting
        (1, 9, 9, 1),  # one shingle, the smallest
        (200, 1, 1 << 24, TOP),
        (300, 30, 5000, TOP),
        (300, 2, 70_000, 400),  # adjacent shingles
        (40, 2000, 1 << 17, TOP),  # in many reports
    ],
)
def test_stored_postings_can_be_found(
    db: sqlite3.Connection, shingles: int, reports_per_shingle: int, slots: int, shingle_space: int
) -> None:
    postings = make_postings(shingles, shingles, reports_per_shingle, slots, shingle_space)
    shingle_index.append_postings(db, postings)
    assert np.concatenate(list(shingle_index.iter_slots(db))).tolist() == slots_of(postings).tolist()
    stored = np.unique(shingles_of(postings))
    rng = np.random.default_rng(shingles)
    queries = np.concatenate([stored[rng.random(len(stored)) < 0.5], stored[:5] + 1, stored[-5:] + 1, stored[:1] // 2])
    wanted = np.unique(np.concatenate([queries, rng.integers(0, TOP, 50, dtype=np.uint64)]))
    result = np.sort(shingle_index.find_postings(db, wanted, 0, TOP))
    assert result.tolist() == postings[np.isin(shingles_of(postings), wanted)].tolist()


def test_segments_are_merged_and_compacted(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs leave few segments; reading range by range gives the same as reading all."""
    monkeypatch.setattr(shingle_index, "_POSTINGS_PER_BLOCK", 100)
    monkeypatch.setattr(shingle_index, "_POSTINGS_PER_RANGE", 150)
    runs = [make_postings(seed, 60, 3, 50) + np.uint64(50 * seed) for seed in range(12)]
    for run in runs:
        shingle_index.append_postings(db, run)
    ((segments,),) = db.execute("SELECT count(DISTINCT segment) FROM postings")
    assert segments <= 4
    postings = np.sort(np.concatenate(runs))
    wanted = np.unique(shingles_of(postings))
    parts = shingle_index.shingle_ranges(db)
    assert len(parts) > 3
    result = np.concatenate([shingle_index.find_postings(db, wanted, low, high) for low, high in parts])
    assert np.sort(result).tolist() == postings.tolist()
    is_dead = np.arange(700) % 3 == 0
    shingle_index.compact(db, is_dead)
    remaining = np.sort(shingle_index.find_postings(db, wanted, 0, TOP))
    assert remaining.tolist() == postings[~is_dead[slots_of(postings)]].tolist()


def test_column_blocks_are_filled_and_compacted(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block is filled before the next begins; unused slots are erased; a missing slot is reported."""
    monkeypatch.setattr(columns, "SLOTS_PER_BLOCK", 4)
    rows = np.zeros(11, dtype=ARTICLE_DTYPE)
    rows["word_count"] = np.arange(11) + 1
    lines = ragged_from_rows([np.arange(i, dtype=np.uint64) + np.uint64(1) for i in range(11)], np.uint64)
    for start, end in ((0, 3), (3, 4), (4, 9), (9, 11)):
        columns.append_rows(db, start, rows[start:end], lines.slice_rows(range(start, end)))
    assert db.execute("SELECT first, count FROM packs ORDER BY first").fetchall() == [(0, 4), (4, 4), (8, 3)]
    slots = np.array([10, 0, 5, 3])
    assert columns.load_rows(db, slots)["word_count"].tolist() == [11, 1, 6, 4]
    assert [len(row) for row in columns.load_lines(db, slots).iter_rows()] == [10, 0, 5, 3]
    is_dead = np.isin(np.arange(11), [2, 4, 5, 6, 7])
    columns.compact(db, is_dead)
    assert columns.load_rows(db, np.array([1, 2, 3]))["word_count"].tolist() == [2, 0, 4]
    assert columns.load_lines(db, np.array([3, 2]))[0].tolist() == [1, 2, 3]
    for load in (columns.load_rows, columns.load_lines):
        with pytest.raises(StoreError, match="damaged"):
            load(db, np.array([5]))


@pytest.mark.parametrize("table", ["postings", "packs"])
def test_empty_data_is_damaged(db: sqlite3.Connection, table: str) -> None:
    """Though the CRC of no bytes is 0, which no bytes encode as well."""
    shingle_index.append_postings(db, make_postings(1, 5, 2, 9))
    columns.append_rows(
        db, 0, np.zeros(1, dtype=ARTICLE_DTYPE), ragged_from_rows([np.empty(0, dtype=np.uint64)], np.uint64)
    )
    for column in {"postings": ("data",), "packs": ("rows", "lines")}[table]:
        db.execute(f"UPDATE {table} SET {column} = x''")  # noqa: S608 - ours
    read = {"postings": shingle_index.iter_slots, "packs": columns.iter_blocks}[table]
    with pytest.raises(StoreError, match="damaged"):
        list(read(db))
