"""Printed models as JSON that is safe to show in a terminal and to split at line breaks, for `json` and `jsonl`."""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import Any

from pydantic import BaseModel

from newsdedup.models import LoneStory
from newsdedup.render.renderer import Page
from newsdedup.text import UNSPACED_SENTENCE_ENDS, join_sentences

# Control characters that JSON allows unescaped but a terminal may interpret (DEL, C1), separators at which some tools
# break lines (U+0085 in C1, U+2028, U+2029), and lone surrogates, which UTF-8 cannot encode.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_RARELY_UNSAFE = (*map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029")


def to_json(value: BaseModel | dict[str, Any], *, indent: int | None = None) -> str:
    """Return `value` as JSON without a final newline; non-ASCII characters are kept, unsafe ones escaped.

    No string in it contains a raw line break, so indented JSON can be indented further by replacing newlines. Numbers
    that JSON cannot represent (NaN and infinities, possible only in `extra`) become null.
    """
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    separators = (",", ":") if indent is None else None
    return _escape_unsafe(json.dumps(data, ensure_ascii=False, indent=indent, separators=separators))


def render_document(report: BaseModel, page: Page) -> None:
    """Write the report as one JSON document, indented by two spaces: what `json` is for most kinds of output."""
    page.stream.write(to_json(report, indent=2) + "\n")


def lone_to_json(story: LoneStory) -> str:
    """Return the story of a lone report, byte for byte as from `to_json`, in a fraction of the time.

    Most stories are lone, and their JSON contains the text four times: here it is escaped once.
    """
    report, variant, story_id, related, withdrawn = story
    name = _escape_unsafe(encode_basestring(variant.article_id))
    full_text = "\n".join(["\n".join(sentences) for sentences in report.paragraphs])
    quote = encode_basestring if _is_safe(full_text) else _quote_safely
    has_spaces = not any(end in full_text for end in UNSPACED_SENTENCE_ENDS)
    texts, paragraphs = [], []
    for sentences in report.paragraphs:
        quoted = list(map(quote, sentences))
        text = " ".join([string[1:-1] for string in quoted]) if has_spaces else quote(join_sentences(sentences))[1:-1]
        texts.append(text)
        parts = ",".join(
            [f'{{"text":{string},"sources":[{{"article_id":{name},"text":{string}}}]}}' for string in quoted]
        )
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
    links = to_json({"related": [link.model_dump(mode="json") for link in related]})
    return (
        f'{head[:-1]},"text":"{text}","paragraphs":[{",".join(paragraphs)}],"conflicts":[],'
        f'"superseded":[],"additions":[],"withdrawn":{_quote_safely(withdrawn) if withdrawn else "null"},'
        f'"variants":[{to_json(variant)}],"cohesion":{{"weakest":1.0,"bridges":[]}},{links[1:]}'
    )


def _quote_safely(text: str) -> str:
    return _escape_unsafe(encode_basestring(text))


def _escape_unsafe(dumped: str) -> str:
    """Escape the unsafe characters of a JSON text."""
    return dumped if _is_safe(dumped) else _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", dumped)


def _is_safe(text: str) -> bool:
    """Return whether `text` has no unsafe character. One `in` test per character is faster than the regex."""
    if text.isascii():
        return "\x7f" not in text
    if any(char in text for char in _RARELY_UNSAFE):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
