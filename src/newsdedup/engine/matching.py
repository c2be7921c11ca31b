"""Matches articles that contain the same report: clean, fingerprint, candidates, prefilter, score, cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, argsort_hashes, bounds_from_sizes, sorted_unique
from newsdedup.candidates import MAX_ARTICLES, find_candidates
from newsdedup.clean import RecurringLines
from newsdedup.cluster import Cluster, Pair, cluster_component, connected_components
from newsdedup.config import Config
from newsdedup.engine.cleaning import CleaningContext, Hashes, Pairs, clean_and_fingerprint
from newsdedup.engine.executor import PAIRS_PER_CHUNK, Progress, ScoringContext, map_chunks
from newsdedup.engine.memory import memory_budget
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.workspace import (
    FeatureCache,
    Ints,
    Workspace,
)
from newsdedup.fingerprint import Fingerprints
from newsdedup.hashing import Vocabulary
from newsdedup.idf import IdfTable
from newsdedup.models import Article
from newsdedup.prefilter import passes_prefilter
from newsdedup.score import SIGNAL_NAMES, build_score, measure_ordered
from newsdedup.tasks import split_range

# Groups of exact duplicates whose components are clustered in one task, about.
GROUPS_PER_CHUNK = 50
# Pairs that are prefiltered in one task, and reports whose shingles are indexed at a time.
PREFILTER_CHUNK = 1 << 14
SHINGLE_CHUNK = 1 << 16
# Bytes of memory that candidate search needs per worker: with less, the extra parts cost more than workers save.
PAIRING_MEMORY = 1 << 26


@dataclass(frozen=True)
class Matching:
    """The result of matching articles, in the order given. `groups` are the exact duplicates, as article indices.

    Columns over all articles: `fingerprints`, `date_keys` (sort keys of the dates), `days` (day numbers as in
    `related`). `empty_count` is the number of articles with no text left after cleaning.
    By group number: `pair_probabilities` of the scored pairs, `template_pairs` (those of them that are template
    siblings or recurring notices) and `merged_clusters` (clusters of several groups). `pair_scores` are the scores of
    the scored pairs, by article index.
    """

    scoring: ScoringContext
    fingerprints: Fingerprints
    date_keys: NDArray[np.bytes_]
    days: NDArray[np.int32]
    groups: Ragged
    pair_probabilities: Mapping[Pair, float]
    template_pairs: AbstractSet[Pair]
    merged_clusters: Sequence[Cluster]
    pair_scores: PairScores
    empty_count: int

    @property
    def features(self) -> FeatureCache:
        """The features of all articles, computed on access."""
        assert isinstance(self.scoring.features, FeatureCache)  # noqa: S101 - set by `match_articles`
        return self.scoring.features

    def iter_clusters(self) -> Iterator[Cluster]:
        """Yield all clusters by first member, including those of a single group."""
        by_first_member = {cluster.members[0]: cluster for cluster in self.merged_clusters}
        merged_groups = {member for cluster in self.merged_clusters for member in cluster.members}
        for group in range(len(self.groups)):
            if group in by_first_member:
                yield by_first_member[group]
            elif group not in merged_groups:
                yield Cluster((group,), 1.0, ())


def match_articles(
    articles: Sequence[Article],
    recurring_lines: RecurringLines,
    scoring: ScoringContext,
    workspace: Workspace,
    config: Config,
    workers: int,
    progress: Progress,
    targets: frozenset[int] | None = None,
) -> Matching:
    """Match `articles`, which must have unique ids and be in content order.

    Texts and columns are written to `workspace`. With `targets` (indices into `articles`) only the pairs needed to
    determine the clusters of these are scored, and the other articles are clustered with exact duplicates only. The
    results for the targets are identical to those of a full run, to the last bit.
    """
    progress.stage("clean", len(articles))
    cleaned = clean_and_fingerprint(
        CleaningContext(articles, recurring_lines, scoring.idf_table, workspace.open_spool("reports"), Vocabulary()),
        workspace.folder,
        workers,
        progress,
    )
    scoring = replace(scoring, features=FeatureCache(cleaned.reports, scoring.idf_table))
    fingerprints = cleaned.fingerprints
    groups = group_by_text(fingerprints.text_keys)
    representatives = groups.values[groups.bounds[:-1]]

    progress.stage("candidates", None)
    group_of = np.empty(len(articles), dtype=np.int64)
    group_of[groups.values] = np.repeat(np.arange(len(groups)), groups.sizes)
    version_pairs = cleaned.version_pairs[(fingerprints.word_counts[cleaned.version_pairs] > 0).all(axis=1)]
    version_pairs = np.sort(group_of[version_pairs], axis=1)
    version_pairs = version_pairs[version_pairs[:, 0] != version_pairs[:, 1]]
    pairs = find_candidate_pairs(
        fingerprints, representatives, version_pairs, scoring.idf_table, config, workspace.folder, workers
    )
    progress.advance(len(pairs))

    template_pairs: set[Pair] = set()
    pair_scores: list[PairScores] = []

    def score_pairs(requested: Pairs) -> NDArray[np.float64]:
        order = order_by_component(requested, len(groups))
        batch = PairBatch(scoring, representatives[requested[order]])
        probabilities = np.empty(len(requested))
        chunks = split_range(len(requested), PAIRS_PER_CHUNK)
        for chunk, scored in zip(chunks, map_chunks(score_chunk, batch, chunks, workers), strict=True):
            indices = order[chunk.start : chunk.stop]
            probabilities[indices] = scored.probabilities
            template_pairs.update((int(i), int(j)) for i, j in requested[indices[scored.templates]])
            pair_scores.append(scored.pair_scores)
            progress.advance(len(chunk))
        return probabilities

    if targets is None:
        progress.stage("score", len(pairs))
        probabilities = score_pairs(pairs)
    else:
        progress.stage("score", None)
        is_seed = np.zeros(len(groups), dtype=bool)
        is_seed[np.repeat(np.arange(len(groups)), groups.sizes)[np.isin(groups.values, sorted(targets))]] = True
        pairs, probabilities = _score_reachable(is_seed, pairs, config.min_probability, score_pairs)

    progress.stage("cluster", None)
    clusters = sorted(
        cluster_components(
            ClusteringContext(scoring, fingerprints, representatives, pairs, probabilities, config.min_probability),
            len(groups),
            workers,
        ),
        key=lambda cluster: cluster.members,
    )
    progress.advance(len(clusters))
    pair_probabilities = dict(zip(map(tuple, pairs.tolist()), probabilities.tolist(), strict=True))
    return Matching(
        scoring,
        fingerprints,
        cleaned.date_keys,
        cleaned.days,
        groups,
        pair_probabilities,
        template_pairs,
        clusters,
        PairScores.concat_sorted(pair_scores),
        cleaned.empty_count,
    )


def group_by_text(keys: Hashes) -> Ragged:
    """Return the indices of articles grouped by text key, `keys` (n, 2): groups by first member, ascending within."""
    order, is_first = argsort_hashes(keys)
    starts = np.flatnonzero(is_first)
    runs = Ragged(order, np.concatenate((starts, [len(order)])))
    return runs.take(np.argsort(order[starts]))  # the sort is stable: the first of a run is its smallest


# -- candidates, score -------------------------------------------------------------------------------------------------


def find_candidate_pairs(
    fingerprints: Fingerprints,
    representatives: Ints,
    version_pairs: Pairs,
    idf_table: IdfTable,
    config: Config,
    folder: Path,
    workers: int,
) -> Pairs:
    """Return the candidate pairs of groups, sorted, shape (n, 2), i < j: they share shingles and pass the prefilter.

    `representatives` is the article index of each group; `version_pairs` are added without a test.
    """
    numbers = np.full(len(fingerprints), -1, dtype=np.int64)
    numbers[representatives] = np.arange(len(representatives))
    shingle_parts = [
        (numbers[chunk.start : chunk.stop], fingerprints.shingles.slice_rows(chunk))
        for chunk in split_range(len(fingerprints), SHINGLE_CHUNK)
    ]
    memory = memory_budget(config.memory)
    pairing_workers = max(min(workers, memory // PAIRING_MEMORY), 1)
    pairs = find_candidates(
        shingle_parts,
        len(representatives),
        memory,
        folder,
        partial(map_chunks, workers=pairing_workers),
        pairing_workers,
    )
    passes = prefilter_pairs(fingerprints, representatives[pairs], idf_table, workers)
    packed = sorted_unique(np.concatenate([pairs[passes], version_pairs]) @ np.array([MAX_ARTICLES, 1]))
    return np.stack(np.divmod(packed, MAX_ARTICLES), axis=1)


def prefilter_pairs(fingerprints: Fingerprints, pairs: Pairs, idf_table: IdfTable, workers: int) -> NDArray[np.bool_]:
    """Tell which pairs of articles have enough words in common to be scored."""
    context = _PrefilterContext(fingerprints, pairs, idf_table)
    parts = map_chunks(_prefilter_chunk, context, split_range(len(pairs), PREFILTER_CHUNK), workers)
    return np.concatenate([np.empty(0, dtype=bool), *parts])


class _PrefilterContext(NamedTuple):
    fingerprints: Fingerprints
    pairs: Pairs
    idf_table: IdfTable


def _prefilter_chunk(context: _PrefilterContext, chunk: range) -> NDArray[np.bool_]:
    fingerprints = context.fingerprints
    return passes_prefilter(
        context.pairs[chunk.start : chunk.stop], fingerprints.stems, fingerprints.shingles, context.idf_table
    )


def order_by_component(pairs: Pairs, count: int) -> Ints:
    """Return an order of pairs by connected component: the features of each article are then computed once."""
    parts = connected_components(count, pairs[:, 0], pairs[:, 1])
    component_of = np.empty(count, dtype=np.int64)
    component_of[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
    return np.argsort(component_of[pairs[:, 0]], kind="stable")


class ScoredChunk(NamedTuple):
    """Scores of a chunk of pairs. `templates` are the indices in it of template siblings and recurring notices."""

    probabilities: NDArray[np.float64]
    templates: Ints
    pair_scores: PairScores


@dataclass(frozen=True)
class PairBatch:
    """Pairs of article indices to score, shape (n, 2), and what they are scored with."""

    scoring: ScoringContext
    pairs: Pairs


def score_chunk(batch: PairBatch, chunk: range) -> ScoredChunk:
    """Score a chunk of the pairs."""
    features = batch.scoring.features
    pairs = batch.pairs[chunk.start : chunk.stop]
    rows, pair_scores = [], []
    for i, j in pairs.tolist():
        evidence = measure_ordered(features[i], features[j])
        rows.append(evidence.values)
        pair_scores.append(build_score(features[i], features[j], evidence, 0.0))
    values = np.stack(rows)
    probabilities = batch.scoring.model.predict_probability(values)
    scores = [replace(score, probability=p) for score, p in zip(pair_scores, probabilities.tolist(), strict=True)]
    templates = np.flatnonzero(values[:, [SIGNAL_NAMES.index("template"), SIGNAL_NAMES.index("series")]].any(axis=1))
    return ScoredChunk(probabilities, templates, PairScores.from_scores(pairs, scores))


def _score_reachable(
    is_seed: NDArray[np.bool_], pairs: Pairs, threshold: float, score_pairs: Callable[[Pairs], NDArray[np.float64]]
) -> tuple[Pairs, NDArray[np.float64]]:
    """Score the pairs of the seed groups, then those of groups linked to them, and so on; return the scored pairs.

    Only edges at or over the threshold join clusters, so pairs that no edge leads to cannot affect a seed's cluster.
    """
    is_reached = is_seed
    probabilities = np.full(len(pairs), np.nan)
    while (unscored := np.flatnonzero(np.isnan(probabilities) & is_reached[pairs].any(axis=1))).size:
        probabilities[unscored] = score_pairs(pairs[unscored])
        edges = pairs[unscored][probabilities[unscored] >= threshold]
        is_reached = is_reached.copy()
        is_reached[edges.ravel()] = True
    is_scored = ~np.isnan(probabilities)
    return pairs[is_scored], probabilities[is_scored]


# -- cluster -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClusteringContext:
    """Scored pairs of groups, shape (n, 2), and what further pairs are scored with.

    `representatives` is the article index of each group. `must_link` and `cannot_link` are pairs of groups that a
    person decided are one report, or are not. The last four fields are set by `cluster_components`: the connected
    components, and for each component the indices of its pairs and constraints.
    """

    scoring: ScoringContext
    fingerprints: Fingerprints
    representatives: Ints
    pairs: Pairs
    probabilities: NDArray[np.float64]
    threshold: float
    must_link: Pairs = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    cannot_link: Pairs = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    parts: Ragged | None = None
    pairs_by_part: Ragged | None = None
    must_link_by_part: Ragged | None = None
    cannot_link_by_part: Ragged | None = None


def cluster_components(context: ClusteringContext, count: int, workers: int) -> Iterator[Cluster]:
    """Yield the clusters of several groups. Groups without an edge are clusters of their own and are not yielded."""
    edges = np.concatenate([context.pairs[context.probabilities >= context.threshold], context.must_link])
    parts = connected_components(count, edges[:, 0], edges[:, 1])
    component_of = np.full(count, -1, dtype=np.int64)
    component_of[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
    pairs_by_part, must_link_by_part, cannot_link_by_part = (
        _group_by_component(pairs, component_of, len(parts))
        for pairs in (context.pairs, context.must_link, context.cannot_link)
    )
    context = replace(
        context,
        parts=parts,
        pairs_by_part=pairs_by_part,
        must_link_by_part=must_link_by_part,
        cannot_link_by_part=cannot_link_by_part,
    )
    for clusters in map_chunks(_cluster_chunk, context, split_by_size(parts.sizes, GROUPS_PER_CHUNK), workers):
        yield from (cluster for cluster in clusters if len(cluster.members) > 1)


def _group_by_component(pairs: Pairs, component_of: Ints, count: int) -> Ragged:
    """Return the indices of the pairs in each of `count` components; `component_of` is by group, -1 for none."""
    indices = np.flatnonzero(
        (component_of[pairs[:, 0]] >= 0) & (component_of[pairs[:, 0]] == component_of[pairs[:, 1]])
    )
    part_of_pair = component_of[pairs[indices, 0]]
    return Ragged(
        indices[np.argsort(part_of_pair, kind="stable")], bounds_from_sizes(np.bincount(part_of_pair, minlength=count))
    )


def split_by_size(sizes: Ints, target: int) -> Iterator[range]:
    """Yield ranges of indices of `sizes` that sum to about `target`."""
    start, total = 0, 0
    for index, size in enumerate(sizes.tolist()):
        total += size
        if total >= target:
            yield range(start, index + 1)
            start, total = index + 1, 0
    if start < len(sizes):
        yield range(start, len(sizes))


def _cluster_chunk(context: ClusteringContext, chunk: range) -> list[Cluster]:
    assert context.parts is not None and context.pairs_by_part is not None  # noqa: S101, PT018 - set by `cluster_components`
    assert context.must_link_by_part is not None and context.cannot_link_by_part is not None  # noqa: S101, PT018
    features = context.scoring.features

    def score_more(requested: Sequence[Pair]) -> Mapping[Pair, float]:
        indices = context.representatives[np.array(requested, dtype=np.int64)]
        passes = (context.fingerprints.word_counts[indices] > 0).all(axis=1)
        passes &= passes_prefilter(
            indices, context.fingerprints.stems, context.fingerprints.shingles, context.scoring.idf_table
        )
        probabilities = np.zeros(len(requested))
        if passes.any():
            values = np.stack([measure_ordered(features[i], features[j]).values for i, j in indices[passes].tolist()])
            probabilities[passes] = context.scoring.model.predict_probability(values)
        return dict(zip(requested, probabilities.tolist(), strict=True))

    clusters: list[Cluster] = []
    for part in chunk:
        pair_indices = context.pairs_by_part[part]
        pair_probabilities = dict(
            zip(
                map(tuple, context.pairs[pair_indices].tolist()),
                context.probabilities[pair_indices].tolist(),
                strict=True,
            )
        )
        must_link, cannot_link = (
            list(map(tuple, pairs[by_part[part]].tolist()))
            for pairs, by_part in (
                (context.must_link, context.must_link_by_part),
                (context.cannot_link, context.cannot_link_by_part),
            )
        )
        clusters.extend(
            cluster_component(
                context.parts[part].tolist(), pair_probabilities, context.threshold, score_more, must_link, cannot_link
            )
        )
    return clusters
