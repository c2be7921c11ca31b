"""Arrays of unequal length laid end to end: what is kept of many reports without an object for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Rows that are copied at a time.
_TAKEN = 1 << 13
# Lower bits of a number by which it is looked for first.
_LOW = (1 << 18) - 1


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of unequal length: row i is `values[bounds[i] : bounds[i + 1]]`; `bounds` is int64, one longer than rows."""

    values: NDArray[Any]
    bounds: Ints

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, row: int) -> NDArray[Any]:
        return self.values[self.bounds[row] : self.bounds[row + 1]]

    def rows(self) -> Iterator[list[Any]]:
        """Yield the rows as lists."""
        for start, end in pairwise(self.bounds.tolist()):
            yield self.values[start:end].tolist()

    @property
    def sizes(self) -> Ints:
        """The length of each row."""
        return np.diff(self.bounds)

    def part(self, rows: range) -> Ragged:
        """Return consecutive rows; their values are not copied."""
        bounds = self.bounds[rows.start : rows.stop + 1]
        return Ragged(self.values[bounds[0] : bounds[-1]], bounds - bounds[0])

    def take(self, rows: Sequence[int] | Ints) -> Ragged:
        """Return the given rows, in the order given, as arrays of their own."""
        chosen = np.asarray(rows, dtype=np.int64)
        bounds = bounds_of(self.bounds[chosen + 1] - self.bounds[chosen])
        values = np.empty(int(bounds[-1]), dtype=self.values.dtype)
        for start in range(0, len(chosen), _TAKEN):  # so that what tells where values lie stays small
            part = bounds[start : start + _TAKEN + 1]
            begin = self.bounds[chosen[start : start + _TAKEN]]
            at = np.arange(int(part[0]), int(part[-1])) + np.repeat(begin - part[:-1], np.diff(part))
            values[part[0] : part[-1]] = self.values[at]
        return Ragged(values, bounds)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some rows of another, which are copied when they are asked for: row i is `rows[places[i]]`."""

    rows: Ragged
    places: Ints

    def __getitem__(self, row: int) -> NDArray[Any]:
        return self.rows[int(self.places[row])]

    def take(self, rows: Sequence[int] | Ints) -> Ragged:
        """Return the given rows, in the order given, as arrays of their own."""
        return self.rows.take(self.places[np.asarray(rows, dtype=np.int64)])


def bounds_of(sizes: Sequence[int] | Ints) -> Ints:
    """Return where each row begins, and where the last ends."""
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(np.asarray(sizes, dtype=np.int64))))


def ragged(rows: Sequence[NDArray[Any]], kind: type[np.generic]) -> Ragged:
    """Lay arrays end to end; `kind` is the type of their values, also where there are no rows."""
    return Ragged(
        np.concatenate([np.empty(0, dtype=kind), *rows]).astype(kind, copy=False), bounds_of([len(row) for row in rows])
    )


def stacked(parts: Iterable[Ragged], kind: type[np.generic]) -> Ragged:
    """Return the rows of all parts, one part after the other."""
    every = list(parts)
    sizes = np.concatenate([np.empty(0, dtype=np.int64), *(part.sizes for part in every)])
    values = np.concatenate([np.empty(0, dtype=kind), *(part.values for part in every)])
    return Ragged(values.astype(kind, copy=False), bounds_of(sizes))


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the different values, sorted; `np.unique` takes many times as long since numpy 2.3, as it hashes them."""
    ranked = np.sort(values, axis=None)
    return ranked[_fresh(ranked)]


def among(values: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which values are among those wanted, all of one whole type; where few are wanted faster than `np.isin`."""
    ranked, low = np.sort(wanted, axis=None), values.dtype.type(_LOW)
    there = np.zeros(_LOW + 1, dtype=np.bool_)
    there[ranked & low] = True
    # Most are not wanted, and few of these have the lower bits of one that is.
    found: NDArray[np.bool_] = there[values & low]
    some = values[found]
    if len(some):
        found[found] = ranked[np.minimum(np.searchsorted(ranked, some), len(ranked) - 1)] == some
    return found


def by_hash(hashes: NDArray[np.uint64]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the places of hashes of 128 bits, shape (n, 2), sorted, and which of these begin another hash.

    Equal ones stay in the order that they are in.
    """
    order = np.argsort(hashes[:, 0], kind="stable")
    fresh = _fresh(hashes[order, 0])
    alike = ~fresh
    alike[:-1] |= ~fresh[1:]
    tied = order[alike]
    order[alike] = tied[np.lexsort((hashes[tied, 1], hashes[tied, 0]))]
    fresh[alike] = _fresh(hashes[order[alike], 0]) | _fresh(hashes[order[alike], 1])
    return order, fresh


def _fresh(ranked: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which of sorted values differ from the one before."""
    fresh = np.ones(len(ranked), dtype=np.bool_)
    fresh[1:] = ranked[1:] != ranked[:-1]
    return fresh
