"""The articles of a store before and after an update, and what an update works with."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import argsort_hashes
from newsdedup.config import Config
from newsdedup.engine.executor import Progress, ScoringContext
from newsdedup.engine.intake import order_by_content
from newsdedup.engine.workspace import Spool, Workspace
from newsdedup.models import Article
from newsdedup.store.columns import ArticleColumns, find_duplicate_rows, load_article_columns
from newsdedup.store.database import ArticleName, get_meta, load_article_names
from newsdedup.store.report_cache import ReportCache

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class RunContext:
    """Settings and resources of a run."""

    config: Config
    workers: int
    scoring: ScoringContext
    workspace: Workspace
    progress: Progress


@dataclass(frozen=True)
class Constraints:
    """A person's decisions: pairs of article numbers, shape (n, 2), that must or must not be in one story."""

    must_link: Pairs
    cannot_link: Pairs

    def differing_articles(self, changed: Constraints) -> Ints:
        """Return the numbers of articles whose constraints differ between the two, sorted."""
        differences = [
            set(map(tuple, pairs_a.tolist())) ^ set(map(tuple, pairs_b.tolist()))
            for pairs_a, pairs_b in ((self.must_link, changed.must_link), (self.cannot_link, changed.cannot_link))
        ]
        return np.array(sorted({number for pairs in differences for pair in pairs for number in pair}), dtype=np.int64)


@dataclass(frozen=True)
class ArticleState:
    """Columns over all articles before and after an update: the stored ones, then the new ones.

    `numbers` are -1 for new articles; `content_rank` is the rank in content order. An article that gets a new
    report or id has two rows, one before and one after.
    """

    numbers: Ints
    slots: Ints
    rows: NDArray[np.void]
    content_rank: Ints
    before: Flags
    after: Flags

    @property
    def is_unused_slot(self) -> Flags:
        """Flags by slot: no article uses it after the update."""
        is_unused = np.ones(int(self.slots.max(initial=-1)) + 1, dtype=bool)
        is_unused[self.slots[self.after]] = False
        return is_unused


@dataclass(frozen=True)
class UpdateContext:
    """What an update works with: the stored articles, the constraints before and after, the run and its caches.

    With `rebuild` all stored articles are cleaned and matched again. Loaded articles are in `spool`, reports in
    `cache`.
    """

    db: sqlite3.Connection
    stored: ArticleColumns
    constraints: tuple[Constraints, Constraints]
    run: RunContext
    spool: Spool
    cache: ReportCache
    rebuild: bool

    @classmethod
    def create(
        cls,
        db: sqlite3.Connection,
        constraints: tuple[Constraints, Constraints],
        run: RunContext,
        *,
        rebuild: bool = False,
    ) -> Self:
        """Read the stored articles and return a context with empty caches."""
        cache = ReportCache(db, run.workspace.open_spool("reports"), run.scoring, run.workers)
        return cls(db, load_article_columns(db), constraints, run, run.workspace.open_spool("articles"), cache, rebuild)

    @property
    def threshold(self) -> float:
        """The lowest probability of an edge, 0 to 1."""
        return float(get_meta(self.db, "min_probability", self.run.config.min_probability))


def rank_by_content(
    db: sqlite3.Connection, stored: ArticleColumns, content_hashes: Hashes, articles: Sequence[Article]
) -> Ints:
    """Return the rank in content order of the stored articles followed by `articles`, whose hashes are given."""
    all_hashes = np.concatenate([stored.rows["content"].reshape(-1, 2), content_hashes])
    ambiguous = np.flatnonzero(find_duplicate_rows(all_hashes))
    stored_names = load_article_names(db, stored.numbers[ambiguous[ambiguous < len(stored)]])
    order_keys: dict[int, ArticleName | Article] = {
        index: stored_names[int(stored.numbers[index])] if index < len(stored) else articles[index - len(stored)]
        for index in ambiguous.tolist()
    }
    order = order_by_content(np.arange(len(all_hashes)), all_hashes, order_keys)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def first_with_text(state: ArticleState, flags: Flags, constraints: Constraints) -> Ints:
    """Return for each article the index of its first exact duplicate (or itself) in content order, -1 if not flagged.

    Articles with cannot-link constraints are duplicates only of articles with the same cannot-link constraints.
    """
    keys = text_keys(state.rows, state.numbers, constraints)
    indices = np.flatnonzero(flags)
    indices = indices[np.argsort(state.content_rank[indices])]
    order, is_first = argsort_hashes(keys[indices])
    indices = indices[order]
    first = np.full(len(flags), -1)
    first[indices] = indices[np.flatnonzero(is_first)][np.cumsum(is_first) - 1] if len(indices) else indices
    return first


def representatives(first: Ints) -> Ints:
    """Return the indices of articles that are the first with their text, given the result of `first_with_text`."""
    return np.flatnonzero(first == np.arange(len(first)))


def text_keys(rows: NDArray[np.void], numbers: Ints, constraints: Constraints) -> Hashes:
    """Return the text key of each article, shape (n, 2), made distinct where cannot-link constraints differ."""
    keys: Hashes = rows["text"].reshape(-1, 2).copy()
    cannot_link: dict[int, list[int]] = {}
    for article_a, article_b in constraints.cannot_link.tolist():
        cannot_link.setdefault(article_a, []).append(article_b)
        cannot_link.setdefault(article_b, []).append(article_a)
    for index in np.flatnonzero(np.isin(numbers, constraints.cannot_link)).tolist():
        digest = hashlib.blake2b(keys[index].tobytes(), digest_size=16)
        digest.update(repr(sorted(cannot_link[int(numbers[index])])).encode())
        keys[index] = np.frombuffer(digest.digest(), dtype="<u8")
    return keys
