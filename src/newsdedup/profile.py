"""A report made ready for comparing: hashed stems per sentence with their rarity, numbers, names, shingles.

Built once per report by stage 3 and read by the stages that compare; below them, so that they need not know each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from newsdedup.background import Background, hash_word
from newsdedup.config import QUOTED_MOST
from newsdedup.models import Report
from newsdedup.text import names, numbers, stem, words

# Hashes of a run of n words are combined with odd multipliers in uint64 arithmetic; scheme 1.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True)
class Sentences:
    """Sentences made ready: for each, its text, words, unique stem hashes (uint64, sorted) and their rarities."""

    texts: tuple[str, ...]
    normal: tuple[str, ...]
    stems: tuple[NDArray[np.uint64], ...]
    rarity: tuple[NDArray[np.float64], ...]
    mass: NDArray[np.float64]
    numbers: tuple[frozenset[str], ...]
    names: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        return len(self.texts)


def held(values: NDArray[np.uint64], table: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which of `values` stand in the sorted `table`; several times as fast as numpy's isin, which sorts anew."""
    if not len(table):
        return np.zeros(len(values), dtype=bool)
    found: NDArray[np.bool_] = table[np.minimum(np.searchsorted(table, values), len(table) - 1)] == values
    return found


@dataclass(frozen=True)
class Bag:
    """The different stems of a report (uint64, sorted), their weights (float64) and the length of that vector."""

    stems: NDArray[np.uint64]
    weights: NDArray[np.float64]
    norm: float


@dataclass(frozen=True)
class Profile:
    """A report with what comparing it needs. `shingles` are the unique hashes of its word 3-grams (uint64, sorted).

    What only a scored pair needs is made when it is first asked for.
    """

    report: Report
    sentences: Sentences
    word_hashes: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    title_stems: NDArray[np.uint64]
    title_rarity: NDArray[np.float64]
    name_stems: NDArray[np.uint64]
    name_rarity: NDArray[np.float64]

    def in_runs(self, other: Profile, n: int) -> NDArray[np.bool_]:
        """Tell of each word whether it stands in a run of at least `n` words, 3 or 4, that `other` has too."""
        own, table = (self._runs3, other.shingles) if n == 3 else (self._runs4, other._runs4_sorted)
        inside, hit = np.zeros(len(self.word_hashes), dtype=bool), held(own, table)
        for shift in range(n):
            inside[shift : shift + len(hit)] |= hit
        return inside

    @cached_property
    def _runs3(self) -> NDArray[np.uint64]:
        return shingle(self.word_hashes, 3)

    @cached_property
    def _runs4(self) -> NDArray[np.uint64]:
        return shingle(self.word_hashes, 4)

    @cached_property
    def _runs4_sorted(self) -> NDArray[np.uint64]:
        return np.unique(self._runs4)

    @cached_property
    def quoted(self) -> NDArray[np.bool_]:
        """Tell of each word whether it stands in quotation marks; of none where the marks do not part the text."""
        counts = iter([len(each.split()) for each in self.sentences.normal])
        flags: list[bool] = []
        for paragraph in self.report.paragraphs:
            closing = ""  # a quote that goes on over paragraphs is opened anew in each
            for text in paragraph:
                found, closing = _in_quotes(text, closing)
                count = next(counts)
                flags += found if len(found) == count else [False] * count
        out = np.array(flags, dtype=bool)
        return out if out.sum() <= QUOTED_MOST * len(out) else np.zeros(len(out), dtype=bool)

    @cached_property
    def bag(self) -> Bag:
        """Return the stems, each weighted by (1 + log of the sentences that hold it) x its rarity squared."""
        stems, first, counts = np.unique(np.concatenate(self.sentences.stems), return_index=True, return_counts=True)
        weights = (1 + np.log(counts)) * np.concatenate(self.sentences.rarity)[first] ** 2
        return Bag(stems, weights, float(np.sqrt((weights * weights).sum())))

    def speaks_of_title(self, sentences: Iterable[int]) -> float:
        """Return which share of the title's rarity mass the given sentences hold, 0 to 1; 1 without a title."""
        total = float(self.title_rarity.sum())
        stems = [self.sentences.stems[i] for i in sentences]
        if not total or not stems:
            return 0.0 if total else 1.0
        return float(self.title_rarity[held(self.title_stems, np.sort(np.concatenate(stems)))].sum()) / total


