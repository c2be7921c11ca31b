"""`json`: one document with everything, indented by two spaces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TextIO

from pydantic import BaseModel

from newsdedup.models import SCHEMA_VERSION
from newsdedup.models.checks import CheckReport
from newsdedup.models.comparison import Comparison
from newsdedup.models.evaluation import Evaluation
from newsdedup.models.store import Decision, StoreTold
from newsdedup.render.answer import Answer
from newsdedup.render.json_text import to_json


def render(result: Answer, stream: TextIO) -> None:
    """Write the `Result` as one JSON document, story by story, so that a large result is never held twice."""
    stream.write(f'{{\n  "schema_version": {json.dumps(SCHEMA_VERSION)},\n')
    _array("stories", result.stories, stream)
    _array("rejected", result.rejected, stream)
    stream.write(f'  "summary": {_indented(result.summary, 1)}\n}}\n')


def render_comparison(comparison: Comparison, stream: TextIO) -> None:
    """Write the `Comparison` as one JSON document."""
    stream.write(to_json(comparison, indent=2) + "\n")


def render_evaluation(evaluation: Evaluation, stream: TextIO) -> None:
    """Write the `Evaluation` as one JSON document."""
    stream.write(to_json(evaluation, indent=2) + "\n")


def render_check(report: CheckReport, stream: TextIO) -> None:
    """Write the `CheckReport` as one JSON document."""
    stream.write(to_json(report, indent=2) + "\n")


def render_store(told: StoreTold | Sequence[Decision], stream: TextIO) -> None:
    """Write what a store tells as one JSON document; of decisions a list."""
    if isinstance(told, BaseModel):
        stream.write(to_json(told, indent=2) + "\n")
    else:
        stream.write(json.dumps([json.loads(to_json(each)) for each in told], indent=2, ensure_ascii=False) + "\n")


def _array(name: str, items: Iterable[BaseModel], stream: TextIO) -> None:
    stream.write(f'  "{name}": [')
    separator = "\n"
    for item in items:
        stream.write(f"{separator}    {_indented(item, 2)}")
        separator = ",\n"
    stream.write("],\n" if separator == "\n" else "\n  ],\n")


def _indented(item: BaseModel, depth: int) -> str:
    return to_json(item, indent=2).replace("\n", "\n" + "  " * depth)
