"""The paragraphs of a page on their way to a role, and how much of one the others know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from newsdedup import text
from newsdedup.background import Background, hash_word
from newsdedup.clean import patterns
from newsdedup.config import HEADLINE_WORDS, LONG_WORDS, SOLID_WORDS
from newsdedup.models import Role


@dataclass
class Line:
    """A paragraph of the page on its way to a role.

    `tokens` are its normalised words, `words` says how many they are; `ends`: it ends as a sentence does; `solid`: it
    is running text, a full sentence or long.
    """

    text: str
    block: int
    tokens: list[str]
    ends: bool
    role: Role = Role.BODY
    words: int = field(init=False)
    solid: bool = field(init=False)

    def __post_init__(self) -> None:
        """Count the words."""
        self.words = len(self.tokens)
        self.solid = self.words >= LONG_WORDS or (self.ends and self.words >= SOLID_WORDS)

    def cut(self, start: int) -> None:
        """Take the first `start` characters off the line."""
        self.text = self.text[start:].lstrip()
        self.tokens = text.words(self.text)
        self.__post_init__()

    @cached_property
    def stems(self) -> frozenset[str]:
        """The different stems of the line's words."""
        return frozenset(map(text.stem, set(self.tokens)))

    @cached_property
    def headline_like(self) -> bool:
        """One line without a final full stop that could head an article; a question may."""
        low, high = HEADLINE_WORDS
        if not low <= self.words <= high or self.text[-1] in ":,;-–—":
            return False
        asks = self.ends and self.words <= 20 and self.text.rstrip("\"'”’» ")[-1:] in "?!？！"
        if self.ends and not asks and (not patterns.is_title_case(self.text) or text.sentences(self.text)[1:]):
            return False
        if patterns.is_table_row(self.text) or patterns.is_name_list(self.text):
            return False
        return not patterns.without_marker(self.text).lstrip("\"'“‘«¿¡([ ")[:1].islower()

    @property
    def open_headline(self) -> bool:
        """Headline-like and without a terminal mark (an abbreviation may end it), or set as a headline all the same."""
        return self.headline_like and (not self.ends or patterns.is_title_case(self.text))

    @property
    def unstopped(self) -> bool:
        """An open headline that does not even end in an abbreviation's full stop."""
        stopped = self.text.rstrip("\"'”’“‘») ").endswith(".") and not patterns.is_title_case(self.text)
        return self.open_headline and not stopped and not patterns.is_list_item(self.text)


_hash = lru_cache(maxsize=1 << 16)(hash_word)


def rarity(stems: Iterable[str], background: Background | None) -> dict[str, float]:
    """Return the rarity of each stem, 0 to 1; without background statistics all are as rare."""
    if background is None:
        return dict.fromkeys(stems, 1.0)
    asked = list(stems)
    weights = background.weights(np.fromiter(map(_hash, asked), np.uint64, len(asked)))
    return dict(zip(asked, weights.tolist(), strict=True))


def _stems(lines: Iterable[Line]) -> frozenset[str]:
    return frozenset(map(text.stem, set().union(*(line.tokens for line in lines))))


class Vocabulary:
    """The stems of a page's running text, to ask how much of a line's rarity mass the rest of the report knows.

    Built when first asked: most pages hold no doubtful line.
    """

    def __init__(self, lines: Sequence[Line], background: Background | None) -> None:
        self._lines = lines
        self._background = background
        self._solid: list[Line] = []
        self._stems: frozenset[str] = frozenset()

    def known(self, at: int) -> float:
        """Return the share, 0 to 1, of line `at`'s rarity mass that stands in the running text outside it."""
        if not self._stems:
            self._solid = [line for line in self._lines if line.solid and line.role is Role.BODY]
            self._stems = _stems(self._solid)
        line = self._lines[at]
        itself = line.solid and line.role is Role.BODY
        others = _stems([each for each in self._solid if each is not line]) if itself else self._stems
        own = sorted(line.stems)
        if not own:
            return 1.0
        if self._background is None:
            return sum(stem in others for stem in own) / len(own)
        weights = rarity(own, self._background)
        mass = float(np.sum(list(weights.values())))
        return sum(weights[stem] for stem in own if stem in others) / mass if mass else 1.0
