"""`newsdedup compare`: which two articles are meant, and what is printed of them."""

from __future__ import annotations

import json
from pathlib import Path

import fakes
import pytest
from fakes import Run


def test_two_files_are_explained(run: Run) -> None:
    """The verdict stands first."""
    ran = run("compare", "a.txt", "b.txt")
    assert ran.exit_code == 0
    assert ran.stdout.startswith("the same report; relation of B to A: reprint\n")
    assert "note: outlet line statistics were not used" in ran.stdout
    assert not ran.stderr


def test_json_is_the_comparison_model(run: Run) -> None:
    """For scripts."""
    printed = json.loads(run("compare", "-f", "json", "a.txt", "b.txt").stdout)
    assert printed["relation"] == "reprint"
    assert printed["a"]["article_id"] == "a.txt"


def test_record_number_picks_one_of_several(run: Run) -> None:
    """`path#n` counts records as the loader does; an id does as well."""
    printed = json.loads(run("compare", "-f", "json", "many.jsonl#3", "a.txt#a.txt").stdout)
    assert (printed["a"]["article_id"], printed["b"]["article_id"]) == ("many.jsonl#3", "a.txt")


def test_hash_in_a_file_name_is_no_record_number(run: Run, tmp_path: Path) -> None:
    """`issue#7` that exists is a file."""
    (tmp_path / "issue#7").touch()
    assert json.loads(run("compare", "-f", "json", "issue#7", "b.txt").stdout)["a"]["article_id"] == "issue#7"


@pytest.mark.parametrize(
    ("a", "says"),
    [
        ("many.jsonl", "many.jsonl contains 2 articles; choose one: many.jsonl#1, many.jsonl#3"),
        ("many.jsonl#9", "many.jsonl has no article '9'; choose one: many.jsonl#1, many.jsonl#3"),
        ("many.jsonl#2", "many.jsonl#2 cannot be used: no text"),
        ("bad.txt", "bad.txt cannot be used: no text"),
        ("missing.txt", "missing.txt does not exist; check the name"),
    ],
)
def test_article_that_cannot_be_had_is_one_line(run: Run, a: str, says: str) -> None:
    """With what to type instead."""
    ran = run("compare", a, "b.txt")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"newsdedup: error: {says}\n")


def test_standard_input_cannot_be_both(run: Run) -> None:
    """It can be read once."""
    ran = run("compare", "-", "-")
    assert ran.exit_code == 2
    assert "cannot both be standard input" in ran.stderr


def test_flags_become_settings(run: Run, tmp_path: Path) -> None:
    """Input flags and the threshold; `-o` writes the file."""
    ran = run("compare", "a", "b", "--input-format", "text", "--min-probability", "0.8", "-o", "out.txt")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert (fakes.SEEN[-1].input_format, fakes.SEEN[-1].min_probability) == ("text", 0.8)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").startswith("the same report")
