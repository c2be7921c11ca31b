"""Marks the paragraphs around a report in which the page speaks: feedback boxes, offers, disclaimers, terms.

No list of phrases is complete, so the rule is structural: a run of paragraphs at the edge of the report that are off
topic, of which at least half speak to the reader or of the page itself. A quotation is not the page's own speech.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from newsdedup import thresholds
from newsdedup.clean.paragraphs import PageStems, Paragraph, RunningText
from newsdedup.clean.patterns import section_pattern
from newsdedup.models import Role

_QUOTATION = re.compile(r"[“„«「『\"][^“”„»」』\"]{0,500}[“”»」』\"]")


def mark_page_speech(paragraphs: Sequence[Paragraph], stems: PageStems) -> None:
    """Mark the runs at the end and at the start of a report; one paragraph always stays."""
    body = [i for i, paragraph in enumerate(paragraphs) if paragraph.is_body]
    if len(body) < 2 or not (_speaks(paragraphs[body[-1]]) or _speaks(paragraphs[body[0]])):
        return
    running_text = RunningText(paragraphs, stems)
    below = _find_run(body[:0:-1], paragraphs, running_text, range)
    above = _find_run(body[:-1], paragraphs, running_text, lambda i: range(i + 1, len(paragraphs)))
    for i in {*below, *above} if len({*below, *above}) < len(body) else below:
        paragraphs[i].mark(Role.BOILERPLATE)


def _find_run(
    edge: Iterable[int],
    paragraphs: Sequence[Paragraph],
    running_text: RunningText,
    get_inside: Callable[[int], range],
) -> list[int]:
    """Return the longest run from the edge inwards that speaks often enough and is off the topic of what is inside."""
    run: list[int] = []
    longest: list[int] = []
    speaking = 0
    for i in edge:
        coverage = running_text.measure_coverage(i, get_inside(i))
        if coverage >= thresholds.PAGE_SPEECH_MAX_COVERAGE or len(run) == thresholds.PAGE_SPEECH_PARAGRAPHS:
            break
        run.append(i)
        speaks = _speaks(paragraphs[i])
        speaking += speaks
        if speaks and speaking >= thresholds.PAGE_SPEECH_MIN_SHARE * len(run):
            longest = run[:]
    return longest


def _speaks(paragraph: Paragraph) -> bool:
    """Return whether a paragraph speaks to the reader or of the page, once in PAGE_SPEECH_WORDS words or more often."""
    text = _QUOTATION.sub(" ", paragraph.text)
    sections = ("page speech", "page speech inside")
    match_count = sum(len(section_pattern(section).findall(text)) for section in sections)
    return match_count > 0 and match_count * thresholds.PAGE_SPEECH_WORDS >= paragraph.word_count
