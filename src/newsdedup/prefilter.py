"""Stage 4b, between candidates and score: verify. Which candidates have enough words in common to be worth scoring.

Most candidates share stock phrases and no report. The stems of two whole reports, without their sentences, tell that at
a thousandth of what a score costs: what cannot reach a probability of .1 is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged
from newsdedup.idf import Background
from newsdedup.thresholds import VERIFY_BOTH, VERIFY_KNOWN, VERIFY_WORDING

# Stems that are compared at a time: the arrays over them take some 40 bytes each.
_AT_ONCE = 1 << 17

Floats = NDArray[np.float64]


def verify(pairs: NDArray[np.int64], stems: Ragged, shingles: Ragged, background: Background) -> NDArray[np.bool_]:
    """Tell of each pair of rows, shape (n, 2), whether it may tell one report, or fill in one template.

    `stems` and `shingles` are as `fingerprint` gives them.
    """
    known, cosine = compare(pairs, stems, background)
    kept = (known >= VERIFY_KNOWN) & (known + cosine >= VERIFY_BOTH)
    doubtful = np.flatnonzero(~kept)
    kept[doubtful] = wording(pairs[doubtful], shingles) >= VERIFY_WORDING
    return kept


def wording(pairs: NDArray[np.int64], shingles: Ragged) -> Floats:
    """Return the share of the smaller report's kept shingles that the other report of each pair has, 0 to 1."""
    share = np.zeros(len(pairs))
    for start, end in _blocks(pairs, shingles):
        rows = pairs[start:end]
        both = shingles.take(rows.ravel())
        pair = np.repeat(np.arange(end - start, dtype=np.uint64), both.sizes.reshape(-1, 2).sum(axis=1))
        packed = pair << np.uint64(40) | both.values >> np.uint64(24)
        packed.sort(kind="stable")
        twice = packed[np.flatnonzero(packed[1:] == packed[:-1])] >> np.uint64(40)
        smaller = both.sizes.reshape(-1, 2).min(axis=1)
        share[start:end] = np.bincount(twice.astype(np.int64), minlength=end - start) / np.maximum(smaller, 1)
    return share


def compare(pairs: NDArray[np.int64], stems: Ragged, background: Background) -> tuple[Floats, Floats]:
    """Return what the reports of each pair have in common, each 0 to 1.

    The share of one side's rarity mass that the other side holds, of both sides the larger; and the cosine of the
    stems, each weighted by its rarity squared. Stems count once, however often they occur.
    """
    known, cosine = np.zeros(len(pairs)), np.zeros(len(pairs))
    for start, end in _blocks(pairs, stems):
        rows, places = np.unique(pairs[start:end], return_inverse=True)
        known[start:end], cosine[start:end] = _compare(places.reshape(-1, 2), stems.take(rows), background)
    return known, cosine


def _blocks(pairs: NDArray[np.int64], rows: Ragged) -> Iterator[tuple[int, int]]:
    """Yield the beginnings and ends of blocks of pairs whose rows hold some _AT_ONCE values."""
    sizes = rows.sizes
    work = np.cumsum(sizes[pairs[:, 0]] + sizes[pairs[:, 1]])
    cuts = (np.flatnonzero(np.diff(work // _AT_ONCE)) + 1).tolist()
    return pairwise((0, *cuts, len(pairs)))


def _compare(pairs: NDArray[np.int64], bag: Ragged, background: Background) -> tuple[Floats, Floats]:
    # Rarities in 255ths, so that all sums are of whole numbers and exact.
    weights = np.rint(255 * background.weights(bag.values.astype(np.uint64))).astype(np.uint64)
    keyed = Ragged(bag.values.astype(np.uint64) << np.uint64(8) | weights, bag.bounds)
    both = keyed.take(pairs.ravel())
    pair = np.repeat(np.arange(len(pairs), dtype=np.uint64), both.sizes.reshape(-1, 2).sum(axis=1))
    packed = pair << np.uint64(40) | both.values
    packed.sort(kind="stable")  # of two sorted rows a pair it makes one in time that grows with their length
    twice = packed[np.flatnonzero(packed[1:] == packed[:-1])]
    found, shared = (twice >> np.uint64(40)).astype(np.int64), (twice & np.uint64(255)).astype(np.float64)
    common = np.bincount(found, weights=shared**4, minlength=len(pairs))
    mass, length = (
        _row_sums(each.astype(np.float64), bag.bounds)[pairs] for each in (weights, weights ** np.uint64(4))
    )
    known = np.bincount(found, weights=shared, minlength=len(pairs)) / np.maximum(mass.min(axis=1), 1.0)
    return known, common / np.maximum(np.sqrt(length.prod(axis=1)), 1.0)


def _row_sums(values: Floats, bounds: NDArray[np.int64]) -> Floats:
    sums: Floats = np.add.reduceat(np.append(values, 0.0), bounds[:-1])
    return np.where(np.diff(bounds) > 0, sums, 0.0)
