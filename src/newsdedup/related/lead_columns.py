"""The data that linking needs of every story, as columns with one row each, so that a million need no objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Hashes, Ragged, RaggedView, ragged_from_rows, sorted_unique
from newsdedup.features import ReportFeatures, hash_ngrams
from newsdedup.idf import IdfTable, hash_word
from newsdedup.text import days_between, split_words, stem
from newsdedup.thresholds import RELATED_LEAD_SENTENCES, RELATED_NAME_MIN_IDF

NO_DAY = -1
_PUNCTUATION = "\"'“”‘’«»„()[].,;:!?…*"


@dataclass(frozen=True)
class LeadColumns:
    """The reports to be linked, one per row, in content order; each has sentences.

    Stems are uint32, the low half of their hash, unique and ascending in a row: `title` has those of the title (none if
    it was inferred), `first` those of the first sentence, `stems` those of all sentences (possibly a view that is
    copied on demand), `lead` those of the title and the first RELATED_LEAD_SENTENCES sentences. `lead_counts` (uint8,
    with the bounds of `lead`) is how many of these parts contain each. `lead_names` are the names in the lead's
    sentences that are rare in news (uint64, ascending; `hash_rare_names`), `days` are int32 (`day_number`).
    """

    title: Ragged
    first: Ragged
    stems: Ragged | RaggedView
    lead: Ragged
    lead_counts: Ragged
    lead_names: Ragged
    days: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.days)


def day_number(published: str | None) -> int:
    """Return the number of a day, counted from 0001-01-01; NO_DAY if it is unknown."""
    days = days_between(published, "0001-01-01")
    return NO_DAY if days is None else days


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
