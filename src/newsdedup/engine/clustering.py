"""Which stories an update reaches, and how their articles cluster after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from newsdedup.arrays import Ints, Pairs, groups_from_labels, is_in, labels_from_groups, sorted_unique
from newsdedup.cluster import connected_components
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import Corpus
from newsdedup.engine.matching import ClusteringJob, Matching, cluster_components
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.report_cache import ReportCache, take_rows
from newsdedup.engine.state import ArticleState, Constraints, UpdateContext, first_with_text, rank_by_content


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
    indices = np.flatnonzero(state.after)
    indices = indices[np.argsort(state.content_rank[indices])]
    if not state.before.any():
        return indices
    size = int(state.slots.max(initial=-1)) + 1
    first_before, first_after = first_indices
    is_hit = np.zeros(size, dtype=bool)
    is_hit[changed_slots] = True
    has_new_constraint = (
        is_in(state.numbers, context.constraints[0].differing_articles(context.constraints[1])) & state.after
    )
    # Exact duplicates of articles that were added, removed or got another constraint.
    is_new = state.after & ~state.before | has_new_constraint
    is_hit[state.slots[first_after[is_new]]] = True
    left_firsts = sorted_unique(first_before[state.before & (~state.after | has_new_constraint)])
    staying = np.flatnonzero(state.before & state.after)
    is_hit[state.slots[first_after[staying[is_in(first_before[staying], left_firsts)]]]] = True
    parts = connected_components(size, edges[:, 0], edges[:, 1])
    component_of = labels_from_groups(parts, size)
    is_reached_part = np.zeros(len(parts) + 1, dtype=bool)  # the last stands for slots in no component
    is_reached_part[component_of[is_hit]] = True
    is_reached_part[-1] = False
    is_reached = is_hit | is_reached_part[component_of]
    return indices[is_reached[state.slots[first_after[indices]]]]


def build_matching(cache: ReportCache, slots: Ints, first_positions: Ints, scores: PairScores) -> Matching:
    """Return the columns, groups and pair scores of the articles in `slots`, in content order, without clusters.

    `first_positions` is the position in `slots` of the first article with the same report. `scores` are by slot; those
    of other slots are left out.
    """
    cache.load(slots)
    representatives, group_of = np.unique(first_positions, return_inverse=True)
    position_of = np.full(int(slots.max(initial=-1)) + 1, -1, dtype=np.int64)
    position_of[slots[representatives]] = representatives
    scores = scores.take(np.flatnonzero((scores.pairs < len(position_of)).all(axis=1)))
    pairs = position_of[scores.pairs]
    rows = np.flatnonzero((pairs >= 0).all(axis=1))
    rows = rows[np.lexsort((pairs[rows, 1], pairs[rows, 0]))]
    date_keys, days = cache.take_dates(slots)
    fingerprints = take_rows(cache.fingerprints, cache.indices_of(slots))
    return Matching(
        cache.scoring_context(slots),
        fingerprints,
        date_keys,
        days,
        groups_from_labels(group_of.ravel(), len(representatives)),
        scores.take(rows).with_pairs(pairs[rows]),
        (),
        int((fingerprints.word_counts == 0).sum()),
    )


def cluster_articles(
    context: UpdateContext, state: ArticleState, first_index: Ints, indices: Ints, scores: PairScores
) -> Matching:
    """Cluster articles, given as indices of `state` in content order; `scores` are by slot."""
    _, first_positions, text_of = np.unique(first_index[indices], return_index=True, return_inverse=True)
    matching = build_matching(context.cache, state.slots[indices], first_positions[text_of.ravel()], scores)
    group_of = matching.group_of
    constraints = _constraint_groups(state, indices, group_of, context.constraints[1])
    job = ClusteringJob(
        matching.scoring,
        matching.fingerprints,
        matching.representatives,
        group_of[matching.pair_scores.pairs],
        matching.pair_scores.probabilities,
        context.threshold,
        constraints.must_link,
        constraints.cannot_link,
    )
    return replace(matching, merged_clusters=cluster_components(job, context.run.executor))


def _constraint_groups(state: ArticleState, indices: Ints, group_of: Ints, constraints: Constraints) -> Constraints:
    """Return the constraints among the articles at `indices` as pairs of their groups."""
    if not len(constraints.must_link) and not len(constraints.cannot_link):
        return constraints
    group_by_number = dict(zip(state.numbers[indices].tolist(), group_of.tolist(), strict=True))
    groups = (
        [sorted(group_by_number[i] for i in pair) for pair in pairs.tolist() if group_by_number.keys() >= {*pair}]
        for pairs in (constraints.must_link, constraints.cannot_link)
    )
    return Constraints(*(np.array(pairs, dtype=np.int64).reshape(-1, 2) for pairs in groups))


def recluster_sample(
    corpus: Corpus, constraints: Constraints, run: RunContext, sample_size: int
) -> tuple[int, list[int]]:
    """Cluster up to `sample_size` connected components of a corpus again, spread evenly over all.

    Returns how many, and the numbers of the stories that do not match the result.
    """
    context = UpdateContext.create(corpus, (constraints, constraints), run)
    stored = context.stored
    present = np.ones(len(stored), dtype=bool)
    rank = rank_by_content(corpus, stored, np.empty((0, 2), dtype=np.uint64), ())
    state = ArticleState(stored.numbers, stored.slots, stored.rows, rank, present, present)
    first_index = first_with_text(state, present, constraints)
    scored = corpus.load_pairs()
    edges = scored.pairs[scored.probabilities >= context.threshold]
    edges = np.concatenate([edges, constraint_pairs(state, first_index, constraints.must_link)])
    parts = connected_components(int(stored.slots.max(initial=-1)) + 1, edges[:, 0], edges[:, 1])
    sampled = sorted_unique(np.linspace(0, max(len(parts) - 1, 0), min(sample_size, len(parts))).astype(np.int64))
    indices = find_reached(context, state, (first_index, first_index), edges, parts.take(sampled).values)
    matching = cluster_articles(
        context, state, first_index, indices, corpus.load_pair_scores(stored.slots[first_index[indices]])
    )
    wrong_stories: set[int] = set()
    story_numbers = stored.stories[indices]
    for cluster in matching.iter_clusters():
        members = matching.groups.take(np.array(cluster.members)).values
        member_stories = sorted_unique(story_numbers[members])
        if len(member_stories) > 1 or (stored.stories == member_stories[0]).sum() != len(members):
            wrong_stories.update(member_stories.tolist())
    return len(sampled), sorted(wrong_stories)
