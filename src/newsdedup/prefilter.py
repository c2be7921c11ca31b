"""Stage 4b, between candidates and score: prefilter. Drops candidate pairs that have too few words in common.

Most candidate pairs share stock phrases and nothing else. Comparing the stems of two reports, without their sentences,
detects that at a thousandth of the cost of a score. Pairs that cannot reach a probability of .1 are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from newsdedup.arrays import Flags, Floats, Ints, Ragged
from newsdedup.idf import IdfTable
from newsdedup.thresholds import PREFILTER_MIN_CONTAINMENT, PREFILTER_MIN_COVERAGE, PREFILTER_MIN_COVERAGE_PLUS_COSINE

# Values (stems or shingles) compared at a time; the arrays over them take about 40 bytes per value.
_BLOCK_VALUES = 1 << 17


def passes_prefilter(pairs: Ints, stems: Ragged, shingles: Ragged, idf_table: IdfTable) -> Flags:
    """Return for each pair of rows, shape (n, 2), whether both may be one report or template siblings.

    `stems` and `shingles` are those of `Fingerprints`.
    """
    containment, cosine = compare_stems(pairs, stems, idf_table)
    passes = (containment >= PREFILTER_MIN_COVERAGE) & (containment + cosine >= PREFILTER_MIN_COVERAGE_PLUS_COSINE)
    failing = np.flatnonzero(~passes)
    passes[failing] = shingle_containment(pairs[failing], shingles) >= PREFILTER_MIN_CONTAINMENT
    return passes


def shingle_containment(pairs: Ints, shingles: Ragged) -> Floats:
    """Return for each pair the share of the smaller report's sampled shingles that the larger one contains, 0 to 1."""
    share = np.zeros(len(pairs))
    for start, end in _iter_blocks(pairs, shingles):
        block = pairs[start:end]
        pair_shingles = shingles.take(block.ravel())
        pair_ids = np.repeat(np.arange(end - start, dtype=np.uint64), pair_shingles.sizes.reshape(-1, 2).sum(axis=1))
        packed = pair_ids << np.uint64(40) | pair_shingles.values >> np.uint64(24)
        packed.sort(kind="stable")
        shared = packed[np.flatnonzero(packed[1:] == packed[:-1])] >> np.uint64(40)
        smaller_sizes = pair_shingles.sizes.reshape(-1, 2).min(axis=1)
        share[start:end] = np.bincount(shared.astype(np.int64), minlength=end - start) / np.maximum(smaller_sizes, 1)
    return share


def compare_stems(pairs: Ints, stems: Ragged, idf_table: IdfTable) -> tuple[Floats, Floats]:
    """Return two similarities of each pair, each 0 to 1.

    The first is the share of the IDF mass of the smaller report that the other contains. The second is the cosine of
    the stems, each weighted by its IDF squared. A stem counts once, however often it occurs.
    """
    containment, cosine = np.zeros(len(pairs)), np.zeros(len(pairs))
    for start, end in _iter_blocks(pairs, stems):
        rows, row_pairs = np.unique(pairs[start:end], return_inverse=True)
        containment[start:end], cosine[start:end] = _compare_block(
            row_pairs.reshape(-1, 2), stems.take(rows), idf_table
        )
    return containment, cosine


def _iter_blocks(pairs: Ints, rows: Ragged) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of blocks of pairs whose rows hold about `_BLOCK_VALUES` values."""
    sizes = rows.sizes
    work = np.cumsum(sizes[pairs[:, 0]] + sizes[pairs[:, 1]])
    cuts = (np.flatnonzero(np.diff(work // _BLOCK_VALUES)) + 1).tolist()
    return pairwise((0, *cuts, len(pairs)))


def _compare_block(pairs: Ints, stems: Ragged, idf_table: IdfTable) -> tuple[Floats, Floats]:
    # IDF in 255ths, so that all sums are exact integers.
    weights = np.rint(255 * idf_table.lookup(stems.values.astype(np.uint64))).astype(np.uint64)
    keyed = Ragged(stems.values.astype(np.uint64) << np.uint64(8) | weights, stems.bounds)
    pair_stems = keyed.take(pairs.ravel())
    pair_ids = np.repeat(np.arange(len(pairs), dtype=np.uint64), pair_stems.sizes.reshape(-1, 2).sum(axis=1))
    packed = pair_ids << np.uint64(40) | pair_stems.values
    packed.sort(kind="stable")  # stable is timsort: linear on the two sorted rows of a pair
    matches = packed[np.flatnonzero(packed[1:] == packed[:-1])]
    match_pairs, shared_idf = (matches >> np.uint64(40)).astype(np.int64), (matches & np.uint64(255)).astype(np.float64)
    common = np.bincount(match_pairs, weights=shared_idf**4, minlength=len(pairs))
    mass, length = (
        _sum_rows(values.astype(np.float64), stems.bounds)[pairs] for values in (weights, weights ** np.uint64(4))
    )
    containment = np.bincount(match_pairs, weights=shared_idf, minlength=len(pairs)) / np.maximum(mass.min(axis=1), 1.0)
    return containment, common / np.maximum(np.sqrt(length.prod(axis=1)), 1.0)


def _sum_rows(values: Floats, bounds: Ints) -> Floats:
    sums: Floats = np.add.reduceat(np.append(values, 0.0), bounds[:-1])
    return np.where(np.diff(bounds) > 0, sums, 0.0)
