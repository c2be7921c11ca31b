"""Boilerplate of outlets: found from the first articles with each line, as if all articles had been read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from builders import article
from in_memory import count_recurring_lines
from newsdedup.arrays import ragged_from_rows, sorted_unique
from newsdedup.clean.outlet_boilerplate import coarse_line_keys
from newsdedup.engine.corpus import EmptyCorpus
from newsdedup.engine.intake import LoadedColumns
from newsdedup.engine.outlets import BoilerplateUpdate, update_boilerplate
from newsdedup.idf import hash_word
from newsdedup.models import Article
from newsdedup.text import split_words

WORDS = ("apple", "barley", "cedar", "dolphin", "ember", "falcon", "ginger", "harbour", "ivory")


def make_pages() -> list[Article]:
    """Return nine pages with two lines in common; three of them have no outlet."""
    return [
        article(
            f"p{n}",
            f"Menu and weather\n\nThe {word} of {word}ton opened its {word} market on Sunday to great applause.\n\n"
            f"Call our tip line at any hour\n\nAbout {n * 7} {word}s were counted by the {word} office in the town.",
            title=f"{word} market opens in {word}ton",
            source="Courier" if n % 4 else None,
        )
        for n, word in enumerate(WORDS)
    ]


def update_empty_corpus(articles: Sequence[Article]) -> tuple[BoilerplateUpdate, list[int]]:
    """Return the boilerplate of articles with an outlet, and the indices of those that were read."""
    pages = LoadedColumns(
        np.array([np.frombuffer(bytes.fromhex(page.content_hash), dtype=">u8") for page in articles], dtype=np.uint64),
        np.array([hash_word(page.article_id) for page in articles], dtype=np.uint64),
        np.array([hash_word(str(page.outlet)) for page in articles], dtype=np.uint64),
        np.array([bool(split_words(page.title or "")) for page in articles], dtype=bool),
        ragged_from_rows([coarse_line_keys(page) for page in articles], np.uint64),
    )
    read: list[int] = []

    def read_article(index: int) -> Article:
        read.append(index)
        return articles[index]

    return update_boilerplate(EmptyCorpus(), sorted_unique(pages.outlet_hashes), pages, read_article), read


def test_recurring_lines_match_those_of_all_articles() -> None:
    """Reading only the articles with such lines gives the same result as counting over all articles."""
    pages = make_pages()
    plain = article("plain", "Nothing of this page is on another.", title="Plain page", source="Courier")
    with_outlet = [page for page in [*pages, plain] if page.outlet]
    boilerplate, read = update_empty_corpus(with_outlet)
    assert boilerplate.recurring_lines == count_recurring_lines([*pages, plain])
    assert boilerplate.recurring_lines.article_counts
    assert read == list(range(len(with_outlet) - 1))


def test_lines_of_a_new_outlet_are_changed_lines() -> None:
    """Against an empty corpus every recurring line is new, and the outlet has a signature."""
    boilerplate, _ = update_empty_corpus([page for page in make_pages() if page.outlet])
    keys = {key for _, key in boilerplate.recurring_lines.lookup_keys.values()}
    assert boilerplate.changed_keys.tolist() == sorted(keys)
    assert len(keys) == 2
    (outlet,) = boilerplate.changed.signatures
    assert outlet == hash_word(str(make_pages()[1].outlet))
    assert boilerplate.changed.signatures[outlet]
