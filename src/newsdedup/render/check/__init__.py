"""Findings of `check` as text | json | jsonl | github | sarif | junit | markdown; one module per format.

`text` is for the terminal, `github` and `markdown` for a pull request, `sarif` and `junit` for services that read them.
Article text can break each of them in a different way, so each does its own escaping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from newsdedup.render.width import DEFAULT_WIDTH

if TYPE_CHECKING:
    from newsdedup.models.checks import CheckReport

CHECK_FORMATS = ("text", "json", "jsonl", "github", "sarif", "junit", "markdown")


def render_check(
    report: CheckReport, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `report` to `stream` in one of `CHECK_FORMATS`. Line ends are LF; the bytes depend only on the arguments.

    `width` (columns, default 100) and `colour` (ANSI styles) apply to `text` only. Raises ValueError for an unknown
    format; errors of the stream pass through.
    """
    match output_format:  # imported per format, so that each loads only what it needs
        case "text":
            from newsdedup.render.check import text  # noqa: PLC0415

            text.render(report, stream, width=width or DEFAULT_WIDTH, colour=colour)
        case "json":
            from newsdedup.render import json_document  # noqa: PLC0415

            json_document.render_check(report, stream)
        case "jsonl":
            from newsdedup.render import json_lines  # noqa: PLC0415

            json_lines.render_check(report, stream)
        case "github":
            from newsdedup.render.check import github  # noqa: PLC0415

            github.render(report, stream)
        case "sarif":
            from newsdedup.render.check import sarif  # noqa: PLC0415

            sarif.render(report, stream)
        case "junit":
            from newsdedup.render.check import junit  # noqa: PLC0415

            junit.render(report, stream)
        case "markdown":
            from newsdedup.render.check import markdown  # noqa: PLC0415

            markdown.render(report, stream)
        case _:
            raise ValueError(f"unknown output format '{output_format}'; known: {', '.join(CHECK_FORMATS)}")


def render_rules(stream: TextIO, *, width: int | None = None, colour: bool = False) -> None:
    """Write every rule of `check` as text: code, name, severity, meaning, example and fix."""
    from newsdedup.render.check import rules  # noqa: PLC0415

    rules.render(stream, width=width or DEFAULT_WIDTH, colour=colour)
