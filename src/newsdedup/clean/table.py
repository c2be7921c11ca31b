"""What an outlet prints on page after page: in how many unlike articles of one outlet a line recurs.

Counted over distinct articles, so that the order of input changes nothing; pages that repeat one article (same title,
or most of their lines the same) count once, since a reprint repeats its report and not only its frame.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from newsdedup import text
from newsdedup.config import RECURS_ARTICLES, RECURS_SHARE, SAME_ARTICLE_TITLE, STRANGE_TITLE
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
    carriers: dict[tuple[str, bytes], list[tuple[frozenset[str], frozenset[bytes]]]] = {}
    published: Counter[str] = Counter()
    for article in articles:
        if article.outlet is None:
            continue
        published[article.outlet] += 1
        lines = [paragraph for block in text.blocks(article.text) for paragraph in block]
        keys = frozenset(line_key(line) for line in lines)
        longest = max(lines, key=lambda line: (len(line), line), default="")
        about = frozenset(text.words(article.title or longest))
        for key in keys:
            carriers.setdefault((article.outlet, key), []).append((about, keys))
    repeats = {}
    for where, found in carriers.items():
        needed = max(RECURS_ARTICLES, math.ceil(RECURS_SHARE * published[where[0]]))
        if len(found) >= needed and (count := _unlike(found, where[1], needed)) >= needed:
            repeats[where] = count
    return LineTable(repeats)


def _unlike(found: list[tuple[frozenset[str], frozenset[bytes]]], line: bytes, needed: int) -> int:
    """Return how many unlike articles are among `found`: greedy over a content-based order, up to what is needed."""
    kept: list[tuple[frozenset[str], frozenset[bytes]]] = []
    for about, keys in sorted(found, key=lambda each: (sorted(each[0]), sorted(each[1]))):
        if all(not _alike(about, keys, other, other_keys, line) for other, other_keys in kept):
            kept.append((about, keys))
            if len(kept) == needed:
                break
    return len(kept)


def _alike(
    a: frozenset[str], a_keys: frozenset[bytes], b: frozenset[str], b_keys: frozenset[bytes], line: bytes
) -> bool:
    """Tell whether two carriers of `line` are one article: titles that share half of their words, or lines that do.

    Pages that are alike to the last line but for titles with nothing in common are no reprints: a robot check, a
    subscription form.
    """
    shared = len(a & b)
    if shared >= SAME_ARTICLE_TITLE * len(a | b):
        return True
    if a_keys == b_keys:
        return shared > STRANGE_TITLE * len(a | b)
    a_rest, b_rest = a_keys - {line}, b_keys - {line}
    return len(a_rest & b_rest) > 0.5 * len(a_rest | b_rest)
