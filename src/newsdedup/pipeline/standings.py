"""How the two of each scored pair stand to each other, in columns: what scoring found out, telling need not measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.models import Direction, Relation, Score
from newsdedup.score import turned

_RELATIONS = tuple(Relation)
_DIRECTIONS = tuple(Direction)

Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Standings:
    """Pairs of places (i, j), i < j, shape (n, 2), and of each how j stands to i.

    `numbers` (n, 3) are the probability, containment and similarity, `kinds` (n, 2) the relation and its direction.
    """

    pairs: Pairs
    numbers: NDArray[np.float64]
    kinds: NDArray[np.uint8]

    @classmethod
    def of(cls, pairs: Pairs, scores: Sequence[Score]) -> Self:
        """Return the standings of pairs from their scores."""
        numbers = [(each.probability, each.containment, each.similarity) for each in scores]
        kinds = [(_RELATIONS.index(each.relation), _DIRECTIONS.index(each.direction)) for each in scores]
        return cls(
            pairs, np.array(numbers, dtype=np.float64).reshape(-1, 3), np.array(kinds, dtype=np.uint8).reshape(-1, 2)
        )

    @classmethod
    def joined(cls, parts: Sequence[Standings]) -> Self:
        """Return the standings of all parts, sorted by pair."""
        every = (cls.of(np.empty((0, 2), dtype=np.int64), ()), *parts)
        pairs, numbers, kinds = (
            np.concatenate([getattr(part, name) for part in every]) for name in ("pairs", "numbers", "kinds")
        )
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        return cls(pairs[order], numbers[order], kinds[order])

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
