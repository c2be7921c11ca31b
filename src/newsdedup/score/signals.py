"""What a pair of reports shows: the signals that the model weighs, and the evidence that decides the relation.

Every signal is symmetric, so that score(a, b) and score(b, a) agree to the last bit. Two reports may carry one long
statement and still be two reports (docs/design-notes.md 6), so what is copied is measured outside quotation marks, and
what of the shared wording is quoted is a signal of its own. Notes made from one template share nearly all their words
(7 there), so what both sides replace inside aligned sentences can veto a pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.align import Cover, Floats, Ints, cover_both, verbatim
from newsdedup.arrays import distinct
from newsdedup.features import Facts, Profile, Sentences, held, shared_runs, shingle
from newsdedup.models import Aligned
from newsdedup.text import days_between
from newsdedup.thresholds import (
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
    PLAIN_WORDS,
    SAME_TEXT_WORDS,
    SERIES_WORDS,
    TEMPLATE_ALIKE,
    TEMPLATE_BOTH,
    TEMPLATE_HEAD,
    TEMPLATE_LEAD,
    TEMPLATE_NUMBERS,
    TEMPLATE_REPLACED,
    TOLD,
    TWIN,
)

NAMES = (
    "covered_shorter", "covered_longer", "told_min", "told_max", "known_min", "known_max", "twins", "first_min",
    "first_max", "lead_min", "lead_max", "runs_min", "runs_max", "plain_runs_shorter", "plain_runs_longer",
    "quoted_runs", "cosine", "names_min", "names_max", "title", "title_told_min", "title_told_max", "template", "frame",
    "series", "days_apart",
)  # fmt: skip

MEANINGS = {
    "covered_shorter": "rarity mass of the shorter report that the other's sentences hold",
    "covered_longer": "rarity mass of the longer report that the other's sentences hold",
    "told_min": "rarity mass in sentences that the other holds nearly whole, lower side",
    "told_max": "rarity mass in sentences that the other holds nearly whole, higher side",
    "known_min": "rarity mass that the other holds anywhere, lower side",
    "known_max": "rarity mass that the other holds anywhere, higher side",
    "twins": "log of 1 + the rarity mass in pairs of sentences that say the same both ways",
    "first_min": "how far the first sentence is covered by the other report, lower side",
    "first_max": "how far the first sentence is covered by the other report, higher side",
    "lead_min": "how far the first three sentences are covered by the other report, lower side",
    "lead_max": "how far the first three sentences are covered by the other report, higher side",
    "runs_min": "share of the words in runs of three or more that both reports have, lower side",
    "runs_max": "share of the words in runs of three or more that both reports have, higher side",
    "plain_runs_shorter": "share of the shorter's words outside quotes that stand in shared runs of four or more",
    "plain_runs_longer": "share of the longer's words outside quotes that stand in shared runs of four or more",
    "quoted_runs": "share of the words in shared runs of four or more that are quotes",
    "cosine": "cosine of the two texts over rarity-weighted stems",
    "names_min": "rarity mass of the names that the other has too, lower side",
    "names_max": "rarity mass of the names that the other has too, higher side",
    "title": "rarity-weighted agreement of the titles (or of a title with the other's lead)",
    "title_told_min": "how much of either title the other article speaks of, lower side",
    "title_told_max": "how much of either title the other article speaks of, higher side",
    "template": "1 where the two are one template filled in anew: a veto",
    "frame": "1 where two pages share text by the word that is not their report: a veto",
    "series": "1 where the two are notes of one series, a line or two or of different days: a veto",
    "days_apart": "log of 1 + days between the dates; 0, and so without a say, where one is unknown",
}


@dataclass(frozen=True)
class Evidence:
    """All that was measured of a pair (a, b). `values` are the signals in the order of NAMES, rounded to 4 decimals.

    The others are each 0 to 1: `jaccard` of word 3-grams, `copied` the shares of the words that stand in sentences
    copied nearly word for word (lower side, higher side), `covered` the larger of the shares of rarity mass that one
    side holds of the other.
    """

    values: Floats
    cover_a: Cover
    cover_b: Cover
    ratio: NDArray[np.float32]
    containment: float
    similarity: float
    jaccard: float
    copied: tuple[float, float]
    covered: float

    def aligned(self) -> tuple[Aligned, ...]:
        """Return for each sentence of a its best partner in b where the two say much the same, in order of a."""
        out = []
        for i, j in enumerate(self.cover_a.best):
            if j < 0:
                continue
            covered_a, ratio = float(self.cover_a.single[i]), float(self.ratio[i, j])
            if covered_a >= ALIGNED or self.ratio[i, j] >= COPIED:
                back = float(self.cover_b.single[j]) if self.cover_b.best[j] == i else 0.0
                out.append(Aligned(a=i, b=int(j), covered_a=covered_a, covered_b=back, verbatim=round(ratio, 4)))
        return tuple(out)


def measure(a: Profile, b: Profile) -> Evidence:
    """Return the evidence of a pair. Neither report may be empty."""
    one, other = a.sentences, b.sentences
    cover_a, cover_b = cover_both(one, other)
    ratio = verbatim(one, other, cover_a.best)
    best_a, best_b = ratio.max(axis=1), ratio.max(axis=0)
    copied = sorted(
        round(float(side.lengths[best >= COPIED].sum() / side.words), 4)
        for side, best in ((one, best_a), (other, best_b))
    )
    covered_a, covered_b = _covered(one, cover_a.window), _covered(other, cover_b.window)
    shared, in_three, in_four = shared_runs(a, b)
    plain_a, plain_b, quoted_runs = _plain_runs((a, b), in_four)
    # The shorter side first; of equal ones the better covered, so that the order of the two does not show.
    by_length = sorted(((one.words, -covered_a, covered_a, plain_a), (other.words, -covered_b, covered_b, plain_b)))
    title = _title(a, b)
    containment, jaccard = _shared_shingles(a, b, shared)
    values = {
        "covered_shorter": by_length[0][2],
        "covered_longer": by_length[1][2],
        "twins": _twins(one, other, cover_a, cover_b),
        "plain_runs_shorter": by_length[0][3],
        "plain_runs_longer": by_length[1][3],
        "quoted_runs": quoted_runs,
        "cosine": _cosine(a, b),
        "title": title,
        "template": is_template(a, b, (cover_a, cover_b), ratio),
        "frame": _is_frame(a, b, cover_a, cover_b, ratio, title, copied[1]),
        "series": is_series(a, b, (cover_a, cover_b), ratio),
        "days_apart": np.log1p(days_between(a.report.article.published, b.report.article.published) or 0),
    }
    both_sides = {
        "told": (_covered(one, cover_a.window >= TOLD), _covered(other, cover_b.window >= TOLD)),
        "known": (_covered(one, cover_a.anywhere), _covered(other, cover_b.anywhere)),
        "first": (cover_a.window[0], cover_b.window[0]),
        "lead": (cover_a.window[:3].mean(), cover_b.window[:3].mean()),
        "runs": (_share_of(in_three[0]), _share_of(in_three[1])),
        "names": (_names_known(a, b), _names_known(b, a)),
        "title_told": (_title_told(a, b), _title_told(b, a)),
    }
    for name, sides in both_sides.items():
        values[f"{name}_min"], values[f"{name}_max"] = min(sides), max(sides)
    return Evidence(
        values=np.round(np.array([float(values[name]) for name in NAMES]), 4),
        cover_a=cover_a,
        cover_b=cover_b,
        ratio=ratio,
        containment=round(containment, 4),
        similarity=round((_share(one, cover_a) + _share(other, cover_b)) / 2, 4),
        jaccard=round(jaccard, 4),
        copied=(copied[0], copied[1]),
        covered=round(max(covered_a, covered_b), 4),
    )


def _covered(side: Sentences, share: NDArray[Any]) -> float:
    """Return the mean of the `share` held of each sentence (0 to 1), weighted by rarity mass, 0 to 1."""
    total = side.whole_mass
    return float((side.mass * share).sum()) / total if total else 0.0


def _share(side: Sentences, cover: Cover) -> float:
    """Return the rarity-weighted share of the sentences that are covered, 0 to 1."""
    total = side.whole_mass
    return float(side.mass[cover.window >= COVERED].sum()) / total if total else 1.0


def _share_of(flags: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(flags)) / len(flags)


def _shared_shingles(a: Profile, b: Profile, shared: int) -> tuple[float, float]:
    """Return containment and Jaccard of the word 3-grams; of single words where a report has fewer than three."""
    one, other = a.shingles, b.shingles
    if not len(one) or not len(other):
        one, other = distinct(shingle(a.word_hashes, 1)), distinct(shingle(b.word_hashes, 1))
        shared = len(np.intersect1d(one, other, assume_unique=True))
    smaller = min(len(one), len(other))
    return (shared / smaller if smaller else 0.0), shared / max(1, len(one) + len(other) - shared)


def _plain_runs(
    sides: tuple[Profile, Profile], in_runs: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> tuple[float, float, float]:
    """Return the share of each side's words outside quotes that stands in shared runs of four, and the share quoted.

    `in_runs` tells which words of each side stand in such runs. Separate reports may quote one statement by the word;
    what they copy outside quotes has one source. A side with fewer than PLAIN_WORDS outside quotes counts whole.
    """
    if not in_runs[0].any():
        return 0.0, 0.0, 0.0
    shares, quoted, total = [], 0, 0
    for side, inside in zip(sides, in_runs, strict=True):
        both, copied, marked = (int(np.count_nonzero(flags)) for flags in (inside & side.quoted, inside, side.quoted))
        plain = len(inside) - marked
        shares.append((copied - both) / plain if plain >= PLAIN_WORDS else copied / len(inside))
        quoted, total = quoted + both, total + copied
    return shares[0], shares[1], quoted / total


def _twins(one: Sentences, other: Sentences, cover_a: Cover, cover_b: Cover) -> float:
    """Return the log of 1 + the rarity mass that mutually best sentences have in common, each TWIN of the other."""
    i = (cover_a.best >= 0).nonzero()[0]
    j = cover_a.best[i]
    both = np.minimum(cover_a.single[i], cover_b.single[j])
    kept = (cover_b.best[j] == i) & (both >= TWIN)
    return float(np.log1p((np.minimum(one.mass[i], other.mass[j]) * both)[kept].sum()))


def _cosine(a: Profile, b: Profile) -> float:
    """Return the cosine of the two bags of stems, 0 to 1."""
    at = np.minimum(b.bag.stems.searchsorted(a.bag.stems), len(b.bag.stems) - 1)
    both = b.bag.stems[at] == a.bag.stems if len(b.bag.stems) else np.zeros(len(at), dtype=bool)
    norm = a.bag.norm * b.bag.norm
    return float((a.bag.weights[both] * b.bag.weights[at[both]]).sum()) / norm if norm else 0.0


def _names_known(one: Profile, other: Profile) -> float:
    """Return the rarity mass of the names of `one` that `other` speaks of; .5 (says nothing) without names."""
    total = float(one.name_rarity.sum())
    return float(one.name_rarity[held(one.name_stems, other.bag.stems)].sum()) / total if total else 0.5


def _title_told(one: Profile, other: Profile) -> float:
    """Return how much of the title of `one` (of its first sentence without one) the other article speaks of."""
    stems, rarity = one.title_stems, one.title_rarity
    if not len(stems):
        stems, rarity = one.sentences.stems[0], one.sentences.rarity[0]
    total = float(rarity.sum())
    there = held(stems, other.title_stems) | held(stems, other.bag.stems)
    return float(rarity[there].sum()) / total if total else 0.5


def _lead(one: Sentences, other: Sentences) -> float:
    """Return the mean share of each side's first two sentences that the other's first four hold."""
    return (_held(one, other) + _held(other, one)) / 2


def _held(one: Sentences, other: Sentences) -> float:
    stems = np.concatenate(one.stems[:2])
    rarity = np.concatenate(one.rarity[:2])
    there = held(stems, np.sort(np.concatenate(other.stems[:4])))
    total = float(rarity.sum())
    return float(rarity[there].sum()) / total if total else 0.0


def _title(a: Profile, b: Profile) -> float:
    """Return the rarity-weighted Jaccard of the titles; where one is missing, half of what the other's lead holds."""
    if len(a.title_stems) and len(b.title_stems):
        shared = float(a.title_rarity[held(a.title_stems, b.title_stems)].sum())
        total = float(a.title_rarity.sum() + b.title_rarity.sum()) - shared
        return shared / total if total else 0.0
    if not len(a.title_stems) and not len(b.title_stems):
        return _lead(a.sentences, b.sentences) / 2
    titled, bare = (a, b) if len(a.title_stems) else (b, a)
    there = held(titled.title_stems, np.sort(np.concatenate(bare.sentences.stems[:3])))
    total = float(titled.title_rarity.sum())
    return float(titled.title_rarity[there].sum()) / total / 2 if total else 0.0


