"""Reports of stored articles, loaded by slot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from builders import article
from newsdedup.config import Config
from newsdedup.engine.context import open_context
from newsdedup.engine.report_cache import ReportCache
from newsdedup.store import Store

ONE = Config(workers=1)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ReportCache]:
    """Return an empty cache over a store of three articles, in slots 0 to 2."""
    with Store(tmp_path / "s.db", ONE) as store, open_context(ONE) as context:
        store.ingest([article(f"note {n}", f"The {n}th lock on the canal at Bress is shut.") for n in range(3)])
        with store.open_corpus(context) as (corpus, _):
            yield ReportCache(corpus, context)


def test_indices_are_in_the_order_of_loading(cache: ReportCache) -> None:
    """In the shape of the slots; a slot that is loaded again keeps its index."""
    cache.load(np.array([2]))
    cache.load(np.array([2, 0]))
    assert cache.indices_of(np.array([[0, 2], [2, 2]])).tolist() == [[1, 0], [0, 0]]
    assert len(cache) == 2


@pytest.mark.parametrize("loaded", [[], [0], [0, 2]], ids=str)
def test_a_slot_that_was_not_loaded_has_no_index(cache: ReportCache, loaded: list[int]) -> None:
    """Neither one before the last loaded one nor one after it; the error names it."""
    cache.load(np.array(loaded, dtype=np.int64))
    with pytest.raises(KeyError, match=r"^1$"):
        cache.indices_of(np.array([*loaded, 1]))
