"""Stage 4 of 8: candidates. Finds the pairs to score from the fingerprints, without comparing all pairs.

Word 3-grams are hashed and a consistent sample of them is kept. Hash and article number are packed into one uint64 and
sorted, so that articles that share a shingle become neighbours. A shingle in few articles pairs them all. A high-df
shingle is not dropped (sixty near-identical reprints have no other): each of its articles is paired with a fixed number
of pivots, so that the work stays linear. Pairs that collide in enough shingles are candidate pairs.

Sorting and counting are partitioned, so that a partition fits into the given memory and workers can share the work:
shingles by their hash, collisions by a hash of the pair. Between the two steps the collisions are in temporary files as
sorted runs. The result depends neither on the partitions nor on the workers.

Method and measurements: docs/design-notes.md 2. LSH bands were rejected there: MinHash at 14 x 8 bands finds a pair of
similarity .3 with probability .001.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Hashes, Ints, Pairs, Ragged, concat_ranges, run_starts_and_sizes, sorted_unique
from newsdedup.errors import temporary_folder_error
from newsdedup.execution import SERIAL, Executor
from newsdedup.thresholds import (
    ENOUGH_SHARED_SHINGLES,
    MAX_SHINGLE_DF,
    MIN_SHARED_SHINGLES,
    MIN_SHINGLE_CONTAINMENT,
    PIVOTS_PER_SHINGLE,
)

_ARTICLE_BITS = 24
MAX_ARTICLES = 1 << _ARTICLE_BITS

# Maximum memory of a task in bytes: more of it saves no time.
_MAX_TASK_BYTES = 1 << 29
# Peak bytes per shingle while a partition is paired, and per collision while a partition is counted.
_SHINGLE_BYTES = 80
_COLLISION_BYTES = 48
# From this many shingles on the work is split over the workers.
_MIN_PARALLEL_SHINGLES = 1 << 18
# Shingles sampled to choose partitions of even size.
_BOUNDS_SAMPLE = 1 << 16
# Multiplying by the first spreads pairs evenly over partitions, one to one; the second is its inverse.
_SCATTER = np.uint64(0x9E3779B97F4A7C15)
_GATHER = np.uint64(pow(int(_SCATTER), -1, 1 << 64))

Chunk = tuple[Ints, Ragged]


def find_candidates(
    chunks: Sequence[Chunk], count: int, memory: int, folder: Path, executor: Executor = SERIAL
) -> Pairs:
    """Return the candidate pairs: shape (n, 2), int64, each row (i, j) with i < j, sorted.

    Each chunk holds article numbers (below `count`, each in one chunk only, or -1 for an article that is not paired)
    and the sampled shingles of these articles, as in `Fingerprints`. Numbers must follow from content alone, since the
    pivots of a high-df shingle are its first articles. `memory` bounds the bytes in use besides the arguments and the
    result, except for a few MB and for a shingle in more articles than fit. Temporary files go to `folder`. Raises
    ValueError for more than MAX_ARTICLES articles, and OutputError if the files cannot be written.
    """
    if count > MAX_ARTICLES:
        raise ValueError(f"{count} reports; at most {MAX_ARTICLES} can be paired in one run")
    sizes = np.zeros(count, dtype=np.int32)
    for numbers, rows in chunks:
        sizes[numbers[numbers >= 0]] = rows.sizes[numbers >= 0]
    task_memory = min(memory // executor.workers, _MAX_TASK_BYTES)
    max_collisions = max(task_memory // (2 * _COLLISION_BYTES), 1)
    hash_ranges = pairwise(_partition_bounds(chunks, task_memory // 2, executor.workers))
    run_files = list(
        chain.from_iterable(executor.map(_write_collisions, (chunks, max_collisions, folder), hash_ranges))
    )
    partitions = -(-sum(size for _, size in run_files) // max_collisions) or 1
    counted_pairs = list(executor.map(_count_partition, (run_files, partitions, sizes), range(partitions)))
    for file, _ in run_files:
        file.unlink()
    return unpack_pairs(np.sort(np.concatenate(counted_pairs)))


def select_candidates(pairs: Pairs, shared: Ints, sizes: NDArray[np.int32]) -> Pairs:
    """Return the packed pairs that share enough shingles.

    `shared` (n,) counts the sampled shingles that both articles of a pair have, `sizes` those of each article.
    """
    smaller = np.minimum(sizes[pairs >> _ARTICLE_BITS], sizes[pairs & (MAX_ARTICLES - 1)])
    is_enough = (shared >= np.minimum(MIN_SHARED_SHINGLES, smaller)) & (
        (shared >= ENOUGH_SHARED_SHINGLES) | (shared >= MIN_SHINGLE_CONTAINMENT * smaller)
    )
    selected: Pairs = pairs[is_enough]
    return selected


def unpack_pairs(packed: Ints) -> Pairs:
    """Return packed pairs (i << 24 | j) as rows (i, j)."""
    return np.stack([packed >> _ARTICLE_BITS, packed & (MAX_ARTICLES - 1)], axis=1)


def _partition_bounds(chunks: Sequence[Chunk], memory: int, workers: int) -> list[int]:
    """Return bounds from 0 to 2^64 that split the hashes into partitions with about as many shingles each."""
    total = sum(len(rows.values) for _, rows in chunks)
    partitions = max(-(-total * _SHINGLE_BYTES // max(memory, 1)), workers if total >= _MIN_PARALLEL_SHINGLES else 1)
    if partitions <= 1:
        return [0, 1 << 64]
    step = -(-total // _BOUNDS_SAMPLE)
    sample = np.sort(np.concatenate([rows.values[::step] for _, rows in chunks]) >> np.uint64(_ARTICLE_BITS))
    inner_bounds = sorted_unique(sample[np.arange(1, partitions) * len(sample) // partitions]).tolist()
    return [0, *(bound << _ARTICLE_BITS for bound in inner_bounds if bound), 1 << 64]


_RunFile = tuple[Path, int]
"""A file of sorted collisions, and how many it holds."""


def _write_collisions(shared: tuple[Sequence[Chunk], int, Path], bounds: tuple[int, int]) -> list[_RunFile]:
    """Write the collisions of all shingles within the bounds to sorted run files, each of about `max_collisions`."""
    chunks, max_collisions, folder = shared
    packed = _pack_shingles(chunks, *bounds)
    packed.sort()
    run_files: list[_RunFile] = []
    buffer: list[Hashes] = []

    def flush_buffer() -> None:
        collisions = np.concatenate(buffer)
        collisions.sort()
        file = folder / f"collisions-{bounds[0]:016x}.{len(run_files)}"
        try:
            file.write_bytes(collisions.data)
        except OSError as error:
            raise temporary_folder_error(error) from None
        run_files.append((file, len(collisions)))
        buffer.clear()

    for pairs in _iter_collisions(packed, max_collisions):
        buffer.append(pairs.view(np.uint64) * _SCATTER)
        if sum(map(len, buffer)) > max_collisions:
            flush_buffer()
    if buffer:
        flush_buffer()
    return run_files


def _pack_shingles(chunks: Sequence[Chunk], low: int, high: int) -> Hashes:
    """Return the shingles in `low <= hash < high`, each with its article number in the lowest bits."""
    parts = [np.empty(0, dtype=np.uint64)]
    for numbers, rows in chunks:
        owners = np.asarray(numbers, dtype=np.int64)
        if (low, high) == (0, 1 << 64):
            values, articles = rows.values, np.repeat(owners, rows.sizes)
        else:
            positions = np.flatnonzero((rows.values >= np.uint64(low)) & (rows.values <= np.uint64(high - 1)))
            values = rows.values[positions]
            articles = np.repeat(owners, np.diff(np.searchsorted(positions, rows.bounds)))
        is_paired = articles >= 0
        parts.append(values[is_paired] & ~np.uint64(MAX_ARTICLES - 1) | articles[is_paired].astype(np.uint64))
    return np.concatenate(parts)


def _iter_collisions(packed: Hashes, max_collisions: int) -> Iterator[Pairs]:
    """Yield packed pairs, one for each shingle that two articles share, in arrays of about `max_collisions`."""
    starts, counts = run_starts_and_sizes(packed >> np.uint64(_ARTICLE_BITS))
    for size in range(2, MAX_SHINGLE_DF + 1):
        groups = starts[counts == size]
        first, second = np.triu_indices(size, 1)
        step = max(max_collisions // len(first), 1)
        for start in range(0, len(groups), step):
            table = _unpack_articles(packed[groups[start : start + step, None] + np.arange(size)])
            yield (table[:, first] << _ARTICLE_BITS | table[:, second]).ravel()
    starts, counts = starts[counts > MAX_SHINGLE_DF], counts[counts > MAX_SHINGLE_DF]
    cuts = np.flatnonzero(np.diff(np.cumsum(counts) // max_collisions, prepend=0)) + 1
    for block, sizes in zip(np.split(starts, cuts), np.split(counts, cuts), strict=True):
        if len(block):
            yield from _iter_pivot_pairs(packed, block, sizes)


def _iter_pivot_pairs(packed: Hashes, starts: Ints, counts: Ints) -> Iterator[Pairs]:
    """Yield the packed pairs of every article of high-df shingles with each pivot in turn."""
    for rank in range(PIVOTS_PER_SHINGLE):
        partner_counts = counts - rank - 1
        partners = _unpack_articles(packed[concat_ranges(starts + rank + 1, partner_counts)])
        yield np.repeat(_unpack_articles(packed[starts + rank]), partner_counts) << _ARTICLE_BITS | partners


def _unpack_articles(packed: Hashes) -> Ints:
    return (packed & np.uint64(MAX_ARTICLES - 1)).astype(np.int64)


def _count_partition(shared: tuple[Sequence[_RunFile], int, NDArray[np.int32]], partition: int) -> Pairs:
    """Return the packed pairs of one partition that collide often enough, given the shingle count of each article."""
    run_files, partitions, shingle_counts = shared
    bounds = [(index << 64) // partitions for index in (partition, partition + 1)]
    slices = [np.empty(0, dtype=np.uint64)]
    for file, size in run_files:
        collisions = np.memmap(file, dtype=np.uint64, mode="r", shape=(size,))
        low, high = (
            int(np.searchsorted(collisions, np.uint64(bound))) if bound < 1 << 64 else size for bound in bounds
        )
        slices.append(collisions[low:high])
    ordered = np.concatenate(slices)
    ordered.sort()
    starts, counts = run_starts_and_sizes(ordered)
    pairs = (ordered[starts] * _GATHER).view(np.int64)
    return select_candidates(pairs, counts, shingle_counts)
