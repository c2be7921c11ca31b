"""Stage 2: lines of the page in thirty languages, and sentences of reports that use the same words."""

from __future__ import annotations

import pytest
from pages import REPORT, body, clean_page

from builders import records
from newsdedup.clean import patterns

LINES = records("furniture.jsonl")
POSITIONS = {"above": 0, "between": 2, "below": len(REPORT)}
LANGUAGES = sorted({line["language"] for line in LINES})


def select_lines(language: str, expected: str) -> list[dict[str, str]]:
    """Return the lines in a language that must be removed, or kept."""
    return [line for line in LINES if (line["language"], line["expected"]) == (language, expected)]


def is_line_of_the_page(line: str) -> bool:
    """Return whether the wording or the shape of a line alone is that of the page."""
    return patterns.match_role(line) is not None or patterns.is_date(line)


def place_line(line: dict[str, str]) -> list[list[str]]:
    """Return the paragraphs that are left of a report with the line in each of its positions."""
    positions = POSITIONS.values() if line["position"] == "any" else [POSITIONS[line["position"]]]
    pages = ("\n\n".join((*REPORT[:i], line["line"], *REPORT[i:])) for i in positions)
    return [body(clean_page(page)) for page in pages]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_of_the_page_leave_the_report(language: str) -> None:
    for line in select_lines(language, "remove"):
        assert is_line_of_the_page(line["line"]), line
        assert all(paragraphs == list(REPORT) for paragraphs in place_line(line)), line


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_with_the_same_words_stay(language: str) -> None:
    lines = select_lines(language, "keep")
    assert len(lines) >= 2
    for line in lines:
        assert patterns.match_role(line["line"]) is None, line
        assert all(line["line"] in " ".join(paragraphs) for paragraphs in place_line(line)), line
