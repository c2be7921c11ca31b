"""Candidate pairs that an update adds and removes, and the scores of the new ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import is_in, sorted_unique
from newsdedup.engine.cleaning import version_pairs
from newsdedup.engine.executor import PAIRS_PER_CHUNK, map_chunks
from newsdedup.engine.matching import PairBatch, find_candidate_pairs, order_by_component, prefilter_pairs, score_chunk
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Direction, Relation, Score
from newsdedup.store import shingle_index
from newsdedup.store.candidate_changes import IndexedSlots, affected_by_df_change, find_colliding_pairs, pack_pairs
from newsdedup.store.database import select_in
from newsdedup.store.state import ArticleState, UpdateContext, representatives
from newsdedup.tasks import split_range

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]

# Pairs per task at least: few, so that all workers have some.
_MIN_PAIRS_PER_CHUNK = 50

PAIR_COLUMNS = ("i", "j", "probability", "containment", "similarity", "relation", "direction")
"""Columns of a scored pair, in the order they are read and written."""


@dataclass(frozen=True)
class StoredPairs:
    """Scored pairs of slots, shape (n, 2), and their probabilities."""

    pairs: Pairs
    probabilities: NDArray[np.float64]


def load_pairs(db: sqlite3.Connection) -> StoredPairs:
    """Return all scored pairs."""
    values = chain.from_iterable(db.execute("SELECT i, j, probability FROM pairs"))
    rows = np.fromiter(values, dtype=np.float64).reshape(-1, 3)
    return StoredPairs(rows[:, :2].astype(np.int64), rows[:, 2])


def load_pair_scores(db: sqlite3.Connection, slots: Ints) -> tuple[PairScores, Flags]:
    """Return the scores of stored pairs whose first slot is in `slots`, and which of them are template siblings."""
    rows = list(select_in(db, f"SELECT {', '.join(PAIR_COLUMNS)}, template FROM pairs WHERE i IN", slots))
    scores = PairScores.from_scores(
        np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2),
        [Score(row[2], row[3], row[4], Relation(row[5]), Direction(row[6])) for row in rows],
    )
    return scores, np.array([row[7] for row in rows], dtype=bool)


def candidate_pairs_after(
    context: UpdateContext,
    state: ArticleState,
    first_indices: Sequence[Ints],
    stored: StoredPairs,
    new_postings: Hashes,
) -> tuple[Ints, Pairs, Pairs]:
    """Find the candidate pairs that an update may add.

    Returns the slots that are paired again, their pairs that share enough shingles, and their pairs of versions.
    `first_indices` are the results of `first_with_text` before and after; `new_postings` (sorted) are of new slots.
    """
    indexed = _indexed_slots(state, first_indices)
    versions_before, versions_after = (
        _version_pairs_by_slot(state, flags, first_index)
        for flags, first_index in zip((state.before, state.after), first_indices, strict=True)
    )
    if not (state.before & state.after).any():
        return *_all_candidate_pairs(context, state, first_indices[1]), versions_after
    shingle_counts = np.zeros(len(indexed.rank), dtype=np.int32)
    shingle_counts[state.slots] = state.rows["kept"]
    ranges = shingle_index.shingle_ranges(context.db)

    def lookup(queried: Hashes) -> Iterator[Hashes]:
        for low, high in ranges:
            queried_part = queried[np.searchsorted(queried, np.uint64(low)) : np.searchsorted(queried, np.uint64(high))]
            new_part = new_postings[np.searchsorted(new_postings, np.uint64(low << shingle_index.SLOT_BITS)) :]
            if high < 1 << 64 - shingle_index.SLOT_BITS:
                new_part = new_part[: np.searchsorted(new_part, np.uint64(high << shingle_index.SLOT_BITS))]
            yield np.concatenate(
                [
                    shingle_index.find_postings(context.db, queried_part, low, high),
                    new_part[shingle_index.is_in_sorted(shingle_index.shingles_of(new_part), queried_part)],
                ]
            )

    stored_keys = pack_pairs(stored.pairs)
    gaining, losing = affected_by_df_change(indexed, context.cache.load_shingles, np.sort(stored_keys), lookup)
    changed_versions = np.concatenate(
        [
            versions_before[~is_in(pack_pairs(versions_before), pack_pairs(versions_after))],
            versions_after[~is_in(pack_pairs(versions_after), pack_pairs(versions_before))],
        ]
    )
    gaining = sorted_unique(np.concatenate([gaining, changed_versions[indexed.after[changed_versions]]]))
    queried = sorted_unique(np.concatenate([gaining, losing]))
    pairs = find_colliding_pairs(indexed, queried, context.cache.load_shingles(queried), shingle_counts, lookup)
    # Two slots that can only collide less often than before were no candidate pair before unless the pair is stored.
    pairs = pairs[is_in(pairs, gaining).any(axis=1) | is_in(pack_pairs(pairs), stored_keys)]
    return queried, pairs, versions_after[is_in(versions_after, queried).any(axis=1)]


def _indexed_slots(state: ArticleState, first_indices: Sequence[Ints]) -> IndexedSlots:
    size = int(state.slots.max(initial=-1)) + 1
    before, after = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for flags, first_index in zip((before, after), first_indices, strict=True):
        flags[state.slots[representatives(first_index)]] = True
    rank = np.zeros(size, dtype=np.int64)
    rank[state.slots] = state.content_rank
    return IndexedSlots(before, after, rank)


def _all_candidate_pairs(context: UpdateContext, state: ArticleState, first_index: Ints) -> tuple[Ints, Pairs]:
    """Pair all new reports when no stored report stays."""
    run, offset = context.run, len(state.slots) - len(context.cache.fingerprints)
    indices = representatives(first_index)
    indices = indices[np.argsort(state.content_rank[indices])]
    no_versions = np.empty((0, 2), dtype=np.int64)
    pairs = find_candidate_pairs(
        context.cache.fingerprints, indices - offset, no_versions, run.scoring.idf_table, run.config,
        run.workspace.folder, run.workers,
    )  # fmt: skip
    return state.slots[indices], state.slots[indices][pairs]


def _version_pairs_by_slot(state: ArticleState, flags: Flags, first_index: Ints) -> Pairs:
    """Return pairs of versions of one article among the flagged articles, shape (n, 2), each in content order.

    An article is given by the slot of its first exact duplicate.
    """
    indices = np.flatnonzero(flags)
    rows = state.rows[indices]
    pairs = indices[version_pairs(rows["name"], rows["version"])]
    pairs = pairs[(state.rows["words"][pairs] > 0).all(axis=1)]
    pairs = first_index[pairs]
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    swapped = state.content_rank[pairs[:, 0]] > state.content_rank[pairs[:, 1]]
    pairs[swapped] = pairs[swapped][:, ::-1]
    slots: Pairs = state.slots[np.unique(pairs, axis=0)].reshape(-1, 2)
    return slots


def find_invalidated_pairs(
    state: ArticleState, first_index: Ints, stored: StoredPairs, queried: Ints, candidates: Pairs
) -> Pairs:
    """Return the stored pairs that are no candidate pairs after the update, shape (n, 2).

    `queried` are the slots that were paired again, `candidates` the pairs found for them.
    """
    slots_after = state.slots[representatives(first_index)]
    is_removed = ~is_in(stored.pairs, slots_after).all(axis=1)
    is_lost = is_in(stored.pairs, queried).any(axis=1) & ~is_in(pack_pairs(stored.pairs), pack_pairs(candidates))
    return stored.pairs[is_removed | is_lost]


def score_new_pairs(
    context: UpdateContext, state: ArticleState, stored: StoredPairs, colliding: Pairs, versions: Pairs
) -> tuple[PairScores, Flags]:
    """Score the pairs that are not stored; returns their scores by slots, and which are template siblings."""
    run = context.run
    stored_keys = pack_pairs(stored.pairs)
    colliding, versions = (
        candidates[~is_in(pack_pairs(candidates), stored_keys)] for candidates in (colliding, versions)
    )
    context.cache.load(np.concatenate([colliding, versions]).ravel())
    if len(stored.pairs) or len(state.slots) > len(context.cache.fingerprints):
        indices = context.cache.indices_of(colliding)
        colliding = colliding[prefilter_pairs(context.cache.fingerprints, indices, run.scoring.idf_table, run.workers)]
    pairs = np.concatenate([colliding, versions[~is_in(pack_pairs(versions), pack_pairs(colliding))]])
    run.progress.stage("score", len(pairs))
    indices = context.cache.indices_of(pairs)
    order = order_by_component(indices, len(context.cache.fingerprints))
    pairs = pairs[order]
    batch = PairBatch(context.cache.scoring_context(), indices[order])
    parts, is_template = [], np.zeros(len(pairs), dtype=bool)
    chunks = split_range(len(pairs), min(max(len(pairs) // (4 * run.workers), _MIN_PAIRS_PER_CHUNK), PAIRS_PER_CHUNK))
    for chunk, scored in zip(chunks, map_chunks(score_chunk, batch, chunks, run.workers), strict=True):
        is_template[chunk.start + scored.templates] = True
        parts.append(scored.pair_scores)
        run.progress.advance(len(chunk))
    return PairScores.concat(parts).with_pairs(pairs), is_template
