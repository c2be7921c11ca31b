"""Boilerplate of an outlet: lines that recur in several unlike articles of the same outlet.

Pages with the same article (the same title, or mostly the same sentences) count once, because a reprint repeats the
report and not only the page template. The pages are compared in a content-based order, so the order of input does not
matter.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import numpy as np

from newsdedup import text, thresholds
from newsdedup.arrays import Flags, Hashes, Ints, is_in, run_starts_and_sizes
from newsdedup.markup import to_plain_text
from newsdedup.models import Article


def line_key(line: str) -> bytes:
    """Return an 8-byte key of the line's normalised words."""
    return hashlib.blake2b(text.normalise_text([line]).encode("utf-8", "surrogatepass"), digest_size=8).digest()


@dataclass(frozen=True)
class RecurringLines:
    """The recurring lines of outlets, by (outlet, `line_key`).

    `article_counts`: in how many unlike articles the line occurs. `word_counts`: the lengths in words that the
    recurring lines of an outlet have. `lookup_keys`: the line's length in words and its key in `coarse_line_keys`.
    """

    article_counts: Mapping[tuple[str, bytes], int] = field(default_factory=dict)
    word_counts: Mapping[str, AbstractSet[int]] = field(default_factory=dict)
    lookup_keys: Mapping[tuple[str, bytes], tuple[int, int]] = field(default_factory=dict)

    def contains(self, outlet: str, line: str, word_count: int) -> bool:
        """Return whether `line`, which has `word_count` words, is boilerplate of `outlet`."""
        return word_count in self.word_counts.get(outlet, ()) and (outlet, line_key(line)) in self.article_counts


NO_RECURRING_LINES = RecurringLines()


def coarse_line_keys(article: Article) -> Hashes:
    """Return the sorted 64-bit keys of the distinct lines of `article`, uint64; empty if it has no outlet.

    A key depends on the outlet and the line. Lines with the same normalised words have the same key; other lines rarely
    do. The keys are the same on every platform.
    """
    outlet = article.outlet
    if outlet is None:
        return np.empty(0, np.uint64)
    lines = {line for block in text.split_blocks(to_plain_text(article.text)) for line in block}
    return np.array(sorted({_coarse_key(outlet, line) for line in lines}), np.uint64)


def _coarse_key(outlet: str, line: str) -> int:
    """Return the key of a line's normalised words, or only of their letters and digits if the line is ASCII."""
    normalised = text.replace_typographic_marks(line)
    if not normalised.isascii():
        normalised = text.normalise_text([line])
    encoded = normalised.encode("utf-8", "surrogatepass")
    if normalised.isascii():
        encoded = encoded.lower().translate(None, _NON_ALNUM)
    encoded_outlet = outlet.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(encoded_outlet + b"\0" + encoded, digest_size=8).digest(), "little")


_NON_ALNUM = bytes(code for code in range(128) if not chr(code).isalnum())


def find_recurring_keys(keys: Hashes, line_counts: Ints, outlets: Ints) -> Hashes:
    """Return the sorted keys that occur in enough articles of their outlet to be recurring lines.

    `keys` are the concatenated `coarse_line_keys` of all articles that the outlets published. `line_counts` (the number
    of keys of an article, possibly 0) and `outlets` (the index of its outlet, from 0) have the shape (articles,).
    """
    sorted_keys = np.sort(keys)
    starts, counts = run_starts_and_sizes(sorted_keys)
    is_frequent = counts >= thresholds.RECURRING_LINE_MIN_ARTICLES
    frequent, counts = sorted_keys[starts[is_frequent]], counts[is_frequent]
    outlet_of_key = np.zeros(len(frequent), np.int64)
    positions = np.flatnonzero(is_in(keys, frequent))
    outlet_of_key[np.searchsorted(frequent, keys[positions])] = np.repeat(outlets, line_counts)[positions]
    is_recurring: Flags = counts >= np.maximum(
        thresholds.RECURRING_LINE_MIN_ARTICLES,
        np.ceil(thresholds.RECURRING_LINE_MIN_SHARE * np.bincount(outlets)[outlet_of_key]),
    )
    return frequent[is_recurring]


def select_carriers(keys: Hashes, line_counts: Ints, outlets: Ints, has_title: Flags, recurring: Hashes) -> Ints:
    """Return the indices of the articles that `build_recurring_lines` needs, the carriers.

    These are the first RECURRING_LINE_MAX_CARRIERS articles with each recurring key. The arrays are those of
    `find_recurring_keys`; `has_title` says whether an article's title has words. The substitute for a missing title
    depends on all lines of the outlet, so if a small outlet has a carrier without a title, all its articles are needed.
    """
    article_of_key = np.repeat(np.arange(len(line_counts)), line_counts)
    positions = np.flatnonzero(is_in(keys, recurring))
    positions = positions[np.argsort(keys[positions], kind="stable")]
    rank = np.arange(len(positions)) - np.repeat(*run_starts_and_sizes(keys[positions]))
    is_carrier = np.zeros(len(line_counts), np.bool_)
    is_carrier[article_of_key[positions[rank < thresholds.RECURRING_LINE_MAX_CARRIERS]]] = True
    in_small_outlet = np.bincount(outlets)[outlets] <= thresholds.RECURRING_LINE_MAX_CARRIERS
    is_carrier |= in_small_outlet & np.isin(outlets, outlets[is_carrier & ~has_title])
    return np.flatnonzero(is_carrier)


