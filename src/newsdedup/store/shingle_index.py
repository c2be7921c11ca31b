"""Inverted index of shingles on disk: sorted postings in segments. Each run appends one segment; see `candidates`.

A posting is one uint64: the upper 40 bits of a shingle's hash, then the slot of a report. These 40 bits are what this
module calls a shingle. A report that is cleaned again gets a new slot, so postings never change. Segments of similar
size are merged, which keeps their number small.

A block stores its distinct shingles and their slots with as few bits as the largest needs. Hashes are distributed
evenly, so the upper bits of a shingle select a bucket of a few shingles, and a shingle is found without decoding the
rest of the block. Numbers that are not hashes may all fall into one bucket, which makes them slow to find.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Hashes, Ints, bounds_from_sizes, concat_ranges, find_run_starts, row_numbers
from newsdedup.candidates import MAX_ARTICLES
from newsdedup.engine.shingle_index import SLOT_BITS, shingles_of, slots_of
from newsdedup.store.codec import add_checksum, strip_checksum

_SLOT_MASK = np.uint64(MAX_ARTICLES - 1)
_POSTINGS_PER_BLOCK = 1 << 18
_POSTINGS_PER_RANGE = 1 << 22  # about as many postings are read at a time
_MERGE_RATIO = 2  # a new segment is merged with the previous one if that is less than this many times as large
_SHINGLES_PER_BUCKET = 4  # on average


def append_postings(db: sqlite3.Connection, postings: Hashes) -> None:
    """Append a segment of sorted postings, merged with previous segments of less than `_MERGE_RATIO` times its size."""
    sizes = db.execute("SELECT segment, sum(count) FROM postings GROUP BY segment ORDER BY segment DESC").fetchall()
    for segment, size in sizes:
        if size >= _MERGE_RATIO * len(postings):
            break
        blocks = _iter_blocks(db, "WHERE segment = ?", segment)
        postings = np.concatenate([postings, *(block.decode_all() for block in blocks)])
        postings.sort(kind="stable")
        db.execute("DELETE FROM postings WHERE segment = ?", (segment,))
    _write_segment(db, max((segment for segment, _ in sizes), default=0) + 1, postings)


def _write_segment(db: sqlite3.Connection, segment: int, postings: Hashes) -> None:
    for block, start in enumerate(range(0, len(postings), _POSTINGS_PER_BLOCK)):
        chunk = postings[start : start + _POSTINGS_PER_BLOCK]
        low, high = (int(shingle) for shingle in shingles_of(chunk[[0, -1]]))
        data = encode_block(chunk)
        db.execute("INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?)", (segment, block, low, high, len(chunk), data))


_HEADER = struct.Struct("<QIIIIBBB")
"""Header of a block: smallest shingle; smallest slot; numbers of postings, shingles and buckets; bits stored of a
shingle (the lower ones), bits stored of a slot, bytes of a bucket size."""


def encode_block(postings: Hashes) -> bytes:
    """Encode a block of sorted postings, at least one. `_Block` decodes it."""
    shingles, slots = shingles_of(postings), postings & _SLOT_MASK
    is_first = find_run_starts(shingles)
    offsets, min_slot = shingles[is_first] - shingles[0], int(slots.min())
    low_bits = (int(offsets[-1]) * _SHINGLES_PER_BUCKET // len(offsets)).bit_length()
    slot_bits = (int(slots.max()) - min_slot).bit_length()
    bucket_sizes = np.bincount((offsets >> np.uint64(low_bits)).astype(np.int64))
    size_bytes = 1 if bucket_sizes.max() < 1 << 8 else 4
    return add_checksum(b"".join((
        _HEADER.pack(
            int(shingles[0]), min_slot, len(postings), len(offsets), len(bucket_sizes), low_bits, slot_bits, size_bytes
        ),
        bucket_sizes.astype(f"<u{size_bytes}").tobytes(),
        np.packbits(is_first).tobytes(),
        _pack_numbers(offsets, low_bits),
        _pack_numbers(slots - np.uint64(min_slot), slot_bits),
    )))  # fmt: skip


def _split_bits(bits: int) -> list[tuple[int, int]]:
    """Split a number of bits into pieces of 16, 8 and 1 bits, lowest first; returns the width and shift of each."""
    widths = [16] * (bits // 16) + [8] * (bits % 16 // 8) + [1] * (bits % 8)
    return list(zip(widths, [0, *accumulate(widths)], strict=False))


def _pack_numbers(values: Hashes, bits: int) -> bytes:
    """Store the lower `bits` of each value: piece by piece (`_split_bits`), each piece of all values in a row."""
    pieces = []
    for size, shift in _split_bits(bits):
        piece = values >> np.uint64(shift) & np.uint64((1 << size) - 1)
        pieces.append(np.packbits(piece.astype(bool)) if size == 1 else piece.astype(f"<u{size // 8}"))
    return b"".join(piece.tobytes() for piece in pieces)


class _PackedNumbers:
    """Numbers stored by `_pack_numbers`: `count` of them in `data`, from byte `start` to `end`."""

    def __init__(self, data: bytes, start: int, count: int, bits: int) -> None:
        self._pieces = []
        for size, shift in _split_bits(bits):
            length = -(-count // 8) if size == 1 else count
            piece = np.frombuffer(data, f"<u{max(size // 8, 1)}", length, start)
            self._pieces.append((piece, size, np.uint64(shift)))
            start += piece.nbytes
        self.end = start

    def get(self, indices: Ints) -> Hashes:
        """Return the numbers at `indices`."""
        values = np.zeros(len(indices), dtype=np.uint64)
        for piece, size, shift in self._pieces:
            values |= _read_piece(piece, size, indices) << shift
        return values

    def find_equal(self, indices: Ints, values: Hashes) -> Ints:
        """Return the positions i for which the number at `indices[i]` is `values[i]`."""
        matches = np.arange(len(indices))
        for piece, size, shift in self._pieces:
            target = values[matches] >> shift & np.uint64((1 << size) - 1)
            matches = matches[_read_piece(piece, size, indices[matches]) == target]
        return matches


def _read_piece(piece: NDArray[np.unsignedinteger[Any]], size: int, indices: Ints) -> Hashes:
    numbers = piece[indices] if size > 1 else piece[indices >> 3] >> (7 - (indices & 7)).astype(np.uint8) & np.uint8(1)
    wide: Hashes = numbers.astype(np.uint64)
    return wide


class _Block:
    """An encoded block of postings; only the requested parts of it are decoded."""

    def __init__(self, data: bytes) -> None:
        self.first_shingle, self.min_slot, self.count, self.shingle_count, *widths = _HEADER.unpack_from(data)
        bucket_count, self.low_bits, slot_bits, size_bytes = widths
        offset = _HEADER.size
        self.bucket_bounds = bounds_from_sizes(np.frombuffer(data, f"<u{size_bytes}", bucket_count, offset))
        offset += bucket_count * size_bytes
        self.first_flags = np.frombuffer(data, np.uint8, -(-self.count // 8), offset)
        self.flags_before = bounds_from_sizes(_BIT_COUNTS[self.first_flags])
        self.low_parts = _PackedNumbers(data, offset + len(self.first_flags), self.shingle_count, self.low_bits)
        self.slot_offsets = _PackedNumbers(data, self.low_parts.end, self.count, slot_bits)

    def decode_all(self) -> Hashes:
        """Return all postings, sorted."""
        buckets = row_numbers(self.bucket_bounds).astype(np.uint64)
        offsets = buckets << np.uint64(self.low_bits) | self.low_parts.get(np.arange(self.shingle_count))
        return self._build_postings(offsets + np.uint64(self.first_shingle), np.arange(self.shingle_count))

    def find_postings(self, shingles: Hashes) -> Hashes:
        """Return the postings of `shingles`, in no particular order."""
        offsets = shingles[shingles >= np.uint64(self.first_shingle)] - np.uint64(self.first_shingle)
        buckets = (offsets >> np.uint64(self.low_bits)).astype(np.int64)
        in_block = buckets < len(self.bucket_bounds) - 1
        offsets, buckets = offsets[in_block], buckets[in_block]
        owners, indices = _expand_ranges(self.bucket_bounds[buckets], self.bucket_bounds[buckets + 1])
        matches = self.low_parts.find_equal(indices, offsets[owners])
        return self._build_postings(offsets[owners[matches]] + np.uint64(self.first_shingle), indices[matches])

    def _build_postings(self, shingles: Hashes, indices: Ints) -> Hashes:
        """Return the postings of `shingles`, which are those at `indices` in the block."""
        starts, ends = self._posting_starts(indices), self._posting_starts(indices + 1)
        owners, positions = _expand_ranges(starts, ends)
        return shingles[owners] << np.uint64(SLOT_BITS) | self.slot_offsets.get(positions) + np.uint64(self.min_slot)

    def _posting_starts(self, indices: Ints) -> Ints:
        """Return where the postings of the shingles at `indices` begin, as n-th set bits of `first_flags`."""
        byte = np.minimum(np.searchsorted(self.flags_before, indices, side="right") - 1, len(self.first_flags) - 1)
        bits = _SET_BIT_POSITIONS[self.first_flags[byte], np.minimum(indices - self.flags_before[byte], 7)]
        starts: Ints = np.where(indices < self.shingle_count, byte * 8 + bits, self.count)
        return starts


_BYTE_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
_BIT_COUNTS = _BYTE_BITS.sum(axis=1)
"""Number of set bits of each byte."""
_SET_BIT_POSITIONS = np.argsort(_BYTE_BITS == 0, axis=1, kind="stable")
"""Positions of the set bits of each byte, followed by those of the others."""


def _expand_ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return the index of the range that each number belongs to, and the numbers: start to end (exclusive) of each."""
    sizes = ends - starts
    return np.repeat(np.arange(len(starts)), sizes), concat_ranges(starts, sizes)


