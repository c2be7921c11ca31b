"""Scores candidate pairs and clusters them; `Matching` holds the result for the stages that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Ints, Pairs, Ragged, groups_from_labels, labels_from_groups
from newsdedup.cluster import Cluster, Pair, cluster_component, connected_components
from newsdedup.engine.feature_cache import FeatureCache
from newsdedup.engine.pair_scores import PairScores
from newsdedup.execution import Executor, split_by_size, split_range
from newsdedup.fingerprint import Fingerprints
from newsdedup.idf import IdfTable
from newsdedup.prefilter import passes_prefilter
from newsdedup.score import SIGNAL_NAMES, Model, build_score, measure_ordered

# Groups whose components are clustered in one task, and pairs that are prefiltered in one.
GROUPS_PER_CHUNK = 50
PREFILTER_CHUNK = 1 << 14

_TEMPLATE_SIGNALS = [SIGNAL_NAMES.index("template"), SIGNAL_NAMES.index("series")]


class ScoringContext(NamedTuple):
    """What pairs are scored with: the same for all workers, which receive it once."""

    idf_table: IdfTable
    model: Model
    features: FeatureCache


@dataclass(frozen=True)
class Matching:
    """Matched articles by index, in content order, and the columns that later stages need.

    `groups` are articles with identical reports, in the order of their first articles, which represent them.
    `pair_scores` are the scored pairs of representatives, by index, sorted. `merged_clusters` are clusters of several
    groups, by group number. `days` are dates as `related` counts them; `empty_count` is the number of articles without
    a report.
    """

    scoring: ScoringContext
    fingerprints: Fingerprints
    date_keys: NDArray[np.bytes_]
    days: NDArray[np.int32]
    groups: Ragged
    pair_scores: PairScores
    merged_clusters: Sequence[Cluster]
    empty_count: int

    def __len__(self) -> int:
        return len(self.fingerprints)

    @property
    def features(self) -> FeatureCache:
        """The features of every article, computed on access."""
        return self.scoring.features

    @property
    def representatives(self) -> Ints:
        """The index of the first article of each group, ascending."""
        indices: Ints = self.groups.values[self.groups.bounds[:-1]]
        return indices

    @property
    def group_of(self) -> Ints:
        """The group of each article."""
        return labels_from_groups(self.groups, len(self))

    def is_scored(self, pairs: Pairs) -> Flags:
        """Return which pairs of indices were scored."""
        keys, scored_keys = (
            np.sort(side, axis=1) @ np.array([len(self), 1]) for side in (pairs, self.pair_scores.pairs)
        )
        positions = np.searchsorted(scored_keys, keys)
        is_found: Flags = np.append(scored_keys, -1)[positions] == keys
        return is_found

    def iter_clusters(self) -> Iterator[Cluster]:
        """Yield all clusters, including those of one group, by their first member."""
        by_first_member = {cluster.members[0]: cluster for cluster in self.merged_clusters}
        merged_groups = {member for cluster in self.merged_clusters for member in cluster.members}
        for group in range(len(self.groups)):
            if group in by_first_member:
                yield by_first_member[group]
            elif group not in merged_groups:
                yield Cluster((group,), 1.0, ())


# -- score -------------------------------------------------------------------------------------------------------------


def prefilter_pairs(fingerprints: Fingerprints, pairs: Pairs, idf_table: IdfTable, executor: Executor) -> Flags:
    """Return which pairs of articles have enough words in common to be scored."""
    chunks = split_range(len(pairs), PREFILTER_CHUNK)
    parts = executor.map(_prefilter_chunk, (fingerprints, pairs, idf_table), chunks)
    return np.concatenate([np.empty(0, dtype=bool), *parts])


def _prefilter_chunk(shared: tuple[Fingerprints, Pairs, IdfTable], chunk: range) -> Flags:
    fingerprints, pairs, idf_table = shared
    return passes_prefilter(pairs[chunk.start : chunk.stop], fingerprints.stems, fingerprints.shingles, idf_table)


def order_by_component(pairs: Pairs, count: int) -> Ints:
    """Return an order of pairs by connected component: the features of each article are then computed once."""
    component_of = labels_from_groups(connected_components(count, pairs[:, 0], pairs[:, 1]), count)
    return np.argsort(component_of[pairs[:, 0]], kind="stable")


def score_chunk(shared: tuple[ScoringContext, Pairs], chunk: range) -> PairScores:
    """Score a chunk of pairs of article indices, shape (n, 2)."""
    (_, model, features), all_pairs = shared
    pairs = all_pairs[chunk.start : chunk.stop]
    rows, scores = [], []
    for i, j in pairs.tolist():
        evidence = measure_ordered(features[i], features[j])
        rows.append(evidence.values)
        scores.append(build_score(features[i], features[j], evidence, 0.0))
    values = np.stack(rows)
    probabilities = model.predict_probability(values).tolist()
    scores = [replace(score, probability=p) for score, p in zip(scores, probabilities, strict=True)]
    is_template = np.any(values[:, _TEMPLATE_SIGNALS], axis=1)
    return PairScores.from_scores(pairs, scores, is_template)


# -- cluster -----------------------------------------------------------------------------------------------------------


class _ComponentJob(NamedTuple):
    """The groups of each connected component, and the pairs of groups to cluster them by.

    `pairs` are the scored, must-link and cannot-link pairs, each of shape (n, 2); `rows` are those of each component.
    """

    matching: Matching
    threshold: float
    parts: Ragged
    pairs: tuple[Pairs, Pairs, Pairs]
    rows: tuple[Ragged, ...]


def cluster_components(
    matching: Matching, must_link: Pairs, cannot_link: Pairs, threshold: float, executor: Executor
) -> list[Cluster]:
    """Return the clusters of several groups, sorted by members. A group without an edge is a cluster by itself.

    `must_link` and `cannot_link` are pairs of groups that must, and must not, be in one story by a person's decision.
    """
    count, scored = len(matching.groups), matching.group_of[matching.pair_scores.pairs]
    edges = np.concatenate([scored[matching.pair_scores.probabilities >= threshold], must_link])
    parts = connected_components(count, edges[:, 0], edges[:, 1])
    component_of = labels_from_groups(parts, count)
    pairs = scored, must_link, cannot_link
    rows = tuple(groups_from_labels(_component_of_pairs(side, component_of), len(parts)) for side in pairs)
    job = _ComponentJob(matching, threshold, parts, pairs, rows)
    chunks = executor.map(_cluster_chunk, job, split_by_size(parts.sizes.tolist(), GROUPS_PER_CHUNK))
    clusters = [cluster for chunk in chunks for cluster in chunk if len(cluster.members) > 1]
    return sorted(clusters, key=lambda cluster: cluster.members)


def _component_of_pairs(pairs: Pairs, component_of: Ints) -> Ints:
    """Return the component that holds both groups of each pair, or -1; `component_of` is by group."""
    components = component_of[pairs]
    return np.where(components[:, 0] == components[:, 1], components[:, 0], -1)


def _cluster_chunk(job: _ComponentJob, chunk: range) -> list[Cluster]:
    matching, groups, (idf_table, model, features) = job.matching, job.matching.groups, job.matching.scoring
    fingerprints, known_probabilities = matching.fingerprints, matching.pair_scores.probabilities

    def score_more(requested: Sequence[Pair]) -> Mapping[Pair, float]:
        indices = groups.values[groups.bounds[np.array(requested, dtype=np.int64)]]  # of the groups' representatives
        passes = (fingerprints.word_counts[indices] > 0).all(axis=1)
        passes &= passes_prefilter(indices, fingerprints.stems, fingerprints.shingles, idf_table)
        probabilities = np.zeros(len(requested))
        if passes.any():
            values = np.stack([measure_ordered(features[i], features[j]).values for i, j in indices[passes].tolist()])
            probabilities[passes] = model.predict_probability(values)
        return dict(zip(requested, probabilities.tolist(), strict=True))

    clusters: list[Cluster] = []
    for part in chunk:
        pairs, must_link, cannot_link = (
            [(i, j) for i, j in pairs[rows[part]].tolist()] for pairs, rows in zip(job.pairs, job.rows, strict=True)
        )
        known_scores = dict(zip(pairs, known_probabilities[job.rows[0][part]].tolist(), strict=True))
        members = job.parts[part].tolist()
        copy_counts = dict(zip(members, groups.sizes[members].tolist(), strict=True))
        clusters += cluster_component(
            members, known_scores, job.threshold, score_more, must_link, cannot_link, copy_counts
        )
    return clusters
