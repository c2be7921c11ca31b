"""The links between stories about one event, as rows over the stories in the order of printing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.columns import bounds_of
from newsdedup.pipeline.spool import Ints


@dataclass(frozen=True)
class Links:
    """Of story i the others it is linked with and how likely, at `bounds[i]` to `bounds[i + 1]`, the likeliest first."""

    bounds: Ints
    others: Ints
    probabilities: NDArray[np.float64]

    @classmethod
    def between(cls, ids: NDArray[np.bytes_], left: Ints, right: Ints, probabilities: NDArray[np.float64]) -> Self:
        """Return the links of the stories with these ids from pairs of places among them, each pair once."""
        one, other = np.concatenate([left, right]), np.concatenate([right, left])
        both = np.concatenate([probabilities, probabilities])
        order = np.lexsort((ids[other], -both, one))
        return cls(bounds_of(np.bincount(one, minlength=len(ids))), other[order], both[order])

    def of(self, story: int) -> Iterator[tuple[int, float]]:
        """Yield the other stories and the probabilities."""
        at = slice(self.bounds[story], self.bounds[story + 1])
        return zip(self.others[at].tolist(), self.probabilities[at].tolist(), strict=True)


def linked(stories, matched, workers):
    from newsdedup.related import related
    from newsdedup.score import is_filled_anew
    bases = [matched.profiles[int(i)] for i in stories.bases]
    found = related(bases, matched.resources.background, lambda pairs: [is_filled_anew(bases[i], bases[j]) for i, j in pairs])
    left, right, p = (np.array(x) for x in zip(*found)) if found else (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Links.between(stories.ids, left, right, p)
