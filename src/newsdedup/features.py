"""Features of a report for comparison: stem hashes per sentence with their IDF, numbers, names, shingles.

Built once per report and read by score, merge and related. It imports none of these stages, so that they need
not import each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Floats, Hashes, Ints, sorted_unique
from newsdedup.idf import IdfTable, hash_word
from newsdedup.models import Report
from newsdedup.text import extract_capitalised_tokens, extract_numbers, split_words, stem
from newsdedup.thresholds import MAX_QUOTED_SHARE, MAX_SENTENCE_CHARS

# The word hashes of an n-gram are combined with odd multipliers in uint64 arithmetic; scheme 1.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)

# Maximum number of sentences in the cache of a `SentencePreparer`, about 2 kB each, and of characters of a cached one.
SENTENCE_CACHE_SIZE = 8192
MAX_CACHED_CHARS = 1000

_NO_HASHES = np.empty(0, dtype=np.uint64)

Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Facts:
    """The numbers and names of a sentence, computed on first use."""

    text: str

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Return the numbers, as `text.extract_numbers` returns them."""
        return frozenset(extract_numbers(self.text))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the stems of the names, as `text.extract_capitalised_tokens` returns them."""
        return frozenset(extract_capitalised_tokens(self.text))


_name_hash = lru_cache(maxsize=1 << 14)(hash_word)


@lru_cache(maxsize=1 << 12)
def extract_facts(text: str) -> Facts:
    """Return the facts of a sentence. Cached, since reprints share most of their sentences."""
    return Facts(text)


@dataclass(frozen=True)
class Sentences:
    """Sentences prepared for alignment, one entry per sentence.

    `texts`; `normalised`: the words joined by spaces; `stems`: unique stem hashes (uint64, sorted); `idf`: their IDF;
    `idf_mass` (n,): the sum of it; `facts`. The properties are computed on first use.
    """

    texts: tuple[str, ...]
    normalised: tuple[str, ...]
    stems: tuple[Hashes, ...]
    idf: tuple[Floats, ...]
    idf_mass: Floats
    facts: tuple[Facts, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def stem_table(self) -> StemTable:
        """Return the unique stems of all sentences, and which sentence contains which."""
        flat = np.concatenate([_NO_HASHES, *self.stems])
        stems, first, columns, counts = np.unique(flat, return_index=True, return_inverse=True, return_counts=True)
        idf = np.concatenate([np.empty(0), *self.idf])[first]
        rows = np.repeat(np.arange(len(self)), [len(sentence_stems) for sentence_stems in self.stems])
        return StemTable(stems, idf, counts, rows, columns)

    @cached_property
    def stem_sets(self) -> tuple[frozenset[int], ...]:
        """Return the stems of each sentence as a set."""
        return tuple(frozenset(sentence_stems.tolist()) for sentence_stems in self.stems)

    @cached_property
    def idf_by_stem(self) -> dict[int, float]:
        """Return the IDF of each stem."""
        return dict(zip(self.stem_table.stems.tolist(), self.stem_table.idf.tolist(), strict=True))

    @cached_property
    def word_counts(self) -> Floats:
        """Return the number of words of each sentence; 1 for a sentence without words."""
        return np.array([sentence.count(" ") + 1 for sentence in self.normalised], dtype=np.float64)

    @cached_property
    def word_total(self) -> float:
        """Return the sum of `word_counts`."""
        return float(self.word_counts.sum())

    @cached_property
    def total_idf_mass(self) -> float:
        """Return the sum of `idf_mass`."""
        return float(self.idf_mass.sum())

    @cached_property
    def truncated(self) -> tuple[str, ...]:
        """Return `normalised`, each sentence cut to MAX_SENTENCE_CHARS characters."""
        return tuple(sentence[:MAX_SENTENCE_CHARS] for sentence in self.normalised)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names of all sentences."""
        return frozenset().union(*(facts.names for facts in self.facts))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Return the numbers of all sentences."""
        return frozenset().union(*(facts.numbers for facts in self.facts))


@dataclass(frozen=True)
class StemTable:
    """The unique stems of sentences (uint64, sorted), their IDF, and how many sentences contain each.

    Sentence `rows[k]` contains stem `columns[k]`, for each k.
    """

    stems: Hashes
    idf: Floats
    sentence_counts: Ints
    rows: Ints
    columns: Ints


def locate_in_sorted(values: Integers, members: Integers) -> tuple[Ints, Flags]:
    """Return the index of each value in the sorted `members` (same dtype), and whether it is there.

    Much faster than `np.isin`, which sorts.
    """
    if not len(members):
        return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=bool)
    positions = np.minimum(members.searchsorted(values), len(members) - 1)
    return positions, members[positions] == values


def is_in_sorted(values: Integers, members: Integers) -> Flags:
    """Return which values are in the sorted `members` (same dtype)."""
    return locate_in_sorted(values, members)[1]


def share_of_mass(idf: Floats, is_shared: Flags, neutral: float) -> float:
    """Return the share of the sum of `idf` that is marked as shared, 0 to 1; `neutral` if the sum is 0."""
    total = float(idf.sum())
    return float(idf[is_shared].sum()) / total if total else neutral


@dataclass(frozen=True)
class ReportFeatures:
    """A report with the features that scoring and merging compare.

    `word_hashes` (uint64) are those of the body in order, `shingles` the unique hashes of its word 3-grams (uint64,
    sorted). The properties are computed on first use, since only scored pairs need them.
    """

    report: Report
    sentences: Sentences
    word_hashes: Hashes
    shingles: Hashes
    title_stems: Hashes
    title_idf: Floats
    idf_table: IdfTable

    @cached_property
    def name_stems(self) -> Hashes:
        """Return the hashes of the stems of all names (uint64, sorted)."""
        return np.array(sorted(map(_name_hash, self.sentences.names)), dtype=np.uint64)

    @cached_property
    def name_idf(self) -> Floats:
        """Return the IDF of each of `name_stems`."""
        return self.idf_table.lookup(self.name_stems)

    @cached_property
    def shingle_indices(self) -> Ints:
        """Return the index in `shingles` of the 3-gram that starts at each word."""
        return np.searchsorted(self.shingles, hash_ngrams(self.word_hashes, 3))

    @cached_property
    def four_grams(self) -> Hashes:
        """Return the hash of the 4-gram that starts at each word."""
        return hash_ngrams(self.word_hashes, 4)

    @cached_property
    def is_quoted(self) -> Flags:
        """Return for each word whether it is in quotation marks; all False if the marks do not pair up plausibly."""
        if not any(map(_QUOTE_MARK.search, self.sentences.texts)):
            return np.zeros(len(self.word_hashes), dtype=bool)
        counts = iter([sentence.count(" ") + 1 if sentence else 0 for sentence in self.sentences.normalised])
        flags: list[bool] = []
        for paragraph in self.report.paragraphs:
            closing = ""  # a quote over several paragraphs has an opening mark in each
            for text in paragraph:
                count = next(counts)
                if _QUOTE_MARK.search(text) is None:
                    flags += [bool(closing)] * count
                    continue
                sentence_flags, closing = _flag_quoted_words(text, closing)
                flags += sentence_flags if len(sentence_flags) == count else [False] * count
        is_quoted = np.array(flags, dtype=bool)
        if is_quoted.sum() > MAX_QUOTED_SHARE * len(is_quoted):
            is_quoted[:] = False
        return is_quoted

    @cached_property
    def stems(self) -> Hashes:
        """Return the unique stems (uint64, sorted)."""
        return self.sentences.stem_table.stems

    @cached_property
    def stem_weights(self) -> Floats:
        """Return the weight of each of `stems`: (1 + log of the number of its sentences) x its IDF squared."""
        stem_table = self.sentences.stem_table
        return (1 + np.log(stem_table.sentence_counts)) * stem_table.idf**2

    @cached_property
    def stem_norm(self) -> float:
        """Return the Euclidean norm of `stem_weights`."""
        return float(np.sqrt((self.stem_weights * self.stem_weights).sum()))

    def compute_title_coverage(self, sentences: Iterable[int]) -> float:
        """Return the share of the title's IDF mass that the given sentences contain, 0 to 1; 1 without a title."""
        stems = np.concatenate([_NO_HASHES, *(self.sentences.stems[i] for i in sentences)])
        return share_of_mass(self.title_idf, is_in_sorted(self.title_stems, np.sort(stems)), 1.0)


