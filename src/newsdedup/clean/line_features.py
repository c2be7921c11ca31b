"""Features of all lines of many pages at once, with numpy: their words, how they end, and which need a closer look.

A line is the text of a paragraph, folded to one line. Most lines are running text that no pattern can match and whose
last character decides whether they end a sentence. Here these are recognised by their bytes and words. The uncertain
lines are passed to `patterns` and `text` one by one, so the results are the same as without this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_letters, ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from newsdedup import text, thresholds
from newsdedup.arrays import Flags, Ints, sorted_unique
from newsdedup.clean import patterns
from newsdedup.clean.line_hints import LETTERS
from newsdedup.features import is_in_sorted
from newsdedup.hashing import Bytes, Tokens, Vocabulary, tokenise

# Characters are mapped to bytes: Latin-1 with straight quotes, one byte for all dashes, and 0 for everything else.
_DASH = 0x96
_MARK_TO_LATIN1 = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": chr(_DASH), "—": chr(_DASH), "…": ".", "€": "$"}
_CODE_POINT_TO_BYTE = np.zeros(0x2100, dtype=np.uint8)
_CODE_POINT_TO_BYTE[:256] = np.arange(256)
_CODE_POINT_TO_BYTE[0x80:0xA0] = 0  # control characters; one of these bytes is used for the dash
for _mark, _plain in _MARK_TO_LATIN1.items():
    _CODE_POINT_TO_BYTE[ord(_mark)] = ord(_plain)
_LINE_END = 10


def _byte_mask(chars: Iterable[str]) -> Flags:
    mask = np.zeros(256, dtype=np.bool_)
    mask[[ord(char) for char in chars]] = True
    return mask


_ALNUM = _byte_mask(ascii_letters + digits)
_CLOSING = _byte_mask("\"')]")
_NO_SENTENCE_END = _ALNUM | _byte_mask([",", ";", ":", "-", chr(_DASH)])
_SENTENCE_END = _byte_mask("!?")
_CAPITAL = _byte_mask(ascii_uppercase)
# The two characters before the full stop of an abbreviation.
_ABBREVIATION_TAILS = {(ord(abbreviation[-3]), ord(abbreviation[-2])) for abbreviation in text.ABBREVIATIONS}

_LOWER_LETTERS = np.frombuffer(LETTERS, dtype=np.uint8)
_SHAPE_MARKS = _byte_mask("\0|><@/%»·")
_DATELINE_MARKS = _byte_mask(["\0", ":", "-", ")", "]", chr(_DASH)])
_SPACE = _byte_mask(" \xa0\0")
_SPACE_OR_BRACKET = _byte_mask(" )\xa0\0")

_LOW_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)
_HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_HASH_SHIFT = np.uint64(48)
_OF_AS_UINT32 = int.from_bytes(b" of ", "little")
_OPENING_WORDS = thresholds.HEADLINE_WORDS[0]
_OPENING_FACTORS = np.array(
    [pow(0x9E3779B97F4A7C15, 2 * i + 1, 1 << 64) for i in range(_OPENING_WORDS)], dtype=np.uint64
)


def _as_numbers(words: Iterable[str]) -> NDArray[np.uint64]:
    return np.array([int.from_bytes(word.encode()[:8], "little") for word in words], dtype=np.uint64)


def _pair_keys(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return first * _HASH_FACTOR + second


# The index of the lexicon (`patterns.INDEX`) as arrays. A word is a number made of its first eight letters, 0 no word.
_FIRST_KEYS = sorted_unique(
    _as_numbers(word for word, by_second in patterns.INDEX.first_words.items() if by_second[None])
)
_FIRST_PAIRS = [
    (first, second)
    for first, by_second in patterns.INDEX.first_words.items()
    for second in by_second
    if second is not None
]
_PAIR_KEYS = sorted_unique(_pair_keys(*(_as_numbers(words) for words in zip(*_FIRST_PAIRS, strict=True))))
_LAST_KEYS = _as_numbers(["ago"])
_ANYWHERE_KEYS = sorted_unique(_as_numbers(patterns.INDEX.words))
_ANYWHERE_FILTER = np.zeros(1 << 16, dtype=np.bool_)
_ANYWHERE_FILTER[_ANYWHERE_KEYS * _HASH_FACTOR >> _HASH_SHIFT] = True
_SUBSTRINGS = [
    substring.encode("latin-1")
    for substring in sorted({*patterns.INDEX.substrings, *patterns.NETWORKS, "hide caption"})
]
_FIRST_MARKS = _byte_mask(patterns.INDEX.first_marks)


@dataclass(frozen=True)
class LineFeatures:
    """Features of lines, in order.

    `word_counts`, `ends_sentence` and `hints` (those of `patterns.find_hints`) are exact. `may_have_dateline` is False
    only where `patterns.parse_dateline` returns None. `is_title_case` is the result of `patterns.is_title_case`, or
    None if unknown. `opening_hashes` are hashes of the first HEADLINE_WORDS[0] words, meaningless for lines with fewer
    words.
    """

    tokens: Tokens
    vocabulary: Vocabulary
    word_counts: Sequence[int]
    ends_sentence: Sequence[bool]
    hints: Sequence[int]
    may_have_dateline: Sequence[bool]
    is_title_case: Sequence[bool | None]
    opening_hashes: Sequence[int]

    @cached_property
    def stems(self) -> NDArray[np.uint32]:
        """The stem hash of each token, from `Vocabulary.stem_hashes`."""
        return self.vocabulary.stem_hashes(self.tokens)


def compute_line_features(lines: Sequence[str], vocabulary: Vocabulary) -> LineFeatures:
    """Return the features of lines, which must not be empty or contain line ends."""
    tokens = tokenise(lines)
    # The padding is there because eight characters are read from any position.
    codes = np.frombuffer("\n".join(["", *lines, " " * 8]).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    chars = _CODE_POINT_TO_BYTE[np.minimum(codes, len(_CODE_POINT_TO_BYTE) - 1)]
    breaks = np.flatnonzero(codes == _LINE_END)
    letters = _LetterRuns.find(chars, breaks)
    uncertain = np.flatnonzero(_find_possible_matches(chars, breaks, letters))
    hints = np.zeros(len(lines), dtype=np.int64)
    hints[uncertain] = [patterns.find_hints(lines[i]) for i in uncertain.tolist()]
    return LineFeatures(
        tokens,
        vocabulary,
        np.diff(tokens.bounds).tolist(),
        _find_sentence_ends(lines, chars, breaks),
        hints.tolist(),
        _find_possible_datelines(chars, breaks).tolist(),
        _find_title_case(chars, breaks, letters),
        _compute_opening_hashes(tokens).tolist(),
    )


def _compute_opening_hashes(tokens: Tokens) -> NDArray[np.uint64]:
    hashes = np.concatenate((tokens.hashes, np.zeros(_OPENING_WORDS, dtype=np.uint64)))
    positions = tokens.bounds[:-1, None] + np.arange(_OPENING_WORDS)
    openings: NDArray[np.uint64] = (hashes[positions] * _OPENING_FACTORS).sum(axis=1, dtype=np.uint64)
    return openings


def _find_sentence_ends(lines: Sequence[str], chars: Bytes, breaks: Ints) -> list[bool]:
    """Return the result of `text.ends_sentence` for each line."""
    last = breaks[1:] - 1
    last = last - _CLOSING[chars[last]]
    end, before, second_before = chars[last], chars[last - 1], chars[last - 2]
    is_stop = end == ord(".")
    is_abbreviation = np.zeros(len(lines), dtype=np.bool_)
    for first_char, second_char in _ABBREVIATION_TAILS:
        is_abbreviation |= (second_before == first_char) & (before == second_char)
    is_end = _SENTENCE_END[end] | (is_stop & ~_CAPITAL[before] & ~is_abbreviation & (before > 0))
    ends: list[bool] = is_end.tolist()
    for i in np.flatnonzero(~is_end & ~_NO_SENTENCE_END[end]).tolist():
        ends[i] = text.ends_sentence(lines[i])
    return ends


def _line_indices(breaks: Ints, positions: Ints) -> Ints:
    return np.searchsorted(breaks, positions) - 1


def _find_possible_datelines(chars: Bytes, breaks: Ints) -> Flags:
    """Return the lines that may open with a dateline: a capital first, and near it a mark that may end a dateline."""
    possible = np.zeros(len(breaks) - 1, dtype=np.bool_)
    marks = np.flatnonzero(_DATELINE_MARKS[chars])
    mark, before, after = chars[marks], chars[marks - 1], chars[marks + 1]
    is_hyphen, is_colon = mark == ord("-"), mark == ord(":")
    is_separator = (after == ord("-")) | (_SPACE_OR_BRACKET[before] & _SPACE[after])
    marks = marks[~(is_hyphen & ~is_separator) & ~(is_colon & ~_SPACE[after])]
    line_indices = _line_indices(breaks, marks)
    is_near_start = marks - breaks[line_indices] <= thresholds.MAX_DATELINE_CHARS
    first_char = chars[breaks[line_indices] + 1]
    possible[line_indices[is_near_start & (_CAPITAL[first_char] | (first_char >= 128) | (first_char == 0))]] = True
    return possible


@dataclass(frozen=True)
class _LetterRuns:
    """The runs of ASCII letters, as words.

    `lowered` is the text in lower case with everything else blanked. `first` holds, for the start of each line and the
    end of the text, the index of the next run.
    """

    lowered: Bytes
    starts: Ints
    lengths: Ints
    first: Ints

    @classmethod
    def find(cls, chars: Bytes, breaks: Ints) -> _LetterRuns:
        lowered = _LOWER_LETTERS[chars]
        is_letter = lowered != ord(" ")
        edges = np.flatnonzero(is_letter[1:] != is_letter[:-1]) + 1
        starts = edges[::2]
        return cls(lowered, starts, edges[1::2] - starts, np.searchsorted(starts, breaks))


def _find_title_case(chars: Bytes, breaks: Ints, letters: _LetterRuns) -> list[bool | None]:
    """Return the result of `patterns.is_title_case` for each line, or None if it has letters outside ASCII."""
    is_longer = letters.lengths >= thresholds.TITLE_CASE_WORD_LETTERS
    longer, capitalised = (
        np.diff(np.concatenate(([0], np.cumsum(selected)))[letters.first])
        for selected in (is_longer, is_longer & _CAPITAL[chars[letters.starts]])
    )
    is_title_case = (longer >= thresholds.TITLE_CASE_MIN_WORDS) & (
        capitalised >= thresholds.TITLE_CASE_MIN_SHARE * longer
    )
    title_case: list[bool | None] = is_title_case.tolist()
    for i in sorted_unique(_line_indices(breaks, np.flatnonzero((chars == 0) | (chars > _DASH)))).tolist():
        title_case[i] = None
    return title_case


def _find_possible_matches(chars: Bytes, breaks: Ints, letters: _LetterRuns) -> Flags:
    """Return the lines for which `patterns.find_hints` may return more than 0."""
    possible = np.full(len(breaks) - 1, patterns.INDEX.always != 0)
    starts = letters.starts
    windows = np.ndarray((len(chars) - 7,), dtype="<u8", buffer=letters.lowered.data, strides=(1,))
    words = windows[starts] & _LOW_BYTES[np.minimum(letters.lengths, 8)]
    candidates = np.flatnonzero(_ANYWHERE_FILTER[words * _HASH_FACTOR >> _HASH_SHIFT])
    possible[_line_indices(breaks, starts[candidates[is_in_sorted(words[candidates], _ANYWHERE_KEYS)]])] = True
    first, next_first = letters.first[:-1], letters.first[1:]
    words = np.append(words, np.uint64(0))
    possible |= first == next_first
    second = np.where(first + 1 < next_first, first + 1, len(words) - 1)
    possible |= is_in_sorted(words[first], _FIRST_KEYS) | is_in_sorted(
        _pair_keys(words[first], words[second]), _PAIR_KEYS
    )
    possible |= is_in_sorted(words[next_first - 1], _LAST_KEYS)
    possible[_line_indices(breaks, np.flatnonzero(_SHAPE_MARKS[chars]))] = True
    marked = _line_indices(breaks, np.flatnonzero(_FIRST_MARKS[chars]))
    possible[marked[~_ALNUM[chars[breaks[marked] + 1]]]] = True
    encoded = chars.tobytes()
    possible[_line_indices(breaks, _find_all(encoded, b"WATCH"))] = True
    lowered = encoded.lower()
    possible[_line_indices(breaks, _find_counters(np.frombuffer(lowered, dtype=np.uint8)))] = True
    for substring in _SUBSTRINGS:
        possible[_line_indices(breaks, _find_all(lowered, substring))] = True
    return possible


def _find_counters(chars: Bytes) -> Ints:
    """Return the positions of digits before ` of `, as in the captions of a gallery."""
    digits = np.flatnonzero((chars >= ord("0")) & (chars <= ord("9")))
    windows = np.ndarray((len(chars) - 3,), dtype="<u4", buffer=chars.data, strides=(1,))
    positions: Ints = digits[windows[digits + 1] == _OF_AS_UINT32]
    return positions


def _find_all(haystack: bytes, needle: bytes) -> Ints:
    position, positions = haystack.find(needle), []
    while position >= 0:
        positions.append(position)
        position = haystack.find(needle, position + 1)
    return np.array(positions, dtype=np.int64)
