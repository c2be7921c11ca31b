"""How one report of a pair stands to the other, by stated rules over the evidence.

Read off the 281 labelled duplicates with one class in ../shared/gold (`benchmarks/train.py` prints how often the rules
agree with the labels): reprints copy .85 of the words and more on both sides; of a cut, the whole stands in the other;
rewrites copy hardly a sentence; what is left are two edits of one running report.
"""

from __future__ import annotations

from newsdedup.features import Profile
from newsdedup.models import Article, Direction, Relation
from newsdedup.score.signals import Evidence, number_clash
from newsdedup.text import later
from newsdedup.thresholds import ABRIDGED_COVER, REPRINT_COPIED, REPRINT_JACCARD, REWRITE_CONTAINMENT, REWRITE_COPIED


def relate(a: Profile, b: Profile, evidence: Evidence) -> tuple[Relation, Direction]:
    """Return how `b` stands to `a`, with the direction as if `a` were the base."""
    if a.sentences.normal == b.sentences.normal or " ".join(a.sentences.normal) == " ".join(b.sentences.normal):
        return Relation.IDENTICAL, Direction.UNKNOWN
    order = later(b.report.article.published, a.report.article.published)
    one_outlet = a.report.article.outlet is not None and a.report.article.outlet == b.report.article.outlet
    # A word changed in a version, a number exchanged by the outlet itself: an edit, however small.
    if order is not None and (
        _versions_of_one(a.report.article, b.report.article) or (one_outlet and number_clash(a, b, evidence))
    ):
        return Relation.UPDATE, Direction.FROM_BASE if order else Direction.TO_BASE
    if evidence.copied[0] >= REPRINT_COPIED or evidence.jaccard >= REPRINT_JACCARD:
        return Relation.REPRINT, Direction.UNKNOWN
    if evidence.copied[1] <= REWRITE_COPIED and evidence.containment <= REWRITE_CONTAINMENT:
        return Relation.REWRITE, Direction.UNKNOWN
    if evidence.covered >= ABRIDGED_COVER:
        if len(b.word_hashes) == len(a.word_hashes):
            return Relation.ABRIDGED, Direction.UNKNOWN
        b_is_cut = len(b.word_hashes) < len(a.word_hashes)
        return Relation.ABRIDGED, Direction.FROM_BASE if b_is_cut else Direction.TO_BASE
    if order is None:
        return Relation.UPDATE, Direction.UNKNOWN
    return Relation.UPDATE, Direction.FROM_BASE if order else Direction.TO_BASE


def _versions_of_one(a: Article, b: Article) -> bool:
    """Tell whether one source sent both under one id."""
    return (a.version_of or a.article_id) == (b.version_of or b.article_id)
