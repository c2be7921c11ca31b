"""Stage 2 of 8: clean. Article -> Report, and what was removed and why.

Every paragraph of a page gets a role. What is not body leaves the report and is kept in `removed` with its kind. The
decision rests on structure first: where full sentences stand and where they end, which lines look like headlines, which
block they stand in, and whether they speak of what the report speaks of. A small lexicon (`patterns`) knows the wording
that pages share; a table of repeated lines (`table`) knows what an outlet prints on every page.

The price of an error decides the doubt: a headline left in is one stray sentence, a paragraph cut out is news lost. So
where unsure, a line stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import groupby

from rapidfuzz import fuzz

from newsdedup import text
from newsdedup.clean import patterns
from newsdedup.clean.line_features import features_of
from newsdedup.clean.outlet_boilerplate import EMPTY_TABLE, LineTable, count_lines
from newsdedup.clean.paragraphs import Line, RunningText, Stems
from newsdedup.clean.trailing_articles import mark_other_articles
from newsdedup.hashing import Vocabulary
from newsdedup.idf import Background
from newsdedup.models import Article, Dateline, Removed, Report, Role
from newsdedup.thresholds import (
    HEADLINE_WORDS,
    INFERRED_TITLE_CHARS,
    KNOWN_SHARE,
    LIST_LINES,
    LONG_WORDS,
    PROMO_WORDS,
    SAME_PARAGRAPH,
    SAME_TITLE,
    SOLID_WORDS,
)

__all__ = ["EMPTY_TABLE", "LineTable", "clean", "clean_all", "count_lines"]


def clean(article: Article, table: LineTable = EMPTY_TABLE, background: Background | None = None) -> Report:
    """Return the report of `article`.

    `table` holds what repeats over the outlet's pages (`count_lines`); the empty table learns nothing. `background`
    weighs words when a line is asked whether it speaks of the report; without it all words weigh the same.
    """
    return clean_all([article], table, background)[0]


def clean_all(
    articles: Sequence[Article],
    table: LineTable = EMPTY_TABLE,
    background: Background | None = None,
    vocabulary: Vocabulary | None = None,
) -> list[Report]:
    """Return the report of each article, as `clean` does, at less cost: some hundred articles are best.

    `vocabulary` remembers stems from call to call; without one that of the process does.
    """
    pages = [text.blocks(article.text) for article in articles]
    features = features_of([each for page in pages for block in page for each in block], vocabulary or _vocabulary())
    lines = list(
        map(
            Line,
            [each for page in pages for block in page for each in block],
            [number for page in pages for number, block in enumerate(page) for _ in block],
            features.words,
            features.ends,
            features.hinted,
            features.dated,
            features.title_case,
            features.opening,
        )
    )
    reports = []
    start = 0
    for article, page in zip(articles, pages, strict=True):
        rows = range(start, start + sum(map(len, page)))
        start = rows.stop
        reports.append(_report(article, lines[rows.start : rows.stop], Stems(features, rows, background), table))
    return reports


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary()


def _report(article: Article, lines: Sequence[Line], stems: Stems, table: LineTable) -> Report:
    removed_extra: list[Removed] = []
    title, inferred = _mark_title(article, lines)
    dateline = _take_split_dateline(lines)
    _mark_patterns(lines)
    byline = _mark_byline(lines)
    _mark_repeated_over_outlet(article, lines, table)
    stems.title = title
    _mark_headlines(lines, stems)
    mark_other_articles(lines, stems)
    _mark_repeated_within(lines)
    dateline = dateline or _take_dateline(lines, removed_extra)
    credit = _take_credit(lines, removed_extra)
    body = [line for line in lines if line.role is Role.BODY]
    parted = text.sentences_of_each([line.text for line in body], article.language)
    paragraphs = tuple(tuple(found) for found in parted if found)
    if title is None:
        title, inferred = _title_from_lead(paragraphs), True
    page = sum(line.words for line in lines)
    return Report(
        article=article,
        title=title,
        title_inferred=inferred,
        paragraphs=paragraphs,
        removed=tuple(Removed(kind=line.role, text=line.text) for line in lines if line.role is not Role.BODY)
        + tuple(removed_extra),
        dateline=dateline,
        byline=byline or article.author,
        credit=credit,
        page_share=round(sum(line.words for line in body) / page, 4) if page else 0.0,
    )


def _title_from_lead(paragraphs: Sequence[tuple[str, ...]]) -> str | None:
    """Return the first sentence as a title, cut at a word, or None for an empty report."""
    if not paragraphs:
        return None
    lead = paragraphs[0][0]
    if len(lead) <= INFERRED_TITLE_CHARS:
        return lead.rstrip(".")
    return lead[:INFERRED_TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


# A text this many times as long as another is less than SAME_TITLE alike.
_LONGEST_SAME = 200 / SAME_TITLE - 1 + 1e-6


def _mark_title(article: Article, lines: Sequence[Line]) -> tuple[str | None, bool]:
    """Mark the line that repeats the title; where none is given, take a headline above the report for one."""
    first_solid = next((i for i, line in enumerate(lines) if line.solid), len(lines))
    if article.title:
        folded = text.fold(article.title)
        wanted = text.normalised([folded])
        for line in lines[: first_solid + 1]:
            if text.least_normalised(line.text) > _LONGEST_SAME * len(wanted):
                continue
            have = " ".join(line.tokens)
            if have and (
                have == wanted
                or (len(have) > 20 and fuzz.ratio(have, wanted, score_cutoff=SAME_TITLE))
                or (line.words >= HEADLINE_WORDS[0] and not line.ends and wanted.startswith(have + " "))
            ):
                line.role = Role.TITLE
        return folded, False
    if 0 < first_solid < len(lines):
        head = lines[0]
        same_block = head.block == lines[first_solid].block or first_solid == 1
        if head.open_headline and same_block and patterns.role_of(head.text) is None:
            head.role = Role.TITLE
            return head.text, True
    return None, False


def _mark_patterns(lines: Sequence[Line]) -> None:
    """Give a role to lines whose wording or shape tells it; after a heading of the comments nothing is report."""
    solids = [i for i, line in enumerate(lines) if line.solid]
    half = len(lines) // 2
    for i, line in enumerate(lines):
        if line.role is not Role.BODY:
            continue
        if line.hinted and (role := patterns.role_of(line.text, line.hinted)) is not None:
            line.role = role
        elif not (solids and solids[0] < i < solids[-1]) and patterns.is_date(line.text):
            line.role = Role.BOILERPLATE
        elif i >= half and (len(solids) < 3 or solids[-3] <= i) and patterns.is_bio(line.text):
            line.role = Role.BYLINE
    _mark_menu(lines, solids)
    for i, line in enumerate(lines):
        if line.hinted & patterns.OPENING and solids and solids[0] < i and patterns.is_comments_heading(line.text):
            for after in lines[i:]:
                after.role = Role.BOILERPLATE
            break


def _mark_menu(lines: Sequence[Line], solids: Sequence[int]) -> None:
    """Mark a menu above the report: lines in a row of one to three words, no numbers, no full stop.

    Three make one, or two in a block of their own.
    """
    above = [line for line in lines[: solids[0]] if line.role is Role.BODY] if solids else []
    for label, run in groupby(
        above, key=lambda line: line.words <= 3 and not line.ends and not text.numbers(line.text)
    ):
        found = list(run)
        apart = found[-1].block != lines[solids[0]].block
        if label and (len(found) >= LIST_LINES or (apart and len(found) > 1)):
            for line in found:
                line.role = Role.BOILERPLATE


def _mark_byline(lines: Sequence[Line]) -> str | None:
    """Mark the lines above (or right below the end of) the report that name its writers; return the first."""
    byline = None
    solid_seen = 0
    for line in lines:
        if line.role is Role.BODY and (solid_seen < 1 or not line.solid) and (found := patterns.byline(line.text)):
            line.role = Role.BYLINE
            byline = byline or found
        solid_seen += line.role is Role.BODY and line.solid
    return byline


def _mark_repeated_over_outlet(article: Article, lines: Sequence[Line], table: LineTable) -> None:
    """Mark lines that recur over the outlet's unlike pages, docs/design-notes.md 4.

    Such a line goes if it stands in the leading or trailing run of such lines, or carries no number or name of its own.
    """
    if article.outlet is None or not table.repeats:
        return
    recurs = [line.role is not Role.BODY or table.recurs(article.outlet, line.text, line.words) for line in lines]
    if all(recurs):
        edge = set(range(len(lines)))
    else:
        first = recurs.index(False)
        last = len(recurs) - recurs[::-1].index(False)
        edge = {*range(first), *range(last, len(lines))}
    for i, line in enumerate(lines):
        if (
            line.role is Role.BODY
            and recurs[i]
            and (i in edge or not (text.numbers(line.text) or text.names(line.text)))
        ):
            line.role = Role.BOILERPLATE


def _mark_headlines(lines: Sequence[Line], stems: Stems) -> None:
    """Mark lists of other articles' headlines, and single ones (promos) between paragraphs, by structure.

    Does nothing on a page without full sentences, since there a missing full stop says nothing (Thai, tables, wires).
    """
    solid = [i for i, line in enumerate(lines) if line.role is Role.BODY and line.solid and line.ends]
    if not solid:
        return
    rest = RunningText(lines, stems)
    _mark_headline_blocks(lines)
    solid = [i for i in solid if lines[i].role is Role.BODY]
    if not solid:
        return
    report = (solid[0], solid[-1])
    for run in _runs_of_open_lines(lines):
        _judge_run(lines, run, report, rest)


def _judge_run(lines: Sequence[Line], run: Sequence[int], report: tuple[int, int], rest: RunningText) -> None:
    """Mark what of a run of lines is other articles' headlines; `report` is its first and last full sentence's line."""
    first, last = report
    inside, before = first < run[0] < last, run[-1] < first
    after = not inside and not before
    headlines = [i for i in run if lines[i].headline_like]
    bare = [i for i in headlines if lines[i].open_headline]
    mean_words = sum(lines[i].words for i in run) / len(run)
    if mean_words < SOLID_WORDS and sum(any(c.isdigit() for c in lines[i].text) for i in run) > 0.6 * len(run):
        return  # rows of a table
    if len(bare) >= LIST_LINES and len(headlines) >= 0.6 * len(run) and mean_words >= 5:
        # After the report a list of headlines is one whatever it speaks of; elsewhere, and where its lines are marked
        # as a list's as those of a report may be, it must speak of other things.
        listed = sum(patterns.is_list_item(lines[i].text) for i in run) > 0.5 * len(run)
        if (after and not listed) or sum(rest.known(i) < KNOWN_SHARE for i in headlines) >= 0.6 * len(headlines):
            for i in run:
                lines[i].role = Role.RELATED_HEADLINES
        return
    own_block = lines[run[0]].block != lines[last].block
    for i in bare:
        line = lines[i]
        if inside:
            promo = len(run) <= 2 and line.words >= PROMO_WORDS and not _introduces(lines, i)
        else:
            promo = after and line.words >= 5 and (own_block or line.title_case)
        if promo and line.unstopped and rest.known(i) < KNOWN_SHARE:
            line.role = Role.RELATED_HEADLINES if after and own_block else Role.PROMO


def _runs_of_open_lines(lines: Sequence[Line]) -> list[list[int]]:
    """Return the runs of consecutive body lines that are no running text, as indices.

    Removed lines are passed over. A short full sentence is part of the report, so it ends a run, unless it asks or
    exclaims as a headline may; what asks and only leads into a run is none of it.
    """
    runs: list[list[int]] = [[]]
    for i, line in enumerate(lines):
        if line.role is not Role.BODY:
            continue
        if (line.solid or line.ends) and not line.headline_like:
            runs.append([])
        elif runs[-1] or not line.ends or line.open_headline:
            runs[-1].append(i)
    return [run for run in runs if run]


def _introduces(lines: Sequence[Line], at: int) -> bool:
    """Tell whether the paragraph before leads into the line (ends with a colon), so that it belongs to the report."""
    return at > 0 and lines[at - 1].text.rstrip().endswith((":", "："))


def _mark_headline_blocks(lines: Sequence[Line]) -> None:
    """Mark whole blocks (parted by two or more blank lines) that are lists of headlines beside the report's block."""
    blocks: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        if line.role is Role.BODY:
            blocks.setdefault(line.block, []).append(i)
    if len(blocks) < 2:
        return
    solids = Counter(line.block for line in lines if line.solid and line.role is Role.BODY)
    for block, members in blocks.items():
        if len(members) < LIST_LINES or solids.total() == solids[block]:
            continue
        headlines = [i for i in members if lines[i].headline_like]
        bare = sum(lines[i].open_headline for i in headlines)
        if bare < LIST_LINES or len(headlines) < 0.7 * len(members):
            continue
        own_solid = sum(lines[i].solid and not lines[i].headline_like for i in members)
        if own_solid <= 0.2 * len(members) and sum(lines[i].words for i in headlines) / len(headlines) >= 5:
            for i in members:
                lines[i].role = Role.RELATED_HEADLINES


