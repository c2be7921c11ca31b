"""The file of a store: an unusable file is reported in one line and not changed; a usable one is never corrupted."""

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
from newsdedup.engine.context import open_context
from newsdedup.errors import StoreError
from newsdedup.models import Story
from newsdedup.store import Store
from newsdedup.store.codec import compression_dictionary
from newsdedup.store.database import SCHEMA

ONE = Config(workers=1)
NEWSDEDUP = (sys.executable, "-m", "newsdedup")


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Return a store of the seeds."""
    path = tmp_path / "s.db"
    with Store(path, ONE) as store:
        store.ingest(load([str(SEEDS)], ONE))
    return path


def clear_version(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 0")
    db.close()


def raise_version(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()


def replace_with_other_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mail (text)")
    db.close()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def overwrite_schema(path: Path) -> None:
    """Overwrite the page that lists the tables."""
    data = bytearray(path.read_bytes())
    data[100:4000] = random.Random(1).randbytes(3900)  # noqa: S311
    path.write_bytes(data)


def replace_with_text(path: Path) -> None:
    path.write_text("Number of injured rises to 19\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (raise_version, "upgrade newsdedup"),
        (clear_version, "has version 0"),
        (replace_with_other_database, "is not a newsdedup store"),
        (truncate, "is damaged"),
        (overwrite_schema, "is damaged"),
        (replace_with_text, "is not a newsdedup store"),
    ],
)
@pytest.mark.parametrize("argv", [("ingest", str(SEEDS), "--store"), ("store", "stats", "--store")])
def test_an_unusable_file_is_reported_and_not_changed(
    store_path: Path,
    spoil: Callable[[Path], None],
    message: str,
    argv: tuple[str, ...],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One line, exit code 2, not a byte changed, no file left beside it."""
    spoil(store_path)
    before = store_path.read_bytes()
    capfd.readouterr()
    assert main([*argv, str(store_path)]) == 2
    stdout, stderr = capfd.readouterr()
    assert (stdout, stderr.count("\n")) == ("", 1)
    assert message in stderr
    assert store_path.read_bytes() == before
    assert [each.name for each in store_path.parent.iterdir()] == [store_path.name]


def test_only_ingest_creates_a_missing_store(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "stats", "--store", str(tmp_path / "s.db")]) == 2
    assert "newsdedup ingest PATHS --store" in capfd.readouterr().err
    assert main(["ingest", str(SEEDS), "--store", str(tmp_path / "no" / "s.db")]) == 2
    assert "create it first" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


