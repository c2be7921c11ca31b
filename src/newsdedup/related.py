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
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from newsdedup.background import Background, hash_word
from newsdedup.config import (
    RELATED_BATCH,
    RELATED_COMPANY_NEUTRAL,
    RELATED_COMPANY_WEIGHT,
    RELATED_COPIED,
    RELATED_DIRECT,
    RELATED_FADING_DAYS,
    RELATED_LEAD,
    RELATED_NAME_HOLDERS,
    RELATED_NAME_RARITY,
    RELATED_NAMES,
    RELATED_NEAR,
    RELATED_NEIGHBOURS,
    RELATED_POSTINGS,
    RELATED_PROBABILITY,
    RELATED_TOLD,
)
from newsdedup.errors import ModelError
from newsdedup.profile import Profile, held
from newsdedup.text import days_between, stem, words

FORMAT = "newsdedup related model"
VERSION = 1
NAMES = ("direct", "company", "name")

_MARKS = "\"'“”‘’«»„()[].,;:!?…*"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Weights:
    """The log-odds of a pair: `bias` and the sum of each signal times its weight, in the order of NAMES."""

    bias: float
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Near:
    """Pairs of stories that resemble each other, and how: arrays of one length, `left` < `right`.

    `lead` and `head` are cosines of rarity-weighted stems (title and first sentences; title alone), `company` the
    agreement of their neighbours, `told` the larger share of one title's rarity mass that the other report holds; each
    0 to 1. `told` is 0 where `lead + head` is under RELATED_DIRECT. `name` is 1 where both leads have a rare name of
    several words, else 0.
    """

    left: Ints
    right: Ints
    lead: Floats
    head: Floats
    company: Floats
    told: Floats
    name: Floats

    @property
    def signals(self) -> Floats:
        """Return the signals of the model, in the order of NAMES: shape (pairs, 3)."""
        return np.stack([self.lead + self.head, self.company, self.name], axis=1)

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Tell which pairs have enough in common to be linked at all."""
        return (self.name > 0) | ((self.lead + self.head >= RELATED_DIRECT) & (self.told >= RELATED_TOLD))


def related(
    stories: Sequence[Profile],
    background: Background,
    templated: Callable[[Sequence[Pair]], Sequence[bool]],
    weights: Weights | None = None,
) -> list[tuple[int, int, float]]:
    """Return the links (i, j, probability) with i < j, sorted; stories without a report are never linked.

    `stories` holds the profile of each story's base; `templated` tells which of the pairs, given as places in
    `stories`, are one template filled in anew, and is asked only where two reports share wording. Time and memory grow
    with the stories and not with their pairs. The order of `stories` does not matter.
    """
    weights = weights or load_weights()
    order = sorted(
        (i for i, each in enumerate(stories) if len(each.sentences)),
        key=lambda i: (stories[i].report.article.content_hash, stories[i].report.article.article_id),
    )
    told = [stories[i] for i in order]
    near = find_near(told, background)
    odds = weights.bias + near.signals @ np.array(weights.weights)
    links = []
    for at in np.flatnonzero(near.eligible & (odds > log(RELATED_PROBABILITY / (1 - RELATED_PROBABILITY)) - 1e-3)):
        left, right = int(near.left[at]), int(near.right[at])
        days = days_between(told[left].report.article.published, told[right].report.article.published)
        faded = float(odds[at]) - sqrt((days or 0) / RELATED_FADING_DAYS)
        probability = round(1 / (1 + float(np.exp(-faded))), 4)
        if probability >= RELATED_PROBABILITY:
            i, j = sorted((order[left], order[right]))
            links.append((i, j, probability))
    links = [(i, j, found) for i, j, found in links if not _strangers(stories[i], stories[j])]
    copied = [(i, j) for i, j, _ in links if _share_wording(stories[i], stories[j])]
    refused = {pair for pair, found in zip(copied, templated(copied) if copied else (), strict=True) if found}
    return sorted(link for link in links if link[:2] not in refused)


def load_weights() -> Weights:
    """Read the weights that ship with the package. Raises ModelError if they cannot be used."""
    try:
        data = json.loads(resources.files("newsdedup").joinpath("data/related.json").read_text(encoding="utf-8"))
        if (data["format"], data["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{data['format']} {data['version']}, not {FORMAT} {VERSION}")  # noqa: TRY301 - one message
        return Weights(float(data["bias"]), tuple(float(data["weights"][name]) for name in NAMES))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the package's data/related.json cannot be used: {error}; reinstall or rebuild it") from None


def find_near(told: Sequence[Profile], background: Background) -> Near:
    """Return the pairs of reports that resemble each other, of each report its RELATED_NEIGHBOURS nearest at most.

    Every report must have sentences, and their order must depend on content alone: where a stem is in more reports than
    can be asked, those next to a report in this order are.
    """
    rarity = _Rarity(told, background)
    leads = _rows([_lead(each) for each in told], rarity)
    left, right, lead = _neighbours(leads)
    head = _products(_rows([[_head(each)] for each in told], rarity), left, right)
    told_of = np.zeros(len(left))
    enough = lead + head >= RELATED_DIRECT
    told_of[enough] = _titles_told(told, rarity, left[enough], right[enough])
    name = _share_name(told, background, left, right)
    return Near(left, right, lead, head, _company(len(told), left, right, lead), told_of, name)


def _head(profile: Profile) -> NDArray[np.uint64]:
    """Return the stems of the title, or of the first sentence where no title was given."""
    return profile.title_stems if len(profile.title_stems) else profile.sentences.stems[0]


def _lead(profile: Profile) -> list[NDArray[np.uint64]]:
    return [profile.title_stems, *profile.sentences.stems[:RELATED_LEAD]]


def _whole(profile: Profile) -> NDArray[np.uint64]:
    return np.unique(np.concatenate([profile.title_stems, *profile.sentences.stems]))


class _Rarity:
    """Rarity of stems in news at large and in this very input: where all speak of one war, its name says little.

    Counts of the input are added to those of the background, which weigh as much as RELATED_BATCH reports; a pair's own
    two reports are not counted, so that two stories alone are weighed by the background. `held[i]` are the places among
    `keys` of the stems that report i holds.
    """

    def __init__(self, told: Sequence[Profile], background: Background) -> None:
        everything = [_whole(each) for each in told]
        flat = np.concatenate([np.empty(0, dtype=np.uint64), *everything])
        self.keys, held, counts = np.unique(flat, return_inverse=True, return_counts=True)
        self.held = np.split(held, np.cumsum([len(each) for each in everything])[:-1])
        scale = log(background.articles + 1) if background.articles else 1.0
        at_large = np.exp(-background.weights(self.keys) * scale)
        others = max(len(told) - 2, 0)
        share = (RELATED_BATCH * at_large + np.maximum(counts - 2, 0)) / (RELATED_BATCH + others)
        self.weights = np.clip(-np.log(share) / scale, 0.0, 1.0)

    def places(self, stems: NDArray[np.uint64]) -> Ints:
        """Return the place of each stem among the keys; all are there."""
        return np.searchsorted(self.keys, stems).astype(np.int64)


@dataclass(frozen=True)
class _Rows:
    """A sparse matrix, one row a report: the terms of row i, ascending, stand at `bounds[i]` to `bounds[i + 1]`."""

    bounds: Ints
    terms: Ints
    values: Floats
    width: int

    def take(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return where the entries of `rows` stand, one row after the other, and where each row begins in that."""
        return _ranges(self.bounds[rows], self.bounds[rows + 1])


