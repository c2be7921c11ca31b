"""What each format of `check` promises, beyond its golden files."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import unicodedata

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from newsdedup.check_rules import RULES
from newsdedup.models import Relation
from newsdedup.models.checks import CheckReport, Finding, SharedPassage
from newsdedup.registry import list_output_formats
from newsdedup.render import finding_phrases as phrases
from newsdedup.render import load_format, render, render_rules
from newsdedup.render.check.github import MAX_ANNOTATIONS
from newsdedup.render.differences import diff_words

ANY_TEXT = st.text(st.characters(), max_size=60)


def render_to_text(report: CheckReport, output_format: str, *, width: int | None = None, colour: bool = False) -> str:
    stream = io.StringIO()
    render(report, load_format("check", output_format), stream, width=width, colour=colour)
    return stream.getvalue()


def build_hostile_report(message: str, text: str, errors: int) -> CheckReport:
    """Return a report in which these two stand wherever an article or a file name can bring its own text."""
    location = samples.location(message or "a", 3, 5, article_id=text)
    passage = SharedPassage(text=text, other_text=message, sentences=(1, 1), other_sentences=(1, 1))
    finding = samples.rewrite_finding(
        location, message=message, other=location, others=(text, message) * 3, passage=passage
    )
    bare = samples.finding("ND006", location, text)
    return samples.build_report(*[finding] * errors, *[bare] * 2, files=(text, "a"))


# -- all formats -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output_format", list_output_formats("check"))
def test_every_finding_is_in_every_format(output_format: str) -> None:
    """Each code of the sample, wherever the format puts it."""
    shown = render_to_text(samples.full_report(), output_format)
    assert all(finding.code in shown for finding in samples.full_report().findings)
    assert shown.endswith("\n")


@pytest.mark.parametrize("output_format", ["html", "", "csv"])
def test_unknown_format_is_refused(output_format: str) -> None:
    """With the names of those there are."""
    with pytest.raises(ValueError, match=r"unknown output format '\w*'; known: text, json, jsonl, github, sarif"):
        render_to_text(samples.full_report(), output_format)


@given(ANY_TEXT, ANY_TEXT)
def test_nothing_in_an_article_reaches_the_terminal_as_a_command(message: str, text: str) -> None:
    """Whatever a page or a file name holds: no control characters, and nothing that UTF-8 refuses."""
    for output_format in list_output_formats("check"):
        # Errors beyond the number that GitHub shows are written differently; elsewhere all are written alike.
        report = build_hostile_report(message, text, MAX_ANNOTATIONS + 1 if output_format == "github" else 2)
        shown = render_to_text(report, output_format, width=40)
        shown.encode()
        assert {char for char in shown if unicodedata.category(char) == "Cc"} <= {"\n"}


def test_other_commands_do_not_load_the_libraries_of_sarif_and_junit() -> None:
    """They cost time at every start; only the two formats need them."""
    code = (
        "import io, sys, newsdedup.render as r, newsdedup.models.checks as m\n"
        "s = m.CheckSummary(new=1, known=0, errors=0, warnings=0, notes=0)\n"
        "c = m.CheckReport(fail_on='error', failed=False, files=('a',), findings=(), summary=s)\n"
        "for each in ('text', 'json', 'jsonl', 'github', 'markdown'):\n"
        "    r.render(c, r.load_format('check', each), io.StringIO())\n"
        "print(sorted({'sarif_pydantic', 'junitparser'} & set(sys.modules)))\n"
        "for each in ('sarif', 'junit'): r.render(c, r.load_format('check', each), io.StringIO())\n"
        "print(sorted({'sarif_pydantic', 'junitparser'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n['junitparser', 'sarif_pydantic']\n"


# -- json --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", [samples.full_report(), samples.build_report()], ids=["gate", "nothing"])
def test_json_reads_back_as_the_report(report: CheckReport) -> None:
    """The document is the model, and JSON Lines are its findings."""
    assert CheckReport.model_validate_json(render_to_text(report, "json")) == report
    lines = render_to_text(report, "jsonl").splitlines()
    assert tuple(map(Finding.model_validate_json, lines)) == report.findings


# -- text --------------------------------------------------------------------------------------------------------


def test_text_without_findings_is_empty() -> None:
    """The summary is the command's, on standard error."""
    assert render_to_text(samples.build_report(files=("a.txt",)), "text") == ""


