"""Links between stories about one event, as rows over the stories in output order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Floats, Ints, Pairs, Ragged, RaggedView, bounds_from_sizes, row_numbers
from newsdedup.engine.context import PAIRS_PER_CHUNK
from newsdedup.engine.matching import Matching
from newsdedup.execution import Executor, split_range
from newsdedup.fingerprint import Fingerprints
from newsdedup.related import (
    LeadColumns,
    LeadIndex,
    find_links,
    find_similar_pairs,
    has_disjoint_entities,
    has_shared_wording,
    measure_pairs,
)
from newsdedup.related.index import is_in_row
from newsdedup.score import is_template_sibling
from newsdedup.thresholds import RELATED_TEMPLATE_MIN_CONTAINMENT

Pair = tuple[int, int]


@dataclass(frozen=True)
class Links:
    """The stories linked to story i, and the probabilities: rows `bounds[i]` to `bounds[i + 1]`, likeliest first."""

    bounds: Ints
    linked: Ints
    probabilities: Floats

    @classmethod
    def from_pairs(cls, ids: NDArray[np.bytes_], links: Sequence[tuple[int, int, float]]) -> Self:
        """Return the links of the stories with these ids, given as (i, j, probability) by index, each pair once."""
        pairs = np.array([(i, j) for i, j, _ in links], dtype=np.int64).reshape(-1, 2)
        source, target = np.concatenate([pairs, pairs[:, ::-1]]).T
        probabilities = np.array([probability for _, _, probability in links] * 2, dtype=np.float64)
        order = np.lexsort((ids[target], -probabilities, source))
        return cls(bounds_from_sizes(np.bincount(source, minlength=len(ids))), target[order], probabilities[order])

    def of_story(self, story: int) -> Iterator[tuple[int, float]]:
        """Yield the index and probability of each story that a story is linked to."""
        row = slice(self.bounds[story], self.bounds[story + 1])
        return zip(self.linked[row].tolist(), self.probabilities[row].tolist(), strict=True)


def find_event_links(matching: Matching, bases: Ints, executor: Executor) -> list[tuple[int, int, float]]:
    """Return the links (i, j, probability) between the stories with these bases, as indices into `bases`, i < j."""
    with_words = np.flatnonzero(matching.fingerprints.word_counts[bases] > 0)
    order = with_words[np.argsort(bases[with_words])]  # indices of articles are in content order
    indices = bases[order]
    lead_columns = _lead_columns(matching, indices)
    index = LeadIndex(lead_columns, matching.scoring.idf_table, executor)
    neighbours = measure_pairs(index, find_similar_pairs(index, executor), executor)
    del index

    def find_unrelated(pairs: Sequence[Pair]) -> list[bool]:
        article_pairs = indices[np.array(pairs, dtype=np.int64)]
        chunks = split_range(len(article_pairs), PAIRS_PER_CHUNK)
        return list(chain.from_iterable(executor.map(_find_unrelated, (matching, article_pairs), chunks)))

    positions = order.tolist()
    return [
        (min(positions[i], positions[j]), max(positions[i], positions[j]), probability)
        for i, j, probability in find_links(lead_columns, neighbours, find_unrelated)
    ]


def _lead_columns(matching: Matching, indices: Ints) -> LeadColumns:
    fingerprints = matching.fingerprints
    return LeadColumns(
        title=fingerprints.title_stems.take(indices),
        first=fingerprints.first_sentence.take(indices),
        stems=RaggedView(fingerprints.stems, indices),
        lead=fingerprints.lead_stems.take(indices),
        lead_counts=fingerprints.lead_counts.take(indices),
        lead_names=fingerprints.lead_names.take(indices),
        days=matching.days[indices],
    )


def _find_unrelated(shared: tuple[Matching, Pairs], chunk: range) -> list[bool]:
    """Return which pairs of articles only look like one event: two events of one kind, or template siblings."""
    matching, all_pairs = shared
    pairs = all_pairs[chunk.start : chunk.stop]
    fingerprints, features = matching.fingerprints, matching.features
    may_be_disjoint = ~(
        _has_common_names(fingerprints, pairs[:, 0], pairs[:, 1])
        | _has_common_names(fingerprints, pairs[:, 1], pairs[:, 0])
    )
    may_be_template = _may_share_wording(fingerprints, pairs)
    is_unrelated = [False] * len(pairs)
    for n in np.flatnonzero(may_be_disjoint | may_be_template).tolist():
        i, j = pairs[n].tolist()
        if may_be_disjoint[n]:
            is_unrelated[n] = has_disjoint_entities(
                *((features.reports[x].sentences, fingerprints.stems[y]) for x, y in ((i, j), (j, i)))
            )
        if may_be_template[n] and not is_unrelated[n]:
            is_unrelated[n] = has_shared_wording(features[i], features[j]) and is_template_sibling(
                features[i], features[j]
            )
    return is_unrelated


def _has_common_names(fingerprints: Fingerprints, named: Ints, mentioning: Ints) -> Flags:
    """Return in which pairs a name in the report of `named` occurs in that of `mentioning`: not disjoint entities."""
    names = fingerprints.name_stems.take(named)
    rows = row_numbers(names.bounds)
    is_mentioned = is_in_row(fingerprints.stems.take(mentioning), rows, names.values)
    return np.bincount(rows[is_mentioned], minlength=len(named)) > 0


def _may_share_wording(fingerprints: Fingerprints, pairs: Ints) -> Flags:
    """Return which pairs may share RELATED_TEMPLATE_MIN_CONTAINMENT of the smaller report's shingles.

    Where only a sample of the shingles is stored, half of that share of the sample is enough.
    """
    shingles_a, shingles_b = (_upper_halves(fingerprints.shingles.take(side)) for side in pairs.T)
    rows = row_numbers(shingles_a.bounds)
    shared = np.bincount(rows[is_in_row(shingles_b, rows, shingles_a.values)], minlength=len(pairs))
    sizes = np.stack((shingles_a.sizes, shingles_b.sizes), axis=1)
    is_complete = (sizes == fingerprints.shingle_counts[pairs]).all(axis=1)
    min_share = np.where(is_complete, RELATED_TEMPLATE_MIN_CONTAINMENT, RELATED_TEMPLATE_MIN_CONTAINMENT / 2)
    may_share: Flags = shared >= min_share * sizes.min(axis=1)
    return may_share


def _upper_halves(shingles: Ragged) -> Ragged:
    """Return the upper 32 bits of the hashes; at least as many of these are equal as of the full hashes."""
    return Ragged((shingles.values >> np.uint64(32)).astype(np.uint32), shingles.bounds)
