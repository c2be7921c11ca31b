"""Canonical articles against labelled statements: the figures, and that they agree with the shared scorer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from newsdedup.cli import main
from newsdedup.errors import LabelsError
from newsdedup.evaluation import StoryRow, read_statements, score_statements
from newsdedup.models.evaluation import StatementFigures
from untidy_pages import SHARED

SCORER = SHARED / "gold" / "score_merge.py"
LEAD, CREW, TUGS = "A ferry ran aground off Port Lenna.", "Its captain is Karl Oberin.", "Two tugs are to pull it free."
SHARE_BAR, LEAD_AGAIN = "Share this page with friends", "Off Port Lenna a ferry ran aground."


def write_labels(path: Path, **changes: object) -> str:
    """Write the labels of one story of two articles, and return the path."""
    units = {
        "a": [(LEAD, "report", [1]), (CREW, "report", [2]), (SHARE_BAR, "boilerplate", [])],
        "b": [(LEAD_AGAIN, "report", [1]), (TUGS, "report", [3])],
    }
    articles = [
        {"id": name, "units": [{"text": text, "kind": kind, "says": says} for text, kind, says in rows]}
        for name, rows in units.items()
    ]
    story = {"story": "s1", "same_report": True, "best_base": "a", "articles": articles}
    path.write_text(json.dumps({**story, **changes}) + "\n", encoding="utf-8")
    return str(path)


def make_story(*sentences: str, base: str = "a", additions: tuple[str, ...] = ()) -> StoryRow:
    variants = [{"article_id": base, "relation": "base"}, {"article_id": "b" if base == "a" else "a"}]
    return StoryRow.model_validate(
        {
            "story_id": "0" * 16,
            "variants": variants,
            "paragraphs": [{"sentences": [{"text": text} for text in sentences]}],
            "additions": [{"text": text} for text in additions],
        }
    )


def score(tmp_path: Path, story: StoryRow) -> StatementFigures:
    return score_statements(read_statements(write_labels(tmp_path / "labels.jsonl")), [story])


def test_a_text_fit_to_print(tmp_path: Path) -> None:
    """All statements once, no boilerplate, and the best base."""
    figures = score(tmp_path, make_story(LEAD, CREW, TUGS))
    assert (figures.boilerplate, figures.repeated, figures.lost, figures.base_right) == (0, 0, 0, 1)
    assert (figures.stories, figures.complete_stories, figures.sentences, figures.statements) == (1, 1, 3, 3)


def test_boilerplate_counts_in_words(tmp_path: Path) -> None:
    """5 of the words are a share bar."""
    figures = score(tmp_path, make_story(LEAD, CREW, TUGS, SHARE_BAR))
    words = len(re.findall(r"\w+", f"{LEAD} {CREW} {TUGS} {SHARE_BAR}"))
    assert figures.boilerplate == pytest.approx(5 / words)


def test_a_sentence_without_a_new_statement_is_repeated(tmp_path: Path) -> None:
    """In other words too: the labels say what a sentence says."""
    assert score(tmp_path, make_story(LEAD, LEAD_AGAIN, CREW, TUGS)).repeated == pytest.approx(1 / 4)


def test_a_lost_statement_may_be_listed(tmp_path: Path) -> None:
    """It is lost to the text either way, and `listed` says that it is in the output."""
    lost, listed = make_story(LEAD, CREW), make_story(LEAD, CREW, additions=(TUGS,))
    figures = [score(tmp_path, lost), score(tmp_path, listed)]
    assert [figure.lost for figure in figures] == pytest.approx([1 / 3, 1 / 3])
    assert [figure.listed for figure in figures] == [0, 1]


def test_another_base_is_wrong(tmp_path: Path) -> None:
    """Unless it has the same report."""
    assert score(tmp_path, make_story(LEAD, CREW, TUGS, base="b")).base_right == 0


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "broken JSON"),
        ('{"story": "s1"}', "not a labelled story: same_report"),
        ('{"story": "s1", "same_report": true, "articles": [{"id": "a"}]}', "articles.0.units"),
    ],
)
def test_unusable_labels_name_the_line(tmp_path: Path, row: str, problem: str) -> None:
    """With the field, in one line."""
    path = tmp_path / "labels.jsonl"
    path.write_text(f"\n{row}\n", encoding="utf-8")
    with pytest.raises(LabelsError, match=rf"labels.jsonl:2: .*{re.escape(problem)}"):
        read_statements(str(path))


def test_no_merged_story_is_an_error(tmp_path: Path) -> None:
    """Figures over nothing would look perfect."""
    with pytest.raises(LabelsError, match="no labelled story was merged"):
        score_statements(
            read_statements(write_labels(tmp_path / "labels.jsonl", same_report=False)), [make_story(LEAD)]
        )


def test_the_command_prints_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without LABELS: all arguments are articles or stories."""
    stories = tmp_path / "stories.jsonl"
    stories.write_text(make_story(LEAD, CREW, TUGS).model_dump_json() + "\n", encoding="utf-8")
    labels = write_labels(tmp_path / "labels.jsonl")
    assert main(["evaluate", "--statements", labels, "--stories", str(stories)]) == 0
    assert "base right: 1 of 1" in capsys.readouterr().out
    assert main(["evaluate", "--statements", labels, "--stories", str(stories), "--min-f1", "0.5"]) == 2
    assert "--min-f1 has no effect on --statements" in capsys.readouterr().err


@pytest.mark.skipif(not SCORER.is_file(), reason="../shared/gold is not there: its scorer is not ours")
def test_figures_equal_those_of_the_shared_scorer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On all labelled stories, by the command and by the scorer."""
    articles, labels, stories = SHARED / "gold/web2025.jsonl", SHARED / "gold/statements.jsonl", tmp_path / "out.jsonl"
    assert main(["ingest", str(articles), "-q", "--format", "jsonl", "-o", str(stories)]) == 0
    assert main(["evaluate", "--statements", str(labels), "--stories", str(stories), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)["statements"]
    command = [sys.executable, str(SCORER), str(labels), str(stories)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    expected = (
        f"boilerplate {figures['boilerplate']:.3f} of the words, repeated {figures['repeated']:.3f} of the sentences "
        f"({figures['repeated_in_best']:.3f} in the best variant), lost {figures['lost']:.3f} of "
        f"{figures['statements']} statements ({figures['listed']} listed), base right {figures['base_right']} of "
        f"{figures['stories']}"
    )
    assert expected in printed
