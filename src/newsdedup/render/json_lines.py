"""`jsonl`: one compact JSON object per story and line; stories only."""

from __future__ import annotations

from typing import TextIO

from newsdedup.models import Result
from newsdedup.render.json_text import to_json


def render(result: Result, stream: TextIO) -> None:
    """Write every story as one line of JSON."""
    stream.writelines(to_json(story) + "\n" for story in result.stories)
