"""The paragraphs of a page on their way to a role, and how much of one the others know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from newsdedup import text
from newsdedup.arrays import Ints
from newsdedup.clean import patterns
from newsdedup.clean.line_features import Features, Flags
from newsdedup.features import held
from newsdedup.idf import Background, hash_word
from newsdedup.models import Role
from newsdedup.thresholds import HEADLINE_WORDS, LONG_WORDS, SOLID_WORDS


@dataclass(slots=True)
class Line:
    """A paragraph of the page on its way to a role.

    `words` says how many words it has; `ends`: it ends as a sentence does; `hinted`, `dated` and `opening` are those of
    `Features`; `solid`: it is running text, a full sentence or long.
    """

    text: str
    block: int
    words: int
    ends: bool
    hinted: int
    dated: bool
    _title_case: bool | None
    opening: int
    role: Role = Role.BODY
    solid: bool = field(init=False)
    _heads: bool | None = field(default=None, init=False)
    _tokens: list[str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Tell what follows from the number of words."""
        self.solid = self.words >= LONG_WORDS or (self.ends and self.words >= SOLID_WORDS)
        if not HEADLINE_WORDS[0] <= self.words <= HEADLINE_WORDS[1]:
            self._heads = False

    def cut(self, start: int) -> None:
        """Take the first `start` characters off the line."""
        self.text = self.text[start:].lstrip()
        self._heads = self._tokens = self._title_case = None
        self.words = len(self.tokens)
        self.__post_init__()

    @property
    def tokens(self) -> list[str]:
        """The normalised words of the line."""
        if self._tokens is None:
            self._tokens = text.words(self.text)
        return self._tokens

    @property
    def title_case(self) -> bool:
        """It is set as English-language headlines are."""
        if self._title_case is None:
            self._title_case = patterns.is_title_case(self.text)
        return self._title_case

    @property
    def headline_like(self) -> bool:
        """One line without a final full stop that could head an article; a question may."""
        if self._heads is None:
            self._heads = self._may_head()
        return self._heads

    def _may_head(self) -> bool:
        if self.text[-1] in ":,;-–—":
            return False
        asks = self.ends and self.words <= 20 and self.text.rstrip("\"'”’» ")[-1:] in "?!？！"
        if self.ends and not asks and (not self.title_case or text.sentences(self.text)[1:]):
            return False
        if patterns.is_table_row(self.text) or patterns.is_name_list(self.text):
            return False
        return not patterns.without_marker(self.text).lstrip("\"'“‘«¿¡([ ")[:1].islower()

    @property
    def open_headline(self) -> bool:
        """Headline-like and without a terminal mark (an abbreviation may end it), or set as a headline all the same."""
        return self.headline_like and (not self.ends or self.title_case)

    @property
    def unstopped(self) -> bool:
        """An open headline that does not even end in an abbreviation's full stop."""
        stopped = self.text.rstrip("\"'”’“‘») ").endswith(".") and not self.title_case
        return self.open_headline and not stopped and not patterns.is_list_item(self.text)


class Stems:
    """The different stems of a page and its title, with their rarity; a set of them is a mask over all.

    Built when first asked: most pages hold no doubtful line.
    """

    def __init__(self, features: Features, rows: range, background: Background | None) -> None:
        """Take the lines of the numbers `rows` in `features` for those of the page."""
        self.title: str | None = None
        self._features = features
        self._rows = rows
        self._background = background

    @cached_property
    def _numbered(self) -> tuple[NDArray[np.uint32], Ints, list[int]]:
        """Return the stems, the number of the stem of each word, and where each line and the title begin and end."""
        bounds = self._features.tokens.bounds[self._rows.start : self._rows.stop + 1]
        titled = [hash_word(text.stem(word)) & 0xFFFFFFFF for word in text.words(self.title or "")]
        words = np.append(self._features.stems[bounds[0] : bounds[-1]], np.array(titled, dtype=np.uint32))
        stems, numbers = np.unique(words, return_inverse=True)
        return stems, numbers, [*(bounds - bounds[0]).tolist(), len(words)]

    @cached_property
    def rarity(self) -> NDArray[np.float64]:
        """The rarity of each stem, 0 to 1."""
        return self.weigh(self._numbered[0])

    @cached_property
    def _mass(self) -> Ints:
        return _whole(self.rarity)

    def words(self, lines: Iterable[int]) -> NDArray[np.uint32]:
        """Return the stem of each word of lines, by their places in the page."""
        stems, bounds = self._features.stems, self._features.tokens.bounds
        places = [self._rows.start + i for i in lines]
        return np.concatenate([np.empty(0, dtype=np.uint32), *(stems[bounds[i] : bounds[i + 1]] for i in places)])

    def weigh(self, stems: NDArray[np.uint32]) -> NDArray[np.float64]:
        """Return the rarity of stems, 0 to 1; without background statistics all are as rare."""
        return np.ones(len(stems)) if self._background is None else self._background.weights(stems.astype(np.uint64))

    def of(self, lines: Iterable[int]) -> Flags:
        """Return which stems stand in lines, by their places in the page; behind its last stands the title."""
        stems, numbers, bounds = self._numbered
        out = np.zeros(len(stems), dtype=np.bool_)
        for i in lines:
            out[numbers[bounds[i] : bounds[i + 1]]] = True
        return out

    @property
    def titled(self) -> Flags:
        """Which stems stand in the title."""
        return self.of([len(self._rows)])

    def share(self, wanted: Flags, found: Flags) -> float:
        """Return which share of the rarity mass of `wanted` stands in `found`, 0 to 1."""
        mass = int(self._mass[wanted].sum())
        return int(self._mass[wanted & found].sum()) / mass if mass else 1.0


class RunningText:
    """The stems of a page's running text, to ask how much of a line's rarity mass the rest of the report knows."""

    def __init__(self, lines: Sequence[Line], stems: Stems) -> None:
        self._lines = lines
        self._stems = stems

    @cached_property
    def _solid(self) -> list[int]:
        return [i for i, line in enumerate(self._lines) if line.solid and line.role is Role.BODY]

    @cached_property
    def _all(self) -> NDArray[np.uint32]:
        return np.sort(self._stems.words(self._solid))

    def known(self, at: int) -> float:
        """Return the share, 0 to 1, of line `at`'s rarity mass that stands in the running text outside it."""
        solid, line = self._solid, self._lines[at]
        itself = line.solid and line.role is Role.BODY
        others = np.sort(self._stems.words(i for i in solid if i != at)) if itself else self._all
        own = np.unique(self._stems.words([at]))
        mass = _whole(self._stems.weigh(own))
        total = int(mass.sum())
        return int(mass[held(own, others)].sum()) / total if total else 1.0


def _whole(rarity: NDArray[np.float64]) -> Ints:
    """Return rarities in 255ths, which are whole numbers: sums of them depend on no order."""
    return np.rint(255 * rarity).astype(np.int64)
