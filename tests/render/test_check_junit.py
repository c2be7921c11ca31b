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
from newsdedup.render import render_check


def text(report: CheckReport) -> str:
    out = io.StringIO()
    render_check(report, "junit", out)
    return out.getvalue()


def cases(report: CheckReport) -> dict[str, ET.Element]:
    root = ET.fromstring(text(report).encode())  # noqa: S314 - written by us
    return {case.get("name", ""): case for case in root.iter("testcase")}


def test_a_case_for_each_file_and_a_failure_for_each_grave_finding() -> None:
    """Files without findings pass."""
    found = cases(samples.gate())
    assert len(found) == len(samples.gate().files)
    assert [each.get("type") for each in found["new/batch.jsonl"].iter("failure")] == ["ND102", "ND006"]
    assert list(found["new/clean.txt"]) == []
    assert found["new/clean.txt"].get("file") == "new/clean.txt"
    assert {case.get("classname") for case in found.values()} == {"newsdedup.check"}


@pytest.mark.parametrize(
    ("fail_on", "failures"), [(Severity.ERROR, 1), (Severity.WARNING, 2), (Severity.NOTE, 3)], ids=str
)
def test_what_fails_is_as_grave_as_asked(fail_on: Severity, failures: int) -> None:
    """The other findings are told in the output of the case."""
    case = cases(samples.gate().model_copy(update={"fail_on": fail_on}))["new/ferry b.txt"]
    assert len(list(case.iter("failure"))) == failures
    out = case.findtext("system-out") or ""
    assert "ND011" in out
    assert "ND302" in out
    assert "ND105" not in out


def test_a_second_failure_is_told_in_the_output_too() -> None:
    """Some servers read the first failure of a case only."""
    assert "ND006" in (cases(samples.gate())["new/batch.jsonl"].findtext("system-out") or "")


def test_equal_findings_of_one_file_are_both_told() -> None:
    """Two records may be broken alike."""
    found = samples.finding("ND006", samples.location("a.txt", 1), "broken")
    case = cases(samples.checked(found, found.model_copy(), files=("a.txt",)))["a.txt"]
    assert len(list(case.iter("failure"))) == 2
    assert (case.findtext("system-out") or "").count("ND006") == 1


def test_a_finding_outside_of_the_files_has_a_case() -> None:
    """A folder that cannot be read is no file, and is told of all the same."""
    found = samples.finding("ND001", samples.location("new/locked", 1, article_id=None), "no permission to list it")
    report = cases(samples.checked(found, files=("a.txt",)))
    assert list(report) == ["a.txt", "new/locked"]
    assert report["new/locked"].find("failure") is not None


def test_counts_are_those_of_the_library_and_nothing_depends_on_the_day() -> None:
    """No time, timestamp or host."""
    written = text(samples.gate())
    read = JUnitXml.fromstring(written.encode())
    assert (read.tests, read.failures, read.errors, read.skipped) == (4, 4, 0, 0)
    read.update_statistics()
    assert (read.tests, read.failures, read.errors, read.skipped) == (4, 4, 0, 0)
    assert not any(f" {name}=" in written for name in ("time", "timestamp", "hostname"))


@given(st.text(st.characters(), max_size=60))
def test_no_character_breaks_the_file(held: str) -> None:
    """XML 1.0 has no way to write most control characters, not even escaped."""
    found = samples.rewritten(samples.location(held or "a", 1), message=held, others=(held,))
    (case,) = cases(samples.checked(found, files=(held or "a",))).values()
    assert case.find("failure") is not None
