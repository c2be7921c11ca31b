"""The pairs that an update adds, drops and scores."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from newsdedup.arrays import Flags, Ints, Pairs, is_in, sorted_unique
from newsdedup.engine.context import PAIRS_PER_CHUNK
from newsdedup.engine.corpus import StoredPairs
from newsdedup.engine.matching import order_by_component, prefilter_pairs, score_chunk
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.shingle_index import (
    IndexedSlots,
    ShingleIndex,
    affected_by_df_change,
    find_colliding_pairs,
    pack_pairs,
)
from newsdedup.engine.state import ArticleState, UpdateContext, representatives
from newsdedup.execution import split_range

# Minimum number of pairs in one task of a worker: few, so that every worker gets some.
_MIN_PAIRS_PER_CHUNK = 50


@dataclass(frozen=True)
class CandidatePairs:
    """The candidate pairs of the slots that an update pairs again, shape (n, 2), each in content order.

    `colliding` share enough shingles, `versions` are versions of one article, even if they share none.
    """

    slots: Ints
    colliding: Pairs
    versions: Pairs


def build_shingle_index(context: UpdateContext, state: ArticleState) -> ShingleIndex:
    """Return the index of stored and new reports."""
    size = int(state.slots.max(initial=-1)) + 1
    before, after = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    before[state.slots[representatives(state.first_before)]] = True
    after[state.slots[representatives(state.first_after)]] = True
    rank, counts = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int32)
    rank[state.slots], counts[state.slots] = state.content_rank, state.rows["shingle_count"]
    new_slots = state.slots[len(context.stored) :]
    shingles = context.cache.fingerprints.shingles
    return ShingleIndex(context.corpus, IndexedSlots(before, after, rank), shingles, new_slots, counts)


def find_candidate_pairs(
    context: UpdateContext, state: ArticleState, index: ShingleIndex, stored: StoredPairs
) -> CandidatePairs:
    """Find the candidate pairs that an update may add: all if no stored report stays."""
    versions_before = _find_versions(state, state.before, state.first_before)
    versions_after = _find_versions(state, state.after, state.first_after)
    indexed = index.indexed
    if not (state.before & state.after).any():
        return CandidatePairs(np.flatnonzero(indexed.after), index.find_all_pairs(context.run), versions_after)
    stored_keys = pack_pairs(stored.pairs)
    load_shingles = context.cache.load_shingles
    gaining, losing = affected_by_df_change(indexed, load_shingles, np.sort(stored_keys), index.look_up)
    changed_versions = np.concatenate(
        [_leave_out(versions_before, versions_after), _leave_out(versions_after, versions_before)]
    )
    gaining = sorted_unique(np.concatenate([gaining, changed_versions[indexed.after[changed_versions]]]))
    slots = sorted_unique(np.concatenate([gaining, losing]))
    pairs = find_colliding_pairs(indexed, slots, load_shingles(slots), index.counts, index.look_up)
    # A pair that gains no collisions is a candidate pair only if it was one before, and then it is stored.
    pairs = pairs[is_in(pairs, gaining).any(axis=1) | is_in(pack_pairs(pairs), stored_keys)]
    return CandidatePairs(slots, pairs, versions_after[is_in(versions_after, slots).any(axis=1)])


def _leave_out(pairs: Pairs, others: Pairs) -> Pairs:
    """Return the pairs that are not among the others."""
    return pairs[~is_in(pack_pairs(pairs), pack_pairs(others))]


def _find_versions(state: ArticleState, flags: Flags, first_index: Ints) -> Pairs:
    """Return pairs of an article and its latest version among the flagged articles, each in content order.

    An article is given by the slot of its first exact duplicate. Shape (n, 2).
    """
    indices = np.flatnonzero(flags)
    ids, latest_ids = state.rows["article_id"][indices], state.rows["version_of"][indices]
    versions = np.flatnonzero(latest_ids)
    if not len(versions):
        return np.empty((0, 2), dtype=np.int64)
    order = np.argsort(ids)
    latest = order[np.minimum(np.searchsorted(ids[order], latest_ids[versions]), len(order) - 1)]
    pairs = indices[np.stack([versions, latest], axis=1)[ids[latest] == latest_ids[versions]]]
    pairs = first_index[pairs[(state.rows["word_count"][pairs] > 0).all(axis=1)]]
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    in_order = np.take_along_axis(pairs, np.argsort(state.content_rank[pairs], axis=1), axis=1)
    slots: Pairs = state.slots[np.unique(in_order, axis=0)]
    return slots


def find_invalidated_pairs(state: ArticleState, stored: StoredPairs, candidates: CandidatePairs) -> Pairs:
    """Return the stored pairs that are not candidate pairs after the update, shape (n, 2)."""
    slots_after = state.slots[representatives(state.first_after)]
    is_removed = ~is_in(stored.pairs, slots_after).all(axis=1)
    keys = pack_pairs(np.concatenate([candidates.colliding, candidates.versions]))
    is_lost = is_in(stored.pairs, candidates.slots).any(axis=1) & ~is_in(pack_pairs(stored.pairs), keys)
    return stored.pairs[is_removed | is_lost]


def score_new_pairs(
    context: UpdateContext, stored: StoredPairs, candidates: CandidatePairs, focus_slots: Ints | None = None
) -> PairScores:
    """Score the candidate pairs that are not stored; returns their scores by slots.

    With `focus_slots`, only the pairs that can affect the clusters of these slots are scored.
    """
    run, cache = context.run, context.cache
    colliding, versions = (_leave_out(pairs, stored.pairs) for pairs in (candidates.colliding, candidates.versions))
    cache.load(np.concatenate([colliding, versions]))
    passes = prefilter_pairs(cache.fingerprints, cache.indices_of(colliding), run.idf_table, run.executor)
    colliding = colliding[passes]
    pairs = np.concatenate([colliding, _leave_out(versions, colliding)])
    if focus_slots is None:
        run.progress.stage("score", len(pairs))
        return _score_pairs(context, pairs)
    run.progress.stage("score", None)
    return _score_reachable(context, pairs, focus_slots)


def _score_pairs(context: UpdateContext, pairs: Pairs) -> PairScores:
    """Score pairs of slots that are in the cache."""
    run, cache = context.run, context.cache
    indices = cache.indices_of(pairs)
    order = order_by_component(indices, len(cache))
    shared = cache.scoring_context(), indices[order]
    per_worker = len(pairs) // (4 * run.executor.workers)
    chunks = split_range(len(pairs), min(max(per_worker, _MIN_PAIRS_PER_CHUNK), PAIRS_PER_CHUNK))
    parts = []
    for scores in run.executor.map(score_chunk, shared, chunks):
        run.progress.advance(len(scores.pairs))
        parts.append(scores)
    return replace(PairScores.concat(parts), pairs=pairs[order])


def _score_reachable(context: UpdateContext, pairs: Pairs, focus_slots: Ints) -> PairScores:
    """Score the pairs of the slots in focus, then those of slots linked to them, and so on.

    Only edges at or over the threshold join clusters, so pairs that no edge leads to cannot affect the clusters of the
    slots in focus.
    """
    is_scored, reached = np.zeros(len(pairs), dtype=bool), focus_slots
    parts: list[PairScores] = []
    while (rows := np.flatnonzero(~is_scored & is_in(pairs, reached).any(axis=1))).size:
        scores = _score_pairs(context, pairs[rows])
        parts.append(scores)
        is_scored[rows] = True
        reached = scores.pairs[scores.probabilities >= context.threshold].ravel()
    return PairScores.concat(parts)
