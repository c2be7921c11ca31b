"""Words of many texts at once, exactly as `text.words` has them: found, folded and hashed in numpy over joined text.

A batch of some 100 to 300 kB keeps all arrays in the cache. What a byte is (letter, digit, neither) and its small form
come from tables; only what these cannot tell exactly (ligatures, combining marks, scripts without spaces, digits of
other scripts) goes text by text through `text.words`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints, bounds_of
from newsdedup.idf import hash_word
from newsdedup.text import stem, words

SCHEME = 1
"""Version of the word hash. Hashes of different schemes must never meet: raise it with any change of `_hashes`."""

Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
Stems = NDArray[np.uint32]

# What a byte is. Whatever is not ASCII is taken for part of a letter until its character is looked up.
_APART, _LETTER, _DIGIT, _APOSTROPHE, _POINT = range(5)
_GONE = b"\xff"  # in no UTF-8 text
_KINDS = bytes(
    _LETTER if byte >= 128 or chr(byte).isalpha()
    else _DIGIT if chr(byte).isdigit()
    else _APOSTROPHE if chr(byte) in "'`"
    else _POINT if chr(byte) in ".,/:"
    else _APART
    for byte in range(256)
)  # fmt: skip
_SMALL = bytes(ord("'") if chr(i) == "`" else i + 32 if "A" <= chr(i) <= "Z" else i for i in range(256))

# A word with a capital between two such bytes and a space before it is a name wherever the sentence begins.
_BEFORE_NAME = np.array(
    [chr(byte).islower() or chr(byte).isdigit() or byte == ord(",") for byte in range(128)] + [False] * 128
)
_AFTER_NAME = np.array([chr(byte) in " ,\n" for byte in range(256)])

# The characters beyond ASCII that a table can tell, by code: Latin, Greek, Cyrillic, Hebrew, Arabic, punctuation.
_TOLD = (range(0x80, 0x700), range(0x1E00, 0x2070), range(0x20A0, 0x20C1))
_SYLLABLES = slice(0xAC00, 0xD7A4)  # Korean
_UNSURE, _SMALL_LETTER, _CAPITAL, _NO_LETTER = range(4)
_ELLIPSIS = 0x2026
_QUOTES = 0x2018  # this and the next are apostrophes

# Bytes of a word that are hashed eight at a time; a longer one is no word, and hashed whole.
_LONGEST = 64
_ODD = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SEED = np.uint64(0x9E3779B97F4A7C15)
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)

# Words that a vocabulary remembers at most, a power of two: 12 bytes each.
_REMEMBERED = 1 << 19


@dataclass(frozen=True)
class Tokens:
    """The words of texts, in order: those of text i are numbers `bounds[i]` to `bounds[i + 1]`.

    `hashes` (uint64) are equal where the words are equal; word k is spelt, in UTF-8, from `starts[k]` to `ends[k]` of
    `spelt`. `named` tells which words are surely names, as `text.names` has it: most of those that are.
    """

    hashes: Hashes
    bounds: Ints
    spelt: Bytes
    starts: Ints
    ends: Ints
    named: NDArray[np.bool_]

    def word(self, k: int) -> str:
        """Return the word of this number."""
        return self.spelt[self.starts[k] : self.ends[k]].tobytes().decode("utf-8", "surrogatepass")


def tokenise(texts: Sequence[str]) -> Tokens:
    """Return the words of every text, those and only those that `text.words` finds."""
    hard: set[int] = set()
    whole = "\n".join(texts)
    if whole.count("\n") >= max(len(texts), 1):
        hard = {i for i, text in enumerate(texts) if "\n" in text}
        whole = "\n".join("" if i in hard else text for i, text in enumerate(texts))
    data = b"\n%b\n" % whole.encode("utf-8", "surrogatepass")
    small, kinds = bytearray(data.translate(_SMALL)), bytearray(data.translate(_KINDS))
    capitals = _capitals(np.frombuffer(data, dtype=np.uint8))
    if not whole.isascii():
        hard |= _tell_others(_writable(small), _writable(kinds))
    _drop_dots(_writable(small), _writable(kinds))
    capitals -= np.searchsorted(np.flatnonzero(_writable(kinds) == _GONE[0]), capitals)
    small, kinds = small.replace(_GONE, b""), kinds.replace(_GONE, b"")
    starts, ends = _spans(_writable(kinds))
    spelt = _writable(small)
    named = np.zeros(len(spelt), dtype=bool)
    named[capitals] = True
    named = named[starts] & _AFTER_NAME[spelt[ends]]
    bounds = np.searchsorted(starts, np.flatnonzero(spelt == ord("\n"))).astype(np.int64)[: len(texts) + 1]
    if hard:
        asked = sorted(hard)
        found = [[word.encode("utf-8", "surrogatepass") for word in words(texts[i])] for i in asked]
        return _with(small, starts, ends, bounds, named, asked, found)
    return _tokens(small, starts, ends, bounds, named)


def _writable(data: bytearray) -> Bytes:
    return np.frombuffer(data, dtype=np.uint8)


def _capitals(text: Bytes) -> Ints:
    """Return where a capital of ASCII stands behind a space that a small letter, a digit or a comma stands before."""
    at = np.flatnonzero(text[1:] - np.uint8(ord("A")) < 26) + 1
    at = at[text[at - 1] == ord(" ")]
    found: Ints = at[_BEFORE_NAME[text[at - 2]]]
    return found


def _tell_others(small: Bytes, kinds: Bytes) -> set[int]:
    """Fold the characters beyond ASCII and set their kinds; returns the texts that hold one which no table can tell."""
    told, folded = _table()
    lead = np.flatnonzero(small >= 0xC0)
    first, second, third = (small[lead + i].astype(np.int64) for i in range(3))
    two, three = first < 0xE0, (first >= 0xE0) & (first < 0xF0)
    code = np.where(two, (first & 0x1F) << 6 | second & 0x3F, (first & 0xF) << 12 | (second & 0x3F) << 6 | third & 0x3F)
    kind = np.where(two | three, told[code], _UNSURE)
    apart = lead[kind == _NO_LETTER]
    kinds[apart] = kinds[apart + 1] = _APART
    kinds[lead[(kind == _NO_LETTER) & three] + 2] = _APART
    dots = lead[(code == _ELLIPSIS) & three]
    for i in range(3):
        small[dots + i], kinds[dots + i] = ord("."), _POINT
    capital = kind == _CAPITAL
    at, to = lead[capital & two], folded[code[capital & two]]
    small[at], small[at + 1] = 0xC0 | to >> 6, 0x80 | to & 0x3F
    at, to = lead[capital & three], folded[code[capital & three]]
    small[at], small[at + 1], small[at + 2] = 0xE0 | to >> 12, 0x80 | to >> 6 & 0x3F, 0x80 | to & 0x3F
    hard: set[int] = set()
    unsure = lead[kind == _UNSURE]
    if len(unsure):
        breaks = np.flatnonzero(small == ord("\n"))
        hard.update((np.unique(np.searchsorted(breaks, unsure)) - 1).tolist())
    for i in hard:
        kinds[breaks[i] : breaks[i + 1]] = _APART
    curled = lead[(code & ~1 == _QUOTES) & three]
    for i, byte, own in ((0, _GONE[0], _GONE[0]), (1, _GONE[0], _GONE[0]), (2, ord("'"), _APOSTROPHE)):
        small[curled + i], kinds[curled + i] = byte, own
    return hard


@cache
def _table() -> tuple[Bytes, NDArray[np.uint16]]:
    """Return for each character code under 65,536 what it is (`_UNSURE`, ...), and the code of its small form."""
    told, folded = np.zeros(1 << 16, dtype=np.uint8), np.arange(1 << 16, dtype=np.uint16)
    told[_SYLLABLES] = _SMALL_LETTER
    letter, wordly = re.compile(r"[^\W\d_]"), re.compile(r"[\w\u200c\u200d.,/:'`’‘ʼ]")

    def as_long(one: str, other: str) -> bool:
        return len(one.encode()) == len(other.encode())

    for code in (code for codes in _TOLD for code in codes):
        char = chr(code)
        plain, small = unicodedata.normalize("NFKC", char), char.casefold()
        if any(unicodedata.category(each)[0] == "M" for each in plain):
            continue
        if not wordly.search(plain) and len(words(f"a{char}b")) == 2:
            told[code] = _NO_LETTER
        elif plain == char != "ʼ" and letter.fullmatch(char) and letter.fullmatch(small) and as_long(small, char):
            told[code] = _SMALL_LETTER if small == char else _CAPITAL
            folded[code] = ord(small)
    told[[_ELLIPSIS, _QUOTES, _QUOTES + 1]] = _NO_LETTER  # the first stands for three dots, and is as long as they are
    return told, folded


def _drop_dots(text: Bytes, kind: Bytes) -> None:
    """Mark the dots of initials as gone: of two letters or more with one behind each, no letter before the first."""
    dots = np.flatnonzero(text == ord("."))
    dots = dots[kind[dots - 1] == _LETTER]
    letters = dots - 1
    for _ in range(2):
        letters = letters - (text[letters] & 0xC0 == 0x80)
    before = letters - 1
    opens = np.ones(len(dots), dtype=bool)
    opens[1:] = before[1:] != dots[:-1]
    # A letter inside a word cannot be the first of initials, though the one behind its dot can.
    inside = opens & ((kind[before] == _LETTER) | (kind[before] == _DIGIT) | (text[before] == ord("_")))
    dots, opens = dots[~inside], (opens | np.concatenate(([False], inside[:-1])))[~inside]
    alone = opens & np.concatenate((opens[1:], [True]))
    text[dots[~alone]] = kind[dots[~alone]] = _GONE[0]


def _spans(kind: Bytes) -> tuple[Ints, Ints]:
    """Return where each word starts and where it ends: runs of letters, or of digits, with what joins them inside."""
    marks = np.flatnonzero(kind >= _APOSTROPHE)
    before, after, own = kind[marks - 1], kind[marks + 1], kind[marks]
    within = (own == _APOSTROPHE) & (before == _LETTER) & (after == _LETTER)
    between = (own == _POINT) & (before == _DIGIT) & (after == _DIGIT)
    kind[marks] = np.where(within, _LETTER, np.where(between, _DIGIT, _APART))
    change = kind[1:] != kind[:-1]
    return np.flatnonzero(change & (kind[1:] != _APART)) + 1, np.flatnonzero(change & (kind[:-1] != _APART)) + 1


def _with(
    small: bytearray,
    starts: Ints,
    ends: Ints,
    bounds: Ints,
    named: NDArray[np.bool_],
    texts: Sequence[int],
    found: Sequence[Sequence[bytes]],
) -> Tokens:
    """Return all words in their order, when those of some texts were found otherwise."""
    lengths = np.array([len(word) for each in found for word in each], dtype=np.int64)
    stops = len(small) + np.cumsum(lengths)
    counts = np.diff(bounds)
    owner = np.concatenate((np.repeat(np.arange(len(counts)), counts), np.repeat(texts, [len(each) for each in found])))
    order = np.argsort(owner, kind="stable")
    counts[list(texts)] = [len(each) for each in found]
    starts, ends = np.concatenate((starts, stops - lengths))[order], np.concatenate((ends, stops))[order]
    named = np.concatenate((named, np.zeros(len(lengths), dtype=bool)))[order]
    return _tokens(small + b"".join(word for each in found for word in each), starts, ends, bounds_of(counts), named)


def _tokens(small: bytearray, starts: Ints, ends: Ints, bounds: Ints, named: NDArray[np.bool_]) -> Tokens:
    spelt = _writable(small + bytes(8))  # eight bytes are read from any start
    return Tokens(_hashes(spelt, starts, ends), bounds, spelt, starts, ends, named)


def _hashes(spelt: Bytes, starts: Ints, ends: Ints) -> Hashes:
    """Return the hash of every word: its bytes, eight at a time and each time mixed; scheme 1.

    No two words of up to eight bytes have the same.
    """
    eights = np.ndarray((len(spelt) - 7,), dtype="<u8", buffer=spelt.data, strides=(1,))
    lengths = ends - starts
    out = _mixed((eights[starts] & _FIRST_BYTES[np.minimum(lengths, 8)]) ^ _SEED)
    for done in range(8, _LONGEST, 8):
        going_on = np.flatnonzero(lengths > done)
        if not len(going_on):
            break
        eight = eights[starts[going_on] + done] & _FIRST_BYTES[np.minimum(lengths[going_on] - done, 8)]
        out[going_on] = _mixed(out[going_on] ^ eight)
    for k in np.flatnonzero(lengths > _LONGEST).tolist():
        word = spelt[starts[k] : ends[k]].tobytes()
        out[k] = int.from_bytes(hashlib.blake2b(word, digest_size=8).digest(), "little")
    return out


def _mixed(values: Hashes) -> Hashes:
    """Spread every bit over all bits, one to one (the finaliser of splitmix64)."""
    values = values ^ values >> np.uint64(30)
    values *= _ODD[0]
    values ^= values >> np.uint64(27)
    values *= _ODD[1]
    values ^= values >> np.uint64(31)
    return values


class Vocabulary:
    """Stems of the words met before; one per process, to be kept from batch to batch, as only new words cost much.

    A word stands in either of two places that its hash names, where the last comer stays: no input, however much junk
    it holds, makes it grow.
    """

    def __init__(self, places: int = _REMEMBERED) -> None:
        self._words = np.zeros(places, dtype=np.uint64)
        self._words[0] = (1 << 64) - 1  # what an empty place holds belongs elsewhere, so that it matches no word
        self._stems = np.zeros(places, dtype=np.uint32)

    def stems(self, tokens: Tokens) -> Stems:
        """Return of each word's stem the low 32 bits of its `hash_word`, by which `Background.weights` finds it."""
        place = self._place(tokens.hashes)
        out = self._stems[place]
        missed = np.flatnonzero(self._words[place] != tokens.hashes)
        if len(missed):
            second = self._place(tokens.hashes[missed] >> np.uint64(32))
            out[missed] = self._stems[second]
            missed = missed[self._words[second] != tokens.hashes[missed]]
        if len(missed):
            fresh, first, back = np.unique(tokens.hashes[missed], return_index=True, return_inverse=True)
            spelt = [tokens.word(k) for k in missed[first].tolist()]
            stems = np.array([hash_word(stem(word)) & 0xFFFFFFFF for word in spelt], dtype=np.uint32)
            out[missed] = stems[back]
            place = self._place(fresh)
            taken = self._words[place] > 0
            place[taken] = self._place(fresh[taken] >> np.uint64(32))
            to, kept = np.unique(place, return_index=True)
            self._words[to], self._stems[to] = fresh[kept], stems[kept]
        return out

    def _place(self, hashes: Hashes) -> Ints:
        return (hashes & np.uint64(len(self._words) - 1)).astype(np.int64)
