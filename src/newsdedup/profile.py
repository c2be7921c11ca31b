"""A report made ready for comparing: hashed stems per sentence with their rarity, numbers, names, shingles.

Built once per report by stage 3 and read by the stages that compare; below them, so that they need not know each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.background import Background, hash_word
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


@dataclass(frozen=True)
class Profile:
    """A report with what comparing it needs. `shingles` are the unique hashes of its word 3-grams (uint64, sorted)."""

    report: Report
    sentences: Sentences
    word_hashes: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    title_stems: NDArray[np.uint64]
    title_rarity: NDArray[np.float64]

    def speaks_of_title(self, sentences: Iterable[int]) -> float:
        """Return which share of the title's rarity mass the given sentences hold, 0 to 1; 1 without a title."""
        total = float(self.title_rarity.sum())
        stems = [self.sentences.stems[i] for i in sentences]
        if not total or not stems:
            return 0.0 if total else 1.0
        return float(self.title_rarity[np.isin(self.title_stems, np.concatenate(stems))].sum()) / total


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
    return Profile(
        report=report,
        sentences=ready,
        word_hashes=hashes,
        shingles=np.unique(shingle(hashes, 3)),
        title_stems=title,
        title_rarity=background.weights(title),
    )
