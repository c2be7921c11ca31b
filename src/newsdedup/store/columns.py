"""What is kept of each report beside its text, by slot: its columns (`ROW`) and the keys of its lines, laid end to end.

Slots are given in ascending order and never again, so that a run appends a pack for all that came, and nothing else is
changed; what a slot that is gone held stays until `compact`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_of, stacked
from newsdedup.errors import StoreError
from newsdedup.store.codec import DAMAGED, summed, whole

Ints = NDArray[np.int64]
Rows = NDArray[Any]

ROW = np.dtype(
    [
        ("content", "<u8", 2), ("text", "<u8", 2), ("raw", "<u8"), ("name", "<u8"), ("version", "<u8"),
        ("outlet", "<u8"), ("words", "<i4"), ("kept", "<i4"), ("titled", "?"),
    ]
)  # fmt: skip
"""Of one article: its content hash, what is equal for reports of one text, hashes of the id that it was loaded with, of
the one that it has, of the one that it is a version of and of its outlet (0: none), the words of its report, how many
3-grams of it are kept, whether its title has words."""

PACK = 4096
"""Slots in a pack at most."""


class Pack(NamedTuple):
    """Columns and keys of lines of the slots from `first`."""

    first: int
    rows: Rows
    lines: Ragged


def append(db: sqlite3.Connection, first: int, rows: Rows, lines: Ragged) -> None:
    """Add the slots from `first`, over all that are there, to the last pack and to new ones."""
    last = db.execute("SELECT first FROM packs WHERE count < ? AND first + count = ?", (PACK, first)).fetchone()
    if last is not None:
        first, before, keys = _pack(db, last[0])
        rows, lines = np.concatenate([before, rows]), stacked([keys, lines], np.uint64)
    for start in range(0, len(rows), PACK):
        some = range(start, min(start + PACK, len(rows)))
        put(db, Pack(first + start, rows[some.start : some.stop], lines.part(some)))


def put(db: sqlite3.Connection, pack: Pack) -> None:
    """Write a pack, in the place of one that begins with the same slot."""
    lines = pack.lines.sizes.astype("<u4").tobytes() + pack.lines.values.astype("<u8").tobytes()
    db.execute(
        "INSERT OR REPLACE INTO packs VALUES (?, ?, ?, ?)",
        (pack.first, len(pack.rows), summed(pack.rows.tobytes()), summed(lines)),
    )


def every(db: sqlite3.Connection) -> Iterator[Pack]:
    """Yield all packs, each of which may be written again before the next; raises StoreError at a damaged one."""
    for (first,) in db.execute("SELECT first FROM packs ORDER BY first").fetchall():
        yield _pack(db, first)


def _pack(db: sqlite3.Connection, first: int) -> Pack:
    ((count, rows, lines),) = db.execute("SELECT count, rows, lines FROM packs WHERE first = ?", (first,))
    return Pack(first, _rows_in(rows, count), _lines_in(lines, count))


def _rows_in(data: bytes, count: int) -> Rows:
    own = whole(data, "columns of articles")
    if len(own) != count * ROW.itemsize:
        raise StoreError(f"{DAMAGED}: columns of articles")
    return np.frombuffer(own, dtype=ROW)


def _lines_in(data: bytes, count: int) -> Ragged:
    own = whole(data, "keys of lines")
    bounds = bounds_of(np.frombuffer(own[: 4 * count], dtype="<u4"))
    if len(bounds) != count + 1 or len(own) != 4 * count + 8 * bounds[-1]:
        raise StoreError(f"{DAMAGED}: keys of lines")
    return Ragged(np.frombuffer(own, dtype="<u8", offset=4 * count), bounds)


def rows_of(db: sqlite3.Connection, slots: Ints) -> Rows:
    """Return the columns of slots."""
    found = db.execute("SELECT first, count, rows FROM packs ORDER BY first").fetchall()
    firsts, sizes = (np.array([row[i] for row in found], dtype=np.int64) for i in (0, 1))
    rows = np.concatenate([np.empty(0, dtype=ROW), *(_rows_in(data, count) for _, count, data in found)])
    return rows[_places(firsts, bounds_of(sizes), slots)]


def lines_of(db: sqlite3.Connection, slots: Ints) -> Ragged:
    """Return the keys of the lines of slots."""
    order = np.argsort(slots)
    wanted = slots[order]
    parts = [Ragged(np.empty(0, dtype=np.uint64), np.zeros(1, dtype=np.int64))]
    for first, count in db.execute("SELECT first, count FROM packs ORDER BY first").fetchall():
        low, high = np.searchsorted(wanted, (first, first + count))
        if low < high:
            ((data,),) = db.execute("SELECT lines FROM packs WHERE first = ?", (first,))
            parts.append(_lines_in(data, count).take(wanted[low:high] - first))
    found = stacked(parts, np.uint64)
    if len(found) != len(slots):
        raise StoreError(f"{DAMAGED}: keys of lines that are missing")
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return found.take(back)


def _places(firsts: Ints, bounds: Ints, slots: Ints) -> Ints:
    """Return where slots lie in packs that begin with `firsts` and are laid end to end at `bounds`."""
    pack = np.searchsorted(firsts, slots, side="right") - 1
    places = bounds[pack] + slots - firsts[pack] if len(firsts) else slots
    if len(slots) and (pack.min() < 0 or (places >= bounds[pack + 1]).any()):
        raise StoreError(f"{DAMAGED}: columns of articles that are missing")
    return places


def compact(db: sqlite3.Connection, dead: NDArray[np.bool_]) -> None:
    """Wipe out what `dead` slots held, which is indexed by slot."""
    for first, rows, lines in every(db):
        gone = np.ones(len(rows), dtype=bool)  # slots over the last that is known are gone too
        own = dead[first : first + len(rows)]
        gone[: len(own)] = own
        if gone.all():
            db.execute("DELETE FROM packs WHERE first = ?", (first,))
        elif gone.any():
            left = np.where(gone, np.zeros(1, dtype=ROW), rows)
            keys = lines.values[~np.repeat(gone, lines.sizes)]
            put(db, Pack(first, left, Ragged(keys, bounds_of(np.where(gone, 0, lines.sizes)))))
