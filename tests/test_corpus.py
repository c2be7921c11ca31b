"""The corpora of the benchmarks: planted variants are as documented, and the bytes are reproducible."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

import corpus
from corpus import Row, cut_text, make_rows, normalise_paragraphs, truth_path, write_corpus
from planted import (
    VARIANTS,
    Page,
    VariantTools,
    make_abridged,
    make_identical,
    make_reprint,
    make_rewrite,
    make_update,
    split_sentences,
)

needs_bulk = pytest.mark.skipif(
    not corpus.BULK.is_file(), reason="../shared/bulk is not there: its articles are not ours"
)

WORDS = (
    "harbour", "pilots", "council", "ferry", "bridge", "tunnel", "budget", "winter", "storm", "island", "teacher",
    "museum", "orchard", "railway", "engine", "court", "witness", "minister", "deputy", "treaty", "border", "signal",
)  # fmt: skip
SMALL = ("the", "of", "a", "in", "to", "and", "that", "was", "for", "on", "with", "by", "from", "as", "at")


def make_articles(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield articles of 20 sentences with random words, so that no two are alike."""
    chance = Random(seed)  # noqa: S311 - the same articles each time
    for i in range(count):
        sentences = []
        for _ in range(20):
            words = [
                chance.choice(SMALL if j % 3 else WORDS)
                + ("" if j % 3 else chance.choice("abcdefghijklmnopqrstuvwxyz"))
                for j in range(10)
            ]
            sentences.append(" ".join(words).capitalize() + f" {chance.randrange(10, 999)}.")
        text = "\n\n".join(" ".join(sentences[at : at + 4]) for at in range(0, 20, 4))
        yield {"id": f"a{i}", "title": " ".join(chance.choices(WORDS, k=7)), "text": text, "published": "2019-03-04"}


def make_corpus(size: int, seed: int = 0, kind: str = "news", count: int = 300) -> list[Row]:
    """Return a corpus made of our own articles."""
    return list(make_rows(kind, size, seed, make_articles(count)))


def make_shingles(text: str) -> set[tuple[str, ...]]:
    """Return the word 3-shingles of a text."""
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def compute_containment(a: str, b: str) -> float:
    """Return the share of the 3-shingles of the shorter text that both have."""
    shingles_a, shingles_b = make_shingles(a), make_shingles(b)
    return len(shingles_a & shingles_b) / min(len(shingles_a), len(shingles_b))


