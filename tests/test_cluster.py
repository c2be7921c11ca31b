"""Stage 6: stories are cohesive and do not depend on the order of the pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdedup.cluster import Pair, _find_articulation_points, cluster_component, connected_components
from newsdedup.thresholds import CLUSTER_SAMPLE_SIZE, LINKAGE_FRACTION, MIN_AGREEING_FRACTION

Ask = Callable[[Sequence[Pair]], Mapping[Pair, float]]


class FakeScorer:
    """Scores pairs that were never candidates, and records which were asked for."""

    def __init__(self, answer: Callable[[int, int], float]) -> None:
        self.answer = answer
        self.asked_pairs: list[Pair] = []

    def __call__(self, pairs: Sequence[Pair]) -> dict[Pair, float]:
        """Return the scores of the pairs."""
        self.asked_pairs += pairs
        return {(i, j): self.answer(i, j) for i, j in pairs}


def constant_scorer(probability: float) -> FakeScorer:
    """Return a scorer that gives every pair this probability."""
    return FakeScorer(lambda _i, _j: probability)


def stories_of_several(
    count: int, scores: Mapping[Pair, float], score_pairs: Ask, threshold: float = 0.5
) -> list[tuple[int, ...]]:
    """Return the stories of two or more reports."""
    return [
        each.members
        for each in cluster_component(range(count), scores, threshold, score_pairs)
        if len(each.members) > 1
    ]


COUNT = 9
ALL = [(i, j) for i in range(COUNT) for j in range(i + 1, COUNT)]
score_dicts = st.dictionaries(st.sampled_from(ALL), st.sampled_from((0.0, 0.2, 0.45, 0.5, 0.6, 0.9, 1.0)))


def score_by_number(i: int, j: int) -> float:
    """Return a probability that depends on the pair alone."""
    return (i * 7 + j * 13) % 11 / 10


@given(score_dicts, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(scored: dict[Pair, float], chance: Random) -> None:
    """Ties are broken by content, not by which pair came first."""
    shuffled = list(scored.items())
    chance.shuffle(shuffled)
    clusters = cluster_component(range(COUNT), dict(shuffled), 0.5, FakeScorer(score_by_number))
    assert clusters == cluster_component(range(COUNT), dict(sorted(scored.items())), 0.5, FakeScorer(score_by_number))


@given(score_dicts, st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_every_report_is_in_exactly_one_story(scored: dict[Pair, float], threshold: float) -> None:
    """No report is lost or duplicated; stories and members are sorted; `weakest_mean` is a probability."""
    clusters = cluster_component(range(COUNT), scored, threshold, FakeScorer(score_by_number))
    assert sorted(number for each in clusters for number in each.members) == list(range(COUNT))
    assert [each.members[0] for each in clusters] == sorted(each.members[0] for each in clusters)
    for each in clusters:
        assert list(each.members) == sorted(each.members)
        assert 0 <= each.weakest_mean <= 1
        assert set(each.articulation_points) <= set(each.members)


@given(score_dicts)
def test_only_unknown_pairs_are_asked_and_each_once(scored: dict[Pair, float]) -> None:
    """Scoring is expensive: known pairs are not scored again."""
    ask = FakeScorer(score_by_number)
    cluster_component(range(COUNT), scored, 0.5, ask)
    assert not set(ask.asked_pairs) & set(scored)
    assert len(ask.asked_pairs) == len(set(ask.asked_pairs))
    assert all(i < j for i, j in ask.asked_pairs)


def test_nothing_is_asked_where_every_pair_is_known() -> None:
    """If all pairs were candidates, no further pair is scored."""
    ask = constant_scorer(1.0)
    assert stories_of_several(COUNT, dict.fromkeys(ALL, 0.8), ask) == [tuple(range(COUNT))]
    assert ask.asked_pairs == []


def test_no_pair_over_the_threshold_asks_nothing() -> None:
    """Without an edge no further pair is scored."""
    ask = constant_scorer(1.0)
    assert stories_of_several(COUNT, dict.fromkeys(ALL, 0.4999), ask) == []
    assert ask.asked_pairs == []


@pytest.mark.parametrize("near", [0.55, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("far", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("count", [4, 8])
def test_a_chain_is_no_story(count: int, near: float, far: float) -> None:
    """Only neighbours in the chain are similar: its ends are not one report."""
    scored = {(i, i + 1): near for i in range(count - 1)}
    assert all(len(each) <= 3 for each in stories_of_several(count, scored, constant_scorer(far)))


@pytest.mark.parametrize("size", [1, 2, 4, 7])
@pytest.mark.parametrize("tie", [0.7, 0.9, 0.99, 1.0])
def test_a_round_up_does_not_join_two_stories(tie: float, size: int) -> None:
    """A page with both reports is similar to all members of both stories, which are unrelated."""
    for position, is_known in product((0, size, 2 * size), (True, False)):
        numbers = list(range(2 * size + 1))
        bridge = numbers.pop(position)
        story_a, story_b = set(numbers[:size]), set(numbers[size:])
        all_scores = {
            (i, j): tie if bridge in {i, j} else 0.95 if {i, j} <= story_a or {i, j} <= story_b else 0.02
            for i in range(2 * size + 1)
            for j in range(i + 1, 2 * size + 1)
        }
        scored = all_scores if is_known else {pair: found for pair, found in all_scores.items() if found > 0.5}
        for story in stories_of_several(2 * size + 1, scored, FakeScorer(lambda i, j, known=all_scores: known[i, j])):  # type: ignore[misc]
            assert not (story_a & set(story) and story_b & set(story)), (
                f"{story} joins {story_a} and {story_b} over {bridge}"
            )


def test_a_dense_group_is_one_story_in_spite_of_one_bad_score() -> None:
    """One low score does not split a story whose other pairs are all strong."""
    scored = dict.fromkeys(ALL, 0.9) | {(0, 1): 0.1}
    assert stories_of_several(COUNT, scored, constant_scorer(0.0)) == [tuple(range(COUNT))]


def test_two_dense_groups_tied_by_one_pair_stay_apart() -> None:
    """One high score between members of two stories is an error of the score, not a reason to merge them."""
    scored = {(i, j): 0.9 for i, j in ALL if (i < 4) == (j < 4)} | {(0, 4): 1.0}
    assert sorted(map(len, stories_of_several(COUNT, scored, constant_scorer(0.1)))) == [4, 5]


@pytest.mark.parametrize(("probability", "merged"), [(0.4999, False), (0.5, True), (0.5001, True)])
def test_a_pair_at_the_threshold_is_a_story(probability: float, merged: bool) -> None:
    """The threshold is inclusive."""
    assert bool(stories_of_several(2, {(0, 1): probability}, constant_scorer(0.0))) == merged


def test_probability_one_merges_only_what_is_certain() -> None:
    """The highest threshold."""
    assert stories_of_several(4, {(0, 1): 1.0, (2, 3): 0.9999}, constant_scorer(0.0), threshold=1.0) == [(0, 1)]


def test_a_story_of_five_thousand_reprints_asks_few_pairs() -> None:
    """A star of candidates around a few pivots becomes one story at linear cost."""
    count = 5000
    ask = constant_scorer(0.9)
    scored = {(hub, i): 0.95 for hub in range(3) for i in range(hub + 1, count)}
    assert stories_of_several(count, scored, ask) == [tuple(range(count))]
    assert len(ask.asked_pairs) <= CLUSTER_SAMPLE_SIZE * CLUSTER_SAMPLE_SIZE + CLUSTER_SAMPLE_SIZE * count


@given(score_dicts, st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_components_clustered_one_by_one_are_the_whole(scored: dict[Pair, float], threshold: float) -> None:
    """So that worker processes can share the components."""
    edges = np.array([pair for pair, clusters in scored.items() if clusters >= threshold], dtype=np.int64).reshape(
        -1, 2
    )
    clusters, parts = [], connected_components(COUNT, edges[:, 0], edges[:, 1])
    for members in (parts[at].tolist() for at in range(len(parts))):
        inside = {pair: each for pair, each in scored.items() if set(pair) <= set(members)}
        clusters += cluster_component(members, inside, threshold, FakeScorer(score_by_number))
    all_clusters = cluster_component(range(COUNT), scored, threshold, FakeScorer(score_by_number))
    lone = set(range(COUNT)) - set(parts.values.tolist())
    assert sorted(clusters, key=lambda each: each.members[0]) == [c for c in all_clusters if not lone & set(c.members)]
    assert all(len(each.members) == 1 for each in all_clusters if lone & set(each.members))


@given(score_dicts, st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_members_are_those_that_a_plain_rule_joins(scored: dict[Pair, float], threshold: float) -> None:
    """Every edge in turn, with the whole clusters compared each time."""
    neighbours = {
        i: {i} | {j for pair, p in scored.items() if p >= threshold and i in pair for j in pair} for i in range(COUNT)
    }

    def weight(pair: Pair) -> float:
        return (
            scored[pair]
            * len(neighbours[pair[0]] & neighbours[pair[1]])
            / len(neighbours[pair[0]] | neighbours[pair[1]])
        )

    groups = [{i} for i in range(COUNT)]
    for pair in sorted((p for p, x in scored.items() if x >= threshold), key=lambda pair: (-weight(pair), pair)):
        group_a, group_b = (next(group for group in groups if i in group) for i in pair)
        cross_pairs = [
            (min(p), max(p))
            for p in product(sorted(group_a)[:CLUSTER_SAMPLE_SIZE], sorted(group_b)[:CLUSTER_SAMPLE_SIZE])
        ]
        cross_scores = [scored.get(p, score_by_number(*p)) for p in cross_pairs]
        min_score = round(LINKAGE_FRACTION * threshold, 8)
        is_cohesive = sum(cross_scores) >= min_score * len(cross_scores) and sum(
            each >= min_score for each in cross_scores
        ) > MIN_AGREEING_FRACTION * len(cross_scores)
        if group_a is not group_b and is_cohesive:
            groups.remove(group_b)
            group_a |= group_b
    clusters = cluster_component(range(COUNT), scored, threshold, FakeScorer(score_by_number))
    assert [each.members for each in clusters] == sorted(tuple(sorted(group)) for group in groups)


@pytest.mark.parametrize("count", [1, 50, 400])
@pytest.mark.parametrize("per_report", [0.3, 1.0, 3.0])
def test_connected_components_agree_with_networkx(count: int, per_report: float) -> None:
    """Against networkx, with edges in any order and direction, and on a long chain."""
    chance = Random(count)  # noqa: S311
    pairs = [(chance.randrange(count), chance.randrange(count)) for _ in range(int(count * per_report))]
    for edges in (pairs, [(i + 1, i) for i in range(count - 1)]):
        array = np.array(edges, dtype=np.int64).reshape(-1, 2)
        components = connected_components(count, array[:, 0], array[:, 1])
        expected = sorted(sorted(each) for each in nx.connected_components(nx.Graph(edges)) if len(each) > 1)
        assert [components[at].tolist() for at in range(len(components))] == expected


edges = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda edge: edge[0] != edge[1]))


@settings(max_examples=300)
@given(edges)
@example([(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)])
def test_articulation_points_agree_with_networkx(edge_list: list[tuple[int, int]]) -> None:
    """On connected and unconnected graphs."""
    graph = nx.Graph(edge_list)
    graph.add_nodes_from(range(12))
    neighbours = {i: sorted(graph[i]) for i in graph}
    assert _find_articulation_points(neighbours) == sorted(nx.articulation_points(graph))


def test_articulation_points_are_reported() -> None:
    """A member that alone connects two halves is reported, so that a reader can check it first."""
    # Two triangles that share report 4; the other cross pairs are just below the threshold, so that they are cohesive.
    edges = [(0, 1), (0, 4), (1, 4), (2, 3), (2, 4), (3, 4)]
    scored = {(i, j): 0.49 for i in range(5) for j in range(i + 1, 5)} | dict.fromkeys(edges, 1.0)
    clusters = cluster_component(range(5), scored, 0.5, constant_scorer(0.0))
    for each in clusters:
        expected = nx.articulation_points(nx.Graph([pair for pair in edges if set(pair) <= set(each.members)]))
        assert list(each.articulation_points) == sorted(expected)


def test_a_text_that_several_outlets_print_counts_as_often() -> None:
    """A rewrite agrees with the report that three outlets print, and not with a cut of it."""
    scores = {(0, 1): 0.99, (0, 2): 0.6, (1, 2): 0.35}
    alone = cluster_component(range(3), scores, 0.5, constant_scorer(0.0))
    assert [cluster.members for cluster in alone] == [(0, 1), (2,)]
    printed = cluster_component(range(3), scores, 0.5, constant_scorer(0.0), copy_counts={0: 3})
    assert [cluster.members for cluster in printed] == [(0, 1, 2)]
