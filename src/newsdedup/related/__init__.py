"""Between stages 6 and 8: related. Which stories are about one event, though they are separate reports of it.

A story is judged by its base: what its title and its first sentences speak of. A pair is linked on what the two have in
common, and on the company they keep: reports of one event resemble the same other reports. Company never links by
itself, since a pair must resemble each other directly (`RELATED_DIRECT`) or share a rare name, and a neighbour in
common is evidence about a pair and no bridge: A linked to B and B to C decide nothing about A and C. Links are
symmetric.

A wrong link costs a reader a glance, a wrong merge costs an outlet its words; so this stage may be bolder than the
score, and changes no story.
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
from newsdedup.features import Profile, held
from newsdedup.idf import Background, hash_word
from newsdedup.related.index import Index
from newsdedup.related.lead_columns import NO_DAY, Told, day_of, names_of, told_of
from newsdedup.related.neighbours import Alike, Near, alike, find_near, signals
from newsdedup.text import names
from newsdedup.thresholds import RELATED_COPIED, RELATED_FADING_DAYS, RELATED_NAMES, RELATED_PROBABILITY

__all__ = [
    "NAMES",
    "NO_DAY",
    "Alike",
    "Index",
    "Near",
    "Told",
    "Weights",
    "alike",
    "day_of",
    "find_near",
    "links",
    "load_weights",
    "names_of",
    "related",
    "share_wording",
    "signals",
    "strangers",
    "told_of",
]

FORMAT = "newsdedup related model"
VERSION = 1
NAMES = ("direct", "company", "name")

Pair = tuple[int, int]
Judge = Callable[[Sequence[Pair]], Sequence[bool]]


@dataclass(frozen=True)
class Weights:
    """The log-odds of a pair: `bias` and the sum of each signal times its weight, in the order of NAMES."""

    bias: float
    weights: tuple[float, ...]


def related(
    stories: Sequence[Profile], background: Background, templated: Judge, weights: Weights | None = None
) -> list[tuple[int, int, float]]:
    """Return the links (i, j, probability) with i < j, sorted; stories without a report are never linked.

    `stories` holds the profile of each story's base; `templated` tells which of the pairs, given as places in
    `stories`, are one template filled in anew, and is asked only where two reports share wording. The order of
    `stories` does not matter.
    """
    order = sorted(
        (i for i, each in enumerate(stories) if len(each.sentences)),
        key=lambda i: (stories[i].report.article.content_hash, stories[i].report.article.article_id),
    )
    told = told_of([stories[i] for i in order], background)
    at = {i: row for row, i in enumerate(order)}

    def refused(pairs: Sequence[Pair]) -> list[bool]:
        placed = [(min(order[i], order[j]), max(order[i], order[j])) for i, j in pairs]
        out = [
            strangers(*((stories[x].sentences.texts, told.stems[at[y]]) for x, y in ((i, j), (j, i))))
            for i, j in placed
        ]
        copied = [n for n, (i, j) in enumerate(placed) if not out[n] and share_wording(stories[i], stories[j])]
        for n, found in zip(copied, templated([placed[n] for n in copied]) if copied else (), strict=True):
            out[n] = found
        return out

    found = links(told, find_near(told, background), refused, weights)
    return sorted((min(order[i], order[j]), max(order[i], order[j]), p) for i, j, p in found)


def links(told: Told, near: Near, refused: Judge, weights: Weights | None = None) -> list[tuple[int, int, float]]:
    """Return the links (i, j, probability) with i < j, sorted, of reports by their rows in `told`.

    `near` are the pairs that may be linked (`find_near`, or its steps in worker processes). `refused` tells which of
    the pairs that would be linked are not of one event all the same: `strangers`, or reports that share wording
    (`share_wording`) and are one template filled in anew; it is asked once, if at all, and for few pairs.
    """
    weights = weights or load_weights()
    odds = weights.bias + near.signals @ np.array(weights.weights)
    one, other = told.days[near.left].astype(np.int64), told.days[near.right].astype(np.int64)
    days = np.where((one == NO_DAY) | (other == NO_DAY), 0, np.abs(one - other))
    hopeful = np.flatnonzero(odds > log(RELATED_PROBABILITY / (1 - RELATED_PROBABILITY)) - 1e-3)
    faded = odds[hopeful] - np.sqrt(days[hopeful] / RELATED_FADING_DAYS)
    probability = np.round(1 / (1 + np.exp(-faded)), 4)
    linked = probability >= RELATED_PROBABILITY
    at = hopeful[linked]
    pairs = list(zip(near.left[at].tolist(), near.right[at].tolist(), strict=True))
    gone = refused(pairs) if pairs else ()
    return [(*pair, p) for pair, p, no in zip(pairs, probability[linked].tolist(), gone, strict=True) if not no]


def load_weights() -> Weights:
    """Read the weights that ship with the package. Raises ModelError if they cannot be used."""
    try:
        data = json.loads(resources.files("newsdedup").joinpath("data/related.json").read_text(encoding="utf-8"))
        if (data["format"], data["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{data['format']} {data['version']}, not {FORMAT} {VERSION}")  # noqa: TRY301 - one message
        return Weights(float(data["bias"]), tuple(float(data["weights"][name]) for name in NAMES))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the package's data/related.json cannot be used: {error}; reinstall or rebuild it") from None


Side = tuple[Sequence[str], NDArray[np.uint32]]
"""The sentences of a report, and the stems of the one that it is held against: unique, ascending."""


def strangers(one: Side, other: Side) -> bool:
    """Tell whether both reports have names and neither has one of the other's: two events of one kind."""
    return _names_nobody(*one) and _names_nobody(*other)


def _names_nobody(sentences: Sequence[str], stems: NDArray[np.uint32]) -> bool:
    """Tell whether a report has names, none of them among `stems`; looks no further than the first that is."""
    found: set[str] = set()
    for sentence in sentences:
        fresh = sorted(set(names(sentence)) - found)
        low = np.array([hash_word(each) & 0xFFFFFFFF for each in fresh], dtype=np.uint32)
        if len(low) and len(stems) and (stems[np.minimum(np.searchsorted(stems, low), len(stems) - 1)] == low).any():
            return False
        found.update(fresh)
    return len(found) >= RELATED_NAMES


def share_wording(one: Profile, other: Profile) -> bool:
    """Tell whether two reports share so much wording that they may be one template filled in anew."""
    smaller = min(len(one.shingles), len(other.shingles))
    shared = int(np.count_nonzero(held(one.shingles, other.shingles)))
    return bool(smaller) and shared >= RELATED_COPIED * smaller
