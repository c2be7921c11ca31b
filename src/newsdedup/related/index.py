"""The index of stories: which reports share the rare stems of their leads; arrays that worker processes can share."""

from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints, Ragged, bounds_of
from newsdedup.idf import Background
from newsdedup.related.lead_columns import Told
from newsdedup.related.sparse import Floats, Rows, exact, ranges, row_numbers
from newsdedup.tasks import TaskRun, chunks_of, here
from newsdedup.thresholds import RELATED_BATCH, RELATED_NEAR, RELATED_NEIGHBOURS, RELATED_POSTINGS

# Reports that are asked for at a time: few, so that their postings stay in cache.
_REPORTS = 32
# Reports whose stems are laid out or counted at a time, and in one task.
_AT_ONCE = 4096
_COUNTED = 8 * _AT_ONCE


class Index:
    """Reports by the stems of their leads. Stems are numbered by how many leads hold them, the rarest first.

    Built once, then read only: 20 bytes a stem of a lead, 56 of them in a usual report.
    """

    def __init__(self, told: Told, background: Background, run: TaskRun = here) -> None:
        """Index reports in content order, each with sentences."""
        self.told = told
        keys, sizes = _counted(told.lead.values)
        rare_first = np.argsort(sizes, kind="stable")
        number = np.empty(len(keys), dtype=np.int32)
        number[rare_first] = np.arange(len(keys), dtype=np.int32)
        self.sizes = sizes[rare_first]
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.rarity = _rarity(told, keys, background, run)[rare_first]
        numbers = _Numbers(keys, number)
        self.leads = _unit_rows(told.lead, told.lead_counts.values, numbers, self.rarity)
        self.head_stems = _heads(told)
        once = np.ones(len(self.head_stems.values), dtype=np.uint8)
        self.heads = _unit_rows(self.head_stems, once, numbers, self.rarity)
        self.head_rarity = exact(self.rarity[numbers.of(self.head_stems.values)])
        self.holders, self.weights = _by_term(self.leads)

    def near(self, start: int, stop: int) -> tuple[Ints, Ints]:
        """Return pairs (left, right): each report from `start` to `stop` and those it meets that seem near, in order.

        A report meets others through the stems of its lead, the rarest first, RELATED_POSTINGS times at most. Of a stem
        that more reports hold than still fit in, it meets those next to it. Those that are near by the stems by which
        they met are left, RELATED_NEIGHBOURS of each report at most.
        """
        blocks = [self._near(at, min(at + _REPORTS, stop)) for at in range(start, stop, _REPORTS)]
        empty = np.empty(0, dtype=np.int64)
        left = np.concatenate([empty, *(left for left, _ in blocks)])
        return left, np.concatenate([empty, *(right for _, right in blocks)])

    def _near(self, start: int, stop: int) -> tuple[Ints, Ints]:
        count = len(self.told)
        bounds = self.leads.bounds[start : stop + 1]
        terms, row = self.leads.terms[bounds[0] : bounds[-1]], row_numbers(bounds)
        sizes = self.sizes[terms]
        before = np.cumsum(sizes) - sizes
        room = RELATED_POSTINGS - (before - np.append(before, 0)[bounds[:-1] - bounds[0]][row])
        kept = np.flatnonzero((room > 0) & (sizes > 1))
        terms, row, sizes, room = terms[kept], row[kept], sizes[kept], room[kept]
        asked = np.minimum(sizes, room)
        begin = self.starts[terms]
        cut = np.flatnonzero(asked < sizes)
        begin[cut] += np.clip(self._place(terms[cut], start + row[cut]) - asked[cut] // 2, 0, (sizes - asked)[cut])
        at = ranges(begin, asked)
        others = self.holders[at]
        weights = self.weights[at].astype(np.float64)
        weights *= np.repeat(self.leads.values[bounds[0] + kept], asked)
        # First summed by a few bits of the other's number: where that is under the bound, so is every other's part.
        wide = 1 << min(count - 1, 4 * RELATED_POSTINGS - 1).bit_length()
        bucket = others & np.int32(wide - 1)
        bucket += np.repeat((row * wide).astype(np.int32), asked)
        enough = np.bincount(bucket, weights=weights, minlength=(stop - start) * wide) >= RELATED_NEAR
        hot = np.flatnonzero(enough[bucket])
        pairs, which = np.unique(bucket[hot] // wide * np.int64(count) + others[hot], return_inverse=True)
        met: Floats = np.bincount(which, weights=weights[hot], minlength=len(pairs)).astype(np.float64, copy=False)
        left, right = pairs // count + start, pairs % count
        close = np.flatnonzero((met >= RELATED_NEAR) & (left != right))
        close = close[nearest(left[close], right[close], met[close])]
        return left[close], right[close]

    def _place(self, terms: NDArray[np.int32], reports: Ints) -> Ints:
        """Return how many reports before the given one hold the term, for each of the two."""
        low = self.starts[terms]
        high = low + self.sizes[terms]
        while (low < high).any():
            middle = (low + high) // 2
            under = (low < high) & (self.holders[np.minimum(middle, len(self.holders) - 1)] < reports)
            low, high = np.where(under, middle + 1, low), np.where(under, high, np.maximum(middle, low))
        return low - self.starts[terms]


def nearest(left: Ints, right: Ints, likeness: Floats) -> NDArray[np.bool_]:
    """Tell which pairs are among the RELATED_NEIGHBOURS most alike of one `left`, which must ascend."""
    keep = np.ones(len(left), dtype=bool)
    new = np.flatnonzero(np.concatenate(([True], left[1:] != left[:-1])))[: len(left)]
    sizes = np.diff(np.append(new, len(left)))
    many = sizes > RELATED_NEIGHBOURS
    for begin, size in zip(new[many].tolist(), sizes[many].tolist(), strict=True):
        own = slice(begin, begin + size)
        keep[begin + np.lexsort((right[own], -likeness[own]))[RELATED_NEIGHBOURS:]] = False
    return keep


def _heads(told: Told) -> Ragged:
    """Return the stems of the title, or of the first sentence where no title was given."""
    titled = told.title.sizes > 0
    bounds = bounds_of(np.where(titled, told.title.sizes, told.first.sizes))
    values = np.empty(int(bounds[-1]), dtype=np.uint32)
    for side, rows in ((told.title, np.flatnonzero(titled)), (told.first, np.flatnonzero(~titled))):
        values[ranges(bounds[rows], bounds[rows + 1] - bounds[rows])] = side.take(rows).values
    return Ragged(values, bounds)


def _counted(values: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], Ints]:
    """Return the different values, ascending, and how often each stands there."""
    found = np.sort(values)
    new = np.flatnonzero(np.concatenate(([True], found[1:] != found[:-1]))[: len(found)])
    return found[new], np.diff(np.append(new, len(found)))


class _Numbers(NamedTuple):
    """The numbers of stems; `keys` are those of the leads, ascending."""

    keys: NDArray[np.uint32]
    number: NDArray[np.int32]

    def of(self, stems: NDArray[np.uint32]) -> NDArray[np.int32]:
        return self.number[np.searchsorted(self.keys, stems)]


def _unit_rows(stems: Ragged, counts: NDArray[np.uint8], numbers: _Numbers, rarity: Floats) -> Rows:
    """Return unit vectors, terms ascending: each stem weighs its rarity, the more the oftener it is counted."""
    terms, values = np.empty(len(stems.values), dtype=np.int32), np.empty(len(stems.values), dtype=np.float32)
    often = np.append(0.0, 1 + np.log(np.arange(1, 256)))
    for rows in chunks_of(len(stems), _AT_ONCE):
        part = stems.part(rows)
        at = slice(stems.bounds[rows.start], stems.bounds[rows.stop])
        row, term, count = row_numbers(part.bounds), numbers.of(part.values), counts[at].astype(np.int64)
        weight = rarity[term] * often[count]
        norm = np.sqrt(np.bincount(row, weights=weight * weight, minlength=len(rows)))
        packed = row << 40 | term.astype(np.int64) << 8 | count
        packed.sort()
        row, term, count = packed >> 40, (packed >> 8).astype(np.int32), packed & 255
        terms[at] = term
        values[at] = exact(rarity[term] * often[count] / np.where(norm > 0, norm, 1.0)[row])
    return Rows(stems.bounds, terms, values)


def _by_term(leads: Rows) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return which rows have each term, the terms ascending and then the rows, and the values there."""
    packed = leads.terms.astype(np.int64) << 32
    packed |= np.arange(len(packed))
    packed.sort()
    packed &= (1 << 32) - 1
    return np.repeat(np.arange(len(leads.bounds) - 1, dtype=np.int32), np.diff(leads.bounds))[packed], leads.values[
        packed
    ]


def _rarity(told: Told, keys: NDArray[np.uint32], background: Background, run: TaskRun) -> Floats:
    """Return the rarity of stems in news at large and in this input: where all speak of one war, its name says little.

    Counts of the input are added to those of the background, which weigh as much as RELATED_BATCH reports; a pair's own
    two reports are not counted, so that two stories alone are weighed by the background.
    """
    scale = log(background.articles + 1) if background.articles else 1.0
    at_large = np.exp(-background.weights(keys.astype(np.uint64)) * scale)
    others = max(len(told) - 2, 0)
    counts = np.zeros(len(keys), dtype=np.int64)
    for found, sizes in run(_count, _Counting(told, keys), chunks_of(len(told), _COUNTED)):
        counts[found] += sizes
    share = (RELATED_BATCH * at_large + np.maximum(counts - 2, 0)) / (RELATED_BATCH + others)
    return np.clip(-np.log(share) / scale, 0.0, 1.0)


class _Counting(NamedTuple):
    told: Told
    keys: NDArray[np.uint32]


def _count(shared: _Counting, at: range) -> tuple[Ints, Ints]:
    """Return which of the keys some reports hold, in their title or their sentences, and how many of them each."""
    told, keys = shared
    counts = np.zeros(len(keys), dtype=np.int64)
    for start in range(at.start, at.stop if len(keys) else at.start, _AT_ONCE):
        rows = np.arange(start, min(start + _AT_ONCE, at.stop))
        stems, titles = told.stems.take(rows), told.title.take(rows)
        apart = ~stands(stems, row_numbers(titles.bounds), titles.values)
        found, sizes = _counted(np.concatenate([stems.values, titles.values[apart]]))
        place = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
        known = keys[place] == found
        counts[place[known]] += sizes[known]
    held = np.flatnonzero(counts)
    return held, counts[held]


def stands(rows: Ragged, row: Ints, stems: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell whether each of `stems` stands in that row; rows are sorted."""
    table = row_numbers(rows.bounds) << 32 | rows.values
    asked = row << 32 | stems
    if not len(table):
        return np.zeros(len(asked), dtype=bool)
    found: NDArray[np.bool_] = table[np.minimum(np.searchsorted(table, asked), len(table) - 1)] == asked
    return found
