"""`newsdedup ingest`: flags, streams, files, exit codes."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import fakes
import pytest
from fakes import Run

from newsdedup.cli import ingest as command
from newsdedup.models import Result, Summary


def test_data_goes_to_stdout_and_the_summary_to_stderr(run: Run) -> None:
    """A pipe gets the data alone."""
    ran = run("ingest", "a.txt", "b.txt")
    assert ran.exit_code == 0
    assert "a.txt  Title of a.txt" in ran.stdout
    assert ran.stderr == "2 records: 2 stories (2 lone), 0 repeated, 0 rejected\n"


@pytest.mark.parametrize("argv", [("-q", "ingest", "many.jsonl"), ("ingest", "-q", "many.jsonl")])
def test_quiet_leaves_only_the_data(run: Run, argv: tuple[str, ...]) -> None:
    """Before or after the command's name."""
    ran = run(*argv)
    assert ran.exit_code == 0
    assert ran.stdout
    assert not ran.stderr


def test_rejected_records_and_warnings_are_a_line_each(run: Run) -> None:
    """Nothing is left out silently."""
    ran = run("ingest", "many.jsonl", "a.txt", "bad\x1b[2J.txt")
    assert ran.exit_code == 0
    assert ran.stderr.splitlines() == [
        "rejected: many.jsonl#2: no text",
        "rejected: bad\ufffd[2J.txt#1: no text",
        "warning: two articles share one id",
        "5 records: 3 stories (3 lone), 0 repeated, 2 rejected",
    ]


@pytest.mark.parametrize(
    ("form", "start"), [("json", "{\n"), ("jsonl", '{"story_id":'), ("csv", "story_id,"), ("markdown", "# newsdedup\n")]
)
def test_every_format_is_reachable(run: Run, form: str, start: str) -> None:
    """By the long and the short flag alike."""
    ran = run("ingest", "a.txt", "--format", form)
    assert ran.stdout.startswith(start)
    assert run("ingest", "-f", form, "a.txt").stdout == ran.stdout


