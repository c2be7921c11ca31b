"""Where a passage of a report stands in its file."""

from __future__ import annotations

import pytest

from newsdedup.checks.locations import locate_article
from newsdedup.models import Article, Lines

TEXT = "It was so.\nA first line that is\nwrapped. It was so.\nHe left.\n\nMenu\n\nShe did so.\nHe left. The end."
PASSAGES = {
    "one sentence": (["The end."], (11, 11)),
    "wrapped": (["A first line that is wrapped."], (4, 5)),
    "begins as an earlier one does": (["It was so.", "He left."], (5, 6)),
    "ends as an earlier one does": (["She did so.", "He left.", "The end."], (10, 11)),
    "parted by what was cleaned away": (["A first line that is wrapped.", "She did so."], (4, 10)),
    "is not there": (["Nothing of it."], (3, 3)),
}


@pytest.mark.parametrize(("sentences", "lines"), PASSAGES.values(), ids=PASSAGES)
def test_a_passage_is_found_on_its_lines(sentences: list[str], lines: tuple[int, int]) -> None:
    """Also where its first or its last sentence alone would be found elsewhere."""
    at = locate_article(Article.of("a.txt", TEXT, lines=Lines(1, 3)), sentences)
    assert (at.line, at.end_line) == lines
