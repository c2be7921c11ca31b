"""Stage 2 of 8: clean. Article -> Report, and what was removed and why.

Every paragraph of a page gets a role; headings, labels and captions count as paragraphs too. Everything but body text
is removed from the report and listed in `removed` with its role. The decision rests on structure first: where the full
sentences are and where they end, which paragraphs look like headlines, which block they are in, and whether they are
about the same topic as the report. A small lexicon (`patterns`) holds wording that many sites share. A table of
recurring lines (`outlet_boilerplate`) holds what one outlet prints on every page.

In case of doubt a paragraph is kept, because the two errors have different costs: a headline left in is one stray
sentence, but a paragraph cut out is lost news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import groupby

from rapidfuzz import fuzz

from newsdedup import text
from newsdedup.clean import patterns
from newsdedup.clean.line_features import compute_line_features
from newsdedup.clean.outlet_boilerplate import NO_RECURRING_LINES, RecurringLines
from newsdedup.clean.paragraphs import PageStems, Paragraph, RunningText
from newsdedup.clean.trailing_articles import mark_other_articles
from newsdedup.hashing import Vocabulary
from newsdedup.idf import IdfTable
from newsdedup.models import Article, Dateline, Removed, Report, Role
from newsdedup.thresholds import (
    BIO_LAST_PARAGRAPHS,
    DATELINE_LINES,
    DATELINE_PARAGRAPHS,
    FULL_SENTENCE_WORDS,
    HEADLINE_AFTER_REPORT_MIN_WORDS,
    HEADLINE_BLOCK_MAX_PROSE_SHARE,
    HEADLINE_BLOCK_MIN_SHARE,
    HEADLINE_LIST_LINES,
    HEADLINE_MIN_MEAN_WORDS,
    HEADLINE_RUN_MIN_OFF_TOPIC,
    HEADLINE_RUN_MIN_SHARE,
    HEADLINE_WORDS,
    INFERRED_TITLE_CHARS,
    ITEM_LIST_MIN_SHARE,
    LONG_PARAGRAPH_WORDS,
    MENU_BLOCK_MIN_LINES,
    MENU_LABEL_MAX_WORDS,
    ON_TOPIC_MIN_COVERAGE,
    PROMO_MAX_LINES,
    PROMO_MIN_WORDS,
    SAME_PARAGRAPH_RATIO,
    SAME_TITLE_MIN_CHARS,
    SAME_TITLE_RATIO,
    TABLE_MIN_NUMBER_SHARE,
)

__all__ = ["NO_RECURRING_LINES", "RecurringLines", "clean", "clean_all"]


def clean(
    article: Article, recurring_lines: RecurringLines = NO_RECURRING_LINES, idf_table: IdfTable | None = None
) -> Report:
    """Return the report of `article`.

    `recurring_lines` are the lines that recur on the outlet's pages (see `outlet_boilerplate`); by default there are
    none. `idf_table` weights the words when a paragraph is checked for being on topic; without it all words have the
    same weight.
    """
    return clean_all([article], recurring_lines, idf_table)[0]


def clean_all(
    articles: Sequence[Article],
    recurring_lines: RecurringLines = NO_RECURRING_LINES,
    idf_table: IdfTable | None = None,
    vocabulary: Vocabulary | None = None,
) -> list[Report]:
    """Return the report of each article, in order, as `clean` does.

    This is faster than calling `clean` for each article; batches of a few hundred articles are best.
    `vocabulary` caches stems between calls; by default one cache is shared by the whole process.
    """
    pages = [text.split_blocks(article.text) for article in articles]
    features = compute_line_features(
        [paragraph for page in pages for block in page for paragraph in block], vocabulary or _shared_vocabulary()
    )
    paragraphs = list(
        map(
            Paragraph,
            [paragraph for page in pages for block in page for paragraph in block],
            [block_index for page in pages for block_index, block in enumerate(page) for _ in block],
            features.word_counts,
            features.ends_sentence,
            features.hints,
            features.may_have_dateline,
            features.is_title_case,
            features.opening_hashes,
        )
    )
    reports = []
    start = 0
    for article, page in zip(articles, pages, strict=True):
        rows = range(start, start + sum(map(len, page)))
        start = rows.stop
        reports.append(
            _build_report(
                article, paragraphs[rows.start : rows.stop], PageStems(features, rows, idf_table), recurring_lines
            )
        )
    return reports


@cache
def _shared_vocabulary() -> Vocabulary:
    return Vocabulary()


def _build_report(
    article: Article, paragraphs: Sequence[Paragraph], stems: PageStems, recurring_lines: RecurringLines
) -> Report:
    removed_parts: list[Removed] = []
    title, title_inferred = _mark_title(article, paragraphs)
    dateline = _mark_split_dateline(paragraphs)
    _mark_patterns(paragraphs)
    byline = _mark_byline(paragraphs)
    _mark_recurring_lines(article, paragraphs, recurring_lines)
    stems.title = title
    _mark_headlines(paragraphs, stems)
    mark_other_articles(paragraphs, stems)
    _mark_repeated_within(paragraphs)
    dateline = dateline or _cut_dateline(paragraphs, removed_parts)
    credit = _cut_credit(paragraphs, removed_parts)
    body = [paragraph for paragraph in paragraphs if paragraph.role is Role.BODY]
    sentence_lists = text.split_sentences_batch([paragraph.text for paragraph in body], article.language)
    body_paragraphs = tuple(tuple(sentences) for sentences in sentence_lists if sentences)
    if title is None:
        title, title_inferred = _infer_title(body_paragraphs), True
    page_words = sum(paragraph.word_count for paragraph in paragraphs)
    return Report(
        article=article,
        title=title,
        title_inferred=title_inferred,
        paragraphs=body_paragraphs,
        removed=tuple(
            Removed(kind=paragraph.role, text=paragraph.text)
            for paragraph in paragraphs
            if paragraph.role is not Role.BODY
        )
        + tuple(removed_parts),
        dateline=dateline,
        byline=byline or article.author,
        credit=credit,
        page_share=round(sum(paragraph.word_count for paragraph in body) / page_words, 4) if page_words else 0.0,
    )


def _infer_title(paragraphs: Sequence[tuple[str, ...]]) -> str | None:
    """Return the first sentence, cut at a word boundary, as the title; None for an empty report."""
    if not paragraphs:
        return None
    lead = paragraphs[0][0]
    if len(lead) <= INFERRED_TITLE_CHARS:
        return lead.rstrip(".")
    return lead[:INFERRED_TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


# If one text is more than this many times as long as another, their ratio is below SAME_TITLE_RATIO.
_MAX_TITLE_LENGTH_RATIO = 200 / SAME_TITLE_RATIO - 1 + 1e-6


def _mark_title(article: Article, paragraphs: Sequence[Paragraph]) -> tuple[str | None, bool]:
    """Mark the paragraph that repeats the title; return the title and whether it was inferred.

    If the article has no title, a headline above the report is used as one.
    """
    first_prose = next((i for i, paragraph in enumerate(paragraphs) if paragraph.is_prose), len(paragraphs))
    if article.title:
        folded = text.normalise_whitespace(article.title)
        title_words = text.normalise_text([folded])
        for paragraph in paragraphs[: first_prose + 1]:
            if text.min_normalised_length(paragraph.text) > _MAX_TITLE_LENGTH_RATIO * len(title_words):
                continue
            line_words = " ".join(paragraph.tokens)
            if line_words and (
                line_words == title_words
                or (
                    len(line_words) > SAME_TITLE_MIN_CHARS
                    and fuzz.ratio(line_words, title_words, score_cutoff=SAME_TITLE_RATIO)
                )
                or (
                    paragraph.word_count >= HEADLINE_WORDS[0]
                    and not paragraph.ends_sentence
                    and title_words.startswith(line_words + " ")
                )
            ):
                paragraph.role = Role.TITLE
        return folded, False
    if 0 < first_prose < len(paragraphs):
        first_line = paragraphs[0]
        same_block = first_line.block == paragraphs[first_prose].block or first_prose == 1
        if first_line.is_open_headline and same_block and patterns.match_role(first_line.text) is None:
            first_line.role = Role.TITLE
            return first_line.text, True
    return None, False


def _mark_patterns(paragraphs: Sequence[Paragraph]) -> None:
    """Mark paragraphs by wording or shape, and everything from a comments heading below the report to the end."""
    prose = [i for i, paragraph in enumerate(paragraphs) if paragraph.is_prose]
    half = len(paragraphs) // 2
    for i, paragraph in enumerate(paragraphs):
        if paragraph.role is not Role.BODY:
            continue
        if paragraph.hints and (role := patterns.match_role(paragraph.text, paragraph.hints)) is not None:
            paragraph.role = role
        elif not (prose and prose[0] < i < prose[-1]) and patterns.is_date(paragraph.text):
            paragraph.role = Role.BOILERPLATE
        elif (
            i >= half
            and (len(prose) < BIO_LAST_PARAGRAPHS or prose[-BIO_LAST_PARAGRAPHS] <= i)
            and patterns.is_bio(paragraph.text)
        ):
            paragraph.role = Role.BYLINE
    _mark_menu(paragraphs, prose)
    for i, paragraph in enumerate(paragraphs):
        if (
            paragraph.hints & patterns.COMMENTS_HINT
            and prose
            and prose[0] < i
            and patterns.is_comments_heading(paragraph.text)
        ):
            for below in paragraphs[i:]:
                below.role = Role.BOILERPLATE
            break


def _mark_menu(paragraphs: Sequence[Paragraph], prose: Sequence[int]) -> None:
    """Mark a menu above the report: consecutive paragraphs of one to three words without numbers or a full stop.

    It takes three of them, or two in a separate block.
    """
    above = [paragraph for paragraph in paragraphs[: prose[0]] if paragraph.role is Role.BODY] if prose else []
    for is_label, run in groupby(
        above,
        key=lambda paragraph: (
            paragraph.word_count <= MENU_LABEL_MAX_WORDS
            and not paragraph.ends_sentence
            and not text.extract_numbers(paragraph.text)
        ),
    ):
        labels = list(run)
        own_block = labels[-1].block != paragraphs[prose[0]].block
        if is_label and (len(labels) >= HEADLINE_LIST_LINES or (own_block and len(labels) >= MENU_BLOCK_MIN_LINES)):
            for paragraph in labels:
                paragraph.role = Role.BOILERPLATE


def _mark_byline(paragraphs: Sequence[Paragraph]) -> str | None:
    """Mark bylines and return the names in the first. Only the first running text of a page can be a byline."""
    byline = None
    prose_count = 0
    for paragraph in paragraphs:
        if (
            paragraph.role is Role.BODY
            and (prose_count < 1 or not paragraph.is_prose)
            and (names := patterns.parse_byline(paragraph.text))
        ):
            paragraph.role = Role.BYLINE
            byline = byline or names
        prose_count += paragraph.role is Role.BODY and paragraph.is_prose
    return byline


def _mark_recurring_lines(article: Article, paragraphs: Sequence[Paragraph], recurring_lines: RecurringLines) -> None:
    """Mark paragraphs that recur on unlike pages of the outlet, see docs/design-notes.md 4.

    A recurring paragraph is marked if it belongs to the leading or trailing run of removed paragraphs, or if it
    contains neither a number nor a capitalised token.
    """
    if article.outlet is None or not recurring_lines.article_counts:
        return
    is_recurring = [
        paragraph.role is not Role.BODY
        or recurring_lines.contains(article.outlet, paragraph.text, paragraph.word_count)
        for paragraph in paragraphs
    ]
    if all(is_recurring):
        at_edge = set(range(len(paragraphs)))
    else:
        first = is_recurring.index(False)
        last = len(is_recurring) - is_recurring[::-1].index(False)
        at_edge = {*range(first), *range(last, len(paragraphs))}
    for i, paragraph in enumerate(paragraphs):
        if (
            paragraph.role is Role.BODY
            and is_recurring[i]
            and (
                i in at_edge
                or not (text.extract_numbers(paragraph.text) or text.extract_capitalised_tokens(paragraph.text))
            )
        ):
            paragraph.role = Role.BOILERPLATE


def _mark_headlines(paragraphs: Sequence[Paragraph], stems: PageStems) -> None:
    """Mark lists of other articles' headlines, and single ones (promos) between paragraphs, by structure.

    Does nothing on a page without full sentences, where a missing full stop means nothing (Thai, tables, wires).
    """
    full_sentences = [
        i
        for i, paragraph in enumerate(paragraphs)
        if paragraph.role is Role.BODY and paragraph.is_prose and paragraph.ends_sentence
    ]
    if not full_sentences:
        return
    running_text = RunningText(paragraphs, stems)
    _mark_headline_blocks(paragraphs)
    full_sentences = [i for i in full_sentences if paragraphs[i].role is Role.BODY]
    if not full_sentences:
        return
    report_bounds = (full_sentences[0], full_sentences[-1])
    for run in _find_open_runs(paragraphs):
        _mark_headline_run(paragraphs, run, report_bounds, running_text)


def _mark_headline_run(
    paragraphs: Sequence[Paragraph], run: Sequence[int], report_bounds: tuple[int, int], running_text: RunningText
) -> None:
    """Mark the headlines of other articles in a run of open paragraphs (see `_find_open_runs`).

    `report_bounds` are the indices of the first and the last full sentence of the report.
    """
    first, last = report_bounds
    inside, before = first < run[0] < last, run[-1] < first
    after = not inside and not before
    headlines = [i for i in run if paragraphs[i].is_headline_like]
    open_headlines = [i for i in headlines if paragraphs[i].is_open_headline]
    mean_words = sum(paragraphs[i].word_count for i in run) / len(run)
    if mean_words < FULL_SENTENCE_WORDS and sum(
        any(char.isdigit() for char in paragraphs[i].text) for i in run
    ) > TABLE_MIN_NUMBER_SHARE * len(run):
        return  # rows of a table
    if (
        len(open_headlines) >= HEADLINE_LIST_LINES
        and len(headlines) >= HEADLINE_RUN_MIN_SHARE * len(run)
        and mean_words >= HEADLINE_MIN_MEAN_WORDS
    ):
        # After the report a list of headlines is removed even if it is on topic. Elsewhere, or if its items have list
        # markers, it may be a list within the report, so it must be off topic.
        is_item_list = sum(patterns.is_list_item(paragraphs[i].text) for i in run) > ITEM_LIST_MIN_SHARE * len(run)
        if (after and not is_item_list) or sum(
            running_text.share_covered(i) < ON_TOPIC_MIN_COVERAGE for i in headlines
        ) >= HEADLINE_RUN_MIN_OFF_TOPIC * len(headlines):
            for i in run:
                paragraphs[i].role = Role.RELATED_HEADLINES
        return
    own_block = paragraphs[run[0]].block != paragraphs[last].block
    for i in open_headlines:
        paragraph = paragraphs[i]
        if inside:
            is_promo = (
                len(run) <= PROMO_MAX_LINES
                and paragraph.word_count >= PROMO_MIN_WORDS
                and not _is_introduced(paragraphs, i)
            )
        else:
            is_promo = (
                after
                and paragraph.word_count >= HEADLINE_AFTER_REPORT_MIN_WORDS
                and (own_block or paragraph.is_title_case)
            )
        if is_promo and paragraph.is_unstopped_headline and running_text.share_covered(i) < ON_TOPIC_MIN_COVERAGE:
            paragraph.role = Role.RELATED_HEADLINES if after and own_block else Role.PROMO


def _find_open_runs(paragraphs: Sequence[Paragraph]) -> list[list[int]]:
    """Return the runs of consecutive body paragraphs that are not running text, as indices.

    Removed paragraphs are skipped. A short full sentence is part of the report, so it ends a run, unless it is a
    question or exclamation that could be a headline. A run does not start with such a question or exclamation.
    """
    runs: list[list[int]] = [[]]
    for i, paragraph in enumerate(paragraphs):
        if paragraph.role is not Role.BODY:
            continue
        if (paragraph.is_prose or paragraph.ends_sentence) and not paragraph.is_headline_like:
            runs.append([])
        elif runs[-1] or not paragraph.ends_sentence or paragraph.is_open_headline:
            runs[-1].append(i)
    return [run for run in runs if run]


def _is_introduced(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Return whether the preceding paragraph ends with a colon, so that this paragraph belongs to the report."""
    return index > 0 and paragraphs[index - 1].text.rstrip().endswith((":", "："))


