"""What is left out: by the settings, for some paths, by the article's own header; and that it is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gate_files import AGENCY, CLOSURE, REPRINT, WIND, brief, checked, codes, with_header

from newsdedup.check_rules import RULES, codes_with_prefix
from newsdedup.config import load_config
from newsdedup.errors import ConfigError
from newsdedup.models.checks import Severity

SHORT = "The bridge at Ashcombe was closed again.\n"
FILES = {"a.txt": AGENCY, "b.txt": REPRINT, "c.txt": SHORT}

CHOICES = {
    "all": ({}, ["ND102", "ND005"]),
    "a family": ({"select": "ND1"}, ["ND102"]),
    "two rules": ({"select": "ND102, ND005"}, ["ND102", "ND005"]),
    "all but a family": ({"ignore": ["ND1"]}, ["ND005"]),
    "a rule of a family that is ignored": ({"select": "ND,ND102", "ignore": "ND1"}, ["ND102", "ND005"]),
    "a rule that is selected and ignored": ({"select": "ND102", "ignore": "ND102"}, []),
    "none": ({"select": []}, []),
}


@pytest.mark.parametrize(("settings", "left"), CHOICES.values(), ids=CHOICES)
def test_rules_are_selected_by_the_beginning_of_their_code(
    tmp_path: Path, settings: dict[str, Any], left: list[str]
) -> None:
    """The more precise of two settings holds; of equal ones the one that ignores."""
    assert codes(checked(tmp_path, FILES, **settings)) == left


def test_a_severity_can_be_set_for_a_family_or_a_rule(tmp_path: Path) -> None:
    """What fails the gate changes with it."""
    report = checked(tmp_path, FILES, severity={"ND1": "note", "ND102": "warning", "ND005": "note"})
    assert [each.severity for each in report.findings] == [Severity.WARNING, Severity.NOTE]
    assert (report.failed, report.summary.errors, report.summary.warnings, report.summary.notes) == (False, 0, 1, 1)
    assert checked(tmp_path, FILES, severity={"ND": "warning"}, fail_on="warning").failed
    assert not checked(tmp_path, FILES, severity={"ND": "note"}, fail_on="warning").failed


@pytest.mark.parametrize("pattern", ["old", "old/", "old/*", "*/b.txt", "o*"])
def test_a_path_can_be_exempt_from_a_rule(tmp_path: Path, pattern: str) -> None:
    """By a folder or a pattern; what is left out is counted, and other rules still hold there."""
    files = {"a.txt": AGENCY, "old/b.txt": REPRINT, "old/c.txt": SHORT}
    report = checked(tmp_path, files, per_path_ignores={pattern: ["ND1"]})
    assert (brief(report), report.summary.ignored) == (["old/c.txt:1 ND005"], 1)


def test_paths_in_a_file_of_settings_lead_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model's as the baseline's."""
    (tmp_path / "in").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.newsdedup]\nmodel = "m.json"\ncheck = { baseline = "b.json" }\n')
    monkeypatch.chdir(tmp_path / "in")
    settings = load_config({}, environ={})
    assert (settings.model, settings.check.baseline) == ("../m.json", "../b.json")


@pytest.mark.parametrize("pattern", ["in/old", "./in/old/"])
def test_patterns_of_paths_lead_from_the_file_of_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    """Wherever below it the command is run, and whatever a folder above is called."""
    root = tmp_path / "pro[j]ect"
    (root / "in" / "old").mkdir(parents=True)
    (root / "pyproject.toml").write_text(
        '[tool.newsdedup.check]\nbaseline = "known.json"\n'
        f'[tool.newsdedup.check.per_path_ignores]\n"{pattern}" = ["ND1"]\n'
    )
    monkeypatch.chdir(root / "in")
    settings = load_config({}, environ={}).check
    assert settings.baseline == "../known.json"
    files = {"a.txt": AGENCY, "old/b.txt": REPRINT}
    report = checked(root / "in", files, per_path_ignores=settings.per_path_ignores)
    assert (codes(report), report.summary.ignored) == ([], 1)
    report = checked(root, {"a.txt": AGENCY, "old/b.txt": REPRINT}, per_path_ignores=settings.per_path_ignores)
    assert codes(report) == ["ND102"]


