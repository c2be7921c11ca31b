"""Which pairs are refused as links, in columns and by what was scored, against the two reports themselves."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from builders import article, background, profiled, records
from newsdedup.arrays import Ragged
from newsdedup.engine.event_links import _refused, _Refusing
from newsdedup.engine.executor import Resources
from newsdedup.engine.matching import Matched
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.workspace import Profiles
from newsdedup.features import Profile
from newsdedup.fingerprint import fingerprint
from newsdedup.related import share_wording, strangers
from newsdedup.score import is_filled_anew, load_model

NOTES = [
    f"{title} The {team} won {score} at home on {day}, their {rank} win of the season, the club said on its own site."
    for team, score, day, rank, title in (
        ("Tarvik Owls", "3-1", "Sunday", "fifth", "Owls win."),
        ("Lagoda Larks", "2-0", "Friday", "ninth", "Larks win."),
        ("Norden Rovers", "4-2", "Monday", "second", "Rovers win."),
    )
]


@pytest.fixture(scope="module")
def pages() -> list[Profile]:
    """Return short notes of one template and whole pages, twenty of which stand twice."""
    rows = [(row["id"], row["text"], row["title"]) for row in records("labelled.jsonl")[:50]]
    rows += [(f"note{i}", text, f"Match {i}") for i, text in enumerate(NOTES)]
    rows += [(f"{name}-again", text, title) for name, text, title in rows[:20]]
    found = profiled(*(article(name, text, title=title) for name, text, title in rows))
    return [each for each in found if len(each.sentences)]


@pytest.mark.parametrize("every", [2, 3])
def test_pairs_are_refused_as_one_by_one(pages: list[Profile], every: int) -> None:
    """Whether some of the pairs were scored before or not."""
    reports = [each.report for each in pages]
    prints = fingerprint(reports, background())
    count = len(pages)
    assert (prints.shingles.sizes == prints.shingle_counts).mean() > 0.5
    first = np.delete(np.arange(count), [3, 7])  # those are no group's first
    groups = Ragged(first, np.arange(len(first) + 1))
    scored = [pair for n, pair in enumerate(combinations(range(len(first)), 2)) if n % every]
    filled = {(i, j) for i, j in scored if is_filled_anew(pages[first[i]], pages[first[j]])}
    resources = Resources(background(), load_model(), Profiles(reports, background()))
    matched = Matched(
        resources, prints, np.empty(0, dtype="S1"), np.empty(0, dtype=np.int32), groups,
        dict.fromkeys(scored, 0.5), filled, [], PairScores.joined([]), 0,
    )  # fmt: skip
    pairs = np.array(list(combinations(range(count), 2)), dtype=np.int64)
    found = _refused(_Refusing(matched, first, pairs), range(len(pairs)))
    due = [
        strangers(*((pages[x].sentences.texts, prints.stems[y]) for x, y in ((i, j), (j, i))))
        or (share_wording(pages[i], pages[j]) and is_filled_anew(pages[i], pages[j]))
        for i, j in pairs.tolist()
    ]
    assert found == due
    assert any(due)
    assert not all(due)
