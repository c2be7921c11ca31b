"""What `check` found, as text | json | jsonl | github | sarif | junit | markdown; one module per format.

`text` is for eyes, `github` and `markdown` for a pull request, `sarif` and `junit` for the services that read them.
Article text is hostile to each of them in another way, so each escapes for itself.
"""

from __future__ import annotations

from typing import TextIO

from newsdedup.models import CheckReport
from newsdedup.render import json_document, json_lines
from newsdedup.render.check import github, markdown, rules, text
from newsdedup.render.paper import DEFAULT_WIDTH

CHECK_FORMATS = ("text", "json", "jsonl", "github", "sarif", "junit", "markdown")


def render_check(
    report: CheckReport, output_format: str, stream: TextIO, *, width: int | None = None, colour: bool = False
) -> None:
    """Write `report` to `stream` in one of `CHECK_FORMATS`; line ends are LF, and the bytes depend on nothing else.

    `width` (columns, default 100) and `colour` (ANSI styles) matter to `text` only. Raises ValueError for an unknown
    format; errors of the stream pass through.
    """
    match output_format:
        case "text":
            text.render(report, stream, width=width or DEFAULT_WIDTH, colour=colour)
        case "json":
            json_document.render_check(report, stream)
        case "jsonl":
            json_lines.render_check(report, stream)
        case "github":
            github.render(report, stream)
        case "sarif":
            from newsdedup.render.check import sarif  # noqa: PLC0415 - only this format loads sarif-pydantic

            sarif.render(report, stream)
        case "junit":
            from newsdedup.render.check import junit  # noqa: PLC0415 - only this format loads junitparser

            junit.render(report, stream)
        case "markdown":
            markdown.render(report, stream)
        case _:
            raise ValueError(f"unknown output format '{output_format}'; known: {', '.join(CHECK_FORMATS)}")


def render_rules(stream: TextIO, *, width: int | None = None, colour: bool = False) -> None:
    """Write every rule of `check` for eyes: code, name, severity, meaning, example and how to mend it."""
    rules.render(stream, width=width or DEFAULT_WIDTH, colour=colour)
