"""Variants of an article by construction: what another outlet, an editor or a later hour makes of a text.

All of them are synthetic. A `rewrite` above all only stands in for a person's: its words are exchanged for others that
are about as common, not for words of the same meaning. That is hard for whatever looks at words, which is its purpose.
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

# Made up, so that no real outlet is said to have printed what it did not.
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
_ABBREVIATED = re.compile(rf"\b(?:{'|'.join(ABBREVIATIONS)})\.$")
_WORD = re.compile(r"[^\W\d_]+")
_FIGURE = re.compile(r"\d+")
_QUOTED = re.compile(r"(“[^”]*”|\"[^\"]*\")")
# Small words that an editor changes without a thought; grammar is not kept, since no measure here reads it.
_SMALL = {"the": "a", "a": "the", "in": "at", "on": "in", "for": "to", "with": "by", "that": "which", "has": "had"}


@dataclass(frozen=True, slots=True)
class Piece:
    """What a page says: `paragraphs` of sentences under a title, by whom and when."""

    title: str
    paragraphs: tuple[tuple[str, ...], ...]
    source: str
    published: datetime

    @property
    def text(self) -> str:
        """The paragraphs, joined by blank lines."""
        return "\n\n".join(" ".join(paragraph) for paragraph in self.paragraphs if paragraph)


@dataclass(frozen=True, slots=True)
class Means:
    """What variants are made with: chance, a word about as common as a word, a sentence found in no other article."""

    chance: Random
    synonym: Callable[[str, float], str]
    news: Callable[[], str]

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n - 1, by `random()` alone: its numbers are the same in every Python."""
        return int(self.chance.random() * n)

    def pick(self, among: Sequence[T]) -> T:
        """Return one of `among`."""
        return among[self.below(len(among))]

    def happens(self, share: float) -> bool:
        """Tell whether this is one of the `share` of cases."""
        return self.chance.random() < share

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in another order."""
        return [item for _, _, item in sorted((self.chance.random(), i, item) for i, item in enumerate(items))]


def sentences(paragraph: str) -> tuple[str, ...]:
    """Part a paragraph roughly into sentences; one that ends in a title such as `Mr.` goes on."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(paragraph):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] += " " + piece
        elif piece:
            found.append(piece)
    return tuple(found)


def identical(base: Piece, means: Means) -> Piece:
    """Take the same title and text over to another outlet."""
    return replace(base, source=_other(base.source, means), published=_later(base.published, means, 12))


def reprint(base: Piece, means: Means) -> Piece:
    """Print an agency's text: dateline, byline and credit of one's own, another title, up to six words changed."""
    body = [list(paragraph) for paragraph in base.paragraphs]
    for _ in range(means.below(7)):
        paragraph = means.pick(body)
        at = means.below(len(paragraph))
        paragraph[at] = _one_word(paragraph[at], means)
    if means.happens(0.6):
        place, agency = means.pick(PLACES).upper(), means.pick(AGENCIES)
        body[0][0] = f"{place} ({agency}) - {body[0][0]}"
    if means.happens(0.4):
        body.insert(0, [f"By {means.pick(NAMES)}"])
    if means.happens(0.4):
        body.append([f"Reporting by {means.pick(NAMES)}; editing by {means.pick(NAMES)}"])
    return Piece(
        title=_retitled(base.title, means) if means.happens(0.7) else base.title,
        paragraphs=tuple(map(tuple, body)),
        source=_other(base.source, means),
        published=_later(base.published, means, 24),
    )


