"""Where in a file something stands: the lines of an article, of its header, of sentences of its report."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from newsdedup.models import Article
from newsdedup.models.checks import Location


def place(article: Article, sentences: Sequence[str] = (), *, line: int | None = None) -> Location:
    """Return where an article stands, or its `line` where that is known, or `sentences` of its report, in order.

    An article that is not delimited text is one record on its line. What cannot be found is where the text begins.
    """
    lines = article.lines
    first = last = lines.first if lines.text is None or not sentences else lines.text
    if line is not None:
        first = last = line
    elif lines.text is not None and sentences:
        first, last = _lines_of(article.text, sentences)
        first, last = first + lines.text, last + lines.text
    return Location(
        path=article.path,
        record=article.record,
        article_id=article.article_id,
        content_hash=article.content_hash,
        line=first,
        end_line=last,
    )


def _lines_of(text: str, sentences: Sequence[str]) -> tuple[int, int]:
    """Return the first and the last line, from 0, of the passage that begins and ends with the given sentences.

    Looked for without white space, since a sentence may have been wrapped over several lines.
    """
    bare = [_bare(line) for line in text.split("\n")]
    ends = list(accumulate(map(len, bare)))
    whole = "".join(bare)
    passage, start, end = "".join(map(_bare, sentences)), _bare(sentences[0]), _bare(sentences[-1])
    # In one piece where it is: "No." alone stands at the end of many a word. What was cleaned away may part it.
    if (first := whole.find(passage)) >= 0:
        last = first + len(passage) - 1
    elif (first := whole.find(start)) >= 0:
        last = max(whole.find(end, first), first) + len(end) - 1
    else:
        return 0, 0
    return bisect_right(ends, first), min(bisect_right(ends, last), len(bare) - 1)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())
