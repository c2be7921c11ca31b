"""Folds, figures and rivals of the quality benchmark, on cases small enough to do by hand."""

from __future__ import annotations

import collections

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from figures import Figures, LabelledPair, bcubed, relation_fits
from folds import folds_over_events, trained_on
from rivals import RIVALS, best_threshold


def pair(a: str, b: str, relation: str = "related", name: str = "web") -> LabelledPair:
    return LabelledPair(a, b, relation in {"reprint", "abridged", "update", "rewrite"}, relation, name)


EVENTS = {f"{event}{i}": event for event in "pqrst" for i in range(6)}
PAIRS = (
    *(pair(f"{event}{i}", f"{event}{i + 1}", "reprint") for event in "pqrst" for i in range(5)),
    pair("p0", "q0", "update"),  # one report under two events: one group
    pair("r0", "s0", "same_event"),
    pair("p1", "t1", "related"),  # loose pairs join nothing
    pair("r1", "t2", "different"),
    pair("x", "y", "reprint", "wire"),  # articles without an event: a chain is one group
    pair("y", "z", "related", "wire"),
    pair("u", "v", "related", "wire"),
)


def test_no_article_of_a_scored_pair_is_trained_on() -> None:
    """The law of the folds; and every pair is scored in just one."""
    folds = folds_over_events(PAIRS, EVENTS, count=3)
    assert len(folds.of_pair) == len(PAIRS)
    for k in range(3):
        learns = trained_on(PAIRS, EVENTS, folds, k)
        scored = {end for p, fold in zip(PAIRS, folds.of_pair, strict=True) if fold == k for end in (p.a, p.b)}
        learnt = {end for p, learn in zip(PAIRS, learns, strict=True) if learn for end in (p.a, p.b)}
        assert scored
        assert learnt
        assert not scored & learnt
        events = {folds.of_key[EVENTS[end]] for end in learnt if end in EVENTS}
        assert k not in events, "a loose pair that reaches into an event of the fold teaches nothing either"


def test_an_event_is_in_one_fold_and_duplicates_join_events() -> None:
    folds = folds_over_events(PAIRS, EVENTS, count=3)
    assert folds.of_key["p"] == folds.of_key["q"]
    assert folds.of_key["r"] == folds.of_key["s"]
    assert folds.of_key["x"] == folds.of_key["y"] == folds.of_key["z"]
    for p, fold in zip(PAIRS, folds.of_pair, strict=True):
        assert fold == folds.of_key[EVENTS.get(p.a, p.a)]


def test_loose_pairs_do_not_tie_everything_into_one_fold() -> None:
    """With them as ties, four of the five events would be one fold and nothing would be left to learn from."""
    folds = folds_over_events(PAIRS, EVENTS, count=3)
    assert len({folds.of_key[event] for event in "prt"}) == 3
    assert max(collections.Counter(folds.of_pair).values()) < len(PAIRS) / 2


def test_folds_do_not_depend_on_the_order_of_pairs_and_cover_events_without_one() -> None:
    events = {**EVENTS, "lone": "w"}
    folds, turned = folds_over_events(PAIRS, events, 3), folds_over_events(PAIRS[::-1], events, 3)
    assert folds.of_pair == turned.of_pair[::-1]
    assert "w" in folds.of_key


def test_figures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(7)
    truth, called = rng.random(400) < 0.4, rng.random(400) < 0.5
    figures = Figures([pair("a", "b", "reprint" if t else "related") for t in truth], called.tolist())
    precision, recall, f1, _ = precision_recall_fscore_support(truth, called, average="binary")
    assert (figures.precision, figures.recall, figures.f1) == pytest.approx((precision, recall, f1))
    low, high = figures.f1_interval
    assert low < f1 < high
    assert figures.wrong.part == int((called & ~truth).sum())


def test_bcubed_precision_by_hand() -> None:
    """A story of three, one of them of another event: 2/3 + 2/3 + 1/3; a lone article: 1."""
    event = {"a": "e", "b": "e", "c": "f", "d": "f"}
    story = {"a": 0, "b": 0, "c": 0, "d": 1}
    every = bcubed(event, story, event)
    assert every.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert every.mixed == {0: {"e": 2, "f": 1}}
    part, rest = bcubed(["c", "d"], story, event), bcubed(["a", "b"], story, event)
    assert part.precision == pytest.approx((1 / 3 + 1) / 2)
    assert (part + rest).precision == pytest.approx(every.precision)
    assert bcubed(["d"], story, event).mixed == {}


def test_relations_accept_either_reading_and_identical_is_a_reprint() -> None:
    assert relation_fits("identical", "abridged|reprint")
    assert relation_fits("update", "abridged|update")
    assert not relation_fits("rewrite", "update")


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
    assert best_threshold(levels, duplicate) == 0.6
