"""Articles on disk: reading returns what was written, under the ids and in the order that `resolve_ids` gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import article, background
from newsdedup import dedupe
from newsdedup.config import Config
from newsdedup.engine import intake, open_run
from newsdedup.engine.context import RunContext
from newsdedup.engine.intake import assign_ids, spool_items
from newsdedup.engine.workspace import Workspace
from newsdedup.errors import InputError
from newsdedup.execution import SERIAL, NoProgress
from newsdedup.models import Article, Rejected, Skipped
from newsdedup.readers import resolve_ids
from newsdedup.score import load_model
from untidy_pages import labelled_articles

pytestmark = pytest.mark.usefixtures("temporary_folder")

ONE = Config(workers=1)
ids = st.sampled_from(["a", "b", "a~1", "a~b3", "é"])
articles = st.builds(
    lambda name, text, source, path, record, published: article(
        name, text, source=source, path=path, record=record, published=published
    ),
    ids,
    st.sampled_from(["The ferry sailed.", "The ferry sank.", "It rained.", "Snow fell."]),
    st.sampled_from([None, "Courier", "Post"]),
    st.sampled_from(["one.jsonl", "two.jsonl"]),
    st.integers(1, 9),
    st.sampled_from([None, "2025-03-01", "2025-03-02", "2025"]),
)
rejections = st.builds(lambda record: Rejected(path="x", record=record, reason="empty"), st.integers(1, 5))


@given(
    items=st.lists(articles | rejections | st.just(Skipped("y.md", "a .md file")), max_size=30),
    batch_size=st.integers(1, 9),
    chunk_size=st.integers(1, 9),
)
def test_articles_match_those_of_resolve_ids(
    items: list[Article | Rejected | Skipped], batch_size: int, chunk_size: int
) -> None:
    """With any number of articles of shared ids in memory at a time, and any number spooled at a time."""
    expected = resolve_ids(items)
    with Workspace() as workspace, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(intake, "SAME_ID_BATCH", batch_size)
        monkeypatch.setattr(intake, "ARTICLES_PER_CHUNK", chunk_size)
        run = RunContext(ONE, background(), load_model(), SERIAL, workspace, NoProgress())
        spool = workspace.open_spool("articles")
        batch = assign_ids(spool_items(iter(items), spool, run), spool)
        assert tuple(batch.articles) == expected.articles
        assert (batch.repeated, batch.skipped) == (expected.repeated, expected.skipped)
        assert (batch.rejected, batch.warnings) == (expected.rejected, expected.warnings)
        hexes = [f"{high:016x}{low:016x}" for high, low in batch.columns.content_hashes.tolist()]
        assert hexes == [expected_article.content_hash for expected_article in expected.articles]


def test_nothing_stays_after_an_error_in_the_input(temporary_folder: Path) -> None:
    """An item that is not an article ends the run and removes its folder."""
    with pytest.raises(InputError, match="item 2 is of the type int"):
        dedupe([article("a", "The ferry sailed."), 7], ONE)  # type: ignore[list-item]
    assert not list(temporary_folder.iterdir())


def test_nothing_stays_when_the_reader_of_stories_stops(temporary_folder: Path) -> None:
    """Any exception inside the block removes the folder."""

    def interrupt_run() -> None:
        with open_run(labelled_articles().values(), ONE) as run:
            assert next(iter(run.stories))
            assert list(temporary_folder.iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt_run()
    assert not list(temporary_folder.iterdir())
