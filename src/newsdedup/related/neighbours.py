"""Pairs of reports that resemble each other, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints, Ragged, bounds_of, distinct
from newsdedup.idf import Background
from newsdedup.related.index import Index, nearest, stands
from newsdedup.related.lead_columns import Told
from newsdedup.related.sparse import Floats, Rows, exact, products, ranges, row_numbers
from newsdedup.tasks import TaskRun, chunks_of, here
from newsdedup.thresholds import (
    RELATED_COMPANY_NEUTRAL,
    RELATED_COMPANY_WEIGHT,
    RELATED_DIRECT,
    RELATED_NAME_HOLDERS,
    RELATED_NEAR,
    RELATED_NEIGHBOURS,
    RELATED_TOLD,
)

Ints32 = NDArray[np.int32]

# Reports whose neighbours are looked for in one task, and pairs that are weighed in one.
_A_TASK = 2000
_PAIRS = 1 << 16


@dataclass(frozen=True)
class Alike:
    """All pairs of reports whose leads are alike by RELATED_NEAR or more, sorted.

    Report i is the smaller one of the pairs `bounds[i]` to `bounds[i + 1]`, with `others` (int32, ascending). `lead` is
    the cosine of the rarity-weighted stems of title and first sentences, 0 to 1.
    """

    bounds: Ints
    others: Ints32
    lead: Floats

    def smaller(self, pairs: Ints) -> Ints:
        """Return the smaller report of each of the pairs, given as places."""
        return np.searchsorted(self.bounds, pairs, side="right") - 1

    def by_other(self) -> Ragged:
        """Return the pairs of which each report is the larger one, as places (uint32), ascending."""
        packed = self.others.astype(np.int64) << 32
        packed |= np.arange(len(packed))
        packed.sort()
        return Ragged(packed.astype(np.uint32), bounds_of(np.bincount(self.others, minlength=len(self.bounds) - 1)))


@dataclass(frozen=True)
class Near:
    """Pairs of reports that have enough in common to be linked, and what: arrays of one length, `left` < `right`.

    `direct` is the cosine of the rarity-weighted stems of their leads and that of their titles, 0 to 2; `company` the
    agreement of their neighbours, 0 to 1; `name` is 1 where both leads have a rare name of several words, else 0.
    """

    left: Ints
    right: Ints
    direct: Floats
    company: Floats
    name: Floats

    @property
    def signals(self) -> Floats:
        """Return the signals of the model, in the order of NAMES: shape (pairs, 3)."""
        return np.stack([self.direct, self.company, self.name], axis=1)


def alike(index: Index, run: TaskRun = here) -> Alike:
    """Return the pairs that meet and are alike: of each report the RELATED_NEIGHBOURS nearest, nearest of both."""
    tasks = chunks_of(len(index.told), _A_TASK)
    met = list(run(_meet, index, tasks))
    parts = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0))]
    parts += run(_weigh, _Met(index, met), tasks)
    del met
    sizes, others, lead = (np.concatenate(column) for column in zip(*parts, strict=True))
    del parts
    found = Alike(bounds_of(sizes), others, lead)
    kept = np.ones(len(lead), dtype=bool)
    for far in run(_far, _Ranked(found, found.by_other()), tasks):
        kept[far] = False
    bounds = np.append(0, np.cumsum(kept))[found.bounds]
    return Alike(bounds, others[kept], lead[kept])


def _meet(index: Index, at: range) -> Ints:
    """Return the pairs that some reports meet, sorted: the smaller report in the upper half, then the larger."""
    left, right = index.near(at.start, at.stop)
    packed = np.minimum(left, right) << 32 | np.maximum(left, right)
    packed.sort()
    return packed


@dataclass(frozen=True)
class _Met:
    """Pairs that met, as `_meet` gives them; one may be in two of the parts."""

    index: Index
    parts: Sequence[Ints]


def _weigh(shared: _Met, at: range) -> tuple[Ints, Ints32, Floats]:
    """Return with how many larger reports each of some is alike, with which, and how far."""
    index = shared.index
    bounds = [at.start << 32, at.stop << 32]
    cuts = [np.searchsorted(part, bounds).tolist() for part in shared.parts]
    packed = distinct(np.concatenate([part[low:high] for part, (low, high) in zip(shared.parts, cuts, strict=True)]))
    left, right = packed >> 32, packed & ((1 << 32) - 1)
    lead = products(index.leads, index.leads, left, right, len(index.sizes))
    kept = lead >= RELATED_NEAR
    return np.bincount(left[kept] - at.start, minlength=len(at)), right[kept].astype(np.int32), lead[kept]


@dataclass(frozen=True)
class _Ranked:
    found: Alike
    by_other: Ragged


def _far(shared: _Ranked, at: range) -> Ints:
    """Return the pairs of some reports, as places, that are not among the RELATED_NEIGHBOURS nearest of one of them.

    What is not among those of both is dropped: a bound that keeps links symmetric.
    """
    found, smaller = shared.found, shared.by_other.part(at)
    bounds = found.bounds[at.start : at.stop + 1]
    own = np.arange(bounds[0], bounds[-1])
    row = np.concatenate([row_numbers(bounds), row_numbers(smaller.bounds)])
    crowded = np.bincount(row, minlength=len(at)) > RELATED_NEIGHBOURS
    chosen = np.flatnonzero(crowded[row])
    chosen = chosen[np.argsort(row[chosen], kind="stable")]
    pairs = np.concatenate([own, smaller.values.astype(np.int64)])[chosen]
    others = np.where(chosen < len(own), found.others[pairs], found.smaller(pairs))
    return pairs[~nearest(row[chosen], others, found.lead[pairs])]


def find_near(told: Told, background: Background) -> Near:
    """Return the pairs of reports that may be linked, with what they have in common.

    The order of the reports must depend on content alone: where a stem is in more reports than can be met, those next
    to a report in this order are.
    """
    index = Index(told, background)
    return signals(index, alike(index))


def signals(index: Index, found: Alike, run: TaskRun = here) -> Near:
    """Return those of the pairs that may be linked, with what they have in common."""
    parts = [(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))]
    parts += run(_able, _Alike(index, _names(index.told), found), chunks_of(len(found.others), _PAIRS))
    pairs, direct, name = (np.concatenate(column) for column in zip(*parts, strict=True))
    shared = _neighbours(found, pairs)
    company = np.concatenate([np.empty(0), *run(_company, shared, chunks_of(len(pairs), _PAIRS))])
    return Near(found.smaller(pairs), found.others[pairs].astype(np.int64), direct, company, name)


@dataclass(frozen=True)
class _Alike:
    index: Index
    names: Rows
    found: Alike


def _able(shared: _Alike, at: range) -> tuple[Ints, Floats, Floats]:
    """Return which of some pairs may be linked, as places in all, how directly they are alike, and if by a name."""
    index, names, found = shared.index, shared.names, shared.found
    one, other = found.smaller(np.arange(at.start, at.stop)), found.others[at.start : at.stop].astype(np.int64)
    direct = found.lead[at.start : at.stop] + products(index.heads, index.heads, one, other, len(index.sizes))
    name = np.minimum(products(names, names, one, other, int(names.terms.max(initial=0)) + 1), 1.0)
    able = name > 0
    unnamed = np.flatnonzero(~able & (direct >= RELATED_DIRECT))
    able[unnamed] = _titles_told(index, one[unnamed], other[unnamed]) >= RELATED_TOLD
    return at.start + np.flatnonzero(able), direct[able], name[able]


def _names(told: Told) -> Rows:
    """Return which names each lead has, of those that several leads have but not many."""
    _, terms, holders = np.unique(told.lead_names.values, return_inverse=True, return_counts=True)
    kept = (holders[terms] > 1) & (holders[terms] <= RELATED_NAME_HOLDERS)
    row = row_numbers(told.lead_names.bounds)[kept]
    ones = np.ones(len(row), dtype=np.float32)
    return Rows(bounds_of(np.bincount(row, minlength=len(told))), terms[kept].astype(np.int32), ones)


def _titles_told(index: Index, left: Ints, right: Ints) -> Floats:
    """Return how much of either title, the larger share, the other report speaks of; by rarity mass."""
    best = np.zeros(len(left))
    for reports, titles in ((left, right), (right, left)):
        order = np.argsort(reports, kind="stable")  # so that each report's stems are read once
        for at in range(0, len(order), _PAIRS):
            some = order[at : at + _PAIRS]
            best[some] = np.maximum(best[some], _told(index, reports[some], titles[some]))
    return best


def _told(index: Index, reports: Ints, titles: Ints) -> Floats:
    """Return how much of the title of each of `titles` the one of `reports` beside it speaks of."""
    rows, row = np.unique(reports, return_inverse=True)
    heads = index.head_stems.take(titles)
    pair = row_numbers(heads.bounds)
    rarity = index.head_rarity[ranges(index.head_stems.bounds[titles], heads.sizes)].astype(np.float64)
    there = np.zeros(len(rarity), dtype=bool)
    for side in (index.told.stems, index.told.title):
        there |= stands(side.take(rows), row[pair], heads.values)
    mass = np.bincount(pair, weights=rarity, minlength=len(titles))
    return np.bincount(pair[there], weights=rarity[there], minlength=len(titles)) / np.maximum(mass, 1e-9)


@dataclass(frozen=True)
class _Neighbours:
    """Each report's neighbours, ascending, by how far they are alike, squared, and the sum of the squares of that."""

    rows: Rows
    total: Floats
    found: Alike
    asked: Ints


