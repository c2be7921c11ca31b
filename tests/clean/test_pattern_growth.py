"""No line makes a pattern slow: lines are built against each pattern from what it repeats.

A line of the page is tried up to MAX_LABEL_CHARS characters, so a bound on the time for such a line bounds the time per
character of any text.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable

import pytest
from matching import generate_matches, generate_repeats

from builders import slowness
from newsdedup.clean import patterns
from newsdedup.thresholds import MAX_LABEL_CHARS

MAX_SECONDS = 0.15
"""For one line; the slowest take a hundredth of a second."""
TAILS = (" x - y", "\0")
"""Ends that hardly any pattern matches."""

PATTERNS = {
    **{name: patterns.section_pattern(name) for name in patterns.FRAMES | patterns._EDGE_FRAMES},
    **{name: re.compile(pattern) for name, pattern in patterns._SHAPE_PATTERNS.items()},
    "biography": re.compile(patterns._BIO),
    "reported speech": re.compile(patterns._REPORTED_SPEECH),
    "gallery": patterns._GALLERY,
    "video entry": patterns._VIDEO_ENTRY,
    "first tag": patterns._FIRST_TAG,
    "reader": patterns._READER,
    "byline": patterns._BYLINE,
    "desk": patterns._BYLINE_DESK,
    "place": re.compile(patterns._PLACE_ALONE),
    "list item": patterns._LIST_ITEM,
}
DATELINES = {f"dateline {i}": re.compile(shape) for i, shape in enumerate(patterns._DATELINE_SHAPES)}


def build_lines(pattern: re.Pattern[str]) -> list[str]:
    """Return lines of MAX_LABEL_CHARS characters that the pattern matches again and again, but not to the end."""
    pieces = dict.fromkeys(generate_repeats(pattern, 12))
    for match in generate_matches(pattern, 12):
        pieces |= dict.fromkeys([("", match), ("", match + " "), ("", match[: len(match) // 2]), ("", match[:-1])])
    return [
        start + piece * (MAX_LABEL_CHARS // len(piece)) + tail
        for start, unit in pieces
        for piece in (unit, unit + " ")
        if unit
        for tail in TAILS
    ]


def check_time(lines: list[str], match_line: Callable[[str], object]) -> None:
    """Check that no line takes long."""
    limit = MAX_SECONDS * slowness()
    previous = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("a line takes for ever"))
    try:
        for line in lines:
            signal.alarm(20)
            started = time.process_time()
            match_line(line)
            assert time.process_time() - started < limit, line[:80]
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs an alarm to end what does not end")
@pytest.mark.parametrize("name", PATTERNS)
def test_no_line_is_slow(name: str) -> None:
    """What a pattern repeats, its alternatives and its matches, repeated, with an end that does not match."""
    pattern = PATTERNS[name]
    check_time(build_lines(pattern), pattern.match if pattern.pattern.startswith("^") else pattern.search)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs an alarm to end what does not end")
@pytest.mark.parametrize("name", DATELINES)
def test_no_opening_is_slow(name: str) -> None:
    """The same for datelines, which are tried on paragraphs of any length."""
    check_time(build_lines(DATELINES[name]), patterns.parse_dateline)
