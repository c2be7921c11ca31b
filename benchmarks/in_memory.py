"""Steps of stages over values in memory, as training and tests need them; runs work on columns of a corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Hashes, ragged_from_rows, sorted_unique
from newsdedup.clean import RecurringLines
from newsdedup.clean.outlet_boilerplate import (
    build_recurring_lines,
    coarse_line_keys,
    find_recurring_keys,
    select_carriers,
)
from newsdedup.features import ReportFeatures, hash_ngrams
from newsdedup.idf import IdfTable, hash_word
from newsdedup.models import Article
from newsdedup.related import (
    LeadColumns,
    LeadIndex,
    LinkCandidates,
    Pair,
    PairTest,
    Weights,
    day_number,
    find_links,
    find_similar_pairs,
    has_disjoint_entities,
    has_shared_wording,
    measure_pairs,
)
from newsdedup.text import split_words, stem
from newsdedup.thresholds import RELATED_LEAD_SENTENCES, RELATED_NAME_MIN_IDF

_PUNCTUATION = "\"'“”‘’«»„()[].,;:!?…*"
_NO_KEYS: Hashes = np.empty(0, np.uint64)


def count_recurring_lines(articles: Iterable[Article]) -> RecurringLines:
    """Count in how many unlike articles of its outlet each line occurs; return the lines that recur.

    Articles without an outlet are ignored. If a line is in more than RECURRING_LINE_MAX_CARRIERS articles of its
    outlet, only the first of them count, in the order given.
    """
    with_outlet = [article for article in articles if article.outlet is not None]
    keys_per_article = [coarse_line_keys(article) for article in with_outlet]
    keys = np.concatenate([*keys_per_article, _NO_KEYS])
    line_counts = np.array([len(line_keys) for line_keys in keys_per_article], np.int64)
    published = Counter(str(article.outlet) for article in with_outlet)
    outlet_indices = {outlet: i for i, outlet in enumerate(published)}
    outlets = np.array([outlet_indices[str(article.outlet)] for article in with_outlet], np.int64)
    has_title = np.array([bool(split_words(article.title or "")) for article in with_outlet], np.bool_)
    recurring = find_recurring_keys(keys, line_counts, outlets)
    carriers = select_carriers(keys, line_counts, outlets, has_title, recurring)
    return build_recurring_lines((with_outlet[i] for i in carriers.tolist()), published, frozenset(recurring.tolist()))


def find_link_candidates(columns: LeadColumns, idf_table: IdfTable) -> LinkCandidates:
    """Return the pairs of reports that may be linked, with their signals.

    The order of the reports must depend on content alone: of a stem that is in too many reports, only the postings next
    to a report in this order are read.
    """
    index = LeadIndex(columns, idf_table)
    return measure_pairs(index, find_similar_pairs(index))


def build_lead_columns(profiles: Sequence[ReportFeatures], idf_table: IdfTable) -> LeadColumns:
    """Return the columns of reports, which must have sentences and be in content order."""
    leads = [
        _count_stems([profile.title_stems, *profile.sentences.stems[:RELATED_LEAD_SENTENCES]]) for profile in profiles
    ]
    return LeadColumns(
        title=ragged_from_rows([_truncate_hashes(profile.title_stems) for profile in profiles], np.uint32),
        first=ragged_from_rows([_truncate_hashes(profile.sentences.stems[0]) for profile in profiles], np.uint32),
        stems=ragged_from_rows(
            [_truncate_hashes(np.concatenate(profile.sentences.stems)) for profile in profiles], np.uint32
        ),
        lead=ragged_from_rows([stems for stems, _ in leads], np.uint32),
        lead_counts=ragged_from_rows([counts for _, counts in leads], np.uint8),
        lead_names=ragged_from_rows(
            [hash_rare_names(profile.sentences.texts[:RELATED_LEAD_SENTENCES], idf_table) for profile in profiles],
            np.uint64,
        ),
        days=np.array([day_number(profile.report.article.published) for profile in profiles], dtype=np.int32),
    )


def _truncate_hashes(hashes: Hashes) -> NDArray[np.uint32]:
    return sorted_unique(hashes.astype(np.uint32))


def _count_stems(parts: Sequence[Hashes]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    stems, counts = np.unique(np.concatenate([_truncate_hashes(part) for part in parts]), return_counts=True)
    return stems, counts.astype(np.uint8)


def hash_rare_names(lead: Iterable[str], idf_table: IdfTable) -> Hashes:
    """Return the two-word and three-word names in sentences that are rare in news, as unique hashes, sorted.

    Titles are not used, since many capitalise every word.
    """
    runs = [
        [hash_word(stem((split_words(word) or [word])[-1])) for word in run]
        for text in lead
        for run in _find_capitalised_runs(text)
    ]
    hashes = [np.empty(0, dtype=np.uint64)]
    for stems in (np.array(run, dtype=np.uint64) for run in runs):
        idf = idf_table.lookup(stems)
        for n in range(2, min(len(stems), 3) + 1):
            idf_mass = sum(idf[i : len(stems) - n + i + 1] for i in range(n))
            hashes.append(hash_ngrams(stems, n)[idf_mass >= RELATED_NAME_MIN_IDF])
    return sorted_unique(np.concatenate(hashes))


def _find_capitalised_runs(sentence: str) -> list[list[str]]:
    """Return the runs of two and more capitalised words in lower case otherwise; the first word is ignored."""
    runs: list[list[str]] = [[]]
    for token in sentence.split()[1:]:
        word = token.strip(_PUNCTUATION)
        if not word[:1].isupper() or word[1:].isupper():
            runs.append([])
            continue
        if token[0] != word[0]:
            runs.append([])
        runs[-1].append(word)
        if token[-1] != word[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def link_stories(
    stories: Sequence[ReportFeatures], idf_table: IdfTable, flag_templates: PairTest, weights: Weights | None = None
) -> list[tuple[int, int, float]]:
    """Return the links (i, j, probability) with i < j, sorted; stories without a report are never linked.

    `stories` holds the features of each story's base. `flag_templates` gets pairs of indices in `stories` and returns
    which of them are template siblings; it is called only for reports that share wording. The order of `stories` does
    not matter.
    """
    order = sorted(
        (i for i, profile in enumerate(stories) if len(profile.sentences)),
        key=lambda i: (stories[i].report.article.content_hash, stories[i].report.article.article_id),
    )
    columns = build_lead_columns([stories[i] for i in order], idf_table)
    row_of = {i: row for row, i in enumerate(order)}

    def flag_unrelated(pairs: Sequence[Pair]) -> list[bool]:
        story_pairs = [(min(order[i], order[j]), max(order[i], order[j])) for i, j in pairs]
        is_unrelated = [
            has_disjoint_entities(
                *((stories[x].sentences.texts, columns.stems[row_of[y]]) for x, y in ((i, j), (j, i)))
            )
            for i, j in story_pairs
        ]
        candidates = [
            n
            for n, (i, j) in enumerate(story_pairs)
            if not is_unrelated[n] and has_shared_wording(stories[i], stories[j])
        ]
        for n, is_template in zip(
            candidates, flag_templates([story_pairs[n] for n in candidates]) if candidates else (), strict=True
        ):
            is_unrelated[n] = is_template
        return is_unrelated

    links = find_links(columns, find_link_candidates(columns, idf_table), flag_unrelated, weights)
    return sorted((min(order[i], order[j]), max(order[i], order[j]), p) for i, j, p in links)
