"""The door: help, version, usage errors, every way a run can end."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import fakes
import pytest
from fakes import Run

from newsdedup import config

FAKES = str(Path(__file__).with_name("fakes.py"))


def command(mode: str, *argv: str) -> list[str]:
    return [sys.executable, FAKES, mode, *argv]


def finish(
    argv: list[str], *, cwd: Path, stdout: int = subprocess.PIPE, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, **(environment or {})}
    return subprocess.run(argv, cwd=cwd, stdout=stdout, stderr=subprocess.PIPE, env=env, timeout=60, check=False)


def test_help_lists_the_commands(run: Run) -> None:
    ran = run("-h")
    assert ran.exit_code == 0
    assert all(name in ran.stdout for name in ("ingest", "compare", "evaluate", "schema"))
    assert (
        run("ingest", "-h").exit_code == run("compare", "--help").exit_code == run("evaluate", "--help").exit_code == 0
    )


def test_no_arguments_give_help_and_a_failure(run: Run) -> None:
    """A script with an empty variable must not pass."""
    ran = run()
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Usage: newsdedup")


def test_version(run: Run) -> None:
    ran = run("--version")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("newsdedup ")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("ingest",), "Missing argument 'PATHS'; see 'newsdedup ingest --help'"),
        (("ingest", "a", "--fromat", "csv"), "No such option: --fromat"),
        (("ingest", "a", "-f", "xml"), "is not one of 'text', 'json', 'jsonl', 'csv', 'markdown'"),
        (("ingest", "a", "--min-probability", "2"), "'--min-probability'"),
        (("digest",), "No such command 'digest'"),
    ],
)
def test_usage_error_is_one_line_and_exit_2(run: Run, argv: tuple[str, ...], says: str) -> None:
    """It ends in where to look."""
    ran = run(*argv)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("newsdedup: error: ")
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "--help'" in ran.stderr


def test_help_loads_no_stage(tmp_path: Path) -> None:
    """`newsdedup --help` answers at once: nothing heavy is imported for it."""
    code = """
import sys
from newsdedup.cli import main
assert main(["--help"]) == main(["ingest", "--help"]) == main(["evaluate", "--help"]) == 0
ours = ("engine", "readers", "text", "models", "evaluation")
heavy = {"numpy", "rapidfuzz"} | {f"newsdedup.{name}" for name in ours}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    done = finish([sys.executable, "-c", code], cwd=tmp_path)
    assert done.stderr == b"[]\n"


def test_click_is_never_imported(tmp_path: Path) -> None:
    """Typer brings no click any more."""
    code = "import sys, newsdedup.cli, newsdedup.cli.progress; sys.exit('click' in sys.modules)"
    assert finish([sys.executable, "-c", code], cwd=tmp_path).returncode == 0


def test_python_dash_m_runs_the_command_line(tmp_path: Path) -> None:
    done = finish([sys.executable, "-m", "newsdedup", "--version"], cwd=tmp_path)
    assert done.stdout.startswith(b"newsdedup ")


HELP_LISTS = {
    "ingest": ["<text|json|jsonl|csv|markdown>", "<text|json|jsonl|csv|tsv>"],
    "compare": ["<text|json>", "<text|json|jsonl|csv|tsv>"],
    "evaluate": ["<text|json>", "<text|json|jsonl|csv|tsv>"],
    "check": ["<text|json|jsonl|github|sarif|junit|markdown>", "<text|json|jsonl|csv|tsv>"],
    "store show": ["<text|json|jsonl|csv|markdown>"],
    "store stats": ["<text|json>"],
}


@pytest.mark.parametrize(("command", "lists"), HELP_LISTS.items(), ids=HELP_LISTS)
def test_help_lists_the_formats(run: Run, command: str, lists: list[str]) -> None:
    """Each command lists its own formats, in the order of the registry."""
    shown = run(*command.split(), "--help").stdout
    assert re.findall(r"format (<\S+>)", shown) == lists


