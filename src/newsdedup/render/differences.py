"""Which words differ between two sentences: what conflicts and `compare` mark."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import NamedTuple

# A character of a script without spaces is a word of its own; else a word runs to the next white space.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"([{_UNSPACED}]|[^\s{_UNSPACED}]+)(\s*)")
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")


class Piece(NamedTuple):
    """A run of words, whether the other sentence lacks them here, and the white space after it."""

    text: str
    differs: bool
    space: str


def differences(a: str, b: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both sentences as runs of words that are common or differ.

    Case, shape of quotes and marks at the ends of a word make no difference. Longest matching blocks as difflib finds
    them, without its popularity heuristic; the pieces and their spaces joined give each sentence back, save white space
    at its ends.
    """
    words_a, words_b = _WORD.findall(a.strip()), _WORD.findall(b.strip())
    matcher = SequenceMatcher(None, [_key(w) for w, _ in words_a], [_key(w) for w, _ in words_b], autojunk=False)
    out_a: list[Piece] = []
    out_b: list[Piece] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        for words, start, end, out in ((words_a, a1, a2, out_a), (words_b, b1, b2, out_b)):
            if start < end:
                text = "".join(word + space for word, space in words[start : end - 1]) + words[end - 1][0]
                out.append(Piece(text, tag != "equal", words[end - 1][1]))
    return tuple(out_a), tuple(out_b)


def _key(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word).translate(_STRAIGHT).casefold()
    start, end = 0, len(folded)
    while start < end and not folded[start].isalnum():
        start += 1
    while end > start and not folded[end - 1].isalnum():
        end -= 1
    return folded[start:end] or folded
