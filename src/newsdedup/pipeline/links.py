"""The links between stories about one event, as rows over the stories in the order of printing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.columns import bounds_of
from newsdedup.config import RELATED_COPIED
from newsdedup.pipeline.matching import Matched
from newsdedup.pipeline.spool import Ints
from newsdedup.pipeline.workers import PAIRS_A_CHUNK, chunks_of, spread
from newsdedup.profile import held
from newsdedup.related import Index, Told, alike, links, share_wording, signals, strangers
from newsdedup.score import is_filled_anew

# Stories whose neighbours are looked for in one task.
STORIES_A_TASK = 2000

Pair = tuple[int, int]


@dataclass(frozen=True)
class Links:
    """Of story i, at `bounds[i]` to `bounds[i + 1]`: those it is linked with and how likely, the likeliest first."""

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


def event_links(matched: Matched, bases: Ints, workers: int) -> list[tuple[int, int, float]]:
    """Return the links (i, j, probability) between the stories with these bases, as places in `bases`, i < j."""
    told_of = np.flatnonzero(matched.prints.words[bases] > 0)
    order = told_of[np.argsort(bases[told_of])]  # places of articles are in content order
    places = bases[order]
    told = _told(matched, places)
    index = Index(told, matched.resources.background)
    near = signals(index, alike(index, spread(_near, index, chunks_of(len(told), STORIES_A_TASK), workers)))
    del index

    def refused(pairs: Sequence[Pair]) -> list[bool]:
        asked = places[np.array(pairs, dtype=np.int64)]
        chunks = chunks_of(len(asked), PAIRS_A_CHUNK)
        return [gone for part in spread(_refused, _Refusing(matched, asked), chunks, workers) for gone in part]

    out = []
    for i, j, probability in links(told, near, refused):
        ends = int(order[i]), int(order[j])
        out.append((min(ends), max(ends), probability))
    return out


def _told(matched: Matched, places: Ints) -> Told:
    prints = matched.prints
    return Told(
        title=prints.title.take(places),
        first=prints.first.take(places),
        stems=prints.stems.take(places),
        lead=prints.lead.take(places),
        lead_counts=prints.lead_counts.take(places),
        lead_names=prints.lead_names.take(places),
        days=matched.days[places],
    )


def _near(index: Index, at: range) -> tuple[Ints, Ints]:
    return index.near(at.start, at.stop)


class _Refusing(NamedTuple):
    matched: Matched
    pairs: Ints


def _refused(shared: _Refusing, at: range) -> list[bool]:
    """Tell which pairs are not of one event, though they look so: two events of one kind, a template filled in anew."""
    prints, profiles = shared.matched.prints, shared.matched.profiles
    out = []
    for i, j in shared.pairs[at.start : at.stop].tolist():
        one, other = prints.shingles[i], prints.shingles[j]
        shared_runs = held(one, other).sum() if len(other) else 0
        if strangers(*((profiles.reports[x].sentences, prints.stems[y]) for x, y in ((i, j), (j, i)))):
            out.append(True)
        elif shared_runs < RELATED_COPIED / 2 * min(len(one), len(other)):  # of a sample, so half as many
            out.append(False)
        else:
            a, b = profiles[i], profiles[j]
            out.append(share_wording(a, b) and is_filled_anew(a, b))
    return out
