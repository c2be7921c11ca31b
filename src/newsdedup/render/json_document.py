"""`json`: one document with everything, indented by two spaces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TextIO

from pydantic import BaseModel

from newsdedup.models import SCHEMA_VERSION, ResultLike
from newsdedup.models.checks import CheckReport
from newsdedup.models.comparison import Comparison
from newsdedup.models.evaluation import Evaluation
from newsdedup.models.store import Decision, StoreReport
from newsdedup.render.json_text import to_json


def render(result: ResultLike, stream: TextIO) -> None:
    """Write the `Result` as one JSON document, story by story, so that a large result is in memory only once."""
    stream.write(f'{{\n  "schema_version": {json.dumps(SCHEMA_VERSION)},\n')
    _write_array("stories", result.stories, stream)
    _write_array("rejected", result.rejected, stream)
    stream.write(f'  "summary": {_indent_json(result.summary, 1)}\n}}\n')


def render_comparison(comparison: Comparison, stream: TextIO) -> None:
    """Write the `Comparison` as one JSON document."""
    stream.write(to_json(comparison, indent=2) + "\n")


def render_evaluation(evaluation: Evaluation, stream: TextIO) -> None:
    """Write the `Evaluation` as one JSON document."""
    stream.write(to_json(evaluation, indent=2) + "\n")


def render_check(report: CheckReport, stream: TextIO) -> None:
    """Write the `CheckReport` as one JSON document."""
    stream.write(to_json(report, indent=2) + "\n")


def render_store(report: StoreReport | Sequence[Decision], stream: TextIO) -> None:
    """Write the output of a store command as one JSON document; decisions are a list."""
    if isinstance(report, BaseModel):
        stream.write(to_json(report, indent=2) + "\n")
    else:
        stream.write(
            json.dumps([json.loads(to_json(decision)) for decision in report], indent=2, ensure_ascii=False) + "\n"
        )


def _write_array(name: str, items: Iterable[BaseModel], stream: TextIO) -> None:
    stream.write(f'  "{name}": [')
    separator = "\n"
    for item in items:
        stream.write(f"{separator}    {_indent_json(item, 2)}")
        separator = ",\n"
    stream.write("],\n" if separator == "\n" else "\n  ],\n")


def _indent_json(item: BaseModel, depth: int) -> str:
    return to_json(item, indent=2).replace("\n", "\n" + "  " * depth)
