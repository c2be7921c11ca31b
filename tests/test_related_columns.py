"""Links found in columns are those that a plain comparison of all pairs finds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import alike_pairs, article, background, profiled, records, told
from in_memory import build_lead_columns, find_link_candidates, hash_rare_names
from newsdedup.arrays import Ragged, ragged_from_rows
from newsdedup.engine.executor import LocalExecutor
from newsdedup.features import ReportFeatures
from newsdedup.idf import IdfTable
from newsdedup.related import NO_DAY, LeadColumns, LeadIndex, day_number, find_similar_pairs, measure_pairs
from newsdedup.related.sparse import SparseRows, multiply_rows, quantise
from newsdedup.text import days_between
from newsdedup.thresholds import (
    RELATED_IDF_PRIOR_WEIGHT,
    RELATED_LEAD_SENTENCES,
    RELATED_MAX_NEIGHBOURS,
    RELATED_MIN_DIRECT_SIMILARITY,
    RELATED_MIN_LEAD_COSINE,
    RELATED_MIN_TITLE_COVERAGE,
    RELATED_NAME_MAX_DF,
    RELATED_NEIGHBOUR_PRIOR,
    RELATED_NEIGHBOUR_PRIOR_WEIGHT,
)

Vector = dict[int, float]

# Fewer than would make a stem that all of them hold too common to be met by all.
MOST = 12


def bag(stems: Sequence[int], rarity: Vector) -> Vector:
    """Return the unit vector of stems, each as often as parts hold it."""
    weights = {key: (1 + math.log(count)) * rarity[key] for key, count in Counter(stems).items()}
    norm = math.sqrt(sum(each * each for each in weights.values())) or 1.0
    return {key: each / norm for key, each in weights.items()}


def dot(one: Vector, other: Vector) -> float:
    """Return the scalar product."""
    return sum(value * other.get(key, 0.0) for key, value in one.items())


def plainly(profiles: Sequence[ReportFeatures], table: IdfTable) -> dict[tuple[int, int], tuple[float, float, float]]:
    """Return what find_link_candidates returns, by comparing every pair: the signals of those that may be linked."""
    titles = [[int(stem) for stem in each.title_stems] for each in profiles]
    sides = [[[int(stem) for stem in part] for part in each.sentences.stems] for each in profiles]
    whole = [set(title).union(*parts) for title, parts in zip(titles, sides, strict=True)]
    counts = Counter(stem for each in whole for stem in each)
    scale = math.log(table.articles + 1) if table.articles else 1.0
    rarity = {}
    for key, count in counts.items():
        large = math.exp(-float(table.lookup(np.array([key], dtype=np.uint64))[0]) * scale)
        share = (RELATED_IDF_PRIOR_WEIGHT * large + max(count - 2, 0)) / (
            RELATED_IDF_PRIOR_WEIGHT + max(len(profiles) - 2, 0)
        )
        rarity[key] = min(max(-math.log(share) / scale, 0.0), 1.0)
    every = [[*title, *(s for part in parts[:RELATED_LEAD_SENTENCES] for s in part)]
             for title, parts in zip(titles, sides, strict=True)]  # fmt: skip
    leads = [bag(stems, rarity) for stems in every]
    heads = [title or parts[0] for title, parts in zip(titles, sides, strict=True)]
    names = [set(hash_rare_names(each.sentences.texts[:RELATED_LEAD_SENTENCES], table).tolist()) for each in profiles]
    holders = Counter(name for each in names for name in each)
    lead = {(i, j): dot(leads[i], leads[j]) for i, j in combinations(range(len(profiles)), 2)}
    lead = {pair: each for pair, each in lead.items() if each >= RELATED_MIN_LEAD_COSINE}

    def told_share(i: int, j: int) -> float:
        mass = sum(rarity[stem] for stem in heads[i])
        return sum(rarity[stem] for stem in heads[i] if stem in whole[j]) / max(mass, 1e-9)

    def strength(i: int, j: int) -> float:
        return lead.get((min(i, j), max(i, j)), 0.0) ** 2

    found = {}
    for (i, j), each in lead.items():
        direct = each + dot(bag(heads[i], rarity), bag(heads[j], rarity))
        name = any(holders[both] <= RELATED_NAME_MAX_DF for both in names[i] & names[j])
        if not name and (
            direct < RELATED_MIN_DIRECT_SIMILARITY
            or max(told_share(i, j), told_share(j, i)) < RELATED_MIN_TITLE_COVERAGE
        ):
            continue
        others = [k for k in range(len(profiles)) if k not in {i, j}]
        common = sum(strength(i, k) * strength(j, k) for k in others)
        one, other = (sum(strength(at, k) ** 2 for k in others) + RELATED_NEIGHBOUR_PRIOR_WEIGHT for at in (i, j))
        company = (common + RELATED_NEIGHBOUR_PRIOR_WEIGHT * RELATED_NEIGHBOUR_PRIOR) / math.sqrt(one * other)
        found[i, j] = (direct, company, float(name))
    return found


def in_columns(profiles: Sequence[ReportFeatures], table: IdfTable) -> dict[tuple[int, int], tuple[float, ...]]:
    """Return what find_link_candidates returns, as plainly does."""
    near = find_link_candidates(build_lead_columns(profiles, table), table)
    return {
        (i, j): tuple(row)
        for i, j, row in zip(near.left.tolist(), near.right.tolist(), near.signals.tolist(), strict=True)
    }


def agree(profiles: Sequence[ReportFeatures], table: IdfTable) -> None:
    """Assert that both find the same pairs, alike in what they have in common."""
    found, expected = in_columns(profiles, table), plainly(profiles, table)
    assert found.keys() == expected.keys()
    for pair, due in expected.items():
        assert found[pair] == pytest.approx(due, abs=1e-5)


WORDS = ("harbour", "ferry", "Ola", "Nordlund", "the", "of", "said", "Tarvik", "strike", "3.4", "青田镇", "ударил",
         "\ud800", "a\u0301b\u0301", "x\x00y", "\u0928\u092e\u0938\u094d\u0924\u0947")  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.none() | texts, st.lists(texts, min_size=1, max_size=5)), max_size=MOST))
def test_all_pairs_compared_plainly_give_the_same(pages: list[tuple[str | None, list[str]]]) -> None:
    """With and without titles, in any script, empty bags and all."""
    profiles = [told(str(i), sentences, title=title) for i, (title, sentences) in enumerate(pages)]
    agree(profiles, background())


def test_our_own_articles_compared_plainly_give_the_same() -> None:
    """Whole pages, in nine languages."""
    rows = records("labelled.jsonl")[:120]
    profiles = [each for each in profiled(*(article(row["id"], row["text"], title=row["title"]) for row in rows))
                if len(each.sentences)]  # fmt: skip
    agree(profiles, background())
    bare = IdfTable(keys=background().keys[:0], idf=background().idf[:0], articles=0)
    agree(profiles[:40], bare)


def test_parts_met_one_by_one_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes may each look at a range of reports."""
    rows = records("labelled.jsonl")[:120]
    profiles = profiled(*(article(row["id"], row["text"], title=row["title"]) for row in rows))
    table = build_lead_columns([each for each in profiles if len(each.sentences)], background())
    index = LeadIndex(table, background())
    whole = find_similar_pairs(index)
    monkeypatch.setattr("newsdedup.related.neighbours._REPORTS_PER_TASK", 17)
    parts = find_similar_pairs(index, LocalExecutor(2))
    for name in ("bounds", "larger", "similarity"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    assert len(whole.larger)


def test_results_do_not_depend_on_the_size_of_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs may be weighed a few at a time, in worker processes."""
    rows = records("labelled.jsonl")[:80]
    profiles = profiled(*(article(row["id"], row["text"], title=row["title"]) for row in rows))
    table = build_lead_columns([each for each in profiles if len(each.sentences)], background())
    whole = find_link_candidates(table, background())
    assert len(whole.left)
    for name in (
        "neighbours._PAIRS_PER_TASK",
        "neighbours._REPORTS_PER_TASK",
        "index._ROWS_AT_ONCE",
        "index._ROWS_PER_TASK",
    ):
        monkeypatch.setattr(f"newsdedup.related.{name}", 17)
    executor = LocalExecutor(2)
    index = LeadIndex(table, background(), executor)
    parts = measure_pairs(index, find_similar_pairs(index, executor), executor)
    assert np.array_equal(whole.left, parts.left)
    assert np.array_equal(whole.right, parts.right)
    assert np.array_equal(whole.signals, parts.signals)


def crowd(count: int, each: int, vocabulary: int, seed: int) -> LeadColumns:
    """Return columns of reports without titles of stems drawn at random."""
    chance = np.random.default_rng(seed)
    rows = [np.unique(chance.integers(0, vocabulary, each).astype(np.uint32)) for _ in range(count)]
    stems = ragged_from_rows(rows, np.uint32)
    none = ragged_from_rows([np.empty(0, dtype=np.uint32)] * count, np.uint32)
    ones = Ragged(np.ones(len(stems.values), dtype=np.uint8), stems.bounds)
    names = ragged_from_rows([np.empty(0, dtype=np.uint64)] * count, np.uint64)
    return LeadColumns(none, stems, stems, stems, ones, names, np.full(count, NO_DAY, dtype=np.int32))


def test_reports_without_a_stem_in_lead_and_title_have_no_neighbours() -> None:
    """Pages may open with marks alone."""
    table = crowd(3, 5, 9, 1)
    none = ragged_from_rows([np.empty(0, dtype=np.uint32)] * 3, np.uint32)
    bare = replace(table, first=none, lead=none, lead_counts=Ragged(np.empty(0, dtype=np.uint8), none.bounds))
    assert not len(find_link_candidates(bare, background()).left)


def test_of_many_near_ones_each_report_keeps_the_nearest_of_both() -> None:
    """The bound is that of both sides, as a plain ranking gives it."""
    table = crowd(RELATED_MAX_NEIGHBOURS * 2, 12, 40, 5)
    index = LeadIndex(table, background())
    kept = set(alike_pairs(index))
    pairs = [np.array(side) for side in np.triu_indices(len(table), 1)]
    lead = multiply_rows(index.leads, index.leads, pairs[0], pairs[1], len(index.sizes))
    likeness: dict[int, list[tuple[float, int]]] = {}
    for i, j, each in zip(pairs[0].tolist(), pairs[1].tolist(), lead.tolist(), strict=True):
        if each >= RELATED_MIN_LEAD_COSINE:
            likeness.setdefault(i, []).append((-each, j))
            likeness.setdefault(j, []).append((-each, i))
    best = {i: {other for _, other in sorted(ranked)[:RELATED_MAX_NEIGHBOURS]} for i, ranked in likeness.items()}
    assert kept
    assert all(j in best[i] and i in best[j] for i, j in kept)
    degree = Counter(end for pair in kept for end in pair)
    assert max(degree.values()) <= RELATED_MAX_NEIGHBOURS


@given(st.integers(0, 2**32 - 1))
def test_products_are_those_of_dense_matrices(seed: int) -> None:
    """Exactly: no order of summing shows."""
    chance = np.random.default_rng(seed)
    count, width = int(chance.integers(1, 90)), int(chance.integers(1, 30))
    dense = quantise(np.where(chance.random((count, width)) < 0.3, chance.random((count, width)), 0.0) / 3)
    row, term = np.nonzero(dense)
    bounds = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=count)))).astype(np.int64)
    rows = SparseRows(bounds, term.astype(np.int32), dense[row, term])
    left = np.sort(chance.integers(0, count, 200))
    right = chance.integers(0, count, 200)
    expected = (dense.astype(np.float64) @ dense.T.astype(np.float64))[left, right]
    assert np.array_equal(multiply_rows(rows, rows, left, right, width), expected)


@pytest.mark.parametrize("dates", list(combinations(
    ("2031-01-05", "2031-01-05T23:59:59+05:00", "2030-12-31", "2031-01", "2031", None, "", "soon", "0001-01-01"), 2
)))  # fmt: skip
def test_days_differ_as_dates_do(dates: tuple[str | None, str | None]) -> None:
    """A date that is not given to the day is no day."""
    one, other = map(day_number, dates)
    assert (None if NO_DAY in {one, other} else abs(one - other)) == days_between(*dates)
