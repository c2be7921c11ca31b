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
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, compress, dropwhile, groupby, pairwise

from rapidfuzz import fuzz

from newsdedup import text, thresholds
from newsdedup.clean import patterns
from newsdedup.clean.edit_marks import choose_edit, keep_withdrawals, mark_notes, split_title_marks
from newsdedup.clean.line_features import compute_line_features
from newsdedup.clean.outlet_boilerplate import NO_RECURRING_LINES, RecurringLines
from newsdedup.clean.page_speech import mark_page_speech
from newsdedup.clean.paragraphs import PageStems, Paragraph, RunningText
from newsdedup.clean.titles import cut_page_names, infer_title
from newsdedup.clean.trailing_articles import mark_other_articles
from newsdedup.hashing import Vocabulary
from newsdedup.idf import IdfTable
from newsdedup.markup import count_markup, to_plain_text
from newsdedup.models import Article, Dateline, Edit, Removed, Report, Role

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
    plain_texts = [to_plain_text(article.text) for article in articles]
    pages = [text.split_blocks(plain_text) for plain_text in plain_texts]
    lines = [line for page in pages for block in page for line in block]
    features = compute_line_features(lines, vocabulary or _shared_vocabulary())
    paragraphs = list(
        map(
            Paragraph,
            lines,
            [block_index for page in pages for block_index, block in enumerate(page) for _ in block],
            features.word_counts,
            features.ends_sentence,
            features.hints,
            features.may_have_dateline,
            features.is_title_case,
            features.opening_hashes,
        )
    )
    bounds = pairwise(accumulate((sum(map(len, page)) for page in pages), initial=0))
    return [
        _build_report(
            article,
            paragraphs[start:end],
            PageStems(features, range(start, end), idf_table),
            recurring_lines,
            count_markup(article.text) if plain_text != article.text else 0,
        )
        for article, plain_text, (start, end) in zip(articles, plain_texts, bounds, strict=True)
    ]


@cache
def _shared_vocabulary() -> Vocabulary:
    return Vocabulary()


def _build_report(
    article: Article,
    paragraphs: Sequence[Paragraph],
    stems: PageStems,
    recurring_lines: RecurringLines,
    markup_count: int,
) -> Report:
    removed_parts: list[Removed] = []
    edits = mark_notes(paragraphs)
    title = _mark_title(article, paragraphs, removed_parts, edits)
    dateline = _mark_split_dateline(paragraphs)
    _mark_patterns(paragraphs)
    keep_withdrawals(paragraphs, edits)
    _mark_metadata_lists(paragraphs)
    byline = _mark_byline(paragraphs)
    _mark_recurring_lines(article, paragraphs, recurring_lines)
    stems.title = title
    _mark_headlines(paragraphs, stems)
    mark_page_speech(paragraphs, stems)
    mark_other_articles(paragraphs, stems)
    _mark_repeated_within(paragraphs)
    summary_count = _count_summaries(paragraphs, stems)
    dateline = dateline or _cut_dateline(paragraphs, summary_count, removed_parts)
    credit = _cut_credit(paragraphs, removed_parts)
    _cut_post_links(paragraphs, removed_parts)
    body = [p for p in paragraphs if p.is_body]
    sentence_lists = [text.split_sentences(p.text, article.language) for p in body]
    body_paragraphs = tuple(tuple(sentences) for sentences in sentence_lists if sentences)
    page_words = sum(p.word_count for p in paragraphs) + markup_count
    return Report(
        article=article,
        title=infer_title(body_paragraphs) if title is None else title,
        title_inferred=not article.title,
        paragraphs=body_paragraphs,
        removed=(*(Removed(kind=p.role, text=p.text) for p in paragraphs if not p.is_body), *removed_parts),
        dateline=dateline,
        byline=byline or article.author,
        credit=credit,
        edit=choose_edit(edits),
        summary_count=summary_count,
        page_share=round(sum(p.word_count for p in body) / page_words, 4) if page_words else 0.0,
    )


