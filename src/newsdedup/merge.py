"""Stage 7 of 8: merge. Story -> canonical article with provenance and conflicts.

The canonical article starts from the base and keeps its paragraphs whole. Each sentence of another variant is judged
against what stands there already: it says the same (then it becomes a source of the sentence that says so), it clashes
in a number, date or name (then both stand in `conflicts`), or it says something new (then it is added, in a paragraph
of its own, after the paragraph that is aligned with what preceded it there). What only an earlier edit says is not
added but `superseded`: a withdrawn sentence must not come back (docs/design-notes.md 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from newsdedup.align import Cover, cover_both
from newsdedup.features import Profile, Sentences, held
from newsdedup.models import Conflict, Paragraph, Passage, Sentence
from newsdedup.sentence_match import ClashKind, Verdict, judge
from newsdedup.text import date_key, joined, later
from newsdedup.thresholds import KNOWN, KNOWN_JOINED, SLIGHT_MASS


@dataclass(frozen=True, slots=True)
class Merged:
    """The canonical article's parts, as they are printed."""

    paragraphs: tuple[Paragraph, ...]
    conflicts: tuple[Conflict, ...]
    superseded: tuple[Passage, ...]


@dataclass
class _Told:
    """A sentence of the canonical article while it grows: its text, its sources, its place in the sentence table."""

    text: str
    sources: list[Passage]
    index: int


@dataclass
class _Block:
    """A paragraph of the canonical article while it grows."""

    told: list[_Told]
    owner: str
    added: bool


@dataclass
class _Canon:
    """The canonical article while it grows. `table` holds its sentences ready for aligning, in order of arrival."""

    blocks: list[_Block]
    table: Sentences
    where: list[_Told] = field(default_factory=list)
    block_of: list[_Block] = field(default_factory=list)


def choose_base(profiles: Sequence[Profile]) -> int:
    """Return the index of the variant that the canonical article starts from.

    Completeness of the report (words), then share of the page that is report, then earliest date, then content hash.
    Where variants are updates of each other with a known order, the pipeline moves on from here to the latest.
    """

    def rank(i: int) -> tuple[int, float, tuple[str, str], str, str]:
        report = profiles[i].report
        article = report.article
        return (
            -len(profiles[i].word_hashes),
            -report.page_share,
            date_key(article.published),
            article.content_hash,
            article.article_id,
        )

    return min(range(len(profiles)), key=rank)


def merge(base: Profile, others: Sequence[Profile], withdrawn: Sequence[bool]) -> Merged:
    """Merge `others`, in the order given, into `base`.

    `withdrawn[i]` tells that others[i] is an earlier edit of the base: what only it says is superseded. Every sentence
    of every variant ends in the text, as a source of a sentence in it, or in `superseded`.
    """
    canon = _start(base)
    conflicts: list[tuple[ClashKind, _Told, Passage]] = []
    superseded: list[Passage] = []
    for other, gone in zip(others, withdrawn, strict=True):
        if len(other.sentences):
            _take_in(canon, other, conflicts, superseded, gone=gone)
    paragraphs = tuple(_paragraph(block) for block in canon.blocks)
    return Merged(paragraphs, _conflicts(conflicts), tuple(superseded))


def _start(base: Profile) -> _Canon:
    canon = _Canon(blocks=[], table=base.sentences)
    name = base.report.article.article_id
    for paragraph in base.report.paragraphs:
        block = _Block(told=[], owner=name, added=False)
        for sentence in paragraph:
            told = _Told(sentence, [Passage(article_id=name, text=sentence)], len(canon.where))
            block.told.append(told)
            canon.where.append(told)
            canon.block_of.append(block)
        canon.blocks.append(block)
    return canon


