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
        stdout, stderr = capfd.readouterr()
        return Ran(code, stdout, stderr)

    return call


@dataclass(frozen=True)
class EvaluationFiles:
    """Labels and the stories they are held against: one hit, one wrong merge, one missed duplicate."""

    labels: str
    stories: str


@pytest.fixture
def files(tmp_path: Path) -> EvaluationFiles:
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
    return EvaluationFiles("labels.jsonl", "stories.jsonl")


def parse_evaluation(ran: Ran) -> Evaluation:
    """Return what was printed as JSON."""
    return Evaluation.model_validate_json(ran.stdout)


# -- what is printed ------------------------------------------------------------------------------------------------


def test_paths_are_run_and_every_figure_is_printed(real: Run) -> None:
    """With the texts every relation is checked, and a miss comes with its evidence."""
    ran = real("evaluate", LABELS, ARTICLES, "--workers", "1", "--misses", "40")
    assert ran.exit_code == 0
    for line in ("labelled pairs, with 95 % intervals", "duplicates", "not duplicates", "why: ", "miss 1: "):
        assert f"\n{line}" in ran.stdout, line
    for part in ("signals for", "signals against", "only in A", "only in B", "aligned sentences", "probability 0."):
        assert part in ran.stdout, part
    assert "not checked" not in ran.stdout
    assert "77 records: " in ran.stderr
    assert max(map(len, ran.stdout.splitlines())) <= 100


def test_stories_of_a_file_give_the_same_figures(real: Run) -> None:
    """As lines, as a document, and from standard input; only what needs the texts is missing."""
    assert real("ingest", ARTICLES, "-f", "jsonl", "-o", "lines.jsonl", "-q").exit_code == 0
    assert real("ingest", ARTICLES, "-f", "json", "-o", "document.json", "-q").exit_code == 0
    ran = real("evaluate", LABELS, ARTICLES, "-f", "json", "-q")
    expected = parse_evaluation(ran)
    for name in ("lines.jsonl", "document.json"):
        evaluated = parse_evaluation(real("evaluate", LABELS, "--stories", name, "-f", "json"))
        assert (evaluated.pairs, evaluated.relations, evaluated.articles, evaluated.stories) == (
            expected.pairs, expected.relations, expected.articles, expected.stories,
        )  # fmt: skip
        assert evaluated.relation_right is not None
        assert evaluated.relation_right.unchecked > 0
    assert ran.stderr == ""