_QUOTE_MARK = re.compile(r'([“”„«»「」『』"])')
# What closes a quote that a mark opens: “English”, „German“ and „Polish”, «French» and »Danish«, ”Swedish”.
_CLOSED_BY = {"“": "”", "„": "“”", "«": "»", "»": "«", "”": "”", '"': '"', "「": "」", "『": "』"}


def _in_quotes(text: str, closing: str) -> tuple[list[bool], str]:
    """Tell of each word of a sentence whether it is quoted.

    `closing` are the marks that would end the quote it begins in, empty outside quotes; returned is what would end the
    one it ends in. A mark that opens nothing and closes nothing is passed over.
    """
    flags: list[bool] = []
    for piece in _QUOTE_MARK.split(text):
        if _QUOTE_MARK.fullmatch(piece) is None:
            flags += [bool(closing)] * len(words(piece))
        elif closing and piece in closing:
            closing = ""
        elif not closing:
            closing = _CLOSED_BY.get(piece, "")
    return flags, closing


class WordHasher:
    """Hashes words and their stems, remembering those it has met; one per run, never shared between processes."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._stems: dict[str, int] = {}

    def words(self, found: Sequence[str]) -> NDArray[np.uint64]:
        """Return the hash of each word, uint64, in order."""
        memory = self._words
        return np.array(
            [memory.get(word) or memory.setdefault(word, hash_word(word)) for word in found], dtype=np.uint64
        )

    def stems(self, found: Sequence[str]) -> NDArray[np.uint64]:
        """Return the unique hashes of the words' stems, uint64, sorted."""
        memory = self._stems
        hashes = {memory.get(word) or memory.setdefault(word, hash_word(stem(word))) for word in found}
        return np.array(sorted(hashes), dtype=np.uint64)


def shingle(word_hashes: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """Return the hash of each run of `n` words, uint64, in order; empty where there are fewer than `n` words."""
    count = len(word_hashes) - n + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    out = np.zeros(count, dtype=np.uint64)
    for i in range(n):
        out = out * _MULTIPLIER + word_hashes[i : i + count]
    out ^= out >> np.uint64(29)
    out *= _MIX
    out ^= out >> np.uint64(32)
    return out


def prepare_sentences(texts: Sequence[str], background: Background, hasher: WordHasher) -> Sentences:
    """Make sentences ready for aligning."""
    split = [words(each) for each in texts]
    stems = tuple(hasher.stems(each) for each in split)
    if stems:
        flat = background.weights(np.concatenate(stems))
        rarity = tuple(np.split(flat, np.cumsum([len(each) for each in stems])[:-1]))
    else:
        rarity = ()
    return Sentences(
        texts=tuple(texts),
        normal=tuple(" ".join(each) for each in split),
        stems=stems,
        rarity=rarity,
        mass=np.array([each.sum() for each in rarity], dtype=np.float64),
        numbers=tuple(frozenset(numbers(each)) for each in texts),
        names=tuple(frozenset(names(each)) for each in texts),
    )


def profile(report: Report, background: Background, hasher: WordHasher) -> Profile:
    """Return the profile of `report`."""
    ready = prepare_sentences(report.sentences, background, hasher)
    found = [word for sentence in ready.normal for word in sentence.split()]
    hashes = hasher.words(found)
    title = hasher.stems(words(report.title or "")) if not report.title_inferred else np.empty(0, dtype=np.uint64)
    named = frozenset().union(*ready.names)
    name_stems = np.array(sorted(hash_word(each) for each in named), dtype=np.uint64)
    return Profile(
        report=report,
        sentences=ready,
        word_hashes=hashes,
        shingles=np.unique(shingle(hashes, 3)),
        title_stems=title,
        title_rarity=background.weights(title),
        name_stems=name_stems,
        name_rarity=background.weights(name_stems),
    )
