"""The signals of a pair that the model weighs, and the evidence that decides the relation.

Every signal is symmetric, so that score(a, b) and score(b, a) agree to the last bit. Two separate reports may quote one
long statement (docs/design-notes.md 6), so copying is measured outside quotation marks, and the quoted share of the
common wording is a signal of its own. Notices from one template share nearly all their words (section 7 there), so a
pair is vetoed if both sides replace enough inside their aligned sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.align import Coverage, compute_coverages, compute_verbatim_ratios
from newsdedup.arrays import Flags, Floats, Ints, sorted_unique
from newsdedup.features import (
    ReportFeatures,
    Sentences,
    find_shared_ngrams,
    hash_ngrams,
    is_in_sorted,
    locate_in_sorted,
    share_of_mass,
)
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
    TEMPLATE_VETO_MIN_SIMILAR_SHARE,
    TEMPLATE_WIDE_LEAD_SENTENCES,
    TEMPLATE_WIDE_LEAD_SHARE,
)

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

SIGNAL_NAMES = tuple(SIGNAL_MEANINGS)


class Side(NamedTuple):
    """One report of a pair: how the other covers its sentences, and the largest verbatim ratio of each, 0 to 1."""

    report: ReportFeatures
    other: ReportFeatures
    cover: Coverage
    ratio: NDArray[np.float32]


@dataclass(frozen=True)
class AlignedPair:
    """Two reports, sentence by sentence. `ratio` (n_a,) holds the verbatim ratio of each best match of a, 0 to 1."""

    a: Side
    b: Side
    ratio: NDArray[np.float32]

    @cached_property
    def mutual_matches(self) -> tuple[Ints, Ints]:
        """Return the indices, on both sides, of sentences that are mutual best matches."""
        i = (self.a.cover.best >= 0).nonzero()[0]
        j = self.a.cover.best[i]
        is_mutual = self.b.cover.best[j] == i
        return i[is_mutual], j[is_mutual]

    @cached_property
    def similar_matches(self) -> tuple[Ints, Ints]:
        """Return those of the mutual best matches that are similar in wording."""
        i, j = self.mutual_matches
        is_similar = self.ratio[i] >= TEMPLATE_SENTENCE_RATIO
        return i[is_similar], j[is_similar]

    def list_aligned(self) -> tuple[Aligned, ...]:
        """Return the sentences of a that are aligned with their best match in b, in order of a."""
        cover_a, cover_b = self.a.cover, self.b.cover
        alignment = []
        for i, j in enumerate(cover_a.best.tolist()):
            covered_a, ratio = float(cover_a.single[i]), float(self.ratio[i])
            if j >= 0 and (covered_a >= SENTENCE_ALIGNED or self.ratio[i] >= COPIED_SENTENCE_RATIO):
                covered_b = float(cover_b.single[j]) if cover_b.best[j] == i else 0.0
                alignment.append(Aligned(i, j, covered_a, covered_b, verbatim=round(ratio, 4)))
        return tuple(alignment)


def align_pair(a: ReportFeatures, b: ReportFeatures) -> AlignedPair:
    """Return the sentences of two reports aligned with each other. Neither report may be empty."""
    cover_a, cover_b = compute_coverages(a.sentences, b.sentences)
    ratios = compute_verbatim_ratios(a.sentences, b.sentences, cover_a.best, cover_b.best)
    return AlignedPair(Side(a, b, cover_a, ratios.largest_a), Side(b, a, cover_b, ratios.largest_b), ratios.best)


@dataclass(frozen=True)
class Evidence:
    """All measurements of a pair (a, b).

    `values` are the signals in the order of SIGNAL_NAMES, rounded to 4 decimals. The numbers are each 0 to 1: `jaccard`
    of word 3-grams, `copied` the shares of the words in sentences that are copied almost verbatim (lower side, higher
    side), `covered` the share of one side's IDF mass that the other covers, the larger of the two.
    """

    values: Floats
    pair: AlignedPair
    containment: float
    similarity: float
    jaccard: float
    copied: tuple[float, float]
    covered: float


def measure_pair(a: ReportFeatures, b: ReportFeatures) -> Evidence:
    """Return the evidence of a pair. Neither report may be empty."""
    pair = align_pair(a, b)
    sides = pair.a, pair.b
    copied = sorted(round(_share_copied(side), 4) for side in sides)
    covered = [_mean_coverage(side.report.sentences, side.cover.window) for side in sides]
    shared, in_trigrams, in_fourgrams = find_shared_ngrams(a, b)
    plain_a, plain_b, quoted_runs = _shares_in_runs((a, b), in_fourgrams)
    # The shorter side first; of two equally long ones the better covered, so that the result is symmetric.
    shorter, longer = sorted(
        (
            (a.sentences.word_total, -covered[0], covered[0], plain_a),
            (b.sentences.word_total, -covered[1], covered[1], plain_b),
        )
    )
    title_similarity = _title_similarity(a, b)
    containment, jaccard = _compare_shingles(a, b, shared)
    values = {
        "covered_shorter": shorter[2],
        "covered_longer": longer[2],
        "twins": _mutual_match_mass(pair),
        "plain_runs_shorter": shorter[3],
        "plain_runs_longer": longer[3],
        "quoted_runs": quoted_runs,
        "cosine": _stem_cosine(a, b),
        "title": title_similarity,
        "template": is_template(pair, TEMPLATE_VETO_MIN_SIMILAR_SHARE),
        "frame": _is_shared_boilerplate(pair, title_similarity, copied[1]),
        "series": is_recurring_notice(pair),
        "days_apart": np.log1p(days_between(a.report.article.published, b.report.article.published) or 0),
    }
    values_a, values_b = map(_measure_side, sides, in_trigrams)
    for name, value_a in values_a.items():
        values[f"{name}_min"], values[f"{name}_max"] = sorted((value_a, values_b[name]))
    return Evidence(
        values=np.round(np.array([float(values[name]) for name in SIGNAL_NAMES]), 4),
        pair=pair,
        containment=round(containment, 4),
        similarity=round((_share_covered(pair.a) + _share_covered(pair.b)) / 2, 4),
        jaccard=round(jaccard, 4),
        copied=(copied[0], copied[1]),
        covered=round(max(covered), 4),
    )


def _measure_side(side: Side, in_trigrams: Flags) -> dict[str, float]:
    """Return the signals that each side has: name -> how far the other report contains this one."""
    sentences, cover = side.report.sentences, side.cover
    return {
        "told": _mean_coverage(sentences, cover.window >= SENTENCE_NEAR_FULL),
        "known": _mean_coverage(sentences, cover.anywhere),
        "first": cover.window[0],
        "lead": cover.window[:3].mean(),
        "runs": int(np.count_nonzero(in_trigrams)) / len(in_trigrams),
        "names": _name_coverage(side.report, side.other),
        "title_told": _title_coverage(side.report, side.other),
    }


def _mean_coverage(sentences: Sentences, share: NDArray[Any]) -> float:
    """Return the mean over sentences of `share` (covered share of each, 0 to 1), weighted by IDF mass, 0 to 1."""
    total = sentences.total_idf_mass
    return float((sentences.idf_mass * share).sum()) / total if total else 0.0


def _share_covered(side: Side) -> float:
    """Return the share of sentences that are covered, weighted by IDF mass, 0 to 1."""
    return share_of_mass(side.report.sentences.idf_mass, side.cover.window >= SENTENCE_COVERED, 1.0)


def _share_copied(side: Side) -> float:
    """Return the share of words in sentences that are copied almost verbatim, 0 to 1."""
    sentences = side.report.sentences
    return float(sentences.word_counts[side.ratio >= COPIED_SENTENCE_RATIO].sum() / sentences.word_total)


def _compare_shingles(a: ReportFeatures, b: ReportFeatures, shared: int) -> tuple[float, float]:
    """Return containment and Jaccard of the word 3-grams; of single words if a report has fewer than three words."""
    shingles_a, shingles_b = a.shingles, b.shingles
    if not len(shingles_a) or not len(shingles_b):
        shingles_a, shingles_b = (sorted_unique(hash_ngrams(report.word_hashes, 1)) for report in (a, b))
        shared = int(np.count_nonzero(is_in_sorted(shingles_a, shingles_b)))
    smaller = min(len(shingles_a), len(shingles_b))
    return (shared / smaller if smaller else 0.0), shared / max(1, len(shingles_a) + len(shingles_b) - shared)


def _shares_in_runs(
    sides: tuple[ReportFeatures, ReportFeatures], in_runs: Sequence[Flags]
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


def _mutual_match_mass(pair: AlignedPair) -> float:
    """Return log(1 + IDF mass shared by mutual best matches that each cover MUTUAL_MATCH_COVERAGE of the other)."""
    i, j = pair.mutual_matches
    overlap = np.minimum(pair.a.cover.single[i], pair.b.cover.single[j])
    shared_mass = np.minimum(pair.a.report.sentences.idf_mass[i], pair.b.report.sentences.idf_mass[j]) * overlap
    return float(np.log1p(shared_mass[overlap >= MUTUAL_MATCH_COVERAGE].sum()))


def _stem_cosine(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the cosine of the two stem vectors, 0 to 1."""
    positions, is_shared = locate_in_sorted(a.stems, b.stems)
    product = (a.stem_weights[is_shared] * b.stem_weights[positions[is_shared]]).sum()
    norm = a.stem_norm * b.stem_norm
    return float(product) / norm if norm else 0.0


