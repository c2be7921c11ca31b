"""Novelty check: does a sentence say anything that a known sentence does not? The merge asks this for each sentence.

The check is asymmetric: `known` is in the canonical article already, `sentence` may be added to it. Adding a sentence
without news is a blemish, dropping one with news loses information. So one new fact (a number, a name, a clause) is
enough to add a sentence, however much else it shares. A fact that *replaces* a known one is a clash and is reported
in `conflicts`.

Measured on hand-labelled sentence pairs in tests/data; `tests/test_sentence_match.py` holds the floors.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein
from rapidfuzz.fuzz import ratio

from newsdedup.features import extract_facts
from newsdedup.text import extract_calendar_words, extract_numbers, split_words, stem
from newsdedup.thresholds import (
    CLASH_MIN_COVERAGE,
    CLASH_MIN_REVERSE_COVERAGE,
    MAX_SENTENCE_CHARS,
    MIN_EXTRA_MASS,
    NEAR_FULL_COVERAGE,
    REPLACEMENT_MAX_WORDS,
    REPLACEMENT_MIN_SIMILARITY,
    SAME_MIN_COVERAGE,
    SAME_NAME_RATIO,
)

ClashKind = Literal["number", "date", "name"]


_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|none|neither|nor|without|cannot)\b|n[’']t\b|"
    r"\b(?:nicht|kein\w*|nie|non|ne|pas|jamais|nunca|не|нет|ни)\b|[不没未無]|ない",
    re.IGNORECASE,
)
_NAME_RUN = re.compile(r"(?:[A-Z][\w’'-]*\s+(?:(?:and|of|for|the|de|la)\s+)?)+[A-Z][\w’'-]*")
_MONTHS = frozenset("january february march april may june july august september october november december".split())
_MONTHS_SHORT = frozenset({"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"})
# Common names of one country, as stems.
_COUNTRY_ALIASES = (
    frozenset({"us", "usa", "america", "state", "united"}),
    frozenset({"uk", "britain", "british", "united", "kingdom"}),
)
_FUNCTION_WORDS = frozenset(
    (
        "the and for with from that this was were are has have had been will would who which its his her their "
        "said about more than after before over into per some other"
    ).split()
)
_OPPOSITES = tuple(
    (frozenset(words.split()), frozenset(opposites.split()))
    for words, opposites in (
        (
            "rose rise rises rising up higher gain gained increase increased grew climb climbed jumped raised raise",
            "fell fall falls falling down lower lost loss decrease decreased shrank drop dropped slid declined cut",
        ),
        ("won win beat", "lost lose"),
        (
            "approved accept accepted backed passed adopted upheld",
            "rejected refused turned blocked opposed overturned struck dismissed",
        ),
        ("confirmed admitted", "denied"),
        ("opened reopened open reopen resumed", "closed shut close suspended halted"),
        ("began started start", "ended finished end stopped"),
        ("arrested detained jailed", "released freed acquitted"),
        ("guilty", "innocent acquitted"),
        ("before", "after"),
        ("more", "fewer less"),
        ("continue", "stop end"),
    )
)
_OPPOSITE_WORDS = frozenset().union(*(words for pair in _OPPOSITES for words in pair))


@dataclass(frozen=True, slots=True)
class SentenceMatch:
    """Outcome of the novelty check: `same` (nothing new), `clash` (one fact differs: see `clash_kind`), or `new`."""

    outcome: Literal["same", "clash", "new"]
    clash_kind: ClashKind | None = None


def match_sentence(
    known: str,
    sentence: str,
    *,
    coverage: float,
    reverse_coverage: float,
    extra_mass: float,
    known_names: frozenset[str] = frozenset(),
) -> SentenceMatch:
    """Compare `sentence` with `known`: the sentence, or two neighbours, that cover it best.

    `coverage` is the share of the sentence's IDF mass that `known` contains, `reverse_coverage` the share of `known`
    that the sentence contains, each 0 to 1. `extra_mass` is the IDF mass of the sentence that `known` lacks.
    `known_names` are the stems of names in the rest of the article: `China` is not new where `known` has `the country`.
    """
    parsed_known, parsed = _parse_sentence(known), _parse_sentence(sentence)
    if parsed_known.words == parsed.words:
        return SentenceMatch("same")
    parsed_known = _parse_sentence(known[: 2 * MAX_SENTENCE_CHARS])
    parsed = _parse_sentence(sentence[:MAX_SENTENCE_CHARS])
    clash_kind: ClashKind | None = None
    if coverage >= CLASH_MIN_COVERAGE and reverse_coverage >= CLASH_MIN_REVERSE_COVERAGE:
        clash_kind = _find_clash(parsed_known, parsed)
    if clash_kind is not None:
        return SentenceMatch("clash", clash_kind)
    if (
        coverage < SAME_MIN_COVERAGE
        or _differs_in_negation(parsed_known, parsed, reverse_coverage)
        or _has_opposite(parsed_known, parsed)
    ):
        return SentenceMatch("new")
    new_facts = (parsed.numbers | parsed.names) - known_names - parsed_known.numbers - parsed_known.names
    if new_facts:
        new_facts -= parsed_known.initials | parsed_known.stems | _find_spelt_out_names(parsed, parsed_known)
    if new_facts:
        return SentenceMatch("new")
    if (
        reverse_coverage >= NEAR_FULL_COVERAGE
        and extra_mass >= MIN_EXTRA_MASS
        and len(parsed.words) >= len(parsed_known.words) + 2
    ):
        return SentenceMatch("new")
    return SentenceMatch("same")


@dataclass(frozen=True)
class _ParsedSentence:
    """Features of a sentence for the novelty check, computed on first use: a sentence is compared with many."""

    text: str

    @cached_property
    def words(self) -> list[str]:
        return split_words(self.text)

    @cached_property
    def word_set(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(map(stem, self.word_set))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return extract_facts(self.text).numbers

    @cached_property
    def names(self) -> frozenset[str]:
        return extract_facts(self.text).names

    @cached_property
    def calendar(self) -> frozenset[str]:
        return extract_calendar_words(self.text)

    @cached_property
    def is_negated(self) -> bool:
        return bool(_NEGATION.search(self.text))

    @cached_property
    def name_runs(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        """The runs of capitalised words: for each, the initials of the run and of its parts, and its stems."""
        return [
            (_extract_initials(run), frozenset(map(stem, split_words(run)))) for run in _NAME_RUN.findall(self.text)
        ]

    @cached_property
    def initials(self) -> frozenset[str]:
        """Initials that may abbreviate a name of the sentence."""
        return frozenset().union(*(initials for initials, _ in self.name_runs))

    @cached_property
    def number_positions(self) -> dict[str, list[int]]:
        """The word indices of each number."""
        positions: dict[str, list[int]] = {}
        for i, word in enumerate(self.words):
            if number := _parse_number(word):
                positions.setdefault(number, []).append(i)
        return positions


@lru_cache(maxsize=1 << 11)
def _parse_sentence(text: str) -> _ParsedSentence:
    return _ParsedSentence(text)


@lru_cache(maxsize=1 << 14)
def _parse_number(word: str) -> str | None:
    """Return the number that a word denotes, or None if it denotes none or several."""
    values = extract_numbers(word)
    return values[0] if len(values) == 1 else None


def _extract_initials(run: str) -> frozenset[str]:
    """Return the initials of a run of capitalised words and of all its parts of two or more words."""
    letters = "".join(word[0] for word in run.split() if word[0].isupper()).casefold()
    return frozenset(letters[start:end] for start in range(len(letters)) for end in range(start + 2, len(letters) + 1))


def _find_spelt_out_names(a: _ParsedSentence, b: _ParsedSentence) -> frozenset[str]:
    """Return the stems of the names in `a` whose initials are words of `b` (United States: us)."""
    return frozenset().union(*(stems for initials, stems in a.name_runs if not initials.isdisjoint(b.word_set)))


def _find_clash(a: _ParsedSentence, b: _ParsedSentence) -> ClashKind | None:
    """Return the kind of fact in which two versions of one statement differ, None if in none."""
    only_a, only_b = a.numbers - b.numbers, b.numbers - a.numbers
    if only_a and only_b and any(_find_nearby_stems(a, x) & _find_nearby_stems(b, y) for x in only_a for y in only_b):
        months = a.calendar & b.calendar & _MONTHS
        return "date" if months and all(_is_beside_month(a, x, months) for x in only_a) else "number"
    only_a, only_b = a.calendar - b.calendar, b.calendar - a.calendar
    if len(only_a) == len(only_b) == 1 and (only_a <= _MONTHS) == (only_b <= _MONTHS):
        return "date"
    if Indel.normalized_similarity(a.words, b.words) >= REPLACEMENT_MIN_SIMILARITY:
        only_a, only_b = _find_differing_names(a, b)
        if only_a and only_b and _is_name_replaced(a.words, b.words, only_a, only_b):
            return "name"
    return None


def _find_differing_names(a: _ParsedSentence, b: _ParsedSentence) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that only `a` has and those that only `b` has, except variants of one name.

    Variants are a name in lower case, as initials, without accents, as an adjective, or another common name of the same
    country. Months and weekdays are dates, not names.
    """
    only_a = a.names - b.names - b.stems - _MONTHS_SHORT
    only_b = b.names - a.names - a.stems - _MONTHS_SHORT
    if not only_a or not only_b:
        return only_a, only_b
    dates = frozenset(map(stem, a.calendar | b.calendar))
    only_a -= b.initials | _find_spelt_out_names(a, b) | dates
    only_b -= a.initials | _find_spelt_out_names(b, a) | dates
    return (
        frozenset(x for x in only_a if not any(_is_same_name(x, y) for y in only_b)),
        frozenset(y for y in only_b if not any(_is_same_name(x, y) for x in only_a)),
    )


