"""Metrics over the labelled pairs: precision, recall, F1, counts of merges, B-cubed precision.

Two articles count as merged if they end in one story.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000  # bootstrap samples; the interval then varies by about .001 between seeds
SEED = 0


@dataclass(frozen=True)
class LabelledPair:
    """Two articles and their label; `relation` may name two classes as `x|y`."""

    a: str
    b: str
    duplicate: bool
    relation: str
    set: str


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_pairs(path: Path) -> tuple[LabelledPair, ...]:
    """Read labelled pairs: `a`, `b`, `duplicate`, `relation`, `set`."""
    return tuple(LabelledPair(**row) for row in read_rows(path))


@dataclass(frozen=True)
class Count:
    """A part of a total."""

    part: int
    total: int

    @property
    def share(self) -> float:
        """Return part / total, 0 to 1; 1 for 0 of 0, since nothing is missing."""
        return self.part / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.part} of {self.total}"


@dataclass(frozen=True)
class Figures:
    """The labelled pairs and, for each, whether the method merged both articles into one story."""

    pairs: Sequence[LabelledPair]
    merged: Sequence[bool]

    @cached_property
    def _outcomes(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return np.array([pair.duplicate for pair in self.pairs], dtype=bool), np.array(self.merged, dtype=bool)

    @property
    def precision(self) -> float:
        """Return the share of duplicates among the merged pairs; 1 if none was merged."""
        duplicate, merged = self._outcomes
        return Count(int((duplicate & merged).sum()), int(merged.sum())).share

    @property
    def recall(self) -> float:
        """Return the share of the duplicates that were merged; 1 if there are none."""
        return self.duplicates_merged.share

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall, 0 to 1."""
        duplicate, merged = self._outcomes
        return Count(2 * int((duplicate & merged).sum()), int(duplicate.sum() + merged.sum())).share

    @property
    def f1_interval(self) -> tuple[float, float]:
        """Return the 95 % bootstrap interval of F1: percentiles 2.5 and 97.5 over `DRAWS` samples of the pairs.

        Pairs of one event are drawn as if they were independent, so the interval is somewhat too narrow.
        """
        duplicate, merged = self._outcomes
        samples = np.random.default_rng(SEED).integers(len(duplicate), size=(DRAWS, len(duplicate)))
        hits = (duplicate & merged)[samples].sum(axis=1)
        f1 = 2 * hits / np.maximum(1, duplicate[samples].sum(axis=1) + merged[samples].sum(axis=1))
        low, high = np.percentile(f1, [2.5, 97.5])
        return float(low), float(high)

    @property
    def wrong_merges(self) -> Count:
        """Return the merged pairs, of all pairs that are not duplicates."""
        duplicate, merged = self._outcomes
        return Count(int((merged & ~duplicate).sum()), int((~duplicate).sum()))

    @property
    def duplicates_merged(self) -> Count:
        """Return the merged duplicates, of all duplicates."""
        duplicate, merged = self._outcomes
        return Count(int((duplicate & merged).sum()), int(duplicate.sum()))

    def count_merged(self, relation: str) -> Count:
        """Return the merged pairs, of all pairs with exactly this label."""
        outcomes = [
            is_merged for pair, is_merged in zip(self.pairs, self.merged, strict=True) if pair.relation == relation
        ]
        return Count(sum(outcomes), len(outcomes))

    def select_set(self, name: str) -> Figures:
        """Return the figures of one set."""
        selected = [
            (pair, is_merged) for pair, is_merged in zip(self.pairs, self.merged, strict=True) if pair.set == name
        ]
        return Figures([pair for pair, _ in selected], [is_merged for _, is_merged in selected])


@dataclass(frozen=True)
class Purity:
    """How pure stories are in events: the sum of the B-cubed precisions of articles, and the mixed stories."""

    total: float
    articles: int
    mixed: Mapping[Hashable, Mapping[str, int]]
    """Stories with articles of several events -> the number of articles of each event."""

    @property
    def precision(self) -> float:
        """Return the B-cubed precision, 0 to 1; 1 without articles."""
        return self.total / self.articles if self.articles else 1.0

    def __add__(self, other: Purity) -> Purity:
        """Pool two values: the mean is over the articles of both."""
        return Purity(self.total + other.total, self.articles + other.articles, {**self.mixed, **other.mixed})


def compute_bcubed(articles: Iterable[str], story_of: Mapping[str, Hashable], event_of: Mapping[str, str]) -> Purity:
    """Return the B-cubed precision of `articles` over events.

    The precision of an article is the share of the articles of its story, itself included, that are of its event (Bagga
    and Baldwin 1998). Only articles with an event count.
    """
    events_of_story: dict[Hashable, Counter[str]] = {}
    for article, event_name in event_of.items():
        events_of_story.setdefault(story_of[article], Counter())[event_name] += 1
    total, count, mixed = 0.0, 0, {}
    for article in articles:
        events = events_of_story[story_of[article]]
        total, count = total + events[event_of[article]] / events.total(), count + 1
        if len(events) > 1:
            mixed[story_of[article]] = events
    return Purity(total, count, mixed)


def is_relation_right(predicted: str, label: str) -> bool:
    """Return whether the predicted relation is the label; `identical` counts as `reprint`, `x|y` accepts both."""
    return predicted.replace("identical", "reprint") in label.replace("identical", "reprint").split("|")