def _name_coverage(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the share of IDF mass of the names of `a` that `b` contains, 0 to 1; .5 (neutral) without names."""
    return share_of_mass(a.name_idf, is_in_sorted(a.name_stems, b.stems), 0.5)


def _title_coverage(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the share of IDF mass of the title of `a` (or of its first sentence) that `b` contains, 0 to 1."""
    stems, idf = a.title_stems, a.title_idf
    if not len(stems):
        stems, idf = a.sentences.stems[0], a.sentences.idf[0]
    return share_of_mass(idf, is_in_sorted(stems, b.title_stems) | is_in_sorted(stems, b.stems), 0.5)


def _lead_coverage(a: Sentences, b: Sentences) -> float:
    """Return the share of the first two sentences of `a` that the first four of `b` contain, 0 to 1."""
    is_shared = is_in_sorted(np.concatenate(a.stems[:2]), np.sort(np.concatenate(b.stems[:4])))
    return share_of_mass(np.concatenate(a.idf[:2]), is_shared, 0.0)


def _title_similarity(a: ReportFeatures, b: ReportFeatures) -> float:
    """Return the IDF-weighted Jaccard similarity of the titles, 0 to 1.

    If one title is missing, half the share of the other that the lead contains; if both are, half of how far the leads
    contain each other.
    """
    if len(a.title_stems) and len(b.title_stems):
        shared = float(a.title_idf[is_in_sorted(a.title_stems, b.title_stems)].sum())
        total = float(a.title_idf.sum() + b.title_idf.sum()) - shared
        return shared / total if total else 0.0
    if not len(a.title_stems) and not len(b.title_stems):
        return (_lead_coverage(a.sentences, b.sentences) + _lead_coverage(b.sentences, a.sentences)) / 4
    titled, untitled = (a, b) if len(a.title_stems) else (b, a)
    is_shared = is_in_sorted(titled.title_stems, np.sort(np.concatenate(untitled.sentences.stems[:3])))
    return share_of_mass(titled.title_idf, is_shared, 0.0) / 2


def is_template_sibling(a: ReportFeatures, b: ReportFeatures) -> bool:
    """Return whether the two are filled from one template, or are recurring notices. Neither may be empty."""
    pair = align_pair(a, b)
    return is_template(pair) or is_recurring_notice(pair)


def is_template(pair: AlignedPair, min_similar_share: float = TEMPLATE_MIN_SIMILAR_SHARE) -> bool:
    """Return whether the two are filled from one template: alike except for what both sides replace.

    Similar sentences must make up `min_similar_share` of one of them, 0 to 1.
    """
    replaced, lead_replaced, alike = (round(x, 4) for x in _measure_replacement(pair))
    return (
        alike >= min_similar_share
        and replaced >= TEMPLATE_MIN_REPLACED
        and lead_replaced >= TEMPLATE_MIN_LEAD_REPLACED
        and _set_overlap(pair.a.report.sentences.numbers, pair.b.report.sentences.numbers) < TEMPLATE_MAX_SHARED_NUMBERS
    )


def is_recurring_notice(pair: AlignedPair) -> bool:
    """Return whether the two are notices of one recurring series, where the next is not an edit of the last.

    A notice of a line or two has little but figures, which may agree by chance: if the titles have nothing in common or
    figures clash, the two are separate notices. Longer ones (up to RECURRING_NOTICE_MAX_WORDS) are separate if figures
    clash and the days differ.
    """
    a, b = pair.a.report, pair.b.report
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
    return (
        _has_clash(pair, zip(*pair.similar_matches, strict=True))
        and round(max(_shares_similar(pair)), 4) >= TEMPLATE_MIN_SIMILAR_SHARE
    )


def _is_shared_boilerplate(pair: AlignedPair, title: float, copied: float) -> bool:
    """Return whether the text that two pages share verbatim is not their report.

    `title` is the similarity of the titles, `copied` the larger share of the words in copied sentences.
    """
    if copied < BOILERPLATE_MAX_COPIED and all(
        round(_coverage_outside_copies(side), 4) < BOILERPLATE_MAX_REST_COVERAGE for side in (pair.a, pair.b)
    ):
        return True
    is_unannounced = round(title, 4) < BOILERPLATE_MAX_TITLE_SIMILARITY and copied >= BOILERPLATE_MIN_COPIED
    return is_unannounced and round(_title_support(pair), 4) < BOILERPLATE_MAX_TITLE_COVERAGE


def _coverage_outside_copies(side: Side) -> float:
    """Return how far the sentences that are not copies are covered, weighted by IDF mass, 0 to 1.

    Without copies, or with hardly anything else, it is 1. Two versions of one report have more in common than copied
    sentences; two pages that share nothing else only share boilerplate.
    """
    sentences, is_uncopied = side.report.sentences, side.ratio < COPIED_SENTENCE_RATIO
    mass = float(sentences.idf_mass[is_uncopied].sum())
    if is_uncopied.all() or mass <= BOILERPLATE_MIN_REST_SHARE * sentences.total_idf_mass:
        return 1.0
    return float((sentences.idf_mass[is_uncopied] * side.cover.window[is_uncopied]).sum()) / mass


def _title_support(pair: AlignedPair) -> float:
    """Return how much of each title its report's covered sentences contain, the smaller of the two.

    It is .5 (neutral) if a title is missing. Shared text is the report only if it is what the titles announce; a
    subscription form or a list of other articles is not.
    """
    if not all(len(side.report.title_stems) for side in (pair.a, pair.b)):
        return 0.5
    return min(
        side.report.compute_title_coverage(np.flatnonzero(side.cover.window >= SENTENCE_ALIGNED).tolist())
        for side in (pair.a, pair.b)
    )


def has_number_clash(pair: AlignedPair) -> bool:
    """Return whether in some pair of aligned sentences each side has a number that the other lacks."""
    partners = {(i, j) for i, j in _iter_partners(pair.a.cover)} | {(i, j) for j, i in _iter_partners(pair.b.cover)}
    return _has_clash(pair, partners)


def _has_clash(pair: AlignedPair, matches: Iterable[tuple[int, int]]) -> bool:
    """Return whether in one of the matches, indices of sentences, each side has a number that the other lacks."""
    facts_a, facts_b = pair.a.report.sentences.facts, pair.b.report.sentences.facts
    numbers = ((facts_a[i].numbers, facts_b[j].numbers) for i, j in matches)
    return any(numbers_a - numbers_b and numbers_b - numbers_a for numbers_a, numbers_b in numbers)


def _iter_partners(cover: Coverage) -> Iterator[tuple[int, int]]:
    return ((i, j) for i, j in enumerate(cover.best.tolist()) if j >= 0 and cover.single[i] >= SENTENCE_ALIGNED)


def _shares_similar(pair: AlignedPair) -> tuple[float, float]:
    """Return the share of each report's words that are in similar sentences, 0 to 1."""
    i, j = pair.similar_matches
    a, b = pair.a.report.sentences, pair.b.report.sentences
    return float(a.word_counts[i].sum() / a.word_total), float(b.word_counts[j].sum() / b.word_total)


def _measure_replacement(pair: AlignedPair) -> tuple[float, float, float]:
    """Return what both sides replace in similar sentences: overall, in the lead, and the share of these sentences.

    The first two are shares of the IDF mass of these sentences, the third is the share of a report's words in them, the
    larger of the two; each 0 to 1. Two texts from one template have similar sentences except for the names and numbers
    filled in, on both sides and most of all in the lead; an edit cuts or adds on one side; a rewrite has few similar
    sentences. It needs neither capitals nor digits, so it works for every script.
    """
    i, j = pair.similar_matches
    if not len(i):
        return 0.0, 0.0, 0.0
    mass_a, mass_b = pair.a.report.sentences.idf_mass[i], pair.b.report.sentences.idf_mass[j]
    replaced_a, replaced_b = mass_a * (1 - pair.a.cover.single[i]), mass_b * (1 - pair.b.cover.single[j])
    missing = np.maximum(0.0, np.minimum(replaced_a, replaced_b))
    mass = np.maximum(np.minimum(mass_a, mass_b), 1e-9)
    shares = _shares_similar(pair)
    # Text above the report may hide its first sentence. If both reports are similar throughout, the first similar
    # sentences near the top count as the lead.
    lead_sentences = 1 if min(shares) < TEMPLATE_WIDE_LEAD_SHARE else TEMPLATE_WIDE_LEAD_SENTENCES
    lead_match = ((i < lead_sentences) & (j < lead_sentences)).nonzero()[0][:1]
    return float(missing.sum() / mass.sum()), float((missing[lead_match] / mass[lead_match]).sum()), max(shares)


def _set_overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of the smaller of two sets that is in the other; .5 (neutral) if one is empty."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.5
