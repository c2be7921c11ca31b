"""`json`: one document with everything, indented by two spaces."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from pydantic import BaseModel

from newsdedup.models import SCHEMA_VERSION, ResultLike
from newsdedup.render.json_text import to_json
from newsdedup.render.renderer import OutputFormat, Page


def render(result: ResultLike, page: Page) -> None:
    """Write the `Result` as one JSON document, story by story, so that a large result is in memory only once."""
    page.stream.write(f'{{\n  "schema_version": {json.dumps(SCHEMA_VERSION)},\n')
    _write_array("stories", result.stories, page.stream)
    _write_array("rejected", result.rejected, page.stream)
    page.stream.write(f'  "summary": {_indent_json(result.summary, 1)}\n}}\n')


def _write_array(name: str, items: Iterable[BaseModel], stream: TextIO) -> None:
    stream.write(f'  "{name}": [')
    separator = "\n"
    for item in items:
        stream.write(f"{separator}    {_indent_json(item, 2)}")
        separator = ",\n"
    stream.write("],\n" if separator == "\n" else "\n  ],\n")


def _indent_json(item: BaseModel, depth: int) -> str:
    return to_json(item, indent=2).replace("\n", "\n" + "  " * depth)


FORMAT = OutputFormat(render, one_pass=True)
