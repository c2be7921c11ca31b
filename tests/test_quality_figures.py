"""Folds, figures and rivals of the quality benchmark, on cases small enough to check by hand."""

from __future__ import annotations

import collections

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from figures import Figures, LabelledPair, compute_bcubed, is_relation_right
from folds import select_training_pairs, split_by_event
from rivals import RIVALS, find_best_threshold


def make_pair(a: str, b: str, relation: str = "related", name: str = "web") -> LabelledPair:
    return LabelledPair(a, b, relation in {"reprint", "abridged", "update", "rewrite"}, relation, name)


EVENTS = {f"{event}{i}": event for event in "pqrst" for i in range(6)}
PAIRS = (
    *(make_pair(f"{event}{i}", f"{event}{i + 1}", "reprint") for event in "pqrst" for i in range(5)),
    make_pair("p0", "q0", "update"),  # one report under two events: one group
    make_pair("r0", "s0", "same_event"),
    make_pair("p1", "t1", "related"),  # loose pairs join nothing
    make_pair("r1", "t2", "different"),
    make_pair("x", "y", "reprint", "wire"),  # articles without an event: a chain is one group
    make_pair("y", "z", "related", "wire"),
    make_pair("u", "v", "related", "wire"),
)


def test_no_article_of_a_scored_pair_is_trained_on() -> None:
    """No leakage between folds; every pair is scored in exactly one."""
    folds = split_by_event(PAIRS, EVENTS, count=3)
    assert len(folds.fold_of_pair) == len(PAIRS)
    for k in range(3):
        learns = select_training_pairs(PAIRS, EVENTS, folds, k)
        scored = {end for p, fold in zip(PAIRS, folds.fold_of_pair, strict=True) if fold == k for end in (p.a, p.b)}
        learnt = {end for p, learn in zip(PAIRS, learns, strict=True) if learn for end in (p.a, p.b)}
        assert scored
        assert learnt
        assert not scored & learnt
        events = {folds.fold_of_key[EVENTS[end]] for end in learnt if end in EVENTS}
        assert k not in events, "a loose pair that reaches into an event of the fold teaches nothing either"


def test_an_event_is_in_one_fold_and_duplicates_join_events() -> None:
    folds = split_by_event(PAIRS, EVENTS, count=3)
    assert folds.fold_of_key["p"] == folds.fold_of_key["q"]
    assert folds.fold_of_key["r"] == folds.fold_of_key["s"]
    assert folds.fold_of_key["x"] == folds.fold_of_key["y"] == folds.fold_of_key["z"]
    for p, fold in zip(PAIRS, folds.fold_of_pair, strict=True):
        assert fold == folds.fold_of_key[EVENTS.get(p.a, p.a)]


def test_loose_pairs_do_not_tie_everything_into_one_fold() -> None:
    """If they joined events, four of the five events would be one fold and little would be left for training."""
    folds = split_by_event(PAIRS, EVENTS, count=3)
    assert len({folds.fold_of_key[event] for event in "prt"}) == 3
    assert max(collections.Counter(folds.fold_of_pair).values()) < len(PAIRS) / 2


def test_folds_do_not_depend_on_the_order_of_pairs_and_cover_events_without_one() -> None:
    events = {**EVENTS, "lone": "w"}
    folds, turned = split_by_event(PAIRS, events, 3), split_by_event(PAIRS[::-1], events, 3)
    assert folds.fold_of_pair == turned.fold_of_pair[::-1]
    assert "w" in folds.fold_of_key


def test_figures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(7)
    truth, called = rng.random(400) < 0.4, rng.random(400) < 0.5
    figures = Figures([make_pair("a", "b", "reprint" if t else "related") for t in truth], called.tolist())
    precision, recall, f1, _ = precision_recall_fscore_support(truth, called, average="binary")
    assert (figures.precision, figures.recall, figures.f1) == pytest.approx((precision, recall, f1))
    low, high = figures.f1_interval
    assert low < f1 < high
    assert figures.wrong_merges.part == int((called & ~truth).sum())


def test_bcubed_precision_by_hand() -> None:
    """A story of three, one of them of another event: 2/3 + 2/3 + 1/3; a lone article: 1."""
    event = {"a": "e", "b": "e", "c": "f", "d": "f"}
    story = {"a": 0, "b": 0, "c": 0, "d": 1}
    purity = compute_bcubed(event, story, event)
    assert purity.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert purity.mixed == {0: {"e": 2, "f": 1}}
    part, other_part = compute_bcubed(["c", "d"], story, event), compute_bcubed(["a", "b"], story, event)
    assert part.precision == pytest.approx((1 / 3 + 1) / 2)
    assert (part + other_part).precision == pytest.approx(purity.precision)
    assert compute_bcubed(["d"], story, event).mixed == {}


def test_relations_accept_either_reading_and_identical_is_a_reprint() -> None:
    assert is_relation_right("identical", "abridged|reprint")
    assert is_relation_right("update", "abridged|update")
    assert not is_relation_right("rewrite", "update")


TEXTS = (
    "The harbour ferry struck the breakwater on Saturday evening and nineteen passengers were hurt, the police said.",
    "The harbour ferry struck the breakwater on Saturday evening and nineteen passengers were hurt, the police said.",
    "The harbour ferry struck the breakwater on Saturday evening and sixty people were on board, an agency wrote.",
    "Parliament adopted the budget for next year after a long debate over the price of electricity in the islands.",
)


@pytest.mark.parametrize("key", RIVALS)
def test_rivals_put_a_copy_above_a_relative_above_a_stranger(key: str) -> None:
    """A level is 0 to 1; the order of a pair's sides does not matter."""
    copy, relative, stranger, turned = RIVALS[key].levels(TEXTS, [(0, 1), (0, 2), (0, 3), (2, 0)]).tolist()
    assert copy == pytest.approx(1)
    assert copy > relative >= stranger >= 0
    assert turned == relative


def test_the_best_threshold_is_the_best() -> None:
    """Two of three duplicates at .6 and above, one non-duplicate at .5: .6 gives the highest F1."""
    levels, duplicate = np.array([0.9, 0.6, 0.5, 0.5, 0.0]), np.array([True, True, False, False, True])
    assert find_best_threshold(levels, duplicate) == 0.6
