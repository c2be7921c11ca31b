"""Stage 8 of 8: render. Writes stories, and the output of the other commands, to a stream in a format.

Each format is one file. `stories/` has the formats of stories; `comparison/`, `evaluation/`, `check/` and `store/` have
those of what these commands print. `text` is human-readable, most others are data; `docs/output.md` describes every
field. Renderers import only the models, those of `check` also the rules.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, TextIO, TypeVar

from newsdedup.registry import Kind, list_output_formats
from newsdedup.render.renderer import DEFAULT_WIDTH, OutputFormat, Page

__all__ = ["DEFAULT_WIDTH", "OutputFormat", "Page", "load_format", "render", "render_rules"]

_Report = TypeVar("_Report")


def load_format(kind: Kind, name: str) -> OutputFormat[Any]:
    """Return the format of this name for one kind of output.

    Only its module is imported: rich, for one, takes a tenth of a second. Raises ValueError for an unknown format, and
    MissingExtraError for one that is not installed.
    """
    names = list_output_formats(kind)
    if name not in names:
        raise ValueError(f"unknown output format '{name}'; known: {', '.join(names)}")
    output_format: OutputFormat[Any] = import_module(f"{__name__}.{kind}.{name}").FORMAT
    if output_format.extra is not None:
        output_format.extra.check_installed(f"the format {name}")
    return output_format


def render(
    report: _Report,
    output_format: OutputFormat[_Report],
    stream: TextIO,
    *,
    width: int | None = None,
    colour: bool = False,
) -> None:
    """Write `report` to `stream`. Line ends are LF; the bytes depend only on the arguments.

    `width` (columns, default 100) and `colour` (ANSI styles) apply to human-readable text only. Errors of the stream
    pass through.
    """
    output_format.render(report, Page(stream, width or DEFAULT_WIDTH, colour))


def render_rules(stream: TextIO, *, width: int | None = None, colour: bool = False) -> None:
    """Write every rule of `check` as text: code, name, severity, meaning, example and fix."""
    from newsdedup.render import rule_list  # noqa: PLC0415 - it imports rich

    rule_list.render(Page(stream, width or DEFAULT_WIDTH, colour))
