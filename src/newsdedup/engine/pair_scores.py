"""How the two of each scored pair stand to each other, in columns: what scoring found out, telling need not measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.models import Direction, Relation, Score
from newsdedup.score import turned

_RELATIONS = tuple(Relation)
_DIRECTIONS = tuple(Direction)

Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class PairScores:
    """Pairs of places (i, j), i < j, shape (n, 2), and of each how j stands to i.

    `numbers` (n, 3) are the probability, containment and similarity, `kinds` (n, 2) the relation and its direction.
    """

    pairs: Pairs
    numbers: NDArray[np.float64]
    kinds: NDArray[np.uint8]

    @classmethod
    def from_scores(cls, pairs: Pairs, scores: Sequence[Score]) -> Self:
        """Return the standings of pairs from their scores."""
        numbers = [(each.probability, each.containment, each.similarity) for each in scores]
        kinds = [(_RELATIONS.index(each.relation), _DIRECTIONS.index(each.direction)) for each in scores]
        return cls(
            pairs, np.array(numbers, dtype=np.float64).reshape(-1, 3), np.array(kinds, dtype=np.uint8).reshape(-1, 2)
        )

    @classmethod
    def concat(cls, parts: Sequence[PairScores]) -> Self:
        """Return the standings of all parts, one part after the other."""
        every = (cls.from_scores(np.empty((0, 2), dtype=np.int64), ()), *parts)
        return cls(*(np.concatenate([getattr(part, name) for part in every]) for name in ("pairs", "numbers", "kinds")))

    @classmethod
    def joined(cls, parts: Sequence[PairScores]) -> Self:
        """Return the standings of all parts, sorted by pair."""
        found = cls.concat(parts)
        return found.chosen(np.lexsort((found.pairs[:, 1], found.pairs[:, 0])))

    def chosen(self, rows: NDArray[Any]) -> Self:
        """Return some rows, by place or by flag."""
        return type(self)(self.pairs[rows], self.numbers[rows], self.kinds[rows])

    def over(self, pairs: Pairs) -> Self:
        """Return the same standings of pairs that are numbered otherwise."""
        return type(self)(pairs, self.numbers, self.kinds)

    def scores(self) -> Iterator[Score]:
        """Yield how the second of each pair stands to the first, without signals and alignment."""
        for numbers, (relation, direction) in zip(self.numbers.tolist(), self.kinds.tolist(), strict=True):
            probability, containment, similarity = numbers
            yield Score(probability, containment, similarity, _RELATIONS[relation], _DIRECTIONS[direction])

    def of_pair(self, base: int, other: int) -> Score | None:
        """Return how `other` stands to `base`, without signals and alignment; None for a pair that was not scored."""
        i, j = min(base, other), max(base, other)
        low, high = np.searchsorted(self.pairs[:, 0], (i, i + 1)).tolist()
        at = low + int(np.searchsorted(self.pairs[low:high, 1], j))
        if at == high or self.pairs[at, 1] != j:
            return None
        relation, direction = self.kinds[at].tolist()
        probability, containment, similarity = self.numbers[at].tolist()
        found = Score(probability, containment, similarity, _RELATIONS[relation], _DIRECTIONS[direction])
        return found if base == i else turned(found)