def _mark_headline_blocks(paragraphs: Sequence[Paragraph]) -> None:
    """Mark blocks (separated by two or more blank lines) that are lists of headlines outside the report's block."""
    blocks: dict[int, list[int]] = {}
    for i, paragraph in enumerate(paragraphs):
        if paragraph.role is Role.BODY:
            blocks.setdefault(paragraph.block, []).append(i)
    if len(blocks) < 2:
        return
    prose_counts = Counter(
        paragraph.block for paragraph in paragraphs if paragraph.is_prose and paragraph.role is Role.BODY
    )
    for block, members in blocks.items():
        if len(members) < HEADLINE_LIST_LINES or prose_counts.total() == prose_counts[block]:
            continue
        headlines = [i for i in members if paragraphs[i].is_headline_like]
        open_headlines = sum(paragraphs[i].is_open_headline for i in headlines)
        if open_headlines < HEADLINE_LIST_LINES or len(headlines) < HEADLINE_BLOCK_MIN_SHARE * len(members):
            continue
        own_prose = sum(paragraphs[i].is_prose and not paragraphs[i].is_headline_like for i in members)
        if (
            own_prose <= HEADLINE_BLOCK_MAX_PROSE_SHARE * len(members)
            and sum(paragraphs[i].word_count for i in headlines) / len(headlines) >= HEADLINE_MIN_MEAN_WORDS
        ):
            for i in members:
                paragraphs[i].role = Role.RELATED_HEADLINES


