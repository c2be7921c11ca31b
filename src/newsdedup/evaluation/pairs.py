"""Labelled pairs against stories: precision, recall and F1, figures by relation, and the accuracy of relations.

Every share has a 95 % percentile interval (Efron 1979) over `DRAWS` bootstrap samples of the pairs. Resampling n pairs
that fall into a few classes is the same as drawing from a multinomial distribution, so it is fast. Pairs that share an
article or an event are correlated, which the interval ignores, so it is somewhat too narrow. A share of 0 or 1 has no
interval.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from newsdedup.arrays import Floats, Ints
from newsdedup.evaluation.labels import LabelledPair
from newsdedup.models import Relation
from newsdedup.models.evaluation import PairFigures, RelationCount, RelationFigures, RelationRight, Share

DRAWS = 2000
_SEED = 0
_INTERVAL = (2.5, 97.5)
"""The interval's lower and upper percentile of the bootstrap samples."""
DECIMALS = 6
_LABEL_RELATIONS = frozenset(relation.value for relation in Relation) - {Relation.BASE.value}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled pair and whether its articles are in one story; `relation` is the one found, None if unknown."""

    pair: LabelledPair
    merged: bool
    relation: Relation | None = None


def compute_pair_figures(outcomes: Sequence[Outcome]) -> tuple[PairFigures, ...]:
    """Return the figures of all pairs (`name` None), then of each set by name; empty if there are no pairs."""
    if not outcomes:
        return ()
    sets: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.pair.set is not None:
            sets[outcome.pair.set].append(outcome)
    return (_compute_figures(None, outcomes), *(_compute_figures(name, sets[name]) for name in sorted(sets)))


def _compute_figures(name: str | None, outcomes: Sequence[Outcome]) -> PairFigures:
    count = Counter((outcome.pair.duplicate, outcome.merged) for outcome in outcomes)
    hits, missed, wrong_merges, separate = (
        count[key] for key in ((True, True), (True, False), (False, True), (False, False))
    )
    cells = np.array([hits, missed, wrong_merges, separate])
    # RandomState and not Generator: numpy guarantees the same stream in all versions (NEP 19).
    random = np.random.RandomState(_SEED)
    samples = random.multinomial(len(outcomes), cells / len(outcomes), size=DRAWS)
    values = [
        make_share(value, sample_values)
        for value, sample_values in zip(_precision_recall_f1(cells), _precision_recall_f1(samples.T), strict=True)
    ]
    return PairFigures(
        name=name, pairs=len(outcomes), hits=hits, missed=missed, wrong_merges=wrong_merges, apart=separate,
        precision=values[0], recall=values[1], f1=values[2],
    )  # fmt: skip


def _precision_recall_f1(cells: Ints) -> tuple[Floats, ...]:
    """Return the three for each column of (hits, missed, wrong merges, separate); 0 if the denominator is 0."""
    hits, missed, wrong_merges = cells[:3]
    return (
        hits / np.maximum(1, hits + wrong_merges),
        hits / np.maximum(1, hits + missed),
        2 * hits / np.maximum(1, 2 * hits + wrong_merges + missed),
    )


def make_share(value: float | Floats, samples: Floats) -> Share:
    """Return a share with the interval from its bootstrap samples, rounded."""
    low, high = np.percentile(samples, _INTERVAL)
    return Share(
        value=round(float(value), DECIMALS), low=round(float(low), DECIMALS), high=round(float(high), DECIMALS)
    )


def estimate_share(part: int, total: int) -> Share:
    """Return the share of `part` in `total` with its interval; 0 if `total` is 0."""
    if not total:
        return Share(value=0, low=0, high=0)
    samples = np.random.RandomState(_SEED).binomial(total, part / total, size=DRAWS) / total
    return make_share(part / total, samples)


def compute_relation_figures(outcomes: Iterable[Outcome]) -> tuple[RelationFigures, ...]:
    """Return how many pairs of each label were merged, duplicates first, then by the label's name."""
    merged: dict[tuple[bool, str], list[bool]] = defaultdict(list)
    for outcome in outcomes:
        merged[not outcome.pair.duplicate, outcome.pair.relation or ""].append(outcome.merged)
    return tuple(
        RelationFigures(
            relation=relation or None, duplicate=not is_different, pairs=len(flags), merged=sum(flags),
            share=estimate_share(sum(flags), len(flags)),
        )
        for (is_different, relation), flags in sorted(merged.items())
    )  # fmt: skip


def check_relations(outcomes: Iterable[Outcome]) -> RelationRight:
    """Compare the relation found with the label, for merged duplicates.

    `identical` counts as `reprint` on both sides; a label `x|y` accepts either.
    """
    table: Counter[tuple[str, Relation]] = Counter()
    unchecked = 0
    for outcome in outcomes:
        if not outcome.merged or not outcome.pair.duplicate:
            continue
        if outcome.relation is None or not _parse_label(outcome.pair.relation):
            unchecked += 1
        else:
            table[outcome.pair.relation or "", _fold_identical(outcome.relation)] += 1
    counts = [
        RelationCount(labelled=label, found=relation, pairs=pairs, right=relation.value in _parse_label(label))
        for (label, relation), pairs in sorted(table.items())
    ]
    checked, right = sum(table.values()), sum(row.pairs for row in counts if row.right)
    return RelationRight(
        checked=checked, right=right, unchecked=unchecked, share=estimate_share(right, checked), found=tuple(counts)
    )


def _fold_identical(relation: Relation) -> Relation:
    return Relation.REPRINT if relation is Relation.IDENTICAL else relation


def _parse_label(label: str | None) -> frozenset[str]:
    """Return the relations that a label names; if it names none, the relation cannot be checked."""
    return frozenset(
        _fold_identical(Relation(name)).value for name in (label or "").split("|") if name in _LABEL_RELATIONS
    )
