"""Operations on sorted and hashed arrays agree with the slower ones of numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdedup.arrays import argsort_hashes, is_in, sorted_unique

numbers = st.lists(st.integers(0, 1 << 20) | st.integers(0, (1 << 64) - 1), max_size=60)


@given(numbers)
def test_sorted_unique_agrees_with_numpy(values: list[int]) -> None:
    array = np.array(values, dtype=np.uint64)
    assert sorted_unique(array).tolist() == np.unique(array).tolist()


@given(numbers, numbers, st.integers(0, 20))
def test_is_in_agrees_with_numpy(values: list[int], members: list[int], overlap: int) -> None:
    array = np.array([*values, *members[:overlap]], dtype=np.uint64)
    for shape in (array, np.stack([array, array], axis=1)):
        assert (is_in(shape, np.array(members, dtype=np.uint64)) == np.isin(shape, np.array(members, np.uint64))).all()


@pytest.mark.parametrize("bound", [1, 3, 1 << 60])
def test_argsort_hashes_agrees_with_lexsort(bound: int) -> None:
    """Few distinct values, so that both halves have ties."""
    hashes = np.random.default_rng(bound).integers(0, bound, (200, 2), dtype=np.uint64)
    order, is_start = argsort_hashes(hashes)
    assert order.tolist() == np.lexsort((hashes[:, 1], hashes[:, 0])).tolist()
    ranked = hashes[order].tolist()
    assert is_start.tolist() == [i == 0 or ranked[i] != ranked[i - 1] for i in range(200)]
