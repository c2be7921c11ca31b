"""Other articles that follow the report on its page: find the first boundary after which nothing belongs to the report.

With infinite scrolling, or a box on another subject below the article, the other text begins with a headline, a label,
or a dateline in the middle of the page. That alone proves nothing, since reports have subheads. So all the text after
such a paragraph is compared, window by window, with the title and the first paragraphs of the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from newsdedup.clean import patterns
from newsdedup.clean.line_features import Flags
from newsdedup.clean.paragraphs import PageStems, Paragraph
from newsdedup.models import Role
from newsdedup.thresholds import (
    DATELINED_DECK_LINES,
    DATELINED_MAX_LEAD_OVERLAP,
    DATELINED_MAX_LEAD_RETURN,
    DATELINED_MAX_PAGE_OVERLAP,
    HEADLINE_WORDS,
    SPEAKER_TURN_LINES,
    TRAILING_HEAD_PARAGRAPHS,
    TRAILING_MAX_LEAD_OVERLAP,
    TRAILING_MAX_PAGE_OVERLAP,
    TRAILING_MIN_HEAD_COHESION,
    TRAILING_MIN_KEY_IDF,
    TRAILING_MIN_WORDS,
    TRAILING_REST_PARAGRAPHS,
    TRAILING_WINDOW_WORDS,
)

_REPORT_ROLES = frozenset({Role.BODY, Role.TITLE})
_HEADLINE_ROLES = frozenset({Role.BODY, Role.PROMO, Role.RELATED_HEADLINES})


def mark_other_articles(paragraphs: Sequence[Paragraph], stems: PageStems) -> None:
    """Give the role `other_article` to all body paragraphs from the first boundary on, if there is one."""
    body = [i for i, paragraph in enumerate(paragraphs) if paragraph.role is Role.BODY]
    prose = [i for i in body if paragraphs[i].is_prose]
    if len(prose) < TRAILING_HEAD_PARAGRAPHS + TRAILING_REST_PARAGRAPHS:
        return
    first = prose[TRAILING_HEAD_PARAGRAPHS - 1] + 1
    words_left = _count_words_left(paragraphs)
    candidates = [i for i in range(first, prose[-1]) if _may_start_article(paragraphs[i], words_left[i])]
    if not candidates:
        return
    page = _LeadTopic(paragraphs, stems, prose[:TRAILING_HEAD_PARAGRAPHS])
    for candidate in candidates:
        if (start := page.find_boundary(candidate)) is not None:
            for paragraph in paragraphs[start:]:
                if paragraph.role is Role.BODY:
                    paragraph.role = Role.OTHER_ARTICLE
            return


def _count_words_left(paragraphs: Sequence[Paragraph]) -> list[int]:
    """Return for each paragraph the number of body words from it to the end of the page."""
    return [
        *accumulate(paragraph.word_count if paragraph.role is Role.BODY else 0 for paragraph in reversed(paragraphs))
    ][::-1]


def _may_start_article(paragraph: Paragraph, words_left: int) -> bool:
    """Return whether another article or a box may start with the paragraph: a headline, a label or a dateline.

    `words_left` is the number of body words from there to the end. The cheap conditions come first, because they
    rule out most paragraphs.
    """
    if paragraph.ends_sentence and paragraph.word_count > HEADLINE_WORDS[1]:
        return _has_dateline(paragraph)
    return _has_dateline(paragraph) or (
        words_left >= TRAILING_MIN_WORDS and (_is_headline(paragraph) or _is_label(paragraph))
    )


def _has_dateline(paragraph: Paragraph) -> bool:
    return (
        paragraph.may_have_dateline
        and paragraph.role is Role.BODY
        and paragraph.is_prose
        and paragraph.ends_sentence
        and patterns.parse_dateline(paragraph.text) is not None
    )


def _is_headline(paragraph: Paragraph) -> bool:
    return (
        paragraph.role in _HEADLINE_ROLES
        and paragraph.is_unstopped_headline
        and paragraph.text[0] not in "([*"
        and (paragraph.role is Role.BODY or patterns.match_role(paragraph.text) is None)
    )


def _is_label(paragraph: Paragraph) -> bool:
    return (
        paragraph.role in _HEADLINE_ROLES
        and 0 < paragraph.word_count < HEADLINE_WORDS[0]
        and not paragraph.ends_sentence
        and not paragraph.text[0].islower()
        and paragraph.text[-1] not in ",;–—-"
        and not patterns.is_list_item(paragraph.text)
    )


class _LeadTopic:
    """The key stems of a page's title and first paragraphs, to decide whether the text further down is on topic."""

    def __init__(self, paragraphs: Sequence[Paragraph], stems: PageStems, lead: Sequence[int]) -> None:
        self._paragraphs = paragraphs
        self._stems = stems
        self._words_left = _count_words_left(paragraphs)
        is_rare = stems.idf >= TRAILING_MIN_KEY_IDF
        self._lead_mask = is_rare & (stems.title_mask | stems.mask_of(lead))
        self._opening_end = lead[1]
        self._opening_mask = is_rare & (stems.title_mask | stems.mask_of(lead[:2]))

    def find_boundary(self, index: int) -> int | None:
        """Return the index from which on all text is off topic: `index` or the headline above it; None if unsure."""
        paragraphs = self._paragraphs
        headline = self._find_headline_above(index) if _has_dateline(paragraphs[index]) else None
        start = index if headline is None else headline
        max_lead_share = TRAILING_MAX_LEAD_OVERLAP if headline is None else DATELINED_MAX_LEAD_RETURN
        windows: list[tuple[Flags, int]] = []
        for window_mask, words in self._iterate_windows(start):  # lazily: for most the first window decides
            lead_share = self._stems.share_covered(self._lead_mask, window_mask)
            if lead_share > max_lead_share or (
                headline is not None and not windows and lead_share > DATELINED_MAX_LEAD_OVERLAP
            ):
                return None
            windows.append((window_mask, words))
        preceding = self._stems.title_mask | self._stems.mask_of(
            i for i in range(start) if paragraphs[i].role in _REPORT_ROLES
        )
        if headline is not None:
            first_share = next((self._stems.share_covered(window_mask, preceding) for window_mask, _ in windows), 0.0)
            return start if first_share <= DATELINED_MAX_PAGE_OVERLAP else None
        if sum(words for _, words in windows) < TRAILING_MIN_WORDS:
            return None
        if any(
            self._stems.share_covered(window_mask, preceding) > TRAILING_MAX_PAGE_OVERLAP for window_mask, _ in windows
        ):
            return None
        return start if self._is_cohesive_before(start) else None

    def _iterate_windows(self, start: int) -> Iterator[tuple[Flags, int]]:
        """Yield the stem mask and the word count of windows from `start` on, of TRAILING_WINDOW_WORDS words or more.

        A short remainder at the end is part of the last window: a few words prove nothing.
        """
        words_left = self._words_left[start]
        window: list[int] = []
        words = 0
        for i in range(start, len(self._paragraphs)):
            paragraph = self._paragraphs[i]
            if paragraph.role is not Role.BODY:
                continue
            window.append(i)
            words += paragraph.word_count
            words_left -= paragraph.word_count
            if words >= TRAILING_WINDOW_WORDS and words_left >= TRAILING_WINDOW_WORDS / 2:
                yield self._stems.mask_of(window), words
                window, words = [], 0
        if words:
            yield self._stems.mask_of(window), words

    def _is_cohesive_before(self, start: int) -> bool:
        """Return whether the text before `start` is one report, on the topic of its opening to the end.

        Letters, digests and essays are not, so nothing is cut after them.
        """
        last_window: list[int] = []
        words = 0
        for i in range(start - 1, -1, -1):
            if words >= TRAILING_WINDOW_WORDS:
                break
            if self._paragraphs[i].role is Role.BODY:
                last_window.append(i)
                words += self._paragraphs[i].word_count
        after_opening = self._stems.mask_of(range(self._opening_end + 1, start))
        shares = (
            self._stems.share_covered(self._opening_mask, after_opening),
            self._stems.share_covered(self._lead_mask, self._stems.mask_of(last_window)),
        )
        return min(shares) >= TRAILING_MIN_HEAD_COHESION

    def _find_headline_above(self, index: int) -> int | None:
        """Return the index of the headline above the dateline in paragraph `index`, or None if there is none.

        Decks, the time of the last update and the desk may be between the two. The speaker labels of a transcript
        (`SMITH: ...`) look like datelines but recur nearby, so they do not count.
        """
        dateline = patterns.parse_dateline(self._paragraphs[index].text)
        nearby = self._paragraphs[max(index - SPEAKER_TURN_LINES, 0) : index + SPEAKER_TURN_LINES + 1]
        if dateline is None or sum(paragraph.text.startswith(dateline.prefix) for paragraph in nearby) > 1:
            return None
        headline = None
        for i in range(index - 1, max(index - 1 - DATELINED_DECK_LINES, 0), -1):
            if _is_headline(self._paragraphs[i]) and self._paragraphs[i].word_count > HEADLINE_WORDS[0]:
                headline = i
            elif headline is not None:
                break
        return headline