def find_shared_ngrams(a: ReportFeatures, b: ReportFeatures) -> tuple[int, tuple[Flags, Flags], tuple[Flags, Flags]]:
    """Return how many unique 3-grams both contain, and which words of a and b are in shared 3-grams, and 4-grams."""
    positions, in_both = locate_in_sorted(a.shingles, b.shingles)
    in_both_b = np.zeros(len(b.shingles), dtype=bool)
    in_both_b[positions[in_both]] = True
    is_start_a, is_start_b = in_both[a.shingle_indices], in_both_b[b.shingle_indices]
    # A shared 4-gram starts with two consecutive shared 3-grams.
    four_a, four_b = ((is_start[:-1] & is_start[1:]).nonzero()[0] for is_start in (is_start_a, is_start_b))
    grams_a, grams_b = a.four_grams[four_a], b.four_grams[four_b]
    four_a, four_b = four_a[is_in_sorted(grams_a, np.sort(grams_b))], four_b[is_in_sorted(grams_b, np.sort(grams_a))]
    in_three = _mark_ngrams(a, is_start_a.nonzero()[0], 3), _mark_ngrams(b, is_start_b.nonzero()[0], 3)
    return int(in_both.sum()), in_three, (_mark_ngrams(a, four_a, 4), _mark_ngrams(b, four_b, 4))


