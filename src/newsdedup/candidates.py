"""Stage 4 of 8: candidates. Which pairs are worth scoring, found from the fingerprints without looking at all pairs.

Word 3-grams are hashed and a consistent sample of them kept; hash and article number are packed into one uint64 and
sorted, so that articles that share a shingle stand side by side. A shingle in few articles pairs them all. A shingle in
many is never dropped (sixty near-identical reprints have no other): each of its articles is paired with a fixed number
of representatives, so that the work stays linear. Pairs that meet in enough shingles are worth scoring.

Method and measurements: docs/design-notes.md 2. LSH bands were rejected there: MinHash at 14 x 8 bands finds a pair of
similarity .3 with probability .001.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from newsdedup.config import (
    CROWDED,
    FEW_SHARED,
    MIN_SHARE,
    MIN_SHARED,
    REPRESENTATIVES,
    SAMPLE_RATE,
    SHORT_REPORT,
)

_ARTICLE_BITS = 24
MAX_ARTICLES = 1 << _ARTICLE_BITS

Pairs = NDArray[np.int64]


def sample(shingles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the kept ones of a report's unique, sorted shingles: all of a short report, else those of the sample."""
    if len(shingles) <= SHORT_REPORT:
        return shingles
    limit = np.uint64((1 << 64) // SAMPLE_RATE)
    return shingles[: max(SHORT_REPORT, int(np.searchsorted(shingles, limit)))]


def candidates(fingerprints: Sequence[NDArray[np.uint64]]) -> Pairs:
    """Return the pairs worth scoring: shape (n, 2), int64, each row (i, j) with i < j, sorted.

    `fingerprints[i]` are the unique, sorted word 3-gram hashes of report i (uint64). Reports must come in an order that
    depends on their content alone, since representatives of a crowded shingle are its first articles.
    """
    if len(fingerprints) > MAX_ARTICLES:
        raise ValueError(f"{len(fingerprints)} reports; at most {MAX_ARTICLES} can be paired in one run")
    kept = [sample(each) for each in fingerprints]
    sizes = np.array([len(each) for each in kept], dtype=np.int64)
    if not sizes.sum():
        return np.empty((0, 2), dtype=np.int64)
    article = np.repeat(np.arange(len(kept), dtype=np.uint64), sizes)
    packed = (np.concatenate(kept) & ~np.uint64(MAX_ARTICLES - 1)) | article
    packed.sort()
    keys, members = packed >> np.uint64(_ARTICLE_BITS), (packed & np.uint64(MAX_ARTICLES - 1)).astype(np.int64)
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    counts = np.diff(np.concatenate((starts, [len(keys)])))
    met = _count(np.concatenate([_pair_all(members, starts, counts), _pair_crowded(members, starts, counts)]))
    pairs, shared = met
    smaller = np.minimum(sizes[pairs[:, 0]], sizes[pairs[:, 1]])
    enough = (shared >= np.minimum(MIN_SHARED, smaller)) & ((shared >= FEW_SHARED) | (shared >= MIN_SHARE * smaller))
    found: Pairs = pairs[enough]
    return found


def _pair_all(members: Pairs, starts: Pairs, counts: Pairs) -> Pairs:
    """Pair all articles of every shingle that is in 2 to CROWDED articles; returns packed pairs, one a meeting."""
    parts = [np.empty(0, dtype=np.int64)]
    for size in range(2, CROWDED + 1):
        groups = starts[counts == size]
        if len(groups):
            table = members[groups[:, None] + np.arange(size)]
            left, right = np.triu_indices(size, 1)
            parts.append((table[:, left] << _ARTICLE_BITS | table[:, right]).ravel())
    return np.concatenate(parts)


def _pair_crowded(members: Pairs, starts: Pairs, counts: Pairs) -> Pairs:
    """Pair every article of a crowded shingle with its representatives; returns packed pairs, one a meeting."""
    parts = [np.empty(0, dtype=np.int64)]
    for start, count in zip(starts[counts > CROWDED], counts[counts > CROWDED], strict=True):
        group = members[start : start + count]
        parts.extend(group[r] << _ARTICLE_BITS | group[r + 1 :] for r in range(REPRESENTATIVES))
    return np.concatenate(parts)


def _count(packed: Pairs) -> tuple[Pairs, Pairs]:
    """Return the distinct pairs, shape (n, 2), and how often each met."""
    unique, shared = np.unique(packed, return_counts=True)
    return np.stack([unique >> _ARTICLE_BITS, unique & (MAX_ARTICLES - 1)], axis=1), shared
