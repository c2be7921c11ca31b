"""Stage 4 against a plain loop over all pairs, and with high-df shingles."""

from __future__ import annotations

import tracemalloc
from collections import Counter
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
from newsdedup.arrays import Pairs, ragged_from_rows
from newsdedup.engine.executor import LocalExecutor
from newsdedup.fingerprint import sample_shingles
from newsdedup.thresholds import (
    ENOUGH_SHARED_SHINGLES,
    MAX_SHINGLE_DF,
    MIN_SAMPLED_SHINGLES,
    MIN_SHARED_SHINGLES,
    MIN_SHINGLE_CONTAINMENT,
    PIVOTS_PER_SHINGLE,
    SHINGLE_SAMPLE_RATE,
)

Shingles = NDArray[np.uint64]

NOTHING: Shingles = np.empty(0, dtype=np.uint64)


def make_shingles(count: int, seed: int) -> Shingles:
    """Return `count` hashes, unique and sorted."""
    hashes: Shingles = np.unique(np.random.default_rng(seed).integers(0, 1 << 64, count * 2, dtype=np.uint64))
    chosen_hashes: Shingles = np.sort(np.random.default_rng(seed + 1).permutation(hashes)[:count])
    return chosen_hashes


POOLS = {size: make_shingles(size, seed) for seed, size in enumerate((12, 60, 900))}


def find_pairs(reports: list[Shingles], memory: int = 1 << 30, chunks: int = 1) -> Pairs:
    """Pair reports given by all their shingles, split into chunks round-robin."""
    sampled = []
    for first in range(chunks):
        numbers = np.arange(first, len(reports), chunks)
        shingle_rows = sample_shingles(ragged_from_rows([reports[i] for i in numbers] + [POOLS[60]], np.uint64))[0]
        sampled.append((np.append(numbers, -1), shingle_rows))  # the last one must not be paired
    with TemporaryDirectory() as folder:
        pairs = stage.find_candidates(sampled, len(reports), memory, Path(folder))
        assert not list(Path(folder).iterdir())
        return pairs


def sample_one(report: Shingles) -> list[int]:
    """Return the sampled shingles of one report."""
    values: list[int] = sample_shingles(ragged_from_rows([report], np.uint64))[0].values.tolist()
    return values


