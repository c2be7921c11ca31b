"""Stage 4b: what is cheaply dropped, against a plain loop over sets, and what must not be."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import background, profiled
from newsdedup.arrays import ragged
from newsdedup.fingerprint import fingerprint
from newsdedup.idf import Background, hash_word
from newsdedup.prefilter import compare, verify, wording
from newsdedup.score import load_model, measure_ordered
from newsdedup.thresholds import VERIFY_BOTH, VERIFY_KNOWN
from untidy_pages import labelled_articles

COMMON = [hash_word(word) & 0xFFFFFFFF for word in ("the", "said", "minist", "govern", "of", "pledge", "harbour")]
POOL = np.array([*COMMON, *range(7, 7 * 60, 7), 0, 0xFFFFFFFF], dtype=np.uint32)


def alike(one: set[int], other: set[int]) -> tuple[float, float]:
    """Return the larger share of rarity known and the cosine, stem by stem."""
    rarity = {each: float(background().weights(np.array([each], dtype=np.uint64))[0]) for each in one | other}
    masses = [sum(rarity[each] for each in side) for side in (one, other)]
    known = sum(rarity[each] for each in one & other) / min(masses) if min(masses) else 0.0
    norm = np.sqrt(np.prod([sum(rarity[each] ** 4 for each in side) for side in (one, other)]))
    return known, float(sum(rarity[each] ** 4 for each in one & other) / norm) if norm else 0.0


rows_of = st.lists(st.sets(st.sampled_from(POOL.tolist()), max_size=40), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(
    rows_of, st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30), st.sampled_from([1, 60, 1 << 17])
)
def test_what_two_reports_have_in_common_is_what_a_plain_loop_finds(
    rows: list[set[int]], asked: list[tuple[int, int]], at_once: int
) -> None:
    """In whatever order pairs come, and however many are compared at a time."""
    pairs = np.array([(i % len(rows), j % len(rows)) for i, j in asked], dtype=np.int64).reshape(-1, 2)
    stems = ragged([np.array(sorted(each), dtype=np.uint32) for each in rows], np.uint32)
    nothing = np.empty(0, dtype=np.uint64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsdedup.prefilter._AT_ONCE", at_once)
        known, cosine = compare(pairs, stems, background())
        kept = verify(pairs, stems, ragged([nothing] * len(rows), np.uint64), background())
        shares = wording(
            pairs, ragged([np.array(sorted(each), np.uint64) << np.uint64(32) for each in rows], np.uint64)
        )
    due = np.array([alike(rows[i], rows[j]) for i, j in pairs.tolist()]).reshape(-1, 2)
    assert np.allclose(known, due[:, 0])
    assert np.allclose(cosine, due[:, 1])
    assert kept.tolist() == ((known >= VERIFY_KNOWN) & (known + cosine >= VERIFY_BOTH)).tolist()
    sets = [(rows[i], rows[j]) for i, j in pairs.tolist()]
    assert shares.tolist() == [len(a & b) / max(min(len(a), len(b)), 1) for a, b in sets]


@pytest.mark.parametrize(("shared", "kept"), [(10, True), (6, True), (4, False), (0, False)])
def test_a_cut_is_kept_beside_its_long_report(shared: int, kept: bool) -> None:
    """Of a short report's ten stems so many stand in one of four hundred, in a language that nothing is known of."""
    nothing = Background(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint8), 1000)
    cut, whole = np.arange(10, dtype=np.uint32), np.arange(10 - shared, 410 - shared, dtype=np.uint32)
    stems = ragged([cut, whole], np.uint32)
    assert verify(np.array([[0, 1]]), stems, ragged([np.empty(0)] * 2, np.uint64), nothing).tolist() == [kept]


def test_nothing_that_the_model_would_weigh_is_dropped_in_any_language() -> None:
    """Our labelled articles, each with every other of its language: from a probability of .1 on all pairs are kept."""
    articles = labelled_articles()
    ready = profiled(*articles.values())
    language = [name.split("-")[0] for name in articles]
    pairs = np.array([(i, j) for i, j in combinations(range(len(ready)), 2) if language[i] == language[j]])
    values = np.stack([measure_ordered(ready[i], ready[j]).values for i, j in pairs.tolist()])
    likely = load_model(None).probability(values) >= 0.1
    prints = fingerprint([each.report for each in ready], background())
    kept = verify(pairs, prints.stems, prints.shingles, background())
    assert likely.sum() > 50
    assert not (likely & ~kept).any()
    assert not kept.all()
