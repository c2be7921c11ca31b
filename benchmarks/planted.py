"""Synthetic variants of an article: reprints, cuts, updates and rewrites with a known relation to their base.

A `rewrite` is only a rough model of a person's: words are replaced by words that are about as common, not by words of
the same meaning. That makes it hard for any method that compares words, which is its purpose.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")

# Invented, so that no text is attributed to a real outlet.
PLACES = ("Kestle", "Brennick", "Tallmere", "Orvane", "Dunmarrow", "Sellick", "Pellgrove", "Ashwater")
OUTLETS = tuple(f"{place} {paper}" for place in PLACES for paper in ("Courier", "Herald", "Post", "Tribune", "Gazette"))
NAMES = ("Ida Marlow", "Tom Ferrar", "Ruth Okell", "Paul Denning", "Vera Lindqvist", "Owen Carrick", "Nora Teal")
AGENCIES = ("AP", "Reuters", "AFP", "UPI")
ABBREVIATIONS = (
    "Mr",
    "Mrs",
    "Ms",
    "Dr",
    "St",
    "Sen",
    "Rep",
    "Gov",
    "Gen",
    "Inc",
    "Corp",
    "Co",
    "Ltd",
    "Jr",
    "Sr",
    "No",
)

_SENTENCE_END = re.compile(r"(?<=[a-z\d%][.!?])\s+(?=[^a-z\s])|(?<=[a-z\d%.!?,][.!?,][”\"’])\s+(?=[^a-z\s])")
_ENDS_IN_ABBREVIATION = re.compile(rf"\b(?:{'|'.join(ABBREVIATIONS)})\.$")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_QUOTED = re.compile(r"(“[^”]*”|\"[^\"]*\")")
# Function words that an editor may swap; the grammar breaks, which no measure here notices.
_SMALL = {"the": "a", "a": "the", "in": "at", "on": "in", "for": "to", "with": "by", "that": "which", "has": "had"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page: title, `paragraphs` of sentences, outlet and date."""

    title: str
    paragraphs: tuple[tuple[str, ...], ...]
    source: str
    published: datetime

    @property
    def text(self) -> str:
        """Return the paragraphs, joined by blank lines."""
        return "\n\n".join(" ".join(paragraph) for paragraph in self.paragraphs if paragraph)


@dataclass(frozen=True, slots=True)
class VariantTools:
    """Random choices for variants: a generator, a word about as common as another, a sentence of no other article."""

    chance: Random
    synonym: Callable[[str, float], str]
    draw_news: Callable[[], str]

    def draw_below(self, n: int) -> int:
        """Return an integer from 0 to n - 1, by `random()` alone, which is the same in every Python version."""
        return int(self.chance.random() * n)

    def draw_from(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.draw_below(len(items))]

    def draw_chance(self, share: float) -> bool:
        """Return True with probability `share`."""
        return self.chance.random() < share

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """Return the items in random order."""
        return [item for _, _, item in sorted((self.chance.random(), i, item) for i, item in enumerate(items))]


def split_sentences(paragraph: str) -> tuple[str, ...]:
    """Split a paragraph roughly into sentences, but not after a title such as `Mr.`."""
    parts: list[str] = []
    for piece in _SENTENCE_END.split(paragraph):
        if parts and _ENDS_IN_ABBREVIATION.search(parts[-1]):
            parts[-1] += " " + piece
        elif piece:
            parts.append(piece)
    return tuple(parts)


def make_identical(base: Page, tools: VariantTools) -> Page:
    """Return the same title and text in another outlet."""
    return replace(base, source=_draw_outlet(base.source, tools), published=_draw_later(base.published, tools, 12))


def make_reprint(base: Page, tools: VariantTools) -> Page:
    """Return a reprint: other dateline, byline, credit and title, up to six words changed."""
    body = [list(paragraph) for paragraph in base.paragraphs]
    for _ in range(tools.draw_below(7)):
        paragraph = tools.draw_from(body)
        index = tools.draw_below(len(paragraph))
        paragraph[index] = _change_word(paragraph[index], tools)
    if tools.draw_chance(0.6):
        place, agency = tools.draw_from(PLACES).upper(), tools.draw_from(AGENCIES)
        body[0][0] = f"{place} ({agency}) - {body[0][0]}"
    if tools.draw_chance(0.4):
        body.insert(0, [f"By {tools.draw_from(NAMES)}"])
    if tools.draw_chance(0.4):
        body.append([f"Reporting by {tools.draw_from(NAMES)}; editing by {tools.draw_from(NAMES)}"])
    return Page(
        title=_change_title(base.title, tools) if tools.draw_chance(0.7) else base.title,
        paragraphs=tuple(map(tuple, body)),
        source=_draw_outlet(base.source, tools),
        published=_draw_later(base.published, tools, 24),
    )


