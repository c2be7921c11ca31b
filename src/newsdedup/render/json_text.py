"""A printed model as JSON that is safe to show and to split: what `json` and `jsonl` share."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel

# Control characters that JSON may hold as they are but a terminal may obey (DEL, C1), separators at which some tools
# break lines (U+0085 among C1, U+2028, U+2029), and lone surrogates, which UTF-8 cannot hold.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def to_json(value: BaseModel | dict[str, Any], *, indent: int | None = None) -> str:
    """Return `value` as JSON without a newline at its end: non-ASCII kept, unsafe characters escaped.

    No string in it holds a raw line break, so indented JSON can be indented further by replacing newlines. Numbers that
    JSON has no word for (NaN, infinities; only `extra` can hold them) become null.
    """
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    separators = (",", ":") if indent is None else None
    dumped = json.dumps(data, ensure_ascii=False, indent=indent, separators=separators)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", dumped)
