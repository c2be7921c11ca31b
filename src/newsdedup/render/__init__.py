"""Stage 8 of 8: render. Result -> text | json | jsonl | csv | markdown, written to a stream; one module per format.

`text` is human-readable, the others are data; `docs/output.md` describes every field. Renderers import only the models,
those of `check` also the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from newsdedup.render.check import CHECK_FORMATS, render_check, render_rules
from newsdedup.render.width import DEFAULT_WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdedup.models import ResultLike
    from newsdedup.models.comparison import Comparison
    from newsdedup.models.evaluation import Evaluation
    from newsdedup.models.store import Decision, StoreReport

__all__ = [
    "CHECK_FORMATS",
    "COMPARISON_FORMATS",
    "DEFAULT_WIDTH",
    "EVALUATION_FORMATS",
    "FORMATS",
    "STORE_FORMATS",
    "render",
    "render_check",
    "render_comparison",
    "render_evaluation",
    "render_rules",
    "render_store",
]

FORMATS = ("text", "json", "jsonl", "csv", "markdown")
COMPARISON_FORMATS = ("text", "json")
EVALUATION_FORMATS = ("text", "json")
STORE_FORMATS = ("text", "json")


def render(
    result: ResultLike, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `result` to `stream` in one of `FORMATS`. Line ends are LF; the bytes depend only on the arguments.

    `width` (columns, default 100) and `colour` (ANSI styles) apply to `text` only. Raises ValueError for an unknown
    format; errors of the stream pass through.
    """
    match output_format:  # imported per format: importing rich takes a tenth of a second
        case "text":
            from newsdedup.render import story_text  # noqa: PLC0415

            story_text.render(result, stream, width=width or DEFAULT_WIDTH, colour=colour)
        case "json":
            from newsdedup.render import json_document  # noqa: PLC0415

            json_document.render(result, stream)
        case "jsonl":
            from newsdedup.render import json_lines  # noqa: PLC0415

            json_lines.render(result, stream)
        case "csv":
            from newsdedup.render import csv_rows  # noqa: PLC0415

            csv_rows.render(result, stream)
        case "markdown":
            from newsdedup.render import markdown  # noqa: PLC0415

            markdown.render(result, stream)
        case _:
            _check_format(output_format, FORMATS)


def render_comparison(
    comparison: Comparison, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `comparison` to `stream` in one of `COMPARISON_FORMATS`; arguments and errors as for `render`."""
    _check_format(output_format, COMPARISON_FORMATS)
    if output_format == "text":
        from newsdedup.render import comparison_text  # noqa: PLC0415

        comparison_text.render(comparison, stream, width=width or DEFAULT_WIDTH, colour=colour)
    else:
        from newsdedup.render import json_document  # noqa: PLC0415

        json_document.render_comparison(comparison, stream)


def render_evaluation(
    evaluation: Evaluation, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `evaluation` to `stream` in one of `EVALUATION_FORMATS`; arguments and errors as for `render`."""
    _check_format(output_format, EVALUATION_FORMATS)
    if output_format == "text":
        from newsdedup.render import evaluation_text  # noqa: PLC0415

        evaluation_text.render(evaluation, stream, width=width or DEFAULT_WIDTH, colour=colour)
    else:
        from newsdedup.render import json_document  # noqa: PLC0415

        json_document.render_evaluation(evaluation, stream)


def render_store(report: StoreReport | Sequence[Decision], output_format: str, stream: TextIO) -> None:
    """Write the output of a store command to `stream` in one of `STORE_FORMATS`; errors as for `render`."""
    _check_format(output_format, STORE_FORMATS)
    if output_format == "text":
        from newsdedup.render import store_text  # noqa: PLC0415

        store_text.render(report, stream)
    else:
        from newsdedup.render import json_document  # noqa: PLC0415

        json_document.render_store(report, stream)


def _check_format(output_format: str, formats: tuple[str, ...]) -> None:
    if output_format not in formats:
        raise ValueError(f"unknown output format '{output_format}'; known: {', '.join(formats)}")
