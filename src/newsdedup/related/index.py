"""The index of leads: which reports share rare stems. It consists of arrays that worker processes can share."""

from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import (
    Flags,
    Floats,
    Ints,
    Ragged,
    bounds_from_sizes,
    concat_ranges,
    row_numbers,
    run_starts_and_sizes,
)
from newsdedup.execution import SERIAL, Executor, split_range
from newsdedup.features import is_in_sorted, locate_in_sorted
from newsdedup.idf import IdfTable
from newsdedup.related.lead_columns import LeadColumns
from newsdedup.related.sparse import SparseRows, order_by_key, quantise
from newsdedup.thresholds import (
    RELATED_IDF_PRIOR_WEIGHT,
    RELATED_MAX_NEIGHBOURS,
    RELATED_MAX_POSTINGS,
    RELATED_MIN_LEAD_COSINE,
)

# Reports looked up at a time: few, so that their postings stay in cache.
_REPORTS_PER_BLOCK = 32
# Reports whose stems are packed or counted at a time, and reports in one task.
_ROWS_AT_ONCE = 4096
_ROWS_PER_TASK = 8 * _ROWS_AT_ONCE


class LeadIndex:
    """Inverted index of reports by the stems of their leads. Stems are numbered by document frequency, rarest first.

    It is built once and then only read. It takes 20 bytes for each stem of a lead; a typical report has 56 of them.
    """

    def __init__(self, columns: LeadColumns, idf_table: IdfTable, executor: Executor = SERIAL) -> None:
        """Index reports, which are in content order and have sentences."""
        self.columns = columns
        keys, sizes = _count_values(columns.lead.values)
        rare_first = np.argsort(sizes, kind="stable")
        number_of = np.empty(len(keys), dtype=np.int32)
        number_of[rare_first] = np.arange(len(keys), dtype=np.int32)
        self.sizes = sizes[rare_first]
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.idf = _compute_idf(columns, keys, idf_table, executor)[rare_first]
        numbers = _StemNumbers(keys, number_of)
        self.leads = _build_unit_rows(columns.lead, columns.lead_counts.values, numbers, self.idf)
        self.heading_stems = _collect_headings(columns)
        ones = np.ones(len(self.heading_stems.values), dtype=np.uint8)
        self.headings = _build_unit_rows(self.heading_stems, ones, numbers, self.idf)
        self.heading_idf = quantise(self.idf[numbers.look_up(self.heading_stems.values)])
        self.holders, self.weights = _invert_rows(self.leads)

    def find_colliding_pairs(self, reports: range) -> Ints:
        """Return the pairs of a range of reports with any other, sorted: the smaller in the upper 32 bits.

        The postings of the stems of a lead are read, rarest first, RELATED_MAX_POSTINGS at most. If the last posting
        list does not fit, the part around the report itself is read. Pairs that reach RELATED_MIN_LEAD_COSINE by these
        stems are returned, at most RELATED_MAX_NEIGHBOURS for each report.
        """
        starts = range(reports.start, reports.stop, _REPORTS_PER_BLOCK)
        blocks = [self._find_near(start, min(start + _REPORTS_PER_BLOCK, reports.stop)) for start in starts]
        pairs = np.concatenate([np.empty(0, dtype=np.int64), *blocks])
        pairs.sort()
        return pairs

    def _find_near(self, start: int, stop: int) -> Ints:
        count = len(self.columns)
        bounds = self.leads.bounds[start : stop + 1]
        terms, row = self.leads.terms[bounds[0] : bounds[-1]], row_numbers(bounds)
        sizes = self.sizes[terms]
        postings_before = np.cumsum(sizes) - sizes
        room = RELATED_MAX_POSTINGS - (postings_before - np.append(postings_before, 0)[bounds[:-1] - bounds[0]][row])
        usable = np.flatnonzero((room > 0) & (sizes > 1))
        terms, row, sizes, room = terms[usable], row[usable], sizes[usable], room[usable]
        read_sizes = np.minimum(sizes, room)
        read_starts = self.starts[terms]
        truncated = np.flatnonzero(read_sizes < sizes)
        holders_before = self._count_holders_before(terms[truncated], start + row[truncated])
        skipped = holders_before - read_sizes[truncated] // 2
        read_starts[truncated] += np.clip(skipped, 0, (sizes - read_sizes)[truncated])
        postings = concat_ranges(read_starts, read_sizes)
        holders = self.holders[postings]
        weights = self.weights[postings].astype(np.float64)
        weights *= np.repeat(self.leads.values[bounds[0] + usable], read_sizes)
        # Weights are first summed by the low bits of the other report's number: if a sum is below the bound, so is that
        # of every report in it.
        bucket_count = 1 << min(count - 1, 4 * RELATED_MAX_POSTINGS - 1).bit_length()
        bucket = holders & np.int32(bucket_count - 1)
        bucket += np.repeat((row * bucket_count).astype(np.int32), read_sizes)
        bucket_sums = np.bincount(bucket, weights=weights, minlength=(stop - start) * bucket_count)
        promising = np.flatnonzero((bucket_sums >= RELATED_MIN_LEAD_COSINE)[bucket])
        packed = bucket[promising] // bucket_count * np.int64(count) + holders[promising]
        pairs, pair_of = np.unique(packed, return_inverse=True)
        similarity = np.bincount(pair_of, weights=weights[promising], minlength=len(pairs))
        left, right = pairs // count + start, pairs % count
        is_near = (similarity >= RELATED_MIN_LEAD_COSINE) & (left != right)
        left, right = left[is_near], right[is_near]
        is_nearest = select_nearest(left, right, similarity[is_near])
        left, right = left[is_nearest], right[is_nearest]
        near_pairs: Ints = np.minimum(left, right) << 32 | np.maximum(left, right)
        return near_pairs

    def _count_holders_before(self, terms: NDArray[np.int32], reports: Ints) -> Ints:
        """Return for each pair of term and report how many reports before that one contain the term."""
        low = self.starts[terms]
        high = low + self.sizes[terms]
        while (low < high).any():
            middle = (low + high) // 2
            is_before = (low < high) & (self.holders[np.minimum(middle, len(self.holders) - 1)] < reports)
            low, high = np.where(is_before, middle + 1, low), np.where(is_before, high, np.maximum(middle, low))
        return low - self.starts[terms]