@pytest.mark.parametrize("width", [100, 50, 30])
def test_text_keeps_to_its_width_except_for_locations(width: int) -> None:
    """`path:line` is one piece at any width, so that a terminal or an editor can open it."""
    report = samples.full_report()
    lines = render_to_text(report, "text", width=width).splitlines()
    locations = {
        phrases.format_location(location)
        for finding in report.findings
        for location in (finding.location, finding.other)
        if location is not None
    }
    assert all(any(location in line for line in lines) for location in locations)
    assert all(cell_len(line) <= width for line in lines if not any(location in line for location in locations))
    assert not any(line.endswith(" ") for line in lines)


def test_text_groups_findings_by_file() -> None:
    """A file stands where its first finding stands, with all the others under it."""
    text = render_to_text(samples.full_report(), "text")
    heads = [text.index(f"file {number} of 3") for number in (1, 2, 3)]
    first = text[heads[0] : heads[1]]
    assert first.count("new/ferry b.txt:") == 3
    assert "file 1 of 3: 1 error, 1 warning, 1 note" in first


def test_colour_adds_styles_only() -> None:
    """The same words stand in the same places."""
    bare = re.sub(r"\x1b\[[0-9;]*m", "", render_to_text(samples.full_report(), "text", colour=True))
    assert [line.rstrip() for line in bare.splitlines()] == render_to_text(samples.full_report(), "text").splitlines()


def test_rewrites_show_both_wordings_and_reprints_one() -> None:
    """What differs is marked in the first; of the second the other half would be the same again."""
    text = render_to_text(samples.full_report(), "text")
    assert "[-221-]" in text
    assert "{+212+}" in text
    assert text.count("On day 1 the harbour office") == 1


def test_a_word_beyond_the_cut_of_one_side_is_not_marked() -> None:
    """Both sides are cut at the same length, so their last words need not be the same ones."""
    a, b = samples.LONG, "Now " + samples.LONG
    passage = SharedPassage(text=a, other_text=b, sentences=(8, 8), other_sentences=(8, 8))
    text = render_to_text(samples.build_report(samples.rewrite_finding(passage=passage)), "text", width=50)
    assert "{+Now+}" in text
    assert text.count("[-") == 1  # where the marks are explained
    assert text.count(" … (") == 2


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, ""), (1, "p0"), (3, "p0, p1, p2"), (4, "p0, p1, p2 and 1 more"), (1203, "p0, p1, p2 and 1,200 more")],
)
def test_further_articles_are_named_up_to_three(count: int, shown: str) -> None:
    """And the rest counted."""
    finding = samples.rewrite_finding(others=tuple(f"p{number}" for number in range(count)))
    assert phrases.format_others(finding) == shown


@given(st.text("abc \u6f6e", max_size=80), st.integers(0, 90))
def test_cut_says_exactly_how_much_is_missing(text: str, limit: int) -> None:
    """What is shown begins the text, keeps to the limit, and with what is counted makes all of it."""
    shown = phrases.truncate(text, limit)
    if len(text) <= limit:
        assert shown == text
        return
    prefix, _, missing = shown.rpartition(" … (")
    assert text.startswith(prefix)
    assert len(prefix) <= limit
    assert len(prefix) + int(missing.split()[0]) == len(text)


@given(st.text("ab \u6f6e", max_size=80), st.text("ab \u6f6e", max_size=80), st.integers(0, 90))
def test_cut_pieces_are_the_beginning_of_the_text(a: str, b: str, limit: int) -> None:
    """Marks or none, the words are those of the article."""
    pieces = phrases.truncate_pieces(diff_words(a, b)[0], limit)
    shown = "".join(piece.text + piece.space for piece in pieces).rstrip()
    assert a.strip().startswith(shown)
    assert len(shown) == phrases.measure_length(pieces) <= limit
    assert shown == a.strip() or len(a.strip()) > limit


def test_wordings_that_read_alike_are_shown_once() -> None:
    """Whatever the relation, and in a reprint the few words that differ are not worth a second time."""
    alike = SharedPassage(text="one two", other_text="one\x0btwo\n", sentences=(1, 1), other_sentences=(1, 1))
    assert phrases.get_wordings(samples.rewrite_finding(passage=alike)) == ("one two",)
    assert len(phrases.get_wordings(samples.rewrite_finding())) == 2
    assert len(phrases.get_wordings(samples.rewrite_finding(relation=Relation.REPRINT))) == 1


# -- rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [100, 50])
def test_rules_are_all_listed_with_what_to_do(width: int) -> None:
    """Every word of every rule, in the width asked for."""
    stream = io.StringIO()
    render_rules(stream, width=width)
    words = " ".join(stream.getvalue().split())
    for rule in RULES:
        assert f"{rule.code} {rule.name}: {rule.severity}" in words
        assert all(" ".join(part.split()) in words for part in (rule.meaning, rule.example, rule.fix))
    assert max(map(cell_len, stream.getvalue().splitlines())) <= width
