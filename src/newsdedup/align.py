"""Sentence alignment: how well the sentences of one text are covered by those of another, and by which.

Used by the pair score and by the merge, and imports neither. Coverage is asymmetric: the share of a sentence's IDF
mass (the sum of the IDF of its stems) that the best sentence of the other side, or the best two neighbours, also
contains. Two neighbours, since agencies split and join sentences when they rewrite.

Reports of ordinary length are compared with matrices of all their sentences and stems. The time of these grows with the
cube of the length, so long texts are compared by an index of their stems (`_find_best_rows`), with the same results
unless very common stems have to be left out of the search for the best sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from newsdedup.arrays import (
    Floats,
    Ints,
    bounds_from_sizes,
    concat_ranges,
    find_run_starts,
    row_numbers,
    run_starts_and_sizes,
    sorted_unique,
)
from newsdedup.features import Sentences, locate_in_sorted
from newsdedup.thresholds import (
    ALIGN_CHUNK_MATCHES,
    ALIGN_MATCHES_PER_STEM,
    ALIGN_MAX_CELLS,
    ALIGN_MAX_CHAR_PAIRS,
    ALIGN_MIN_MATCHES,
    COPIED_SENTENCE_RATIO,
    VERBATIM_CUTOFF,
)

Counts = NDArray[np.float32]


@dataclass(frozen=True)
class Coverage:
    """How the n sentences of one side are covered by the other side; arrays of length n.

    `single`: the largest share of the IDF mass that one sentence of the other side contains, 0 to 1; `best`: the index
    of that sentence, -1 if nothing is shared. `window`: the same for one sentence or two neighbours; `window_start`:
    the index of the first of them. `anywhere`: the share that the whole other side contains.
    """

    single: Floats
    best: Ints
    window: Floats
    window_start: Ints
    anywhere: Floats


def _build_stem_matrices(a: Sentences, b: Sentences) -> tuple[Counts, Counts, Counts]:
    """Return presence matrices (n_a, v) and (n_b, v) over the v stems that both sides have, and their IDF (v,).

    All are integers (IDF in 255ths), so the float32 products below are exact: the result does not depend on the order
    of summation, the number of threads or the platform.
    """
    positions, is_shared = locate_in_sorted(a.stem_table.stems, b.stem_table.stems)
    idf = np.rint(a.stem_table.idf[is_shared] * 255).astype(np.float32)
    return _build_presence_matrix(a, is_shared.nonzero()[0]), _build_presence_matrix(b, positions[is_shared]), idf


def _build_presence_matrix(side: Sentences, stems: Ints) -> Counts:
    """Return which sentence contains which stem: (n, v), 0 or 1. `stems` are indices into the side's stem table."""
    column_of = np.full(len(side.stem_table.stems), -1)
    column_of[stems] = np.arange(len(stems))
    entry_columns = column_of[side.stem_table.columns]
    is_shared = entry_columns >= 0
    presence = np.zeros((len(side), len(stems)), dtype=np.float32)
    presence[side.stem_table.rows[is_shared], entry_columns[is_shared]] = 1.0
    return presence


def _compute_coverage(weighted: Counts, other_presence: Counts, shared_mass: Counts, idf_mass: Floats) -> Coverage:
    """Return the coverage of one side by the other.

    `weighted` (n, v) is the presence matrix of this side times the IDF, `other_presence` (m, v) that of the other side,
    `shared_mass` (n, m) their product, `idf_mass` (n,) that of this side's sentences. All v stems are on both sides, so
    the sum over `weighted` is what the whole other side contains.
    """
    if not other_presence.shape[1]:
        zeros, zero_indices = np.zeros(len(shared_mass)), np.zeros(len(shared_mass), dtype=np.int64)
        return Coverage(single=zeros, best=zero_indices - 1, window=zeros, window_start=zero_indices, anywhere=zeros)
    sentence_mass = np.maximum(np.rint(idf_mass * 255), 1.0)
    rows = np.arange(len(shared_mass))
    best = shared_mass.argmax(axis=1)
    best_mass = shared_mass[rows, best]
    pair_start, pair_mass = best, best_mass
    if len(other_presence) > 1:
        pair_masses = weighted @ np.maximum(other_presence[:-1], other_presence[1:]).T
        pair_start = pair_masses.argmax(axis=1)
        pair_mass = pair_masses[rows, pair_start]
    single = np.round(best_mass / sentence_mass, 4)
    return Coverage(
        single=single,
        best=np.where(best_mass > 0, best, -1).astype(np.int64),
        window=np.maximum(single, np.round(pair_mass / sentence_mass, 4)),
        window_start=np.where(pair_mass > best_mass, pair_start, best).astype(np.int64),
        anywhere=np.round(weighted.sum(axis=1) / sentence_mass, 4),
    )


