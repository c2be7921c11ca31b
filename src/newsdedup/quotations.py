"""Quotations of a sentence, and whether two sentences quote the same words otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from rapidfuzz.distance import OSA, Indel
from rapidfuzz.fuzz import ratio

from newsdedup.fact_words import FUNCTION_WORDS
from newsdedup.facts import find_currency, find_magnitude
from newsdedup.names import fold_letters
from newsdedup.text import extract_numbers, split_words, stem
from newsdedup.thresholds import (
    QUOTE_MIN_LETTERS,
    QUOTE_MIN_SIMILARITY,
    QUOTE_MIN_WORDS,
    QUOTE_SPELLING_MIN_LETTERS,
    QUOTE_SPELLING_RATIO,
    QUOTES_MAX_COMPARED,
    REPLACEMENT_MAX_WORDS,
    REWORDED_MAX_WORDS,
    REWORDED_MIN_SHARED,
    REWORDED_MIN_SIMILARITY_AROUND,
)

_MARK = re.compile(r"[\"“”„«»「」『』]|(?<!\w)[‘‚]|(?<=\W)[’](?!\w)")
# What an editor put into a quotation: it replaces words of the speaker openly.
_INSERTED = re.compile(r"[\[(][^\])]{0,200}[\])]")
_INSERTION = "\ufffc"


def extract_quotations(text: str) -> list[str]:
    """Return the words between quotation marks; from the start or to the end where a mark is missing."""
    quotations: list[str] = []
    start: int | None = None
    for match in _MARK.finditer(text):
        if start is None and match.start() and _closes(text, match):
            if not quotations:
                quotations.append(text[: match.start()])
        elif start is None:
            start = match.end()
        else:
            quotations.append(text[start : match.start()])
            start = None
    return quotations + ([text[start:]] if start is not None else [])


def _closes(text: str, match: re.Match[str]) -> bool:
    """Return whether a mark closes a quotation that an earlier sentence opened."""
    if match[0] in "”»」』’":
        return True
    return (
        match[0] == '"' and not text[match.start() - 1].isspace() and not text[match.end() : match.end() + 1].isalnum()
    )


def quotations_clash(a: Sequence[str], b: Sequence[str]) -> bool:
    """Return whether one of `a` is one of `b` in other words; spelling, trimming and brackets are no other words."""
    split_a, split_b = (list(filter(_is_long, map(_split, side[:QUOTES_MAX_COMPARED]))) for side in (a, b))
    return any(_differ(x, y) for x in split_a for y in split_b)


def is_reworded(a: str, b: str) -> bool:
    """Return whether two sentences, with the same words around one quotation, quote the same otherwise.

    Both versions must have other words in one place: before, among or after the words that they share. A quotation that
    is trimmed at one end has not.
    """
    a_words, b_words = _split_around(a), _split_around(b)
    if not a_words or not b_words or max(len(a_words.quoted), len(b_words.quoted)) > REWORDED_MAX_WORDS:
        return False
    if Indel.normalized_similarity(a_words.around, b_words.around) < REWORDED_MIN_SIMILARITY_AROUND:
        return False
    return _have_other_words(a_words.quoted, b_words.quoted)


class _SplitSentence(NamedTuple):
    """The words of a sentence in its one quotation and around it."""

    quoted: list[str]
    around: list[str]


def _split_around(text: str) -> _SplitSentence | None:
    quotations = extract_quotations(text)
    if len(quotations) != 1 or len(_MARK.findall(text)) != 2 or _INSERTED.search(quotations[0]):
        return None
    before, _, after = text.partition(quotations[0])
    quoted, around = split_words(quotations[0]), split_words(f"{before} {after}")
    return _SplitSentence(quoted, around) if len(quoted) >= QUOTE_MIN_WORDS and len(around) > 1 else None


def _have_other_words(a: Sequence[str], b: Sequence[str]) -> bool:
    """Return whether two quotations share enough of their words, and both have others in one place."""
    stems_a, stems_b = [stem(word) for word in a], [stem(word) for word in b]
    shared = {s for s, word in zip(stems_a, a, strict=True) if len(word) >= QUOTE_MIN_LETTERS or not word.isascii()}
    shared &= {*stems_b} - {stem(word) for word in FUNCTION_WORDS}
    sizes = [
        len({s for s, word in zip(stems, words, strict=True) if _says_something(word)})
        for stems, words in ((stems_a, a), (stems_b, b))
    ]
    if len(shared) < max(2, REWORDED_MIN_SHARED * max(sizes)):
        return False
    places_a, places_b = _find_other_places(a, stems_a, shared, b), _find_other_places(b, stems_b, shared, a)
    return not places_a.isdisjoint(places_b)


def _find_other_places(
    words: Sequence[str], stems: Sequence[str], shared: AbstractSet[str], others: Sequence[str]
) -> set[int]:
    """Return where `words` say what `others` do not: before (-1), among (0) or after (1) the shared words."""
    positions = [i for i, s in enumerate(stems) if s in shared]
    return {
        (i > positions[-1]) - (i < positions[0])
        for i, word in enumerate(words)
        if stems[i] not in shared and _says_something(word) and not any(_is_spelling(word, other) for other in others)
    }


def _split(quotation: str) -> list[str]:
    return [
        word
        for index, part in enumerate(_INSERTED.split(quotation))
        for word in ([_INSERTION] if index else []) + split_words(part)
    ]


def _is_long(words: Sequence[str]) -> bool:
    return len(words) >= QUOTE_MIN_WORDS


def _differ(a: list[str], b: list[str]) -> bool:
    """Return whether two versions of a quotation have different words in one place."""
    if Indel.normalized_similarity(a, b) < QUOTE_MIN_SIMILARITY:
        return False
    for start, end, other_start, other_end in find_replacements(a, b):
        removed, inserted = a[start:end], b[other_start:other_end]
        near = a[max(start - 1, 0) : end + 1] + b[max(other_start - 1, 0) : other_end + 1]
        if _INSERTION in near or len(removed) > REPLACEMENT_MAX_WORDS:
            continue
        if _has_other_words(removed, inserted, a + b) and _has_other_words(inserted, removed, a + b):
            return True
    return False


class Replacement(NamedTuple):
    """Words of one sequence (`start` to `end`) that stand where another sequence has other words."""

    start: int
    end: int
    other_start: int
    other_end: int


def find_replacements(a: Sequence[str], b: Sequence[str]) -> Iterator[Replacement]:
    """Yield where `b` has other words than `a`, between words that both have."""
    last_a = last_b = 0
    for block in Indel.opcodes(a, b).as_matching_blocks():
        if block.a > last_a and block.b > last_b:
            yield Replacement(last_a, block.a, last_b, block.b)
        last_a, last_b = block.a + block.size, block.b + block.size


def _says_something(word: str) -> bool:
    """Return whether a word has content of its own. Numbers are compared as values, elsewhere."""
    min_letters = QUOTE_MIN_LETTERS if word.isascii() else 2
    is_value = extract_numbers(word) or find_magnitude(word) or find_currency(word)
    return len(word) >= min_letters and word not in FUNCTION_WORDS and not is_value


def _has_other_words(words: Sequence[str], replaced: Sequence[str], quoted: Sequence[str]) -> bool:
    """Return whether `words` say something that `replaced` does not, and that is not elsewhere in the other version.

    `quoted` are the words of both versions: a word that is there twice was moved, not replaced.
    """
    return any(
        _says_something(word)
        and quoted.count(word) < 2
        and not any(stem(word) == stem(other) or _is_spelling(word, other) for other in replaced)
        for word in words
    )


def _is_spelling(a: str, b: str) -> bool:
    """Return whether two words are spellings of one."""
    a, b = fold_letters(a).removesuffix("'s"), fold_letters(b).removesuffix("'s")
    is_long = min(len(a), len(b)) >= QUOTE_SPELLING_MIN_LETTERS
    return ratio(a, b) >= QUOTE_SPELLING_RATIO or (is_long and OSA.distance(a, b, score_cutoff=1) == 1)
