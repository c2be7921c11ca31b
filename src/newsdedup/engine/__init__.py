"""The only place that knows the order of the stages.

load -> clean -> fingerprint -> candidates -> verify -> score -> cluster -> merge -> related; rendering is the caller's.
Everything is put in an order of content first (content hash, then id), so that neither the order of input nor the
number of workers can show.
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
from newsdedup.engine.event_links import event_links
from newsdedup.engine.executor import PAIRS_A_CHUNK, Progress, Resources, Silent, spread
from newsdedup.engine.intake import TakenIn, outlet_lines, take_in
from newsdedup.engine.matching import Matched, match
from newsdedup.engine.story_list import STORIES_A_CHUNK, Stories, json_lines, tell_several
from newsdedup.engine.workspace import Workspace
from newsdedup.idf import load_background
from newsdedup.models import Loaded, Rejected, Result, Score, Summary, UncertainMerge
from newsdedup.score import load_model, score
from newsdedup.tasks import chunks_of
from newsdedup.thresholds import DOUBTFUL, LEAST_CERTAIN

if TYPE_CHECKING:
    from newsdedup.engine.comparison import compare
    from newsdedup.models.evaluation import AskedPair

__all__ = ["Progress", "Run", "compare", "dedupe", "dedupe_and_ask", "run"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import `compare` when it is first asked for, with the models that only it prints."""
        if name != "compare":
            raise AttributeError(f"module 'newsdedup.engine' has no attribute '{name}'")
        from newsdedup.engine.comparison import compare  # noqa: PLC0415

        return compare


@dataclass(frozen=True)
class Run:
    """What a run has found: `stories` are made when they are asked for, out of what lies on disk until the run ends."""

    stories: Stories
    rejected: tuple[Rejected, ...]
    summary: Summary
    workers: int
    matched: Matched

    def json_lines(self, progress: Progress | None = None) -> Iterator[bytes]:
        """Yield the stories as lines of JSON in UTF-8, many at a time, made by the workers."""
        progress = progress or Silent()
        progress.stage("write", len(self.stories))
        for chunk in json_lines(self.stories, self.workers):
            yield chunk
            progress.advance(STORIES_A_CHUNK)

    def result(self) -> Result:
        """Return everything at once, in memory."""
        return Result(stories=tuple(self.stories), rejected=self.rejected, summary=self.summary)


def dedupe(items: Iterable[Loaded], config: Config | None = None, *, progress: Progress | None = None) -> Result:
    """Find the articles that tell the same report and merge each story.

    `items` is what `load` yields, or articles of your own. Returns the stories, what was rejected and the counts; the
    same articles give the same result in any order. Raises ModelError where `config.model` cannot be used.
    """
    with run(items, config, progress=progress) as found:
        return found.result()


def dedupe_and_ask(
    items: Iterable[Loaded],
    asked: Iterable[tuple[str, str]],
    config: Config | None = None,
    *,
    progress: Progress | None = None,
) -> tuple[Result, dict[tuple[str, str], AskedPair]]:
    """Do what `dedupe` does, and say of the pairs of article ids `asked` what the same run makes of each.

    Pairs that hold an id which is in no story are left out of the answer.
    """
    with run(items, config, progress=progress) as found:
        return found.result(), _answers(tuple(asked), found, progress or Silent())


