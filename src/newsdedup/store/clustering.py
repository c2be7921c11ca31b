"""Clusters the connected components that an update reaches."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_from_sizes, is_in, sorted_unique
from newsdedup.cluster import Cluster, connected_components
from newsdedup.engine.matching import ClusteringContext, Matching, cluster_components
from newsdedup.engine.pair_scores import PairScores
from newsdedup.store.candidate_changes import pack_pairs
from newsdedup.store.database import select_in
from newsdedup.store.pair_changes import load_pair_scores, load_pairs
from newsdedup.store.report_cache import take_rows
from newsdedup.store.state import ArticleState, Constraints, RunContext, UpdateContext, first_with_text, rank_by_content

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


def constraint_pairs(state: ArticleState, first_index: Ints, pairs: Pairs) -> Pairs:
    """Return pairs of article numbers as pairs of slots, shape (n, 2), without pairs that have a removed article.

    The slot is that of the article's first exact duplicate.
    """
    indices = np.flatnonzero(state.after)
    index_of = dict(zip(state.numbers[indices].tolist(), indices.tolist(), strict=True)) if len(pairs) else {}
    first_pairs = [
        [first_index[index_of[i]] for i in pair] for pair in pairs.tolist() if all(i in index_of for i in pair)
    ]
    return state.slots[np.array(first_pairs, dtype=np.int64).reshape(-1, 2)].reshape(-1, 2)


def find_reached(
    context: UpdateContext, state: ArticleState, first_indices: Sequence[Ints], edges: Pairs, changed_slots: Ints
) -> Ints:
    """Return the indices, in content order, of all articles in a connected component that the update reaches.

    `edges` are pairs of slots at or over the threshold or must-link. `changed_slots` are slots with a pair that was
    scored or removed.
    """
    size = int(state.slots.max(initial=-1)) + 1
    first_before, first_after = first_indices
    is_hit = np.zeros(size, dtype=bool)
    is_hit[changed_slots] = True
    has_new_constraint = (
        np.isin(state.numbers, context.constraints[0].differing_articles(context.constraints[1])) & state.after
    )
    # Exact duplicates of articles that were added, removed or got another constraint.
    is_new = state.after & ~state.before | has_new_constraint
    is_hit[state.slots[first_after[is_new]]] = True
    left_firsts = sorted_unique(first_before[state.before & (~state.after | has_new_constraint)])
    staying = np.flatnonzero(state.before & state.after)
    is_hit[state.slots[first_after[staying[is_in(first_before[staying], left_firsts)]]]] = True
    parts = connected_components(size, edges[:, 0], edges[:, 1])
    component_of = np.full(size, -1)
    component_of[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
    is_reached_part = np.zeros(len(parts) + 1, dtype=bool)  # the last stands for slots in no component
    is_reached_part[component_of[is_hit]] = True
    is_reached_part[-1] = False
    is_reached = is_hit | is_reached_part[component_of]
    indices = np.flatnonzero(state.after)
    indices = indices[is_reached[state.slots[first_after[indices]]]]
    ordered: Ints = indices[np.argsort(state.content_rank[indices])]
    return ordered


def cluster_reached(
    context: UpdateContext,
    state: ArticleState,
    first_index: Ints,
    indices: Ints,
    invalidated: Pairs,
    new_scores: PairScores,
) -> Matching:
    """Cluster the articles at `indices`, from the valid stored scores and the new ones."""
    slots = state.slots[indices]
    context.cache.load(slots)
    fingerprints = take_rows(context.cache.fingerprints, context.cache.indices_of(slots))
    scoring = context.cache.scoring_context(slots)
    unique_ranks, group_of = np.unique(state.content_rank[first_index[indices]], return_inverse=True)
    order = np.argsort(group_of, kind="stable")
    groups = Ragged(order, bounds_from_sizes(np.bincount(group_of, minlength=len(unique_ranks))))
    representatives = groups.values[groups.bounds[:-1]]
    group_by_slot = np.full(int(state.slots.max(initial=-1)) + 1, -1)
    group_by_slot[slots[representatives]] = np.arange(len(representatives))
    stored_scores, _ = load_pair_scores(context.db, slots[representatives])
    pair_scores = PairScores.concat_sorted(
        [stored_scores.take(~is_in(pack_pairs(stored_scores.pairs), pack_pairs(invalidated))), new_scores]
    )
    pair_scores = pair_scores.take(np.flatnonzero((group_by_slot[pair_scores.pairs] >= 0).all(axis=1)))
    pairs = group_by_slot[pair_scores.pairs]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, pair_scores = pairs[order], pair_scores.take(order)
    must_link, cannot_link = (
        np.sort(group_by_slot[slot_pairs][(group_by_slot[slot_pairs] >= 0).all(axis=1)], axis=1)
        for slot_pairs in (
            constraint_pairs(state, first_index, pairs_of_kind)
            for pairs_of_kind in (context.constraints[1].must_link, context.constraints[1].cannot_link)
        )
    )
    clustering = ClusteringContext(
        scoring,
        fingerprints,
        representatives,
        pairs,
        pair_scores.measures[:, 0],
        context.threshold,
        must_link,
        cannot_link,
    )
    clusters: list[Cluster] = sorted(
        cluster_components(clustering, len(groups), context.run.workers), key=lambda cluster: cluster.members
    )
    date_keys, days = context.cache.take_dates(slots)
    return Matching(
        scoring, fingerprints, date_keys, days, groups, {}, set(), clusters,
        pair_scores.with_pairs(representatives[pairs]), int((fingerprints.word_counts == 0).sum()),
    )  # fmt: skip


def recluster_sample(
    db: sqlite3.Connection, constraints: Constraints, run: RunContext, sample_size: int
) -> tuple[int, list[str]]:
    """Cluster up to `sample_size` components again, evenly spread over all.

    Returns the number of components, and the ids of stories that differ from the result.
    """
    context = UpdateContext.create(db, (constraints, constraints), run)
    stored = context.stored
    present = np.ones(len(stored), dtype=bool)
    no_hashes = np.empty((0, 2), dtype=np.uint64)
    rank = rank_by_content(db, stored, no_hashes, ())
    state = ArticleState(stored.numbers, stored.slots, stored.rows, rank, present, present)
    first_index = first_with_text(state, present, constraints)
    stored_scores = load_pairs(db)
    edges = stored_scores.pairs[stored_scores.probabilities >= context.threshold]
    edges = np.concatenate([edges, constraint_pairs(state, first_index, constraints.must_link)])
    parts = connected_components(int(stored.slots.max(initial=-1)) + 1, edges[:, 0], edges[:, 1])
    sampled = np.unique(np.linspace(0, max(len(parts) - 1, 0), min(sample_size, len(parts))).astype(np.int64))
    slots = parts.take(sampled).values
    no_pairs = np.empty((0, 2), dtype=np.int64)
    indices = find_reached(context, state, (first_index, first_index), edges, slots)
    matching = cluster_reached(context, state, first_index, indices, no_pairs, PairScores.concat(()))
    wrong_stories: set[int] = set()
    story_numbers = stored.stories[indices]
    for cluster in matching.iter_clusters():
        members = matching.groups.take(np.array(cluster.members)).values
        member_stories = np.unique(story_numbers[members])
        if len(member_stories) > 1 or (stored.stories == member_stories[0]).sum() != len(members):
            wrong_stories.update(member_stories.tolist())
    rows = select_in(db, "SELECT story_id FROM stories WHERE story IN", sorted(wrong_stories))
    return len(sampled), sorted(row[0] for row in rows)