def abridged(base: Piece, means: Means) -> Piece:
    """Keep 40 to 80 % of the sentences: the first ones, or in two of five cases the lead and some of the rest."""
    count = sum(map(len, base.paragraphs))
    kept = max(2, round(count * (0.4 + 0.4 * means.chance.random())))
    if means.happens(0.6):
        chosen = set(range(kept))
    else:
        lead = max(1, kept // 3)
        chosen = {*range(lead), *means.shuffled(range(lead, count))[: kept - lead]}
    body, at = [], 0
    for paragraph in base.paragraphs:
        body.append(tuple(each for i, each in enumerate(paragraph, at) if i in chosen))
        at += len(paragraph)
    return Piece(
        title=_retitled(base.title, means) if means.happens(0.3) else base.title,
        paragraphs=tuple(filter(None, body)),
        source=_other(base.source, means),
        published=_later(base.published, means, 24),
    )


def update(base: Piece, means: Means) -> Piece:
    """Carry a report on, hours later: a paragraph added or put in another's place, one sentence's figures, the lead."""
    body = [list(paragraph) for paragraph in base.paragraphs]
    told = [(i, j) for i, paragraph in enumerate(body) for j, each in enumerate(paragraph) if _FIGURE.search(each)]
    if told:
        i, j = means.pick(told)
        body[i][j] = _FIGURE.sub(lambda found: str(int(found[0][:9]) + 1 + means.below(9)), body[i][j])
    for _ in range(1 + means.below(2)):
        body[0][0] = _one_word(body[0][0], means)
    added = [means.news() for _ in range(1 + means.below(2))]
    at = 1 + means.below(len(body))
    shortest = min(range(1, len(body)), key=lambda i: sum(map(len, body[i])), default=0)
    if len(body) > 3 and means.happens(0.3):
        body[shortest] = added
    else:
        body.insert(at, added)
    return Piece(
        title=_retitled(base.title, means) if means.happens(0.5) else base.title,
        paragraphs=tuple(map(tuple, body)),
        source=base.source,
        published=_later(base.published, means, 36),
    )


def rewrite(base: Piece, means: Means) -> Piece:
    """Tell it in other words: most plain words exchanged, clauses turned, neighbours swapped, one in eight left out.

    Names, figures and what stands in quotation marks stay, as they do when a person rewrites a report.
    """
    key = means.chance.random()  # one word is always exchanged for the same one within a rewrite
    told = [_turned(_reworded(each, means, key), means) for paragraph in base.paragraphs for each in paragraph]
    told = [told[0], *(each for each in told[1:] if not means.happens(0.125))]
    for i in range(1, len(told) - 1):
        if means.happens(0.4):
            told[i], told[i + 1] = told[i + 1], told[i]
    body, at = [], 0
    while at < len(told):
        size = 1 + means.below(3)
        body.append(tuple(told[at : at + size]))
        at += size
    return Piece(
        title=_reworded(base.title, means, key),
        paragraphs=tuple(body),
        source=_other(base.source, means),
        published=_later(base.published, means, 24),
    )


VARIANTS: Mapping[str, tuple[float, Callable[[Piece, Means], Piece]]] = {
    "identical": (0.15, identical),
    "reprint": (0.30, reprint),
    "abridged": (0.20, abridged),
    "update": (0.20, update),
    "rewrite": (0.15, rewrite),
}
"""Each relation, its share of the planted variants, and how it is made."""


def vary(base: Piece, means: Means) -> tuple[str, Piece]:
    """Return a relation, drawn by the shares, and a variant of `base` that stands so to it."""
    ends = list(accumulate(share for share, _ in VARIANTS.values()))
    relation = list(VARIANTS)[bisect(ends, means.chance.random() * ends[-1])]
    return relation, VARIANTS[relation][1](base, means)


def _other(source: str, means: Means) -> str:
    return means.pick([outlet for outlet in OUTLETS if outlet != source])


def _later(published: datetime, means: Means, hours: int) -> datetime:
    return published + timedelta(minutes=1 + means.below(hours * 60))


def _retitled(title: str, means: Means) -> str:
    """Return another title: without its end, with one word changed, or after a label."""
    words = title.split()
    way = means.below(3)
    if way == 0 and len(words) > 5:
        return " ".join(words[: len(words) - 1 - means.below(len(words) // 2)])
    return _one_word(title, means) if way == 1 else f"{means.pick(('Report', 'News', 'World', 'Update'))}: {title}"


def _one_word(sentence: str, means: Means) -> str:
    """Change one word: for another or, one time in three, by a typo."""
    found = [each for each in _WORD.finditer(sentence) if len(each[0]) > 3]
    if not found:
        return sentence
    word = means.pick(found)
    if means.happens(1 / 3):
        at = 1 + means.below(len(word[0]) - 2)
        new = word[0][:at] + word[0][at + 1] + word[0][at] + word[0][at + 2 :]
    else:
        new = means.synonym(word[0], means.chance.random())
    return sentence[: word.start()] + new + sentence[word.end() :]


def _reworded(sentence: str, means: Means, key: float) -> str:
    """Exchange three of five plain words, and one small word in eight, outside quotation marks."""

    def exchanged(found: re.Match[str]) -> str:
        word = found[0]
        if word in _SMALL:
            return _SMALL[word] if means.happens(0.125) else word
        return means.synonym(word, key) if word.islower() and len(word) > 2 and means.happens(0.6) else word

    parts = _QUOTED.split(sentence)
    return "".join(part if i % 2 else _WORD.sub(exchanged, part) for i, part in enumerate(parts))


def _turned(sentence: str, means: Means) -> str:
    """Put what follows a comma before what precedes it, in half of the sentences that have one outside quotes."""
    left, comma, right = sentence.partition(", ")
    if not comma or not right or right[-1] not in ".!?" or _QUOTED.search(sentence) or not means.happens(0.5):
        return sentence
    return f"{right[0].upper()}{right[1:-1]}, {left}{right[-1]}"
