"""Builds one story: chooses its base, relates every variant to it and merges the canonical article."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from newsdedup.features import ReportFeatures
from newsdedup.merge import merge
from newsdedup.merge.base_choice import BaseChoice, choose_base
from newsdedup.merge.versions import find_superseded, find_withdrawal
from newsdedup.models import Cohesion, Direction, Paragraph, Passage, Relation, Report, Score, Sentence, Story, Variant
from newsdedup.models.options import DEFAULT_MERGE_OPTIONS, AdditionsMode, MergeOptions
from newsdedup.score import Model, score_others
from newsdedup.text import date_sort_key, join_sentences

ScoreLookup = Callable[[int, int], Score | None]
"""Returns the stored score of the second member relative to the first (indices of members), or None."""


def _no_score(_base: int, _other: int) -> Score | None:
    return None


def build_story(
    members: Sequence[ReportFeatures],
    model: Model,
    weakest: float,
    bridges: Sequence[str],
    lookup: ScoreLookup = _no_score,
    options: MergeOptions = DEFAULT_MERGE_OPTIONS,
) -> tuple[Story, int]:
    """Return the story of several members, given in content order, and the index of its base.

    `weakest` and `bridges` are the cohesion of its cluster. The story's id and links are filled in later.
    """
    superseded = find_superseded(members)
    choice = choose_base(members, superseded, options)
    scores = _score_members(members, choice.index, model, lookup)
    cohesion = Cohesion(weakest=weakest, bridges=tuple(sorted(bridges)))
    scores = _mark_superseded(scores, superseded)
    return _assemble_story(members, choice, scores, cohesion, superseded, options.additions), choice.index


def build_lone_story(report: Report) -> Story:
    """Return the story of a report that has no duplicates."""
    article = report.article
    article_id = article.article_id
    return Story(
        story_id="",
        title=report.title,
        title_inferred=report.title_inferred,
        published=article.published,
        language=article.language,
        body_empty=not report.paragraphs,
        text=report.text,
        paragraphs=tuple(
            Paragraph(
                text=join_sentences(sentences),
                added=False,
                sources=(article_id,),
                sentences=tuple(
                    Sentence(text=text, sources=(Passage(article_id=article_id, text=text),)) for text in sentences
                ),
            )
            for sentences in report.paragraphs
        ),
        withdrawn=find_withdrawal(report),
        variants=(build_lone_variant(report),),
        cohesion=Cohesion(weakest=1.0),
    )


def _assemble_story(
    members: Sequence[ReportFeatures],
    choice: BaseChoice,
    scores: Sequence[Score],
    cohesion: Cohesion,
    superseded: set[int],
    additions: AdditionsMode,
) -> Story:
    base_index = choice.index
    base, reports = members[base_index], [member.report for member in members]
    articles = [report.article for report in reports]
    order = sorted(
        (i for i in range(len(members)) if i != base_index),
        key=lambda i: (-len(members[i].word_hashes), articles[i].content_hash, articles[i].article_id),
    )
    merged = merge(base, [members[i] for i in order], [i in superseded for i in order], additions)
    by_id = sorted(order, key=lambda i: articles[i].article_id)
    earliest = min((article.published for article in articles if article.published), key=date_sort_key, default=None)
    titled_report = next((reports[i] for i in (base_index, *order) if not reports[i].title_inferred), base.report)
    return Story(
        story_id="",
        title=titled_report.title,
        title_inferred=titled_report.title_inferred,
        published=base.report.article.published or earliest,
        language=base.report.article.language,
        body_empty=not base.report.paragraphs,
        text="\n\n".join(paragraph.text for paragraph in merged.paragraphs),
        paragraphs=merged.paragraphs,
        conflicts=merged.conflicts,
        superseded=merged.superseded,
        additions=merged.additions,
        withdrawn=next(filter(None, (find_withdrawal(reports[i]) for i in (base_index, *by_id))), None),
        variants=(
            _build_variant(base.report, scores[base_index], choice.reason),
            *(_build_variant(reports[i], scores[i]) for i in by_id),
        ),
        cohesion=cohesion,
    )


def build_lone_variant(report: Report) -> Variant:
    """Return the only variant of a story with one report."""
    return _build_variant(report, _BASE)


def _mark_superseded(scores: Sequence[Score], superseded: set[int]) -> list[Score]:
    """Return the scores with the relation of earlier versions: the base is an update of them."""
    return [
        replace(score, relation=Relation.UPDATE, direction=Direction.TO_BASE)
        if i in superseded and score.relation not in (Relation.BASE, Relation.IDENTICAL)
        else score
        for i, score in enumerate(scores)
    ]


_BASE = Score(1.0, 1.0, 1.0, Relation.BASE, Direction.UNKNOWN)
_IDENTICAL = Score(1.0, 1.0, 1.0, Relation.IDENTICAL, Direction.UNKNOWN)
# The score of an article without a report, which only a person's decision can add to a story.
_WITHOUT_REPORT = Score(0.0, 0.0, 0.0, Relation.REWRITE, Direction.UNKNOWN)


def _score_members(members: Sequence[ReportFeatures], base: int, model: Model, lookup: ScoreLookup) -> list[Score]:
    """Score every member against the base. The base and members with exactly its words need no measuring."""
    base_words = members[base].word_hashes
    scores: dict[int, Score | None] = {
        i: _IDENTICAL if np.array_equal(member.word_hashes, base_words) else lookup(base, i)
        for i, member in enumerate(members)
    }
    scores |= {i: _WITHOUT_REPORT for i, score in scores.items() if score is None and not len(members[i].word_hashes)}
    scores[base] = _BASE
    unscored = [i for i, score in scores.items() if score is None]
    measured = dict(zip(unscored, score_others(members[base], [members[i] for i in unscored], model), strict=True))
    return [score or measured[i] for i, score in scores.items()]


def _build_variant(report: Report, score: Score, base_reason: str | None = None) -> Variant:
    article = report.article
    return Variant(
        article_id=article.article_id,
        path=article.path,
        record=article.record,
        source=article.source,
        url=article.url,
        title=report.title,
        title_inferred=report.title_inferred,
        published=article.published,
        published_raw=article.published_raw,
        author=article.author,
        language=article.language,
        version_of=article.version_of,
        dateline=report.dateline.text if report.dateline else None,
        place=report.dateline.place if report.dateline else None,
        agency=report.dateline.agency if report.dateline else None,
        byline=report.byline,
        credit=report.credit,
        relation=score.relation,
        direction=score.direction,
        probability=score.probability,
        containment=score.containment,
        similarity=score.similarity,
        base_reason=base_reason,
        removed=report.removed,
        extra=dict(article.extra),
        content_hash=article.content_hash,
    )
