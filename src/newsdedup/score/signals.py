"""What a pair of reports shows: the signals that the model weighs, and the evidence that decides the relation.

Every signal is symmetric, so that score(a, b) and score(b, a) agree to the last bit. Two reports may carry one long
statement and still be two reports (docs/design-notes.md 6), so coverage is measured a second time on the sentences
outside quotation marks. Notes made from one template share nearly all their words (7 there), so what both sides replace
inside aligned sentences is counted against the pair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.align import Cover, Floats, Ints, cover_both, verbatim
from newsdedup.config import (
    ALIGNED,
    ALIKE,
    COPIED,
    COVERED,
    FRAME_COPIED,
    FRAME_MINOR,
    FRAME_NO_REST,
    FRAME_REST,
    FRAME_TITLE,
    FRAME_TITLES_ALIKE,
    TEMPLATE_ALIKE,
    TEMPLATE_LEAD,
    TEMPLATE_NUMBERS,
    TEMPLATE_REPLACED,
)
from newsdedup.models import Aligned
from newsdedup.profile import Profile, Sentences, shingle
from newsdedup.text import days_between

NAMES = (
    "cover_min", "cover_max", "cover_plain_min", "cover_plain_max", "copied_min", "copied_max", "uncovered_min",
    "uncovered_max", "containment", "jaccard", "lead", "title", "shared_title", "order", "length_ratio",
    "number_clash", "name_clash", "number_overlap", "name_overlap", "replaced", "template", "frame", "days_apart",
)  # fmt: skip

MEANINGS = {
    "cover_min": "rarity mass of the less covered report that the other's sentences hold",
    "cover_max": "rarity mass of the better covered report that the other's sentences hold",
    "cover_plain_min": "cover_min again, over the sentences without quotation marks",
    "cover_plain_max": "cover_max again, over the sentences without quotation marks",
    "copied_min": "share of the words in sentences copied nearly word for word, lower side",
    "copied_max": "share of the words in sentences copied nearly word for word, higher side",
    "uncovered_min": "log of 1 + the sentences that nothing covers, side with fewer",
    "uncovered_max": "log of 1 + the sentences that nothing covers, side with more",
    "containment": "shared word 3-grams / those of the smaller report",
    "jaccard": "shared word 3-grams / all of both reports",
    "lead": "how far the first two sentences of each are covered by the other's first four",
    "title": "rarity-weighted agreement of the titles (or of a title with the other's lead)",
    "shared_title": "how much of either title, the lesser, the sentences that both have speak of",
    "order": "share of the aligned sentences that stand in the same order",
    "length_ratio": "length of the shorter report / the longer",
    "number_clash": "share of the aligned sentences in which each side has a number the other lacks",
    "name_clash": "share of the aligned sentences in which each side has a name the other lacks",
    "number_overlap": "shared numbers / those of the report with fewer",
    "name_overlap": "shared names / those of the report with fewer",
    "replaced": "rarity mass that each side replaces inside sentences that else are alike word for word",
    "template": "1 where the two are one template filled in anew: a veto",
    "frame": "1 where two pages share text by the word that is not their report: a veto",
    "days_apart": "log of 1 + days between the dates, 0 where one is unknown",
}


@dataclass(frozen=True)
class Evidence:
    """All that was measured of a pair (a, b). `values` are the signals in the order of NAMES, rounded to 4 decimals."""

    values: Floats
    cover_a: Cover
    cover_b: Cover
    ratio: NDArray[np.float32]
    containment: float
    similarity: float
    copied_a: float
    copied_b: float

    def aligned(self) -> tuple[Aligned, ...]:
        """Return for each sentence of a its best partner in b where the two say much the same, in order of a."""
        out = []
        for i, j in enumerate(self.cover_a.best):
            if j < 0:
                continue
            covered_a, ratio = float(self.cover_a.single[i]), float(self.ratio[i, j])
            if covered_a >= ALIGNED or ratio >= COPIED:
                back = float(self.cover_b.single[j]) if self.cover_b.best[j] == i else 0.0
                out.append(Aligned(a=i, b=int(j), covered_a=covered_a, covered_b=back, verbatim=round(ratio, 4)))
        return tuple(out)


def measure(a: Profile, b: Profile) -> Evidence:
    """Return the evidence of a pair. Neither report may be empty."""
    one, other = a.sentences, b.sentences
    cover_a, cover_b = cover_both(one, other)
    ratio = verbatim(one, other)
    total_a, total_b = _covered(one, cover_a), _covered(other, cover_b)
    plain_a, plain_b = _covered(one, cover_a, _plain(one)), _covered(other, cover_b, _plain(other))
    best_a, best_b = ratio.max(axis=1), ratio.max(axis=0)
    length_a, length_b = _lengths(one), _lengths(other)
    copied_a = float(length_a[best_a >= COPIED].sum() / length_a.sum())
    copied_b = float(length_b[best_b >= COPIED].sum() / length_b.sum())
    open_a, open_b = int((cover_a.window < ALIGNED).sum()), int((cover_b.window < ALIGNED).sum())
    containment, jaccard = _shared_shingles(a, b)
    numbers, names = _clashes(one, other, cover_a, cover_b)
    replaced, lead_replaced, alike = _replaced(one, other, cover_a, cover_b, ratio)
    number_overlap = _overlap(one.numbers, other.numbers)
    title, shared_title = _title(a, b), _shared_title(a, b, cover_a, cover_b)
    rest = max(_rest(one, cover_a, best_a), _rest(other, cover_b, best_b))
    template = (
        alike >= TEMPLATE_ALIKE
        and replaced >= TEMPLATE_REPLACED
        and lead_replaced >= TEMPLATE_LEAD
        and number_overlap < TEMPLATE_NUMBERS
    )
    values = {
        "cover_min": min(total_a, total_b),
        "cover_max": max(total_a, total_b),
        "cover_plain_min": min(plain_a, plain_b),
        "cover_plain_max": max(plain_a, plain_b),
        "copied_min": min(copied_a, copied_b),
        "copied_max": max(copied_a, copied_b),
        "uncovered_min": np.log1p(min(open_a, open_b)),
        "uncovered_max": np.log1p(max(open_a, open_b)),
        "containment": containment,
        "jaccard": jaccard,
        "lead": _lead(one, other),
        "title": title,
        "shared_title": shared_title,
        "order": _order(cover_a, cover_b),
        "length_ratio": min(length_a.sum(), length_b.sum()) / max(length_a.sum(), length_b.sum()),
        "number_clash": numbers,
        "name_clash": names,
        "number_overlap": number_overlap,
        "name_overlap": _overlap(one.names, other.names),
        "replaced": replaced,
        "template": template,
        "frame": (rest < FRAME_REST and max(copied_a, copied_b) < FRAME_MINOR)
        or (shared_title < FRAME_TITLE and title < FRAME_TITLES_ALIKE and max(copied_a, copied_b) >= FRAME_COPIED),
        "days_apart": np.log1p(days_between(a.report.article.published, b.report.article.published) or 0),
    }
    return Evidence(
        values=np.round(np.array([float(values[name]) for name in NAMES]), 4),
        cover_a=cover_a,
        cover_b=cover_b,
        ratio=ratio,
        containment=round(containment, 4),
        similarity=round((_share(one, cover_a) + _share(other, cover_b)) / 2, 4),
        copied_a=round(copied_a, 4),
        copied_b=round(copied_b, 4),
    )


def _covered(side: Sentences, cover: Cover, keep: NDArray[np.bool_] | None = None) -> float:
    """Return the rarity-weighted mean window coverage of the kept sentences, 0 to 1."""
    mass, window = (side.mass, cover.window) if keep is None else (side.mass[keep], cover.window[keep])
    total = float(mass.sum())
    return float((mass * window).sum()) / total if total else 0.0


def _share(side: Sentences, cover: Cover) -> float:
    """Return the rarity-weighted share of the sentences that are covered, 0 to 1."""
    total = float(side.mass.sum())
    return float(side.mass[cover.window >= COVERED].sum()) / total if total else 1.0


_QUOTE = re.compile(r"[\"“”„«»「『]")


def _plain(side: Sentences) -> NDArray[np.bool_]:
    """Return which sentences hold no quotation marks; all where none is without."""
    plain = np.array([_QUOTE.search(each) is None for each in side.texts])
    return plain if plain.any() else ~plain


def _lengths(side: Sentences) -> Floats:
    return np.array([each.count(" ") + 1 for each in side.normal], dtype=np.float64)


def _shared_shingles(a: Profile, b: Profile) -> tuple[float, float]:
    """Return containment and Jaccard of the word 3-grams; of single words where a report has fewer than three."""
    one, other = a.shingles, b.shingles
    if not len(one) or not len(other):
        one, other = np.unique(shingle(a.word_hashes, 1)), np.unique(shingle(b.word_hashes, 1))
    shared = len(np.intersect1d(one, other, assume_unique=True))
    smaller = min(len(one), len(other))
    return (shared / smaller if smaller else 0.0), shared / max(1, len(one) + len(other) - shared)


def _lead(one: Sentences, other: Sentences) -> float:
    """Return the mean share of each side's first two sentences that the other's first four hold."""
    return (_held(one, other) + _held(other, one)) / 2


def _held(one: Sentences, other: Sentences) -> float:
    stems = np.concatenate(one.stems[:2])
    rarity = np.concatenate(one.rarity[:2])
    there = np.isin(stems, np.concatenate(other.stems[:4]))
    total = float(rarity.sum())
    return float(rarity[there].sum()) / total if total else 0.0


def _title(a: Profile, b: Profile) -> float:
    """Return the rarity-weighted Jaccard of the titles; where one is missing, half of what the other's lead holds."""
    if len(a.title_stems) and len(b.title_stems):
        shared = float(a.title_rarity[np.isin(a.title_stems, b.title_stems)].sum())
        total = float(a.title_rarity.sum() + b.title_rarity.sum()) - shared
        return shared / total if total else 0.0
    if not len(a.title_stems) and not len(b.title_stems):
        return _lead(a.sentences, b.sentences) / 2
    titled, bare = (a, b) if len(a.title_stems) else (b, a)
    there = np.isin(titled.title_stems, np.concatenate(bare.sentences.stems[:3]))
    total = float(titled.title_rarity.sum())
    return float(titled.title_rarity[there].sum()) / total / 2 if total else 0.0