def is_template(
    a: Profile,
    b: Profile,
    cover: tuple[Cover, Cover] | None = None,
    ratio: NDArray[np.float32] | None = None,
) -> bool:
    """Tell whether the two are one template filled in anew: alike, but for what both sides replace.

    `cover` and `ratio` are those of the pair where they are known already.
    """
    one, other = a.sentences, b.sentences
    cover_a, cover_b = cover or cover_both(one, other)
    ratio = verbatim(one, other, cover_a.best) if ratio is None else ratio
    replaced, lead_replaced, alike = (round(x, 4) for x in _replaced(one, other, cover_a, cover_b, ratio))
    return (
        alike >= TEMPLATE_ALIKE
        and replaced >= TEMPLATE_REPLACED
        and lead_replaced >= TEMPLATE_LEAD
        and _overlap(one.numbers, other.numbers) < TEMPLATE_NUMBERS
    )


def is_filled_anew(a: Profile, b: Profile) -> bool:
    """Tell whether the two are one template filled in anew, or notes of one series."""
    return is_template(a, b) or is_series(a, b)


def is_series(
    a: Profile,
    b: Profile,
    cover: tuple[Cover, Cover] | None = None,
    ratio: NDArray[np.float32] | None = None,
) -> bool:
    """Tell whether the two are notes of one series, of which the next is no edit of the last.

    A line or two filled in may hold hardly more than figures that agree by chance: then the titles must have something
    in common, and no figure may clash. A longer note (SERIES_WORDS) is another one where figures clash on another day.
    `cover` and `ratio` are those of the pair where they are known already.
    """
    lengths = len(a.word_hashes), len(b.word_hashes)
    titled = len(a.title_stems) > 0 < len(b.title_stems)
    if min(lengths) < SAME_TEXT_WORDS and titled and round(_title(a, b), 4) < FRAME_TITLES_ALIKE:
        return True
    days = days_between(a.report.article.published, b.report.article.published)
    if max(lengths) > (SERIES_WORDS if days else SAME_TEXT_WORDS - 1):
        return False
    one, other = a.sentences, b.sentences
    cover_a, cover_b = cover or cover_both(one, other)
    i, j = _alike(cover_a, cover_b, verbatim(one, other, cover_a.best) if ratio is None else ratio)
    share = max(one.lengths[i].sum() / one.words, other.lengths[j].sum() / other.words)
    clash = any(_numbers_clash(one.facts[x], other.facts[y]) for x, y in zip(i, j, strict=True))
    return clash and round(float(share), 4) >= TEMPLATE_ALIKE


