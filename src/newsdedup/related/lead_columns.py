"""What linking asks of every story, in columns: a row for the base of each, so that a million need no object each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Chosen, Ragged, distinct, ragged
from newsdedup.features import Profile, shingle
from newsdedup.idf import Background, hash_word
from newsdedup.text import days_between, stem, words
from newsdedup.thresholds import RELATED_LEAD, RELATED_NAME_RARITY

NO_DAY = -1
_MARKS = "\"'“”‘’«»„()[].,;:!?…*"


@dataclass(frozen=True)
class Told:
    """The reports to be linked, one a row, in content order; each has sentences.

    Stems are uint32, the low half of their hash, unique and ascending in a row: `title` those of the title (none where
    it was inferred), `first` those of the first sentence, `stems` those of all sentences, which may be taken from where
    they lie only when asked for, `lead` those of the title and the first RELATED_LEAD sentences, with how many of these
    parts hold each in `lead_counts` (uint8, as `lead` is laid out). `lead_names` are the names of the lead's sentences
    that are rare in news (uint64, ascending; `names_of`), `days` int32 (`day_of`).
    """

    title: Ragged
    first: Ragged
    stems: Ragged | Chosen
    lead: Ragged
    lead_counts: Ragged
    lead_names: Ragged
    days: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.days)


def day_of(published: str | None) -> int:
    """Return the number of a day, so that two differ by the days between them; NO_DAY where it is not known."""
    days = days_between(published, "0001-01-01")
    return NO_DAY if days is None else days


def told_of(profiles: Sequence[Profile], background: Background) -> Told:
    """Return the columns of profiled reports, which must have sentences and stand in content order."""
    leads = [_counted([each.title_stems, *each.sentences.stems[:RELATED_LEAD]]) for each in profiles]
    return Told(
        title=ragged([_low(each.title_stems) for each in profiles], np.uint32),
        first=ragged([_low(each.sentences.stems[0]) for each in profiles], np.uint32),
        stems=ragged([_low(np.concatenate(each.sentences.stems)) for each in profiles], np.uint32),
        lead=ragged([stems for stems, _ in leads], np.uint32),
        lead_counts=ragged([counts for _, counts in leads], np.uint8),
        lead_names=ragged([names_of(each.sentences.texts[:RELATED_LEAD], background) for each in profiles], np.uint64),
        days=np.array([day_of(each.report.article.published) for each in profiles], dtype=np.int32),
    )


def _low(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    return distinct(hashes.astype(np.uint32))


def _counted(parts: Sequence[NDArray[np.uint64]]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    stems, counts = np.unique(np.concatenate([_low(part) for part in parts]), return_counts=True)
    return stems, counts.astype(np.uint8)


def names_of(lead: Iterable[str], background: Background) -> NDArray[np.uint64]:
    """Return the names of two and of three words in sentences, those that are rare in news, as unique hashes, sorted.

    Titles are left out: many set every word with a capital.
    """
    runs = [[hash_word(stem((words(word) or [word])[-1])) for word in run] for text in lead for run in _capitals(text)]
    found = [np.empty(0, dtype=np.uint64)]
    for stems in (np.array(run, dtype=np.uint64) for run in runs):
        rarity = background.weights(stems)
        for n in range(2, min(len(stems), 3) + 1):
            total = sum(rarity[i : len(stems) - n + i + 1] for i in range(n))
            found.append(shingle(stems, n)[total >= RELATED_NAME_RARITY])
    return distinct(np.concatenate(found))


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
