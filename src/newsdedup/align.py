"""Sentence alignment: how well the sentences of one text are covered by those of another, and by which.

Used by the pair score and by the merge, and imports neither. Coverage is asymmetric: the share of a sentence's IDF
mass (the sum of the IDF of its stems) that the best sentence of the other side, or the best two neighbours, also
contains. Two neighbours, since agencies split and join sentences when they rewrite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from newsdedup.arrays import Floats, Ints
from newsdedup.features import Sentences, locate_in_sorted
from newsdedup.thresholds import COPIED_SENTENCE_RATIO, VERBATIM_CUTOFF

Counts = NDArray[np.float32]


@dataclass(frozen=True)
class Coverage:
    """How the n sentences of one side are covered by the other side; arrays of length n.

    `single`: the largest share of the IDF mass that one sentence of the other side contains, 0 to 1; `best`: the index
    of that sentence, -1 if nothing is shared. `window`: the same for one sentence or two neighbours; `window_start`:
    the index of the first of them. `anywhere`: the share that the whole other side contains.
    """

    single: Floats
    best: Ints
    window: Floats
    window_start: Ints
    anywhere: Floats


def _build_stem_matrices(a: Sentences, b: Sentences) -> tuple[Counts, Counts, Counts]:
    """Return presence matrices (n_a, v) and (n_b, v) over the v stems that both sides have, and their IDF (v,).

    All are integers (IDF in 255ths), so the float32 products below are exact: the result does not depend on the order
    of summation, the number of threads or the platform.
    """
    positions, is_shared = locate_in_sorted(a.stem_table.stems, b.stem_table.stems)
    idf = np.rint(a.stem_table.idf[is_shared] * 255).astype(np.float32)
    return _build_presence_matrix(a, is_shared.nonzero()[0]), _build_presence_matrix(b, positions[is_shared]), idf


def _build_presence_matrix(side: Sentences, stems: Ints) -> Counts:
    """Return which sentence contains which stem: (n, v), 0 or 1. `stems` are indices into the side's stem table."""
    column_of = np.full(len(side.stem_table.stems), -1)
    column_of[stems] = np.arange(len(stems))
    entry_columns = column_of[side.stem_table.columns]
    is_shared = entry_columns >= 0
    presence = np.zeros((len(side), len(stems)), dtype=np.float32)
    presence[side.stem_table.rows[is_shared], entry_columns[is_shared]] = 1.0
    return presence


def _compute_coverage(weighted: Counts, other_presence: Counts, shared_mass: Counts, idf_mass: Floats) -> Coverage:
    """Return the coverage of one side by the other.

    `weighted` (n, v) is the presence matrix of this side times the IDF, `other_presence` (m, v) that of the other side,
    `shared_mass` (n, m) their product, `idf_mass` (n,) that of this side's sentences. All v stems are on both sides, so
    the sum over `weighted` is what the whole other side contains.
    """
    if not other_presence.shape[1]:
        zeros, zero_indices = np.zeros(len(shared_mass)), np.zeros(len(shared_mass), dtype=np.int64)
        return Coverage(single=zeros, best=zero_indices - 1, window=zeros, window_start=zero_indices, anywhere=zeros)
    sentence_mass = np.maximum(np.rint(idf_mass * 255), 1.0)
    rows = np.arange(len(shared_mass))
    best = shared_mass.argmax(axis=1)
    best_mass = shared_mass[rows, best]
    pair_start, pair_mass = best, best_mass
    if len(other_presence) > 1:
        pair_masses = weighted @ np.maximum(other_presence[:-1], other_presence[1:]).T
        pair_start = pair_masses.argmax(axis=1)
        pair_mass = pair_masses[rows, pair_start]
    single = np.round(best_mass / sentence_mass, 4)
    return Coverage(
        single=single,
        best=np.where(best_mass > 0, best, -1).astype(np.int64),
        window=np.maximum(single, np.round(pair_mass / sentence_mass, 4)),
        window_start=np.where(pair_mass > best_mass, pair_start, best).astype(np.int64),
        anywhere=np.round(weighted.sum(axis=1) / sentence_mass, 4),
    )


def compute_coverages(a: Sentences, b: Sentences) -> tuple[Coverage, Coverage]:
    """Return the coverage of the sentences of `a` by `b`, and of those of `b` by `a`. Neither may be empty."""
    presence_a, presence_b, idf = _build_stem_matrices(a, b)
    weighted_a, weighted_b = presence_a * idf, presence_b * idf
    shared_mass: Counts = np.matmul(weighted_a, presence_b.T)
    return (
        _compute_coverage(weighted_a, presence_b, shared_mass, a.idf_mass),
        _compute_coverage(weighted_b, presence_a, shared_mass.T, b.idf_mass),
    )


def compute_verbatim_ratios(a: Sentences, b: Sentences, best: Ints) -> NDArray[np.float32]:
    """Return the rapidfuzz ratio of the sentences of `a` with those of `b`: (n_a, n_b), 0 to 1.

    Only ratios that decide something are set, the others are 0. Set are all ratios from COPIED_SENTENCE_RATIO on, and
    for each sentence of `a` the ratio with its best match in `b`, if it is at least VERBATIM_CUTOFF. `best` holds the
    index of that match, -1 for none.
    """
    matrix = process.cdist(
        a.truncated, b.truncated, scorer=fuzz.ratio, score_cutoff=100 * COPIED_SENTENCE_RATIO, dtype=np.float32
    )
    rows = np.flatnonzero(best >= 0)
    pairs = [a.truncated[i] for i in rows], [b.truncated[j] for j in best[rows]]
    matrix[rows, best[rows]] = process.cpdist(*pairs, scorer=fuzz.ratio, score_cutoff=VERBATIM_CUTOFF, dtype=np.float32)
    ratios: NDArray[np.float32] = matrix.astype(np.float32, copy=False) / np.float32(100)
    return ratios
