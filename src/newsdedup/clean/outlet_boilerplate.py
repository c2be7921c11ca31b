"""What an outlet prints on page after page: in how many unlike articles of one outlet a line recurs.

Counted over distinct articles, so that the order of input changes nothing; pages that repeat one article (same title,
or most of their lines the same) count once, since a reprint repeats its report and not only its frame.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from newsdedup import text
from newsdedup.arrays import among
from newsdedup.models import Article
from newsdedup.thresholds import (
    RECURS_ARTICLES,
    RECURS_CARRIERS,
    RECURS_SHARE,
    RECURS_UNLIKE,
    SAME_ARTICLE_TITLE,
    SOLID_WORDS,
    STRANGE_TITLE,
)


def line_key(line: str) -> bytes:
    """Return an 8-byte key of a line's normalised words."""
    return hashlib.blake2b(text.normalised([line]).encode("utf-8", "surrogatepass"), digest_size=8).digest()


@dataclass(frozen=True)
class LineTable:
    """For each (outlet, line) that recurs: in how many unlike articles; and how many words such lines may have.

    `found_by` holds the number of its words, and its key among the `line_keys`.
    """

    repeats: Mapping[tuple[str, bytes], int] = field(default_factory=dict)
    lengths: Mapping[str, AbstractSet[int]] = field(default_factory=dict)
    found_by: Mapping[tuple[str, bytes], tuple[int, int]] = field(default_factory=dict)

    def recurs(self, outlet: str, line: str, words: int) -> bool:
        """Tell whether `line`, of so many words, is part of the frame that `outlet` prints round its articles."""
        return words in self.lengths.get(outlet, ()) and (outlet, line_key(line)) in self.repeats


EMPTY_TABLE = LineTable()


def count_lines(articles: Iterable[Article]) -> LineTable:
    """Count the lines of `articles` per outlet. Articles of no known outlet teach nothing.

    Of a line in more than RECURS_CARRIERS articles of its outlet the first ones count, in the order given.
    """
    known = [article for article in articles if article.outlet is not None]
    each = [line_keys(article) for article in known]
    keys, lengths = np.concatenate([*each, _NO_KEYS]), np.array([len(own) for own in each], np.int64)
    published = Counter(str(article.outlet) for article in known)
    number = {outlet: i for i, outlet in enumerate(published)}
    outlets = np.array([number[str(article.outlet)] for article in known], np.int64)
    titled = np.array([bool(text.words(article.title or "")) for article in known], np.bool_)
    recurring = recurring_keys(keys, lengths, outlets)
    chosen = carriers(keys, lengths, outlets, titled, recurring)
    return table_of((known[i] for i in chosen.tolist()), published, frozenset(recurring.tolist()))


_NO_KEYS: NDArray[np.uint64] = np.empty(0, np.uint64)


def line_keys(article: Article) -> NDArray[np.uint64]:
    """Return a 64-bit key of each different (outlet, line) of `article`, uint64; none for one of no outlet.

    Lines of the same normalised words have the same key, others rarely one. The keys are the same on every platform.
    """
    outlet = article.outlet
    if outlet is None:
        return _NO_KEYS
    lines = {line for block in text.blocks(article.text) for line in block}
    return np.array(sorted({_coarse_key(outlet, line) for line in lines}), np.uint64)


def _coarse_key(outlet: str, line: str) -> int:
    """Return the key of a line's normalised words, or of their letters and digits alone where those are ASCII."""
    plain = text.with_plain_marks(line)
    if not plain.isascii():
        plain = text.normalised([line])
    code = plain.encode("utf-8", "surrogatepass")
    if plain.isascii():
        code = code.translate(_LOWER, _NO_LETTERS)
    whose = outlet.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(whose + b"\0" + code, digest_size=8).digest(), "little")


_LOWER = bytes(ord(chr(code).lower()) if code < 128 else code for code in range(256))
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())


