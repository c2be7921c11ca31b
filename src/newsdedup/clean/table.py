"""What an outlet prints on page after page: in how many unlike articles of one outlet a line recurs.

Counted over distinct articles, so that the order of input changes nothing; pages that repeat one article (same title,
or most of their lines the same) count once, since a reprint repeats its report and not only its frame.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsdedup import text
from newsdedup.config import RECURS_ARTICLES, RECURS_SHARE, SAME_ARTICLE_TITLE, SOLID_WORDS, STRANGE_TITLE
from newsdedup.models import Article


def line_key(line: str) -> bytes:
    """Return an 8-byte key of a line's normalised words."""
    return hashlib.blake2b(text.normalised([line]).encode("utf-8", "surrogatepass"), digest_size=8).digest()


@dataclass(frozen=True)
class LineTable:
    """For each (outlet, line) that recurs: in how many unlike articles."""

    repeats: Mapping[tuple[str, bytes], int] = field(default_factory=dict)

    def recurs(self, outlet: str, line: str) -> bool:
        """Tell whether `line` is part of the frame that `outlet` prints round its articles."""
        return (outlet, line_key(line)) in self.repeats


EMPTY_TABLE = LineTable()


def count_lines(articles: Iterable[Article]) -> LineTable:
    """Count the lines of `articles` per outlet. Articles of no known outlet teach nothing."""
    pages = [_page(article) for article in articles if article.outlet is not None]
    published = Counter(page.outlet for page in pages)
    often = Counter((page.outlet, key) for page in pages for key in page.lines)
    carriers: dict[tuple[str, bytes], list[_Page]] = {}
    for page in pages:
        needed = max(RECURS_ARTICLES, math.ceil(RECURS_SHARE * published[page.outlet]))
        about = page.about or _own_words(page, often)
        for key in page.lines:
            if often[page.outlet, key] >= needed:
                carriers.setdefault((page.outlet, key), []).append(replace(page, about=about))
    repeats = {}
    for where, found in carriers.items():
        needed = max(RECURS_ARTICLES, math.ceil(RECURS_SHARE * published[where[0]]))
        if (count := _unlike(found, where[1], needed)) >= needed:
            repeats[where] = count
    return LineTable(repeats)


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