def _alike(cover_a: Cover, cover_b: Cover, ratio: NDArray[np.float32]) -> tuple[Ints, Ints]:
    """Return the sentences that are each other's best and alike, as places on both sides."""
    i = (cover_a.best >= 0).nonzero()[0]
    j = cover_a.best[i]
    alike = (cover_b.best[j] == i) & (ratio[i, j] >= ALIKE)
    return i[alike], j[alike]


def _is_frame(
    a: Profile, b: Profile, cover_a: Cover, cover_b: Cover, ratio: NDArray[np.float32], title: float, copied: float
) -> bool:
    """Tell whether what two pages share by the word is not their report; `copied` is the larger share of the words."""
    sides = ((a.sentences, cover_a, ratio.max(axis=1)), (b.sentences, cover_b, ratio.max(axis=0)))
    if copied < FRAME_MINOR and all(round(_rest(*side), 4) < FRAME_REST for side in sides):
        return True
    unannounced = round(title, 4) < FRAME_TITLES_ALIKE and copied >= FRAME_COPIED
    return unannounced and round(_shared_title(a, b, cover_a, cover_b), 4) < FRAME_TITLE


def _rest(side: Sentences, cover: Cover, ratio: NDArray[np.float32]) -> float:
    """Return how far the sentences that are no copies are covered, by rarity mass, 0 to 1; 1 where all are copies.

    Two edits of one report tell it also in other words; what has nothing in common but its copies shares a frame.
    """
    own = ratio < COPIED
    mass = float(side.mass[own].sum())
    if own.all() or mass <= FRAME_NO_REST * side.whole_mass:
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


