"""Pairs of reports that resemble each other, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsdedup.background import Background
from newsdedup.columns import Ints, bounds_of
from newsdedup.config import (
    RELATED_COMPANY_NEUTRAL,
    RELATED_COMPANY_WEIGHT,
    RELATED_DIRECT,
    RELATED_NAME_HOLDERS,
    RELATED_NEAR,
    RELATED_NEIGHBOURS,
    RELATED_TOLD,
)
from newsdedup.related.index import Index, nearest, stands
from newsdedup.related.rows import Floats, Rows, exact, products, ranges, row_numbers
from newsdedup.related.told import Told

Ints32 = NDArray[np.int32]

# Pairs that are weighed at a time.
_PAIRS = 1 << 16

_Shared = TypeVar("_Shared")
_Out = TypeVar("_Out")


@dataclass(frozen=True)
class Alike:
    """All pairs of reports whose leads are alike by RELATED_NEAR or more, sorted, `left` < `right` (int32).

    `lead` is the cosine of the rarity-weighted stems of title and first sentences, 0 to 1.
    """

    left: Ints32
    right: Ints32
    lead: Floats


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


class Run(Protocol):
    """What does tasks, here or in other processes."""

    def __call__(
        self, function: Callable[[_Shared, range], _Out], shared: _Shared, tasks: Iterable[range], /
    ) -> Iterable[_Out]:
        """Return what the function makes of what is shared and of each task, in order."""


def here(function: Callable[[_Shared, range], _Out], shared: _Shared, tasks: Iterable[range], /) -> Iterable[_Out]:
    """Do tasks one after the other."""
    return (function(shared, task) for task in tasks)


def alike(index: Index, met: Iterable[tuple[Ints, Ints]], run: Run = here) -> Alike:
    """Return the pairs of `Index.near`, asked for all reports in parts, that are alike: RELATED_NEIGHBOURS of each."""
    count = max(len(index.told), 1)
    empty = np.empty(0, dtype=np.int64)
    packed = np.concatenate([empty, *(np.minimum(*pairs) * count + np.maximum(*pairs) for pairs in met)])
    packed.sort()
    packed = packed[np.concatenate(([True], packed[1:] != packed[:-1]))[: len(packed)]]
    parts = [(empty.astype(np.int32), empty.astype(np.int32), np.empty(0))]
    parts += run(_leads, _Met(index, packed), _parts(len(packed)))
    left, right, lead = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = _mutual(len(index.told), left, right, lead)
    return Alike(left[kept], right[kept], lead[kept])


@dataclass(frozen=True)
class _Met:
    """Pairs that met, the smaller report times the count of reports and the larger, ascending."""

    index: Index
    packed: Ints


def _leads(shared: _Met, at: range) -> tuple[Ints32, Ints32, Floats]:
    """Return those of some pairs whose leads are alike, and how far."""
    index = shared.index
    left, right = np.divmod(shared.packed[at.start : at.stop], max(len(index.told), 1))
    lead = products(index.leads, index.leads, left, right, len(index.sizes))
    kept = lead >= RELATED_NEAR
    return left[kept].astype(np.int32), right[kept].astype(np.int32), lead[kept]


def _parts(count: int) -> list[range]:
    return [range(at, min(at + _PAIRS, count)) for at in range(0, count, _PAIRS)]


def _mutual(count: int, left: Ints32, right: Ints32, lead: Floats) -> NDArray[np.bool_]:
    """Tell which pairs are among the RELATED_NEIGHBOURS nearest of both: a bound that keeps links symmetric."""
    kept = np.ones(len(left), dtype=bool)
    crowded = np.bincount(left, minlength=count) + np.bincount(right, minlength=count) > RELATED_NEIGHBOURS
    at = np.flatnonzero(crowded[left] | crowded[right])
    ends, others = np.concatenate([left[at], right[at]]), np.concatenate([right[at], left[at]])
    order = np.argsort(ends, kind="stable")
    near = np.empty(len(ends), dtype=bool)
    near[order] = nearest(ends[order], others[order], np.concatenate([lead[at], lead[at]])[order])
    kept[at] = near[: len(at)] & near[len(at) :]
    return kept


def find_near(told: Told, background: Background) -> Near:
    """Return the pairs of reports that may be linked, with what they have in common.

    The order of the reports must depend on content alone: where a stem is in more reports than can be met, those next
    to a report in this order are.
    """
    index = Index(told, background)
    return signals(index, alike(index, [index.near(0, len(told))]))


def signals(index: Index, found: Alike, run: Run = here) -> Near:
    """Return those of the pairs that may be linked, with what they have in common."""
    parts = [(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))]
    parts += run(_able, _Alike(index, _names(index.told), found), _parts(len(found.left)))
    pairs, direct, name = (np.concatenate(column) for column in zip(*parts, strict=True))
    left, right = (side[pairs].astype(np.int64) for side in (found.left, found.right))
    company = _company(len(index.told), found, pairs)
    return Near(left, right, direct, company, name)


@dataclass(frozen=True)
class _Alike:
    index: Index
    names: Rows
    found: Alike


def _able(shared: _Alike, at: range) -> tuple[Ints, Floats, Floats]:
    """Return which of some pairs may be linked, as places in all, how directly they are alike, and if by a name."""
    index, names, found = shared.index, shared.names, shared.found
    one, other = (side[at.start : at.stop].astype(np.int64) for side in (found.left, found.right))
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


def _company(count: int, found: Alike, asked: Ints) -> Floats:
    """Return how far the two of each pair in `asked` resemble the same others: a cosine over squared resemblances.

    The two themselves are left out, and RELATED_COMPANY_WEIGHT of neutral company is added, so that where there are no
    others, or next to none, company says nothing either way.
    """
    rows = _both_ways(count, found)
    one, other = found.left[asked].astype(np.int64), found.right[asked].astype(np.int64)
    common = products(rows, rows, one, other, count)
    total = np.bincount(row_numbers(rows.bounds), weights=rows.values.astype(np.float64) ** 2, minlength=count)
    own = found.lead[asked] ** 4
    sides = (total[one] - own + RELATED_COMPANY_WEIGHT) * (total[other] - own + RELATED_COMPANY_WEIGHT)
    company: Floats = (common + RELATED_COMPANY_WEIGHT * RELATED_COMPANY_NEUTRAL) / np.sqrt(sides)
    return company


def _both_ways(count: int, found: Alike) -> Rows:
    """Return each report's neighbours, ascending, by how far they are alike, squared."""
    before, after = np.bincount(found.right, minlength=count), np.bincount(found.left, minlength=count)
    bounds = bounds_of(before + after)
    strength = exact(found.lead**2)
    terms = np.empty(2 * len(strength), dtype=np.int32)
    values = np.empty(len(terms), dtype=np.float32)
    order = np.argsort(found.right, kind="stable")
    at = ranges(bounds[:-1], before)
    terms[at], values[at] = found.left[order], strength[order]
    at = ranges(bounds[:-1] + before, after)
    terms[at], values[at] = found.right, strength
    return Rows(bounds, terms, values)
