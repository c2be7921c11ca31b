"""Labelled pairs against stories: precision, recall and F1, what became of each relation, whether it is right.

Every share comes with a 95 % percentile interval (Efron 1979) over `DRAWS` bootstrap samples of the pairs. Resampling n
pairs that fall into a few classes is drawing from a multinomial distribution, so it costs nothing. Pairs of one article
or event hang together, which the interval does not know: it is somewhat narrow. A share of 0 or 1 has none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.evaluation.labels import LabelledPair
from newsdedup.models import Relation
from newsdedup.models.evaluation import PairFigures, RelationCount, RelationFigures, RelationRight, Share

DRAWS = 2000
_SEED = 0
_INTERVAL = (2.5, 97.5)
"""Percentiles of the bootstrap samples between which the interval lies."""
DECIMALS = 6
_NAMED = frozenset(relation.value for relation in Relation) - {Relation.BASE.value}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled pair and whether its articles ended in one story; `relation` as found, None where nobody can tell."""

    pair: LabelledPair
    merged: bool
    relation: Relation | None = None


def pair_figures(outcomes: Sequence[Outcome]) -> tuple[PairFigures, ...]:
    """Return the figures of all pairs (`name` None), then of each set by name; nothing where there is no pair."""
    if not outcomes:
        return ()
    sets: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.pair.set is not None:
            sets[outcome.pair.set].append(outcome)
    return (_figures(None, outcomes), *(_figures(name, sets[name]) for name in sorted(sets)))


def _figures(name: str | None, outcomes: Sequence[Outcome]) -> PairFigures:
    count = Counter((outcome.pair.duplicate, outcome.merged) for outcome in outcomes)
    hits, missed, wrong, apart = (count[each] for each in ((True, True), (True, False), (False, True), (False, False)))
    cells = np.array([hits, missed, wrong, apart])
    # RandomState and not Generator: numpy promises that its stream stays the same from version to version (NEP 19).
    random = np.random.RandomState(_SEED)
    drawn = random.multinomial(len(outcomes), cells / len(outcomes), size=DRAWS)
    values = [
        share(value, samples)
        for value, samples in zip(_precision_recall_f1(cells), _precision_recall_f1(drawn.T), strict=True)
    ]
    return PairFigures(
        name=name, pairs=len(outcomes), hits=hits, missed=missed, wrong_merges=wrong, apart=apart,
        precision=values[0], recall=values[1], f1=values[2],
    )  # fmt: skip


def _precision_recall_f1(cells: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
    """Return the three for each column of (hits, missed, wrong merges, apart); 0 where nothing can be divided."""
    hits, missed, wrong = cells[:3]
    return (
        hits / np.maximum(1, hits + wrong),
        hits / np.maximum(1, hits + missed),
        2 * hits / np.maximum(1, 2 * hits + wrong + missed),
    )


def share(value: float | NDArray[np.float64], samples: NDArray[np.float64]) -> Share:
    """Return a share with the interval of its bootstrap samples, all rounded."""
    low, high = np.percentile(samples, _INTERVAL)
    return Share(
        value=round(float(value), DECIMALS), low=round(float(low), DECIMALS), high=round(float(high), DECIMALS)
    )


def share_of(part: int, whole: int) -> Share:
    """Return `part` of `whole` with its interval; 0 of nothing is 0."""
    if not whole:
        return Share(value=0, low=0, high=0)
    samples = np.random.RandomState(_SEED).binomial(whole, part / whole, size=DRAWS) / whole
    return share(part / whole, samples)


def relation_figures(outcomes: Iterable[Outcome]) -> tuple[RelationFigures, ...]:
    """Return what became of the pairs of each label, duplicates first, then by the label's name."""
    merged: dict[tuple[bool, str], list[bool]] = defaultdict(list)
    for outcome in outcomes:
        merged[not outcome.pair.duplicate, outcome.pair.relation or ""].append(outcome.merged)
    return tuple(
        RelationFigures(
            relation=relation or None, duplicate=not other, pairs=len(found), merged=sum(found),
            share=share_of(sum(found), len(found)),
        )
        for (other, relation), found in sorted(merged.items())
    )  # fmt: skip


def relation_right(outcomes: Iterable[Outcome]) -> RelationRight:
    """Tell for merged duplicates whether the relation found is one that the label names.

    `identical` counts as `reprint`, on both sides; a label `x|y` accepts either.
    """
    table: Counter[tuple[str, Relation]] = Counter()
    unchecked = 0
    for outcome in outcomes:
        if not outcome.merged or not outcome.pair.duplicate:
            continue
        if outcome.relation is None or not _accepted(outcome.pair.relation):
            unchecked += 1
        else:
            table[outcome.pair.relation or "", _folded(outcome.relation)] += 1
    counts = [
        RelationCount(labelled=label, found=found, pairs=pairs, right=found.value in _accepted(label))
        for (label, found), pairs in sorted(table.items())
    ]
    checked, right = sum(table.values()), sum(each.pairs for each in counts if each.right)
    return RelationRight(
        checked=checked, right=right, unchecked=unchecked, share=share_of(right, checked), found=tuple(counts)
    )


def _folded(relation: Relation) -> Relation:
    return Relation.REPRINT if relation is Relation.IDENTICAL else relation


def _accepted(label: str | None) -> frozenset[str]:
    """Return the relations that a label names; a label that names none cannot be checked."""
    return frozenset(_folded(Relation(name)).value for name in (label or "").split("|") if name in _NAMED)
