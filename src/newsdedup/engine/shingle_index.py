"""Which reports hold which shingle, and the candidate pairs that follow: all of them, or those that an update changes.

Whether two reports are a candidate pair depends on their shingles, on the document frequency (df) of each shingle, and
on which reports are the pivots of a high-df shingle. So an update can affect pairs of unchanged reports in three ways:
a shingle becomes high-df, and pairs that collided in it no longer do; it stops being high-df; or its pivots change.
Reports that may gain or lose a pair in this way are paired again as if they were new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import (
    Flags,
    Hashes,
    Ints,
    Pairs,
    Ragged,
    bounds_from_sizes,
    concat_ranges,
    is_in,
    row_numbers,
    run_starts_and_sizes,
    sorted_unique,
)
from newsdedup.candidates import MAX_ARTICLES, find_candidates, select_candidates, unpack_pairs
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import Corpus
from newsdedup.engine.memory import memory_budget
from newsdedup.execution import split_range
from newsdedup.thresholds import MAX_SHINGLE_DF, PIVOTS_PER_SHINGLE

SLOT_BITS = MAX_ARTICLES.bit_length() - 1
_SLOT_MASK = np.uint64(MAX_ARTICLES - 1)

# Number of pairs, and of reports with their shingles, that are processed at a time.
_PAIRS_PER_BLOCK = 1 << 21
_REPORTS_PER_BLOCK = 1 << 16
# Bytes that pairing needs for each of several workers: with less, more partitions cost more than workers save.
_PAIRING_MEMORY = 1 << 26

PostingsLookup = Callable[[Hashes], Iterable[Hashes]]
"""Yields the postings of the given shingles (sorted, unique) part by part; a shingle is never split."""


def pack_postings(shingles: Ragged, slots: Ints) -> Hashes:
    """Return the sorted postings of reports; row i of `shingles` (64-bit hashes) belongs to `slots[i]`.

    A posting is one uint64: the upper 40 bits of a shingle's hash, then the slot of a report. These 40 bits are what
    this module and the store call a shingle.
    """
    values = shingles.values & ~_SLOT_MASK | np.repeat(slots.astype(np.uint64), shingles.sizes)
    values.sort()
    return values


def shingles_of(postings: Hashes) -> Hashes:
    """Return the shingle of each posting: the upper 40 bits of its hash."""
    return postings >> np.uint64(SLOT_BITS)


def slots_of(postings: Hashes) -> Ints:
    """Return the slot of each posting."""
    return (postings & _SLOT_MASK).astype(np.int64)


@dataclass(frozen=True)
class IndexedSlots:
    """The slots in the shingle index before and after an update, as flags by slot, and their rank in content order."""

    before: Flags
    after: Flags
    rank: Ints


@dataclass(frozen=True)
class ShingleIndex:
    """The shingles of all reports before and after an update: those of the corpus, and those of new reports.

    `shingles` are the sampled shingles of the `new_slots`, as 64-bit hashes; `counts` by slot are the numbers of
    sampled shingles of all reports.
    """

    corpus: Corpus
    indexed: IndexedSlots
    shingles: Ragged
    new_slots: Ints
    counts: NDArray[np.int32]

    @cached_property
    def new_postings(self) -> Hashes:
        """The postings of the new reports, sorted."""
        return pack_postings(self.shingles, self.new_slots)

    def look_up(self, shingles: Hashes) -> Iterator[Hashes]:
        """Yield the postings of shingles (sorted, unique), part by part; a shingle is never split."""
        for low, high in self.corpus.shingle_ranges():
            part = shingles[np.searchsorted(shingles, np.uint64(low)) : np.searchsorted(shingles, np.uint64(high))]
            postings = self.new_postings[np.searchsorted(self.new_postings, np.uint64(low << SLOT_BITS)) :]
            if high < 1 << 64 - SLOT_BITS:
                postings = postings[: np.searchsorted(postings, np.uint64(high << SLOT_BITS))]
            is_requested = is_in_sorted(shingles_of(postings), part)
            yield np.concatenate([self.corpus.find_postings(part, low, high), postings[is_requested]])

    def find_all_pairs(self, run: RunContext) -> Pairs:
        """Return the candidate pairs of the new reports if no other report stays: slots in content order, sorted.

        Uses all workers and at most the memory of the settings. `find_colliding_pairs` would find the same pairs.
        """
        slots = np.flatnonzero(self.indexed.after)
        slots = slots[np.argsort(self.indexed.rank[slots])]
        number_of = np.full(len(self.indexed.after), -1, dtype=np.int64)
        number_of[slots] = np.arange(len(slots))
        blocks = [
            (number_of[self.new_slots[block.start : block.stop]], self.shingles.slice_rows(block))
            for block in split_range(len(self.new_slots), _REPORTS_PER_BLOCK)
        ]
        memory = memory_budget(run.config.memory)
        executor = run.executor.with_workers(memory // _PAIRING_MEMORY)
        pairs: Pairs = slots[find_candidates(blocks, len(slots), memory, run.workspace.folder, executor)]
        return pairs


@dataclass(frozen=True)
class _SortedPostings:
    """Postings sorted by shingle, then by content order: their slots, the numbers of their shingles, and the bounds."""

    slots: Ints
    gram_ids: Ints
    bounds: Ints

    def classify_postings(self, flags: Flags) -> tuple[Flags, Flags, Flags]:
        """Return three flags per posting, where `flags` are the indexed slots: indexed, high-df shingle, pivot."""
        is_member = flags[self.slots]
        cumulative = bounds_from_sizes(is_member.astype(np.int64))
        members_before = cumulative[self.bounds]
        position = cumulative[:-1] - members_before[self.gram_ids]
        is_high_df = (np.diff(members_before) > MAX_SHINGLE_DF)[self.gram_ids]
        return is_member, is_high_df, is_member & is_high_df & (position < PIVOTS_PER_SHINGLE)


def affected_by_df_change(
    indexed: IndexedSlots, shingles_of: Callable[[Ints], Ragged], stored_keys: Hashes, lookup: PostingsLookup
) -> tuple[Ints, Ints]:
    """Return the slots that may gain candidate pairs, and those that may lose some; both sorted.

    New slots and those that collide in more shingles than before may gain pairs. Slots of a stored pair that collides
    in fewer shingles may lose it. `stored_keys` are the stored pairs, packed by `pack_pairs` and sorted.
    """
    gaining, losing = [np.flatnonzero(indexed.after & ~indexed.before)], [np.empty(0, dtype=np.int64)]
    stays_indexed = indexed.before & indexed.after
    changed_slots = np.flatnonzero(indexed.before != indexed.after)
    for postings in lookup(_unique_grams(shingles_of(changed_slots))):
        part = _sort_postings(postings, indexed.before | indexed.after, indexed.rank)
        _, was_high_df, was_pivot = part.classify_postings(indexed.before)
        _, is_high_df, is_pivot = part.classify_postings(indexed.after)
        stays = stays_indexed[part.slots]
        gains = was_high_df & (~is_high_df | is_pivot & ~was_pivot)
        gaining.append(part.slots[stays & gains])
        # Pairs that collided in a shingle before, but no longer: it is high-df and neither of the two is a pivot.
        no_pivot = stays & is_high_df & ~is_pivot
        loses = no_pivot & (~was_high_df | was_pivot)
        for slots_a, slots_b in _cross_pairs(part, loses, no_pivot):
            losing.append(slots_a[is_in(pack_pairs(np.stack([slots_a, slots_b], axis=1)), stored_keys)])
    return sorted_unique(np.concatenate(gaining)), sorted_unique(np.concatenate(losing))


def find_colliding_pairs(
    indexed: IndexedSlots, slots: Ints, shingles: Ragged, shingle_counts: NDArray[np.int32], lookup: PostingsLookup
) -> Ints:
    """Return the candidate pairs of `slots` (sorted; `shingles` are theirs) with all slots indexed after the update.

    Shape (n, 2), sorted, each pair in content order. `shingle_counts` is the number of sampled shingles by slot.
    """
    is_queried = np.zeros(len(indexed.rank), dtype=bool)
    is_queried[slots] = True
    keys, counts = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    pending: list[Ints] = []
    for postings in lookup(_unique_grams(shingles)):
        part = _sort_postings(postings, indexed.after, indexed.rank)
        is_member, is_high_df, is_pivot = part.classify_postings(indexed.after)
        queried = is_queried[part.slots]
        for is_source, is_target in (
            (queried & (~is_high_df | is_pivot), is_member),
            (queried & is_high_df & ~is_pivot, is_pivot),
        ):
            for slots_a, slots_b in _cross_pairs(part, is_source, is_target):
                first, second = indexed.rank[slots_a], indexed.rank[slots_b]
                is_first = ~is_queried[slots_b] | (first < second)
                low, high = np.minimum(first, second)[is_first], np.maximum(first, second)[is_first]
                pending.append(low << SLOT_BITS | high)
                if sum(map(len, pending)) > _PAIRS_PER_BLOCK:
                    keys, counts = _add_counts(keys, counts, pending)
    keys, counts = _add_counts(keys, counts, pending)
    slots_after = np.flatnonzero(indexed.after)
    slot_by_rank = np.zeros(int(indexed.rank.max(initial=0)) + 1, dtype=np.int64)
    slot_by_rank[indexed.rank[slots_after]] = slots_after
    count_by_rank = np.zeros(len(slot_by_rank), dtype=np.int32)
    count_by_rank[indexed.rank[slots_after]] = shingle_counts[slots_after]
    return slot_by_rank[unpack_pairs(select_candidates(keys, counts, count_by_rank))]


def pack_pairs(pairs: Ints) -> Hashes:
    """Return pairs of slots, shape (n, 2), packed into one number each, regardless of their order in the pair."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    packed: Hashes = (low << SLOT_BITS | high).astype(np.uint64)
    return packed


