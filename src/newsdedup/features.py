"""A report made ready for comparing: hashed stems per sentence with their rarity, numbers, names, shingles.

Built once per report by stage 3 and read by the stages that compare; below them, so that they need not know each other.
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

from newsdedup.arrays import distinct
from newsdedup.idf import Background, hash_word
from newsdedup.models import Report
from newsdedup.text import names, numbers, stem, words
from newsdedup.thresholds import LONG_SENTENCE, QUOTED_MOST

# Hashes of a run of n words are combined with odd multipliers in uint64 arithmetic; scheme 1.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)

# Sentences that a process remembers, some 2 kB each, and how many characters one of them has at most.
SENTENCES_KEPT = 8192
LONGEST_KEPT = 1000

Bools = NDArray[np.bool_]
Unsigned = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Facts:
    """The numbers and the stems of the names of a sentence, looked for when they are first asked for."""

    text: str

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Return the numbers, as `text.numbers` writes them."""
        return frozenset(numbers(self.text))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names, as `text.names` writes them."""
        return frozenset(names(self.text))


_name_hash = lru_cache(maxsize=1 << 14)(hash_word)


@lru_cache(maxsize=1 << 12)
def facts_of(text: str) -> Facts:
    """Return the facts of a sentence. Reprints share most sentences, so the last ones are remembered."""
    return Facts(text)


@dataclass(frozen=True)
class Sentences:
    """Sentences made ready: for each, its text, words, unique stem hashes (uint64, sorted), their rarities, its facts.

    What only aligning needs is made when it is first asked for.
    """

    texts: tuple[str, ...]
    normal: tuple[str, ...]
    stems: tuple[NDArray[np.uint64], ...]
    rarity: tuple[NDArray[np.float64], ...]
    mass: NDArray[np.float64]
    facts: tuple[Facts, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def table(self) -> Table:
        """Return the different stems, and which sentence holds which."""
        flat = np.concatenate([np.empty(0, dtype=np.uint64), *self.stems])
        stems, first, column, counts = np.unique(flat, return_index=True, return_inverse=True, return_counts=True)
        rarity = np.concatenate([np.empty(0), *self.rarity])[first]
        row = np.repeat(np.arange(len(self)), [len(each) for each in self.stems])
        return Table(stems, rarity, counts, row, column)

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Return how many words each has; 1 for one without words."""
        return np.array([each.count(" ") + 1 for each in self.normal], dtype=np.float64)

    @cached_property
    def words(self) -> float:
        """Return the sum of the lengths."""
        return float(self.lengths.sum())

    @cached_property
    def whole_mass(self) -> float:
        """Return the sum of the masses."""
        return float(self.mass.sum())

    @cached_property
    def begun(self) -> tuple[str, ...]:
        """Return the words of each, of a very long one the beginning."""
        return tuple(each[:LONG_SENTENCE] for each in self.normal)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names in all of them."""
        return frozenset().union(*(each.names for each in self.facts))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Return the numbers in all of them."""
        return frozenset().union(*(each.numbers for each in self.facts))


@dataclass(frozen=True)
class Table:
    """The different stems of sentences (uint64, sorted), their rarities, how many sentences hold each.

    Entry k tells that sentence `row[k]` holds stem `column[k]`.
    """

    stems: NDArray[np.uint64]
    rarity: NDArray[np.float64]
    counts: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]


