"""The articles of a corpus before and after an update, and what an update works with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Hashes, Ints, Pairs, argsort_hashes, invert_permutation, is_in
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import ArticleColumns, ArticleName, Corpus
from newsdedup.engine.report_cache import ReportCache
from newsdedup.engine.workspace import Spool
from newsdedup.models import Article


@dataclass(frozen=True)
class Constraints:
    """A person's decisions: pairs of article numbers, shape (n, 2), that must or must not be in one story."""

    must_link: Pairs = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    cannot_link: Pairs = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))

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
    report or id has two rows, one before and one after. `constraints` are those before and after.
    """

    numbers: Ints
    slots: Ints
    rows: NDArray[Any]
    content_rank: Ints
    before: Flags
    after: Flags
    constraints: tuple[Constraints, Constraints]

    @cached_property
    def first_before(self) -> Ints:
        """The first exact duplicate of each article before the update (`first_with_text`)."""
        return first_with_text(self, self.before, self.constraints[0])

    @cached_property
    def first_after(self) -> Ints:
        """The first exact duplicate of each article after the update (`first_with_text`)."""
        return first_with_text(self, self.after, self.constraints[1])

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

    corpus: Corpus
    stored: ArticleColumns
    constraints: tuple[Constraints, Constraints]
    run: RunContext
    spool: Spool
    cache: ReportCache
    rebuild: bool

    @classmethod
    def create(
        cls, corpus: Corpus, constraints: tuple[Constraints, Constraints], run: RunContext, *, rebuild: bool = False
    ) -> Self:
        """Read the columns of the corpus and return a context with empty caches."""
        spool = run.workspace.open_spool("articles")
        return cls(corpus, corpus.load_columns(), constraints, run, spool, ReportCache(corpus, run), rebuild)

    @property
    def threshold(self) -> float:
        """The lowest probability of an edge, 0 to 1."""
        stored = self.corpus.min_probability
        return self.run.config.min_probability if stored is None else stored


_article_key = attrgetter("article_id", "path", "record")


def order_by_content(
    indices: Ints, content_hashes: Hashes, articles: Sequence[Article] | Mapping[int, Article | ArticleName]
) -> Ints:
    """Return the indices ordered by content hash, and those with equal content by id, path and record.

    `articles` must contain those with equal content.
    """
    order, is_first = argsort_hashes(content_hashes[indices])
    order = indices[order]
    is_repeat = np.append(~is_first, False)
    starts, ends = np.flatnonzero(~is_repeat[:-1] & is_repeat[1:]), np.flatnonzero(is_repeat[:-1] & ~is_repeat[1:])
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        keys = {index: _article_key(articles[index]) for index in order[start : end + 1].tolist()}
        order[start : end + 1] = sorted(keys, key=keys.__getitem__)
    return order


def find_duplicate_rows(hashes: Hashes) -> Flags:
    """Return a mask of the 128-bit hashes, shape (n, 2), that occur more than once."""
    order, is_first = argsort_hashes(hashes)
    repeats = np.flatnonzero(~is_first)
    is_duplicate = np.zeros(len(hashes), dtype=bool)
    is_duplicate[order[repeats]] = is_duplicate[order[repeats - 1]] = True
    return is_duplicate


def rank_by_content(
    corpus: Corpus, stored: ArticleColumns, content_hashes: Hashes, articles: Sequence[Article]
) -> Ints:
    """Return the rank in content order of the stored articles followed by `articles`, which are in content order."""
    if not len(stored):
        return np.arange(len(content_hashes))
    all_hashes = np.concatenate([stored.rows["content_hash"].reshape(-1, 2), content_hashes])
    ambiguous = np.flatnonzero(find_duplicate_rows(all_hashes))
    stored_names = corpus.load_names(stored.numbers[ambiguous[ambiguous < len(stored)]].tolist())
    named: dict[int, Article | ArticleName] = {
        index: stored_names[int(stored.numbers[index])] if index < len(stored) else articles[index - len(stored)]
        for index in ambiguous.tolist()
    }
    return invert_permutation(order_by_content(np.arange(len(all_hashes)), all_hashes, named))


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


def text_keys(rows: NDArray[Any], numbers: Ints, constraints: Constraints) -> Hashes:
    """Return the text key of each article, shape (n, 2), made distinct where cannot-link constraints differ."""
    keys: Hashes = rows["text_key"].reshape(-1, 2).copy()
    cannot_link: dict[int, list[int]] = {}
    for article_a, article_b in constraints.cannot_link.tolist():
        cannot_link.setdefault(article_a, []).append(article_b)
        cannot_link.setdefault(article_b, []).append(article_a)
    for index in np.flatnonzero(is_in(numbers, constraints.cannot_link)).tolist():
        digest = hashlib.blake2b(keys[index].tobytes(), digest_size=16)
        digest.update(repr(sorted(cannot_link[int(numbers[index])])).encode())
        keys[index] = np.frombuffer(digest.digest(), dtype="<u8")
    return keys
