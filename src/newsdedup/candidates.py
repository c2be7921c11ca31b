"""Stage 4 of 8: candidates. Which pairs are worth scoring, found from the fingerprints without looking at all pairs.

Word 3-grams are hashed and a consistent sample of them kept; hash and article number are packed into one uint64 and
sorted, so that articles that share a shingle stand side by side. A shingle in few articles pairs them all. A shingle in
many is never dropped (sixty near-identical reprints have no other): each of its articles is paired with a fixed number
of representatives, so that the work stays linear. Pairs that meet in enough shingles are worth scoring.

Both what is sorted and what is counted is parted so that a part fits in the memory given and workers can share the
parts: shingles by their hash, the meetings of pairs by a hash of the pair. Between the two they wait in files, sorted
runs of numbers. Neither shows in the result.

Method and measurements: docs/design-notes.md 2. LSH bands were rejected there: MinHash at 14 x 8 bands finds a pair of
similarity .3 with probability .001.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints, Ragged
from newsdedup.errors import unwritable
from newsdedup.tasks import TaskRun, here
from newsdedup.thresholds import CROWDED, FEW_SHARED, MIN_SHARE, MIN_SHARED, REPRESENTATIVES

_ARTICLE_BITS = 24
MAX_ARTICLES = 1 << _ARTICLE_BITS

# Bytes that a task takes at most: more of them save no time.
_ENOUGH = 1 << 29
# Bytes that a shingle takes while its part of the hashes is paired, and a meeting while its part is counted.
_SHINGLE_BYTES = 80
_MEETING_BYTES = 48
# Shingles that are worth a task for each worker.
_SHARED = 1 << 18
# Shingles that are looked at to part all of them evenly.
_LOOKED_AT = 1 << 16
# Spreads pairs over parts, one to one; the second takes that back.
_ODD = np.uint64(0x9E3779B97F4A7C15)
_BACK = np.uint64(pow(int(_ODD), -1, 1 << 64))

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]
Chunk = tuple[Ints, Ragged]


def candidates(
    sampled: Sequence[Chunk],
    count: int,
    memory: int,
    folder: Path,
    run: TaskRun = here,
    at_once: int = 1,
) -> Pairs:
    """Return the pairs worth scoring: shape (n, 2), int64, each row (i, j) with i < j, sorted.

    `sampled` holds chunks of article numbers, each under `count` and in one chunk only, or -1 for one that is not to be
    paired, and for each of these the kept shingles as `fingerprint` gives them. Numbers must follow from content alone,
    since the representatives of a crowded shingle are its first articles. `memory` bounds the bytes in use beside the
    arguments and the result, but for a few MB and for a shingle that is in more articles than that; `run` does the
    tasks, `at_once` of them side by side; files go to `folder` meanwhile. Raises ValueError where there are more
    articles than can be numbered, and OutputError where the files cannot be written.
    """
    if count > MAX_ARTICLES:
        raise ValueError(f"{count} reports; at most {MAX_ARTICLES} can be paired in one run")
    sizes = np.zeros(count, dtype=np.int32)
    for numbers, rows in sampled:
        sizes[numbers[numbers >= 0]] = rows.sizes[numbers >= 0]
    room = min(memory // at_once, _ENOUGH)
    most = max(room // (2 * _MEETING_BYTES), 1)
    shared = _Pairing(sampled, most, folder)
    runs = [each for some in run(_pair, shared, pairwise(_bounds(sampled, room // 2, at_once))) for each in some]
    parts = -(-sum(size for _, size in runs) // most) or 1
    counted = list(run(_count, _Counting(runs, parts, sizes), range(parts)))
    for file, _ in runs:
        file.unlink()
    found = np.sort(np.concatenate(counted))
    return np.stack([found >> _ARTICLE_BITS, found & (MAX_ARTICLES - 1)], axis=1)


def worth(pairs: Pairs, shared: Ints, sizes: NDArray[np.int32]) -> Pairs:
    """Return the packed pairs that share enough: `shared` 3-grams each, of reports that kept `sizes` of theirs."""
    smaller = np.minimum(sizes[pairs >> _ARTICLE_BITS], sizes[pairs & (MAX_ARTICLES - 1)])
    enough = (shared >= np.minimum(MIN_SHARED, smaller)) & ((shared >= FEW_SHARED) | (shared >= MIN_SHARE * smaller))
    kept: Pairs = pairs[enough]
    return kept


def _bounds(sampled: Sequence[Chunk], memory: int, at_once: int) -> list[int]:
    """Return the bounds of parts of the hashes, from 0 to 2^64, which hold about as many shingles each."""
    total = sum(len(rows.values) for _, rows in sampled)
    parts = max(-(-total * _SHINGLE_BYTES // max(memory, 1)), at_once if total >= _SHARED else 1)
    if parts <= 1:
        return [0, 1 << 64]
    step = -(-total // _LOOKED_AT)
    seen = np.sort(np.concatenate([rows.values[::step] for _, rows in sampled]) >> np.uint64(_ARTICLE_BITS))
    inner = np.unique(seen[np.arange(1, parts) * len(seen) // parts]).tolist()
    return [0, *(each << _ARTICLE_BITS for each in inner if each), 1 << 64]


@dataclass(frozen=True)
class _Pairing:
    """What articles meet by; `most` meetings are held at a time, the others lie in `folder`."""

    sampled: Sequence[Chunk]
    most: int
    folder: Path


_RunFile = tuple[Path, int]
"""A file of sorted meetings and how many it has."""


def _pair(shared: _Pairing, bounds: tuple[int, int]) -> list[_RunFile]:
    """Let the articles meet that share a shingle between the bounds."""
    packed = _packed(shared.sampled, *bounds)
    packed.sort()
    runs: list[_RunFile] = []
    held: list[Hashes] = []

    def write() -> None:
        meetings = np.concatenate(held)
        meetings.sort()
        file = shared.folder / f"meetings-{bounds[0]:016x}.{len(runs)}"
        try:
            file.write_bytes(meetings.data)
        except OSError as error:
            raise unwritable(error) from None
        runs.append((file, len(meetings)))
        held.clear()

    for found in _meet(packed, shared.most):
        held.append(found.view(np.uint64) * _ODD)
        if sum(map(len, held)) > shared.most:
            write()
    if held:
        write()
    return runs


def _packed(sampled: Sequence[Chunk], low: int, high: int) -> Hashes:
    """Return the shingles from `low` to under `high`, each with the number of its article in the lowest bits."""
    parts = [np.empty(0, dtype=np.uint64)]
    for numbers, rows in sampled:
        owner = np.asarray(numbers, dtype=np.int64)
        if (low, high) == (0, 1 << 64):
            values, articles = rows.values, np.repeat(owner, rows.sizes)
        else:
            at = np.flatnonzero((rows.values >= np.uint64(low)) & (rows.values <= np.uint64(high - 1)))
            values = rows.values[at]
            articles = np.repeat(owner, np.diff(np.searchsorted(at, rows.bounds)))
        paired = articles >= 0
        parts.append(values[paired] & ~np.uint64(MAX_ARTICLES - 1) | articles[paired].astype(np.uint64))
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


@dataclass(frozen=True)
class _Counting:
    """The runs of meetings, into how many parts they are cut, and how many shingles each article has."""

    runs: Sequence[_RunFile]
    parts: int
    sizes: NDArray[np.int32]


def _count(shared: _Counting, part: int) -> Pairs:
    """Return the packed pairs of a part that meet often enough."""
    bounds = [(each << 64) // shared.parts for each in (part, part + 1)]
    met = [np.empty(0, dtype=np.uint64)]
    for file, size in shared.runs:
        run = np.memmap(file, dtype=np.uint64, mode="r", shape=(size,))
        low, high = (int(np.searchsorted(run, np.uint64(bound))) if bound < 1 << 64 else size for bound in bounds)
        met.append(run[low:high])
    whole = np.concatenate(met)
    whole.sort()
    first = np.flatnonzero(np.concatenate(([True], whole[1:] != whole[:-1]))[: len(whole)])
    pairs = (whole[first] * _BACK).view(np.int64)
    return worth(pairs, np.diff(first, append=len(whole)), shared.sizes)
