"""Turns the named values of a record into an article: maps names to fields, rejects bad records, assigns numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

from newsdedup.markup import to_plain_text
from newsdedup.models import Article, Lines, Refusal, Rejected
from newsdedup.readers.dates import parse_date
from newsdedup.readers.reader import Context
from newsdedup.text import content_hash, normalise_whitespace

# The names of each field, in any case. The first name with a value is used, the others stay in `extra`. `story_id`
# makes our own output readable as input.
FIELD_ALIASES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "body", "content"),
    "title": ("title", "headline"),
    "url": ("url", "link"),
    "source": ("source", "outlet", "publisher"),
    "published": ("published", "date", "published_at"),
    "author": ("author", "byline"),
    "language": ("language", "lang"),
    "id": ("id", "story_id"),
}
_KNOWN_NAMES = frozenset(name for names in FIELD_ALIASES.values() for name in names)
# Some of these survive str.strip. A text that consists of them is empty.
_INVISIBLE = " \t\r\n\f\v\ufeff\u200b\u200c\u200d\u2060\x00"
_TYPE_NAMES: Mapping[type, str] = {
    type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array",
    dict: "an object",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before it has a number: `fields` by the keys of `FIELD_ALIASES`, everything else in `extra`."""

    text: str
    fields: Mapping[str, object] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    lines: Lines = field(default_factory=Lines)


@dataclass(frozen=True, slots=True)
class RefusedDraft:
    """An unusable record before it has a number."""

    reason: str
    kind: Refusal = Refusal.BROKEN
    line: int | None = None


def build_draft(values: Iterable[tuple[str, object]], line: int) -> Draft | RefusedDraft:
    """Return the draft of a record's named values (a JSON object, a row) on `line`, or why it has no usable text."""
    named_values: dict[str, tuple[str, object]] = {}
    extra: dict[str, object] = {}
    for name, value in values:
        key = name.strip().casefold()
        if key not in _KNOWN_NAMES:
            extra[replace_invalid_chars(name)] = _to_json_value(value)
        elif key in named_values:
            extra.setdefault(replace_invalid_chars(name), _to_json_value(value))
        else:
            named_values[key] = (name, value)
    fields: dict[str, object] = {}
    for target, names in FIELD_ALIASES.items():
        for key in names:
            if key not in named_values or _is_missing(named_values[key][1]):
                continue
            name, value = named_values[key]
            usable = value if target == "text" else _to_plain_text(value)
            if target in fields or usable is None:
                extra[replace_invalid_chars(name)] = _to_json_value(value)
            else:
                # A number keeps its type for now: a bare number is not parsed as a date.
                fields[target] = usable if isinstance(value, str | dict | list) else value
    text = fields.pop("text", None)
    if text is None:
        kind = Refusal.EMPTY if any(key in named_values for key in FIELD_ALIASES["text"]) else Refusal.BROKEN
        return RefusedDraft(f"no text: none of {', '.join(FIELD_ALIASES['text'])} has a value", kind, line)
    if not isinstance(text, str):
        return RefusedDraft(f"the text is not a string but {describe_type(text)}", line=line)
    return Draft(text, fields, extra, Lines(line))


def number_records(
    drafts: Iterable[Draft | RefusedDraft], context: Context, first_number: int | None = None
) -> Iterator[Article | Rejected]:
    """Yield an article or a rejection for each draft, numbered from 1 in the order given.

    For a block of a file with several records, `first_number` is the number of the first draft. An article without an
    id gets the path as its id, with `#n` for record n if the file has several. An exception from `drafts` is raised
    after everything before it was yielded.
    """
    remaining = iter(drafts)
    first_drafts = list(islice(remaining, 1))
    failure: Exception | None = None
    try:
        first_drafts += islice(remaining, 1)
    except Exception as error:  # noqa: BLE001, RUF100 - raised again below, after the record before it
        failure = error
    several = first_number is not None or failure is not None or len(first_drafts) > 1
    for record, draft in enumerate(chain(first_drafts, remaining if failure is None else ()), first_number or 1):
        yield _finish_record(draft, context, record, several)
    if failure is not None:
        raise failure


def _finish_record(draft: Draft | RefusedDraft, context: Context, record: int, several: bool) -> Article | Rejected:
    if isinstance(draft, Draft):
        draft = _find_fault(draft, context.config.max_record_chars) or draft
    if isinstance(draft, RefusedDraft):
        reason = normalise_whitespace(replace_invalid_chars(draft.reason))
        return Rejected(path=context.path, record=record, reason=reason, kind=draft.kind, line=draft.line)
    text = replace_invalid_chars(draft.text)
    fields = {
        name: plain_value for name, value in draft.fields.items() if (plain_value := _to_plain_text(value)) is not None
    }
    names = {name: to_plain_text(fields[name]) for name in ("source", "author") if name in fields}
    title, raw_date = fields.get("title"), fields.get("published")
    # A bare number may count from any epoch.
    date_text = raw_date if isinstance(draft.fields.get("published"), str) else None
    return Article(
        article_id=fields.get("id") or (f"{context.path}#{record}" if several else context.path),
        path=context.path,
        record=record,
        text=text,
        content_hash=content_hash(title, text),
        title=title,
        url=fields.get("url"),
        source=names.get("source"),
        published=parse_date(date_text) if date_text is not None else None,
        published_raw=raw_date,
        author=names.get("author"),
        language=fields.get("language"),
        extra=draft.extra,
        lines=draft.lines,
    )


def _find_fault(draft: Draft, max_chars: int) -> RefusedDraft | None:
    if len(draft.text) > max_chars:
        return RefusedDraft(f"text longer than {max_chars} characters (max_record_chars)", line=draft.lines.first)
    if not draft.text.strip(_INVISIBLE):
        return RefusedDraft("no text: it is empty or only white space", Refusal.EMPTY, draft.lines.first)
    return None


def replace_invalid_chars(text: str) -> str:
    """Return `text` with lone surrogates and NUL as U+FFFD, so that every output can write it as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _is_missing(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip(_INVISIBLE)
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _to_plain_text(value: object) -> str | None:
    """Return a value as text: numbers as written, the name of `{"name": ...}`, a list of strings joined; else None."""
    if isinstance(value, str):
        return replace_invalid_chars(value).strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if _is_missing(value) else str(value)
    if isinstance(value, dict):
        return _to_plain_text(value.get("name"))
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return replace_invalid_chars(", ".join(value))
    return None


def _to_json_value(value: object) -> object:
    """Return a value for `extra` that can be written as JSON: no invalid characters, no NaN."""
    if isinstance(value, str):
        return replace_invalid_chars(value)
    if isinstance(value, dict):
        return {replace_invalid_chars(str(key)): _to_json_value(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_to_json_value(part) for part in value]
    return None if _is_missing(value) else value


def describe_type(value: object) -> str:
    """Return what a value is in JSON: `null`, `an array`."""
    return _TYPE_NAMES.get(type(value), type(value).__name__)
