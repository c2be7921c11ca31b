"""A record's named values to an article: which name means which field, what is refused, its number and id."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from newsdedup.models import Article, Lines, Refusal, Rejected
from newsdedup.readers.dates import parse_date
from newsdedup.readers.reader import Context
from newsdedup.text import content_hash, fold

# The names a field goes by, in any case; the first that holds something is taken, the others stay in `extra`.
# `story_id` lets our own output be read again.
NAMES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "body", "content"),
    "title": ("title", "headline"),
    "url": ("url", "link"),
    "source": ("source", "outlet", "publisher"),
    "published": ("published", "date", "published_at"),
    "author": ("author", "byline"),
    "language": ("language", "lang"),
    "id": ("id", "story_id"),
}
_FIELD_NAMES = frozenset(name for names in NAMES.values() for name in names)
# str.strip leaves these: a text of nothing else is empty.
_INVISIBLE = " \t\r\n\f\v\ufeff\u200b\u200c\u200d\u2060\x00"


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before it has a number: `fields` by the names of `NAMES`, all else in `extra`."""

    text: str
    fields: Mapping[str, object] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    lines: Lines = field(default_factory=Lines)


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that cannot be used, before it has a number."""

    reason: str
    kind: Refusal = Refusal.BROKEN
    line: int | None = None


def draft(values: Iterable[tuple[str, object]], line: int) -> Draft | Refused:
    """Return the draft of a record's named values (a JSON object, a row) on `line`, or why it has no usable text."""
    named: dict[str, tuple[str, object]] = {}
    extra: dict[str, object] = {}
    for name, value in values:
        key = name.strip().casefold()
        if key not in _FIELD_NAMES:
            extra[clean(name)] = _carried(value)
        elif key in named:
            extra.setdefault(clean(name), _carried(value))
        else:
            named[key] = (name, value)
    fields: dict[str, object] = {}
    for target, names in NAMES.items():
        for key in names:
            if key not in named or _is_absent(named[key][1]):
                continue
            name, value = named[key]
            usable = value if target == "text" else _plain(value)
            if target in fields or usable is None:
                extra[clean(name)] = _carried(value)
            else:
                # A number stays one until the end: a date that is a bare number is not read.
                fields[target] = usable if isinstance(value, str | dict | list) else value
    text = fields.pop("text", None)
    if text is None:
        kind = Refusal.EMPTY if any(key in named for key in NAMES["text"]) else Refusal.BROKEN
        return Refused(f"no text: none of {', '.join(NAMES['text'])} holds any", kind, line)
    if not isinstance(text, str):
        return Refused(f"the text is not a string but {_kind(text)}", line=line)
    return Draft(text, fields, extra, Lines(line))


def numbered(
    drafts: Iterable[Draft | Refused], context: Context, first: int | None = None
) -> Iterator[Article | Rejected]:
    """Yield an article or a rejection for each draft, numbered from 1 in the order given.

    `first` is the number of the first one where they are a part of a file that has several.

    An article without an id of its own is called by the path, with `#n` for record n where there are several. An
    exception from `drafts` comes out after everything before it.
    """
    if first is not None:
        for record, made in enumerate(drafts, first):
            yield _finish(made, context, record, several=True)
        return
    rest = iter(drafts)
    held = next(rest, None)
    if held is None:
        return
    broken: Exception | None = None
    following: Draft | Refused | None = None
    try:
        following = next(rest, None)
    except Exception as error:  # noqa: BLE001, RUF100 - raised again below, when the record before it is out
        broken = error
    several = following is not None or broken is not None
    yield _finish(held, context, 1, several)
    if broken is not None:
        raise broken
    record = 1
    while following is not None:
        record += 1
        yield _finish(following, context, record, several)
        following = next(rest, None)


def _finish(made: Draft | Refused, context: Context, record: int, several: bool) -> Article | Rejected:
    if isinstance(made, Refused):
        return Rejected(
            path=context.path, record=record, reason=fold(clean(made.reason)), kind=made.kind, line=made.line
        )
    if len(made.text) > context.config.max_record_chars:
        reason = f"text longer than {context.config.max_record_chars} characters (max_record_chars)"
        return Rejected(path=context.path, record=record, reason=reason, line=made.lines.first)
    if not made.text.strip(_INVISIBLE):
        reason = "no text: it is empty or white space only"
        return Rejected(path=context.path, record=record, reason=reason, kind=Refusal.EMPTY, line=made.lines.first)
    text = clean(made.text)
    fields = {name: plain for name, value in made.fields.items() if (plain := _plain(value)) is not None}
    raw = fields.get("published")
    dated = raw is not None and isinstance(made.fields["published"], str)  # a bare number may count from anything
    title = fields.get("title")
    return Article(
        article_id=fields.get("id") or (f"{context.path}#{record}" if several else context.path),
        path=context.path,
        record=record,
        text=text,
        content_hash=content_hash(title, text),
        title=title,
        url=fields.get("url"),
        source=fields.get("source"),
        published=parse_date(raw) if raw is not None and dated else None,
        published_raw=raw,
        author=fields.get("author"),
        language=fields.get("language"),
        extra=made.extra,
        lines=made.lines,
    )


def clean(text: str) -> str:
    """Return `text` with lone surrogates and NUL as U+FFFD, so that every output can carry it as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _is_absent(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip(_INVISIBLE)
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _plain(value: object) -> str | None:
    """Return a value as the text of a field: numbers as written, `{"name": ...}` by name, a list of texts joined."""
    if isinstance(value, str):
        return clean(value).strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if _is_absent(value) else str(value)
    if isinstance(value, dict):
        return _plain(value.get("name"))
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return clean(", ".join(value))
    return None


def _carried(value: object) -> object:
    """Return a value for `extra` as JSON can write it: clean text, no NaN."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _carried(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_carried(part) for part in value]
    return None if _is_absent(value) else value


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    return {dict: "an object", list: "an array", int: "a number", float: "a number"}.get(
        type(value), type(value).__name__
    )
