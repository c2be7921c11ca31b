"""The corpora of the benchmarks: what they say is planted must be there, and be the same tomorrow."""

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
from corpus import Row, cut, paragraphed, rows, truth_of, write
from planted import VARIANTS, Means, Piece, abridged, identical, reprint, rewrite, sentences, update

needs_bulk = pytest.mark.skipif(
    not corpus.BULK.is_file(), reason="../shared/bulk is not there: its articles are not ours"
)

WORDS = (
    "harbour", "pilots", "council", "ferry", "bridge", "tunnel", "budget", "winter", "storm", "island", "teacher",
    "museum", "orchard", "railway", "engine", "court", "witness", "minister", "deputy", "treaty", "border", "signal",
)  # fmt: skip
SMALL = ("the", "of", "a", "in", "to", "and", "that", "was", "for", "on", "with", "by", "from", "as", "at")


def articles(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield articles of 20 sentences, their words drawn so that no two are alike."""
    chance = Random(seed)  # noqa: S311 - the same articles each time
    for i in range(count):
        told = []
        for _ in range(20):
            words = [
                chance.choice(SMALL if j % 3 else WORDS)
                + ("" if j % 3 else chance.choice("abcdefghijklmnopqrstuvwxyz"))
                for j in range(10)
            ]
            told.append(" ".join(words).capitalize() + f" {chance.randrange(10, 999)}.")
        text = "\n\n".join(" ".join(told[at : at + 4]) for at in range(0, 20, 4))
        yield {"id": f"a{i}", "title": " ".join(chance.choices(WORDS, k=7)), "text": text, "published": "2019-03-04"}


def made(size: int, seed: int = 0, kind: str = "news", count: int = 300) -> list[Row]:
    """Return a corpus made of our own articles."""
    return list(rows(kind, size, seed, articles(count)))


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return the word 3-shingles of a text."""
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def containment(a: str, b: str) -> float:
    """Return the share of the shorter one's 3-shingles that both have."""
    one, other = shingles(a), shingles(b)
    return len(one & other) / min(len(one), len(other))


@pytest.mark.parametrize("kind", corpus.KINDS)
def test_the_same_seed_gives_the_same_rows(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another seed others; every kind is of the size asked for, with ids that are its own."""
    monkeypatch.setattr(corpus, "REPRINTS", 50)
    monkeypatch.setattr(corpus, "LONG", 5000)
    first = made(200, kind=kind)
    assert first == made(200, kind=kind)
    assert first != made(200, seed=1, kind=kind)
    assert len(first) == 200
    assert len({row.article["id"] for row in first}) == 200


def test_cores_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole generations are made side by side where there are cores to do it."""
    several = made(800)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert made(800) == several


def test_the_bytes_do_not_hang_on_the_hash_seed(tmp_path: Path) -> None:
    """Sets and dicts have an order of their own in each process; the corpus must not."""
    source = tmp_path / "bulk.jsonl.gz"
    with gzip.open(source, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(each) + "\n" for each in articles(60))
    call = (
        "import pathlib, sys, corpus; corpus.write(pathlib.Path(sys.argv[2]), "
        "corpus.rows('news', 200, 0, corpus.read_bulk(pathlib.Path(sys.argv[1]))))"
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
    assert write(path, rows("news", 1000, 0, articles(300))) == 1000
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    truth = [json.loads(line) for line in truth_of(path).read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in told] == [each["id"] for each in truth]
    bases = {each["story"] for each in truth if each["relation"] == "base"}
    assert {each["story"] for each in truth} == bases
    assert {each["relation"] for each in truth} == {"base", *VARIANTS}
    assert {frozenset(each) for each in told} == {frozenset({"id", "title", "text", "published", "source"})}


def test_about_one_article_in_seven_is_a_variant() -> None:
    """Each relation by its share, 2 to 6 to a story."""
    found = made(8000)
    of = Counter(row.relation for row in found)
    planted = len(found) - of["base"]
    assert 0.12 < planted / len(found) < 0.18
    for relation, (share, _) in VARIANTS.items():
        assert of[relation] / planted == pytest.approx(share, abs=0.03)
    per_story = Counter(row.story for row in found if row.relation != "base")
    whole = [n for story, n in per_story.items() if not story.startswith(found[-1].story.split("-")[0] + "-")]
    assert set(whole) == {2, 3, 4, 5, 6}


def test_variants_are_near_their_base_and_generations_are_not() -> None:
    """What is planted shares most shingles, an article told in another generation hardly any."""
    found = made(1000)
    text = {row.article["id"]: row.article["text"] for row in found}
    least = {"identical": 1.0, "reprint": 0.8, "abridged": 0.8, "update": 0.6, "rewrite": 0.05}
    for row in found:
        if row.relation != "base":
            assert containment(text[row.story], row.article["text"]) >= least[row.relation], row
    again = [containment(text[f"0-{i}"], text[f"1-{i}"]) for i in range(300) if f"1-{i}" in text and f"0-{i}" in text]
    assert len(again) > 200
    assert sum(again) / len(again) < 0.05


def test_equal_passages_stay_equal_within_a_generation() -> None:
    """Otherwise what real news shares, a quote or a banner, would be lost in all generations but the first."""
    given = list(articles(40))
    passage = (
        "The harbour pilots of the island met the minister in the old museum and left with a treaty that was signed."
    )
    for each in given[:2]:
        each["text"] += "\n\n" + passage
    told = {row.article["id"]: row.article["text"] for row in rows("news", 150, 0, given) if row.relation == "base"}
    one, other = (set(told[f"1-{i}"].split("\n\n")) for i in range(2))
    assert one & other


def test_near_copies_are_left_out() -> None:
    """A duplicate that nobody planted would be counted as wrongly merged."""
    given = list(articles(50))
    copies = [
        {**each, "id": each["id"] + "x", "text": each["text"] + " And so on it went in the end."} for each in given
    ]
    assert {row.story for row in rows("news", 40, 0, given + copies)} <= {f"0-{i}" for i in range(50)}
    whole = list(rows("bulk", 1000, 0, given + copies))
    assert sum(row.relation == "base" for row in whole) == 100


def test_bulk_is_told_as_it_is() -> None:
    """The texts of `--kind bulk` are the very ones, in an order of chance, with their variants among them."""
    given = list(articles(200))
    found = list(rows("bulk", 1000, 0, given))
    assert {row.article["text"] for row in found} >= {each["text"] for each in given}
    assert any(row.relation == "rewrite" for row in found)


@pytest.fixture
def base() -> Piece:
    """One article, parted."""
    told = next(articles(1))
    paragraphs = tuple(sentences(each) for each in told["text"].split("\n\n"))
    assert [len(each) for each in paragraphs] == [4] * 5
    return Piece(told["title"], paragraphs, "Kestle Post", datetime(2020, 1, 1))  # noqa: DTZ001 - no zone is known


def means(seed: int) -> Means:
    """Return means whose other word is the word turned round."""
    return Means(
        Random(seed),  # noqa: S311
        lambda word, _: word[::-1],
        lambda: "Nobody had said this before in 1999.",
    )


def test_what_a_variant_changes(base: Piece) -> None:
    """Each relation is what its name says."""
    for seed in range(30):
        same = identical(base, means(seed))
        assert (same.title, same.text) == (base.title, base.text)
        assert same.source != base.source
        assert 8 <= sum(map(len, abridged(base, means(seed)).paragraphs)) <= 16
        later = update(base, means(seed))
        assert later.published > base.published
        assert "Nobody had said this" in later.text
        assert later.source == base.source
        assert reprint(base, means(seed)).source != base.source
        other = rewrite(base, means(seed))
        assert not set(other.text.split("\n\n")) & set(base.text.split("\n\n"))


def test_sentences_end_where_they_end() -> None:
    """Not after a title, and after a closing quote."""
    text = "Mr. Okell met Gov. Teal on Monday. “We agree,” she said. “It is done.” Nobody else spoke."
    assert sentences(text) == (
        "Mr. Okell met Gov. Teal on Monday.", "“We agree,” she said.", "“It is done.”", "Nobody else spoke.",
    )  # fmt: skip
    assert sentences("") == ()


def test_paragraphs_are_parted_by_blank_lines_whatever_parted_them() -> None:
    """Bulk has web pages and the hard-wrapped wire."""
    assert paragraphed("One line\nand more\n    Two\nlines\n") == "One line and more\n\nTwo lines"
    assert paragraphed("One\nTwo") == "One\n\nTwo"
    assert paragraphed("One\nline\n\n\nTwo") == "One line\n\nTwo"


def test_long_texts_are_cut_at_the_end_of_a_sentence() -> None:
    """And never to nothing."""
    text = "\n\n".join(["It was so. " * 30] * 20)
    short = cut(paragraphed(text))
    assert corpus.LONGEST - 20 < len(short) <= corpus.LONGEST
    assert short.endswith("so.")
    assert cut("x" * 10_000) == "x" * 10_000


@needs_bulk
def test_real_news_makes_a_corpus() -> None:
    """On a part of the real articles: 2 kB on average, and as many as were asked for."""
    found = list(rows("news", 3000, 0, islice(corpus.read_bulk(), 2000)))
    assert len(found) == 3000
    assert 1500 < sum(len(row.article["text"].encode()) for row in found) / 3000 < 2600
