"""An index of the words that phrases require, to rule out most lines without trying a regular expression.

No pattern matches a line of ordinary running text, and its words show that fastest. For each phrase of the lexicon the
index stores a key that every matching line contains: its first word or first two words, a word anywhere in it, or a
substring. If several keys are possible, the one that is the least frequent in news is stored.

The index covers lines in Latin-1. Words are runs of ASCII letters, in lower case: a letter with an accent ends a run.
On lines with other characters every pattern is tried, so phrases in other scripts need no key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from importlib import resources
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from newsdedup.clean.lexicon import Phrase
from newsdedup.clean.phrases import Clause, Expansion, find_clauses
from newsdedup.thresholds import LEXICON_MAX_ALTERNATIVES, LEXICON_SUBSTRING_RANK, LEXICON_UNLISTED_RANK

LETTERS = bytes(ord(chr(code).lower()) if chr(code).isalpha() else 32 for code in range(128)) + b" " * 128
"""Translation table of Latin-1 text: ASCII letters to lower case, everything else to spaces."""


class Follow(Enum):
    """What a pattern allows after its phrases."""

    END = "no letter up to the end of the line"
    MARK = "a character that is not a letter"
    BOUNDARY = "anything after a word boundary"
    ANYTHING = "anything"


class Demand(NamedTuple):
    """What a line must contain besides the key for a pattern to match: one substring of each check."""

    bit: int
    checks: Sequence[Sequence[str]]


def _are_met(checks: Sequence[Sequence[str]], lowered: str) -> bool:
    """Return whether a line, in lower case, contains a substring of each check."""
    for pieces in checks:  # loops, because this is called for many lines
        for piece in pieces:
            if piece in lowered:
                break
        else:
            return False
    return True


class LineHints:
    """The index. Each bit stands for a pattern that may match.

    `first_words`: by the first word of a line and its second word, which is empty if it has none and None for any.
    `first_marks`: by a mark at the start of a line, maybe after other marks. `words` and `substrings`: by a word or
    substring anywhere. `always`: the patterns of phrases without letters, which have no key.
    """

    def __init__(self) -> None:
        self.first_words: dict[str, dict[str | None, int]] = {}
        self.first_marks: dict[str, int] = {}
        self.words: dict[str, list[Demand]] = {}
        self.substrings: dict[str, list[Demand]] = {}
        self.always = 0

    def add(self, bit: int, phrase: Phrase, *, at_start: bool, follow: Follow, starts_word: bool = True) -> None:
        """Add a phrase of the pattern `bit`.

        `at_start` says that the phrase is at the start of a line, with no letter before it, and `starts_word` that no
        letter can be right before it.
        """
        ends_word = follow is not Follow.ANYTHING
        clauses = list(find_clauses(phrase.nodes, starts_word=starts_word, ends_word=ends_word))
        if at_start and clauses and clauses[0].is_first and self._add_opening(bit, clauses[0], follow):
            return
        latin = [[expansion for expansion in clause.expansions if expansion.is_latin] for clause in clauses]
        if not all(latin):
            return  # in another script
        keys = [keys for expansions in latin for keys in (_word_keys(expansions), _substring_keys(expansions)) if keys]
        if not keys:
            self.always |= bit
            return
        best = min(keys, key=lambda candidate: candidate.cost)
        demand = Demand(bit, [pieces for expansions in latin if (pieces := _check_pieces(expansions, best))])
        for key in best.keys:
            (self.substrings if best.is_substring else self.words).setdefault(key, []).append(demand)

    def _add_opening(self, bit: int, clause: Clause, follow: Follow) -> bool:
        """Add the words or marks that a phrase may begin with; return False if it may begin with neither."""
        words: set[tuple[str, str | None]] = set()
        marks = set()
        without_second = "" if clause.is_last and follow is Follow.END else None
        for expansion in clause.expansions:
            if not expansion.is_latin:
                continue
            if expansion.words:
                words.add((expansion.words[0], expansion.words[1] if expansion.words[1:] else without_second))
            elif expansion.text and expansion.text[0] == expansion.piece[:1] and not expansion.text[0].isalnum():
                marks.add(expansion.text[0])
            else:
                return False
        for first, second in words:
            by_second = self.first_words.setdefault(first, {})
            by_second[second] = by_second.get(second, 0) | bit
        for mark in marks:
            self.first_marks[mark] = self.first_marks.get(mark, 0) | bit
        return True

    def finish(self) -> None:
        """Make first words that need no second word valid for any second word, and drop redundant substrings."""
        for by_second in self.first_words.values():
            for_any = by_second.setdefault(None, 0)
            for second in by_second:
                by_second[second] |= for_any
        for substring in sorted(self.substrings, key=len, reverse=True):
            shorter = next((key for key in self.substrings if key in substring and key != substring), None)
            if shorter is not None:
                demands = self.substrings.pop(substring)
                self.substrings[shorter] += [Demand(bit, [[substring], *checks]) for bit, checks in demands]

    def find(self, plain: str, words: Sequence[str]) -> int:
        """Return the bits of the patterns that may match a line.

        `plain` is the line with `replace_typographic_marks`, in Latin-1, and `words` are its words, at least one.
        """
        bits = self.always
        if by_second := self.first_words.get(words[0]):
            bits |= by_second.get(words[1] if len(words) > 1 else "", by_second[None])
        if not plain[0].isalnum():
            for mark in self.first_marks.keys() & set(plain):
                bits |= self.first_marks[mark]
        lowered = plain.lower()
        demands = [self.words[word] for word in self.words.keys() & words]
        demands += [demands for substring, demands in self.substrings.items() if substring in lowered]
        for bit, checks in chain.from_iterable(demands):
            if _are_met(checks, lowered):
                bits |= bit
        return bits


class _Keys(NamedTuple):
    """Words or substrings, one of which is in every match, and their total frequency (`cost`)."""

    keys: Sequence[str]
    is_substring: bool
    cost: float


def _word_keys(expansions: Sequence[Expansion]) -> _Keys | None:
    """Return words, one of which is in every expansion: a shared one, those at one index, or the rarest of each."""
    fewest = min(len(expansion.words) for expansion in expansions)
    if not fewest:
        return None
    shared = set.intersection(*(set(expansion.words) for expansion in expansions))
    candidates = [
        {min(expansion.words, key=_frequency) for expansion in expansions},
        *({word} for word in shared),
        *({expansion.words[index] for expansion in expansions} for index in range(-fewest, fewest)),
    ]
    cost, words = min(((sum(map(_frequency, words)), words) for words in candidates), key=itemgetter(0))
    return _Keys(sorted(words), is_substring=False, cost=cost)


def _substring_keys(expansions: Sequence[Expansion]) -> _Keys | None:
    keys = {expansion.piece for expansion in expansions}
    if not all(any(char.isalpha() for char in key) for key in keys):
        return None
    return _Keys(sorted(keys), is_substring=True, cost=len(keys) / LEXICON_SUBSTRING_RANK)


def _check_pieces(expansions: Sequence[Expansion], keys: _Keys) -> Sequence[str]:
    """Return substrings, one of which is in every match; none if the keys imply them, or if there are too many."""
    pieces = {expansion.piece for expansion in expansions}
    if "" in pieces or len(pieces) > LEXICON_MAX_ALTERNATIVES or pieces <= set(keys.keys):
        return ()
    return sorted(pieces)


def _frequency(word: str) -> float:
    """Return the relative frequency of a word in news: by Zipf's law, the inverse of its rank."""
    return 1 / _common_ranks().get(word, LEXICON_UNLISTED_RANK)


@cache
def _common_ranks() -> Mapping[str, int]:
    """Return the rank of each common word of news: 1 for the most frequent, the last in the package's list of words."""
    words = resources.files("newsdedup").joinpath("data/common.txt").read_text(encoding="utf-8").lower().split()
    return {word: len(words) - i for i, word in enumerate(words)}