def number_clash(a: Profile, b: Profile, evidence: Evidence) -> bool:
    """Tell whether in some aligned sentences each side has a number that the other lacks."""
    one, other = a.sentences, b.sentences
    pairs = {(i, int(j)) for i, j in _partners(evidence.cover_a)}
    pairs |= {(int(i), j) for j, i in _partners(evidence.cover_b)}
    return any(_numbers_clash(one.facts[i], other.facts[j]) for i, j in pairs)


def _numbers_clash(one: Facts, other: Facts) -> bool:
    return bool(one.numbers - other.numbers and other.numbers - one.numbers)


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
    i, j = _alike(cover_a, cover_b, ratio)
    if not len(i):
        return 0.0, 0.0, 0.0
    missing = np.maximum(
        0.0, np.minimum(one.mass[i] * (1 - cover_a.single[i]), other.mass[j] * (1 - cover_b.single[j]))
    )
    whole = np.maximum(np.minimum(one.mass[i], other.mass[j]), 1e-9)
    shares = one.lengths[i].sum() / one.words, other.lengths[j].sum() / other.words
    # What a page prints above its report may hide which sentence leads; where both are alike from end to end, the first
    # alike sentences near the top do.
    within = 1 if min(shares) < TEMPLATE_BOTH else TEMPLATE_HEAD
    top = ((i < within) & (j < within)).nonzero()[0][:1]
    return float(missing.sum() / whole.sum()), float((missing[top] / whole[top]).sum()), float(max(shares))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the shared part of the smaller of two sets; .5 (says nothing) where one is empty."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.5
