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

from newsdedup.features import Sentences
from newsdedup.thresholds import COPIED, VERBATIM_CUTOFF

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.float32]


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


def _local(a: Sentences, b: Sentences) -> tuple[Counts, Counts, Counts]:
    """Return presence matrices (n_a, v) and (n_b, v) over the stems that both sides have, and their rarities (v,).

    All whole numbers (rarities in 255ths), so that the float32 products below are exact and no order of summing, number
    of threads or platform can show.
    """
    at = b.table.stems.searchsorted(a.table.stems)
    shared = at < len(b.table.stems)
    shared[shared] = b.table.stems[at[shared]] == a.table.stems[shared]
    at = at[shared]
    rarity = np.rint(a.table.rarity[shared] * 255).astype(np.float32)
    return _presence(a, shared.nonzero()[0]), _presence(b, at), rarity


def _presence(side: Sentences, stems: Ints) -> Counts:
    """Return which sentence holds which of the stems, given by their places in the side's table: (n, v) of 0 and 1."""
    column = np.full(len(side.table.stems), -1)
    column[stems] = np.arange(len(stems))
    columns = column[side.table.column]
    kept = columns >= 0
    out = np.zeros((len(side), len(stems)), dtype=np.float32)
    out[side.table.row[kept], columns[kept]] = 1.0
    return out


def _cover(weighted: Counts, other: Counts, alone: Counts, mass: Floats) -> Cover:
    """Return how the sentences of one side, given weighted, are covered by the `other`; `alone` is their product.

    Every stem stands on both sides, so what the whole other side holds is all that is given.
    """
    if not other.shape[1]:
        nothing, nowhere = np.zeros(len(alone)), np.zeros(len(alone), dtype=np.int64)
        return Cover(single=nothing, best=nowhere - 1, window=nothing, window_at=nowhere, anywhere=nothing)
    whole = np.maximum(np.rint(mass * 255), 1.0)
    rows = np.arange(len(alone))
    best = alone.argmax(axis=1)
    top = alone[rows, best]
    pair_at, pair = best, top
    if len(other) > 1:
        paired = weighted @ np.maximum(other[:-1], other[1:]).T
        pair_at = paired.argmax(axis=1)
        pair = paired[rows, pair_at]
    single = np.round(top / whole, 4)
    return Cover(
        single=single,
        best=np.where(top > 0, best, -1).astype(np.int64),
        window=np.maximum(single, np.round(pair / whole, 4)),
        window_at=np.where(pair > top, pair_at, best).astype(np.int64),
        anywhere=np.round(weighted.sum(axis=1) / whole, 4),
    )


def cover_both(a: Sentences, b: Sentences) -> tuple[Cover, Cover]:
    """Return how `b` covers the sentences of `a`, and `a` those of `b`. Neither may be empty."""
    one, other, rarity = _local(a, b)
    weighted, back = one * rarity, other * rarity
    alone: Counts = np.matmul(weighted, other.T)
    return _cover(weighted, other, alone, a.mass), _cover(back, one, alone.T, b.mass)


def verbatim(a: Sentences, b: Sentences, best: Ints) -> NDArray[np.float32]:
    """Return the rapidfuzz ratio of sentences of `a` with those of `b`: (n_a, n_b), 0 to 1.

    Only ratios that decide are there, all others are 0: those from COPIED on, and of each sentence of `a` that with
    `best` of `b` (-1: none), from VERBATIM_CUTOFF on.
    """
    matrix = process.cdist(a.begun, b.begun, scorer=fuzz.ratio, score_cutoff=100 * COPIED, dtype=np.float32)
    rows = np.flatnonzero(best >= 0)
    pairs = [a.begun[i] for i in rows], [b.begun[j] for j in best[rows]]
    matrix[rows, best[rows]] = process.cpdist(*pairs, scorer=fuzz.ratio, score_cutoff=VERBATIM_CUTOFF, dtype=np.float32)
    found: NDArray[np.float32] = matrix.astype(np.float32, copy=False) / np.float32(100)
    return found