def test_output_file_holds_what_stdout_would(run: Run, tmp_path: Path) -> None:
    """And stdout stays empty."""
    expected = run("ingest", "a.txt", "-f", "json").stdout
    ran = run("ingest", "a.txt", "-f", "json", "-o", "out.json")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_output_file_is_as_readable_as_any_new_file(run: Run, tmp_path: Path) -> None:
    """A temporary file's private mode must not stay; an existing file keeps its own."""
    (tmp_path / "plain").touch()
    run("ingest", "a.txt", "-o", "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    (tmp_path / "new").chmod(0o640)
    run("ingest", "a.txt", "-o", "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_output_follows_a_link_and_writes_to_devices_directly(run: Run, tmp_path: Path) -> None:
    """The link stays a link, /dev/null stays a device, and `-` is standard output."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    assert run("ingest", "a.txt", "-o", "link").exit_code == 0
    assert (tmp_path / "link").is_symlink()
    assert "Title of a.txt" in (tmp_path / "real").read_text()
    assert run("ingest", "a.txt", "-o", os.devnull).exit_code == 0
    assert not Path(os.devnull).is_file()
    assert "Title of a.txt" in run("ingest", "a.txt", "-o", "-").stdout


@pytest.mark.parametrize(("owner", "failing"), [(os, "fsync"), (Path, "replace")])
def test_full_disk_leaves_the_old_file_and_no_other(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, failing: str
) -> None:
    """Whether the disk is full while writing or at the very end."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "out.json").write_text("old")
    monkeypatch.setattr(owner, failing, full)
    ran = run("ingest", "a.txt", "-o", "out.json")
    assert ran.exit_code == 2
    assert ran.stderr == (
        "newsdedup: error: cannot write out.json: No space left on device; nothing was written: "
        "free some space or write to another disk\n"
    )
    assert (tmp_path / "out.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_error_while_rendering_leaves_no_half_written_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C among them: whatever ends the block, the draft goes."""

    def half(_result: object, _form: str, stream: io.TextIOBase, **_: object) -> None:
        stream.write("half")
        raise KeyboardInterrupt

    monkeypatch.setattr("newsdedup.render.render", half)
    ran = run("ingest", "a.txt", "-o", "out.json")
    assert (ran.exit_code, ran.stderr) == (130, "newsdedup: interrupted\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("flag", "target", "says"),
    [
        ("-o", "no/such/out.json", "the folder no/such does not exist; create it first"),
        ("-o", ".", ". is a folder; give -o a file name"),
        ("--rejected", "no/rejected.jsonl", "the folder no does not exist; create it first"),
    ],
)
def test_impossible_output_fails_before_the_work(run: Run, flag: str, target: str, says: str) -> None:
    """Nobody should learn after an hour that the folder is missing."""
    ran = run("ingest", "a.txt", flag, target)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert not fakes.SEEN


def test_rejected_file_is_json_lines(run: Run, tmp_path: Path) -> None:
    """One object a record; empty where there is none, so that a script can count on the file."""
    run("ingest", "many.jsonl", "bad.txt", "--rejected", "rejected.jsonl")
    lines = (tmp_path / "rejected.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"path": "many.jsonl", "record": 2, "reason": "no text", "kind": "broken", "line": None},
        {"path": "bad.txt", "record": 1, "reason": "no text", "kind": "broken", "line": None},
    ]
    run("ingest", "a.txt", "--rejected", "rejected.jsonl")
    assert (tmp_path / "rejected.jsonl").read_text() == ""


def test_data_and_rejected_records_need_a_file_each(run: Run) -> None:
    """The one written last would win."""
    ran = run("ingest", "a.txt", "-o", "same", "--rejected", "same")
    assert (ran.exit_code, ran.stderr) == (
        2,
        "newsdedup: error: -o and --rejected both name same; give each its own file\n",
    )


@pytest.mark.parametrize("extra", [(), ("-q",)])
def test_strict_fails_on_a_rejected_record_after_writing_the_output(run: Run, extra: tuple[str, ...]) -> None:
    """The reason is said even when quiet."""
    ran = run("ingest", "--strict", *extra, "many.jsonl", "-f", "jsonl")
    assert ran.exit_code == 2
    assert len(ran.stdout.splitlines()) == 2
    assert ran.stderr.splitlines()[-1] == (
        "newsdedup: error: 1 of 3 records were rejected, and --strict allows none; fix or remove them"
    )
    assert run("ingest", "--strict", "a.txt").exit_code == 0


def test_nothing_accepted_writes_the_empty_output_and_fails(run: Run) -> None:
    """A pipe still gets a valid document."""
    ran = run("ingest", "bad.txt", "-f", "json")
    assert ran.exit_code == 2
    assert json.loads(ran.stdout)["stories"] == []
    assert ran.stderr.splitlines()[-1] == "newsdedup: error: no articles in the input; the output is empty"


def test_missing_path_is_one_line(run: Run) -> None:
    """An InputError of the loader reaches the user as it is."""
    ran = run("ingest", "missing.txt")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (
        2,
        "",
        "newsdedup: error: missing.txt does not exist; check the name\n",
    )


def test_flags_become_settings(run: Run) -> None:
    """Every flag reaches the Config under its own name."""
    run("ingest", "a.txt", "--input-format", "csv", "--delimiter", "none", "--encoding", "latin-1", "--strict")
    (seen,) = fakes.SEEN
    assert (seen.input_format, seen.delimiter, seen.encoding, seen.strict) == ("csv", "none", "latin-1", True)
    run("ingest", "a.txt", "--min-probability", ".7", "--workers", "2", "--model", "my.model")
    _, seen = fakes.SEEN
    assert (seen.min_probability, seen.workers, seen.model) == (0.7, 2, "my.model")


def test_settings_come_from_flag_then_environment_then_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of precedence of DESIGN section 8."""
    (tmp_path / "newsdedup.toml").write_text("min_probability = 0.6\nworkers = 3\nstrict = true\n")
    monkeypatch.setenv("NEWSDEDUP_WORKERS", "4")
    run("ingest", "a.txt")
    assert (fakes.SEEN[-1].min_probability, fakes.SEEN[-1].workers, fakes.SEEN[-1].strict) == (0.6, 4, True)
    run("ingest", "a.txt", "--workers", "5", "--no-strict")
    assert (fakes.SEEN[-1].workers, fakes.SEEN[-1].strict) == (5, False)


def test_unreadable_setting_is_one_line(run: Run, tmp_path: Path) -> None:
    """It names the file and the setting."""
    (tmp_path / "newsdedup.toml").write_text("min_probabilty = 0.6\n")
    ran = run("ingest", "a.txt")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("newsdedup: error: setting 'min_probabilty' in ")
    assert ran.stderr.count("\n") == 1


def create_result(**counts: int) -> Result:
    names = ("records", "articles", "repeated", "rejected", "skipped", "stories", "merged_stories", "lone")
    zero: dict[str, Any] = dict.fromkeys((*names, "body_empty", "conflicts"), 0)
    return Result(stories=(), rejected=(), summary=Summary(**(zero | counts)))


def test_summary_line_adds_up() -> None:
    """15 records are 6 merged, 6 lone, 1 repeated and 2 rejected."""
    counts = {"records": 15, "articles": 12, "repeated": 1, "rejected": 2, "stories": 9, "merged_stories": 3, "lone": 6}
    assert command.format_summary(create_result(**counts, conflicts=1, skipped=4, body_empty=2)) == (
        "15 records: 9 stories (3 merged from 6 articles, 6 lone), 1 repeated, 2 rejected; 1 conflict; "
        "2 pages without a report; 4 files skipped (hidden, .md or unknown extension)"
    )


def test_summary_line_of_nothing() -> None:
    """No empty brackets."""
    assert command.format_summary(create_result()) == "0 records: 0 stories, 0 repeated, 0 rejected"