def select_nearest(left: Ints, right: Ints, similarity: Floats) -> Flags:
    """Return which pairs are among the RELATED_MAX_NEIGHBOURS most similar of their `left`, which must ascend."""
    is_nearest = np.ones(len(left), dtype=bool)
    starts, sizes = run_starts_and_sizes(left)
    exceeds_limit = sizes > RELATED_MAX_NEIGHBOURS
    for start, size in zip(starts[exceeds_limit].tolist(), sizes[exceeds_limit].tolist(), strict=True):
        row = slice(start, start + size)
        is_nearest[start + np.lexsort((right[row], -similarity[row]))[RELATED_MAX_NEIGHBOURS:]] = False
    return is_nearest


def _collect_headings(columns: LeadColumns) -> Ragged:
    """Return the stems of each report's title, or of its first sentence if it has no given title."""
    has_title = columns.title.sizes > 0
    bounds = bounds_from_sizes(np.where(has_title, columns.title.sizes, columns.first.sizes))
    values = np.empty(int(bounds[-1]), dtype=np.uint32)
    for side, rows in ((columns.title, np.flatnonzero(has_title)), (columns.first, np.flatnonzero(~has_title))):
        values[concat_ranges(bounds[rows], bounds[rows + 1] - bounds[rows])] = side.take(rows).values
    return Ragged(values, bounds)


def _count_values(values: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], Ints]:
    """Return the distinct values, ascending, and their counts."""
    ranked = np.sort(values)
    starts, sizes = run_starts_and_sizes(ranked)
    return ranked[starts], sizes


class _StemNumbers(NamedTuple):
    """The number of each stem; `keys` are the stems of the leads, ascending."""

    keys: NDArray[np.uint32]
    numbers: NDArray[np.int32]

    def look_up(self, stems: NDArray[np.uint32]) -> NDArray[np.int32]:
        return self.numbers[np.searchsorted(self.keys, stems)]


