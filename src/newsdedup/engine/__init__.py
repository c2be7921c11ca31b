"""The only place that knows the order of the stages.

load -> clean -> fingerprint -> candidates -> prefilter -> score -> cluster -> merge -> related. Rendering is left to
the caller. Articles are sorted by content first (content hash, then id), so the result depends neither on the order of
the input nor on the number of workers.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from newsdedup.config import Config
from newsdedup.engine.cleaning import Pairs
from newsdedup.engine.event_links import find_event_links
from newsdedup.engine.executor import PAIRS_PER_CHUNK, NoProgress, Progress, ScoringContext, map_chunks
from newsdedup.engine.intake import LoadedBatch, find_recurring_lines, load_batch
from newsdedup.engine.matching import Matching, match_articles
from newsdedup.engine.story_list import STORIES_PER_CHUNK, Stories, build_merged_stories, render_json_lines
from newsdedup.engine.workspace import Workspace
from newsdedup.idf import load_idf_table
from newsdedup.models import Loaded, Rejected, Result, Score, Summary, UncertainMerge
from newsdedup.score import load_model, score
from newsdedup.tasks import split_range
from newsdedup.thresholds import DOUBTFUL_COHESION, LEAST_CERTAIN_COUNT

if TYPE_CHECKING:
    from newsdedup.engine.comparison import compare
    from newsdedup.models.evaluation import RequestedPair

__all__ = ["Progress", "Run", "compare", "dedupe", "dedupe_and_score", "run_pipeline"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import `compare` on first use; it pulls in models that nothing else prints."""
        if name != "compare":
            raise AttributeError(f"module 'newsdedup.engine' has no attribute '{name}'")
        from newsdedup.engine.comparison import compare  # noqa: PLC0415

        return compare


@dataclass(frozen=True)
class Run:
    """The outcome of a run. `stories` are built on access from temporary files, which exist until the run ends."""

    stories: Stories
    rejected: tuple[Rejected, ...]
    summary: Summary
    workers: int
    matching: Matching

    def json_lines(self, progress: Progress | None = None) -> Iterator[bytes]:
        """Yield the stories as UTF-8 lines of JSON, STORIES_PER_CHUNK at a time, rendered by the workers."""
        progress = progress or NoProgress()
        progress.stage("write", len(self.stories))
        for chunk in render_json_lines(self.stories, self.workers):
            yield chunk
            progress.advance(STORIES_PER_CHUNK)

    def to_result(self) -> Result:
        """Return all stories at once, in memory."""
        return Result(stories=tuple(self.stories), rejected=self.rejected, summary=self.summary)


def dedupe(items: Iterable[Loaded], config: Config | None = None, *, progress: Progress | None = None) -> Result:
    """Find the articles that contain the same report and merge each group of them into a story.

    `items` is the output of `load`, or articles built with `Article.of`. Returns the stories, the rejected records and
    the counts. The result does not depend on the order of the articles. Raises ModelError if `config.model` cannot be
    used.
    """
    with run_pipeline(items, config, progress=progress) as run:
        return run.to_result()


def dedupe_and_score(
    items: Iterable[Loaded],
    pairs: Iterable[tuple[str, str]],
    config: Config | None = None,
    *,
    progress: Progress | None = None,
) -> tuple[Result, dict[tuple[str, str], RequestedPair]]:
    """Do what `dedupe` does, and also score the given pairs of article ids in the same run.

    Returns the result, and for each pair its reports, whether it was a candidate pair and its score. Pairs with an id
    that is in no story are left out.
    """
    with run_pipeline(items, config, progress=progress) as run:
        return run.to_result(), _score_requested_pairs(tuple(pairs), run, progress or NoProgress())


@contextmanager
def run_pipeline(
    items: Iterable[Loaded], config: Config | None = None, *, progress: Progress | None = None
) -> Iterator[Run]:
    """Run all stages and yield the outcome, whose stories are read one by one from a temporary folder.

    The folder is removed when the block ends. Raises ModelError as `dedupe` does, and OutputError if the temporary
    folder cannot be created or is full.
    """
    config, progress = config or Config(), progress or NoProgress()
    workers = config.workers or os.cpu_count() or 1
    with threadpool_limits(limits=1, user_api="blas"), Workspace() as workspace:  # small matrices: threads cost more
        model = load_model(Path(config.model) if config.model is not None else None)
        scoring = ScoringContext(load_idf_table(), model)
        batch = load_batch(items, workspace, workers, progress)
        recurring_lines = find_recurring_lines(batch)
        matching = match_articles(batch.articles, recurring_lines, scoring, workspace, config, workers, progress)
        spool = workspace.open_spool("stories")
        stories = Stories(
            matching, batch.content_hashes, build_merged_stories(matching, spool, workers, progress), spool
        )
        progress.stage("related", None)
        stories.set_links(find_event_links(matching, stories.bases, workers))
        yield Run(
            stories=stories,
            rejected=batch.rejected,
            summary=_summarise(batch, matching, stories),
            workers=workers,
            matching=matching,
        )


