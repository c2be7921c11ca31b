"""Ragged arrays (rows of unequal length in one flat array) and a few numpy operations on sorted and hashed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Columns = TypeVar("_Columns", bound="DataclassInstance")

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]
Pairs = NDArray[np.int64]
"""Shape (n, 2)."""

# Rows copied at a time by `Ragged.take`, so that the index array stays small.
_ROWS_PER_COPY = 1 << 13
# Mask of the low bits that `is_in` tests first.
_LOW_BITS = (1 << 18) - 1


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of unequal length: row i is `values[bounds[i] : bounds[i + 1]]`; `bounds` is int64, one longer than rows."""

    values: NDArray[Any]
    bounds: Ints

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, row: int) -> NDArray[Any]:
        return self.values[self.bounds[row] : self.bounds[row + 1]]

    def iter_rows(self) -> Iterator[list[Any]]:
        """Yield the rows as lists."""
        for start, end in pairwise(self.bounds.tolist()):
            yield self.values[start:end].tolist()

    @property
    def sizes(self) -> Ints:
        """Return the length of each row (int64)."""
        return np.diff(self.bounds)

    def slice_rows(self, rows: range) -> Ragged:
        """Return consecutive rows as a view; their values are not copied."""
        bounds = self.bounds[rows.start : rows.stop + 1]
        return Ragged(self.values[bounds[0] : bounds[-1]], bounds - bounds[0])

    def take(self, indices: Sequence[int] | Ints) -> Ragged:
        """Return a copy of the given rows, in the given order."""
        row_indices = np.asarray(indices, dtype=np.int64)
        starts = self.bounds[row_indices]
        sizes = self.bounds[row_indices + 1] - starts
        bounds = bounds_from_sizes(sizes)
        values = np.empty(int(bounds[-1]), dtype=self.values.dtype)
        for first in range(0, len(row_indices), _ROWS_PER_COPY):
            block = slice(first, first + _ROWS_PER_COPY)
            positions = concat_ranges(starts[block], sizes[block])
            values[bounds[first] : bounds[first] + len(positions)] = self.values[positions]
        return Ragged(values, bounds)


@dataclass(frozen=True, slots=True)
class RaggedView:
    """Selected rows of a `Ragged`, copied only on access: row i is `source[indices[i]]`."""

    source: Ragged
    indices: Ints

    def __getitem__(self, row: int) -> NDArray[Any]:
        return self.source[int(self.indices[row])]

    def take(self, positions: Sequence[int] | Ints) -> Ragged:
        """Return a copy of the given rows, in the given order."""
        return self.source.take(self.indices[np.asarray(positions, dtype=np.int64)])


def bounds_from_sizes(sizes: Sequence[int] | Ints) -> Ints:
    """Return the bounds of rows of these sizes: int64, one longer than `sizes`, starting at 0."""
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(np.asarray(sizes, dtype=np.int64))))


def ragged_from_rows(rows: Sequence[NDArray[Any]], dtype: type[np.generic]) -> Ragged:
    """Concatenate arrays into a `Ragged`; `dtype` is the type of the values, also when there are no rows."""
    return Ragged(
        np.concatenate([np.empty(0, dtype=dtype), *rows]).astype(dtype, copy=False),
        bounds_from_sizes([len(row) for row in rows]),
    )


def concat_rows(parts: Iterable[Ragged], dtype: type[np.generic]) -> Ragged:
    """Concatenate the rows of all parts; `dtype` is the type of the values, also when there are no parts."""
    part_list = list(parts)
    sizes = np.concatenate([np.empty(0, dtype=np.int64), *(part.sizes for part in part_list)])
    values = np.concatenate([np.empty(0, dtype=dtype), *(part.values for part in part_list)])
    return Ragged(values.astype(dtype, copy=False), bounds_from_sizes(sizes))


def take_rows(columns: _Columns, rows: NDArray[Any]) -> _Columns:
    """Return rows of all columns, given by index or by flag.

    `columns` is a dataclass of arrays, `Ragged` rows (which take no flags) and other such dataclasses.
    """

    def take(column: Any) -> Any:
        if isinstance(column, np.ndarray):
            return column[rows]
        return column.take(rows) if isinstance(column, Ragged) else take_rows(column, rows)

    return replace(columns, **{field.name: take(getattr(columns, field.name)) for field in fields(columns)})