# If one text is more than this many times as long as another, their ratio is below SAME_TITLE_RATIO.
_MAX_TITLE_LENGTH_RATIO = 200 / thresholds.SAME_TITLE_RATIO - 1 + 1e-6


def _mark_title(
    article: Article, paragraphs: Sequence[Paragraph], removed: list[Removed], edits: list[Edit]
) -> str | None:
    """Mark the paragraph that repeats the title; return the title, or a headline above the report if there is none.

    The marks before the title and the names around it go to `removed`, and the edits that they name to `edits`.
    """
    first_prose = next((i for i, p in enumerate(paragraphs) if p.is_prose), len(paragraphs))
    if article.title:
        folded = text.normalise_whitespace(to_plain_text(article.title))
        unmarked, marks = split_title_marks(folded)
        unnamed, names = cut_page_names(unmarked, article, paragraphs)
        title, inner_marks = split_title_marks(unnamed) if names else (unnamed, [])
        edits += (*marks, *inner_marks)
        removed += [*(Removed(kind=Role.TITLE, text=mark.text) for mark in (*marks, *inner_marks)), *names]
        all_title_words = {text.normalise_text([words]) for words in (folded, unmarked, title)}
        for paragraph in paragraphs[: first_prose + 1]:
            if any(_repeats_title(paragraph, title_words) for title_words in all_title_words):
                paragraph.mark(Role.TITLE)
        for paragraph in paragraphs[first_prose + 1 :]:
            if not paragraph.ends_sentence and " ".join(paragraph.tokens) in all_title_words:
                paragraph.mark(Role.TITLE)
        return title
    if 0 < first_prose < len(paragraphs):
        first_line = paragraphs[0]
        same_block = first_line.block == paragraphs[first_prose].block or first_prose == 1
        if (
            first_line.is_body
            and first_line.is_open_headline
            and same_block
            and patterns.match_role(first_line.text) is None
        ):
            first_line.mark(Role.TITLE)
            return first_line.text
    return None


def _repeats_title(paragraph: Paragraph, title_words: str) -> bool:
    if text.min_normalised_length(paragraph.text) > _MAX_TITLE_LENGTH_RATIO * len(title_words):
        return False
    words = " ".join(paragraph.tokens)
    if words == title_words:
        return words != ""
    is_long = thresholds.SAME_TITLE_MIN_CHARS < len(words) <= thresholds.RATIO_MAX_CHARS
    if is_long and fuzz.ratio(words, title_words, score_cutoff=thresholds.SAME_TITLE_RATIO):
        return True
    is_open = paragraph.word_count >= thresholds.HEADLINE_WORDS[0] and not paragraph.ends_sentence
    return is_open and title_words.startswith(words + " ")