@pytest.mark.parametrize("kind", corpus.KINDS)
def test_the_same_seed_gives_the_same_rows(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another seed gives other rows; every kind has the given size and unique ids."""
    monkeypatch.setattr(corpus, "REPRINTS", 50)
    monkeypatch.setattr(corpus, "LONG_WORDS", 5000)
    first = make_corpus(200, kind=kind)
    assert first == make_corpus(200, kind=kind)
    assert first != make_corpus(200, seed=1, kind=kind)
    assert len(first) == 200
    assert len({row.article["id"] for row in first}) == 200


def test_cores_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole generations are made in parallel if there are several cores."""
    several = make_corpus(800)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert make_corpus(800) == several


def test_the_bytes_do_not_hang_on_the_hash_seed(tmp_path: Path) -> None:
    """The order of sets differs between processes; the corpus must not."""
    source = tmp_path / "bulk.jsonl.gz"
    with gzip.open(source, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(each) + "\n" for each in make_articles(60))
    call = (
        "import pathlib, sys, corpus; corpus.write_corpus(pathlib.Path(sys.argv[2]), "
        "corpus.make_rows('news', 200, 0, corpus.read_bulk(pathlib.Path(sys.argv[1]))))"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", call, source, tmp_path / f"{seed}.jsonl"],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(corpus.__file__).parent)}, check=True,
        )  # fmt: skip
    for name in ("{}.jsonl", "{}.truth.jsonl"):
        assert (tmp_path / name.format(1)).read_bytes() == (tmp_path / name.format(2)).read_bytes()


def test_the_truth_agrees_with_the_corpus(tmp_path: Path) -> None:
    """One line for each article; every variant's story has its base in the corpus."""
    path = tmp_path / "some.jsonl"
    assert write_corpus(path, make_rows("news", 1000, 0, make_articles(300))) == 1000
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    truth = [json.loads(line) for line in truth_path(path).read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in records] == [each["id"] for each in truth]
    bases = {each["story"] for each in truth if each["relation"] == "base"}
    assert {each["story"] for each in truth} == bases
    assert {each["relation"] for each in truth} == {"base", *VARIANTS}
    assert {frozenset(each) for each in records} == {frozenset({"id", "title", "text", "published", "source"})}


def test_about_one_article_in_seven_is_a_variant() -> None:
    """Relations have their shares, and a story has 2 to 6 variants."""
    corpus_rows = make_corpus(8000)
    relation_counts = Counter(row.relation for row in corpus_rows)
    planted = len(corpus_rows) - relation_counts["base"]
    assert 0.12 < planted / len(corpus_rows) < 0.18
    for relation, (share, _) in VARIANTS.items():
        assert relation_counts[relation] / planted == pytest.approx(share, abs=0.03)
    per_story = Counter(row.story for row in corpus_rows if row.relation != "base")
    complete_counts = [
        n for story, n in per_story.items() if not story.startswith(corpus_rows[-1].story.split("-")[0] + "-")
    ]
    assert set(complete_counts) == {2, 3, 4, 5, 6}


def test_variants_are_near_their_base_and_generations_are_not() -> None:
    """A variant shares most shingles with its base, another generation of an article hardly any."""
    corpus_rows = make_corpus(1000)
    text = {row.article["id"]: row.article["text"] for row in corpus_rows}
    least = {"identical": 1.0, "reprint": 0.8, "abridged": 0.8, "update": 0.6, "rewrite": 0.05}
    for row in corpus_rows:
        if row.relation != "base":
            assert compute_containment(text[row.story], row.article["text"]) >= least[row.relation], row
    generation_containments = [
        compute_containment(text[f"0-{i}"], text[f"1-{i}"]) for i in range(300) if f"1-{i}" in text and f"0-{i}" in text
    ]
    assert len(generation_containments) > 200
    assert sum(generation_containments) / len(generation_containments) < 0.05


def test_equal_passages_stay_equal_within_a_generation() -> None:
    """Otherwise what real news shares, a quote or a banner, would be lost in all generations but the first."""
    sources = list(make_articles(40))
    passage = (
        "The harbour pilots of the island met the minister in the old museum and left with a treaty that was signed."
    )
    for each in sources[:2]:
        each["text"] += "\n\n" + passage
    texts = {
        row.article["id"]: row.article["text"] for row in make_rows("news", 150, 0, sources) if row.relation == "base"
    }
    paragraphs_a, paragraphs_b = (set(texts[f"1-{i}"].split("\n\n")) for i in range(2))
    assert paragraphs_a & paragraphs_b


def test_near_copies_are_left_out() -> None:
    """A duplicate that nobody planted would be counted as wrongly merged."""
    sources = list(make_articles(50))
    copies = [
        {**each, "id": each["id"] + "x", "text": each["text"] + " And so on it went in the end."} for each in sources
    ]
    assert {row.story for row in make_rows("news", 40, 0, sources + copies)} <= {f"0-{i}" for i in range(50)}
    bulk_rows = list(make_rows("bulk", 1000, 0, sources + copies))
    assert sum(row.relation == "base" for row in bulk_rows) == 100


def test_bulk_is_told_as_it_is() -> None:
    """`--kind bulk` has the original texts, shuffled, and their variants."""
    sources = list(make_articles(200))
    corpus_rows = list(make_rows("bulk", 1000, 0, sources))
    assert {row.article["text"] for row in corpus_rows} >= {each["text"] for each in sources}
    assert any(row.relation == "rewrite" for row in corpus_rows)


@pytest.fixture
def base() -> Page:
    """Return one article, split into paragraphs and sentences."""
    record = next(make_articles(1))
    paragraphs = tuple(split_sentences(each) for each in record["text"].split("\n\n"))
    assert [len(each) for each in paragraphs] == [4] * 5
    return Page(record["title"], paragraphs, "Kestle Post", datetime(2020, 1, 1))  # noqa: DTZ001 - no zone is known


def variant_tools(seed: int) -> VariantTools:
    """Return tools whose synonym of a word is the word reversed."""
    return VariantTools(
        Random(seed),  # noqa: S311
        lambda word, _: word[::-1],
        lambda: "Nobody had said this before in 1999.",
    )


def test_what_a_variant_changes(base: Page) -> None:
    """Each relation is what its name says."""
    for seed in range(30):
        copy = make_identical(base, variant_tools(seed))
        assert (copy.title, copy.text) == (base.title, base.text)
        assert copy.source != base.source
        assert 8 <= sum(map(len, make_abridged(base, variant_tools(seed)).paragraphs)) <= 16
        later = make_update(base, variant_tools(seed))
        assert later.published > base.published
        assert "Nobody had said this" in later.text
        assert later.source == base.source
        assert make_reprint(base, variant_tools(seed)).source != base.source
        rewritten = make_rewrite(base, variant_tools(seed))
        assert not set(rewritten.text.split("\n\n")) & set(base.text.split("\n\n"))


def test_sentences_end_where_they_end() -> None:
    """Not after a title, and after a closing quote."""
    text = "Mr. Okell met Gov. Teal on Monday. “We agree,” she said. “It is done.” Nobody else spoke."
    assert split_sentences(text) == (
        "Mr. Okell met Gov. Teal on Monday.", "“We agree,” she said.", "“It is done.”", "Nobody else spoke.",
    )  # fmt: skip
    assert split_sentences("") == ()


def test_paragraphs_are_parted_by_blank_lines_whatever_parted_them() -> None:
    """Bulk has web pages and the hard-wrapped wire."""
    assert normalise_paragraphs("One line\nand more\n    Two\nlines\n") == "One line and more\n\nTwo lines"
    assert normalise_paragraphs("One\nTwo") == "One\n\nTwo"
    assert normalise_paragraphs("One\nline\n\n\nTwo") == "One line\n\nTwo"


def test_long_texts_are_cut_at_the_end_of_a_sentence() -> None:
    """And never to nothing."""
    text = "\n\n".join(["It was so. " * 30] * 20)
    short = cut_text(normalise_paragraphs(text))
    assert corpus.MAX_CHARS - 20 < len(short) <= corpus.MAX_CHARS
    assert short.endswith("so.")
    assert cut_text("x" * 10_000) == "x" * 10_000


@needs_bulk
def test_real_news_makes_a_corpus() -> None:
    """On a part of the real articles: 2 kB on average, and the given number."""
    corpus_rows = list(make_rows("news", 3000, 0, islice(corpus.read_bulk(), 2000)))
    assert len(corpus_rows) == 3000
    assert 1500 < sum(len(row.article["text"].encode()) for row in corpus_rows) / 3000 < 2600