def test_help_states_the_real_default(run: Run) -> None:
    """The default of `--min-probability` is written into its help by hand."""
    default = config.Config.model_fields["min_probability"].default
    assert f"[default: {default}]" in run("ingest", "--help").stdout


@pytest.mark.parametrize("name", ["result", "story", "comparison", "evaluation", "check"])
def test_schema_describes_each_document(run: Run, name: str) -> None:
    """Stable bytes: keys are sorted."""
    ran = run("schema", name)
    assert ran.exit_code == 0
    schema = json.loads(ran.stdout)
    assert schema["title"].lower().removesuffix("report") == name
    assert ran.stdout == json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_schema_is_of_the_result_unless_told(run: Run) -> None:
    assert run("schema").stdout == run("schema", "result").stdout


# -- how a run can end -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verbosity", "traceback"), [((), False), (("-v",), False), (("-vv",), True)])
def test_uncaught_error_is_one_line_unless_very_verbose(
    run: Run, monkeypatch: pytest.MonkeyPatch, verbosity: tuple[str, ...], traceback: bool
) -> None:
    monkeypatch.setattr(sys.modules["newsdedup.engine"], "open_run", fakes.fake_open_run(fakes.MODES["crashes"]))
    ran = run("ingest", *verbosity, "a.txt")
    lines = ran.stderr.splitlines()
    assert ran.exit_code == 2
    assert lines[-1] == (
        "newsdedup: error: unexpected RuntimeError: the wheel has come off; this is a bug in newsdedup: "
        "run the same command with -vv for the traceback and report it"
    )
    assert ("Traceback (most recent call last):" in lines) is traceback
    assert traceback or len(lines) == 1


@pytest.mark.parametrize("argv", [("ingest", "a", "-f", "jsonl"), ("ingest", "a", "-f", "text", "-q")])
def test_closed_pipe_ends_quietly(tmp_path: Path, argv: tuple[str, ...]) -> None:
    """`| head -1` has what it wanted: exit 0, not a word on stderr."""
    with subprocess.Popen(
        command("many", *argv), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_closed_pipe_under_help_ends_quietly(tmp_path: Path) -> None:
    """Typer writes the help itself, and has a way of its own out of a closed pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    done = finish(command("plain", "--help"), cwd=tmp_path, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_stderr_does_not_spoil_the_data(tmp_path: Path) -> None:
    """`2>&1 >data | true`: the summary has no reader, the data is complete."""
    reader, writer = os.pipe()
    os.close(reader)
    with (tmp_path / "data").open("wb") as data:
        code = subprocess.run(
            command("plain", "ingest", "a.txt", "-f", "jsonl"), cwd=tmp_path, stdout=data, stderr=writer, check=False
        ).returncode
    os.close(writer)
    assert code == 0
    assert json.loads((tmp_path / "data").read_text())


@pytest.mark.skipif(os.name == "nt", reason="no /bin/sh")
def test_streams_that_are_closed_from_the_start(tmp_path: Path) -> None:
    """Daemons do that. Without stderr the data stays clean; without stdout only -o works."""
    script = [command("plain", "ingest", "a.txt", "-f", "jsonl"), command("plain", "ingest", "a.txt", "-o", "out")]
    data, file = (shlex.join(argv) for argv in script)
    done = finish(["/bin/sh", "-c", f"{data} 2>&-"], cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    done = finish(["/bin/sh", "-c", f"{data} >&-"], cwd=tmp_path)
    assert done.returncode == 2
    assert b"standard output: it is closed; write to a file with -o FILE" in done.stderr
    assert finish(["/bin/sh", "-c", f"{file} >&-"], cwd=tmp_path).returncode == 0
    assert (tmp_path / "out").stat().st_size


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to one process")
def test_ctrl_c_is_130_and_leaves_nothing(tmp_path: Path) -> None:
    """One line, no traceback, no draft of the output."""
    argv = command("waits", "ingest", "a.txt", "-o", "out.json")
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b"newsdedup: interrupted\n"
        assert process.wait(timeout=60) == 130
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("argv", [("ingest", "a.txt"), ("schema",)])
def test_full_standard_output_is_one_line(tmp_path: Path, argv: tuple[str, ...]) -> None:
    """And Python's own last flush adds none."""
    with Path("/dev/full").open("wb") as full:
        done = finish(command("plain", *argv), cwd=tmp_path, stdout=full.fileno())
    assert done.returncode == 2
    assert done.stderr == (
        b"newsdedup: error: cannot write to standard output: No space left on device; "
        b"free some space or write to another disk\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_device_by_name_is_one_line(run: Run) -> None:
    """`-o /dev/full` is written directly, and says so when it fails."""
    ran = run("ingest", "-q", "a.txt", "-o", "/dev/full")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("newsdedup: error: cannot write /dev/full: No space left on device")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"COLUMNS": "40"},
    ],
)
def test_output_is_the_same_utf_8_everywhere(tmp_path: Path, environment: dict[str, str]) -> None:
    """Whatever the locale says, and however wide it thinks the screen is, off a terminal."""
    argv = command("plain", "ingest", "-q", "Zürich–\udcff.txt")
    reference = finish(argv, cwd=tmp_path, environment={"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"})
    done = finish(argv, cwd=tmp_path, environment=environment)
    assert reference.returncode == done.returncode == 0, done.stderr
    if "LC_ALL" not in environment:
        assert done.stdout == reference.stdout
    assert "─".encode() in done.stdout
    assert b"\x1b" not in done.stdout


