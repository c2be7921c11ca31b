"""Delimited text: one article per file, or several separated by `=====` lines or form feeds, with optional headers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from newsdedup.errors import ConfigError
from newsdedup.models import WAIVER, Article, Lines, Refusal, Rejected
from newsdedup.readers.decode import UndecodableError, read_text
from newsdedup.readers.reader import Context, InputFormat
from newsdedup.readers.records import Draft, RefusedDraft, number_records

# The keys of a header block, in any case, by the fields they set. Other keys go to `extra`.
_FIELD_KEYS = {
    "title": "title headline",
    "source": "source outlet publisher",
    "published": "date published",
    "author": "author by",
    "url": "url",
    "language": "language",
    "id": "id",
    WAIVER: f"{WAIVER} {WAIVER.replace('-', '_')}".casefold(),
}
HEADER_FIELDS = {key: field for field, keys in _FIELD_KEYS.items() for key in keys.split()}

_RULE_LINE = re.compile(r"\s*([=\-%~#])\1{4,}\s*")
# At most four words before the colon: more words before a colon are a sentence. `http://...` is not a key.
_KEY_VALUE = re.compile(r"(?P<key>[^\W\d][\w.-]*(?: [\w.-]+){0,3})[ \t]*:(?!//)[ \t]*(?P<value>.*)")
# "HONG KONG: China's President ..." right below a header block is the report, not another field.
_DATELINE_CHARS = 60
_LINE_BREAK = re.compile(r"\r\n?")


def check_delimiter(delimiter: str | None) -> None:
    """Raise ConfigError unless `delimiter` is None, `none` or a valid regular expression."""
    try:
        re.compile(delimiter or "")
    except re.error as error:
        message = f"delimiter {delimiter!r} is not a valid regular expression: {error}; fix it, or use none"
        raise ConfigError(message) from None


def read_delimited(stream: BinaryIO, context: Context) -> Iterator[Article | Rejected]:
    """Yield the articles of a text stream, which is read whole. Empty pieces between delimiters are not records."""
    text = _LINE_BREAK.sub("\n", read_text(stream, context))
    if "\0" in text:
        raise UndecodableError("binary file: it contains NUL characters; convert it to text first")
    return number_records(_parse_articles(text, context.config.delimiter), context)


def _parse_articles(text: str, delimiter: str | None) -> Iterator[Draft | RefusedDraft]:
    is_empty = True
    for first_line, piece in _split_pieces(text, delimiter):
        blank_lines, lines = _strip_blank_lines(piece)
        if lines:
            is_empty = False
            yield _parse_article(lines, first_line + blank_lines)
    if is_empty:
        yield RefusedDraft("empty file", Refusal.EMPTY)


def _split_pieces(text: str, delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield each piece between two delimiters, empty ones included: the number of its first line, and its lines."""
    if delimiter == "none":
        yield 1, text.split("\n")
        return
    is_delimiter = re.compile(_RULE_LINE if delimiter is None else delimiter).fullmatch
    parts = [part.split("\n") for part in (text.split("\f") if delimiter is None else [text])]
    occurrences = Counter(line.strip() for part in parts for line in part if is_delimiter(line))
    first_line = 1
    for lines in parts:
        start = 0
        for i, line in enumerate(lines):
            if is_delimiter(line) and (
                delimiter is not None or occurrences[line.strip()] > 1 or _starts_with_header(lines, i + 1)
            ):
                yield first_line + start, lines[start:i]
                start = i + 1
        yield first_line + start, lines[start:]
        first_line += len(lines) - 1  # a form feed does not end a line


def is_delimiter_like(line: str) -> bool:
    """Return whether `line` looks like a delimiter between two articles."""
    return _RULE_LINE.fullmatch(line) is not None


def _starts_with_header(lines: list[str], start: int) -> bool:
    """Return whether the first non-blank line from `start` on opens a header block or front matter."""
    first = next((i for i in range(start, len(lines)) if lines[i].strip()), None)
    return first is not None and bool(_header_key(lines[first]) or _closing_fence(lines, first))


