"""Vectorised tokeniser: the words of many texts at once, found, folded and hashed in numpy over the joined text.

The words are exactly those of `text.split_words`. A batch of 100 to 300 kB keeps all arrays in the CPU cache. The class
of a byte (letter, digit, neither) and its lower case come from tables. A text with characters that the tables cannot
handle exactly (ligatures, combining marks, scripts without spaces, digits of other scripts) goes through
`text.split_words` instead.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Flags, Hashes, Ints, bounds_from_sizes, row_numbers, sorted_unique
from newsdedup.idf import hash_word
from newsdedup.text import split_words, stem

HASH_SCHEME = 1
"""Version of the word hash. Hashes of two schemes must not be compared: raise it with any change of `_hash_words`."""

Bytes = NDArray[np.uint8]
Stems = NDArray[np.uint32]

# Byte classes. A byte beyond ASCII counts as part of a letter until its character is looked up.
_SEPARATOR, _LETTER, _DIGIT, _APOSTROPHE, _POINT = range(5)
_DELETED = b"\xff"  # does not occur in UTF-8
_BYTE_CLASSES = bytes(
    _LETTER if byte >= 128 or chr(byte).isalpha()
    else _DIGIT if chr(byte).isdigit()
    else _APOSTROPHE if chr(byte) in "'`"
    else _POINT if chr(byte) in ".,/:"
    else _SEPARATOR
    for byte in range(256)
)  # fmt: skip
_LOWERCASE_BYTES = bytes(range(256)).lower().replace(b"`", b"'")

# A capitalised word cannot begin a sentence, so it is a name, if one of the first set and a space precede it and one of
# the second set follows it.
_BEFORE_NAME = np.array(
    [chr(byte).islower() or chr(byte).isdigit() or byte == ord(",") for byte in range(128)] + [False] * 128
)
_AFTER_NAME = np.array([chr(byte) in " ,\n" for byte in range(256)])

# Code points beyond ASCII that the tables cover: Latin, Greek, Cyrillic, Hebrew, Arabic, punctuation.
_TABLE_RANGES = (range(0x80, 0x700), range(0x1E00, 0x2070), range(0x20A0, 0x20C1))
_HANGUL_SYLLABLES = slice(0xAC00, 0xD7A4)  # Korean
_UNKNOWN, _LOWERCASE, _UPPERCASE, _NON_LETTER = range(4)
_ELLIPSIS = 0x2026
_CURLY_QUOTES = 0x2018  # this and the next code point count as apostrophes

# Longest word that is hashed eight bytes at a time; a longer one is hardly a word and is hashed with BLAKE2b.
_MAX_WORD_BYTES = 64
_MIX_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SEED = np.uint64(0x9E3779B97F4A7C15)
_BYTE_MASKS = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)

# Slots of a vocabulary, a power of two: 12 bytes each.
_VOCABULARY_SLOTS = 1 << 19


@dataclass(frozen=True)
class Tokens:
    """The words of texts, in order: those of text i have the indices `bounds[i]` to `bounds[i + 1]`.

    `hashes` (uint64) are equal if and only if the words are equal. Word k is `spelling[starts[k] : ends[k]]` in UTF-8.
    `is_name` marks the words that are certainly capitalised tokens in the sense of `text.extract_capitalised_tokens`:
    most of them, not all.
    """

    hashes: Hashes
    bounds: Ints
    spelling: Bytes
    starts: Ints
    ends: Ints
    is_name: Flags

    def spell(self, index: int) -> str:
        """Return the word with this index."""
        return self.spelling[self.starts[index] : self.ends[index]].tobytes().decode("utf-8", "surrogatepass")


def tokenise(texts: Sequence[str]) -> Tokens:
    """Return the words of every text: exactly those that `text.split_words` finds."""
    slow_texts: set[int] = set()
    joined_text = "\n".join(texts)
    if joined_text.count("\n") >= max(len(texts), 1):
        slow_texts = {i for i, text in enumerate(texts) if "\n" in text}
        joined_text = "\n".join("" if i in slow_texts else text for i, text in enumerate(texts))
    data = b"\n%b\n" % joined_text.encode("utf-8", "surrogatepass")
    lowered, classes = bytearray(data.translate(_LOWERCASE_BYTES)), bytearray(data.translate(_BYTE_CLASSES))
    capitals = _find_capitals(np.frombuffer(data, dtype=np.uint8))
    if not joined_text.isascii():
        slow_texts |= _fold_non_ascii(_view_bytes(lowered), _view_bytes(classes))
    _delete_initial_dots(_view_bytes(lowered), _view_bytes(classes))
    capitals -= np.searchsorted(np.flatnonzero(_view_bytes(classes) == _DELETED[0]), capitals)
    lowered, classes = lowered.replace(_DELETED, b""), classes.replace(_DELETED, b"")
    starts, ends = _find_word_spans(_view_bytes(classes))
    spelling = _view_bytes(lowered)
    is_name = np.zeros(len(spelling), dtype=bool)
    is_name[capitals] = True
    is_name = is_name[starts] & _AFTER_NAME[spelling[ends]]
    bounds = np.searchsorted(starts, np.flatnonzero(spelling == ord("\n"))).astype(np.int64)[: len(texts) + 1]
    if slow_texts:
        slow_words = {
            i: [w.encode("utf-8", "surrogatepass") for w in split_words(texts[i])] for i in sorted(slow_texts)
        }
        return _insert_words(lowered, starts, ends, bounds, is_name, slow_words)
    return _build_tokens(lowered, starts, ends, bounds, is_name)


def _view_bytes(data: bytearray) -> Bytes:
    return np.frombuffer(data, dtype=np.uint8)


def _find_capitals(text: Bytes) -> Ints:
    """Return the positions of ASCII capitals that follow a space after a lower-case letter, a digit or a comma."""
    positions = np.flatnonzero(text[1:] - np.uint8(ord("A")) < 26) + 1
    positions = positions[text[positions - 1] == ord(" ")]
    capitals: Ints = positions[_BEFORE_NAME[text[positions - 2]]]
    return capitals


def _fold_non_ascii(lowered: Bytes, classes: Bytes) -> set[int]:
    """Lower-case characters beyond ASCII and set their classes, in place; return the texts that need the slow path."""
    char_kinds, lowercase = _build_char_tables()
    lead_bytes = np.flatnonzero(lowered >= 0xC0)
    first, second, third = (lowered[lead_bytes + i].astype(np.int64) for i in range(3))
    is_two_byte, is_three_byte = first < 0xE0, (first >= 0xE0) & (first < 0xF0)
    codes = np.where(
        is_two_byte, (first & 0x1F) << 6 | second & 0x3F, (first & 0xF) << 12 | (second & 0x3F) << 6 | third & 0x3F
    )
    kinds = np.where(is_two_byte | is_three_byte, char_kinds[codes], _UNKNOWN)
    separators = lead_bytes[kinds == _NON_LETTER]
    classes[separators] = classes[separators + 1] = _SEPARATOR
    classes[lead_bytes[(kinds == _NON_LETTER) & is_three_byte] + 2] = _SEPARATOR
    ellipses = lead_bytes[(codes == _ELLIPSIS) & is_three_byte]
    for i in range(3):
        lowered[ellipses + i], classes[ellipses + i] = ord("."), _POINT
    is_upper = kinds == _UPPERCASE
    positions, lower_codes = lead_bytes[is_upper & is_two_byte], lowercase[codes[is_upper & is_two_byte]]
    lowered[positions], lowered[positions + 1] = 0xC0 | lower_codes >> 6, 0x80 | lower_codes & 0x3F
    positions, lower_codes = lead_bytes[is_upper & is_three_byte], lowercase[codes[is_upper & is_three_byte]]
    lowered[positions], lowered[positions + 1] = 0xE0 | lower_codes >> 12, 0x80 | lower_codes >> 6 & 0x3F
    lowered[positions + 2] = 0x80 | lower_codes & 0x3F
    slow_texts: set[int] = set()
    unknown = lead_bytes[kinds == _UNKNOWN]
    if len(unknown):
        newlines = np.flatnonzero(lowered == ord("\n"))
        slow_texts.update((sorted_unique(np.searchsorted(newlines, unknown)) - 1).tolist())
    for i in slow_texts:
        classes[newlines[i] : newlines[i + 1]] = _SEPARATOR
    quotes = lead_bytes[(codes & ~1 == _CURLY_QUOTES) & is_three_byte]
    for i in range(2):
        lowered[quotes + i] = classes[quotes + i] = _DELETED[0]
    lowered[quotes + 2], classes[quotes + 2] = ord("'"), _APOSTROPHE
    return slow_texts


@cache
def _build_char_tables() -> tuple[Bytes, NDArray[np.uint16]]:
    """Return for each code point under 65,536 its kind (`_UNKNOWN`, ...) and the code point of its lower case."""
    char_kinds, lowercase = np.zeros(1 << 16, dtype=np.uint8), np.arange(1 << 16, dtype=np.uint16)
    char_kinds[_HANGUL_SYLLABLES] = _LOWERCASE
    letter, word_char = re.compile(r"[^\W\d_]"), re.compile(r"[\w\u200c\u200d.,/:'`’‘ʼ]")
    for code in chain(*_TABLE_RANGES):
        char = chr(code)
        normalised, lowered = unicodedata.normalize("NFKC", char), char.casefold()
        if any(unicodedata.category(part)[0] == "M" for part in normalised):
            continue
        if not word_char.search(normalised) and len(split_words(f"a{char}b")) == 2:
            char_kinds[code] = _NON_LETTER
            continue
        is_letter = normalised == char != "ʼ" and letter.fullmatch(char) and letter.fullmatch(lowered)
        if is_letter and len(lowered.encode()) == len(char.encode()):
            char_kinds[code] = _LOWERCASE if lowered == char else _UPPERCASE
            lowercase[code] = ord(lowered)
    # An ellipsis is replaced by three dots, which take as many bytes.
    char_kinds[[_ELLIPSIS, _CURLY_QUOTES, _CURLY_QUOTES + 1]] = _NON_LETTER
    return char_kinds, lowercase


def _delete_initial_dots(text: Bytes, classes: Bytes) -> None:
    """Mark the dots of initials (`U.S.`) as deleted: two letters or more, each with a dot, no letter before them."""
    dots = np.flatnonzero(text == ord("."))
    dots = dots[classes[dots - 1] == _LETTER]
    letters = dots - 1
    for _ in range(2):
        letters = letters - (text[letters] & 0xC0 == 0x80)
    before = letters - 1
    is_first = np.ones(len(dots), dtype=bool)
    is_first[1:] = before[1:] != dots[:-1]
    # A letter inside a word cannot start initials, but the letter after its dot can.
    is_inside = is_first & ((classes[before] == _LETTER) | (classes[before] == _DIGIT) | (text[before] == ord("_")))
    dots, is_first = dots[~is_inside], (is_first | np.concatenate(([False], is_inside[:-1])))[~is_inside]
    is_single = is_first & np.concatenate((is_first[1:], [True]))
    text[dots[~is_single]] = classes[dots[~is_single]] = _DELETED[0]


def _find_word_spans(classes: Bytes) -> tuple[Ints, Ints]:
    """Return where each word starts and ends: a run of letters or of digits with the marks that join them."""
    marks = np.flatnonzero(classes >= _APOSTROPHE)
    before, after, mark_class = classes[marks - 1], classes[marks + 1], classes[marks]
    joins_letters = (mark_class == _APOSTROPHE) & (before == _LETTER) & (after == _LETTER)
    joins_digits = (mark_class == _POINT) & (before == _DIGIT) & (after == _DIGIT)
    classes[marks] = np.where(joins_letters, _LETTER, np.where(joins_digits, _DIGIT, _SEPARATOR))
    changes = classes[1:] != classes[:-1]
    starts = np.flatnonzero(changes & (classes[1:] != _SEPARATOR)) + 1
    ends = np.flatnonzero(changes & (classes[:-1] != _SEPARATOR)) + 1
    return starts, ends


def _insert_words(
    lowered: bytearray, starts: Ints, ends: Ints, bounds: Ints, is_name: Flags, slow_words: Mapping[int, list[bytes]]
) -> Tokens:
    """Return all words in order, with those of some texts, by index, replaced by the words of the slow path."""
    slow_indices, slow_counts = list(slow_words), list(map(len, slow_words.values()))
    inserted = list(chain.from_iterable(slow_words.values()))
    lengths = np.array(list(map(len, inserted)), dtype=np.int64)
    stops = len(lowered) + np.cumsum(lengths)
    order = np.argsort(np.concatenate((row_numbers(bounds), np.repeat(slow_indices, slow_counts))), kind="stable")
    counts = np.diff(bounds)
    counts[slow_indices] = slow_counts
    starts, ends = np.concatenate((starts, stops - lengths))[order], np.concatenate((ends, stops))[order]
    is_name = np.concatenate((is_name, np.zeros(len(lengths), dtype=bool)))[order]
    return _build_tokens(lowered + b"".join(inserted), starts, ends, bounds_from_sizes(counts), is_name)


def _build_tokens(lowered: bytearray, starts: Ints, ends: Ints, bounds: Ints, is_name: Flags) -> Tokens:
    spelling = _view_bytes(lowered + bytes(8))  # padding: `_hash_words` reads eight bytes from any start
    return Tokens(_hash_words(spelling, starts, ends), bounds, spelling, starts, ends, is_name)


def _hash_words(spelling: Bytes, starts: Ints, ends: Ints) -> Hashes:
    """Return the hash of every word: its bytes, eight at a time, with a mixing step after each; scheme 1.

    Words of up to eight bytes never collide.
    """
    eights = np.ndarray((len(spelling) - 7,), dtype="<u8", buffer=spelling.data, strides=(1,))
    lengths = ends - starts
    hashes = _mix_bits((eights[starts] & _BYTE_MASKS[np.minimum(lengths, 8)]) ^ _SEED)
    for offset in range(8, _MAX_WORD_BYTES, 8):
        longer = np.flatnonzero(lengths > offset)
        if not len(longer):
            break
        eight = eights[starts[longer] + offset] & _BYTE_MASKS[np.minimum(lengths[longer] - offset, 8)]
        hashes[longer] = _mix_bits(hashes[longer] ^ eight)
    for index in np.flatnonzero(lengths > _MAX_WORD_BYTES).tolist():
        word = spelling[starts[index] : ends[index]].tobytes()
        hashes[index] = int.from_bytes(hashlib.blake2b(word, digest_size=8).digest(), "little")
    return hashes


def _mix_bits(values: Hashes) -> Hashes:
    """Mix every bit into all bits, one to one (the finaliser of splitmix64)."""
    values = values ^ values >> np.uint64(30)
    values *= _MIX_MULTIPLIERS[0]
    values ^= values >> np.uint64(27)
    values *= _MIX_MULTIPLIERS[1]
    values ^= values >> np.uint64(31)
    return values


class Vocabulary:
    """A cache of stem hashes by word. Keep one per process, since stemming a new word is what costs time.

    It has a fixed size, so junk input cannot make it grow: a word goes into one of the two slots that its hash selects
    and replaces what is there.
    """

    def __init__(self, slots: int = _VOCABULARY_SLOTS) -> None:
        self._words = np.zeros(slots, dtype=np.uint64)
        self._words[0] = (1 << 64) - 1  # slot 0 holds 0 when empty, which must not match a hash of 0
        self._stems = np.zeros(slots, dtype=np.uint32)

    def stem_hashes(self, tokens: Tokens) -> Stems:
        """Return the low 32 bits of `hash_word` of each word's stem (uint32), the key of `IdfTable.lookup`."""
        slots = self._slots_of(tokens.hashes)
        stem_hashes = self._stems[slots]
        misses = np.flatnonzero(self._words[slots] != tokens.hashes)
        if len(misses):
            second_slots = self._slots_of(tokens.hashes[misses] >> np.uint64(32))
            stem_hashes[misses] = self._stems[second_slots]
            misses = misses[self._words[second_slots] != tokens.hashes[misses]]
        if len(misses):
            new_hashes, first_index, inverse = np.unique(tokens.hashes[misses], return_index=True, return_inverse=True)
            spellings = [tokens.spell(index) for index in misses[first_index].tolist()]
            new_stems = np.array([hash_word(stem(word)) & 0xFFFFFFFF for word in spellings], dtype=np.uint32)
            stem_hashes[misses] = new_stems[inverse]
            slots = self._slots_of(new_hashes)
            is_occupied = self._words[slots] > 0
            slots[is_occupied] = self._slots_of(new_hashes[is_occupied] >> np.uint64(32))
            targets, source_index = np.unique(slots, return_index=True)
            self._words[targets], self._stems[targets] = new_hashes[source_index], new_stems[source_index]
        return stem_hashes

    def _slots_of(self, hashes: Hashes) -> Ints:
        return (hashes & np.uint64(len(self._words) - 1)).astype(np.int64)