def _iter_blocks(db: sqlite3.Connection, where: str, *values: int) -> Iterator[_Block]:
    for (data,) in db.execute(f"SELECT data FROM postings {where}", values):
        yield _Block(strip_checksum(data, "a block of 3-grams"))


def shingle_ranges(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Split the space of shingles into ranges (start, exclusive end) of about `_POSTINGS_PER_RANGE` postings each."""
    end = 1 << 64 - SLOT_BITS
    blocks = db.execute("SELECT high, count FROM postings ORDER BY high").fetchall()
    bounds, total = [0], 0
    for high, size in blocks:
        total += size
        if total >= _POSTINGS_PER_RANGE and high + 1 < end and high + 1 > bounds[-1]:
            bounds.append(high + 1)
            total = 0
    return list(zip(bounds, [*bounds[1:], end], strict=True))


def find_postings(db: sqlite3.Connection, shingles: Hashes, low: int, high: int) -> Hashes:
    """Return the postings of those `shingles` that are at least `low` and less than `high`, in no particular order.

    `shingles` are sorted and unique.
    """
    shingles = shingles[np.searchsorted(shingles, np.uint64(low)) : np.searchsorted(shingles, np.uint64(high))]
    blocks = _iter_blocks(db, "WHERE high >= ? AND low < ?", low, high) if len(shingles) else ()
    return np.concatenate([np.empty(0, dtype=np.uint64), *(block.find_postings(shingles) for block in blocks)])


def compact(db: sqlite3.Connection, dead: Flags) -> None:
    """Rewrite all segments without the postings of the slots that are marked in `dead`, a mask by slot."""
    for segment, _ in db.execute("SELECT segment, count(*) FROM postings GROUP BY segment").fetchall():
        blocks = (block.decode_all() for block in _iter_blocks(db, "WHERE segment = ? ORDER BY block", segment))
        remaining = [block[~dead[slots_of(block)]] for block in blocks]
        db.execute("DELETE FROM postings WHERE segment = ?", (segment,))
        _write_segment(db, segment, np.concatenate(remaining))


def iter_slots(db: sqlite3.Connection) -> Iterator[Ints]:
    """Yield the slots of all postings, one array per block."""
    for block in _iter_blocks(db, ""):
        yield slots_of(block.decode_all())


def count_slots(parts: Iterable[Ints], slot_count: int) -> Ints:
    """Return how many postings each slot below `slot_count` has; `parts` are the slots of some postings."""
    count = np.zeros(slot_count, dtype=np.int64)
    for slots in parts:
        count += np.bincount(slots[slots < slot_count], minlength=slot_count)
    return count
