"""Coverage of sentences against a slow plain count; its symmetry and independence of sentence order."""

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
from newsdedup.align import Coverage, compute_coverages, compute_verbatim_ratios
from newsdedup.features import Sentences
from newsdedup.text import split_words, stem
from newsdedup.thresholds import COPIED_SENTENCE_RATIO, VERBATIM_CUTOFF

LAW = settings(max_examples=100)
# Words with very different IDF, and forms with one stem, so that sentences often overlap in part.
WORDS = st.sampled_from(
    ["the", "of", "a", "ferry", "ferries", "harbour", "harbor", "Marisol", "Tuesday", "212", "pledged", "港口", "порт"]
)
SENTENCE = st.lists(WORDS, max_size=8).map(" ".join)
REPORT = st.lists(SENTENCE, min_size=1, max_size=6)


def stems_of(sentence: str) -> set[str]:
    return {stem(word) for word in split_words(sentence)}


@cache
def stem_weight(stem_text: str) -> int:
    """Return the IDF of one stem in 255ths, looked up alone."""
    ready = sentences(stem_text)
    assert len(ready.idf[0]) == 1
    return round(float(ready.idf[0][0]) * 255)


def covered_share(own: str, known_stems: set[str]) -> float:
    """Return the share of the IDF mass of `own` whose stems are in `known_stems`, to 4 decimals."""
    weights = {each: stem_weight(each) for each in stems_of(own)}
    total = max(sum(weights.values()), 1)
    return round(sum(value for each, value in weights.items() if each in known_stems) / total, 4)


def check_coverage(coverage: Coverage, texts: Sequence[str], other_texts: Sequence[str]) -> None:
    """Check the coverage of one side against a plain count over sets of stems."""
    other_stems = [stems_of(each) for each in other_texts]
    pairs = [one | two for one, two in pairwise(other_stems)]
    for i, sentence in enumerate(texts):
        singles = [covered_share(sentence, each) for each in other_stems]
        windows = [covered_share(sentence, each) for each in pairs]
        assert coverage.single[i] == pytest.approx(max(singles), abs=1e-4)
        assert coverage.window[i] == pytest.approx(max(singles + windows), abs=1e-4)
        assert coverage.anywhere[i] == pytest.approx(covered_share(sentence, set().union(*other_stems)), abs=1e-4)
        if max(singles) == 0:
            assert coverage.best[i] == -1
        else:
            assert singles[coverage.best[i]] == pytest.approx(max(singles), abs=1e-4)
        if max(singles + windows) > 0:
            start = int(coverage.window_start[i])
            window_shares = [singles[start], *windows[start : start + 1]]
            assert max(window_shares) == pytest.approx(max(singles + windows), abs=1e-4)


@LAW
@given(REPORT, REPORT)
def test_cover_against_a_plain_count(a: list[str], b: list[str]) -> None:
    """Best sentence, best two neighbours and the whole other side, in both directions."""
    cover_a, cover_b = compute_coverages(sentences(*a), sentences(*b))
    check_coverage(cover_a, a, b)
    check_coverage(cover_b, b, a)


@LAW
@given(REPORT, REPORT)
def test_cover_is_symmetric(a: list[str], b: list[str]) -> None:
    """With the arguments swapped the results are swapped."""
    forth, back = (
        compute_coverages(sentences(*a), sentences(*b)),
        compute_coverages(sentences(*b), sentences(*a)),
    )
    for first, second in zip(forth, reversed(back), strict=True):
        for name in ("single", "best", "window", "window_start", "anywhere"):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@LAW
@given(REPORT, REPORT, st.randoms(use_true_random=False))
def test_order_of_sentences_changes_nothing(a: list[str], b: list[str], rng: random.Random) -> None:
    """To the last bit: sums are of integers, so their order does not matter."""
    order = list(range(len(a)))
    rng.shuffle(order)
    straight = compute_coverages(sentences(*a), sentences(*b))
    shuffled = compute_coverages(sentences(*(a[i] for i in order)), sentences(*b))
    for name in ("single", "best", "window", "window_start", "anywhere"):
        np.testing.assert_array_equal(getattr(shuffled[0], name), getattr(straight[0], name)[order])
    for name in ("single", "anywhere"):
        np.testing.assert_array_equal(getattr(shuffled[1], name), getattr(straight[1], name))


@LAW
@given(REPORT, REPORT)
def test_cover_grows_with_what_is_asked(a: list[str], b: list[str]) -> None:
    """One sentence covers no more than two neighbours, they no more than all; every share is in 0 to 1."""
    for coverage in compute_coverages(sentences(*a), sentences(*b)):
        assert (coverage.single >= 0).all()
        assert (coverage.single <= coverage.window).all()
        assert (coverage.window <= coverage.anywhere).all()
        assert (coverage.anywhere <= 1).all()


