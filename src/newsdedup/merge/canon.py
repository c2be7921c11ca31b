"""The canonical article while it is merged: its paragraphs, and a table of its sentences to compare others with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from newsdedup.align import compute_coverages
from newsdedup.features import ReportFeatures, Sentences
from newsdedup.merge.additions import stands_alone
from newsdedup.models import Addition, Paragraph, Passage, Sentence
from newsdedup.text import ends_sentence, join_sentences, split_words
from newsdedup.thresholds import HEADLINE_WORDS, SAME_MIN_COVERAGE


@dataclass
class CanonSentence:
    """A sentence of the canonical article during merging; `index` is its row in `Canon.table`, or -1."""

    text: str
    sources: list[Passage]
    index: int


@dataclass
class CanonParagraph:
    """A paragraph of the canonical article during merging; `owner` is the article id of its words.

    An added paragraph has the words of another variant than the base; a listed one is not in the text: its sentences
    become the `additions` of the story.
    """

    sentences: list[CanonSentence]
    owner: str
    added: bool
    listed: bool = False


@dataclass
class Canon:
    """The canonical article during merging.

    `table` holds its sentences prepared for alignment, in order of arrival; `sentences` and `paragraph_of` hold the
    sentence and the paragraph of each row.
    """

    paragraphs: list[CanonParagraph]
    table: Sentences
    sentences: list[CanonSentence] = field(default_factory=list)
    paragraph_of: list[CanonParagraph] = field(default_factory=list)

    @classmethod
    def start(cls, base: ReportFeatures) -> Self:
        """Return the canonical article that is the base, without the summaries above it.

        Their sentences are sources of the sentences that they sum up, or listed if there are none.
        """
        article_id = base.report.article.article_id
        summaries, paragraphs = _split_summaries(base.report.paragraphs, base.report.summary_count)
        first = sum(map(len, summaries))
        canon = cls(paragraphs=[], table=_take_rows(base.sentences, range(first, len(base.sentences))))
        for sentences in paragraphs:
            paragraph = CanonParagraph(sentences=[], owner=article_id, added=False)
            for text in sentences:
                sentence = CanonSentence(text, [Passage(article_id=article_id, text=text)], len(canon.sentences))
                paragraph.sentences.append(sentence)
                canon.sentences.append(sentence)
                canon.paragraph_of.append(paragraph)
            canon.paragraphs.append(paragraph)
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
            self.paragraphs.insert(0, listed)

    def index_of(self, paragraph: CanonParagraph) -> int:
        """Return the position of a paragraph."""
        return next(i for i, candidate in enumerate(self.paragraphs) if candidate is paragraph)

    def insert(
        self, paragraph: CanonParagraph, anchor: CanonParagraph | None, following: CanonParagraph | None = None
    ) -> None:
        """Insert an added paragraph after its anchor and those added there before; without an anchor, after the lead.

        A paragraph that enters the text never stands between an introduction and its quotation, inside a quotation of
        several paragraphs, or before a paragraph that goes on about who or what was named above it, unless that is
        `following`, the one that it stands before in its variant.
        """
        self.paragraphs.insert(self.find_place(anchor, following, listed=paragraph.listed), paragraph)

    def find_place(self, anchor: CanonParagraph | None, following: CanonParagraph | None, *, listed: bool) -> int:
        """Return the position at which a new paragraph is inserted."""
        if not self.paragraphs:
            return 0
        index = 1 + (self.index_of(anchor) if anchor is not None else 0)
        while index < len(self.paragraphs):
            above, below = self.paragraphs[index - 1], self.paragraphs[index]
            is_split = not listed and (_is_continued(above) or (below is not following and _goes_on(below)))
            if not below.added and not is_split:
                break
            index += 1
        return index

    def split_off(self, paragraph: CanonParagraph, sentence: CanonSentence) -> CanonParagraph:
        """Move a sentence out of its added paragraph into a new one next to it; return the new paragraph."""
        index = self.index_of(paragraph)
        is_first = paragraph.sentences[0] is sentence
        paragraph.sentences = [other for other in paragraph.sentences if other is not sentence]
        split_paragraph = CanonParagraph([sentence], paragraph.owner, added=True, listed=paragraph.listed)
        self.paragraphs.insert(index if is_first else index + 1, split_paragraph)
        return split_paragraph

    def append_sentences(self, source: Sentences, rows: Sequence[int], added: Sequence[CanonSentence]) -> None:
        """Append the added sentences, `rows` of `source`, to the table that the next variant is compared with."""
        if not rows:
            return
        paragraph_by_id = {id(sentence): paragraph for paragraph in self.paragraphs for sentence in paragraph.sentences}
        for sentence in added:
            sentence.index = len(self.sentences)
            self.sentences.append(sentence)
            self.paragraph_of.append(paragraph_by_id[id(sentence)])
        self.table = splice_rows(self.table, source, rows)

    def build_paragraphs(self) -> tuple[Paragraph, ...]:
        """Return the paragraphs of the text, as they are rendered."""
        return tuple(_build_paragraph(paragraph) for paragraph in self.paragraphs if not paragraph.listed)

    def build_additions(self) -> tuple[Addition, ...]:
        """Return the listed sentences in order, each with the index of the paragraph of the text it belongs after."""
        additions: list[Addition] = []
        after = -1
        for paragraph in self.paragraphs:
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


def splice_rows(table: Sentences, source: Sentences, rows: Sequence[int], replaced_row: int | None = None) -> Sentences:
    """Return `table` with the given rows of `source` appended, or in place of `replaced_row`."""
    end = len(table) if replaced_row is None else replaced_row
    resume = end if replaced_row is None else end + 1

    def splice_column(column: str) -> tuple[Any, ...]:
        old, new = getattr(table, column), getattr(source, column)
        return (*old[:end], *(new[i] for i in rows), *old[resume:])

    return Sentences(
        texts=splice_column("texts"),
        normalised=splice_column("normalised"),
        stems=splice_column("stems"),
        idf=splice_column("idf"),
        idf_mass=np.concatenate([table.idf_mass[:end], source.idf_mass[list(rows)], table.idf_mass[resume:]]),
        facts=splice_column("facts"),
    )


_OPENING_MARKS, _CLOSING_MARKS = "“„«「『", "”“»」』"


def _is_continued(paragraph: CanonParagraph) -> bool:
    """Return whether a paragraph goes on in the next one: it ends on a colon, or its quotation is still open."""
    text = "".join(sentence.text for sentence in paragraph.sentences).rstrip()
    is_open = text.startswith(tuple(_OPENING_MARKS)) and not any(mark in text[1:] for mark in _CLOSING_MARKS)
    return text.endswith((":", "：")) or is_open or (text.startswith('"') and text.count('"') % 2 == 1)


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
