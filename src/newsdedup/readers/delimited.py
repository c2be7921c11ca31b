"""Delimited text: one article per file, or several parted by lines of `=====` or form feeds, with optional headers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, NamedTuple

from newsdedup.errors import ConfigError
from newsdedup.models import WAIVER, Article, Lines, Refusal, Rejected
from newsdedup.readers.decode import UndecodableError, read_whole
from newsdedup.readers.reader import Context
from newsdedup.readers.records import Draft, Refused, numbered

# What the fields of a header block are called, in any case. Other keys go to `extra`.
HEADER = {
    "title": "title",
    "headline": "title",
    "source": "source",
    "outlet": "source",
    "publisher": "source",
    "date": "published",
    "published": "published",
    "author": "author",
    "by": "author",
    "url": "url",
    "language": "language",
    "id": "id",
    WAIVER.casefold(): WAIVER,
    WAIVER.casefold().replace("-", "_"): WAIVER,
}

_RULE = re.compile(r"\s*([=\-%~#])\1{4,}\s*")
# At most four words before the colon: a longer run of words with a colon is a sentence. `http://...` is no key.
_KEY_VALUE = re.compile(r"(?P<key>[^\W\d][\w.-]*(?: [\w.-]+){0,3})[ \t]*:(?!//)[ \t]*(?P<value>.*)")
# "HONG KONG: China's President ..." right below a header block is the report, not a field of it.
_DATELINE_CHARS = 60
_LINE_BREAK = re.compile(r"\r\n?")


def check_delimiter(delimiter: str | None) -> None:
    """Raise ConfigError unless `delimiter` is None, `none` or a regular expression."""
    try:
        re.compile(delimiter or "")
    except re.error as error:
        raise ConfigError(f"delimiter {delimiter!r} is no regular expression: {error}; mend it, or give none") from None


def read(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the articles of a text stream, which is held whole; an empty piece between two delimiters is no record."""
    text = _LINE_BREAK.sub("\n", read_whole(stream, context))
    if "\0" in text:
        raise UndecodableError("binary file: it holds NUL characters; convert it to text first")
    return numbered(_drafts(text, context.config.delimiter), context)


def _drafts(text: str, delimiter: str | None) -> Iterator[Draft | Refused]:
    empty = True
    for first, piece in _pieces(text, delimiter):
        start, lines = _without_blank_ends(piece)
        if lines:
            empty = False
            yield _draft(lines, first + start)
    if empty:
        yield Refused("empty file", Refusal.EMPTY)


def _pieces(text: str, delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of each piece between two delimiters, empty pieces included, and the number of the first."""
    if delimiter == "none":
        yield 1, text.split("\n")
        return
    if delimiter is not None:
        matches = partial(re.fullmatch, delimiter)
        parts = [text.split("\n")]
    else:
        matches = partial(re.fullmatch, _RULE)
        parts = [part.split("\n") for part in text.split("\f")]
    seen = Counter(line.strip() for part in parts for line in part if matches(line))
    first = 1
    for lines in parts:
        start = 0
        for i, line in enumerate(lines):
            if matches(line) and (delimiter is not None or seen[line.strip()] > 1 or _starts_with_header(lines, i + 1)):
                yield first + start, lines[start:i]
                start = i + 1
        yield first + start, lines[start:]
        first += len(lines) - 1  # a form feed stands inside a line


def is_delimiter_like(line: str) -> bool:
    """Tell whether `line` is one that may part two articles."""
    return _RULE.fullmatch(line) is not None


def _starts_with_header(lines: list[str], start: int) -> bool:
    """Tell whether the first line from `start` on that is not blank opens a header block or front matter."""
    first = next((i for i in range(start, len(lines)) if lines[i].strip()), None)
    return first is not None and (_header_key(lines[first]) is not None or _fence(lines, first) is not None)


def _header_key(line: str) -> str | None:
    """Return the field that `line` gives as the first line of a header block: `Key: value` with a known key."""
    match = _KEY_VALUE.fullmatch(line.strip("\ufeff").rstrip())
    return HEADER.get(match["key"].casefold()) if match and match["value"] else None


def _fence(lines: list[str], start: int) -> int | None:
    """Return the line of the closing `---` where front matter opens at `start`.

    Between the two there is at least one `key: value`, and nothing but those, their continuations (indented, or list
    items), comments and blank lines: prose between two section breaks is no front matter.
    """
    if lines[start].strip("\ufeff").rstrip() != "---":
        return None
    pairs = 0
    for i in range(start + 1, len(lines)):
        line = lines[i].rstrip()
        if line == "---":
            return i if pairs else None
        if _pair(line):
            pairs += 1
        elif line and not line.startswith((" ", "\t", "- ", "#")):
            return None
    return None


def _pair(line: str) -> tuple[str, str] | None:
    """Return key and value of a line of a header, or None where it is none."""
    match = _KEY_VALUE.fullmatch(line.strip("\ufeff").rstrip())
    if match is None:
        return None
    key, value = match["key"], match["value"]
    if key.casefold() not in HEADER and key.isupper() and len(value) > _DATELINE_CHARS:
        return None
    return key, value


def _draft(lines: list[str], first: int) -> Draft:
    """Split the lines of one article, which begin at line `first` of the file, into header and text."""
    pairs: list[_Pair] = []
    body = 0
    if (closing := _fence(lines, 0)) is not None:
        pairs = _front_matter(lines[1:closing])
        body = closing + 1
    elif _header_key(lines[0]) is not None:
        while body < len(lines) and (pair := _pair(lines[body])) is not None:
            pairs.append(_Pair(*pair, body))
            body += 1
    fields: dict[str, object] = {}
    extra: dict[str, object] = {}
    header: dict[str, int] = {}
    unused: dict[str, int] = {}
    for key, value, at in pairs:
        name = HEADER.get(key.casefold())
        if name == WAIVER:  # any number of them; they stay among the unused fields
            extra[WAIVER] = f"{extra[WAIVER]}\n{value}" if WAIVER in extra else value
            unused.setdefault(WAIVER, first + at)
        elif name is None or name in fields:
            extra.setdefault(key, value)
            unused.setdefault(key, first + at)
        elif value:
            fields[name] = value
            header.setdefault(name, first + at)
    start, text = _without_blank_ends(lines[body:])
    return Draft("\n".join(text), fields, extra, Lines(first, first + body + start, header, unused))


class _Pair(NamedTuple):
    """Key and value of a header's line, and which line that is, from 0."""

    key: str
    value: str
    at: int


def _front_matter(lines: list[str]) -> list[_Pair]:
    """Return the keys and values of front matter, whose opening is line 0; what continues a value is joined to it."""
    pairs: list[_Pair] = []
    for at, line in enumerate(lines, 1):
        pair = _pair(line)
        if pair is not None:
            pairs.append(_Pair(pair[0], _unquoted(pair[1]), at))
        elif pairs and line.strip() and not line.startswith("#"):
            last = pairs[-1]
            pairs[-1] = last._replace(value=f"{last.value} {line.strip()}".strip())
    return pairs


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _without_blank_ends(lines: list[str]) -> tuple[int, list[str]]:
    """Return the lines without blank ones at either end, and how many were left out before them."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip("\ufeff \t\v"):
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return start, lines[start:end]