def _company(shared: _Neighbours, at: range) -> Floats:
    """Return how far the two of some pairs resemble the same others: a cosine over squared resemblances.

    The two themselves are left out, and RELATED_COMPANY_WEIGHT of neutral company is added, so that where there are no
    others, or next to none, company says nothing either way.
    """
    rows, total, found = shared.rows, shared.total, shared.found
    pairs = shared.asked[at.start : at.stop]
    one, other = found.smaller(pairs), found.others[pairs].astype(np.int64)
    common = products(rows, rows, one, other, len(total))
    own = found.lead[pairs] ** 4
    sides = (total[one] - own + RELATED_COMPANY_WEIGHT) * (total[other] - own + RELATED_COMPANY_WEIGHT)
    company: Floats = (common + RELATED_COMPANY_WEIGHT * RELATED_COMPANY_NEUTRAL) / np.sqrt(sides)
    return company


def _neighbours(found: Alike, asked: Ints) -> _Neighbours:
    count = len(found.bounds) - 1
    smaller = found.by_other()
    bounds = found.bounds + smaller.bounds
    strength = exact(found.lead**2)
    terms, values = np.empty(2 * len(strength), dtype=np.int32), np.empty(2 * len(strength), dtype=np.float32)
    total = np.zeros(count)
    for rows in chunks_of(count, _A_TASK):
        before, after = smaller.part(rows), slice(found.bounds[rows.start], found.bounds[rows.stop])
        own, sizes = bounds[rows.start : rows.stop], before.sizes
        at = ranges(own, sizes)
        terms[at], values[at] = found.smaller(before.values), strength[before.values]
        at = ranges(own + sizes, np.diff(found.bounds[rows.start : rows.stop + 1]))
        terms[at], values[at] = found.others[after], strength[after]
        part = slice(bounds[rows.start], bounds[rows.stop])
        squares = values[part].astype(np.float64) ** 2
        row = row_numbers(bounds[rows.start : rows.stop + 1])
        total[rows.start : rows.stop] = np.bincount(row, weights=squares, minlength=len(rows))
    return _Neighbours(Rows(bounds, terms, values), total, found, asked)
