"""The relation of one report of a pair to the other, by explicit rules over the evidence.

The rules come from the 281 labelled duplicates with one class in ../shared/gold (`benchmarks/train.py` prints how often
the rules agree with the labels): reprints copy .85 of the words and more on both sides; an abridged version is
contained in the full one; rewrites copy hardly any sentence; the remaining pairs are two edits of one running report.
"""

from __future__ import annotations

from newsdedup.features import ReportFeatures
from newsdedup.models import Article, Direction, Relation
from newsdedup.score.signals import Evidence, has_number_clash
from newsdedup.text import is_later
from newsdedup.thresholds import (
    ABRIDGED_MIN_COVERAGE,
    CUT_MAX_SIZE,
    CUT_MIN_COPIED,
    REPRINT_MIN_COPIED,
    REPRINT_MIN_JACCARD,
    REWRITE_MAX_CONTAINMENT,
    REWRITE_MAX_COPIED,
)


def classify_relation(a: ReportFeatures, b: ReportFeatures, evidence: Evidence) -> tuple[Relation, Direction]:
    """Return the relation of `b` to `a`, with the direction as if `a` were the base."""
    if " ".join(a.sentences.normalised) == " ".join(b.sentences.normalised):
        return Relation.IDENTICAL, Direction.UNKNOWN
    article_a, article_b = a.report.article, b.report.article
    b_is_later = is_later(article_b.published, article_a.published)
    same_outlet = article_a.outlet is not None and article_a.outlet == article_b.outlet
    # Another version of one article, or another number from the same outlet, is an update, however small the change.
    if b_is_later is not None and (
        _is_same_document(article_a, article_b) or (same_outlet and has_number_clash(evidence.pair))
    ):
        return Relation.UPDATE, _direct(b_is_later)
    if evidence.copied[0] >= REPRINT_MIN_COPIED or evidence.jaccard >= REPRINT_MIN_JACCARD:
        return Relation.REPRINT, Direction.UNKNOWN
    if evidence.copied[1] <= REWRITE_MAX_COPIED and evidence.containment <= REWRITE_MAX_CONTAINMENT:
        return Relation.REWRITE, Direction.UNKNOWN
    sizes = len(a.word_hashes), len(b.word_hashes)
    is_cut = evidence.copied[1] >= CUT_MIN_COPIED and min(sizes) <= CUT_MAX_SIZE * max(sizes)
    if evidence.covered >= ABRIDGED_MIN_COVERAGE or is_cut:
        words_cut = sizes[0] - sizes[1]
        return Relation.ABRIDGED, _direct(words_cut > 0 if words_cut else None)
    return Relation.UPDATE, _direct(b_is_later)


def _direct(b_is_derived: bool | None) -> Direction:
    """Return the direction of a pair whose base is `a`; None if neither is known to derive from the other."""
    if b_is_derived is None:
        return Direction.UNKNOWN
    return Direction.FROM_BASE if b_is_derived else Direction.TO_BASE


def _is_same_document(a: Article, b: Article) -> bool:
    """Return whether both are versions of one article, sent by a source under one id."""
    return (a.version_of or a.article_id) == (b.version_of or b.article_id)