def _mark_repeated_within(lines: Sequence[Line]) -> None:
    """Mark a paragraph that the page prints twice: word for word (a pull quote), or nearly, or as a teaser.

    Where one paragraph holds the other from its first word on, the shorter goes: above it, a summary that the report
    takes up; below it, an excerpt. Nearly word for word means SAME_PARAGRAPH alike with the same numbers.
    """
    asked = [line for line in lines if line.role is Role.BODY and line.words >= HEADLINE_WORDS[0]]
    openings = Counter(line.opening for line in asked)
    if len(openings) == len(asked):
        return
    opened: dict[tuple[str, ...], list[Line]] = {}
    for line in [line for line in asked if openings[line.opening] > 1]:
        alike = opened.setdefault(tuple(line.tokens[: HEADLINE_WORDS[0]]), [])
        if any(other.tokens == line.tokens for other in alike):
            line.role = Role.REPEATED
            continue
        if line.words >= SOLID_WORDS:
            for other in alike:
                if other.role is Role.BODY and other.words >= SOLID_WORDS and (less := _said_twice(other, line)):
                    less.role = Role.REPEATED
                    break
        alike.append(line)


def _said_twice(above: Line, below: Line) -> Line | None:
    """Return the one of two paragraphs that says nothing of its own beside the other, None if both do."""
    shorter, longer = (above, below) if above.words < below.words else (below, above)
    if longer.words < LONG_WORDS and (patterns.is_table_row(longer.text) or patterns.is_name_list(longer.text)):
        return None  # recipes and results repeat their rows with a piece more or less
    if longer.tokens[: shorter.words] == shorter.tokens:
        return shorter
    if set(text.numbers(above.text)) != set(text.numbers(below.text)):
        return None
    alike = fuzz.ratio(" ".join(above.tokens), " ".join(below.tokens), score_cutoff=SAME_PARAGRAPH)
    return below if alike and set(map(text.stem, above.tokens)) >= set(map(text.stem, below.tokens)) else None


