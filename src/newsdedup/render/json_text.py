"""A printed model as JSON that is safe to show and to split: what `json` and `jsonl` share."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any

from pydantic import BaseModel

from newsdedup.models import Related, Report, Variant
from newsdedup.text import UNSPACED_ENDS, joined

# Control characters that JSON may hold as they are but a terminal may obey (DEL, C1), separators at which some tools
# break lines (U+0085 among C1, U+2028, U+2029), and lone surrogates, which UTF-8 cannot hold.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_RARE = (*map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029")


def to_json(value: BaseModel | dict[str, Any], *, indent: int | None = None) -> str:
    """Return `value` as JSON without a newline at its end: non-ASCII kept, unsafe characters escaped.

    No string in it holds a raw line break, so indented JSON can be indented further by replacing newlines. Numbers that
    JSON has no word for (NaN, infinities; only `extra` can hold them) become null.
    """
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    separators = (",", ":") if indent is None else None
    return _safe(json.dumps(data, ensure_ascii=False, indent=indent, separators=separators))


def lone_to_json(report: Report, variant: Variant, story_id: str, related: Sequence[Related]) -> str:
    """Return the story of a report that is alone, as `to_json` has it, at a fraction of the time.

    Most stories are lone, and their text stands in them four times: here it is escaped once.
    """
    name = _safe(encode_basestring(variant.article_id))
    whole = "\n".join(["\n".join(sentences) for sentences in report.paragraphs])
    quoted = encode_basestring if _is_safe(whole) else _quoted_safely
    spaced = not any(end in whole for end in UNSPACED_ENDS)
    texts, paragraphs = [], []
    for sentences in report.paragraphs:
        told = list(map(quoted, sentences))
        text = " ".join([each[1:-1] for each in told]) if spaced else quoted(joined(sentences))[1:-1]
        texts.append(text)
        parts = ",".join([f'{{"text":{each},"sources":[{{"article_id":{name},"text":{each}}}]}}' for each in told])
        paragraphs.append(f'{{"text":"{text}","added":false,"sources":[{name}],"sentences":[{parts}]}}')
    head = to_json(
        {
            "story_id": story_id,
            "title": report.title,
            "title_inferred": report.title_inferred,
            "published": report.article.published,
            "language": report.article.language,
            "body_empty": not report.paragraphs,
        }
    )
    text = "\\n\\n".join(texts)
    links = to_json({"related": [each.model_dump(mode="json") for each in related]})
    return (
        f'{head[:-1]},"text":"{text}","paragraphs":[{",".join(paragraphs)}],"conflicts":[],'
        f'"superseded":[],"variants":[{to_json(variant)}],"cohesion":{{"weakest":1.0,"bridges":[]}},{links[1:]}'
    )


def _quoted_safely(text: str) -> str:
    return _safe(encode_basestring(text))


def _safe(dumped: str) -> str:
    """Escape what is unsafe."""
    return dumped if _is_safe(dumped) else _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", dumped)


def _is_safe(text: str) -> bool:
    """Tell whether nothing in `text` is unsafe: asking for each character takes less time than a search for all."""
    if text.isascii():
        return "\x7f" not in text
    if any(char in text for char in _RARE):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
