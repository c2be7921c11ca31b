"""`jsonl`: one compact JSON object per line, a finding each, and nothing else."""

from __future__ import annotations

from newsdedup.models.checks import CheckReport
from newsdedup.render.json_text import to_json
from newsdedup.render.renderer import OutputFormat, Page


def render(report: CheckReport, page: Page) -> None:
    """Write every finding as one line of JSON."""
    page.stream.writelines(to_json(finding) + "\n" for finding in report.findings)


FORMAT = OutputFormat(render)