def recurring_keys(
    keys: NDArray[np.uint64], lengths: NDArray[np.int64], outlets: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Return the keys, sorted, that stand in enough articles of their outlet for their lines to recur.

    `keys` are the `line_keys` of articles laid end to end, `lengths` how many each has, `outlets` the number of its
    outlet, from 0: both of shape (articles,), over all that the outlets published, those without a line too.
    """
    ranked = np.sort(keys)
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
    counts = np.diff(np.append(starts, len(ranked)))
    some = counts >= RECURS_ARTICLES
    found, counts = ranked[starts[some]], counts[some]
    owner = np.zeros(len(found), np.int64)
    at = np.flatnonzero(among(keys, found))
    owner[np.searchsorted(found, keys[at])] = np.repeat(outlets, lengths)[at]
    often: NDArray[np.bool_] = counts >= np.maximum(
        RECURS_ARTICLES, np.ceil(RECURS_SHARE * np.bincount(outlets)[owner])
    )
    return found[often]


def carriers(
    keys: NDArray[np.uint64],
    lengths: NDArray[np.int64],
    outlets: NDArray[np.int64],
    titled: NDArray[np.bool_],
    recurring: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """Return the places of the articles that `table_of` needs: of each recurring key the first RECURS_CARRIERS.

    The arrays are those of `recurring_keys`; `titled` says of each article whether its title has words. What stands for
    a missing title hangs on all lines of an outlet, so of a small one with such a carrier all articles are needed.
    """
    article = np.repeat(np.arange(len(lengths)), lengths)
    at = np.flatnonzero(among(keys, recurring))
    at = at[np.argsort(keys[at], kind="stable")]
    chosen = np.zeros(len(lengths), np.bool_)
    if len(at):
        starts = np.flatnonzero(np.append(True, keys[at][1:] != keys[at][:-1]))
        rank = np.arange(len(at)) - np.repeat(starts, np.diff(np.append(starts, len(at))))
        chosen[article[at[rank < RECURS_CARRIERS]]] = True
        small = np.bincount(outlets)[outlets] <= RECURS_CARRIERS
        chosen |= small & np.isin(outlets, outlets[chosen & ~titled])
    return np.flatnonzero(chosen)


def table_of(articles: Iterable[Article], published: Mapping[str, int], recurring: AbstractSet[int]) -> LineTable:
    """Return the table of the lines with `recurring` keys that unlike ones of `articles` share, the `carriers`.

    `published` is how many articles each outlet published, those that are no carriers included.
    """
    pages = [_page(article) for article in articles]
    often = Counter((page.outlet, key) for page in pages for key in page.lines)
    found: dict[tuple[str, bytes], list[_Page]] = {}
    told: set[tuple[str, bytes]] = set()
    for page in pages:
        needed = needed_of(published[page.outlet])
        about = page.about or _own_words(page, often)
        for key, line in page.lines.items():
            where = page.outlet, key
            if often[where] < needed:
                continue
            if where not in told:
                told.add(where)
                if _coarse_key(page.outlet, line) in recurring:
                    found[where] = []
            if where in found and len(found[where]) < RECURS_CARRIERS:
                found[where].append(replace(page, about=about))
    repeats = {}
    lengths: dict[str, set[int]] = {}
    found_by = {}
    for where, pages_with in found.items():
        needed = needed_of(published[where[0]])
        if (count := _unlike(pages_with, where[1], needed)) >= needed:
            repeats[where] = count
            line = pages_with[0].lines[where[1]]
            found_by[where] = len(text.words(line)), _coarse_key(where[0], line)
            lengths.setdefault(where[0], set()).add(found_by[where][0])
    return LineTable(repeats, lengths, found_by)


def needed_of(published: int) -> int:
    """Return how many unlike articles must print a line of an outlet that published so many."""
    return min(max(RECURS_ARTICLES, math.ceil(RECURS_SHARE * published)), RECURS_UNLIKE)


@dataclass(frozen=True, slots=True)
class _Page:
    """What is asked of a page: the words of its title, its lines, and how many words each full sentence has."""

    outlet: str
    about: frozenset[str]
    lines: Mapping[bytes, str]
    solid: Mapping[bytes, int]


def _page(article: Article) -> _Page:
    lines = {line_key(line): line for block in text.blocks(article.text) for line in block}
    lengths = {key: len(text.words(line)) for key, line in lines.items() if text.ends_sentence(line)}
    return _Page(
        outlet=article.outlet or "",
        about=frozenset(text.words(article.title or "")),
        lines=lines,
        solid={key: length for key, length in lengths.items() if length >= SOLID_WORDS},
    )


def _own_words(page: _Page, often: Mapping[tuple[str, bytes], int]) -> frozenset[str]:
    """Return the words of the longest of a page's lines that fewest others have: what stands for a missing title."""
    key = min(page.lines, key=lambda each: (often[page.outlet, each], -len(page.lines[each]), each), default=None)
    return frozenset(text.words(page.lines[key])) if key is not None else frozenset()


def _unlike(found: Sequence[_Page], line: bytes, needed: int) -> int:
    """Return how many unlike articles are among `found`: greedy over a content-based order, up to what is needed."""
    kept: list[_Page] = []
    for page in sorted(found, key=lambda each: (sorted(each.about), sorted(each.lines))):
        if not any(_alike(page, other, line) for other in kept):
            kept.append(page)
            if len(kept) == needed:
                break
    return len(kept)


def _alike(a: _Page, b: _Page, line: bytes) -> bool:
    """Tell whether two carriers of `line` are one article: titles that share half of their words, or text that does.

    Pages that are alike to the last line but for titles with nothing in common are no reprints: a robot check, a
    subscription form.
    """
    shared = len(a.about & b.about)
    if shared >= SAME_ARTICLE_TITLE * len(a.about | b.about):
        return True
    if a.lines.keys() == b.lines.keys():
        return shared > STRANGE_TITLE * len(a.about | b.about)
    both = sum(length for key, length in a.solid.items() if key in b.solid and key != line)
    either = sum(length for key, length in {**a.solid, **b.solid}.items() if key != line)
    return both > 0.5 * either
