"""Which stories an update reaches, and how their articles cluster after it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import compress

import numpy as np

from newsdedup.arrays import Ints, Pairs, groups_from_labels, is_in, labels_from_groups, sorted_unique, take_rows
from newsdedup.cluster import connected_components
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import Corpus
from newsdedup.engine.matching import Matching, cluster_components
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.pairing import find_versions
from newsdedup.engine.report_cache import ReportCache
from newsdedup.engine.state import ArticleState, Constraints, UpdateContext, rank_by_content
from newsdedup.models import Article


def constraint_pairs(state: ArticleState, pairs: Pairs) -> Pairs:
    """Return pairs of article numbers as pairs of slots, shape (n, 2), without pairs that have a removed article.

    The slot is that of the article's first exact duplicate.
    """
    indices = np.flatnonzero(state.after)
    index_of = dict(zip(state.numbers[indices].tolist(), indices.tolist(), strict=True)) if len(pairs) else {}
    present = [[index_of[i] for i in pair] for pair in pairs.tolist() if all(i in index_of for i in pair)]
    return state.slots[state.first_after[np.array(present, dtype=np.int64).reshape(-1, 2)]]


def find_reached(state: ArticleState, edges: Pairs, changed_slots: Ints) -> Ints:
    """Return the indices, in content order, of all articles in a connected component that the update reaches.

    `edges` are pairs of slots at or over the threshold or must-link. `changed_slots` are slots with a pair that was
    scored or removed.
    """
    indices = np.flatnonzero(state.after)
    indices = indices[np.argsort(state.content_rank[indices])]
    if not state.before.any():
        return indices
    size = int(state.slots.max(initial=-1)) + 1
    first_before, first_after = state.first_before, state.first_after
    is_hit = np.zeros(size, dtype=bool)
    is_hit[changed_slots] = True
    constraints_before, constraints_after = state.constraints
    has_new_constraint = is_in(state.numbers, constraints_before.differing_articles(constraints_after)) & state.after
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
    scores = take_rows(scores, np.flatnonzero((scores.pairs < len(position_of)).all(axis=1)))
    pairs = position_of[scores.pairs]
    rows = np.flatnonzero((pairs >= 0).all(axis=1))
    rows = rows[np.lexsort((pairs[rows, 1], pairs[rows, 0]))]
    columns = cache.columns.take(cache.indices_of(slots))
    return Matching(
        cache.scoring_context(columns.offsets),
        columns.fingerprints,
        columns.date_keys,
        columns.days,
        groups_from_labels(group_of.ravel(), len(representatives)),
        replace(take_rows(scores, rows), pairs=pairs[rows]),
        (),
        int((columns.fingerprints.word_counts == 0).sum()),
    )


def cluster_articles(
    context: UpdateContext, state: ArticleState, indices: Ints, scores: PairScores, versions: Pairs
) -> Matching:
    """Cluster articles, given as indices of `state` in content order; `scores` and `versions` are by slot.

    `versions` are pairs of an article and its latest version; they must be in one story if their id was given.
    """
    _, first_positions, text_of = np.unique(state.first_after[indices], return_index=True, return_inverse=True)
    matching = build_matching(context.cache, state.slots[indices], first_positions[text_of.ravel()], scores)
    group_of, constraints = matching.group_of, state.constraints[1]
    links = constraints.must_link, constraints.cannot_link
    must_link, cannot_link = (_pairs_of_groups(pairs, state.numbers[indices], group_of) for pairs in links)
    must_link = np.concatenate([must_link, _version_groups(matching, state.slots[indices], versions)])
    clusters = cluster_components(matching, must_link, cannot_link, context.threshold, context.run.executor)
    return replace(matching, merged_clusters=clusters)


def _version_groups(matching: Matching, slots: Ints, versions: Pairs) -> Pairs:
    """Return the pairs of groups that are versions under an id which their records give, and not their files' paths."""
    group_of = dict(zip(slots.tolist(), matching.group_of.tolist(), strict=True)) if len(versions) else {}
    index_of = {slot: index for index, slot in enumerate(slots.tolist())} if len(versions) else {}

    reports = matching.features.reports
    present = [pair for pair in versions.tolist() if group_of.keys() >= {*pair}]
    is_given = [any(_has_given_id(reports[index_of[slot]].article) for slot in pair) for pair in present]
    pairs = [sorted(group_of[slot] for slot in pair) for pair in compress(present, is_given)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _has_given_id(article: Article) -> bool:
    """Return whether a version has the id of its record; the path of a file, with a suffix or a folder, is none."""
    is_path = article.version_of in {article.path, f"{article.path}#{article.record}"}
    return article.version_of is not None and not (is_path and re.search(r"[./\\#]", article.version_of))


def _pairs_of_groups(pairs: Pairs, numbers: Ints, group_of: Ints) -> Pairs:
    """Return the pairs among articles with these numbers as pairs of their groups."""
    group_by_number = dict(zip(numbers.tolist(), group_of.tolist(), strict=True)) if len(pairs) else {}
    groups = [sorted(group_by_number[i] for i in pair) for pair in pairs.tolist() if group_by_number.keys() >= {*pair}]
    return np.array(groups, dtype=np.int64).reshape(-1, 2)


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
    state = ArticleState(stored.numbers, stored.slots, stored.rows, rank, present, present, context.constraints)
    scored = corpus.load_pairs()
    edges = scored.pairs[scored.probabilities >= context.threshold]
    versions = find_versions(state, state.after, state.first_after)
    edges = np.concatenate([edges, constraint_pairs(state, constraints.must_link), versions])
    parts = connected_components(int(stored.slots.max(initial=-1)) + 1, edges[:, 0], edges[:, 1])
    sampled = sorted_unique(np.linspace(0, max(len(parts) - 1, 0), min(sample_size, len(parts))).astype(np.int64))
    indices = find_reached(state, edges, parts.take(sampled).values)
    scores = corpus.load_pair_scores(stored.slots[state.first_after[indices]])
    matching = cluster_articles(context, state, indices, scores, versions)
    wrong_stories: set[int] = set()
    story_numbers = stored.stories[indices]
    for cluster in matching.iter_clusters():
        members = matching.groups.take(np.array(cluster.members)).values
        member_stories = sorted_unique(story_numbers[members])
        if len(member_stories) > 1 or (stored.stories == member_stories[0]).sum() != len(members):
            wrong_stories.update(member_stories.tolist())
    return len(sampled), sorted(wrong_stories)
