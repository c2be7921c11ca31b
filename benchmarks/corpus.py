"""Corpora of any size with known duplicates, made from real news: `python benchmarks/corpus.py SIZE OUT.jsonl`.

There are 16,225 articles in ../shared/bulk. Those that nearly copy an earlier one are left out, since they would be
duplicates that nobody planted; the others are cut to 2 kB on average and told anew in as many *generations* as needed.
Generation 0 is the articles as they are. In each later one the words are exchanged one for one by words that are as
common and look alike (same case, same ending) and numbers are drawn again. The function words stay, but for most of
them, which become others by a rule over the two words before them: else the generations of an article would share one
3-gram in seven, all function words. So equal passages stay equal within a generation, with all that real news has of
events, follow-ups and boilerplate; common phrases are common in all generations; and two generations of an article
share about as few 3-grams as any two articles do.

In each generation one article in eighteen gets 2 to 6 variants (`planted.py`), which makes 15 % of the whole. The
truth stands in OUT.truth.jsonl: `id`, `story`, `relation` to the story's base.

The same size, kind and seed give the same bytes. Each generation is put in an order of its own, so that a story's
articles stand apart, up to 16,000 articles from one another. Memory does not grow with the size.
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

from planted import ABBREVIATIONS, AGENCIES, NAMES, OUTLETS, PLACES, Means, Piece, reprint, sentences, vary

BULK = Path(__file__).resolve().parent.parent.parent / "shared" / "bulk" / "articles.jsonl.gz"

LONGEST = 2900  # characters an article is cut to, so that the mean is 2 kB: the articles of bulk have 4 kB
PLANTED = 0.055  # of the articles get variants, 3.2 each: 15 % of the whole are variants
COPIES = (2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)  # variants of a planted story, drawn evenly
FEWEST_WORDS = 120  # of an article that gets variants: what has less cannot be cut down and remain one
FIXED = 150  # most frequent words, the function words, which are not exchanged one for one
RANGES = (0, 10, 30, 70, FIXED)  # of their ranks: one that is changed becomes another of its range
CHANGED = 0.6  # of the function words in a generation
NEAR_COPY = 0.2  # of the word 5-shingles of the shorter one
REPRINTS = 5000  # of the one story of `--kind story`
LONG = 1_000_000  # words of the one article of `--kind long` and of `--kind word`


def _words(text: str) -> list[str]:
    return text.split()


def _chance(key: str) -> Random:
    return Random(key)  # noqa: S311 - chance that can be had again is what is wanted


_PIECE = re.compile(r"[^\W\d_]+|\d(?:[\d.,]*\d)?|[\W_]+")
_DAY = re.compile(r"(\d{1,2})-([A-Z]{3})-(\d{4})")
_MONTHS = _words("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
# What datelines, credits and figures are recognised by stays what it is.
_KEPT = {
    *_words("january february march april may june july august september october november december"),
    *_words("monday tuesday wednesday thursday friday saturday sunday million billion trillion percent dollars"),
    *(each.lower() for each in (*ABBREVIATIONS, *AGENCIES)),
}
_ENDINGS = ("ing", "ed", "ly", "s")
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93))

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """An article as it is written, the story it belongs to, and its relation to the base (`base` where it is one)."""

    article: dict[str, Any]
    story: str
    relation: str = "base"


@dataclass(frozen=True, slots=True)
class Source:
    """An article of bulk. `title` and `text` are places in the vocabulary; a `copy` repeats an earlier one."""

    title: array[int]
    text: array[int]
    published: datetime | None
    words: int
    copy: bool = False


class Vocabulary:
    """Every word, number and gap of the sources, and for each generation what stands in its place.

    Words are exchanged within groups: of one case, one ending and one range of frequency, wider for rarer words.
    """

    def __init__(self, sources: Sequence[Source], forms: Sequence[str]) -> None:
        self.forms = forms
        articles, capital, total = Counter[str](), Counter[str](), Counter[str]()
        lower = [form.lower() if form[0].isalpha() else "" for form in forms]
        for source in sources:
            met = Counter(source.text)
            articles.update({lower[at] for at in met})
            for at, times in met.items():
                total[lower[at]] += times
                capital[lower[at]] += times if forms[at][0].isupper() else 0
        del articles[""]
        ranked = sorted(articles, key=lambda word: (-articles[word], word))
        classes: dict[tuple[bool, str], list[str]] = {}
        for word in ranked[FIXED:]:
            if word not in _KEPT:
                ending = next((each for each in _ENDINGS if word.endswith(each)), "")
                classes.setdefault((capital[word] * 2 > total[word], ending), []).append(word)
        self._groups = [group for _, words in sorted(classes.items()) for group in _ranges(words)]
        self._home = {word: (group, at) for group in self._groups for at, word in enumerate(group)}
        self._lower = lower
        place = {form: at for at, form in enumerate(forms)}
        fixed = [word for word in ranked[:FIXED] if word in place and word not in _KEPT]
        self._fixed = np.array([place[word] for word in fixed], dtype=np.int64)
        self._rank = np.full(len(forms), -1, dtype=np.int64)
        self._rank[self._fixed] = np.arange(len(fixed))
        self._is_word = np.array([form[0].isalnum() for form in forms], dtype=bool)
        edges = np.minimum(RANGES, len(fixed))
        which = np.searchsorted(edges, np.arange(len(fixed)), side="right") - 1
        self._low, self._span = edges[which], edges[which + 1] - edges[which]

    def varied(self, text: array[int], generation: int) -> list[int]:
        """Return the places of a text with `CHANGED` of its function words changed, by the two words before each."""
        pieces = np.frombuffer(text, dtype=np.uint32).astype(np.int64)
        at = np.flatnonzero(self._is_word[pieces])
        words = pieces[at].astype(np.uint64)
        before = np.concatenate((np.zeros(2, dtype=np.uint64), words))
        mixed = ((before[:-2] * _MIX[0] + before[1:-1]) * _MIX[0] + words + np.uint64(generation % (1 << 32))) * _MIX[1]
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX[0]
        rank = self._rank[pieces[at]]
        changed = np.flatnonzero((rank >= 0) & (mixed >> np.uint64(44) < int(CHANGED * (1 << 20))))
        chosen = rank[changed]
        others = (
            self._low[chosen]
            + ((mixed[changed] >> np.uint64(20)) & np.uint64(0xFFFF)).astype(np.int64) % self._span[chosen]
        )
        pieces[at[changed]] = self._fixed[others]
        found: list[int] = pieces.tolist()
        return found

    def told(self, chance: Random) -> list[str]:
        """Return a form for each form of the sources: every word exchanged for another, every number drawn again."""
        image: dict[str, str] = {}
        for group in self._groups:
            image.update(
                zip(group, [word for _, word in sorted((chance.random(), word) for word in group)], strict=True)
            )
        out = []
        for form, word in zip(self.forms, self._lower, strict=True):
            if word:
                out.append(_cased(image[word], form) if word in image else form)
            else:
                out.append(_drawn(form, chance) if form[0].isdecimal() else form)
        return out

    def synonym(self, word: str, key: float) -> str:
        """Return a word of the same group, chosen by `key` from 0 to 1; a word that is fixed or unknown stays."""
        if (home := self._home.get(word.lower())) is None:
            return word
        group, at = home
        return _cased(group[(at + 1 + int(key * (len(group) - 1))) % len(group)], word)


def _ranges(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Part words, the most frequent first, into ranges that grow with the rank."""
    start = 0
    while start < len(words):
        end = start + max(30, start // 3)
        yield words[start:end]
        start = end


def _cased(word: str, like: str) -> str:
    """Return a lower-case word in the case of another."""
    if like.islower():
        return word
    return word.upper() if len(like) > 1 and like.isupper() else word[:1].upper() + word[1:]


def _drawn(number: str, chance: Random) -> str:
    """Return another number of the same form; a year becomes a year."""
    if len(number) == 4 and number[:2] in {"19", "20"}:
        return str(1950 + int(chance.random() * 75))
    return "".join(
        str(int(chance.random() * 9) + 1 if i == 0 else int(chance.random() * 10)) if each.isdecimal() else each
        for i, each in enumerate(number)
    )


class Corpus:
    """The sources, ready to be told in any generation; `whole` leaves them uncut and keeps copies of earlier ones."""

    def __init__(self, articles: Iterable[dict[str, Any]], seed: int, *, whole: bool = False) -> None:
        self._seed = seed
        places: defaultdict[str, int] = defaultdict(lambda: len(places))

        def taken(text: str) -> array[int]:
            return array("I", [places[piece] for piece in _PIECE.findall(text)])

        every = []
        for article in articles:
            text = paragraphed(article["text"])
            text = text if whole else cut(text)
            if text:
                title = " ".join((article.get("title") or "").split())
                every.append(Source(taken(title), taken(text), _moment(article.get("published")), len(text.split())))
        forms = list(places)
        copies = near_copies(every, forms)
        self.sources = [
            Source(each.title, each.text, each.published, each.words, copy=i in copies)
            for i, each in enumerate(every)
            if whole or i not in copies
        ]
        self._vocabulary = Vocabulary(self.sources, forms)

    def generation(self, number: int, most: int) -> list[Row]:
        """Return up to `most` rows: the sources told in this generation with their variants, in an order of chance."""
        chance = _chance(f"{self._seed}:{number}")
        forms = self._vocabulary.told(chance) if number else self._vocabulary.forms
        shift = timedelta(days=int(chance.random() * 3000))
        rows: list[Row] = []
        for i in _shuffled(range(len(self.sources)), chance):
            if len(rows) >= most:
                break
            source = self.sources[i]
            drawn = datetime(2010, 1, 1) + timedelta(minutes=int(chance.random() * 5_000_000))  # noqa: DTZ001 - no zone is known
            title = _spelt(source.title, forms)
            text = _spelt(self._vocabulary.varied(source.text, number) if number else source.text, forms)
            outlet = OUTLETS[int(chance.random() * len(OUTLETS))]
            base = Piece(title, ((text,),), outlet, (source.published or drawn) + shift)
            name = f"{number}-{i}"
            rows.append(Row(_article(name, base), name))
            if chance.random() < PLANTED and source.words >= FEWEST_WORDS and not source.copy:
                rows.extend(self._variants(base, name, forms))
        return _shuffled(rows[:most], chance)

    def _variants(self, base: Piece, name: str, forms: Sequence[str]) -> Iterator[Row]:
        means = self.means(name, forms)
        parted = Piece(base.title, parts(base.text), base.source, base.published)
        if sum(map(len, parted.paragraphs)) < 5:  # one endless line: no editor would touch it
            return
        for copy in range(1, 1 + means.pick(COPIES)):
            relation, piece = vary(parted, means)
            yield Row(_article(f"{name}.{copy}", piece), name, relation)

    def means(self, name: str, forms: Sequence[str]) -> Means:
        """Return the means to make variants of the article `name` with, in the words of its generation."""
        chance = _chance(f"{self._seed}:{name}")

        def news() -> str:
            key = chance.random()
            for _ in range(20):
                source = self.sources[int(chance.random() * len(self.sources))]
                told = [each for paragraph in parts(_spelt(source.text, forms)) for each in paragraph]
                sentence = told[int(chance.random() * len(told))]
                if 60 < len(sentence) < 300:
                    break
            words = re.compile(r"[^\W\d_]+")
            return words.sub(lambda found: self._vocabulary.synonym(found[0], key), sentence)

        return Means(chance, self._vocabulary.synonym, news)

    def reprints(self, times: int) -> Iterator[Row]:
        """Yield one story: an article and near-reprints of it."""
        i = next(i for i, each in enumerate(self.sources) if each.words > FEWEST_WORDS)
        source, forms = self.sources[i], self._vocabulary.told(_chance(f"{self._seed}:story"))
        base = Piece(
            _spelt(source.title, forms),
            parts(_spelt(source.text, forms)),
            OUTLETS[0],
            datetime(2015, 5, 5, 5, 5),  # noqa: DTZ001
        )
        yield Row(_article("story", base), "story")
        means = self.means("story", forms)
        for copy in range(1, times):
            yield Row(_article(f"story.{copy}", reprint(base, means)), "story", "reprint")

    def endless(self, words: int) -> Row:
        """Return one article of so many words, made of articles that stand nowhere else."""
        texts: list[str] = []
        count, number = 0, 0
        while count < words:  # generations that no other article uses
            forms = self._vocabulary.told(_chance(f"{self._seed}:long:{number}"))
            for source in self.sources:
                texts.append(_spelt(self._vocabulary.varied(source.text, -1 - number), forms))
                count += source.words
                if count >= words:
                    break
            number += 1
        piece = Piece("All of it", (("\n\n".join(texts),),), OUTLETS[0], datetime(2015, 5, 5, 5, 5))  # noqa: DTZ001
        return Row(_article("long", piece), "long")


def paragraphed(text: str) -> str:
    """Return a text with its paragraphs parted by blank lines, whatever parted them; hard-wrapped lines are joined."""
    if "\n\n" in text:
        pieces = re.split(r"\n\s*\n", text)
    elif "\n    " in text:
        pieces = re.split(r"\n {4,}", text)
    else:
        pieces = text.split("\n")
    return "\n\n".join(filter(None, (" ".join(piece.split()) for piece in pieces)))


def cut(text: str) -> str:
    """Cut a text to `LONGEST` characters at most, at the end of a paragraph or sentence (a first one always stays)."""
    kept: list[str] = []
    left = LONGEST
    for paragraph in text.split("\n\n"):
        if len(paragraph) + 2 <= left:
            kept.append(paragraph)
            left -= len(paragraph) + 2
            continue
        some: list[str] = []
        for sentence in sentences(paragraph):
            if len(sentence) + 1 > left and (kept or some):
                break
            some.append(sentence)
            left -= len(sentence) + 1
        if some:
            kept.append(" ".join(some))
        break
    return "\n\n".join(kept)


def parts(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the sentences of each paragraph."""
    return tuple(filter(None, map(sentences, text.split("\n\n"))))


def near_copies(sources: Sequence[Source], forms: Sequence[str]) -> set[int]:
    """Return the places of articles that share `NEAR_COPY` of the shorter one's word 5-shingles with an earlier one.

    Exact but for shingles in more than 20 articles (the banners of a site), of which each article is held against the
    first only. An article is a copy of what is kept, not of another copy.
    """
    words: dict[str, int] = {}
    word_of = np.array(
        [words.setdefault(form.lower(), len(words)) + 1 if form[0].isalnum() else 0 for form in forms], dtype=np.uint64
    )
    hashes, sizes = [], []
    for source in sources:
        spoken = word_of[np.frombuffer(source.text, dtype=np.uint32)]
        spoken = spoken[spoken > 0]
        total = np.zeros(max(0, len(spoken) - 4), dtype=np.uint64)
        for i in range(5):
            total = total * _MIX[0] + spoken[i : i + len(total)]
        hashes.append(np.unique(total))
        sizes.append(len(hashes[-1]))
    article = np.repeat(np.arange(len(sources)), sizes)
    every = np.concatenate([np.empty(0, dtype=np.uint64), *hashes])
    order = np.argsort(every, kind="stable")
    every, article = every[order], article[order]
    starts = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
    counts = np.diff(np.append(starts, len(every)))
    met = []
    for size in range(2, 21):
        table = article[starts[counts == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        met.append((table[:, left] * len(sources) + table[:, right]).ravel())
    for start, size in zip(starts[counts > 20], counts[counts > 20], strict=True):
        met.append(article[start] * len(sources) + article[start + 1 : start + size])
    pairs, shared = np.unique(np.concatenate(met), return_counts=True)
    left, right = pairs // max(1, len(sources)), pairs % max(1, len(sources))
    size_of = np.array(sizes, dtype=np.int64)
    close = shared >= NEAR_COPY * np.minimum(size_of[left], size_of[right])
    copies: set[int] = set()
    for i, j in zip(
        left[close].tolist(), right[close].tolist(), strict=True
    ):  # sorted, so i is settled before it is asked
        if i not in copies:
            copies.add(j)
    return copies


def read_bulk(path: Path = BULK) -> Iterator[dict[str, Any]]:
    """Yield the articles of ../shared/bulk."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def news(corpus: Corpus, size: int) -> Iterator[Row]:
    """Yield `size` articles with their variants, generation after generation."""
    number = 0
    for rows in _generations(corpus, size // max(1, len(corpus.sources))):
        if len(rows) > size:
            break
        yield from rows
        size -= len(rows)
        number += 1
    while size:  # the last one ends early, before it is put in order, so that it has the bases of its variants
        rows = corpus.generation(number, size)
        yield from rows
        size -= len(rows)
        number += 1


def _generations(corpus: Corpus, many: int) -> Iterator[list[Row]]:
    """Yield whole generations from 0 on, up to `many`, made by all cores; a few are ready ahead, no more."""
    cores = os.cpu_count() or 1
    if many < 2 or cores == 1:
        yield from (corpus.generation(number, sys.maxsize) for number in range(many))
        return
    with ProcessPoolExecutor(cores, initializer=_adopt, initargs=(corpus,)) as pool:
        ahead: deque[Future[list[Row]]] = deque()
        try:
            for number in range(many):
                ahead.append(pool.submit(_made, number))
                if len(ahead) > cores:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


_adopted: list[Corpus] = []  # of this process, so that the sources cross its border once


def _adopt(corpus: Corpus) -> None:
    _adopted[:] = [corpus]


def _made(number: int) -> list[Row]:
    return _adopted[0].generation(number, sys.maxsize)


def templates(size: int, seed: int) -> Iterator[Row]:
    """Yield one text `size` times, with other names and figures each time: no two tell the same report."""
    chance = _chance(f"{seed}:templates")

    def some(among: Sequence[str]) -> str:
        return among[int(chance.random() * len(among))]

    def figure(most: int) -> int:
        return 1 + int(chance.random() * most)

    openings, middles, closings = (
        _words("Bar Kel Tor Mar Sal Ven Dor Hal Pel Gris"),
        _words("a e i o u"),
        _words("brook nick mere wick stead ford lund ton more gate"),
    )
    for i in range(size):
        firm = f"{some(openings)}{some(middles)}{some(closings)} {some(openings).lower().title()}{some(closings)}"
        text = (
            f"{firm} Corp said net income was {figure(900)} million dlrs in the quarter, or {figure(99)} cents a "
            f"share, against {figure(900)} million dlrs, or {figure(99)} cents a share, a year before.\n\n"
            f"Revenue rose {figure(40)} percent to {figure(9000)} million dlrs. Orders at the end of the quarter stood "
            f"at {figure(9000)} million dlrs, the company said in a statement released after the close of trading.\n\n"
            f"Chief executive {some(NAMES)} said that demand in {some(PLACES)} had been better than the company had "
            f"expected and that it would open {figure(30)} branches in the coming year. For the full year the company "
            f"expects earnings of between {figure(4)} and {4 + figure(4)} dlrs a share.\n\n"
            f"The board declared a quarterly dividend of {figure(60)} cents, payable on {1 + figure(27)} March to "
            f"holders of record on {1 + figure(27)} February. Shares of {firm} closed at "
            f"{figure(200)}.{figure(99):02} dlrs, up {figure(9)}.{figure(9)} percent, before the figures came out."
        )
        when = datetime(2015, 1, 1) + timedelta(minutes=figure(500_000))  # noqa: DTZ001 - no zone is known
        piece = Piece(f"{firm} Corp quarterly net {figure(99)} cents a share", ((text,),), some(OUTLETS), when)
        yield Row(_article(f"template-{i}", piece), f"template-{i}")


def nearly_empty(size: int, seed: int) -> Iterator[Row]:
    """Yield articles of which next to nothing is left: a blank, a mark, one to four words."""
    chance = _chance(f"{seed}:empty")
    words = _words("photo video watch more live loading advertisement the page you asked for is gone")
    for i in range(size):
        some = int(chance.random() * 6)
        text = " ".join(words[int(chance.random() * len(words))] for _ in range(some)) or (" ", ".", "-")[i % 3]
        yield Row({"id": f"empty-{i}", "title": "", "text": text, "source": OUTLETS[i % len(OUTLETS)]}, f"empty-{i}")


KINDS = ("news", "bulk", "templates", "story", "long", "word", "empty")


def rows(kind: str, size: int, seed: int = 0, articles: Iterable[dict[str, Any]] | None = None) -> Iterator[Row]:
    """Yield the corpus of a kind, `size` articles; `articles` (default: ../shared/bulk) are what it is made of.

    `bulk` is all articles whole, with variants of some; `size` is then the most that are taken. `story` begins with
    `REPRINTS` of one story, `long` and `word` with one article of a million words; the rest of them is news.
    """
    if kind == "templates":
        return templates(size, seed)
    if kind == "empty":
        return nearly_empty(size, seed)
    corpus = Corpus(read_bulk() if articles is None else articles, seed, whole=kind == "bulk")
    if kind == "bulk":
        return iter(corpus.generation(0, size))
    return _with_one(kind, corpus, size)


def _with_one(kind: str, corpus: Corpus, size: int) -> Iterator[Row]:
    first: list[Row] = []
    if kind == "story":
        first = list(islice(corpus.reprints(REPRINTS), size))
    elif kind == "long":
        first = [corpus.endless(LONG)]
    elif kind == "word":
        first = [Row({"id": "word", "title": "One word", "text": "again " * LONG, "source": OUTLETS[0]}, "word")]
    yield from first
    yield from news(corpus, max(0, size - len(first)))


def truth_of(path: Path) -> Path:
    """Return where the truth of a corpus stands."""
    return path.with_suffix(".truth.jsonl")


def write(path: Path, made: Iterable[Row]) -> int:
    """Write a corpus and its truth; returns the number of articles."""
    number = 0
    with (
        path.open("w", encoding="utf-8", newline="\n") as out,
        truth_of(path).open("w", encoding="utf-8", newline="\n") as truth,
    ):
        for row in made:
            out.write(json.dumps(row.article, ensure_ascii=False) + "\n")
            stands = {"id": row.article["id"], "story": row.story, "relation": row.relation}
            truth.write(json.dumps(stands) + "\n")
            number += 1
    return number


def _article(name: str, piece: Piece) -> dict[str, Any]:
    return {
        "id": name,
        "title": piece.title,
        "text": piece.text,
        "published": piece.published.isoformat(timespec="minutes"),
        "source": piece.source,
    }


def _spelt(places: Iterable[int], forms: Sequence[str]) -> str:
    return "".join(map(forms.__getitem__, places))


def _shuffled(items: Iterable[Any], chance: Random) -> list[Any]:
    """Return the items in an order of chance; by `random()` alone, whose numbers every Python keeps."""
    return [item for _, _, item in sorted((chance.random(), i, item) for i, item in enumerate(items))]


def _moment(given: str | None) -> datetime | None:
    """Read the two kinds of dates that bulk has."""
    if given and (found := _DAY.search(given)):
        return datetime(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]))  # noqa: DTZ001 - no zone is given
    try:
        return datetime.combine(date.fromisoformat((given or "")[:10]), datetime.min.time())
    except ValueError:
        return None


def main() -> None:
    """Write a corpus."""
    parser = argparse.ArgumentParser(description="Make a corpus with known duplicates.")
    parser.add_argument("size", type=int, help="number of articles")
    parser.add_argument("out", type=Path, help="the corpus; its truth goes to OUT.truth.jsonl")
    parser.add_argument("--kind", choices=KINDS, default="news")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.perf_counter()
    number = write(given.out, rows(given.kind, given.size, given.seed))
    size = given.out.stat().st_size
    print(f"{number:,} articles, {size / 1e6:.0f} MB, in {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
