"""Arrays laid end to end, and what is found in sorted ones: the same as numpy's slower ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdedup.arrays import among, by_hash, distinct

numbers = st.lists(st.integers(0, 1 << 20) | st.integers(0, (1 << 64) - 1), max_size=60)


@given(numbers)
def test_distinct_is_unique(values: list[int]) -> None:
    given_ = np.array(values, dtype=np.uint64)
    assert distinct(given_).tolist() == np.unique(given_).tolist()


@given(numbers, numbers, st.integers(0, 20))
def test_among_is_isin(values: list[int], wanted: list[int], both: int) -> None:
    asked = np.array([*values, *wanted[:both]], dtype=np.uint64)
    for shape in (asked, np.stack([asked, asked], axis=1)):
        assert (among(shape, np.array(wanted, dtype=np.uint64)) == np.isin(shape, np.array(wanted, np.uint64))).all()


@pytest.mark.parametrize("most", [1, 3, 1 << 60])
def test_hashes_are_put_in_order(most: int) -> None:
    """Few different ones, so that both halves tie."""
    hashes = np.random.default_rng(most).integers(0, most, (200, 2), dtype=np.uint64)
    order, fresh = by_hash(hashes)
    assert order.tolist() == np.lexsort((hashes[:, 1], hashes[:, 0])).tolist()
    ranked = hashes[order].tolist()
    assert fresh.tolist() == [i == 0 or ranked[i] != ranked[i - 1] for i in range(200)]