def sample_by_hand(report: Shingles) -> set[int]:
    """Sample a report by the documented rule: all of a short one, else the smallest or those below the bound."""
    hashes = sorted(int(each) for each in report)
    if len(hashes) <= MIN_SAMPLED_SHINGLES:
        return set(hashes)
    sampled = {each for each in hashes if each < (1 << 64) // SHINGLE_SAMPLE_RATE}
    return sampled | set(hashes[:MIN_SAMPLED_SHINGLES])


def pairs_by_hand(reports: list[Shingles]) -> list[list[int]]:
    """Compare all pairs."""
    samples = [sample_by_hand(each) for each in reports]
    pairs = []
    for i in range(len(samples)):
        for j in range(i + 1, len(samples)):
            shared, smaller = len(samples[i] & samples[j]), min(len(samples[i]), len(samples[j]))
            enough = shared >= min(MIN_SHARED_SHINGLES, smaller) and (
                shared >= ENOUGH_SHARED_SHINGLES or shared >= MIN_SHINGLE_CONTAINMENT * smaller
            )
            if shared and enough:
                pairs.append([i, j])
    return pairs


@st.composite
def reports_of(draw: st.DrawFn) -> list[Shingles]:
    """Return up to twelve reports, short and long, that share from nothing to everything."""
    reports = []
    for _ in range(draw(st.integers(0, 12))):
        pool = POOLS[draw(st.sampled_from(sorted(POOLS)))]
        count = draw(st.integers(0, len(pool)))
        chosen = np.random.default_rng(draw(st.integers(0, 99))).permutation(pool)[:count]
        own = make_shingles(draw(st.sampled_from((0, 3, 250, 700))), draw(st.integers(0, 99)))
        reports.append(np.unique(np.concatenate([chosen, own])))
    return reports


@settings(max_examples=150)
@given(reports_of())
def test_pairs_are_those_of_a_plain_loop_over_all(reports: list[Shingles]) -> None:
    """Without high-df shingles exactly the pairs of the rule are found."""
    assert find_pairs(reports).tolist() == pairs_by_hand(reports)


def pairs_by_pivot_rule(reports: list[Shingles]) -> list[list[int]]:
    """Pair by the pivot rule for high-df shingles, shingle by shingle."""
    holders: dict[int, list[int]] = {}
    samples = [sample_by_hand(each) for each in reports]
    for i, each in enumerate(samples):
        for shingle in each:
            holders.setdefault(shingle, []).append(i)
    collisions = Counter(
        (i, j)
        for group in holders.values()
        for at, i in enumerate(group if len(group) <= MAX_SHINGLE_DF else group[:PIVOTS_PER_SHINGLE])
        for j in group[at + 1 :]
    )
    pairs = []
    for (i, j), shared in collisions.items():
        smaller = min(len(samples[i]), len(samples[j]))
        if shared >= min(MIN_SHARED_SHINGLES, smaller) and (
            shared >= ENOUGH_SHARED_SHINGLES or shared >= MIN_SHINGLE_CONTAINMENT * smaller
        ):
            pairs.append([i, j])
    return sorted(pairs)


@settings(max_examples=30)
@given(reports_of(), st.sampled_from([5_000, 50_000, 500_000]), st.integers(1, 4))
def test_the_memory_given_does_not_show(reports: list[Shingles], memory: int, chunks: int) -> None:
    """The result does not depend on how shingles and collisions are partitioned."""
    assert find_pairs(reports, memory, chunks).tolist() == pairs_by_hand(reports)


@pytest.mark.parametrize("held", [99, 1000, 10_000_000])
def test_high_df_shingles_are_paired_with_their_pivots(held: int) -> None:
    """Against a plain loop, with document frequencies around the bound and different partitions.

    `held` collisions are in memory at a time: fewer than one shingle has, those of a few shingles, or all.
    """
    memory = held * 2 * stage._COLLISION_BYTES
    assert MAX_SHINGLE_DF * (MAX_SHINGLE_DF - 1) // 2 > 99
    rng = np.random.default_rng(0)
    report_shingles: list[list[Shingles]] = [[make_shingles(5, 300 + i)] for i in range(120)]
    for seed, df in enumerate([*range(MAX_SHINGLE_DF - 5, MAX_SHINGLE_DF + 6), *range(100, 121, 2)]):
        for i in rng.permutation(120)[:df]:
            report_shingles[i].append(make_shingles(1, 1000 + seed))
    reports = [np.unique(np.concatenate(each)) for each in report_shingles]
    expected = pairs_by_pivot_rule(reports)
    assert len(expected) > len(reports)
    assert find_pairs(reports, memory, 3).tolist() == expected


def test_workers_and_their_number_do_not_show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Workers share the partitions of shingles and of collisions."""
    monkeypatch.setattr(stage, "_MIN_PARALLEL_SHINGLES", 1)
    reports = [*make_near_identical(70), POOLS[900], POOLS[900][:500], POOLS[60]]
    chunk = (np.arange(len(reports)), sample_shingles(ragged_from_rows(reports, np.uint64))[0])
    for workers in (1, 2, 3):
        pairs = stage.find_candidates([chunk], len(reports), 1 << 18, tmp_path, LocalExecutor(workers))
        assert pairs.tolist() == pairs_by_pivot_rule(reports)


def test_memory_stays_within_what_is_given(tmp_path: Path) -> None:
    """A million collisions take 8 MB, and more while they are sorted."""
    rng = np.random.default_rng(0)
    pool = np.sort(rng.integers(0, 1 << 64, 6000, dtype=np.uint64))
    rows = [np.sort(pool[rng.choice(6000, 60, replace=False)]) for _ in range(2000)]
    chunk = (np.arange(2000), ragged_from_rows(rows, np.uint64))
    peaks = []
    for memory in (4 << 20, 1 << 30):
        tracemalloc.start()
        stage.find_candidates([chunk], 2000, memory, tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < (4 << 20) * 1.5 < peaks[1]


@settings(max_examples=60)
@given(reports_of(), st.randoms(use_true_random=False))
def test_the_order_of_reports_changes_only_their_numbers(reports: list[Shingles], chance: Random) -> None:
    """The same reports are paired in any order, as long as there is no high-df shingle."""
    order = list(range(len(reports)))
    chance.shuffle(order)
    pairs = find_pairs([reports[i] for i in order]).tolist()
    assert sorted(sorted((order[i], order[j])) for i, j in pairs) == find_pairs(reports).tolist()


@pytest.mark.parametrize("shared", range(8))
def test_a_pair_needs_so_many_shared_shingles(shared: int) -> None:
    """At the bound, on short reports: MIN_SHARED_SHINGLES, or all shingles of a report that has fewer."""
    common = make_shingles(8, 5)[:shared]
    long = [np.sort(np.concatenate([common, make_shingles(60, seed)])) for seed in (6, 7)]
    assert bool(len(find_pairs(long))) == (shared >= MIN_SHARED_SHINGLES)
    within = [common, np.sort(np.concatenate([common, make_shingles(60, 7)]))]
    assert bool(len(find_pairs(within))) == (shared >= 1)


@pytest.mark.parametrize("spare", [-1, 0])
def test_few_shared_shingles_must_be_a_share_of_the_smaller_report(spare: int) -> None:
    """A few shared stock phrases do not pair two long reports."""
    kept = int(MIN_SHARED_SHINGLES / MIN_SHINGLE_CONTAINMENT) - spare
    low = np.uint64((1 << 64) // SHINGLE_SAMPLE_RATE)
    common = make_shingles(MIN_SHARED_SHINGLES, 5) // np.uint64(SHINGLE_SAMPLE_RATE)
    own = [(make_shingles(kept - MIN_SHARED_SHINGLES, seed) // np.uint64(SHINGLE_SAMPLE_RATE)) for seed in (6, 7)]
    reports = [np.sort(np.concatenate([common, each])) for each in own]
    assert all(len(sample_one(each)) == kept and each[-1] < low for each in reports)
    assert bool(len(find_pairs(reports))) == (spare == 0)


def test_a_long_report_keeps_a_consistent_sample() -> None:
    """Which of the shared shingles both reports keep does not depend on their other shingles."""
    common = make_shingles(4000, 1)
    report_a, report_b = (np.unique(np.concatenate([common, make_shingles(4000, seed)])) for seed in (2, 3))
    low = {int(each) for each in common if int(each) < (1 << 64) // SHINGLE_SAMPLE_RATE}
    assert len(low) > 800
    assert set(sample_one(report_a)) & set(sample_one(report_b)) == low


def make_near_identical(count: int, seed: int = 1) -> list[Shingles]:
    """Return `count` reports that share nine tenths of 150 shingles, each with 20 of its own."""
    common = make_shingles(150, seed)
    return [
        np.unique(
            np.concatenate([np.random.default_rng(i).permutation(common)[:135], make_shingles(20, seed * 10_000 + i)])
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [MAX_SHINGLE_DF, MAX_SHINGLE_DF + 1, 60, 300, 3000])
def test_many_reprints_stay_connected_by_few_pairs(count: int) -> None:
    """Reprints only have high-df shingles: none may be lost, and the work must stay linear."""
    pairs = find_pairs(make_near_identical(count))
    graph = nx.Graph(pairs.tolist())
    assert len(graph) == count
    assert nx.is_connected(graph)
    if count > MAX_SHINGLE_DF:
        assert len(pairs) <= 3 * PIVOTS_PER_SHINGLE * count
    else:
        assert len(pairs) == count * (count - 1) // 2


def test_two_crowds_are_not_paired_with_each_other() -> None:
    """Pivots pair only articles with the same shingle."""
    reports = make_near_identical(60, 1) + make_near_identical(60, 2)
    parts = sorted(sorted(each) for each in nx.connected_components(nx.Graph(find_pairs(reports).tolist())))
    assert parts == [list(range(60)), list(range(60, 120))]


def test_one_high_df_phrase_pairs_nobody() -> None:
    """A hundred reports that share a few stock shingles and nothing else are no candidates."""
    stock = make_shingles(MIN_SHARED_SHINGLES - 1, 3)
    reports = [np.sort(np.concatenate([stock, make_shingles(50, 100 + i)])) for i in range(100)]
    assert not len(find_pairs(reports))


@pytest.mark.parametrize(
    "reports",
    [[], [NOTHING], [NOTHING] * 3, [make_shingles(9, 1)], [make_shingles(9, 1), NOTHING, make_shingles(9, 2), NOTHING]],
    ids=["none", "one-empty", "all-empty", "one", "empty-among-strangers"],
)
def test_reports_without_anything_in_common_give_no_pairs(reports: list[Shingles]) -> None:
    """Reports without shingles are not paired, not even with each other."""
    pairs = find_pairs(reports)
    assert pairs.shape == (0, 2)
    assert pairs.dtype == np.int64


def test_an_empty_report_leaves_the_numbers_of_the_others() -> None:
    """Pairs use the numbers of reports, with the empty ones counted."""
    same = make_shingles(9, 1)
    assert find_pairs([NOTHING, same, NOTHING, same]).tolist() == [[1, 3]]


def test_more_reports_than_can_be_numbered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that do not fit into the packed value would pair the wrong reports."""
    monkeypatch.setattr("newsdedup.candidates.MAX_ARTICLES", 2)
    with pytest.raises(ValueError, match="3 reports; at most 2"):
        find_pairs([NOTHING] * 3)
