"""`check --format github`, read as GitHub's runner reads it."""

from __future__ import annotations

import io
import re
from collections import Counter

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st

from newsdedup.models.checks import CheckReport, SharedPassage
from newsdedup.render import load_format, render
from newsdedup.render.check import github

# Drawn mostly from what means something to the runner.
SOUP = st.lists(
    st.sampled_from(["::", "error", "##[", "##", "[", "]", "%0A", "%25", "%", ":", ",", "=", " ", "\n", "\r", "a", "é"])
).map("".join)


def render_lines(report: CheckReport, output_format: str = "github", width: int = 100) -> list[str]:
    stream = io.StringIO()
    render(report, load_format("check", output_format), stream, width=width)
    return stream.getvalue().splitlines()


def parse_command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Return the name, properties and message of the command that a runner reads in a line of the log, or None.

    After its rules: `::` first but for white space, or `##[` anywhere.
    """
    if line.lstrip().startswith("::") and "::" in line.lstrip()[2:]:
        head, message = line.lstrip()[2:].split("::", 1)
        name, _, listed = head.partition(" ")
        pairs = (pair.split("=", 1) for pair in listed.split(",") if "=" in pair)
        return name, {key: unescape(value) for key, value in pairs}, unescape(message)
    match = re.search(r"##\[(\w+)[^\]]*\]", line)
    return (match[1], {}, "") if match else None


def unescape(text: str) -> str:
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


def build_report(errors: int, warnings: int = 0, notes: int = 0) -> CheckReport:
    """Return a report of so many findings, each in a file of its own."""
    codes = ["ND302"] * notes + ["ND011"] * warnings + ["ND006"] * errors
    return samples.build_report(
        *(samples.finding(code, samples.location(f"{number}.txt", 1), "wrong") for number, code in enumerate(codes))
    )


def test_annotation_says_where_and_what() -> None:
    """File, lines and title as properties; message, pair and passage as lines."""
    line = render_lines(samples.build_report(samples.rewrite_finding()))[0]
    command = parse_command(line)
    assert command is not None
    name, properties, message = command
    assert name == "error"
    assert properties == {"file": "new/ferry b.txt", "line": "3", "endLine": "4", "title": "ND105 rewrite"}
    assert message.startswith("tells the report of seeds/ferry-a.txt, line 5, in other words\nprobability 0.81")
    assert samples.LEAD_B in message


def test_severities_have_the_runners_names() -> None:
    """A note is a notice there."""
    names = [command[0] for line in render_lines(build_report(1, 1, 1)) if (command := parse_command(line))]
    assert sorted(names) == ["error", "notice", "warning"]


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("./new/a.txt", "new/a.txt"),
        ("new/50% off, b: c.txt", "new/50% off, b: c.txt"),
        ("/data/a.txt", "/data/a.txt"),
        ("-", None),
    ],
)
def test_file_is_the_name_in_the_repository(path: str, file: str | None) -> None:
    """Whatever stands in it; standard input has none."""
    command = parse_command(render_lines(samples.build_report(samples.rewrite_finding(samples.location(path, 1))))[0])
    assert command is not None
    assert command[1].get("file") == file
    assert command[1]["line"] == "1"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((10, 10, 10), None),
        ((11, 0, 0), "1 error;"),
        ((12, 3, 13), "2 errors, 3 notes;"),
    ],
)
def test_findings_that_github_would_drop_are_listed_and_counted(counts: tuple[int, int, int], said: str | None) -> None:
    """Ten of each severity are commands, all others lines, and the last line says how many."""
    lines = render_lines(build_report(*counts))
    commands = Counter(command[0] for line in lines if (command := parse_command(line)))
    assert commands == +Counter(
        dict(zip(("error", "warning", "notice"), (min(count, 10) for count in counts), strict=True))
    )
    assert all(any(f"{number}.txt" in line for line in lines) for number in range(sum(counts)))
    assert len(lines) == sum(counts) + (said is not None)
    assert said is None or said in lines[-1]


@given(SOUP, SOUP)
def test_article_text_makes_no_command_of_its_own(path: str, text: str) -> None:
    """As many commands as annotations, each with the message that it was given, and no other line is one."""
    findings = [samples.rewrite_finding(samples.location(path or "a", 1), message=text, others=(text, path))] * 12
    lines = render_lines(samples.build_report(*findings))
    assert [parse_command(line) is not None for line in lines] == [True] * 10 + [False] * 3


@given(SOUP, SOUP)
def test_text_in_the_log_of_a_build_makes_no_command(path: str, text: str) -> None:
    """Nor where a line is folded: `text` is what most builds print."""
    passage = SharedPassage(text=text, other_text=path, sentences=(1, 1), other_sentences=(1, 1))
    finding = samples.rewrite_finding(
        samples.location(path or "a", 1), message=text, others=(text, path), passage=passage
    )
    for width in (100, 20):
        lines = render_lines(samples.build_report(finding), "text", width)
        assert [line for line in lines if parse_command(line)] == []


@given(SOUP)
def test_escaping_is_undone_by_the_runner(text: str) -> None:
    """A property and a message come out as they went in."""
    assert unescape(github.escape_data(text)) == text
    assert unescape(github.escape_property(text)) == text
    assert not set("\r\n") & set(github.escape_data(text))
    assert not set("\r\n:,") & set(github.escape_property(text))