def held(values: Unsigned, table: Unsigned) -> NDArray[np.bool_]:
    """Tell which of `values` stand in the sorted `table`, of one type: far faster than numpy's isin, which sorts."""
    if not len(table):
        return np.zeros(len(values), dtype=bool)
    found: NDArray[np.bool_] = table[np.minimum(table.searchsorted(values), len(table) - 1)] == values
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
    background: Background

    @cached_property
    def name_stems(self) -> NDArray[np.uint64]:
        """Return the hashes of the stems of all names (uint64, sorted)."""
        return np.array(sorted(map(_name_hash, self.sentences.names)), dtype=np.uint64)

    @cached_property
    def name_rarity(self) -> NDArray[np.float64]:
        """Return the rarity of each of the names."""
        return self.background.weights(self.name_stems)

    @cached_property
    def runs3(self) -> NDArray[np.int64]:
        """Return which of the shingles the run of three words is that begins at each word."""
        return np.searchsorted(self.shingles, shingle(self.word_hashes, 3))

    @cached_property
    def runs4(self) -> NDArray[np.uint64]:
        """Return the hash of the run of four words that begins at each word."""
        return shingle(self.word_hashes, 4)

    @cached_property
    def quoted(self) -> NDArray[np.bool_]:
        """Tell of each word whether it stands in quotation marks; of none where the marks do not part the text."""
        if not any(map(_QUOTE_MARK.search, self.sentences.texts)):
            return np.zeros(len(self.word_hashes), dtype=bool)
        counts = iter([each.count(" ") + 1 if each else 0 for each in self.sentences.normal])
        flags: list[bool] = []
        for paragraph in self.report.paragraphs:
            closing = ""  # a quote that goes on over paragraphs is opened anew in each
            for text in paragraph:
                count = next(counts)
                if _QUOTE_MARK.search(text) is None:
                    flags += [bool(closing)] * count
                    continue
                found, closing = _in_quotes(text, closing)
                flags += found if len(found) == count else [False] * count
        out = np.array(flags, dtype=bool)
        return out if out.sum() <= QUOTED_MOST * len(out) else np.zeros(len(out), dtype=bool)

    @cached_property
    def bag(self) -> Bag:
        """Return the stems, each weighted by (1 + log of the sentences that hold it) x its rarity squared."""
        table = self.sentences.table
        weights = (1 + np.log(table.counts)) * table.rarity**2
        return Bag(table.stems, weights, float(np.sqrt((weights * weights).sum())))

    def speaks_of_title(self, sentences: Iterable[int]) -> float:
        """Return which share of the title's rarity mass the given sentences hold, 0 to 1; 1 without a title."""
        total = float(self.title_rarity.sum())
        stems = [self.sentences.stems[i] for i in sentences]
        if not total or not stems:
            return 0.0 if total else 1.0
        return float(self.title_rarity[held(self.title_stems, np.sort(np.concatenate(stems)))].sum()) / total


def shared_runs(a: Profile, b: Profile) -> tuple[int, tuple[Bools, Bools], tuple[Bools, Bools]]:
    """Return how many word 3-grams both have, and which words of either stand in runs of three and of four in both."""
    at = np.minimum(b.shingles.searchsorted(a.shingles), max(len(b.shingles) - 1, 0))
    met = b.shingles[at] == a.shingles if len(b.shingles) else np.zeros(len(a.shingles), dtype=bool)
    back = np.zeros(len(b.shingles), dtype=bool)
    back[at[met]] = True
    three = met[a.runs3], back[b.runs3]
    # Both ends of a shared run of four are shared runs of three.
    begins = [(hit[:-1] & hit[1:]).nonzero()[0] for hit in three]
    fours = [each.runs4[begin] for each, begin in zip((a, b), begins, strict=True)]
    four = [begin[held(own, np.sort(other))] for begin, own, other in zip(begins, fours, fours[::-1], strict=True)]
    in_three = [_inside(hit.nonzero()[0], 3, len(each.word_hashes)) for hit, each in zip(three, (a, b), strict=True)]
    in_four = [_inside(begin, 4, len(each.word_hashes)) for begin, each in zip(four, (a, b), strict=True)]
    return int(met.sum()), (in_three[0], in_three[1]), (in_four[0], in_four[1])


def _inside(begins: NDArray[np.int64], n: int, count: int) -> Bools:
    """Tell of each of `count` words whether it stands in a run of `n` words that begins at one of `begins`."""
    inside = np.zeros(count, dtype=bool)
    for shift in range(n):
        inside[begins + shift] = True
    return inside


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


