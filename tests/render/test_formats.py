"""What each format promises, beyond its golden files."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from newsdedup.models import Passage, Result, Story
from newsdedup.models.comparison import Comparison
from newsdedup.registry import list_output_formats
from newsdedup.render import load_format, markdown, render
from newsdedup.render.differences import diff_words
from newsdedup.render.sanitise import sanitise_text
from newsdedup.render.stories.csv import COLUMNS

# Cc is what a terminal obeys, Cs what UTF-8 cannot hold.
ANY_TEXT = st.text(st.characters(), max_size=60)


def render_to_text(result: Result, output_format: str, *, width: int | None = None, colour: bool = False) -> str:
    stream = io.StringIO()
    render(result, load_format("stories", output_format), stream, width=width, colour=colour)
    return stream.getvalue()


def render_comparison_to_text(comparison: Comparison, output_format: str = "text", *, width: int | None = None) -> str:
    stream = io.StringIO()
    render(comparison, load_format("comparison", output_format), stream, width=width)
    return stream.getvalue()


# -- data formats ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result", [samples.everything(), samples.hostile(), samples.result()], ids=["everything", "hostile", "nothing"]
)
def test_json_reads_back_as_the_result(result: Result) -> None:
    """The document is the model, whatever stands in the articles."""
    document = json.loads(render_to_text(result, "json"))
    assert Result.model_validate(document) == result
    assert list(document) == ["schema_version", "stories", "rejected", "summary"]


@pytest.mark.parametrize("result", [samples.everything(), samples.result()], ids=["everything", "nothing"])
def test_json_written_story_by_story_is_the_plain_dump(result: Result) -> None:
    """The document is written in pieces; nobody can tell."""
    expected = json.dumps(result.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
    assert render_to_text(result, "json") == expected


def test_json_lines_is_one_compact_story_a_line() -> None:
    """`jq` and `split -l` work on it; line separators inside a text do not break a line."""
    story = samples.lone("0" * 16, "a.txt", "A\u2028B\u0085C\nD")
    lines = render_to_text(samples.result(samples.ferry(), story), "jsonl").splitlines()
    assert [Story.model_validate_json(line) for line in lines] == [samples.ferry(), story]
    assert '": ' not in lines[1]


def test_json_keeps_other_scripts_and_has_no_word_for_nan() -> None:
    """`北京` stays readable; only an article's own extra fields can hold a NaN."""
    variant = samples.variant("a.txt", title="北京", extra={"score": float("nan")})
    line = render_to_text(samples.result(samples.story("0" * 16, "北京", (), variant)), "jsonl")
    assert "北京" in line
    assert json.loads(line, parse_constant=pytest.fail)["variants"][0]["extra"] == {"score": None}


def test_csv_has_a_row_a_variant_and_reads_back() -> None:
    """Quotes, commas, line breaks and a lone carriage return included; nothing is guarded against spreadsheets."""
    title = '=SUM("a", b)\r\nnext\rlast'
    story = samples.lone("0" * 16, "a.txt", title)
    rows = list(csv.DictReader(io.StringIO(render_to_text(samples.result(samples.ferry(), story), "csv"), newline="")))
    assert [row["article_id"] for row in rows] == [*(v.article_id for v in samples.ferry().variants), "a.txt"]
    assert rows[-1]["title"] == rows[-1]["story_title"] == title
    assert (rows[0]["removed"], rows[0]["removed_kinds"]) == ("18", "17 related_headlines, 1 promo")
    assert (rows[0]["title_inferred"], rows[1]["title"], rows[1]["similarity"]) == ("false", "", "0.6432")


