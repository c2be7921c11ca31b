"""Coverage of sentences against a slow plain count, its symmetry, and that no order of sentences shows in it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from builders import records, sentences
from newsdedup.align import Cover, cover_both, verbatim
from newsdedup.features import Sentences
from newsdedup.text import stem, words
from newsdedup.thresholds import COPIED, VERBATIM_CUTOFF

LAW = settings(deadline=None, derandomize=True, max_examples=100)
# Words with very unlike rarities, and forms that share a stem, so that sentences overlap often and in part.
WORDS = st.sampled_from(
    ["the", "of", "a", "ferry", "ferries", "harbour", "harbor", "Marisol", "Tuesday", "212", "pledged", "港口", "порт"]
)
SENTENCE = st.lists(WORDS, max_size=8).map(" ".join)
REPORT = st.lists(SENTENCE, min_size=1, max_size=6)


def stems_of(sentence: str) -> set[str]:
    return {stem(word) for word in words(sentence)}


@cache
def weight(one: str) -> int:
    """Return the rarity of one stem in 255ths, asked for alone."""
    ready = sentences(one)
    assert len(ready.rarity[0]) == 1
    return round(float(ready.rarity[0][0]) * 255)


def share(own: str, known: set[str]) -> float:
    """Return the share of `own`'s rarity mass whose stems are `known`, to 4 decimals."""
    weights = {each: weight(each) for each in stems_of(own)}
    whole = max(sum(weights.values()), 1)
    return round(sum(value for each, value in weights.items() if each in known) / whole, 4)


def check(found: Cover, own: Sequence[str], other: Sequence[str]) -> None:
    """Hold one side's cover against a plain count over sets of stems."""
    theirs = [stems_of(each) for each in other]
    pairs = [one | two for one, two in pairwise(theirs)]
    for i, sentence in enumerate(own):
        singles = [share(sentence, each) for each in theirs]
        windows = [share(sentence, each) for each in pairs]
        assert found.single[i] == pytest.approx(max(singles), abs=1e-4)
        assert found.window[i] == pytest.approx(max(singles + windows), abs=1e-4)
        assert found.anywhere[i] == pytest.approx(share(sentence, set().union(*theirs)), abs=1e-4)
        if max(singles) == 0:
            assert found.best[i] == -1
        else:
            assert singles[found.best[i]] == pytest.approx(max(singles), abs=1e-4)
        if max(singles + windows) > 0:
            at = int(found.window_at[i])
            held = [singles[at], *windows[at : at + 1]]
            assert max(held) == pytest.approx(max(singles + windows), abs=1e-4)


@LAW
@given(REPORT, REPORT)
def test_cover_against_a_plain_count(one: list[str], other: list[str]) -> None:
    """Best sentence, best two neighbours and the whole other side, both ways, as sets of stems give them."""
    of_one, of_other = cover_both(sentences(*one), sentences(*other))
    check(of_one, one, other)
    check(of_other, other, one)


@LAW
@given(REPORT, REPORT)
def test_cover_is_symmetric(one: list[str], other: list[str]) -> None:
    """Asked the other way round, the answers change places and nothing else."""
    forth, back = cover_both(sentences(*one), sentences(*other)), cover_both(sentences(*other), sentences(*one))
    for first, second in zip(forth, reversed(back), strict=True):
        for name in ("single", "best", "window", "window_at", "anywhere"):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@LAW
@given(REPORT, REPORT, st.randoms(use_true_random=False))
def test_order_of_sentences_changes_nothing(one: list[str], other: list[str], rng: random.Random) -> None:
    """To the last bit: shares are counted in whole numbers, so no order of summing shows in them."""
    order = list(range(len(one)))
    rng.shuffle(order)
    straight = cover_both(sentences(*one), sentences(*other))
    shuffled = cover_both(sentences(*(one[i] for i in order)), sentences(*other))
    for name in ("single", "best", "window", "window_at", "anywhere"):
        np.testing.assert_array_equal(getattr(shuffled[0], name), getattr(straight[0], name)[order])
    for name in ("single", "anywhere"):
        np.testing.assert_array_equal(getattr(shuffled[1], name), getattr(straight[1], name))


@LAW
@given(REPORT, REPORT)
def test_cover_grows_with_what_is_asked(one: list[str], other: list[str]) -> None:
    """One sentence holds no more than two neighbours, they no more than all; every share lies in 0 to 1."""
    for found in cover_both(sentences(*one), sentences(*other)):
        assert (found.single >= 0).all()
        assert (found.single <= found.window).all()
        assert (found.window <= found.anywhere).all()
        assert (found.anywhere <= 1).all()


def test_cover_is_exact_on_long_reports() -> None:
    """Over all our texts at once too: reversed order, the same bits."""
    texts = [line for record in records("labelled.jsonl") for line in record["text"].split("\n\n")]
    half = len(texts) // 2
    straight = cover_both(sentences(*texts[:half]), sentences(*texts[half:]))
    turned = cover_both(sentences(*texts[:half][::-1]), sentences(*texts[half:][::-1]))
    for first, second in zip(straight, turned, strict=True):
        np.testing.assert_array_equal(first.single, second.single[::-1])
        np.testing.assert_array_equal(first.window, second.window[::-1])
        np.testing.assert_array_equal(first.anywhere, second.anywhere[::-1])


def test_two_neighbours_hold_a_joined_sentence() -> None:
    """What an agency parted in two is covered by both together, and the window names the first."""
    parted = ("Bakers went back to work on Monday.", "The ferry sank at night.", "Nobody aboard drowned.")
    of_one, _ = cover_both(sentences("The ferry sank at night and nobody aboard drowned."), sentences(*parted))
    assert of_one.single[0] < of_one.window[0] == of_one.anywhere[0]
    assert (of_one.best[0], of_one.window_at[0]) == (1, 1)


def test_nothing_shared() -> None:
    """No stem in common: nothing is covered, and no sentence is best."""
    for found in cover_both(sentences("ferry", "harbour"), sentences("oysters")):
        assert not found.single.any()
        assert not found.window.any()
        assert not found.anywhere.any()
        assert (found.best == -1).all()


@LAW
@given(REPORT, REPORT)
def test_verbatim_against_each_pair(one: list[str], other: list[str]) -> None:
    """The ratio of copies, and of each sentence with its best from the cutoff on; all else is 0."""
    best, _ = cover_both(sentences(*one), sentences(*other))
    matrix = verbatim(sentences(*one), sentences(*other), best.best)
    assert matrix.shape == (len(one), len(other))
    for i, first in enumerate(one):
        for j, second in enumerate(other):
            ratio = fuzz.ratio(" ".join(words(first)), " ".join(words(second)))
            least = VERBATIM_CUTOFF if best.best[i] == j else 100 * COPIED
            assert matrix[i, j] == pytest.approx(ratio / 100 if ratio >= least else 0.0, abs=1e-4)


def test_prepared_sentences_have_one_row_each() -> None:
    """A sentence without words keeps its place."""
    ready = sentences("The ferry sank.", "…", "Nobody drowned.")
    assert isinstance(ready, Sentences)
    assert len(ready) == len(ready.stems) == len(ready.rarity) == len(ready.mass) == 3
    assert ready.mass[1] == 0
