"""The order in which pairs are scored saves time and changes nothing."""

from __future__ import annotations

from itertools import groupby

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdedup.engine.matching import side_by_side

COUNT = 14
numbers = st.integers(0, COUNT - 1)
pairs_of = st.sets(st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]))


@settings(deadline=None)
@given(pairs_of)
def test_pairs_with_articles_in_common_stand_together(pairs: set[tuple[int, int]]) -> None:
    """Each pair once, component by component, and in order within."""
    asked = sorted(pairs)
    order = side_by_side(np.array(asked, dtype=np.int64).reshape(-1, 2), COUNT).tolist()
    assert sorted(order) == list(range(len(asked)))
    home = {each: i for i, part in enumerate(nx.connected_components(nx.Graph(asked))) for each in part}
    runs = [list(run) for _, run in groupby(order, key=lambda at: home[asked[at][0]])]
    assert len(runs) == len(set(home.values()))
    assert all(run == sorted(run) for run in runs)
