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
from newsdedup.evaluation.labels import LabelledPair, StoryRow, VariantRow
from newsdedup.models import Direction, Relation
from newsdedup.models.evaluation import PairFigures, RelationCount, RelationFigures, RelationRight, RequestedPair, Share

DRAWS = 2000
_SEED = 0
_INTERVAL = (2.5, 97.5)
"""The interval's lower and upper percentile of the bootstrap samples."""
DECIMALS = 6
_REVERSED = {
    Direction.FROM_BASE: Direction.TO_BASE,
    Direction.TO_BASE: Direction.FROM_BASE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}
_LABEL_RELATIONS = frozenset(relation.value for relation in Relation) - {Relation.BASE.value}


@dataclass(frozen=True, slots=True)
class PairResult:
    """The relation of b to a; `probability` and `relation` are None if unknown."""

    probability: float | None = None
    relation: Relation | None = None
    direction: Direction = Direction.UNKNOWN


@dataclass(frozen=True, slots=True)
class PlacedPair:
    """A labelled pair, the stories that contain its articles, and the score of the pair if it was requested."""

    pair: LabelledPair
    story_a: StoryRow
    story_b: StoryRow
    variant_a: VariantRow
    variant_b: VariantRow
    scored_pair: RequestedPair | None

    @property
    def is_merged(self) -> bool:
        """Whether both articles are in one story."""
        return self.story_a is self.story_b

    @property
    def result(self) -> PairResult:
        """The relation of b to a: from the pair's score, else from the story if one of the two is its base."""
        if self.scored_pair is not None:
            score = self.scored_pair.score
            return PairResult(score.probability, score.relation, score.direction) if score else PairResult(0.0)
        if not self.is_merged:
            return PairResult()
        a, b = self.variant_a, self.variant_b
        if a.relation is Relation.BASE:
            return PairResult(b.probability, b.relation, b.direction)
        if b.relation is Relation.BASE:
            return PairResult(a.probability, a.relation, _REVERSED[a.direction])
        return PairResult()


def compute_pair_figures(placed_pairs: Sequence[PlacedPair]) -> tuple[PairFigures, ...]:
    """Return the figures of all pairs (`name` None), then of each set by name; empty if there are no pairs."""
    if not placed_pairs:
        return ()
    sets: dict[str, list[PlacedPair]] = defaultdict(list)
    for placed in placed_pairs:
        if placed.pair.set is not None:
            sets[placed.pair.set].append(placed)
    return (_compute_figures(None, placed_pairs), *(_compute_figures(name, sets[name]) for name in sorted(sets)))


def _compute_figures(name: str | None, placed_pairs: Sequence[PlacedPair]) -> PairFigures:
    count = Counter((placed.pair.duplicate, placed.is_merged) for placed in placed_pairs)
    hits, missed = count[True, True], count[True, False]
    wrong_merges, separate = count[False, True], count[False, False]
    cells = np.array([hits, missed, wrong_merges, separate])
    # RandomState and not Generator: numpy guarantees the same stream in all versions (NEP 19).
    random = np.random.RandomState(_SEED)
    samples = random.multinomial(len(placed_pairs), cells / len(placed_pairs), size=DRAWS)
    precision, recall, f1 = map(_make_share, _precision_recall_f1(cells), _precision_recall_f1(samples.T))
    return PairFigures(
        name=name, pairs=len(placed_pairs), hits=hits, missed=missed, wrong_merges=wrong_merges, apart=separate,
        precision=precision, recall=recall, f1=f1,
    )  # fmt: skip


def _precision_recall_f1(cells: Ints) -> tuple[Floats, ...]:
    """Return the three for each column of (hits, missed, wrong merges, separate); 0 if the denominator is 0."""
    hits, missed, wrong_merges = cells[:3]
    return (
        hits / np.maximum(1, hits + wrong_merges),
        hits / np.maximum(1, hits + missed),
        2 * hits / np.maximum(1, 2 * hits + wrong_merges + missed),
    )


def _make_share(value: float | Floats, samples: Floats) -> Share:
    """Return a share with the interval from its bootstrap samples, rounded."""
    value, low, high = (round(float(x), DECIMALS) for x in (value, *np.percentile(samples, _INTERVAL)))
    return Share(value=value, low=low, high=high)


def _estimate_share(part: int, total: int) -> Share:
    """Return the share of `part` in `total` with its interval; 0 if `total` is 0."""
    if not total:
        return Share(value=0, low=0, high=0)
    samples = np.random.RandomState(_SEED).binomial(total, part / total, size=DRAWS) / total
    return _make_share(part / total, samples)


def compute_relation_figures(placed_pairs: Iterable[PlacedPair]) -> tuple[RelationFigures, ...]:
    """Return how many pairs of each label were merged, duplicates first, then by the label's name."""
    merged: dict[tuple[bool, str], list[bool]] = defaultdict(list)
    for placed in placed_pairs:
        merged[not placed.pair.duplicate, placed.pair.relation or ""].append(placed.is_merged)
    return tuple(
        RelationFigures(
            relation=relation or None, duplicate=not is_different, pairs=len(flags), merged=sum(flags),
            share=_estimate_share(sum(flags), len(flags)),
        )
        for (is_different, relation), flags in sorted(merged.items())
    )  # fmt: skip


def check_relations(placed_pairs: Iterable[PlacedPair]) -> RelationRight:
    """Compare the relation found with the label, for merged duplicates.

    `identical` counts as `reprint` on both sides; a label `x|y` accepts either.
    """
    merged = [placed for placed in placed_pairs if placed.is_merged and placed.pair.duplicate]
    table = Counter(
        (placed.pair.relation or "", _fold_identical(placed.result.relation))
        for placed in merged
        if placed.result.relation is not None and _parse_label(placed.pair.relation)
    )
    counts = [
        RelationCount(labelled=label, found=relation, pairs=pairs, right=relation.value in _parse_label(label))
        for (label, relation), pairs in sorted(table.items())
    ]
    checked, right = table.total(), sum(row.pairs for row in counts if row.right)
    return RelationRight(
        checked=checked, right=right, unchecked=len(merged) - checked, share=_estimate_share(right, checked),
        found=tuple(counts),
    )  # fmt: skip


def _fold_identical(relation: Relation) -> Relation:
    return Relation.REPRINT if relation is Relation.IDENTICAL else relation


def _parse_label(label: str | None) -> frozenset[str]:
    """Return the relations that a label names; if it names none, the relation cannot be checked."""
    return frozenset(
        _fold_identical(Relation(name)).value for name in (label or "").split("|") if name in _LABEL_RELATIONS
    )
