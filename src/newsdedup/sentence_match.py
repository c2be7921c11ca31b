"""Does one sentence say what another says? The question that the merge asks of every sentence it might add.

Asked one way: `known` is what the reader has read, `sentence` what is to be added or not. Adding a sentence that says
nothing new is a blemish, dropping one that does is news lost; so a fact of its own (a number, a name, a clause) is
enough to add it, however much else is shared. A fact that *replaces* one is a clash and stands in `conflicts`.

Measured on the sentence pairs in tests/data, marked by hand: `tests/test_judge.py` holds the floors.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein
from rapidfuzz.fuzz import ratio

from newsdedup.features import facts_of
from newsdedup.text import calendar_words, numbers, stem, words
from newsdedup.thresholds import (
    CLASH_BACK,
    CLASH_KNOWN,
    EXTRA_MASS,
    KNOWN,
    LONG_SENTENCE,
    ONE_NAME,
    REPLACED,
    REPLACED_WORDS,
    WHOLE,
)

ClashKind = Literal["number", "date", "name"]


_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|none|neither|nor|without|cannot)\b|n[’']t\b|"
    r"\b(?:nicht|kein\w*|nie|non|ne|pas|jamais|nunca|не|нет|ни)\b|[不没未無]|ない",
    re.IGNORECASE,
)
_NAME_RUN = re.compile(r"(?:[A-Z][\w’'-]*\s+(?:(?:and|of|for|the|de|la)\s+)?)+[A-Z][\w’'-]*")
_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
_MONTHS_SHORT = frozenset({"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"})
# Two everyday names of one country, as stems.
_BY_NAME = (
    frozenset({"us", "usa", "america", "state", "united"}),
    frozenset({"uk", "britain", "british", "united", "kingdom"}),
)
_FUNCTION_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "from",
        "that",
        "this",
        "was",
        "were",
        "are",
        "has",
        "have",
        "had",
        "been",
        "will",
        "would",
        "who",
        "which",
        "its",
        "his",
        "her",
        "their",
        "said",
        "about",
        "more",
        "than",
        "after",
        "before",
        "over",
        "into",
        "per",
        "some",
        "other",
    ]
)
_OPPOSITES = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
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
_OPPOSED = frozenset().union(*(words for pair in _OPPOSITES for words in pair))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a sentence: `same` (nothing new), `clash` (same statement, other fact; see `kind`), or `new`."""

    says: Literal["same", "clash", "new"]
    kind: ClashKind | None = None


def judge(
    known: str, sentence: str, *, cover: float, back: float, extra_mass: float, named: frozenset[str] = frozenset()
) -> Verdict:
    """Judge `sentence` against `known` (one sentence, or two neighbours, that cover it best).

    `cover` is the share of the sentence's rarity mass that `known` holds, `back` the share of `known` that the sentence
    holds, each 0 to 1; `extra_mass` is the rarity mass of the sentence that `known` lacks. `named` are the name stems
    that the reader has met elsewhere: `China` is no news where `known` has `the country`.
    """
    one, other = _said(known), _said(sentence)
    if one.words == other.words:
        return Verdict("same")
    one, other = _said(known[: 2 * LONG_SENTENCE]), _said(sentence[:LONG_SENTENCE])
    clash = _clash(one, other) if cover >= CLASH_KNOWN and back >= CLASH_BACK else None
    if clash is not None:
        return Verdict("clash", clash)
    if cover < KNOWN or _negated(one, other, back) or _opposite(one, other):
        return Verdict("new")
    own = (other.numbers | other.names) - named - one.numbers - one.names
    if own and own - one.initials - one.stems - _spelt_out(other, one):
        return Verdict("new")
    if back >= WHOLE and extra_mass >= EXTRA_MASS and len(other.words) >= len(one.words) + 2:
        return Verdict("new")
    return Verdict("same")