def _summarise(batch: LoadedBatch, matching: Matching, stories: Stories) -> Summary:
    articles = len(batch.articles)
    merged = int((stories.sizes > 1).sum())
    return Summary(
        records=articles + batch.repeated + len(batch.rejected),
        articles=articles,
        repeated=batch.repeated,
        rejected=len(batch.rejected),
        skipped=batch.skipped,
        stories=len(stories),
        merged_stories=merged,
        lone=len(stories) - merged,
        body_empty=matching.empty_count,
        conflicts=stories.conflict_count,
        doubtful=int((stories.weakest_cohesion() < DOUBTFUL_COHESION).sum()),
        least_certain=least_certain_merges(stories),
        warnings=batch.warnings,
    )


def least_certain_merges(stories: Stories, indices: AbstractSet[int] | None = None) -> tuple[UncertainMerge, ...]:
    """Return the merged stories with the lowest cohesion, at most LEAST_CERTAIN_COUNT, least certain first.

    With `indices`, only the stories at these positions are considered.
    """
    weakest = stories.weakest_cohesion()
    uncertain = np.flatnonzero(weakest < 1)
    if indices is not None:
        uncertain = uncertain[np.isin(uncertain, sorted(indices))]
    uncertain = uncertain[np.lexsort((stories.ids[uncertain], weakest[uncertain]))][:LEAST_CERTAIN_COUNT]
    return tuple(
        UncertainMerge(story_id=story.story_id, title=story.title, weakest=story.cohesion.weakest)
        for story in (stories[int(index)] for index in uncertain)
    )


def _score_requested_pairs(
    pairs: Sequence[tuple[str, str]], run: Run, progress: Progress
) -> dict[tuple[str, str], RequestedPair]:
    """Score pairs of article ids with all signals. Exact duplicates were matched as one, so they count as certain."""
    from newsdedup.models.evaluation import RequestedPair  # noqa: PLC0415 - only evaluation needs it

    matching, reports = run.matching, run.matching.features.reports
    wanted_ids = {article_id for pair in pairs for article_id in pair}
    index_of = {
        article_id: i for i, report in enumerate(reports) if (article_id := report.article.article_id) in wanted_ids
    }
    group_of = np.empty(len(reports), dtype=np.int64)
    group_of[matching.groups.values] = np.repeat(np.arange(len(matching.groups)), matching.groups.sizes)
    valid_pairs = [(a, b) for a, b in pairs if a in index_of and b in index_of]
    progress.stage("asked pairs", len(valid_pairs))
    indices = np.array([(index_of[a], index_of[b]) for a, b in valid_pairs], dtype=np.int64).reshape(-1, 2)
    scores: list[Score | None] = []
    for chunk_scores in map_chunks(
        _score_in_full, (matching, indices), split_range(len(valid_pairs), PAIRS_PER_CHUNK), run.workers
    ):
        scores.extend(chunk_scores)
        progress.advance(len(chunk_scores))
    answers = {}
    for id_pair, (i, j), pair_score in zip(valid_pairs, indices.tolist(), scores, strict=True):
        group_a, group_b = sorted((int(group_of[i]), int(group_of[j])))
        is_same_group = pair_score is not None and group_a == group_b
        answers[id_pair] = RequestedPair(
            reports[i],
            reports[j],
            candidate=is_same_group or (group_a, group_b) in matching.pair_probabilities,
            score=replace(pair_score, probability=1.0) if pair_score is not None and is_same_group else pair_score,
        )
    return answers


def _score_in_full(shared: tuple[Matching, Pairs], chunk: range) -> list[Score | None]:
    matching, indices = shared
    features, model = matching.features, matching.scoring.model
    return [
        score(features[i], features[j], model) if matching.fingerprints.word_counts[[i, j]].all() else None
        for i, j in indices[chunk.start : chunk.stop].tolist()
    ]