@contextmanager
def run(items: Iterable[Loaded], config: Config | None = None, *, progress: Progress | None = None) -> Iterator[Run]:
    """Yield what `dedupe` would return, story by story: what is not held in memory lies in a folder that ends with it.

    Raises as `dedupe` does, and OutputError where the temporary folder cannot be made or is full.
    """
    config, progress = config or Config(), progress or Silent()
    workers = config.workers or os.cpu_count() or 1
    with threadpool_limits(limits=1, user_api="blas"), Workspace() as workspace:  # small matrices: threads cost more
        model = load_model(Path(config.model) if config.model is not None else None)
        resources = Resources(load_background(), model)
        found = take_in(items, workspace, workers, progress)
        table = outlet_lines(found)
        matched = match(found.articles, table, resources, workspace, config, workers, progress)
        spool = workspace.spool("stories")
        stories = Stories(matched, found.content, tell_several(matched, spool, workers, progress), spool)
        progress.stage("related", None)
        stories.link(event_links(matched, stories.bases, workers))
        yield Run(
            stories=stories,
            rejected=found.rejected,
            summary=_summary(found, matched, stories),
            workers=workers,
            matched=matched,
        )


def _summary(found: TakenIn, matched: Matched, stories: Stories) -> Summary:
    articles = len(found.articles)
    merged = int((stories.sizes > 1).sum())
    return Summary(
        records=articles + found.repeated + len(found.rejected),
        articles=articles,
        repeated=found.repeated,
        rejected=len(found.rejected),
        skipped=found.skipped,
        stories=len(stories),
        merged_stories=merged,
        lone=len(stories) - merged,
        body_empty=matched.empty,
        conflicts=stories.conflicts,
        doubtful=int((stories.weakest() < DOUBTFUL).sum()),
        least_certain=least_certain(stories),
        warnings=found.warnings,
    )


def least_certain(stories: Stories, among: AbstractSet[int] | None = None) -> tuple[UncertainMerge, ...]:
    """Return the merged stories whose weakest tie is lowest, LEAST_CERTAIN at most; only of those `among`, if given."""
    weakest = stories.weakest()
    doubted = np.flatnonzero(weakest < 1)
    if among is not None:
        doubted = doubted[np.isin(doubted, sorted(among))]
    doubted = doubted[np.lexsort((stories.ids[doubted], weakest[doubted]))][:LEAST_CERTAIN]
    return tuple(
        UncertainMerge(story_id=each.story_id, title=each.title, weakest=each.cohesion.weakest)
        for each in (stories[int(at)] for at in doubted)
    )


def _answers(asked: Sequence[tuple[str, str]], found: Run, progress: Progress) -> dict[tuple[str, str], AskedPair]:
    """Score the pairs of article ids in full; one text under two ids was matched as one, whatever its score."""
    from newsdedup.models.evaluation import AskedPair  # noqa: PLC0415 - `ingest` asks nothing

    matched, reports = found.matched, found.matched.profiles.reports
    wanted = {name for pair in asked for name in pair}
    at = {name: i for i, report in enumerate(reports) if (name := report.article.article_id) in wanted}
    group = np.empty(len(reports), dtype=np.int64)
    group[matched.groups.values] = np.repeat(np.arange(len(matched.groups)), matched.groups.sizes)
    known = [(a, b) for a, b in asked if a in at and b in at]
    progress.stage("asked pairs", len(known))
    places = np.array([(at[a], at[b]) for a, b in known], dtype=np.int64).reshape(-1, 2)
    scores: list[Score | None] = []
    for part in spread(_score_in_full, (matched, places), chunks_of(len(known), PAIRS_A_CHUNK), found.workers):
        scores.extend(part)
        progress.advance(len(part))
    out = {}
    for names, (i, j), told in zip(known, places.tolist(), scores, strict=True):
        one, other = sorted((int(group[i]), int(group[j])))
        as_one = told is not None and one == other
        out[names] = AskedPair(
            reports[i],
            reports[j],
            candidate=as_one or (one, other) in matched.scored,
            score=replace(told, probability=1.0) if told is not None and as_one else told,
        )
    return out


def _score_in_full(shared: tuple[Matched, Pairs], at: range) -> list[Score | None]:
    matched, places = shared
    profiles, model = matched.profiles, matched.resources.model
    return [
        score(profiles[i], profiles[j], model) if matched.prints.words[[i, j]].all() else None
        for i, j in places[at.start : at.stop].tolist()
    ]
