"""Stage 7 of 8: merge. Story -> canonical article with provenance and conflicts.

The canonical article starts as the base, whose paragraphs stay intact. Each sentence of another variant is compared
with the canonical article so far. If it says the same as a sentence there, it becomes a source of that sentence. If it
clashes in a number, date or name, both are also reported in `conflicts`. If it is new, it is added in an added
paragraph, after the paragraph that matches what precedes it in its variant. What only an earlier edit says is not added
but reported as `superseded`: a retracted sentence must not come back (docs/design-notes.md 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from newsdedup.align import Coverage, compute_coverages
from newsdedup.features import ReportFeatures, Sentences, is_in_sorted
from newsdedup.models import Conflict, Paragraph, Passage, Sentence
from newsdedup.sentence_match import ClashKind, SentenceMatch, match_sentence
from newsdedup.text import date_sort_key, is_later, join_sentences
from newsdedup.thresholds import (
    MIN_SENTENCE_MASS,
    SAME_MIN_COVERAGE,
    SAME_MIN_COVERAGE_TWO_SENTENCES,
    SMALL_SENTENCE_MIN_COVERAGE,
)


@dataclass(frozen=True, slots=True)
class MergedArticle:
    """The parts of the canonical article, as they are rendered."""

    paragraphs: tuple[Paragraph, ...]
    conflicts: tuple[Conflict, ...]
    superseded: tuple[Passage, ...]


@dataclass
class _CanonSentence:
    """A sentence of the canonical article during merging; `index` is its row in `_Canon.table`, or -1."""

    text: str
    sources: list[Passage]
    index: int


@dataclass
class _CanonParagraph:
    """A paragraph of the canonical article during merging; `owner` is the article id of its words."""

    sentences: list[_CanonSentence]
    owner: str
    added: bool


@dataclass
class _Canon:
    """The canonical article during merging.

    `table` holds its sentences prepared for alignment, in order of arrival; `sentences` and `paragraph_of` hold the
    sentence and the paragraph of each row.
    """

    paragraphs: list[_CanonParagraph]
    table: Sentences
    sentences: list[_CanonSentence] = field(default_factory=list)
    paragraph_of: list[_CanonParagraph] = field(default_factory=list)


def choose_base(variants: Sequence[ReportFeatures]) -> int:
    """Return the index of the variant that the canonical article starts from.

    The most complete report (words), then the largest share of the page that is report, then the earliest date, then
    the content hash. If variants are later edits of it, `find_base` moves on to the latest of them.
    """

    def rank_variant(i: int) -> tuple[int, float, tuple[str, str], str, str]:
        report = variants[i].report
        article = report.article
        return (
            -len(variants[i].word_hashes),
            -report.page_share,
            date_sort_key(article.published),
            article.content_hash,
            article.article_id,
        )

    return min(range(len(variants)), key=rank_variant)


def merge(base: ReportFeatures, variants: Sequence[ReportFeatures], is_superseded: Sequence[bool]) -> MergedArticle:
    """Merge `variants`, in the given order, into `base`.

    `is_superseded[i]` says that variants[i] is an earlier edit of the base, so what only it says is superseded. Every
    sentence of every variant ends up in the text, as a source of a sentence of the text, or in `superseded`.
    """
    canon = _start_canon(base)
    conflicts: list[tuple[ClashKind, _CanonSentence, Passage]] = []
    superseded: list[Passage] = []
    for variant, is_earlier_edit in zip(variants, is_superseded, strict=True):
        if len(variant.sentences):
            _merge_variant(canon, variant, conflicts, superseded, is_superseded=is_earlier_edit)
    paragraphs = tuple(_build_paragraph(paragraph) for paragraph in canon.paragraphs)
    return MergedArticle(paragraphs, _build_conflicts(conflicts), tuple(superseded))


def _start_canon(base: ReportFeatures) -> _Canon:
    canon = _Canon(paragraphs=[], table=base.sentences)
    article_id = base.report.article.article_id
    for paragraph in base.report.paragraphs:
        canon_paragraph = _CanonParagraph(sentences=[], owner=article_id, added=False)
        for sentence in paragraph:
            canon_sentence = _CanonSentence(
                sentence, [Passage(article_id=article_id, text=sentence)], len(canon.sentences)
            )
            canon_paragraph.sentences.append(canon_sentence)
            canon.sentences.append(canon_sentence)
            canon.paragraph_of.append(canon_paragraph)
        canon.paragraphs.append(canon_paragraph)
    return canon


def _merge_variant(
    canon: _Canon,
    variant: ReportFeatures,
    conflicts: list[tuple[ClashKind, _CanonSentence, Passage]],
    superseded: list[Passage],
    *,
    is_superseded: bool,
) -> None:
    """Match every sentence of `variant` and add it to the canonical article, its sources, or `superseded`."""
    article_id = variant.report.article.article_id
    sentences = variant.sentences
    if not len(canon.table):
        coverages: tuple[Coverage, Coverage] | None = None
    else:
        coverages = compute_coverages(canon.table, sentences)
    anchor: _CanonParagraph | None = None
    added_rows: list[int] = []  # rows of the variant added so far; later sentences are compared with them too
    added_sentences: list[_CanonSentence] = []
    row = 0
    for paragraph in variant.report.paragraphs:
        open_paragraph: _CanonParagraph | None = None
        for sentence in paragraph:
            passage = Passage(article_id=article_id, text=sentence)
            match, matched_row = _match_sentence(canon, sentences, row, coverages)
            if match.outcome == "new" and (repeated := _find_repeated(sentences, row, added_rows)) is not None:
                match, matched_row = SentenceMatch("same"), None
                added_sentences[repeated].sources.append(passage)
                anchor, open_paragraph = open_paragraph or anchor, None
            elif match.outcome != "new" and matched_row is not None:
                canon_sentence = canon.sentences[matched_row]
                canon_sentence.sources.append(passage)
                if match.clash_kind is not None:
                    conflicts.append((match.clash_kind, canon_sentence, passage))
                anchor, open_paragraph = canon.paragraph_of[matched_row], None
            elif is_superseded:
                superseded.append(passage)
                open_paragraph = None
            elif (fuller := _replace_shorter(canon, sentences, row, passage, added_rows, added_sentences)) is not None:
                anchor, open_paragraph = fuller, None
            else:
                if open_paragraph is None:
                    open_paragraph = _CanonParagraph(sentences=[], owner=article_id, added=True)
                    _insert_paragraph(canon, open_paragraph, anchor)
                    anchor = open_paragraph
                canon_sentence = _CanonSentence(sentence, [passage], -1)
                open_paragraph.sentences.append(canon_sentence)
                added_rows.append(row)
                added_sentences.append(canon_sentence)
            row += 1
    _append_sentences(canon, sentences, added_rows, added_sentences)


def _match_sentence(
    canon: _Canon, sentences: Sentences, row: int, coverages: tuple[Coverage, Coverage] | None
) -> tuple[SentenceMatch, int | None]:
    """Match a sentence with the canonical article; return the match and the row of the matched canonical sentence."""
    if coverages is None:
        return SentenceMatch("new"), None
    canon_coverage, coverage = coverages
    best, window = int(coverage.best[row]), int(coverage.window_start[row])
    if best < 0:
        return SentenceMatch("new"), None
    texts = canon.table.texts
    if texts[best] == sentences.texts[row]:  # fast path: most sentences of a reprint are exact copies
        return SentenceMatch("same"), best
    match = match_sentence(
        texts[best],
        sentences.texts[row],
        coverage=float(coverage.single[row]),
        reverse_coverage=float(canon_coverage.single[best]) if canon_coverage.best[best] == row else 0.0,
        extra_mass=float(sentences.idf_mass[row] * (1 - coverage.single[row])),
        known_names=canon.table.names,
    )
    if match.outcome != "new":
        return match, best
    if coverage.window[row] > coverage.single[row] and window + 1 < len(texts):
        pair_match = match_sentence(
            f"{texts[window]} {texts[window + 1]}",
            sentences.texts[row],
            coverage=float(coverage.window[row]),
            reverse_coverage=0.0,
            extra_mass=float(sentences.idf_mass[row] * (1 - coverage.window[row])),
            known_names=canon.table.names,
        )
        if pair_match.outcome == "same" and coverage.window[row] >= SAME_MIN_COVERAGE_TWO_SENTENCES:
            return pair_match, best
    if sentences.idf_mass[row] < MIN_SENTENCE_MASS and coverage.anywhere[row] >= SMALL_SENTENCE_MIN_COVERAGE:
        return SentenceMatch("same"), best
    return SentenceMatch("new"), None


def _find_repeated(sentences: Sentences, row: int, added_rows: Sequence[int]) -> int | None:
    """Return the index in `added_rows` of a sentence of the same variant that contains sentence `row`, or None."""
    return next(
        (index for index, earlier in enumerate(added_rows) if _is_contained(sentences, earlier, sentences, row)), None
    )


def _is_contained(container: Sentences, container_row: int, contained: Sentences, contained_row: int) -> bool:
    """Return whether sentence `container_row` of `container` says all that the other sentence says."""
    shared_mass = float(
        contained.idf[contained_row][is_in_sorted(contained.stems[contained_row], container.stems[container_row])].sum()
    )
    mass, container_mass = float(contained.idf_mass[contained_row]), float(container.idf_mass[container_row])
    coverage, reverse_coverage = (shared_mass / total if total else 1.0 for total in (mass, container_mass))
    if coverage < SAME_MIN_COVERAGE:
        return False
    match = match_sentence(
        container.texts[container_row],
        contained.texts[contained_row],
        coverage=coverage,
        reverse_coverage=reverse_coverage,
        extra_mass=mass - shared_mass,
    )
    return match.outcome == "same"


def _replace_shorter(
    canon: _Canon,
    sentences: Sentences,
    row: int,
    passage: Passage,
    added_rows: list[int],
    added_sentences: Sequence[_CanonSentence],
) -> _CanonParagraph | None:
    """Replace an added sentence by sentence `row` if that contains it; return the paragraph, None if none is replaced.

    Only added sentences are replaced. A replaced sentence of another variant moves to a paragraph of its own, since a
    paragraph has the words of one source only.
    """
    for index, earlier in enumerate(added_rows):
        if _is_contained(sentences, row, sentences, earlier):
            added_rows[index] = row
            _replace_text(added_sentences[index], passage)
            return next(
                new_paragraph
                for new_paragraph in canon.paragraphs
                if any(added_sentences[index] is canon_sentence for canon_sentence in new_paragraph.sentences)
            )
    for index, (canon_sentence, paragraph) in enumerate(zip(canon.sentences, canon.paragraph_of, strict=True)):
        if paragraph.added and _is_contained(sentences, row, canon.table, canon_sentence.index):
            new_paragraph = canon.paragraph_of[index] = (
                _split_off(canon, paragraph, canon_sentence) if len(paragraph.sentences) > 1 else paragraph
            )
            canon.table = _splice_rows(canon.table, sentences, [row], replaced_row=canon_sentence.index)
            new_paragraph.owner = passage.article_id
            _replace_text(canon_sentence, passage)
            return new_paragraph
    return None


def _split_off(canon: _Canon, paragraph: _CanonParagraph, sentence: _CanonSentence) -> _CanonParagraph:
    """Move a sentence out of its added paragraph into a new one next to it; return the new paragraph."""
    index = next(i for i, candidate in enumerate(canon.paragraphs) if candidate is paragraph)
    is_first = paragraph.sentences[0] is sentence
    paragraph.sentences = [other for other in paragraph.sentences if other is not sentence]
    split_paragraph = _CanonParagraph(sentences=[sentence], owner=paragraph.owner, added=True)
    canon.paragraphs.insert(index if is_first else index + 1, split_paragraph)
    return split_paragraph


def _replace_text(sentence: _CanonSentence, passage: Passage) -> None:
    sentence.text = passage.text
    sentence.sources.insert(0, passage)


def _insert_paragraph(canon: _Canon, paragraph: _CanonParagraph, anchor: _CanonParagraph | None) -> None:
    """Insert an added paragraph after its anchor and those added there before; without an anchor, after the lead."""
    if not canon.paragraphs:
        canon.paragraphs.append(paragraph)
        return
    index = 1
    if anchor is not None:
        index += next(i for i, candidate in enumerate(canon.paragraphs) if candidate is anchor)
    while index < len(canon.paragraphs) and canon.paragraphs[index].added:
        index += 1
    canon.paragraphs.insert(index, paragraph)


def _append_sentences(
    canon: _Canon, sentences: Sentences, added_rows: Sequence[int], added_sentences: Sequence[_CanonSentence]
) -> None:
    """Append the added sentences to the table that the next variant is compared with."""
    if not added_rows:
        return
    paragraph_by_id = {id(sentence): paragraph for paragraph in canon.paragraphs for sentence in paragraph.sentences}
    for sentence in added_sentences:
        sentence.index = len(canon.sentences)
        canon.sentences.append(sentence)
        canon.paragraph_of.append(paragraph_by_id[id(sentence)])
    canon.table = _splice_rows(canon.table, sentences, added_rows)


def _splice_rows(
    table: Sentences, source: Sentences, rows: Sequence[int], replaced_row: int | None = None
) -> Sentences:
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


def _build_paragraph(paragraph: _CanonParagraph) -> Paragraph:
    sentences = tuple(Sentence(text=sentence.text, sources=tuple(sentence.sources)) for sentence in paragraph.sentences)
    carriers = dict.fromkeys(passage.article_id for sentence in paragraph.sentences for passage in sentence.sources)
    return Paragraph(
        text=join_sentences(sentence.text for sentence in paragraph.sentences),
        added=paragraph.added,
        sources=tuple(carriers),
        sentences=sentences,
    )


def _build_conflicts(clashes: Sequence[tuple[ClashKind, _CanonSentence, Passage]]) -> tuple[Conflict, ...]:
    """Return one conflict per sentence and kind of clash, with the canonical passage first."""
    grouped: dict[tuple[int, ClashKind], list[Passage]] = {}
    for kind, sentence, passage in clashes:
        grouped.setdefault((sentence.index, kind), [sentence.sources[0]]).append(passage)
    return tuple(
        Conflict(kind=kind, passages=tuple(passages))
        for (_, kind), passages in sorted(grouped.items(), key=lambda item: item[0])
    )


def is_earlier(a: ReportFeatures, b: ReportFeatures) -> bool:
    """Return whether `a` is known to have been published before `b`."""
    return is_later(b.report.article.published, a.report.article.published) is True