def _rest(side: Sentences, cover: Cover, ratio: NDArray[np.float32]) -> float:
    """Return how far the sentences that are no copies are covered, by rarity mass, 0 to 1; 1 where all are copies.

    Two edits of one report tell it also in other words; what has nothing in common but its copies shares a frame.
    """
    own = ratio < COPIED
    mass = float(side.mass[own].sum())
    if own.all() or mass <= FRAME_NO_REST * float(side.mass.sum()):
        return 1.0
    return float((side.mass[own] * cover.window[own]).sum()) / mass


def _shared_title(a: Profile, b: Profile, cover_a: Cover, cover_b: Cover) -> float:
    """Return the lesser of how much of each title the covered sentences of its report speak of; .5 without both titles.

    What two pages share is their report only if it is what they announce; a subscription form or a list of other
    articles is not.
    """
    if not len(a.title_stems) or not len(b.title_stems):
        return 0.5
    return min(
        side.speaks_of_title(np.flatnonzero(cover.window >= ALIGNED).tolist())
        for side, cover in ((a, cover_a), (b, cover_b))
    )


def _order(cover_a: Cover, cover_b: Cover) -> float:
    """Return the share of the mutually best aligned sentences that stand in one order; 0 where fewer than two align."""
    mutual = [
        int(j) for i, j in enumerate(cover_a.best) if j >= 0 and cover_b.best[j] == i and cover_a.single[i] >= ALIGNED
    ]
    if len(mutual) < 2:
        return 0.0
    tails: list[int] = []  # longest increasing run, by patience sorting
    for j in mutual:
        at = int(np.searchsorted(tails, j))
        tails[at : at + 1] = [j]
    return len(tails) / len(mutual)


