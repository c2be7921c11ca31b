"""Word differences between two sentences, as marked in conflicts and by `compare`."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from newsdedup.text import normalise_unicode

# Each character of a script without spaces is a word; otherwise a word ends at white space.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"([{_UNSPACED}]|[^\s{_UNSPACED}]+)(\s*)")
_STRAIGHT_QUOTES = str.maketrans("‘’“”", "''\"\"")


class Piece(NamedTuple):
    """A run of words, whether the other sentence lacks them at this point, and the white space after it."""

    text: str
    differs: bool
    space: str


def diff_words(a: str, b: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both sentences as runs of words that are common or differ.

    Case, the shape of quotes and punctuation at the ends of a word are ignored. The matching blocks are those of
    difflib without its popularity heuristic. The pieces with their spaces joined give each sentence again, except white
    space at its ends.
    """
    words_a, words_b = _WORD.findall(a.strip()), _WORD.findall(b.strip())
    matcher = SequenceMatcher(
        None, [_normalise_word(w) for w, _ in words_a], [_normalise_word(w) for w, _ in words_b], autojunk=False
    )
    pieces_a: list[Piece] = []
    pieces_b: list[Piece] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        for words, start, end, pieces in ((words_a, a1, a2, pieces_a), (words_b, b1, b2, pieces_b)):
            if start < end:
                text = "".join(word + space for word, space in words[start : end - 1]) + words[end - 1][0]
                pieces.append(Piece(text, tag != "equal", words[end - 1][1]))
    return tuple(pieces_a), tuple(pieces_b)


def _normalise_word(word: str) -> str:
    folded = normalise_unicode("NFKC", word).translate(_STRAIGHT_QUOTES).casefold()
    start, end = 0, len(folded)
    while start < end and not folded[start].isalnum():
        start += 1
    while end > start and not folded[end - 1].isalnum():
        end -= 1
    return folded[start:end] or folded