def _unique_grams(shingles: Ragged) -> Hashes:
    return sorted_unique(shingles_of(shingles.values))


def _sort_postings(postings: Hashes, flags: Flags, rank: Ints) -> _SortedPostings:
    selected = postings[flags[slots_of(postings)]]
    slots = slots_of(selected)
    order = np.argsort(shingles_of(selected) << np.uint64(SLOT_BITS) | rank[slots].astype(np.uint64))
    _, sizes = run_starts_and_sizes(shingles_of(selected)[order])
    bounds = bounds_from_sizes(sizes)
    return _SortedPostings(slots[order], row_numbers(bounds), bounds)


def _cross_pairs(part: _SortedPostings, is_source: Flags, is_target: Flags) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs of slots that share a shingle, one among the flagged sources, one among the targets, block by block.

    A pair is yielded once per shared shingle, and in both directions if both slots are in both sets.
    """
    sources, targets = np.flatnonzero(is_source), np.flatnonzero(is_target)
    starts, ends = (
        np.searchsorted(part.gram_ids[targets], part.gram_ids[sources], side=side) for side in ("left", "right")
    )
    total = np.cumsum(ends - starts)
    cuts = np.flatnonzero(np.diff(total // _PAIRS_PER_BLOCK, prepend=0))
    for block in np.split(np.arange(len(sources)), cuts):
        sizes = ends[block] - starts[block]
        indices = concat_ranges(starts[block], sizes)
        slots_a, slots_b = part.slots[np.repeat(sources[block], sizes)], part.slots[targets[indices]]
        differs = slots_a != slots_b
        yield slots_a[differs], slots_b[differs]


def _add_counts(keys: Ints, counts: Ints, pending: list[Ints]) -> tuple[Ints, Ints]:
    """Add the `pending` collisions to the counts per pair and clear them; returns sorted keys and their counts."""
    new_keys, new_counts = np.unique(np.concatenate([keys[:0], *pending]), return_counts=True)
    pending.clear()
    all_keys = np.concatenate([keys, new_keys])
    order = np.argsort(all_keys, kind="stable")
    all_keys = all_keys[order]
    starts, _ = run_starts_and_sizes(all_keys)
    all_counts = np.concatenate([counts, new_counts])[order]
    return all_keys[starts], np.add.reduceat(all_counts, starts) if len(starts) else all_counts


def is_in_sorted(values: Hashes, targets: Hashes) -> Flags:
    """Return a mask of the sorted `values` that are among `targets`, which are sorted and unique."""
    starts, ends = (np.searchsorted(values, targets, side=side) for side in ("left", "right"))
    size = len(values) + 1
    depth = np.bincount(starts, minlength=size) - np.bincount(ends, minlength=size)
    mask: Flags = np.cumsum(depth[:-1]) > 0
    return mask
