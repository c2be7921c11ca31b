"""What is known of every article of a store without reading its text, as columns."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import by_hash
from newsdedup.store.columns import Rows, rows_of

Ints = NDArray[np.int64]

# Values that are asked for in one statement.
_AT_ONCE = 10_000


@dataclass(frozen=True)
class Known:
    """Columns over the articles of a store, by number (`numbers`, ascending); `rows` as `packs.ROW` has them."""

    numbers: Ints
    slots: Ints
    stories: Ints
    rows: Rows

    def __len__(self) -> int:
        return len(self.numbers)

    def at(self, numbers: Ints) -> Ints:
        """Return the places of articles, of which all are there."""
        return np.searchsorted(self.numbers, numbers)


class Named(NamedTuple):
    """How an article is called, and where it came from."""

    article_id: str
    path: str
    record: int
    version_of: str | None


def known(db: sqlite3.Connection) -> Known:
    """Return the columns over all articles."""
    found = chain.from_iterable(db.execute("SELECT article, slot, story FROM articles"))
    whole = np.fromiter(found, dtype=np.int64).reshape(-1, 3)
    whole = whole[np.argsort(whole[:, 0])]
    return Known(whole[:, 0], whole[:, 1], whole[:, 2], rows_of(db, whole[:, 1]))


def names(db: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, Named]:
    """Return how articles are called, by number."""
    statement = "SELECT article, article_id, path, record, version_of FROM articles WHERE article IN"
    return {row[0]: Named(*row[1:]) for row in chosen(db, statement, numbers)}


def shared(content: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which rows, shape (n, 2), are there more than once."""
    order, fresh = by_hash(content)
    again = np.flatnonzero(~fresh)
    out = np.zeros(len(content), dtype=bool)
    out[order[again]] = out[order[again - 1]] = True
    return out


def chosen(db: sqlite3.Connection, statement: str, values: Iterable[int], rest: str = "") -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement that ends in `IN`, for each of the values, in no order."""
    for some in _batches(values):
        yield from db.execute(f"{statement} (SELECT value FROM json_each(?)) {rest}", (json.dumps(some),))


def delete(db: sqlite3.Connection, statement: str, values: Iterable[int]) -> None:
    """Run a statement that ends in `IN` for the values."""
    for some in _batches(values):
        db.execute(f"{statement} (SELECT value FROM json_each(?))", (json.dumps(some),))


def _batches(values: Iterable[int]) -> Iterator[Sequence[int]]:
    rest = [int(each) for each in values]
    for start in range(0, len(rest), _AT_ONCE):
        yield rest[start : start + _AT_ONCE]


def fact(db: sqlite3.Connection, name: str, default: Any = None) -> Any:
    """Return a fact about the store."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row[0] if row else default


def set_fact(db: sqlite3.Connection, name: str, value: object) -> None:
    """Keep a fact about the store."""
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


TEXT = "CAST(? AS TEXT)"
"""Takes what `as_text` gives as a text."""


def as_text(value: str | None) -> bytes | None:
    """Return a text as the bytes that SQLite is to hold, half a surrogate pair as well."""
    return value.encode("utf-8", "surrogatepass") if value is not None else None


def signed(value: int) -> int:
    """Return a hash of 64 bits as SQLite has numbers."""
    return value - (1 << 64) if value >= 1 << 63 else value


def unsigned(value: int) -> int:
    """Return the hash that `signed` made a number of."""
    return value % (1 << 64)
