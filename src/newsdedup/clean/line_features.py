"""What numpy tells of all lines of many pages at once: their words, how they end, and which need no closer look.

Most lines are running text that no shape of `patterns` can match and whose end is plain. Here they are told by bytes
and words; whatever is left in doubt is asked of `patterns` and `text`, line by line, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from newsdedup import text
from newsdedup.arrays import Ints
from newsdedup.clean import patterns
from newsdedup.hashing import Tokens, Vocabulary, tokenise
from newsdedup.thresholds import HEADLINE_WORDS

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

# Characters as bytes: Latin-1 with straight quotes, a dash of its own kind, and 0 for all others.
_DASH = 0x96
_MARKS = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": chr(_DASH), "—": chr(_DASH), "…": ".", "€": "$"}
_BYTES = np.zeros(0x2100, dtype=np.uint8)
_BYTES[:256] = np.arange(256)
_BYTES[0x80:0xA0] = 0  # control characters, of which one stands for the dash
for _mark, _plain in _MARKS.items():
    _BYTES[ord(_mark)] = ord(_plain)
_LINE_END = 10


def _bytes_of(chars: Iterable[str]) -> Flags:
    table = np.zeros(256, dtype=np.bool_)
    table[[ord(char) for char in chars]] = True
    return table


_ALNUM = _bytes_of(chr(code) for code in range(128) if chr(code).isalnum())
_CLOSING = _bytes_of("\"')]")
_OPEN_END = _ALNUM | _bytes_of([",", ";", ":", "-", chr(_DASH)])
_SHUT_END = _bytes_of("!?")
# What may stand before a full stop that is an abbreviation's.
_CAPITAL = _bytes_of(chr(code) for code in range(ord("A"), ord("Z") + 1))
_ABBREVIATED = {(ord(each[-3]), ord(each[-2])) for each in text.ABBREVIATIONS}
_BEFORE_STOP = _CAPITAL | _bytes_of(each[-2] for each in text.ABBREVIATIONS)

_LETTERS = np.frombuffer(
    bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalpha() else 32 for code in range(256)), dtype=np.uint8
)
_ASKED = _bytes_of("\0|><@/%»·©")
_DATING = _bytes_of(["\0", ":", "-", ")", "]", chr(_DASH)])
_GAP = _bytes_of(" \xa0\0")
_AFTER_GAP = _bytes_of(" )\xa0\0")
_DATED_BY = 100

_EIGHT_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HIGH = np.uint64(48)
_OF_DIGITS = int.from_bytes(b" of ", "little")
_KEYED = HEADLINE_WORDS[0]
_KEY_ODD = np.array([pow(0x9E3779B97F4A7C15, 2 * i + 1, 1 << 64) for i in range(_KEYED)], dtype=np.uint64)


def _keys(words: Iterable[str]) -> NDArray[np.uint64]:
    return np.unique(np.array([int.from_bytes(word.encode()[:8], "little") for word in words], dtype=np.uint64))


_FIRST = _keys(word for word in patterns.FIRST if word not in patterns.SECOND)
_WITH_SECOND = _keys(patterns.SECOND)
_SECOND = _keys(word for words in patterns.SECOND.values() for word in words)
_ENDS = _keys(patterns.ENDS)
_ANYWHERE = _keys(patterns.ANYWHERE)
_MAYBE_ANYWHERE = np.zeros(1 << 16, dtype=np.bool_)
_MAYBE_ANYWHERE[_ANYWHERE * _SPREAD >> _HIGH] = True
_PARTS = [part.encode() for part in (*patterns.NOTICE_PARTS, *patterns.CAPTION_PARTS, "hide caption", "bagikan")]


@dataclass(frozen=True)
class Features:
    """Of lines, in order: `words` counts theirs, `ends` says whether they end as a sentence does.

    `hinted` holds `patterns.hints`, or 0 where no shape can match; `dated` is False where `patterns.dateline` finds
    nothing; `title_case` holds `patterns.is_title_case`, None where that is not known; `opening` is a hash of the first
    HEADLINE_WORDS[0] words, meaningless where there are fewer.
    """

    tokens: Tokens
    vocabulary: Vocabulary
    words: Sequence[int]
    ends: Sequence[bool]
    hinted: Sequence[int]
    dated: Sequence[bool]
    title_case: Sequence[bool | None]
    opening: Sequence[int]

    @cached_property
    def stems(self) -> NDArray[np.uint32]:
        """The stem of each word of the tokens, as `Vocabulary.stems` has them."""
        return self.vocabulary.stems(self.tokens)


def features_of(lines: Sequence[str], vocabulary: Vocabulary) -> Features:
    """Return the features of lines, each folded to one line and not empty."""
    tokens = tokenise(lines)
    # Eight characters are read from any place.
    codes = np.frombuffer("\n".join(["", *lines, " " * 8]).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    chars = _BYTES[np.minimum(codes, len(_BYTES) - 1)]
    breaks = np.flatnonzero(codes == _LINE_END)
    letters = _Letters.of(chars, breaks)
    asked = np.flatnonzero(_may_have_shape(chars, breaks, letters))
    hinted = np.zeros(len(lines), dtype=np.int64)
    hinted[asked] = [patterns.hints(lines[i]) for i in asked.tolist()]
    return Features(
        tokens,
        vocabulary,
        np.diff(tokens.bounds).tolist(),
        _ends(lines, chars, breaks),
        hinted.tolist(),
        _may_be_dated(chars, breaks).tolist(),
        _title_case(chars, breaks, letters),
        _openings(tokens).tolist(),
    )


def _openings(tokens: Tokens) -> NDArray[np.uint64]:
    hashes = np.concatenate((tokens.hashes, np.zeros(_KEYED, dtype=np.uint64)))
    at = tokens.bounds[:-1, None] + np.arange(_KEYED)
    out: NDArray[np.uint64] = (hashes[at] * _KEY_ODD).sum(axis=1, dtype=np.uint64)
    return out


def _ends(lines: Sequence[str], chars: Bytes, breaks: Ints) -> list[bool]:
    """Return what `text.ends_sentence` says of each line."""
    last = breaks[1:] - 1
    last = last - _CLOSING[chars[last]]
    end, before, second = chars[last], chars[last - 1], chars[last - 2]
    stop = end == ord(".")
    abbreviated = np.zeros(len(lines), dtype=np.bool_)
    for one, other in _ABBREVIATED:
        abbreviated |= (second == one) & (before == other)
    shut = _SHUT_END[end] | (stop & ~_CAPITAL[before] & ~abbreviated & (before > 0))
    ends: list[bool] = shut.tolist()
    for i in np.flatnonzero(~shut & ~_OPEN_END[end]).tolist():
        ends[i] = text.ends_sentence(lines[i])
    return ends


def _line_of(breaks: Ints, at: Ints) -> Ints:
    return np.searchsorted(breaks, at) - 1


def _may_be_dated(chars: Bytes, breaks: Ints) -> Flags:
    """Tell of each line whether it may open with a dateline: a capital, and a mark that may end one."""
    out = np.zeros(len(breaks) - 1, dtype=np.bool_)
    marks = np.flatnonzero(_DATING[chars])
    mark, before, after = chars[marks], chars[marks - 1], chars[marks + 1]
    hyphen, colon = mark == ord("-"), mark == ord(":")
    apart = (after == ord("-")) | (_AFTER_GAP[before] & _GAP[after])
    marks = marks[~(hyphen & ~apart) & ~(colon & ~_GAP[after])]
    line = _line_of(breaks, marks)
    near = marks - breaks[line] <= _DATED_BY
    first = chars[breaks[line] + 1]
    out[line[near & (_CAPITAL[first] | (first >= 128) | (first == 0))]] = True
    return out


@dataclass(frozen=True)
class _Letters:
    """The runs of ASCII letters, in lower case, and which is the first at or behind the beginning of each line."""

    text: Bytes
    starts: Ints
    lengths: Ints
    first: Ints

    @classmethod
    def of(cls, chars: Bytes, breaks: Ints) -> _Letters:
        letters = _LETTERS[chars]
        inside = letters != ord(" ")
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        starts = edges[::2]
        return cls(letters, starts, edges[1::2] - starts, np.searchsorted(starts, breaks))


def _title_case(chars: Bytes, breaks: Ints, letters: _Letters) -> list[bool | None]:
    """Return what `patterns.is_title_case` says of each line without other letters than those of ASCII, else None."""
    longer = letters.lengths >= patterns.LONGER_WORD
    counts = []
    for counted in (longer, longer & _CAPITAL[chars[letters.starts]]):
        upto = np.concatenate(([0], np.cumsum(counted)))[letters.first]
        counts.append(upto[1:] - upto[:-1])
    told: list[bool | None] = ((counts[0] >= 3) & (counts[1] >= 0.75 * counts[0])).tolist()
    for i in np.unique(_line_of(breaks, np.flatnonzero((chars == 0) | (chars > _DASH)))).tolist():
        told[i] = None
    return told


def _may_have_shape(chars: Bytes, breaks: Ints, letters: _Letters) -> Flags:
    """Tell of each line whether `patterns.hints` may have more to say than nothing."""
    out = np.zeros(len(breaks) - 1, dtype=np.bool_)
    starts = letters.starts
    eights = np.ndarray((len(chars) - 7,), dtype="<u8", buffer=letters.text.data, strides=(1,))
    words = eights[starts] & _EIGHT_BYTES[np.minimum(letters.lengths, 8)]
    maybe = np.flatnonzero(_MAYBE_ANYWHERE[words * _SPREAD >> _HIGH])
    out[_line_of(breaks, starts[maybe[np.isin(words[maybe], _ANYWHERE)]])] = True
    first, behind = letters.first[:-1], letters.first[1:]
    words = np.append(words, np.uint64(0))
    out |= first == behind
    one, other = words[first], words[np.minimum(first + 1, len(words) - 1)]
    out |= np.isin(one, _FIRST) | (np.isin(one, _WITH_SECOND) & (np.isin(other, _SECOND) | (first + 1 == behind)))
    out |= np.isin(words[behind - 1], _ENDS)
    out[_line_of(breaks, np.flatnonzero(_ASKED[chars]))] = True
    brackets = _line_of(breaks, np.flatnonzero(chars == ord("(")))
    out[brackets[~_ALNUM[chars[breaks[brackets] + 1]]]] = True
    out[_line_of(breaks, _counted(chars))] = True
    whole = chars.tobytes()
    out[_line_of(breaks, _found(whole, b"WATCH"))] = True
    low = whole.lower()
    for part in _PARTS:
        out[_line_of(breaks, _found(low, part))] = True
    return out


def _counted(chars: Bytes) -> Ints:
    """Return where a digit stands before ` of ` and another, as in the captions of a gallery."""
    digits = np.flatnonzero((chars >= ord("0")) & (chars <= ord("9")))
    fours = np.ndarray((len(chars) - 3,), dtype="<u4", buffer=chars.data, strides=(1,))
    found: Ints = digits[fours[digits + 1] == _OF_DIGITS]
    return found


def _found(whole: bytes, part: bytes) -> Ints:
    at, places = whole.find(part), []
    while at >= 0:
        places.append(at)
        at = whole.find(part, at + 1)
    return np.array(places, dtype=np.int64)
