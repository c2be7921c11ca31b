"""`junit`: JUnit XML, which CI servers show among the test results; one test case per file."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from junitparser import Attr, Failure, JUnitXml, TestCase, TestSuite

from newsdedup.models.checks import CheckReport, Finding, Severity
from newsdedup.render import finding_phrases as phrases
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text

_SUITE_NAME = "newsdedup check"
_MAX_PASSAGE_LENGTH = 1000
"""Maximum number of characters of each wording of a passage."""


class _FileCase(TestCase):
    """A test case with the attribute by which CI servers find the file."""

    file = Attr()


def render(report: CheckReport, page: Page) -> None:
    """Write one suite with a case for each file, and in it a failure for each finding that fails the check.

    It contains no times and no host name, so that equal reports give equal files.
    """
    files: dict[str, list[Finding]] = {path: [] for path in report.files}
    for finding in report.findings:
        files.setdefault(finding.location.path, []).append(finding)
    cases = [_build_case(path, findings, report.fail_on) for path, findings in files.items()]
    suite = TestSuite(_SUITE_NAME)
    suite.extend(cases)
    root = JUnitXml(_SUITE_NAME)
    root.append(suite)
    for element in (root, suite):  # the library can count too, but adds a time
        element.tests = len(cases)
        element.failures = sum(len(case.result) for case in cases)
        element.errors = element.skipped = 0
    # junitparser writes with lxml if that is installed, whose white space differs: always write with ElementTree.
    tree = ET.fromstring(root.tostring())  # noqa: S314 - built above
    ET.indent(tree)
    page.stream.write('<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(tree, encoding="unicode") + "\n")


def _build_case(path: str, findings: Sequence[Finding], fail_on: Severity) -> TestCase:
    case = _create_passed_case(path)
    failing = [finding for finding in findings if finding.severity.rank <= fail_on.rank]
    for finding in failing:
        failure = Failure(sanitise_text(finding.message), finding.code)
        failure.text = _format_finding(finding)
        case.append(failure)
    # Some servers read only the first failure of a case, so the others are listed here too.
    system_out = [finding for finding in findings if not any(finding is reported for reported in failing[:1])]
    if system_out:
        case.system_out = "\n\n".join(map(_format_finding, system_out))
    return case


def _create_passed_case(path: str) -> TestCase:
    case = _FileCase(sanitise_text(path), "newsdedup.check")
    case.file = sanitise_text(path)
    return case


def _format_finding(finding: Finding) -> str:
    """Return the finding as lines of text. Characters that XML 1.0 forbids are replaced as for a terminal."""
    other_ids = phrases.format_others(finding)
    lines = [
        f"{phrases.format_span(finding.location)}: {finding.severity.value} {phrases.format_rule(finding)}",
        sanitise_text(finding.message),
        phrases.format_facts(finding),
        f"other: {phrases.format_span(finding.other)}" if finding.other else "",
        f"also: {other_ids}" if other_ids else "",
        *phrases.format_passage(finding, _MAX_PASSAGE_LENGTH),
    ]
    return "\n".join(filter(None, lines))


FORMAT = OutputFormat(render)
