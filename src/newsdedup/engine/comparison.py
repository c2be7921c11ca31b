"""One pair explained: what `newsdedup compare` prints."""

from __future__ import annotations

from pathlib import Path

from newsdedup.clean import EMPTY_TABLE, clean
from newsdedup.config import Config
from newsdedup.fingerprint import profiles
from newsdedup.idf import load_background
from newsdedup.merge import merge
from newsdedup.models import Article, Direction, Report
from newsdedup.models.comparison import AlignedSentences, ComparedReport, ComparedSignal, Comparison
from newsdedup.readers import identify
from newsdedup.score import load_model, score


def compare(a: Article, b: Article, config: Config | None = None) -> Comparison:
    """Explain one pair: the score, each signal's part in it, the relation, the aligned sentences, what was removed.

    Uses the empty table of outlet lines (two pages teach nothing about an outlet) and says so in `note`.
    """
    config = config or Config()
    background, model = load_background(), load_model(Path(config.model) if config.model is not None else None)
    reports = [clean(article, EMPTY_TABLE, background) for article in _told_apart(a, b)]
    one, other = profiles(reports, background)
    side_a, side_b = _compared(one.report), _compared(other.report)
    note = "Lines that an outlet repeats over its pages were not looked for: two articles cannot show them."
    if not len(one.sentences) or not len(other.sentences):
        empty = " and ".join(each.report.article.article_id for each in (one, other) if not len(each.sentences))
        return Comparison(
            same_report=False,
            probability=0.0,
            threshold=config.min_probability,
            containment=0.0,
            similarity=0.0,
            relation=None,
            direction=Direction.UNKNOWN,
            signals=(),
            aligned=(),
            only_a=tuple(range(len(one.sentences))),
            only_b=tuple(range(len(other.sentences))),
            note=f"No report is left of {empty} after cleaning. {note}",
            a=side_a,
            b=side_b,
        )
    found = score(one, other, model)
    same = found.probability >= config.min_probability
    matched_a, matched_b = {x.a for x in found.aligned}, {x.b for x in found.aligned}
    return Comparison(
        same_report=same,
        probability=found.probability,
        threshold=config.min_probability,
        containment=found.containment,
        similarity=found.similarity,
        relation=found.relation if same else None,
        direction=found.direction if same else Direction.UNKNOWN,
        signals=tuple(
            ComparedSignal(name=s.name, value=s.value, contribution=s.contribution, meaning=s.meaning)
            for s in found.signals
        ),
        aligned=tuple(
            AlignedSentences(a=x.a, b=x.b, covered_a=x.covered_a, covered_b=x.covered_b, verbatim=x.verbatim)
            for x in found.aligned
        ),
        only_a=tuple(i for i in range(len(one.sentences)) if i not in matched_a),
        only_b=tuple(i for i in range(len(other.sentences)) if i not in matched_b),
        conflicts=merge(one, [other], [False]).conflicts,
        note=note,
        a=side_a,
        b=side_b,
    )


def _told_apart(a: Article, b: Article) -> tuple[Article, Article]:
    """Return the two under the ids that a run over both would give them."""
    found = {(x.path, x.record, x.content_hash): x for x in identify([a, b]).articles}
    one, other = ((x.path, x.record, x.content_hash) for x in (a, b))
    return found.get(one, a), found.get(other, b)


def _compared(report: Report) -> ComparedReport:
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
