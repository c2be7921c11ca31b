"""The stories of a run: the same whether built or rendered from their parts, and with or without stored scores."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import DATA, article
from newsdedup import dedupe, load
from newsdedup.clean import clean
from newsdedup.config import Config
from newsdedup.engine import open_run
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_builder import build_lone_story, build_lone_variant
from newsdedup.models import LoneStory, Score
from newsdedup.render.json_text import lone_to_json, to_json
from newsdedup.render.stories.jsonl import render_chunks
from untidy_pages import labelled_articles

ONE = Config(workers=1)
texts = st.text(alphabet=st.sampled_from('aé”。… \x7f\x85\u2028\ud800\n"\\中'), max_size=30)


def test_stored_pair_scores_change_no_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stories are the same with and without the stored scores of pairs."""
    articles = list(labelled_articles().values())
    first = dedupe(articles, ONE)
    hits: list[bool] = []
    find_score = PairScores.find_score

    def record_hit(pair_scores: PairScores, base: int, variant: int) -> Score | None:
        hits.append((score := find_score(pair_scores, base, variant)) is not None)
        return score

    monkeypatch.setattr(PairScores, "find_score", record_hit)
    assert dedupe(articles, ONE) == first
    assert sum(hits) > len(hits) / 2
    monkeypatch.setattr(PairScores, "find_score", lambda *_: None)
    assert dedupe(articles, ONE) == first


@given(paragraphs=st.lists(st.lists(texts.filter(bool), min_size=1, max_size=3).map(tuple), max_size=3), title=texts)
def test_a_lone_story_is_rendered_like_any_other(paragraphs: list[tuple[str, ...]], title: str) -> None:
    """The fast path for lone stories gives the same bytes as the general one, for any text."""
    report = replace(clean(article("a\x7f", "The ferry sailed.", title=title)), paragraphs=tuple(paragraphs))
    story = build_lone_story(report).model_copy(update={"story_id": "0" * 16})
    assert lone_to_json(LoneStory(report, build_lone_variant(report), "0" * 16, (), None)) == to_json(story)


def test_json_lines_match_the_stories() -> None:
    """Merged and lone stories with their links, for any number of workers."""
    path = DATA / "labelled.jsonl"
    for workers in (1, 2):
        with open_run(load([str(path)]), Config(workers=workers)) as run:
            lines = b"".join(render_chunks(run.stories, run.executor)).decode().splitlines()
            assert lines == [to_json(story) for story in run.stories]
            sizes = [len(story.variants) for story in run.stories]
            assert sizes == sorted(sizes, reverse=True)
            assert sizes[0] > 1
