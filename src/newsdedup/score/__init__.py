"""Stage 5 of 8: score. Pair -> probability that both contain the same report, the relation, and the evidence for both.

Pure and symmetric: the result depends only on the two reports and the model. The pair is put into a content-based order
before it is measured, so that score(a, b) and score(b, a) agree to the last bit.

The cost of each kind of error: a missed pair leaves a reprint outside its story, a wrong merge puts one outlet's words
into another's story. So evidence against a pair (conflicting numbers and names, uncovered sentences, a shared template)
is measured as carefully as evidence for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat

import numpy as np

from newsdedup.features import ReportFeatures
from newsdedup.models import Aligned, Direction, Score, Signal
from newsdedup.score.model import Model as Model
from newsdedup.score.model import load_model as load_model
from newsdedup.score.relation import classify_relation
from newsdedup.score.signals import SIGNAL_MEANINGS as SIGNAL_MEANINGS
from newsdedup.score.signals import SIGNAL_NAMES as SIGNAL_NAMES
from newsdedup.score.signals import Evidence as Evidence
from newsdedup.score.signals import is_template_sibling as is_template_sibling
from newsdedup.score.signals import measure_pair


def _is_swapped(a: ReportFeatures, b: ReportFeatures) -> bool:
    article_a, article_b = a.report.article, b.report.article
    return (article_b.content_hash, article_b.article_id) < (article_a.content_hash, article_a.article_id)


def order_pair(a: ReportFeatures, b: ReportFeatures) -> tuple[ReportFeatures, ReportFeatures]:
    """Return the two reports in content order, independent of the order in which they are given."""
    return (b, a) if _is_swapped(a, b) else (a, b)


def measure_ordered(a: ReportFeatures, b: ReportFeatures) -> Evidence:
    """Return the evidence of a pair, measured in content order."""
    return measure_pair(*order_pair(a, b))


def score(a: ReportFeatures, b: ReportFeatures, model: Model) -> Score:
    """Return the score of a pair: probability, containment, similarity (each 0 to 1), relation, signals, alignment.

    Relation and direction are those of `b` to `a`. Raises ValueError if a report is empty; a page without a report is
    never a candidate.
    """
    (result,), (evidence,) = _score_with_evidence(a, [b], model)
    contributions = model.compute_contributions(evidence.values)
    aligned = evidence.pair.list_aligned()
    if _is_swapped(a, b):
        turned = (Aligned(x.b, x.a, x.covered_b, x.covered_a, x.verbatim) for x in aligned)
        aligned = tuple(sorted(turned, key=lambda x: (x.a, x.b)))
    return replace(
        result,
        signals=tuple(
            Signal(name=name, value=float(value), contribution=round(float(part), 4), meaning=SIGNAL_MEANINGS[name])
            for name, value, part in zip(SIGNAL_NAMES, evidence.values, contributions, strict=True)
        ),
        aligned=aligned,
    )


def score_others(base: ReportFeatures, reports: Sequence[ReportFeatures], model: Model) -> list[Score]:
    """Return the score of each of `reports` against `base`, as `score` does, but without signals and alignment."""
    return _score_with_evidence(base, reports, model)[0]


def _score_with_evidence(
    base: ReportFeatures, reports: Sequence[ReportFeatures], model: Model
) -> tuple[list[Score], list[Evidence]]:
    if not reports:
        return [], []
    if not all(len(report.sentences) for report in (base, *reports)):
        raise ValueError("a report without sentences cannot be scored; leave out articles without a body")
    evidences = [measure_ordered(base, report) for report in reports]
    probabilities = model.predict_probability(np.stack([evidence.values for evidence in evidences])).tolist()
    return list(map(build_score, repeat(base), reports, evidences, probabilities)), evidences


def build_score(base: ReportFeatures, other: ReportFeatures, evidence: Evidence, probability: float) -> Score:
    """Return the score of `other` against `base`, from the evidence and the probability of the pair."""
    relation, direction = classify_relation(base, other, evidence)
    return Score(probability, evidence.containment, evidence.similarity, relation, direction)


def reverse_score(result: Score) -> Score:
    """Return the score with the two reports exchanged; signals and alignment are not changed."""
    return replace(result, direction=_REVERSED[result.direction])


_REVERSED = {
    Direction.FROM_BASE: Direction.TO_BASE,
    Direction.TO_BASE: Direction.FROM_BASE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}
