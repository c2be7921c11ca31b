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
from newsdedup.render import render_check
from newsdedup.render.check import github

# Drawn mostly from what means something to the runner.
SOUP = st.lists(
    st.sampled_from(["::", "error", "##[", "##", "[", "]", "%0A", "%25", "%", ":", ",", "=", " ", "\n", "\r", "a", "é"])
).map("".join)


def annotated(report: CheckReport, output_format: str = "github", width: int = 100) -> list[str]:
    out = io.StringIO()
    render_check(report, output_format, out, width=width)
    return out.getvalue().splitlines()


def command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Return the name, properties and message of the command that a runner reads in a line of the log, or None.

    After its rules: `::` first but for white space, or `##[` anywhere.
    """
    if line.lstrip().startswith("::") and "::" in line.lstrip()[2:]:
        head, message = line.lstrip()[2:].split("::", 1)
        name, _, listed = head.partition(" ")
        pairs = (pair.split("=", 1) for pair in listed.split(",") if "=" in pair)
        return name, {key: unescaped(value) for key, value in pairs}, unescaped(message)
    found = re.search(r"##\[(\w+)[^\]]*\]", line)
    return (found[1], {}, "") if found else None


def unescaped(text: str) -> str:
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


def many(errors: int, warnings: int = 0, notes: int = 0) -> CheckReport:
    """Return a report of so many findings, each in a file of its own."""
    codes = ["ND302"] * notes + ["ND011"] * warnings + ["ND006"] * errors
    return samples.checked(
        *(samples.finding(code, samples.location(f"{place}.txt", 1), "wrong") for place, code in enumerate(codes))
    )


def test_annotation_says_where_and_what() -> None:
    """File, lines and title as properties; message, pair and passage as lines."""
    line = annotated(samples.checked(samples.rewritten()))[0]
    found = command(line)
    assert found is not None
    name, properties, message = found
    assert name == "error"
    assert properties == {"file": "new/ferry b.txt", "line": "3", "endLine": "4", "title": "ND105 rewrite"}
    assert message.startswith("tells the report of seeds/ferry-a.txt, line 5, in other words\nprobability 0.81")
    assert samples.LEAD_B in message


def test_severities_have_the_runners_names() -> None:
    """A note is a notice there."""
    names = [found[0] for line in annotated(many(1, 1, 1)) if (found := command(line))]
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
    found = command(annotated(samples.checked(samples.rewritten(samples.location(path, 1))))[0])
    assert found is not None
    assert found[1].get("file") == file
    assert found[1]["line"] == "1"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((10, 10, 10), None),
        ((11, 0, 0), "1 error;"),
        ((12, 3, 13), "2 errors, 3 notes;"),
    ],
)
def test_what_github_would_drop_is_listed_and_counted(counts: tuple[int, int, int], said: str | None) -> None:
    """Ten of each severity are commands, all others lines, and the last line says how many."""
    lines = annotated(many(*counts))
    commands = Counter(found[0] for line in lines if (found := command(line)))
    assert commands == +Counter(
        dict(zip(("error", "warning", "notice"), (min(each, 10) for each in counts), strict=True))
    )
    assert all(any(f"{place}.txt" in line for line in lines) for place in range(sum(counts)))
    assert len(lines) == sum(counts) + (said is not None)
    assert said is None or said in lines[-1]


@given(SOUP, SOUP)
def test_article_text_makes_no_command_of_its_own(path: str, text: str) -> None:
    """As many commands as annotations, each with the message that it was given, and no other line is one."""
    found = [samples.rewritten(samples.location(path or "a", 1), message=text, others=(text, path))] * 12
    lines = annotated(samples.checked(*found))
    assert [command(line) is not None for line in lines] == [True] * 10 + [False] * 3


@given(SOUP, SOUP)
def test_text_in_the_log_of_a_build_makes_no_command(path: str, text: str) -> None:
    """Nor where a line is folded: `text` is what most builds print."""
    passage = SharedPassage(text=text, other_text=path, sentences=(1, 1), other_sentences=(1, 1))
    found = samples.rewritten(samples.location(path or "a", 1), message=text, others=(text, path), passage=passage)
    for width in (100, 20):
        lines = annotated(samples.checked(found), "text", width)
        assert [line for line in lines if command(line)] == []


@given(SOUP)
def test_escaping_is_undone_by_the_runner(text: str) -> None:
    """A property and a message come out as they went in."""
    assert unescaped(github.escape_data(text)) == text
    assert unescaped(github.escape_property(text)) == text
    assert not set("\r\n") & set(github.escape_data(text))
    assert not set("\r\n:,") & set(github.escape_property(text))