WAIVERS = {
    "with a reason": "ND102 sent twice by the agency",
    "without": "ND102",
    "a family": "ND1: a reprint on purpose",
    "among others": "ND005, ND102 both known",
    "in lower case": "nd102",
    "as a list": "[ND102, ND005] both known",
    "as items": "- ND102 - ND005",
}


@pytest.mark.parametrize("waiver", WAIVERS.values(), ids=WAIVERS)
def test_an_article_waives_a_rule_in_its_header(tmp_path: Path, waiver: str) -> None:
    """Such findings are counted and fail nothing."""
    report = checked(tmp_path, {"a.txt": AGENCY, "b.txt": with_header(REPRINT, f"Newsdedup-Ignore: {waiver}")})
    assert [code for code in codes(report) if code != "ND901"] == []
    assert (report.summary.waived, report.failed) == (1, False)


def test_an_article_without_a_header_can_waive_too(tmp_path: Path) -> None:
    """The field opens a header by itself; in JSON it is a field of the record, in any spelling."""
    assert codes(checked(tmp_path, {"c.txt": with_header(SHORT, "Newsdedup-Ignore: ND005 a notice")})) == []
    for field in ("Newsdedup-Ignore", "newsdedup_ignore"):
        for value in ("ND005 a notice", ["ND005 a notice"]):
            assert codes(checked(tmp_path, {"c.jsonl": json.dumps({"text": SHORT, field: value})})) == []


@pytest.mark.parametrize("mistyped", ["ND-102 sent twice", "ND 102", "ND102x", "N102"])
def test_a_mistyped_code_waives_nothing(tmp_path: Path, mistyped: str) -> None:
    """Above all not every rule, as the `ND` in it would."""
    report = checked(tmp_path, {"a.txt": AGENCY, "b.txt": with_header(REPRINT, f"Newsdedup-Ignore: {mistyped}")})
    assert sorted(codes(report)) == ["ND102", "ND901"]
    assert any("names no rule" in each.message for each in report.findings)


def test_a_waiver_in_a_header_may_be_spelt_as_in_json(tmp_path: Path) -> None:
    """It counts as one, and is then no unknown field."""
    page = with_header(REPRINT, "Newsdedup_Ignore: ND102")
    assert codes(checked(tmp_path, {"a.txt": AGENCY, "b.txt": page})) == []


def test_an_unused_waiver_is_reported(tmp_path: Path) -> None:
    """At its line, with what it names; so is a waiver that names no rule."""
    page = with_header(CLOSURE, "Newsdedup-Ignore: ND102, ND105 was a reprint once\nNewsdedup-Ignore: sent twice")
    report = checked(tmp_path, {"a.txt": page})
    assert brief(report) == ["a.txt:1 ND901"] * 3
    messages = [each.message for each in report.findings]
    assert any("ND105 is not needed" in each for each in messages)
    assert any("'sent twice' names no rule" in each for each in messages)
    assert not report.failed


def test_a_waiver_of_a_deselected_rule_is_not_reported(tmp_path: Path) -> None:
    """A run of some rules cannot know what the others would find."""
    page = with_header(CLOSURE, "Newsdedup-Ignore: ND1 a reprint")
    assert codes(checked(tmp_path, {"a.txt": page}, ignore="ND105")) == []
    assert codes(checked(tmp_path, {"a.txt": page}, ignore="ND201")) == ["ND901"]


def test_the_waiver_of_one_record_says_nothing_about_another(tmp_path: Path) -> None:
    """Though both stand in one file."""
    lines = [{"text": SHORT, "newsdedup-ignore": "ND005"}, {"text": SHORT.replace("bridge", "road")}]
    assert brief(checked(tmp_path, {"c.jsonl": "\n".join(map(json.dumps, lines))})) == ["c.jsonl:2 ND005"]


