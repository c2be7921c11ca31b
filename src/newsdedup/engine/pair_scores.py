"""Scores of pairs in columns, so that building stories need not measure a scored pair again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Floats, Pairs, concat_columns
from newsdedup.models import Direction, Relation, Score
from newsdedup.score import reverse_score

_RELATIONS = tuple(Relation)
_DIRECTIONS = tuple(Direction)


@dataclass(frozen=True)
class PairScores:
    """Pairs of indices (i, j), i < j, shape (n, 2), with the score of j relative to i.

    `measures` (n, 3) are the probability, containment and similarity, each 0 to 1. `kinds` (n, 2) are the relation and
    its direction, as positions in the enums. `is_template` (n,) flags template siblings and recurring notices.
    """

    pairs: Pairs
    measures: Floats
    kinds: NDArray[np.uint8]
    is_template: Flags

    @classmethod
    def from_scores(cls, pairs: Pairs, scores: Sequence[Score], is_template: Flags) -> Self:
        """Return the columns of these pairs, their scores and their template flags."""
        measures = [(score.probability, score.containment, score.similarity) for score in scores]
        kinds = [(_RELATIONS.index(score.relation), _DIRECTIONS.index(score.direction)) for score in scores]
        return cls(
            pairs,
            np.array(measures, dtype=np.float64).reshape(-1, 3),
            np.array(kinds, dtype=np.uint8).reshape(-1, 2),
            is_template,
        )

    @classmethod
    def concat(cls, parts: Sequence[PairScores]) -> PairScores:
        """Return the rows of all parts, in the order of the parts."""
        no_scores = cls.from_scores(np.empty((0, 2), dtype=np.int64), (), np.empty(0, dtype=bool))
        return concat_columns([no_scores, *parts])

    @property
    def probabilities(self) -> Floats:
        """The probability of each pair, 0 to 1."""
        return self.measures[:, 0]

    def iter_scores(self) -> Iterator[Score]:
        """Return the score of each pair, without signals and alignment."""
        return map(_build_score, self.measures.tolist(), self.kinds.tolist())

    def find_score(self, base: int, variant: int) -> Score | None:
        """Return the score of `variant` relative to `base`, without signals and alignment; None if it was not scored.

        Rows must be sorted by pair.
        """
        i, j = min(base, variant), max(base, variant)
        low, high = np.searchsorted(self.pairs[:, 0], (i, i + 1)).tolist()
        index = low + int(np.searchsorted(self.pairs[low:high, 1], j))
        if index == high or self.pairs[index, 1] != j:
            return None
        score = _build_score(self.measures[index].tolist(), self.kinds[index].tolist())
        return score if base == i else reverse_score(score)


def _build_score(measures: Sequence[float], kinds: Sequence[int]) -> Score:
    relation, direction = kinds
    probability, containment, similarity = measures
    return Score(probability, containment, similarity, _RELATIONS[relation], _DIRECTIONS[direction])
