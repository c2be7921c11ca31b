"""Pairs of reports with similar leads, and the signals by which they are linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Floats, Ints, Ragged, bounds_from_sizes, concat_ranges, row_numbers, sorted_unique
from newsdedup.execution import SERIAL, Executor, split_range
from newsdedup.related.index import LeadIndex, is_in_row, select_nearest
from newsdedup.related.lead_columns import LeadColumns
from newsdedup.related.sparse import SparseRows, multiply_rows, order_by_key, quantise
from newsdedup.thresholds import (
    RELATED_MAX_NEIGHBOURS,
    RELATED_MIN_DIRECT_SIMILARITY,
    RELATED_MIN_LEAD_COSINE,
    RELATED_MIN_TITLE_COVERAGE,
    RELATED_NAME_MAX_DF,
    RELATED_NEIGHBOUR_PRIOR,
    RELATED_NEIGHBOUR_PRIOR_WEIGHT,
)

Ints32 = NDArray[np.int32]

# Reports whose neighbours are searched in one task, and pairs that are measured in one.
_REPORTS_PER_TASK = 2000
_PAIRS_PER_TASK = 1 << 16


@dataclass(frozen=True)
class SimilarPairs:
    """All pairs of reports whose leads have a cosine of RELATED_MIN_LEAD_COSINE or more, sorted.

    Report i is the smaller one of the pairs `bounds[i]` to `bounds[i + 1]`; `larger` are the others (int32, ascending).
    `similarity` is the cosine of the IDF-weighted stems of title and first sentences, 0 to 1.
    """

    bounds: Ints
    larger: Ints32
    similarity: Floats

    def smaller_of(self, positions: Ints) -> Ints:
        """Return the smaller report of each of the pairs at `positions`."""
        return np.searchsorted(self.bounds, positions, side="right") - 1

    def take(self, positions: Ints) -> tuple[Ints, Ints]:
        """Return the smaller and the larger report of each of the pairs at `positions`."""
        return self.smaller_of(positions), self.larger[positions].astype(np.int64)

    def group_by_larger(self) -> Ragged:
        """Return for each report the positions (uint32, ascending) of the pairs in which it is the larger one."""
        counts = np.bincount(self.larger, minlength=len(self.bounds) - 1)
        return Ragged(order_by_key(self.larger).astype(np.uint32), bounds_from_sizes(counts))


@dataclass(frozen=True)
class LinkCandidates:
    """Pairs of reports that may be linked, `left` < `right`, with their signals: (pairs, 3), ordered as SIGNAL_NAMES.

    The signals are the sum of the cosines of the IDF-weighted stems of their leads and of their titles, 0 to 2; their
    shared-neighbour similarity, 0 to 1; and 1 if both leads contain the same rare name of several words, else 0.
    """

    left: Ints
    right: Ints
    signals: Floats


def find_similar_pairs(index: LeadIndex, executor: Executor = SERIAL) -> SimilarPairs:
    """Return the similar pairs that are among the RELATED_MAX_NEIGHBOURS nearest of both their reports."""
    tasks = split_range(len(index.columns), _REPORTS_PER_TASK)
    colliding = list(executor.map(LeadIndex.find_colliding_pairs, index, tasks))
    parts = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0))]
    parts += executor.map(_compare_leads, (index, colliding), tasks)
    del colliding
    sizes, larger, similarity = (np.concatenate(column) for column in zip(*parts, strict=True))
    del parts
    pairs = SimilarPairs(bounds_from_sizes(sizes), larger, similarity)
    is_kept = np.ones(len(similarity), dtype=bool)
    for far_pairs in executor.map(_find_far_pairs, (pairs, pairs.group_by_larger()), tasks):
        is_kept[far_pairs] = False
    bounds = np.append(0, np.cumsum(is_kept))[pairs.bounds]
    return SimilarPairs(bounds, larger[is_kept], similarity[is_kept])


def _compare_leads(task: tuple[LeadIndex, Sequence[Ints]], reports: range) -> tuple[Ints, Ints32, Floats]:
    """Return for a range of reports how many larger reports each is similar to, which these are, and the cosines.

    The task holds parts of the colliding pairs; a pair may be in two of them.
    """
    index, parts = task
    bounds = [reports.start << 32, reports.stop << 32]
    packed = sorted_unique(np.concatenate([part[slice(*np.searchsorted(part, bounds).tolist())] for part in parts]))
    left, right = packed >> 32, packed & ((1 << 32) - 1)
    similarity = multiply_rows(index.leads, index.leads, left, right, len(index.sizes))
    is_similar = similarity >= RELATED_MIN_LEAD_COSINE
    sizes = np.bincount(left[is_similar] - reports.start, minlength=len(reports))
    return sizes, right[is_similar].astype(np.int32), similarity[is_similar]


def _find_far_pairs(task: tuple[SimilarPairs, Ragged], reports: range) -> Ints:
    """Return the positions of pairs that are not among the RELATED_MAX_NEIGHBOURS nearest of a report of the range.

    A pair must be among the nearest of both its reports, so that links stay symmetric.
    """
    pairs, smaller = task[0], task[1].slice_rows(reports)
    bounds = pairs.bounds[reports.start : reports.stop + 1]
    own_positions = np.arange(bounds[0], bounds[-1])
    row = np.concatenate([row_numbers(bounds), row_numbers(smaller.bounds)])
    is_crowded = np.bincount(row, minlength=len(reports)) > RELATED_MAX_NEIGHBOURS
    entries = np.flatnonzero(is_crowded[row])
    entries = entries[np.argsort(row[entries], kind="stable")]
    positions = np.concatenate([own_positions, smaller.values.astype(np.int64)])[entries]
    neighbours = np.where(entries < len(own_positions), pairs.larger[positions], pairs.smaller_of(positions))
    return positions[~select_nearest(row[entries], neighbours, pairs.similarity[positions])]


def measure_pairs(index: LeadIndex, pairs: SimilarPairs, executor: Executor = SERIAL) -> LinkCandidates:
    """Return those of the similar pairs that may be linked, with their signals."""
    parts = [(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))]
    linkable_task = index, _build_name_rows(index.columns), pairs
    parts += executor.map(_select_linkable, linkable_task, split_range(len(pairs.larger), _PAIRS_PER_TASK))
    positions, direct, name = (np.concatenate(column) for column in zip(*parts, strict=True))
    neighbours, tasks = _build_neighbours(pairs, positions), split_range(len(positions), _PAIRS_PER_TASK)
    shared_neighbours = np.concatenate([np.empty(0), *executor.map(_neighbour_similarity, neighbours, tasks)])
    return LinkCandidates(*pairs.take(positions), np.stack([direct, shared_neighbours, name], axis=1))


def _select_linkable(
    task: tuple[LeadIndex, SparseRows, SimilarPairs], pair_range: range
) -> tuple[Ints, Floats, Floats]:
    """Return the positions of the pairs in a range that may be linked, and their signals `direct` and `name`."""
    index, names, pairs = task
    positions = np.arange(pair_range.start, pair_range.stop)
    left, right = pairs.take(positions)
    title_cosine = multiply_rows(index.headings, index.headings, left, right, len(index.sizes))
    direct = pairs.similarity[positions] + title_cosine
    name = np.minimum(multiply_rows(names, names, left, right, int(names.terms.max(initial=0)) + 1), 1.0)
    is_linkable = name > 0
    unnamed = np.flatnonzero(~is_linkable & (direct >= RELATED_MIN_DIRECT_SIMILARITY))
    is_linkable[unnamed] = _title_coverage(index, left[unnamed], right[unnamed]) >= RELATED_MIN_TITLE_COVERAGE
    return positions[is_linkable], direct[is_linkable], name[is_linkable]


def _build_name_rows(columns: LeadColumns) -> SparseRows:
    """Return the names in each lead that occur in more than one lead but in at most RELATED_NAME_MAX_DF."""
    _, terms, holders = np.unique(columns.lead_names.values, return_inverse=True, return_counts=True)
    is_rare = (holders[terms] > 1) & (holders[terms] <= RELATED_NAME_MAX_DF)
    row = row_numbers(columns.lead_names.bounds)[is_rare]
    bounds = bounds_from_sizes(np.bincount(row, minlength=len(columns)))
    return SparseRows(bounds, terms[is_rare].astype(np.int32), np.ones(len(row), dtype=np.float32))


def _title_coverage(index: LeadIndex, left: Ints, right: Ints) -> Floats:
    """Return for each pair how much of a title's IDF mass the other report contains, the larger of both, 0 to 1."""
    best = np.zeros(len(left))
    for reports, titles in ((left, right), (right, left)):
        order = np.argsort(reports, kind="stable")  # so that each report's stems are read once
        best[order] = np.maximum(best[order], _share_covered(index, reports[order], titles[order]))
    return best


