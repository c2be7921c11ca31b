"""Pairs worth scoring, kept up over a change, are those that `candidates` finds of all at once."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from newsdedup import candidates as at_once
from newsdedup.arrays import Ragged, ragged
from newsdedup.store import candidate_changes
from newsdedup.store.shingle_index import SLOT_BITS, grams, held, packed

Ints = NDArray[np.int64]


@pytest.fixture(autouse=True)
def _small_crowds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful of reports be a crowd, so that crowds come and go in small corpora."""
    for module in (at_once, candidate_changes):
        monkeypatch.setattr(module, "CROWDED", 4)
        monkeypatch.setattr(module, "REPRESENTATIVES", 2)
    for name, value in (("MIN_SHARED", 3), ("FEW_SHARED", 4), ("MIN_SHARE", 0.5)):
        monkeypatch.setattr(at_once, name, value)


def shingles(chance: random.Random, common: int) -> list[int]:
    """Return the 3-grams of a report: some of a common stock, and some of its own."""
    some = {gram << SLOT_BITS for gram in chance.sample(range(common), chance.randint(2, common // 2))}
    return sorted(some | {chance.getrandbits(40) << SLOT_BITS for _ in range(chance.randint(0, 4))})


def whole(slots: Ints, rank: Ints, reports: list[list[int]]) -> set[tuple[int, int]]:
    """Return the pairs of slots that `candidates` finds among all, the first in content order first."""
    order = slots[np.argsort(rank[slots])]
    rows = ragged([np.array(reports[slot], dtype=np.uint64) for slot in order], np.uint64)
    with tempfile.TemporaryDirectory() as folder:
        found = at_once.candidates([(np.arange(len(order)), rows)], len(order), 1 << 26, Path(folder))
    return {(int(order[i]), int(order[j])) for i, j in found.tolist()}


@pytest.mark.parametrize("seed", range(60))
def test_a_change_leaves_the_pairs_of_all_at_once(seed: int) -> None:
    """Reports come and go, crowds form and dissolve, others represent them."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    count = chance.randint(4, 40)
    reports = [shingles(chance, chance.choice([6, 20])) for _ in range(count)]
    rank = np.array(chance.sample(range(count), count))
    before = np.array([chance.random() < 0.7 for _ in range(count)])
    known = whole(np.flatnonzero(before), rank, reports)
    for _ in range(3):
        after = before ^ np.array([chance.random() < 0.2 for _ in range(count)])
        known = changed(candidate_changes.Paired(before, after, rank), reports, known)
        assert known == whole(np.flatnonzero(after), rank, reports)
        before = after


def changed(
    paired: candidate_changes.Paired, reports: list[list[int]], known: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Return the pairs after a change, as a store finds them: known ones, without those lost, and those met anew."""
    every = np.arange(len(reports))
    postings = packed(of(reports, every), every)
    middle = 1 << 10

    def lookup(wanted: NDArray[np.uint64]) -> Iterator[NDArray[np.uint64]]:
        found = postings[held(grams(postings), wanted)]
        yield found[grams(found) < middle]
        yield found[grams(found) >= middle]

    pairs = np.array(sorted(known), dtype=np.int64).reshape(-1, 2)
    gaining, losing = candidate_changes.touched(
        paired, lambda slots: of(reports, slots), np.sort(candidate_changes.keyed(pairs)), lookup
    )
    asked = np.union1d(gaining, losing)
    sizes = np.array([len(each) for each in reports], dtype=np.int32)
    met = candidate_changes.meetings(paired, asked, of(reports, asked), sizes, lookup)
    there, again = set(np.flatnonzero(paired.after).tolist()), set(asked.tolist())
    kept = {pair for pair in known if set(pair) <= there and not set(pair) & again}
    found = {(int(i), int(j)) for i, j in met.tolist()}
    assert {pair for pair in found if not set(pair) & set(gaining.tolist())} <= known
    return kept | found


def of(reports: list[list[int]], slots: Ints) -> Ragged:
    """Return the 3-grams of slots."""
    return ragged([np.array(reports[slot], dtype=np.uint64) for slot in slots.tolist()], np.uint64)
