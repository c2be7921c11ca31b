"""Pairs ruled out as links from columns and stored scores, against tests of the two reports themselves."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from builders import article, background, profiled, records
from newsdedup.arrays import Ragged
from newsdedup.engine.event_links import _find_unrelated
from newsdedup.engine.feature_cache import FeatureCache
from newsdedup.engine.matching import Matching, ScoringContext
from newsdedup.engine.pair_scores import PairScores
from newsdedup.features import ReportFeatures
from newsdedup.fingerprint import fingerprint
from newsdedup.models import Direction, Relation, Score
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
    scored_pairs = [pair for n, pair in enumerate(combinations(representatives.tolist(), 2)) if n % every]
    scores = PairScores.from_scores(
        np.array(scored_pairs, dtype=np.int64),
        [Score(0.5, 0.5, 0.5, Relation.REWRITE, Direction.UNKNOWN)] * len(scored_pairs),
        np.array([is_template_sibling(pages[i], pages[j]) for i, j in scored_pairs]),
    )
    scoring = ScoringContext(background(), load_model(), FeatureCache(reports, background()))
    matching = Matching(
        scoring, fingerprints, np.empty(0, dtype="S1"), np.empty(0, dtype=np.int32), groups, scores, (), 0
    )
    pairs = np.array(list(combinations(range(count), 2)), dtype=np.int64)
    is_unrelated = _find_unrelated((matching, pairs), range(len(pairs)))
    expected = [
        has_disjoint_entities(*((pages[x].sentences.texts, fingerprints.stems[y]) for x, y in ((i, j), (j, i))))
        or (has_shared_wording(pages[i], pages[j]) and is_template_sibling(pages[i], pages[j]))
        for i, j in pairs.tolist()
    ]
    assert is_unrelated == expected
    assert any(expected)
    assert not all(expected)


def test_pairs_are_found_among_the_scored_ones(pages: list[ReportFeatures]) -> None:
    """In either order, with or without the template flag; pairs of no scored article are not among them."""
    reports = [features.report for features in pages[:9]]
    scored = np.array([(0, 3), (1, 2), (1, 8), (4, 7)])
    scores = PairScores.from_scores(
        scored,
        [Score(0.5, 0.5, 0.5, Relation.REWRITE, Direction.UNKNOWN)] * len(scored),
        np.array([False, True, False, True]),
    )
    matching = Matching(
        ScoringContext(background(), load_model(), FeatureCache(reports, background())),
        fingerprint(reports, background()),
        np.empty(0, dtype="S1"), np.empty(0, dtype=np.int32), Ragged(np.arange(9), np.arange(10)), scores, (), 0,
    )  # fmt: skip
    queried = np.array([(3, 0), (1, 2), (2, 8), (8, 1), (7, 8), (4, 7)])
    assert matching.is_scored(queried).tolist() == [True, True, False, True, False, True]
    assert matching.is_scored(queried[:0]).tolist() == []