def _take_in(
    canon: _Canon,
    other: Profile,
    conflicts: list[tuple[ClashKind, _Told, Passage]],
    superseded: list[Passage],
    *,
    gone: bool,
) -> None:
    """Judge every sentence of `other` and put it where it belongs."""
    name = other.report.article.article_id
    own = other.sentences
    if not len(canon.table):
        covers: tuple[Cover, Cover] | None = None
    else:
        covers = cover_both(canon.table, own)
    anchor: _Block | None = None
    grown: list[int] = []  # sentences of `other` added so far, which later ones are judged against too
    new_told: list[_Told] = []
    at = 0
    for paragraph in other.report.paragraphs:
        open_block: _Block | None = None
        for sentence in paragraph:
            passage = Passage(article_id=name, text=sentence)
            verdict, place = _judge_one(canon, own, at, covers)
            if verdict.says == "new" and (twin := _told_just_now(own, at, grown)) is not None:
                verdict, place = Verdict("same"), None
                new_told[twin].sources.append(passage)
                anchor, open_block = open_block or anchor, None
            elif verdict.says != "new" and place is not None:
                told = canon.where[place]
                told.sources.append(passage)
                if verdict.kind is not None:
                    conflicts.append((verdict.kind, told, passage))
                anchor, open_block = canon.block_of[place], None
            elif gone:
                superseded.append(passage)
                open_block = None
            elif (fuller := _take_over(canon, own, at, passage, grown, new_told)) is not None:
                anchor, open_block = fuller, None
            else:
                if open_block is None:
                    open_block = _Block(told=[], owner=name, added=True)
                    _insert(canon, open_block, anchor)
                    anchor = open_block
                told = _Told(sentence, [passage], -1)
                open_block.told.append(told)
                grown.append(at)
                new_told.append(told)
            at += 1
    _extend(canon, own, grown, new_told)


def _judge_one(
    canon: _Canon, own: Sentences, at: int, covers: tuple[Cover, Cover] | None
) -> tuple[Verdict, int | None]:
    """Judge sentence `at` of `own` against the canonical article; returns the verdict and the sentence that says so."""
    if covers is None:
        return Verdict("new"), None
    canon_cover, cover = covers
    best, window = int(cover.best[at]), int(cover.window_at[at])
    if best < 0:
        return Verdict("new"), None
    texts = canon.table.texts
    if texts[best] == own.texts[at]:  # a copy to the letter, as most sentences of a reprint are, needs no judging
        return Verdict("same"), best
    single = judge(
        texts[best],
        own.texts[at],
        cover=float(cover.single[at]),
        back=float(canon_cover.single[best]) if canon_cover.best[best] == at else 0.0,
        extra_mass=float(own.mass[at] * (1 - cover.single[at])),
        named=canon.table.names,
    )
    if single.says != "new":
        return single, best
    if cover.window[at] > cover.single[at] and window + 1 < len(texts):
        joined = judge(
            f"{texts[window]} {texts[window + 1]}",
            own.texts[at],
            cover=float(cover.window[at]),
            back=0.0,
            extra_mass=float(own.mass[at] * (1 - cover.window[at])),
            named=canon.table.names,
        )
        if joined.says == "same" and cover.window[at] >= KNOWN_JOINED:
            return joined, best
    if own.mass[at] < SLIGHT_MASS and cover.anywhere[at] >= 0.5:
        return Verdict("same"), best
    return Verdict("new"), None


def _told_just_now(own: Sentences, at: int, grown: Sequence[int]) -> int | None:
    """Return which of the sentences just added from the same variant says the same as sentence `at`, if one does."""
    return next((place for place, earlier in enumerate(grown) if _holds(own, earlier, own, at)), None)


def _holds(one: Sentences, i: int, other: Sentences, j: int) -> bool:
    """Tell whether sentence i of `one` says all that sentence j of `other` says."""
    shared = float(other.rarity[j][held(other.stems[j], one.stems[i])].sum())
    mass, whole = float(other.mass[j]), float(one.mass[i])
    cover, back = (shared / each if each else 1.0 for each in (mass, whole))
    if cover < KNOWN:
        return False
    return judge(one.texts[i], other.texts[j], cover=cover, back=back, extra_mass=mass - shared).says == "same"