def test_a_waiver_is_no_part_of_the_content(tmp_path: Path) -> None:
    """Its article has the fingerprint that it had without: a baseline still knows it."""
    one, other = (
        {"a.txt": AGENCY, "b.txt": text} for text in (REPRINT, with_header(REPRINT, "Newsdedup-Ignore: ND201"))
    )
    assert checked(tmp_path, one).findings[0].fingerprint == checked(tmp_path, other).findings[-1].fingerprint


BAD_SETTINGS = {
    "an unknown rule": (
        {"select": "ND9x"},
        "setting 'check.select' .* unknown rule 'ND9x'; 'newsdedup check",
    ),
    "no rule": ({"select": ""}, "setting 'check.select' in the command line is '': it names no rule"),
    "an unknown rule of a path": ({"per_path_ignores": {"a": ["NDX"]}}, "unknown rule 'NDX'"),
    "no code at all": ({"severity": {"": "note"}}, "unknown rule ''"),
    "an unknown severity": ({"severity": {"ND1": "fatal"}}, "setting 'check.severity' .* 'error', 'warning' or 'note'"),
    "an unknown setting": ({"selct": "ND1"}, "setting 'check.selct' .* known settings: baseline, fail_on, ignore"),
    "a share over 1": ({"max_boilerplate": 2}, "setting 'check.max_boilerplate' in the command line is 2: "),
}


@pytest.mark.parametrize(("settings", "says"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_a_wrong_setting_is_an_error_that_names_it(tmp_path: Path, settings: dict[str, object], says: str) -> None:
    """With where it stands and what there is."""
    with pytest.raises(ConfigError, match=says):
        load_config({"check": settings}, folder=tmp_path, environ={})


@pytest.mark.parametrize("flags", [{}, {"check": {"select": "ND1"}}])
def test_settings_that_are_no_table_are_an_error(tmp_path: Path, flags: dict[str, object]) -> None:
    """Also where a flag sets one of them."""
    (tmp_path / "newsdedup.toml").write_text("check = 7\n")
    with pytest.raises(ConfigError, match=r"setting 'check' in .*newsdedup.toml is 7"):
        load_config(flags, folder=tmp_path, environ={})


def test_settings_of_the_gate_come_from_all_sources(tmp_path: Path) -> None:
    """A flag goes before a variable, and that before the file; what none of them names stays as it is."""
    (tmp_path / "newsdedup.toml").write_text('[check]\nselect = ["ND1"]\nmin_words = 7\nfail_on = "note"\n')
    environ = {"NEWSDEDUP_CHECK_SELECT": "ND1 ND2", "NEWSDEDUP_CHECK_MAX_BOILERPLATE": "0.25"}
    flags = {"check": {"select": None, "fail_on": "warning", "ignore": None}}
    settings = load_config(flags, folder=tmp_path, environ=environ).check
    assert (settings.select, settings.min_words, settings.max_boilerplate) == (("ND1", "ND2"), 7, 0.25)
    assert settings.fail_on is Severity.WARNING
    assert load_config({}, folder=tmp_path, environ={}).check.select == ("ND1",)


def test_every_rule_is_found_by_its_code_and_its_family() -> None:
    """Codes are unique and sorted, and what begins no code finds none."""
    listed = [rule.code for rule in RULES]
    assert listed == sorted(set(listed))
    assert all(codes_with_prefix(code) == (code,) for code in listed)
    assert codes_with_prefix("nd1") == ("ND101", "ND102", "ND103", "ND104", "ND105")
    assert codes_with_prefix("ND") == tuple(listed)
    assert codes_with_prefix("") == codes_with_prefix("N") == codes_with_prefix("ND8") == ()


def test_nothing_is_left_out_uncounted(tmp_path: Path) -> None:
    """What is found is shown, waived, ignored by path or in the baseline; the numbers add up."""
    files = {
        **FILES,
        "d.txt": with_header(WIND, "Newsdedup-Ignore: ND005"),
        "old/e.txt": SHORT.replace("again", "anew"),
    }
    everything = checked(tmp_path, files, select="ND1,ND0")
    report = checked(tmp_path, files, select="ND1,ND0", per_path_ignores={"old": ["ND0"]})
    assert len(everything.findings) == len(report.findings) + report.summary.ignored
    assert report.summary.ignored == 1
