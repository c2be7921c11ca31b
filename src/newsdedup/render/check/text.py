"""`text`: findings for eyes, file by file, each with where it is, what is wrong and the passage that shows it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TextIO

from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from newsdedup.models.checks import CheckReport, Finding, Severity
from newsdedup.render.check import phrases
from newsdedup.render.check.github import quieted
from newsdedup.render.console import Guttered, Paper, marked_pieces
from newsdedup.render.differences import differences
from newsdedup.render.passages import indented
from newsdedup.render.sanitise import plain

_SHOWN = 300
"""Characters of a passage that are shown: half a dozen lines side by side. JSON has all of it."""
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold blue"}


def render(report: CheckReport, stream: TextIO, *, width: int, colour: bool) -> None:
    """Write the findings file by file, in the order of the first of each; nothing where nothing was found."""
    page = io.StringIO()
    paper = Paper(page, width=width, colour=colour)
    files: dict[str, list[Finding]] = {}
    for finding in report.findings:
        files.setdefault(finding.location.path, []).append(finding)
    for number, findings in enumerate(files.values(), start=1):
        if number > 1:
            paper.print("")
        head = f"file {number} of {len(files)}: {phrases.counts(findings)}"
        paper.print(Rule(Text(head, style="dim"), align="left", style="dim"))
        for place, finding in enumerate(findings):
            if place:
                paper.print("")
            _finding(finding, paper)
    # Most of these pages end in the log of a build, where a file called `::stop-commands::x` must do nothing.
    stream.write(quieted(page.getvalue()))


def _finding(finding: Finding, paper: Paper) -> None:
    # In one piece however long it is: terminals and editors open `path:line` from it.
    paper.line(
        Text.assemble(
            (phrases.place(finding.location), "bold"),
            ": ",
            (finding.severity.value, STYLES[finding.severity]),
            f" {phrases.title(finding)}",
        )
    )
    paper.print(indented(Text(plain(finding.message), overflow="fold")))
    if facts := phrases.facts(finding):
        paper.print(indented(Text(facts, style="dim", overflow="fold")))
    if finding.other is not None:
        paper.line(Text.assemble("  other: ", (phrases.place(finding.other), "cyan")))
    if others := phrases.others(finding):
        paper.print(indented(Text.assemble("also: ", (others, "cyan"), overflow="fold")))
    for block in _passage(finding, narrow=paper.narrow):
        paper.print(indented(block))


def _passage(finding: Finding, *, narrow: bool) -> Sequence[RenderableType]:
    """Return a line that says what is shown, then the passage: once, or both wordings with what differs marked."""
    shown = phrases.wordings(finding)
    if not shown:
        return []
    lines = f"{_lines(finding.location.line, finding.location.end_line)} here"
    if finding.other is not None:
        lines += f", {_lines(finding.other.line, finding.other.end_line)} there"
    if len(shown) == 1:
        return [Text(f"shared passage, {lines}:", style="dim"), _quoted(Text(phrases.cut(shown[0], _SHOWN)))]
    head = Text(f"shared passage, {lines}; [-only here-], {{+only there+}}:", style="dim")
    here, there = _marked(*shown)
    if narrow:
        return [head, Text("here", style="dim"), _quoted(here), Text("there", style="dim"), _quoted(there)]
    made = Table.grid(padding=(0, 3, 0, 0), expand=True)
    made.add_column(ratio=1, overflow="fold")
    made.add_column(ratio=1, overflow="fold")
    made.add_row(_quoted(here), _quoted(there))
    return [head, made]


def _quoted(text: Text) -> Guttered:
    """Return the words of an article with a bar before each line, so that they are not taken for ours."""
    return Guttered(text, "│ ", "dim")


def _marked(a: str, b: str) -> tuple[Text, Text]:
    # Compared over twice of what is shown: a word just beyond the cut of one side is not missing on it.
    pieces = differences(a[: 2 * _SHOWN], b[: 2 * _SHOWN])
    kept = tuple(phrases.cut_pieces(side, _SHOWN) for side in pieces)
    texts = marked_pieces(*kept)
    for text, side, whole in zip(texts, kept, (a, b), strict=True):
        text.rstrip()
        if missing := len(whole) - phrases.length(side):
            text.append(phrases.ellipsis(missing), style="dim")
    return texts


def _lines(line: int, end_line: int) -> str:
    return f"lines {line}-{end_line}" if end_line > line else f"line {line}"