def _header_key(line: str) -> str | None:
    """Return the field that `line` sets if it is the first line of a header block: `Key: value` with a known key."""
    match = _KEY_VALUE.fullmatch(line.strip("\ufeff").rstrip())
    return HEADER_FIELDS.get(match["key"].casefold()) if match and match["value"] else None


def _closing_fence(lines: list[str], start: int) -> int | None:
    """Return the index of the closing `---` if front matter opens at line `start`, else None.

    Front matter has at least one `key: value` line, and otherwise only continuations (indented lines, list items),
    comments and blank lines. Prose between two section breaks is not front matter.
    """
    if lines[start].strip("\ufeff").rstrip() != "---":
        return None
    field_count = 0
    for i in range(start + 1, len(lines)):
        line = lines[i].rstrip()
        if line == "---":
            return i if field_count else None
        if _parse_field(line):
            field_count += 1
        elif line and not line.startswith((" ", "\t", "- ", "#")):
            return None
    return None


def _parse_field(line: str) -> tuple[str, str] | None:
    """Return the key and value of a header line, or None if the line is not one."""
    match = _KEY_VALUE.fullmatch(line.strip("\ufeff").rstrip())
    if match is None:
        return None
    key, value = match.groups()
    is_dateline = key.casefold() not in HEADER_FIELDS and key.isupper() and len(value) > _DATELINE_CHARS
    return None if is_dateline else (key, value)


def _parse_article(lines: list[str], first_line: int) -> Draft:
    """Split the lines of one article, the first of which is `first_line` in the file, into header and text."""
    header: list[_HeaderField] = []
    body_start = 0
    if (closing := _closing_fence(lines, 0)) is not None:
        header = _parse_front_matter(lines[1:closing])
        body_start = closing + 1
    elif _header_key(lines[0]) is not None:
        while body_start < len(lines) and (field := _parse_field(lines[body_start])) is not None:
            header.append(_HeaderField(*field, body_start))
            body_start += 1
    fields: dict[str, object] = {}
    extra: dict[str, object] = {}
    field_lines: dict[str, int] = {}
    extra_lines: dict[str, int] = {}
    for key, value, index in header:
        name = HEADER_FIELDS.get(key.casefold())
        if name == WAIVER:  # may be repeated, and stays among the unused fields
            extra[WAIVER] = f"{extra[WAIVER]}\n{value}" if WAIVER in extra else value
            extra_lines.setdefault(WAIVER, first_line + index)
        elif name is None or name in fields:
            extra.setdefault(key, value)
            extra_lines.setdefault(key, first_line + index)
        elif value:
            fields[name] = value
            field_lines[name] = first_line + index
    blank_lines, text_lines = _strip_blank_lines(lines[body_start:])
    article_lines = Lines(first_line, first_line + body_start + blank_lines, field_lines, extra_lines)
    return Draft("\n".join(text_lines), fields, extra, article_lines)


class _HeaderField(NamedTuple):
    """Key and value of a header line, and its index in the article, from 0."""

    key: str
    value: str
    line_index: int


def _parse_front_matter(lines: list[str]) -> list[_HeaderField]:
    """Return the fields of front matter, whose opening `---` is line 0, with continuation lines joined to the value."""
    header: list[_HeaderField] = []
    for line_index, line in enumerate(lines, 1):
        if (field := _parse_field(line)) is not None:
            header.append(_HeaderField(field[0], _strip_quotes(field[1]), line_index))
        elif header and line.strip() and not line.startswith("#"):
            header[-1] = header[-1]._replace(value=f"{header[-1].value} {line.strip()}".strip())
    return header


def _strip_quotes(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _strip_blank_lines(lines: list[str]) -> tuple[int, list[str]]:
    """Return how many blank lines there are at the start, and the lines without the blank ones at either end."""
    start = next((i for i, line in enumerate(lines) if line.strip("\ufeff \t\v")), len(lines))
    end = next((i for i in range(len(lines), start, -1) if lines[i - 1].strip()), start)
    return start, lines[start:end]


FORMAT = InputFormat(read_delimited, endings=(".txt", ".text"))