def _mark_repeated_within(paragraphs: Sequence[Paragraph]) -> None:
    """Mark a paragraph that the page prints twice: verbatim (a pull quote), nearly verbatim, or as a teaser.

    If one paragraph begins with all the words of another, the shorter one is marked: above the longer one it is a
    summary, below it an excerpt. Nearly verbatim means a ratio of at least SAME_PARAGRAPH_RATIO and the same numbers.
    """
    candidates = [
        paragraph
        for paragraph in paragraphs
        if paragraph.role is Role.BODY and paragraph.word_count >= HEADLINE_WORDS[0]
    ]
    openings = Counter(paragraph.opening_hash for paragraph in candidates)
    if len(openings) == len(candidates):
        return
    by_opening: dict[tuple[str, ...], list[Paragraph]] = {}
    for paragraph in [paragraph for paragraph in candidates if openings[paragraph.opening_hash] > 1]:
        same_opening = by_opening.setdefault(tuple(paragraph.tokens[: HEADLINE_WORDS[0]]), [])
        if any(earlier.tokens == paragraph.tokens for earlier in same_opening):
            paragraph.role = Role.REPEATED
            continue
        if paragraph.word_count >= FULL_SENTENCE_WORDS:
            for earlier in same_opening:
                if (
                    earlier.role is Role.BODY
                    and earlier.word_count >= FULL_SENTENCE_WORDS
                    and (redundant := _find_redundant(earlier, paragraph))
                ):
                    redundant.role = Role.REPEATED
                    break
        same_opening.append(paragraph)


