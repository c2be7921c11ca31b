"""What an update starts from: articles that were matched before, with what matching needs to know of them.

`EmptyCorpus` holds nothing, so that a plain run is an update like any other; a store implements the same protocol.
Articles have a number, which stays, and a slot, which changes whenever the report does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Floats, Hashes, Ints, Pairs, Ragged
from newsdedup.clean import RecurringLines
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Article, Report

ARTICLE_DTYPE = np.dtype(
    [
        ("content_hash", "<u8", 2), ("text_key", "<u8", 2), ("loaded_id", "<u8"), ("article_id", "<u8"),
        ("version_of", "<u8"), ("outlet", "<u8"), ("word_count", "<i4"), ("shingle_count", "<i4"), ("has_title", "?"),
    ]
)  # fmt: skip
"""The columns of an article: its content hash, its text key (equal for identical reports), the hashes of the id it was
loaded with, of its id, of the id it is a version of and of its outlet (0: none), the number of words of its report, the
number of its sampled shingles, and whether its title has words."""


@dataclass(frozen=True)
class ArticleColumns:
    """Columns over all articles of a corpus, by ascending number. `rows` (n,) have ARTICLE_DTYPE."""

    numbers: Ints
    slots: Ints
    stories: Ints
    rows: NDArray[Any]

    def __len__(self) -> int:
        return len(self.numbers)

    def indices_of(self, numbers: Ints) -> Ints:
        """Return the indices of articles, which must all be present."""
        return np.searchsorted(self.numbers, numbers)


class ArticleName(NamedTuple):
    """The id of an article, and the file and record it came from."""

    article_id: str
    path: str
    record: int
    version_of: str | None


class StoredPairs(NamedTuple):
    """All scored pairs of slots, shape (n, 2), and their probabilities (n,)."""

    pairs: Pairs
    probabilities: Floats


@dataclass(frozen=True)
class OutletTables:
    """The boilerplate of outlets, and a digest of what it was computed from; both by outlet hash."""

    signatures: Mapping[int, bytes] = field(default_factory=dict)
    tables: Mapping[int, RecurringLines] = field(default_factory=dict)


class Corpus(Protocol):
    """Articles that were matched before. Reading it changes nothing."""

    @property
    def min_probability(self) -> float | None:
        """The probability from which pairs were merged; None if nothing was matched yet."""

    @property
    def next_slot(self) -> int:
        """The first slot that was never used."""

    def load_columns(self) -> ArticleColumns:
        """Return the columns over all articles."""

    def load_names(self, numbers: Iterable[int]) -> dict[int, ArticleName]:
        """Return the names of articles by number."""

    def load_articles(self, slots: Ints) -> list[Article]:
        """Return the articles of slots as they were loaded, in the order of the slots."""

    def load_reports(self, slots: Sequence[int]) -> Iterator[tuple[int, Report]]:
        """Yield the slots, in ascending order, and the reports in them. Their articles have their current ids."""

    def load_line_keys(self, slots: Ints) -> Ragged:
        """Return the keys of the lines of the articles in the slots."""

    def load_outlet_tables(self, outlets: Iterable[int]) -> OutletTables:
        """Return the boilerplate of outlets, given by hash."""

    def load_pairs(self) -> StoredPairs:
        """Return all scored pairs."""

    def load_pair_scores(self, slots: Ints) -> PairScores:
        """Return the scores of the pairs whose first slot is given."""

    def shingle_ranges(self) -> list[tuple[int, int]]:
        """Return ranges of shingles, from 0 to the last, each small enough to be looked up at a time."""

    def find_postings(self, shingles: Hashes, low: int, high: int) -> Hashes:
        """Return the postings, unordered, of the `shingles` (sorted, unique) from `low` to below `high`."""


class EmptyCorpus:
    """No articles at all: what a plain run starts from."""

    min_probability = None
    next_slot = 0

    def load_columns(self) -> ArticleColumns:
        """Return columns without rows."""
        no_numbers = np.empty(0, dtype=np.int64)
        return ArticleColumns(no_numbers, no_numbers, no_numbers, np.empty(0, dtype=ARTICLE_DTYPE))

    def load_names(self, numbers: Iterable[int]) -> dict[int, ArticleName]:  # noqa: ARG002
        """Return nothing."""
        return {}

    def load_articles(self, slots: Ints) -> list[Article]:  # noqa: ARG002
        """Return nothing."""
        return []

    def load_reports(self, slots: Sequence[int]) -> Iterator[tuple[int, Report]]:  # noqa: ARG002
        """Return nothing."""
        return iter(())

    def load_line_keys(self, slots: Ints) -> Ragged:  # noqa: ARG002
        """Return no rows."""
        return Ragged(np.empty(0, dtype=np.uint64), np.zeros(1, dtype=np.int64))

    def load_outlet_tables(self, outlets: Iterable[int]) -> OutletTables:  # noqa: ARG002
        """Return nothing."""
        return OutletTables()

    def load_pairs(self) -> StoredPairs:
        """Return no pairs."""
        return StoredPairs(np.empty((0, 2), dtype=np.int64), np.empty(0))

    def load_pair_scores(self, slots: Ints) -> PairScores:  # noqa: ARG002
        """Return no scores."""
        return PairScores.concat(())

    def shingle_ranges(self) -> list[tuple[int, int]]:
        """Return no ranges."""
        return []

    def find_postings(self, shingles: Hashes, low: int, high: int) -> Hashes:  # noqa: ARG002
        """Return no postings."""
        return np.empty(0, dtype=np.uint64)
