"""`github`: workflow commands, which GitHub Actions shows as annotations at the lines of a pull request."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from typing import TextIO

from newsdedup.models.checks import CheckReport, Finding, Severity
from newsdedup.render.check import phrases
from newsdedup.render.sanitise import plain

ANNOTATIONS = 10
"""Annotations of each kind that GitHub shows for one step; it drops the others without a word."""
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SHOWN = 300
"""Characters of a passage in an annotation, a small box beside the line."""
# A command stands first on its line, or in its older form anywhere (`##vso[` for the runner's sibling).
_COMMAND = re.compile(r"^\s*:(?=:)|##(?=\w*\[)", re.MULTILINE)
_APART = "\u200b"
"""A space without width: a reader does not see it, and a runner sees no command."""


def render(report: CheckReport, stream: TextIO) -> None:
    """Write the first ten findings of each severity as annotations, then the others as lines of the log."""
    shown: Counter[Severity] = Counter()
    others = []
    for finding in report.findings:
        if shown[finding.severity] < ANNOTATIONS:
            shown[finding.severity] += 1
            stream.write(_annotation(finding) + "\n")
        else:
            others.append(finding)
    stream.writelines(_log_line(finding) + "\n" for finding in others)
    if others:
        why = f"GitHub shows {ANNOTATIONS} annotations of each severity for one step"
        stream.write(f"newsdedup: not annotated but listed above: {phrases.counts(others)}; {why}\n")


def data(text: str) -> str:
    """Return `text` as the message of a command, escaped as GitHub's own toolkit does it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """Return `text` as the value of a command's property, likewise."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def quieted(lines: str) -> str:
    """Return lines of a log so that a runner takes none for a command, whatever an article or a file name holds."""
    return _COMMAND.sub(lambda match: match[0] + _APART, lines)


def _annotation(finding: Finding) -> str:
    location = finding.location
    properties = {"line": str(location.line), "endLine": str(location.end_line), "title": phrases.title(finding)}
    if location.path != "-":  # what came by standard input stands in no file
        # `./a.txt` is not the name that the pull request has for a.txt.
        properties = {"file": plain(posixpath.normpath(location.path))} | properties
    joined = ",".join(f"{name}={value(each)}" for name, each in properties.items())
    others = phrases.others(finding)
    lines = [
        plain(finding.message),
        phrases.facts(finding),
        f"also: {others}" if others else "",
        *phrases.passage_lines(finding, _SHOWN),
    ]
    message = data("\n".join(filter(None, lines)))
    return f"::{_COMMANDS[finding.severity]} {joined}::{message}"


def _log_line(finding: Finding) -> str:
    head = f"{finding.severity.value}: {phrases.place(finding.location)}: {phrases.title(finding)}"
    return quieted(f"{head}: {plain(finding.message)}")
