"""`check --format junit`, read back by two parsers of XML."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml

from newsdedup.models.checks import CheckReport, Severity
from newsdedup.render import load_format, render


def render_xml(report: CheckReport) -> str:
    stream = io.StringIO()
    render(report, load_format("check", "junit"), stream)
    return stream.getvalue()


def parse_cases(report: CheckReport) -> dict[str, ET.Element]:
    root = ET.fromstring(render_xml(report).encode())  # noqa: S314 - written by us
    return {case.get("name", ""): case for case in root.iter("testcase")}


def test_a_case_for_each_file_and_a_failure_for_each_error() -> None:
    """Files without findings pass."""
    cases = parse_cases(samples.full_report())
    assert len(cases) == len(samples.full_report().files)
    assert [failure.get("type") for failure in cases["new/batch.jsonl"].iter("failure")] == ["ND102", "ND006"]
    assert list(cases["new/clean.txt"]) == []
    assert cases["new/clean.txt"].get("file") == "new/clean.txt"
    assert {case.get("classname") for case in cases.values()} == {"newsdedup.check"}


@pytest.mark.parametrize(
    ("fail_on", "failures"), [(Severity.ERROR, 1), (Severity.WARNING, 2), (Severity.NOTE, 3)], ids=str
)
def test_failures_have_at_least_the_severity_of_fail_on(fail_on: Severity, failures: int) -> None:
    """The other findings are in the output of the case."""
    case = parse_cases(samples.full_report().model_copy(update={"fail_on": fail_on}))["new/ferry b.txt"]
    assert len(list(case.iter("failure"))) == failures
    output = case.findtext("system-out") or ""
    assert "ND011" in output
    assert "ND302" in output
    assert "ND105" not in output


def test_a_second_failure_is_listed_in_the_output_too() -> None:
    """Some servers read the first failure of a case only."""
    assert "ND006" in (parse_cases(samples.full_report())["new/batch.jsonl"].findtext("system-out") or "")


def test_equal_findings_of_one_file_are_both_listed() -> None:
    """Two records may be broken alike."""
    finding = samples.finding("ND006", samples.location("a.txt", 1), "broken")
    case = parse_cases(samples.build_report(finding, finding.model_copy(), files=("a.txt",)))["a.txt"]
    assert len(list(case.iter("failure"))) == 2
    assert (case.findtext("system-out") or "").count("ND006") == 1


def test_a_finding_outside_of_the_files_has_a_case() -> None:
    """A folder that cannot be read is not a file, but it is reported."""
    finding = samples.finding("ND001", samples.location("new/locked", 1, article_id=None), "no permission to list it")
    cases = parse_cases(samples.build_report(finding, files=("a.txt",)))
    assert list(cases) == ["a.txt", "new/locked"]
    assert cases["new/locked"].find("failure") is not None


def test_counts_are_those_of_the_library_and_nothing_depends_on_the_day() -> None:
    """No time, timestamp or host."""
    xml = render_xml(samples.full_report())
    suites = JUnitXml.fromstring(xml.encode())
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (4, 4, 0, 0)
    suites.update_statistics()
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (4, 4, 0, 0)
    assert not any(f" {name}=" in xml for name in ("time", "timestamp", "hostname"))


@given(st.text(st.characters(), max_size=60))
def test_no_character_breaks_the_file(text: str) -> None:
    """XML 1.0 has no way to write most control characters, not even escaped."""
    finding = samples.rewrite_finding(samples.location(text or "a", 1), message=text, others=(text,))
    (case,) = parse_cases(samples.build_report(finding, files=(text or "a",))).values()
    assert case.find("failure") is not None
