"""Stage 6 of 8: cluster. Groups scored pairs into stories, without chaining and independent of the input order.

Connected components of similar pairs form chains that grow without bound: docs/design-notes.md 8 has a case of hundreds
of thousands of pages. Here edges (pairs at or above the threshold) are processed from the strongest down, and two
clusters are merged only if they are cohesive: the mean probability over their cross pairs reaches LINKAGE_FRACTION of
the threshold, and so do more than MIN_AGREEING_FRACTION of these pairs. Cross pairs that were never candidates are
scored on demand. Of large clusters only a fixed number of members is sampled, so that the cost of a story of 5,000
reprints is 5,000 times that number and not 5,000 squared.

Rejected: complete linkage, since one bad score would split every large story; connected components at a higher
threshold, since round-ups bridge stories at any; average linkage alone, cross-validated F1 .905 at .5 and .899 at .4
where this had .910 and .917 (one-off trial).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from newsdedup.arrays import Ints, Ragged, bounds_from_sizes
from newsdedup.thresholds import CLUSTER_SAMPLE_SIZE, LINKAGE_FRACTION, MIN_AGREEING_FRACTION

Pair = tuple[int, int]
ScorePairs = Callable[[Sequence[Pair]], Mapping[Pair, float]]


@dataclass(frozen=True, slots=True)
class Cluster:
    """The members of a story in content order.

    `weakest_mean` is the lowest mean probability of a member with the others; `articulation_points` are the members
    without which the story would split.
    """

    members: tuple[int, ...]
    weakest_mean: float
    articulation_points: tuple[int, ...]


@dataclass(slots=True)
class _OpenCluster:
    """A cluster during merging: all `members`, unordered; `sample`, the first of them in order.

    `rejected_sizes` maps the id of a cluster that was not merged into this one to the total size at that time.
    """

    members: list[int]
    sample: list[int]
    rejected_sizes: dict[int, int] = field(default_factory=dict)


def connected_components(count: int, ends_a: Ints, ends_b: Ints) -> Ragged:
    """Return the connected components of two or more reports: rows of report numbers (int64), ascending.

    Rows are ordered by their first member. `ends_a` and `ends_b` are the two ends of each edge at or above the
    threshold, among `count` reports. No story spans two components, so each can be clustered by itself with
    `cluster_component`; a report in no component is a story of its own.
    """
    root = np.arange(count, dtype=np.int64)
    while len(ends_a):
        low, high = np.minimum(ends_a, ends_b), np.maximum(ends_a, ends_b)
        np.minimum.at(root, high, low)
        while not np.array_equal(parents := root[root], root):
            root = parents
        ends_a, ends_b = root[ends_a], root[ends_b]
        is_open = ends_a != ends_b
        ends_a, ends_b = ends_a[is_open], ends_b[is_open]
    connected = np.flatnonzero(np.bincount(root, minlength=count)[root] > 1)
    values = connected[np.argsort(root[connected], kind="stable")]
    return Ragged(values, bounds_from_sizes(np.unique(root[connected], return_counts=True)[1]))


def cluster_component(
    reports: Iterable[int],
    scores: Mapping[Pair, float],
    threshold: float,
    score_pairs: ScorePairs,
    must_link: Sequence[Pair] = (),
    cannot_link: Sequence[Pair] = (),
    copy_counts: Mapping[int, int] | None = None,
) -> list[Cluster]:
    """Return the stories of these reports, each report in exactly one, sorted by first member.

    No edge may connect them to other reports. `scores` holds the probabilities of all known pairs (i, j), i < j, among
    them, also those below the threshold; `score_pairs` is called for unknown pairs only. Reports must be numbered by
    content: ties are broken by the smaller numbers and must not depend on the order of input.

    `copy_counts` is the number of articles with the text of each report, 1 by default: a text that several outlets
    print counts as often, as it would if the copies differed in a word, up to CLUSTER_SAMPLE_SIZE times.

    Constraints take precedence over scores: `must_link` pairs end in one story, `cannot_link` pairs never do. Both may
    contain pairs of other reports.
    """
    known_scores = dict(scores)
    cluster_of = {i: i for i in reports}
    clusters = {i: _OpenCluster([i], [i]) for i in cluster_of}
    forbidden = _build_adjacency(cannot_link)
    required = {pair for pair in must_link if pair[0] in cluster_of and pair[1] in cluster_of}
    for i, j in [*sorted(required), *_order_edges(scores, threshold)]:
        kept_id, absorbed_id = cluster_of[i], cluster_of[j]
        if kept_id == absorbed_id:
            continue
        cluster_a, cluster_b = clusters[kept_id], clusters[absorbed_id]
        if forbidden and any(
            forbidden.get(member, set()).intersection(cluster_b.members) for member in cluster_a.members
        ):
            continue
        total_size = len(cluster_a.members) + len(cluster_b.members)
        if cluster_a.rejected_sizes.get(absorbed_id) == total_size:  # rejected before, and neither has grown since
            continue
        if (i, j) not in required and not _is_cohesive(
            cluster_a.sample, cluster_b.sample, known_scores, threshold, score_pairs, copy_counts or {}
        ):
            cluster_a.rejected_sizes[absorbed_id] = total_size
            continue
        if len(cluster_a.members) < len(cluster_b.members):
            kept_id, absorbed_id, cluster_a, cluster_b = absorbed_id, kept_id, cluster_b, cluster_a
        for member in cluster_b.members:
            cluster_of[member] = kept_id
        cluster_a.members += cluster_b.members
        cluster_a.sample = list(heapq.merge(cluster_a.sample, cluster_b.sample))[:CLUSTER_SAMPLE_SIZE]
        del clusters[absorbed_id]
    return _summarise_clusters(clusters, cluster_of, known_scores, threshold)


def _build_adjacency(pairs: Iterable[Pair]) -> dict[int, set[int]]:
    neighbours: dict[int, set[int]] = {}
    for i, j in pairs:
        neighbours.setdefault(i, set()).add(j)
        neighbours.setdefault(j, set()).add(i)
    return neighbours


def _order_edges(scores: Mapping[Pair, float], threshold: float) -> list[Pair]:
    """Return the edges in merging order: by probability times the share of common neighbours, highest first.

    Common neighbours distinguish an edge inside a story from a single high score between two stories (structural
    similarity, Xu et al. 2007).
    """
    edges = [pair for pair, probability in scores.items() if probability >= threshold]
    neighbours = _build_adjacency(edges)

    def edge_weight(pair: Pair) -> float:
        near_a, near_b = neighbours[pair[0]], neighbours[pair[1]]
        shared = len(near_a & near_b) + 2  # each end is near itself and the other end
        return scores[pair] * shared / (len(near_a) + len(near_b) + 2 - shared)

    return sorted(edges, key=lambda pair: (-edge_weight(pair), pair))


def _is_cohesive(
    sample_a: Sequence[int],
    sample_b: Sequence[int],
    known_scores: dict[Pair, float],
    threshold: float,
    score_pairs: ScorePairs,
    copy_counts: Mapping[int, int],
) -> bool:
    """Return whether two clusters may be merged; adds newly scored pairs to `known_scores`."""
    pairs = [(min(i, j), max(i, j)) for i in sample_a for j in sample_b]
    if missing := [pair for pair in pairs if pair not in known_scores]:
        known_scores.update(score_pairs(missing))
    min_score = round(LINKAGE_FRACTION * threshold, 8)
    total = agreeing = 0
    score_sum = 0.0
    for i, j in pairs:
        weight = math.prod(min(copy_counts.get(member, 1), CLUSTER_SAMPLE_SIZE) for member in (i, j))
        total += weight
        agreeing += weight * (known_scores[i, j] >= min_score)
        score_sum += weight * known_scores[i, j]
    return score_sum >= min_score * total and agreeing > MIN_AGREEING_FRACTION * total


def _summarise_clusters(
    clusters: Mapping[int, _OpenCluster],
    cluster_of: Mapping[int, int],
    known_scores: Mapping[Pair, float],
    threshold: float,
) -> list[Cluster]:
    """Return each cluster with its weakest mean and its articulation points, over the known pairs."""
    inner_pairs: dict[int, list[Pair]] = {}
    for i, j in known_scores:
        if cluster_of[i] == cluster_of[j]:
            inner_pairs.setdefault(cluster_of[i], []).append((i, j))
    summaries = []
    for cluster_id, open_cluster in clusters.items():
        if len(open_cluster.members) == 1:
            summaries.append(Cluster((cluster_id,), 1.0, ()))
            continue
        edges: dict[int, dict[int, float]] = {i: {} for i in sorted(open_cluster.members)}
        for i, j in sorted(inner_pairs.get(cluster_id, ())):  # in order: float sums depend on it
            edges[i][j] = edges[j][i] = known_scores[i, j]
        means = [sum(neighbours.values()) / len(neighbours) for neighbours in edges.values() if neighbours]
        strong_edges = {
            i: sorted(j for j, p in neighbours.items() if p >= threshold) for i, neighbours in edges.items()
        }
        articulation_points = tuple(_find_articulation_points(strong_edges)) if len(edges) > 2 else ()
        summaries.append(Cluster(tuple(edges), round(min(means, default=1.0), 4), articulation_points))
    return sorted(summaries, key=lambda summary: summary.members[0])


def _find_articulation_points(graph: Mapping[int, Sequence[int]]) -> list[int]:  # noqa: C901 - one textbook algorithm in one piece
    """Return the articulation points of a graph, sorted (Tarjan 1972, without recursion)."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    points: set[int] = set()
    for root in sorted(graph):
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack, branches = [(root, -1, iter(graph[root]))], 0
        while stack:
            vertex, parent, unvisited = stack[-1]
            for neighbour in unvisited:
                if neighbour not in order:
                    order[neighbour] = low[neighbour] = len(order)
                    stack.append((neighbour, vertex, iter(graph[neighbour])))
                    break
                if neighbour != parent:
                    low[vertex] = min(low[vertex], order[neighbour])
            else:
                stack.pop()
                if stack:
                    parent_vertex = stack[-1][0]
                    low[parent_vertex] = min(low[parent_vertex], low[vertex])
                    if parent_vertex == root:
                        branches += 1
                    elif low[vertex] >= order[parent_vertex]:
                        points.add(parent_vertex)
        if branches > 1:
            points.add(root)
    return sorted(points)
