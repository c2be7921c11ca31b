"""Explains one pair of articles: the value that `newsdedup compare` prints."""

from __future__ import annotations

from pathlib import Path

from newsdedup.clean import NO_RECURRING_LINES, clean
from newsdedup.config import Config
from newsdedup.fingerprint import build_features_batch
from newsdedup.idf import load_idf_table
from newsdedup.merge import merge
from newsdedup.models import Article, Direction, Item, Relation, Report, Score
from newsdedup.models.comparison import AlignedSentences, ComparedReport, ComparedSignal, Comparison
from newsdedup.readers import read_articles, resolve_ids
from newsdedup.score import load_model, score

# The score where a text is empty.
_NO_SCORE = Score(0.0, 0.0, 0.0, Relation.REWRITE, Direction.UNKNOWN)


def compare(a: Item, b: Item, config: Config | None = None) -> Comparison:
    """Explain one pair: its score, the contribution of each signal, the relation, aligned sentences, removed text.

    `a` and `b` are texts, mappings or articles, as in `dedupe`. Recurring lines of outlets are not removed, because two
    pages are too few to find them; `note` says so. Raises InputError for an item that cannot be used or has no text,
    and ModelError if `config.model` cannot be used.
    """
    config = config or Config()
    idf_table, model = load_idf_table(), load_model(Path(config.model) if config.model is not None else None)
    reports = [clean(article, NO_RECURRING_LINES, idf_table) for article in _assign_ids(*read_articles([a, b], config))]
    features_a, features_b = build_features_batch(reports, idf_table)
    note = "Lines that an outlet repeats on its pages were not removed: two articles are too few to find them."
    empty = [x.report.article.article_id for x in (features_a, features_b) if not len(x.sentences)]
    if empty:
        note = f"No text of {' and '.join(empty)} is left after cleaning. {note}"
    pair_score = _NO_SCORE if empty else score(features_a, features_b, model)
    is_same = not empty and pair_score.probability >= config.min_probability
    matched_a, matched_b = {x.a for x in pair_score.aligned}, {x.b for x in pair_score.aligned}
    return Comparison(
        same_report=is_same,
        probability=pair_score.probability,
        threshold=config.min_probability,
        containment=pair_score.containment,
        similarity=pair_score.similarity,
        relation=pair_score.relation if is_same else None,
        direction=pair_score.direction if is_same else Direction.UNKNOWN,
        signals=tuple(
            ComparedSignal(name=s.name, value=s.value, contribution=s.contribution, meaning=s.meaning)
            for s in pair_score.signals
        ),
        aligned=tuple(
            AlignedSentences(a=x.a, b=x.b, covered_a=x.covered_a, covered_b=x.covered_b, verbatim=x.verbatim)
            for x in pair_score.aligned
        ),
        only_a=tuple(i for i in range(len(features_a.sentences)) if i not in matched_a),
        only_b=tuple(i for i in range(len(features_b.sentences)) if i not in matched_b),
        conflicts=() if empty else merge(features_a, [features_b], [False]).conflicts,
        note=note,
        a=_to_compared_report(features_a.report),
        b=_to_compared_report(features_b.report),
    )


def _assign_ids(a: Article, b: Article) -> tuple[Article, Article]:
    """Return both articles with the ids that a run over the two would give them."""
    by_record = {(x.path, x.record, x.content_hash): x for x in resolve_ids([a, b]).articles}
    key_a, key_b = ((x.path, x.record, x.content_hash) for x in (a, b))
    return by_record.get(key_a, a), by_record.get(key_b, b)


def _to_compared_report(report: Report) -> ComparedReport:
    return ComparedReport(
        article_id=report.article.article_id,
        path=report.article.path,
        title=report.title,
        title_inferred=report.title_inferred,
        published=report.article.published,
        dateline=report.dateline.text if report.dateline else None,
        byline=report.byline,
        credit=report.credit,
        sentences=report.sentences,
        removed=report.removed,
    )
