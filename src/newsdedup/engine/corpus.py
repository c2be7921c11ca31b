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

from newsdedup.arrays import Floats, Hashes, Ints, Pairs, Ragged, ragged_from_rows
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
    """Articles that were matched before. Reading it changes nothing. The bodies below are those of an empty corpus."""

    @property
    def min_probability(self) -> float | None:
        """The probability from which pairs were merged; None if nothing was matched yet."""
        return None

    @property
    def next_slot(self) -> int:
        """The first slot that was never used."""
        return 0

    def load_columns(self) -> ArticleColumns:
        """Return the columns over all articles."""
        no_numbers = np.empty(0, dtype=np.int64)
        return ArticleColumns(no_numbers, no_numbers, no_numbers, np.empty(0, dtype=ARTICLE_DTYPE))

    def load_names(self, numbers: Iterable[int]) -> dict[int, ArticleName]:  # noqa: ARG002
        """Return the names of articles by number."""
        return {}

    def load_articles(self, slots: Ints) -> list[Article]:  # noqa: ARG002
        """Return the articles of slots as they were loaded, in the order of the slots."""
        return []

    def load_reports(self, slots: Sequence[int]) -> Iterator[tuple[int, Report]]:  # noqa: ARG002
        """Yield the slots, in ascending order, and the reports in them. Their articles have their current ids."""
        return iter(())

    def load_line_keys(self, slots: Ints) -> Ragged:  # noqa: ARG002
        """Return the keys of the lines of the articles in the slots."""
        return ragged_from_rows([], np.uint64)

    def load_outlet_tables(self, outlets: Iterable[int]) -> OutletTables:  # noqa: ARG002
        """Return the boilerplate of outlets, given by hash."""
        return OutletTables()

    def load_pairs(self) -> StoredPairs:
        """Return all scored pairs."""
        return StoredPairs(np.empty((0, 2), dtype=np.int64), np.empty(0))

    def load_pair_scores(self, slots: Ints) -> PairScores:  # noqa: ARG002
        """Return the scores of the pairs whose first slot is given."""
        return PairScores.concat(())

    def shingle_ranges(self) -> list[tuple[int, int]]:
        """Return ranges of shingles, from 0 to the last, each small enough to be looked up at a time."""
        return []

    def find_postings(self, shingles: Hashes, low: int, high: int) -> Hashes:  # noqa: ARG002
        """Return the postings, unordered, of the `shingles` (sorted, unique) from `low` to below `high`."""
        return np.empty(0, dtype=np.uint64)


class EmptyCorpus(Corpus):
    """No articles at all: what a plain run starts from."""
