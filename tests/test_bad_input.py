"""Bad input through the real command line: one line about the problem, an exit code, and the rest is processed."""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from builders import slowness
from newsdedup.cli import main
from untidy_pages import CHAIRS, KILN

GOOD = "\n\n".join(CHAIRS)
LINE = json.dumps({"id": "good", "text": "\n\n".join(KILN)}).encode() + b"\n"


@dataclass(frozen=True)
class CliRun:
    """The result of one run of the command line."""

    code: int
    article_ids: set[str]
    complaints: list[str]
    rejected: list[str]
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder `in` of an empty current folder, with one good article."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.txt").write_text(GOOD, encoding="utf-8")
    return tmp_path / "in"


def run_ingest(capfd: pytest.CaptureFixture[str], *arguments: str) -> CliRun:
    """Run `newsdedup ingest` in this process and parse its output."""
    capfd.readouterr()
    code = main(["ingest", *arguments, "--format", "json"])
    stdout, err = capfd.readouterr()
    return parse_run(code, stdout, err)


def parse_run(code: int, stdout: str, err: str) -> CliRun:
    """Parse the output of a run; every line of stderr must be one that the command line writes on purpose."""
    assert "Traceback" not in err
    assert "\r" not in err
    document = json.loads(stdout) if stdout else {"stories": [], "rejected": [], "summary": None}
    article_ids = {variant["article_id"] for story in document["stories"] for variant in story["variants"]}
    lines = err.splitlines()
    complaints = [line for line in lines if line.startswith(("rejected:", "warning:", "newsdedup:"))]
    other_lines = [line for line in lines if line not in complaints]
    assert len(other_lines) <= 1, other_lines
    assert all(" record" in line for line in other_lines), other_lines
    summary = document["summary"]
    if summary:
        assert summary["records"] == summary["articles"] + summary["repeated"] + summary["rejected"]
        assert summary["rejected"] == len(document["rejected"])
    return CliRun(code, article_ids, complaints, [item["path"] for item in document["rejected"]], err)


WIRE = "The council of Port Elsing “decided” on benches — again — and Amélie Øst paid 12 € for coffee.\n" * 3

