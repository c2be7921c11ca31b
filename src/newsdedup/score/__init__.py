"""Stage 5 of 8: score. Pair -> probability that both tell the same report, the relation, and the evidence for both.

Pure and symmetric: nothing but the two reports and the model decides, and the pair is put in a content-based order
before it is measured, so that score(a, b) and score(b, a) agree to the last bit.

The price of each kind of error: a missed pair leaves a reprint standing beside its story, a wrong merge puts one
outlet's words into another's story. So what speaks against a pair (numbers and names that clash, sentences that nothing
covers, a template filled in anew) is measured as carefully as what speaks for it.
"""

from __future__ import annotations

from dataclasses import replace

from newsdedup.models import Aligned, Direction, Score, Signal
from newsdedup.profile import Profile
from newsdedup.score.model import Model, load_model
from newsdedup.score.relation import relate
from newsdedup.score.signals import MEANINGS, NAMES, Evidence, is_filled_anew, is_series, measure

__all__ = [
    "MEANINGS",
    "NAMES",
    "Evidence",
    "Model",
    "in_order",
    "is_filled_anew",
    "is_series",
    "load_model",
    "measure_ordered",
    "score",
]


def _swapped(a: Profile, b: Profile) -> bool:
    one, other = a.report.article, b.report.article
    return (other.content_hash, other.article_id) < (one.content_hash, one.article_id)


def in_order(a: Profile, b: Profile) -> tuple[Profile, Profile]:
    """Return the two in content order, whichever way round they are given."""
    return (b, a) if _swapped(a, b) else (a, b)


def measure_ordered(a: Profile, b: Profile) -> Evidence:
    """Return the evidence of a pair, measured in content order."""
    return measure(*in_order(a, b))


def score(a: Profile, b: Profile, model: Model) -> Score:
    """Return how `b` stands to `a`: probability, containment, similarity (each 0 to 1), relation, signals, alignment.

    Neither report may be empty (ValueError): a page without a report is never a candidate.
    """
    if not len(a.sentences) or not len(b.sentences):
        raise ValueError("a report without sentences cannot be scored; leave articles without a body out")
    if _swapped(a, b):
        return _flipped(score(b, a, model))
    evidence = measure(a, b)
    parts = model.parts(evidence.values)
    relation, direction = relate(a, b, evidence)
    return Score(
        probability=float(model.probability(evidence.values)),
        containment=evidence.containment,
        similarity=evidence.similarity,
        relation=relation,
        direction=direction,
        signals=tuple(
            Signal(name=name, value=float(value), contribution=round(float(part), 4), meaning=MEANINGS[name])
            for name, value, part in zip(NAMES, evidence.values, parts, strict=True)
        ),
        aligned=evidence.aligned(),
    )


_OTHER_WAY = {
    Direction.FROM_BASE: Direction.TO_BASE,
    Direction.TO_BASE: Direction.FROM_BASE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}


def _flipped(found: Score) -> Score:
    """Return the score of (a, b) as that of (b, a)."""
    aligned = sorted(
        (Aligned(x.b, x.a, x.covered_b, x.covered_a, x.verbatim) for x in found.aligned), key=lambda x: (x.a, x.b)
    )
    return replace(found, direction=_OTHER_WAY[found.direction], aligned=tuple(aligned))
