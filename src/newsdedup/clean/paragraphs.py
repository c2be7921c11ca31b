"""The paragraphs of a page while they are given roles, and how far one is covered by the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup import text, thresholds
from newsdedup.arrays import Flags, Floats, Ints
from newsdedup.clean import patterns
from newsdedup.clean.line_features import LineFeatures
from newsdedup.idf import IdfTable, hash_word
from newsdedup.models import Role


class Wording(NamedTuple):
    """The normalised words of a paragraph joined by spaces, its numbers and its stems."""

    normalised: str
    numbers: frozenset[str]
    stems: frozenset[str]


@dataclass(slots=True)
class Paragraph:
    """A paragraph, heading, label or caption of a page, with the role it has so far.

    `block` is the index of its block in the page. `hints`, `may_have_dateline` and `opening_hash` are those of
    `LineFeatures`. `is_prose` means running text: a full sentence, or a long paragraph.
    """

    text: str
    block: int
    word_count: int
    ends_sentence: bool
    hints: int
    may_have_dateline: bool
    _is_title_case: bool | None
    opening_hash: int
    role: Role = Role.BODY
    is_body: bool = field(default=True, init=False)
    is_prose: bool = field(init=False)
    _is_headline_like: bool | None = field(default=None, init=False)
    _tokens: list[str] | None = field(default=None, init=False)
    _wording: Wording | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Set what follows from the number of words."""
        self.is_prose = self.word_count >= thresholds.LONG_PARAGRAPH_WORDS or (
            self.ends_sentence and self.word_count >= thresholds.FULL_SENTENCE_WORDS
        )
        if not thresholds.HEADLINE_WORDS[0] <= self.word_count <= thresholds.HEADLINE_WORDS[1]:
            self._is_headline_like = False

    def mark(self, role: Role) -> None:
        """Take it out of the report as `role`."""
        self.role, self.is_body = role, False

    def keep(self) -> None:
        """Make it part of the report again."""
        self.role, self.is_body = Role.BODY, True

    def remove_prefix(self, length: int) -> None:
        """Remove the first `length` characters and the white space after them."""
        self.text = self.text[length:].lstrip()
        self._is_headline_like = self._tokens = self._wording = self._is_title_case = None
        self.word_count = len(self.tokens)
        self.__post_init__()

    @property
    def tokens(self) -> list[str]:
        """The normalised words of the paragraph."""
        if self._tokens is None:
            self._tokens = text.split_words(self.text)
        return self._tokens

    @property
    def wording(self) -> Wording:
        """What a paragraph is compared by with those that begin alike."""
        if self._wording is None:
            numbers, stems = frozenset(text.extract_numbers(self.text)), frozenset(map(text.stem, self.tokens))
            self._wording = Wording(" ".join(self.tokens), numbers, stems)
        return self._wording

    @property
    def is_title_case(self) -> bool:
        """Whether it is in title case, as English-language headlines are."""
        if self._is_title_case is None:
            self._is_title_case = patterns.is_title_case(self.text)
        return self._is_title_case

    @property
    def is_headline_like(self) -> bool:
        """Whether it could be a headline: HEADLINE_WORDS long, no final full stop; a question may be one."""
        if self._is_headline_like is None:
            self._is_headline_like = self._check_headline_like()
        return self._is_headline_like

    def _check_headline_like(self) -> bool:
        if self.text[-1] in ":,;-–—":
            return False
        is_question = (
            self.ends_sentence
            and self.word_count <= thresholds.MAX_QUESTION_HEADLINE_WORDS
            and self.text.rstrip("\"'”’» ")[-1:] in "?!？！"
        )
        if self.ends_sentence and not is_question and (not self.is_title_case or text.split_sentences(self.text)[1:]):
            return False
        opening = patterns.strip_list_marker(self.text).lstrip("\"'“‘«¿¡([ ")
        return not opening[:1].islower() and not patterns.is_table_row(self.text)

    @property
    def is_open_headline(self) -> bool:
        """Whether it is headline-like and has no terminal mark but an abbreviation's, or is in title case."""
        return self.is_headline_like and (not self.ends_sentence or self.is_title_case)

    @property
    def is_unstopped_headline(self) -> bool:
        """Whether it is an open headline without a list marker and without the full stop of an abbreviation."""
        has_full_stop = self.text.rstrip("\"'”’“‘») ").endswith(".") and not self.is_title_case
        return self.is_open_headline and not has_full_stop and not patterns.is_list_item(self.text)


