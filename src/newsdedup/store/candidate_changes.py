"""Which pairs of reports are worth scoring after a change, without pairing all: what `candidates` finds, kept up.

Whether a pair is a candidate depends on the 3-grams of the two, on how many reports hold each of these, and on which of
them represent a crowded one. So a change reaches beyond the reports that come and go in three ways alone: a 3-gram
becomes crowded, and pairs that met in it no longer do; it is crowded no more; another report represents it. Reports of
which a known pair may be lost so, or which may gain one, are paired anew as if they had just come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, among, bounds_of, distinct
from newsdedup.candidates import MAX_ARTICLES, worth
from newsdedup.store.shingle_index import SLOT_BITS, grams, slots_of
from newsdedup.thresholds import CROWDED, REPRESENTATIVES

# Pairs that are looked at together.
_AT_ONCE = 1 << 21

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Lookup = Callable[[Hashes], Iterable[Hashes]]
"""Postings of the 3-grams asked for (sorted, unique), part by part; all of a 3-gram in one part."""


@dataclass(frozen=True)
class Paired:
    """Who is paired, before a change and after it; arrays by slot: flags, and the place in content order."""

    before: Flags
    after: Flags
    rank: Ints

    @property
    def changed(self) -> Ints:
        """The slots that come or go."""
        return np.flatnonzero(self.before != self.after)


@dataclass(frozen=True)
class _Part:
    """Postings sorted by 3-gram, and within by content order: the slot of each, and the number of its 3-gram."""

    slots: Ints
    gram: Ints

    def members(self, flags: Flags) -> tuple[Flags, Flags, Flags]:
        """Tell of each posting whether `flags` (by slot) let it in, its gram is crowded then, and it represents it."""
        inside = flags[self.slots]
        starts = np.searchsorted(self.gram, np.arange(int(self.gram[-1]) + 1 if len(self.gram) else 0))
        before = np.concatenate(([0], np.cumsum(inside)))
        place = before[:-1] - before[starts][self.gram]
        count = np.diff(before[np.append(starts, len(inside))])[self.gram]
        return inside, count > CROWDED, inside & (count > CROWDED) & (place < REPRESENTATIVES)


def touched(paired: Paired, shingles_of: Callable[[Ints], Ragged], known: Hashes, lookup: Lookup) -> tuple[Ints, Ints]:
    """Return the slots, sorted, that may meet others than before: those that come, and those that a 3-gram gives more.

    And those of which a known pair may meet no longer often enough.

    `known` are the pairs that were worth scoring, packed as `keyed` has it and sorted.
    """
    gaining, losing = [np.flatnonzero(paired.after & ~paired.before)], [np.empty(0, dtype=np.int64)]
    kept = paired.before & paired.after
    for postings in lookup(_grams_of(shingles_of(paired.changed))):
        part = _part(postings, paired.before | paired.after, paired.rank)
        _, was_crowded, represented = part.members(paired.before)
        _, is_crowded, represents = part.members(paired.after)
        stays = kept[part.slots]
        gains = was_crowded & (~is_crowded | represents & ~represented)
        gaining.append(part.slots[stays & gains])
        # Pairs of two that represent a crowded 3-gram no more, or never did, but met in it before.
        apart = stays & is_crowded & ~represents
        lost = apart & (~was_crowded | represented)
        for one, other in _crossed(part, lost, apart):
            losing.append(one[among(keyed(np.stack([one, other], axis=1)), known)])
    return distinct(np.concatenate(gaining)), distinct(np.concatenate(losing))


def meetings(paired: Paired, who: Ints, shingles: Ragged, sizes: NDArray[np.int32], lookup: Lookup) -> Ints:
    """Return the pairs worth scoring of the slots `who` (sorted; `shingles` are theirs) with all that are paired.

    Shape (n, 2), sorted, the first of each pair the one that comes first in content order. `sizes` by slot: how many
    3-grams of each report were kept.
    """
    asked = np.zeros(len(paired.rank), dtype=bool)
    asked[who] = True
    met, often = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    held: list[Ints] = []
    for postings in lookup(_grams_of(shingles)):
        part = _part(postings, paired.after, paired.rank)
        inside, crowded, represents = part.members(paired.after)
        asking = asked[part.slots]
        for from_, to in ((asking & (~crowded | represents), inside), (asking & crowded & ~represents, represents)):
            for one, other in _crossed(part, from_, to):
                first, second = paired.rank[one], paired.rank[other]
                once = ~asked[other] | (first < second)
                low, high = np.minimum(first, second)[once], np.maximum(first, second)[once]
                held.append(low << SLOT_BITS | high)
                if sum(map(len, held)) > _AT_ONCE:
                    met, often = _added(met, often, held)
    met, often = _added(met, often, held)
    ranked = np.flatnonzero(paired.after)
    slot_at = np.zeros(int(paired.rank.max(initial=0)) + 1, dtype=np.int64)
    slot_at[paired.rank[ranked]] = ranked
    size_at = np.zeros(len(slot_at), dtype=np.int32)
    size_at[paired.rank[ranked]] = sizes[ranked]
    found = worth(met, often, size_at)
    return np.stack([slot_at[found >> SLOT_BITS], slot_at[found & (MAX_ARTICLES - 1)]], axis=1)


def keyed(pairs: Ints) -> Hashes:
    """Return pairs of slots, shape (n, 2), as one number each, whichever comes first."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    packed: Hashes = (low << SLOT_BITS | high).astype(np.uint64)
    return packed


def _grams_of(shingles: Ragged) -> Hashes:
    return distinct(grams(shingles.values))


def _part(postings: Hashes, flags: Flags, rank: Ints) -> _Part:
    own = postings[flags[slots_of(postings)]]
    slots = slots_of(own)
    order = np.argsort(grams(own) << np.uint64(SLOT_BITS) | rank[slots].astype(np.uint64))
    own = grams(own)[order]
    fresh = np.ones(len(own), dtype=bool)
    fresh[1:] = own[1:] != own[:-1]
    return _Part(slots[order], np.cumsum(fresh) - 1)


def _crossed(part: _Part, from_: Flags, to: Flags) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs of slots that stand in one 3-gram, one posting among `from_` and the other `to`, some at a time.

    A pair comes once for each 3-gram, and the other way round as well where both are among both.
    """
    at, others = np.flatnonzero(from_), np.flatnonzero(to)
    starts, ends = (np.searchsorted(part.gram[others], part.gram[at], side=side) for side in ("left", "right"))
    total = np.cumsum(ends - starts)
    cuts = np.flatnonzero(np.diff(total // _AT_ONCE, prepend=0))
    for some in np.split(np.arange(len(at)), cuts):
        sizes = ends[some] - starts[some]
        bounds = bounds_of(sizes)
        places = np.arange(int(bounds[-1])) + np.repeat(starts[some] - bounds[:-1], sizes)
        one, other = part.slots[np.repeat(at[some], sizes)], part.slots[others[places]]
        apart = one != other
        yield one[apart], other[apart]


def _added(met: Ints, often: Ints, held: list[Ints]) -> tuple[Ints, Ints]:
    """Return which pairs met and how often, with those `held` counted in, of which nothing is left."""
    found, times = np.unique(np.concatenate([met[:0], *held]), return_counts=True)
    held.clear()
    both = np.concatenate([met, found])
    order = np.argsort(both, kind="stable")
    both = both[order]
    fresh = np.ones(len(both), dtype=bool)
    fresh[1:] = both[1:] != both[:-1]
    starts = np.flatnonzero(fresh)
    counts = np.concatenate([often, times])[order]
    return both[starts], np.add.reduceat(counts, starts) if len(starts) else counts
