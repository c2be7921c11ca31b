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
from typing import Any

import pytest
import samples

from newsdedup.registry import Kind
from newsdedup.render import load_format, render, render_rules

GOLDEN = Path(__file__).with_name("golden")


def renderer(kind: Kind, name: str, report: object, **layout: Any) -> Callable[[io.StringIO], None]:
    """Return a function that writes the report in a format; `layout` is width and colour."""
    return lambda stream: render(report, load_format(kind, name), stream, **layout)


def render_sarif(stream: io.StringIO) -> None:
    """Write SARIF without the version, which every release changes."""
    rendered = io.StringIO()
    render(samples.full_report(), load_format("check", "sarif"), rendered)
    stream.write(rendered.getvalue().replace(f'"version": "{version("newsdedup")}"', '"version": "VERSION"'))


CASES: dict[str, Callable[[io.StringIO], None]] = {
    "everything-100.txt": renderer("stories", "text", samples.everything()),
    "everything-80.txt": renderer("stories", "text", samples.everything(), width=80),
    "everything-50.txt": renderer("stories", "text", samples.everything(), width=50),
    "everything-colour.txt": renderer("stories", "text", samples.everything(), width=80, colour=True),
    "everything.json": renderer("stories", "json", samples.everything()),
    "everything.jsonl": renderer("stories", "jsonl", samples.everything()),
    "everything.csv": renderer("stories", "csv", samples.everything()),
    "everything.md": renderer("stories", "markdown", samples.everything()),
    "hostile-100.txt": renderer("stories", "text", samples.hostile()),
    "hostile.md": renderer("stories", "markdown", samples.hostile()),
    "comparison-100.txt": renderer("comparison", "text", samples.comparison()),
    "comparison-50.txt": renderer("comparison", "text", samples.comparison(), width=50),
    "comparison-apart.txt": renderer("comparison", "text", samples.comparison(same=False), width=80),
    "comparison.json": renderer("comparison", "json", samples.comparison()),
    "check-100.txt": renderer("check", "text", samples.full_report()),
    "check-50.txt": renderer("check", "text", samples.full_report(), width=50),
    "check-colour.txt": renderer("check", "text", samples.full_report(), width=80, colour=True),
    "check.json": renderer("check", "json", samples.full_report()),
    "check.jsonl": renderer("check", "jsonl", samples.full_report()),
    "check-github.txt": renderer("check", "github", samples.full_report()),
    "check.sarif": render_sarif,
    "check-junit.xml": renderer("check", "junit", samples.full_report()),
    "check.md": renderer("check", "markdown", samples.full_report()),
    "check-nothing.md": renderer("check", "markdown", samples.build_report(files=("a.txt",))),
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