class PageStems:
    """The distinct stems of a page and its title, with their IDF. A subset of them is a boolean mask over all of them.

    Computed on first use: most pages have no paragraph that needs it. Paragraphs are given by their index in the page;
    the index after the last one stands for the title.
    """

    def __init__(self, features: LineFeatures, rows: range, idf_table: IdfTable | None) -> None:
        """Use the lines `rows` of `features` as the paragraphs of the page."""
        self.title: str | None = None
        self._features = features
        self._rows = rows
        self._idf_table = idf_table

    @cached_property
    def _stem_index(self) -> tuple[NDArray[np.uint32], Ints, list[int]]:
        """Return the distinct stems, the position of each token's stem in them, and the token bounds of each paragraph.

        The tokens of the title come last.
        """
        bounds = self._features.tokens.bounds[self._rows.start : self._rows.stop + 1]
        title_stems = [hash_word(text.stem(word)) & 0xFFFFFFFF for word in text.split_words(self.title or "")]
        token_stems = np.append(self._features.stems[bounds[0] : bounds[-1]], np.array(title_stems, dtype=np.uint32))
        stems, positions = np.unique(token_stems, return_inverse=True)
        return stems, positions, [*(bounds - bounds[0]).tolist(), len(token_stems)]

    @cached_property
    def idf(self) -> Floats:
        """The IDF of each distinct stem, 0 to 1; without an IDF table it is 1 for all."""
        stems = self._stem_index[0].astype(np.uint64)
        return np.ones(len(stems)) if self._idf_table is None else self._idf_table.lookup(stems)

    @cached_property
    def _idf_units(self) -> Ints:
        """The same in 255ths, as integers, so that sums do not depend on the order of addition."""
        return np.rint(255 * self.idf).astype(np.int64)

    def mask_of(self, indices: Iterable[int]) -> Flags:
        """Return the mask of the stems that occur in the paragraphs `indices`."""
        stems, positions, bounds = self._stem_index
        mask = np.zeros(len(stems), dtype=np.bool_)
        for i in indices:
            mask[positions[bounds[i] : bounds[i + 1]]] = True
        return mask

    @property
    def title_mask(self) -> Flags:
        """The mask of the stems that occur in the title."""
        return self.mask_of([len(self._rows)])

    def share_covered(self, mask: Flags, covering: Flags) -> float:
        """Return the share of the IDF mass of `mask` that is also in `covering`, 0 to 1; 1 for an empty mask."""
        mass = int(self._idf_units[mask].sum())
        return int(self._idf_units[mask & covering].sum()) / mass if mass else 1.0


class RunningText:
    """The stems of a page's running text, to measure how far it covers a paragraph."""

    def __init__(self, paragraphs: Sequence[Paragraph], stems: PageStems) -> None:
        self._paragraphs = paragraphs
        self._stems = stems

    @cached_property
    def _prose_indices(self) -> list[int]:
        return [i for i, paragraph in enumerate(self._paragraphs) if paragraph.is_prose and paragraph.is_body]

    @cached_property
    def _mask(self) -> Flags:
        return self._stems.mask_of(self._prose_indices)

    def measure_coverage(self, index: int, within: range) -> float:
        """Return the share of a paragraph's IDF mass that the running text in a range of paragraphs has, 0 to 1."""
        covering = self._stems.mask_of(i for i in self._prose_indices if i in within and i != index)
        return self._stems.share_covered(self._stems.mask_of([index]), covering)

    def is_off_topic(self, index: int) -> bool:
        """Return whether the running text outside a paragraph covers too little of its IDF mass."""
        prose, paragraph = self._prose_indices, self._paragraphs[index]
        is_counted = paragraph.is_prose and paragraph.is_body
        covering = self._stems.mask_of(i for i in prose if i != index) if is_counted else self._mask
        share = self._stems.share_covered(self._stems.mask_of([index]), covering)
        return share < thresholds.ON_TOPIC_MIN_COVERAGE
