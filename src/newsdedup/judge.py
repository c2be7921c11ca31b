"""Does one sentence say what another says? The question that the merge asks of every sentence it might add.

Asked one way: `known` is what the reader has read, `sentence` what is to be added or not. Adding a sentence that says
nothing new is a blemish, dropping one that does is news lost; so a fact of its own (a number, a name, a clause) is
enough to add it, however much else is shared. A fact that *replaces* one is a clash and stands in `conflicts`.

Measured on the sentence pairs in tests/data, marked by hand: `tests/test_judge.py` holds the floors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein
from rapidfuzz.fuzz import ratio

from newsdedup.config import (
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
from newsdedup.text import calendar_words, names, numbers, stem, words

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
    one, other = words(known), words(sentence)
    if one == other:
        return Verdict("same")
    known, sentence = known[: 2 * LONG_SENTENCE], sentence[:LONG_SENTENCE]
    one, other = words(known), words(sentence)
    clash = _clash(known, sentence, one, other) if cover >= CLASH_KNOWN and back >= CLASH_BACK else None
    if clash is not None:
        return Verdict("clash", clash)
    if cover < KNOWN or _negated(known, sentence, back) or _opposite(one, other):
        return Verdict("new")
    at_hand = _facts(known) | named | _initials(known) | frozenset(stem(word) for word in one)
    if _facts(sentence) - at_hand - _spelt_out(sentence, one):
        return Verdict("new")
    if back >= WHOLE and extra_mass >= EXTRA_MASS and len(other) >= len(one) + 2:
        return Verdict("new")
    return Verdict("same")


def _facts(sentence: str) -> frozenset[str]:
    return frozenset(numbers(sentence)) | frozenset(names(sentence))


def _initials(text: str) -> frozenset[str]:
    """Return the initials of runs of capitalised words, and of parts of them: what may be an abbreviation of a name."""
    found = set()
    for run in _NAME_RUN.findall(text):
        letters = "".join(word[0] for word in run.split() if word[0].isupper()).casefold()
        found |= {letters[a:b] for a in range(len(letters)) for b in range(a + 2, len(letters) + 1)}
    return frozenset(found)


def _spelt_out(sentence: str, known: list[str]) -> frozenset[str]:
    """Return the stems of the names in `sentence` whose initials the known words hold (United States: us)."""
    runs = (run for run in _NAME_RUN.findall(sentence) if _initials(run) & frozenset(known))
    return frozenset(stem(word) for run in runs for word in words(run))


def _clash(known: str, sentence: str, one: list[str], other: list[str]) -> ClashKind | None:
    """Return in what kind of fact two statements of the same thing differ, each holding one that the other lacks."""
    left, right = _left_over(numbers(known), numbers(sentence))
    if left and right and any(_near(one, x) & _near(other, y) for x in left for y in right):
        dated = calendar_words(known) & calendar_words(sentence) & _MONTHS
        return "date" if dated and all(_beside_month(one, x, dated) for x in left) else "number"
    left, right = _left_over(calendar_words(known), calendar_words(sentence))
    if len(left) == len(right) == 1 and (left <= _MONTHS) == (right <= _MONTHS):
        return "date"
    left, right = _names_apart(known, sentence, one, other)
    if left and right and Indel.normalized_similarity(one, other) >= REPLACED and _replaced(one, other, left, right):
        return "name"
    return None


def _names_apart(known: str, sentence: str, one: list[str], other: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that only the one and only the other has, but for other spellings of one name.

    A name that the other side has uncapitalised, as initials, without its accents, as an adjective or by the other of
    two common names is no other name; nor is a month or weekday, which is a date.
    """
    dates = frozenset(stem(word) for word in calendar_words(known) | calendar_words(sentence)) | _MONTHS_SHORT
    left, right = _left_over(names(known), names(sentence))
    left -= frozenset(map(stem, other)) | _initials(sentence) | _spelt_out(known, other) | dates
    right -= frozenset(map(stem, one)) | _initials(known) | _spelt_out(sentence, one) | dates
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


def _left_over(one: Iterable[str], other: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    a, b = frozenset(one), frozenset(other)
    return a - b, b - a


def _places(sentence: list[str], number: str) -> list[int]:
    return [i for i, word in enumerate(sentence) if numbers(word) == [number]]


def _near(sentence: list[str], number: str) -> frozenset[str]:
    """Return the stems of the longer words within three of `number`: what it counts."""
    around = [word for i in _places(sentence, number) for word in sentence[max(0, i - 3) : i + 4]]
    return frozenset(
        stem(word) for word in around if len(word) > 2 and not word[0].isdigit() and word not in _FUNCTION_WORDS
    )


def _beside_month(sentence: list[str], number: str, months: frozenset[str]) -> bool:
    return any(months & set(sentence[max(0, i - 1) : i + 2]) for i in _places(sentence, number))


def _negated(known: str, sentence: str, back: float) -> bool:
    """Tell whether just one of two sentences alike in both directions denies; a longer one may deny something else."""
    return back >= WHOLE and bool(_NEGATION.search(known)) != bool(_NEGATION.search(sentence))


def _opposite(one: list[str], other: list[str]) -> bool:
    """Tell whether one sentence has a word whose opposite stands in the other, and not the word itself."""
    a, b = set(one), set(other)
    for up, down in _OPPOSITES:
        if (a & up and b & down and not (a & down or b & up)) or (a & down and b & up and not (a & up or b & down)):
            return True
    return False
