"""The canonical article while it is merged: its paragraphs, and a table of its sentences to compare others with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from newsdedup.align import compute_coverages
from newsdedup.features import ReportFeatures, Sentences
from newsdedup.merge.additions import stands_alone
from newsdedup.models import Addition, Paragraph, Passage, Sentence
from newsdedup.text import ends_sentence, join_sentences, split_words
from newsdedup.thresholds import HEADLINE_WORDS, PLACE_MAX_STEPS, QUOTATION_MAX_SENTENCES, SAME_MIN_COVERAGE


@dataclass
class CanonSentence:
    """A sentence of the canonical article during merging; `index` is its row in `Canon.table`, or -1."""

    text: str
    sources: list[Passage]
    index: int


@dataclass(eq=False)
class CanonParagraph:
    """A paragraph of the canonical article during merging; `owner` is the article id of its words.

    An added paragraph has the words of another variant than the base; a listed one is not in the text: its sentences
    become the `additions` of the story. `above` and `below` are its neighbours, and `run` is shared by a paragraph of
    the base and those added right below it.
    """

    sentences: list[CanonSentence]
    owner: str
    added: bool
    listed: bool = False
    above: CanonParagraph | None = field(default=None, repr=False)
    below: CanonParagraph | None = field(default=None, repr=False)
    run: _Run = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.run = _Run(self)


@dataclass(eq=False)
class _Run:
    """Paragraphs that follow one another; `last` is the last of them."""

    last: CanonParagraph


@dataclass
class Canon:
    """The canonical article during merging.

    `first` is its first paragraph; paragraphs are linked, so that those of a long text are inserted in constant time.
    `table` holds its sentences prepared for alignment, in order of arrival; `sentences` and `paragraph_of` hold the
    sentence and the paragraph of each row, and `added_rows` are the rows that are added.
    """

    table: Sentences
    first: CanonParagraph | None = None
    sentences: list[CanonSentence] = field(default_factory=list)
    paragraph_of: list[CanonParagraph] = field(default_factory=list)
    added_rows: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, base: ReportFeatures) -> Self:
        """Return the canonical article that is the base, without the summaries above it.

        Their sentences are sources of the sentences that they sum up, or listed if there are none.
        """
        article_id = base.report.article.article_id
        summaries, paragraphs = _split_summaries(base.report.paragraphs, base.report.summary_count)
        first = sum(map(len, summaries))
        canon = cls(table=_take_rows(base.sentences, range(first, len(base.sentences))))
        above: CanonParagraph | None = None
        for sentences in paragraphs:
            paragraph = CanonParagraph(sentences=[], owner=article_id, added=False)
            for text in sentences:
                sentence = CanonSentence(text, [Passage(article_id=article_id, text=text)], len(canon.sentences))
                paragraph.sentences.append(sentence)
                canon.sentences.append(sentence)
                canon.paragraph_of.append(paragraph)
            canon._link(paragraph, above)
            above = paragraph
        if first:
            canon._add_summary(_take_rows(base.sentences, range(first)), article_id)
        return canon

    def _add_summary(self, summary: Sentences, article_id: str) -> None:
        coverage = compute_coverages(self.table, summary)[1]
        listed = CanonParagraph([], article_id, added=True, listed=True)
        for row, text in enumerate(summary.texts):
            passage = Passage(article_id=article_id, text=text)
            if coverage.anywhere[row] >= SAME_MIN_COVERAGE:
                self.sentences[max(int(coverage.best[row]), 0)].sources.append(passage)
            elif ends_sentence(text) or len(split_words(text)) >= HEADLINE_WORDS[0]:
                listed.sentences.append(CanonSentence(text, [passage], -1))
        if listed.sentences:
            self._link(listed, None)

    def iterate_paragraphs(self) -> Iterator[CanonParagraph]:
        """Yield the paragraphs in order."""
        paragraph = self.first
        while paragraph is not None:
            yield paragraph
            paragraph = paragraph.below

    def _link(self, paragraph: CanonParagraph, above: CanonParagraph | None) -> None:
        """Put a paragraph below another one, or first."""
        below = self.first if above is None else above.below
        paragraph.above, paragraph.below = above, below
        if above is None:
            self.first = paragraph
        else:
            above.below = paragraph
        if below is not None:
            below.above = paragraph
        if paragraph.added and above is not None:
            paragraph.run = above.run
            if paragraph.run.last is above:
                paragraph.run.last = paragraph
        elif paragraph.added and below is not None and below.added:
            paragraph.run = below.run

    def insert(
        self, paragraph: CanonParagraph, anchor: CanonParagraph | None, following: CanonParagraph | None = None
    ) -> None:
        """Insert an added paragraph after its anchor and those added there before; without an anchor, after the lead.

        A paragraph that enters the text never stands between an introduction and its quotation, inside a quotation of
        several paragraphs, or before a paragraph that goes on about who or what was named above it, unless that is
        `following`, the one that it stands before in its variant.
        """
        self._link(paragraph, self.find_place(anchor, following, listed=paragraph.listed))

    def find_place(
        self, anchor: CanonParagraph | None, following: CanonParagraph | None, *, listed: bool
    ) -> CanonParagraph | None:
        """Return the paragraph below which a new one is inserted, None if there is none.

        At most PLACE_MAX_STEPS paragraphs of the base are passed over.
        """
        above = anchor or self.first
        if above is None:
            return None
        above = above.run.last
        for _ in range(PLACE_MAX_STEPS):
            below = above.below
            if listed or below is None:
                break
            if not _is_continued(above) and (below is following or not _goes_on(below)):
                break
            above = below.run.last
        return above

    def split_off(self, paragraph: CanonParagraph, sentence: CanonSentence) -> CanonParagraph:
        """Move a sentence out of its added paragraph into a new one next to it; return the new paragraph."""
        is_first = paragraph.sentences[0] is sentence
        paragraph.sentences = [other for other in paragraph.sentences if other is not sentence]
        split_paragraph = CanonParagraph([sentence], paragraph.owner, added=True, listed=paragraph.listed)
        self._link(split_paragraph, paragraph.above if is_first else paragraph)
        return split_paragraph

    def update_table(
        self,
        source: Sentences,
        replaced: Mapping[int, int],
        rows: Sequence[int],
        added: Iterable[tuple[CanonSentence, CanonParagraph]],
    ) -> None:
        """Put rows of `source` into the table that the next variant is compared with.

        `replaced` are the rows of `source` by the row of the table that they replace; `rows` are those of the added
        sentences, which are appended.
        """
        for sentence, paragraph in added:
            sentence.index = len(self.sentences)
            self.added_rows.append(sentence.index)
            self.sentences.append(sentence)
            self.paragraph_of.append(paragraph)
        if rows or replaced:
            self.table = _splice_rows(self.table, source, rows, replaced)

    def build_paragraphs(self) -> tuple[Paragraph, ...]:
        """Return the paragraphs of the text, as they are rendered."""
        return tuple(_build_paragraph(paragraph) for paragraph in self.iterate_paragraphs() if not paragraph.listed)

    def build_additions(self) -> tuple[Addition, ...]:
        """Return the listed sentences in order, each with the index of the paragraph of the text it belongs after."""
        additions: list[Addition] = []
        after = -1
        for paragraph in self.iterate_paragraphs():
            after += not paragraph.listed
            if paragraph.listed:
                additions += [
                    Addition(
                        article_id=sentence.sources[0].article_id,
                        text=sentence.text,
                        after=after if after >= 0 else None,
                        sources=tuple(sentence.sources),
                    )
                    for sentence in paragraph.sentences
                ]
        return tuple(additions)


def _split_summaries(
    paragraphs: Sequence[Sequence[str]], count: int
) -> tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]:
    """Return the summaries and the other paragraphs; a report of nothing but summaries has none."""
    return (paragraphs[:count], paragraphs[count:]) if count < len(paragraphs) else ((), paragraphs)


def _take_rows(table: Sentences, rows: Sequence[int]) -> Sentences:
    if len(rows) == len(table):
        return table
    columns: dict[str, Any] = {
        name: tuple(getattr(table, name)[i] for i in rows) for name in ("texts", "normalised", "stems", "idf", "facts")
    }
    return Sentences(idf_mass=table.idf_mass[list(rows)], **columns)


def _splice_rows(table: Sentences, source: Sentences, rows: Sequence[int], replaced: Mapping[int, int]) -> Sentences:
    """Return `table` with rows of `source` in place of the rows that they replace, and others appended."""
    old_rows, new_rows = list(replaced), list(replaced.values())

    def splice_column(column: str) -> tuple[Any, ...]:
        values, new = list(getattr(table, column)), getattr(source, column)
        for row, new_row in replaced.items():
            values[row] = new[new_row]
        return (*values, *(new[i] for i in rows))

    idf_mass = table.idf_mass.copy()
    idf_mass[old_rows] = source.idf_mass[new_rows]
    return Sentences(
        texts=splice_column("texts"),
        normalised=splice_column("normalised"),
        stems=splice_column("stems"),
        idf=splice_column("idf"),
        idf_mass=np.concatenate([idf_mass, source.idf_mass[list(rows)]]),
        facts=splice_column("facts"),
    )


_OPENING_MARKS, _CLOSING_MARKS = "“„«「『", "”“»」』"


def _is_continued(paragraph: CanonParagraph) -> bool:
    """Return whether a paragraph goes on in the next one: it ends on a colon, or its quotation is still open."""
    if paragraph.sentences[-1].text.rstrip().endswith((":", "：")):
        return True
    if not paragraph.sentences[0].text.startswith((*_OPENING_MARKS, '"')):
        return False
    text = "".join(sentence.text for sentence in paragraph.sentences[:QUOTATION_MAX_SENTENCES])
    is_open = text.startswith(tuple(_OPENING_MARKS)) and not any(mark in text[1:] for mark in _CLOSING_MARKS)
    return is_open or (text.startswith('"') and text.count('"') % 2 == 1)


def _goes_on(paragraph: CanonParagraph) -> bool:
    """Return whether a paragraph opens with a quotation or a pronoun, which need the paragraph above it."""
    opening = paragraph.sentences[0].text
    return opening.startswith((*_OPENING_MARKS, '"')) or not stands_alone(opening)


def _build_paragraph(paragraph: CanonParagraph) -> Paragraph:
    sentences = tuple(Sentence(text=sentence.text, sources=tuple(sentence.sources)) for sentence in paragraph.sentences)
    carriers = dict.fromkeys(passage.article_id for sentence in paragraph.sentences for passage in sentence.sources)
    return Paragraph(
        text=join_sentences(sentence.text for sentence in paragraph.sentences),
        added=paragraph.added,
        sources=tuple(carriers),
        sentences=sentences,
    )