def _take_over(
    canon: _Canon, own: Sentences, at: int, passage: Passage, grown: list[int], new_told: Sequence[_Told]
) -> _Block | None:
    """Put sentence `at` in the place of an added one that it tells in full; returns the paragraph, or None.

    Only an added sentence gives way. One of another source moves to a paragraph of its own, since a paragraph holds one
    source's words.
    """
    for place, earlier in enumerate(grown):
        if _holds(own, at, own, earlier):
            grown[place] = at
            _retell(new_told[place], passage)
            return next(block for block in canon.blocks if any(new_told[place] is told for told in block.told))
    for place, (told, among) in enumerate(zip(canon.where, canon.block_of, strict=True)):
        if among.added and _holds(own, at, canon.table, told.index):
            block = canon.block_of[place] = _apart(canon, among, told) if len(among.told) > 1 else among
            canon.table = _with_rows(canon.table, own, [at], instead_of=told.index)
            block.owner = passage.article_id
            _retell(told, passage)
            return block
    return None


def _apart(canon: _Canon, block: _Block, told: _Told) -> _Block:
    """Move a sentence out of its added paragraph into one of its own beside it; returns the new paragraph."""
    at = next(i for i, each in enumerate(canon.blocks) if each is block)
    first = block.told[0] is told
    block.told = [each for each in block.told if each is not told]
    alone = _Block(told=[told], owner=block.owner, added=True)
    canon.blocks.insert(at if first else at + 1, alone)
    return alone


def _retell(told: _Told, passage: Passage) -> None:
    told.text = passage.text
    told.sources.insert(0, passage)


def _insert(canon: _Canon, block: _Block, anchor: _Block | None) -> None:
    """Put an added paragraph after its anchor and what others have added there; without an anchor, after the lead."""
    if not canon.blocks:
        canon.blocks.append(block)
        return
    at = next(i for i, each in enumerate(canon.blocks) if each is anchor) if anchor is not None else 0
    at += 1
    while at < len(canon.blocks) and canon.blocks[at].added:
        at += 1
    canon.blocks.insert(at, block)


def _extend(canon: _Canon, own: Sentences, grown: Sequence[int], told: Sequence[_Told]) -> None:
    """Add the new sentences to the table that the next variant is judged against."""
    if not grown:
        return
    blocks = {id(each): block for block in canon.blocks for each in block.told}
    for each in told:
        each.index = len(canon.where)
        canon.where.append(each)
        canon.block_of.append(blocks[id(each)])
    canon.table = _with_rows(canon.table, own, grown)


def _with_rows(table: Sentences, own: Sentences, rows: Sequence[int], instead_of: int | None = None) -> Sentences:
    """Return `table` with the given rows of `own` at its end, or in the place of one of its rows."""
    end = len(table) if instead_of is None else instead_of
    rest = end if instead_of is None else end + 1

    def joined(column: str) -> tuple[Any, ...]:
        old, new = getattr(table, column), getattr(own, column)
        return (*old[:end], *(new[i] for i in rows), *old[rest:])

    return Sentences(
        texts=joined("texts"),
        normal=joined("normal"),
        stems=joined("stems"),
        rarity=joined("rarity"),
        mass=np.concatenate([table.mass[:end], own.mass[list(rows)], table.mass[rest:]]),
        facts=joined("facts"),
    )


def _paragraph(block: _Block) -> Paragraph:
    sentences = tuple(Sentence(text=told.text, sources=tuple(told.sources)) for told in block.told)
    carriers = dict.fromkeys(passage.article_id for told in block.told for passage in told.sources)
    return Paragraph(
        text=joined(told.text for told in block.told), added=block.added, sources=tuple(carriers), sentences=sentences
    )


def _conflicts(found: Sequence[tuple[ClashKind, _Told, Passage]]) -> tuple[Conflict, ...]:
    """Return one conflict per sentence and kind, the canonical passage first."""
    grouped: dict[tuple[int, ClashKind], list[Passage]] = {}
    for kind, told, passage in found:
        grouped.setdefault((told.index, kind), [told.sources[0]]).append(passage)
    return tuple(
        Conflict(kind=kind, passages=tuple(passages))
        for (_, kind), passages in sorted(grouped.items(), key=lambda item: item[0])
    )


def is_earlier(one: Profile, other: Profile) -> bool:
    """Tell whether `one` is known to be published before `other`."""
    return later(other.report.article.published, one.report.article.published) is True
