"""`jsonl`: one compact JSON object per line: stories of `ingest`, findings of `check`, nothing else."""

from __future__ import annotations

from typing import TextIO

from newsdedup.models.checks import CheckReport
from newsdedup.render.answer import ResultLike
from newsdedup.render.json_text import to_json


def render(result: ResultLike, stream: TextIO) -> None:
    """Write every story as one line of JSON."""
    stream.writelines(to_json(story) + "\n" for story in result.stories)


def render_check(report: CheckReport, stream: TextIO) -> None:
    """Write every finding as one line of JSON."""
    stream.writelines(to_json(finding) + "\n" for finding in report.findings)
