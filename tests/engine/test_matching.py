"""The order in which pairs are scored: it saves time and does not affect results."""

from __future__ import annotations

from itertools import groupby

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdedup.engine.matching import order_by_component

COUNT = 14
numbers = st.integers(0, COUNT - 1)
pair_sets = st.sets(st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]))


@given(pair_sets)
def test_pairs_are_ordered_by_component(pairs: set[tuple[int, int]]) -> None:
    """Each pair once, component by component, in order within."""
    sorted_pairs = sorted(pairs)
    order = order_by_component(np.array(sorted_pairs, dtype=np.int64).reshape(-1, 2), COUNT).tolist()
    assert sorted(order) == list(range(len(sorted_pairs)))
    component_of = {
        article: i for i, part in enumerate(nx.connected_components(nx.Graph(sorted_pairs))) for article in part
    }
    runs = [list(run) for _, run in groupby(order, key=lambda index: component_of[sorted_pairs[index][0]])]
    assert len(runs) == len(set(component_of.values()))
    assert all(run == sorted(run) for run in runs)
