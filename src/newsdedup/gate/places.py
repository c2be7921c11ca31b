"""Where in a file something stands: the lines of an article, of its header, of sentences of its report."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from newsdedup.models import Article, Location


def place(article: Article, sentences: Sequence[str] = (), *, field: str | None = None) -> Location:
    """Return where an article stands, or a `field` of its header, or `sentences` of its report, given in order.

    An article that is not delimited text is one record on its line. What cannot be found is where the text begins.
    """
    lines = article.lines
    first = last = lines.first if lines.text is None or not sentences else lines.text
    if field is not None:
        first = last = lines.header.get(field, lines.first)
    elif lines.text is not None and sentences:
        first, last = _lines_of(article.text, sentences)
        first, last = first + lines.text, last + lines.text
    return Location(path=article.path, record=article.record, article_id=article.article_id, line=first, end_line=last)


def _lines_of(text: str, sentences: Sequence[str]) -> tuple[int, int]:
    """Return the first and the last line, from 0, of the passage that begins and ends with the given sentences.

    Looked for without white space, since a sentence may have been wrapped over several lines.
    """
    bare = [_bare(line) for line in text.split("\n")]
    ends = list(accumulate(map(len, bare)))
    whole = "".join(bare)
    start = whole.find(_bare(sentences[0]))
    if start < 0:
        return 0, 0
    end = _bare(sentences[-1])
    last = max(whole.find(end, start), start) + len(end) - 1
    return bisect_right(ends, start), min(bisect_right(ends, last), len(bare) - 1)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())