def make_abridged(base: Page, tools: VariantTools) -> Page:
    """Return a cut to 40 to 80 % of the sentences: the first ones or, in two of five cases, the lead and a sample."""
    count = sum(map(len, base.paragraphs))
    sentence_count = max(2, round(count * (0.4 + 0.4 * tools.chance.random())))
    if tools.draw_chance(0.6):
        chosen_indices = set(range(sentence_count))
    else:
        lead = max(1, sentence_count // 3)
        chosen_indices = {*range(lead), *tools.shuffle(range(lead, count))[: sentence_count - lead]}
    body, start = [], 0
    for paragraph in base.paragraphs:
        body.append(tuple(sentence for i, sentence in enumerate(paragraph, start) if i in chosen_indices))
        start += len(paragraph)
    return Page(
        title=_change_title(base.title, tools) if tools.draw_chance(0.3) else base.title,
        paragraphs=tuple(filter(None, body)),
        source=_draw_outlet(base.source, tools),
        published=_draw_later(base.published, tools, 24),
    )


def make_update(base: Page, tools: VariantTools) -> Page:
    """Return a later version: a paragraph added or replaced, figures of one sentence and words of the lead changed."""
    body = [list(paragraph) for paragraph in base.paragraphs]
    with_figures = [
        (i, j) for i, paragraph in enumerate(body) for j, sentence in enumerate(paragraph) if _NUMBER.search(sentence)
    ]
    if with_figures:
        i, j = tools.draw_from(with_figures)
        body[i][j] = _NUMBER.sub(lambda match: str(int(match[0][:9]) + 1 + tools.draw_below(9)), body[i][j])
    for _ in range(1 + tools.draw_below(2)):
        body[0][0] = _change_word(body[0][0], tools)
    new_sentences = [tools.draw_news() for _ in range(1 + tools.draw_below(2))]
    position = 1 + tools.draw_below(len(body))
    shortest = min(range(1, len(body)), key=lambda i: sum(map(len, body[i])), default=0)
    if len(body) > 3 and tools.draw_chance(0.3):
        body[shortest] = new_sentences
    else:
        body.insert(position, new_sentences)
    return Page(
        title=_change_title(base.title, tools) if tools.draw_chance(0.5) else base.title,
        paragraphs=tuple(map(tuple, body)),
        source=base.source,
        published=_draw_later(base.published, tools, 36),
    )


def make_rewrite(base: Page, tools: VariantTools) -> Page:
    """Return a rewrite: most plain words replaced, clauses and neighbours swapped, one sentence in eight dropped.

    Names, figures and quotes stay, as they do when a person rewrites a report.
    """
    key = tools.chance.random()  # within a rewrite a word is always replaced by the same word
    reworded = [
        _swap_clauses(_reword(sentence, tools, key), tools) for paragraph in base.paragraphs for sentence in paragraph
    ]
    reworded = [reworded[0], *(sentence for sentence in reworded[1:] if not tools.draw_chance(0.125))]
    for i in range(1, len(reworded) - 1):
        if tools.draw_chance(0.4):
            reworded[i], reworded[i + 1] = reworded[i + 1], reworded[i]
    body, start = [], 0
    while start < len(reworded):
        size = 1 + tools.draw_below(3)
        body.append(tuple(reworded[start : start + size]))
        start += size
    return Page(
        title=_reword(base.title, tools, key),
        paragraphs=tuple(body),
        source=_draw_outlet(base.source, tools),
        published=_draw_later(base.published, tools, 24),
    )


VARIANTS: Mapping[str, tuple[float, Callable[[Page, VariantTools], Page]]] = {
    "identical": (0.15, make_identical),
    "reprint": (0.30, make_reprint),
    "abridged": (0.20, make_abridged),
    "update": (0.20, make_update),
    "rewrite": (0.15, make_rewrite),
}
"""Relation -> its share of the planted variants, and the function that makes it."""


def make_variant(base: Page, tools: VariantTools) -> tuple[str, Page]:
    """Draw a relation by the shares; return it and a variant of `base` with that relation."""
    ends = list(accumulate(share for share, _ in VARIANTS.values()))
    relation = list(VARIANTS)[bisect(ends, tools.chance.random() * ends[-1])]
    return relation, VARIANTS[relation][1](base, tools)


def _draw_outlet(source: str, tools: VariantTools) -> str:
    return tools.draw_from([outlet for outlet in OUTLETS if outlet != source])


def _draw_later(published: datetime, tools: VariantTools, hours: int) -> datetime:
    return published + timedelta(minutes=1 + tools.draw_below(hours * 60))


def _change_title(title: str, tools: VariantTools) -> str:
    """Return another title: without its end, with one word changed, or with a label."""
    words = title.split()
    method = tools.draw_below(3)
    if method == 0 and len(words) > 5:
        return " ".join(words[: len(words) - 1 - tools.draw_below(len(words) // 2)])
    return (
        _change_word(title, tools)
        if method == 1
        else f"{tools.draw_from(('Report', 'News', 'World', 'Update'))}: {title}"
    )


def _change_word(sentence: str, tools: VariantTools) -> str:
    """Replace one word by another or, one time in three, add a typo."""
    long_words = [match for match in _WORD.finditer(sentence) if len(match[0]) > 3]
    if not long_words:
        return sentence
    word = tools.draw_from(long_words)
    if tools.draw_chance(1 / 3):
        index = 1 + tools.draw_below(len(word[0]) - 2)
        new = word[0][:index] + word[0][index + 1] + word[0][index] + word[0][index + 2 :]
    else:
        new = tools.synonym(word[0], tools.chance.random())
    return sentence[: word.start()] + new + sentence[word.end() :]


def _reword(sentence: str, tools: VariantTools, key: float) -> str:
    """Replace three of five plain words, and one function word in eight, outside quotation marks."""

    def exchange(match: re.Match[str]) -> str:
        word = match[0]
        if word in _SMALL:
            return _SMALL[word] if tools.draw_chance(0.125) else word
        return tools.synonym(word, key) if word.islower() and len(word) > 2 and tools.draw_chance(0.6) else word

    parts = _QUOTED.split(sentence)
    return "".join(part if i % 2 else _WORD.sub(exchange, part) for i, part in enumerate(parts))


def _swap_clauses(sentence: str, tools: VariantTools) -> str:
    """Swap the parts around the first comma, in half of the sentences with one and without quotes."""
    left, comma, right = sentence.partition(", ")
    if not comma or not right or right[-1] not in ".!?" or _QUOTED.search(sentence) or not tools.draw_chance(0.5):
        return sentence
    return f"{right[0].upper()}{right[1:-1]}, {left}{right[-1]}"