def _share_covered(index: LeadIndex, reports: Ints, titles: Ints) -> Floats:
    """Return for each pair the share of IDF mass of the heading of `titles[i]` that `reports[i]` contains."""
    rows, row = np.unique(reports, return_inverse=True)
    heads = index.heading_stems.take(titles)
    pair = row_numbers(heads.bounds)
    idf = index.heading_idf[concat_ranges(index.heading_stems.bounds[titles], heads.sizes)].astype(np.float64)
    is_shared = np.zeros(len(idf), dtype=bool)
    for side in (index.columns.stems, index.columns.title):
        is_shared |= is_in_row(side.take(rows), row[pair], heads.values)
    idf_mass = np.bincount(pair, weights=idf, minlength=len(titles))
    return np.bincount(pair[is_shared], weights=idf[is_shared], minlength=len(titles)) / np.maximum(idf_mass, 1e-9)


@dataclass(frozen=True)
class _Neighbours:
    """Each report's neighbours, ascending, weighted by squared similarity, and the sum of squares of these weights."""

    rows: SparseRows
    total: Floats
    pairs: SimilarPairs
    positions: Ints


def _neighbour_similarity(neighbours: _Neighbours, chunk: range) -> Floats:
    """Return the shared-neighbour similarity of a range of pairs: the cosine of squared similarities to other reports.

    The two reports themselves are left out, and a neutral prior of weight RELATED_NEIGHBOUR_PRIOR_WEIGHT is added, so
    that the signal is neutral if there are hardly any other neighbours.
    """
    rows, total, pairs = neighbours.rows, neighbours.total, neighbours.pairs
    positions = neighbours.positions[chunk.start : chunk.stop]
    left, right = pairs.take(positions)
    common = multiply_rows(rows, rows, left, right, len(total))
    own_strength = pairs.similarity[positions] ** 4
    total_left, total_right = (total[side] - own_strength + RELATED_NEIGHBOUR_PRIOR_WEIGHT for side in (left, right))
    prior = RELATED_NEIGHBOUR_PRIOR_WEIGHT * RELATED_NEIGHBOUR_PRIOR
    similarity: Floats = (common + prior) / np.sqrt(total_left * total_right)
    return similarity