# -- on a terminal -----------------------------------------------------------------------------------------------

pty = pytest.importorskip("pty", reason="no terminals here")


def on_terminal(argv: list[str], cwd: Path, **environment: str) -> tuple[int, bytes]:
    """Run with stdout and stderr on a terminal and return the exit code and what it showed."""
    clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "CI", "COLUMNS", "LINES"}}
    near, far = pty.openpty()
    process = subprocess.Popen(
        argv, cwd=cwd, stdin=far, stdout=far, stderr=far, env={**clean, "TERM": "xterm", **environment}
    )
    os.close(far)
    shown = b""
    while True:
        try:
            chunk = os.read(near, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(near)
    return process.wait(timeout=60), shown


def test_terminal_gets_colour_and_progress(tmp_path: Path) -> None:
    code, shown = on_terminal(command("plain", "ingest", "a.txt"), tmp_path)
    assert code == 0
    assert b"\x1b[36ma.txt" in shown
    assert b"load" in shown


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_means_no_escape_sequence_in_the_data(tmp_path: Path, environment: dict[str, str]) -> None:
    code, shown = on_terminal(command("plain", "ingest", "-q", "a.txt"), tmp_path, **environment)
    assert code == 0
    assert b"\x1b" not in shown


@pytest.mark.parametrize(("flags", "environment"), [(("-q",), {}), ((), {"CI": "true"})])
def test_no_progress_when_quiet_or_in_ci(tmp_path: Path, flags: tuple[str, ...], environment: dict[str, str]) -> None:
    code, shown = on_terminal(command("plain", "ingest", *flags, "a.txt"), tmp_path, **environment)
    assert code == 0
    assert b"load" not in shown


def test_terminal_is_filled_up_to_a_readable_width(tmp_path: Path) -> None:
    """Text is set to the terminal's width, but never over 120 columns."""
    for columns, expected in (("60", 60), ("300", 120)):
        _, shown = on_terminal(command("plain", "ingest", "-q", "a.txt"), tmp_path, NO_COLOR="1", COLUMNS=columns)
        assert max(map(len, shown.decode().splitlines())) == expected


def test_verbose_tells_the_stages_off_a_terminal(run: Run) -> None:
    """One line a stage, with its count and seconds."""
    ran = run("ingest", "-v", "a.txt", "b.txt")
    assert ran.stderr.startswith("newsdedup.progress: load: 2 in 0.")
    assert run("ingest", "a.txt").stderr.count("\n") == 1