def test_csv_columns_keep_the_order_of_the_contract() -> None:
    """DESIGN section 4 names these; fields may be added between them."""
    contract = (
        "story_id story_title story_published article_id path record source url title published dateline byline credit "
        "relation direction probability containment similarity removed"
    )
    assert [name for name in COLUMNS if name in contract.split()] == contract.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*a* _b_ `c` [d](e) <f>", r"\*a\* \_b\_ \`c\` \[d\](e) \<f\>"),
        ("a | b", r"a \| b"),
        ("# no heading", r"\# no heading"),
        ("- no item", r"\- no item"),
        ("+ no item", r"\+ no item"),
        ("12. May", r"12\. May"),
        ("2025 was", "2025 was"),
        ("between $5 and $6", r"between \$5 and \$6"),
        ("one\ntwo", "one two"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, expected: str) -> None:
    """No article can set a heading, a link or a table cell."""
    assert markdown.escape_markdown(text) == expected


@pytest.mark.parametrize("output_format", ["html", "", "TEXT"])
def test_unknown_format_is_refused(output_format: str) -> None:
    """Before anything is written."""
    with pytest.raises(ValueError, match="unknown output format"):
        render_to_text(samples.result(), output_format)
    with pytest.raises(ValueError, match="unknown output format"):
        render_comparison_to_text(samples.comparison(), output_format)


# -- text --------------------------------------------------------------------------------------------------------


def test_added_passages_are_marked_on_every_line_without_colour() -> None:
    """And their source stands behind them."""
    text = render_to_text(samples.everything(), "text", width=60)
    marked = [line for line in text.splitlines() if line.startswith("│ + ")]
    joined = " ".join(line.strip("│+ ") for line in marked)
    assert joined == f"{samples.ADDED}  [seeds/ferry-b.txt]"


def test_markup_in_an_article_is_printed_as_it_is() -> None:
    """Rich must not read `[bold]`, emoji names or links out of a page."""
    text = render_to_text(samples.hostile(), "text")
    assert "[bold]not bold[/bold] :smile:" in text
    assert "[link=file:///]Title[/link]" in text
    assert "[red]Outlet[/red]" in text


@pytest.mark.parametrize("width", [100, 80, 50, 30])
@pytest.mark.parametrize("result", [samples.everything(), samples.hostile()], ids=["everything", "hostile"])
def test_text_keeps_to_its_width_and_loses_no_id(result: Result, width: int) -> None:
    """Long ids fold; none is cut. Lines carry no spaces at their ends."""
    text = render_to_text(result, "text", width=width)
    assert max(map(cell_len, text.split("\n"))) <= width
    assert " \n" not in text
    squeezed = re.sub(r"[\s│+]", "", text)
    ids = [variant.article_id for story in result.stories for variant in story.variants if len(story.variants) > 1]
    assert all(sanitise_text(article_id) in squeezed for article_id in ids)


def test_width_changes_the_layout_and_not_the_words() -> None:
    """Nothing is left out of a narrow page."""

    def list_words(width: int) -> set[str]:
        return set(re.findall(r"\w+", render_to_text(samples.everything(), "text", width=width)))

    heads = {"variant", "source", "published", "relation"}
    assert list_words(100) - list_words(50) == list_words(100) - list_words(80) == heads


def test_environment_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich reads many variables; off a terminal none of them may matter."""
    before = render_to_text(samples.everything(), "text")
    for name, value in {
        "TERM": "dumb", "COLUMNS": "33", "NO_COLOR": "1", "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1",
        "JUPYTER_COLUMNS": "40", "COLORTERM": "truecolor",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert render_to_text(samples.everything(), "text") == before
    assert "\x1b" not in before


def test_colour_adds_styles_only() -> None:
    """The same words stand in the same places."""
    coloured = render_to_text(samples.everything(), "text", colour=True)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert "\x1b[" in coloured
    assert [line.rstrip() for line in bare.splitlines()] == render_to_text(samples.everything(), "text").splitlines()


def test_result_without_stories_says_so() -> None:
    assert render_to_text(samples.result(), "text") == "no stories\n"


def test_story_without_text_is_rendered_in_every_format() -> None:
    """Two pages without a report, should they ever meet."""
    empty = samples.story("0" * 16, None, (), samples.variant("a"), samples.variant("b"))
    for output_format in list_output_formats("stories"):
        assert render_to_text(samples.result(empty), output_format)


@given(ANY_TEXT, ANY_TEXT)
def test_nothing_in_an_article_reaches_the_terminal_as_a_command(title: str, text: str) -> None:
    """Whatever the page holds: no control characters, nothing UTF-8 refuses, in what is made for eyes."""
    variants = (samples.variant(title or "a", source=text, published_raw=text), samples.variant("b" + text))
    story = samples.story("0" * 16, title, (samples.paragraph(text, "a", added=True),), *variants)
    result = samples.result(story, samples.lone("1" * 16, text, title))
    for output_format in ("text", "markdown"):
        for width in (100, 40):
            shown = render_to_text(result, output_format, width=width)
            shown.encode()
            assert {char for char in shown if unicodedata.category(char) == "Cc"} <= {"\n"}
    for output_format in ("json", "jsonl"):
        shown = render_to_text(result, output_format)
        shown.encode()
        assert {char for char in shown if unicodedata.category(char) == "Cc"} <= {"\n"}
        assert json.loads(shown.splitlines()[0]) if output_format == "jsonl" else json.loads(shown)


# -- compare -----------------------------------------------------------------------------------------------------


def test_signals_are_in_the_order_of_their_effect() -> None:
    """The largest first, whichever its sign."""
    text = render_comparison_to_text(samples.comparison())
    positions = [text.index(name) for name in ("covered_min", "numbers_differ", "length_ratio")]
    assert positions == sorted(positions)
    assert "-0.85" in text


def test_comparison_json_reads_back() -> None:
    assert (
        Comparison.model_validate_json(render_comparison_to_text(samples.comparison(), "json")) == samples.comparison()
    )
    assert set(list_output_formats("comparison")) == {"text", "json"}


@pytest.mark.parametrize("width", [100, 50, 30])
def test_comparison_keeps_to_its_width(width: int) -> None:
    assert max(map(cell_len, render_comparison_to_text(samples.comparison(), width=width).split("\n"))) <= width


def test_many_removed_lines_are_counted_not_dropped_silently() -> None:
    """25 of a kind are shown, the rest announced."""
    report = samples.comparison().a.model_copy(update={"removed": samples.headlines(40)})
    text = render_comparison_to_text(samples.comparison().model_copy(update={"a": report}))
    assert "40 related_headlines" in text
    assert "and 15 more (--format json shows them)" in text


def test_conflict_of_three_passages_shows_all() -> None:
    conflict = samples.ferry().conflicts[0]
    third = Passage(article_id="c.txt", text=samples.LEAD.replace("212", "230"))
    story = samples.ferry().model_copy(
        update={"conflicts": (conflict.model_copy(update={"passages": (*conflict.passages, third)}),)}
    )
    text = render_to_text(samples.result(story), "text")
    assert all(marked in text for marked in ("[-212-]", "{+221+}", "{+230+}"))


def test_passages_with_the_same_text_are_grouped() -> None:
    """A sentence that five reprints have is shown once, with all their ids."""
    superseded = tuple(Passage(article_id=name, text=samples.EARLIER) for name in ("a.txt", "b.txt"))
    conflict = samples.ferry().conflicts[0]
    duplicate = Passage(article_id="c.txt", text=conflict.passages[1].text)
    changed = {
        "superseded": superseded,
        "conflicts": (conflict.model_copy(update={"passages": (*conflict.passages, duplicate)}),),
    }
    result = samples.result(samples.ferry().model_copy(update=changed))
    for output_format in ("text", "markdown"):
        shown = render_to_text(result, output_format)
        assert shown.count(samples.EARLIER) == 1
        assert shown.count("struck a sandbank") == 1
        assert all(name in shown for name in ("a.txt", "b.txt", "c.txt"))


# -- differing words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "only_a", "only_b"),
    [
        ("12 people died", "14 people died", ["12"], ["14"]),
        ("“Go,” he said.", '"Go" he said', [], []),
        ("The Mayor of Lenna", "the mayor of Quill", ["Lenna"], ["Quill"]),
        ("one two three", "one three", ["two"], []),
        ("same", "same", [], []),
        ("", "new", [], ["new"]),
        ("3.4 per cent", "3.5 per cent", ["3.4"], ["3.5"]),
        ("北京下雨了", "北京下雪了", ["雨"], ["雪"]),
    ],
)
def test_differing_words(a: str, b: str, only_a: list[str], only_b: list[str]) -> None:
    """Words differ, not their case or the marks around them; scripts without spaces go by characters."""
    pieces_a, pieces_b = diff_words(a, b)
    assert [piece.text for piece in pieces_a if piece.differs] == only_a
    assert [piece.text for piece in pieces_b if piece.differs] == only_b


@given(ANY_TEXT, ANY_TEXT)
def test_pieces_give_the_sentences_back(a: str, b: str) -> None:
    """Nothing is lost between the marks, and the common parts are the same words."""
    for text, pieces in zip((a, b), diff_words(a, b), strict=True):
        assert "".join(piece.text + piece.space for piece in pieces).strip() == text.strip()
