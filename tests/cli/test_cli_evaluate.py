"""`newsdedup evaluate`: what it prints, how it ends, which of its flags go together."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes import Ran, Run

from newsdedup.cli import main
from newsdedup.models.evaluation import Evaluation

DATA = Path(__file__).parents[1] / "data"
LABELS, ARTICLES = str(DATA / "labelled_pairs.jsonl"), str(DATA / "labelled.jsonl")


@pytest.fixture(name="real")
def real_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command line over the real stages, in an empty folder, off a terminal."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "CI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(*argv: str) -> Ran:
        capfd.readouterr()
        code = main(argv)
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return call


@dataclass(frozen=True)
class Told:
    """Labels and the stories they are held against: one hit, one wrong merge, one missed duplicate."""

    labels: str
    stories: str


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Write them as files named without a folder."""
    rows = [
        {"a": "a", "b": "b", "duplicate": True, "relation": "reprint", "set": "one"},
        {"a": "a", "b": "c", "duplicate": False, "relation": "same_event", "set": "one"},
        {"a": "a", "b": "d", "duplicate": True, "relation": "rewrite", "set": "two"},
    ]
    stories = [
        {
            "story_id": "5f0c9a1b2c3d4e5f",
            "title": "Ferry strikes breakwater",
            "variants": [
                {"article_id": "a", "relation": "base", "title": "Ferry strikes breakwater", "probability": 1},
                {"article_id": "b", "relation": "identical", "title": "Ferry hits wall", "probability": 0.99},
                {"article_id": "c", "relation": "update", "title": "Captain\x1b[31m questioned", "probability": 0.61},
            ],
        },
        {"story_id": "00aa", "title": "Quay closed", "variants": [{"article_id": "d", "relation": "base"}]},
    ]
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "stories.jsonl").write_text("".join(json.dumps(row) + "\n" for row in stories))
    return Told("labels.jsonl", "stories.jsonl")


def evaluation(ran: Ran) -> Evaluation:
    """Return what was printed as JSON."""
    return Evaluation.model_validate_json(ran.out)


# -- what is printed ------------------------------------------------------------------------------------------------


def test_paths_are_run_and_every_figure_is_printed(real: Run) -> None:
    """With the texts every relation is checked, and a miss comes with its evidence."""
    ran = real("evaluate", LABELS, ARTICLES, "--workers", "1", "--misses", "40")
    assert ran.code == 0
    for line in ("labelled pairs, with 95 % intervals", "duplicates", "not duplicates", "why: ", "miss 1: "):
        assert f"\n{line}" in ran.out, line
    for part in ("signals for", "signals against", "only in A", "only in B", "aligned sentences", "probability 0."):
        assert part in ran.out, part
    assert "not checked" not in ran.out
    assert "77 records: " in ran.err
    assert max(map(len, ran.out.splitlines())) <= 100


def test_stories_of_a_file_give_the_same_figures(real: Run) -> None:
    """As lines, as a document, and from standard input; only what needs the texts is missing."""
    assert real("ingest", ARTICLES, "-f", "jsonl", "-o", "lines.jsonl", "-q").code == 0
    assert real("ingest", ARTICLES, "-f", "json", "-o", "document.json", "-q").code == 0
    ran = real("evaluate", LABELS, ARTICLES, "-f", "json", "-q")
    whole = evaluation(ran)
    for name in ("lines.jsonl", "document.json"):
        got = evaluation(real("evaluate", LABELS, "--stories", name, "-f", "json"))
        assert (got.pairs, got.relations, got.articles, got.stories) == (
            whole.pairs, whole.relations, whole.articles, whole.stories,
        )  # fmt: skip
        assert got.relation_right is not None
        assert got.relation_right.unchecked > 0
    assert ran.err == ""


