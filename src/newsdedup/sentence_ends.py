"""Where the sentences of a paragraph end.

A sentence ends at a terminal mark, with the quotes and brackets that close after it, if white space and no word in
lower case follow. A full stop after an abbreviation, an initial or an ordinal number is no such mark:
`data/abbreviations.txt` says after and before which words. Scripts that have marks of their own need no white space.

Rules and one short list do for all languages, since the language of a report is often unknown. A wrong split costs more
than a missed one: half a sentence matches nothing, and two sentences in one are still compared by their words.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

_SPACED = ".!?…؟۔։።"  # white space has to follow these
_UNSPACED = "。．！？｡।॥။។"
_MAX_CLOSERS = 12
_CLOSERS = r"\"'”’“‘»«›)\]）」』】》*"
# A terminal mark with what closes after it: further marks, quotes and brackets, a quote after a space, a footnote.
# White space follows, and no lower case. Nothing follows after marks that need no space, or where a page lost a space.
_END = re.compile(
    rf"[{_SPACED}{_UNSPACED}][{_SPACED}{_UNSPACED}{_CLOSERS}]{{0,{_MAX_CLOSERS}}}+(?: [»”](?!\S))?+(?:\[\d{{1,3}}\])?+"
    rf"(?:\s++(?![a-z])|(?<=[{_UNSPACED}”’」』）】》])(?![\s{_SPACED}{_UNSPACED}{_CLOSERS}])|(?<=\w\w\w[.!?])(?=[^\W\d_a-z]))"
)
_ASCII_END = re.compile(
    rf"[.!?][.!?\"')\]*]{{0,{_MAX_CLOSERS}}}+(?:\[\d{{1,3}}\])?+(?:\s++(?![a-z])|(?<=[a-z][a-z][a-z\"][.!?\"])(?=[A-Z]))"
)
# Within brackets and quotation marks no sentence ends.
_ENCLOSED = re.compile(
    r"[(\[（“„«»「『\"](?:(?<=\()[^()]{0,300}+\)|(?<=\[)[^\[\]]{0,300}+\]|(?<=（)[^（）]{0,300}+）|(?<=“)[^“”]{0,600}+”|"
    r"(?<=„)[^„“”]{0,600}+[“”]|(?<=«)[^«»]{0,600}+»|(?<=»)[^«»]{0,600}+«|(?<=「)[^「」]{0,600}+」|(?<=『)[^『』]{0,600}+』|"
    r"(?<!\S\")(?<=\")[^\"]{0,600}+\")"
)
# What follows a quotation that a Chinese or Japanese sentence goes on after: its speaker, or a particle.
_GOES_ON = re.compile(r"[とのをがはもにでな、，,]|[^。！？“「]{0,9}[说說道称稱问問答](?![：:])")
_NEXT_WORD = re.compile(r"[^\w\s]{0,3}+(\w{0,40}+)(\.?)")
_LOWER_AHEAD = re.compile(r"[^\w\s]{1,3}+\s?(?=(\w))")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.){1,5}[^\W\d_]{1,2}")
_NO_ABBREVIATION = frozenset(".!?\"'”’“»«")  # after a full stop: it is that of a sentence
_TIMES_OF_DAY = frozenset({"a.m", "p.m"})
_OPENERS = "([{<\"'“„«»‘‚¿¡–—/"
_ROMAN = frozenset("IVX")
_LONG_WORD = 7  # letters: a word that has as many is no abbreviation
_WORD_MAX_CHARS = 16  # the same for words with full stops and hyphens
# Languages that write ordinal numbers with a full stop.
_ORDINAL_LANGUAGES = frozenset("bs cs da de et eu fi fo hr hu is lb lv nb nn no pl sk sl sr tr".split())


class _Abbreviations(NamedTuple):
    """The words of `data/abbreviations.txt`: the section of each abbreviation, and the sections of words after one."""

    section_of: dict[str, str]
    day: frozenset[str]
    ordinal: frozenset[str]
    opening: frozenset[str]
    surname: frozenset[str]


@cache
def _load_abbreviations() -> _Abbreviations:
    text = resources.files("newsdedup").joinpath("data/abbreviations.txt").read_text(encoding="utf-8")
    sections: dict[str, list[str]] = {}
    for line in text.split("\n"):
        if line.startswith("["):
            words = sections[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            words += line.split()
    section_of = {word: name for name in ("ending", "number", "title") for word in sections.pop(name)}
    return _Abbreviations(section_of, **{name: frozenset(words) for name, words in sections.items()})


def find_sentence_ends(text: str, language: str | None) -> list[int]:
    """Return where the sentences of a paragraph end, but for the last one, in order.

    White space after a sentence belongs to it. `language` is a language tag.
    """
    ends: list[int] = []
    enclosed: list[tuple[int, int]] | None = None
    start = 0
    for match in (_ASCII_END if text.isascii() else _END).finditer(text):
        mark, end = match.span()
        if end == len(text):
            break
        if not (text[end].isupper() and text[end - 1] == " ") and _goes_on(text, mark, end):
            continue
        if (
            text[mark] == "."
            and text[mark + 1] not in _NO_ABBREVIATION
            and _is_abbreviation(text, start, mark, end, language)
        ):
            continue
        if enclosed is None:
            enclosed = [match.span() for match in _ENCLOSED.finditer(text)][::-1]
        while enclosed and enclosed[-1][1] <= end:
            enclosed.pop()
        if enclosed and enclosed[-1][0] < end:
            continue
        ends.append(end)
        start = end
    return ends


def _goes_on(text: str, mark: int, end: int) -> bool:
    """Return whether a sentence goes on at `end`, for what follows: lower case, a mark, or a speaker."""
    following = text[end]
    if end + 3 > len(text) and not any(map(str.isalnum, text[end:])):
        return True
    if not text[end - 1].isspace():
        if text[mark] in _SPACED:  # a page lost the space after a sentence: "sank.Nobody"
            return not (following.isupper() and text[end + 1 : end + 2].islower() and text[mark - 3 : mark].islower())
        if text[mark] == "．" and following.isdecimal():
            return True
        return text[end - 1] not in _UNSPACED and _GOES_ON.match(text, end) is not None
    if following.isalnum():
        return following.islower()
    ahead = _LOWER_AHEAD.match(text, end)
    return following in _SPACED or (ahead is not None and ahead[1].islower())


def _is_abbreviation(text: str, start: int, mark: int, end: int, language: str | None) -> bool:
    """Return whether the full stop at `mark` belongs to the word before it, and the sentence goes on at `end`.

    The sentence begins at `start`.
    """
    if mark > _LONG_WORD and text[mark - _LONG_WORD : mark].isalpha():
        return False
    word_start = max(start, mark - _WORD_MAX_CHARS, text.rfind(" ", max(start, mark - _WORD_MAX_CHARS), mark) + 1)
    word = text[word_start:mark]
    if not word.isalnum():
        if word[:1] == "(" and text[mark + 1] == ")":
            return True  # "Maj. (ret.) Dale"
        word = word[max(map(word.rfind, "-/")) + 1 :].lstrip(_OPENERS)
        elided = word[max(map(word.rfind, "'’")) + 1 :]
        word = elided if len(elided) > 1 else word  # "l’art." but not "Dale’s."
    kind = _find_kind(word, language)
    if kind == "number":
        kind = "title" if text[end].isdecimal() else "initial" if len(word) == 1 else None
    if kind in (None, "title"):
        return kind is not None
    if kind == "ordinal":
        return _is_ordinal(text, start, mark, end, language)
    if kind == "initial":
        return _is_initial(text, mark, end, word)
    abbreviations, next_word = _load_abbreviations(), _read_next_word(text, end)
    if word in _TIMES_OF_DAY:
        return next_word in abbreviations.day
    return next_word not in abbreviations.opening and (kind == "dotted" or not text[end].isdecimal())


def _find_kind(word: str, language: str | None) -> str | None:
    """Return what a word before a full stop may be: a section of the list, initial, ordinal or dotted; else None."""
    section_of = _load_abbreviations().section_of
    section = section_of.get(word) or (section_of.get(word.capitalize()) if word.isupper() else None)
    if section is not None or not word:
        return section
    if word.isdecimal():
        return "ordinal" if len(word) < 3 else None
    if len(word) == 1:
        return "initial" if word.lower() != word.upper() else None
    if word.isalpha():
        return "ending" if _ROMAN.issuperset(word) and _has_ordinals(language) else None
    return "dotted" if _DOTTED.fullmatch(word) else None


@lru_cache
def _has_ordinals(language: str | None) -> bool:
    """Return whether a language, given by its tag, writes ordinal numbers with a full stop."""
    return (language or "").split("-")[0].split("_")[0].lower() in _ORDINAL_LANGUAGES


def _read_next_word(text: str, end: int) -> str:
    """Return the word at `end`, after opening marks; an initial has its full stop."""
    match = _NEXT_WORD.match(text, end)
    if match is None:
        return ""
    return match[0].lstrip(_OPENERS) if len(match[1]) == 1 else match[1]


def _is_ordinal(text: str, start: int, mark: int, end: int, language: str | None) -> bool:
    """Return whether the number of one or two digits before `mark` counts what follows, or an entry of a list."""
    if mark - start <= 4 and text[start:mark].strip().isdecimal():
        return True
    next_word = _read_next_word(text, end)
    abbreviations = _load_abbreviations()
    if next_word in abbreviations.ordinal:
        return True
    return _has_ordinals(language) and next_word[:1].isupper() and next_word not in abbreviations.opening


def _is_initial(text: str, mark: int, end: int, letter: str) -> bool:
    """Return whether a letter before a full stop is short for a word, and the sentence goes on at `end`."""
    if text[end].isdecimal():
        return letter.islower()
    next_word = _read_next_word(text, end)
    if letter.islower() and text[max(0, mark - 3) : mark - 1].strip().isdecimal() and len(next_word) > 2:
        return False  # a unit or a year: "5 m.", "2024 г."
    abbreviations = _load_abbreviations()
    return next_word not in abbreviations.opening or next_word in abbreviations.surname