def test_no_store_named(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSDEDUP_STORE", raising=False)
    assert main(["store", "stats"]) == 2
    assert "--store FILE" in capfd.readouterr().err


def test_a_store_of_another_version_is_rebuilt(store_path: Path) -> None:
    """It is refused with a message that gives the command to fix it."""
    with sqlite3.connect(store_path) as db:
        db.execute("UPDATE facts SET value = 'older' WHERE name = 'cleaner'")
    db.close()
    with Store(store_path, ONE) as store:
        with pytest.raises(StoreError, match=f"newsdedup store rebuild --store {store_path}"):
            store.ingest([article("a", "A new one.")])
        store.rebuild()
        assert store.ingest([article("a", "A new one.")]).summary.articles == 1


def test_another_probability_is_refused(store_path: Path) -> None:
    """A store has one probability; a rebuild changes it."""
    with Store(store_path, Config(workers=1, min_probability=0.9)) as store:
        with pytest.raises(StoreError, match="rebuild"):
            store.ingest([article("a", "A new one.")])
        store.rebuild()
        assert store.stats().min_probability == 0.9


def test_a_second_writer_waits_and_names_the_first(store_path: Path) -> None:
    """Readers are not blocked."""
    with Store(store_path, ONE) as writer, Store(store_path, ONE, wait=0.1) as reader:
        with open_context(ONE) as context, writer._write_transaction(context):
            assert reader.stats().articles == 24
            with pytest.raises(StoreError, match=f"is being written by process {os.getpid()} on "):
                reader.ingest([article("a", "A new one.")])
        assert reader.ingest([article("a", "A new one.")]).summary.articles == 1
    assert [each.name for each in store_path.parent.iterdir()] == [store_path.name]


@pytest.mark.parametrize("argv", [("forget", "nobody"), ("undo", "99999999999999999999"), ("split", "x", "y")])
def test_a_command_that_fails_leaves_the_file(store_path: Path, argv: tuple[str, ...]) -> None:
    before = store_path.read_bytes()
    assert main(["store", *argv, "--store", str(store_path)]) == 2
    assert store_path.read_bytes() == before


@pytest.mark.parametrize("statement", ["DROP TABLE pairs", "DELETE FROM texts", "UPDATE pairs SET relation = '1@date'"])
def test_an_error_on_a_damaged_store_is_reported_as_damage(
    store_path: Path, statement: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not as a bug of the program."""
    with sqlite3.connect(store_path) as db:
        db.execute(statement)
    db.close()
    capfd.readouterr()
    assert main(["store", "export", "--store", str(store_path)]) == 2
    assert "is damaged (" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
def test_a_killed_run_leaves_a_valid_store_and_can_be_repeated(store_path: Path, tmp_path: Path, seed: int) -> None:
    """A real process and a real kill -9; then the same command completes."""
    wire = Path(__file__).parent.parent / "data" / "wire.jsonl"
    command = (*NEWSDEDUP, "ingest", str(wire), "--store", str(store_path), "--workers", "2", "-f", "jsonl", "-q")
    start = time.monotonic()
    complete = tmp_path / "whole.db"
    complete.write_bytes(store_path.read_bytes())
    subprocess.run([*command[:6], str(complete), *command[7:]], stdout=subprocess.DEVNULL, check=True)
    duration = time.monotonic() - start
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    time.sleep(duration * random.Random(seed).uniform(0.2, 1))  # noqa: S311
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with Store(store_path, ONE) as store:
        count = store.stats().articles
        assert store.verify().problems == ()
    assert count in {24, len(story_by_article(complete))}
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    assert story_by_article(store_path) == story_by_article(complete)


def story_by_article(path: Path) -> list[tuple[str, str]]:
    """Return the id and the story id of every article."""
    with sqlite3.connect(path) as db:
        return db.execute(
            "SELECT article_id, story_id FROM articles JOIN stories USING (story) ORDER BY article_id"
        ).fetchall()


def test_forgotten_text_is_erased_from_the_file(store_path: Path) -> None:
    """Neither its text nor its report is left, compressed or not."""
    with Store(store_path, ONE) as store:
        texts_before = readable_texts(store_path)
        assert any("ferry seemed to be going faster" in text for text in texts_before)
        forgotten = [v.article_id for s in export_stories(store) for v in s.variants if "ferry" in v.article_id]
        store.forget(forgotten)
        assert store.verify().problems == ()
    texts_after = readable_texts(store_path)
    assert not any("ferry seemed to be going faster" in text or "ferry-reprint" in text for text in texts_after)
    assert not Path(f"{store_path}-wal").exists()


def export_stories(store: Store) -> list[Story]:
    with store.open_export() as export:
        return list(export.stories)


def readable_texts(path: Path) -> list[str]:
    """Return the file as text, and everything in it that can be decompressed, at any position."""
    data = path.read_bytes()
    texts = [data.decode("utf-8", "replace")]
    position = -1
    while (position := data.find(b"\x78\xbb", position + 1)) >= 0:
        try:
            stream = zlib.decompressobj(zdict=compression_dictionary())
            texts.append(stream.decompress(data[position:]).decode("utf-8", "replace"))
        except zlib.error:
            continue
    return texts


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files there")
def test_a_full_disk_leaves_the_store_unchanged(store_path: Path) -> None:
    """A limit on the file size simulates it; the same command completes once there is room."""
    import resource  # noqa: PLC0415 - not on Windows

    wire = Path(__file__).parent.parent / "data" / "wire.jsonl"
    command = (*NEWSDEDUP, "ingest", str(wire), "--store", str(store_path), "--workers", "1", "-f", "jsonl", "-q")
    limit = store_path.stat().st_size + 50_000
    before = store_path.read_bytes()
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "cannot grow" in result.stderr
    assert store_path.read_bytes() == before
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    assert len(story_by_article(store_path)) == 24 + 123


def test_records_stay_readable() -> None:
    """The dictionary is unchanged: a version that changes it must still read records that name this one."""
    assert zlib.adler32(compression_dictionary()) == 0x1CB5931
