"""One story: the base, how every variant stands to it, the canonical article."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from newsdedup.features import Profile
from newsdedup.merge import choose_base, is_earlier, merge
from newsdedup.models import (
    Cohesion,
    Direction,
    Paragraph,
    Passage,
    Relation,
    Report,
    Score,
    Sentence,
    Story,
    Variant,
)
from newsdedup.score import Model, standing
from newsdedup.text import date_key, joined

Known = Callable[[int, int], Score | None]
"""How one member (the second) stands to another, given as places among the members, where that is known already."""


def _unknown(_base: int, _other: int) -> Score | None:
    return None


def story_of(
    profiles: Sequence[Profile], model: Model, weakest: float, bridges: Sequence[str], known: Known = _unknown
) -> tuple[Story, int]:
    """Return the story of several members, in content order, with its canonical article, and which one is its base.

    Its id and its links are not known yet.
    """
    at, scores = find_base(profiles, model, known)
    return _told(profiles, at, scores, Cohesion(weakest=weakest, bridges=tuple(sorted(bridges)))), at


def lone(report: Report) -> Story:
    """Return the story of a report that is alone."""
    article = report.article
    name = article.article_id
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
                text=joined(sentences),
                added=False,
                sources=(name,),
                sentences=tuple(
                    Sentence(text=text, sources=(Passage(article_id=name, text=text),)) for text in sentences
                ),
            )
            for sentences in report.paragraphs
        ),
        variants=(lone_variant(report),),
        cohesion=Cohesion(weakest=1.0),
    )


def _told(profiles: Sequence[Profile], at: int, scores: Sequence[Score], cohesion: Cohesion) -> Story:
    base = profiles[at]
    order = sorted(
        (i for i in range(len(profiles)) if i != at),
        key=lambda i: (
            -len(profiles[i].word_hashes),
            profiles[i].report.article.content_hash,
            profiles[i].report.article.article_id,
        ),
    )
    withdrawn = [scores[i].relation is Relation.UPDATE and is_earlier(profiles[i], base) for i in order]
    told = merge(base, [profiles[i] for i in order], withdrawn)
    by_id = sorted(order, key=lambda i: profiles[i].report.article.article_id)
    article = base.report.article
    dates = sorted((each.report.article.published for each in profiles if each.report.article.published), key=date_key)
    titled = next((profiles[i].report for i in (at, *order) if not profiles[i].report.title_inferred), base.report)
    return Story(
        story_id="",
        title=titled.title,
        title_inferred=titled.title_inferred,
        published=article.published or (dates[0] if dates else None),
        language=article.language,
        body_empty=not base.report.paragraphs,
        text="\n\n".join(paragraph.text for paragraph in told.paragraphs),
        paragraphs=told.paragraphs,
        conflicts=told.conflicts,
        superseded=told.superseded,
        variants=tuple(_variant(profiles[i].report, scores[i]) for i in (at, *by_id)),
        cohesion=cohesion,
    )


def lone_variant(report: Report) -> Variant:
    """Return how a report that is alone stands to its story."""
    return _variant(report, _BASE)


def find_base(profiles: Sequence[Profile], model: Model, known: Known = _unknown) -> tuple[int, list[Score]]:
    """Return which of a story's members is its base, and how every member stands to it."""
    at = choose_base(profiles)
    scores = _scores(profiles, at, model, known)
    tried = {at}
    while newer := _later_edits(profiles, at, scores, tried):
        at = max(newer, key=lambda i: (date_key(profiles[i].report.article.published), -i))
        tried.add(at)
        scores = _scores(profiles, at, model, known)
    return at, scores


def _later_edits(profiles: Sequence[Profile], at: int, scores: Sequence[Score], tried: set[int]) -> list[int]:
    """Return the members that are known to be later edits of member `at`, but for those tried as the base before."""
    updates = (i for i, found in enumerate(scores) if found.relation is Relation.UPDATE and i not in tried)
    return [i for i in updates if is_earlier(profiles[at], profiles[i])]


_BASE = Score(1.0, 1.0, 1.0, Relation.BASE, Direction.UNKNOWN)
_SAME = Score(1.0, 1.0, 1.0, Relation.IDENTICAL, Direction.UNKNOWN)


def _scores(profiles: Sequence[Profile], base: int, model: Model, known: Known) -> list[Score]:
    """Score every member against the base; the base itself and members with its very words need no measuring."""
    own = profiles[base].word_hashes
    out: dict[int, Score | None] = {
        i: _SAME if np.array_equal(each.word_hashes, own) else known(base, i) for i, each in enumerate(profiles)
    }
    out[base] = _BASE
    other = [i for i, found in out.items() if found is None]
    measured = dict(zip(other, standing(profiles[base], [profiles[i] for i in other], model), strict=True))
    return [found or measured[i] for i, found in out.items()]


def _variant(report: Report, found: Score) -> Variant:
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
        relation=found.relation,
        direction=found.direction,
        probability=found.probability,
        containment=found.containment,
        similarity=found.similarity,
        removed=report.removed,
        extra=dict(article.extra),
        content_hash=article.content_hash,
    )
