"""What a method made of the labelled pairs: all counting of the benchmarks stands here, and nothing else does.

Two articles count as called duplicates when they ended in one story.
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

DRAWS = 2000  # bootstrap samples; the ends of the interval then move by about .001 from seed to seed
SEED = 0


@dataclass(frozen=True)
class LabelledPair:
    """Two articles and what the label says of them; `relation` may name two classes as `x|y`."""

    a: str
    b: str
    duplicate: bool
    relation: str
    set: str


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines, an object a line."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_pairs(path: Path) -> tuple[LabelledPair, ...]:
    """Read labelled pairs: `a`, `b`, `duplicate`, `relation`, `set`."""
    return tuple(LabelledPair(**row) for row in read_rows(path))


@dataclass(frozen=True)
class Count:
    """How many of how many."""

    part: int
    whole: int

    @property
    def share(self) -> float:
        """Return part / whole, 0 to 1; 0 of 0 is 1, since nothing is missing."""
        return self.part / self.whole if self.whole else 1.0

    def __str__(self) -> str:
        return f"{self.part} of {self.whole}"


@dataclass(frozen=True)
class Figures:
    """The labelled pairs and, for each, whether the method put both articles into one story."""

    pairs: Sequence[LabelledPair]
    called: Sequence[bool]

    @cached_property
    def _outcomes(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return np.array([pair.duplicate for pair in self.pairs], dtype=bool), np.array(self.called, dtype=bool)

    @property
    def precision(self) -> float:
        """Return the share of duplicates among the pairs called duplicates; 1 where none was called."""
        duplicate, called = self._outcomes
        return Count(int((duplicate & called).sum()), int(called.sum())).share

    @property
    def recall(self) -> float:
        """Return the share of the duplicates that were called duplicates; 1 where there is none."""
        return self.duplicates.share

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall, 0 to 1."""
        duplicate, called = self._outcomes
        return Count(2 * int((duplicate & called).sum()), int(duplicate.sum() + called.sum())).share

    @property
    def f1_interval(self) -> tuple[float, float]:
        """Return the 95 % bootstrap interval of F1: the pairs drawn anew `DRAWS` times, percentiles 2.5 and 97.5.

        Pairs of one event are drawn as if they were independent, so the interval is somewhat too narrow.
        """
        duplicate, called = self._outcomes
        at = np.random.default_rng(SEED).integers(len(duplicate), size=(DRAWS, len(duplicate)))
        hits = (duplicate & called)[at].sum(axis=1)
        f1 = 2 * hits / np.maximum(1, duplicate[at].sum(axis=1) + called[at].sum(axis=1))
        low, high = np.percentile(f1, [2.5, 97.5])
        return float(low), float(high)

    @property
    def wrong(self) -> Count:
        """Return the wrong merges, of all pairs that are no duplicates."""
        duplicate, called = self._outcomes
        return Count(int((called & ~duplicate).sum()), int((~duplicate).sum()))

    @property
    def duplicates(self) -> Count:
        """Return the duplicates that were called so, of all."""
        duplicate, called = self._outcomes
        return Count(int((duplicate & called).sum()), int(duplicate.sum()))

    def merged(self, relation: str) -> Count:
        """Return how many pairs of just this label ended in one story."""
        called = [done for pair, done in zip(self.pairs, self.called, strict=True) if pair.relation == relation]
        return Count(sum(called), len(called))

    def of_set(self, name: str) -> Figures:
        """Return the figures of one set."""
        both = [(pair, done) for pair, done in zip(self.pairs, self.called, strict=True) if pair.set == name]
        return Figures([pair for pair, _ in both], [done for _, done in both])


@dataclass(frozen=True)
class Purity:
    """How far stories keep to one event: the sum of the articles' B-cubed precisions, and the stories that do not."""

    total: float
    articles: int
    mixed: Mapping[Hashable, Mapping[str, int]]
    """The stories with articles of several events: how many of each."""

    @property
    def precision(self) -> float:
        """Return the B-cubed precision, 0 to 1; 1 where there is no article."""
        return self.total / self.articles if self.articles else 1.0

    def __add__(self, other: Purity) -> Purity:
        """Pool two: the mean is then over the articles of both."""
        return Purity(self.total + other.total, self.articles + other.articles, {**self.mixed, **other.mixed})


def bcubed(articles: Iterable[str], story: Mapping[str, Hashable], event: Mapping[str, str]) -> Purity:
    """Return the B-cubed precision over events of `articles`, each judged by the whole of its story.

    The precision of one article is the share of its story's articles that are of its event, itself among them (Bagga
    and Baldwin 1998). Only articles with an event count.
    """
    of_story: dict[Hashable, Counter[str]] = {}
    for article, key in event.items():
        of_story.setdefault(story[article], Counter())[key] += 1
    total, count, mixed = 0.0, 0, {}
    for article in articles:
        events = of_story[story[article]]
        total, count = total + events[event[article]] / events.total(), count + 1
        if len(events) > 1:
            mixed[story[article]] = events
    return Purity(total, count, mixed)


def relation_fits(found: str, label: str) -> bool:
    """Tell whether the relation found is the labelled one; `identical` counts as `reprint`, `x|y` accepts either."""
    return found.replace("identical", "reprint") in label.replace("identical", "reprint").split("|")
