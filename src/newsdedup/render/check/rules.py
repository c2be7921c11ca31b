"""`check --list-rules`: every rule for eyes."""

from __future__ import annotations

from typing import TextIO

from rich.table import Table
from rich.text import Text

from newsdedup.check_rules import RULES
from newsdedup.render.check.text import STYLES
from newsdedup.render.console import Paper
from newsdedup.render.passages import indented


def render(stream: TextIO, *, width: int, colour: bool) -> None:
    """Write the rules in the order of their codes, each with its meaning, an example and how to mend it."""
    paper = Paper(stream, width=width, colour=colour)
    for place, rule in enumerate(RULES):
        if place:
            paper.print("")
        severity = (rule.severity.value, STYLES[rule.severity])
        paper.print(Text.assemble((rule.code, "bold"), " ", (rule.name, "bold"), ": ", severity))
        made = Table.grid(padding=(0, 2, 0, 0))
        for name, text in (("meaning", rule.meaning), ("example", rule.example), ("fix", rule.fix)):
            made.add_row(Text(name, style="dim"), Text(text, overflow="fold"))
        paper.print(indented(made))
