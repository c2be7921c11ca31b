"""`junit`: JUnit XML, which CI servers show among the results of tests; a test case for each file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO
from xml.etree import ElementTree as ET

from junitparser import Attr, Failure, JUnitXml, TestCase, TestSuite

from newsdedup.models.checks import CheckReport, Finding, Severity
from newsdedup.render.check import phrases
from newsdedup.render.sanitise import plain

_NAME = "newsdedup check"
_SHOWN = 1000
"""Characters of each wording of a passage."""


class _FileCase(TestCase):
    """A test case with the attribute by which CI servers find the file."""

    file = Attr()


def render(report: CheckReport, stream: TextIO) -> None:
    """Write one suite: a case for each file, in it a failure for each finding that fails the check.

    There are no times and no host, so that equal reports make equal files.
    """
    files: dict[str, list[Finding]] = {path: [] for path in report.files}
    for finding in report.findings:
        files.setdefault(finding.location.path, []).append(finding)
    cases = [_case(path, findings, report.fail_on) for path, findings in files.items()]
    suite = TestSuite(_NAME)
    suite.extend(cases)
    root = JUnitXml(_NAME)
    root.append(suite)
    for counted in (root, suite):  # the library counts too, but adds a time
        counted.tests = len(cases)
        counted.failures = sum(len(case.result) for case in cases)
        counted.errors = counted.skipped = 0
    # junitparser writes by lxml where that is installed, and lxml sets other spaces: written again by one hand.
    tree = ET.fromstring(root.tostring())  # noqa: S314 - made above
    ET.indent(tree)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(tree, encoding="unicode") + "\n")


def _case(path: str, findings: Sequence[Finding], fail_on: Severity) -> TestCase:
    case = _passed(path)
    failing = [finding for finding in findings if finding.severity.rank <= fail_on.rank]
    for finding in failing:
        failure = Failure(plain(finding.message), finding.code)
        failure.text = _text(finding)
        case.append(failure)
    # Some servers read one failure of a case and no more, so the others are told here too.
    told = [finding for finding in findings if not any(finding is first for first in failing[:1])]
    if told:
        case.system_out = "\n\n".join(map(_text, told))
    return case


def _passed(path: str) -> TestCase:
    case = _FileCase(plain(path), "newsdedup.check")
    case.file = plain(path)
    return case


def _text(finding: Finding) -> str:
    """Return the finding in lines. What XML 1.0 cannot hold, escaped or not, is replaced as on a terminal."""
    others = phrases.others(finding)
    lines = [
        f"{phrases.span(finding.location)}: {finding.severity.value} {phrases.title(finding)}",
        plain(finding.message),
        phrases.facts(finding),
        f"other: {phrases.span(finding.other)}" if finding.other else "",
        f"also: {others}" if others else "",
        *phrases.passage_lines(finding, _SHOWN),
    ]
    return "\n".join(filter(None, lines))
