"""The file of a store: whoever cannot use it says so in one line, and leaves it as it is."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import SEEDS, article
from newsdedup import load
from newsdedup.cli import main
from newsdedup.config import Config
from newsdedup.engine.executor import Silent
from newsdedup.errors import StoreError
from newsdedup.models import Story
from newsdedup.store import Store
from newsdedup.store.codec import common
from newsdedup.store.database import SCHEMA

ONE = Config(workers=1)
NEWSDEDUP = (sys.executable, "-m", "newsdedup")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a store of the seeds."""
    path = tmp_path / "s.db"
    with Store(path, ONE) as store:
        store.ingest(load([str(SEEDS)], ONE))
    return path


def of_no_version(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 0")
    db.close()


def raised(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()


def of_another_program(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mail (text)")
    db.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def scrawled(path: Path) -> None:
    """Write over the page on which the tables are listed."""
    whole = bytearray(path.read_bytes())
    whole[100:4000] = random.Random(1).randbytes(3900)  # noqa: S311
    path.write_bytes(whole)


def no_store(path: Path) -> None:
    path.write_text("Number of injured rises to 19\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (raised, "upgrade newsdedup"),
        (of_no_version, "is of version 0"),
        (of_another_program, "is no store of newsdedup"),
        (cut, "is damaged"),
        (scrawled, "is damaged"),
        (no_store, "is no store of newsdedup"),
    ],
)
@pytest.mark.parametrize("argv", [("ingest", str(SEEDS), "--store"), ("store", "stats", "--store")])
def test_what_is_no_store_is_told_and_left_alone(
    made: Path, spoil: Callable[[Path], None], says: str, argv: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, not a byte changed and nothing left beside it."""
    spoil(made)
    before = made.read_bytes()
    capfd.readouterr()
    assert main([*argv, str(made)]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err
    assert made.read_bytes() == before
    assert [each.name for each in made.parent.iterdir()] == [made.name]


def test_a_store_that_is_not_there_is_made_by_ingest_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "stats", "--store", str(tmp_path / "s.db")]) == 2
    assert "newsdedup ingest PATHS --store" in capfd.readouterr().err
    assert main(["ingest", str(SEEDS), "--store", str(tmp_path / "no" / "s.db")]) == 2
    assert "create it first" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


def test_no_store_named(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSDEDUP_STORE", raising=False)
    assert main(["store", "stats"]) == 2
    assert "--store FILE" in capfd.readouterr().err


def test_a_store_made_with_something_else_is_rebuilt(made: Path) -> None:
    """Refused with the command that mends it."""
    with sqlite3.connect(made) as db:
        db.execute("UPDATE facts SET value = 'older' WHERE name = 'cleaner'")
    db.close()
    with Store(made, ONE) as store:
        with pytest.raises(StoreError, match=f"newsdedup store rebuild --store {made}"):
            store.ingest([article("a", "A new one.")])
        store.rebuild()
        assert store.ingest([article("a", "A new one.")]).summary.articles == 1


def test_another_probability_is_refused(made: Path) -> None:
    """A store has one; to have another it is built anew."""
    with Store(made, Config(workers=1, min_probability=0.9)) as store:
        with pytest.raises(StoreError, match="rebuild"):
            store.ingest([article("a", "A new one.")])
        store.rebuild()
        assert store.stats().min_probability == 0.9


def test_a_second_writer_waits_and_says_for_whom(made: Path) -> None:
    """Readers go on meanwhile."""
    with Store(made, ONE) as writer, Store(made, ONE, wait=0.1) as other:
        with writer._means(Silent()) as means, writer._writing(means):
            assert other.stats().articles == 24
            with pytest.raises(StoreError, match=f"is being written by process {os.getpid()} on "):
                other.ingest([article("a", "A new one.")])
        assert other.ingest([article("a", "A new one.")]).summary.articles == 1
    assert [each.name for each in made.parent.iterdir()] == [made.name]


@pytest.mark.parametrize("argv", [("forget", "nobody"), ("undo", "99999999999999999999"), ("split", "x", "y")])
def test_a_command_that_fails_leaves_the_file(made: Path, argv: tuple[str, ...]) -> None:
    before = made.read_bytes()
    assert main(["store", *argv, "--store", str(made)]) == 2
    assert made.read_bytes() == before


@pytest.mark.parametrize("statement", ["DROP TABLE pairs", "DELETE FROM texts", "UPDATE pairs SET relation = '1@date'"])
def test_a_store_that_is_not_whole_is_no_bug(made: Path, statement: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What fails over a damaged store says that it is damaged."""
    with sqlite3.connect(made) as db:
        db.execute(statement)
    db.close()
    capfd.readouterr()
    assert main(["store", "export", "--store", str(made)]) == 2
    assert "is damaged (" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals")
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_it_holds_what_was_done_and_goes_on(made: Path, tmp_path: Path, seed: int) -> None:
    """A real process, a real kill -9; then the same command completes."""
    wire = Path(__file__).parent.parent / "data" / "wire.jsonl"
    command = (*NEWSDEDUP, "ingest", str(wire), "--store", str(made), "--workers", "2", "-f", "jsonl", "-q")
    began = time.monotonic()
    whole = tmp_path / "whole.db"
    whole.write_bytes(made.read_bytes())
    subprocess.run([*command[:6], str(whole), *command[7:]], stdout=subprocess.DEVNULL, check=True)
    took = time.monotonic() - began
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    time.sleep(took * random.Random(seed).uniform(0.2, 1))  # noqa: S311
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with Store(made, ONE) as store:
        count = store.stats().articles
        assert store.verify().problems == ()
    assert count in {24, len(told(whole))}
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    assert told(made) == told(whole)


def told(path: Path) -> list[tuple[str, str]]:
    """Return which article is in which story."""
    with sqlite3.connect(path) as db:
        return db.execute(
            "SELECT article_id, story_id FROM articles JOIN stories USING (story) ORDER BY article_id"
        ).fetchall()


def test_what_is_forgotten_is_not_in_the_file(made: Path) -> None:
    """Neither its text nor its report, packed or not."""
    with Store(made, ONE) as store:
        before = found(made)
        assert any("ferry seemed to be going faster" in each for each in before)
        gone = [v.article_id for s in stories(store) for v in s.variants if "ferry" in v.article_id]
        store.forget(gone)
        assert store.verify().problems == ()
    assert not any("ferry seemed to be going faster" in each or "ferry-reprint" in each for each in found(made))
    assert not Path(f"{made}-wal").exists()


def stories(store: Store) -> list[Story]:
    with store.exporting() as export:
        return list(export.stories)


def found(path: Path) -> list[str]:
    """Return all that can be unpacked from the file, wherever it begins, and the file as it is."""
    whole = path.read_bytes()
    out = [whole.decode("utf-8", "replace")]
    at = -1
    while (at := whole.find(b"\x78\xbb", at + 1)) >= 0:
        try:
            out.append(zlib.decompressobj(zdict=common()).decompress(whole[at:]).decode("utf-8", "replace"))
        except zlib.error:
            continue
    return out


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files there")
def test_a_full_disk_leaves_what_was_there(made: Path) -> None:
    """A limit on the size of files stands for the disk; the same command goes on once there is room."""
    import resource  # noqa: PLC0415 - not on Windows

    wire = Path(__file__).parent.parent / "data" / "wire.jsonl"
    command = (*NEWSDEDUP, "ingest", str(wire), "--store", str(made), "--workers", "1", "-f", "jsonl", "-q")
    room = made.stat().st_size + 50_000
    before = made.read_bytes()
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "cannot grow" in ran.stderr
    assert made.read_bytes() == before
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    assert len(told(made)) == 24 + 123


def test_records_stay_readable() -> None:
    """What they are compressed with is what it was: whoever changes it must go on reading records that name this."""
    assert zlib.adler32(common()) == 0x1CB5931
