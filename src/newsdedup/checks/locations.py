"""Locations in a file: the lines of an article, of its header fields, and of sentences of its report."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from newsdedup.models import Article
from newsdedup.models.checks import Location
from newsdedup.text import normalise_unicode


def locate_article(article: Article, sentences: Sequence[str] = (), *, line: int | None = None) -> Location:
    """Return the location of an article, or of `line` if given, or else of `sentences` of its report (in order).

    An article that is not from delimited text is one record on one line. Sentences that cannot be found are located at
    the beginning of the text.
    """
    if line is not None:
        first = last = line
    elif article.lines.text is None or not sentences:
        first = last = article.lines.first
    else:
        first, last = (article.lines.text + index for index in _find_lines(article.text, sentences))
    return Location(
        path=article.path,
        record=article.record,
        article_id=article.article_id,
        content_hash=article.content_hash,
        line=first,
        end_line=last,
    )


def _find_lines(text: str, sentences: Sequence[str]) -> tuple[int, int]:
    """Return the first and last line, from 0, of the passage of the given sentences, which may be wrapped anywhere."""
    compact_lines = [_remove_whitespace(line) for line in text.split("\n")]
    ends = list(accumulate(map(len, compact_lines)))
    compact_text = "".join(compact_lines)
    compact_sentences = [_remove_whitespace(sentence) for sentence in sentences]
    passage, start, end = "".join(compact_sentences), compact_sentences[0], compact_sentences[-1]
    # The whole passage first, since a short sentence ("No.") may also match inside words. If cleaning removed text
    # inside the passage, its first and last sentences are searched for.
    if (first := compact_text.find(passage)) >= 0:
        last = first + len(passage) - 1
    elif (first := compact_text.find(start)) >= 0:
        last = max(compact_text.find(end, first), first) + len(end) - 1
    else:
        return 0, 0
    return bisect_right(ends, first), min(bisect_right(ends, last), len(compact_lines) - 1)


def _remove_whitespace(text: str) -> str:
    return "".join(normalise_unicode("NFC", text).split())
