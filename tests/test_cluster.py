"""Stage 6: stories hold together as wholes, whatever the order of the pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdedup.cluster import Pair, _cut_points, cluster, clustered, components
from newsdedup.thresholds import AGREEING, SPOKESMEN, TOGETHER

Ask = Callable[[Sequence[Pair]], Mapping[Pair, float]]


class Asked:
    """Answers for pairs that were never candidates, and remembers which were asked."""

    def __init__(self, answer: Callable[[int, int], float]) -> None:
        self.answer = answer
        self.pairs: list[Pair] = []

    def __call__(self, wanted: Sequence[Pair]) -> dict[Pair, float]:
        """Answer."""
        self.pairs += wanted
        return {(i, j): self.answer(i, j) for i, j in wanted}


def always(probability: float) -> Asked:
    """Answer the same to everything."""
    return Asked(lambda _i, _j: probability)


def members(count: int, scored: Mapping[Pair, float], ask: Ask, threshold: float = 0.5) -> list[tuple[int, ...]]:
    """Return the stories of two reports and more."""
    return [each.members for each in cluster(count, scored, threshold, ask) if len(each.members) > 1]


COUNT = 9
ALL = [(i, j) for i in range(COUNT) for j in range(i + 1, COUNT)]
some_scores = st.dictionaries(st.sampled_from(ALL), st.sampled_from((0.0, 0.2, 0.45, 0.5, 0.6, 0.9, 1.0)))


def by_number(i: int, j: int) -> float:
    """Return a probability that depends on the pair alone."""
    return (i * 7 + j * 13) % 11 / 10


@settings(deadline=None)
@given(some_scores, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(scored: dict[Pair, float], chance: Random) -> None:
    """Ties are broken by content, not by which pair came first."""
    shuffled = list(scored.items())
    chance.shuffle(shuffled)
    found = cluster(COUNT, dict(shuffled), 0.5, Asked(by_number))
    assert found == cluster(COUNT, dict(sorted(scored.items())), 0.5, Asked(by_number))


@settings(deadline=None)
@given(some_scores, st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_every_report_is_in_exactly_one_story(scored: dict[Pair, float], threshold: float) -> None:
    """Nothing is lost or told twice; stories and their members are in order, their weakest tie is a probability."""
    found = cluster(COUNT, scored, threshold, Asked(by_number))
    assert sorted(number for each in found for number in each.members) == list(range(COUNT))
    assert [each.members[0] for each in found] == sorted(each.members[0] for each in found)
    for each in found:
        assert list(each.members) == sorted(each.members)
        assert 0 <= each.weakest <= 1
        assert set(each.bridges) <= set(each.members)


@settings(deadline=None)
@given(some_scores)
def test_only_unknown_pairs_are_asked_and_each_once(scored: dict[Pair, float]) -> None:
    """Scoring is the dear part: what is known is not scored again."""
    ask = Asked(by_number)
    cluster(COUNT, scored, 0.5, ask)
    assert not set(ask.pairs) & set(scored)
    assert len(ask.pairs) == len(set(ask.pairs))
    assert all(i < j for i, j in ask.pairs)


def test_nothing_is_asked_where_every_pair_is_known() -> None:
    """A small set whose pairs were all candidates needs no second look."""
    ask = always(1.0)
    assert members(COUNT, dict.fromkeys(ALL, 0.8), ask) == [tuple(range(COUNT))]
    assert ask.pairs == []


def test_no_pair_over_the_threshold_asks_nothing() -> None:
    """Reports that nobody holds for the same stay alone without further work."""
    ask = always(1.0)
    assert members(COUNT, dict.fromkeys(ALL, 0.4999), ask) == []
    assert ask.pairs == []


@pytest.mark.parametrize("near", [0.55, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("far", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("count", [4, 8])
def test_a_chain_is_no_story(count: int, near: float, far: float) -> None:
    """Each is like the next and nobody like the next but one: the ends are not the same report."""
    scored = {(i, i + 1): near for i in range(count - 1)}
    assert all(len(each) <= 3 for each in members(count, scored, always(far)))


@pytest.mark.parametrize("size", [1, 2, 4, 7])
@pytest.mark.parametrize("tie", [0.7, 0.9, 0.99, 1.0])
def test_a_round_up_does_not_join_two_stories(tie: float, size: int) -> None:
    """A page that holds both reports is like all of both stories; these have nothing to do with each other."""
    for place, known in product((0, size, 2 * size), (True, False)):
        numbers = list(range(2 * size + 1))
        bridge = numbers.pop(place)
        one, other = set(numbers[:size]), set(numbers[size:])
        every = {
            (i, j): tie if bridge in {i, j} else 0.95 if {i, j} <= one or {i, j} <= other else 0.02
            for i in range(2 * size + 1)
            for j in range(i + 1, 2 * size + 1)
        }
        scored = every if known else {pair: found for pair, found in every.items() if found > 0.5}
        for story in members(2 * size + 1, scored, Asked(lambda i, j, known=every: known[i, j])):  # type: ignore[misc]
            assert not (one & set(story) and other & set(story)), f"{story} joins {one} and {other} over {bridge}"


def test_a_dense_group_is_one_story_in_spite_of_one_bad_score() -> None:
    """One doubtful pair does not split a story whose members are all tied to the whole."""
    scored = dict.fromkeys(ALL, 0.9) | {(0, 1): 0.1}
    assert members(COUNT, scored, always(0.0)) == [tuple(range(COUNT))]


def test_two_dense_groups_tied_by_one_pair_stay_apart() -> None:
    """One high score between members of two stories is an error of the score, not a reason to merge them."""
    scored = {(i, j): 0.9 for i, j in ALL if (i < 4) == (j < 4)} | {(0, 4): 1.0}
    assert sorted(map(len, members(COUNT, scored, always(0.1)))) == [4, 5]


@pytest.mark.parametrize(("probability", "merged"), [(0.4999, False), (0.5, True), (0.5001, True)])
def test_a_pair_at_the_threshold_is_a_story(probability: float, merged: bool) -> None:
    """At or over: the threshold itself belongs to the story."""
    assert bool(members(2, {(0, 1): probability}, always(0.0))) == merged


def test_probability_one_merges_only_what_is_certain() -> None:
    """The highest threshold."""
    assert members(4, {(0, 1): 1.0, (2, 3): 0.9999}, always(0.0), threshold=1.0) == [(0, 1)]


def test_a_story_of_five_thousand_reprints_asks_few_pairs() -> None:
    """A star of candidates round a few representatives holds together, at a cost that grows with its size only."""
    count = 5000
    ask = always(0.9)
    scored = {(hub, i): 0.95 for hub in range(3) for i in range(hub + 1, count)}
    assert members(count, scored, ask) == [tuple(range(count))]
    assert len(ask.pairs) <= SPOKESMEN * SPOKESMEN + SPOKESMEN * count


@settings(deadline=None)
@given(some_scores, st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_components_clustered_one_by_one_are_the_whole(scored: dict[Pair, float], threshold: float) -> None:
    """So that worker processes may share them out."""
    tied = np.array([pair for pair, found in scored.items() if found >= threshold], dtype=np.int64).reshape(-1, 2)
    found, parts = [], components(COUNT, tied[:, 0], tied[:, 1])
    for members in (parts[at].tolist() for at in range(len(parts))):
        inside = {pair: each for pair, each in scored.items() if set(pair) <= set(members)}
        found += clustered(members, inside, threshold, Asked(by_number))
    whole = cluster(COUNT, scored, threshold, Asked(by_number))
    lone = set(range(COUNT)) - set(parts.values.tolist())
    assert sorted(found, key=lambda each: each.members[0]) == [c for c in whole if not lone & set(c.members)]
    assert all(len(each.members) == 1 for each in whole if lone & set(each.members))


@settings(deadline=None)
@given(some_scores, st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_members_are_those_that_a_plain_rule_joins(scored: dict[Pair, float], threshold: float) -> None:
    """Every tie in turn, the whole clusters compared anew each time."""
    near = {
        i: {i} | {j for pair, p in scored.items() if p >= threshold and i in pair for j in pair} for i in range(COUNT)
    }

    def weight(pair: Pair) -> float:
        return scored[pair] * len(near[pair[0]] & near[pair[1]]) / len(near[pair[0]] | near[pair[1]])

    groups = [{i} for i in range(COUNT)]
    for pair in sorted((p for p, x in scored.items() if x >= threshold), key=lambda pair: (-weight(pair), pair)):
        one, other = (next(group for group in groups if i in group) for i in pair)
        asked = [(min(p), max(p)) for p in product(sorted(one)[:SPOKESMEN], sorted(other)[:SPOKESMEN])]
        found = [scored.get(p, by_number(*p)) for p in asked]
        enough = round(TOGETHER * threshold, 8)
        holds = sum(found) >= enough * len(found) and sum(each >= enough for each in found) > AGREEING * len(found)
        if one is not other and holds:
            groups.remove(other)
            one |= other
    whole = cluster(COUNT, scored, threshold, Asked(by_number))
    assert [each.members for each in whole] == sorted(tuple(sorted(group)) for group in groups)


@pytest.mark.parametrize("count", [1, 50, 400])
@pytest.mark.parametrize("per_report", [0.3, 1.0, 3.0])
def test_components_are_those_of_an_independent_library(count: int, per_report: float) -> None:
    """Against networkx, with ties in any order and either way round; a chain too, whose ends are far apart."""
    chance = Random(count)  # noqa: S311
    pairs = [(chance.randrange(count), chance.randrange(count)) for _ in range(int(count * per_report))]
    for ties in (pairs, [(i + 1, i) for i in range(count - 1)]):
        array = np.array(ties, dtype=np.int64).reshape(-1, 2)
        found = components(count, array[:, 0], array[:, 1])
        expected = sorted(sorted(each) for each in nx.connected_components(nx.Graph(ties)) if len(each) > 1)
        assert [found[at].tolist() for at in range(len(found))] == expected


edges = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda edge: edge[0] != edge[1]))


@settings(max_examples=300, deadline=None)
@given(edges)
@example([(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)])
def test_cut_points_are_those_of_an_independent_library(found: list[tuple[int, int]]) -> None:
    """Against networkx, on graphs connected and not."""
    graph = nx.Graph(found)
    graph.add_nodes_from(range(12))
    ties = {i: sorted(graph[i]) for i in graph}
    assert _cut_points(ties) == sorted(nx.articulation_points(graph))


def test_the_bridge_of_a_story_is_named() -> None:
    """Who alone ties two halves together at the threshold is told, so that a reader can look there first."""
    # Two triangles over 4; the other cross pairs lie just under the threshold, so that the whole still holds.
    ties = [(0, 1), (0, 4), (1, 4), (2, 3), (2, 4), (3, 4)]
    scored = {(i, j): 0.49 for i in range(5) for j in range(i + 1, 5)} | dict.fromkeys(ties, 1.0)
    found = cluster(5, scored, 0.5, always(0.0))
    for each in found:
        expected = nx.articulation_points(nx.Graph([pair for pair in ties if set(pair) <= set(each.members)]))
        assert list(each.bridges) == sorted(expected)
