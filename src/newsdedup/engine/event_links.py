"""The links between stories about one event, as rows over the stories in the order of printing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Chosen, Ragged, bounds_of
from newsdedup.engine.executor import PAIRS_A_CHUNK, spread
from newsdedup.engine.matching import Matched
from newsdedup.engine.workspace import Ints
from newsdedup.fingerprint import Fingerprints
from newsdedup.related import Index, Told, alike, links, share_wording, signals, strangers
from newsdedup.related.index import stands
from newsdedup.related.sparse import row_numbers
from newsdedup.score import is_filled_anew
from newsdedup.tasks import chunks_of
from newsdedup.thresholds import RELATED_COPIED

Pair = tuple[int, int]


@dataclass(frozen=True)
class Links:
    """Of story i the others it is linked with and how likely, `bounds[i]` to `bounds[i + 1]`, the likeliest first."""

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
    run = partial(spread, workers=workers)
    index = Index(told, matched.resources.background, run)
    near = signals(index, alike(index, run), run)
    del index

    def refused(pairs: Sequence[Pair]) -> list[bool]:
        asked = places[np.array(pairs, dtype=np.int64)]
        shared = _Refusing(matched, matched.groups.values[matched.groups.bounds[:-1]], asked)
        chunks = chunks_of(len(asked), PAIRS_A_CHUNK)
        return [gone for part in run(_refused, shared, chunks) for gone in part]

    at = order.tolist()
    return [(min(at[i], at[j]), max(at[i], at[j]), probability) for i, j, probability in links(told, near, refused)]


def _told(matched: Matched, places: Ints) -> Told:
    prints = matched.prints
    return Told(
        title=prints.title.take(places),
        first=prints.first.take(places),
        stems=Chosen(prints.stems, places),
        lead=prints.lead.take(places),
        lead_counts=prints.lead_counts.take(places),
        lead_names=prints.lead_names.take(places),
        days=matched.days[places],
    )


class _Refusing(NamedTuple):
    """What refusing looks into; `first` is the place of each group's first article, ascending."""

    matched: Matched
    first: Ints
    pairs: Ints


def _refused(shared: _Refusing, at: range) -> list[bool]:
    """Tell which pairs are not of one event, though they look so: two events of one kind, a template filled in anew."""
    prints, profiles = shared.matched.prints, shared.matched.profiles
    pairs = shared.pairs[at.start : at.stop]
    strange = ~(_names(prints, pairs[:, 0], pairs[:, 1]) | _names(prints, pairs[:, 1], pairs[:, 0]))
    copied = _may_share_wording(prints, pairs)
    copied[copied] = ~_known_apart(shared, pairs[copied])
    out = [False] * len(pairs)
    for n in np.flatnonzero(strange | copied).tolist():
        i, j = pairs[n].tolist()
        if strange[n]:
            out[n] = strangers(*((profiles.reports[x].sentences, prints.stems[y]) for x, y in ((i, j), (j, i))))
        if copied[n] and not out[n]:
            out[n] = share_wording(profiles[i], profiles[j]) and is_filled_anew(profiles[i], profiles[j])
    return out


def _names(prints: Fingerprints, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """Tell which reports of `one` surely name somebody of whom the one of `other` beside it speaks: no strangers."""
    names = prints.names.take(one)
    row = row_numbers(names.bounds)
    there = stands(prints.stems.take(other), row, names.values)
    return np.bincount(row[there], minlength=len(one)) > 0


def _may_share_wording(prints: Fingerprints, pairs: Ints) -> NDArray[np.bool_]:
    """Tell which pairs may share RELATED_COPIED of the smaller one's shingles: half as many of a sample of them."""
    one, other = (_halves(prints.shingles.take(side)) for side in pairs.T)
    row = row_numbers(one.bounds)
    shared = np.bincount(row[stands(other, row, one.values)], minlength=len(pairs))
    whole = (np.stack((one.sizes, other.sizes), axis=1) == prints.shingle_counts[pairs]).all(axis=1)
    enough: NDArray[np.bool_] = shared >= np.where(whole, RELATED_COPIED, RELATED_COPIED / 2) * np.minimum(
        one.sizes, other.sizes
    )
    return enough


def _halves(shingles: Ragged) -> Ragged:
    """Return the upper halves, of which no fewer are the same."""
    return Ragged((shingles.values >> np.uint64(32)).astype(np.uint32), shingles.bounds)


def _known_apart(shared: _Refusing, pairs: Ints) -> NDArray[np.bool_]:
    """Tell which pairs were scored and found to be no template filled in anew."""
    groups = np.minimum(np.searchsorted(shared.first, pairs), len(shared.first) - 1)
    own = (shared.first[groups] == pairs).all(axis=1)
    scored, templates = shared.matched.scored, shared.matched.templates
    found = [pair in scored and pair not in templates for pair in map(tuple, groups.tolist())]
    apart: NDArray[np.bool_] = own & np.array(found, dtype=bool)
    return apart
