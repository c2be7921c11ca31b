"""Which reports hold which 3-gram: sorted numbers in segments, of which each run appends one; see `candidates`.

A posting is one uint64, the upper 40 bits of a 3-gram's hash and the slot of a report; a report that is cleaned anew
gets another slot, so that nothing here is ever changed. Segments of like size are joined, so that there are never many.

A block holds its different 3-grams and the slots of each in as few bits as the largest needs. Hashes are spread evenly,
so that the upper bits of a 3-gram tell its bucket, of a few 3-grams each: one is found without unpacking the others.
Numbers that are no hashes may all lie in one bucket, and then take long to find.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from itertools import accumulate, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_of
from newsdedup.candidates import MAX_ARTICLES
from newsdedup.store.codec import summed, whole

SLOT_BITS = MAX_ARTICLES.bit_length() - 1
_SLOTS = np.uint64(MAX_ARTICLES - 1)
_BLOCK = 1 << 18  # postings in a block
_PART = 1 << 22  # postings that are looked at together
_LIKE = 2  # a segment is joined with the one before that is not so many times as large
_BUCKET = 4  # 3-grams in a bucket, about

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]


def packed(shingles: Ragged, slots: Ints) -> Hashes:
    """Return the postings of reports, sorted; row i of the `shingles` is that of slot i."""
    values = shingles.values & ~_SLOTS | np.repeat(slots.astype(np.uint64), shingles.sizes)
    values.sort()
    return values


def grams(postings: Hashes) -> Hashes:
    """Return the 3-gram of each posting: the upper bits of its hash."""
    return postings >> np.uint64(SLOT_BITS)


def slots_of(postings: Hashes) -> Ints:
    """Return the slot of each posting."""
    return (postings & _SLOTS).astype(np.int64)


def append(db: sqlite3.Connection, postings: Hashes) -> None:
    """Add a segment of sorted postings, joined with those before it that are no larger than twice as large."""
    sizes = db.execute("SELECT segment, sum(count) FROM postings GROUP BY segment ORDER BY segment DESC").fetchall()
    for segment, size in sizes:
        if size >= _LIKE * len(postings):
            break
        postings = np.concatenate([postings, *(each.all() for each in _blocks(db, "WHERE segment = ?", segment))])
        postings.sort(kind="stable")
        db.execute("DELETE FROM postings WHERE segment = ?", (segment,))
    _write(db, max((segment for segment, _ in sizes), default=0) + 1, postings)


def _write(db: sqlite3.Connection, segment: int, postings: Hashes) -> None:
    for block, start in zip(count(), range(0, len(postings), _BLOCK)):
        part = postings[start : start + _BLOCK]
        low, high = (int(each) for each in grams(part[[0, -1]]))
        data = encoded(part)
        db.execute("INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?)", (segment, block, low, high, len(part), data))


_HEAD = struct.Struct("<QIIIIBBB")
"""Of a block: its least 3-gram, its least slot, how many postings, 3-grams and buckets it has; how many lower bits of a
3-gram are kept, bits of a slot, and bytes of the size of a bucket."""


def encoded(part: Hashes) -> bytes:
    """Return a block of sorted postings, of one at least; `_Block` reads it."""
    own, slots = grams(part), part & _SLOTS
    fresh = np.ones(len(part), dtype=bool)
    fresh[1:] = own[1:] != own[:-1]
    more, least = own[fresh] - own[0], int(slots.min())
    low_bits = (int(more[-1]) * _BUCKET // len(more)).bit_length()
    slot_bits = (int(slots.max()) - least).bit_length()
    buckets = np.bincount((more >> np.uint64(low_bits)).astype(np.int64))
    size_bytes = 1 if buckets.max() < 1 << 8 else 4
    return summed(b"".join((
        _HEAD.pack(int(own[0]), least, len(part), len(more), len(buckets), low_bits, slot_bits, size_bytes),
        buckets.astype(f"<u{size_bytes}").tobytes(),
        np.packbits(fresh).tobytes(),
        _narrow(more, low_bits),
        _narrow(slots - np.uint64(least), slot_bits),
    )))  # fmt: skip


def _pieces(bits: int) -> list[tuple[int, int]]:
    """Return in what pieces so many bits are laid, the lowest first: how many bits each has, and how many are below."""
    sizes = [16] * (bits // 16) + [8] * (bits % 16 // 8) + [1] * (bits % 8)
    return list(zip(sizes, [0, *accumulate(sizes)], strict=False))


def _narrow(values: Hashes, bits: int) -> bytes:
    """Return the lower `bits` of each value: their pieces one after the other, each of all values side by side."""
    out = []
    for size, below in _pieces(bits):
        piece = values >> np.uint64(below) & np.uint64((1 << size) - 1)
        out.append(np.packbits(piece.astype(bool)) if size == 1 else piece.astype(f"<u{size // 8}"))
    return b"".join(each.tobytes() for each in out)


class _Narrow:
    """Numbers as `_narrow` lays them, `count` from `start` in `data`, up to `end`."""

    def __init__(self, data: bytes, start: int, count: int, bits: int) -> None:
        self._pieces = []
        for size, below in _pieces(bits):
            length = -(-count // 8) if size == 1 else count
            piece = np.frombuffer(data, f"<u{max(size // 8, 1)}", length, start)
            self._pieces.append((piece, size, np.uint64(below)))
            start += piece.nbytes
        self.end = start

    def at(self, places: Ints) -> Hashes:
        """Return the numbers at some places."""
        values = np.zeros(len(places), dtype=np.uint64)
        for piece, size, below in self._pieces:
            values |= _piece_at(piece, size, places) << below
        return values

    def hits(self, places: Ints, values: Hashes) -> Ints:
        """Return for which of the places the number there is the value given for it."""
        hit = np.arange(len(places))
        for piece, size, below in self._pieces:
            wanted = values[hit] >> below & np.uint64((1 << size) - 1)
            hit = hit[_piece_at(piece, size, places[hit]) == wanted]
        return hit


def _piece_at(piece: NDArray[np.unsignedinteger[Any]], size: int, places: Ints) -> Hashes:
    found = piece[places] if size > 1 else piece[places >> 3] >> (7 - (places & 7)).astype(np.uint8) & np.uint8(1)
    wide: Hashes = found.astype(np.uint64)
    return wide


class _Block:
    """A block of postings, of which only what is asked for is unpacked."""

    def __init__(self, data: bytes) -> None:
        self.first, self.least, self.count, self.grams, buckets, self.low_bits, slot_bits, width = _HEAD.unpack_from(
            data
        )
        at = _HEAD.size
        self.buckets = bounds_of(np.frombuffer(data, f"<u{width}", buckets, at))
        at += buckets * width
        self.fresh = np.frombuffer(data, np.uint8, -(-self.count // 8), at)
        self.before = bounds_of(_ONES[self.fresh])
        self.lows = _Narrow(data, at + len(self.fresh), self.grams, self.low_bits)
        self.slots = _Narrow(data, self.lows.end, self.count, slot_bits)

    def all(self) -> Hashes:
        """Return all postings, sorted."""
        high = np.repeat(np.arange(len(self.buckets) - 1), np.diff(self.buckets)).astype(np.uint64)
        own = high << np.uint64(self.low_bits) | self.lows.at(np.arange(self.grams))
        return self._postings(own + np.uint64(self.first), np.arange(self.grams))

    def holding(self, wanted: Hashes) -> Hashes:
        """Return the postings of the 3-grams `wanted`, in no order."""
        more = wanted[wanted >= np.uint64(self.first)] - np.uint64(self.first)
        bucket = (more >> np.uint64(self.low_bits)).astype(np.int64)
        more, bucket = more[bucket < len(self.buckets) - 1], bucket[bucket < len(self.buckets) - 1]
        which, places = _ranges(self.buckets[bucket], self.buckets[bucket + 1])
        hit = self.lows.hits(places, more[which])
        return self._postings(more[which[hit]] + np.uint64(self.first), places[hit])

    def _postings(self, own: Hashes, places: Ints) -> Hashes:
        """Return the postings of the 3-grams `own`, which are those at `places`."""
        starts, ends = self._start(places), self._start(places + 1)
        which, at = _ranges(starts, ends)
        return own[which] << np.uint64(SLOT_BITS) | self.slots.at(at) + np.uint64(self.least)

    def _start(self, places: Ints) -> Ints:
        """Return where the postings of the 3-grams at `places` begin: where so many bits are set before."""
        byte = np.minimum(np.searchsorted(self.before, places, side="right") - 1, len(self.fresh) - 1)
        inside = _NTH[self.fresh[byte], np.minimum(places - self.before[byte], 7)]
        starts: Ints = np.where(places < self.grams, byte * 8 + inside, self.count)
        return starts


_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
_ONES = _BITS.sum(axis=1)
"""How many bits of a byte are set."""
_NTH = np.argsort(_BITS == 0, axis=1, kind="stable")
"""Which bits of a byte are set, the others after them."""


def _ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return all that lies from each start to under its end, and of each which one that is."""
    sizes = ends - starts
    which = np.repeat(np.arange(len(starts)), sizes)
    return which, np.arange(len(which)) + (starts - bounds_of(sizes)[:-1])[which]