def _mark_patterns(paragraphs: Sequence[Paragraph]) -> None:
    """Mark paragraphs by wording or shape, and everything from a comments heading below the report to the end."""
    prose = [i for i, p in enumerate(paragraphs) if p.is_prose]
    last_prose = prose[-thresholds.BIO_LAST_PARAGRAPHS :]
    bio_start = max(len(paragraphs) // 2, last_prose[0] if len(last_prose) == thresholds.BIO_LAST_PARAGRAPHS else 0)
    for i, paragraph in enumerate(paragraphs):
        if not paragraph.is_body:
            continue
        if paragraph.hints and (role := patterns.match_role(paragraph.text, paragraph.hints)) is not None:
            is_inside = bool(prose) and prose[0] < i < prose[-1]
            if not (is_inside and paragraph.ends_sentence and patterns.is_report_sentence(paragraph.text, role)):
                paragraph.mark(role)
        elif not paragraph.ends_sentence and patterns.has_glued_date(paragraph.text):
            paragraph.mark(Role.RELATED_HEADLINES)
        elif not (prose and prose[0] < i < prose[-1]) and patterns.is_date(paragraph.text):
            paragraph.mark(Role.BOILERPLATE)
        elif i >= bio_start and patterns.is_bio(paragraph.text):
            paragraph.mark(Role.BYLINE)
    _mark_menu(paragraphs, prose)
    below_report = paragraphs[prose[0] + 1 :] if prose else ()
    for paragraph in dropwhile(lambda p: not _is_comments_heading(p), below_report):
        paragraph.mark(Role.BOILERPLATE)


def _is_comments_heading(paragraph: Paragraph) -> bool:
    return bool(paragraph.hints & patterns.COMMENTS_HINT) and patterns.is_comments_heading(paragraph.text)


def _mark_menu(paragraphs: Sequence[Paragraph], prose: Sequence[int]) -> None:
    """Mark a menu above the report: consecutive paragraphs of one to three words without numbers or a full stop.

    It takes three of them, or two in a separate block.
    """
    above = [p for p in paragraphs[: prose[0]] if p.is_body] if prose else []
    for is_label, run in groupby(above, key=_is_menu_label):
        labels = list(run)
        own_block = labels[-1].block != paragraphs[prose[0]].block
        min_labels = thresholds.MENU_BLOCK_MIN_LINES if own_block else thresholds.HEADLINE_LIST_LINES
        if is_label and len(labels) >= min_labels:
            for paragraph in labels:
                paragraph.mark(Role.BOILERPLATE)


def _is_menu_label(paragraph: Paragraph) -> bool:
    is_short = paragraph.word_count <= thresholds.MENU_LABEL_MAX_WORDS and not paragraph.ends_sentence
    return is_short and not text.extract_numbers(paragraph.text)


def _mark_metadata_lists(paragraphs: Sequence[Paragraph]) -> None:
    """Mark lists of what a page is filed under, with their labels, at its head and its foot."""
    prose = [i for i, paragraph in enumerate(paragraphs) if paragraph.is_prose and paragraph.is_body]
    inside = range(prose[1], prose[-1]) if len(prose) > 2 else ()
    for i, paragraph in enumerate(paragraphs):
        if paragraph.is_prose or i in inside or not patterns.is_metadata_label(paragraph.text):
            continue
        paragraph.mark(Role.BOILERPLATE)
        for entry in paragraphs[i + 1 : i + 1 + thresholds.METADATA_MAX_ENTRIES]:
            if entry.ends_sentence or not 0 < entry.word_count <= thresholds.METADATA_ENTRY_WORDS:
                break
            entry.mark(Role.BOILERPLATE)


def _mark_byline(paragraphs: Sequence[Paragraph]) -> str | None:
    """Mark bylines and return the names in the first. Only the first running text of a page can be a byline."""
    byline = None
    is_above_report = True
    for paragraph in paragraphs:
        if not paragraph.is_body:
            continue
        if (is_above_report or not paragraph.is_prose) and (names := patterns.parse_byline(paragraph.text)):
            paragraph.mark(Role.BYLINE)
            byline = byline or names
        elif paragraph.is_prose:
            is_above_report = False
    return byline


def _mark_recurring_lines(article: Article, paragraphs: Sequence[Paragraph], recurring_lines: RecurringLines) -> None:
    """Mark paragraphs that recur on unlike pages of the outlet, see docs/design-notes.md 4.

    A recurring paragraph is marked if it belongs to the leading or trailing run of removed paragraphs, or if it
    contains neither a number nor a capitalised token.
    """
    outlet = article.outlet
    if outlet is None or not recurring_lines.article_counts:
        return
    is_kept = [p.is_body and not recurring_lines.contains(outlet, p.text, p.word_count) for p in paragraphs]
    kept = list(compress(range(len(paragraphs)), is_kept))
    for i, paragraph in enumerate(paragraphs):
        if paragraph.is_body and not is_kept[i]:
            is_inside = kept and kept[0] < i < kept[-1]
            if not (is_inside and _has_facts(paragraph.text)):
                paragraph.mark(Role.BOILERPLATE)


def _has_facts(line: str) -> bool:
    return bool(text.extract_numbers(line) or text.extract_capitalised_tokens(line))


def _mark_headlines(paragraphs: Sequence[Paragraph], stems: PageStems) -> None:
    """Mark lists of other articles' headlines, and single ones (promos) between paragraphs, by structure.

    Does nothing on a page without full sentences, where a missing full stop means nothing (Thai, tables, wires).
    """
    full_sentences = [i for i, p in enumerate(paragraphs) if p.is_body and p.is_prose and p.ends_sentence]
    if not full_sentences:
        return
    _mark_headline_blocks(paragraphs)
    full_sentences = [i for i in full_sentences if paragraphs[i].is_body]
    if full_sentences:
        running_text = RunningText(paragraphs, stems)
        for run in _find_open_runs(paragraphs):
            _mark_headline_run(paragraphs, run, (full_sentences[0], full_sentences[-1]), running_text)


def _mark_headline_run(
    paragraphs: Sequence[Paragraph], run: Sequence[int], report_bounds: tuple[int, int], running_text: RunningText
) -> None:
    """Mark the headlines of other articles in a run of open paragraphs (see `_find_open_runs`).

    `report_bounds` are the indices of the first and the last full sentence of the report.
    """
    first, last = report_bounds
    is_inside = first < run[0] < last
    is_after = not is_inside and run[-1] >= first
    members = [paragraphs[i] for i in run]
    headlines = [i for i in run if paragraphs[i].is_headline_like]
    open_headlines = [i for i in headlines if paragraphs[i].is_open_headline]
    mean_words = sum(p.word_count for p in members) / len(run)
    with_digits = sum(any(map(str.isdigit, p.text)) for p in members)
    if mean_words < thresholds.FULL_SENTENCE_WORDS and with_digits > thresholds.TABLE_MIN_NUMBER_SHARE * len(run):
        return  # rows of a table
    if is_inside and _is_labelled_list([p.text for p in members]):
        return
    if (
        len(open_headlines) >= thresholds.HEADLINE_LIST_LINES
        and len(headlines) >= thresholds.HEADLINE_RUN_MIN_SHARE * len(run)
        and mean_words >= thresholds.HEADLINE_MIN_MEAN_WORDS
    ):
        # After the report a list of headlines is removed even if it is on topic. Elsewhere, or if its items have list
        # markers, it may be a list within the report, so it must be off topic.
        is_item_list = sum(patterns.is_list_item(p.text) for p in members) > thresholds.ITEM_LIST_MIN_SHARE * len(run)
        min_off_topic = thresholds.HEADLINE_RUN_MIN_OFF_TOPIC * len(headlines)
        if (is_after and not is_item_list) or sum(map(running_text.is_off_topic, headlines)) >= min_off_topic:
            for paragraph in members:
                paragraph.mark(Role.RELATED_HEADLINES)
        return
    own_block = members[0].block != paragraphs[last].block
    for i in open_headlines:
        paragraph = paragraphs[i]
        if is_inside:
            min_words = thresholds.PROMO_MIN_WORDS
            is_promo = len(run) <= thresholds.PROMO_MAX_LINES and not _is_introduced(paragraphs, i)
            is_promo = is_promo and paragraph.text.rstrip("\"'”’» ")[-1:] not in {".", "。"}  # a sentence full of names
        else:
            min_words = thresholds.HEADLINE_AFTER_REPORT_MIN_WORDS
            is_promo = is_after and (own_block or paragraph.is_title_case)
        is_promo = is_promo and paragraph.word_count >= min_words and paragraph.is_unstopped_headline
        if is_promo and running_text.is_off_topic(i):
            paragraph.mark(Role.RELATED_HEADLINES if is_after and own_block else Role.PROMO)


def _is_labelled_list(lines: Sequence[str]) -> bool:
    """Return whether most lines begin with a label of their own and a colon: a list of winners, of measures."""
    labels = [line.partition(":")[0] for line in lines if ":" in line]
    short_labels = {label for label in labels if len(label.split()) <= thresholds.LIST_LABEL_MAX_WORDS}
    return len(short_labels) >= max(thresholds.HEADLINE_LIST_LINES, thresholds.LABELLED_LIST_MIN_SHARE * len(lines))


def _find_open_runs(paragraphs: Sequence[Paragraph]) -> list[list[int]]:
    """Return the runs of consecutive body paragraphs that are not running text, as indices.

    Removed paragraphs are skipped. A short full sentence is part of the report, so it ends a run, unless it is a
    question or exclamation that could be a headline. A run does not start with such a question or exclamation.
    """
    runs: list[list[int]] = [[]]
    for i, paragraph in enumerate(paragraphs):
        if not paragraph.is_body:
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
    blocks: dict[int, list[Paragraph]] = {}
    for paragraph in paragraphs:
        if paragraph.is_body:
            blocks.setdefault(paragraph.block, []).append(paragraph)
    prose_blocks = {p.block for p in paragraphs if p.is_prose and p.is_body}
    for block, members in blocks.items():
        if len(members) < thresholds.HEADLINE_LIST_LINES or prose_blocks <= {block}:
            continue
        headlines = [p for p in members if p.is_headline_like]
        prose_count = sum(p.is_prose and not p.is_headline_like for p in members)
        if (
            sum(p.is_open_headline for p in headlines) >= thresholds.HEADLINE_LIST_LINES
            and len(headlines) >= thresholds.HEADLINE_BLOCK_MIN_SHARE * len(members)
            and prose_count <= thresholds.HEADLINE_BLOCK_MAX_PROSE_SHARE * len(members)
            and sum(p.word_count for p in headlines) / len(headlines) >= thresholds.HEADLINE_MIN_MEAN_WORDS
        ):
            for paragraph in members:
                paragraph.mark(Role.RELATED_HEADLINES)


def _mark_repeated_within(paragraphs: Sequence[Paragraph]) -> None:
    """Mark a paragraph that the page prints twice: verbatim (a pull quote), nearly verbatim, or as a teaser.

    If one paragraph begins with all the words of another, the shorter one is marked: above the longer one it is a
    summary, below it an excerpt. Nearly verbatim means a ratio of at least SAME_PARAGRAPH_RATIO and the same numbers.
    Of two copies, that in the report is kept (see `_find_teaser`).
    """
    candidates = [p for p in paragraphs if p.is_body and p.word_count >= thresholds.HEADLINE_WORDS[0]]
    openings = Counter(p.opening_hash for p in candidates)
    if len(openings) == len(candidates):
        return
    by_opening: dict[tuple[str, ...], list[Paragraph]] = {}
    copies: dict[tuple[str, ...], Paragraph] = {}
    part_words = _measure_parts(paragraphs)
    for paragraph in candidates:
        if openings[paragraph.opening_hash] == 1:
            continue
        words = tuple(paragraph.tokens)
        same_opening = by_opening.setdefault(words[: thresholds.HEADLINE_WORDS[0]], [])
        copy = copies.get(words)
        if copy is not None and copy.is_body:
            redundant = _find_teaser(copy, paragraph, part_words)
            redundant.mark(Role.REPEATED)
            if redundant is paragraph:
                continue
        else:
            nearest = same_opening[-thresholds.REPEATED_MAX_COMPARED :]
            pairs = (_find_redundant(earlier, paragraph) for earlier in nearest if earlier.is_body)
            if shorter := next(filter(None, pairs), None):
                shorter.mark(Role.REPEATED)
        same_opening.append(paragraph)
        copies[words] = paragraph


def _count_summaries(paragraphs: Sequence[Paragraph], stems: PageStems) -> int:
    """Return how many headings and summaries above the report say no more than the paragraphs below them."""
    body = [i for i, paragraph in enumerate(paragraphs) if paragraph.is_body]
    if entry_count := _count_summary_entries([paragraphs[i] for i in body]):
        covering = stems.mask_of(body[entry_count:])
        if stems.share_covered(stems.mask_of(body[:entry_count]), covering) >= thresholds.SUMMARY_LIST_MIN_COVERAGE:
            return entry_count
    for position, i in enumerate(body[: thresholds.SUMMARY_PARAGRAPHS]):
        below = [j for j in body[position + 1 :] if paragraphs[j].is_prose or _has_dateline(paragraphs[j])][:2]
        if len(below) < 2 or not _is_summary(paragraphs, i, below, stems):
            return position
    return min(len(body), thresholds.SUMMARY_PARAGRAPHS)


def _count_summary_entries(body: Sequence[Paragraph]) -> int:
    """Return how many paragraphs above the report are a list of its main points, by their form.

    They are list entries, or follow a label such as `Key points` and have no end.
    """
    label_chars = patterns.find_summary_label(body[0].text) if body else 0
    is_labelled = label_chars > 0
    count = int(is_labelled)
    for paragraph in body[count : thresholds.SUMMARY_MAX_ENTRIES]:
        if not patterns.is_list_item(paragraph.text) and (not is_labelled or paragraph.ends_sentence):
            break
        count += 1
    is_list = count >= thresholds.SUMMARY_MIN_ENTRIES and sum(p.is_prose for p in body[count:]) > 1
    return count if is_list and not patterns.is_list_item(body[count].text) else 0


def _has_dateline(paragraph: Paragraph) -> bool:
    """Return whether a paragraph opens with a dateline, with an agency, a date or a dash: no name of a speaker."""
    match = patterns.parse_dateline(paragraph.text) if paragraph.may_have_dateline else None
    if match is None:
        return False
    opening = match.dateline.text
    return match.dateline.agency is not None or any(map(str.isdigit, opening)) or opening[-1:] in "-–—"


def _is_summary(paragraphs: Sequence[Paragraph], index: int, below: Sequence[int], stems: PageStems) -> bool:
    """Return whether a paragraph is a headline that the two below cover, or a summary that the next one covers."""
    paragraph, lead = paragraphs[index], paragraphs[below[0]]
    if paragraph.word_count < thresholds.HEADLINE_WORDS[0]:
        return False
    mask = stems.mask_of([index])
    if not paragraph.ends_sentence:
        return stems.share_covered(mask, stems.mask_of(below)) >= thresholds.SUMMARY_HEADLINE_MIN_COVERAGE
    if lead.word_count > thresholds.SUMMARY_MAX_LEAD_WORDS:
        return False
    opens_report = _has_dateline(lead) or not all(p.is_body for p in paragraphs[index + 1 : below[0]])
    min_coverage = thresholds.SUMMARY_DATELINE_MIN_COVERAGE if opens_report else thresholds.SUMMARY_MIN_COVERAGE
    several_sentences = len(text.split_sentences(paragraph.text)) > 1
    covering = range(index + 1, len(paragraphs)) if _has_dateline(lead) else below if several_sentences else below[:1]
    return stems.share_covered(mask, stems.mask_of(covering)) >= min_coverage


def _measure_parts(paragraphs: Sequence[Paragraph]) -> dict[int, int]:
    """Return the number of words of the part of the page that each paragraph is in, by `id`.

    Lines of the page part it: the title, credits, captions. The part with the most words is the report.
    """
    parts: list[list[Paragraph]] = [[]]
    for paragraph in paragraphs:
        if paragraph.is_body:
            parts[-1].append(paragraph)
        else:
            parts.append([])
    sizes = [sum(paragraph.word_count for paragraph in part) for part in parts]
    return {id(paragraph): size for part, size in zip(parts, sizes, strict=True) for paragraph in part}


def _find_teaser(above: Paragraph, below: Paragraph, part_words: Mapping[int, int]) -> Paragraph:
    """Return the copy that is not in the report: one without an end, a list entry, or that in the smaller part."""
    if above.ends_sentence != below.ends_sentence:
        return above if below.ends_sentence else below
    if patterns.is_list_item(above.text) != patterns.is_list_item(below.text):
        return above if patterns.is_list_item(above.text) else below
    return above if part_words[id(below)] > part_words[id(above)] else below


def _find_redundant(above: Paragraph, below: Paragraph) -> Paragraph | None:
    """Return the paragraph that adds nothing to the other, or None if each adds something."""
    shorter, longer = (above, below) if above.word_count < below.word_count else (below, above)
    if shorter.word_count < thresholds.FULL_SENTENCE_WORDS:
        return None
    if longer.word_count < thresholds.LONG_PARAGRAPH_WORDS and patterns.is_table_row(longer.text):
        return None  # rows of recipes and results repeat with small differences
    if longer.tokens[: shorter.word_count] == shorter.tokens:
        is_cut_off = shorter.ends_sentence and not longer.ends_sentence and longer is above
        few_words = longer.word_count - shorter.word_count < thresholds.HEADLINE_WORDS[0]
        return longer if is_cut_off and few_words else shorter
    words_above, words_below = above.wording, below.wording
    if words_above.numbers != words_below.numbers or not words_above.stems >= words_below.stems:
        return None
    if len(words_below.normalised) > thresholds.RATIO_MAX_CHARS:
        return None
    cutoff = thresholds.SAME_PARAGRAPH_RATIO
    return below if fuzz.ratio(words_above.normalised, words_below.normalised, score_cutoff=cutoff) else None


def _mark_split_dateline(paragraphs: Sequence[Paragraph]) -> Dateline | None:
    """Mark a dateline that is split over paragraphs above the report (place, agency, dash); return it parsed."""
    for i, paragraph in enumerate(paragraphs[: thresholds.DATELINE_LINES]):
        if paragraph.is_prose:
            break
        match = patterns.parse_split_dateline([p.text for p in paragraphs[i : i + 3]]) if paragraph.is_body else None
        if match:
            for part in paragraphs[i : i + match.line_count]:
                part.mark(Role.DATELINE)
            return match.dateline
    return None


def _cut_dateline(paragraphs: Sequence[Paragraph], summary_count: int, removed: list[Removed]) -> Dateline | None:
    """Cut the dateline off the first of the leading paragraphs that has one; return it parsed.

    Below the first running text and the summaries, only one with an agency, a date or a dash is one for certain.
    """
    body = [p for p in paragraphs if p.is_body]
    last = max(next((i for i, p in enumerate(body) if p.is_prose), len(body)), summary_count)
    for i, paragraph in enumerate(body[: max(thresholds.DATELINE_PARAGRAPHS, summary_count + 1)]):
        match = patterns.parse_dateline(paragraph.text) if i <= last or _has_dateline(paragraph) else None
        if match:
            paragraph.remove_prefix(len(match.prefix))
            removed.append(Removed(kind=Role.DATELINE, text=match.dateline.text))
            return match.dateline
    return None


def _cut_post_links(paragraphs: Sequence[Paragraph], removed: list[Removed]) -> None:
    """Cut the short links off the ends of embedded posts."""
    for paragraph in paragraphs:
        if paragraph.is_body and (link := patterns.find_post_link(paragraph.text)):
            paragraph.text = paragraph.text[: -len(link)].rstrip()
            removed.append(Removed(kind=Role.BOILERPLATE, text=link.strip()))


def _cut_credit(paragraphs: Sequence[Paragraph], removed: list[Removed]) -> str | None:
    """Return the credit: the text of a credit paragraph, else an agency's name cut off the end of the report."""
    body = [p for p in paragraphs if p.is_body]
    has_last_line = len(body) > thresholds.HEADLINE_LIST_LINES and body[-2].is_prose and not body[-1].ends_sentence
    if has_last_line and patterns.is_signature(body[-1].text):
        body.pop().mark(Role.CREDIT)
    credit = next((p.text for p in paragraphs if p.role is Role.CREDIT), None)
    if body and (trailing := patterns.split_trailing_credit(body[-1].text)):
        body[-1].text, name = trailing
        removed.append(Removed(kind=Role.CREDIT, text=name))
        credit = credit or name
    return credit
