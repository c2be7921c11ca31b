"""`text`: human-readable findings by file, each with its location, the problem and the passage that shows it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from rich.console import RenderableType
from rich.text import Text

from newsdedup.models.checks import CheckReport, Finding, Severity
from newsdedup.render import finding_phrases as phrases
from newsdedup.render.check.github import neutralise_commands
from newsdedup.render.console import GutteredText, TextWriter, build_side_by_side, mark_pieces
from newsdedup.render.passages import indent
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text

_MAX_PASSAGE_LENGTH = 300
"""Maximum number of characters shown of a passage: half a dozen lines side by side. JSON has all of it."""
SEVERITY_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold blue"}


def render(report: CheckReport, page: Page) -> None:
    """Write the findings by file, in order of each file's first finding; nothing if there are none."""
    text = io.StringIO()
    writer = TextWriter(replace(page, stream=text))
    files: dict[str, list[Finding]] = {}
    for finding in report.findings:
        files.setdefault(finding.location.path, []).append(finding)
    for number, findings in enumerate(files.values(), start=1):
        if number > 1:
            writer.print("")
        writer.print_rule(f"file {number} of {len(files)}: {phrases.format_counts(findings)}")
        for index, finding in enumerate(findings):
            if index:
                writer.print("")
            _print_finding(finding, writer)
    # Most of these reports end up in a build log, where a file called `::stop-commands::x` must have no effect.
    page.stream.write(neutralise_commands(text.getvalue()))


def _print_finding(finding: Finding, writer: TextWriter) -> None:
    # Never wrapped: terminals and editors open `path:line` from it.
    writer.print_line(
        Text.assemble(
            (phrases.format_location(finding.location), "bold"),
            ": ",
            (finding.severity.value, SEVERITY_STYLES[finding.severity]),
            f" {phrases.format_rule(finding)}",
        )
    )
    writer.print(indent(Text(sanitise_text(finding.message), overflow="fold")))
    if facts := phrases.format_facts(finding):
        writer.print(indent(Text(facts, style="dim", overflow="fold")))
    if finding.other is not None:
        writer.print_line(Text.assemble("  other: ", (phrases.format_location(finding.other), "cyan")))
    if other_ids := phrases.format_others(finding):
        writer.print(indent(Text.assemble("also: ", (other_ids, "cyan"), overflow="fold")))
    for block in _build_passage(finding, narrow=writer.is_narrow):
        writer.print(indent(block))


def _build_passage(finding: Finding, *, narrow: bool) -> Sequence[RenderableType]:
    """Return a heading, then the passage: once, or both wordings with the differing words marked."""
    wordings = phrases.get_wordings(finding)
    if not wordings:
        return []
    lines = f"{_format_lines(finding.location.line, finding.location.end_line)} here"
    if finding.other is not None:
        lines += f", {_format_lines(finding.other.line, finding.other.end_line)} there"
    if len(wordings) == 1:
        return [
            Text(f"shared passage, {lines}:", style="dim"),
            _quote(Text(phrases.truncate(wordings[0], _MAX_PASSAGE_LENGTH))),
        ]
    head = Text(f"shared passage, {lines}; [-only here-], {{+only there+}}:", style="dim")
    (pieces_here, cut_here), (pieces_there, cut_there) = phrases.diff_excerpts(wordings, _MAX_PASSAGE_LENGTH)
    text_here, text_there = mark_pieces(pieces_here, pieces_there)
    for text, cut in ((text_here, cut_here), (text_there, cut_there)):
        text.rstrip()
        text.append(cut, style="dim")
    if narrow:
        return [head, Text("here", style="dim"), _quote(text_here), Text("there", style="dim"), _quote(text_there)]
    return [head, build_side_by_side(_quote(text_here), _quote(text_there))]


def _quote(text: Text) -> GutteredText:
    """Return article text with a bar before each line, so that it is not mistaken for a message of this tool."""
    return GutteredText(text, "│ ", "dim")


def _format_lines(line: int, end_line: int) -> str:
    return f"lines {line}-{end_line}" if end_line > line else f"line {line}"


FORMAT = OutputFormat(render)
