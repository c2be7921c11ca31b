"""The words of many texts at once against `text.words` one by one, and what their hashes and stems promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdedup.hashing import Vocabulary, tokenise
from newsdedup.idf import hash_word
from newsdedup.text import stem, words

# Pieces that meet in hostile ways: what joins words, what parts them, what only `words` itself can tell.
PIECES = (
    "U.S.", "u.s.a.", "e.g", "Ü.Ö.", "Ю.А.", "J.", "a", "Z", "İ", "ß", "É", "é", "e\u0301", "ﬁ", "Σ", "ς", "ж", "Ж",
    "한", "국", "ᆨ", "中", "文", "か", "ไ", "ท", "न", "\u0940", "א", "ש", "ع", "٣", "²", "½", "1", "23", "4", ".", ",",
    "/", ":", "…", "‥", "'", "’", "‘", "ʼ", "`", "＇", "_", "-", "—", "“", "”", "«", "\u00a0", "\u00ad", "\u200d",
    "\u200b", "\u2028", " ", " ", " ", "\n", "\t", "\x00", "\x1f", "\x7f", "\x85", "\ud800", "\udfff", "😀", "´",
    "¨", "£", "€", "ŉ", "Ǆ", "ẞ", "K", "ª", "\u037e", "\u0387", "aaaaaaaa", "x" * 70, "the", "t",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
texts_of = st.lists(st.one_of(hostile, st.text(max_size=20)), max_size=6)


def found(texts: list[str]) -> list[list[str]]:
    """Return the words of each text as the batch has them."""
    tokens = tokenise(texts)
    return [
        [tokens.word(k) for k in range(start, end)]
        for start, end in zip(tokens.bounds[:-1].tolist(), tokens.bounds[1:].tolist(), strict=True)
    ]


@settings(max_examples=800, deadline=None)
@given(texts_of)
@example(["ab.c.d. e.f.", "a.b_c.d.", "_a.b.", "1a.b.", "3rd a1b2", "1.2.3,4/5:6.", "a''b'c'", "U.S…", "A…B.C."])
@example(["don’t stop", "it\nis’s\n", "", "x‘y’z", "rock'n’roll’s"])
@example(["\ud800é’s U.S. ’", "中a’b", "\n"])
def test_words_are_those_of_each_text_alone(texts: list[str]) -> None:
    """Nothing that stands beside a text, in it or in another, changes its words."""
    assert found(texts) == [words(text) for text in texts]


def test_every_character_parts_or_joins_words_as_it_does_alone() -> None:
    """All the characters that a table tells, and those about them, in the places where they could matter."""
    patterns = (
        "{0}",
        "a{0}b",
        "1{0}2",
        "{0}a.b.",
        "a.{0}.",
        "a.b{0}",
        "a{0}b.c.",
        "A.B.{0}",
        "{0}{0}x",
        "a.{0}",
        "'{0}'a",
    )
    codes = [*range(0x3000), *range(0xAC00, 0xAC40), *range(0xD790, 0xD810), *range(0xFB00, 0x10010)]
    texts = [pattern.format(chr(code)) for code in codes for pattern in patterns]
    wrong = [text for text, got in zip(texts, found(texts), strict=True) if got != words(text)]
    assert not wrong


@settings(max_examples=300, deadline=None)
@given(texts_of)
def test_hashes_are_equal_where_words_are(texts: list[str]) -> None:
    """A hash depends on the word alone, and tells it from every other."""
    tokens = tokenise(texts)
    seen = {(tokens.word(k), int(tokens.hashes[k])) for k in range(len(tokens.hashes))}
    assert len(seen) == len({word for word, _ in seen}) == len({number for _, number in seen})
    alone = {word: int(tokenise([word]).hashes[0]) for word, _ in seen if words(word) == [word]}
    assert alone.items() <= seen


def test_words_that_differ_anywhere_have_hashes_of_their_own() -> None:
    """A hundred thousand numbers and words of up to ninety letters that differ in one place."""
    rng = np.random.default_rng(0)
    base = "".join(chr(97 + i) for i in rng.integers(0, 26, 90))
    many = {base[:n] for n in range(1, 91)} | {base[:i] + c + base[i + 1 :] for i in range(90) for c in "aeiou"}
    many |= {str(i) for i in range(100_000)}
    assert len(np.unique(tokenise([" ".join(sorted(many))]).hashes)) == len(many)


def test_the_scheme_is_fixed() -> None:
    """Hashes that were stored must mean the same tomorrow; who changes them raises SCHEME."""
    assert [f"{each:016x}" for each in tokenise(["The café’s extraordinarily-long " + "x" * 65]).hashes.tolist()] == [
        "7c8df767fb484a57", "c6830520bd7b79f6", "84052442a0249cc5", "e56242da0cec3e75", "36c9c5df1f7285c0",
    ]  # fmt: skip


def plain_stems(texts: list[str]) -> list[int]:
    return [hash_word(stem(word)) & 0xFFFFFFFF for text in texts for word in words(text)]


@settings(max_examples=200, deadline=None)
@given(st.lists(texts_of, max_size=4), st.sampled_from([1, 2, 8, 1 << 10]))
def test_stems_are_those_of_each_word_alone(batches: list[list[str]], places: int) -> None:
    """However small the memory, and whatever came before."""
    vocabulary = Vocabulary(places)
    for texts in batches:
        assert vocabulary.stems(tokenise(texts)).tolist() == plain_stems(texts)


def test_a_vocabulary_asks_for_a_word_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only new words are stemmed: ten thousand that it has met cost nothing, wherever they stand in its memory."""
    texts = [" ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}" for i in range(10_000))]
    asked: list[str] = []

    def counted(word: str) -> str:
        asked.append(word)
        return stem(word)

    monkeypatch.setattr("newsdedup.hashing.stem", counted)
    vocabulary = Vocabulary(1 << 18)
    for _ in range(2):
        first = vocabulary.stems(tokenise(texts))
    assert len(asked) < 10_300
    assert first.tolist() == plain_stems(texts)
