"""Stage 4 against a plain loop over all pairs, and on shingles that many reports share."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from newsdedup import candidates as stage
from newsdedup.arrays import ragged
from newsdedup.candidates import Pairs
from newsdedup.engine.executor import spread
from newsdedup.fingerprint import sample
from newsdedup.thresholds import CROWDED, FEW_SHARED, MIN_SHARE, MIN_SHARED, REPRESENTATIVES, SAMPLE_RATE, SHORT_REPORT

Shingles = NDArray[np.uint64]

NOTHING: Shingles = np.empty(0, dtype=np.uint64)


def shingles(count: int, seed: int) -> Shingles:
    """Return `count` hashes, unique and sorted."""
    found: Shingles = np.unique(np.random.default_rng(seed).integers(0, 1 << 64, count * 2, dtype=np.uint64))
    chosen: Shingles = np.sort(np.random.default_rng(seed + 1).permutation(found)[:count])
    return chosen


POOLS = {size: shingles(size, seed) for seed, size in enumerate((12, 60, 900))}


def candidates(reports: list[Shingles], memory: int = 1 << 30, chunks: int = 1) -> Pairs:
    """Pair reports given by all their shingles, in chunks of every so-manieth."""
    sampled = []
    for first in range(chunks):
        numbers = np.arange(first, len(reports), chunks)
        kept = sample(ragged([reports[i] for i in numbers] + [POOLS[60]], np.uint64))[0]
        sampled.append((np.append(numbers, -1), kept))  # the last one is not to be paired
    with TemporaryDirectory() as folder:
        found = stage.candidates(sampled, len(reports), memory, Path(folder))
        assert not list(Path(folder).iterdir())
        return found


def sampled(report: Shingles) -> list[int]:
    """Return the kept shingles of one report."""
    kept: list[int] = sample(ragged([report], np.uint64))[0].values.tolist()
    return kept


def kept_by_hand(report: Shingles) -> set[int]:
    """Return what the stated rule keeps of a report: all of a short one, else its smallest or the sample."""
    hashes = sorted(int(each) for each in report)
    if len(hashes) <= SHORT_REPORT:
        return set(hashes)
    sampled = {each for each in hashes if each < (1 << 64) // SAMPLE_RATE}
    return sampled | set(hashes[:SHORT_REPORT])


def pairs_by_hand(reports: list[Shingles]) -> list[list[int]]:
    """Compare all with all."""
    kept = [kept_by_hand(each) for each in reports]
    found = []
    for i in range(len(kept)):
        for j in range(i + 1, len(kept)):
            shared, smaller = len(kept[i] & kept[j]), min(len(kept[i]), len(kept[j]))
            enough = shared >= min(MIN_SHARED, smaller) and (shared >= FEW_SHARED or shared >= MIN_SHARE * smaller)
            if shared and enough:
                found.append([i, j])
    return found


@st.composite
def reports_of(draw: st.DrawFn) -> list[Shingles]:
    """Return up to twelve reports, short and long, that share from nothing to everything."""
    out = []
    for _ in range(draw(st.integers(0, 12))):
        pool = POOLS[draw(st.sampled_from(sorted(POOLS)))]
        count = draw(st.integers(0, len(pool)))
        chosen = np.random.default_rng(draw(st.integers(0, 99))).permutation(pool)[:count]
        other = shingles(draw(st.sampled_from((0, 3, 250, 700))), draw(st.integers(0, 99)))
        out.append(np.unique(np.concatenate([chosen, other])))
    return out


@settings(max_examples=150, deadline=None)
@given(reports_of())
def test_pairs_are_those_of_a_plain_loop_over_all(reports: list[Shingles]) -> None:
    """Where no shingle is crowded, nothing that the rule pairs is missed and nothing else is found."""
    assert candidates(reports).tolist() == pairs_by_hand(reports)


def with_representatives(reports: list[Shingles]) -> list[list[int]]:
    """Pair by the rule for crowded shingles, shingle by shingle."""
    holders: dict[int, list[int]] = {}
    kept = [kept_by_hand(each) for each in reports]
    for i, each in enumerate(kept):
        for one in each:
            holders.setdefault(one, []).append(i)
    met = Counter(
        (i, j)
        for group in holders.values()
        for at, i in enumerate(group if len(group) <= CROWDED else group[:REPRESENTATIVES])
        for j in group[at + 1 :]
    )
    found = []
    for (i, j), shared in met.items():
        smaller = min(len(kept[i]), len(kept[j]))
        if shared >= min(MIN_SHARED, smaller) and (shared >= FEW_SHARED or shared >= MIN_SHARE * smaller):
            found.append([i, j])
    return sorted(found)


@settings(max_examples=30, deadline=None)
@given(reports_of(), st.sampled_from([5_000, 50_000, 500_000]), st.integers(1, 4))
def test_the_memory_given_does_not_show(reports: list[Shingles], memory: int, chunks: int) -> None:
    """However the shingles and the meetings are parted, the same pairs share as much."""
    assert candidates(reports, memory, chunks).tolist() == pairs_by_hand(reports)


@pytest.mark.parametrize("memory", [2_000, 100_000, 1 << 30])
def test_crowds_are_paired_with_their_first_articles(memory: int) -> None:
    """Against a plain loop, with crowds of all sizes about the bound, in whatever parts."""
    chance = np.random.default_rng(0)
    own: list[list[Shingles]] = [[shingles(5, 300 + i)] for i in range(120)]
    for at, crowd in enumerate([*range(CROWDED - 9, CROWDED + 9), *range(100, 121)]):
        for i in chance.permutation(120)[:crowd]:
            own[i].append(shingles(1, 1000 + at))
    reports = [np.unique(np.concatenate(each)) for each in own]
    assert candidates(reports, memory, 3).tolist() == with_representatives(reports)


def test_workers_and_their_number_do_not_show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each pairs a part of the shingles and counts a part of the meetings."""
    monkeypatch.setattr(stage, "_SHARED", 1)
    reports = [*near_identical(70), POOLS[900], POOLS[900][:500], POOLS[60]]
    chunk = (np.arange(len(reports)), sample(ragged(reports, np.uint64))[0])
    for workers in (1, 2, 3):
        found = stage.candidates([chunk], len(reports), 1 << 18, tmp_path, partial(spread, workers=workers), workers)
        assert found.tolist() == with_representatives(reports)


