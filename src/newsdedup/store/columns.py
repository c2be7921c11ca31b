"""Columns of every article and report (`ARTICLE_DTYPE`) and the keys of its lines, stored by slot in blocks.

A slot is the number of a version of a report. Slots are assigned in ascending order and never reused, so a run only
appends blocks and changes no others. The data of an unused slot stays until `compact`.

The table of the blocks is called `packs`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Ints, Ragged, bounds_from_sizes, concat_rows, invert_permutation
from newsdedup.engine.corpus import ARTICLE_DTYPE
from newsdedup.errors import StoreError
from newsdedup.store.codec import DAMAGED, add_checksum, strip_checksum

Rows = NDArray[Any]

SLOTS_PER_BLOCK = 4096
"""Maximum number of slots in a block."""


class ColumnBlock(NamedTuple):
    """Rows and line keys of consecutive slots; `first` is the slot of the first row."""

    first: int
    rows: Rows
    lines: Ragged


def append_rows(db: sqlite3.Connection, first: int, rows: Rows, lines: Ragged) -> None:
    """Append the rows of the slots from `first` on. Fills up the last block before it adds new ones."""
    statement = "SELECT first FROM packs WHERE count < ? AND first + count = ?"
    last_block = db.execute(statement, (SLOTS_PER_BLOCK, first)).fetchone()
    if last_block is not None:
        first, old_rows, old_lines = _read_block(db, last_block[0])
        rows, lines = np.concatenate([old_rows, rows]), concat_rows([old_lines, lines], np.uint64)
    for start in range(0, len(rows), SLOTS_PER_BLOCK):
        part = range(start, min(start + SLOTS_PER_BLOCK, len(rows)))
        write_block(db, ColumnBlock(first + start, rows[part.start : part.stop], lines.slice_rows(part)))


def write_block(db: sqlite3.Connection, block: ColumnBlock) -> None:
    """Write a block; replaces the block with the same first slot."""
    lines = block.lines.sizes.astype("<u4").tobytes() + block.lines.values.astype("<u8").tobytes()
    db.execute(
        "INSERT OR REPLACE INTO packs VALUES (?, ?, ?, ?)",
        (block.first, len(block.rows), add_checksum(block.rows.tobytes()), add_checksum(lines)),
    )


def iter_blocks(db: sqlite3.Connection) -> Iterator[ColumnBlock]:
    """Yield all blocks by slot. A block may be rewritten during iteration. Raises StoreError at a damaged one."""
    for (first,) in db.execute("SELECT first FROM packs ORDER BY first").fetchall():
        yield _read_block(db, first)


def _read_block(db: sqlite3.Connection, first: int) -> ColumnBlock:
    ((count, rows, lines),) = db.execute("SELECT count, rows, lines FROM packs WHERE first = ?", (first,))
    return ColumnBlock(first, _decode_rows(rows, count), _decode_lines(lines, count))


def _decode_rows(data: bytes, count: int) -> Rows:
    payload = strip_checksum(data, "columns of articles")
    if len(payload) != count * ARTICLE_DTYPE.itemsize:
        raise StoreError(f"{DAMAGED}: columns of articles")
    return np.frombuffer(payload, dtype=ARTICLE_DTYPE)


def _decode_lines(data: bytes, count: int) -> Ragged:
    payload = strip_checksum(data, "keys of lines")
    bounds = bounds_from_sizes(np.frombuffer(payload[: 4 * count], dtype="<u4"))
    if len(bounds) != count + 1 or len(payload) != 4 * count + 8 * bounds[-1]:
        raise StoreError(f"{DAMAGED}: keys of lines")
    return Ragged(np.frombuffer(payload, dtype="<u8", offset=4 * count), bounds)


def load_rows(db: sqlite3.Connection, slots: Ints) -> Rows:
    """Return the rows of `slots`, dtype `ARTICLE_DTYPE`. Raises StoreError if one is missing."""
    blocks = db.execute("SELECT first, count, rows FROM packs ORDER BY first").fetchall()
    firsts, sizes = (np.array([row[i] for row in blocks], dtype=np.int64) for i in (0, 1))
    rows = np.concatenate([np.empty(0, dtype=ARTICLE_DTYPE), *(_decode_rows(data, count) for _, count, data in blocks)])
    bounds = bounds_from_sizes(sizes)
    block = np.searchsorted(firsts, slots, side="right") - 1
    positions = bounds[block] + slots - firsts[block] if len(firsts) else slots
    if len(slots) and (block.min() < 0 or (positions >= bounds[block + 1]).any()):
        raise StoreError(f"{DAMAGED}: missing columns of articles")
    return rows[positions]


def load_lines(db: sqlite3.Connection, slots: Ints) -> Ragged:
    """Return the line keys of `slots`, one row per slot. Raises StoreError if one is missing."""
    order = np.argsort(slots)
    sorted_slots = slots[order]
    parts = [Ragged(np.empty(0, dtype=np.uint64), np.zeros(1, dtype=np.int64))]
    for first, count in db.execute("SELECT first, count FROM packs ORDER BY first").fetchall():
        low, high = np.searchsorted(sorted_slots, (first, first + count))
        if low < high:
            ((data,),) = db.execute("SELECT lines FROM packs WHERE first = ?", (first,))
            parts.append(_decode_lines(data, count).take(sorted_slots[low:high] - first))
    lines = concat_rows(parts, np.uint64)
    if len(lines) != len(slots):
        raise StoreError(f"{DAMAGED}: missing keys of lines")
    return lines.take(invert_permutation(order))


def compact(db: sqlite3.Connection, dead: Flags) -> None:
    """Erase the data of the slots that are marked in `dead`, a mask by slot."""
    for first, rows, lines in iter_blocks(db):
        is_dead = np.ones(len(rows), dtype=bool)  # slots beyond the mask are unused too
        flags = dead[first : first + len(rows)]
        is_dead[: len(flags)] = flags
        if is_dead.all():
            db.execute("DELETE FROM packs WHERE first = ?", (first,))
        elif is_dead.any():
            remaining = np.where(is_dead, np.zeros(1, dtype=ARTICLE_DTYPE), rows)
            keys = lines.values[~np.repeat(is_dead, lines.sizes)]
            bounds = bounds_from_sizes(np.where(is_dead, 0, lines.sizes))
            write_block(db, ColumnBlock(first, remaining, Ragged(keys, bounds)))
