"""Every format, whole, against files that a person has read.

To renew them after a change that is meant: `NEWSDEDUP_RENEW_GOLDEN=1 .venv/bin/python -m pytest tests/render`, then
read the difference.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import samples

from newsdedup.render import render, render_check, render_comparison, render_rules

GOLDEN = Path(__file__).with_name("golden")


def render_sarif(stream: io.StringIO) -> None:
    """Write SARIF without the version, which every release changes."""
    rendered = io.StringIO()
    render_check(samples.full_report(), "sarif", rendered)
    stream.write(rendered.getvalue().replace(f'"version": "{version("newsdedup")}"', '"version": "VERSION"'))


CASES: dict[str, Callable[[io.StringIO], None]] = {
    "everything-100.txt": lambda out: render(samples.everything(), "text", out),
    "everything-80.txt": lambda out: render(samples.everything(), "text", out, width=80),
    "everything-50.txt": lambda out: render(samples.everything(), "text", out, width=50),
    "everything-colour.txt": lambda out: render(samples.everything(), "text", out, width=80, colour=True),
    "everything.json": lambda out: render(samples.everything(), "json", out),
    "everything.jsonl": lambda out: render(samples.everything(), "jsonl", out),
    "everything.csv": lambda out: render(samples.everything(), "csv", out),
    "everything.md": lambda out: render(samples.everything(), "markdown", out),
    "hostile-100.txt": lambda out: render(samples.hostile(), "text", out),
    "hostile.md": lambda out: render(samples.hostile(), "markdown", out),
    "comparison-100.txt": lambda out: render_comparison(samples.comparison(), "text", out),
    "comparison-50.txt": lambda out: render_comparison(samples.comparison(), "text", out, width=50),
    "comparison-apart.txt": lambda out: render_comparison(samples.comparison(same=False), "text", out, width=80),
    "comparison.json": lambda out: render_comparison(samples.comparison(), "json", out),
    "check-100.txt": lambda out: render_check(samples.full_report(), "text", out),
    "check-50.txt": lambda out: render_check(samples.full_report(), "text", out, width=50),
    "check-colour.txt": lambda out: render_check(samples.full_report(), "text", out, width=80, colour=True),
    "check.json": lambda out: render_check(samples.full_report(), "json", out),
    "check.jsonl": lambda out: render_check(samples.full_report(), "jsonl", out),
    "check-github.txt": lambda out: render_check(samples.full_report(), "github", out),
    "check.sarif": render_sarif,
    "check-junit.xml": lambda out: render_check(samples.full_report(), "junit", out),
    "check.md": lambda out: render_check(samples.full_report(), "markdown", out),
    "check-nothing.md": lambda out: render_check(samples.build_report(files=("a.txt",)), "markdown", out),
    "rules-100.txt": render_rules,
    "rules-50.txt": lambda out: render_rules(out, width=50),
}


@pytest.mark.parametrize("name", CASES)
def test_output_is_the_golden_file(name: str) -> None:
    """Byte for byte."""
    stream = io.StringIO()
    CASES[name](stream)
    path = GOLDEN / name
    written = stream.getvalue().encode()
    if os.environ.get("NEWSDEDUP_RENEW_GOLDEN"):
        path.write_bytes(written)
    assert written == path.read_bytes()


def test_no_golden_file_is_left_over() -> None:
    """A file without a case would be read by nobody."""
    assert {path.name for path in GOLDEN.iterdir()} == set(CASES)