def _build_neighbours(pairs: SimilarPairs, positions: Ints) -> _Neighbours:
    count = len(pairs.bounds) - 1
    smaller = pairs.group_by_larger()
    bounds = pairs.bounds + smaller.bounds
    strength = quantise(pairs.similarity**2)
    terms, values = np.empty(2 * len(strength), dtype=np.int32), np.empty(2 * len(strength), dtype=np.float32)
    total = np.zeros(count)
    for rows in split_range(count, _REPORTS_PER_TASK):
        before, after = smaller.slice_rows(rows), slice(pairs.bounds[rows.start], pairs.bounds[rows.stop])
        starts, sizes = bounds[rows.start : rows.stop], before.sizes
        entries = concat_ranges(starts, sizes)
        terms[entries], values[entries] = pairs.smaller_of(before.values), strength[before.values]
        entries = concat_ranges(starts + sizes, np.diff(pairs.bounds[rows.start : rows.stop + 1]))
        terms[entries], values[entries] = pairs.larger[after], strength[after]
        part = slice(bounds[rows.start], bounds[rows.stop])
        squares = values[part].astype(np.float64) ** 2
        row = row_numbers(bounds[rows.start : rows.stop + 1])
        total[rows.start : rows.stop] = np.bincount(row, weights=squares, minlength=len(rows))
    return _Neighbours(SparseRows(bounds, terms, values), total, pairs, positions)
