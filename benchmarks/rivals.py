"""Alternative methods on the same articles: each rival gets title and text as loaded, without cleaning.

A rival is a function of the texts of one set and its labelled pairs (indices into the texts). It returns for each pair
its *level*: the highest threshold at which the rival puts both articles into one story, 0 if it never does. So a rival
runs once, and every threshold can be tried afterwards (`find_best_threshold`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray
from rapidfuzz import fuzz, utils
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

Floats = NDArray[np.float64]
PairIndices = Sequence[tuple[int, int]]

WORD_PATTERN = r"(?u)\w+"
ROWS = 500  # rows of the matrix of shared 3-grams at a time, so that it fits into memory
STEPS = 200  # thresholds tried between 0 and 1
BLOCK = 0.1  # of .02, .05 and .1 the one with which token_set_ratio did best: F1 .779, .781, .787
MIN_JACCARD = 0.02  # minimum Jaccard of a pair: at .02 nearly all of a set is one component already


@dataclass(frozen=True)
class Rival:
    """A method for comparison; `tuned` says whether its threshold is chosen on the labelled pairs."""

    name: str
    tuned: bool
    levels: Callable[[Sequence[str], PairIndices], Floats]


def compute_jaccard_levels(texts: Sequence[str], pairs: PairIndices) -> Floats:
    """Exact Jaccard of lower-case word 3-grams over all pairs of the set; stories are connected components."""
    return _compute_component_levels(len(texts), *_compute_jaccard(texts), pairs)


def compute_minhash_levels(texts: Sequence[str], pairs: PairIndices) -> Floats:
    """MinHash LSH at the defaults of datasketch: 128 permutations over the words, threshold .9; components.

    Words, as in datasketch's own examples; on the labelled pairs they do better than word 3-grams (F1 .23, not .20).
    The pairs that the index returns are not verified, as in those examples. The level is 1 or 0.
    """
    words = CountVectorizer(token_pattern=WORD_PATTERN).build_analyzer()
    index, signatures = MinHashLSH(), []
    for i, text in enumerate(texts):
        signature = MinHash()
        signature.update_batch([word.encode() for word in set(words(text))])
        index.insert(i, signature)
        signatures.append(signature)
    collisions = [(i, j) for i, signature in enumerate(signatures) for j in index.query(signature) if i < j]
    left, right = np.array([i for i, _ in collisions], dtype=int), np.array([j for _, j in collisions], dtype=int)
    return _compute_component_levels(len(texts), left, right, np.ones(len(collisions)), pairs)


def compute_token_set_levels(texts: Sequence[str], pairs: PairIndices) -> Floats:
    """Rapidfuzz token_set_ratio of whole texts, with its default_process; stories are connected components.

    All pairs of a set are too many (10.8 million of 4,646 articles), so pairs are blocked: those whose word 3-grams
    have a Jaccard of at least `BLOCK` are compared, and the labelled pairs, so that no label is lost to blocking.
    """
    left, right, jaccard = _compute_jaccard(texts)
    keep = jaccard >= BLOCK
    compared_pairs = sorted(
        {*zip(left[keep].tolist(), right[keep].tolist(), strict=True), *((min(p), max(p)) for p in pairs)}
    )
    processed = [utils.default_process(text) for text in texts]
    ratios = np.array([fuzz.token_set_ratio(processed[i], processed[j]) / 100 for i, j in compared_pairs])
    ends = np.array(compared_pairs, dtype=int).reshape(-1, 2)
    return _compute_component_levels(len(texts), ends[:, 0], ends[:, 1], ratios, pairs)


def compute_tfidf_levels(texts: Sequence[str], pairs: PairIndices) -> Floats:
    """TF-IDF at the defaults of scikit-learn, fitted on the set; cosine of all pairs; average linkage."""
    vectors = TfidfVectorizer().fit_transform(texts)
    distance = 1.0 - (vectors @ vectors.T).toarray()
    np.fill_diagonal(distance, 0.0)
    heights = cophenet(linkage(squareform(np.clip(distance, 0.0, None), checks=False), method="average"))
    n, ends = len(texts), np.sort(np.array(pairs, dtype=np.int64).reshape(-1, 2), axis=1)
    i, j = ends[:, 0], ends[:, 1]
    levels: Floats = 1.0 - heights[n * i - i * (i + 1) // 2 + j - i - 1]  # index of (i, j) in a condensed matrix
    return np.clip(levels, 0.0, 1.0)


RIVALS: Mapping[str, Rival] = {
    "jaccard": Rival("word 3-gram Jaccard, connected components", tuned=True, levels=compute_jaccard_levels),
    "minhash": Rival("datasketch MinHash LSH at its defaults", tuned=False, levels=compute_minhash_levels),
    "token_set": Rival("rapidfuzz token_set_ratio, components", tuned=True, levels=compute_token_set_levels),
    "tfidf": Rival("TF-IDF cosine, average linkage", tuned=True, levels=compute_tfidf_levels),
}


def find_best_threshold(levels: Floats, duplicate: NDArray[np.bool_]) -> float:
    """Return the threshold with the highest F1 on these pairs; ties go to the highest threshold."""

    def compute_f1(threshold: float) -> float:
        called = levels >= threshold
        return float(2 * (called & duplicate).sum() / max(1, called.sum() + duplicate.sum()))

    return max(sorted({float(level) for level in levels if level > 0}, reverse=True), key=compute_f1)


def _compute_jaccard(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return all pairs i < j with a Jaccard of word 3-grams of at least MIN_JACCARD, and that Jaccard."""
    sets = (
        CountVectorizer(token_pattern=WORD_PATTERN, ngram_range=(3, 3), binary=True)
        .fit_transform(texts)
        .astype(np.int32)
    )
    sizes = np.asarray(sets.sum(axis=1)).ravel()
    lefts, rights, values = [], [], []
    for start in range(0, len(texts), ROWS):
        shared = (sets[start : start + ROWS] @ sets.T).tocoo()
        i, j = shared.row.astype(np.int64) + start, shared.col.astype(np.int64)
        jaccard = shared.data / (sizes[i] + sizes[j] - shared.data)
        keep = (i < j) & (jaccard >= MIN_JACCARD)
        lefts.append(i[keep])
        rights.append(j[keep])
        values.append(jaccard[keep])
    return np.concatenate(lefts), np.concatenate(rights), np.concatenate(values)


def _compute_component_levels(
    n: int, left: NDArray[np.int64], right: NDArray[np.int64], weight: Floats, pairs: PairIndices
) -> Floats:
    """Return for each pair the highest of `STEPS` thresholds at which it is in one connected component, else 0."""
    levels = np.zeros(len(pairs))
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    for step in range(STEPS, 0, -1):
        threshold = step / STEPS
        keep = weight >= threshold - 1e-9
        graph = coo_array((np.ones(int(keep.sum())), (left[keep], right[keep])), shape=(n, n))
        _, component = connected_components(graph, directed=False)
        is_joined = component[ends[:, 0]] == component[ends[:, 1]]
        levels[is_joined & (levels == 0)] = threshold
    return levels