def _find_redundant(above: Paragraph, below: Paragraph) -> Paragraph | None:
    """Return the paragraph that adds nothing to the other, or None if each adds something."""
    shorter, longer = (above, below) if above.word_count < below.word_count else (below, above)
    if longer.word_count < LONG_PARAGRAPH_WORDS and (
        patterns.is_table_row(longer.text) or patterns.is_name_list(longer.text)
    ):
        return None  # rows of recipes and results repeat with small differences
    if longer.tokens[: shorter.word_count] == shorter.tokens:
        return shorter
    if set(text.extract_numbers(above.text)) != set(text.extract_numbers(below.text)):
        return None
    similarity = fuzz.ratio(" ".join(above.tokens), " ".join(below.tokens), score_cutoff=SAME_PARAGRAPH_RATIO)
    return below if similarity and set(map(text.stem, above.tokens)) >= set(map(text.stem, below.tokens)) else None


def _mark_split_dateline(paragraphs: Sequence[Paragraph]) -> Dateline | None:
    """Mark a dateline that is split over paragraphs above the report (place, agency, dash); return it parsed."""
    for i, paragraph in enumerate(paragraphs[:DATELINE_LINES]):
        if paragraph.is_prose:
            break
        if paragraph.role is Role.BODY and (
            match := patterns.parse_split_dateline([part.text for part in paragraphs[i : i + 3]])
        ):
            for part in paragraphs[i : i + match.line_count]:
                part.role = Role.DATELINE
            return match.dateline
    return None


