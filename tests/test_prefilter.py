"""Stage 4b: the prefilter against a plain loop over sets, and the pairs that it must keep."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import background, profiled
from newsdedup.arrays import ragged_from_rows
from newsdedup.fingerprint import fingerprint
from newsdedup.idf import IdfTable, hash_word
from newsdedup.prefilter import compare_stems, passes_prefilter, shingle_containment
from newsdedup.score import load_model, measure_ordered
from newsdedup.thresholds import PREFILTER_MIN_COVERAGE, PREFILTER_MIN_COVERAGE_PLUS_COSINE
from untidy_pages import labelled_articles

COMMON = [hash_word(word) & 0xFFFFFFFF for word in ("the", "said", "minist", "govern", "of", "pledge", "harbour")]
POOL = np.array([*COMMON, *range(7, 7 * 60, 7), 0, 0xFFFFFFFF], dtype=np.uint32)


def compare_by_hand(a: set[int], b: set[int]) -> tuple[float, float]:
    """Return the larger share of covered IDF mass and the cosine, computed stem by stem."""
    idf = {each: float(background().lookup(np.array([each], dtype=np.uint64))[0]) for each in a | b}
    masses = [sum(idf[each] for each in side) for side in (a, b)]
    containment = sum(idf[each] for each in a & b) / min(masses) if min(masses) else 0.0
    norm = np.sqrt(np.prod([sum(idf[each] ** 4 for each in side) for side in (a, b)]))
    return containment, float(sum(idf[each] ** 4 for each in a & b) / norm) if norm else 0.0


rows_of = st.lists(st.sets(st.sampled_from(POOL.tolist()), max_size=40), min_size=1, max_size=8)


@settings(max_examples=200)
@given(
    rows_of, st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30), st.sampled_from([1, 60, 1 << 17])
)
def test_what_two_reports_have_in_common_is_what_a_plain_loop_finds(
    rows: list[set[int]], index_pairs: list[tuple[int, int]], block_values: int
) -> None:
    """For any order of pairs and any block size."""
    pairs = np.array([(i % len(rows), j % len(rows)) for i, j in index_pairs], dtype=np.int64).reshape(-1, 2)
    stems = ragged_from_rows([np.array(sorted(each), dtype=np.uint32) for each in rows], np.uint32)
    nothing = np.empty(0, dtype=np.uint64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsdedup.prefilter._BLOCK_VALUES", block_values)
        containment, cosine = compare_stems(pairs, stems, background())
        passes = passes_prefilter(pairs, stems, ragged_from_rows([nothing] * len(rows), np.uint64), background())
        shares = shingle_containment(
            pairs, ragged_from_rows([np.array(sorted(each), np.uint64) << np.uint64(32) for each in rows], np.uint64)
        )
    expected = np.array([compare_by_hand(rows[i], rows[j]) for i, j in pairs.tolist()]).reshape(-1, 2)
    assert np.allclose(containment, expected[:, 0])
    assert np.allclose(cosine, expected[:, 1])
    assert (
        passes.tolist()
        == (
            (containment >= PREFILTER_MIN_COVERAGE) & (containment + cosine >= PREFILTER_MIN_COVERAGE_PLUS_COSINE)
        ).tolist()
    )
    sets = [(rows[i], rows[j]) for i, j in pairs.tolist()]
    assert shares.tolist() == [len(a & b) / max(min(len(a), len(b)), 1) for a, b in sets]


@pytest.mark.parametrize(("shared", "kept"), [(10, True), (6, True), (4, False), (0, False)])
def test_a_cut_is_kept_beside_its_long_report(shared: int, kept: bool) -> None:
    """A report of ten stems shares some with one of four hundred, in a language that the IDF table does not cover."""
    empty_table = IdfTable(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint8), 1000)
    cut, long_report = np.arange(10, dtype=np.uint32), np.arange(10 - shared, 410 - shared, dtype=np.uint32)
    stems = ragged_from_rows([cut, long_report], np.uint32)
    assert passes_prefilter(
        np.array([[0, 1]]), stems, ragged_from_rows([np.empty(0)] * 2, np.uint64), empty_table
    ).tolist() == [kept]


def test_nothing_that_the_model_would_weigh_is_dropped_in_any_language() -> None:
    """Of all pairs of our labelled articles in one language, those with a probability of .1 or more pass."""
    articles = labelled_articles()
    features = profiled(*articles.values())
    language = [name.split("-")[0] for name in articles]
    pairs = np.array([(i, j) for i, j in combinations(range(len(features)), 2) if language[i] == language[j]])
    values = np.stack([measure_ordered(features[i], features[j]).values for i, j in pairs.tolist()])
    likely = load_model(None).predict_probability(values) >= 0.1
    prints = fingerprint([each.report for each in features], background())
    passes = passes_prefilter(pairs, prints.stems, prints.shingles, background())
    assert likely.sum() > 50
    assert not (likely & ~passes).any()
    assert not passes.all()