def test_standard_input_can_be_the_stories(real: Run, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """`newsdedup ingest ... -f jsonl | newsdedup evaluate LABELS --stories -`."""
    text = Path(told.stories).read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert real("evaluate", told.labels, "--stories", "-").out == real(
        "evaluate", told.labels, "--stories", told.stories
    ).out  # fmt: skip


def test_text_tells_figures_relations_and_misses(real: Run, told: Told) -> None:
    """Without texts; a control character in a title cannot command the terminal."""
    ran = real("evaluate", told.labels, "--stories", told.stories, "--misses", "5")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "4 articles in 2 stories"
    (row,) = [line.split() for line in lines if line.startswith("all ")]
    assert row[1:5] == ["2", "of", "3", "0.500"]
    assert row[-2:] == ["1", "1"]
    rows = (("reprint", "1 of 1", "1.000"), ("rewrite", "0 of 1", "0.000"), ("same_event", "1 of 1", "1.000"))
    for name, merged, share in rows:
        assert any(line.startswith(name) and f"{merged}  {share}" in line for line in lines), name
    assert "right 1 of 1, 1.000 [1.00, 1.00]" in lines
    titles = [line.split(" ─")[0] for line in lines if line.startswith("miss ")]
    assert titles == ["miss 1: wrong merge, labelled same_event", "miss 2: missed duplicate, labelled rewrite"]
    assert "set one · probability 0.6100 · relation of B to A: update · story 5f0c9a1b2c3d4e5f" in lines
    assert "\x1b" not in ran.out
    assert "note: The stories file has no texts" in ran.out


def test_misses_left_out_are_counted(real: Run, told: Told) -> None:
    """With the flag that shows them."""
    argv = ("evaluate", told.labels, "--stories", told.stories)
    assert "\n2 misses; --misses N shows the N worst in full\n" in real(*argv).out
    assert "\n1 more miss; --misses N shows the N worst in full\n" in real(*argv, "--misses", "1").out
    assert "--misses N" not in real(*argv, "--misses", "2").out


def test_a_narrow_terminal_gets_lists(real: Run, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tables would have to break words."""
    monkeypatch.setattr("newsdedup.render.DEFAULT_WIDTH", 50)
    ran = real("evaluate", told.labels, "--stories", told.stories, "--misses", "2")
    assert "\nall\n  duplicates: 2 of 3\n  precision: 0.500 [0.00, 1.00]\n" in ran.out
    assert "\n  wrong merges: 1\n" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 50


def test_full_clusters_are_told_with_the_stories_that_mix_them(real: Run, told: Told, tmp_path: Path) -> None:
    """From a file of their own, or from LABELS alone."""
    rows = [{"id": "a", "event": "fire"}, {"id": "b", "event": "fire"}, {"id": "c", "event": "flood"}]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    both = real("evaluate", told.labels, "--stories", told.stories, "--clusters", "events.jsonl")
    alone = real("evaluate", "events.jsonl", "--stories", told.stories)
    for ran in (both, alone):
        assert ran.code == 0
        assert "3 articles of 2 events in 1 story\n" in ran.out
        assert "precision 0.5556   recall 1.0000   F1 0.7143" in ran.out
        assert "\n  5f0c9a1b2c3d4e5f  Ferry strikes breakwater\n    2 of fire: a, b\n    1 of flood: c\n" in ran.out
    assert "labelled pairs" in both.out
    assert "labelled pairs" not in alone.out


def test_sets_restrict_the_pairs(real: Run, told: Told) -> None:
    """Several by comma; spaces do not matter."""
    argv = ("evaluate", told.labels, "--stories", told.stories, "-f", "json", "--sets")
    assert [each.name for each in evaluation(real(*argv, "two")).pairs] == [None, "two"]
    assert [each.pairs for each in evaluation(real(*argv, "two, one")).pairs] == [3, 2, 1]
    ran = real(*argv, "three")
    assert (ran.code, ran.out) == (2, "")
    assert "set 'three'; existing sets: one, two" in ran.err


def test_the_threshold_is_that_of_the_run(real: Run) -> None:
    """A stricter one merges less; the model and the input flags reach the run too."""
    usual = evaluation(real("evaluate", LABELS, ARTICLES, "-f", "json", "-q"))
    strict = evaluation(real("evaluate", LABELS, ARTICLES, "-f", "json", "-q", "--min-probability", "1"))
    assert (usual.threshold, strict.threshold) == (0.5, 1)
    assert strict.pairs[0].hits < usual.pairs[0].hits
    assert "no-such-model" in real("evaluate", LABELS, ARTICLES, "--model", "no-such-model").err
    assert real("evaluate", LABELS, ARTICLES, "--input-format", "csv").code == 2


def test_the_output_goes_to_a_file(real: Run, told: Told) -> None:
    """All of it or nothing."""
    argv = ("evaluate", told.labels, "--stories", told.stories)
    assert real(*argv, "-o", "out.txt").out == ""
    assert Path("out.txt").read_text(encoding="utf-8") == real(*argv).out


# -- gates ----------------------------------------------------------------------------------------------------------

GATES = [
    ("F1 reached", ("--min-f1", "0.5"), None),
    ("F1 missed", ("--min-f1", "0.51"), "F1 0.5000 is below --min-f1 0.51"),
    ("wrong merges allowed", ("--max-wrong", "1"), None),
    ("too many wrong merges", ("--max-wrong", "0"), "1 wrong merges exceed --max-wrong 0"),
    (
        "both missed",
        ("--min-f1", "1", "--max-wrong", "0"),
        "F1 0.5000 is below --min-f1 1; 1 wrong merges exceed --max-wrong 0",
    ),
    ("both held", ("--min-f1", "0", "--max-wrong", "9"), None),
]


@pytest.mark.parametrize(("flags", "says"), [each[1:] for each in GATES], ids=[each[0] for each in GATES])
def test_a_failed_gate_is_exit_1_and_one_line(real: Run, told: Told, flags: tuple[str, ...], says: str | None) -> None:
    """The figures are printed all the same, quiet or not."""
    ran = real("evaluate", told.labels, "--stories", told.stories, "-q", *flags)
    assert ran.code == (0 if says is None else 1)
    assert ran.err == ("" if says is None else f"newsdedup: gate failed: {says}\n")
    assert ran.out.startswith("4 articles in 2 stories\n")


# -- errors ---------------------------------------------------------------------------------------------------------

WRONG = [
    ("no articles", "labels.jsonl", "give PATHS or --stories FILE; see 'newsdedup evaluate --help'"),
    ("both", "labels.jsonl a.txt --stories stories.jsonl", "PATHS and --stories cannot both be given"),
    ("a flag too many", "labels.jsonl --stories stories.jsonl --min-probability 0.7",
     "--min-probability has no effect on --stories FILE"),
    ("stdin twice", "- --stories -", "only one of LABELS, --clusters, --stories and PATHS can be '-'; save"),
    ("sets without a name", "labels.jsonl --stories stories.jsonl --sets ,", "--sets is empty; give"),
    ("no labels", "nowhere.jsonl --stories stories.jsonl", "nowhere.jsonl cannot be read: No such file"),
    ("no stories", "labels.jsonl --stories nowhere", "nowhere cannot be read: No such file"),
    ("no article", "labels.jsonl nowhere.txt", "nowhere.txt does not exist"),
    ("labels as stories", "labels.jsonl --stories labels.jsonl", "labels.jsonl:1: not a story: variants: Field"),
    ("stories as labels", "stories.jsonl --stories stories.jsonl", "stories.jsonl:1: a is missing; mend or"),
    ("others' stories", "labels.jsonl --stories other.jsonl", "3 of 4 labelled articles are in no story: 'b', 'c'"),
    ("a gate without pairs", "events.jsonl --stories stories.jsonl --min-f1 0.5", "--max-wrong need some"),
    ("no folder", "labels.jsonl --stories stories.jsonl -o no/folder", "the folder no does not exist"),
]  # fmt: skip


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("argv", "says"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_what_cannot_be_evaluated_is_one_line_and_exit_2(real: Run, tmp_path: Path, argv: str, says: str) -> None:
    """Never exit 1, which means a failed gate."""
    (tmp_path / "other.jsonl").write_text('{"variants": [{"article_id": "a"}]}\n')
    (tmp_path / "events.jsonl").write_text('{"id": "a", "event": "fire"}\n')
    ran = real("evaluate", *argv.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("newsdedup: error: ")
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_strict_refuses_a_run_with_rejected_records(real: Run, tmp_path: Path) -> None:
    """Before any figure is printed."""
    rows = Path(ARTICLES).read_text(encoding="utf-8")
    (tmp_path / "articles.jsonl").write_text(rows + "not JSON\n", encoding="utf-8")
    argv = ("evaluate", LABELS, "articles.jsonl", "--workers", "1")
    assert real(*argv).code == 0
    ran = real(*argv, "--strict")
    assert (ran.code, ran.out) == (2, "")
    assert f"1 of {rows.count(chr(10)) + 1} records were rejected, and --strict allows none" in ran.err
