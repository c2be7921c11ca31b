"""`github`: workflow commands, which GitHub Actions shows as annotations on the lines of a pull request."""

from __future__ import annotations

import posixpath
import re
from collections import Counter

from newsdedup.models.checks import CheckReport, Finding, Severity
from newsdedup.render import finding_phrases as phrases
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text

MAX_ANNOTATIONS = 10
"""Annotations of each severity that GitHub shows per step; it drops the others silently."""
_COMMAND_NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MAX_PASSAGE_LENGTH = 300
"""Maximum number of characters of a passage in an annotation, which is a small box below the line."""
# A command starts a line; its older form may be anywhere in it (`##[`, and `##vso[` in Azure Pipelines).
_COMMAND_PATTERN = re.compile(r"^\s*:(?=:)|##(?=\w*\[)", re.MULTILINE)
_ZERO_WIDTH_SPACE = "\u200b"
"""Breaks a command for the runner and is invisible to a reader."""


def render(report: CheckReport, page: Page) -> None:
    """Write the first ten findings of each severity as annotations, then the others as log lines."""
    annotated: Counter[Severity] = Counter()
    unannotated = []
    for finding in report.findings:
        if annotated[finding.severity] < MAX_ANNOTATIONS:
            annotated[finding.severity] += 1
            page.stream.write(_format_annotation(finding) + "\n")
        else:
            unannotated.append(finding)
    page.stream.writelines(_format_log_line(finding) + "\n" for finding in unannotated)
    if unannotated:
        reason = f"GitHub shows only {MAX_ANNOTATIONS} annotations of each severity per step"
        page.stream.write(
            f"newsdedup: not annotated but listed above: {phrases.format_counts(unannotated)}; {reason}\n"
        )


def escape_data(text: str) -> str:
    """Return `text` escaped as the message of a command, as GitHub's actions/toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Return `text` escaped as the value of a command's property, as GitHub's actions/toolkit does."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def neutralise_commands(lines: str) -> str:
    """Return log lines in which a runner finds no command, even if article texts or file names contain some."""
    return _COMMAND_PATTERN.sub(lambda match: match[0] + _ZERO_WIDTH_SPACE, lines)


def _format_annotation(finding: Finding) -> str:
    location = finding.location
    properties = {"line": str(location.line), "endLine": str(location.end_line), "title": phrases.format_rule(finding)}
    if location.path != "-":  # an article from standard input is in no file
        # In the pull request the file is called a.txt, not ./a.txt.
        properties = {"file": sanitise_text(posixpath.normpath(location.path))} | properties
    property_list = ",".join(f"{name}={escape_property(value)}" for name, value in properties.items())
    other_ids = phrases.format_others(finding)
    message_lines = [
        sanitise_text(finding.message),
        phrases.format_facts(finding),
        f"also: {other_ids}" if other_ids else "",
        *phrases.format_passage(finding, _MAX_PASSAGE_LENGTH),
    ]
    message = escape_data("\n".join(filter(None, message_lines)))
    return f"::{_COMMAND_NAMES[finding.severity]} {property_list}::{message}"


def _format_log_line(finding: Finding) -> str:
    head = f"{finding.severity.value}: {phrases.format_location(finding.location)}: {phrases.format_rule(finding)}"
    return neutralise_commands(f"{head}: {sanitise_text(finding.message)}")


FORMAT = OutputFormat(render)
