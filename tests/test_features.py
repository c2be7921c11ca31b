"""A report made ready is the same whatever was made ready before it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import background
from newsdedup import profile as stage
from newsdedup.features import SentenceMaker, Sentences, prepare_sentences
from newsdedup.idf import hash_word
from newsdedup.text import names, numbers, stem, words

TEXTS = ("The ferry sank off Toren.", "Mayor Ola Nordlund said 12 of 30 drowned.", "", "…", "青田镇发生爆炸", "ударил",
         "no", "The ferry sank off Toren", "\ud800 3.4", "No, no, no.")  # fmt: skip


def plainly(text: str) -> tuple[str, list[int], list[float], float]:
    """Return the normal form, the stems, their rarities and the sum of these, one word at a time."""
    stems = sorted({hash_word(stem(word)) for word in words(text)})
    rarity = background().weights(np.array(stems, dtype=np.uint64))
    return " ".join(words(text)), stems, rarity.tolist(), float(rarity.sum())


def ready(made: Sentences) -> list[tuple[str, list[int], list[float], float]]:
    """Return the same of sentences made ready."""
    return [
        (normal, stems.tolist(), rarity.tolist(), mass)
        for normal, stems, rarity, mass in zip(made.normal, made.stems, made.rarity, made.mass.tolist(), strict=True)
    ]


@pytest.mark.parametrize("kept", [0, 1, 3, 100])
@settings(deadline=None, max_examples=40)
@given(reports=st.lists(st.lists(st.sampled_from(TEXTS), max_size=8), max_size=6))
def test_what_is_remembered_does_not_show(reports: list[list[str]], kept: int) -> None:
    """However many sentences are kept, and whichever they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "SENTENCES_KEPT", kept)
        maker = SentenceMaker(background())
        for texts in reports:
            made = prepare_sentences(texts, maker)
            assert made.texts == tuple(texts)
            assert ready(made) == [plainly(each) for each in texts]
            assert [each.numbers for each in made.facts] == [frozenset(numbers(each)) for each in texts]
            assert [each.names for each in made.facts] == [frozenset(names(each)) for each in texts]
