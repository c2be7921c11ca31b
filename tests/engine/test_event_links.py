"""Pairs ruled out as links from columns and stored scores, against tests of the two reports themselves."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from builders import article, background, profiled, records
from newsdedup.arrays import Ragged
from newsdedup.engine.event_links import _find_unrelated, _PairContext
from newsdedup.engine.executor import ScoringContext
from newsdedup.engine.matching import Matching
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.workspace import FeatureCache
from newsdedup.features import ReportFeatures
from newsdedup.fingerprint import fingerprint
from newsdedup.related import has_disjoint_entities, has_shared_wording
from newsdedup.score import is_template_sibling, load_model

NOTES = [
    f"{title} The {team} won {score} at home on {day}, their {rank} win of the season, the club said on its own site."
    for team, score, day, rank, title in (
        ("Tarvik Owls", "3-1", "Sunday", "fifth", "Owls win."),
        ("Lagoda Larks", "2-0", "Friday", "ninth", "Larks win."),
        ("Norden Rovers", "4-2", "Monday", "second", "Rovers win."),
    )
]


@pytest.fixture(scope="module")
def pages() -> list[ReportFeatures]:
    """Return short notes of one template and full pages, twenty of them twice."""
    rows = [(row["id"], row["text"], row["title"]) for row in records("labelled.jsonl")[:50]]
    rows += [(f"note{i}", text, f"Match {i}") for i, text in enumerate(NOTES)]
    rows += [(f"{name}-again", text, title) for name, text, title in rows[:20]]
    features = profiled(*(article(name, text, title=title) for name, text, title in rows))
    return [page for page in features if len(page.sentences)]


@pytest.mark.parametrize("every", [2, 3])
def test_unrelated_pairs_match_those_of_single_tests(pages: list[ReportFeatures], every: int) -> None:
    """With and without stored scores of the pairs."""
    reports = [features.report for features in pages]
    fingerprints = fingerprint(reports, background())
    count = len(pages)
    assert (fingerprints.shingles.sizes == fingerprints.shingle_counts).mean() > 0.5
    representatives = np.delete(np.arange(count), [3, 7])  # these are not the first of a group
    groups = Ragged(representatives, np.arange(len(representatives) + 1))
    scored_pairs = [pair for n, pair in enumerate(combinations(range(len(representatives)), 2)) if n % every]
    template_pairs = {
        (i, j) for i, j in scored_pairs if is_template_sibling(pages[representatives[i]], pages[representatives[j]])
    }
    scoring = ScoringContext(background(), load_model(), FeatureCache(reports, background()))
    matching = Matching(
        scoring, fingerprints, np.empty(0, dtype="S1"), np.empty(0, dtype=np.int32), groups,
        dict.fromkeys(scored_pairs, 0.5), template_pairs, [], PairScores.concat_sorted([]), 0,
    )  # fmt: skip
    pairs = np.array(list(combinations(range(count), 2)), dtype=np.int64)
    is_unrelated = _find_unrelated(_PairContext(matching, representatives, pairs), range(len(pairs)))
    expected = [
        has_disjoint_entities(*((pages[x].sentences.texts, fingerprints.stems[y]) for x, y in ((i, j), (j, i))))
        or (has_shared_wording(pages[i], pages[j]) and is_template_sibling(pages[i], pages[j]))
        for i, j in pairs.tolist()
    ]
    assert is_unrelated == expected
    assert any(expected)
    assert not all(expected)
