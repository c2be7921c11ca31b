"""Sentence alignment: which sentence of one text says what a sentence of another says, and where the two disagree.

Used by the pair score and by the merge, so it lies below both. Coverage is asymmetric: the share of a sentence's rarity
mass (stems weighted by how rare they are in news at large) that the other side's best sentence, or best two neighbours,
holds too. Two neighbours, since agencies part and join sentences when they rewrite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from newsdedup.profile import Sentences

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# rapidfuzz ratio under which two sentences do not count as one text at all (0 to 100): speeds the matrix up.
VERBATIM_CUTOFF = 50.0


@dataclass(frozen=True)
class Cover:
    """How the sentences of one side are covered by the other side.

    For each sentence i of this side, arrays of length n: `single` the best share of its mass held by one sentence of
    the other side (0 to 1), `best` the index of that sentence (-1 where nothing is shared), `window` the best share
    held by one sentence or two neighbours, `window_at` the index of the window's first sentence, `anywhere` the share
    held by the whole other side.
    """

    single: Floats
    best: Ints
    window: Floats
    window_at: Ints
    anywhere: Floats


def _local(a: Sentences, b: Sentences) -> tuple[Floats, Floats, Floats]:
    """Return presence matrices (n_a, v) and (n_b, v) over the stems of both sides, and the stems' rarities (v,)."""
    stems = np.concatenate([*a.stems, *b.stems])
    rarity = np.concatenate([*a.rarity, *b.rarity])
    unique, first, inverse = np.unique(stems, return_index=True, return_inverse=True)
    rows = np.repeat(np.arange(len(a) + len(b)), [len(each) for each in (*a.stems, *b.stems)])
    table = np.zeros((len(a) + len(b), len(unique)), dtype=np.float32)
    table[rows, inverse] = 1.0
    return table[: len(a)], table[len(a) :], rarity[first].astype(np.float32)


def _cover(one: Floats, other: Floats, rarity: Floats) -> Cover:
    weighted = one * rarity
    mass = np.maximum(weighted.sum(axis=1), 1e-9)
    single = (weighted @ other.T) / mass[:, None]
    best = single.argmax(axis=1)
    if len(other) > 1:
        paired = (weighted @ np.maximum(other[:-1], other[1:]).T) / mass[:, None]
        pair_at = paired.argmax(axis=1)
        pair = paired[np.arange(len(one)), pair_at]
    else:
        pair_at, pair = best, single.max(axis=1)
    top = single[np.arange(len(one)), best]
    anywhere = (weighted @ other.max(axis=0)) / mass
    # Rounded, so that platforms whose matrix products differ in the last bit decide alike.
    top, pair, anywhere = (np.round(each.astype(np.float64), 4) for each in (top, pair, anywhere))
    return Cover(
        single=top,
        best=np.where(top > 0, best, -1).astype(np.int64),
        window=np.maximum(top, pair),
        window_at=np.where(pair > top, pair_at, best).astype(np.int64),
        anywhere=anywhere,
    )


def cover_both(a: Sentences, b: Sentences) -> tuple[Cover, Cover]:
    """Return how `b` covers the sentences of `a`, and `a` those of `b`. Neither may be empty."""
    one, other, rarity = _local(a, b)
    return _cover(one, other, rarity), _cover(other, one, rarity)


def verbatim(a: Sentences, b: Sentences) -> NDArray[np.float32]:
    """Return the rapidfuzz ratio of every sentence of `a` with every one of `b`: shape (n_a, n_b), 0 to 1, 0 under the cutoff."""
    matrix = process.cdist(a.normal, b.normal, scorer=fuzz.ratio, score_cutoff=VERBATIM_CUTOFF, dtype=np.float32)
    out: NDArray[np.float32] = matrix / np.float32(100)
    return out
