"""Sparse matrices with many rows, and the dot products of selected pairs of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Floats, Ints, concat_ranges, find_run_starts

_SCALE = 1 << 24
# How much of a matrix is expanded at a time, so that it stays in cache: 8 and 128 rows take 1.2 times as long.
_ROWS_PER_BLOCK = 32
_ENTRIES_PER_BLOCK = 1 << 18


@dataclass(frozen=True)
class SparseRows:
    """A sparse matrix: row i has the entries `bounds[i]` to `bounds[i + 1]`; `terms` are int32, `values` float32.

    Values are quantised (`quantise`), so that a product does not depend on the order of summation.
    """

    bounds: Ints
    terms: NDArray[np.int32]
    values: NDArray[np.float32]


def quantise(values: Floats) -> NDArray[np.float32]:
    """Round values of 0 to 1 to multiples of 2^-24: products of two of them, and sums of these under 16, are exact."""
    quantised: NDArray[np.float32] = (np.rint(values * _SCALE) / _SCALE).astype(np.float32)
    return quantised


def order_by_key(keys: NDArray[np.int32]) -> Ints:
    """Return the order that sorts keys of 0 and more, equal ones by index; much faster than a stable `argsort`."""
    packed = keys.astype(np.int64) << 32
    packed |= np.arange(len(packed))
    packed.sort()
    packed &= (1 << 32) - 1
    return packed


def multiply_rows(a: SparseRows, b: SparseRows, left: Ints, right: Ints, width: int) -> Floats:
    """Return for each pair the dot product of row `left` of `a` and row `right` of `b`; `left` must ascend.

    Terms of both are below `width`. A few rows of `a` at a time are expanded over the terms that they contain.
    """
    products = np.zeros(len(left))
    column = np.zeros(width, dtype=np.int32)  # the column of a term in the expanded rows; 0 if they do not contain it
    sizes = b.bounds[right + 1] - b.bounds[right]
    for start, end in _iter_blocks(left, sizes):
        is_first = np.concatenate(([True], left[start + 1 : end] != left[start : end - 1]))
        rows = left[start:end][is_first]
        sizes_a = a.bounds[rows + 1] - a.bounds[rows]
        entries_a = concat_ranges(a.bounds[rows], sizes_a)
        terms = a.terms[entries_a]
        stride = len(entries_a) + 1
        column[terms] = np.arange(1, stride, dtype=np.int32)
        spread = np.zeros(len(rows) * stride, dtype=np.float32)
        spread[np.repeat(np.arange(len(rows)) * stride, sizes_a) + column[terms]] = a.values[entries_a]
        sizes_b = sizes[start:end]
        entries_b = concat_ranges(b.bounds[right[start:end]], sizes_b)
        values_a = spread[column[b.terms[entries_b]] + np.repeat((np.cumsum(is_first) - 1) * stride, sizes_b)]
        nonzero = np.flatnonzero(values_a)
        pair = np.repeat(np.arange(end - start), sizes_b)[nonzero]
        terms_product = values_a[nonzero].astype(np.float64) * b.values[entries_b[nonzero]]
        products[start:end] = np.bincount(pair, weights=terms_product, minlength=end - start)
        column[terms] = 0
    return products


def _iter_blocks(left: Ints, sizes: Ints) -> Iterator[tuple[int, int]]:
    """Yield the start and end of blocks of pairs with few distinct `left` rows and few entries of `right` rows."""
    if len(left):
        rows = np.cumsum(find_run_starts(left)) - 1
        cuts = (
            np.flatnonzero(np.diff(rows // _ROWS_PER_BLOCK) + np.diff(np.cumsum(sizes) // _ENTRIES_PER_BLOCK)) + 1
        ).tolist()
        yield from zip([0, *cuts], [*cuts, len(left)], strict=True)