def test_memory_stays_within_what_is_given(tmp_path: Path) -> None:
    """A million meetings take 8 MB as numbers alone, and more while they are sorted."""
    rng = np.random.default_rng(0)
    pool = np.sort(rng.integers(0, 1 << 64, 6000, dtype=np.uint64))
    rows = [np.sort(pool[rng.choice(6000, 60, replace=False)]) for _ in range(2000)]
    chunk = (np.arange(2000), ragged(rows, np.uint64))
    peaks = []
    for memory in (4 << 20, 1 << 30):
        tracemalloc.start()
        stage.candidates([chunk], 2000, memory, tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < (4 << 20) * 1.5 < peaks[1]


@settings(max_examples=60, deadline=None)
@given(reports_of(), st.randoms(use_true_random=False))
def test_the_order_of_reports_changes_only_their_numbers(reports: list[Shingles], chance: Random) -> None:
    """The same reports are paired in whatever order they come, as long as no shingle is crowded."""
    order = list(range(len(reports)))
    chance.shuffle(order)
    found = candidates([reports[i] for i in order]).tolist()
    assert sorted(sorted((order[i], order[j])) for i, j in found) == candidates(reports).tolist()


@pytest.mark.parametrize("shared", range(8))
def test_a_pair_needs_so_many_shared_shingles(shared: int) -> None:
    """At the bounds of the rule, on short reports: MIN_SHARED, unless fewer are all that one of them has."""
    common = shingles(8, 5)[:shared]
    long = [np.sort(np.concatenate([common, shingles(60, seed)])) for seed in (6, 7)]
    assert bool(len(candidates(long))) == (shared >= MIN_SHARED)
    within = [common, np.sort(np.concatenate([common, shingles(60, 7)]))]
    assert bool(len(candidates(within))) == (shared >= 1)


@pytest.mark.parametrize("spare", [-1, 0])
def test_few_shared_shingles_must_be_a_share_of_the_smaller_report(spare: int) -> None:
    """Three stock phrases in common are nothing in two long reports."""
    kept = int(MIN_SHARED / MIN_SHARE) - spare
    low = np.uint64((1 << 64) // SAMPLE_RATE)
    common = shingles(MIN_SHARED, 5) // np.uint64(SAMPLE_RATE)
    own = [(shingles(kept - MIN_SHARED, seed) // np.uint64(SAMPLE_RATE)) for seed in (6, 7)]
    reports = [np.sort(np.concatenate([common, each])) for each in own]
    assert all(len(sampled(each)) == kept and each[-1] < low for each in reports)
    assert bool(len(candidates(reports))) == (spare == 0)


def test_a_long_report_keeps_a_consistent_sample() -> None:
    """What two long reports share and both keep does not depend on the rest of either."""
    common = shingles(4000, 1)
    one, other = (np.unique(np.concatenate([common, shingles(4000, seed)])) for seed in (2, 3))
    low = {int(each) for each in common if int(each) < (1 << 64) // SAMPLE_RATE}
    assert len(low) > 800
    assert set(sampled(one)) & set(sampled(other)) == low


def near_identical(count: int, seed: int = 1) -> list[Shingles]:
    """Return `count` reports that share nine tenths of 150 shingles, each with 20 of its own."""
    common = shingles(150, seed)
    return [
        np.unique(np.concatenate([np.random.default_rng(i).permutation(common)[:135], shingles(20, seed * 10_000 + i)]))
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [CROWDED, CROWDED + 1, 60, 300, 3000])
def test_many_reprints_stay_connected_by_few_pairs(count: int) -> None:
    """Reprints have no shingle that few share: none may fall out, and the work must not grow with the square."""
    pairs = candidates(near_identical(count))
    graph = nx.Graph(pairs.tolist())
    assert len(graph) == count
    assert nx.is_connected(graph)
    if count > CROWDED:
        assert len(pairs) <= 3 * REPRESENTATIVES * count
    else:
        assert len(pairs) == count * (count - 1) // 2


def test_two_crowds_are_not_paired_with_each_other() -> None:
    """Representatives stand for their own crowd only."""
    reports = near_identical(60, 1) + near_identical(60, 2)
    parts = sorted(sorted(each) for each in nx.connected_components(nx.Graph(candidates(reports).tolist())))
    assert parts == [list(range(60)), list(range(60, 120))]


def test_one_crowded_phrase_pairs_nobody() -> None:
    """A hundred reports that share two stock shingles and nothing else are not worth scoring."""
    stock = shingles(MIN_SHARED - 1, 3)
    reports = [np.sort(np.concatenate([stock, shingles(50, 100 + i)])) for i in range(100)]
    assert not len(candidates(reports))


@pytest.mark.parametrize(
    "reports",
    [[], [NOTHING], [NOTHING] * 3, [shingles(9, 1)], [shingles(9, 1), NOTHING, shingles(9, 2), NOTHING]],
    ids=["none", "one-empty", "all-empty", "one", "empty-among-strangers"],
)
def test_reports_without_anything_in_common_give_no_pairs(reports: list[Shingles]) -> None:
    """Reports without a shingle pair with nobody, not even with each other."""
    found = candidates(reports)
    assert found.shape == (0, 2)
    assert found.dtype == np.int64


def test_an_empty_report_leaves_the_numbers_of_the_others() -> None:
    """Pairs name reports by their place, the empty ones counted."""
    same = shingles(9, 1)
    assert candidates([NOTHING, same, NOTHING, same]).tolist() == [[1, 3]]


def test_more_reports_than_can_be_numbered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that do not fit into the packed value would pair the wrong reports."""
    monkeypatch.setattr("newsdedup.candidates.MAX_ARTICLES", 2)
    with pytest.raises(ValueError, match="3 reports; at most 2"):
        candidates([NOTHING] * 3)
