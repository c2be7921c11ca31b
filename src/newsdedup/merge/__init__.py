"""Stage 7 of 8: merge. Story -> canonical article with provenance, additions and conflicts.

The canonical article starts as the base, whose paragraphs stay intact. Each sentence of another variant is compared
with the canonical article so far. If it says the same as a sentence there, it becomes a source of that sentence. If it
clashes in a number, date or name, both are also reported in `conflicts`. If it is new, it enters the text in an added
paragraph, after the paragraph that matches what precedes it in its variant, or is listed in `additions` (see
`additions.py` for which). What only an earlier version says is reported as `superseded`: a retracted sentence must not
come back (docs/design-notes.md 9).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice

from newsdedup.align import Coverage, compute_coverages
from newsdedup.features import ReportFeatures, Sentences, is_in_sorted
from newsdedup.merge.additions import Novelty, Place, may_enter
from newsdedup.merge.canon import Canon, CanonParagraph, CanonSentence
from newsdedup.models import Addition, Conflict, Paragraph, Passage
from newsdedup.models.options import AdditionsMode
from newsdedup.sentence_match import ClashKind, SentenceMatch, match_sentence
from newsdedup.thresholds import (
    ADDITION_MAX_COMPARED,
    ADDITION_MAX_CONTAINERS,
    ADDITION_MIN_MATCHED_SHARE,
    MAX_SENTENCE_CHARS,
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
    additions: tuple[Addition, ...]


def merge(
    base: ReportFeatures,
    variants: Sequence[ReportFeatures],
    is_superseded: Sequence[bool],
    additions: AdditionsMode = "merge",
) -> MergedArticle:
    """Merge `variants`, in the given order, into `base`.

    `is_superseded[i]` says that variants[i] is an earlier version, so what only it says is superseded. Every sentence
    of every variant ends up in the text, as a source of a sentence of the text, in `additions` (unless that is "none")
    or in `superseded`.
    """
    canon = Canon.start(base)
    clashes: list[_Clash] = []
    superseded: list[Passage] = []
    for variant, is_earlier_version in zip(variants, is_superseded, strict=True):
        if len(variant.sentences):
            merger = _VariantMerger(canon, variant, clashes, enters=additions == "merge")
            superseded += merger.merge_superseded() if is_earlier_version else merger.merge_all()
    return MergedArticle(
        canon.build_paragraphs(),
        _build_conflicts(clashes),
        tuple(superseded),
        canon.build_additions() if additions != "none" else (),
    )


_Clash = tuple[ClashKind, CanonSentence, Passage]


@dataclass
class _VariantMerger:
    """Merges one variant into the canonical article; clashes are appended to `clashes`."""

    canon: Canon
    variant: ReportFeatures
    clashes: list[_Clash]
    enters: bool
    anchor: CanonParagraph | None = None
    open_paragraph: CanonParagraph | None = None  # the added paragraph that the next sentence goes on, if it is new
    last_sentence: CanonSentence | None = None  # the canonical sentence of the row before
    added_rows: list[int] = field(default_factory=list)
    added_sentences: list[CanonSentence] = field(default_factory=list)
    added_paragraphs: list[CanonParagraph] = field(default_factory=list)
    index_by_words: dict[str, int] = field(default_factory=dict)  # of added sentences, by their words
    replaced: dict[int, int] = field(default_factory=dict)  # rows by the canonical row that they replace

    def __post_init__(self) -> None:
        sentences = self.variant.sentences
        self.sentences: Sentences = sentences
        self.coverages = compute_coverages(self.canon.table, sentences) if len(self.canon.table) else None
        self.matches = [_match_sentence(self.canon, sentences, row, self.coverages) for row in range(len(sentences))]
        matched = [row for row, (_, matched_row) in enumerate(self.matches) if matched_row is not None]
        ends = accumulate(map(len, self.variant.report.paragraphs))
        last = next((end for end in ends if matched and end > matched[-1]), 0)  # the end of the last matched paragraph
        self.following_rows: list[int | None] = [None] * len(sentences)  # the next canonical row that is matched
        for row in range(len(sentences) - 1, 0, -1):
            matched_row = self.matches[row][1]
            self.following_rows[row - 1] = self.following_rows[row] if matched_row is None else matched_row
        self.enters &= len(matched) >= ADDITION_MIN_MATCHED_SHARE * len(sentences)
        self.inner_rows = range(matched[0], last) if matched else range(len(sentences), len(sentences))

    def merge_superseded(self) -> list[Passage]:
        """Make the sentences that say the same sources of the canonical article; return the passages of the others."""
        superseded: list[Passage] = []
        for row, (match, matched_row) in enumerate(self.matches):
            if match.clash_kind is not None and matched_row is not None:
                superseded.append(self._make_passage(row))
                self.clashes.append((match.clash_kind, self.canon.sentences[matched_row], superseded[-1]))
            elif not self._add_source(row, match, matched_row):
                superseded.append(self._make_passage(row))
        return superseded

    def merge_all(self) -> list[Passage]:
        """Make every sentence a source of the canonical article or an addition to it; nothing is superseded."""
        row = 0
        for paragraph in self.variant.report.paragraphs:
            self.open_paragraph = None
            for _ in paragraph:
                self._merge_row(row)
                row += 1
        added = zip(self.added_sentences, self.added_paragraphs, strict=True)
        self.canon.update_table(self.sentences, self.replaced, self.added_rows, added)
        return []

    def _merge_row(self, row: int) -> None:
        match, matched_row = self.matches[row]
        if match.outcome == "new" and (repeated := self._find_repeated(row)) is not None:
            self.added_sentences[repeated].sources.append(self._make_passage(row))
            self.anchor = self.open_paragraph or self.anchor
        elif self._add_source(row, match, matched_row):
            return
        elif (fuller := self._replace_shorter(row)) is not None:
            self.anchor = fuller
        else:
            self._add_sentence(row)
            return
        self.open_paragraph = self.last_sentence = None

    def _add_source(self, row: int, match: SentenceMatch, matched_row: int | None) -> bool:
        """Make a sentence a source of the canonical sentence that it matches; return whether it matches one."""
        if match.outcome == "new" or matched_row is None:
            return False
        sentence, passage = self.canon.sentences[matched_row], self._make_passage(row)
        sentence.sources.append(passage)
        if match.clash_kind is not None:
            self.clashes.append((match.clash_kind, sentence, passage))
        self.anchor, self.open_paragraph = self.canon.paragraph_of[matched_row], None
        self.last_sentence = sentence
        return True

    def _add_sentence(self, row: int) -> None:
        """Add a sentence to the open paragraph, or to a new one of its kind: in the text, or listed."""
        text = self.sentences.texts[row]
        listed = not (self.enters and may_enter(text, self._measure_novelty(row), follows=self._follows(row)))
        if self.open_paragraph is None or self.open_paragraph.listed != listed:
            new_paragraph = CanonParagraph([], self.variant.report.article.article_id, added=True, listed=listed)
            self.canon.insert(new_paragraph, self.anchor, self._find_following(row))
            self.anchor = self.open_paragraph = new_paragraph
        sentence = CanonSentence(text, [self._make_passage(row)], -1)
        self.open_paragraph.sentences.append(sentence)
        self.index_by_words.setdefault(self.sentences.normalised[row], len(self.added_rows))
        self.added_rows.append(row)
        self.added_sentences.append(sentence)
        self.added_paragraphs.append(self.open_paragraph)
        self.last_sentence = None if listed else sentence

    def _find_following(self, row: int) -> CanonParagraph | None:
        """Return the paragraph of the text that the next known sentence of the variant is in."""
        matched_row = self.following_rows[row]
        return None if matched_row is None else self.canon.paragraph_of[matched_row]

    def _follows(self, row: int) -> bool:
        """Return whether the sentence before, as the text has it, is just before the place of the next addition."""
        if self.last_sentence is None or self.anchor is None or self.anchor.listed:
            return False
        if self.anchor.sentences[-1] is not self.last_sentence:
            return False
        if self.open_paragraph is not None:
            return True
        return self.canon.find_place(self.anchor, self._find_following(row), listed=False) is self.anchor

    def _measure_novelty(self, row: int) -> Novelty:
        if self.coverages is None:
            return Novelty(0.0, 0.0, 0.0, 0.0, "lead", is_replacement=False)
        place: Place = "lead" if row < self.inner_rows.start else "tail" if row >= self.inner_rows.stop else "inside"
        if place == "tail" and not self.sentences.facts[row].names.isdisjoint(self.canon.table.names):
            place = "inside"  # it goes on about the same people and places
        coverage = self.coverages[1]
        return Novelty(
            mass=float(self.sentences.idf_mass[row]),
            single=float(coverage.single[row]),
            window=float(coverage.window[row]),
            anywhere=float(coverage.anywhere[row]),
            place=place,
            is_replacement=self._is_replacement(row),
        )

    def _is_replacement(self, row: int) -> bool:
        """Return whether the neighbours of a sentence are copies of two canonical sentences with one between them."""
        if not 0 < row < len(self.sentences) - 1:
            return False
        (_, before), (_, after) = self.matches[row - 1], self.matches[row + 1]
        if before is None or after is None or after - before != 2:
            return False
        texts, table = self.sentences.normalised, self.canon.table.normalised
        return texts[row - 1] == table[before] and texts[row + 1] == table[after]

    def _make_passage(self, row: int) -> Passage:
        return Passage(article_id=self.variant.report.article.article_id, text=self.sentences.texts[row])

    def _find_repeated(self, row: int) -> int | None:
        """Return the index of an added sentence of the same variant that contains sentence `row`, or None."""
        sentences = self.sentences
        if (equal := self.index_by_words.get(sentences.normalised[row])) is not None:
            earlier = self.added_rows[equal]
            if sentences.normalised[earlier] == sentences.normalised[row] and _is_contained(
                sentences, earlier, sentences, row
            ):
                return equal
        start = max(len(self.added_rows) - ADDITION_MAX_COMPARED, 0)
        sharing = (
            index
            for index, earlier in enumerate(self.added_rows[start:], start)
            if _may_contain(sentences, earlier, sentences, row)
        )
        containers = islice(sharing, ADDITION_MAX_CONTAINERS)
        return next((i for i in containers if _is_contained(sentences, self.added_rows[i], sentences, row)), None)

    def _replace_shorter(self, row: int) -> CanonParagraph | None:
        """Replace an added sentence by sentence `row` if that contains it; return the paragraph, or None.

        Only added sentences are replaced. A replaced sentence of another variant moves to a paragraph of its own, since
        a paragraph has the words of one source only.
        """
        canon, sentences, passage = self.canon, self.sentences, self._make_passage(row)
        start = max(len(self.added_rows) - ADDITION_MAX_COMPARED, 0)
        index = self._find_contained(
            row, ((i, sentences, self.added_rows[i]) for i in range(start, len(self.added_rows)))
        )
        if index is not None:
            self.added_rows[index] = row
            _replace_text(self.added_sentences[index], passage)
            return self.added_paragraphs[index]
        rows = canon.added_rows[-ADDITION_MAX_COMPARED:]
        in_table = ((i, sentences, self.replaced[i]) if i in self.replaced else (i, canon.table, i) for i in rows)
        index = self._find_contained(row, in_table)
        if index is None:
            return None
        sentence, paragraph = canon.sentences[index], canon.paragraph_of[index]
        new_paragraph = paragraph if len(paragraph.sentences) == 1 else canon.split_off(paragraph, sentence)
        canon.paragraph_of[index] = new_paragraph
        self.replaced[index] = row
        new_paragraph.owner = passage.article_id
        _replace_text(sentence, passage)
        return new_paragraph

    def _find_contained(self, row: int, earlier: Iterable[tuple[int, Sentences, int]]) -> int | None:
        """Return the index of the first earlier sentence, a row of a table, that sentence `row` contains, or None."""
        sharing = (
            (index, table, other) for index, table, other in earlier if _may_contain(self.sentences, row, table, other)
        )
        contained = islice(sharing, ADDITION_MAX_CONTAINERS)
        return next((i for i, table, other in contained if _is_contained(self.sentences, row, table, other)), None)


def _match_sentence(
    canon: Canon, sentences: Sentences, row: int, coverages: tuple[Coverage, Coverage] | None
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
            f"{texts[window][: 2 * MAX_SENTENCE_CHARS]} {texts[window + 1][: 2 * MAX_SENTENCE_CHARS]}",
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


def _may_contain(container: Sentences, container_row: int, contained: Sentences, contained_row: int) -> bool:
    """Return whether a sentence shares enough for `_is_contained`; a cheap test, which may be True by a hair more."""
    shared = container.stem_sets[container_row] & contained.stem_sets[contained_row]
    min_mass = SAME_MIN_COVERAGE * float(contained.idf_mass[contained_row]) - 1e-9
    # An IDF is at most 1, so the number of stems bounds their mass.
    return len(shared) >= min_mass and sum(map(contained.idf_by_stem.__getitem__, shared)) >= min_mass


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


def _replace_text(sentence: CanonSentence, passage: Passage) -> None:
    sentence.text = passage.text
    sentence.sources.insert(0, passage)


def _build_conflicts(clashes: Sequence[tuple[ClashKind, CanonSentence, Passage]]) -> tuple[Conflict, ...]:
    """Return one conflict per sentence and kind of clash, with the canonical passage first."""
    grouped: dict[tuple[int, ClashKind], list[Passage]] = {}
    for kind, sentence, passage in clashes:
        grouped.setdefault((sentence.index, kind), [sentence.sources[0]]).append(passage)
    return tuple(
        Conflict(kind=kind, passages=tuple(passages))
        for (_, kind), passages in sorted(grouped.items(), key=lambda item: item[0])
    )