# Files with nothing usable: exactly one complaint, and the rest of the batch is processed.
USELESS: Mapping[str, tuple[str, bytes]] = {
    "empty": ("bad.txt", b""),
    "empty-jsonl": ("bad.jsonl", b""),
    "empty-csv": ("bad.csv", b""),
    "empty-json": ("bad.json", b""),
    "empty-gz": ("bad.txt.gz", b""),
    "empty-in-gz": ("bad.txt.gz", gzip.compress(b"")),
    "white-space": ("bad.txt", b" \n\t\r\n \x0c \n"),
    "white-space-no-break": ("bad.txt", "\u00a0\u3000\u2028\n".encode()),
    "byte-order-mark": ("bad.txt", b"\xef\xbb\xbf"),
    "header-only": ("bad.txt", b"Title: A title\nSource: An outlet\n"),
    "nul-bytes": ("bad.txt", bytes(4096)),
    "binary": ("bad.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
    "binary-jsonl": ("bad.jsonl", b"\x7fELF" + bytes(range(256)) * 40),
    "pdf": ("bad.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"\x00\x01stream\x9c\xff" * 200),
    "gz-named-txt": ("bad.txt", gzip.compress(GOOD.encode() * 5)),
    "no-gz": ("bad.txt.gz", GOOD.encode()),
    "broken-json": ("bad.json", b'{"text": "cut'),
    "json-number": ("bad.json", b"7"),
    "jsonl-broken": ("bad.jsonl", b'{"text": "cut\n'),
    "jsonl-null": ("bad.jsonl", b"null\n"),
    "jsonl-no-text": ("bad.jsonl", b'{"title": "A title and nothing else"}\n'),
    "jsonl-text-null": ("bad.jsonl", b'{"text": null}\n'),
    "jsonl-text-a-number": ("bad.jsonl", b'{"text": {"a": 1}}\n'),
    "jsonl-deep": ("bad.jsonl", b'{"text": ' + b"[" * 100_000 + b"\n"),
    "json-deep": ("bad.json", b"[" * 100_000 + b"]" * 100_000),
    "csv-header-only": ("bad.csv", b"id,text\n"),
    "csv-no-text-column": ("bad.csv", b"id,colour\n1,red\n"),
}


@pytest.mark.parametrize("case", USELESS)
def test_a_useless_file_is_one_line_and_the_rest_is_processed(
    case: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In a folder: exit 0 with one rejection, exit 2 with --strict, and both times the good article."""
    name, data = USELESS[case]
    (folder / name).write_bytes(data)
    run = run_ingest(capfd, "in")
    assert (run.code, run.article_ids) == (0, {"in/good.txt"})
    assert run.rejected == [f"in/{name}"]
    assert len(run.complaints) == 1
    assert run.complaints[0].startswith(f"rejected: in/{name}#1: ")
    strict = run_ingest(capfd, "in", "--strict")
    assert (strict.code, strict.article_ids) == (2, {"in/good.txt"})
    assert len(strict.complaints) == 2


@pytest.mark.parametrize("case", ["empty", "white-space", "binary", "jsonl-broken", "csv-header-only"])
def test_a_useless_file_alone_is_exit_2_and_an_empty_document(
    case: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing accepted at all: the empty output is written, one line says so."""
    name, data = USELESS[case]
    (folder / name).write_bytes(data)
    run = run_ingest(capfd, f"in/{name}")
    assert (run.code, run.article_ids) == (2, set())
    assert len(run.complaints) == 2
    assert "no article" in run.complaints[-1]


def test_bad_lines_of_a_feed_are_a_line_each(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Broken, null, without text, not an object: each is named by its number; the good line between them is used."""
    (folder / "feed.jsonl").write_bytes(b'{"text": "cut\nnull\n' + LINE + b'{"title": "x"}\n[1]\n')
    run = run_ingest(capfd, "in")
    assert (run.code, run.article_ids) == (0, {"in/good.txt", "good"})
    assert [line.split(":")[1].strip() for line in run.complaints] == [f"in/feed.jsonl#{n}" for n in (1, 2, 4, 5)]


def test_ragged_rows_of_a_table_are_a_line_each(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Rows that are too long or too short are named by their number."""
    rows = f'id,text,title\na,"{KILN[0]}",One\nb\nc,"{KILN[1]}",Two,spare,spare\nd,"{KILN[3]}",Three\n'
    (folder / "table.csv").write_text(rows, encoding="utf-8")
    run = run_ingest(capfd, "in")
    assert run.code == 0
    assert {"in/good.txt", "a", "d"} <= run.article_ids
    assert len(run.complaints) == 4 - len(run.article_ids & {"a", "c", "d"})
    assert all(line.startswith("rejected: in/table.csv#") for line in run.complaints)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig"])
def test_other_encodings_are_read_or_refused_in_one_line(
    encoding: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With a byte order mark, or in a known code page, the text is read correctly; otherwise it is not text."""
    (folder / "other.txt").write_bytes(WIRE.encode(encoding))
    run = run_ingest(capfd, "in")
    assert run.code == 0
    assert "in/good.txt" in run.article_ids
    if encoding in {"utf-16-le", "utf-16-be"}:
        assert len(run.complaints) == 1
        assert run.rejected == ["in/other.txt"]
    else:
        assert not run.complaints
        main(["ingest", "in/other.txt", "--format", "json", "--quiet"])
        assert "Amélie Øst paid 12 €" in capfd.readouterr().out


def test_the_wrong_encoding_given_is_one_line(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file that the given encoding cannot decode is refused, another is used; an unknown encoding is exit 2."""
    (folder / "latin.txt").write_bytes(WIRE.encode("cp1252"))
    run = run_ingest(capfd, "in", "--encoding", "utf-8")
    assert (run.code, run.article_ids, run.rejected) == (0, {"in/good.txt"}, ["in/latin.txt"])
    assert len(run.complaints) == 1
    unknown = run_ingest(capfd, "in", "--encoding", "utf-9")
    assert (unknown.code, unknown.article_ids) == (2, set())
    assert len(unknown.err.splitlines()) == 1
    assert "utf-9" in unknown.err


@pytest.mark.parametrize("name", ["big.jsonl", "big.txt", "big.csv", "big.json"])
def test_a_line_of_fifty_megabytes_is_one_line(name: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A broken export is refused without being kept or aligned, and the rest of the batch is processed."""
    start = time.process_time()
    opening = {"big.jsonl": b'{"text": "', "big.txt": b"", "big.csv": b"id,text\n1,", "big.json": b'{"text": "'}[name]
    (folder / name).write_bytes(opening + b"word " * 10_000_000)
    run = run_ingest(capfd, "in")
    assert (run.code, run.article_ids) == (0, {"in/good.txt"})
    assert len(run.complaints) == 1
    assert len(run.complaints[0]) < 300
    assert time.process_time() - start < 20 * slowness()


def test_a_feed_goes_on_after_a_line_of_fifty_megabytes(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Only the line is refused."""
    (folder / "feed.jsonl").write_bytes(b'{"text": "' + b"x" * 50_000_000 + b'"}\n' + LINE)
    run = run_ingest(capfd, "in")
    assert (run.code, run.article_ids) == (0, {"in/good.txt", "good"})
    assert len(run.complaints) == 1
    assert run.complaints[0].startswith("rejected: in/feed.jsonl#1: ")


@pytest.mark.parametrize("typed", ["gone.txt", "gone/", "in/*.csv", "in/gone.txt"])
def test_a_path_that_is_not_there_is_exit_2_before_anything_is_read(
    typed: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Even beside good paths: there is no output, and one line names it."""
    assert folder.is_dir()
    run = run_ingest(capfd, "in", typed)
    assert (run.code, run.article_ids) == (2, set())
    assert len(run.err.splitlines()) == 1
    assert typed.rstrip("/") in run.err


@pytest.mark.skipif(os.name != "posix", reason="permission bits, pipes and links as POSIX has them")
class TestFilesThatCannotBeRead:
    """Names that look like articles but cannot be opened or are not files."""

    def test_no_permission(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """A file without read permission."""
        if os.geteuid() == 0:
            pytest.skip("root reads every file; the test below makes the opening fail instead")
        (folder / "shut.txt").write_text(GOOD, encoding="utf-8")
        (folder / "shut.txt").chmod(0)
        run = run_ingest(capfd, "in")
        assert (run.code, run.article_ids, run.rejected) == (0, {"in/good.txt"}, ["in/shut.txt"])
        assert len(run.complaints) == 1

    def test_opening_fails(
        self, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Any system error for a file, in a folder or given by name, is one line."""
        (folder / "shut.txt").write_text(GOOD, encoding="utf-8")
        opened = open

        def refuse(file: object, *arguments: Any, **keywords: Any) -> Any:
            if str(file).endswith("shut.txt"):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), file)
            return opened(file, *arguments, **keywords)  # type: ignore[call-overload]

        monkeypatch.setattr("builtins.open", refuse)
        for arguments in (("in",), ("in/good.txt", "in/shut.txt")):
            run = run_ingest(capfd, *arguments)
            assert (run.code, run.article_ids, run.rejected) == (0, {"in/good.txt"}, ["in/shut.txt"])
            assert len(run.complaints) == 1
            assert "ermission" in run.complaints[0]

    @pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
    def test_reading_fails(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """A file that opens and then gives an input/output error, as on a failing disk."""
        (folder / "dying.txt").symlink_to("/proc/self/mem")
        run = run_ingest(capfd, "in")
        assert (run.code, run.article_ids, run.rejected) == (0, {"in/good.txt"}, ["in/dying.txt"])
        assert len(run.complaints) == 1

    def test_a_folder_with_the_name_of_a_file(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """It is a folder: the files in it are read."""
        (folder / "x.txt").mkdir()
        (folder / "x.txt" / "inner.txt").write_text("\n\n".join(KILN), encoding="utf-8")
        run = run_ingest(capfd, "in")
        assert (run.code, run.article_ids) == (0, {"in/good.txt", "in/x.txt/inner.txt"})
        assert not run.complaints

    def test_a_pipe_nobody_writes_to(self, folder: Path) -> None:
        """The run does not wait forever."""
        os.mkfifo(folder / "pipe.txt")
        done = subprocess.run(
            [sys.executable, "-m", "newsdedup", "ingest", "in", "--format", "json"],
            cwd=folder.parent, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        run = parse_run(done.returncode, done.stdout, done.stderr)
        assert (run.code, run.article_ids) == (0, {"in/good.txt"})
        assert len(run.complaints) <= 1

    def test_a_dangling_link(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """In a folder it is one line; given by name, it is a path that does not exist."""
        (folder / "gone.txt").symlink_to("nowhere")
        run = run_ingest(capfd, "in")
        assert (run.code, run.article_ids, run.rejected) == (0, {"in/good.txt"}, ["in/gone.txt"])
        assert len(run.complaints) == 1
        named = run_ingest(capfd, "in/good.txt", "in/gone.txt")
        assert (named.code, named.article_ids) == (2, set())
        assert len(named.err.splitlines()) == 1

    def test_a_link_to_itself(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """A file that is a link to itself, and a folder that contains a link to itself."""
        (folder / "self.txt").symlink_to("self.txt")
        (folder / "deep").mkdir()
        (folder / "deep" / "up").symlink_to("..")
        run = run_ingest(capfd, "in")
        assert (run.code, run.article_ids) == (0, {"in/good.txt"})
        assert len(run.complaints) == 1


@pytest.mark.parametrize("content", [(), ("notes.md",), (".hidden.txt",), ("deep/notes.md",)], ids=str)
def test_a_folder_without_articles_is_exit_2(
    content: tuple[str, ...], folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Empty, or with only skipped files: the empty document and one line."""
    (folder / "good.txt").unlink()
    for name in content:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(GOOD, encoding="utf-8")
    run = run_ingest(capfd, "in")
    assert (run.code, run.article_ids, run.rejected) == (2, set(), [])
    assert len(run.complaints) == 1
    assert "no article" in run.complaints[0]


def write_feed(folder: Path, count: int) -> Path:
    """Write a feed of `count` different articles, for runs that are interrupted."""
    path = folder / "many.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for n in range(count):
            text = " ".join(f"{word}{(n * 31 + k) % 977}" for k, word in enumerate(GOOD.split()))
            stream.write(json.dumps({"id": str(n), "text": text}) + "\n")
    return path


@pytest.mark.skipif(os.name != "posix", reason="signals and devices as POSIX has them")
class TestRunsCutShort:
    """Real processes with real streams."""

    def test_a_closed_pipe(self, folder: Path) -> None:
        """`| head -1`: quiet, exit 0."""
        write_feed(folder, 60)
        process = subprocess.Popen(
            [sys.executable, "-m", "newsdedup", "ingest", "in", "--format", "jsonl"],
            cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read().decode()
        process.stderr.close()
        assert json.loads(first)["variants"]
        assert process.wait(timeout=30) == 0
        assert "Traceback" not in err
        assert "Error" not in err

    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_ctrl_c(self, folder: Path, workers: str) -> None:
        """One line, exit 130, no file and no process left."""
        write_feed(folder, 3000)
        process = subprocess.Popen(
            [sys.executable, "-m", "newsdedup", "-v", "ingest", "in", "-o", "out.txt", "--workers", workers],
            cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stderr is not None
        seen = process.stderr.readline()
        assert "load:" in seen
        time.sleep(0.3)  # in the middle of the next stage
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "Traceback" not in err
        complaints = [line for line in err.splitlines() if not line.startswith("newsdedup.progress:")]
        assert complaints == ["newsdedup: interrupted"]
        assert sorted(path.name for path in folder.parent.iterdir()) == ["in"]
        with pytest.raises(ProcessLookupError):  # nobody is left in the group
            os.killpg(process.pid, 0)

    def test_a_full_disk(self, folder: Path) -> None:
        """No room for the output: one line, exit 2, the old file is kept, and no partial file is left."""
        write_feed(folder, 100)
        (folder.parent / "out.json").write_text("as it was", encoding="utf-8")
        # A limit on the size of files works like a full disk on every machine; Python ignores the signal.
        program = (
            "import resource, sys\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
            "from newsdedup.cli import main\nsys.exit(main(sys.argv[1:]))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "ingest", "in", "--format", "json", "-o", "out.json"],
            cwd=folder.parent, capture_output=True, text=True, check=False,
        )  # fmt: skip
        run = parse_run(done.returncode, done.stdout, done.stderr)
        assert (run.code, len(done.stderr.splitlines())) == (2, 1)
        assert "out.json" in run.err or "TMPDIR" in run.err  # whichever is written first
        assert (folder.parent / "out.json").read_text(encoding="utf-8") == "as it was"
        assert sorted(path.name for path in folder.parent.iterdir()) == ["in", "out.json"]