def _clashes(one: Sentences, other: Sentences, cover_a: Cover, cover_b: Cover) -> tuple[float, float]:
    """Return in which share of the aligned sentences numbers, and names, are left over on both sides."""
    pairs = {(i, int(j)) for i, j in _partners(cover_a)} | {(int(i), j) for j, i in _partners(cover_b)}
    if not pairs:
        return 1.0, 1.0
    numbers = sum(bool(one.numbers[i] - other.numbers[j]) and bool(other.numbers[j] - one.numbers[i]) for i, j in pairs)
    names = sum(bool(one.names[i] - other.names[j]) and bool(other.names[j] - one.names[i]) for i, j in pairs)
    return numbers / len(pairs), names / len(pairs)


def _partners(cover: Cover) -> list[tuple[int, Ints]]:
    return [(i, j) for i, j in enumerate(cover.best) if j >= 0 and cover.single[i] >= ALIGNED]


def _replaced(
    one: Sentences, other: Sentences, cover_a: Cover, cover_b: Cover, ratio: NDArray[np.float32]
) -> tuple[float, float, float]:
    """Return what both sides replace inside their alike sentences: in all, in the leads, and how much is alike.

    The first two as shares of the rarity mass of these sentences, the third as the share of a report's words that
    stand in such sentences, the larger of the two; each 0 to 1. A template's sentences are alike but for the names and
    numbers it is filled with, on both sides at once and in the lead most; an edit cuts or adds on one side; a rewrite
    is alike in few sentences. Asks for no capitals and no digits, so it serves every script.
    """
    i = np.flatnonzero(cover_a.best >= 0)
    j = cover_a.best[i]
    alike = (cover_b.best[j] == i) & (ratio[i, j] >= ALIKE)
    i, j = i[alike], j[alike]
    if not len(i):
        return 0.0, 0.0, 0.0
    missing = np.maximum(
        0.0, np.minimum(one.mass[i] * (1 - cover_a.single[i]), other.mass[j] * (1 - cover_b.single[j]))
    )
    whole = np.maximum(np.minimum(one.mass[i], other.mass[j]), 1e-9)
    leads = (i == 0) & (j == 0)
    length_a, length_b = _lengths(one), _lengths(other)
    share = max(length_a[i].sum() / length_a.sum(), length_b[j].sum() / length_b.sum())
    return float(missing.sum() / whole.sum()), float((missing[leads] / whole[leads]).sum()), float(share)


def _overlap(one: tuple[frozenset[str], ...], other: tuple[frozenset[str], ...]) -> float:
    """Return the shared part of the smaller of two sets; .5 (says nothing) where one is empty."""
    a, b = frozenset().union(*one), frozenset().union(*other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.5
