"""Between stages 6 and 8: related. Which stories are about one event, although they are separate reports of it.

A story is represented by its base, and that by its title and first sentences. A pair is linked on direct similarity and
on shared-neighbour similarity: reports of one event resemble the same other reports. Shared neighbours never link a
pair alone, since the two must resemble each other directly (`RELATED_MIN_DIRECT_SIMILARITY`) or share a rare name.
Links are not transitive: A linked to B and B to C decide nothing about A and C. Links are symmetric.

A wrong link costs a reader a glance, a wrong merge costs an outlet its text; so this stage accepts less certain pairs
than scoring does, and changes no story.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from math import log

import numpy as np
from numpy.typing import NDArray

from newsdedup.errors import ModelError
from newsdedup.features import ReportFeatures, is_in_sorted
from newsdedup.idf import hash_word
from newsdedup.related.index import LeadIndex as LeadIndex
from newsdedup.related.lead_columns import NO_DAY as NO_DAY
from newsdedup.related.lead_columns import LeadColumns as LeadColumns
from newsdedup.related.lead_columns import day_number as day_number
from newsdedup.related.neighbours import LinkCandidates as LinkCandidates
from newsdedup.related.neighbours import find_similar_pairs as find_similar_pairs
from newsdedup.related.neighbours import measure_pairs as measure_pairs
from newsdedup.text import extract_capitalised_tokens
from newsdedup.thresholds import (
    RELATED_DECAY_DAYS,
    RELATED_DISJOINT_MIN_NAMES,
    RELATED_MIN_PROBABILITY,
    RELATED_TEMPLATE_MIN_CONTAINMENT,
)

FORMAT = "newsdedup related model"
VERSION = 1
SIGNAL_NAMES = ("direct", "company", "name")

Pair = tuple[int, int]
PairTest = Callable[[Sequence[Pair]], Sequence[bool]]


@dataclass(frozen=True)
class Weights:
    """The log-odds of a pair: `bias` plus the sum of each signal times its weight, in the order of SIGNAL_NAMES."""

    bias: float
    weights: tuple[float, ...]


def find_links(
    columns: LeadColumns, candidates: LinkCandidates, flag_unrelated: PairTest, weights: Weights | None = None
) -> list[tuple[int, int, float]]:
    """Return the links (i, j, probability) with i < j, sorted; i and j are rows of `columns`.

    `candidates` come from `measure_pairs`. `flag_unrelated` gets the pairs that would be linked and returns which of
    them are not about one event: those with disjoint entities (`has_disjoint_entities`), and template siblings that
    share wording (`has_shared_wording`). It is called at most once, with few pairs.
    """
    weights = weights or load_weights()
    log_odds = weights.bias + candidates.signals @ np.array(weights.weights)
    days_left, days_right = (columns.days[side].astype(np.int64) for side in (candidates.left, candidates.right))
    days_apart = np.where((days_left == NO_DAY) | (days_right == NO_DAY), 0, np.abs(days_left - days_right))
    plausible = np.flatnonzero(log_odds > log(RELATED_MIN_PROBABILITY / (1 - RELATED_MIN_PROBABILITY)) - 1e-3)
    faded_odds = log_odds[plausible] - np.sqrt(days_apart[plausible] / RELATED_DECAY_DAYS)
    probability = np.round(1 / (1 + np.exp(-faded_odds)), 4)
    is_linked = probability >= RELATED_MIN_PROBABILITY
    rows = plausible[is_linked]
    pairs = list(zip(candidates.left[rows].tolist(), candidates.right[rows].tolist(), strict=True))
    is_unrelated = flag_unrelated(pairs) if pairs else ()
    return [
        (*pair, p)
        for pair, p, unrelated in zip(pairs, probability[is_linked].tolist(), is_unrelated, strict=True)
        if not unrelated
    ]


def load_weights() -> Weights:
    """Read the weights that ship with the package. Raises ModelError if they cannot be used."""
    try:
        data = json.loads(resources.files("newsdedup").joinpath("data/related.json").read_text(encoding="utf-8"))
        if (data["format"], data["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{data['format']} {data['version']}, not {FORMAT} {VERSION}")  # noqa: TRY301 - one message
        return Weights(float(data["bias"]), tuple(float(data["weights"][name]) for name in SIGNAL_NAMES))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the package's data/related.json cannot be used: {error}; reinstall or rebuild it") from None


Side = tuple[Sequence[str], NDArray[np.uint32]]
"""The sentences of a report, and the stems of the report it is compared with: unique, ascending."""


def has_disjoint_entities(a: Side, b: Side) -> bool:
    """Return whether both reports have names but share none: they are about two events of one kind."""
    return _names_no_shared_entity(*a) and _names_no_shared_entity(*b)


def _names_no_shared_entity(sentences: Sequence[str], stems: NDArray[np.uint32]) -> bool:
    """Return whether a report has enough names and none of them is among `stems`; stops at the first that is."""
    seen: set[str] = set()
    for sentence in sentences:
        new_names = sorted(set(extract_capitalised_tokens(sentence)) - seen)
        hashes = np.array([hash_word(name) & 0xFFFFFFFF for name in new_names], dtype=np.uint32)
        if is_in_sorted(hashes, stems).any():
            return False
        seen.update(new_names)
    return len(seen) >= RELATED_DISJOINT_MIN_NAMES


def has_shared_wording(a: ReportFeatures, b: ReportFeatures) -> bool:
    """Return whether two reports share so much wording that they may be template siblings."""
    smaller = min(len(a.shingles), len(b.shingles))
    shared = int(np.count_nonzero(is_in_sorted(a.shingles, b.shingles)))
    return bool(smaller) and shared >= RELATED_TEMPLATE_MIN_CONTAINMENT * smaller
