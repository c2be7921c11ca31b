"""A store as the corpus of an update: what `engine.corpus.Corpus` asks for, read from its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from newsdedup.arrays import Hashes, Ints, Ragged
from newsdedup.engine.corpus import ArticleColumns, ArticleName, OutletTables, StoredPairs
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Article, Report
from newsdedup.store import codec, columns, outlet_tables, pairs, shingle_index
from newsdedup.store.database import get_meta, load_article_names, select_in


class StoreCorpus:
    """The articles of a store. The database must not change while it is read."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @property
    def min_probability(self) -> float | None:
        """The probability from which pairs are merged; None in a new store."""
        value = get_meta(self._db, "min_probability")
        return None if value is None else float(value)

    @property
    def next_slot(self) -> int:
        """The first slot that was never used."""
        return int(get_meta(self._db, "next_slot", 0))

    def load_columns(self) -> ArticleColumns:
        """Return the columns over all articles."""
        return columns.load_article_columns(self._db)

    def load_names(self, numbers: Iterable[int]) -> dict[int, ArticleName]:
        """Return the names of articles by number."""
        return load_article_names(self._db, numbers)

    def load_articles(self, slots: Ints) -> list[Article]:
        """Return the articles of slots as they were loaded, in the order of the slots."""
        records = dict(select_in(self._db, "SELECT slot, record FROM texts WHERE slot IN", slots.tolist()))
        return [codec.unpack_article(records[slot]) for slot in slots.tolist()]

    def load_reports(self, slots: Sequence[int]) -> Iterator[tuple[int, Report]]:
        """Yield the slots, in ascending order, and the reports in them. Their articles have their current ids."""
        statement = (
            "SELECT slot, article_id, version_of, texts.record FROM articles JOIN texts USING (slot) WHERE slot IN"
        )
        for slot, article_id, version_of, record in sorted(select_in(self._db, statement, slots)):
            yield slot, codec.unpack_report(record, article_id, version_of)

    def load_line_keys(self, slots: Ints) -> Ragged:
        """Return the keys of the lines of the articles in the slots."""
        return columns.load_lines(self._db, slots)

    def load_outlet_tables(self, outlets: Iterable[int]) -> OutletTables:
        """Return the boilerplate of outlets, given by hash."""
        return outlet_tables.load_outlet_tables(self._db, outlets)

    def load_pairs(self) -> StoredPairs:
        """Return all scored pairs."""
        return pairs.load_pairs(self._db)

    def load_pair_scores(self, slots: Ints) -> PairScores:
        """Return the scores of the pairs whose first slot is given."""
        return pairs.load_pair_scores(self._db, slots)

    def shingle_ranges(self) -> list[tuple[int, int]]:
        """Return ranges of shingles, from 0 to the last, each small enough to be looked up at a time."""
        return shingle_index.shingle_ranges(self._db)

    def find_postings(self, shingles: Hashes, low: int, high: int) -> Hashes:
        """Return the postings of those of the sorted, unique shingles that are from `low` to below `high`."""
        return shingle_index.find_postings(self._db, shingles, low, high)