def _blocks(db: sqlite3.Connection, where: str, *values: int) -> Iterator[_Block]:
    for (data,) in db.execute(f"SELECT data FROM postings {where}", values):
        yield _Block(whole(data, "a block of 3-grams"))


def parts(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return ranges of 3-grams, from the least to under the last, that hold some _PART postings each."""
    top = 1 << 64 - SLOT_BITS
    ends = db.execute("SELECT high, count FROM postings ORDER BY high").fetchall()
    bounds, total = [0], 0
    for high, size in ends:
        total += size
        if total >= _PART and high + 1 < top and high + 1 > bounds[-1]:
            bounds.append(high + 1)
            total = 0
    return list(zip(bounds, [*bounds[1:], top], strict=True))


def holding(db: sqlite3.Connection, wanted: Hashes, low: int, high: int) -> Hashes:
    """Return the postings, in no order, of the 3-grams `wanted` (sorted, unique) from `low` to under `high`."""
    wanted = wanted[np.searchsorted(wanted, np.uint64(low)) : np.searchsorted(wanted, np.uint64(high))]
    found = [np.empty(0, dtype=np.uint64)]
    if len(wanted):
        found += [each.holding(wanted) for each in _blocks(db, "WHERE high >= ? AND low < ?", low, high)]
    return np.concatenate(found)


def held(values: Hashes, wanted: Hashes) -> NDArray[np.bool_]:
    """Tell which sorted `values` are among the `wanted`, which are sorted and unique."""
    starts, ends = (np.searchsorted(values, wanted, side=side) for side in ("left", "right"))
    size = len(values) + 1
    mark = np.bincount(starts, minlength=size) - np.bincount(ends, minlength=size)
    there: NDArray[np.bool_] = np.cumsum(mark[:-1]) > 0
    return there


def compact(db: sqlite3.Connection, dead: NDArray[np.bool_]) -> None:
    """Write all segments anew without the postings of `dead` slots, which is indexed by slot."""
    for segment, _ in db.execute("SELECT segment, count(*) FROM postings GROUP BY segment").fetchall():
        blocks = (each.all() for each in _blocks(db, "WHERE segment = ? ORDER BY block", segment))
        kept = [block[~dead[slots_of(block)]] for block in blocks]
        db.execute("DELETE FROM postings WHERE segment = ?", (segment,))
        _write(db, segment, np.concatenate(kept))


def every(db: sqlite3.Connection) -> Iterator[Ints]:
    """Yield the slots of all postings, some at a time."""
    for block in _blocks(db, ""):
        yield slots_of(block.all())