def compute_coverages(a: Sentences, b: Sentences) -> tuple[Coverage, Coverage]:
    """Return the coverage of the sentences of `a` by `b`, and of those of `b` by `a`. Neither may be empty."""
    cells = len(a) * len(b) + max(len(a), len(b)) * min(len(a.stem_table.stems), len(b.stem_table.stems))
    if cells > ALIGN_MAX_CELLS:
        rows_a, rows_b, idf_units = _build_stem_rows(a, b)
        return (
            _compute_long_coverage(rows_a, rows_b, idf_units, a.idf_mass),
            _compute_long_coverage(rows_b, rows_a, idf_units, b.idf_mass),
        )
    presence_a, presence_b, idf = _build_stem_matrices(a, b)
    weighted_a, weighted_b = presence_a * idf, presence_b * idf
    shared_mass: Counts = np.matmul(weighted_a, presence_b.T)
    return (
        _compute_coverage(weighted_a, presence_b, shared_mass, a.idf_mass),
        _compute_coverage(weighted_b, presence_a, shared_mass.T, b.idf_mass),
    )


# -- long texts -------------------------------------------------------------------------------------------------------


class _StemRows(NamedTuple):
    """The stems that both sides have, by sentence: those of row i are `columns[bounds[i]:bounds[i + 1]]`, ascending."""

    columns: Ints
    bounds: Ints

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def join_neighbours(self) -> _StemRows:
        """Return a row for each two neighbours, with the stems of either."""
        rows, width = row_numbers(self.bounds), int(self.columns.max(initial=0)) + 1
        keys = np.concatenate((rows * width + self.columns, (rows - 1) * width + self.columns))
        keys = sorted_unique(keys[(keys >= 0) & (keys < (len(self) - 1) * width)])
        return _StemRows(keys % width, bounds_from_sizes(np.bincount(keys // width, minlength=len(self) - 1)))

    def drop_repeated(self) -> tuple[_StemRows, Ints, Ints]:
        """Return the different rows in order, the index of the first row like each, and which of them each row is."""
        index_by_row: dict[bytes, int] = {}
        first: list[int] = []
        kinds = np.zeros(len(self), dtype=np.int64)
        for row, (start, end) in enumerate(pairwise(self.bounds.tolist())):
            kind = index_by_row.setdefault(self.columns[start:end].tobytes(), len(first))
            if kind == len(first):
                first.append(row)
            kinds[row] = kind
        first_rows = np.array(first, dtype=np.int64)
        sizes = np.diff(self.bounds)[first_rows]
        columns = self.columns[concat_ranges(self.bounds[first_rows], sizes)]
        return _StemRows(columns, bounds_from_sizes(sizes)), first_rows, kinds


def _build_stem_rows(a: Sentences, b: Sentences) -> tuple[_StemRows, _StemRows, Ints]:
    """Return the stems that both sides have, by sentence of each, and their IDF in 255ths."""
    positions, is_shared = locate_in_sorted(a.stem_table.stems, b.stem_table.stems)
    idf = np.rint(a.stem_table.idf[is_shared] * 255).astype(np.int64)
    return _select_stems(a, is_shared.nonzero()[0]), _select_stems(b, positions[is_shared]), idf


def _select_stems(side: Sentences, stems: Ints) -> _StemRows:
    """Return the given stems, indices into the side's stem table, by sentence, numbered in their order."""
    column_of = np.full(len(side.stem_table.stems), -1)
    column_of[stems] = np.arange(len(stems))
    columns = column_of[side.stem_table.columns]
    sizes = np.bincount(side.stem_table.rows[columns >= 0], minlength=len(side))
    return _StemRows(columns[columns >= 0], bounds_from_sizes(sizes))


def _compute_long_coverage(rows: _StemRows, others: _StemRows, idf: Ints, idf_mass: Floats) -> Coverage:
    """Return the coverage of one side by the other, as `_compute_coverage` does."""
    sentence_mass = np.maximum(np.rint(idf_mass * 255), 1.0)
    best, best_mass = _find_best_rows(rows, others, idf)
    pair_start, pair_mass = best, best_mass
    if len(others) > 1:
        pair_start, pair_mass = _find_best_rows(rows, others.join_neighbours(), idf)
    single = np.round(best_mass / sentence_mass, 4)
    total = np.bincount(row_numbers(rows.bounds), weights=idf[rows.columns], minlength=len(rows))
    return Coverage(
        single=single,
        best=np.where(best_mass > 0, best, -1),
        window=np.maximum(single, np.round(pair_mass / sentence_mass, 4)),
        window_start=np.where(pair_mass > best_mass, pair_start, best),
        anywhere=np.round(total / sentence_mass, 4),
    )


def _find_best_rows(rows: _StemRows, others: _StemRows, idf: Ints) -> tuple[Ints, Ints]:
    """Return for each row the first of the other rows that shares most IDF mass with it, and that mass; 0 for none.

    Rows are compared by the stems that they share, rarest first, until there are ALIGN_MATCHES_PER_STEM matches for
    each stem of a row. The stems left out are in so many rows that they say little; they count in the mass. Equal rows
    are compared once, and find each other in any case.
    """
    different, _, kinds = rows.drop_repeated()
    different_others, first_others, _ = others.drop_repeated()
    width = len(idf)
    counts, other_counts = (np.bincount(side.columns, minlength=width) for side in (different, different_others))
    order = np.argsort(counts * other_counts, kind="stable")
    budget = max(ALIGN_MIN_MATCHES, ALIGN_MATCHES_PER_STEM * (len(different.columns) + len(different_others.columns)))
    is_searched = np.zeros(width, dtype=np.bool_)
    is_searched[order[np.cumsum((counts * other_counts)[order]) <= budget]] = True
    best, mass = _search_rows(different, different_others, np.where(is_searched, idf, 0), is_searched)
    if not is_searched.all():
        mass += _sum_shared(different, different_others, best, np.where(is_searched, 0, idf))
        _match_equal_rows(different, different_others, idf, best, mass)
    best = np.where(best >= 0, first_others[np.maximum(best, 0)] if len(first_others) else 0, 0)
    return best[kinds], mass[kinds]


def _search_rows(rows: _StemRows, others: _StemRows, idf: Ints, is_searched: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return for each row the first other row with the largest shared IDF mass, -1 for none, and the mass."""
    best, mass = np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    by_column = np.argsort(others.columns, kind="stable")
    posting_rows = row_numbers(others.bounds)[by_column]
    posting_bounds = bounds_from_sizes(np.bincount(others.columns, minlength=len(idf)))
    is_used = is_searched[rows.columns]
    columns, row_of = rows.columns[is_used], row_numbers(rows.bounds)[is_used]
    sizes = np.diff(posting_bounds)[columns]
    # Whole rows, about ALIGN_CHUNK_MATCHES matches at a time.
    chunk_of = (bounds_from_sizes(sizes)[:-1] // ALIGN_CHUNK_MATCHES)[np.searchsorted(row_of, row_of)]
    starts, lengths = run_starts_and_sizes(chunk_of)
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        part = slice(start, start + length)
        matches = posting_rows[concat_ranges(posting_bounds[columns[part]], sizes[part])]
        keys = np.repeat(row_of[part], sizes[part]) * len(others) + matches
        order = np.argsort(keys, kind="stable")
        masses = np.repeat(idf[columns[part]], sizes[part])[order]
        pair_starts = np.flatnonzero(find_run_starts(keys[order]))
        if not len(pair_starts):
            continue
        pairs, masses = keys[order][pair_starts], np.add.reduceat(masses, pair_starts)
        pair_rows = pairs // len(others)
        row_starts, row_sizes = run_starts_and_sizes(pair_rows)
        largest = np.flatnonzero(masses == np.repeat(np.maximum.reduceat(masses, row_starts), row_sizes))
        first = largest[find_run_starts(pair_rows[largest])]
        first = first[masses[first] > 0]
        best[pair_rows[first]], mass[pair_rows[first]] = pairs[first] % len(others), masses[first]
    return best, mass


def _sum_shared(rows: _StemRows, others: _StemRows, best: Ints, idf: Ints) -> Ints:
    """Return the IDF mass that each row shares with its best other row."""
    width = len(idf)
    row_of = row_numbers(rows.bounds)
    keys = np.where(best[row_of] >= 0, best[row_of] * width + rows.columns, -1)
    is_shared = locate_in_sorted(keys, row_numbers(others.bounds) * width + others.columns)[1]
    return np.bincount(row_of, weights=idf[rows.columns] * is_shared, minlength=len(rows)).astype(np.int64)


def _match_equal_rows(rows: _StemRows, others: _StemRows, idf: Ints, best: Ints, mass: Ints) -> None:
    """Set the best row to the equal one where that shares more than the one found."""
    row_of = row_numbers(rows.bounds)
    total = np.bincount(row_of, weights=idf[rows.columns], minlength=len(rows)).astype(np.int64)
    index_by_row = {
        others.columns[start:end].tobytes(): index
        for index, (start, end) in enumerate(pairwise(others.bounds.tolist()))
    }
    for row in np.flatnonzero(mass < total).tolist():
        equal = index_by_row.get(rows.columns[rows.bounds[row] : rows.bounds[row + 1]].tobytes())
        if equal is not None:
            best[row], mass[row] = equal, total[row]


# -- verbatim ratios --------------------------------------------------------------------------------------------------


class VerbatimRatios(NamedTuple):
    """The rapidfuzz ratios of the sentences of a with those of b, 0 to 1.

    `best` (n_a,): with the best match in b, 0 without one or below VERBATIM_CUTOFF. `largest_a` (n_a,) and `largest_b`
    (n_b,): the largest with any sentence of the other side, as far as it is COPIED_SENTENCE_RATIO or that of a match.
    """

    best: NDArray[np.float32]
    largest_a: NDArray[np.float32]
    largest_b: NDArray[np.float32]


def compute_verbatim_ratios(a: Sentences, b: Sentences, best_a: Ints, best_b: Ints) -> VerbatimRatios:
    """Return the verbatim ratios of two sides; `best_a` and `best_b` are the best matches of each, -1 for none.

    In long texts only best matches are compared: the time of all pairs grows with the square of the length.
    """
    best = np.zeros(len(a), dtype=np.float32)
    rows = np.flatnonzero(best_a >= 0)
    best[rows] = _compare_texts(a, b, rows, best_a[rows], VERBATIM_CUTOFF)
    char_pairs = sum(map(len, a.truncated)) * sum(map(len, b.truncated))
    if len(a) * len(b) <= ALIGN_MAX_CELLS and char_pairs <= ALIGN_MAX_CHAR_PAIRS:
        matrix = process.cdist(
            a.truncated, b.truncated, scorer=fuzz.ratio, score_cutoff=100 * COPIED_SENTENCE_RATIO, dtype=np.float32
        ).astype(np.float32, copy=False) / np.float32(100)
        matrix[rows, best_a[rows]] = best[rows]
        return VerbatimRatios(best, matrix.max(axis=1), matrix.max(axis=0))
    largest_a, largest_b = best.copy(), np.zeros(len(b), dtype=np.float32)
    np.maximum.at(largest_b, best_a[rows], best[rows])
    rows = np.flatnonzero(best_b >= 0)
    ratios = _compare_texts(a, b, best_b[rows], rows, 100 * COPIED_SENTENCE_RATIO)
    largest_b[rows] = np.maximum(largest_b[rows], ratios)
    np.maximum.at(largest_a, best_b[rows], ratios)
    return VerbatimRatios(best, largest_a, largest_b)


def _compare_texts(a: Sentences, b: Sentences, rows_a: Ints, rows_b: Ints, cutoff: float) -> NDArray[np.float32]:
    """Return the ratio of each pair of sentences, 0 to 1, 0 below the cutoff (0 to 100)."""
    pairs = [a.truncated[i] for i in rows_a], [b.truncated[j] for j in rows_b]
    ratios = process.cpdist(*pairs, scorer=fuzz.ratio, score_cutoff=cutoff, dtype=np.float32)
    return ratios.astype(np.float32, copy=False) / np.float32(100)
