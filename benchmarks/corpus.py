"""Corpora of any size with known duplicates, made from real news: `python benchmarks/corpus.py SIZE OUT.jsonl`.

There are 16,225 articles in ../shared/bulk. Near-copies of an earlier article are left out, since they would be
duplicates that nobody planted. The others are cut to 2 kB on average and repeated in as many *generations* as needed.
Generation 0 is the articles as they are. In each later generation every word is replaced by a word of the same
frequency, case and ending, and numbers are drawn again. Most function words are replaced too, by a rule over the two
words before them: otherwise the generations of an article would share one 3-gram in seven, all function words. So equal
passages stay equal within a generation, with the events, follow-ups and boilerplate of real news; common phrases are
common in all generations; and two generations of an article share about as few 3-grams as any two articles do.

In each generation one article in eighteen gets 2 to 6 variants (`planted.py`), which are 15 % of the corpus. The truth
is written to OUT.truth.jsonl: `id`, `story`, `relation` to the base of the story.

The same size, kind and seed give the same bytes. Each generation is shuffled, so the articles of a story are up to
16,000 articles apart. Memory does not grow with the size.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
import time
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planted import (
    ABBREVIATIONS,
    AGENCIES,
    NAMES,
    OUTLETS,
    PLACES,
    Page,
    VariantTools,
    make_reprint,
    make_variant,
    split_sentences,
)

BULK = Path(__file__).resolve().parent.parent.parent / "shared" / "bulk" / "articles.jsonl.gz"

MAX_CHARS = 2900  # an article is cut to this, so that the mean is 2 kB; articles of bulk have 4 kB
PLANTED_SHARE = 0.055  # share of articles with variants, 3.2 each: 15 % of the corpus are variants
VARIANT_COUNTS = (2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)  # number of variants of a planted story, drawn uniformly
MIN_PLANTED_WORDS = 120  # of an article with variants: a shorter one cannot be cut
FUNCTION_WORDS = 150  # number of most frequent words, which are not replaced one for one
RANK_BOUNDS = (0, 10, 30, 70, FUNCTION_WORDS)  # of ranks: a function word is replaced by one of the same range
CHANGED_SHARE = 0.6  # share of the function words replaced in a generation
NEAR_COPY_SHARE = 0.2  # shared part of the word 5-grams of the shorter article
REPRINTS = 5000  # reprints in the story of `--kind story`
LONG_WORDS = 1_000_000  # words of the long article of `--kind long` and `--kind word`


def _split_words(text: str) -> list[str]:
    return text.split()


def _seeded_random(key: str) -> Random:
    return Random(key)  # noqa: S311 - repeatable, not secure


_TOKEN = re.compile(r"[^\W\d_]+|\d(?:[\d.,]*\d)?|[\W_]+")
_DAY = re.compile(r"(\d{1,2})-([A-Z]{3})-(\d{4})")
_MONTHS = _split_words("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
# Words by which datelines, credits and figures are recognised are not replaced.
_UNCHANGED_WORDS = {
    *_split_words("january february march april may june july august september october november december"),
    *_split_words("monday tuesday wednesday thursday friday saturday sunday million billion trillion percent dollars"),
    *(name.lower() for name in (*ABBREVIATIONS, *AGENCIES)),
}
_ENDINGS = ("ing", "ed", "ly", "s")
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93))

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """An article record, its story, and its relation to the base of the story (`base` for the base itself)."""

    article: dict[str, Any]
    story: str
    relation: str = "base"


@dataclass(frozen=True, slots=True)
class Source:
    """An article of bulk. `title` and `text` are token ids; `is_copy` marks a near-copy of an earlier article."""

    title: array[int]
    text: array[int]
    published: datetime | None
    words: int
    is_copy: bool = False


class Vocabulary:
    """All tokens (words, numbers, gaps) of the sources, and their replacements in each generation.

    A word is replaced within its group: one case, one ending, one range of frequency, which is wider for rarer words.
    """

    def __init__(self, sources: Sequence[Source], forms: Sequence[str]) -> None:
        self.forms = forms
        article_counts, capital_counts, word_counts = Counter[str](), Counter[str](), Counter[str]()
        lower = [form.lower() if form[0].isalpha() else "" for form in forms]
        for source in sources:
            counts = Counter(source.text)
            article_counts.update({lower[index] for index in counts})
            for index, count in counts.items():
                word_counts[lower[index]] += count
                capital_counts[lower[index]] += count if forms[index][0].isupper() else 0
        del article_counts[""]
        ranked = sorted(article_counts, key=lambda word: (-article_counts[word], word))
        classes: dict[tuple[bool, str], list[str]] = {}
        for word in ranked[FUNCTION_WORDS:]:
            if word not in _UNCHANGED_WORDS:
                ending = next((suffix for suffix in _ENDINGS if word.endswith(suffix)), "")
                classes.setdefault((capital_counts[word] * 2 > word_counts[word], ending), []).append(word)
        self._groups = [group for _, words in sorted(classes.items()) for group in _split_by_rank(words)]
        self._home = {word: (group, index) for group in self._groups for index, word in enumerate(group)}
        self._lower = lower
        form_index = {form: index for index, form in enumerate(forms)}
        fixed = [word for word in ranked[:FUNCTION_WORDS] if word in form_index and word not in _UNCHANGED_WORDS]
        self._fixed = np.array([form_index[word] for word in fixed], dtype=np.int64)
        self._rank = np.full(len(forms), -1, dtype=np.int64)
        self._rank[self._fixed] = np.arange(len(fixed))
        self._is_word = np.array([form[0].isalnum() for form in forms], dtype=bool)
        edges = np.minimum(RANK_BOUNDS, len(fixed))
        range_of_rank = np.searchsorted(edges, np.arange(len(fixed)), side="right") - 1
        self._low, self._span = edges[range_of_rank], edges[range_of_rank + 1] - edges[range_of_rank]

    def vary_function_words(self, text: array[int], generation: int) -> list[int]:
        """Return the token ids of a text with CHANGED_SHARE of its function words replaced.

        A rule over the two words before each decides whether and by what it is replaced.
        """
        form_ids = np.frombuffer(text, dtype=np.uint32).astype(np.int64)
        positions = np.flatnonzero(self._is_word[form_ids])
        words = form_ids[positions].astype(np.uint64)
        before = np.concatenate((np.zeros(2, dtype=np.uint64), words))
        mixed = ((before[:-2] * _MIX[0] + before[1:-1]) * _MIX[0] + words + np.uint64(generation % (1 << 32))) * _MIX[1]
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX[0]
        rank = self._rank[form_ids[positions]]
        changed = np.flatnonzero((rank >= 0) & (mixed >> np.uint64(44) < int(CHANGED_SHARE * (1 << 20))))
        ranks = rank[changed]
        replacements = (
            self._low[ranks]
            + ((mixed[changed] >> np.uint64(20)) & np.uint64(0xFFFF)).astype(np.int64) % self._span[ranks]
        )
        form_ids[positions[changed]] = self._fixed[replacements]
        result: list[int] = form_ids.tolist()
        return result

    def draw_forms(self, rng: Random) -> list[str]:
        """Return a replacement for each token: another word of its group, or another number."""
        mapping: dict[str, str] = {}
        for group in self._groups:
            mapping.update(
                zip(group, [word for _, word in sorted((rng.random(), word) for word in group)], strict=True)
            )
        new_forms = []
        for form, word in zip(self.forms, self._lower, strict=True):
            if word:
                new_forms.append(_match_case(mapping[word], form) if word in mapping else form)
            else:
                new_forms.append(_draw_number(form, rng) if form[0].isdecimal() else form)
        return new_forms

    def choose_synonym(self, word: str, key: float) -> str:
        """Return a word of the same group, chosen by `key` (0 to 1); a fixed or unknown word is returned unchanged."""
        if (position := self._home.get(word.lower())) is None:
            return word
        group, index = position
        return _match_case(group[(index + 1 + int(key * (len(group) - 1))) % len(group)], word)


def _split_by_rank(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Split words, the most frequent first, into ranges that grow with the rank."""
    start = 0
    while start < len(words):
        end = start + max(30, start // 3)
        yield words[start:end]
        start = end


def _match_case(word: str, model: str) -> str:
    """Return a lower-case word in the case of `model`."""
    if model.islower():
        return word
    return word.upper() if len(model) > 1 and model.isupper() else word[:1].upper() + word[1:]


def _draw_number(number: str, rng: Random) -> str:
    """Return another number of the same form; a year becomes another year."""
    if len(number) == 4 and number[:2] in {"19", "20"}:
        return str(1950 + int(rng.random() * 75))
    return "".join(
        str(int(rng.random() * 9) + 1 if i == 0 else int(rng.random() * 10)) if char.isdecimal() else char
        for i, char in enumerate(number)
    )


class Corpus:
    """The sources, from which any generation can be made; `full_text` leaves them uncut and keeps near-copies."""

    def __init__(self, articles: Iterable[dict[str, Any]], seed: int, *, full_text: bool = False) -> None:
        self._seed = seed
        token_ids: defaultdict[str, int] = defaultdict(lambda: len(token_ids))

        def encode(text: str) -> array[int]:
            return array("I", [token_ids[piece] for piece in _TOKEN.findall(text)])

        all_sources = []
        for article in articles:
            text = normalise_paragraphs(article["text"])
            text = text if full_text else cut_text(text)
            if text:
                title = " ".join((article.get("title") or "").split())
                all_sources.append(
                    Source(encode(title), encode(text), _parse_date(article.get("published")), len(text.split()))
                )
        forms = list(token_ids)
        copies = find_near_copies(all_sources, forms)
        self.sources = [
            Source(source.title, source.text, source.published, source.words, is_copy=i in copies)
            for i, source in enumerate(all_sources)
            if full_text or i not in copies
        ]
        self._vocabulary = Vocabulary(self.sources, forms)

    def make_generation(self, number: int, max_rows: int) -> list[Row]:
        """Return up to `max_rows` rows: the sources in this generation and their variants, shuffled."""
        rng = _seeded_random(f"{self._seed}:{number}")
        forms = self._vocabulary.draw_forms(rng) if number else self._vocabulary.forms
        shift = timedelta(days=int(rng.random() * 3000))
        rows: list[Row] = []
        for i in _shuffle(range(len(self.sources)), rng):
            if len(rows) >= max_rows:
                break
            source = self.sources[i]
            random_date = datetime(2010, 1, 1) + timedelta(minutes=int(rng.random() * 5_000_000))  # noqa: DTZ001 - no zone is known
            title = _join_forms(source.title, forms)
            text = _join_forms(
                self._vocabulary.vary_function_words(source.text, number) if number else source.text, forms
            )
            outlet = OUTLETS[int(rng.random() * len(OUTLETS))]
            base = Page(title, ((text,),), outlet, (source.published or random_date) + shift)
            name = f"{number}-{i}"
            rows.append(Row(_to_record(name, base), name))
            if rng.random() < PLANTED_SHARE and source.words >= MIN_PLANTED_WORDS and not source.is_copy:
                rows.extend(self._make_variants(base, name, forms))
        return _shuffle(rows[:max_rows], rng)

    def _make_variants(self, base: Page, name: str, forms: Sequence[str]) -> Iterator[Row]:
        tools = self.variant_tools(name, forms)
        split_page = Page(base.title, split_paragraphs(base.text), base.source, base.published)
        if sum(map(len, split_page.paragraphs)) < 5:  # too few sentences to cut
            return
        for number in range(1, 1 + tools.draw_from(VARIANT_COUNTS)):
            relation, variant = make_variant(split_page, tools)
            yield Row(_to_record(f"{name}.{number}", variant), name, relation)

    def variant_tools(self, name: str, forms: Sequence[str]) -> VariantTools:
        """Return the random choices for variants of the article `name`, in the words of its generation."""
        rng = _seeded_random(f"{self._seed}:{name}")

        def draw_news() -> str:
            key = rng.random()
            for _ in range(20):
                source = self.sources[int(rng.random() * len(self.sources))]
                sentences = [
                    sentence
                    for paragraph in split_paragraphs(_join_forms(source.text, forms))
                    for sentence in paragraph
                ]
                sentence = sentences[int(rng.random() * len(sentences))]
                if 60 < len(sentence) < 300:
                    break
            words = re.compile(r"[^\W\d_]+")
            return words.sub(lambda match: self._vocabulary.choose_synonym(match[0], key), sentence)

        return VariantTools(rng, self._vocabulary.choose_synonym, draw_news)

    def make_reprints(self, count: int) -> Iterator[Row]:
        """Yield one story: an article and its reprints."""
        i = next(i for i, source in enumerate(self.sources) if source.words > MIN_PLANTED_WORDS)
        source, forms = self.sources[i], self._vocabulary.draw_forms(_seeded_random(f"{self._seed}:story"))
        base = Page(
            _join_forms(source.title, forms),
            split_paragraphs(_join_forms(source.text, forms)),
            OUTLETS[0],
            datetime(2015, 5, 5, 5, 5),  # noqa: DTZ001
        )
        yield Row(_to_record("story", base), "story")
        tools = self.variant_tools("story", forms)
        for number in range(1, count):
            yield Row(_to_record(f"story.{number}", make_reprint(base, tools)), "story", "reprint")

    def make_long_article(self, words: int) -> Row:
        """Return one article of this many words, made of articles of generations that are not used elsewhere."""
        texts: list[str] = []
        count, number = 0, 0
        while count < words:  # negative generations, which no other article uses
            forms = self._vocabulary.draw_forms(_seeded_random(f"{self._seed}:long:{number}"))
            for source in self.sources:
                texts.append(_join_forms(self._vocabulary.vary_function_words(source.text, -1 - number), forms))
                count += source.words
                if count >= words:
                    break
            number += 1
        page = Page("All of it", (("\n\n".join(texts),),), OUTLETS[0], datetime(2015, 5, 5, 5, 5))  # noqa: DTZ001
        return Row(_to_record("long", page), "long")


def normalise_paragraphs(text: str) -> str:
    """Return a text with its paragraphs separated by blank lines and hard-wrapped lines joined."""
    if "\n\n" in text:
        pieces = re.split(r"\n\s*\n", text)
    elif "\n    " in text:
        pieces = re.split(r"\n {4,}", text)
    else:
        pieces = text.split("\n")
    return "\n\n".join(filter(None, (" ".join(piece.split()) for piece in pieces)))


def cut_text(text: str) -> str:
    """Cut a text to at most MAX_CHARS characters, at the end of a paragraph or sentence; keep at least one sentence."""
    paragraphs: list[str] = []
    remaining = MAX_CHARS
    for paragraph in text.split("\n\n"):
        if len(paragraph) + 2 <= remaining:
            paragraphs.append(paragraph)
            remaining -= len(paragraph) + 2
            continue
        fitting: list[str] = []
        for sentence in split_sentences(paragraph):
            if len(sentence) + 1 > remaining and (paragraphs or fitting):
                break
            fitting.append(sentence)
            remaining -= len(sentence) + 1
        if fitting:
            paragraphs.append(" ".join(fitting))
        break
    return "\n\n".join(paragraphs)


def split_paragraphs(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the sentences of each paragraph."""
    return tuple(filter(None, map(split_sentences, text.split("\n\n"))))


def find_near_copies(sources: Sequence[Source], forms: Sequence[str]) -> set[int]:
    """Return the indices of articles that share NEAR_COPY_SHARE of the shorter one's word 5-grams with an earlier one.

    Exact except for 5-grams in more than 20 articles (the banners of a site), for which each article is compared with
    the first only. An article counts as a copy of a kept article, not of another copy.
    """
    words: dict[str, int] = {}
    word_id_of_form = np.array(
        [words.setdefault(form.lower(), len(words)) + 1 if form[0].isalnum() else 0 for form in forms], dtype=np.uint64
    )
    hashes, sizes = [], []
    for source in sources:
        word_ids = word_id_of_form[np.frombuffer(source.text, dtype=np.uint32)]
        word_ids = word_ids[word_ids > 0]
        total = np.zeros(max(0, len(word_ids) - 4), dtype=np.uint64)
        for i in range(5):
            total = total * _MIX[0] + word_ids[i : i + len(total)]
        hashes.append(np.unique(total))
        sizes.append(len(hashes[-1]))
    article = np.repeat(np.arange(len(sources)), sizes)
    all_hashes = np.concatenate([np.empty(0, dtype=np.uint64), *hashes])
    order = np.argsort(all_hashes, kind="stable")
    all_hashes, article = all_hashes[order], article[order]
    starts = np.flatnonzero(np.concatenate(([True], all_hashes[1:] != all_hashes[:-1])))
    counts = np.diff(np.append(starts, len(all_hashes)))
    collisions = []
    for size in range(2, 21):
        table = article[starts[counts == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        collisions.append((table[:, left] * len(sources) + table[:, right]).ravel())
    for start, size in zip(starts[counts > 20], counts[counts > 20], strict=True):
        collisions.append(article[start] * len(sources) + article[start + 1 : start + size])
    pairs, shared = np.unique(np.concatenate(collisions), return_counts=True)
    left, right = pairs // max(1, len(sources)), pairs % max(1, len(sources))
    size_of = np.array(sizes, dtype=np.int64)
    close = shared >= NEAR_COPY_SHARE * np.minimum(size_of[left], size_of[right])
    copies: set[int] = set()
    for i, j in zip(left[close].tolist(), right[close].tolist(), strict=True):  # sorted: i is decided before j
        if i not in copies:
            copies.add(j)
    return copies


def read_bulk(path: Path = BULK) -> Iterator[dict[str, Any]]:
    """Yield the articles of ../shared/bulk."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def iter_news(corpus: Corpus, size: int) -> Iterator[Row]:
    """Yield `size` articles including variants, generation by generation."""
    generation = 0
    for rows in _iter_generations(corpus, size // max(1, len(corpus.sources))):
        if len(rows) > size:
            break
        yield from rows
        size -= len(rows)
        generation += 1
    while size:  # the last generation is cut before it is shuffled, so that no variant lacks its base
        rows = corpus.make_generation(generation, size)
        yield from rows
        size -= len(rows)
        generation += 1


def _iter_generations(corpus: Corpus, count: int) -> Iterator[list[Row]]:
    """Yield `count` whole generations from 0 on, made on all cores; at most one a core is made ahead."""
    cores = os.cpu_count() or 1
    if count < 2 or cores == 1:
        yield from (corpus.make_generation(number, sys.maxsize) for number in range(count))
        return
    with ProcessPoolExecutor(cores, initializer=_set_worker_corpus, initargs=(corpus,)) as pool:
        pending: deque[Future[list[Row]]] = deque()
        try:
            for number in range(count):
                pending.append(pool.submit(_make_generation, number))
                if len(pending) > cores:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


_worker_corpus: list[Corpus] = []  # in each worker process, so that the sources are sent to it once


def _set_worker_corpus(corpus: Corpus) -> None:
    _worker_corpus[:] = [corpus]


def _make_generation(number: int) -> list[Row]:
    return _worker_corpus[0].make_generation(number, sys.maxsize)


def iter_templates(size: int, seed: int) -> Iterator[Row]:
    """Yield one text `size` times with other names and figures each time: no two are duplicates."""
    rng = _seeded_random(f"{seed}:templates")

    def draw(items: Sequence[str]) -> str:
        return items[int(rng.random() * len(items))]

    def roll(maximum: int) -> int:
        return 1 + int(rng.random() * maximum)

    openings, middles, closings = (
        _split_words("Bar Kel Tor Mar Sal Ven Dor Hal Pel Gris"),
        _split_words("a e i o u"),
        _split_words("brook nick mere wick stead ford lund ton more gate"),
    )
    for i in range(size):
        firm = f"{draw(openings)}{draw(middles)}{draw(closings)} {draw(openings).lower().title()}{draw(closings)}"
        text = (
            f"{firm} Corp said net income was {roll(900)} million dlrs in the quarter, or {roll(99)} cents a "
            f"share, against {roll(900)} million dlrs, or {roll(99)} cents a share, a year before.\n\n"
            f"Revenue rose {roll(40)} percent to {roll(9000)} million dlrs. Orders at the end of the quarter stood "
            f"at {roll(9000)} million dlrs, the company said in a statement released after the close of trading.\n\n"
            f"Chief executive {draw(NAMES)} said that demand in {draw(PLACES)} had been better than the company had "
            f"expected and that it would open {roll(30)} branches in the coming year. For the full year the company "
            f"expects earnings of between {roll(4)} and {4 + roll(4)} dlrs a share.\n\n"
            f"The board declared a quarterly dividend of {roll(60)} cents, payable on {1 + roll(27)} March to "
            f"holders of record on {1 + roll(27)} February. Shares of {firm} closed at "
            f"{roll(200)}.{roll(99):02} dlrs, up {roll(9)}.{roll(9)} percent, before the figures came out."
        )
        when = datetime(2015, 1, 1) + timedelta(minutes=roll(500_000))  # noqa: DTZ001 - no zone is known
        piece = Page(f"{firm} Corp quarterly net {roll(99)} cents a share", ((text,),), draw(OUTLETS), when)
        yield Row(_to_record(f"template-{i}", piece), f"template-{i}")


def iter_nearly_empty(size: int, seed: int) -> Iterator[Row]:
    """Yield articles with almost no text: a blank, a mark, or one to four words."""
    rng = _seeded_random(f"{seed}:empty")
    words = _split_words("photo video watch more live loading advertisement the page you asked for is gone")
    for i in range(size):
        word_count = int(rng.random() * 6)
        text = " ".join(words[int(rng.random() * len(words))] for _ in range(word_count)) or (" ", ".", "-")[i % 3]
        yield Row({"id": f"empty-{i}", "title": "", "text": text, "source": OUTLETS[i % len(OUTLETS)]}, f"empty-{i}")


KINDS = ("news", "bulk", "templates", "story", "long", "word", "empty")


def make_rows(kind: str, size: int, seed: int = 0, articles: Iterable[dict[str, Any]] | None = None) -> Iterator[Row]:
    """Yield a corpus of `size` articles of a kind, made of `articles` (default: ../shared/bulk).

    `bulk` is all articles uncut, with variants of some, and at most `size` of them. `story` starts with `REPRINTS` of
    one story, `long` and `word` start with one article of a million words; the others are `news`.
    """
    if kind == "templates":
        return iter_templates(size, seed)
    if kind == "empty":
        return iter_nearly_empty(size, seed)
    corpus = Corpus(read_bulk() if articles is None else articles, seed, full_text=kind == "bulk")
    if kind == "bulk":
        return iter(corpus.make_generation(0, size))
    return _with_special_story(kind, corpus, size)


def _with_special_story(kind: str, corpus: Corpus, size: int) -> Iterator[Row]:
    first: list[Row] = []
    if kind == "story":
        first = list(islice(corpus.make_reprints(REPRINTS), size))
    elif kind == "long":
        first = [corpus.make_long_article(LONG_WORDS)]
    elif kind == "word":
        first = [Row({"id": "word", "title": "One word", "text": "again " * LONG_WORDS, "source": OUTLETS[0]}, "word")]
    yield from first
    yield from iter_news(corpus, max(0, size - len(first)))


def truth_path(path: Path) -> Path:
    """Return the path of the truth file of a corpus."""
    return path.with_suffix(".truth.jsonl")


def write_corpus(path: Path, corpus_rows: Iterable[Row]) -> int:
    """Write a corpus and its truth; return the number of articles."""
    number = 0
    with (
        path.open("w", encoding="utf-8", newline="\n") as corpus_file,
        truth_path(path).open("w", encoding="utf-8", newline="\n") as truth_file,
    ):
        for row in corpus_rows:
            corpus_file.write(json.dumps(row.article, ensure_ascii=False) + "\n")
            label = {"id": row.article["id"], "story": row.story, "relation": row.relation}
            truth_file.write(json.dumps(label) + "\n")
            number += 1
    return number


def _to_record(name: str, page: Page) -> dict[str, Any]:
    return {
        "id": name,
        "title": page.title,
        "text": page.text,
        "published": page.published.isoformat(timespec="minutes"),
        "source": page.source,
    }


def _join_forms(form_ids: Iterable[int], forms: Sequence[str]) -> str:
    return "".join(map(forms.__getitem__, form_ids))


def _shuffle(items: Iterable[Any], rng: Random) -> list[Any]:
    """Return the items in random order, by `random()` alone, whose numbers are the same in every Python version."""
    return [item for _, _, item in sorted((rng.random(), i, item) for i, item in enumerate(items))]


def _parse_date(value: str | None) -> datetime | None:
    """Parse the two date formats of bulk."""
    if value and (match := _DAY.search(value)):
        return datetime(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]))  # noqa: DTZ001 - no zone is given
    try:
        return datetime.combine(date.fromisoformat((value or "")[:10]), datetime.min.time())
    except ValueError:
        return None


def main() -> None:
    """Write a corpus."""
    parser = argparse.ArgumentParser(description="Make a corpus with known duplicates.")
    parser.add_argument("size", type=int, help="number of articles")
    parser.add_argument("out", type=Path, help="output file of the corpus; the truth is written to OUT.truth.jsonl")
    parser.add_argument("--kind", choices=KINDS, default="news")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    start = time.perf_counter()
    number = write_corpus(options.out, make_rows(options.kind, options.size, options.seed))
    size = options.out.stat().st_size
    print(f"{number:,} articles, {size / 1e6:.0f} MB, in {time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
