"""Which reports hold which 3-gram: sorted numbers in segments, of which each run appends one; see `candidates`.

A posting is one uint64, the upper 40 bits of a 3-gram's hash and the slot of a report; a report that is cleaned anew
gets another slot, so that nothing here is ever changed. In a block 3-grams are kept as differences, and these and the
slots in as many bytes as the largest needs. Segments of like size are joined, so that there are never many.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from itertools import count

import numpy as np
from numpy.typing import NDArray

from newsdedup.candidates import MAX_ARTICLES
from newsdedup.columns import Ragged
from newsdedup.errors import StoreError
from newsdedup.store.records import DAMAGED

SLOT_BITS = MAX_ARTICLES.bit_length() - 1
_SLOTS = np.uint64(MAX_ARTICLES - 1)
_SUM = 4  # bytes of a checksum
_BLOCK = 1 << 18  # postings in a block
_PART = 1 << 22  # postings that are looked at together
_LIKE = 2  # a segment is joined with the one before that is not so many times as large

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
        postings = np.concatenate([postings, *map(_decoded, _blocks(db, "WHERE segment = ?", segment))])
        postings.sort(kind="stable")
        db.execute("DELETE FROM postings WHERE segment = ?", (segment,))
    _write(db, max((segment for segment, _ in sizes), default=0) + 1, postings)


def _write(db: sqlite3.Connection, segment: int, postings: Hashes) -> None:
    for block, start in zip(count(), range(0, len(postings), _BLOCK)):
        part = postings[start : start + _BLOCK]
        low, high = (int(each) for each in grams(part[[0, -1]]))
        db.execute(
            "INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?)", (segment, block, low, high, len(part), _encoded(part))
        )


def _encoded(part: Hashes) -> bytes:
    """Return a block: its first 3-gram, how much each is more than the one before, and the slots; see `_decoded`."""
    more, slots = np.diff(grams(part), prepend=grams(part[:1])), part & _SLOTS
    widths = [max((int(each.max()).bit_length() + 7) // 8, 1) for each in (more, slots)]
    whole = (
        int(grams(part[:1])[0]).to_bytes(8, "little")
        + bytes(widths)
        + b"".join(_bytes(each)[:, :width].tobytes() for each, width in zip((more, slots), widths, strict=True))
    )
    return whole + zlib.crc32(whole).to_bytes(_SUM, "little")


def _bytes(values: Hashes) -> NDArray[np.uint8]:
    return values.astype("<u8").view(np.uint8).reshape(-1, 8)


def _grams_in(data: bytes) -> Hashes:
    """Return the 3-grams of a block, ascending."""
    width, other = data[8], data[9]
    size = (len(data) - 10) // (width + other)
    found: Hashes = np.cumsum(_wide(np.frombuffer(data, np.uint8, size * width, 10).reshape(size, width)))
    found += np.uint64(int.from_bytes(data[:8], "little"))
    return found


def _slots_in(data: bytes) -> NDArray[np.uint8]:
    """Return the slots of a block, as rows of bytes."""
    width, other = data[9], data[8]
    size = (len(data) - 10) // (width + other)
    return np.frombuffer(data, dtype=np.uint8, offset=10 + size * other).reshape(size, width)


def _wide(rows: NDArray[np.uint8]) -> Hashes:
    """Return the numbers whose bytes are the rows."""
    kind = np.uint32 if rows.shape[1] <= 4 else np.uint64
    out = np.zeros((len(rows), np.dtype(kind).itemsize), dtype=np.uint8)
    out[:, : rows.shape[1]] = rows
    return out.view(f"<u{out.shape[1]}").ravel().astype(np.uint64)


def _decoded(data: bytes) -> Hashes:
    return _grams_in(data) << np.uint64(SLOT_BITS) | _wide(_slots_in(data))


def _blocks(db: sqlite3.Connection, where: str, *values: int) -> Iterator[bytes]:
    for (data,) in db.execute(f"SELECT data FROM postings {where}", values):
        if zlib.crc32(data[:-_SUM]) != int.from_bytes(data[-_SUM:], "little"):
            raise StoreError(f"{DAMAGED}: a block of 3-grams")
        yield data[:-_SUM]


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
        for data in _blocks(db, "WHERE high >= ? AND low < ?", low, high):
            own = _grams_in(data)
            at = np.flatnonzero(held(own, wanted))
            found.append(own[at] << np.uint64(SLOT_BITS) | _wide(_slots_in(data)[at]))
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
        blocks = map(_decoded, _blocks(db, "WHERE segment = ? ORDER BY block", segment))
        kept = [block[~dead[slots_of(block)]] for block in blocks]
        db.execute("DELETE FROM postings WHERE segment = ?", (segment,))
        _write(db, segment, np.concatenate(kept))


def every(db: sqlite3.Connection) -> Iterator[Ints]:
    """Yield the slots of all postings, some at a time."""
    for data in _blocks(db, ""):
        yield _wide(_slots_in(data)).astype(np.int64)
