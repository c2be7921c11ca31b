"""`check --format markdown`, read by a parser of Markdown: nothing of an article becomes markup, HTML or a link."""

from __future__ import annotations

import html
import io
import re

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsdedup.models.checks import CheckReport, SharedPassage
from newsdedup.render import load_format, render
from newsdedup.render.check import markdown
from newsdedup.render.sanitise import sanitise_text

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = {
    "h2",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "br",
    "details",
    "summary",
    "blockquote",
    "strong",
}
# What a forge would make a link or a picture of in the text that a reader sees.
LIVE = re.compile(r"@\w|#\d|\bgh-\d|://|\bwww\.|:\w+:|!\d", re.IGNORECASE | re.ASCII)
SOUP = st.lists(
    st.sampled_from(
        ["*", "_", "`", "~~", "[", "]", "(", ")", "!", "<", ">", "b", "/", "&amp;", "&", "#", "\\", "|", "-", "+", "1.",
         "1", " ", "\n", "@ines", "GH-1", "https:", "//", "www.", ":tada:", "$", "=", "é", "港", "deadbeef1", "    "]
    )
).map("".join)  # fmt: skip


def render_markdown(report: CheckReport) -> str:
    stream = io.StringIO()
    render(report, load_format("check", "markdown"), stream)
    return stream.getvalue()


def build_report(errors: int, notes: int = 0, *, passage: int = 0) -> CheckReport:
    """Return a report of so many findings, notes first, with passages of so many characters."""
    shared = SharedPassage(text="a " * passage, other_text="b " * passage, sentences=(1, 1), other_sentences=(1, 1))
    return samples.build_report(
        *(
            samples.rewrite_finding(samples.location(f"file{number}.txt", 1), passage=shared if passage else None)
            if number >= notes
            else samples.finding("ND302", samples.location(f"note{number}.txt", 1), "same event")
            for number in range(errors + notes)
        )
    )


@given(SOUP)
def test_article_text_is_shown_literally(text: str) -> None:
    """In a paragraph: the reader sees the very words, and nothing in them is alive."""
    shown = READER.render(markdown.neutralise(text)).strip()
    seen = html.unescape(shown.removeprefix("<p>").removesuffix("</p>"))
    assert seen.replace("\u200b", "") == sanitise_text(text).strip()
    assert not LIVE.search(seen)


@given(SOUP, SOUP)
def test_nothing_in_an_article_becomes_markup(path: str, text: str) -> None:
    """In the whole comment: only our own tags, as many table cells as there should be, and no links."""
    location = samples.location(path or "a", 1)
    passage = SharedPassage(text=text, other_text=path, sentences=(1, 1), other_sentences=(1, 1))
    finding = samples.rewrite_finding(location, message=text, other=location, others=(text,), passage=passage)
    broken = samples.finding("ND006", location, text)
    shown = READER.render(render_markdown(samples.build_report(finding, broken)))
    tags = re.findall(r"<([a-zA-Z0-9]+)", shown)
    assert set(tags) <= OURS
    assert tags.count("td") == 12
    assert tags.count("details") == shown.count("</details>") == 1
    assert not LIVE.search(html.unescape(re.sub(r"<[^>]+>", " ", shown)))


def test_marker_stands_first() -> None:
    """A bot looks for its earlier comment by it, in a comment of findings and in one of none."""
    assert render_markdown(samples.full_report()).startswith(markdown.MARKER + "\n## newsdedup check: failed\n")
    assert render_markdown(samples.build_report()).startswith(markdown.MARKER + "\n")


def test_without_findings_one_line_says_what_was_checked() -> None:
    """And what was set aside."""
    shown = render_markdown(samples.build_report(files=("a", "b"), baselined=3))
    line = "newsdedup check: no findings; 2 new articles checked against 1,042 known; 3 in the baseline."
    assert shown.splitlines()[1:] == [line]


def test_notes_alone_pass() -> None:
    """The verdict is that of the exit code."""
    assert "## newsdedup check: passed" in render_markdown(build_report(0, 2))


@pytest.mark.parametrize(("errors", "notes"), [(20, 600), (600, 20)])
def test_comment_keeps_to_its_limit_and_counts_omitted_findings(errors: int, notes: int) -> None:
    """Errors come first, though the notes were found first."""
    shown = render_markdown(build_report(errors, notes))
    rows = re.findall(r"^\| \d+ \| (\w+) ", shown, re.MULTILINE)
    assert len(shown) < markdown.MAX_LENGTH
    assert rows == sorted(rows)
    omitted = re.search(r"Omitted for length: (.+)\.$", shown.strip())
    assert omitted is not None
    assert sum(int(count.replace(",", "")) for count in re.findall(r"[\d,]*\d", omitted[1])) == errors + notes - len(
        rows
    )


def test_omitted_passages_are_counted() -> None:
    """The table is whole all the same."""
    shown = render_markdown(build_report(60, passage=3000))
    assert len(shown) < markdown.MAX_LENGTH
    assert shown.count("| error |") == 60
    omitted = re.search(r"Omitted for length: (\d+) shared passages\.", shown)
    assert omitted is not None
    assert shown.count("<details>") + int(omitted[1]) == 60


def test_limit_holds_for_text_outside_of_the_basic_plane() -> None:
    """GitHub may count a ship as two."""
    finding = samples.rewrite_finding(
        passage=SharedPassage(text="🚢" * 900, other_text="🚣" * 900, sentences=(1, 1), other_sentences=(1, 1))
    )
    shown = render_markdown(samples.build_report(*[finding] * 60))
    assert len(shown.encode("utf-16-le")) // 2 < markdown.MAX_LENGTH


def test_long_paths_keep_their_end() -> None:
    """The name of a file says more than the folder that all files are in."""
    shown = render_markdown(
        samples.build_report(samples.rewrite_finding(samples.location("deep/" * 100 + "ferry.txt", 3)))
    )
    assert re.search(r"<code>…[\w/]+/ferry\.txt:3</code>", shown)
    assert "deep/" * 60 not in shown
