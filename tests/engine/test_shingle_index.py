"""Candidate pairs maintained over updates are those that `candidates` finds over all reports at once."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from newsdedup import candidates as at_once
from newsdedup.arrays import Ragged, ragged_from_rows
from newsdedup.engine import shingle_index
from newsdedup.engine.shingle_index import SLOT_BITS, is_in_sorted, pack_postings, shingles_of

Ints = NDArray[np.int64]


@pytest.fixture(autouse=True)
def _low_df_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the df limits, so that shingles become high-df and stop being so in small corpora."""
    for module in (at_once, shingle_index):
        monkeypatch.setattr(module, "MAX_SHINGLE_DF", 4)
        monkeypatch.setattr(module, "PIVOTS_PER_SHINGLE", 2)
    for name, value in (("MIN_SHARED_SHINGLES", 3), ("ENOUGH_SHARED_SHINGLES", 4), ("MIN_SHINGLE_CONTAINMENT", 0.5)):
        monkeypatch.setattr(at_once, name, value)


def make_shingles(chance: random.Random, common: int) -> list[int]:
    """Return the shingles of a report: some from a common pool, and some unique ones."""
    shared = {gram << SLOT_BITS for gram in chance.sample(range(common), chance.randint(2, common // 2))}
    return sorted(shared | {chance.getrandbits(40) << SLOT_BITS for _ in range(chance.randint(0, 4))})


def find_all_pairs(slots: Ints, rank: Ints, reports: list[list[int]]) -> set[tuple[int, int]]:
    """Return the pairs of slots that `candidates` finds over all reports, each in content order."""
    order = slots[np.argsort(rank[slots])]
    rows = ragged_from_rows([np.array(reports[slot], dtype=np.uint64) for slot in order], np.uint64)
    with tempfile.TemporaryDirectory() as folder:
        pairs = at_once.find_candidates([(np.arange(len(order)), rows)], len(order), 1 << 26, Path(folder))
    return {(int(order[i]), int(order[j])) for i, j in pairs.tolist()}


@pytest.mark.parametrize("seed", range(60))
def test_updated_pairs_match_those_of_all_reports(seed: int) -> None:
    """Reports are added and removed, shingles become and stop being high-df, and pivots change."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    count = chance.randint(4, 40)
    reports = [make_shingles(chance, chance.choice([6, 20])) for _ in range(count)]
    rank = np.array(chance.sample(range(count), count))
    before = np.array([chance.random() < 0.7 for _ in range(count)])
    stored = find_all_pairs(np.flatnonzero(before), rank, reports)
    for _ in range(3):
        after = before ^ np.array([chance.random() < 0.2 for _ in range(count)])
        stored = update_pairs(shingle_index.IndexedSlots(before, after, rank), reports, stored)
        assert stored == find_all_pairs(np.flatnonzero(after), rank, reports)
        before = after


def update_pairs(
    indexed: shingle_index.IndexedSlots, reports: list[list[int]], stored: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Return the pairs after an update as a store finds them: stored pairs without lost ones, and new pairs."""
    all_slots = np.arange(len(reports))
    postings = pack_postings(shingles_of_slots(reports, all_slots), all_slots)
    middle = 1 << 10

    def lookup(queried: NDArray[np.uint64]) -> Iterator[NDArray[np.uint64]]:
        selected = postings[is_in_sorted(shingles_of(postings), queried)]
        yield selected[shingles_of(selected) < middle]
        yield selected[shingles_of(selected) >= middle]

    pairs = np.array(sorted(stored), dtype=np.int64).reshape(-1, 2)
    gaining, losing = shingle_index.affected_by_df_change(
        indexed, lambda slots: shingles_of_slots(reports, slots), np.sort(shingle_index.pack_pairs(pairs)), lookup
    )
    queried = np.union1d(gaining, losing)
    counts = np.array([len(report) for report in reports], dtype=np.int32)
    new_pairs = shingle_index.find_colliding_pairs(
        indexed, queried, shingles_of_slots(reports, queried), counts, lookup
    )
    present, queried_set = set(np.flatnonzero(indexed.after).tolist()), set(queried.tolist())
    remaining = {pair for pair in stored if set(pair) <= present and not set(pair) & queried_set}
    new = {(int(i), int(j)) for i, j in new_pairs.tolist()}
    assert {pair for pair in new if not set(pair) & set(gaining.tolist())} <= stored
    return remaining | new


def shingles_of_slots(reports: list[list[int]], slots: Ints) -> Ragged:
    """Return the shingles of slots."""
    return ragged_from_rows([np.array(reports[slot], dtype=np.uint64) for slot in slots.tolist()], np.uint64)
