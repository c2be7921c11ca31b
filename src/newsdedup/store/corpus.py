"""A store as the corpus of an update: what `engine.corpus.Corpus` asks for, read from its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from newsdedup.arrays import Hashes, Ints, Ragged
from newsdedup.clean import RecurringLines
from newsdedup.engine.corpus import ArticleColumns, ArticleName, OutletTables, StoredPairs
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Article, Direction, Relation, Report, Score
from newsdedup.store import codec, columns, shingle_index
from newsdedup.store.database import execute_in, get_meta, to_sqlite_int


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
        values = chain.from_iterable(self._db.execute("SELECT article, slot, story FROM articles"))
        table = np.fromiter(values, dtype=np.int64).reshape(-1, 3)
        numbers, slots, stories = table[np.argsort(table[:, 0])].T
        return ArticleColumns(numbers, slots, stories, columns.load_rows(self._db, slots))

    def load_names(self, numbers: Iterable[int]) -> dict[int, ArticleName]:
        """Return the names of articles by number."""
        statement = "SELECT article, article_id, path, record, version_of FROM articles WHERE article IN"
        return {row[0]: ArticleName(*row[1:]) for row in execute_in(self._db, statement, numbers)}

    def load_articles(self, slots: Ints) -> list[Article]:
        """Return the articles of slots as they were loaded, in the order of the slots."""
        records = dict(execute_in(self._db, "SELECT slot, record FROM texts WHERE slot IN", slots))
        return [codec.unpack_article(records[slot]) for slot in slots.tolist()]

    def load_reports(self, slots: Sequence[int]) -> Iterator[tuple[int, Report]]:
        """Yield the slots, in ascending order, and the reports in them. Their articles have their current ids."""
        joined = "articles JOIN texts USING (slot)"
        statement = f"SELECT slot, article_id, version_of, texts.record FROM {joined} WHERE slot IN"
        for slot, article_id, version_of, record in sorted(execute_in(self._db, statement, slots)):
            yield slot, codec.unpack_report(record, article_id, version_of)

    def load_line_keys(self, slots: Ints) -> Ragged:
        """Return the keys of the lines of the articles in the slots."""
        return columns.load_lines(self._db, slots)

    def load_outlet_tables(self, outlets: Iterable[int]) -> OutletTables:
        """Return the boilerplate of outlets, given by hash."""
        signatures, tables = {}, {}
        for outlet in outlets:
            outlet_key = to_sqlite_int(outlet)
            row = self._db.execute("SELECT signature FROM outlets WHERE outlet = ?", (outlet_key,)).fetchone()
            if row is not None:
                signatures[outlet], tables[outlet] = row[0], self._load_recurring_lines(outlet_key)
        return OutletTables(signatures, tables)

    def _load_recurring_lines(self, outlet_key: int) -> RecurringLines:
        article_counts: dict[tuple[str, bytes], int] = {}
        word_counts: dict[str, set[int]] = {}
        lookup_keys: dict[tuple[str, bytes], tuple[int, int]] = {}
        statement = "SELECT line, name, articles, words, coarse FROM boilerplate WHERE outlet = ?"
        for line, name, articles, words, coarse in self._db.execute(statement, (outlet_key,)):
            article_counts[name, line] = articles
            word_counts.setdefault(name, set()).add(words)
            lookup_keys[name, line] = words, int.from_bytes(coarse, "little")
        return RecurringLines(article_counts, word_counts, lookup_keys)

    def load_pairs(self) -> StoredPairs:
        """Return all scored pairs."""
        values = chain.from_iterable(self._db.execute("SELECT i, j, probability FROM pairs"))
        rows = np.fromiter(values, dtype=np.float64).reshape(-1, 3)
        return StoredPairs(rows[:, :2].astype(np.int64), rows[:, 2])

    def load_pair_scores(self, slots: Ints) -> PairScores:
        """Return the scores of the pairs whose first slot is given."""
        columns_read = "i, j, template, probability, containment, similarity, relation, direction"
        rows = execute_in(self._db, f"SELECT {columns_read} FROM pairs WHERE i IN", slots)
        return PairScores.from_scores(
            np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2),
            [Score(row[3], row[4], row[5], Relation(row[6]), Direction(row[7])) for row in rows],
            np.array([row[2] for row in rows], dtype=bool),
        )

    def shingle_ranges(self) -> list[tuple[int, int]]:
        """Return ranges of shingles, from 0 to the last, each small enough to be looked up at a time."""
        return shingle_index.shingle_ranges(self._db)

    def find_postings(self, shingles: Hashes, low: int, high: int) -> Hashes:
        """Return the postings of those of the sorted, unique shingles that are from `low` to below `high`."""
        return shingle_index.find_postings(self._db, shingles, low, high)
