"""`jsonl`: one compact JSON object per line: a story of `ingest`, a finding of `check`, and nothing else."""

from __future__ import annotations

from typing import TextIO

from newsdedup.models.checks import CheckReport
from newsdedup.render.answer import Answer
from newsdedup.render.json_text import to_json


def render(result: Answer, stream: TextIO) -> None:
    """Write every story as one line of JSON."""
    stream.writelines(to_json(story) + "\n" for story in result.stories)


def render_check(report: CheckReport, stream: TextIO) -> None:
    """Write every finding as one line of JSON."""
    stream.writelines(to_json(finding) + "\n" for finding in report.findings)
