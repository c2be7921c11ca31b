"""The signals of a pair that the model weighs, and the evidence that decides the relation.

Every signal is symmetric, so that score(a, b) and score(b, a) agree to the last bit. Two separate reports may quote one
long statement (docs/design-notes.md 6), so copying is measured outside quotation marks, and the quoted share of the
common wording is a signal of its own. Notices from one template share nearly all their words (section 7 there), so a
pair is vetoed if both sides replace enough inside their aligned sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.align import Coverage, compute_coverages, compute_verbatim_ratios
from newsdedup.arrays import Flags, Floats, Ints, sorted_unique
from newsdedup.features import Facts, ReportFeatures, Sentences, find_shared_ngrams, hash_ngrams, is_in_sorted
from newsdedup.models import Aligned
from newsdedup.text import days_between
from newsdedup.thresholds import (
    BOILERPLATE_MAX_COPIED,
    BOILERPLATE_MAX_REST_COVERAGE,
    BOILERPLATE_MAX_TITLE_COVERAGE,
    BOILERPLATE_MAX_TITLE_SIMILARITY,
    BOILERPLATE_MIN_COPIED,
    BOILERPLATE_MIN_REST_SHARE,
    COPIED_SENTENCE_RATIO,
    MIN_UNQUOTED_WORDS,
    MUTUAL_MATCH_COVERAGE,
    RECURRING_NOTICE_MAX_WORDS,
    SAME_TEXT_MIN_WORDS,
    SENTENCE_ALIGNED,
    SENTENCE_COVERED,
    SENTENCE_NEAR_FULL,
    TEMPLATE_MAX_SHARED_NUMBERS,
    TEMPLATE_MIN_LEAD_REPLACED,
    TEMPLATE_MIN_REPLACED,
    TEMPLATE_MIN_SIMILAR_SHARE,
    TEMPLATE_SENTENCE_RATIO,
    TEMPLATE_WIDE_LEAD_SENTENCES,
    TEMPLATE_WIDE_LEAD_SHARE,
)

SIGNAL_NAMES = (
    "covered_shorter", "covered_longer", "told_min", "told_max", "known_min", "known_max", "twins", "first_min",
    "first_max", "lead_min", "lead_max", "runs_min", "runs_max", "plain_runs_shorter", "plain_runs_longer",
    "quoted_runs", "cosine", "names_min", "names_max", "title", "title_told_min", "title_told_max", "template", "frame",
    "series", "days_apart",
)  # fmt: skip

SIGNAL_MEANINGS = {
    "covered_shorter": "share of the shorter report's IDF mass that the other's sentences cover",
    "covered_longer": "share of the longer report's IDF mass that the other's sentences cover",
    "told_min": "share of the IDF mass in sentences that the other covers almost fully, lower side",
    "told_max": "share of the IDF mass in sentences that the other covers almost fully, higher side",
    "known_min": "share of the IDF mass that occurs anywhere in the other, lower side",
    "known_max": "share of the IDF mass that occurs anywhere in the other, higher side",
    "twins": "log of 1 + the IDF mass shared by sentences that are each other's best match",
    "first_min": "how far the other report covers the first sentence, lower side",
    "first_max": "how far the other report covers the first sentence, higher side",
    "lead_min": "how far the other report covers the first three sentences, lower side",
    "lead_max": "how far the other report covers the first three sentences, higher side",
    "runs_min": "share of the words in shared n-grams of three or more words, lower side",
    "runs_max": "share of the words in shared n-grams of three or more words, higher side",
    "plain_runs_shorter": "share of the shorter report's unquoted words in shared n-grams of four or more words",
    "plain_runs_longer": "share of the longer report's unquoted words in shared n-grams of four or more words",
    "quoted_runs": "share of quotations among the words in shared n-grams of four or more words",
    "cosine": "cosine of the IDF-weighted stem vectors of the two texts",
    "names_min": "share of the IDF mass of the capitalised tokens that the other contains too, lower side",
    "names_max": "share of the IDF mass of the capitalised tokens that the other contains too, higher side",
    "title": "IDF-weighted similarity of the titles (or of a title and the other's lead)",
    "title_told_min": "share of the title's IDF mass that the other article contains, lower side",
    "title_told_max": "share of the title's IDF mass that the other article contains, higher side",
    "template": "1 if the two are filled from one template: a veto",
    "frame": "1 if the text that two pages share verbatim is not their report: a veto",
    "series": "1 if the two are recurring notices, very short or of different days: a veto",
    "days_apart": "log of 1 + days between the dates; 0, which is neutral, if one is unknown",
}


@dataclass(frozen=True)
class Evidence:
    """All measurements of a pair (a, b).

    `values` are the signals in the order of SIGNAL_NAMES, rounded to 4 decimals. `ratio` holds the verbatim ratios of
    the sentence pairs, 0 to 1. The others are each 0 to 1: `jaccard` of word 3-grams, `copied` the shares of the words
    in sentences that are copied almost verbatim (lower side, higher side), `covered` the share of one side's IDF mass
    that the other covers, the larger of the two.
    """

    values: Floats
    cover_a: Coverage
    cover_b: Coverage
    ratio: NDArray[np.float32]
    containment: float
    similarity: float
    jaccard: float
    copied: tuple[float, float]
    covered: float

    def list_aligned(self) -> tuple[Aligned, ...]:
        """Return the sentences of a that are aligned with their best match in b, in order of a."""
        alignment = []
        for i, j in enumerate(self.cover_a.best):
            if j < 0:
                continue
            covered_a, ratio = float(self.cover_a.single[i]), float(self.ratio[i, j])
            if covered_a >= SENTENCE_ALIGNED or self.ratio[i, j] >= COPIED_SENTENCE_RATIO:
                covered_b = float(self.cover_b.single[j]) if self.cover_b.best[j] == i else 0.0
                alignment.append(
                    Aligned(a=i, b=int(j), covered_a=covered_a, covered_b=covered_b, verbatim=round(ratio, 4))
                )
        return tuple(alignment)


def measure_pair(a: ReportFeatures, b: ReportFeatures) -> Evidence:
    """Return the evidence of a pair. Neither report may be empty."""
    sentences_a, sentences_b = a.sentences, b.sentences
    cover_a, cover_b = compute_coverages(sentences_a, sentences_b)
    ratio = compute_verbatim_ratios(sentences_a, sentences_b, cover_a.best)
    best_ratio_a, best_ratio_b = ratio.max(axis=1), ratio.max(axis=0)
    copied = sorted(
        round(float(side.word_counts[best_ratio >= COPIED_SENTENCE_RATIO].sum() / side.word_total), 4)
        for side, best_ratio in ((sentences_a, best_ratio_a), (sentences_b, best_ratio_b))
    )
    covered_a, covered_b = _mean_coverage(sentences_a, cover_a.window), _mean_coverage(sentences_b, cover_b.window)
    shared, in_trigrams, in_fourgrams = find_shared_ngrams(a, b)
    plain_a, plain_b, quoted_runs = _shares_in_runs((a, b), in_fourgrams)
    # The shorter side first; of two equally long ones the better covered, so that the result is symmetric.
    sides_by_length = sorted(
        (
            (sentences_a.word_total, -covered_a, covered_a, plain_a),
            (sentences_b.word_total, -covered_b, covered_b, plain_b),
        )
    )
    title_similarity = _title_similarity(a, b)
    containment, jaccard = _compare_shingles(a, b, shared)
    values = {
        "covered_shorter": sides_by_length[0][2],
        "covered_longer": sides_by_length[1][2],
        "twins": _mutual_match_mass(sentences_a, sentences_b, cover_a, cover_b),
        "plain_runs_shorter": sides_by_length[0][3],
        "plain_runs_longer": sides_by_length[1][3],
        "quoted_runs": quoted_runs,
        "cosine": _stem_cosine(a, b),
        "title": title_similarity,
        "template": is_template(a, b, (cover_a, cover_b), ratio),
        "frame": _is_shared_boilerplate(a, b, cover_a, cover_b, ratio, title_similarity, copied[1]),
        "series": is_recurring_notice(a, b, (cover_a, cover_b), ratio),
        "days_apart": np.log1p(days_between(a.report.article.published, b.report.article.published) or 0),
    }
    side_values = {
        "told": (
            _mean_coverage(sentences_a, cover_a.window >= SENTENCE_NEAR_FULL),
            _mean_coverage(sentences_b, cover_b.window >= SENTENCE_NEAR_FULL),
        ),
        "known": (_mean_coverage(sentences_a, cover_a.anywhere), _mean_coverage(sentences_b, cover_b.anywhere)),
        "first": (cover_a.window[0], cover_b.window[0]),
        "lead": (cover_a.window[:3].mean(), cover_b.window[:3].mean()),
        "runs": (_fraction_true(in_trigrams[0]), _fraction_true(in_trigrams[1])),
        "names": (_name_coverage(a, b), _name_coverage(b, a)),
        "title_told": (_title_coverage(a, b), _title_coverage(b, a)),
    }
    for name, sides in side_values.items():
        values[f"{name}_min"], values[f"{name}_max"] = min(sides), max(sides)
    return Evidence(
        values=np.round(np.array([float(values[name]) for name in SIGNAL_NAMES]), 4),
        cover_a=cover_a,
        cover_b=cover_b,
        ratio=ratio,
        containment=round(containment, 4),
        similarity=round((_share_covered(sentences_a, cover_a) + _share_covered(sentences_b, cover_b)) / 2, 4),
        jaccard=round(jaccard, 4),
        copied=(copied[0], copied[1]),
        covered=round(max(covered_a, covered_b), 4),
    )


def _mean_coverage(side: Sentences, share: NDArray[Any]) -> float:
    """Return the mean over sentences of `share` (covered share of each, 0 to 1), weighted by IDF mass, 0 to 1."""
    total = side.total_idf_mass
    return float((side.idf_mass * share).sum()) / total if total else 0.0


def _share_covered(side: Sentences, cover: Coverage) -> float:
    """Return the share of sentences that are covered, weighted by IDF mass, 0 to 1."""
    total = side.total_idf_mass
    return float(side.idf_mass[cover.window >= SENTENCE_COVERED].sum()) / total if total else 1.0


def _fraction_true(flags: Flags) -> float:
    return int(np.count_nonzero(flags)) / len(flags)


def _compare_shingles(a: ReportFeatures, b: ReportFeatures, shared: int) -> tuple[float, float]:
    """Return containment and Jaccard of the word 3-grams; of single words if a report has fewer than three words."""
    shingles_a, shingles_b = a.shingles, b.shingles
    if not len(shingles_a) or not len(shingles_b):
        shingles_a, shingles_b = (
            sorted_unique(hash_ngrams(a.word_hashes, 1)),
            sorted_unique(hash_ngrams(b.word_hashes, 1)),
        )
        shared = len(np.intersect1d(shingles_a, shingles_b, assume_unique=True))
    smaller = min(len(shingles_a), len(shingles_b))
    return (shared / smaller if smaller else 0.0), shared / max(1, len(shingles_a) + len(shingles_b) - shared)


def _shares_in_runs(
    sides: tuple[ReportFeatures, ReportFeatures], in_runs: tuple[Flags, Flags]
) -> tuple[float, float, float]:
    """Return the share of each side's unquoted words in shared 4-grams, and the quoted share of all words in these.

    `in_runs` marks the words of each side that are in shared 4-grams. Separate reports may quote one statement
    verbatim, but copies outside quotes come from one source. If a side has fewer than MIN_UNQUOTED_WORDS unquoted
    words, all its words are counted.
    """
    if not in_runs[0].any():
        return 0.0, 0.0, 0.0
    shares, total_quoted, total_copied = [], 0, 0
    for side, in_run in zip(sides, in_runs, strict=True):
        copied_quoted, copied, quoted_words = (
            int(np.count_nonzero(flags)) for flags in (in_run & side.is_quoted, in_run, side.is_quoted)
        )
        unquoted_words = len(in_run) - quoted_words
        shares.append(
            (copied - copied_quoted) / unquoted_words if unquoted_words >= MIN_UNQUOTED_WORDS else copied / len(in_run)
        )
        total_quoted, total_copied = total_quoted + copied_quoted, total_copied + copied
    return shares[0], shares[1], total_quoted / total_copied


def _mutual_match_mass(a: Sentences, b: Sentences, cover_a: Coverage, cover_b: Coverage) -> float:
    """Return log(1 + IDF mass shared by mutual best matches that each cover MUTUAL_MATCH_COVERAGE of the other)."""
    i = (cover_a.best >= 0).nonzero()[0]
    j = cover_a.best[i]
    overlap = np.minimum(cover_a.single[i], cover_b.single[j])
    is_mutual = (cover_b.best[j] == i) & (overlap >= MUTUAL_MATCH_COVERAGE)
    return float(np.log1p((np.minimum(a.idf_mass[i], b.idf_mass[j]) * overlap)[is_mutual].sum()))


def _stem_cosine(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the cosine of the two stem vectors, 0 to 1."""
    positions = np.minimum(b.stem_vector.stems.searchsorted(a.stem_vector.stems), len(b.stem_vector.stems) - 1)
    is_shared = (
        b.stem_vector.stems[positions] == a.stem_vector.stems
        if len(b.stem_vector.stems)
        else np.zeros(len(positions), dtype=bool)
    )
    norm = a.stem_vector.norm * b.stem_vector.norm
    return (
        float((a.stem_vector.weights[is_shared] * b.stem_vector.weights[positions[is_shared]]).sum()) / norm
        if norm
        else 0.0
    )


