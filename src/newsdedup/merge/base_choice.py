"""Chooses the base: the variant that the canonical article starts from, and says why.

The rule: the most complete report that is not damaged, among those that no later version supersedes.

- Completeness is the IDF mass of a variant's different sentences. Words that another variant has too count in full,
  those that no other has count half: they may be lines of the page, or titles and first names.
- Damage lowers it: broken letters, markup, a lost first letter, scrambled words, a text that stops in mid-sentence.
- Agreement raises it: the words of an agency's report that most outlets print, and not one outlet's rewrite of it.
- An agency's own page counts a little more, since the others have it from there.
- A round-up is not the base: the lead of the others stands far down in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from newsdedup.arrays import Floats, Hashes
from newsdedup.features import ReportFeatures, is_in_sorted
from newsdedup.merge.additions import is_full_sentence, is_page_line
from newsdedup.models.options import DEFAULT_MERGE_OPTIONS, BaseRule, MergeOptions
from newsdedup.text import UNSPACED_SENTENCE_ENDS, date_sort_key, ends_sentence
from newsdedup.thresholds import (
    ADDITION_MIN_WORDS,
    AGENCY_BONUS,
    AGREEMENT_MAX_COMPARED,
    AGREEMENT_WEIGHT,
    BASE_TIE_SHARE,
    CUT_OFF_FACTOR,
    LOST_LETTER_FACTOR,
    MARKUP_FACTOR,
    MOJIBAKE_FACTOR,
    OWN_MAX_SHARED,
    ROUND_UP_MAX_COMPARED,
    ROUND_UP_MIN_SHARE_ABOVE,
    ROUND_UP_MIN_SIZE,
    SCRAMBLED_FACTOR,
    SCRAMBLED_MIN_SHARE,
    SCRAMBLED_MIN_WORDS,
    SENTENCE_SHARED_MIN_COVERAGE,
    UNSHARED_WEIGHT,
)

_MOJIBAKE = re.compile(r"�|Ã[\x80-\xbf©¨¤¶¼±³­]|â€|Â[\xa0«»°]|Ð[\x80-\xbf°±]|ï¿½")
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|a|b|i|em|strong|h[1-6]|ul|ol|li|img|figure|figcaption|iframe|script|blockquote|table|t[rdh])\b"
    r"[^<>]{0,500}>|&(?:#\d{2,5}|#x[\da-f]{2,5}|amp|nbsp|quot|lt|gt|apos|[lr][sd]quo|[mn]dash|hellip|[a-z](?:uml|acute|grave)|szlig);",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S|pic\.twitter\.com/\S")
_TOKEN = re.compile(r"\S++")
# No word has a digit or one of these between two letters, except in a text that is encoded or encrypted.
_SCRAMBLED = re.compile(r"[@=?<>\\^{}\[\]:;0-9](?<=[A-Za-z].)(?=[A-Za-z@=?<>\\^{}\[\]])")
_AGENCY_HOSTS = frozenset(
    "apnews.com reuters.com afp.com dpa.com ansa.it efe.com xinhuanet.com news.cn tass.com kyodonews.net yna.co.kr "
    "ptinews.com aninews.in anadoluagency.com aa.com.tr upi.com lusa.pt apa.at tt.se ntb.no ritzau.dk interfax.ru "
    "ukrinform.net pap.pl antara.com".split()
)


@dataclass(frozen=True, slots=True)
class BaseChoice:
    """The index of the base among the variants, and the reason in a few words."""

    index: int
    reason: str


def choose_base(
    members: Sequence[ReportFeatures],
    superseded: AbstractSet[int] = frozenset(),
    options: MergeOptions = DEFAULT_MERGE_OPTIONS,
) -> BaseChoice:
    """Return the variant that the canonical article starts from.

    Variants in `superseded` are not considered, unless all are. Of the others, those of the first source in
    `prefer_sources` (outlet or host) that has any are taken. Ties are broken by the share of the page that is report,
    the earliest date, the content hash and the id, never by position.
    """
    candidates = [i for i in range(len(members)) if i not in superseded] or list(range(len(members)))
    reasons = ["the later version"] if len(candidates) < len(members) else []
    preferred = _find_preferred(members, candidates, options.prefer_sources)
    if preferred:
        candidates, reasons = preferred, [*reasons, "of a preferred source"]
    if len(candidates) == 1:
        return BaseChoice(candidates[0], ", ".join(reasons) or "the only variant")
    if options.base in ("earliest", "latest"):
        return _choose_by_date(members, candidates, options.base)
    if options.base == "longest":
        sizes = {i: float(len(members[i].word_hashes)) for i in candidates}
        return BaseChoice(_choose_largest(members, sizes, tie_share=1.0), ", ".join([*reasons, "the longest report"]))
    return _choose_best(members, candidates, reasons)


def find_damage(features: ReportFeatures) -> dict[str, float]:
    """Return the kinds of damage of a report, each with the factor by which it lowers its completeness."""
    texts = features.sentences.texts
    text = "\n".join(texts)
    damage: dict[str, float] = {}
    if not text.isascii() and _MOJIBAKE.search(text):
        damage["broken letters"] = MOJIBAKE_FACTOR
    if ("<" in text or "&" in text) and _MARKUP.search(text):
        damage["markup"] = MARKUP_FACTOR
    paragraphs = features.report.paragraphs
    openings = [paragraph[0] for paragraph in paragraphs[:2]]
    if any(opening[:1].islower() and opening[:2].isalpha() for opening in openings):
        damage["a lost first letter"] = LOST_LETTER_FACTOR
    if texts and not _ends_whole(texts[-1]) and _end_whole(paragraph[-1] for paragraph in paragraphs[:-1]):
        damage["no end"] = CUT_OFF_FACTOR
    if len(_SCRAMBLED.findall(text)) > max(SCRAMBLED_MIN_WORDS, SCRAMBLED_MIN_SHARE * len(text.split())):
        damage["scrambled words"] = SCRAMBLED_FACTOR
    return damage


def _choose_best(members: Sequence[ReportFeatures], candidates: Sequence[int], reasons: Sequence[str]) -> BaseChoice:
    shared = _find_shared_stems(members)
    fullest = max(candidates, key=lambda i: len(members[i].sentences))
    others = [members[i] for i in candidates if i != fullest and len(members[i].sentences)][:ROUND_UP_MAX_COMPARED]
    if others and _is_round_up(members[fullest], others, shared):
        candidates = [i for i in candidates if i != fullest]
    complete = {i: _compute_completeness(members[i], shared) for i in candidates}
    damage = {i: find_damage(members[i]) for i in candidates}
    agreement = _compute_agreement(members, candidates)
    scores = {
        i: complete[i]
        * float(np.prod(list(damage[i].values())))
        * (1 + AGREEMENT_WEIGHT * agreement[i])
        * (AGENCY_BONUS if _is_agency_page(members[i]) else 1.0)
        for i in candidates
    }
    index = _choose_largest(members, scores, agreement, tie_share=BASE_TIE_SHARE)
    fullest = _choose_largest(members, complete, tie_share=BASE_TIE_SHARE)
    reasons = [*reasons, "an agency's own page"] if _is_agency_page(members[index]) else list(reasons)
    if damage[fullest] and fullest != index and not damage[index]:
        reasons.append(f"the most complete report without damage (another has {' and '.join(damage[fullest])})")
    elif complete[index] >= BASE_TIE_SHARE * complete[fullest]:
        reasons.append("the most complete report")
    elif agreement[index] > agreement[fullest]:
        reasons.append("the report in the words that most variants share")
    return BaseChoice(index, ", ".join(reasons) or "the best of completeness and condition")


def _compute_agreement(members: Sequence[ReportFeatures], candidates: Sequence[int]) -> dict[int, float]:
    """Return for each candidate the mean share of its word 3-grams, or of another's if fewer, that both have, 0 to 1.

    Of two variants neither has more agreement: 0. At most AGREEMENT_MAX_COMPARED others are compared.
    """
    if len(members) < 3:
        return dict.fromkeys(candidates, 0.0)
    compared = sorted(range(len(members)), key=lambda i: _sort_key(members[i]))[: AGREEMENT_MAX_COMPARED + 1]
    return {
        i: float(np.mean([_compute_containment(members[i], members[j]) for j in compared if j != i]))
        for i in candidates
    }


def _compute_containment(a: ReportFeatures, b: ReportFeatures) -> float:
    smaller, larger = sorted((a.shingles, b.shingles), key=len)
    return int(is_in_sorted(smaller, larger).sum()) / max(len(smaller), 1)


def _choose_largest(
    members: Sequence[ReportFeatures],
    values: dict[int, float],
    agreement: Mapping[int, float] | None = None,
    *,
    tie_share: float,
) -> int:
    """Return the index with the largest value; those with `tie_share` of it count as equal.

    Of equal ones that with more agreement, in tenths, then that with less else on its page.
    """
    largest = max(values.values())
    return min(
        (i for i, value in values.items() if value >= tie_share * largest),
        key=lambda i: (
            -round(agreement[i], 1) if agreement else 0.0,
            -members[i].report.page_share,
            *_sort_key(members[i]),
        ),
    )


def _choose_by_date(members: Sequence[ReportFeatures], candidates: Sequence[int], rule: BaseRule) -> BaseChoice:
    dated = [i for i in candidates if members[i].report.article.published] or list(candidates)
    keys = {i: date_sort_key(members[i].report.article.published) for i in dated}
    wanted = (min if rule == "earliest" else max)(keys.values())
    index = min(
        (i for i in dated if keys[i] == wanted), key=lambda i: (-len(members[i].word_hashes), *_sort_key(members[i]))
    )
    return BaseChoice(index, f"the {rule} report")


def _sort_key(features: ReportFeatures) -> tuple[tuple[str, str], str, str]:
    article = features.report.article
    return date_sort_key(article.published), article.content_hash, article.article_id


def _find_preferred(
    members: Sequence[ReportFeatures], candidates: Sequence[int], prefer_sources: Sequence[str]
) -> list[int]:
    """Return the candidates of the first preferred source that any of them is from."""
    outlets = {i: members[i].report.article.outlet for i in candidates}
    for source in prefer_sources:
        if preferred := [i for i in candidates if outlets[i] == source.strip().casefold()]:
            return preferred
    return []


def _find_shared_stems(members: Sequence[ReportFeatures]) -> Hashes:
    """Return the stems that at least two members have (uint64, sorted)."""
    flat = np.concatenate([np.empty(0, dtype=np.uint64), *(m.sentences.stem_table.stems for m in members)])
    stems, counts = np.unique(flat, return_counts=True)
    shared: Hashes = stems[counts > 1]
    return shared


def _compute_shared_masses(features: ReportFeatures, shared: Hashes) -> Floats:
    """Return for each sentence the IDF mass of its shared stems."""
    table = features.sentences.stem_table
    weights = table.idf * is_in_sorted(table.stems, shared)
    masses = np.bincount(table.rows, weights=weights[table.columns], minlength=len(features.sentences))
    return masses.astype(np.float64)


def _compute_completeness(features: ReportFeatures, shared: Hashes) -> float:
    """Return the IDF mass of the different sentences; words that no other variant has count UNSHARED_WEIGHT.

    Summaries above the report do not count: it says the same. Nor do sentences of its own that could not enter as
    additions: they may be lines of the page.
    """
    sentences, first = features.sentences, features.report.summary_sentence_count
    shared_masses = _compute_shared_masses(features, shared)
    weights = shared_masses + UNSHARED_WEIGHT * (sentences.idf_mass - shared_masses)
    shares = shared_masses / np.maximum(sentences.idf_mass, 1e-9)
    for row in np.flatnonzero(shares < OWN_MAX_SHARED).tolist():
        text = sentences.texts[row]
        if not is_full_sentence(text, ADDITION_MIN_WORDS) or is_page_line(text):
            weights[row] = 0.0
    by_sentence: dict[str, float] = dict(zip(sentences.normalised[first:], weights[first:].tolist(), strict=True))
    return sum(by_sentence.values())


def _is_round_up(features: ReportFeatures, others: Sequence[ReportFeatures], shared: Hashes) -> bool:
    """Return whether the lead of every other variant stands far down in a larger report, below words of its own."""
    masses = features.sentences.idf_mass
    unshared = masses - _compute_shared_masses(features, shared)
    if masses.sum() < ROUND_UP_MIN_SIZE * max(other.sentences.total_idf_mass for other in others):
        return False
    rows = [row for other in others if (row := _find_lead(features, other)) is not None]
    return bool(rows) and all(unshared[:row].sum() >= ROUND_UP_MIN_SHARE_ABOVE * masses.sum() for row in rows)


def _find_lead(features: ReportFeatures, other: ReportFeatures) -> int | None:
    """Return the sentence that contains most of the first sentence of another report, if one does."""
    stems, idf = other.sentences.stems[0], other.sentences.idf[0]
    shares = [float(idf[is_in_sorted(stems, row_stems)].sum()) for row_stems in features.sentences.stems]
    best = int(np.argmax(shares))
    return best if shares[best] >= SENTENCE_SHARED_MIN_COVERAGE * float(other.sentences.idf_mass[0]) else None


def _ends_whole(text: str) -> bool:
    """Return whether a text ends as a sentence does, be it with an abbreviation."""
    stripped = _cut_links(text)
    is_closed = ends_sentence(stripped) or stripped.endswith(".")
    return (is_closed and not stripped.endswith(("...", "…"))) or stripped[-1:] in UNSPACED_SENTENCE_ENDS


def _cut_links(text: str) -> str:
    """Return a text without the links at its end."""
    end = len(text)
    for token in reversed([*_TOKEN.finditer(text)]) if _LINK.search(text) else ():
        link = _LINK.search(text, token.start(), token.end())
        if link is None:
            break
        end = link.start()
        if end > token.start():
            break
    return text[:end].rstrip()


def _end_whole(texts: Iterable[str]) -> bool:
    """Return whether most texts end as sentences do: else the last one tells nothing."""
    is_whole = [_ends_whole(text) for text in texts]
    return sum(is_whole) >= len(is_whole) / 2


def _is_agency_page(features: ReportFeatures) -> bool:
    outlet = features.report.article.outlet or ""
    dateline = features.report.dateline
    agency = dateline.agency if dateline else None
    return outlet in _AGENCY_HOSTS or (agency is not None and agency.casefold() == outlet)
