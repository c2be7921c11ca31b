"""Prepared sentences do not depend on what was prepared before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import background
from newsdedup import features as stage
from newsdedup.features import SentencePreparer, Sentences, build_sentences
from newsdedup.idf import hash_word
from newsdedup.text import extract_capitalised_tokens, extract_numbers, split_words, stem

TEXTS = ("The ferry sank off Toren.", "Mayor Ola Nordlund said 12 of 30 drowned.", "", "…", "青田镇发生爆炸", "ударил",
         "no", "The ferry sank off Toren", "\ud800 3.4", "No, no, no.")  # fmt: skip


def prepare_by_hand(text: str) -> tuple[str, list[int], list[float], float]:
    """Return the normalised text, the stems, their IDF and the sum of it, computed word by word."""
    stems = sorted({hash_word(stem(word)) for word in split_words(text)})
    idf = background().lookup(np.array(stems, dtype=np.uint64))
    return " ".join(split_words(text)), stems, idf.tolist(), float(idf.sum())


def to_tuples(sentences: Sentences) -> list[tuple[str, list[int], list[float], float]]:
    """Return the same of prepared sentences."""
    return [
        (normal, stems.tolist(), idf.tolist(), mass)
        for normal, stems, idf, mass in zip(
            sentences.normalised, sentences.stems, sentences.idf, sentences.idf_mass.tolist(), strict=True
        )
    ]


@pytest.mark.parametrize("cache_size", [0, 1, 3, 100])
@settings(max_examples=40)
@given(reports=st.lists(st.lists(st.sampled_from(TEXTS), max_size=8), max_size=6))
def test_the_cache_changes_nothing(reports: list[list[str]], cache_size: int) -> None:
    """For any size and content of the cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "SENTENCE_CACHE_SIZE", cache_size)
        preparer = SentencePreparer(background())
        for texts in reports:
            sentences = build_sentences(texts, preparer.prepare(texts))
            assert sentences.texts == tuple(texts)
            assert to_tuples(sentences) == [prepare_by_hand(each) for each in texts]
            assert [each.numbers for each in sentences.facts] == [frozenset(extract_numbers(each)) for each in texts]
            assert [each.names for each in sentences.facts] == [
                frozenset(extract_capitalised_tokens(each)) for each in texts
            ]