def _name_coverage(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the share of IDF mass of the names of `a` that `b` contains, 0 to 1; .5 (neutral) without names."""
    total = float(a.name_idf.sum())
    return float(a.name_idf[is_in_sorted(a.name_stems, b.stem_vector.stems)].sum()) / total if total else 0.5


def _title_coverage(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the share of IDF mass of the title of `a` (or of its first sentence) that `b` contains, 0 to 1."""
    stems, idf = a.title_stems, a.title_idf
    if not len(stems):
        stems, idf = a.sentences.stems[0], a.sentences.idf[0]
    total = float(idf.sum())
    is_shared = is_in_sorted(stems, b.title_stems) | is_in_sorted(stems, b.stem_vector.stems)
    return float(idf[is_shared].sum()) / total if total else 0.5


def _lead_overlap(a: Sentences, b: Sentences) -> float:
    """Return the mean share of each side's first two sentences that the other's first four contain, 0 to 1."""
    return (_lead_coverage(a, b) + _lead_coverage(b, a)) / 2


def _lead_coverage(a: Sentences, b: Sentences) -> float:
    stems = np.concatenate(a.stems[:2])
    idf = np.concatenate(a.idf[:2])
    is_shared = is_in_sorted(stems, np.sort(np.concatenate(b.stems[:4])))
    total = float(idf.sum())
    return float(idf[is_shared].sum()) / total if total else 0.0


def _title_similarity(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the IDF-weighted Jaccard similarity of the titles, 0 to 1.

    If one title is missing, half the share of the other that the lead contains; if both are, half the lead overlap.
    """
    if len(a.title_stems) and len(b.title_stems):
        shared = float(a.title_idf[is_in_sorted(a.title_stems, b.title_stems)].sum())
        total = float(a.title_idf.sum() + b.title_idf.sum()) - shared
        return shared / total if total else 0.0
    if not len(a.title_stems) and not len(b.title_stems):
        return _lead_overlap(a.sentences, b.sentences) / 2
    titled, untitled = (a, b) if len(a.title_stems) else (b, a)
    is_shared = is_in_sorted(titled.title_stems, np.sort(np.concatenate(untitled.sentences.stems[:3])))
    total = float(titled.title_idf.sum())
    return float(titled.title_idf[is_shared].sum()) / total / 2 if total else 0.0


def is_template(
    a: ReportFeatures,
    b: ReportFeatures,
    cover: tuple[Coverage, Coverage] | None = None,
    ratio: NDArray[np.float32] | None = None,
) -> bool:
    """Return whether the two are filled from one template: alike except for what both sides replace.

    `cover` and `ratio` are those of the pair, if already computed.
    """
    sentences_a, sentences_b = a.sentences, b.sentences
    cover_a, cover_b = cover or compute_coverages(sentences_a, sentences_b)
    ratio = compute_verbatim_ratios(sentences_a, sentences_b, cover_a.best) if ratio is None else ratio
    replaced, lead_replaced, alike = (
        round(x, 4) for x in _measure_replacement(sentences_a, sentences_b, cover_a, cover_b, ratio)
    )
    return (
        alike >= TEMPLATE_MIN_SIMILAR_SHARE
        and replaced >= TEMPLATE_MIN_REPLACED
        and lead_replaced >= TEMPLATE_MIN_LEAD_REPLACED
        and _set_overlap(sentences_a.numbers, sentences_b.numbers) < TEMPLATE_MAX_SHARED_NUMBERS
    )


def is_template_sibling(a: ReportFeatures, b: ReportFeatures) -> bool:
    """Return whether the two are filled from one template, or are recurring notices."""
    return is_template(a, b) or is_recurring_notice(a, b)


def is_recurring_notice(
    a: ReportFeatures,
    b: ReportFeatures,
    cover: tuple[Coverage, Coverage] | None = None,
    ratio: NDArray[np.float32] | None = None,
) -> bool:
    """Return whether the two are notices of one recurring series, where the next is not an edit of the last.

    A notice of a line or two has little but figures, which may agree by chance: if the titles have nothing in common or
    figures clash, the two are separate notices. Longer ones (up to RECURRING_NOTICE_MAX_WORDS) are separate if figures
    clash and the days differ. `cover` and `ratio` are those of the pair, if already computed.
    """
    lengths = len(a.word_hashes), len(b.word_hashes)
    both_titled = len(a.title_stems) > 0 < len(b.title_stems)
    if (
        min(lengths) < SAME_TEXT_MIN_WORDS
        and both_titled
        and round(_title_similarity(a, b), 4) < BOILERPLATE_MAX_TITLE_SIMILARITY
    ):
        return True
    days_apart = days_between(a.report.article.published, b.report.article.published)
    if max(lengths) > (RECURRING_NOTICE_MAX_WORDS if days_apart else SAME_TEXT_MIN_WORDS - 1):
        return False
    sentences_a, sentences_b = a.sentences, b.sentences
    cover_a, cover_b = cover or compute_coverages(sentences_a, sentences_b)
    i, j = _find_mutual_matches(
        cover_a, cover_b, compute_verbatim_ratios(sentences_a, sentences_b, cover_a.best) if ratio is None else ratio
    )
    share = max(
        sentences_a.word_counts[i].sum() / sentences_a.word_total,
        sentences_b.word_counts[j].sum() / sentences_b.word_total,
    )
    has_clash = any(_has_clash(sentences_a.facts[x], sentences_b.facts[y]) for x, y in zip(i, j, strict=True))
    return has_clash and round(float(share), 4) >= TEMPLATE_MIN_SIMILAR_SHARE


def _find_mutual_matches(cover_a: Coverage, cover_b: Coverage, ratio: NDArray[np.float32]) -> tuple[Ints, Ints]:
    """Return the indices, on both sides, of sentences that are mutual best matches and similar in wording."""
    i = (cover_a.best >= 0).nonzero()[0]
    j = cover_a.best[i]
    is_alike = (cover_b.best[j] == i) & (ratio[i, j] >= TEMPLATE_SENTENCE_RATIO)
    return i[is_alike], j[is_alike]


def _is_shared_boilerplate(
    a: ReportFeatures,
    b: ReportFeatures,
    cover_a: Coverage,
    cover_b: Coverage,
    ratio: NDArray[np.float32],
    title: float,
    copied: float,
) -> bool:
    """Return whether the text that two pages share verbatim is not their report.

    `title` is the similarity of the titles, `copied` the larger share of the words in copied sentences.
    """
    sides = ((a.sentences, cover_a, ratio.max(axis=1)), (b.sentences, cover_b, ratio.max(axis=0)))
    if copied < BOILERPLATE_MAX_COPIED and all(
        round(_coverage_outside_copies(*side), 4) < BOILERPLATE_MAX_REST_COVERAGE for side in sides
    ):
        return True
    is_unannounced = round(title, 4) < BOILERPLATE_MAX_TITLE_SIMILARITY and copied >= BOILERPLATE_MIN_COPIED
    return is_unannounced and round(_title_support(a, b, cover_a, cover_b), 4) < BOILERPLATE_MAX_TITLE_COVERAGE


def _coverage_outside_copies(side: Sentences, cover: Coverage, ratio: NDArray[np.float32]) -> float:
    """Return how far the sentences that are not copies are covered, weighted by IDF mass, 0 to 1.

    Without copies, or with hardly anything else, it is 1. Two versions of one report have more in common than copied
    sentences; two pages that share nothing else only share boilerplate.
    """
    is_uncopied = ratio < COPIED_SENTENCE_RATIO
    mass = float(side.idf_mass[is_uncopied].sum())
    if is_uncopied.all() or mass <= BOILERPLATE_MIN_REST_SHARE * side.total_idf_mass:
        return 1.0
    return float((side.idf_mass[is_uncopied] * cover.window[is_uncopied]).sum()) / mass


def _title_support(a: ReportFeatures, b: ReportFeatures, cover_a: Coverage, cover_b: Coverage) -> float:
    """Return how much of each title its report's covered sentences contain, the smaller of the two.

    It is .5 (neutral) if a title is missing. Shared text is the report only if it is what the titles announce; a
    subscription form or a list of other articles is not.
    """
    if not len(a.title_stems) or not len(b.title_stems):
        return 0.5
    return min(
        side.compute_title_coverage(np.flatnonzero(cover.window >= SENTENCE_ALIGNED).tolist())
        for side, cover in ((a, cover_a), (b, cover_b))
    )


def has_number_clash(a: ReportFeatures, b: ReportFeatures, evidence: Evidence) -> bool:
    """Return whether in some pair of aligned sentences each side has a number that the other lacks."""
    sentences_a, sentences_b = a.sentences, b.sentences
    pairs = {(i, int(j)) for i, j in _list_partners(evidence.cover_a)}
    pairs |= {(int(i), j) for j, i in _list_partners(evidence.cover_b)}
    return any(_has_clash(sentences_a.facts[i], sentences_b.facts[j]) for i, j in pairs)


def _has_clash(a: Facts, b: Facts) -> bool:
    return bool(a.numbers - b.numbers and b.numbers - a.numbers)


def _list_partners(cover: Coverage) -> list[tuple[int, Ints]]:
    return [(i, j) for i, j in enumerate(cover.best) if j >= 0 and cover.single[i] >= SENTENCE_ALIGNED]


def _measure_replacement(
    a: Sentences, b: Sentences, cover_a: Coverage, cover_b: Coverage, ratio: NDArray[np.float32]
) -> tuple[float, float, float]:
    """Return what both sides replace in similar sentences: overall, in the lead, and the share of these sentences.

    The first two are shares of the IDF mass of these sentences, the third is the share of a report's words in them, the
    larger of the two; each 0 to 1. Two texts from one template have similar sentences except for the names and numbers
    filled in, on both sides and most of all in the lead; an edit cuts or adds on one side; a rewrite has few similar
    sentences. It needs neither capitals nor digits, so it works for every script.
    """
    i, j = _find_mutual_matches(cover_a, cover_b, ratio)
    if not len(i):
        return 0.0, 0.0, 0.0
    missing = np.maximum(
        0.0, np.minimum(a.idf_mass[i] * (1 - cover_a.single[i]), b.idf_mass[j] * (1 - cover_b.single[j]))
    )
    mass = np.maximum(np.minimum(a.idf_mass[i], b.idf_mass[j]), 1e-9)
    shares = a.word_counts[i].sum() / a.word_total, b.word_counts[j].sum() / b.word_total
    # Text above the report may hide its first sentence. If both reports are similar throughout, the first similar
    # sentences near the top count as the lead.
    lead_sentences = 1 if min(shares) < TEMPLATE_WIDE_LEAD_SHARE else TEMPLATE_WIDE_LEAD_SENTENCES
    lead_match = ((i < lead_sentences) & (j < lead_sentences)).nonzero()[0][:1]
    return float(missing.sum() / mass.sum()), float((missing[lead_match] / mass[lead_match]).sum()), float(max(shares))


def _set_overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of the smaller of two sets that is in the other; .5 (neutral) if one is empty."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.5
