"""The vectorised tokeniser against `text.split_words`, and the guarantees of its hashes and stems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdedup.hashing import Vocabulary, tokenise
from newsdedup.idf import hash_word
from newsdedup.text import split_words, stem

# Pieces that combine in hostile ways: they join words, split them, or need `split_words` itself.
PIECES = (
    "U.S.", "u.s.a.", "e.g", "Ü.Ö.", "Ю.А.", "J.", "a", "Z", "İ", "ß", "É", "é", "e\u0301", "ﬁ", "Σ", "ς", "ж", "Ж",
    "한", "국", "ᆨ", "中", "文", "か", "ไ", "ท", "न", "\u0940", "א", "ש", "ع", "٣", "²", "½", "1", "23", "4", ".", ",",
    "/", ":", "…", "‥", "'", "’", "‘", "ʼ", "`", "＇", "_", "-", "—", "“", "”", "«", "\u00a0", "\u00ad", "\u200d",
    "\u200b", "\u2028", " ", " ", " ", "\n", "\t", "\x00", "\x1f", "\x7f", "\x85", "\ud800", "\udfff", "😀", "´",
    "¨", "£", "€", "ŉ", "Ǆ", "ẞ", "K", "ª", "\u037e", "\u0387", "aaaaaaaa", "x" * 70, "the", "t",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
texts_of = st.lists(st.one_of(hostile, st.text(max_size=20)), max_size=6)


def tokenise_to_words(texts: list[str]) -> list[list[str]]:
    """Return the words of each text as tokenised in one batch."""
    tokens = tokenise(texts)
    return [
        [tokens.spell(k) for k in range(start, end)]
        for start, end in zip(tokens.bounds[:-1].tolist(), tokens.bounds[1:].tolist(), strict=True)
    ]


@settings(max_examples=800)
@given(texts_of)
@example(["ab.c.d. e.f.", "a.b_c.d.", "_a.b.", "1a.b.", "3rd a1b2", "1.2.3,4/5:6.", "a''b'c'", "U.S…", "A…B.C."])
@example(["don’t stop", "it\nis’s\n", "", "x‘y’z", "rock'n’roll’s"])
@example(["\ud800é’s U.S. ’", "中a’b", "\n"])
def test_words_are_those_of_each_text_alone(texts: list[str]) -> None:
    """The other texts of a batch do not change the words of a text."""
    assert tokenise_to_words(texts) == [split_words(text) for text in texts]


def test_every_character_parts_or_joins_words_as_it_does_alone() -> None:
    """All characters of the tables, and those around them, in every context that could matter."""
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
    wrong = [text for text, got in zip(texts, tokenise_to_words(texts), strict=True) if got != split_words(text)]
    assert not wrong


@settings(max_examples=300)
@given(texts_of)
def test_hashes_are_equal_where_words_are(texts: list[str]) -> None:
    """A hash depends on the word alone, and different words have different hashes."""
    tokens = tokenise(texts)
    seen = {(tokens.spell(k), int(tokens.hashes[k])) for k in range(len(tokens.hashes))}
    assert len(seen) == len({word for word, _ in seen}) == len({number for _, number in seen})
    alone = {word: int(tokenise([word]).hashes[0]) for word, _ in seen if split_words(word) == [word]}
    assert alone.items() <= seen


def test_words_that_differ_anywhere_have_hashes_of_their_own() -> None:
    """A hundred thousand numbers and words of up to ninety letters that differ in one place."""
    rng = np.random.default_rng(0)
    base = "".join(chr(97 + i) for i in rng.integers(0, 26, 90))
    many = {base[:n] for n in range(1, 91)} | {base[:i] + c + base[i + 1 :] for i in range(90) for c in "aeiou"}
    many |= {str(i) for i in range(100_000)}
    assert len(np.unique(tokenise([" ".join(sorted(many))]).hashes)) == len(many)


def test_the_scheme_is_fixed() -> None:
    """Stored hashes must stay valid: whoever changes them raises HASH_SCHEME."""
    assert [f"{each:016x}" for each in tokenise(["The café’s extraordinarily-long " + "x" * 65]).hashes.tolist()] == [
        "7c8df767fb484a57", "c6830520bd7b79f6", "84052442a0249cc5", "e56242da0cec3e75", "36c9c5df1f7285c0",
    ]  # fmt: skip


def stems_by_hand(texts: list[str]) -> list[int]:
    return [hash_word(stem(word)) & 0xFFFFFFFF for text in texts for word in split_words(text)]


@settings(max_examples=200)
@given(st.lists(texts_of, max_size=4), st.sampled_from([1, 2, 8, 1 << 10]))
def test_stems_are_those_of_each_word_alone(batches: list[list[str]], places: int) -> None:
    """For any number of slots and any earlier batches."""
    vocabulary = Vocabulary(places)
    for texts in batches:
        assert vocabulary.stem_hashes(tokenise(texts)).tolist() == stems_by_hand(texts)


def test_a_vocabulary_asks_for_a_word_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only new words are stemmed; ten thousand known ones are not, whatever their slots."""
    texts = [" ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}" for i in range(10_000))]
    stemmed: list[str] = []

    def count_stem(word: str) -> str:
        stemmed.append(word)
        return stem(word)

    monkeypatch.setattr("newsdedup.hashing.stem", count_stem)
    vocabulary = Vocabulary(1 << 18)
    for _ in range(2):
        first = vocabulary.stem_hashes(tokenise(texts))
    assert len(stemmed) < 10_300
    assert first.tolist() == stems_by_hand(texts)
