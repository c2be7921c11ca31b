"""Cross-validation folds over the labelled pairs, split by event: no article is in both training and test.

All pairs of an event are in one fold. Events connected by a labelled duplicate or a `same_event` pair form one group,
since they are one event under two keys. An article without an event is a group of its own, and labelled pairs join such
groups. Looser pairs across events (`related`, `different`) do not join them: 45 such pairs would put 569 of the 811
labelled pairs into a single fold. Such a pair is scored in the fold of its first article, and no pair that shares an
article with a scored pair is trained on (`select_training_pairs`).
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
    fold_of_key: Mapping[str, int]
    fold_of_pair: tuple[int, ...]


def split_by_event(pairs: Sequence[LabelledPair], event_of: Mapping[str, str], count: int = FOLDS) -> Folds:
    """Split `pairs` into `count` folds: groups with most pairs first, each into the smallest fold.

    `event_of` maps articles to events where known. Events without a labelled pair get a fold too, so that every
    article of a set with events is evaluated in exactly one.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for key in sorted(set(event_of.values())):
        root(key)
    for pair in pairs:
        a, b = root(event_of.get(pair.a, pair.a)), root(event_of.get(pair.b, pair.b))
        is_loose = (
            pair.a in event_of and pair.b in event_of and not pair.duplicate and "same_event" not in pair.relation
        )
        if not is_loose:
            parent[max(a, b)] = min(a, b)
    pair_groups = [root(event_of.get(pair.a, pair.a)) for pair in pairs]
    sizes = collections.Counter(dict.fromkeys(map(root, list(parent)), 0))
    sizes.update(pair_groups)
    fold_sizes, fold_of_group = [0] * count, {}
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold_of_group[group] = fold_sizes.index(min(fold_sizes))
        fold_sizes[fold_of_group[group]] += size
    return Folds(
        count,
        {key: fold_of_group[root(key)] for key in list(parent)},
        tuple(fold_of_group[group] for group in pair_groups),
    )


def select_training_pairs(
    pairs: Sequence[LabelledPair], event_of: Mapping[str, str], folds: Folds, k: int
) -> list[bool]:
    """Return for each pair whether the model of fold `k` is trained on it.

    It is not if it shares an article with a pair scored in the fold, or has an article of an event of the fold.
    """
    scored = [pair for pair, fold in zip(pairs, folds.fold_of_pair, strict=True) if fold == k]
    held_out = {article for pair in scored for article in (pair.a, pair.b)}
    fold_events = {key for key, fold in folds.fold_of_key.items() if fold == k}
    return [
        fold != k and not held_out & {pair.a, pair.b} and not fold_events & {event_of.get(pair.a), event_of.get(pair.b)}
        for pair, fold in zip(pairs, folds.fold_of_pair, strict=True)
    ]
