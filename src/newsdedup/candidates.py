"""Stage 4 of 8: candidates. Which pairs are worth scoring, found from the fingerprints without looking at all pairs.

Word 3-grams are hashed and a consistent sample of them kept; hash and article number are packed into one uint64 and
sorted, so that articles that share a shingle stand side by side. A shingle in few articles pairs them all. A shingle in
many is never dropped (sixty near-identical reprints have no other): each of its articles is paired with a fixed number
of representatives, so that the work stays linear. Pairs that meet in enough shingles are worth scoring.

Both what is sorted and what is counted is parted so that a part fits in the memory given: shingles by their hash, the
meetings of pairs by a hash of the pair, which go through files where they are too many. Neither shows in the result.

Method and measurements: docs/design-notes.md 2. LSH bands were rejected there: MinHash at 14 x 8 bands finds a pair of
similarity .3 with probability .001.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from newsdedup.columns import Ints, Ragged
from newsdedup.config import (
    CROWDED,
    FEW_SHARED,
    MIN_SHARE,
    MIN_SHARED,
    REPRESENTATIVES,
)

_ARTICLE_BITS = 24
MAX_ARTICLES = 1 << _ARTICLE_BITS

# Bytes that a shingle takes while its part of the hashes is paired, and a meeting while its part is counted.
_SHINGLE_BYTES = 80
_MEETING_BYTES = 48
# Shingles that are looked at to part all of them evenly.
_LOOKED_AT = 1 << 16
# Spreads pairs over parts, one to one; the second takes that back.
_ODD = np.uint64(0x9E3779B97F4A7C15)
_BACK = np.uint64(pow(int(_ODD), -1, 1 << 64))

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]
Chunk = tuple[Ints, Ragged]


def candidates(sampled: Sequence[Chunk], count: int, memory: int, folder: Path | None = None) -> Pairs:
    """Return the pairs worth scoring: shape (n, 2), int64, each row (i, j) with i < j, sorted.

    `sampled` holds chunks of article numbers, each under `count` and in one chunk only, and for each of these the kept
    shingles as `fingerprint` gives them. Numbers must follow from content alone, since the representatives of a crowded
    shingle are its first articles. `memory` bounds the bytes in use beside the arguments and the result, but for a few
    MB and for a shingle that is in more articles than that; `folder` is where files go when they are needed. Raises
    ValueError where there are more articles than can be numbered.
    """
    if count > MAX_ARTICLES:
        raise ValueError(f"{count} reports; at most {MAX_ARTICLES} can be paired in one run")
    sizes = np.zeros(count, dtype=np.int32)
    for numbers, rows in sampled:
        sizes[numbers] = rows.sizes
    most = max(memory // (2 * _MEETING_BYTES), 1)
    bounds = _bounds(sampled, memory // 2)
    with TemporaryFile(dir=folder) as file:
        meetings = _Meetings(most, file)
        for low, high in pairwise(bounds):
            packed = _packed(sampled, low, high)
            packed.sort()
            for found in _meet(packed, most):
                meetings.add(found)
            del packed
        parts = [_worth(pairs, shared, sizes) for pairs, shared in meetings.counted()]
    found = np.sort(np.concatenate(parts))
    return np.stack([found >> _ARTICLE_BITS, found & (MAX_ARTICLES - 1)], axis=1)


def _worth(pairs: Pairs, shared: Ints, sizes: NDArray[np.int32]) -> Pairs:
    """Return the packed pairs that share enough."""
    smaller = np.minimum(sizes[pairs >> _ARTICLE_BITS], sizes[pairs & (MAX_ARTICLES - 1)])
    enough = (shared >= np.minimum(MIN_SHARED, smaller)) & ((shared >= FEW_SHARED) | (shared >= MIN_SHARE * smaller))
    worth: Pairs = pairs[enough]
    return worth


def _bounds(sampled: Sequence[Chunk], memory: int) -> list[int]:
    """Return the bounds of parts of the hashes, from 0 to 2^64, which hold about as many shingles each."""
    total = sum(len(rows.values) for _, rows in sampled)
    parts = -(-total * _SHINGLE_BYTES // max(memory, 1))
    if parts <= 1:
        return [0, 1 << 64]
    step = -(-total // _LOOKED_AT)
    seen = np.sort(np.concatenate([rows.values[::step] for _, rows in sampled]) >> np.uint64(_ARTICLE_BITS))
    inner = np.unique(seen[np.arange(1, parts) * len(seen) // parts]).tolist()
    return [0, *(each << _ARTICLE_BITS for each in inner if each), 1 << 64]


def _packed(sampled: Sequence[Chunk], low: int, high: int) -> Hashes:
    """Return the shingles from `low` to under `high`, each with the number of its article in the lowest bits."""
    parts = [np.empty(0, dtype=np.uint64)]
    for numbers, rows in sampled:
        owner = np.asarray(numbers, dtype=np.uint64)
        if (low, high) == (0, 1 << 64):
            values, articles = rows.values, np.repeat(owner, rows.sizes)
        else:
            at = np.flatnonzero((rows.values >= np.uint64(low)) & (rows.values <= np.uint64(high - 1)))
            values = rows.values[at]
            articles = np.repeat(owner, np.diff(np.searchsorted(at, rows.bounds)))
        parts.append(values & ~np.uint64(MAX_ARTICLES - 1) | articles)
    return np.concatenate(parts)


def _groups(packed: Hashes) -> tuple[Ints, Ints]:
    """Return where the articles of each shingle begin, and how many there are."""
    change = np.ones(len(packed), dtype=bool)
    change[1:] = (packed[1:] ^ packed[:-1]) >= np.uint64(MAX_ARTICLES)
    starts = np.flatnonzero(change)
    return starts, np.diff(np.concatenate((starts, [len(packed)])))


def _meet(packed: Hashes, most: int) -> Iterator[Pairs]:
    """Yield packed pairs, one for each shingle that two articles meet in, in arrays of about `most` at most."""
    starts, counts = _groups(packed)
    for size in range(2, CROWDED + 1):
        groups = starts[counts == size]
        left, right = np.triu_indices(size, 1)
        step = max(most // len(left), 1)
        for at in range(0, len(groups), step):
            table = _articles(packed[groups[at : at + step, None] + np.arange(size)])
            yield (table[:, left] << _ARTICLE_BITS | table[:, right]).ravel()
    starts, counts = starts[counts > CROWDED], counts[counts > CROWDED]
    cuts = np.flatnonzero(np.diff(np.cumsum(counts) // most, prepend=0)) + 1
    for some, sizes in zip(np.split(starts, cuts), np.split(counts, cuts), strict=True):
        if len(some):
            yield from _meet_representatives(packed, some, sizes)


def _meet_representatives(packed: Hashes, starts: Ints, counts: Ints) -> Iterator[Pairs]:
    """Yield the packed pairs of every article of crowded shingles with each of its representatives in turn."""
    for r in range(REPRESENTATIVES):
        others = counts - r - 1
        ends = np.cumsum(others)
        at = np.arange(int(ends[-1])) + np.repeat(starts + r + 1 - (ends - others), others)
        yield np.repeat(_articles(packed[starts + r]), others) << _ARTICLE_BITS | _articles(packed[at])


def _articles(packed: Hashes) -> Ints:
    return (packed & np.uint64(MAX_ARTICLES - 1)).astype(np.int64)


class _Meetings:
    """Counts how often pairs meet: in memory while there are at most `most` meetings, else part by part from a file."""

    def __init__(self, most: int, file: IO[bytes]) -> None:
        self._most, self._file = most, file
        self._held: list[Hashes] = []
        self._runs = [0]  # where each sorted run of the file ends, in meetings

    def add(self, pairs: Pairs) -> None:
        """Note that each of these packed pairs has met once more."""
        self._held.append(pairs.view(np.uint64) * _ODD)
        if sum(len(each) for each in self._held) > self._most:
            run = self._sorted()
            self._file.write(run.data)
            self._runs.append(self._runs[-1] + len(run))

    def counted(self) -> Iterator[tuple[Pairs, Ints]]:
        """Yield the packed pairs, each once, with how often they met."""
        held = self._sorted()
        runs = [held]
        if total := self._runs[-1]:
            self._file.flush()
            whole = np.memmap(self._file, dtype=np.uint64, mode="r", shape=(total,))
            runs += [whole[start:end] for start, end in pairwise(self._runs)]
        parts = -(-(total + len(held)) // self._most) or 1
        bounds = np.array([(i << 64) // parts for i in range(1, parts)], dtype=np.uint64)
        cuts = [[0, *np.searchsorted(run, bounds).tolist(), len(run)] for run in runs]
        for i in range(parts):
            met = np.concatenate([run[cut[i] : cut[i + 1]] for run, cut in zip(runs, cuts, strict=True)])
            met.sort()
            first = np.flatnonzero(np.concatenate(([True], met[1:] != met[:-1]))[: len(met)])
            yield (met[first] * _BACK).view(np.int64), np.diff(first, append=len(met))

    def _sorted(self) -> Hashes:
        run = np.concatenate([np.empty(0, dtype=np.uint64), *self._held])
        self._held = []
        run.sort()
        return run