def test_cover_is_exact_on_long_reports() -> None:
    """Over all our texts at once: in reversed order, the same bits."""
    texts = [line for record in records("labelled.jsonl") for line in record["text"].split("\n\n")]
    half = len(texts) // 2
    straight = compute_coverages(sentences(*texts[:half]), sentences(*texts[half:]))
    turned = compute_coverages(sentences(*texts[:half][::-1]), sentences(*texts[half:][::-1]))
    for first, second in zip(straight, turned, strict=True):
        np.testing.assert_array_equal(first.single, second.single[::-1])
        np.testing.assert_array_equal(first.window, second.window[::-1])
        np.testing.assert_array_equal(first.anywhere, second.anywhere[::-1])


def test_two_neighbours_hold_a_joined_sentence() -> None:
    """A sentence that another report splits in two is covered by both; the window starts at the first."""
    split = ("Bakers went back to work on Monday.", "The ferry sank at night.", "Nobody aboard drowned.")
    coverage, _ = compute_coverages(sentences("The ferry sank at night and nobody aboard drowned."), sentences(*split))
    assert coverage.single[0] < coverage.window[0] == coverage.anywhere[0]
    assert (coverage.best[0], coverage.window_start[0]) == (1, 1)


def test_nothing_shared() -> None:
    """No stem in common: nothing is covered, and no sentence is best."""
    for coverage in compute_coverages(sentences("ferry", "harbour"), sentences("oysters")):
        assert not coverage.single.any()
        assert not coverage.window.any()
        assert not coverage.anywhere.any()
        assert (coverage.best == -1).all()


@LAW
@given(REPORT, REPORT)
def test_verbatim_against_each_pair(a: list[str], b: list[str]) -> None:
    """Ratios of copies, and of each sentence with its best from the cutoff on; all others are 0."""
    best_a, best_b = (coverage.best for coverage in compute_coverages(sentences(*a), sentences(*b)))
    ratios = compute_verbatim_ratios(sentences(*a), sentences(*b), best_a, best_b)
    matrix = np.zeros((len(a), len(b)))
    for i, first in enumerate(a):
        for j, second in enumerate(b):
            ratio = fuzz.ratio(" ".join(split_words(first)), " ".join(split_words(second)))
            least = VERBATIM_CUTOFF if best_a[i] == j else 100 * COPIED_SENTENCE_RATIO
            matrix[i, j] = ratio / 100 if ratio >= least else 0.0
    expected = [matrix[i, j] if j >= 0 else 0.0 for i, j in enumerate(best_a)]
    np.testing.assert_allclose(ratios.best, expected, atol=1e-4)
    np.testing.assert_allclose(ratios.largest_a, matrix.max(axis=1), atol=1e-4)
    np.testing.assert_allclose(ratios.largest_b, matrix.max(axis=0), atol=1e-4)


@LAW
@given(REPORT, REPORT)
def test_long_texts_are_aligned_alike(a: list[str], b: list[str]) -> None:
    """By the index of stems as by matrices, to the last bit."""
    with pytest.MonkeyPatch.context() as patch:
        straight = compute_coverages(sentences(*a), sentences(*b))
        patch.setattr("newsdedup.align.ALIGN_MAX_CELLS", -1)
        patch.setattr("newsdedup.align.ALIGN_CHUNK_MATCHES", 5)
        by_index = compute_coverages(sentences(*a), sentences(*b))
    for first, second in zip(straight, by_index, strict=True):
        for name in ("single", "best", "window", "window_start", "anywhere"):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@LAW
@given(REPORT, REPORT)
def test_common_stems_are_left_out_and_counted(a: list[str], b: list[str]) -> None:
    """With no stem to search by, equal sentences still find each other, and nothing counts more than it shares."""
    with pytest.MonkeyPatch.context() as patch:
        straight = compute_coverages(sentences(*a), sentences(*b))
        patch.setattr("newsdedup.align.ALIGN_MAX_CELLS", -1)
        patch.setattr("newsdedup.align.ALIGN_MIN_MATCHES", 0)
        patch.setattr("newsdedup.align.ALIGN_MATCHES_PER_STEM", 0)
        by_index = compute_coverages(sentences(*a), sentences(*b))
    for first, second in zip(straight, by_index, strict=True):
        assert (second.single <= first.single).all()
        np.testing.assert_array_equal(second.anywhere, first.anywhere)
    stems_b = {tuple(stems) for stems in sentences(*b).stems}
    equal = [len(stems) > 0 and tuple(stems) in stems_b for stems in sentences(*a).stems]
    np.testing.assert_array_equal(by_index[0].single[equal], straight[0].single[equal])


def test_prepared_sentences_have_one_row_each() -> None:
    """A sentence without words keeps its row."""
    ready = sentences("The ferry sank.", "…", "Nobody drowned.")
    assert isinstance(ready, Sentences)
    assert len(ready) == len(ready.stems) == len(ready.idf) == len(ready.idf_mass) == 3
    assert ready.idf_mass[1] == 0
