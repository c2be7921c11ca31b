"""Where a page goes on with other articles after its own: the first boundary behind which nothing is the report.

A page that scrolls on, or a box of another subject below the article, begins with a line that is set as a headline or a
label, or with a dateline in the middle of the page. That alone proves nothing, since reports have subheads. So all that
follows is asked, a window at a time, whether it speaks of what the report's title and first paragraphs speak of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from newsdedup.clean import patterns
from newsdedup.clean.line_features import Flags
from newsdedup.clean.paragraphs import Line, Stems
from newsdedup.models import Role
from newsdedup.thresholds import (
    HEADLINE_WORDS,
    OTHER_DATELINED_KNOWN,
    OTHER_DATELINED_LEAD,
    OTHER_HEAD_HOLDS,
    OTHER_HEAD_SOLIDS,
    OTHER_KEY_RARITY,
    OTHER_KNOWN,
    OTHER_LEAD,
    OTHER_RETURNS,
    OTHER_WINDOW,
    OTHER_WORDS,
)

_SPEAKING = frozenset({Role.BODY, Role.TITLE})
_HEADLINES = frozenset({Role.BODY, Role.PROMO, Role.RELATED_HEADLINES})
# Lines between the headline of another article and its dateline at most: decks, `Updated 5 min ago`, the desk.
_DECK_LINES = 5
# Who speaks in turns has spoken again within so many lines.
_TURN_LINES = 8


def mark_other_articles(lines: Sequence[Line], stems: Stems) -> None:
    """Give the role `other_article` to everything from the first boundary on behind which other things are told."""
    body = [i for i, line in enumerate(lines) if line.role is Role.BODY]
    solid = [i for i in body if lines[i].solid]
    if len(solid) < OTHER_HEAD_SOLIDS + 2:
        return
    first = solid[OTHER_HEAD_SOLIDS - 1] + 1
    left = _words_left(lines)
    places = [i for i in range(first, solid[-1]) if _may_begin(lines[i], left[i])]
    if not places:
        return
    page = _Page(lines, stems, solid[:OTHER_HEAD_SOLIDS])
    for at in places:
        if (start := page.boundary(at)) is not None:
            for line in lines[start:]:
                if line.role is Role.BODY:
                    line.role = Role.OTHER_ARTICLE
            return


def _words_left(lines: Sequence[Line]) -> list[int]:
    """Return for each line the words of the report from there on."""
    return [*accumulate(line.words if line.role is Role.BODY else 0 for line in reversed(lines))][::-1]


def _may_begin(line: Line, left: int) -> bool:
    """Tell whether an article or a box of its own may begin with the line: a headline, a label, a dateline.

    `left` is the number of words from there on. Running text is asked for a dateline only, the rest only where enough
    follows: most lines need no closer look.
    """
    if line.ends and line.words > HEADLINE_WORDS[1]:
        return _is_dateline(line)
    return _is_dateline(line) or (left >= OTHER_WORDS and (_is_headline(line) or _is_label(line)))


def _is_dateline(line: Line) -> bool:
    return (
        line.dated and line.role is Role.BODY and line.solid and line.ends and patterns.dateline(line.text) is not None
    )


def _is_headline(line: Line) -> bool:
    return (
        line.role in _HEADLINES
        and line.unstopped
        and line.text[0] not in "([*"
        and (line.role is Role.BODY or patterns.role_of(line.text) is None)
    )


def _is_label(line: Line) -> bool:
    return (
        line.role in _HEADLINES
        and 0 < line.words < HEADLINE_WORDS[0]
        and not line.ends
        and not line.text[0].islower()
        and line.text[-1] not in ",;–—-"
        and not patterns.is_list_item(line.text)
    )


class _Page:
    """What a page's title and first paragraphs speak of, to ask whether what follows a line goes on with it."""

    def __init__(self, lines: Sequence[Line], stems: Stems, head: Sequence[int]) -> None:
        self._lines = lines
        self._stems = stems
        self._words_left = _words_left(lines)
        rare = stems.rarity >= OTHER_KEY_RARITY
        self._key = rare & (stems.titled | stems.of(head))
        self._opened = head[1]
        self._opening = rare & (stems.titled | stems.of(head[:2]))

    def boundary(self, at: int) -> int | None:
        """Return the line from which on all speaks of other things, `at` or the headline above it; None if unsure."""
        lines = self._lines
        headline = self._headline_above(at) if _is_dateline(lines[at]) else None
        start = at if headline is None else headline
        most_lead = OTHER_LEAD if headline is None else OTHER_RETURNS
        windows: list[tuple[Flags, int]] = []
        for stems, words in self._windows(start):  # most have no more to be asked than the first
            lead = self._stems.share(self._key, stems)
            if lead > most_lead or (headline is not None and not windows and lead > OTHER_DATELINED_LEAD):
                return None
            windows.append((stems, words))
        met = self._stems.titled | self._stems.of(i for i in range(start) if lines[i].role in _SPEAKING)
        if headline is not None:
            first = next((self._stems.share(stems, met) for stems, _ in windows), 0.0)
            return start if first <= OTHER_DATELINED_KNOWN else None
        if sum(words for _, words in windows) < OTHER_WORDS:
            return None
        if any(self._stems.share(stems, met) > OTHER_KNOWN for stems, _ in windows):
            return None
        return start if self._holds_together(start) else None

    def _windows(self, start: int) -> Iterator[tuple[Flags, int]]:
        """Yield the stems and the number of words of the lines from `start` on, some OTHER_WINDOW words at a time.

        What is left over at the end is asked together with the words before it: a few words know nothing.
        """
        left = self._words_left[start]
        window: list[int] = []
        words = 0
        for i in range(start, len(self._lines)):
            line = self._lines[i]
            if line.role is not Role.BODY:
                continue
            window.append(i)
            words += line.words
            left -= line.words
            if words >= OTHER_WINDOW and left >= OTHER_WINDOW / 2:
                yield self._stems.of(window), words
                window, words = [], 0
        if words:
            yield self._stems.of(window), words

    def _holds_together(self, start: int) -> bool:
        """Tell whether what stands before `start` is one report, which speaks to its last of what it opened with.

        Letters, digests and essays have no head to cut after.
        """
        last: list[int] = []
        words = 0
        for i in range(start - 1, -1, -1):
            if words >= OTHER_WINDOW:
                break
            if self._lines[i].role is Role.BODY:
                last.append(i)
                words += self._lines[i].words
        after = self._stems.of(range(self._opened + 1, start))
        shares = self._stems.share(self._opening, after), self._stems.share(self._key, self._stems.of(last))
        return min(shares) >= OTHER_HEAD_HOLDS

    def _headline_above(self, at: int) -> int | None:
        """Return the line of the headline that stands above the dateline of line `at`, None where there is none.

        Between the two stand decks, the time of the last change and the desk. What speaks in turns (`SMITH: ...`) has
        no datelines.
        """
        cut = patterns.dateline(self._lines[at].text)
        near = self._lines[max(at - _TURN_LINES, 0) : at + _TURN_LINES + 1]
        if cut is None or sum(line.text.startswith(cut.text) for line in near) > 1:
            return None
        found = None
        for i in range(at - 1, max(at - 1 - _DECK_LINES, 0), -1):
            if _is_headline(self._lines[i]) and self._lines[i].words > HEADLINE_WORDS[0]:
                found = i
            elif found is not None:
                break
        return found