def _mark_ngrams(features: ReportFeatures, starts: Ints, n: int) -> Flags:
    """Return which words of a report are inside an n-gram that starts at one of `starts`."""
    inside = np.zeros(len(features.word_hashes), dtype=bool)
    for shift in range(n):
        inside[starts + shift] = True
    return inside


_QUOTE_MARK = re.compile(r'([“”„«»「」『』"])')
# Opening mark -> closing marks: “English”, „German“ and „Polish”, «French» and »Danish«, ”Swedish”.
_CLOSING_MARKS = {"“": "”", "„": "“”", "«": "»", "»": "«", "”": "”", '"': '"', "「": "」", "『": "』"}


def _flag_quoted_words(text: str, closing: str) -> tuple[list[bool], str]:
    """Return for each word of a sentence whether it is quoted, and the closing marks of a quote still open at its end.

    `closing` are the marks that close the quote in which the sentence starts, empty outside quotes. A mark that neither
    opens nor closes a quote is ignored.
    """
    flags: list[bool] = []
    for piece in _QUOTE_MARK.split(text):
        if _QUOTE_MARK.fullmatch(piece) is None:
            flags += [bool(closing)] * len(split_words(piece))
        elif closing and piece in closing:
            closing = ""
        elif not closing:
            closing = _CLOSING_MARKS.get(piece, "")
    return flags, closing


class _WordHashes(dict[str, int]):
    """A cache: word -> hash of the word."""

    def __missing__(self, word: str) -> int:
        word_hash = self[word] = hash_word(word)
        return word_hash


class _StemHashes(dict[str, int]):
    """A cache: word -> hash of its stem."""

    def __missing__(self, word: str) -> int:
        stem_hash = self[word] = hash_word(stem(word))
        return stem_hash


class PreparedSentence(NamedTuple):
    """The columns of `Sentences` for one sentence, and the hash of each of its words, in order."""

    normalised: str
    hashes: Hashes
    stems: Hashes
    idf: Floats
    idf_mass: float
    facts: Facts


