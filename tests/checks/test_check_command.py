"""`newsdedup check`: exit codes, formats side by side, flags that go together, and what it says."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from gate_files import AGENCY, CLOSURE, REPRINT, write

from newsdedup.cli import main


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs `check` in a folder with two sound articles, a reprint and a text too short."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "CI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    write(tmp_path, {"a.txt": AGENCY, "b.txt": REPRINT, "c.txt": CLOSURE, "short.txt": "The bridge was closed.\n"})

    def call(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["check", "--workers", "1", *arguments])
        return code, *capfd.readouterr()

    return call


Run = Callable[..., tuple[int, str, str]]


def test_exit_codes(run: Run) -> None:
    """0 nothing at or over --fail-on, 1 findings, 2 could not check; --exit-zero keeps 2."""
    assert run("a.txt", "c.txt")[0] == 0
    assert run("a.txt", "b.txt")[0] == 1
    assert run("a.txt", "b.txt", "--exit-zero")[0] == 0
    assert run("a.txt", "b.txt", "--ignore", "ND1")[0] == 0
    assert run("no.txt", "--exit-zero")[0] == 2
    Path("n.toml").write_text("")
    Path("newsdedup.toml").write_text('[check.severity]\nND1 = "warning"\n')
    assert run("a.txt", "b.txt")[0] == 0
    assert run("a.txt", "b.txt", "--fail-on", "warning")[0] == 1
    assert run("a.txt", "b.txt", "--fail-on", "note")[0] == 1


def test_the_summary_counts_everything(run: Run) -> None:
    """On standard error, in one line; standard output holds the findings alone."""
    code, out, err = run("a.txt", "b.txt", "short.txt", "--against", "c.txt", "--format", "jsonl")
    assert (code, len(out.splitlines())) == (1, 2)
    assert err == "3 new articles checked against 1 known: 2 errors\n"
    assert run("a.txt", "c.txt") == (0, "", "2 new articles checked: no findings\n")
    assert run("a.txt", "b.txt", "--quiet")[2] == ""


def test_a_baseline_among_the_articles_is_none(run: Run, tmp_path: Path) -> None:
    """Whatever it is called; and what was not checked is not called unused."""
    write(tmp_path, {"in/a.txt": AGENCY, "in/b.txt": REPRINT})
    assert run("in", "--baseline", "in/base.json", "--update-baseline", "--quiet")[0] == 0
    assert run("in", "--baseline", "in/base.json")[2] == "2 new articles checked: no findings; 1 in the baseline\n"
    assert "no longer" not in run("in/a.txt", "--baseline", "in/base.json")[2]


def test_several_formats_from_one_run(run: Run) -> None:
    """Each is what it would be alone."""
    code, out, _ = run("a.txt", "b.txt", "--format", "github", "--also", "sarif=x.sarif", "--also", "markdown=x.md")
    assert code == 1
    assert out.startswith("::error file=b.txt,line=8")
    assert json.loads(Path("x.sarif").read_text())["version"] == "2.1.0"
    assert Path("x.md").read_text() == run("a.txt", "b.txt", "--format", "markdown")[1]


def test_the_known_file_stands_in_the_related_locations(run: Run) -> None:
    """With the lines of the passage; the new file is where the result is."""
    _, out, _ = run("b.txt", "--against", "a.txt", "--format", "sarif")
    (result,) = json.loads(out)["runs"][0]["results"]
    uris = [
        x["physicalLocation"]["artifactLocation"]["uri"] for x in (*result["locations"], *result["relatedLocations"])
    ]
    assert (result["ruleId"], result["level"], uris) == ("ND102", "error", ["b.txt", "a.txt"])
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 9, "endLine": 29}


def test_a_file_on_both_sides_is_new(run: Run) -> None:
    """By whatever path it is reached: it is judged, and never beside itself."""
    code, out, err = run("b.txt", "--against", "./b.txt", "--against", "*.txt", "--format", "jsonl")
    (found,) = map(json.loads, out.splitlines())
    assert (code, found["location"]["path"], found["other"]["path"]) == (1, "b.txt", "a.txt")
    assert "1 new article checked against 3 known" in err


def test_an_article_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is new, and has `-` for its path."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(REPRINT.encode())))
    code, out, _ = run("-", "--against", "a.txt", "--format", "jsonl")
    found = json.loads(out)
    assert (code, found["code"], found["location"]["path"], found["location"]["line"]) == (1, "ND102", "-", 8)


def test_a_baseline_is_written_and_read(run: Run) -> None:
    """Written it exits 0; read it hides what it holds, and says so, and says what it no longer needs."""
    assert run("a.txt", "b.txt", "short.txt", "--baseline", "known.json", "--update-baseline") == (
        0, "", "2 findings accepted in known.json\n",
    )  # fmt: skip
    code, out, err = run("a.txt", "b.txt", "short.txt", "--baseline", "known.json")
    assert (code, out, err) == (0, "", "3 new articles checked: no findings; 2 in the baseline\n")
    Path("short.txt").unlink()
    assert (
        "; 1 stale baseline entry, remove with --update-baseline"
        in run("a.txt", "b.txt", "--baseline", "known.json")[2]
    )
    Path("newsdedup.toml").write_text('[check]\nbaseline = "known.json"\n')
    assert run("a.txt", "b.txt")[0] == 0


WRONG = {
    "no paths": ([], "check needs PATHS, the new articles"),
    "nothing in them": (["empty"], "no articles in empty, nothing was checked"),
    "nothing in them, beside known ones": (
        ["empty", "--against", "a.txt"],
        "no articles in empty, nothing was checked",
    ),
    "no baseline": (
        ["a.txt", "--baseline", "no.json"],
        "there is no baseline no.json; create it with --update-baseline",
    ),
    "no name for the baseline": (["a.txt", "--update-baseline"], "--update-baseline needs a file"),
    "half a baseline": (
        ["a.txt", "--update-baseline", "--baseline", "x.json", "--since", "HEAD"],
        "--update-baseline needs the findings in all of PATHS; leave out --since",
    ),
    "a baseline and a report": (
        ["a.txt", "--update-baseline", "--baseline", "x.json", "--also", "sarif=x.sarif"],
        "--update-baseline writes the baseline, not a report; leave out -o and --also",
    ),
    "a baseline without a name": (["a.txt", "--baseline", ""], "--baseline is empty"),
    "an unknown rule": (["a.txt", "--select", "ND9x"], "unknown rule 'ND9x'"),
    "no file for a format": (["a.txt", "--also", "sarif"], "--also sarif is not FORMAT=FILE"),
    "an unknown format": (["a.txt", "--also", "pdf=x"], "--also pdf=x is not FORMAT=FILE"),
    "one file twice": (["a.txt", "-o", "x", "--also", "sarif=./x"], "name the same file"),
    "standard output twice": (["a.txt", "--also", "sarif=-"], "name the same file"),
    "an input overwritten": (
        ["a.txt", "--against", "b.txt", "--also", "sarif=b.txt"],
        "would overwrite the input b.txt",
    ),
    "a baseline overwritten": (
        ["a.txt", "--baseline", "a.txt", "--update-baseline"],
        "would overwrite the input a.txt",
    ),
}


@pytest.mark.parametrize(("arguments", "says"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_said_in_one_line(run: Run, arguments: list[str], says: str) -> None:
    """With exit code 2, and nothing on standard output."""
    Path("empty").mkdir()
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_rules_are_listed_without_paths(run: Run) -> None:
    """All of them, and no article is read."""
    code, out, _ = run("--list-rules")
    assert code == 0
    assert "ND105 rewrite: error" in out


def test_broken_files_do_not_stop_the_check(run: Run, tmp_path: Path) -> None:
    """Each is a finding, the rest is checked."""
    write(tmp_path, {"in/a.txt": b"\0", "in/b.txt": b"", "in/c.jsonl": b"{", "in/d.txt": AGENCY, "in/e.txt": REPRINT})
    (tmp_path / "in" / "f.txt").symlink_to("nowhere")
    code, out, _ = run("in", "--format", "jsonl")
    assert code == 1
    assert [json.loads(line)["code"] for line in out.splitlines()] == ["ND001", "ND003", "ND006", "ND102", "ND001"]
