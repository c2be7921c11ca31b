"""Stage 5 of 8: score. Pair -> probability that both tell the same report, the relation, and the evidence for both.

Pure and symmetric: nothing but the two reports and the model decides, and the pair is put in a content-based order
before it is measured, so that score(a, b) and score(b, a) agree to the last bit.

The price of each kind of error: a missed pair leaves a reprint standing beside its story, a wrong merge puts one
outlet's words into another's story. So what speaks against a pair (numbers and names that clash, sentences that nothing
covers, a template filled in anew) is measured as carefully as what speaks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat

import numpy as np

from newsdedup.features import Profile
from newsdedup.models import Aligned, Direction, Score, Signal
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
    "standing",
    "stands",
    "turned",
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
    (found,), (evidence,) = _standing(a, [b], model)
    parts = model.parts(evidence.values)
    aligned = evidence.aligned()
    if _swapped(a, b):
        aligned = tuple(
            sorted((Aligned(x.b, x.a, x.covered_b, x.covered_a, x.verbatim) for x in aligned), key=lambda x: (x.a, x.b))
        )
    return replace(
        found,
        signals=tuple(
            Signal(name=name, value=float(value), contribution=round(float(part), 4), meaning=MEANINGS[name])
            for name, value, part in zip(NAMES, evidence.values, parts, strict=True)
        ),
        aligned=aligned,
    )


def standing(base: Profile, others: Sequence[Profile], model: Model) -> list[Score]:
    """Return how each of `others` stands to `base`, as `score` does, without signals and alignment."""
    return _standing(base, others, model)[0]


def _standing(base: Profile, others: Sequence[Profile], model: Model) -> tuple[list[Score], list[Evidence]]:
    if not others:
        return [], []
    if not all(len(each.sentences) for each in (base, *others)):
        raise ValueError("a report without sentences cannot be scored; leave articles without a body out")
    measured = [measure_ordered(base, each) for each in others]
    probabilities = model.probability(np.stack([each.values for each in measured])).tolist()
    return list(map(stands, repeat(base), others, measured, probabilities)), measured


def stands(base: Profile, other: Profile, evidence: Evidence, probability: float) -> Score:
    """Return how `other` stands to `base`, by the evidence and the probability of the pair."""
    relation, direction = relate(*in_order(base, other), evidence)
    found = Score(
        probability=probability,
        containment=evidence.containment,
        similarity=evidence.similarity,
        relation=relation,
        direction=direction,
    )
    return turned(found) if _swapped(base, other) else found


def turned(found: Score) -> Score:
    """Return how the base stands to the other, signals and alignment left as they are."""
    return replace(found, direction=_OTHER_WAY[found.direction])


_OTHER_WAY = {
    Direction.FROM_BASE: Direction.TO_BASE,
    Direction.TO_BASE: Direction.FROM_BASE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}
