"""`check --list-rules`: every rule as text."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from newsdedup.check_rules import RULES
from newsdedup.render.check.text import SEVERITY_STYLES
from newsdedup.render.console import TextWriter
from newsdedup.render.passages import indent
from newsdedup.render.renderer import Page


def render(page: Page) -> None:
    """Write the rules in the order of their codes, each with its meaning, an example and a fix."""
    writer = TextWriter(page)
    for index, rule in enumerate(RULES):
        if index:
            writer.print("")
        severity = (rule.severity.value, SEVERITY_STYLES[rule.severity])
        writer.print(Text.assemble((rule.code, "bold"), " ", (rule.name, "bold"), ": ", severity))
        grid = Table.grid(padding=(0, 2, 0, 0))
        for name, text in (("meaning", rule.meaning), ("example", rule.example), ("fix", rule.fix)):
            grid.add_row(Text(name, style="dim"), Text(text, overflow="fold"))
        writer.print(indent(grid))
