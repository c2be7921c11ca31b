"""Stage 8 of 8: render. Result -> text | json | jsonl | csv | markdown, written to a stream; one module per format.

`text` is for eyes, the others are data; `docs/output.md` says what every field means. Renderers see the models
only, those of `check` the rules too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from newsdedup.models import Comparison, Evaluation, Result
from newsdedup.render.answer import Answer
from newsdedup.render import (
    comparison_text,
    csv_rows,
    evaluation_text,
    json_document,
    json_lines,
    markdown,
    story_text,
)
from newsdedup.render.check import CHECK_FORMATS, render_check, render_rules
from newsdedup.render.paper import DEFAULT_WIDTH

__all__ = [
    "CHECK_FORMATS",
    "COMPARISON_FORMATS",
    "DEFAULT_WIDTH",
    "EVALUATION_FORMATS",
    "FORMATS",
    "render",
    "render_check",
    "render_comparison",
    "render_evaluation",
    "render_rules",
]

_DATA: dict[str, Callable[[Answer, TextIO], None]] = {
    "json": json_document.render,
    "jsonl": json_lines.render,
    "csv": csv_rows.render,
    "markdown": markdown.render,
}
FORMATS = ("text", *_DATA)
COMPARISON_FORMATS = ("text", "json")
EVALUATION_FORMATS = ("text", "json")


def render(
    result: Answer, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `result` to `stream` in one of `FORMATS`; line ends are LF, and the bytes depend on the arguments alone.

    `width` (columns, default 100) and `colour` (ANSI styles) matter to `text` only. Raises ValueError for an unknown
    format; errors of the stream pass through.
    """
    if output_format == "text":
        story_text.render(result, stream, width=width or DEFAULT_WIDTH, colour=colour)
    else:
        _known(output_format, FORMATS)
        _DATA[output_format](result, stream)


def render_comparison(
    comparison: Comparison, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `comparison` to `stream` in one of `COMPARISON_FORMATS`; arguments and errors as for `render`."""
    _known(output_format, COMPARISON_FORMATS)
    if output_format == "text":
        comparison_text.render(comparison, stream, width=width or DEFAULT_WIDTH, colour=colour)
    else:
        json_document.render_comparison(comparison, stream)


def render_evaluation(
    evaluation: Evaluation, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `evaluation` to `stream` in one of `EVALUATION_FORMATS`; arguments and errors as for `render`."""
    _known(output_format, EVALUATION_FORMATS)
    if output_format == "text":
        evaluation_text.render(evaluation, stream, width=width or DEFAULT_WIDTH, colour=colour)
    else:
        json_document.render_evaluation(evaluation, stream)


def _known(output_format: str, formats: tuple[str, ...]) -> None:
    if output_format not in formats:
        raise ValueError(f"unknown output format '{output_format}'; known: {', '.join(formats)}")
