"""Clusters to stories: the base, how every variant stands to it, the canonical article, the links to other stories."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from newsdedup.cluster import Cluster, Pair
from newsdedup.config import LEAST_CERTAIN
from newsdedup.merge import choose_base, is_earlier, merge
from newsdedup.models import (
    Cohesion,
    Direction,
    Related,
    Relation,
    Report,
    Score,
    Story,
    UncertainMerge,
    Variant,
)
from newsdedup.pipeline.workers import Resources
from newsdedup.profile import Profile
from newsdedup.related import related
from newsdedup.score import Model, is_filled_anew, score
from newsdedup.text import date_key


@dataclass(frozen=True)
class Members:
    """A story's members, as places in the list of profiles in content order, and how well they hold together."""

    at: tuple[int, ...]
    weakest: float
    bridges: tuple[str, ...]


def members_of(found: Cluster, groups: Sequence[Sequence[int]], profiles: Sequence[Profile]) -> Members:
    """Return the members of a cluster, whose numbers are those of `groups` of one text."""
    members = tuple(sorted(i for number in found.members for i in groups[number]))
    alone = [groups[number][0] for number in found.bridges if len(groups[number]) == 1]
    return Members(members, found.weakest, tuple(profiles[i].report.article.article_id for i in alone))


def tell(resources: Resources, stories: Sequence[Members]) -> list[Story]:
    """Return each story with its canonical article; its id is not known yet (`identified`)."""
    return [_story(each, resources) for each in stories]


def _story(members: Members, resources: Resources) -> Story:
    profiles = [resources.profiles[i] for i in members.at]
    at, scores = find_base(profiles, resources.model)
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
        cohesion=Cohesion(weakest=members.weakest, bridges=tuple(sorted(members.bridges))),
    )


def find_base(profiles: Sequence[Profile], model: Model) -> tuple[int, list[Score]]:
    """Return which of a story's members is its base, and how every member stands to it."""
    at = choose_base(profiles)
    scores = _scores(profiles, at, model)
    tried = {at}
    while newer := _later_edits(profiles, at, scores, tried):
        at = max(newer, key=lambda i: (date_key(profiles[i].report.article.published), -i))
        tried.add(at)
        scores = _scores(profiles, at, model)
    return at, scores


def _later_edits(profiles: Sequence[Profile], at: int, scores: Sequence[Score], tried: set[int]) -> list[int]:
    """Return the members that are known to be later edits of member `at`, but for those tried as the base before."""
    updates = (i for i, found in enumerate(scores) if found.relation is Relation.UPDATE and i not in tried)
    return [i for i in updates if is_earlier(profiles[at], profiles[i])]


_BASE = Score(1.0, 1.0, 1.0, Relation.BASE, Direction.UNKNOWN)
_SAME = Score(1.0, 1.0, 1.0, Relation.IDENTICAL, Direction.UNKNOWN)


def _scores(profiles: Sequence[Profile], base: int, model: Model) -> list[Score]:
    """Score every member against the base; the base itself and pages without a report need no measuring."""
    out = []
    for i, each in enumerate(profiles):
        if i == base:
            out.append(_BASE)
        elif np.array_equal(each.word_hashes, profiles[base].word_hashes):
            out.append(_SAME)
        else:
            out.append(score(profiles[base], each, model))
    return out


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


def identified(stories: Sequence[Story]) -> list[Story]:
    """Give each story its id: a hash of its smallest content hash, and of the article id where several share that."""
    smallest = [min((variant.content_hash, variant.article_id) for variant in story.variants) for story in stories]
    often = Counter(content for content, _ in smallest)
    out = []
    for story, (content, article_id) in zip(stories, smallest, strict=True):
        name = content if often[content] == 1 else f"{content} {article_id}"
        story_id = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        out.append(story.model_copy(update={"story_id": story_id}))
    return out


def linked(stories: Sequence[Story], resources: Resources) -> list[Story]:
    """Give each story its links to the others about its event, the most probable first."""
    profile = {each.report.article.article_id: each for each in resources.profiles}
    bases = [profile[story.variants[0].article_id] for story in stories]

    def templated(pairs: Sequence[Pair]) -> list[bool]:
        return [is_filled_anew(bases[i], bases[j]) for i, j in pairs]

    links: dict[int, list[Related]] = {}
    for i, j, probability in related(bases, resources.background, templated):
        links.setdefault(i, []).append(Related(story_id=stories[j].story_id, probability=probability))
        links.setdefault(j, []).append(Related(story_id=stories[i].story_id, probability=probability))
    found = {at: tuple(sorted(each, key=lambda link: (-link.probability, link.story_id))) for at, each in links.items()}
    return [story.model_copy(update={"related": found.get(at, ())}) for at, story in enumerate(stories)]


def least_certain(stories: Sequence[Story]) -> tuple[UncertainMerge, ...]:
    """Return the merged stories whose weakest tie is lowest, LEAST_CERTAIN at most."""
    merged = (story for story in stories if len(story.variants) > 1 and story.cohesion.weakest < 1)
    doubted = sorted(merged, key=lambda story: (story.cohesion.weakest, story.story_id))[:LEAST_CERTAIN]
    return tuple(
        UncertainMerge(story_id=each.story_id, title=each.title, weakest=each.cohesion.weakest) for each in doubted
    )


def in_order(stories: Sequence[Story]) -> list[Story]:
    """Return the stories with most variants first, then the earliest."""
    return sorted(stories, key=lambda story: (-len(story.variants), date_key(story.published), story.story_id))
