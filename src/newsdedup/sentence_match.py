"""Novelty check: does a sentence say anything that a known sentence does not? The merge asks this for each sentence.

The check is asymmetric: `known` is in the canonical article already, `sentence` may be added to it. Adding a sentence
without news is a blemish, dropping one with news loses information. So one new fact (a number, a name, a clause) is
enough to add a sentence, however much else it shares. A fact that *replaces* a known one is a clash and is reported
in `conflicts`.

Measured on hand-labelled sentence pairs in tests/data; `tests/test_sentence_match.py` holds the floors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from newsdedup.fact_words import CURRENCY_SIGNS, MONTHS, WEEKDAYS
from newsdedup.facts import (
    Date,
    Values,
    dates_agree,
    dates_clash,
    is_value_word,
    parse_values,
    quantities_agree,
    quantities_clash,
)
from newsdedup.features import extract_facts
from newsdedup.names import GENERIC_PARTS, is_general, is_known_place, is_same_name, may_abbreviate
from newsdedup.quotations import extract_quotations, find_replacements, is_reworded, quotations_clash
from newsdedup.text import split_words, stem
from newsdedup.thresholds import (
    CAPITAL_CONTEXT_CHARS,
    CLASH_MIN_COVERAGE,
    CLASH_MIN_REVERSE_COVERAGE,
    GERMAN_MIN_WORDS,
    MAX_SENTENCE_CHARS,
    MIN_EXTRA_MASS,
    NAME_MAX_WORDS,
    NEAR_FULL_COVERAGE,
    REPLACEMENT_MAX_WORDS,
    REPLACEMENT_MIN_SIMILARITY,
    SAME_MIN_COVERAGE,
    VALUES_MAX_COMPARED,
)

ClashKind = Literal["number", "date", "name", "quote"]


_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|none|neither|nor|without|cannot)\b|n[’']t\b|"
    r"\b(?:nicht|kein\w*|nie|non|ne|pas|jamais|nunca|не|нет|ни)\b|[不没未無]|ない",
    re.IGNORECASE,
)
_NAME_RUN = re.compile(r"(?:[A-Z][\w’'-]*\s+(?:(?:and|of|for|the|de|la)\s+)?)+[A-Z][\w’'-]*")
_CASED_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*|[,;()]")
_GERMAN_WORDS = frozenset(
    "der die das den dem des und ein eine einen einem einer mit von für auf nicht wurde werden".split()
)
_SPEECH_WORDS = frozenset(
    "said says told tells according reported announced sagte sagt teilte laut zufolge dit déclaré selon annoncé dijo "
    "según informó disse segundo informou detto secondo zei volgens meldt sade säger enligt powiedział według "
    "poinformował сообщил сообщила заявил заявила словам данным повідомив заявив açıkladı söyledi göre".split()
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
    if len(known) <= 2 * len(sentence) + MAX_SENTENCE_CHARS:  # a far longer one is not read again for each sentence
        parsed_known, parsed = _parse_sentence(known), _parse_sentence(sentence)
        if parsed_known.words == parsed.words and parsed_known.currency_signs == parsed.currency_signs:
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
    if _has_new_value(parsed_known, parsed) or _has_new_name(parsed_known, parsed, known_names):
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
    def values(self) -> Values:
        quantities, dates, weekdays = parse_values(self.text)
        return Values(quantities[:VALUES_MAX_COMPARED], dates[:VALUES_MAX_COMPARED], weekdays)

    @cached_property
    def quotations(self) -> list[str]:
        return extract_quotations(self.text)

    @cached_property
    def currency_signs(self) -> list[str]:
        """The currency signs in order: the only characters of a value that are no words."""
        return [] if self.text.isascii() and "$" not in self.text else [c for c in self.text if c in CURRENCY_SIGNS]

    @cached_property
    def capitalised_words(self) -> frozenset[str]:
        """The normalised words that are written with a capital."""
        return frozenset(split_words(" ".join(word for word in self.text.split() if word != word.lower())))

    @cached_property
    def cased_words(self) -> list[_CasedWord]:
        return _split_cased_words(self.text)

    @cached_property
    def is_german(self) -> bool:
        """Whether common nouns have capitals."""
        return len(self.word_set & _GERMAN_WORDS) >= GERMAN_MIN_WORDS

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


@lru_cache(maxsize=1 << 11)
def _parse_sentence(text: str) -> _ParsedSentence:
    return _ParsedSentence(text)


class _CasedWord(NamedTuple):
    """A word with its case, a comma or a bracket. `begins`: it has a capital as the first of a sentence or quote."""

    text: str
    begins: bool

    @property
    def folded(self) -> str:
        return self.text.casefold()

    @property
    def stem(self) -> str:
        return stem(self.folded.replace(".", "").replace("’", "'"))

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper()


def _split_cased_words(text: str) -> list[_CasedWord]:
    cased_words = []
    for match in _CASED_WORD.finditer(text):
        before = text[max(match.start() - CAPITAL_CONTEXT_CHARS, 0) : match.start()].rstrip(" (*—–-")
        cased_words.append(_CasedWord(match[0], not before or before[-1] in '“"‘„«.!?:'))
    return cased_words


def _extract_initials(run: str) -> frozenset[str]:
    """Return the initials of a run of capitalised words and of all its parts of two to NAME_MAX_WORDS words."""
    letters = "".join(word[0] for word in run.split() if word[0].isupper()).casefold()
    return frozenset(
        letters[start : start + count]
        for start in range(len(letters))
        for count in range(2, min(len(letters) - start, NAME_MAX_WORDS) + 1)
    )


def _find_spelt_out_names(a: _ParsedSentence, b: _ParsedSentence) -> frozenset[str]:
    """Return the stems of the names in `a` whose initials are words of `b` (United States: us)."""
    return frozenset().union(*(stems for initials, stems in a.name_runs if not initials.isdisjoint(b.word_set)))


def _find_clash(a: _ParsedSentence, b: _ParsedSentence) -> ClashKind | None:
    """Return the kind of fact in which two versions of one statement differ, None if in none."""
    is_replacement = Indel.normalized_similarity(a.words, b.words) >= REPLACEMENT_MIN_SIMILARITY
    if _may_differ_in_values(a, b) and (kind := _find_value_clash(a.values, b.values)):
        # Two statements with another number and another name are about two things: two sales, two teams.
        return None if is_replacement and _is_name_replaced(a, b, without_speakers=True) else kind
    if a.quotations and b.quotations and (quotations_clash(a.quotations, b.quotations) or is_reworded(a.text, b.text)):
        return "quote"
    if is_replacement and _is_name_replaced(a, b):
        return "name"
    return None


def _may_differ_in_values(a: _ParsedSentence, b: _ParsedSentence) -> bool:
    """Return whether each sentence has a word of a value that the other lacks: a cheap test before parsing."""
    if a.currency_signs != b.currency_signs:
        return True
    return any(map(is_value_word, a.word_set - b.word_set)) and any(map(is_value_word, b.word_set - a.word_set))


def _find_value_clash(a: Values, b: Values) -> ClashKind | None:
    """Return whether numbers or dates that only one sentence has clash with those that only the other has."""
    only_a = [x for x in a.quantities if not any(quantities_agree(x, y) for y in b.quantities)]
    only_b = [y for y in b.quantities if not any(quantities_agree(x, y) for x in a.quantities)]
    if any(quantities_clash(x, y) for x in only_a for y in only_b):
        return "number"
    dates_a = [x for x in a.dates if not any(dates_agree(x, y) for y in b.dates)]
    dates_b = [y for y in b.dates if not any(dates_agree(x, y) for x in a.dates)]
    if _is_date_replaced(dates_a, dates_b) or len(a.weekdays - b.weekdays) == len(b.weekdays - a.weekdays) == 1:
        return "date"
    return None


def _is_date_replaced(only_a: Sequence[Date], only_b: Sequence[Date]) -> bool:
    if len(only_a) == len(only_b) == 1:
        return dates_clash(only_a[0], only_b[0])
    return any(dates_clash(x, y) and not x.context.isdisjoint(y.context) for x in only_a for y in only_b)


def _has_new_value(known: _ParsedSentence, parsed: _ParsedSentence) -> bool:
    """Return whether a sentence has a number or a date that `known` lacks, however it is written."""
    if not parsed.numbers - known.numbers:
        return False
    known_values, values = known.values, parsed.values
    if any(not any(quantities_agree(x, y) for y in known_values.quantities) for x in values.quantities):
        return True
    return any(not any(dates_agree(x, y) for y in known_values.dates) for x in values.dates)


def _has_new_name(known: _ParsedSentence, parsed: _ParsedSentence, known_names: frozenset[str]) -> bool:
    """Return whether a sentence has a name that `known` and the rest of its article lack, in any spelling."""
    new_names = parsed.names - known_names - known.names - parsed.numbers
    if new_names:
        new_names -= known.initials | known.stems | _find_spelt_out_names(parsed, known)
    return any(
        not is_general(name) and not any(is_same_name(name, other) for other in known.names)
        for name in sorted(new_names)[:VALUES_MAX_COMPARED]
    )


def _is_name_replaced(a: _ParsedSentence, b: _ParsedSentence, *, without_speakers: bool = False) -> bool:
    """Return whether a name of one sentence stands in the place of another name in the other sentence.

    `without_speakers` leaves out the names of those who are quoted.
    """
    if a.capitalised_words <= b.word_set or b.capitalised_words <= a.word_set:
        return False
    words_a, words_b = a.cased_words, b.cased_words
    for step in find_replacements([word.folded for word in words_a], [word.folded for word in words_b]):
        names_a = _find_names(words_a, step.start, step.end, is_german=a.is_german)
        names_b = _find_names(words_b, step.other_start, step.other_end, is_german=b.is_german)
        if not names_a or not names_b or (without_speakers and _is_speaker(words_a, step.start, step.end)):
            continue
        if _are_different(names_a, names_b, a, b):
            return True
    return False


def _is_speaker(words: Sequence[_CasedWord], start: int, end: int) -> bool:
    """Return whether a word of speech is near a name."""
    near = words[max(0, start - REPLACEMENT_MAX_WORDS) : end + REPLACEMENT_MAX_WORDS]
    return any(word.folded in _SPEECH_WORDS for word in near)


def _find_names(words: Sequence[_CasedWord], start: int, end: int, *, is_german: bool) -> list[_CasedWord]:
    """Return the words of a replacement if it is one name and nothing else, an empty list otherwise."""
    replaced = [word for word in words[start:end] if word.folded not in GENERIC_PARTS]
    if end - start > REPLACEMENT_MAX_WORDS or not all(word.is_capitalised for word in replaced):
        return []
    if not replaced or any(_is_no_name(word) for word in replaced) or _is_listed(words, start, end):
        return []
    is_doubtful = is_german or replaced[0].begins
    if is_doubtful and len(replaced) == 1 and not is_known_place(replaced[0].stem):
        neighbours = [words[i] for i in (start - 1, end) if 0 <= i < len(words)]
        return replaced if any(map(_is_part_of_name, neighbours)) else []
    return replaced


def _is_part_of_name(word: _CasedWord) -> bool:
    """Return whether a neighbour makes a capitalised word a name: a given name or a surname, or in German a title."""
    return word.is_capitalised and not word.begins and not is_known_place(word.stem)


def _is_no_name(word: _CasedWord) -> bool:
    return is_general(word.stem) or word.folded in WEEKDAYS or word.folded in MONTHS


def _is_listed(words: Sequence[_CasedWord], start: int, end: int) -> bool:
    """Return whether a name is an item of a list of names, from which outlets choose, or a note in brackets."""
    before = start > 1 and words[start - 1].text == "," and words[start - 2].is_capitalised
    after = end + 1 < len(words) and words[end].text == "," and words[end + 1].is_capitalised
    is_bracketed = start > 0 and end < len(words) and words[start - 1].text == "(" and words[end].text == ")"
    return before or after or is_bracketed


def _are_different(
    names_a: Sequence[_CasedWord], names_b: Sequence[_CasedWord], a: _ParsedSentence, b: _ParsedSentence
) -> bool:
    """Return whether two names are no variants of one, and neither is elsewhere in the other sentence."""
    stems_a, stems_b = [word.stem for word in names_a], [word.stem for word in names_b]
    if not b.stems.isdisjoint(stems_a) or not a.stems.isdisjoint(stems_b):
        return False
    return not any(
        is_same_name(x.stem, y.stem) or may_abbreviate(x.text, y.text) or may_abbreviate(y.text, x.text)
        for x in names_a
        for y in names_b
    )


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