def build_recurring_lines(
    articles: Iterable[Article], published: Mapping[str, int], recurring: AbstractSet[int]
) -> RecurringLines:
    """Return the lines with `recurring` keys that occur in enough unlike articles of their outlet.

    `articles` are the carriers (see `select_carriers`). `published` is how many articles each outlet published,
    including those that are not carriers.
    """
    pages = [_read_page(article) for article in articles]
    frequency = Counter((page.outlet, key) for page in pages for key in page.lines)
    carriers: dict[tuple[str, bytes], list[_Page]] = {}
    for page in pages:
        min_unlike = min_unlike_articles(published[page.outlet])
        titled = page if page.title_words else replace(page, title_words=_find_distinctive_words(page, frequency))
        for key in page.lines:
            if frequency[page.outlet, key] >= min_unlike:
                carriers.setdefault((page.outlet, key), []).append(titled)
    article_counts = {}
    word_counts: dict[str, set[int]] = {}
    lookup_keys = {}
    for (outlet, key), pages_with_line in carriers.items():
        line = pages_with_line[0].lines[key]
        if (coarse_key := _coarse_key(outlet, line)) not in recurring:
            continue
        min_unlike = min_unlike_articles(published[outlet])
        count = _count_unlike(pages_with_line[: thresholds.RECURRING_LINE_MAX_CARRIERS], key, min_unlike)
        if count >= min_unlike:
            article_counts[outlet, key] = count
            word_count = len(text.split_words(line))
            lookup_keys[outlet, key] = word_count, coarse_key
            word_counts.setdefault(outlet, set()).add(word_count)
    return RecurringLines(article_counts, word_counts, lookup_keys)


def min_unlike_articles(published: int) -> int:
    """Return how many unlike articles a line must occur in to recur, for an outlet with `published` articles."""
    required = max(thresholds.RECURRING_LINE_MIN_ARTICLES, math.ceil(thresholds.RECURRING_LINE_MIN_SHARE * published))
    return min(required, thresholds.RECURRING_LINE_MAX_REQUIRED)


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines of a page by `line_key`, the words of its title, and the length in words of each full sentence."""

    outlet: str
    title_words: frozenset[str]
    lines: Mapping[bytes, str]
    sentence_lengths: Mapping[bytes, int]


def _read_page(article: Article) -> _Page:
    lines = {line_key(line): line for block in text.split_blocks(to_plain_text(article.text)) for line in block}
    lengths = {key: len(text.split_words(line)) for key, line in lines.items() if text.ends_sentence(line)}
    return _Page(
        outlet=article.outlet or "",
        title_words=frozenset(text.split_words(to_plain_text(article.title or ""))),
        lines=lines,
        sentence_lengths={key: length for key, length in lengths.items() if length >= thresholds.FULL_SENTENCE_WORDS},
    )


def _find_distinctive_words(page: _Page, frequency: Mapping[tuple[str, bytes], int]) -> frozenset[str]:
    """Return the words of the page's least frequent line, of several the longest: a substitute for a missing title."""
    candidates = ((frequency[page.outlet, key], -len(line), key) for key, line in page.lines.items())
    *_, key = min(candidates, default=(b"",))
    return frozenset(text.split_words(page.lines.get(key, "")))


def _count_unlike(pages: Sequence[_Page], line: bytes, limit: int) -> int:
    """Return how many unlike articles are among `pages`, up to `limit`: greedily, in a content-based order."""
    unlike: list[_Page] = []
    for page in sorted(pages, key=lambda candidate: (sorted(candidate.title_words), sorted(candidate.lines))):
        if not any(_is_same_article(page, counted, line) for counted in unlike):
            unlike.append(page)
            if len(unlike) == limit:
                break
    return len(unlike)


def _is_same_article(a: _Page, b: _Page, line: bytes) -> bool:
    """Return whether two carriers of `line` are one article: they share half of their title words or of their text.

    Pages with identical lines but unrelated titles are not reprints: a robot check, a subscription form.
    """
    shared_title_words = len(a.title_words & b.title_words)
    if shared_title_words >= thresholds.SAME_ARTICLE_TITLE_JACCARD * len(a.title_words | b.title_words):
        return True
    if a.lines.keys() == b.lines.keys():
        return shared_title_words > thresholds.UNRELATED_TITLE_JACCARD * len(a.title_words | b.title_words)
    lengths = {**a.sentence_lengths, **b.sentence_lengths}
    lengths.pop(line, None)
    all_words = sum(lengths.values())
    shared_words = sum(lengths.get(key, 0) for key in a.sentence_lengths.keys() & b.sentence_lengths.keys())
    return shared_words > thresholds.SAME_ARTICLE_MIN_TEXT_SHARE * all_words
