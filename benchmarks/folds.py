"""Folds over the labelled pairs in which no article, and as good as no event, stands on both sides.

Whole events go into one fold. Events that a labelled duplicate or a labelled `same_event` pair joins are one group,
since they are one happening under two keys; an article without an event is its own, and a labelled pair joins the two.
Looser pairs across events (`related`, `different`) do not join them: 45 such pairs would tie 569 of the 811 labelled
pairs into a single fold. Such a pair is scored in the fold of its first article, and nothing that shares an article
with a scored pair is trained on (`trained_on`).
"""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from figures import LabelledPair

FOLDS = 10


@dataclass(frozen=True)
class Folds:
    """The fold, 0 to `count` - 1, of each event (or of each article without one) and of each labelled pair."""

    count: int
    of_key: Mapping[str, int]
    of_pair: tuple[int, ...]


def folds_over_events(pairs: Sequence[LabelledPair], event: Mapping[str, str], count: int = FOLDS) -> Folds:
    """Part `pairs` into `count` folds, the groups with most pairs first, each into the emptiest fold.

    `event` gives the event of an article where it is known. Events without a labelled pair are given a fold too, so
    that every article of a set with events is judged in just one.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for key in sorted(set(event.values())):
        root(key)
    for pair in pairs:
        a, b = root(event.get(pair.a, pair.a)), root(event.get(pair.b, pair.b))
        loose = pair.a in event and pair.b in event and not pair.duplicate and "same_event" not in pair.relation
        if not loose:
            parent[max(a, b)] = min(a, b)
    homes = [root(event.get(pair.a, pair.a)) for pair in pairs]
    sizes = collections.Counter(dict.fromkeys(map(root, list(parent)), 0))
    sizes.update(homes)
    filled, fold = [0] * count, {}
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold[group] = filled.index(min(filled))
        filled[fold[group]] += size
    return Folds(count, {key: fold[root(key)] for key in list(parent)}, tuple(fold[home] for home in homes))


def trained_on(pairs: Sequence[LabelledPair], event: Mapping[str, str], folds: Folds, k: int) -> list[bool]:
    """Return for each pair whether the model of fold `k` learns from it: it shares no article with a scored pair.

    Nor does it learn from a loose pair that reaches into an event of the fold.
    """
    scored = [pair for pair, fold in zip(pairs, folds.of_pair, strict=True) if fold == k]
    held = {article for pair in scored for article in (pair.a, pair.b)}
    inside = {key for key, fold in folds.of_key.items() if fold == k}
    return [
        fold != k and not held & {pair.a, pair.b} and not inside & {event.get(pair.a), event.get(pair.b)}
        for pair, fold in zip(pairs, folds.of_pair, strict=True)
    ]