def concat_columns(parts: Sequence[_Columns]) -> _Columns:
    """Concatenate the rows of at least one dataclass of columns, as in `take_rows`."""

    def concat(columns: Sequence[Any]) -> Any:
        if isinstance(columns[0], np.ndarray):
            return np.concatenate(columns)
        if isinstance(columns[0], Ragged):
            return concat_rows(columns, columns[0].values.dtype.type)
        return concat_columns(columns)

    names = [field.name for field in fields(parts[0])]
    return replace(parts[0], **{name: concat([getattr(part, name) for part in parts]) for name in names})


def groups_from_labels(labels: Ints, count: int) -> Ragged:
    """Return for each label below `count` the indices that have it, in ascending order; negative labels are skipped."""
    order = np.argsort(labels, kind="stable")
    order = order[np.searchsorted(labels[order], 0) :]
    return Ragged(order, bounds_from_sizes(np.bincount(labels[order], minlength=count)))


def labels_from_groups(groups: Ragged, count: int) -> Ints:
    """Return for each index below `count` the row of `groups` that holds it, or -1 if none does."""
    labels = np.full(count, -1, dtype=np.int64)
    labels[groups.values] = np.repeat(np.arange(len(groups)), groups.sizes)
    return labels


def invert_permutation(order: Ints) -> Ints:
    """Return the position of each index in `order`, which holds each index from 0 once."""
    positions = np.empty(len(order), dtype=np.int64)
    positions[order] = np.arange(len(order))
    return positions


def concat_ranges(starts: Ints, sizes: Ints) -> Ints:
    """Return the numbers `starts[i]` to `starts[i] + sizes[i]` of all i, one range after the other."""
    bounds = bounds_from_sizes(sizes)
    return np.arange(int(bounds[-1])) + np.repeat(starts - bounds[:-1], sizes)


def row_numbers(bounds: Ints) -> Ints:
    """Return for each value of ragged rows the number of its row."""
    return np.repeat(np.arange(len(bounds) - 1, dtype=np.int64), np.diff(bounds))


def run_starts_and_sizes(ordered: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return where each run of equal values begins in a sorted array, and how long it is."""
    starts = np.flatnonzero(find_run_starts(ordered))
    return starts, np.diff(np.append(starts, len(ordered)))


def sorted_unique(values: NDArray[Any]) -> NDArray[Any]:
    """Return the unique values, sorted. Much faster than `np.unique`, which hashes values since numpy 2.3."""
    ordered = np.sort(values, axis=None)
    return ordered[find_run_starts(ordered)]


def is_in(values: NDArray[Any], members: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values are in `members`, in the shape of `values`; both have one integer dtype.

    Faster than `np.isin` for few members.
    """
    ordered, low_bits = np.sort(members, axis=None), values.dtype.type(_LOW_BITS)
    low_bits_present = np.zeros(_LOW_BITS + 1, dtype=np.bool_)
    low_bits_present[ordered & low_bits] = True
    # Most values are not members, and few of these have the low bits of a member.
    hits: NDArray[np.bool_] = low_bits_present[values & low_bits]
    hit_values = values[hits]
    if len(hit_values):
        hits[hits] = ordered[np.minimum(np.searchsorted(ordered, hit_values), len(ordered) - 1)] == hit_values
    return hits


def argsort_hashes(hashes: NDArray[np.uint64]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the order that sorts 128-bit hashes, shape (n, 2), and which sorted positions start a new hash.

    The sort is stable: equal hashes keep their order.
    """
    order = np.argsort(hashes[:, 0], kind="stable")
    is_start = find_run_starts(hashes[order, 0])
    in_tie = ~is_start
    in_tie[:-1] |= ~is_start[1:]
    tied = order[in_tie]
    order[in_tie] = tied[np.lexsort((hashes[tied, 1], hashes[tied, 0]))]
    is_start[in_tie] = find_run_starts(hashes[order[in_tie], 0]) | find_run_starts(hashes[order[in_tie], 1])
    return order, is_start


def find_run_starts(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which sorted values differ from the previous one; the first does."""
    is_start = np.ones(len(ordered), dtype=np.bool_)
    is_start[1:] = ordered[1:] != ordered[:-1]
    return is_start