@dataclass(frozen=True)
class _Said:
    """What judging asks of a sentence, looked for when it is first asked for: one is judged against many."""

    text: str

    @cached_property
    def words(self) -> list[str]:
        return words(self.text)

    @cached_property
    def word_set(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(map(stem, self.word_set))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return facts_of(self.text).numbers

    @cached_property
    def names(self) -> frozenset[str]:
        return facts_of(self.text).names

    @cached_property
    def calendar(self) -> frozenset[str]:
        return calendar_words(self.text)

    @cached_property
    def denies(self) -> bool:
        return bool(_NEGATION.search(self.text))

    @cached_property
    def runs(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        """Runs of capitalised words: the initials of each and of parts of it, and its stems."""
        return [(_initials(run), frozenset(map(stem, words(run)))) for run in _NAME_RUN.findall(self.text)]

    @cached_property
    def initials(self) -> frozenset[str]:
        """What may be an abbreviation of a name in the sentence."""
        return frozenset().union(*(initials for initials, _ in self.runs))

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where among the words each number stands."""
        found: dict[str, list[int]] = {}
        for i, word in enumerate(self.words):
            if number := _number(word):
                found.setdefault(number, []).append(i)
        return found


@lru_cache(maxsize=1 << 11)
def _said(text: str) -> _Said:
    return _Said(text)


@lru_cache(maxsize=1 << 14)
def _number(word: str) -> str | None:
    """Return the number that a word is, None where it is none or several."""
    found = numbers(word)
    return found[0] if len(found) == 1 else None


def _initials(run: str) -> frozenset[str]:
    """Return the initials of a run of capitalised words, and of parts of it."""
    letters = "".join(word[0] for word in run.split() if word[0].isupper()).casefold()
    return frozenset(letters[a:b] for a in range(len(letters)) for b in range(a + 2, len(letters) + 1))


def _spelt_out(one: _Said, other: _Said) -> frozenset[str]:
    """Return the stems of the names in `one` whose initials are words of `other` (United States: us)."""
    return frozenset().union(*(stems for initials, stems in one.runs if not initials.isdisjoint(other.word_set)))


def _clash(one: _Said, other: _Said) -> ClashKind | None:
    """Return in what kind of fact two statements of the same thing differ, each holding one that the other lacks."""
    left, right = one.numbers - other.numbers, other.numbers - one.numbers
    if left and right and any(_near(one, x) & _near(other, y) for x in left for y in right):
        dated = one.calendar & other.calendar & _MONTHS
        return "date" if dated and all(_beside_month(one, x, dated) for x in left) else "number"
    left, right = one.calendar - other.calendar, other.calendar - one.calendar
    if len(left) == len(right) == 1 and (left <= _MONTHS) == (right <= _MONTHS):
        return "date"
    if Indel.normalized_similarity(one.words, other.words) >= REPLACED:
        left, right = _names_apart(one, other)
        if left and right and _replaced(one.words, other.words, left, right):
            return "name"
    return None


def _names_apart(one: _Said, other: _Said) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that only the one and only the other has, but for other spellings of one name.

    A name that the other side has uncapitalised, as initials, without its accents, as an adjective or by the other of
    two common names is no other name; nor is a month or weekday, which is a date.
    """
    left = one.names - other.names - other.stems - _MONTHS_SHORT
    right = other.names - one.names - one.stems - _MONTHS_SHORT
    if not left or not right:
        return left, right
    dates = frozenset(map(stem, one.calendar | other.calendar))
    left -= other.initials | _spelt_out(one, other) | dates
    right -= one.initials | _spelt_out(other, one) | dates
    return (
        frozenset(x for x in left if not any(_one_name(x, y) for y in right)),
        frozenset(y for y in right if not any(_one_name(x, y) for x in left)),
    )


def _one_name(x: str, y: str) -> bool:
    """Tell whether two name stems are spellings of one name."""
    bare_x, bare_y = _unaccented(x), _unaccented(y)
    same_root = len(min(x, y, key=len)) >= 3 and (bare_x.startswith(bare_y) or bare_y.startswith(bare_x))
    return same_root or ratio(bare_x, bare_y) >= ONE_NAME or any(x in pair and y in pair for pair in _BY_NAME)


def _unaccented(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _replaced(one: list[str], other: list[str], left: frozenset[str], right: frozenset[str]) -> bool:
    """Tell whether a name of the one stands just where a name of the other stands: a few words for a few words."""
    for step in Levenshtein.opcodes(one, other):
        taken, given = one[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
        short = max(len(taken), len(given)) <= REPLACED_WORDS
        if (
            step.tag == "replace"
            and short
            and left & {stem(word) for word in taken}
            and right & {stem(word) for word in given}
        ):
            return True
    return False


def _near(said: _Said, number: str) -> frozenset[str]:
    """Return the stems of the longer words within three of `number`: what it counts."""
    around = [word for i in said.places.get(number, ()) for word in said.words[max(0, i - 3) : i + 4]]
    return frozenset(
        stem(word) for word in around if len(word) > 2 and not word[0].isdigit() and word not in _FUNCTION_WORDS
    )


def _beside_month(said: _Said, number: str, months: frozenset[str]) -> bool:
    return any(months & set(said.words[max(0, i - 1) : i + 2]) for i in said.places.get(number, ()))


def _negated(one: _Said, other: _Said, back: float) -> bool:
    """Tell whether just one of two sentences alike in both directions denies; a longer one may deny something else."""
    return back >= WHOLE and one.denies != other.denies


def _opposite(one: _Said, other: _Said) -> bool:
    """Tell whether one sentence has a word whose opposite stands in the other, and not the word itself."""
    a, b = one.word_set & _OPPOSED, other.word_set & _OPPOSED
    if not a or not b:
        return False
    for up, down in _OPPOSITES:
        if (a & up and b & down and not (a & down or b & up)) or (a & down and b & up and not (a & up or b & down)):
            return True
    return False