class SentencePreparer:
    """Prepares sentences, with caches of sentences (reprints share most of theirs) and of word hashes.

    Use one per run; do not share it between processes.
    """

    def __init__(self, idf_table: IdfTable) -> None:
        self.idf_table = idf_table
        self._words = _WordHashes()
        self._stems = _StemHashes()
        self._cache: dict[str, PreparedSentence] = {}

    def hash_stems(self, words: Sequence[str]) -> Hashes:
        """Return the unique hashes of the words' stems (uint64, sorted)."""
        unique_hashes = set(map(self._stems.__getitem__, words))
        hashes = np.fromiter(unique_hashes, dtype=np.uint64, count=len(unique_hashes))
        hashes.sort()
        return hashes

    def prepare(self, texts: Sequence[str]) -> list[PreparedSentence]:
        """Return the prepared sentence of each text."""
        new_texts = [text for text in dict.fromkeys(texts) if text not in self._cache]
        new_sentences = dict(zip(new_texts, self._prepare_new(new_texts), strict=True))
        prepared = [new_sentences.get(text) or self._cache[text] for text in texts]
        self._cache.update((text, new) for text, new in new_sentences.items() if len(text) <= MAX_CACHED_CHARS)
        for oldest in list(islice(self._cache, max(len(self._cache) - SENTENCE_CACHE_SIZE, 0))):
            del self._cache[oldest]
        return prepared

    def _prepare_new(self, texts: Sequence[str]) -> Iterator[PreparedSentence]:
        text_words = [split_words(text) for text in texts]
        stems = [self.hash_stems(own_words) for own_words in text_words]
        bounds = np.cumsum([0, *map(len, stems)]).tolist()
        flat_idf = self.idf_table.lookup(np.concatenate([_NO_HASHES, *stems]))
        for text, text_stems, low, high, own_words in zip(texts, stems, bounds, bounds[1:], text_words, strict=False):
            idf = flat_idf[low:high].copy()  # a view would keep the array of the whole batch alive
            hashes = np.fromiter(map(self._words.__getitem__, own_words), dtype=np.uint64, count=len(own_words))
            yield PreparedSentence(" ".join(own_words), hashes, text_stems, idf, float(idf.sum()), extract_facts(text))


def hash_ngrams(word_hashes: Hashes, n: int) -> Hashes:
    """Return the hash of each word n-gram, uint64, in order; empty for fewer than `n` words."""
    count = len(word_hashes) - n + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    for i in range(n):
        hashes = hashes * _MULTIPLIER + word_hashes[i : i + count]
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX_MULTIPLIER
    hashes ^= hashes >> np.uint64(32)
    return hashes


def build_sentences(texts: Sequence[str], prepared: Sequence[PreparedSentence]) -> Sentences:
    """Return the columns of sentences from their prepared forms, ready for alignment."""
    return Sentences(
        texts=tuple(texts),
        normalised=tuple([sentence.normalised for sentence in prepared]),
        stems=tuple([sentence.stems for sentence in prepared]),
        idf=tuple([sentence.idf for sentence in prepared]),
        idf_mass=np.array([sentence.idf_mass for sentence in prepared], dtype=np.float64),
        facts=tuple([sentence.facts for sentence in prepared]),
    )


def build_features(report: Report, preparer: SentencePreparer) -> ReportFeatures:
    """Return the features of `report`."""
    prepared = preparer.prepare(report.sentences)
    hashes = np.concatenate([_NO_HASHES, *(sentence.hashes for sentence in prepared)])
    title_stems = preparer.hash_stems(split_words(report.title or "") if not report.title_inferred else ())
    return ReportFeatures(
        report=report,
        sentences=build_sentences(report.sentences, prepared),
        word_hashes=hashes,
        shingles=sorted_unique(hash_ngrams(hashes, 3)),
        title_stems=title_stems,
        title_idf=preparer.idf_table.lookup(title_stems),
        idf_table=preparer.idf_table,
    )