class _Hashes(dict[str, int]):
    """Remembers the hash of each word it was asked for."""

    def __missing__(self, word: str) -> int:
        found = self[word] = hash_word(word)
        return found


class _StemHashes(dict[str, int]):
    """Remembers the hash of the stem of each word it was asked for."""

    def __missing__(self, word: str) -> int:
        found = self[word] = hash_word(stem(word))
        return found


class _Ready(NamedTuple):
    """A sentence made ready: as `Sentences` has it, and the hash of each of its words, in order."""

    normal: str
    hashes: NDArray[np.uint64]
    stems: NDArray[np.uint64]
    rarity: NDArray[np.float64]
    mass: float
    facts: Facts


class SentenceMaker:
    """Makes sentences ready, remembering the last ones, since reprints share most of theirs, and the hashes of words.

    One per run, never shared between processes.
    """

    def __init__(self, background: Background) -> None:
        self.background = background
        self._words = _Hashes()
        self._stems = _StemHashes()
        self._made: dict[str, _Ready] = {}

    def stems(self, found: Sequence[str]) -> NDArray[np.uint64]:
        """Return the unique hashes of the words' stems, uint64, sorted."""
        different = set(map(self._stems.__getitem__, found))
        out = np.fromiter(different, dtype=np.uint64, count=len(different))
        out.sort()
        return out

    def ready(self, texts: Sequence[str]) -> list[_Ready]:
        """Return each of the sentences made ready."""
        fresh = [each for each in dict.fromkeys(texts) if each not in self._made]
        made = dict(zip(fresh, self._ready(fresh), strict=True))
        out = [made.get(each) or self._made[each] for each in texts]
        self._made.update((text, each) for text, each in made.items() if len(text) <= LONGEST_KEPT)
        for old in list(islice(self._made, max(len(self._made) - SENTENCES_KEPT, 0))):
            del self._made[old]
        return out

    def _ready(self, texts: Sequence[str]) -> Iterator[_Ready]:
        split = [words(each) for each in texts]
        stems = [self.stems(each) for each in split]
        bounds = np.cumsum([0, *(len(each) for each in stems)]).tolist()
        flat = self.background.weights(np.concatenate([np.empty(0, dtype=np.uint64), *stems]))
        for text, own, low, high, found in zip(texts, stems, bounds, bounds[1:], split, strict=False):
            rarity = flat[low:high].copy()  # a view would keep those of all others
            hashes = np.fromiter(map(self._words.__getitem__, found), dtype=np.uint64, count=len(found))
            yield _Ready(" ".join(found), hashes, own, rarity, float(rarity.sum()), facts_of(text))


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


def prepare_sentences(texts: Sequence[str], maker: SentenceMaker) -> Sentences:
    """Make sentences ready for aligning."""
    return _sentences(texts, maker.ready(texts))


def _sentences(texts: Sequence[str], ready: Sequence[_Ready]) -> Sentences:
    return Sentences(
        texts=tuple(texts),
        normal=tuple([each.normal for each in ready]),
        stems=tuple([each.stems for each in ready]),
        rarity=tuple([each.rarity for each in ready]),
        mass=np.array([each.mass for each in ready], dtype=np.float64),
        facts=tuple([each.facts for each in ready]),
    )


def profile(report: Report, maker: SentenceMaker) -> Profile:
    """Return the profile of `report`."""
    ready = maker.ready(report.sentences)
    hashes = np.concatenate([np.empty(0, dtype=np.uint64), *(each.hashes for each in ready)])
    title = maker.stems(words(report.title or "")) if not report.title_inferred else np.empty(0, dtype=np.uint64)
    return Profile(
        report=report,
        sentences=_sentences(report.sentences, ready),
        word_hashes=hashes,
        shingles=distinct(shingle(hashes, 3)),
        title_stems=title,
        title_rarity=maker.background.weights(title),
        background=maker.background,
    )
