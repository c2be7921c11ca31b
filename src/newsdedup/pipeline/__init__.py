"""The only place that knows the order of the stages.

load -> clean -> fingerprint -> candidates -> score -> cluster -> merge -> related; rendering is the caller's.
Everything is put in an order of content first (content hash, then id), so that neither the order of input nor the
number of workers can show.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from newsdedup.background import load_background
from newsdedup.cluster import Pair
from newsdedup.config import Config
from newsdedup.errors import InputError
from newsdedup.load import identify
from newsdedup.models import AskedPair, Loaded, Result, Score, Skipped, Story, Summary
from newsdedup.pipeline.comparing import compare
from newsdedup.pipeline.matching import Matched, match, with_body
from newsdedup.pipeline.telling import identified, in_order, least_certain, linked, members_of, tell
from newsdedup.pipeline.workers import PAIRS_A_CHUNK, STORIES_A_CHUNK, Progress, Resources, Silent, in_chunks
from newsdedup.score import load_model, score

__all__ = ["Progress", "compare", "dedupe", "dedupe_and_ask"]


def dedupe(items: Iterable[Loaded], config: Config | None = None, *, progress: Progress | None = None) -> Result:
    """Find the articles that tell the same report and merge each story.

    `items` is what `load` yields, or articles of your own. Returns the stories, what was rejected and the counts; the
    same articles give the same result in any order. Raises ModelError where `config.model` cannot be used.
    """
    with threadpool_limits(limits=1, user_api="blas"):  # small matrices: threads cost more than they bring
        return _dedupe(items, config or Config(), progress or Silent())[0]


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
    with threadpool_limits(limits=1, user_api="blas"):
        return _dedupe(items, config or Config(), progress or Silent(), tuple(asked))


def _dedupe(
    items: Iterable[Loaded], config: Config, progress: Progress, asked: Sequence[tuple[str, str]] = ()
) -> tuple[Result, dict[tuple[str, str], AskedPair]]:
    workers = config.workers or os.cpu_count() or 1
    resources = Resources(load_background(), load_model(Path(config.model) if config.model is not None else None))
    found = identify(_counted(items, progress))

    matched = match(found.articles, resources, config, workers, progress)
    resources, profiles, clusters = matched.resources, matched.profiles, matched.clusters
    progress.stage("merge", len(clusters))
    told = [members_of(each, matched.groups, profiles) for each in clusters]
    several = [each for each in told if len(each.at) > 1]
    drafts: list[Story] = []
    for part in in_chunks(tell, several, STORIES_A_CHUNK, resources, workers, progress):
        drafts.extend(part)
    # A lone article costs more to hand to a process and back than to tell here.
    for part in in_chunks(tell, [each for each in told if len(each.at) == 1], STORIES_A_CHUNK, resources, 1, progress):
        drafts.extend(part)
    progress.stage("related", None)
    stories = in_order(linked(identified(drafts), resources))
    merged = sum(len(story.variants) > 1 for story in stories)
    answers = _answers(asked, matched, workers, progress) if asked else {}
    result = Result(
        stories=tuple(stories),
        rejected=found.rejected,
        summary=Summary(
            records=len(found.articles) + found.repeated + len(found.rejected),
            articles=len(found.articles),
            repeated=found.repeated,
            rejected=len(found.rejected),
            skipped=found.skipped,
            stories=len(stories),
            merged_stories=merged,
            lone=len(stories) - merged,
            body_empty=sum(not profile.report.paragraphs for profile in profiles),
            conflicts=sum(len(story.conflicts) for story in stories),
            least_certain=least_certain(stories),
            warnings=found.warnings,
        ),
    )
    return result, answers


def _counted(items: Iterable[Loaded], progress: Progress) -> Iterator[Loaded]:
    progress.stage("load", None)
    for item in items:
        if not isinstance(item, Loaded):
            kind = type(item).__name__
            raise InputError(
                f"dedupe takes articles, not {kind}: pass load([...]), or make each with Article.of(id, text)"
            )
        yield item
        progress.advance(not isinstance(item, Skipped))


def _answers(
    asked: Sequence[tuple[str, str]], matched: Matched, workers: int, progress: Progress
) -> dict[tuple[str, str], AskedPair]:
    """Score the pairs of article ids in full; one text under two ids was matched as one, whatever its score."""
    profiles = matched.profiles
    at = {each.report.article.article_id: i for i, each in enumerate(profiles)}
    group = {i: number for number, members in enumerate(matched.groups) for i in members}
    known = [(a, b) for a, b in asked if a in at and b in at]
    progress.stage("asked pairs", len(known))
    places = [(at[a], at[b]) for a, b in known]
    scores: list[Score | None] = []
    for part in in_chunks(_score_in_full, places, PAIRS_A_CHUNK, matched.resources, workers, progress):
        scores.extend(part)
    out = {}
    for names, (i, j), found in zip(known, places, scores, strict=True):
        one, other = sorted((group[i], group[j]))
        as_one = found is not None and one == other
        out[names] = AskedPair(
            profiles[i].report,
            profiles[j].report,
            candidate=as_one or (one, other) in matched.scored,
            score=replace(found, probability=1.0) if found is not None and as_one else found,
        )
    return out


def _score_in_full(resources: Resources, pairs: Sequence[Pair]) -> list[Score | None]:
    profiles, scorable = resources.profiles, set(with_body(resources.profiles, pairs))
    return [score(profiles[i], profiles[j], resources.model) if (i, j) in scorable else None for i, j in pairs]
