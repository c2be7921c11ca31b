"""Which pairs of reports a change makes worth scoring, and which no more; their scores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import among, distinct
from newsdedup.engine.cleaning import versions_of
from newsdedup.engine.executor import PAIRS_A_CHUNK, spread
from newsdedup.engine.matching import Scoring, score_chunk, side_by_side, verified, worth_scoring
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Direction, Relation, Score
from newsdedup.store import shingle_index
from newsdedup.store.candidate_changes import Paired, keyed, meetings, touched
from newsdedup.store.state import Change, States, heads
from newsdedup.store.stored_articles import chosen
from newsdedup.tasks import chunks_of

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]

# Pairs that a worker scores at a time at least: few, so that all have some.
_FEW = 50

STANDING = ("i", "j", "probability", "containment", "similarity", "relation", "direction")
"""Columns of a scored pair, in this order."""


@dataclass(frozen=True)
class StoredPairs:
    """Pairs of slots that were scored, shape (n, 2), and how likely each tells the same."""

    pairs: Pairs
    probabilities: NDArray[np.float64]


def stored_pairs(db: sqlite3.Connection) -> StoredPairs:
    """Return all scored pairs."""
    found = chain.from_iterable(db.execute("SELECT i, j, probability FROM pairs"))
    rows = np.fromiter(found, dtype=np.float64).reshape(-1, 3)
    return StoredPairs(rows[:, :2].astype(np.int64), rows[:, 2])


def standings_of(db: sqlite3.Connection, slots: Ints) -> tuple[PairScores, Flags]:
    """Return the stored pairs that begin with one of the slots, and which of them are one template."""
    rows = list(chosen(db, f"SELECT {', '.join(STANDING)}, template FROM pairs WHERE i IN", slots))
    found = PairScores.from_scores(
        np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2),
        [Score(row[2], row[3], row[4], Relation(row[5]), Direction(row[6])) for row in rows],
    )
    return found, np.array([row[7] for row in rows], dtype=bool)


def worth(
    change: Change, states: States, first: Sequence[Ints], stored: StoredPairs, own: Hashes
) -> tuple[Ints, Pairs, Pairs]:
    """Return the slots that are paired anew, the pairs of them that share enough 3-grams, and those of versions."""
    paired = _paired(states, first)
    before, versions = (
        _versions(states, flags, each) for flags, each in zip((states.before, states.after), first, strict=True)
    )
    if not (states.before & states.after).any():
        return *_all_worth(change, states, first[1]), versions
    sizes = np.zeros(len(paired.rank), dtype=np.int32)
    sizes[states.slots] = states.rows["kept"]
    ranges = shingle_index.parts(change.db)

    def lookup(wanted: Hashes) -> Iterator[Hashes]:
        for low, high in ranges:
            some = wanted[np.searchsorted(wanted, np.uint64(low)) : np.searchsorted(wanted, np.uint64(high))]
            new = own[np.searchsorted(own, np.uint64(low << shingle_index.SLOT_BITS)) :]
            if high < 1 << 64 - shingle_index.SLOT_BITS:
                new = new[: np.searchsorted(new, np.uint64(high << shingle_index.SLOT_BITS))]
            yield np.concatenate(
                [
                    shingle_index.holding(change.db, some, low, high),
                    new[shingle_index.held(shingle_index.grams(new), some)],
                ]
            )

    known = keyed(stored.pairs)
    gaining, losing = touched(paired, change.desk.shingles, np.sort(known), lookup)
    other = np.concatenate(
        [before[~among(keyed(before), keyed(versions))], versions[~among(keyed(versions), keyed(before))]]
    )
    gaining = distinct(np.concatenate([gaining, other[paired.after[other]]]))
    asked = distinct(np.concatenate([gaining, losing]))
    found = meetings(paired, asked, change.desk.shingles(asked), sizes, lookup)
    # Of two that can only meet less often than before, a pair that is not stored was not worth it then either.
    found = found[among(found, gaining).any(axis=1) | among(keyed(found), known)]
    return asked, found, versions[among(versions, asked).any(axis=1)]


def _paired(states: States, first: Sequence[Ints]) -> Paired:
    size = int(states.slots.max(initial=-1)) + 1
    before, after = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for flags, own in zip((before, after), first, strict=True):
        flags[states.slots[heads(own)]] = True
    rank = np.zeros(size, dtype=np.int64)
    rank[states.slots] = states.content_rank
    return Paired(before, after, rank)


def _all_worth(change: Change, states: States, first: Ints) -> tuple[Ints, Pairs]:
    """Pair all that comes to a store that is empty."""
    means, offset = change.means, len(states.slots) - len(change.desk.prints)
    own = heads(first)
    own = own[np.argsort(states.content_rank[own])]
    nothing = np.empty((0, 2), dtype=np.int64)
    found = worth_scoring(
        change.desk.prints, own - offset, nothing, means.resources.background, means.config, means.workspace.folder,
        means.workers,
    )  # fmt: skip
    return states.slots[own], states.slots[own][found]


def _versions(states: States, flags: Flags, first: Ints) -> Pairs:
    """Return the pairs of versions of one article, by slots of the first with each text, in content order.

    Of those that `flags` let in.
    """
    there = np.flatnonzero(flags)
    rows = states.rows[there]
    pairs = there[versions_of(rows["name"], rows["version"])]
    pairs = pairs[(states.rows["words"][pairs] > 0).all(axis=1)]
    pairs = first[pairs]
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    swapped = states.content_rank[pairs[:, 0]] > states.content_rank[pairs[:, 1]]
    pairs[swapped] = pairs[swapped][:, ::-1]
    found: Pairs = states.slots[np.unique(pairs, axis=0)].reshape(-1, 2)
    return found


def dropped(states: States, first: Ints, stored: StoredPairs, asked: Ints, met: Pairs) -> Pairs:
    """Return the stored pairs that are worth scoring no more."""
    after = states.slots[heads(first)]
    gone = ~among(stored.pairs, after).all(axis=1)
    lost = among(stored.pairs, asked).any(axis=1) & ~among(keyed(stored.pairs), keyed(met))
    return stored.pairs[gone | lost]


def scored(
    change: Change, states: States, stored: StoredPairs, met: Pairs, versions: Pairs
) -> tuple[PairScores, Flags]:
    """Score the pairs that were not scored yet; returns their standings by slots."""
    means = change.means
    known = keyed(stored.pairs)
    met, versions = (each[~among(keyed(each), known)] for each in (met, versions))
    change.desk.fetch(np.concatenate([met, versions]).ravel())
    if len(stored.pairs) or len(states.slots) > len(change.desk.prints):
        places = change.desk.places(met)
        met = met[verified(change.desk.prints, places, means.resources.background, means.workers)]
    pairs = np.concatenate([met, versions[~among(keyed(versions), keyed(met))]])
    means.progress.stage("score", len(pairs))
    places = change.desk.places(pairs)
    order = side_by_side(places, len(change.desk.prints))
    pairs = pairs[order]
    shared = Scoring(change.desk.resources(), places[order])
    parts, templates = [], np.zeros(len(pairs), dtype=bool)
    chunks = chunks_of(len(pairs), min(max(len(pairs) // (4 * means.workers), _FEW), PAIRS_A_CHUNK))
    for chunk, part in zip(chunks, spread(score_chunk, shared, chunks, means.workers), strict=True):
        templates[chunk.start + part.templates] = True
        parts.append(part.standings)
        means.progress.advance(len(chunk))
    return PairScores.concat(parts).over(pairs), templates
