"""The baseline: what it holds is accepted wherever it moves, and one copy more is one too many."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from gate_files import AGENCY, REPRINT, REWRITE, UPDATE, WIND, WIRE, brief, checked, codes

from newsdedup.checks.baseline import Baseline, format_baseline, read_baseline
from newsdedup.errors import ConfigError
from newsdedup.models.checks import CheckReport

FILES = {"a.txt": AGENCY, "b.txt": REPRINT, "w.txt": WIND, "x.txt": WIRE, "y.txt": REWRITE}


def accepting(report: CheckReport) -> Baseline:
    """Return the baseline that accepts a report, by way of its file."""
    return Baseline.model_validate_json(format_baseline(report.findings))


def again(folder: Path, files: dict[str, str], known: dict[str, str] | None = None, **settings: Any) -> CheckReport:
    """Check files, in a folder of their own, against the baseline of FILES."""
    baseline = accepting(checked(folder / "before", FILES))
    shutil.rmtree(folder / "now", ignore_errors=True)
    return checked(folder / "now", files, known, baseline=baseline, **settings)


def test_accepted_findings_are_not_reported_again(tmp_path: Path) -> None:
    """It is counted instead."""
    report = again(tmp_path, FILES)
    assert (brief(report), report.failed, report.summary.baselined, report.summary.stale) == ([], False, 2, 0)


def test_a_file_that_moved_is_not_new(tmp_path: Path) -> None:
    """Nor is one whose header or whose lines changed, as long as it says the same."""
    moved = {("old/" + name if name in {"b.txt", "y.txt"} else name): text for name, text in FILES.items()}
    moved["old/b.txt"] = moved["old/b.txt"].replace("\r\n", "\n").replace("Source: ", "Desk: x\nSource: ")
    report = again(tmp_path, moved)
    assert (codes(report), report.summary.baselined) == (["ND013"], 2)


def test_a_further_copy_of_an_accepted_duplicate_is_new(tmp_path: Path) -> None:
    """Whatever it is called, and the old one is not blamed for it."""
    for name in ("0.txt", "bb.txt", "z.txt"):
        report = again(tmp_path, {**FILES, name: REPRINT})
        assert [each.location.path for each in report.findings] == [name]


def test_a_further_copy_is_new_beside_known_articles_too(tmp_path: Path) -> None:
    """The known copy, which is not judged, keeps its place in the baseline."""
    report = again(tmp_path, {"bb.txt": REPRINT}, FILES)
    assert [each.location.path for each in report.findings] == ["bb.txt"]
    assert report.summary.stale is None


def test_a_further_broken_record_is_new_beside_the_known_one(tmp_path: Path) -> None:
    """A known record that cannot be used keeps its place as well."""
    baseline = accepting(checked(tmp_path / "before", {"a.txt": ""}))
    assert brief(checked(tmp_path / "now", {"b.txt": ""}, {"a.txt": ""}, baseline=baseline)) == ["b.txt:1 ND003"]
    assert brief(checked(tmp_path / "moved", {"b.txt": ""}, {"w.txt": WIND}, baseline=baseline)) == []


def test_stale_entries_are_counted_if_everything_was_checked(tmp_path: Path) -> None:
    """Also where there are records that cannot be used, and not where something is known."""
    baseline = accepting(checked(tmp_path / "before", FILES))
    now = {"a.txt": AGENCY, "e.txt": ""}
    assert checked(tmp_path / "all", now, baseline=baseline).summary.stale == 2
    assert checked(tmp_path / "some", now, {"w.txt": WIND}, baseline=baseline).summary.stale is None


def test_entries_of_deselected_rules_are_not_stale(tmp_path: Path) -> None:
    """A run of some rules cannot know what the others would find."""
    assert again(tmp_path, FILES, select="ND0").summary.stale == 0
    assert again(tmp_path, FILES, select="ND102").summary.stale == 0
    assert again(tmp_path, {"w.txt": WIND}, select="ND102").summary.stale == 1


def test_two_lines_of_one_finding_are_two_places(tmp_path: Path) -> None:
    """As two branches may bring them together."""
    report = checked(tmp_path, {"a.txt": "", "b.txt": ""})
    lines = [accepting(report.model_copy(update={"findings": (each,)})).findings[0] for each in report.findings]
    again = checked(tmp_path, {"a.txt": "", "b.txt": ""}, baseline=Baseline(findings=tuple(lines)))
    assert (again.findings, again.summary.baselined) == ((), 2)


def test_an_accepted_duplicate_is_accepted_while_it_is_new(tmp_path: Path) -> None:
    """Whoever accepts it in the change that adds it passes the gate, whatever else is known."""
    rest = {name: text for name, text in FILES.items() if name != "b.txt"}
    assert codes(again(tmp_path, {"b.txt": REPRINT}, rest)) == []


def test_another_edit_of_an_accepted_duplicate_is_new(tmp_path: Path) -> None:
    """Another text has another fingerprint."""
    changed = {**FILES, "b.txt": REPRINT.replace("neighbouring", "nearby")}
    report = again(tmp_path, changed)
    assert [each.location.path for each in report.findings] == ["b.txt"]
    assert report.summary.stale == 1


def test_a_new_article_is_reported_even_if_it_would_be_the_base(tmp_path: Path) -> None:
    """A later edit would be the base of the story: but what the baseline has was there before, and is not blamed."""
    for name in ("0.txt", "u.txt"):
        report = again(tmp_path, {**FILES, name: UPDATE})
        assert [each.location.path for each in report.findings] == [name]
    copied = {**FILES, "b.txt": AGENCY}
    baseline = accepting(checked(tmp_path / "copies", copied))
    report = checked(tmp_path / "copies", {**copied, "u.txt": UPDATE}, baseline=baseline)
    assert [each.location.path for each in report.findings] == ["u.txt"]


def test_broken_records_are_known_by_their_line(tmp_path: Path) -> None:
    """They have no content but the line they stand on, which may move within the file, or with it."""
    line = json.dumps({"text": WIND})
    before = checked(tmp_path / "before", {"a.jsonl": f'{line}\n{{"text": 1}}\n', "e.txt": ""})
    moved = {"b.jsonl": f'{{"text": 1}}\n{line}\n', "f.txt": ""}
    assert codes(before) == ["ND006", "ND003"]
    assert codes(checked(tmp_path / "now", moved, baseline=accepting(before))) == []
    other = checked(tmp_path / "then", {"b.jsonl": '{"text": 2}\n'}, baseline=accepting(before))
    assert codes(other) == ["ND006"]


def test_what_is_no_longer_found_is_counted_only_if_all_was_checked(tmp_path: Path) -> None:
    """Broken records are a part of all that is new."""
    baseline = accepting(checked(tmp_path / "before", {**FILES, "e.txt": ""}))
    left = checked(tmp_path / "now", {"a.txt": AGENCY, "e.txt": ""}, baseline=baseline)
    assert (codes(left), left.summary.stale) == ([], 2)
    beside = checked(tmp_path / "then", {"e.txt": ""}, {"a.txt": AGENCY}, baseline=baseline)
    assert (codes(beside), beside.summary.stale) == ([], None)


def test_the_file_is_one_line_a_finding_and_the_same_every_time(tmp_path: Path) -> None:
    """So that a change to it can be read in review."""
    report = checked(tmp_path, FILES)
    written = format_baseline(report.findings)
    assert written == format_baseline(report.findings[::-1])
    assert len(written.splitlines()) == 2 + len(report.findings)
    assert [entry["paths"] for entry in json.loads(written)["findings"]] == [["b.txt"], ["y.txt"]]
    assert json.loads(format_baseline([])) == {"version": 1, "findings": []}


BROKEN = {
    "missing": (None, "there is no baseline b.json; create it with --update-baseline"),
    "no JSON": ("{", "b.json is not a baseline: Invalid JSON.*; rewrite it with --update-baseline"),
    "other JSON": ('{"version": 2}', "b.json is not a baseline: Input should be less than or equal to 1"),
    "a folder": ("", "the baseline b.json cannot be read"),
}


@pytest.mark.parametrize(("content", "says"), BROKEN.values(), ids=BROKEN)
def test_a_baseline_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, says: str
) -> None:
    """In one line, with what to do."""
    monkeypatch.chdir(tmp_path)
    if content:
        Path("b.json").write_text(content)
    elif content is not None:
        Path("b.json").mkdir()
    with pytest.raises(ConfigError, match=says):
        read_baseline("b.json")
