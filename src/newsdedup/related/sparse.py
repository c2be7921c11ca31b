"""Sparse matrices of many rows, and the products of those pairs of rows that are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints

Floats = NDArray[np.float64]

_EXACT = 1 << 24
# How much of a matrix is spread out at a time, so that it stays in cache: 8 and 128 rows take 1.2 times as long.
_ROWS = 32
_ENTRIES = 1 << 18


@dataclass(frozen=True)
class Rows:
    """A sparse matrix: the entries of row i stand at `bounds[i]` to `bounds[i + 1]`; `terms` int32, `values` float32.

    Values are `exact`, so that no order of summing shows in a product.
    """

    bounds: Ints
    terms: NDArray[np.int32]
    values: NDArray[np.float32]


def exact(values: Floats) -> NDArray[np.float32]:
    """Return values of 0 to 1 in whole 2^-24ths: the products of two such, and sums of these under 16, are exact."""
    found: NDArray[np.float32] = (np.rint(values * _EXACT) / _EXACT).astype(np.float32)
    return found


def ranges(starts: Ints, sizes: Ints) -> Ints:
    """Return the numbers from each start on, as many as its size, one range after the other."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    found: Ints = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - sizes), sizes)
    return found


def row_numbers(bounds: Ints) -> Ints:
    """Return for each entry the row it stands in."""
    return np.repeat(np.arange(len(bounds) - 1, dtype=np.int64), np.diff(bounds))


def products(one: Rows, other: Rows, left: Ints, right: Ints, width: int) -> Floats:
    """Return for each pair the product of row `left` of `one` and row `right` of `other`; `left` must ascend.

    Terms of both are under `width`. A few rows of `one` at a time are spread out over the terms that they have.
    """
    out = np.zeros(len(left))
    column = np.zeros(width, dtype=np.int32)  # where the spread rows have a term; 0 where they do not
    sizes = other.bounds[right + 1] - other.bounds[right]
    for begin, end in _blocks(left, sizes):
        new = np.concatenate(([True], left[begin + 1 : end] != left[begin : end - 1]))
        rows = left[begin:end][new]
        own_sizes = one.bounds[rows + 1] - one.bounds[rows]
        own = ranges(one.bounds[rows], own_sizes)
        terms = one.terms[own]
        stride = len(own) + 1
        column[terms] = np.arange(1, stride, dtype=np.int32)
        spread = np.zeros(len(rows) * stride, dtype=np.float32)
        spread[np.repeat(np.arange(len(rows)) * stride, own_sizes) + column[terms]] = one.values[own]
        size = sizes[begin:end]
        at = ranges(other.bounds[right[begin:end]], size)
        met = spread[column[other.terms[at]] + np.repeat((np.cumsum(new) - 1) * stride, size)]
        found = np.flatnonzero(met)
        pair = np.repeat(np.arange(end - begin), size)[found]
        both = met[found].astype(np.float64) * other.values[at[found]]
        out[begin:end] = np.bincount(pair, weights=both, minlength=end - begin)
        column[terms] = 0
    return out


def _blocks(left: Ints, sizes: Ints) -> Iterator[tuple[int, int]]:
    """Yield where runs of pairs begin and end that have few different rows to the left and few entries to the right."""
    if len(left):
        rows = np.cumsum(np.concatenate(([0], left[1:] != left[:-1])))
        cuts = (np.flatnonzero(np.diff(rows // _ROWS) + np.diff(np.cumsum(sizes) // _ENTRIES)) + 1).tolist()
        yield from zip([0, *cuts], [*cuts, len(left)], strict=True)