def _take_split_dateline(lines: Sequence[Line]) -> Dateline | None:
    """Mark a dateline that stands on lines of its own above the report (place, agency, dash); return it parsed."""
    for i, line in enumerate(lines[:6]):
        if line.solid:
            break
        if line.role is Role.BODY and (found := patterns.split_dateline([each.text for each in lines[i : i + 3]])):
            for each in lines[i : i + found.lines]:
                each.role = Role.DATELINE
            return found.dateline
    return None


def _take_dateline(lines: Sequence[Line], removed: list[Removed]) -> Dateline | None:
    """Cut the dateline off the first paragraph that has one; return it parsed."""
    for line in [line for line in lines if line.role is Role.BODY][:4]:
        if cut := patterns.dateline(line.text):
            line.cut(len(cut.text))
            removed.append(Removed(kind=Role.DATELINE, text=cut.dateline.text))
            return cut.dateline
        if line.solid:
            break
    return None


def _take_credit(lines: Sequence[Line], removed: list[Removed]) -> str | None:
    """Return the credit: of a line that was marked so, else an agency's name cut off the end of the report."""
    body = [line for line in lines if line.role is Role.BODY]
    if len(body) > LIST_LINES and not body[-1].ends and body[-2].solid and patterns.is_signature(body[-1].text):
        body.pop().role = Role.CREDIT
    credit = next((line.text for line in lines if line.role is Role.CREDIT), None)
    if body and (found := patterns.trailing_credit(body[-1].text)):
        kept, name = found
        body[-1].text = kept
        removed.append(Removed(kind=Role.CREDIT, text=name))
        credit = credit or name
    return credit