def _cut_dateline(paragraphs: Sequence[Paragraph], removed: list[Removed]) -> Dateline | None:
    """Cut the dateline off the first of the leading paragraphs that has one; return it parsed."""
    for paragraph in [paragraph for paragraph in paragraphs if paragraph.role is Role.BODY][:DATELINE_PARAGRAPHS]:
        if match := patterns.parse_dateline(paragraph.text):
            paragraph.remove_prefix(len(match.prefix))
            removed.append(Removed(kind=Role.DATELINE, text=match.dateline.text))
            return match.dateline
        if paragraph.is_prose:
            break
    return None


def _cut_credit(paragraphs: Sequence[Paragraph], removed: list[Removed]) -> str | None:
    """Return the credit: the text of a credit paragraph, else an agency's name cut off the end of the report."""
    body = [paragraph for paragraph in paragraphs if paragraph.role is Role.BODY]
    if (
        len(body) > HEADLINE_LIST_LINES
        and not body[-1].ends_sentence
        and body[-2].is_prose
        and patterns.is_signature(body[-1].text)
    ):
        body.pop().role = Role.CREDIT
    credit = next((paragraph.text for paragraph in paragraphs if paragraph.role is Role.CREDIT), None)
    if body and (trailing := patterns.split_trailing_credit(body[-1].text)):
        remaining, name = trailing
        body[-1].text = remaining
        removed.append(Removed(kind=Role.CREDIT, text=name))
        credit = credit or name
    return credit