def _ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    sizes = ends - starts
    begins = np.cumsum(sizes) - sizes
    return np.arange(int(sizes.sum())) + np.repeat(starts - begins, sizes), begins


def _rows(bags: Sequence[Sequence[NDArray[np.uint64]]], rarity: _Rarity) -> _Rows:
    """Return unit vectors: each stem weighs its rarity times 1 + log of how many of the bag's parts hold it."""
    found = [np.unique(np.concatenate(parts), return_counts=True) for parts in bags]
    sizes = np.array([len(stems) for stems, _ in found], dtype=np.int64)
    bounds = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    terms = rarity.places(np.concatenate([np.empty(0, dtype=np.uint64), *(stems for stems, _ in found)]))
    counts = np.concatenate([np.empty(0), *(count for _, count in found)])
    values = (1 + np.log(counts)) * rarity.weights[terms]
    row = np.repeat(np.arange(len(bags)), sizes)
    norm = np.sqrt(np.bincount(row, weights=values * values, minlength=len(bags)))
    return _Rows(bounds, terms, values / np.where(norm > 0, norm, 1.0)[row], len(rarity.keys))


def _neighbours(leads: _Rows) -> tuple[Ints, Ints, Floats]:
    """Return the pairs whose leads are alike by RELATED_NEAR or more, each among the nearest of the other.

    An index from stem to reports gives each report those that share its rarest stems, RELATED_POSTINGS meetings at
    most. A list of reports that does not fit in is not dropped: the report meets as many of it as do, those next to it.
    """
    count = len(leads.bounds) - 1
    row = np.repeat(np.arange(count), np.diff(leads.bounds))
    by_term = np.argsort(leads.terms, kind="stable")
    holders, weights = row[by_term], leads.values[by_term]
    sizes = np.bincount(leads.terms, minlength=leads.width)
    starts = np.cumsum(sizes) - sizes
    place = np.empty(len(row), dtype=np.int64)
    place[by_term] = np.arange(len(row))
    met = np.zeros(count)
    lefts, rights = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for i in range(count):
        own = np.arange(leads.bounds[i], leads.bounds[i + 1])
        own = own[np.argsort(sizes[leads.terms[own]], kind="stable")]
        terms = leads.terms[own]
        room = RELATED_POSTINGS - (np.cumsum(sizes[terms]) - sizes[terms])
        own, terms, room = own[room > 0], terms[room > 0], room[room > 0]
        asked = np.minimum(sizes[terms], room)
        begin = np.clip(place[own] - asked // 2, starts[terms], starts[terms] + sizes[terms] - asked)
        at, _ = _ranges(begin, begin + asked)
        others = holders[at]
        np.add.at(met, others, weights[at] * np.repeat(leads.values[own], asked))
        close = np.unique(others[met[others] >= RELATED_NEAR])
        close = close[close != i]
        close = close[np.argsort(-met[close], kind="stable")][:RELATED_NEIGHBOURS]
        met[others] = 0.0
        lefts.append(np.minimum(i, close))
        rights.append(np.maximum(i, close))
    packed = np.unique(np.concatenate(lefts) * max(count, 1) + np.concatenate(rights))
    left, right = packed // max(count, 1), packed % max(count, 1)
    likeness = _products(leads, left, right)
    keep = (likeness >= RELATED_NEAR) & _mutual(left, right, likeness)
    return left[keep], right[keep], likeness[keep]


def _mutual(left: Ints, right: Ints, likeness: Floats) -> NDArray[np.bool_]:
    """Tell which pairs are among the RELATED_NEIGHBOURS nearest of both: a bound that leaves links symmetric."""
    keep = np.ones(len(left), dtype=bool)
    for one, other in ((left, right), (right, left)):
        from_both = np.concatenate([one, other])
        to_both = np.concatenate([other, one])
        order = np.lexsort((to_both, -np.concatenate([likeness, likeness]), from_both))
        first = np.searchsorted(from_both[order], from_both[order])
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - first
        keep &= rank[: len(left)] < RELATED_NEIGHBOURS
    return keep


def _products(rows: _Rows, left: Ints, right: Ints) -> Floats:
    """Return the scalar product of the two rows of each pair; pairs sorted by `left`."""
    out = np.zeros(len(left))
    dense = np.zeros(rows.width)
    for i, begin, end in _groups(left):
        own = slice(rows.bounds[i], rows.bounds[i + 1])
        dense[rows.terms[own]] = rows.values[own]
        out[begin:end] = _sums(rows, right[begin:end], dense)
        dense[rows.terms[own]] = 0.0
    return out


def _sums(rows: _Rows, others: Ints, dense: Floats) -> Floats:
    """Return for each of the rows `others` the sum of its values, each times what `dense` holds at its term."""
    at, _ = rows.take(others)
    group = np.repeat(np.arange(len(others)), rows.bounds[others + 1] - rows.bounds[others])
    products = rows.values[at] * dense[rows.terms[at]]
    return np.bincount(group, weights=products, minlength=len(others)).astype(np.float64)


def _groups(left: Ints) -> list[tuple[int, int, int]]:
    """Return each value of a sorted array with the place of its first and behind its last occurrence."""
    found, begins, counts = np.unique(left, return_index=True, return_counts=True)
    return list(zip(found.tolist(), begins.tolist(), (begins + counts).tolist(), strict=True))


def _company(count: int, left: Ints, right: Ints, lead: Floats) -> Floats:
    """Return how far the two of each pair resemble the same others: a cosine over their squared resemblances.

    The two themselves are left out, and RELATED_COMPANY_WEIGHT of neutral company is added, so that where there are no
    others, or next to none, company says nothing either way.
    """
    ends = np.concatenate([left, right])
    order = np.lexsort((np.concatenate([right, left]), ends))
    strength = np.concatenate([lead, lead])[order] ** 2
    bounds = np.concatenate(([0], np.cumsum(np.bincount(ends, minlength=count)))).astype(np.int64)
    rows = _Rows(bounds, np.concatenate([right, left])[order], strength, count)
    common = _products(rows, left, right)
    total = np.bincount(ends[order], weights=strength**2, minlength=count)
    own = lead**4
    sides = (total[left] - own + RELATED_COMPANY_WEIGHT) * (total[right] - own + RELATED_COMPANY_WEIGHT)
    return (common + RELATED_COMPANY_WEIGHT * RELATED_COMPANY_NEUTRAL) / np.sqrt(sides)


def _titles_told(told: Sequence[Profile], rarity: _Rarity, left: Ints, right: Ints) -> Floats:
    """Return how much of either title, the larger share, the other report speaks of; by rarity mass."""
    heads = [rarity.places(_head(each)) for each in told]
    sizes = np.array([len(each) for each in heads], dtype=np.int64)
    terms = np.concatenate([np.empty(0, dtype=np.int64), *heads])
    bounds = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    rows = _Rows(bounds, terms, rarity.weights[terms], len(rarity.keys))
    mass = np.bincount(np.repeat(np.arange(len(told)), sizes), weights=rows.values, minlength=len(told))
    best = np.zeros(len(left))
    has = np.zeros(rows.width)
    for reports, titles in ((left, right), (right, left)):
        order = np.argsort(reports, kind="stable")
        for i, begin, end in _groups(reports[order]):
            at, whole = order[begin:end], rarity.held[i]
            has[whole] = 1.0
            best[at] = np.maximum(best[at], _sums(rows, titles[at], has) / np.maximum(mass[titles[at]], 1e-9))
            has[whole] = 0.0
    return best


def _share_name(told: Sequence[Profile], background: Background, left: Ints, right: Ints) -> Floats:
    """Return 1 for the pairs whose leads both have a name that is rare in news and in few of the leads, else 0."""
    found = [_names(each) for each in told]
    holders = Counter(name for names in found for name in names)
    several = [name for name, count in holders.items() if 1 < count <= RELATED_NAME_HOLDERS]
    stems = np.array(sorted({each for name in several for each in name}), dtype=np.uint64)
    rarity = dict(zip(stems.tolist(), background.weights(stems).tolist(), strict=True))
    rare = {name for name in several if sum(rarity[each] for each in name) >= RELATED_NAME_RARITY}
    kept = [names & rare for names in found]
    return np.array(
        [not kept[i].isdisjoint(kept[j]) for i, j in zip(left.tolist(), right.tolist(), strict=True)], dtype=np.float64
    )


def _names(profile: Profile) -> set[tuple[int, ...]]:
    """Return the names of two and of three words in the lead's sentences, each as the hashes of its stems.

    Titles are left out: many set every word with a capital.
    """
    found: set[tuple[int, ...]] = set()
    for text in profile.sentences.texts[:RELATED_LEAD]:
        for run in _capitals(text):
            stems = [hash_word(stem((words(word) or [word])[-1])) for word in run]
            found.update(tuple(stems[i : i + n]) for n in (2, 3) for i in range(len(stems) - n + 1))
    return found


def _capitals(sentence: str) -> list[list[str]]:
    """Return the words in a row that begin with a capital and go on in small letters, but for the first word."""
    runs: list[list[str]] = [[]]
    for token in sentence.split()[1:]:
        word = token.strip(_MARKS)
        if not word[:1].isupper() or word[1:].isupper():
            runs.append([])
            continue
        if token[0] != word[0]:
            runs.append([])
        runs[-1].append(word)
        if token[-1] != word[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _strangers(one: Profile, other: Profile) -> bool:
    """Tell whether both reports have names and neither has one of the other's: two events of one kind."""
    return all(
        len(each.name_stems) >= RELATED_NAMES and not held(each.name_stems, against.bag.stems).any()
        for each, against in ((one, other), (other, one))
    )


def _share_wording(one: Profile, other: Profile) -> bool:
    smaller = min(len(one.shingles), len(other.shingles))
    shared = len(np.intersect1d(one.shingles, other.shingles, assume_unique=True))
    return bool(smaller) and shared >= RELATED_COPIED * smaller