def _build_unit_rows(stems: Ragged, counts: NDArray[np.uint8], numbers: _StemNumbers, idf: Floats) -> SparseRows:
    """Return unit vectors, terms ascending; the weight of a stem is its IDF times 1 + log of its count."""
    terms, values = np.empty(len(stems.values), dtype=np.int32), np.empty(len(stems.values), dtype=np.float32)
    count_weight = np.append(0.0, 1 + np.log(np.arange(1, 256)))
    for rows in split_range(len(stems), _ROWS_AT_ONCE):
        part = stems.slice_rows(rows)
        span = slice(stems.bounds[rows.start], stems.bounds[rows.stop])
        row, term, count = row_numbers(part.bounds), numbers.look_up(part.values), counts[span].astype(np.int64)
        weight = idf[term] * count_weight[count]
        norm = np.sqrt(np.bincount(row, weights=weight * weight, minlength=len(rows)))
        packed = row << 40 | term.astype(np.int64) << 8 | count
        packed.sort()
        row, term, count = packed >> 40, (packed >> 8).astype(np.int32), packed & 255
        terms[span] = term
        values[span] = quantise(idf[term] * count_weight[count] / np.where(norm > 0, norm, 1.0)[row])
    return SparseRows(stems.bounds, terms, values)


def _invert_rows(leads: SparseRows) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the rows that contain each term, sorted by term and row, and their values."""
    order = order_by_key(leads.terms)
    rows = np.repeat(np.arange(len(leads.bounds) - 1, dtype=np.int32), np.diff(leads.bounds))
    return rows[order], leads.values[order]


def _compute_idf(columns: LeadColumns, keys: NDArray[np.uint32], idf_table: IdfTable, executor: Executor) -> Floats:
    """Return the IDF of stems, 0 to 1, in news in general and in this input: its common topics are weak evidence.

    The counts of the input are added to the shares in the IDF table, which weigh as much as RELATED_IDF_PRIOR_WEIGHT
    reports. A pair's own two reports are not counted, so that two stories alone are weighted by the table.
    """
    scale = log(idf_table.articles + 1) if idf_table.articles else 1.0
    prior_share = np.exp(-idf_table.lookup(keys.astype(np.uint64)) * scale)
    other_reports = max(len(columns) - 2, 0)
    counts = np.zeros(len(keys), dtype=np.int64)
    for indices, sizes in executor.map(_count_holders, (columns, keys), split_range(len(columns), _ROWS_PER_TASK)):
        counts[indices] += sizes
    weighted_count = RELATED_IDF_PRIOR_WEIGHT * prior_share + np.maximum(counts - 2, 0)
    return np.clip(-np.log(weighted_count / (RELATED_IDF_PRIOR_WEIGHT + other_reports)) / scale, 0.0, 1.0)


def _count_holders(task: tuple[LeadColumns, NDArray[np.uint32]], reports: range) -> tuple[Ints, Ints]:
    """Return the indices of the keys in the titles and sentences of a range of reports, and how many contain each."""
    columns, keys = task
    counts = np.zeros(len(keys), dtype=np.int64)
    for start in range(reports.start, reports.stop, _ROWS_AT_ONCE):
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, reports.stop))
        stems, titles = columns.stems.take(rows), columns.title.take(rows)
        is_title_only = ~is_in_row(stems, row_numbers(titles.bounds), titles.values)
        distinct_stems, sizes = _count_values(np.concatenate([stems.values, titles.values[is_title_only]]))
        positions, is_key = locate_in_sorted(distinct_stems, keys)
        counts[positions[is_key]] += sizes[is_key]
    indices = np.flatnonzero(counts)
    return indices, counts[indices]


def is_in_row(rows: Ragged, row: Ints, stems: NDArray[np.uint32]) -> Flags:
    """Return for each of `stems` whether it is in its row of `rows`; rows must be sorted."""
    return is_in_sorted(row << 32 | stems, row_numbers(rows.bounds) << 32 | rows.values)