def _is_same_name(x: str, y: str) -> bool:
    """Return whether two name stems are variants of one name."""
    bare_x, bare_y = _strip_accents(x), _strip_accents(y)
    same_root = len(min(x, y, key=len)) >= 3 and (bare_x.startswith(bare_y) or bare_y.startswith(bare_x))
    return (
        same_root
        or ratio(bare_x, bare_y) >= SAME_NAME_RATIO
        or any(x in pair and y in pair for pair in _COUNTRY_ALIASES)
    )


def _strip_accents(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _is_name_replaced(words_a: list[str], words_b: list[str], names_a: frozenset[str], names_b: frozenset[str]) -> bool:
    """Return whether one of `names_a` is replaced by one of `names_b`, within a replacement of a few words."""
    for step in Levenshtein.opcodes(words_a, words_b):
        removed, inserted = words_a[step.src_start : step.src_end], words_b[step.dest_start : step.dest_end]
        is_short = max(len(removed), len(inserted)) <= REPLACEMENT_MAX_WORDS
        if (
            step.tag == "replace"
            and is_short
            and names_a & {stem(word) for word in removed}
            and names_b & {stem(word) for word in inserted}
        ):
            return True
    return False


def _find_nearby_stems(sentence: _ParsedSentence, number: str) -> frozenset[str]:
    """Return the stems of the longer words up to three words from `number`: what it counts."""
    nearby = [word for i in sentence.number_positions.get(number, ()) for word in sentence.words[max(0, i - 3) : i + 4]]
    return frozenset(
        stem(word) for word in nearby if len(word) > 2 and not word[0].isdigit() and word not in _FUNCTION_WORDS
    )


def _is_beside_month(sentence: _ParsedSentence, number: str, months: frozenset[str]) -> bool:
    return any(months & set(sentence.words[max(0, i - 1) : i + 2]) for i in sentence.number_positions.get(number, ()))


def _differs_in_negation(a: _ParsedSentence, b: _ParsedSentence, reverse_coverage: float) -> bool:
    """Return whether exactly one of two sentences is negated.

    Only if `b` contains nearly all of `a`: otherwise it may negate another clause.
    """
    return reverse_coverage >= NEAR_FULL_COVERAGE and a.is_negated != b.is_negated


def _has_opposite(sentence_a: _ParsedSentence, sentence_b: _ParsedSentence) -> bool:
    """Return whether one sentence has a word, and the other only its opposite."""
    opposites_a, opposites_b = sentence_a.word_set & _OPPOSITE_WORDS, sentence_b.word_set & _OPPOSITE_WORDS
    if not opposites_a or not opposites_b:
        return False
    for first, second in _OPPOSITES:
        if (opposites_a & first and opposites_b & second and not (opposites_a & second or opposites_b & first)) or (
            opposites_a & second and opposites_b & first and not (opposites_a & first or opposites_b & second)
        ):
            return True
    return False