def test_standard_input_can_be_the_stories(real: Run, files: EvaluationFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """`newsdedup ingest ... -f jsonl | newsdedup evaluate LABELS --stories -`."""
    text = Path(files.stories).read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert real("evaluate", files.labels, "--stories", "-").stdout == real(
        "evaluate", files.labels, "--stories", files.stories
    ).stdout  # fmt: skip


def test_text_shows_figures_relations_and_misses(real: Run, files: EvaluationFiles) -> None:
    """Without texts; a control character in a title cannot command the terminal."""
    ran = real("evaluate", files.labels, "--stories", files.stories, "--misses", "5")
    assert (ran.exit_code, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
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
    assert "\x1b" not in ran.stdout
    assert "note: The stories come without the scores" in ran.stdout


def test_misses_left_out_are_counted(real: Run, files: EvaluationFiles) -> None:
    """With the flag that shows them."""
    argv = ("evaluate", files.labels, "--stories", files.stories)
    assert "\n2 misses; --misses N shows the N worst in full\n" in real(*argv).stdout
    assert "\n1 more miss; --misses N shows the N worst in full\n" in real(*argv, "--misses", "1").stdout
    assert "--misses N" not in real(*argv, "--misses", "2").stdout


def test_a_narrow_terminal_gets_lists(real: Run, files: EvaluationFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tables would have to break words."""
    monkeypatch.setattr("newsdedup.render.DEFAULT_WIDTH", 50)
    ran = real("evaluate", files.labels, "--stories", files.stories, "--misses", "2")
    assert "\nall\n  duplicates: 2 of 3\n  precision: 0.500 [0.00, 1.00]\n" in ran.stdout
    assert "\n  wrong merges: 1\n" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 50


def test_full_clusters_are_reported_with_the_stories_that_mix_them(
    real: Run, files: EvaluationFiles, tmp_path: Path
) -> None:
    """From a file of their own, or from LABELS alone."""
    rows = [{"id": "a", "event": "fire"}, {"id": "b", "event": "fire"}, {"id": "c", "event": "flood"}]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with_pairs = real("evaluate", files.labels, "--stories", files.stories, "--clusters", "events.jsonl")
    without_pairs = real("evaluate", "events.jsonl", "--stories", files.stories)
    for ran in (with_pairs, without_pairs):
        assert ran.exit_code == 0
        assert "3 articles of 2 events in 1 story\n" in ran.stdout
        assert "precision 0.5556   recall 1.0000   F1 0.7143" in ran.stdout
        assert "\n  5f0c9a1b2c3d4e5f  Ferry strikes breakwater\n    2 of fire: a, b\n    1 of flood: c\n" in ran.stdout
    assert "labelled pairs" in with_pairs.stdout
    assert "labelled pairs" not in without_pairs.stdout


def test_sets_restrict_the_pairs(real: Run, files: EvaluationFiles) -> None:
    """Several by comma; spaces do not matter."""
    argv = ("evaluate", files.labels, "--stories", files.stories, "-f", "json", "--sets")
    assert [figures.name for figures in parse_evaluation(real(*argv, "two")).pairs] == [None, "two"]
    assert [figures.pairs for figures in parse_evaluation(real(*argv, "two, one")).pairs] == [3, 2, 1]
    ran = real(*argv, "three")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "set 'three'; existing sets: one, two" in ran.stderr


def test_the_threshold_is_that_of_the_run(real: Run) -> None:
    """A stricter one merges less; the model and the input flags reach the run too."""
    usual = parse_evaluation(real("evaluate", LABELS, ARTICLES, "-f", "json", "-q"))
    strict = parse_evaluation(real("evaluate", LABELS, ARTICLES, "-f", "json", "-q", "--min-probability", "1"))
    assert (usual.threshold, strict.threshold) == (0.5, 1)
    assert strict.pairs[0].hits < usual.pairs[0].hits
    assert "no-such-model" in real("evaluate", LABELS, ARTICLES, "--model", "no-such-model").stderr
    assert real("evaluate", LABELS, ARTICLES, "--input-format", "csv").exit_code == 2


def test_the_output_goes_to_a_file(real: Run, files: EvaluationFiles) -> None:
    """All of it or nothing."""
    argv = ("evaluate", files.labels, "--stories", files.stories)
    assert real(*argv, "-o", "out.txt").stdout == ""
    assert Path("out.txt").read_text(encoding="utf-8") == real(*argv).stdout


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


@pytest.mark.parametrize(("flags", "says"), [case[1:] for case in GATES], ids=[case[0] for case in GATES])
def test_a_failed_gate_is_exit_1_and_one_line(
    real: Run, files: EvaluationFiles, flags: tuple[str, ...], says: str | None
) -> None:
    """The figures are printed all the same, quiet or not."""
    ran = real("evaluate", files.labels, "--stories", files.stories, "-q", *flags)
    assert ran.exit_code == (0 if says is None else 1)
    assert ran.stderr == ("" if says is None else f"newsdedup: gate failed: {says}\n")
    assert ran.stdout.startswith("4 articles in 2 stories\n")


# -- errors ---------------------------------------------------------------------------------------------------------

WRONG = [
    ("no articles", "labels.jsonl", "give PATHS or --stories FILE; see 'newsdedup evaluate --help'"),
    ("both", "labels.jsonl a.txt --stories stories.jsonl", "PATHS and --stories cannot both be given"),
    ("a flag too many", "labels.jsonl --stories stories.jsonl --min-probability 0.7",
     "--min-probability has no effect on --stories FILE"),
    ("stdin twice", "- --stories -", "only one file of labels, stories or articles can be '-'; save"),
    ("sets without a name", "labels.jsonl --stories stories.jsonl --sets ,", "--sets is empty; give"),
    ("no labels", "nowhere.jsonl --stories stories.jsonl", "nowhere.jsonl cannot be read: No such file"),
    ("no stories", "labels.jsonl --stories nowhere", "nowhere cannot be read: No such file"),
    ("no article", "labels.jsonl nowhere.txt", "nowhere.txt does not exist"),
    ("labels as stories", "labels.jsonl --stories labels.jsonl", "labels.jsonl:1: not a story: variants: Field"),
    ("stories as labels", "stories.jsonl --stories stories.jsonl", "stories.jsonl:1: a is missing; fix or"),
    ("others' stories", "labels.jsonl --stories other.jsonl", "3 of 4 labelled articles are in no story: 'b', 'c'"),
    ("a gate without pairs", "events.jsonl --stories stories.jsonl --min-f1 0.5", "--max-wrong need some"),
    ("no folder", "labels.jsonl --stories stories.jsonl -o no/folder", "the folder no does not exist"),
]  # fmt: skip


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("argv", "says"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_unusable_arguments_are_one_line_and_exit_2(real: Run, tmp_path: Path, argv: str, says: str) -> None:
    """Never exit 1, which means a failed gate."""
    (tmp_path / "other.jsonl").write_text('{"variants": [{"article_id": "a"}]}\n')
    (tmp_path / "events.jsonl").write_text('{"id": "a", "event": "fire"}\n')
    ran = real("evaluate", *argv.split())
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("newsdedup: error: ")
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_strict_refuses_a_run_with_rejected_records(real: Run, tmp_path: Path) -> None:
    """Before any figure is printed."""
    rows = Path(ARTICLES).read_text(encoding="utf-8")
    (tmp_path / "articles.jsonl").write_text(rows + "not JSON\n", encoding="utf-8")
    argv = ("evaluate", LABELS, "articles.jsonl", "--workers", "1")
    assert real(*argv).exit_code == 0
    ran = real(*argv, "--strict")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"1 of {rows.count(chr(10)) + 1} records were rejected, and --strict allows none" in ran.stderr
