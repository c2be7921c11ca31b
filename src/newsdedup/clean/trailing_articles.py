"""Other articles that follow the report on its page: find the first boundary after which nothing belongs to the report.

With infinite scrolling, or a box on another subject below the article, the other text begins with a headline, a label,
or a dateline in the middle of the page. That alone proves nothing, since reports have subheads. So all the text after
such a paragraph is compared, window by window, with the title and the first paragraphs of the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from newsdedup import thresholds
from newsdedup.arrays import Flags
from newsdedup.clean import patterns
from newsdedup.clean.paragraphs import PageStems, Paragraph
from newsdedup.models import Role

_REPORT_ROLES = frozenset({Role.BODY, Role.TITLE})
_HEADLINE_ROLES = frozenset({Role.BODY, Role.PROMO, Role.RELATED_HEADLINES})


def mark_other_articles(paragraphs: Sequence[Paragraph], stems: PageStems) -> None:
    """Give the role `other_article` to all body paragraphs from the first boundary on, if there is one."""
    prose = [i for i, paragraph in enumerate(paragraphs) if paragraph.is_body and paragraph.is_prose]
    if len(prose) < thresholds.TRAILING_HEAD_PARAGRAPHS + thresholds.TRAILING_REST_PARAGRAPHS:
        return
    first = prose[thresholds.TRAILING_HEAD_PARAGRAPHS - 1] + 1
    words_left = _count_words_left(paragraphs)
    candidates = [i for i in range(first, prose[-1]) if _may_start_article(paragraphs[i], words_left[i])]
    if not candidates:
        return
    page = _LeadTopic(paragraphs, stems, prose[: thresholds.TRAILING_HEAD_PARAGRAPHS], words_left)
    boundaries = (start for candidate in candidates if (start := page.find_boundary(candidate)) is not None)
    for paragraph in paragraphs[next(boundaries, len(paragraphs)) :]:
        if paragraph.is_body:
            paragraph.mark(Role.OTHER_ARTICLE)


def _count_words_left(paragraphs: Sequence[Paragraph]) -> list[int]:
    """Return for each paragraph the number of body words from it to the end of the page."""
    body_words = (paragraph.word_count if paragraph.is_body else 0 for paragraph in reversed(paragraphs))
    return list(accumulate(body_words))[::-1]


def _may_start_article(paragraph: Paragraph, words_left: int) -> bool:
    """Return whether another article or a box may start with the paragraph: a headline, a label or a dateline.

    `words_left` is the number of body words from there to the end. The cheap conditions come first, because they
    rule out most paragraphs.
    """
    is_long_sentence = paragraph.ends_sentence and paragraph.word_count > thresholds.HEADLINE_WORDS[1]
    if is_long_sentence or words_left < thresholds.TRAILING_MIN_WORDS:
        return _has_dateline(paragraph)
    return _has_dateline(paragraph) or _is_headline(paragraph) or _is_label(paragraph)


def _has_dateline(paragraph: Paragraph) -> bool:
    return (
        paragraph.may_have_dateline
        and paragraph.is_body
        and paragraph.is_prose
        and paragraph.ends_sentence
        and patterns.parse_dateline(paragraph.text) is not None
    )


def _is_headline(paragraph: Paragraph) -> bool:
    return (
        paragraph.role in _HEADLINE_ROLES
        and paragraph.is_unstopped_headline
        and paragraph.text[0] not in "([*"
        and (paragraph.is_body or patterns.match_role(paragraph.text) is None)
    )


def _is_label(paragraph: Paragraph) -> bool:
    return (
        paragraph.role in _HEADLINE_ROLES
        and 0 < paragraph.word_count < thresholds.HEADLINE_WORDS[0]
        and not paragraph.ends_sentence
        and not paragraph.text[0].islower()
        and paragraph.text[-1] not in ",;–—-"
        and not patterns.is_list_item(paragraph.text)
    )


class _LeadTopic:
    """The key stems of a page's title and first paragraphs, to decide whether the text further down is on topic."""

    def __init__(
        self, paragraphs: Sequence[Paragraph], stems: PageStems, lead: Sequence[int], words_left: Sequence[int]
    ) -> None:
        self._paragraphs = paragraphs
        self._stems = stems
        self._words_left = words_left
        is_rare = stems.idf >= thresholds.TRAILING_MIN_KEY_IDF
        self._lead_mask = is_rare & (stems.title_mask | stems.mask_of(lead))
        self._opening_end = lead[1]
        self._opening_mask = is_rare & (stems.title_mask | stems.mask_of(lead[:2]))

    def find_boundary(self, index: int) -> int | None:
        """Return the index from which on all text is off topic: `index` or the headline above it; None if unsure."""
        headline = self._find_headline_above(index) if _has_dateline(self._paragraphs[index]) else None
        if headline is not None:
            return headline if self._is_off_topic_below_headline(headline) else None
        is_long_enough = self._words_left[index] >= thresholds.TRAILING_MIN_WORDS
        return index if is_long_enough and self._is_off_topic(index) and self._is_cohesive_before(index) else None

    def _is_off_topic_below_headline(self, start: int) -> bool:
        """Return whether the text from a headline with a dateline on is off topic: it needs to be so less strictly."""
        windows = self._iterate_windows(start)
        first = next(windows)
        return (
            self._lead_share(first) <= thresholds.DATELINED_MAX_LEAD_OVERLAP
            and all(self._lead_share(window) <= thresholds.DATELINED_MAX_LEAD_RETURN for window in windows)
            and self._stems.share_covered(first, self._mask_before(start)) <= thresholds.DATELINED_MAX_PAGE_OVERLAP
        )

    def _is_off_topic(self, start: int) -> bool:
        windows = []
        for window in self._iterate_windows(start):  # lazily: for most the first window decides
            if self._lead_share(window) > thresholds.TRAILING_MAX_LEAD_OVERLAP:
                return False
            windows.append(window)
        before = self._mask_before(start)
        return all(self._stems.share_covered(w, before) <= thresholds.TRAILING_MAX_PAGE_OVERLAP for w in windows)

    def _lead_share(self, window: Flags) -> float:
        return self._stems.share_covered(self._lead_mask, window)

    def _mask_before(self, start: int) -> Flags:
        """Return the mask of the stems in the title and in the report before `start`."""
        report = (i for i in range(start) if self._paragraphs[i].role in _REPORT_ROLES)
        return self._stems.title_mask | self._stems.mask_of(report)

    def _iterate_windows(self, start: int) -> Iterator[Flags]:
        """Yield the stem mask of windows from `start` on, of TRAILING_WINDOW_WORDS words or more.

        A short remainder at the end is part of the last window: a few words prove nothing.
        """
        words_left = self._words_left[start]
        window: list[int] = []
        words = 0
        for i, paragraph in enumerate(self._paragraphs[start:], start):
            if not paragraph.is_body:
                continue
            window.append(i)
            words += paragraph.word_count
            words_left -= paragraph.word_count
            if words >= thresholds.TRAILING_WINDOW_WORDS and words_left >= thresholds.TRAILING_WINDOW_WORDS / 2:
                yield self._stems.mask_of(window)
                window, words = [], 0
        if words:
            yield self._stems.mask_of(window)

    def _is_cohesive_before(self, start: int) -> bool:
        """Return whether the text before `start` is one report, on the topic of its opening to the end.

        Letters, digests and essays are not, so nothing is cut after them.
        """
        window_start = self._words_left[start] + thresholds.TRAILING_WINDOW_WORDS
        last_window = [
            i for i in range(start) if self._paragraphs[i].is_body and self._words_left[i + 1] < window_start
        ]
        after_opening = self._stems.mask_of(range(self._opening_end + 1, start))
        shares = (
            self._stems.share_covered(self._opening_mask, after_opening),
            self._lead_share(self._stems.mask_of(last_window)),
        )
        return min(shares) >= thresholds.TRAILING_MIN_HEAD_COHESION

    def _find_headline_above(self, index: int) -> int | None:
        """Return the index of the headline above the dateline in paragraph `index`, or None if there is none.

        Decks, the time of the last update and the desk may be between the two. The speaker labels of a transcript
        (`SMITH: ...`) look like datelines but recur nearby, so they do not count.
        """
        dateline = patterns.parse_dateline(self._paragraphs[index].text)
        nearby = self._paragraphs[
            max(index - thresholds.SPEAKER_TURN_LINES, 0) : index + thresholds.SPEAKER_TURN_LINES + 1
        ]
        if dateline is None or sum(paragraph.text.startswith(dateline.prefix) for paragraph in nearby) > 1:
            return None
        headline = None
        for i in range(index - 1, max(index - 1 - thresholds.DATELINED_DECK_LINES, 0), -1):
            if _is_headline(self._paragraphs[i]) and self._paragraphs[i].word_count > thresholds.HEADLINE_WORDS[0]:
                headline = i
            elif headline is not None:
                break
        return headline
