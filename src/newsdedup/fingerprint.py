"""Stage 3 of 8: fingerprint. Reports -> profiles: word and shingle hashes, stems with their rarity.

What is hashed and how stands in `profile`, which the later stages read; this stage only runs it over a batch and tells
which reports are the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsdedup.background import Background
from newsdedup.config import SAME_TEXT_TITLE, SAME_TEXT_WORDS
from newsdedup.models import Report
from newsdedup.profile import Profile, WordHasher, profile
from newsdedup.text import normalised


def fingerprint(reports: Iterable[Report], background: Background) -> list[Profile]:
    """Return the profile of every report, in order; one hasher serves the batch."""
    hasher = WordHasher()
    return [profile(report, background, hasher) for report in reports]


def same_text(profiles: Sequence[Profile]) -> list[list[int]]:
    """Return the indices of the reports grouped by text, each in one group, in order of first index.

    Reports of one text are one thing to match; those without a sentence stand alone.
    """
    groups: dict[object, list[int]] = {}
    for i, each in enumerate(profiles):
        key: object = i
        if len(each.sentences):
            told = each.speaks_of_title(range(len(each.sentences))) >= SAME_TEXT_TITLE
            sure = told and len(each.word_hashes) >= SAME_TEXT_WORDS
            key = (each.word_hashes.tobytes(), "" if sure else normalised([each.report.title or ""]))
        groups.setdefault(key, []).append(i)
    return list(groups.values())
