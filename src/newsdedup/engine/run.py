"""Runs: updates turned into stories and counts. `dedupe` is the update of an empty corpus."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from newsdedup.arrays import Ints, Pairs
from newsdedup.config import Config
from newsdedup.engine.context import PAIRS_PER_CHUNK, RunContext, limit_threads, open_context, open_context_only
from newsdedup.engine.corpus import EmptyCorpus
from newsdedup.engine.intake import LoadedBatch
from newsdedup.engine.matching import Matching
from newsdedup.engine.story_list import Stories
from newsdedup.engine.update import update
from newsdedup.execution import Executor, Progress, split_range
from newsdedup.models import Item, Rejected, Result, Score, Story, StoryList, Summary, UncertainMerge
from newsdedup.score import score
from newsdedup.thresholds import DOUBTFUL_COHESION, LEAST_CERTAIN_COUNT

if TYPE_CHECKING:
    from newsdedup.models.evaluation import RequestedPair


@dataclass(frozen=True)
class Run:
    """The result of a run. Stories are built on access, from temporary files that last until the run ends."""

    stories: StoryList
    rejected: tuple[Rejected, ...]
    summary: Summary
    executor: Executor

    def to_result(self) -> Result:
        """Return everything at once, in memory."""
        return Result.model_construct(stories=tuple(self.stories), rejected=self.rejected, summary=self.summary)


def dedupe(items: Iterable[Item], config: Config | None = None, *, progress: Progress | None = None) -> Result:
    """Find the articles that contain the same report and merge each group of them into a story.

    `items` is what `load` yields, or any mix of texts, mappings with the fields of a JSON record (docs/formats.md) and
    `Article`s. An item without an id gets one that is computed from its values, so that of equal items one remains and
    the others count as repeated. Returns the stories, the rejected records and the counts. The result does not depend
    on the order of the items. Raises InputError for an item that cannot be used, ModelError if `config.model` cannot be
    used, and OutputError if the temporary folder cannot be created or is full.
    """
    with open_run(items, config, progress=progress) as run:
        return run.to_result()


def iter_stories(
    items: Iterable[Item], config: Config | None = None, *, progress: Progress | None = None
) -> Generator[Story, None, None]:
    """Yield the stories of `dedupe` one by one, in the same order, without holding all of them in memory.

    The articles are matched when the first story is asked for, which raises what `dedupe` raises. The temporary files
    are removed after the last story, or when the generator is closed.
    """
    with open_context_only(config, progress) as context:
        with limit_threads():  # not while the caller works with a story
            run, _ = _run(items, context)
        yield from run.stories


@contextmanager
def open_run(items: Iterable[Item], config: Config | None = None, *, progress: Progress | None = None) -> Iterator[Run]:
    """Yield the result of `dedupe` without holding all stories in memory; its files are removed when the block ends.

    Raises what `dedupe` raises.
    """
    with open_context(config, progress) as context:
        yield _run(items, context)[0]


def dedupe_and_score(
    items: Iterable[Item],
    pairs: Iterable[tuple[str, str]],
    config: Config | None = None,
    *,
    progress: Progress | None = None,
) -> tuple[Result, dict[tuple[str, str], RequestedPair]]:
    """Do what `dedupe` does, and also score the given pairs of article ids in the same run.

    Returns the result, and for each pair its reports, whether it was a candidate pair and its score. Pairs with an id
    that is in no story are left out.
    """
    with open_context(config, progress) as context:
        run, matching = _run(items, context)
        return run.to_result(), _score_requested(tuple(pairs), matching, context)


def _run(items: Iterable[Item], context: RunContext) -> tuple[Run, Matching]:
    result = update(EmptyCorpus(), items, run=context)
    stories = Stories(result.matching, result.content_hashes, context)
    stories.link_events(context)
    batch = result.incoming.batch
    return Run(stories, batch.rejected, summarise(batch, stories), context.executor), result.matching


def summarise(batch: LoadedBatch, stories: Stories) -> Summary:
    """Return the counts of a run over the loaded records and all stories."""
    articles = len(batch.articles)
    return Summary(
        records=articles + batch.repeated + len(batch.rejected),
        articles=articles,
        repeated=batch.repeated,
        rejected=len(batch.rejected),
        skipped=batch.skipped,
        body_empty=stories.empty_count,
        warnings=batch.warnings,
        **count_stories(stories),
    )


def count_stories(stories: Stories, indices: Ints | None = None) -> dict[str, Any]:
    """Return the counts of all stories, or of those at some indices, as fields of a `Summary`."""
    rows = np.arange(len(stories)) if indices is None else indices
    merged = int((stories.sizes[rows] > 1).sum())
    return {
        "stories": len(rows),
        "merged_stories": merged,
        "lone": len(rows) - merged,
        "conflicts": int(stories.conflict_counts[rows].sum()),
        "doubtful": int((stories.weakest_cohesion()[rows] < DOUBTFUL_COHESION).sum()),
        "least_certain": _find_least_certain(stories, rows),
    }


def _find_least_certain(stories: Stories, rows: Ints) -> tuple[UncertainMerge, ...]:
    """Return those of some stories that have the lowest cohesion below 1, at most LEAST_CERTAIN_COUNT."""
    weakest = stories.weakest_cohesion()
    uncertain = rows[weakest[rows] < 1]
    uncertain = uncertain[np.lexsort((stories.ids[uncertain], weakest[uncertain]))][:LEAST_CERTAIN_COUNT]
    return tuple(
        UncertainMerge(story_id=story.story_id, title=story.title, weakest=story.cohesion.weakest)
        for story in (stories[int(index)] for index in uncertain)
    )


def _score_requested(
    pairs: Sequence[tuple[str, str]], matching: Matching, context: RunContext
) -> dict[tuple[str, str], RequestedPair]:
    """Score pairs of article ids in full. Two articles with identical reports were matched as one."""
    from newsdedup.models.evaluation import RequestedPair  # noqa: PLC0415 - only `evaluate` needs it

    reports, group_of = matching.features.reports, matching.group_of
    ids = {article_id for pair in pairs for article_id in pair}
    index_of = {article_id: i for i, report in enumerate(reports) if (article_id := report.article.article_id) in ids}
    valid_pairs = [(a, b) for a, b in pairs if a in index_of and b in index_of]
    context.progress.stage("asked pairs", len(valid_pairs))
    indices = np.array([(index_of[a], index_of[b]) for a, b in valid_pairs], dtype=np.int64).reshape(-1, 2)
    scores: list[Score | None] = []
    chunks = split_range(len(valid_pairs), PAIRS_PER_CHUNK)
    for chunk in context.executor.map(_score_in_full, (matching, indices), chunks):
        scores.extend(chunk)
        context.progress.advance(len(chunk))
    is_candidate = matching.is_scored(matching.representatives[group_of[indices]])
    results = {}
    for row, (id_pair, pair_score) in enumerate(zip(valid_pairs, scores, strict=True)):
        i, j = indices[row].tolist()
        is_same_group = pair_score is not None and group_of[i] == group_of[j]
        results[id_pair] = RequestedPair(
            reports[i],
            reports[j],
            candidate=bool(is_same_group or is_candidate[row]),
            score=replace(pair_score, probability=1.0) if pair_score is not None and is_same_group else pair_score,
        )
    return results


def _score_in_full(shared: tuple[Matching, Pairs], chunk: range) -> list[Score | None]:
    matching, indices = shared
    features, model = matching.features, matching.scoring.model
    return [
        score(features[i], features[j], model) if matching.fingerprints.word_counts[[i, j]].all() else None
        for i, j in indices[chunk.start : chunk.stop].tolist()
    ]
